"""Buffers at the border to Python: read in place, whatever owns them, or refused by name; never a crash.

The facade refuses; behind it the compiled module holds by itself against callers that go round the facade.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import Code, SpecError

VARIANTS = [kernels.available_variants()[0], kernels.available_variants()[-1]]
NATIVE = [name for name in kernels.available_variants() if name != "python"]
KEY, STREAM = bytes(range(32)), bytes(12)
VECTOR = np.arange(-20, 20, dtype=np.int32)
SHARE = np.arange(40, dtype=np.uint64)
CALLS: dict[str, tuple[Callable[..., Any], np.ndarray]] = {
    "quantize": (lambda buffer: kernels.quantize(buffer, 8), np.linspace(-3, 3, 40, dtype=np.float32)),
    "quantize, double": (lambda buffer: kernels.quantize(buffer, 8), np.linspace(-3, 3, 40)),
    "dequantize": (lambda buffer: kernels.dequantize(buffer, 8), VECTOR),
    "domain_check": (kernels.domain_check, VECTOR),
    "clip_l2": (lambda buffer: kernels.clip_l2(buffer, 30), VECTOR),
    "div_round": (lambda buffer: kernels.div_round(buffer, 3, 7), VECTOR.astype(np.int64)),
    "weighted_sum": (lambda buffer: kernels.weighted_sum([buffer, VECTOR], [3, 4]), VECTOR),
    "coordinate_median": (lambda buffer: kernels.coordinate_median((buffer, VECTOR, VECTOR)), VECTOR),
    "trimmed_sum": (lambda buffer: kernels.trimmed_sum([buffer, VECTOR, VECTOR], 1), VECTOR),
    "nearest_sum": (lambda buffer: kernels.nearest_sum([buffer, VECTOR], 1), VECTOR),
    "pairwise_sqdist": (lambda buffer: kernels.pairwise_sqdist([buffer, VECTOR]), VECTOR),
    "mask_add": (lambda buffer: kernels.mask_add(buffer, KEY, STREAM, False), np.arange(40, dtype=np.uint32)),
    "shamir_share": (lambda buffer: kernels.shamir_share(buffer, 2, 3, KEY), SHARE),
}


NUMBERS: dict[str, Any] = {
    "i": ctypes.c_int,
    "l": ctypes.c_long,
    "I": ctypes.c_uint,
    "L": ctypes.c_ulong,
    "f": ctypes.c_float,
    "d": ctypes.c_double,
}
OTHER_NAMES = {"l": "q", "L": "Q"} if np.dtype("l").itemsize == 8 else {"i": "l", "I": "L"}
SELF: list[Any] = []
SELF.append(SELF)


class Pair(ctypes.Structure):
    """Two numbers an element."""

    _fields_ = (("first", ctypes.c_int), ("second", ctypes.c_short))


class Subclass(np.ndarray):
    """An array all the same."""


class Liar(list[Any]):
    """A list whose length and items are not those it is made of."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: Any) -> Any:
        return None


def plain(result: Any) -> Any:
    if isinstance(result, list | tuple):
        return [plain(item) for item in result]
    return result.tolist() if hasattr(result, "tolist") else result


def off_place(values: np.ndarray) -> np.ndarray:
    """The same numbers one byte off their natural place."""
    memory = np.zeros(values.nbytes + 1, dtype=np.uint8)
    memory[1:] = values.view(np.uint8)
    return memory[1:].view(values.dtype)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", CALLS)
