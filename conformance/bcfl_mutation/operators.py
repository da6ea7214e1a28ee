"""The changes: what a hurried implementer gets wrong, made in the syntax tree, one at a time.

Not changed are texts for people (docstrings, details of refusals, f-strings), annotations of functions, `strict=`,
and checks of what no input can break (`NO_RULES`). Guards with one and the same code do not change places.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.Pow: ast.Mult,
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "reversed": "list"}
_TEXTS = {"little": "big", "big": "little"}
#: Calls whose keywords are the fields of a new state; one of them left out is a field that stays as it was.
_UPDATES = ("replace", "with_", "_with")
#: Refusals that no input of an operation brings about: a bug, a misuse of the library, an argument of another type,
#: JSON that is no value (TYP-011: no input of any operation; the readers refuse it with ValueError).
NO_RULES = ("InvariantError", "UsageError", "Code.KERNEL_ARGUMENT", "ValueError")
#: Names of functions that only people read.
FOR_PEOPLE = {"__repr__", "__str__"}


@dataclass(frozen=True)
class Mutant:
    """One change: in `module`, between two offsets (bytes), `text` instead of what stands there.

    `function` is the outermost function or method, empty at the level of the module or of a class. `old` and `new`
    are the changed lines; with module, function and `nth` among equal ones they name the change for good.
    """

    module: str
    function: str
    operator: str
    line: int
    old: str
    new: str
    start: int
    end: int
    text: str
    nth: int = 0
    scope: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What stays the same when lines are added elsewhere."""
        return (self.module, self.function or self.scope, self.old, self.new, self.nth)

    def apply(self, source: str) -> str:
        """The changed source."""
        data = source.encode("utf-8")
        return (data[: self.start] + self.text.encode("utf-8") + data[self.end :]).decode("utf-8")


@dataclass(frozen=True)
class _Place:
    """Where the walk is: the outermost function, and the class or constant around it."""

    function: str = ""
    scope: str = ""
    fields: bool = False


def mutants(module: str, source: str, codes: Sequence[str] = ()) -> list[Mutant]:
    """Every change of one module, in the order of its lines; `codes` are the error codes there are."""
    tree = ast.parse(source)
    lines = [0]
    for line in source.encode("utf-8").splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    found: list[Mutant] = []
    seen: dict[tuple[str, str, str, str], int] = {}
    taken: set[tuple[int, int, str]] = set()
    data = source.encode("utf-8")
    for place, node, operator, text, last in _changes(tree, codes):
        start = lines[node.lineno - 1] + node.col_offset
        end = lines[(last.end_lineno or 1) - 1] + (last.end_col_offset or 0)
        changed = (data[:start] + text.encode("utf-8") + data[end:]).decode("utf-8")
        if (start, end, text) in taken:
            continue
        taken.add((start, end, text))
        old = " ".join(data[lines[node.lineno - 1] : lines[last.end_lineno or 1]].decode("utf-8").split())
        tail = len(data) - lines[last.end_lineno or 1]
        whole = changed.encode("utf-8")
        new = " ".join(whole[lines[node.lineno - 1] : len(whole) - tail].decode("utf-8").split())
        name = (place.function or place.scope, old, new, operator)
        nth = seen[name] = seen.get(name, -1) + 1
        found.append(
            Mutant(module, place.function, operator, node.lineno, old, new, start, end, text, nth, place.scope)
        )
    return sorted(found, key=lambda mutant: (mutant.start, mutant.end, mutant.text))


_Node = ast.expr | ast.stmt


def _changes(tree: ast.Module, codes: Sequence[str]) -> Iterator[tuple[_Place, _Node, str, str, _Node]]:
    """(place, first node, operator, text, last node) of every change."""
    for place, node in _walk(tree.body, _Place()):
        if isinstance(node, ast.expr):
            for operator, changed in _expression(node, codes):
                inner = isinstance(node, ast.Constant | ast.Name | ast.Attribute | ast.Call)
                yield place, node, operator, changed if inner else f"({changed})", node
        elif isinstance(node, ast.stmt):
            yield from ((place, first, operator, text, last) for first, operator, text, last in _statement(node))
        bodies = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
        for body in bodies:
            if isinstance(body, list):
                yield from (
                    (place, first, operator, text, last) for first, operator, text, last in _pairs(node, body)
                )


