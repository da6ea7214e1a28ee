"""Canonical JSON: one text and one digest for one value, so that regenerating a file changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from bcfl_ref.operations._base import Json

#: Integers beyond this are not exact in every JSON reader; they are decimal strings instead.
INTEGER_LIMIT = 2**53
#: What fits stands on one line, and nothing is indented deeper: states are nested far, and blanks weigh.
LINE_WIDTH = 118
INDENT_MAX = 6


def digest(value: Json) -> str:
    """SHA-256 of the compact form (sorted keys, no blanks, ASCII) as "sha256:…"."""
    return "sha256:" + hashlib.sha256(_line(value).encode("ascii")).hexdigest()


def text(value: Json) -> str:
    """The committed form: sorted keys, short values and arrays of scalars on one line, a newline at the end."""
    return _format(value, 0) + "\n"


def foreign_values(value: Json, path: str = "") -> Iterator[str]:
    """Paths of everything that has no place in a vector: floats, bytes, huge integers, keys not strings."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                yield f"{path}/{key!r}"
            yield from foreign_values(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from foreign_values(inner, f"{path}/{index}")
    elif isinstance(value, bool) or value is None or type(value) is str:
        return
    elif type(value) is not int or abs(value) >= INTEGER_LIMIT:
        yield path or "/"


def _format(value: Json, depth: int) -> str:
    whole = _line(value)
    scalars = isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value)
    if scalars or len(whole) + min(depth, INDENT_MAX) <= LINE_WIDTH:
        return whole
    inner, outer = ("\n" + " " * min(deep, INDENT_MAX) for deep in (depth + 1, depth))
    if isinstance(value, dict):
        items = [f"{_line(key)}: {_format(value[key], depth + 1)}" for key in sorted(value)]
        return "{" + inner + ("," + inner).join(items) + outer + "}"
    if isinstance(value, list):
        return "[" + inner + ("," + inner).join(_format(item, depth + 1) for item in value) + outer + "]"
    return whole


def _line(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
