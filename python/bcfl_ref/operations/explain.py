"""One case of the vectors, explained: clauses, input, expected answer, and what the reference does step by step."""

from __future__ import annotations

import difflib
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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
from bcfl_ref.operations._base import Json, Operation
from bcfl_ref.operations._shape import given

CLAUSE = re.compile(r"(?:TYP|PAR|AGG|INF|CON|INC|CTR|PRV|APP)-[0-9]{3}")
_HEADING = re.compile(rf"^#{{2,4}}\s+({CLAUSE.pattern})\s+(.*\S)")
_CODE_ROW = re.compile(r"^\|\s*`([A-Z][A-Z0-9_]*)`\s*\|\s*(.*?)\s*\|")
#: What is shown of a long value, of a long list, and of the calls.
TEXT_MAX = 400
ITEMS_MAX = 8
CALLS_MAX = 40
#: Reading and writing JSON is the same in every operation and no step of any rule.
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
    found = Evaluation()
    with _watched(found):
        try:
            found.answer = {"ok": operation.run(given(data))}
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
def _watched(found: Evaluation) -> Iterator[None]:
    depth = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal depth
        code = frame.f_code
        if event not in ("call", "return") or not str(frame.f_globals.get("__name__", "")).startswith("bcfl_ref."):
            return
        text = code.co_consts[0] if code.co_consts and isinstance(code.co_consts[0], str) else ""
        clause = CLAUSE.match(text)
        if clause is None or code.co_name in JSON_WORK:
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
    done = evaluate(operation, case["input"])
    if operation.machine is None:
        console.print(Panel(Text(_json(case["input"])), title="input", title_align="left", border_style="dim"))
        console.print(_guards(root, operation, done))
    else:
        initial = Text(_json(case["input"]["init"]))
        console.print(Panel(initial, title="initial state", title_align="left", border_style="dim"))
        console.print(_machine_steps(case, done))
    console.print(_calls(done))
    shown = Text(_json(case["expect"] if operation.machine is None else case["expect"]["ok"]["state"]))
    title = "expected answer" if operation.machine is None else "expected state at the end"
    console.print(Panel(shown, title=title, title_align="left", border_style="dim"))
    right = bool(done.answer == case["expect"])
    verdict = "the reference gives it" if right else f"the reference gives {json.dumps(shortened(done.answer))}"
    console.print(Text(verdict, style="green" if right else "bold red"))
    return right


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


def _machine_steps(case: dict[str, Json], done: Evaluation) -> Table:
    table = Table(title="step by step", title_justify="left")
    for heading in ("step", "action", "input", "answer", "state digest"):
        table.add_column(heading, overflow="fold")
    answers = (done.answer or {}).get("ok")
    if answers is None:
        table.add_row("-", "init", "", Text(_line(done.answer), style="red"), "")
        return table
    before = answers["init_digest"]
    table.add_row("-", "init", "", "", before[:18])
    for index, (step, answer) in enumerate(zip(case["input"]["steps"], answers["steps"], strict=True)):
        said = Text(f"refused: {answer['error']}", style="red") if "error" in answer else Text(_line(answer["ok"]))
        digest = answer["state_digest"]
        shown = "unchanged" if digest == before else digest[:18]
        table.add_row(str(index), step["action"], Text(_line(step["input"])), said, shown)
        before = digest
    return table


def _calls(done: Evaluation) -> Group:
    lines = [Text("the reference goes through", style="italic")]
    for call in done.calls:
        times = f" ×{call.times}" if call.times > 1 else ""
        style = "red" if call.refused else ""
        indent = "  " * (call.depth + 1)
        lines.append(
            Text.assemble(indent, (call.clause, "cyan"), (f" {call.name}{times}", style), f"  {call.summary}")
        )
    if done.more:
        lines.append(Text(f"  … and {done.more} more calls", style="dim"))
    return Group(*lines)


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
    text = json.dumps(shortened(value))
    return text if len(text) <= TEXT_MAX else text[:TEXT_MAX] + "..."


def _json(value: Json) -> str:
    text = json.dumps(shortened(value))
    return text if len(text) <= 110 else canonical.text(shortened(value)).rstrip()