def _walk(body: Sequence[ast.AST], place: _Place) -> Iterator[tuple[_Place, ast.AST]]:
    """Every node that may be changed, with its place."""
    for node in body:
        if isinstance(node, ast.FunctionDef):
            if node.name in FOR_PEOPLE:
                continue
            name = f"{place.scope}.{node.name}" if place.scope and not place.function else node.name
            inner = place if place.function else _Place(name, place.scope)
            yield inner, node
            yield from _walk(_without_docstring(node.body), inner)
            yield from _walk(
                [*node.args.defaults, *(d for d in node.args.kw_defaults if d)], _Place("", inner.function)
            )
        elif isinstance(node, ast.ClassDef):
            container = any(isinstance(base, ast.Name) and base.id == "Container" for base in node.bases)
            inner = place if place.function else _Place("", node.name, container)
            yield inner, node
            yield from _walk(_without_docstring(node.body), inner)
        elif not _for_people(node):
            yield place, node
            yield from _walk(list(_children(node, place)), _named(node, place))


def _named(node: ast.AST, place: _Place) -> _Place:
    """A constant of the module is a scope of its own."""
    targets = (
        node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    )
    if targets and not place.function and not place.scope:
        return _Place("", ast.unparse(targets[0]))
    return place


def _children(node: ast.AST, place: _Place) -> Iterator[ast.AST]:
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        yield from node.exc.args[:1]
        return
    for name, value in ast.iter_fields(node):
        if name == "annotation" and not place.fields:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.keyword) and child.arg == "strict":
                continue
            if isinstance(child, ast.keyword):
                yield child.value
            elif isinstance(child, ast.AST):
                yield child


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    return [node for node in body if not _is_text(node)]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _for_people(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom) or _is_text(node):
        return True
    if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
        return True
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.Raise):
        return _invariant([node])
    return (
        isinstance(node, ast.If)
        and len(node.body) == 1
        and isinstance(node.body[0], ast.Raise)
        and _invariant(node.body)
    )


