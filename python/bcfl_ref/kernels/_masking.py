"""The pure twins of masks and secret sharing (PRV-013 ... PRV-019), as readable loops over Python integers.

They work on secrets and do NOT run in constant time: Python's integers take longer when they are larger. They say
what the fast kernels must compute; a node with anything to hide uses those. Arguments have passed the check of the
same name in `_arguments`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import Code, SpecError
from .limits import FIELD_MODULUS

Words = NDArray[Any]
Elements = NDArray[np.uint64]
Matrix = list[list[int]]

_CONSTANTS = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)
_QUARTERS = (
    (0, 4, 8, 12),
    (1, 5, 9, 13),
    (2, 6, 10, 14),
    (3, 7, 11, 15),
    (0, 5, 10, 15),
    (1, 6, 11, 12),
    (2, 7, 8, 13),
    (3, 4, 9, 14),
)
_SAMPLES_STREAM = b"\2" + bytes(11)
"""PRV-016: the stream id of polynomial coefficients."""


# ---------------------------------------------------------------------------------------------------------
# The mask stream


def _rotated(word: int, count: int) -> int:
    return (word << count | word >> (32 - count)) & 0xFFFFFFFF


def _block(key: bytes, counter: int, stream: bytes) -> bytes:
    """PRV-013: The 64 bytes of one ChaCha20 block (RFC 8439, section 2.3)."""
    tail = key + counter.to_bytes(4, "little") + stream
    initial = [*_CONSTANTS, *(int.from_bytes(tail[at : at + 4], "little") for at in range(0, 48, 4))]
    state = list(initial)
    for _ in range(10):
        for a, b, c, d in _QUARTERS:
            for into, other, target, count in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                state[into] = (state[into] + state[other]) & 0xFFFFFFFF
                state[target] = _rotated(state[target] ^ state[into], count)
    mixed = ((word + before) & 0xFFFFFFFF for word, before in zip(state, initial, strict=True))
    return b"".join(word.to_bytes(4, "little") for word in mixed)


def _stream(key: bytes, stream: bytes, width: int) -> Iterator[int]:
    """PRV-013: The little-endian words of `width` bytes of the key stream, block counter from 0."""
    counter = 0
    while True:
        block = _block(key, counter, stream)
        yield from (int.from_bytes(block[at : at + width], "little") for at in range(0, 64, width))
        counter += 1


def mask_add(vector: Words, key: bytes, stream: bytes, subtract: bool) -> Words:
    """PRV-013: The vector with the words of a key stream added, or subtracted, modulo 2^32 or 2^64.

    The element type says which ring it is.
    """
    width = vector.dtype.itemsize
    ring, sign = 1 << 8 * width, -1 if subtract else 1
    mask = _stream(key, stream, width)
    masked = [(value + sign * next(mask)) % ring for value in vector.tolist()]
    return np.array(masked, dtype=vector.dtype)


def mask_add_many(vector: Words, masks: Sequence[tuple[bytes, bytes, bool]]) -> Words:
    """PRV-013: The vector with several masks, each (key, stream id, subtract), added one after another."""
    masked = vector.copy()
    for key, stream, subtract in masks:
        masked = mask_add(masked, key, stream, subtract)
    return masked


# ---------------------------------------------------------------------------------------------------------
# The field


def field_samples(words: Iterator[int]) -> Iterator[int]:
    """PRV-015: Uniform field elements from 64-bit words: the low 61 bits, and the one value too many skipped."""
    for word in words:
        candidate = word & FIELD_MODULUS
        if candidate != FIELD_MODULUS:
            yield candidate


def _samples(seed: bytes) -> Iterator[int]:
    return field_samples(_stream(seed, _SAMPLES_STREAM, 8))


def _elements(values: Elements, name: str) -> list[int]:
    """The array as integers below the modulus."""
    elements: list[int] = values.tolist()
    for index, value in enumerate(elements):
        if value >= FIELD_MODULUS:
            raise SpecError(Code.FIELD_RANGE, f"{name}: element {index} is not below 2^61 - 1")
    return elements


def _weights_at(points: Sequence[int], target: int) -> list[int]:
    """Lagrange: f(target) is the sum of these weights times f(point), for every f of degree below len(points)."""
    weights = []
    for i, point in enumerate(points):
        numerator, denominator = 1, 1
        for j, other in enumerate(points):
            if i != j:
                numerator = numerator * (target - other) % FIELD_MODULUS
                denominator = denominator * (point - other) % FIELD_MODULUS
        weights.append(numerator * pow(denominator, -1, FIELD_MODULUS) % FIELD_MODULUS)
    return weights


def _combined(weights: Sequence[int], rows: Sequence[Sequence[int]]) -> list[int]:
    """The weighted sum of rows, element by element."""
    columns = zip(*rows, strict=True)
    return [sum(w * v for w, v in zip(weights, column, strict=True)) % FIELD_MODULUS for column in columns]


def _arrays(rows: Sequence[Sequence[int]]) -> list[Elements]:
    return [np.array(row, dtype=np.uint64) for row in rows]


# ---------------------------------------------------------------------------------------------------------
# Shamir's sharing


def shamir_share(secrets: Elements, threshold: int, count: int, seed: bytes) -> list[Elements]:
    """PRV-016: `count` shares of each secret, any `threshold` of which determine it and fewer say nothing.

    Row i is f(i + 1) for every secret, f(0) being the secret and the other coefficients samples of the seed:
    those of the first secret first, within a secret from the lowest power up.
    """
    samples = _samples(seed)
    polynomials = [[s, *islice(samples, threshold - 1)] for s in _elements(secrets, "secrets")]
    rows = []
    for position in range(count):
        row = []
        for coefficients in polynomials:
            value = 0
            for coefficient in reversed(coefficients):
                value = (value * (position + 1) + coefficient) % FIELD_MODULUS
            row.append(value)
        rows.append(row)
    return _arrays(rows)


def shamir_reconstruct(shares: Sequence[Elements], positions: Sequence[int], threshold: int) -> Elements:
    """PRV-017: The secrets from the shares at the first `threshold` of the given positions."""
    rows = [_elements(share, f"share {position}") for position, share in zip(positions, shares, strict=True)]
    points = [position + 1 for position in positions[:threshold]]
    return np.array(_combined(_weights_at(points, 0), rows[:threshold]), dtype=np.uint64)


# ---------------------------------------------------------------------------------------------------------
# Packed sharing


def packed_share(secrets: Elements, pack: int, threshold: int, count: int, seed: bytes) -> list[Elements]:
    """PRV-018: `count` shares of blocks of `pack` secrets, any `threshold` of which determine a block.

    Secret j of a block is f(-1 - j). The first threshold - pack shares are samples of the seed, block after block,
    so as many shares together say nothing; the others follow from the degree, which is below the threshold.
    """
    elements, samples, private = _elements(secrets, "secrets"), _samples(seed), threshold - pack
    blocks = [elements[at : at + pack] for at in range(0, len(elements), pack)]
    known = [[*block, *islice(samples, private)] for block in blocks]
    points = [*(-1 - j for j in range(pack)), *range(1, private + 1)]
    by_point: Matrix = [list(column) for column in zip(*known, strict=True)]
    rows = by_point[pack:]
    for position in range(private, count):
        rows.append(_combined(_weights_at(points, position + 1), by_point))
    return _arrays(rows)


def packed_reconstruct(shares: Sequence[Elements], positions: Sequence[int], pack: int, threshold: int) -> Elements:
    """PRV-019: The secrets, block after block, from the shares at the first `threshold` positions."""
    rows = [_elements(share, f"share {position}") for position, share in zip(positions, shares, strict=True)]
    points = [position + 1 for position in positions[:threshold]]
    secrets = [_combined(_weights_at(points, -1 - j), rows[:threshold]) for j in range(pack)]
    blocks: Any = zip(*secrets, strict=True)
    return np.array([value for block in blocks for value in block], dtype=np.uint64)
