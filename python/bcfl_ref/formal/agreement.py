"""Prose, model and code say the same: constants, formulas, and error codes in the order of their guards.

Each entry names one thing in three places; all three are read as text and compared. A model may leave codes out
that its abstraction cannot reach; those are named in the entry, so that leaving one out is a decision.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import Code
from .manifest import Manifest
from .modules import Module

_CODE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_KNOWN = frozenset(code.value for code in Code)


@dataclass(frozen=True)
class Codes:
    """Error codes in the order of guards: a definition, a function, and the passage that begins with `anchor`."""

    module: str
    definition: str
    function: str
    file: str
    anchor: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row of the table `Codes` of a module, the functions that ask these guards, and the passage as above.

    Functions are followed into what they call; of what they raise only the codes of the passage count.
    """

    module: str
    row: str
    functions: tuple[str, ...]
    file: str
    left_out: tuple[str, ...] = ()
    definition: str = "Codes"


@dataclass(frozen=True)
class Constant:
    """A number: in a model, in the code, and as the group of a pattern in the prose."""

    module: str
    definition: str
    code: str
    file: str
    pattern: str


@dataclass(frozen=True)
class Formula:
    """A guard: the body of a definition, what a function returns, and how the prose writes it."""

    module: str
    definition: str
    function: str
    file: str
    clause: str
    model: str
    code: str
    prose: str


_STEP, _PROSE = "ConsensusStep", "consensus.md"
_TASK, _SHARED = "contract.md", "The transactions of a round (CTR-006"
_NAMES = ("TASK_UNKNOWN", "ROUND_MISMATCH")
"""One task and one round know no other."""
AGREEMENTS: tuple[Codes | Row | Constant | Formula, ...] = (
    Row("Task", "publish", ("contract/tasks.py:publish",), _TASK),
    Row("Task", "join", ("contract/tasks.py:join",), _TASK),
    Row("Task", "commit_update", ("contract/rounds.py:commit_update",), _TASK),
    Row("Task", "reveal_update", ("contract/rounds.py:reveal_update",), _TASK),
    Row("Task", "attest", ("contract/attestation.py:attest", "contract/attestation.py:attest_update"), _TASK),
    Row("Task", "commit_scores", ("contract/rounds.py:commit_scores",), _TASK),
    Row("Task", "reveal_scores", ("contract/rounds.py:reveal_scores",), _TASK),
    Row(
        "Task",
        "claim_aggregate",
        ("contract/claims.py:claim_aggregate",),
        _TASK,
        ("BLOB_MISSING", "MODEL_OVERFLOW"),
    ),
    Row(
        "Round",
        "advertise_keys",
        ("contract/secure.py:advertise_keys",),
        "privacy.md",
        (*_NAMES, "KEY_REPEATED", "AGREEMENT_ZERO"),
    ),
    Row("Round", "share_keys", ("contract/secure.py:share_keys",), "privacy.md", (*_NAMES, "EDGE_COUNT")),
    Row("Round", "masked_input", ("contract/secure.py:masked_input",), "privacy.md", _NAMES),
    Row("Round", "unmask", ("contract/secure.py:unmask",), "privacy.md", (*_NAMES, "MEMBER_ORDER", "MEMBER_UNKNOWN")),
    *(
        Row("MCSecAggVectors", row, (f"contract/secure.py:{row}",), "privacy.md")
        for row in ("advertise_keys", "share_keys", "masked_input", "unmask")
    ),
    Codes(
        "MCSecAggVectors",
        "EdgeCodes",
        "privacy/sharing.py:check_edge_share",
        "privacy.md",
        "`check_edge_share(commitment",
        ("MEMBER_SELF",),
    ),
    Codes(_STEP, "check_vote", "consensus/votes.py:check_vote", _PROSE, "`check_vote(vote"),
    Codes(
        _STEP,
        "check_proposal",
        "consensus/votes.py:check_proposal",
        _PROSE,
        "`check_proposal(proposal",
        ("CANDIDATES_EMPTY", "HEIGHT_EPOCH"),
    ),
    Codes(
        _STEP,
        "check_certificate",
        "consensus/certificate.py:check_certificate",
        _PROSE,
        "`verify_certificate(certificate",
        ("CERTIFICATE_SIGNATURE",),
    ),
    Codes(_STEP, "take_proposal", "consensus/tendermint.py:_take_proposal", _PROSE, "**proposal** ("),
    Codes(_STEP, "take_vote", "consensus/tendermint.py:_take_vote", _PROSE, "**vote** ("),
    Codes(_STEP, "take_verdict", "consensus/tendermint.py:_take_verdict", _PROSE, "**verdict** {"),
    Codes(_STEP, "take_timeout", "consensus/tendermint.py:_take_timeout", _PROSE, "**timeout** {"),
    Codes(_STEP, "take_certificate", "consensus/tendermint.py:_take_certificate", _PROSE, "**certificate** ("),
    Constant(_STEP, "PREVOTE", "consensus/scheme.py:PREVOTE", _PROSE, r"kind (\d), \*prevote\*"),
    Constant(_STEP, "PRECOMMIT", "consensus/scheme.py:PRECOMMIT", _PROSE, r"or (\d), \*precommit\*"),
    Constant(_STEP, "PROPOSE", "consensus/state.py:PROPOSE", _PROSE, r"\| (\d) propose,"),
    Constant(_STEP, "PREVOTING", "consensus/state.py:PREVOTING", _PROSE, r"propose, (\d) prevoting"),
    Constant(_STEP, "PRECOMMITTING", "consensus/state.py:PRECOMMITTING", _PROSE, r", (\d) precommitting"),
    Constant(_STEP, "DECIDED", "consensus/state.py:DECIDED", _PROSE, r", (\d) decided \|"),
    Constant(_STEP, "RETRANSMIT", "consensus/state.py:RETRANSMIT", _PROSE, r"Phase (\d) is the retransmission"),
    Constant(_STEP, "VIEWS_MAX", "consensus/proposer.py:VIEWS_MAX", _PROSE, r"Views below (\d+) exist"),
    Constant(
        _STEP, "VIEWS_AHEAD_MAX", "consensus/state.py:VIEWS_AHEAD_MAX", _PROSE, r"more than (\d+) beyond `view`"
    ),
    *(
        Formula(module, "is_quorum", "consensus/quorum.py:is_quorum", _PROSE, "CON-006", model, code, "3·w > 2·n")
        for module, model, code in (
            (_STEP, "3 * seats > 2 * total", "3 * seats > 2 * total"),
            ("Tendermint", "3 * seats > 2 * Total", "3 * seats > 2 * total"),
            ("TendermintLive", "3 * seats > 2 * Total", "3 * seats > 2 * total"),
            ("Evidence", "3 * seats > 2 * Cardinality(Voters)", "3 * seats > 2 * total"),
        )
    ),
    *(
        Formula(module, "is_blocking", "consensus/quorum.py:is_blocking", _PROSE, "CON-006", model, code, "3·w > n")
        for module, model, code in (
            (_STEP, "3 * seats > total", "3 * seats > total"),
            ("Tendermint", "3 * seats > Total", "3 * seats > total"),
        )
    ),
    Formula(
        "Availability",
        "is_available",
        "infrastructure/availability.py:is_available",
        "infrastructure.md",
        "INF-008",
        "3 * Cardinality(set) > 2 * Cardinality(Seats)",
        "3 * present > 2 * len(committee.seats)",
        "3·w > 2·W",
    ),
    Formula(
        "Testimony",
        "is_scored",
        "incentive/scores.py:is_scored",
        "incentive.md",
        "INC-002",
        "3 * Cardinality(Included) > 2 * Cardinality(Scorers)",
        "3 * included > 2 * total",
        "3·included > 2·",
    ),
)


