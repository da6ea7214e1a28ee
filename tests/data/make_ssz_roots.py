"""Make ssz_roots.json with a second, independent SSZ implementation (run by hand, never by the tests).

    pip install remerkleable==0.1.28        # beside the package's own dependencies
    python tests/data/make_ssz_roots.py > tests/data/ssz_roots.json

Two values of every container: one with empty lists and small numbers, one with lists of several elements, full
bitlists and large numbers. The second implementation serialises and hashes them; ours must give the same bytes
and roots. The containers are built from the same annotations, so what is checked is SSZ, not the field lists.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from typing import Any, get_args

from bcfl_ref import types
from remerkleable import basic, bitfields, byte_arrays
from remerkleable import complex as composite

UINTS = {8: basic.uint8, 16: basic.uint16, 32: basic.uint32, 64: basic.uint64}


def other_type(hint: Any) -> Any:
    """The second implementation's type for one of our annotations."""
    if hint is bool:
        return basic.boolean
    if isinstance(hint, type) and issubclass(hint, types.Container):
        fields = {name: other_type(field) for name, field in hint.FIELD_TYPES.items()}
        return type(hint.__name__, (composite.Container,), {"__annotations__": fields})
    match get_args(hint)[1]:
        case types.UintOf(bits):
            return UINTS[bits]
        case types.BytesOf(length):
            return byte_arrays.ByteVector[length]
        case types.BytesUpTo(limit):
            return byte_arrays.ByteList[limit]
        case types.BitsUpTo(limit):
            return bitfields.Bitlist[limit]
        case types.ListUpTo(limit):
            return composite.List[other_type(types.element_type(hint)), limit]
    raise TypeError(hint)


def stream(label: str, length: int) -> bytes:
    """Bytes that anybody can make again: SHA-256 of label and counter."""
    blocks = (hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def other_value(hint: Any, label: str, full: bool, depth: int = 0) -> Any:
    """A value of the second implementation's type; `full` has elements and large numbers."""
    made = other_type(hint)
    if hint is bool:
        return made(full)
    if isinstance(hint, type) and issubclass(hint, types.Container):
        fields = hint.FIELD_TYPES.items()
        return made(**{n: other_value(f, f"{label}.{n}", full, depth) for n, f in fields})
    match get_args(hint)[1]:
        case types.UintOf(bits):
            return made(int.from_bytes(stream(label, bits // 8), "little") if full else len(label) % 3)
        case types.BytesOf(length):
            return made(stream(label, length))
        case types.BytesUpTo(limit):
            return made(stream(label, min(limit, 37)) if full else b"")
        case types.BitsUpTo(limit):
            return made([bool(byte & 1) for byte in stream(label, min(limit, 300))] if full else [])
        case types.ListUpTo(limit):
            count = min(limit, 3 if depth < 2 else 1) if full else 0
            items = [other_value(types.element_type(hint), f"{label}[{i}]", full, depth + 1) for i in range(count)]
            return made(items)
    raise TypeError(hint)


def main() -> None:
    """Print the vectors."""
    containers = [
        found
        for _, found in sorted(inspect.getmembers(types, inspect.isclass))
        if issubclass(found, types.Container) and found is not types.Container
    ]
    vectors = []
    for container in containers:
        for full in (False, True):
            value = other_value(container, container.__name__, full)
            vectors.append(
                {
                    "container": container.__name__,
                    "encoding": "0x" + value.encode_bytes().hex(),
                    "root": "0x" + value.hash_tree_root().hex(),
                }
            )
    provenance = "serialised and hashed by remerkleable 0.1.28; see make_ssz_roots.py"
    json.dump({"provenance": provenance, "vectors": vectors}, sys.stdout, indent=0)
    print()


if __name__ == "__main__":
    main()
