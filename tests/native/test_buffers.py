"""Buffers at the border to Python: read in place, whatever owns them, or refused by name; never a crash.

The facade refuses; behind it the compiled module holds by itself against callers that go round the facade.
"""

from __future__ import annotations

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
    "shamir_share": (lambda buffer: kernels.shamir_share(buffer, 2, 3, KEY), np.arange(40, dtype=np.uint64)),
}


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
    """An array, one off its place, a part of one, a read-only one, a view of memory and an array.array."""
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
        for buffer in (bytearray(data), memoryview(data), array("b", data), matrix, matrix.view(np.int64)):
            assert kernels.sha256_chunks(buffer, 100) == wanted  # type: ignore[arg-type]
        for wrong in (matrix[:, ::2], matrix.T, None, 3, "text", [1, 2]):
            with pytest.raises(SpecError) as refusal:
                kernels.sha256_chunks(wrong, 100)  # type: ignore[arg-type]
            assert refusal.value.code is Code.KERNEL_ARGUMENT


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