def agreement_holes(root: Path, manifest: Manifest, modules: Mapping[str, Module]) -> Iterator[str]:
    """Every disagreement between `spec/*.md`, the models and the reference, one line each."""
    for entry in AGREEMENTS:
        if entry.module not in modules or entry.definition not in modules[entry.module].definitions:
            yield f"{entry.module}.{entry.definition} does not exist"
            continue
        body = " ".join(modules[entry.module].definitions[entry.definition].body.split())
        prose = (root / "spec" / entry.file).read_text(encoding="utf-8")
        match entry:
            case Codes():
                yield from _code_holes(root, entry, body, prose)
            case Row():
                yield from _row_holes(root, entry, body, prose)
            case Constant():
                yield from _constant_holes(root, entry, body, prose)
            case Formula():
                yield from _formula_holes(root, entry, body, prose)


def _place(root: Path, path: str) -> tuple[ast.Module, str]:
    file, _, name = path.partition(":")
    return ast.parse((root / "python" / "bcfl_ref" / file).read_text(encoding="utf-8")), name


def _code_holes(root: Path, entry: Codes, body: str, prose: str) -> Iterator[str]:
    tree, name = _place(root, entry.function)
    model = [code for code in _CODE.findall(body) if code in _KNOWN]
    told = codes_of_passage(prose, entry.anchor)
    yield from _compared(f"{entry.module}.{entry.definition}", told, model, codes_of_function(tree, name), entry)


def _row_holes(root: Path, entry: Row, body: str, prose: str) -> Iterator[str]:
    row = re.search(rf"\b{entry.row} *\|-> *<<([^>]*)>>", body)
    model = [code for code in _CODE.findall(row[1] if row else "") if code in _KNOWN]
    told = codes_of_passage(prose, f"`{entry.row}(state")
    if f"{THREE_GUARDS} of CTR-005" in passage_of(prose, f"`{entry.row}(state"):
        contract = (root / "spec" / _TASK).read_text(encoding="utf-8")
        told = [*codes_of_passage(contract, _SHARED), *told]
    places = [tuple(function.split(":")) for function in entry.functions]
    raised = [code for file, name in places for code in codes_raised(root, file, name) if code in told]
    yield from _compared(f"{entry.module}.{entry.definition}.{entry.row}", told, model, raised, entry)