def test_every_owner_gives_the_same(name: str, variant: str) -> None:
    """An array, one off its place, a part of one, a read-only one, a view of memory and an array.array.

    So do arrays whose type has another name or says its order, arrays of ctypes, files in memory and subclasses.
    """
    call, values = CALLS[name]
    frozen = values.copy()
    frozen.flags.writeable = False
    longer = np.concatenate([values, values])
    buffers = {
        "unaligned": off_place(values),
        "part": longer[: values.size],
        "read-only": frozen,
        "memoryview": memoryview(values),
        "memoryview of bytes, cast": memoryview(values.tobytes()).cast(values.dtype.char),
        "array.array": array(values.dtype.char, values.tolist()),
        "array.array of another name": array(OTHER_NAMES.get(values.dtype.char, values.dtype.char), values.tolist()),
        "order said": values.astype(values.dtype.newbyteorder("<" if sys.byteorder == "little" else ">")),
        "ctypes": memoryview((NUMBERS[values.dtype.char] * values.size)(*values.tolist())),
        "subclass": values.view(Subclass),
    }
    assert not buffers["unaligned"].flags.aligned
    with kernels.use_variant(variant):
        wanted = plain(call(values))
        for owner, buffer in buffers.items():
            assert plain(call(buffer)) == wanted, owner


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", CALLS)
def test_every_wrong_buffer_is_refused_by_name(name: str, variant: str) -> None:
    """Another type, another width, foreign byte order, gaps, two dimensions, nothing in it, no buffer at all."""
    call, values = CALLS[name]
    released = memoryview(values)
    released.release()
    wrong: list[Any] = [
        values.astype(np.int8),
        values.astype(np.complex128),
        values.astype(values.dtype.newbyteorder()),
        np.repeat(values, 2)[::2],
        values[::-1],
        values.reshape(4, 10),
        memoryview(values)[::2],
        memoryview(values.tobytes()),
        memoryview(values).cast("B").cast("?"),
        array("b", [1] * 40),
        values.astype(object),
        values.tolist(),
        released,
        values[:1].reshape(()),
        memoryview(values[:1].reshape(())),
        np.broadcast_to(values[:1], (40,)),
        np.ma.array(values, mask=[True] + [False] * 39),
        values.view([("a", values.dtype)]),
        memoryview(values.astype(object)),
        memoryview((Pair * 4)()),
        memoryview(np.zeros(4, dtype=[("a", "f4"), ("b", object)])),
        np.zeros(40, dtype="m8[s]"),
        values.astype(np.float16),
        values.astype(bool),
        SELF,
        None,
        7,
        "text",
        b"bytes",
    ]
    with kernels.use_variant(variant):
        for buffer in wrong:
            with pytest.raises(SpecError) as refusal:
                call(buffer)
            assert refusal.value.code is Code.KERNEL_ARGUMENT, repr(buffer)
        for empty in (values[:0], array(values.dtype.char), memoryview(values)[:0]):
            with pytest.raises(SpecError) as refusal:
                call(empty)
            assert refusal.value.code is Code.EMPTY


@pytest.mark.parametrize("variant", VARIANTS)
def test_bytes_of_any_owner(variant: str) -> None:
    """Bytes are read in place from bytes, bytearray, memoryview, array and contiguous arrays of any shape."""
    data = bytes(range(256)) * 3
    matrix = np.frombuffer(data, dtype=np.uint8).reshape(16, 48)
    with kernels.use_variant(variant):
        wanted = kernels.sha256_chunks(data, 100)
        foreign = memoryview(matrix.view(np.int64)).cast("B").cast("d")
        for buffer in (
            bytearray(data),
            memoryview(data),
            array("b", data),
            matrix,
            matrix.view(np.int64),
            matrix.view(">i2"),
            matrix.view(Subclass),
            matrix.view([("O", np.int64), ("b", np.int64)]),
            foreign,
            memoryview((ctypes.c_short * 384).from_buffer_copy(data)),
        ):
            assert kernels.sha256_chunks(buffer, 100) == wanted  # type: ignore[arg-type]
        released = memoryview(data)
        released.release()
        for wrong in (
            matrix[:, ::2],
            matrix.T,
            memoryview(data)[::-1],
            released,
            matrix.astype(object),  # its bytes are addresses
            memoryview(matrix.astype(object)),
            memoryview(np.zeros(4, dtype=[("a", "f4"), ("b", object)])),
            matrix.view("m8[s]"),
            np.ma.array(matrix),
            None,
            3,
            "text",
            [1, 2],
        ):
            with pytest.raises(SpecError) as refusal:
                kernels.sha256_chunks(wrong, 100)  # type: ignore[arg-type]
            assert refusal.value.code is Code.KERNEL_ARGUMENT


