"""The rules of the house, kept by reading the sources."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "python" / "bcfl_ref"

# docs/architecture.md: arrows point to the left; rooms on one shelf never import each other, except the first rooms.
SHELVES: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("kernels", "crypto"),
    ("types", "encoding", "parameters"),
    ("aggregation",),
    ("infrastructure",),
    ("consensus", "incentive", "privacy"),
    ("contract",),
    ("transition",),
    ("application",),
    ("node",),
    ("sim", "engines"),
    ("api", "operations"),
    ("formal",),
    ("cli",),
)
SHELF = {room: number for number, shelf in enumerate(SHELVES) for room in shelf}
SOCIABLE = {"types", "encoding", "parameters"}
RULE_ROOMS = {room for room, shelf in SHELF.items() if shelf < SHELF["application"]}
FUNCTION_LINES_MAX = 70
# The one door for floats, and the one place that reads the environment.
FLOAT_DOORS = {"kernels/_python.py", "kernels/_arguments.py", "kernels/__init__.py"}
ENVIRONMENT_DOOR = {"kernels/__init__.py"}
FORBIDDEN_MODULES = {
    "time",
    "datetime",
    "random",
    "secrets",
    "uuid",
    "locale",
    "platform",
    "os",
    "socket",
    "threading",
    "tempfile",
    "decimal",
}
CLAUSE = re.compile(r"\b(TYP|PAR|AGG|INF|CON|INC|CTR|PRV|APP)-\d{3}\b")


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def rooms_imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, room) for every import of our own package, at any depth of the file."""
    package = ["bcfl_ref", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = [*base, *(node.module.split(".") if node.module else [])]
            if module[:1] != ["bcfl_ref"]:
                continue
            rooms = [module[1]] if len(module) > 1 else [alias.name for alias in node.names]
            yield from ((node.lineno, room) for room in rooms)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                parts = alias.name.split(".")
                if parts[0] == "bcfl_ref" and len(parts) > 1:
                    yield node.lineno, parts[1]


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_arrows_point_one_way(path: Path) -> None:
    """A room imports only rooms on shelves before its own, or itself."""
    own = room_of(path)
    if own in {"__init__", "__main__"}:
        return
    wrong = [
        f"line {line}: {own} imports {room}"
        for line, room in rooms_imported(path)
        if room != own and not (own in SOCIABLE and room in SOCIABLE) and SHELF[room] >= SHELF[own]
    ]
    assert not wrong, wrong


def test_every_room_stands_on_a_shelf() -> None:
    """No room is outside the order of the arrows."""
    rooms = {room_of(path) for path in sources()} - {"__init__", "__main__"}
    assert rooms <= set(SHELF), rooms - set(SHELF)


@pytest.mark.parametrize("path", [p for p in sources() if room_of(p) in RULE_ROOMS], ids=name_of)
def test_rules_know_no_clock_no_chance_and_no_environment(path: Path) -> None:
    """Nothing on which nodes must agree imports a source of time, chance, environment or network."""
    forbidden = FORBIDDEN_MODULES - ({"os"} if name_of(path) in ENVIRONMENT_DOOR else set())
    found = []
    for node in ast.walk(tree_of(path)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        found += [f"line {node.lineno}: {name}" for name in names if name.split(".")[0] in forbidden]
    assert not found, found


@pytest.mark.parametrize("path", [p for p in sources() if room_of(p) in RULE_ROOMS], ids=name_of)
def test_rules_know_no_float(path: Path) -> None:
    """Floats enter through quantize alone: no float literal, true division, float() or float dtype elsewhere."""
    if name_of(path) in FLOAT_DOORS:
        return
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(f"line {node.lineno}: {node.value}")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            found.append(f"line {node.lineno}: true division")
        if isinstance(node, ast.Name) and node.id == "float":
            found.append(f"line {node.lineno}: float")
        if isinstance(node, ast.Attribute) and node.attr.startswith(("float", "double")):
            found.append(f"line {node.lineno}: {node.attr}")
    assert not found, found


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_functions_fit_a_screen(path: Path) -> None:
    """No function is longer than 70 lines."""
    found = [
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1} lines"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert not found, found


@pytest.mark.parametrize("path", [p for p in sources() if room_of(p) in RULE_ROOMS - {"errors"}], ids=name_of)
def test_every_rule_names_its_clause(path: Path) -> None:
    """The first line of a public rule function's docstring begins with its clause id."""
    found = []
    for node in tree_of(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            first = (ast.get_docstring(node) or "").split("\n", 1)[0]
            if not CLAUSE.match(first):
                found.append(f"line {node.lineno}: {node.name}")
    assert not found or (room_of(path) == "kernels" and name_of(path).endswith("__init__.py")), found


def test_nothing_decodes_a_curve_point_unchecked() -> None:
    """No source calls a decoder that skips the subgroup check."""
    found = [name_of(path) for path in sources() if re.search(r"\.\w+_unchecked\w*\(", path.read_text("utf-8"))]
    assert not found, found


def test_input_is_never_refused_by_an_assertion() -> None:
    """The package holds no bare assert, which -O would remove."""
    found = [
        f"{name_of(path)} line {node.lineno}"
        for path in sources()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Assert)
    ]
    assert not found, found


def test_every_clause_is_defined_once() -> None:
    """A clause id stands in exactly one heading of the specification."""
    headings: dict[str, list[str]] = {}
    for path in sorted((ROOT / "spec").glob("*.md")):
        for line in path.read_text(encoding="utf-8").splitlines():
            match = re.match(r"#+ (?P<id>[A-Z]{3}-\d{3})\b", line)
            if match:
                headings.setdefault(match["id"], []).append(path.name)
    twice = {clause: names for clause, names in headings.items() if len(names) > 1}
    assert headings and not twice, twice


def test_the_runner_stands_alone() -> None:
    """The conformance runner imports the standard library only."""
    allowed = {"bcfl_conformance", "__future__"}
    found = []
    for path in sorted((ROOT / "conformance" / "bcfl_conformance").glob("*.py")):
        for node in ast.walk(tree_of(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in names:
                top = name.split(".")[0]
                if top not in allowed and top not in __import__("sys").stdlib_module_names:
                    found.append(f"{path.name}: {name}")
    assert not found, found


def test_no_build_product_is_tracked() -> None:
    """Git tracks sources only."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    wrong = [name for name in listed.stdout.split() if re.search(r"\.(so|o|a|whl|pyc|sqlite|npz)$", name)]
    assert not wrong, wrong
