"""A checker for the part of JSON Schema (draft 2020-12) that the schemas of this folder use.

It refuses a schema with a keyword it does not know, so a schema can never be stricter than what is checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from bcfl_conformance import SUITE

_ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description"}
_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in (int, float),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


class SchemaError(Exception):
    """A schema of this folder uses a keyword that this checker does not know."""


@cache
def load(name: str) -> dict[str, Any]:
    """The schema called `name` in `schemas/`."""
    text = (SUITE / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def problem(value: Any, name: str, definition: str | None = None) -> str | None:
    """The first thing in `value` that schema `name` (or one of its definitions) forbids, or None."""
    root = load(name)
    schema = root if definition is None else root["$defs"][definition]
    return next(_problems(value, schema, root, ""), None)


def _problems(value: Any, schema: Any, root: dict[str, Any], path: str) -> Iterator[str]:
    if schema is True:
        return
    for keyword, argument in schema.items():
        if keyword in _ANNOTATIONS:
            continue
        check = _KEYWORDS.get(keyword)
        if check is None:
            raise SchemaError(f"unknown keyword {keyword} in a schema")
        yield from check(value, argument, schema, root, path)


def _ref(value: Any, target: str, schema: Any, root: Any, path: str) -> Iterator[str]:
    yield from _problems(value, root["$defs"][target.removeprefix("#/$defs/")], root, path)


def _type(value: Any, names: Any, schema: Any, root: Any, path: str) -> Iterator[str]:
    names = [names] if isinstance(names, str) else names
    if not any(_TYPES[name](value) for name in names):
        yield f"{path or '/'} is not of type {' or '.join(names)}"


def _properties(value: Any, properties: Any, schema: Any, root: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in properties.items():
            if key in value:
                yield from _problems(value[key], inner, root, f"{path}/{key}")


def _required(value: Any, names: Any, schema: Any, root: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{path or '/'} lacks {name}" for name in names if name not in value)


def _additional(value: Any, allowed: Any, schema: Any, root: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key in value.keys() - schema.get("properties", {}).keys():
            if allowed is False:
                yield f"{path or '/'} must not have {key}"
            else:
                yield from _problems(value[key], allowed, root, f"{path}/{key}")


def _items(value: Any, inner: Any, schema: Any, root: Any, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _problems(item, inner, root, f"{path}/{index}")


def _one_of(value: Any, choices: Any, schema: Any, root: Any, path: str) -> Iterator[str]:
    failures = [next(_problems(value, choice, root, path), None) for choice in choices]
    fitting = failures.count(None)
    if fitting != 1:
        reasons = dict.fromkeys(failure for failure in failures if failure is not None)
        nearest = [reason for reason in reasons if " lacks " not in reason] or list(reasons)
        yield f"{path or '/'} fits {fitting} of {len(choices)} forms ({'; '.join(nearest)})"


def _enum(value: Any, choices: Any, schema: Any, root: Any, path: str) -> Iterator[str]:
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        yield f"{path or '/'} is not one of {choices}"


def _const(value: Any, constant: Any, schema: Any, root: Any, path: str) -> Iterator[str]:
    yield from _enum(value, [constant], schema, root, path)


def _pattern(value: Any, pattern: str, schema: Any, root: Any, path: str) -> Iterator[str]:
    if isinstance(value, str) and not re.search(pattern, value):
        yield f"{path or '/'} does not match {pattern}"


def _minimum(value: Any, bound: int, schema: Any, root: Any, path: str) -> Iterator[str]:
    if type(value) is int and value < bound:
        yield f"{path or '/'} is below {bound}"


def _min_length(value: Any, bound: int, schema: Any, root: Any, path: str) -> Iterator[str]:
    if isinstance(value, (str, list)) and len(value) < bound:
        yield f"{path or '/'} is shorter than {bound}"


_KEYWORDS: dict[str, Callable[[Any, Any, Any, Any, str], Iterator[str]]] = {
    "$ref": _ref,
    "type": _type,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "oneOf": _one_of,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minimum": _minimum,
    "minLength": _min_length,
    "minItems": _min_length,
}
