"""What every kernel asks of its arguments before it looks at their content, one check per kernel.

The facade calls the check of the same name once, whatever the backend, so that all backends refuse alike.
What can only be seen by reading the numbers (NaN, a coordinate outside +-Q, a sum out of range) is refused by
the backends themselves. The order of the guards is normative (`spec/aggregation.md`).
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from ..errors import Code, SpecError
from .limits import (
    CHUNK_BYTES_MAX,
    DIVISOR_MAX,
    FRACTION_BITS_MAX,
    MERKLE_LIMIT_MAX,
    MULTIPLIER_MAX,
    NOISE_COUNT_MAX,
    NORM_BOUND_MAX,
    SHARES_MAX,
    VARIANCE_MAX,
    VECTORS_MAX,
    WEIGHT_MAX,
)

_BUFFERS: Final[tuple[type[Any], ...]] = (memoryview, array, np.ndarray)


def _as_array(value: Any) -> Any:
    """A buffer of numbers as a plain array over the same memory; the same inside a list or tuple, then a new tuple.

    What is no buffer, holds more than one number an element, or has a mask, which a plain array would lose, stays as
    it is, for a check to refuse.
    """
    if isinstance(value, list | tuple):
        return tuple(item if type(item) is np.ndarray else _one_array(item) for item in value)
    return _one_array(value)


def _one_array(value: Any) -> Any:
    if isinstance(value, _BUFFERS) and not isinstance(value, np.ma.MaskedArray):
        try:
            return np.asarray(value) if len(memoryview(value).format.lstrip("@=<>!^")) == 1 else value
        except (ValueError, TypeError, BufferError, NotImplementedError):
            return value
    return value


def _as_bytes(value: Any) -> Any:
    """A contiguous buffer of the standard library or array as a view of the same memory; anything else stays."""
    if isinstance(value, bytes):
        return value if type(value) is bytes else memoryview(value).tobytes()
    if isinstance(value, array):
        return memoryview(value)
    if isinstance(value, np.ndarray) and value.flags.c_contiguous and not isinstance(value, np.ma.MaskedArray):
        try:
            return np.asarray(value).data
        except ValueError:  # an array of times
            return value
    return value


def _integer(value: object, low: int, high: int, code: Code, name: str) -> None:
    if type(value) is not int:
        raise SpecError(Code.KERNEL_ARGUMENT, f"{name} must be an int, not {type(value).__name__}")
    if not low <= value <= high:
        raise SpecError(code, f"{name} {value} is outside {low}..{high}")


def _array(value: object, dtypes: tuple[type[np.generic], ...], name: str) -> None:
    if type(value) is not np.ndarray:
        raise SpecError(Code.KERNEL_ARGUMENT, f"{name} must be a numpy array, not {type(value).__name__}")
    known = value.dtype.type in dtypes and value.dtype.isnative
    if not known and value.dtype not in [np.dtype(dtype) for dtype in dtypes]:  # one type has several names
        wanted = " or ".join(np.dtype(dtype).name for dtype in dtypes)
        raise SpecError(Code.KERNEL_ARGUMENT, f"{name} must hold native {wanted}, not {value.dtype}")
    if value.ndim != 1 or not value.flags.c_contiguous:
        raise SpecError(Code.KERNEL_ARGUMENT, f"{name} must be a contiguous vector, its shape is {value.shape}")
    if value.size == 0:
        raise SpecError(Code.EMPTY, f"{name} has no elements")


_INT32: Final = np.dtype(np.int32)


def _all_alike_in_python(vectors: object) -> bool:
    if type(vectors) not in (list, tuple):
        return False
    items: Sequence[Any] = vectors  # type: ignore[assignment]
    shape: tuple[int, ...] = items[0].shape if items and type(items[0]) is np.ndarray else ()
    if len(shape) != 1 or shape[0] == 0:
        return False
    for vector in items:
        if type(vector) is not np.ndarray or vector.dtype != _INT32 or vector.shape != shape:
            return False
        if not vector.flags.c_contiguous:
            return False
    return True


def _all_alike_here() -> Callable[[object], bool]:
    """The compiled answer if there is one; the package says what the absence of its module means."""
    try:
        from . import _native
    except ImportError:
        return _all_alike_in_python
    return getattr(_native, "all_alike", _all_alike_in_python)


_all_alike: Final = _all_alike_here()
"""Whether no check below can refuse these vectors: the answer for most calls, in a fraction of the time."""


def _vectors(vectors: object) -> int:
    """Type of the sequence, then 1 <= n, n <= VECTORS_MAX, each vector, equal lengths; gives n."""
    if not isinstance(vectors, list | tuple):
        raise SpecError(Code.KERNEL_ARGUMENT, f"vectors must be a list or tuple, not {type(vectors).__name__}")
    if not vectors:
        raise SpecError(Code.EMPTY, "no vectors")
    if len(vectors) > VECTORS_MAX:
        raise SpecError(Code.VECTOR_COUNT, f"{len(vectors)} vectors, at most {VECTORS_MAX}")
    if _all_alike(vectors):
        return len(vectors)
    for position, vector in enumerate(vectors):
        _array(vector, (np.int32,), f"vector {position}")
    for position, vector in enumerate(vectors):
        if vector.size != vectors[0].size:
            raise SpecError(
                Code.VECTOR_LENGTH,
                f"vector {position} has {vector.size} elements, vector 0 has {vectors[0].size}",
            )
    return len(vectors)


def quantize(values: object, fraction_bits: object) -> None:
    """AGG-003: the arguments of `quantize`."""
    _array(values, (np.float32, np.float64), "values")
    _integer(fraction_bits, 0, FRACTION_BITS_MAX, Code.FRACTION_BITS, "fraction_bits")


def dequantize(values: object, fraction_bits: object) -> None:
    """AGG-004: the arguments of `dequantize`."""
    _array(values, (np.int32,), "values")
    _integer(fraction_bits, 0, FRACTION_BITS_MAX, Code.FRACTION_BITS, "fraction_bits")


def domain_check(vector: object) -> None:
    """AGG-005: the argument of `domain_check`."""
    _array(vector, (np.int32,), "vector")


def weighted_sum(vectors: object, weights: Sequence[Any]) -> None:
    """AGG-006: the arguments of `weighted_sum`."""
    count = _vectors(vectors)
    if not isinstance(weights, list | tuple):
        raise SpecError(Code.KERNEL_ARGUMENT, f"weights must be a list or tuple, not {type(weights).__name__}")
    if len(weights) != count:
        raise SpecError(Code.WEIGHT_COUNT, f"{len(weights)} weights for {count} vectors")
    for position, weight in enumerate(weights):
        if type(weight) is int and 0 <= weight <= WEIGHT_MAX:
            continue
        _integer(weight, 0, WEIGHT_MAX, Code.WEIGHT_RANGE, f"weight {position}")


def div_round(numerators: object, multiplier: object, divisor: object) -> None:
    """AGG-007: the arguments of `div_round`."""
    _array(numerators, (np.int64,), "numerators")
    _integer(multiplier, 1, MULTIPLIER_MAX, Code.MULTIPLIER_RANGE, "multiplier")
    _integer(divisor, 1, DIVISOR_MAX, Code.DIVISOR_RANGE, "divisor")


def coordinate_median(vectors: object) -> None:
    """AGG-008: the arguments of `coordinate_median`."""
    _vectors(vectors)


def trimmed_sum(vectors: object, trim: object) -> None:
    """AGG-009: the arguments of `trimmed_sum`; 2 * trim < n."""
    count = _vectors(vectors)
    _integer(trim, 0, (count - 1) // 2, Code.TRIM_RANGE, "trim")


def nearest_sum(vectors: object, keep: object) -> None:
    """AGG-015: the arguments of `nearest_sum`; 1 <= keep <= n."""
    count = _vectors(vectors)
    _integer(keep, 1, count, Code.SELECT_RANGE, "keep")


def pairwise_sqdist(vectors: object) -> None:
    """AGG-014: the arguments of `pairwise_sqdist`."""
    _vectors(vectors)


def clip_l2(vector: object, bound: object) -> None:
    """AGG-011: the arguments of `clip_l2`."""
    _array(vector, (np.int32,), "vector")
    _integer(bound, 1, NORM_BOUND_MAX, Code.NORM_BOUND_RANGE, "bound")


def _readable(view: memoryview) -> bool:
    """Whether the bytes lie together and mean the same in every process."""
    try:
        return view.c_contiguous and "O" not in re.sub(":[^:]*:", "", view.format)  # without the names of fields
    except ValueError:  # it was released
        return False


def sha256_chunks(data: object, chunk_bytes: object) -> None:
    """AGG-012: the arguments of `sha256_chunks`."""
    if not isinstance(data, bytes | bytearray | memoryview):
        raise SpecError(Code.KERNEL_ARGUMENT, f"data must be bytes-like, not {type(data).__name__}")
    if isinstance(data, memoryview) and not _readable(data):
        raise SpecError(Code.KERNEL_ARGUMENT, "data must be contiguous, and hold no references")
    if (data.nbytes if isinstance(data, memoryview) else len(data)) == 0:
        raise SpecError(Code.EMPTY, "data has no bytes")
    _integer(chunk_bytes, 1, CHUNK_BYTES_MAX, Code.CHUNK_BYTES, "chunk_bytes")


def ssz_merkleize(chunks: object, limit: object) -> None:
    """AGG-013: the arguments of `ssz_merkleize`."""
    if not isinstance(chunks, bytes):
        raise SpecError(Code.KERNEL_ARGUMENT, f"chunks must be bytes, not {type(chunks).__name__}")
    if len(chunks) % 32 != 0:
        raise SpecError(Code.MERKLE_LENGTH, f"{len(chunks)} bytes are not whole 32-byte chunks")
    _integer(limit, 1, MERKLE_LIMIT_MAX, Code.MERKLE_LIMIT, "limit")
    if isinstance(limit, int) and len(chunks) // 32 > limit:
        raise SpecError(Code.MERKLE_LIMIT, f"{len(chunks) // 32} chunks, the limit is {limit}")


def _bytes(value: object, length: int, name: str) -> None:
    if not isinstance(value, bytes):
        raise SpecError(Code.KERNEL_ARGUMENT, f"{name} must be bytes, not {type(value).__name__}")
    if bytes.__len__(value) != length:  # whatever a subclass says
        raise SpecError(Code.KEY_LENGTH, f"{name} has {bytes.__len__(value)} bytes, not {length}")


def mask_add(vector: object, key: object, stream: object, subtract: object) -> None:
    """PRV-013: the arguments of `mask_add`."""
    _array(vector, (np.uint32, np.uint64), "vector")
    _mask(key, stream, subtract)


def mask_add_many(vector: object, masks: object) -> None:
    """PRV-013: the arguments of `mask_add_many`; those of each mask in turn."""
    _array(vector, (np.uint32, np.uint64), "vector")
    if not isinstance(masks, list | tuple):
        raise SpecError(Code.KERNEL_ARGUMENT, f"masks must be a list or tuple, not {type(masks).__name__}")
    for mask in masks:
        if not isinstance(mask, tuple) or len(mask) != 3:
            raise SpecError(Code.KERNEL_ARGUMENT, "a mask is a tuple (key, stream, subtract)")
        _mask(*mask)


def _mask(key: object, stream: object, subtract: object) -> None:
    _bytes(key, 32, "key")
    _bytes(stream, 12, "stream")
    if not isinstance(subtract, bool):
        raise SpecError(Code.KERNEL_ARGUMENT, f"subtract must be a bool, not {type(subtract).__name__}")


def shamir_share(secrets: object, threshold: object, count: object, seed: object) -> None:
    """PRV-016: the arguments of `shamir_share`."""
    _array(secrets, (np.uint64,), "secrets")
    _integer(count, 2, SHARES_MAX, Code.SHARE_COUNT, "count")
    _integer(threshold, 2, _int(count), Code.THRESHOLD_RANGE, "threshold")
    _bytes(seed, 32, "seed")


def packed_share(secrets: object, pack: object, threshold: object, count: object, seed: object) -> None:
    """PRV-018: the arguments of `packed_share`."""
    _array(secrets, (np.uint64,), "secrets")
    _integer(count, 2, SHARES_MAX, Code.SHARE_COUNT, "count")
    _integer(pack, 1, _int(count) - 1, Code.PACK_RANGE, "pack")
    _integer(threshold, _int(pack) + 1, _int(count), Code.THRESHOLD_RANGE, "threshold")
    if isinstance(secrets, np.ndarray) and secrets.size % _int(pack):
        raise SpecError(Code.PACK_LENGTH, f"{secrets.size} secrets are not whole blocks of {pack}")
    _bytes(seed, 32, "seed")


def _int(value: object) -> int:
    """A value that `_integer` has let pass."""
    return value if isinstance(value, int) else 0


def _shares(shares: object, positions: object) -> None:
    """The guards that both reconstructions begin with."""
    if not isinstance(shares, list | tuple) or not isinstance(positions, list | tuple):
        raise SpecError(Code.KERNEL_ARGUMENT, "shares and positions must be lists or tuples")
    if not shares:
        raise SpecError(Code.EMPTY, "no shares")
    if len(shares) > SHARES_MAX:
        raise SpecError(Code.SHARE_COUNT, f"{len(shares)} shares, at most {SHARES_MAX}")
    for place, share in enumerate(shares):
        _array(share, (np.uint64,), f"share {place}")
    for place, share in enumerate(shares):
        if share.size != shares[0].size:
            raise SpecError(Code.VECTOR_LENGTH, f"share {place} has {share.size} elements, not {shares[0].size}")
    if len(positions) != len(shares):
        raise SpecError(Code.POSITION_COUNT, f"{len(positions)} positions for {len(shares)} shares")
    for place, position in enumerate(positions):
        _integer(position, 0, SHARES_MAX - 1, Code.POSITION_RANGE, f"position {place}")
    if any(before >= after for before, after in pairwise(positions)):
        raise SpecError(Code.POSITION_ORDER, "positions must ascend strictly")


def shamir_reconstruct(shares: Sequence[Any], positions: object, threshold: object) -> None:
    """PRV-017: the arguments of `shamir_reconstruct`."""
    _shares(shares, positions)
    _integer(threshold, 2, SHARES_MAX, Code.THRESHOLD_RANGE, "threshold")
    if len(shares) < _int(threshold):
        raise SpecError(Code.SHARES_MISSING, f"{len(shares)} shares, {threshold} are needed")


def packed_reconstruct(shares: Sequence[Any], positions: object, pack: object, threshold: object) -> None:
    """PRV-019: the arguments of `packed_reconstruct`."""
    _shares(shares, positions)
    _integer(pack, 1, SHARES_MAX - 1, Code.PACK_RANGE, "pack")
    _integer(threshold, _int(pack) + 1, SHARES_MAX, Code.THRESHOLD_RANGE, "threshold")
    if len(shares) < _int(threshold):
        raise SpecError(Code.SHARES_MISSING, f"{len(shares)} shares, {threshold} are needed")


def discrete_gaussian(count: object, numerator: object, denominator: object, seed: object) -> None:
    """PRV-063: the arguments of `discrete_gaussian`."""
    _integer(count, 0, NOISE_COUNT_MAX, Code.VECTOR_LENGTH, "count")
    if count == 0:
        raise SpecError(Code.EMPTY, "no samples")
    _integer(numerator, 1, VARIANCE_MAX, Code.VARIANCE_RANGE, "numerator")
    _integer(denominator, 1, VARIANCE_MAX, Code.VARIANCE_RANGE, "denominator")
    _bytes(seed, 32, "seed")
