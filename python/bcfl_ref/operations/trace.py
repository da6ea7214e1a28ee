"""Traceability: clause → model → function → kernel → vectors → tests, read from the repository; a hole is an error.

Clauses are the headings of `spec/*.md`. A clause marked `*Definition.*` must only be mentioned by the package,
one marked `*Local.*` binds a node by itself and needs a function and a test, one marked `*Informative.*` needs
nothing; every other clause needs a function whose docstring begins with its id, and a vector: an accepting and a
rejecting one where the clause says *must*, and a refusal with each code that its guards name. Kernels are in the C
interface, actions of models in their modules. Ids from 900 on belong to examples in tests and are looked at nowhere.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bcfl_ref import kernels
from bcfl_ref.errors import Code, UsageError
from bcfl_ref.operations import OPERATIONS
from bcfl_ref.operations._base import Operation

CLAUSE = re.compile(r"\b(?:TYP|PAR|AGG|INF|CON|INC|CTR|PRV|APP)-[0-9]{3}\b")
_HEADING = re.compile(r"^#{2,4}\s+((?:TYP|PAR|AGG|INF|CON|INC|CTR|PRV|APP)-[0-9]{3})\s+(.*\S)")
_CODE_ROW = re.compile(r"^\|\s*`([A-Z][A-Z0-9_]*)`\s*\|")
_OPERATION_ROW = re.compile(r"^\|\s*`([a-z]+\.[a-z0-9_]+)`\s*\|")
_SOURCES = ("python/bcfl_ref/**/*.py", "spec/*.md", "cpp/**/*.cpp", "cpp/**/*.h", "spec/tla/*.tla")
_GUARD = re.compile(r"else\s+`([A-Z][A-Z0-9_]*)`")
_MUST = re.compile(r"\*must( not)?\*")
UNSHOWN = {
    ("INF-005", "IDENTITIES_MAX"): "a state of 2^20 identities has 200 MB",
    ("INF-013", "BLOB_ABSENT"): "a file that is not there is no input",
}
"""Guards that no vector can break, and why."""
_MARKS = {"*Informative.*": "informative", "*Definition.*": "definition", "*Local.*": "local"}


@dataclass
class Row:
    """One clause and everything that realises it."""

    clause: str
    title: str
    file: str
    kind: str = "rule"
    functions: list[str] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)
    kernels: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    invariants: list[str] = field(default_factory=list)
    accepting: int = 0
    rejecting: int = 0
    tests: int = 0
    text: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Report:
    """The rows in the order of the specification, and what is missing."""

    rows: tuple[Row, ...]
    holes: tuple[str, ...]


def trace(root: Path, operations: Sequence[Operation] = OPERATIONS) -> Report:
    """Read the repository at `root`; raises `UsageError` where there is none."""
    if not (root / "spec").is_dir():
        raise UsageError(f"{root} holds no spec/: run this in the repository")
    holes: list[str] = []
    rows = _clauses(root, holes)
    for operation in operations:
        for clause in operation.clauses:
            if clause in rows:
                rows[clause].operations.append(operation.name)
                if operation.kernel is not None and operation.kernel not in rows[clause].kernels:
                    rows[clause].kernels.append(operation.kernel)
        holes += _operation_holes(operation)
    for clause, function in _cited_by_functions(root):
        if clause in rows:
            rows[clause].functions.append(function)
    holes += _count_vectors(root, rows, operations)
    _count_tests(root, rows)
    holes += _name_models(root, rows)
    _name_invariants(root, rows)
    holes += _kernel_holes(root, rows)
    holes += _undefined(root, rows)
    holes += _table_holes(root, operations)
    holes += _code_holes(root)
    holes += [hole for row in rows.values() for hole in _row_holes(root, row)]
    return Report(tuple(rows.values()), tuple(holes))


def print_report(report: Report, console: Console) -> None:
    """Print the table, then the holes."""
    table = Table(title="clause → model → invariant → function → kernel → vectors → tests", header_style="bold")
    for heading in ("clause", "title", "model", "invariant", "function", "kernel"):
        table.add_column(heading, overflow="fold")
    for heading in ("accepting", "rejecting", "tests"):
        table.add_column(heading, justify="right")
    for row in report.rows:
        functions = "\n".join(row.functions[:3]) + ("\n…" if len(row.functions) > 3 else "")
        shown = functions or ("" if row.kind == "rule" else f"({row.kind})")
        counts = (row.accepting, row.rejecting, row.tests)
        named = ("\n".join(row.models), "\n".join(row.invariants), shown, "\n".join(row.kernels))
        table.add_row(row.clause, row.title, *named, *(str(n) if n else "·" for n in counts))
    console.print(table)
    for hole in report.holes:
        console.print(f"[red]hole[/red] {hole}", highlight=False)
    console.print(f"{len(report.rows)} clauses, {len(report.holes)} holes", highlight=False)


def _clauses(root: Path, holes: list[str]) -> dict[str, Row]:
    """The clauses in the order of files and headings; ids must be defined once."""
    rows: dict[str, Row] = {}
    for path in sorted((root / "spec").glob("*.md")):
        current: Row | None = None
        for line in path.read_text(encoding="utf-8").splitlines():
            heading = _HEADING.match(line)
            if heading:
                current = Row(heading[1], heading[2], path.name)
                if current.clause in rows:
                    holes.append(f"{current.clause} is defined in {rows[current.clause].file} and {path.name}")
                rows[current.clause] = current
            elif line.startswith(("# ", "## ", "### ")):
                current = None
            elif current is not None:
                current.text.append(line)
                current.kind = next((kind for mark, kind in _MARKS.items() if line.startswith(mark)), current.kind)
    return rows


def _operation_holes(operation: Operation) -> Iterator[str]:
    """The reference function must exist and name one of the clauses; the kernel must exist."""
    try:
        target = _resolve(operation.function)
    except (ImportError, AttributeError):
        yield f"operation {operation.name}: there is no {operation.function}"
        return
    first = (getattr(target, "__doc__", None) or "").strip().partition("\n")[0]
    if not set(CLAUSE.findall(first)) & set(operation.clauses):
        wanted = ", ".join(operation.clauses)
        yield f"operation {operation.name}: the docstring of {operation.function} begins with none of {wanted}"
    if operation.kernel is not None and operation.kernel not in kernels.kernel_table():
        yield f"operation {operation.name}: there is no kernel {operation.kernel}"


def _resolve(dotted: str) -> Any:
    """The object at a dotted path: the longest importable module, then attributes."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        try:
            target = import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not (name == error.name or name.startswith(error.name + ".")):
                raise
            continue
        for part in parts[length:]:
            target = getattr(target, part)
        return target
    raise ImportError(dotted)


