"""What a good engineer writes with NumPy, hashlib and a library's cipher for the work of each kernel.

Peers check nothing: neither NaN nor the domain nor sizes.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Q = 2**20 - 1
P = 2**61 - 1
TILE = 8192
CIPHER_TILE = 16384


def quantize(values: np.ndarray, fraction_bits: int) -> np.ndarray:
    """Tiles that stay in the cache; rounding, clamping, converting."""
    result = np.empty(values.size, dtype=np.int32)
    buffer = np.empty(2 * TILE, dtype=values.dtype)
    for start in range(0, values.size, 2 * TILE):
        tile = values[start : start + 2 * TILE]
        scaled = np.multiply(tile, values.dtype.type(2**fraction_bits), out=buffer[: tile.size])
        np.rint(scaled, out=scaled)
        np.clip(scaled, -Q, Q, out=scaled)
        result[start : start + 2 * TILE] = scaled
    return result


def weighted_sum(vectors: list[np.ndarray], weights: list[int]) -> np.ndarray:
    """The faster of the two obvious loops at each size: whole, or in tiles."""
    size = vectors[0].size
    total = np.zeros(size, dtype=np.int64)
    tile = size if size <= 1_000_000 else TILE
    product = np.empty(tile, dtype=np.int64)
    for start in range(0, size, tile):
        part = total[start : start + tile]
        scratch = product[: part.size]
        for vector, weight in zip(vectors, weights, strict=True):
            part += np.multiply(vector[start : start + tile], weight, out=scratch, dtype=np.int64)
    return total


def div_round(numerators: np.ndarray, multiplier: int, divisor: int) -> np.ndarray:
    quotient, remainder = np.divmod(numerators * multiplier, divisor)
    twice = 2 * remainder
    quotient += (twice > divisor) | ((twice == divisor) & (quotient & 1 == 1))
    return quotient


def clip_l2(values: np.ndarray, bound: int) -> np.ndarray:
    wide = values.astype(np.int64)
    squares = int(wide @ wide)
    if squares <= bound * bound:
        return values.copy()
    norm = math.isqrt(squares - 1) + 1
    return (np.sign(wide) * (np.abs(wide) * bound // norm)).astype(np.int32)


def exchanges(count: int) -> list[tuple[int, int]]:
    """The merge exchange network (Knuth 5.2.2 M)."""
    pairs, top = [], 1 << max(0, (count - 1).bit_length() - 1)
    p = top if count > 1 else 0
    while p:
        q, r, d = top, 0, p
        while True:
            pairs += [(i, i + d) for i in range(count - d) if i & p == r]
            if q == p:
                break
            d, q, r = q - p, q // 2, p
        p //= 2
    return pairs


def sorted_tiles(vectors: list[np.ndarray]) -> Iterator[tuple[int, list[np.ndarray]]]:
    """(start, rows sorted by coordinate) of each tile that stays in the cache."""
    network, size = exchanges(len(vectors)), vectors[0].size
    for start in range(0, size, TILE):
        rows = [vector[start : start + TILE].copy() for vector in vectors]
        low = np.empty_like(rows[0])
        for i, j in network:
            np.minimum(rows[i], rows[j], out=low)
            np.maximum(rows[i], rows[j], out=rows[j])
            rows[i], low = low, rows[i]
        yield start, rows


def median_by_network(vectors: list[np.ndarray]) -> np.ndarray:
    count, result = len(vectors), np.empty(vectors[0].size, dtype=np.int32)
    for start, rows in sorted_tiles(vectors):
        total = rows[(count - 1) // 2] + rows[count // 2]
        half = total >> 1
        result[start : start + TILE] = half + (total & half & 1)
    return result


def trimmed_by_network(vectors: list[np.ndarray], trim: int) -> np.ndarray:
    result = np.empty(vectors[0].size, dtype=np.int64)
    for start, rows in sorted_tiles(vectors):
        result[start : start + TILE] = sum(rows[trim : len(rows) - trim])
    return result


def nearest_sum(updates: list[np.ndarray], keep: int) -> np.ndarray:
    stacked = np.stack(updates)
    nearest = np.argpartition(np.abs(stacked - np.median(stacked, axis=0)), kth=keep, axis=0)[:keep]
    return np.take_along_axis(stacked, nearest, axis=0).sum(axis=0)


def sha256_chunks(data: memoryview) -> bytes:
    return b"".join([hashlib.sha256(data[start : start + 4096]).digest() for start in range(0, len(data), 4096)])


def merkle_root(data: bytes, limit: int) -> bytes:
    """Levels in one buffer each; the depth beyond the data with zero subtrees."""
    level, zero, sha256 = data, bytes(32), hashlib.sha256
    for _ in range((limit - 1).bit_length()):
        if len(level) % 64 == 32:
            level += zero
        level = b"".join([sha256(level[start : start + 64]).digest() for start in range(0, len(level), 64)])
        zero = sha256(zero + zero).digest()
    return level


class Hashtree:
    """The hashtree library (OffchainLabs; C and assembly): a call for each level of the tree, in memory of its own.

    Its makefile gives libhashtree.a: cc -shared -o libhashtree.so -Wl,--whole-archive libhashtree.a. `function` names
    one of its variants; by itself it takes SHA-NI where there is such a unit.
    """

    def __init__(self, path: str, function: str = "hashtree_hash") -> None:
        self._hash = getattr(ctypes.CDLL(path), function)
        self._hash.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64]
        self._hash.restype = None
        self._zeros = [bytes(32)]
        while len(self._zeros) < 64:
            self._zeros.append(hashlib.sha256(2 * self._zeros[-1]).digest())

    def merkle_root(self, data: np.ndarray, room: np.ndarray, limit: int) -> bytes:
        """Levels lie one behind the other in `room`: as many bytes as the data, and a node for each level."""
        start, address, count = 0, data.ctypes.data, data.size // 32
        to = room.ctypes.data
        for depth in range((limit - 1).bit_length()):
            if count == 1 and depth:
                # Nothing is left of the tree but a path.
                node = room[start : start + 32].tobytes()
                return self._along(node, depth, limit)
            pairs, odd = divmod(count, 2)
            self._hash(to, address, pairs)
            if odd:
                last = ctypes.string_at(address + 64 * pairs, 32) + self._zeros[depth]
                self._hash(to + 32 * pairs, last, 1)
            address, count = to, pairs + odd
            start = address - room.ctypes.data
            to += 32 * count
        return room[start : start + 32].tobytes()

    def _along(self, node: bytes, depth: int, limit: int) -> bytes:
        digest = ctypes.create_string_buffer(32)
        for level in range(depth, (limit - 1).bit_length()):
            self._hash(digest, node + self._zeros[level], 1)
            node = digest.raw
        return node


def key_stream(key: bytes, stream: bytes, width: int) -> bytearray:
    """Bytes of ChaCha20, in one call."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

    result = bytearray(width)
    encryptor = Cipher(algorithms.ChaCha20(key, bytes(4) + stream), mode=None).encryptor()
    encryptor.update_into(bytes(width), result)
    return result