def _compared(name: str, told: list[str], model: list[str], raised: list[str], entry: Codes | Row) -> Iterator[str]:
    kept = {
        side: [code for code in dict.fromkeys(codes) if code not in entry.left_out]
        for side, codes in (("prose", told), ("model", model), ("code", raised))
    }
    for side in ("model", "code"):
        if kept[side] != kept["prose"] or not told:
            there, here = ", ".join(kept["prose"]), ", ".join(kept[side])
            yield f"{name}: the prose refuses with {there}; the {side} with {here}"


def codes_raised(root: Path, file: str, name: str, within: tuple[str, ...] = ()) -> list[str]:
    """The codes that a function raises, in order, with those of all functions of the package that it calls."""
    place = root / "python" / "bcfl_ref" / file
    if not place.is_file() or f"{file}:{name}" in within:
        return []
    tree, _ = _place(root, file)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    imported = _imports(tree, file)
    found: list[str] = []
    for node in _in_order(functions[name]) if name in functions else ():
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code":
            found.append(node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            where = (file, node.func.id) if node.func.id in functions else imported.get(node.func.id)
            found += codes_raised(root, *where, (*within, f"{file}:{name}")) if where else []
    return list(dict.fromkeys(found))


def _imports(tree: ast.Module, file: str) -> dict[str, tuple[str, str]]:
    """Where the names come from that a file of the package imports from others."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = Path(file).parents[node.level - 1]
            for name in node.names:
                target = (folder / (node.module or "__init__").replace(".", "/")).as_posix() + ".py"
                found[name.asname or name.name] = (target, name.name)
    return found


def codes_of_function(tree: ast.Module, name: str) -> list[str]:
    """The codes that a function raises, in order, with those of the private functions of its file that it calls."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found: list[str] = []
    if name in functions:
        for node in _in_order(functions[name]):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code":
                found.append(node.attr)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("_check"):
                found += codes_of_function(tree, node.func.id)
    return found


def _in_order(function: ast.FunctionDef) -> list[ast.expr]:
    placed = [node for node in ast.walk(function) if isinstance(node, ast.expr)]
    return sorted(placed, key=lambda node: (node.lineno, node.col_offset))


THREE_GUARDS = "guards 1 to 3"


def codes_of_passage(prose: str, anchor: str) -> list[str]:
    """The codes of the passage that begins at `anchor`."""
    return [code for code in re.findall(r"`([A-Z][A-Z0-9_]+)`", passage_of(prose, anchor)) if code in _KNOWN]


def passage_of(prose: str, anchor: str) -> str:
    """The paragraph that holds `anchor`, from there on, and the list right after it; nothing when it is not there."""
    if anchor not in prose:
        return ""
    paragraphs = prose[prose.index(anchor) :].split("\n\n")
    passage = [paragraphs[0]]
    for paragraph in paragraphs[1:]:
        if not re.match(r"\d+\. |and then, for each", paragraph):
            break
        passage.append(paragraph)
    return "\n".join(passage)


def _constant_holes(root: Path, entry: Constant, body: str, prose: str) -> Iterator[str]:
    tree, name = _place(root, entry.code)
    written = re.search(entry.pattern, prose)
    values = {"model": body, "code": _assigned(tree, name), "prose": written[1] if written else "nothing"}
    if len(set(values.values())) > 1:
        said = ", ".join(f"{side} {value}" for side, value in values.items())
        yield f"{entry.module}.{entry.definition}: {said}"


def _assigned(tree: ast.Module, name: str) -> str:
    """The value of a module-level constant, also where several are assigned together."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            if isinstance(target, ast.Name) and target.id == name:
                return ast.unparse(value)
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                for one, item in zip(target.elts, value.elts, strict=True):
                    if isinstance(one, ast.Name) and one.id == name:
                        return ast.unparse(item)
    return "nothing"


def _formula_holes(root: Path, entry: Formula, body: str, prose: str) -> Iterator[str]:
    if body != entry.model:
        yield f"{entry.module}.{entry.definition}: the model says {body}, not {entry.model}"
    tree, name = _place(root, entry.function)
    function = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)
    nodes = list(ast.walk(function)) if function else []
    returned = [ast.unparse(node.value) for node in nodes if isinstance(node, ast.Return) and node.value is not None]
    if entry.code not in returned:
        yield f"{entry.module}.{entry.definition}: {entry.function} returns {' or '.join(returned)}, not {entry.code}"
    clause = re.search(rf"^### {entry.clause} .*?(?=^##)", prose, re.M | re.S)
    if clause is None or entry.prose not in clause[0]:
        yield f"{entry.module}.{entry.definition}: {entry.clause} does not say {entry.prose}"
