"""What is changed: the functions of the rooms where rules live, and the clause that each belongs to.

A function belongs to the first clause of its docstring; a helper without one to the rule that calls it first. Clauses
that bind a node by itself (`*Local.*`) or nobody (`*Informative.*`) can have no vectors and are not asked for.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

CLAUSE = re.compile(r"\b(?:TYP|PAR|AGG|INF|CON|INC|CTR|PRV|APP)-[0-9]{3}\b")
_HEADING = re.compile(rf"^#{{2,4}}\s+({CLAUSE.pattern})\s")
#: Rooms and files of `bcfl_ref` that hold rules; of the application what two nodes must agree on.
ROOMS = (
    "parameters.py",
    "types.py",
    "encoding.py",
    "kernels",
    "crypto",
    "aggregation",
    "infrastructure",
    "consensus",
    "incentive",
    "privacy",
    "contract",
    "transition.py",
    "application/integer.py",
)
#: Which variant of a kernel runs is no rule.
NOT_RULES = ("kernels/__init__.py",)
#: Functions and constants inside of those files that are no rules, and why. Keep it short: a helper of a rule is one.
NO_RULES = {
    "bcfl_ref.privacy.bounds.size_table": "the table of PRV-025, printed for people; no operation gives it",
    "bcfl_ref.privacy.bounds.TABLE_MEMBERS": "a heading of that table",
    "bcfl_ref.privacy.bounds.TABLE_FRACTIONS": "a heading of that table",
    "bcfl_ref.privacy.bounds.(TABLE_SIGMA, TABLE_ETA, TABLE_BIAS)": "headings of that table",
    "bcfl_ref.kernels._arguments._all_alike_in_python": "a short cut that a compiled one replaces where there is one",
    "bcfl_ref.kernels._arguments._all_alike_here": "which of the two runs",
    "bcfl_ref.transition.check_extensions": "asked by a node that opens a ledger, of what is installed there",
}
UNMARKED = "rule"


@dataclass(frozen=True)
class Module:
    """One file: its dotted name, its text, and the clauses of its functions, classes and constants.

    `mentions` holds the names that each function mentions, and under "" those mentioned anywhere else.
    """

    name: str
    path: Path
    source: str
    clauses: dict[str, tuple[str, ...]]
    mentions: dict[str, set[str]]


def modules(package: Path) -> dict[str, Module]:
    """Every module that holds rules, by its dotted name."""
    found: dict[str, Module] = {}
    for room in ROOMS:
        paths = [package / room] if room.endswith(".py") else sorted((package / room).rglob("*.py"))
        for path in paths:
            inside = path.relative_to(package)
            if inside.as_posix() in NOT_RULES or not path.is_file():
                continue
            parts = inside.with_suffix("").parts
            name = ".".join([package.name, *(parts[:-1] if parts[-1] == "__init__" else parts)])
            source = path.read_text(encoding="utf-8")
            tree = ast.parse(source)
            found[name] = Module(name, path, source, _clauses(tree), _mentions(tree))
    return found


def error_codes(package: Path) -> list[str]:
    """The names of the error codes, in their order."""
    tree = ast.parse((package / "errors.py").read_text(encoding="utf-8"))
    listing = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Code")
    return [node.targets[0].id for node in listing.body if isinstance(node, ast.Assign)]  # type: ignore[attr-defined]


def kinds(spec: Path) -> dict[str, str]:
    """For each clause of `spec/*.md` its mark: local, informative, definition or none."""
    marks = {"*Informative.*": "informative", "*Definition.*": "definition", "*Local.*": "local"}
    found: dict[str, str] = {}
    for path in sorted(spec.glob("*.md")):
        current = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            heading = _HEADING.match(line)
            if heading:
                current = heading[1]
                found[current] = UNMARKED
            elif line.startswith(("# ", "## ", "### ")):
                current = ""
            elif current:
                found[current] = next((kind for mark, kind in marks.items() if line.startswith(mark)), found[current])
    return found


def _clauses(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    """Clauses by function (`f`, `Class.method`), class, and constant of one module; "" is the module itself."""
    found = {"": tuple(CLAUSE.findall(ast.get_docstring(tree) or ""))}
    for index, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            own = _first_line(ast.get_docstring(node))
            found[node.name] = own
            for inner in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(inner, ast.FunctionDef):
                    found[f"{node.name}.{inner.name}"] = _first_line(ast.get_docstring(inner)) or own
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            after = tree.body[index + 1] if index + 1 < len(tree.body) else None
            text = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
            found[ast.unparse(target)] = _first_line(str(text)) or _user(tree, ast.unparse(target))
    return found


def _mentions(tree: ast.Module) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"": set()}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = _names(node)
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    found[f"{node.name}.{inner.name}"] = _names(inner)
                else:
                    found[""] |= _names(inner)
            found[""] |= {name for base in node.bases for name in _names(base)}
        else:
            found[""] |= _names(node)
    return found


def _names(node: ast.AST) -> set[str]:
    """Every name that is read, and the constants among the attributes."""
    names = {found.id for found in ast.walk(node) if isinstance(found, ast.Name) and isinstance(found.ctx, ast.Load)}
    return names | {found.attr for found in ast.walk(node) if isinstance(found, ast.Attribute)}


def _user(tree: ast.Module, name: str) -> tuple[str, ...]:
    """The clauses of the first function or class of the module that mentions a constant."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            clauses = _first_line(ast.get_docstring(node))
            names = {found.id for found in ast.walk(node) if isinstance(found, ast.Name)}
            if clauses and name in names:
                return clauses
    return ()


def _first_line(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(CLAUSE.findall((text or "").strip().partition("\n")[0])))