def mask_add(vector: np.ndarray, masks: list[tuple[bytes, bytes, bool]], result: np.ndarray) -> np.ndarray:
    """A library's ChaCha20 into a buffer that stays near, added by NumPy; all masks of a tile one after another."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

    encryptors = [
        (Cipher(algorithms.ChaCha20(key, bytes(4) + stream), mode=None).encryptor(), np.subtract if minus else np.add)
        for key, stream, minus in masks
    ]
    zeros, buffer = bytes(CIPHER_TILE * vector.itemsize), bytearray(CIPHER_TILE * vector.itemsize)
    words = np.frombuffer(buffer, dtype=vector.dtype)
    for start in range(0, vector.size, CIPHER_TILE):
        tile = vector[start : start + CIPHER_TILE]
        target = result[start : start + CIPHER_TILE]
        for encryptor, operation in encryptors:
            encryptor.update_into(zeros[: tile.nbytes], buffer)
            operation(tile, words[: tile.size], out=target)
            tile = target
    return result


def _folded(values: np.ndarray) -> np.ndarray:
    """Below p + 8, since 2^61 = 1."""
    return (values & np.uint64(P)) + (values >> np.uint64(61))


def shamir_share(secrets: np.ndarray, threshold: int, count: int, seed: bytes) -> list[np.ndarray]:
    """Horner's scheme at 1, 2 ... in tiles, with products of a small and a large number in two halves."""
    random = np.frombuffer(key_stream(seed, bytes(12), 8 * (threshold - 1) * secrets.size), dtype=np.uint64)
    coefficients = (random & np.uint64(P)).reshape(threshold - 1, secrets.size)
    low_bits, low_mask = np.uint64(40), np.uint64(2**40 - 1)
    shares = [np.empty(secrets.size, dtype=np.uint64) for _ in range(count)]
    for start in range(0, secrets.size, TILE):
        end = min(start + TILE, secrets.size)
        for position, share in enumerate(shares):
            x, value = np.uint64(position + 1), coefficients[-1, start:end]
            for row in range(threshold - 3, -2, -1):
                high = (value >> low_bits) * x  # below 2^21 * 2^11
                product = (
                    ((high & np.uint64(2**21 - 1)) << low_bits) + (high >> np.uint64(21)) + (value & low_mask) * x
                )
                value = _folded(product + (coefficients[row, start:end] if row >= 0 else secrets[start:end]))
            share[start:end] = np.where(value >= P, value - np.uint64(P), value)
    return shares