def _cited_by_functions(root: Path) -> Iterator[tuple[str, str]]:
    """(clause, dotted name) for every docstring in the package whose first line names the clause."""
    package = root / "python"
    for path in sorted((package / "bcfl_ref").rglob("*.py")):
        parts = list(path.relative_to(package).with_suffix("").parts)
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        for name, text in _documented(ast.parse(path.read_text(encoding="utf-8")), module):
            for clause in dict.fromkeys(CLAUSE.findall(text.strip().partition("\n")[0])):
                yield clause, name.removeprefix("bcfl_ref.")


def _documented(node: ast.AST, prefix: str) -> Iterator[tuple[str, str]]:
    """Functions, classes and constants with the docstrings below them."""
    body = getattr(node, "body", [])
    for index, child in enumerate(body):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield f"{prefix}.{child.name}", ast.get_docstring(child) or ""
            if isinstance(child, ast.ClassDef):
                yield from _documented(child, f"{prefix}.{child.name}")
        elif isinstance(child, (ast.Assign, ast.AnnAssign)) and index + 1 < len(body):
            after = body[index + 1]
            target = child.targets[0] if isinstance(child, ast.Assign) else child.target
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(target, ast.Name):
                yield f"{prefix}.{target.id}", str(after.value.value)


def _count_vectors(root: Path, rows: dict[str, Row], operations: Sequence[Operation]) -> Iterator[str]:
    """Count the committed cases by clause; every operation needs a file with cases."""
    for operation in operations:
        path = root / "conformance" / "vectors" / (operation.name.replace(".", "/") + ".json")
        cases = json.loads(path.read_text(encoding="utf-8"))["cases"] if path.is_file() else []
        if not cases:
            yield f"operation {operation.name}: no vectors"
        for case in cases:
            answers = case["expect"]["ok"]["steps"] if operation.machine is not None else [case["expect"]]
            rejecting = any("error" in answer for answer in answers)
            accepting = any("ok" in answer for answer in answers)
            codes = {answer["error"] for answer in answers if "error" in answer}
            for clause in case["clauses"]:
                if clause in rows:
                    rows[clause].refused |= codes
                    rows[clause].accepting += accepting
                    rows[clause].rejecting += rejecting