LISTS: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
    "vectors": (lambda vectors: kernels.weighted_sum(vectors, [3, 4]), [VECTOR, VECTOR]),
    "weights": (lambda weights: kernels.weighted_sum([VECTOR, VECTOR], weights), [3, 4]),
    "of a median": (kernels.coordinate_median, [VECTOR, VECTOR]),
    "of distances": (kernels.pairwise_sqdist, [VECTOR, VECTOR]),
    "masks": (lambda masks: kernels.mask_add_many(SHARE, masks), [(KEY, STREAM, True), (KEY, STREAM, False)]),
    "shares": (lambda shares: kernels.shamir_reconstruct(shares, [0, 1], 2), [SHARE, SHARE]),
    "positions": (lambda positions: kernels.shamir_reconstruct([SHARE, SHARE], positions, 2), [0, 1]),
    "packed": (lambda shares: kernels.packed_reconstruct(shares, [0, 1], 1, 2), [SHARE, SHARE]),
    "packed positions": (lambda positions: kernels.packed_reconstruct([SHARE, SHARE], positions, 1, 2), [0, 1]),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_read_once(name: str, variant: str) -> None:
    """What is checked is what is computed with: the items of a list, whatever it says of itself at another time."""
    call, items = LISTS[name]
    with kernels.use_variant(variant):
        assert plain(call(Liar(items))) == plain(call(items)) == plain(call(tuple(items)))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_changes_meanwhile(name: str, variant: str) -> None:
    """A list that another thread shrinks and fills again gives the result of one of its states, or its refusal."""
    call, items = LISTS[name]
    shared, stop = list(items), threading.Event()

    def change() -> None:
        while not stop.is_set():
            shared.clear()
            shared.extend(items)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread = threading.Thread(target=change)
    try:
        thread.start()
        with kernels.use_variant(variant):
            wanted = plain(call(list(items)))
            for _ in range(10 if variant == "python" else 300):
                try:
                    assert plain(call(shared)) in (wanted, plain(SHARE))  # without a mask the vector stays as it is
                except SpecError as refusal:
                    assert refusal.code in (Code.EMPTY, Code.WEIGHT_COUNT, Code.POSITION_COUNT)
    finally:
        stop.set()
        sys.setswitchinterval(interval)
        thread.join()


def test_huge_sizes_are_refused_before_memory_is_touched() -> None:
    """A buffer that claims far more than there is, and a count that cannot be, are refused."""
    huge = np.broadcast_to(np.zeros(1, dtype=np.int32), (2**40,))
    with pytest.raises(SpecError) as refusal:
        kernels.domain_check(huge)
    assert refusal.value.code is Code.KERNEL_ARGUMENT
    with pytest.raises(SpecError) as refusal:
        kernels.weighted_sum([VECTOR] * 2048, [1] * 2048)
    assert refusal.value.code is Code.VECTOR_COUNT


@pytest.mark.parametrize("variant", NATIVE)
def test_inputs_are_not_copied(variant: str) -> None:
    """While a call runs, memory grows by its result and not by its input."""
    import tracemalloc

    vectors = [np.ones(400_000, dtype=np.int32) for _ in range(8)]
    views = [memoryview(vector) for vector in vectors]
    with kernels.use_variant(variant):
        tracemalloc.start()
        kernels.domain_check(views[0])  # type: ignore[arg-type]
        kernels.coordinate_median(views)  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < vectors[0].nbytes + 100_000


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
def test_results_are_fresh_and_inputs_stay() -> None:
    """No result shares memory with an input, and no call keeps a reference to one."""
    vectors = [VECTOR.copy(), VECTOR.copy()]
    count = sys.getrefcount(vectors[0])
    result = kernels.coordinate_median(vectors)
    after = sys.getrefcount(vectors[0])
    assert after == count
    assert not any(np.shares_memory(result, vector) for vector in vectors)
    assert result.flags.writeable
    result[:] = 7
    assert np.array_equal(vectors[0], VECTOR)