def lagrange_at_zero(points: list[int]) -> list[int]:
    weights = []
    for i in points:
        above = math.prod(-j % P for j in points if j != i) % P
        below = math.prod((i - j) % P for j in points if j != i) % P
        weights.append(above * pow(below, -1, P) % P)
    return weights


def shamir_reconstruct(shares: list[np.ndarray], positions: list[int], threshold: int) -> np.ndarray:
    """The weighted sum with products of halves of 31 and 30 bits, in tiles."""
    weights = lagrange_at_zero([position + 1 for position in positions[:threshold]])
    result = np.empty(shares[0].size, dtype=np.uint64)
    half, low_mask = np.uint64(31), np.uint64(2**31 - 1)
    for start in range(0, result.size, TILE):
        total = np.zeros(min(TILE, result.size - start), dtype=np.uint64)
        for share, weight in zip(shares[:threshold], weights, strict=True):
            a = share[start : start + TILE]
            a0, a1 = a & low_mask, a >> half
            b0, b1 = np.uint64(weight & (2**31 - 1)), np.uint64(weight >> 31)
            mixed = a0 * b1 + a1 * b0
            shifted = ((mixed & np.uint64(2**30 - 1)) << half) + (mixed >> np.uint64(30))
            total = _folded(total + _folded(a0 * b0) + _folded(shifted) + _folded((a1 * b1) << np.uint64(1)))
        total = _folded(total)
        result[start : start + TILE] = np.where(total >= P, total - np.uint64(P), total)
    return result


# ---- noise


def rounded_normal(count: int, deviation: float) -> np.ndarray:
    """What most frameworks do: floating-point noise from a generator that is not made for secrets, rounded."""
    return np.rint(np.random.default_rng(7).normal(0.0, deviation, count)).astype(np.int64)


def opendp_gaussian(deviation: float) -> Callable[[int], Any] | None:
    """OpenDP's exact discrete Gaussian over integers, if it is installed."""
    try:
        opendp = importlib.import_module("opendp.prelude")
    except ImportError:
        return None
    opendp.enable_features("contrib")
    domain = opendp.vector_domain(opendp.atom_domain(T="i64")), opendp.l2_distance(T="f64")
    measurement = opendp.m.make_gaussian(*domain, scale=deviation)
    return lambda count: measurement([0] * count)
