"""One case of the vectors, explained: clauses, input, expected answer, and what the reference does step by step."""

from __future__ import annotations

import difflib
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bcfl_ref import kernels
from bcfl_ref.errors import SpecError, UsageError
from bcfl_ref.operations import BY_NAME
from bcfl_ref.operations import _canonical as canonical
from bcfl_ref.operations._base import Json, Machine, Operation
from bcfl_ref.operations._proof import differences
from bcfl_ref.operations._shape import given

CLAUSE = re.compile(r"(?:TYP|PAR|AGG|INF|CON|INC|CTR|PRV|APP)-[0-9]{3}")
_HEADING = re.compile(rf"^#{{2,4}}\s+({CLAUSE.pattern})\s+(.*\S)")
_CODE_ROW = re.compile(r"^\|\s*`([A-Z][A-Z0-9_]*)`\s*\|\s*(.*?)\s*\|")
#: What is shown of a long value, of a long list, and of the calls.
TEXT_MAX = 400
ITEMS_MAX = 8
CALLS_MAX = 40
#: What changed in a state, of one step.
CHANGES_MAX = 12
#: Reading and writing JSON is the same in every operation and no step of any rule.
PLUMBING = {"encoding", "types", "kernels._arguments"}
JSON_WORK = {"from_json", "to_json", "check_ranges", "given", "rows", "objects", "fields", "octets"}


@dataclass
class Call:
    """A function whose docstring begins with a clause was entered; `times` in a row."""

    depth: int
    clause: str
    name: str
    summary: str
    times: int = 1
    refused: bool = False


@dataclass
class Evaluation:
    """What the reference did: its answer, the refusal if there was one, the calls in their order."""

    answer: Json = None
    refusal: SpecError | None = None
    place: str = ""
    calls: list[Call] = field(default_factory=list)
    more: int = 0


@dataclass
class Turn:
    """One step of a machine: what was asked and answered, the rules it went through, what it changed."""

    action: str
    input: Json
    done: Evaluation
    digest: str
    changes: list[tuple[str, Json, Json]]


@dataclass(frozen=True)
class Found:
    """A case of the vectors, its operation, and the accepted case that it is the twin of."""

    case: dict[str, Json]
    operation: Operation
    twin: dict[str, Json] | None


def find(root: Path, identity: str) -> Found:
    """The case called `identity` in the vectors of the checkout; raises `UsageError` with near matches."""
    known: list[str] = []
    for path in sorted((root / "conformance" / "vectors").rglob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))
        cases = {case["id"]: case for case in body["cases"]}
        if identity in cases:
            operation = BY_NAME.get(body["operation"])
            if operation is None:
                raise UsageError(f"{identity}: this version has no operation {body['operation']}")
            case = cases[identity]
            return Found(case, operation, cases.get(case.get("twin", "")))
        known += cases
    near = [name for name in known if identity and identity in name][:5]
    near += [name for name in difflib.get_close_matches(identity, known, 5, 0.5) if name not in near]
    hint = f"; did you mean {', '.join(near)}?" if near else "; `bcfl conformance run --list` lists them"
    raise UsageError(f"no case is called {identity}{hint}")


def evaluate(operation: Operation, data: Json) -> Evaluation:
    """Run the reference and watch which clauses it passes through."""
    return _evaluated(lambda: operation.run(given(data)), operation.layer != "types")


def turns(machine: Machine, data: Json) -> tuple[Turn, list[Turn], Json]:
    """Play a run step by step: the beginning, the steps, and the answer that they add up to."""
    whole = given(data)
    state: Any = None
    output: Json = None

    def begin() -> Json:
        nonlocal state
        state = machine.init(whole["init"])

    def step(action: str, step_input: Json) -> Json:
        nonlocal state, output
        state, output = machine.step(state, action, step_input)
        return output

    done = _evaluated(begin)
    if done.refusal is not None:
        return Turn("init", whole["init"], done, "", []), [], done.answer
    first = Turn("init", whole["init"], done, machine.digest(state), [])
    view, played = machine.view(state), list[Turn]()
    for entry in whole["steps"]:
        before, done = view, _evaluated(partial(step, entry["action"], entry["input"]))
        view = machine.view(state)
        changes = [(path, _at(before, path), _at(view, path)) for path in differences(before, view)]
        played.append(Turn(entry["action"], entry["input"], done, machine.digest(state), changes))
    steps = [{**turn.done.answer, "state_digest": turn.digest} for turn in played]
    return first, played, {"ok": {"init_digest": first.digest, "steps": steps, "state": view}}


def _evaluated(work: Callable[[], Json], plain: bool = True) -> Evaluation:
    found = Evaluation()
    with _watched(found, plain):
        try:
            found.answer = {"ok": work()}
        except SpecError as refusal:
            found.refusal, found.answer = refusal, {"error": refusal.code.value}
    if found.refusal is not None:
        trace = found.refusal.__traceback__
        raised: list[Any] = []
        while trace is not None:
            raised.append(trace.tb_frame.f_code)
            found.place = f"{trace.tb_frame.f_globals['__name__']}.{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
            trace = trace.tb_next
        names = {code.co_name for code in raised}
        for call in found.calls:
            call.refused = call.name.rpartition(".")[2] in names
    return found


