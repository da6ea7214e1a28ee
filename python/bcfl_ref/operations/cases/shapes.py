"""One root of every container whose fields all differ, and of lists as long as they may be (TYP-004, TYP-017)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, get_args, get_origin

from ... import types as containers
from ...encoding import to_json
from ...types import BitsUpTo, BytesOf, BytesUpTo, Container, ListUpTo, UintOf, element_type
from .._base import Case, Json
from . import types

NOTE = "found by changing the reference"
#: Lists, and titles, whose limit a small vector can show: the container, its field, the length.
LONGEST = (
    ("Layout", "tensors", 1024),
    ("ChunkProof", "branch", 64),
    ("Committee", "seats", 1024),
    ("Extension", "title", 64),
    ("Genesis", "extensions", 128),
    ("State", "extensions", 128),
    ("Update", "attesters", 1024),
    ("Member", "attesters", 1024),
    ("Member", "opened", 1024),
    ("Task", "attesters", 1024),
    ("Group", "named", 2048),
    ("SecureRound", "groups", 2048),
    ("Round", "aggregators", 4096),
    ("SurvivorList", "survivors", 2048),
    ("SurvivorList", "dropped", 2048),
    ("Unmask", "shares", 1024),
    ("TripleStore", "batches", 1024),
)


def _named() -> dict[str, type[Container]]:
    return {
        name: found
        for name, found in vars(containers).items()
        if isinstance(found, type) and issubclass(found, Container) and found is not Container
    }


def _different(hint: Any, numbers: Iterator[int]) -> Any:
    """A value of this type in which no two numbers or bytes are alike; lists have two entries."""
    if isinstance(hint, type) and issubclass(hint, Container):
        return hint(*(_different(field, numbers) for field in hint.FIELD_TYPES.values()))
    if get_origin(hint) is None:
        return next(numbers) % 2 == 1
    match get_args(hint)[1]:
        case UintOf(bits):
            return next(numbers) % (1 << bits)
        case BytesOf(length):
            return bytes([next(numbers) % 256]) * length
        case BytesUpTo(limit):
            return bytes([next(numbers) % 256]) * min(3, limit)
        case BitsUpTo(limit):
            return tuple(at % 2 == 0 for at in range(min(3, limit)))
        case ListUpTo(limit):
            return tuple(_different(element_type(hint), numbers) for _ in range(min(2, limit)))
    raise TypeError(f"no value of {hint}")


def _empty(hint: Any, lengths: dict[str, int]) -> Any:
    """Zeros, and lists that are empty but for those with a length of their own."""
    if isinstance(hint, type) and issubclass(hint, Container):
        values = {name: _empty(field, {}) for name, field in hint.FIELD_TYPES.items()}
        for name, length in lengths.items():
            field = hint.FIELD_TYPES[name]
            values[name] = (
                b"x" * length
                if isinstance(get_args(field)[1], BytesUpTo)
                else (_empty(element_type(field), {}),) * length
            )
        return hint(**values)
    if get_origin(hint) is None:
        return False
    match get_args(hint)[1]:
        case UintOf():
            return 0
        case BytesOf(length):
            return bytes(length)
        case BytesUpTo():
            return b""
    return ()


def _root(name: str, comment: str, container: str, value: Container, bug: str, flag: str) -> Case:
    data: Json = {"container": container, "value": to_json(value)}
    return Case("types.hash_tree_root", name, comment, data, bug=bug, flags=(flag,), note=NOTE)


def _slug(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).strip("-")


def _cases() -> Iterator[Case]:
    named = _named()
    own = {case.input["container"] for case in types.CASES if case.operation == "types.hash_tree_root"}
    for name, container in named.items():
        if name not in own:
            value = _different(container, count(1))
            text = "no two fields are alike"
            yield _root(f"types-root-of-{_slug(name)}", text, name, value, "takes fields in another order", "Variant")
    for name, field, length in LONGEST:
        value = _empty(named[name], {field: length})
        text = f"{length} entries of {field}, as many as there may be"
        words = f"types-root-longest-{_slug(name)}-{field.replace('_', '-')}"
        yield _root(words, text, name, value, "< for <=", "Boundary")


def _limbs() -> Iterator[Case]:
    """Five limbs and six, whose roots would be as deep."""
    for name in ("EdgeShare", "OpenedShare"):
        value = to_json(_empty(_named()[name], {"share": 5}))
        words = f"types-encode-{_slug(name)}"
        yield Case(
            "types.encode",
            f"{words}-five",
            "five limbs",
            {"container": name, "value": value},
            bug="< for <=",
            note=NOTE,
        )
        yield Case(
            "types.encode",
            f"{words}-six",
            "one limb more than a secret has",
            {"container": name, "value": {**value, "share": ["0"] * 6}},
            bug="only looks whether the tree is deep enough",
            flags=("Boundary",),
            note=NOTE,
            twin=f"{words}-five",
        )


CASES: tuple[Case, ...] = (*_cases(), *_limbs())
