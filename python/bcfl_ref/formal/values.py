"""TLA+ values as text and as JSON, both ways.

Sets become {"#set": [...]}, functions with keys that are no strings {"#map": [[key, value], ...]}, sequences
arrays, records and functions over strings objects. TLC prints a function over 1..n as a sequence, the empty
function as << >>, and an interval unexpanded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeAlias

Value: TypeAlias = Any

_TOKEN = re.compile(r'\s*(?:(-?\d+)|("(?:[^"\\]|\\.)*")|(<<|>>|\|->|:>|@@|\.\.|[\[\]{}(),])|([A-Za-z_]\w*))')
_NUMBER, _STRING, _SIGN, _NAME = 1, 2, 3, 4
_ESCAPES = {"n": "\n", "t": "\t"}


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[int, str]] = []
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None or match.lastindex is None:
                raise ValueError(f"no TLA+ value at {position}: {text[position : position + 30]!r}")
            self._tokens.append((match.lastindex, match[match.lastindex]))
            position = match.end()
        self._next = 0

    def value(self) -> Value:
        kind, token = self._take()
        if kind == _NUMBER:
            return self._number(int(token))
        if kind == _STRING:
            return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), token[1:-1])
        if kind == _NAME:
            return {"TRUE": True, "FALSE": False}.get(token, token)
        if token == "{":
            return {"#set": sorted(self._items("}", self.value), key=canonical)}
        if token == "<<":
            return self._items(">>", self.value)
        if token == "[":
            return dict(self._items("]", self._field))
        if token == "(":
            return self._function()
        raise ValueError(f"unexpected {token!r}")

    def finish(self) -> None:
        if self._next != len(self._tokens):
            raise ValueError(f"more text after the value: {self._tokens[self._next :][:5]}")

    def _number(self, low: int) -> Value:
        if self._peek() != "..":
            return low
        self._next += 1
        return {"#set": list(range(low, int(self._take()[1]) + 1))}

    def _function(self) -> Value:
        pairs = []
        while True:
            key = self.value()
            self._eat(":>")
            pairs.append([key, self.value()])
            if self._peek() != "@@":
                break
            self._next += 1
        self._eat(")")
        if all(isinstance(key, str) for key, _ in pairs):
            return dict(pairs)
        return {"#map": sorted(pairs, key=lambda pair: canonical(pair[0]))}

    def _field(self) -> tuple[str, Value]:
        _, name = self._take()
        self._eat("|->")
        return name, self.value()

    def _items(self, close: str, item: Callable[[], Value]) -> list[Value]:
        found = []
        while self._peek() != close:
            found.append(item())
            if self._peek() == ",":
                self._next += 1
        self._eat(close)
        return found

    def _peek(self) -> str | None:
        return self._tokens[self._next][1] if self._next < len(self._tokens) else None

    def _take(self) -> tuple[int, str]:
        if self._next == len(self._tokens):
            raise ValueError("the value ends too early")
        self._next += 1
        return self._tokens[self._next - 1]

    def _eat(self, token: str) -> None:
        if self._peek() != token:
            raise ValueError(f"{token!r} expected, found {self._peek()!r}")
        self._next += 1


def parse(text: str) -> Value:
    """The value that TLC printed; raises ValueError for anything else."""
    parser = _Parser(text)
    value = parser.value()
    parser.finish()
    return value


def canonical(value: Value) -> str:
    """One text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def normal(value: Value) -> Value:
    """The value with every set in its one order."""
    if isinstance(value, dict):
        if "#set" in value:
            return {"#set": sorted(map(normal, value["#set"]), key=canonical)}
        return {key: normal(item) for key, item in value.items()}
    return [normal(item) for item in value] if isinstance(value, list | tuple) else value


def to_tla(value: Value) -> str:
    """The TLA+ expression of a value; the inverse of `parse`."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, list | tuple):
        return "<<" + ", ".join(map(to_tla, value)) + ">>"
    if "#set" in value:
        return "{" + ", ".join(map(to_tla, value["#set"])) + "}"
    if "#map" in value:
        return _pairs(value["#map"])
    if all(re.fullmatch(r"[A-Za-z]\w*", key) for key in value) and value:
        return "[" + ", ".join(f"{key} |-> {to_tla(item)}" for key, item in value.items()) + "]"
    return _pairs(list(value.items()))


def _pairs(pairs: list[Any]) -> str:
    return "(" + " @@ ".join(f"({to_tla(key)} :> {to_tla(item)})" for key, item in pairs) + ")" if pairs else "<<>>"