@pytest.mark.parametrize("variant", VARIANTS)
def test_inputs_may_overlap(variant: str) -> None:
    """Vectors, shares and secrets that are pieces of one memory give what copies of them give."""
    memory = np.arange(100, dtype=np.int32)
    views = [memory[n : n + 60] for n in range(7)] * 10
    copies = [view.copy() for view in views]
    numbers = np.arange(90, dtype=np.uint64)
    rows = [numbers[n : n + 50] for n in range(3)]
    with kernels.use_variant(variant):
        for rule in (kernels.coordinate_median, lambda v: kernels.trimmed_sum(v, 3), kernels.pairwise_sqdist):
            assert np.array_equal(rule(views), rule(copies))
        assert np.array_equal(kernels.weighted_sum(views, [3] * 70), kernels.weighted_sum(copies, [3] * 70))
        assert np.array_equal(
            kernels.shamir_reconstruct(rows, [0, 1, 2], 3),
            kernels.shamir_reconstruct([row.copy() for row in rows], [0, 1, 2], 3),
        )
    assert np.array_equal(memory, np.arange(100))


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
def test_the_module_holds_without_the_facade() -> None:
    """Called directly with wrong buffers the compiled module raises, and does not crash."""
    from bcfl_ref.kernels import _native

    context = _native.Context(NATIVE[-1])
    wrong: list[Any] = [
        None,
        3,
        "text",
        b"",
        np.zeros((2, 3), dtype=np.int16),
        VECTOR.astype(np.int8)[::2],
        [None],
        [[1]],
        object(),
    ]
    raised = (TypeError, ValueError, BufferError, SpecError, OverflowError, RuntimeError)
    for buffer in wrong:
        for call in (
            lambda b: context.quantize(b, 8),
            lambda b: context.dequantize(b, 8),
            context.domain_check,
            lambda b: context.clip_l2(b, 10),
            lambda b: context.div_round(b, 1, 1),
            lambda b: context.weighted_sum([b, b], [1, 1]),
            context.coordinate_median,
            context.pairwise_sqdist,
            lambda b: context.mask_add(b, KEY, STREAM, False),
            lambda b: context.mask_add(np.ones(3, dtype=np.uint32), b, STREAM, False),
            lambda b: context.shamir_share(b, 2, 3, KEY),
            lambda b: context.shamir_reconstruct([b, b], [0, 1], 2),
            lambda b: context.shamir_reconstruct([np.ones(2, dtype=np.uint64)] * 2, b, 2),
            lambda b: context.sha256_chunks(b, 0),
            lambda b: context.ssz_merkleize(b, 0),
        ):
            with pytest.raises(raised):
                call(buffer)


class Endless:
    """A sequence of any length it likes."""

    def __init__(self, item: Any, length: int) -> None:
        self.item, self.length = item, length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Any:
        return self.item


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
@pytest.mark.parametrize("length", [2**20, 2**31, 2**58, 2**59, 2**60, 2**63 - 1])
def test_the_module_refuses_lengths_that_cannot_be(length: int) -> None:
    """A sequence that claims more items than memory holds is refused before a place is made for them."""
    from bcfl_ref.kernels import _native

    context, share = _native.Context(NATIVE[-1]), np.ones(3, dtype=np.uint64)
    vectors, shares, positions = (Endless(item, length) for item in (VECTOR, share, 1))
    for call in (
        lambda: context.coordinate_median(vectors),
        lambda: context.pairwise_sqdist(vectors),
        lambda: context.weighted_sum(vectors, positions),
        lambda: context.shamir_reconstruct(shares, positions, 2),
        lambda: context.packed_reconstruct(shares, positions, 2, 3),
    ):
        with pytest.raises(SpecError) as refusal:
            call()
        assert refusal.value.code in (Code.VECTOR_COUNT, Code.SHARE_COUNT)
    if length >= 2**58:
        with pytest.raises((MemoryError, ValueError)):
            context.mask_add_many(share, Endless((KEY, STREAM, True), length))


@pytest.mark.parametrize("variant", NATIVE[-1:])
def test_other_threads_run_during_a_call(variant: str) -> None:
    """A thread that counts goes on counting while a long call runs: the lock of the interpreter is let go."""
    vectors = [np.ones(1_000_000, dtype=np.int32) for _ in range(48)]
    counted, stop = [0], threading.Event()

    def count() -> None:
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)  # so that nothing but a call that lets go gives the counter a turn
    thread = threading.Thread(target=count)
    try:
        thread.start()
        before = counted[0]
        with kernels.use_variant(variant):
            for _ in range(20):
                kernels.coordinate_median(vectors)
        assert counted[0] > before + 10
    finally:
        stop.set()
        sys.setswitchinterval(interval)
        thread.join()
