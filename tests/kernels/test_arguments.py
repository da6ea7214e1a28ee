"""The short answer whether vectors are beyond reproach: compiled and in Python the same, and never too kind."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import SpecError
from bcfl_ref.kernels import _arguments


class Subclass(np.ndarray):
    """No plain array, though it holds the same."""


class Sequence(list[Any]):
    """No plain list."""


GOOD = np.arange(6, dtype=np.int32)
ITEMS: dict[str, Any] = {
    "good": GOOD,
    "good too": -GOOD,
    "a view": np.arange(20, dtype=np.int32)[3:9],
    "unaligned": np.frombuffer(b"\0" * 25, dtype=np.int32, offset=1, count=6),
    "read only": np.frombuffer(bytes(24), dtype=np.int32),
    "shorter": GOOD[:5],
    "empty": GOOD[:0],
    "every second": np.arange(12, dtype=np.int32)[::2],
    "backwards": GOOD[::-1],
    "a matrix": GOOD.reshape(2, 3),
    "no dimension": np.array(5, dtype=np.int32),
    "int64": GOOD.astype(np.int64),
    "uint32": GOOD.astype(np.uint32),
    "float32": GOOD.astype(np.float32),
    "other order": GOOD.astype(">i4" if np.little_endian else "<i4"),
    "objects": GOOD.astype(object),
    "a record": GOOD.view([("a", np.int32)]),
    "a subclass": GOOD.view(Subclass),
    "a memoryview": memoryview(GOOD),
    "a list": [1, 2, 3, 4, 5, 6],
    "nothing": None,
}
ACCEPTED = {"good", "good too", "a view", "unaligned", "read only"}
NATIVE = kernels._native_module is not None


CHOICES = [names for count in range(3) for names in product(ITEMS, repeat=count)] + [("good",) * 40 + ("shorter",)]


@pytest.mark.parametrize("answer", [_arguments._all_alike, _arguments._all_alike_in_python])
@pytest.mark.parametrize("form", [list, tuple, Sequence, iter])
def test_all_alike(answer: Any, form: Any) -> None:
    """Exactly lists and tuples of plain int32 arrays of one length are alike; the compiled answer is the twin's."""
    for names in CHOICES:
        sound = len(names) > 0 and (set(names) <= ACCEPTED or set(names) == {"shorter"})
        assert answer(form([ITEMS[name] for name in names])) is (sound and form in (list, tuple)), names


def test_never_too_kind() -> None:
    """What the whole check refuses is never alike."""
    for names in CHOICES:
        vectors = [ITEMS[name] for name in names]
        try:
            _arguments.coordinate_median(vectors)
        except SpecError:
            assert not _arguments._all_alike(vectors), names


@pytest.mark.skipif(not NATIVE, reason="needs the compiled module")
def test_the_compiled_answer_is_in_use() -> None:
    """Where the compiled module is installed, its answer is the one that is asked."""
    assert _arguments._all_alike is kernels._native_module.all_alike  # type: ignore[union-attr]