def _expression(node: ast.expr, codes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(operator, text) of each change of this very node."""
    if isinstance(node, ast.Compare):
        for index in range(len(node.ops)):
            yield "comparison", _with(node, partial(_compare, index=index))
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield "arithmetic", _with(node, lambda n: setattr(n, "op", _ARITHMETIC[type(n.op)]()))
    elif isinstance(node, ast.BoolOp):
        yield "and/or", _with(node, lambda n: setattr(n, "op", ast.Or() if isinstance(n.op, ast.And) else ast.And()))
        for index in range(len(node.values)):
            yield "condition left out", _with(node, partial(_without, name="values", index=index))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        yield "not or minus left out", ast.unparse(node.operand)
    elif isinstance(node, ast.Constant):
        yield from (("constant", text) for text in _constants(node.value))
    elif isinstance(node, ast.IfExp):
        yield "condition", ast.unparse(node.body)
        yield "condition", ast.unparse(node.orelse)
    elif isinstance(node, ast.Call):
        yield from _call(node)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code":
        others = [code for code in codes if code != node.attr]
        if others and node.attr in codes:
            yield "error code", f"Code.{others[codes.index(node.attr) % len(others)]}"
    elif isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
        for number, clause in enumerate(node.generators):
            for index in range(len(clause.ifs)):
                yield "filter left out", _with(node, partial(_unfiltered, number=number, index=index))


def _constants(value: object) -> Iterator[str]:
    if value is True or value is False:
        yield str(not value)
    elif isinstance(value, int):
        yield str(value + 1)
        if value > 0:
            yield str(value - 1)
    elif isinstance(value, bytes) and value:
        yield repr(bytes([value[0] ^ 1]) + value[1:])
    elif isinstance(value, str) and value in _TEXTS:
        yield repr(_TEXTS[value])


def _call(node: ast.Call) -> Iterator[tuple[str, str]]:
    name = (
        node.func.id
        if isinstance(node.func, ast.Name)
        else node.func.attr
        if isinstance(node.func, ast.Attribute)
        else ""
    )
    if isinstance(node.func, ast.Name) and name in _NAMES:
        yield "other function", _with(node, lambda n: _renamed(n, _NAMES[name]))
    for index, keyword in enumerate(node.keywords):
        if keyword.arg == "key" or (keyword.arg is not None and name.startswith(_UPDATES)):
            yield "argument left out", _with(node, partial(_without, name="keywords", index=index))


def _renamed(node: ast.Call, name: str) -> None:
    """Call another function; `list` knows no key."""
    node.func = ast.Name(name, ast.Load())
    if name == "list":
        node.keywords = []


def _statement(node: ast.stmt) -> Iterator[tuple[_Node, str, str, _Node]]:
    if isinstance(node, ast.If | ast.While):
        test = node.test
        if isinstance(node, ast.If) and not _invariant(node.body):
            yield test, "condition", "False", test
            if not isinstance(node.body[0], ast.Raise):
                yield test, "condition", "True", test
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield node, "call left out", "pass", node
    elif isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
        text = _with(node, lambda n: setattr(n, "op", _ARITHMETIC[type(n.op)]()))
        yield node, "arithmetic", text, node
    elif isinstance(node, ast.Continue):
        yield node, "loop", "break", node
    elif isinstance(node, ast.Break):
        yield node, "loop", "continue", node


def _pairs(parent: ast.AST, body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, str, str, ast.stmt]]:
    """Neighbours that change places: guards with guards, fields of a container with fields."""
    container = isinstance(parent, ast.ClassDef) and any(
        isinstance(base, ast.Name) and base.id == "Container" for base in parent.bases
    )
    for first, second in pairwise(body):
        guards = all(_guard(node) for node in (first, second))
        fields = container and all(isinstance(node, ast.AnnAssign) and node.value is None for node in (first, second))
        if (guards and not _invariant([first, second]) and not _same_code(first, second)) or fields:
            indent = "\n" + " " * first.col_offset
            text = indent.join(line for node in (second, first) for line in ast.unparse(node).splitlines())
            yield first, "order of guards" if guards else "order of fields", text, second


def _guard(node: ast.stmt) -> bool:
    """A statement that refuses or does nothing: `if …: raise`, or a call for its refusals alone."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call) and not isinstance(node.value.func, ast.Attribute)
    return isinstance(node, ast.If) and not node.orelse and isinstance(node.body[0], ast.Raise)


def _invariant(body: Sequence[ast.AST]) -> bool:
    return any(word in ast.unparse(node) for node in body for word in NO_RULES)


def _same_code(first: ast.stmt, second: ast.stmt) -> bool:
    """Whether two guards give the same answer, so that their order is nobody's business."""
    codes = [
        node.body[0].exc.args[0]
        if isinstance(node, ast.If)
        and isinstance(node.body[0], ast.Raise)
        and isinstance(node.body[0].exc, ast.Call)
        and node.body[0].exc.args
        else node
        for node in (first, second)
    ]
    return ast.unparse(codes[0]) == ast.unparse(codes[1])


def _compare(node: ast.Compare, index: int) -> None:
    node.ops[index] = _COMPARE[type(node.ops[index])]()


def _without(node: ast.AST, name: str, index: int) -> None:
    del getattr(node, name)[index]


def _unfiltered(node: ast.GeneratorExp, number: int, index: int) -> None:
    del node.generators[number].ifs[index]


def _with(node: Any, change: Callable[[Any], object]) -> str:
    """The text of a copy of the node after `change`."""
    changed = copy.deepcopy(node)
    change(changed)
    return ast.unparse(changed)
