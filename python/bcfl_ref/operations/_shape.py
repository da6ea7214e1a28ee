"""The shape of an input before any rule looks at it: other JSON is refused with ENCODING_INVALID (TYP-011)."""

from __future__ import annotations

from typing import Any

from bcfl_ref.encoding import bytes_from_hex
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations._base import Json

#: No input of any operation is nested deeper.
DEPTH_MAX = 64


class Fields(dict[str, Any]):
    """A JSON object; a field that it lacks is a refusal, not a bug of the reader."""

    def __missing__(self, key: str) -> Json:
        raise SpecError(Code.ENCODING_INVALID, f"an object lacks the field {key}")


def given(data: Json) -> Json:
    """TYP-011: the input of an operation with all its objects as `Fields`. Errors: ENCODING_INVALID."""
    if not isinstance(data, dict):
        raise SpecError(Code.ENCODING_INVALID, "an input is an object")
    return _given(data, 0)


def rows(data: Json) -> list[Json]:
    """TYP-011: an array. Errors: ENCODING_INVALID."""
    if not isinstance(data, list):
        raise SpecError(Code.ENCODING_INVALID, f"{data!r:.40} is no array")
    return data


def objects(data: Json) -> list[dict[str, Json]]:
    """TYP-011: an array of objects. Errors: ENCODING_INVALID."""
    for item in rows(data):
        fields(item)
    return list(data)


def fields(data: Json) -> dict[str, Json]:
    """TYP-011: an object. Errors: ENCODING_INVALID."""
    if not isinstance(data, dict):
        raise SpecError(Code.ENCODING_INVALID, f"{data!r:.40} is no object")
    return data


def octets(data: Json) -> bytes:
    """TYP-011: the bytes of a hexadecimal string. Errors: ENCODING_INVALID."""
    try:
        return bytes_from_hex(data)
    except ValueError as error:
        raise SpecError(Code.ENCODING_INVALID, str(error)) from None


def _given(data: Json, depth: int) -> Json:
    if depth > DEPTH_MAX:
        raise SpecError(Code.ENCODING_INVALID, f"nested deeper than {DEPTH_MAX}")
    if isinstance(data, dict):
        return Fields({key: _given(value, depth + 1) for key, value in data.items()})
    if isinstance(data, list):
        return [_given(item, depth + 1) for item in data] if any(isinstance(x, (dict, list)) for x in data) else data
    return data