@contextmanager
def _watched(found: Evaluation, plain: bool = True) -> Iterator[None]:
    """Note the rules that are entered; `plain` leaves out how bytes and roots come about."""
    depth = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal depth
        code = frame.f_code
        if event not in ("call", "return") or not str(frame.f_globals.get("__name__", "")).startswith("bcfl_ref."):
            return
        text = code.co_consts[0] if code.co_consts and isinstance(code.co_consts[0], str) else ""
        clause = CLAUSE.match(text)
        module = str(frame.f_globals["__name__"]).removeprefix("bcfl_ref.")
        hidden = module.startswith("operations.") or (plain and module in PLUMBING)
        if clause is None or code.co_name in JSON_WORK or hidden:
            return
        if event == "return":
            depth -= 1
            return
        name = f"{frame.f_globals['__name__']}.{code.co_qualname}".removeprefix("bcfl_ref.")
        summary = text.partition("\n")[0].partition(": ")[2]
        last = found.calls[-1] if found.calls else None
        if last is not None and (last.name, last.depth) == (name, depth):
            last.times += 1
        elif len(found.calls) < CALLS_MAX:
            found.calls.append(Call(depth, clause[0], name, summary))
        else:
            found.more += 1
        depth += 1

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(before)


def clause_texts(root: Path, wanted: list[str]) -> dict[str, tuple[str, str]]:
    """Title and text of the wanted clauses, from `spec/*.md`."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted((root / "spec").glob("*.md")):
        current, lines = "", list[str]()
        for line in [*path.read_text(encoding="utf-8").splitlines(), "# end"]:
            heading = _HEADING.match(line)
            if heading or line.startswith(("# ", "## ", "### ")):
                if current:
                    found[current] = (found[current][0], "\n".join(lines).strip())
                current = heading[1] if heading and heading[1] in wanted else ""
                lines = []
                if heading and current:
                    found[current] = (heading[2], "")
            else:
                lines.append(line)
    return found


def code_meanings(root: Path) -> dict[str, str]:
    """What each error code means, from the tables of `spec/*.md`."""
    rows = (
        _CODE_ROW.match(line)
        for path in sorted((root / "spec").glob("*.md"))
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    return {row[1]: row[2] for row in rows if row}


def shortened(value: Json) -> Json:
    """The same JSON with long texts and lists cut, and said to be."""
    if isinstance(value, dict):
        return {key: shortened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        cut = [shortened(item) for item in value[:ITEMS_MAX]]
        return [*cut, f"... {len(value) - ITEMS_MAX} more"] if len(value) > ITEMS_MAX else cut
    if isinstance(value, str) and re.fullmatch(r"0x[0-9a-f]{41,}", value):
        return f"{value[:14]}... {len(value) // 2 - 1} bytes"
    if isinstance(value, str) and len(value) > 100:
        return f"{value[:60]}... {len(value)} characters"
    return value


def print_case(root: Path, identity: str, console: Console) -> bool:
    """Print everything about one case; whether the reference answers what the vectors expect."""
    found = find(root, identity)
    case, operation = found.case, found.operation
    console.print(_head(case, operation))
    texts = clause_texts(root, case["clauses"])
    for clause in case["clauses"]:
        title, text = texts.get(clause, ("", "(this checkout has no such heading)"))
        console.print(Panel(Text(text), title=Text(f"{clause} {title}"), title_align="left", border_style="dim"))
    if found.twin is not None:
        console.print(_twin(case, found.twin))
    if operation.machine is not None:
        answer = _print_run(operation.machine, case, console)
    else:
        done = evaluate(operation, case["input"])
        console.print(_panel("input", _json(case["input"])))
        console.print(_guards(root, operation, done))
        console.print(_calls(done))
        console.print(_panel("expected answer", _json(case["expect"])))
        answer = done.answer
    right = bool(answer == case["expect"])
    verdict = "the reference gives it" if right else f"the reference gives {json.dumps(shortened(answer))}"
    console.print(Text(verdict, style="green" if right else "bold red"))
    return right


def _panel(title: str, text: str) -> Panel:
    return Panel(Text(text), title=title, title_align="left", border_style="dim")


def _print_run(machine: Machine, case: dict[str, Json], console: Console) -> Json:
    """The beginning, every step with the rules it went through, and the state at the end."""
    first, played, answer = turns(machine, case["input"])
    console.print(_panel("initial state", _json(case["input"]["init"])))
    console.print(Text("step by step", style="bold"))
    console.print(_turn("init", first, "", answer.get("ok", {}).get("init_digest")))
    before = first.digest
    for number, (turn, expected) in enumerate(zip(played, case["expect"]["ok"]["steps"], strict=True)):
        console.print(_turn(f"{number} {turn.action}", turn, before, expected))
        before = turn.digest
    console.print(_panel("expected state at the end", _json(case["expect"]["ok"]["state"])))
    return answer


def _turn(title: str, turn: Turn, before: str, expected: Json) -> Group:
    """One step: input, rules, answer or refusal with its reason, and what is different afterwards."""
    lines = [Text.assemble((title, "bold"), "  ", "" if title == "init" else _line(turn.input))]
    lines += _call_lines(turn.done, 2)
    if turn.done.refusal is not None:
        refusal = turn.done.refusal
        lines.append(Text(f"  refused: {refusal.code.value}: {refusal.detail}\n  in {turn.done.place}", style="red"))
    elif title != "init":
        lines.append(Text(f"  answer {_line(turn.done.answer['ok'])}", style="green"))
    for path, old, new in turn.changes[:CHANGES_MAX]:
        lines.append(Text(f"  {path}: {_brief(old)} → {_brief(new)}", style="yellow"))
    if len(turn.changes) > CHANGES_MAX:
        lines.append(Text(f"  … and {len(turn.changes) - CHANGES_MAX} more changes", style="dim"))
    lines.append(Text(f"  state {'unchanged' if turn.digest == before else turn.digest}", style="dim"))
    if title != "init" and {**turn.done.answer, "state_digest": turn.digest} != expected:
        lines.append(Text(f"  expected {_line(expected)}", style="bold red"))
    return Group(*lines)


def _brief(value: Json) -> str:
    """A changed value: of a list how many there are and the last one, in short."""
    if isinstance(value, list):
        return f"{len(value)}, the last {_cut(value[-1], 120)}" if value else "none"
    return _cut(value, 160)


def _cut(value: Json, length: int) -> str:
    text = json.dumps(shortened(value))
    return text if len(text) <= length else text[:length] + "..."


def _head(case: dict[str, Json], operation: Operation) -> Group:
    kernel = ""
    if operation.kernel is not None:
        variant = kernels.kernel_table().get(operation.kernel, "python")
        kernel = f"    kernel {operation.kernel} ({variant})"
    lines = [
        Text.assemble((case["id"], "bold"), f"  {case['comment']}"),
        Text(f"operation {operation.name}: {operation.summary}"),
        Text(f"reference {operation.function}{kernel}"),
    ]
    if "bug" in case:
        lines.append(Text.assemble("hunts     ", (case["bug"], "yellow")))
    if case["flags"]:
        lines.append(Text(f"flags     {', '.join(case['flags'])}"))
    if "note" in case:
        lines.append(Text(f"note      {case['note']}"))
    return Group(*lines)


def _twin(case: dict[str, Json], twin: dict[str, Json]) -> Table:
    table = Table(title=f"differs from the accepted {twin['id']} at", title_justify="left", show_lines=False)
    for heading in ("path", "accepted there", "refused here"):
        table.add_column(heading, overflow="fold")
    for path in case["differs_at"]:
        values = (_line(_at(twin["input"], path)), _line(_at(case["input"], path)))
        table.add_row(Text(path), *(Text(value) for value in values))
    return table


def _guards(root: Path, operation: Operation, done: Evaluation) -> Table:
    """The codes of the operation in their order: passed, the one that refuses, not reached."""
    table = Table(title="guards in their order", title_justify="left")
    for heading in ("", "code", "refuses", "here"):
        table.add_column(heading, overflow="fold")
    meanings = code_meanings(root)
    codes = [code.value for code in operation.errors]
    refused = done.refusal.code.value if done.refusal is not None else None
    if refused is not None and refused not in codes:
        codes.insert(0, refused)
    reached = codes.index(refused) if refused is not None else len(codes)
    for index, code in enumerate(codes):
        here, style = ("passed", "green") if index < reached else ("not reached", "dim")
        if index == reached and done.refusal is not None:
            here, style = f"REFUSES: {done.refusal.detail}\nin {done.place}", "bold red"
        table.add_row(str(index + 1), code, Text(meanings.get(code, "")), Text(here, style=style))
    if not codes:
        table.add_row("", "none", "every input of the right types is accepted", Text("passed", style="green"))
    return table


def _calls(done: Evaluation) -> Group:
    return Group(Text("the reference goes through", style="italic"), *_call_lines(done, 2))


def _call_lines(done: Evaluation, indent: int) -> list[Text]:
    lines = []
    for call in done.calls:
        times = f" ×{call.times}" if call.times > 1 else ""
        style = "red" if call.refused else ""
        margin = " " * (2 * call.depth + indent)
        lines.append(
            Text.assemble(margin, (call.clause, "cyan"), (f" {call.name}{times}", style), f"  {call.summary}")
        )
    if done.more:
        lines.append(Text(f"{' ' * indent}… and {done.more} more calls", style="dim"))
    return lines


def _at(value: Json, path: str) -> Json:
    for key in path.strip("/").split("/") if path.strip("/") else ():
        if isinstance(value, dict):
            value = value.get(key, "(not there)")
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return "(not there)"
    return value


def _line(value: Json) -> str:
    return _cut(value, TEXT_MAX)


def _json(value: Json) -> str:
    text = json.dumps(shortened(value))
    return text if len(text) <= 110 else canonical.text(shortened(value)).rstrip()