def _name_models(root: Path, rows: dict[str, Row]) -> Iterator[str]:
    """Models by the clauses that their comments name, and actions by the function that the manifest gives them.

    Bounds and traces are no models. An action must be defined in its module, and its function must exist.
    """
    folder = root / "spec" / "tla"
    for path in sorted(folder.glob("*.tla")):
        if not path.stem.startswith(("MC", "Trace")):
            for clause in dict.fromkeys(CLAUSE.findall(path.read_text(encoding="utf-8"))):
                if clause in rows:
                    rows[clause].models.append(path.stem)
    manifest = folder / "manifest.json"
    modules = json.loads(manifest.read_text(encoding="utf-8"))["modules"] if manifest.is_file() else {}
    for module, entry in modules.items():
        path = folder / f"{module}.tla"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for action, function in {**entry["actions"], **entry.get("functions", {})}.items():
            if not re.search(rf"^\s*{re.escape(action)}(\(.*?\))?\s*==", text, re.MULTILINE):
                yield f"spec/tla/{path.name} defines no {action}"
            try:
                _resolve(f"bcfl_ref.{function}")
            except (ImportError, AttributeError):
                yield f"spec/tla/manifest.json: there is no {function} for {module}.{action}"
            for row in rows.values():
                if function in row.functions:
                    row.models = [name for name in row.models if name != module] + [f"{module}.{action}"]


def _name_invariants(root: Path, rows: dict[str, Row]) -> None:
    """A property of a module belongs to every clause that the comment right above it names, or that of its line."""
    for path in sorted((root / "spec" / "tla").glob("*.tla")):
        listing, comment = False, ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("\\* == "):
                listing, comment = line.startswith("\\* == Properties"), ""
            elif line.startswith("\\*"):
                comment += line
            else:
                name = re.match(r"([A-Za-z]\w*) *==", line) if listing else None
                for clause in dict.fromkeys(CLAUSE.findall(f"{comment} {line}")):
                    if clause in rows and name is not None:
                        rows[clause].invariants.append(f"{path.stem}.{name[1]}")
                comment = ""


def _kernel_holes(root: Path, rows: dict[str, Row]) -> Iterator[str]:
    """Every kernel that a clause has is declared in the C interface and defined in the native sources."""
    sources = [path.read_text(encoding="utf-8") for path in sorted((root / "cpp" / "src").glob("*.cpp"))]
    header = root / "cpp" / "include" / "bcfl" / "bcfl.h"
    declared = header.read_text(encoding="utf-8") if header.is_file() else ""
    for kernel in sorted({kernel for row in rows.values() for kernel in row.kernels} if sources else ()):
        function = re.compile(rf"\bbcfl_{kernel}(_[a-z][0-9]+)?\(")
        if not function.search(declared):
            yield f"kernel {kernel}: cpp/include/bcfl/bcfl.h declares no bcfl_{kernel}"
        if not any(function.search(text) for text in sources):
            yield f"kernel {kernel}: nothing in cpp/src defines bcfl_{kernel}"


