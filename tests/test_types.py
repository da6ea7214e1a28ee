"""Containers: the schema they declare, and the listing of them in the specification (TYP-001, TYP-010, TYP-017).

`python tests/test_types.py` rewrites the listing in spec/types.md after a container changed.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from typing import Annotated, Any, get_args

import pytest
from bcfl_ref import types
from bcfl_ref.errors import InvariantError
from ssz import sedes

SPEC = Path(__file__).parent.parent / "spec" / "types.md"
LISTING = re.compile(r"(?<=<!-- containers -->\n).*?(?=<!-- /containers -->)", re.DOTALL)


def containers() -> list[type[types.Container]]:
    """Every container in the order of declaration."""
    found = [
        value
        for value in vars(types).values()
        if isinstance(value, type) and issubclass(value, types.Container) and value is not types.Container
    ]
    return sorted(found, key=lambda container: inspect.getsourcelines(container)[1])


def notation(hint: Any) -> str:
    """An annotated type in the notation of TYP-001."""
    if hint is bool:
        return "boolean"
    if isinstance(hint, type):
        return hint.__name__
    match get_args(hint)[1:]:
        case (types.UintOf(), "two's complement"):
            return "int64"
        case (types.UintOf(bits),):
            return f"uint{bits}"
        case (types.BytesOf(length),):
            return f"Bytes{length}"
        case (types.BytesUpTo(limit),):
            return f"Bytes[{limit}]"
        case (types.BitsUpTo(limit),):
            return f"Bitlist[{limit}]"
        case (types.ListUpTo(limit),):
            return f"List[{notation(types.element_type(hint))}, {limit}]"
    raise AssertionError(hint)


def listing() -> str:
    """The listing of TYP-017: each container with its clause and fields."""
    lines = ["", "```text"]
    for container in containers():
        clause = (container.__doc__ or "").split(":")[0]
        lines.append(f"{container.__name__}  ({clause})")
        width = max(len(name) for name in container.FIELD_TYPES)
        lines += [f"  {name:<{width}}  {notation(hint)}" for name, hint in container.FIELD_TYPES.items()]
        lines.append("")
    return "\n".join([*lines[:-1], "```", "", ""])


def test_the_specification_lists_every_container() -> None:
    """TYP-017: the listing in the specification is what the code declares, field by field."""
    written = LISTING.search(SPEC.read_text(encoding="utf-8"))
    assert written is not None
    assert written[0] == listing(), "run: python tests/test_types.py"


def test_containers_are_frozen() -> None:
    """TYP-001: a container cannot be changed, two with equal fields are equal, and it can be a key."""
    transfer = types.Transfer(1, 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        transfer.amount = 3  # type: ignore[misc]
    assert transfer == types.Transfer(1, 2)
    assert {transfer: 1}[types.Transfer(1, 2)] == 1


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (types.Uint8, sedes.UInt),
        (types.Int64, sedes.UInt),
        (bool, sedes.Boolean),
        (types.Bytes48, sedes.ByteVector),
        (Annotated[bytes, types.BytesUpTo(3)], sedes.ByteList),
        (Annotated[tuple[bool, ...], types.BitsUpTo(3)], sedes.Bitlist),
        (Annotated[tuple[types.Uint8, ...], types.ListUpTo(3)], sedes.List),
        (types.Transfer, sedes.Container),
    ],
)
def test_schema(hint: Any, schema: type) -> None:
    """TYP-001: every notation has the SSZ schema of its kind."""
    assert isinstance(types.schema_of(hint), schema)


@pytest.mark.parametrize("hint", [int, bytes, Annotated[int, "unmarked"], tuple[int, ...], None])
def test_no_schema(hint: Any) -> None:
    """TYP-001: an annotation without a marker is our own mistake, not a type."""
    with pytest.raises(InvariantError):
        types.schema_of(hint)


def test_parameters_are_words() -> None:
    """TYP-010: every parameter is a uint64."""
    assert {notation(hint) for hint in types.Parameters.FIELD_TYPES.values()} == {"uint64"}


def test_schema_follows_the_declaration() -> None:
    """TYP-001: the fields of the schema are those of the declaration, in its order."""
    for container in containers():
        assert list(container.FIELD_TYPES) == [field.name for field in dataclasses.fields(container)]
        assert len(container.SCHEMA.field_sedes) == len(container.FIELD_TYPES)


if __name__ == "__main__":
    text = SPEC.read_text(encoding="utf-8")
    SPEC.write_text(LISTING.sub(lambda _: listing(), text), encoding="utf-8")