def _count_tests(root: Path, rows: dict[str, Row]) -> None:
    """A test counts for a clause that it, or its file's docstring, names; or whose operation it is named after."""
    owners: dict[str, set[str]] = {}
    for row in rows.values():
        for operation in row.operations:
            owners.setdefault(operation.partition(".")[2], set()).add(row.clause)
    for path in sorted((root / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        common = set(CLAUSE.findall(ast.get_docstring(tree) or ""))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                text = f"{path.stem} {node.name} {ast.get_docstring(node) or ''}"
                clauses = common | set(CLAUSE.findall(text))
                for name, named in owners.items():
                    if name in text:
                        clauses |= named
                for clause in clauses & rows.keys():
                    rows[clause].tests += 1


def _undefined(root: Path, rows: dict[str, Row]) -> Iterator[str]:
    """Every id that stands anywhere in the sources must be defined by a heading."""
    for pattern in _SOURCES:
        for path in sorted(root.glob(pattern)):
            for clause in sorted(set(CLAUSE.findall(path.read_text(encoding="utf-8")))):
                if clause not in rows and clause[4] != "9":
                    yield f"{clause} is used in {path.relative_to(root).as_posix()} and defined nowhere"


def _table_holes(root: Path, operations: Sequence[Operation]) -> Iterator[str]:
    """Input and output of every operation stand in a table under `## Operations`, and of no other."""
    written: dict[str, str] = {}
    for path in sorted((root / "spec").glob("*.md")):
        listing = False
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("## "):
                listing = line.strip() == "## Operations"
            row = _OPERATION_ROW.match(line)
            if listing and row:
                written[row[1]] = path.name
    known = {operation.name for operation in operations}
    for name in sorted(known - written.keys()):
        yield f"operation {name} stands in no table of spec/"
    for name in sorted(written.keys() - known):
        yield f"operation {name} of spec/{written[name]} is unknown to the reference"


def _code_holes(root: Path) -> Iterator[str]:
    """Error codes of the reference and of the tables under `## Error codes` must be the same."""
    written: dict[str, str] = {}
    for path in sorted((root / "spec").glob("*.md")):
        listing = path.name == "errors.md"
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("## ") and path.name != "errors.md":
                listing = line.strip() == "## Error codes"
            row = _CODE_ROW.match(line)
            if listing and row:
                written[row[1]] = path.name
    known = {code.value for code in Code}
    for code in sorted(known - written.keys()):
        yield f"error code {code} stands in no table of spec/"
    for code in sorted(written.keys() - known):
        yield f"error code {code} of spec/{written[code]} is unknown to the reference"


def _row_holes(root: Path, row: Row) -> Iterable[str]:
    if row.kind == "informative":
        return
    if not row.functions and not (row.kind == "definition" and _cited(root, row.clause)):
        yield f"{row.clause} {row.title}: no function names it"
    if row.kind == "local" and row.tests == 0:
        yield f"{row.clause} {row.title}: no test"
    if row.kind != "rule":
        return
    text = "\n".join(row.text)
    if row.accepting + row.rejecting == 0:
        yield f"{row.clause} {row.title}: no vector"
    elif _MUST.search(text) and not (row.accepting and row.rejecting):
        yield f"{row.clause} {row.title}: it says must, and no vector is {'refused' if row.accepting else 'accepted'}"
    known = {code.value for code in Code}
    for code in dict.fromkeys(_GUARD.findall(text)):
        if code in known - row.refused and (row.clause, code) not in UNSHOWN:
            yield f"{row.clause} {row.title}: no vector of it is refused with {code}"


def _cited(root: Path, clause: str) -> bool:
    """Whether the package mentions the clause at all, which is enough for a definition."""
    return any(clause in path.read_text(encoding="utf-8") for path in (root / "python" / "bcfl_ref").rglob("*.py"))
