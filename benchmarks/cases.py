"""The contests. Every one first shows that the peers and the kernel give the same answer, where both are exact."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import peers
from bcfl_ref import kernels
from bcfl_ref.aggregation import rules
from contest import Call, Contest

Q = peers.Q
KEY, STREAM = bytes(range(32)), bytes([1, *range(100, 111)])
# Instructions for the work, counted in the algorithm: 80 quarter rounds of 12 and the last additions for 16 blocks of
# ChaCha20; 32 double rounds of SHA-NI for 64 bytes; about 1,700 vector instructions for 16 blocks in lanes.
CHACHA_PER_BYTE = (80 * 12 + 16 + 32) / 1024
SHA_NI_PER_BYTE = 32 / 64


def optional(module: str, name: str) -> Any:
    """A peer that may not be installed."""
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError:
        return None


def same(left: Any, right: Any) -> None:
    if isinstance(left, list | tuple):
        for one, other in zip(left, right, strict=True):
            same(one, other)
    elif not np.array_equal(left, right):
        raise AssertionError("the peer and the kernel differ")


def vectors_of(count: int, size: int) -> list[np.ndarray]:
    random = np.random.default_rng(7)
    return [random.integers(-Q, Q, size, dtype=np.int32, endpoint=True) for _ in range(count)]


def flower(name: str, vectors: list[np.ndarray], *arguments: Any, **named: Any) -> dict[str, Call]:
    """Flower's function on float32 updates in the form in which it gets them."""
    function = optional("flwr.server.strategy.aggregate", name)
    if function is None:
        return {}
    results = [([vector.astype(np.float32)], 1 + number % 7) for number, vector in enumerate(vectors)]
    return {"flwr": lambda: function(list(results), *arguments, **named)}


# ---- aggregation


def weighted_sums() -> Iterator[Contest]:
    for count, size in ((10, 1_000_000), (32, 1_000_000), (64, 1_000_000), (32, 10_000_000)):
        vectors = vectors_of(count, size)
        weights = [1 + number % 7 for number in range(count)]
        same(peers.weighted_sum(vectors, weights), kernels.weighted_sum(vectors, weights))
        yield Contest(
            "weighted_sum",
            f"n={count} d={size:.0e}",
            lambda vectors=vectors, weights=weights: kernels.weighted_sum(vectors, weights),
            {
                "numpy": lambda vectors=vectors, weights=weights: peers.weighted_sum(vectors, weights),
                **(flower("aggregate", vectors) if size <= 1_000_000 and count == 32 else {}),
            },
            bytes=4 * count * size,
            limit="read",
            work=4 * count * size,
            threads=count == 32,
        )


def medians() -> Iterator[Contest]:
    for count, size in ((10, 1_000_000), (32, 1_000_000), (64, 1_000_000)):
        vectors = vectors_of(count, size)
        rivals = {"numpy network": lambda vectors=vectors: peers.median_by_network(vectors)}
        same(peers.median_by_network(vectors), kernels.coordinate_median(vectors))
        if count == 32:
            matrix = np.stack(vectors)
            rivals["np.median"] = lambda matrix=matrix: np.median(matrix, axis=0)
            rivals |= flower("aggregate_median", vectors)
        yield Contest(
            "coordinate_median",
            f"n={count} d={size:.0e}",
            lambda vectors=vectors: kernels.coordinate_median(vectors),
            rivals,
            bytes=4 * count * size,
            limit="read",
            work=4 * count * size,
            threads=count == 64,
        )


def trimmed_sums() -> Iterator[Contest]:
    trim_mean = optional("scipy.stats", "trim_mean")
    for count, size in ((10, 1_000_000), (32, 1_000_000)):
        vectors, trim = vectors_of(count, size), count // 5
        same(peers.trimmed_by_network(vectors, trim), kernels.trimmed_sum(vectors, trim))
        rivals = {"numpy network": lambda vectors=vectors, trim=trim: peers.trimmed_by_network(vectors, trim)}
        if count == 32:
            matrix = np.stack(vectors).astype(np.float32)
            if trim_mean is not None:
                rivals["scipy trim_mean"] = lambda matrix=matrix: trim_mean(matrix, 0.2, axis=0)
            rivals |= flower("aggregate_trimmed_avg", vectors, 0.2)
        yield Contest(
            "trimmed_sum",
            f"n={count} d={size:.0e}",
            lambda vectors=vectors, trim=trim: kernels.trimmed_sum(vectors, trim),
            rivals,
            bytes=4 * count * size,
            limit="read",
            work=4 * count * size,
            threads=count == 32,
        )


def distances() -> Iterator[Contest]:
    for count, size in ((10, 1_000_000), (32, 1_000_000), (64, 1_000_000)):
        vectors = vectors_of(count, size)
        matrix = np.stack(vectors).astype(np.float32)
        yield Contest(
            "pairwise_sqdist",
            f"n={count} d={size:.0e}",
            lambda vectors=vectors: kernels.pairwise_sqdist(vectors),
            {"BLAS product, float32": lambda matrix=matrix: matrix @ matrix.T},
            bytes=4 * count * size,
            limit="madd52_512",
            work=count * (count + 1) / 2 * size / 8 * 2,  # a low and a high half for eight coordinates
            threads=count == 32,
            notes="the peer only multiplies, and is not exact",
        )


def krum() -> Iterator[Contest]:
    count, byzantine, select, size = 32, 7, 25, 1_000_000
    vectors, base, ones = vectors_of(count, size), np.zeros(size, dtype=np.int32), [1] * count
    calls: dict[str, tuple[Call, int]] = {
        "krum": (lambda: rules.krum(base, vectors, ones, (1, 1), byzantine), 0),
        "multi_krum": (lambda: rules.multi_krum(base, vectors, ones, (1, 1), byzantine, select), select),
    }
    for name, (call, keep) in calls.items():
        yield Contest(
            f"{name} (rule)",
            f"n={count} f={byzantine} d={size:.0e}",
            call,
            flower("aggregate_krum", vectors, byzantine, keep),
            bytes=4 * count * size,
            threads=True,
            variants=False,
        )


def bulyan() -> Iterator[Contest]:
    count, byzantine, size = 32, 7, 1_000_000
    vectors, base = vectors_of(count, size), np.zeros(size, dtype=np.int32)
    flower_krum = optional("flwr.server.strategy.aggregate", "aggregate_krum")
    rivals = flower("aggregate_bulyan", vectors, byzantine, flower_krum, to_keep=0) if flower_krum else {}
    yield Contest(
        "bulyan (rule)",
        f"n={count} f={byzantine} d={size:.0e}",
        lambda: rules.bulyan(base, vectors, [1] * count, (1, 1), byzantine),
        rivals,
        bytes=4 * count * size,
        threads=True,
        variants=False,
    )
    updates = vectors[:18]
    yield Contest(
        "nearest_sum",
        "n=18 keep=4 d=1e+06",
        lambda: kernels.nearest_sum(updates, 4),
        {"numpy": lambda: peers.nearest_sum(updates, 4)},
        bytes=4 * 18 * size,
        limit="read",
        work=4 * 18 * size,
    )


def one_vector() -> Iterator[Contest]:
    size = 1_000_000
    random = np.random.default_rng(7)
    vector = vectors_of(1, size)[0]
    for dtype in (np.float32, np.float64):
        values = random.normal(size=size).astype(dtype)
        same(peers.quantize(values, 16), kernels.quantize(values, 16))
        yield Contest(
            "quantize",
            f"{np.dtype(dtype).name} d={size:.0e}",
            lambda values=values: kernels.quantize(values, 16),
            {"numpy": lambda values=values: peers.quantize(values, 16)},
            bytes=values.nbytes,
        )
    large = random.normal(size=10_000_000).astype(np.float32)
    yield Contest(
        "quantize",
        "float32 d=1e+07",
        lambda: kernels.quantize(large, 16),
        {"numpy": lambda: peers.quantize(large, 16)},
        bytes=large.nbytes,
        limit="copy",
        work=large.nbytes,
    )
    yield Contest(
        "dequantize",
        f"d={size:.0e}",
        lambda: kernels.dequantize(vector, 16),
        {"numpy": lambda: vector * 2.0**-16},
        bytes=vector.nbytes,
    )
    yield Contest(
        "domain_check",
        f"d={size:.0e}",
        lambda: kernels.domain_check(vector),
        {"numpy": lambda: vector.max() <= Q and vector.min() >= -Q},
        bytes=vector.nbytes,
    )
    same(peers.clip_l2(vector, 10**8), kernels.clip_l2(vector, 10**8))
    yield Contest(
        "clip_l2",
        f"d={size:.0e}",
        lambda: kernels.clip_l2(vector, 10**8),
        {"numpy": lambda: peers.clip_l2(vector, 10**8)},
        bytes=vector.nbytes,
    )
    numerators = random.integers(-(2**46), 2**46, size)
    same(peers.div_round(numerators, 3, 24690), kernels.div_round(numerators, 3, 24690))
    yield Contest(
        "div_round",
        f"d={size:.0e}",
        lambda: kernels.div_round(numerators, 3, 24690),
        {"numpy": lambda: peers.div_round(numerators, 3, 24690)},
        bytes=numerators.nbytes,
    )


# ---- hashing


def hashtrees(data: bytes, limit: int) -> dict[str, Call]:
    """The best public C library as it chooses and with its widest variant; BCFL_HASHTREE names libhashtree.so."""
    path = os.environ.get("BCFL_HASHTREE")
    if not path:
        return {}
    words, room = np.frombuffer(data, dtype=np.uint8), np.empty(len(data) + 32 * 64, dtype=np.uint8)
    functions = {"hashtree": "hashtree_hash"}
    if "avx512" in kernels.available_variants():
        functions["hashtree avx512_x16"] = "hashtree_sha256_avx512_x16"
    calls: dict[str, Call] = {}
    for name, function in functions.items():
        library = peers.Hashtree(path, function)
        same(library.merkle_root(words, room, limit), kernels.ssz_merkleize(data, limit))
        calls[name] = lambda library=library: library.merkle_root(words, room, limit)
    return calls


def hashing() -> Iterator[Contest]:
    for size in (65_536, 4_000_000, 40 * 2**20):
        data = np.random.default_rng(7).bytes(size)
        view = memoryview(data)
        same(peers.sha256_chunks(view), kernels.sha256_chunks(data, 4096))
        yield Contest(
            "sha256_chunks",
            f"{size / 1e6:.3g} MB in 4 KiB",
            lambda data=data: kernels.sha256_chunks(data, 4096),
            {"hashlib": lambda view=view: peers.sha256_chunks(view)},
            bytes=size,
            limit="sha256_rounds",
            work=size * SHA_NI_PER_BYTE,
            threads=size > 2**25,
        )
    for elements in (8000, 1_000_000):
        data, limit = np.random.default_rng(7).bytes(4 * elements), 2**27
        same(peers.merkle_root(data, limit), kernels.ssz_merkleize(data, limit))
        yield Contest(
            "ssz_merkleize",
            f"{elements} uint32",
            lambda data=data, limit=limit: kernels.ssz_merkleize(data, limit),
            {"hashlib": lambda data=data, limit=limit: peers.merkle_root(data, limit), **hashtrees(data, limit)},
            bytes=4 * elements,
            limit="sha256_rounds",
            work=4 * elements * 2 * 2 * SHA_NI_PER_BYTE,  # as many nodes again above, two blocks each
            threads=elements > 10**5,
            notes="" if os.environ.get("BCFL_HASHTREE") else "without hashtree: BCFL_HASHTREE names no library",
        )


# ---- secrets


def masks() -> Iterator[Contest]:
    for ring, size in ((np.uint32, 1_000_000), (np.uint64, 1_000_000)):
        vector = np.random.default_rng(7).integers(0, 2**31, size, dtype=ring)
        result = np.empty_like(vector)
        same(peers.mask_add(vector, [(KEY, STREAM, False)], result), kernels.mask_add(vector, KEY, STREAM, False))
        yield Contest(
            "mask_add",
            f"{np.dtype(ring).name} d={size:.0e}",
            lambda vector=vector: kernels.mask_add(vector, KEY, STREAM, False),
            {
                "cryptography + numpy": lambda vector=vector, result=result: peers.mask_add(
                    vector, [(KEY, STREAM, False)], result
                )
            },
            bytes=vector.nbytes,
            limit="add_xor_rotate_512",
            work=vector.nbytes * CHACHA_PER_BYTE,
            threads=True,
        )
    vector = np.random.default_rng(7).integers(0, 2**32, 1_000_000, dtype=np.uint32)
    result = np.empty_like(vector)
    many = [(bytes([number]) * 32, STREAM, number % 2 == 1) for number in range(20)]
    same(peers.mask_add(vector, many, result), kernels.mask_add_many(vector, many))
    yield Contest(
        "mask_add_many",
        "20 masks uint32 d=1e+06",
        lambda: kernels.mask_add_many(vector, many),
        {"cryptography + numpy": lambda: peers.mask_add(vector, many, result)},
        bytes=20 * vector.nbytes,
        limit="add_xor_rotate_512",
        work=20 * vector.nbytes * CHACHA_PER_BYTE,
        threads=True,
    )


def noise() -> Iterator[Contest]:
    """Exact samples. The peer that is exact too draws other ones; rounded floats are neither exact nor safe."""
    peers_of: dict[str, Call] = {"numpy, rounded floats": lambda: peers.rounded_normal(100_000, 10_000.0)}
    exact = peers.opendp_gaussian(10_000.0)
    if exact is not None:
        peers_of["opendp"] = lambda: exact(100_000)
    yield Contest(
        "discrete_gaussian",
        "sigma=1e+04 d=1e+05",
        lambda: kernels.discrete_gaussian(100_000, 10**8, 1, KEY),
        peers_of,
        bytes=8 * 100_000,
        threads=True,
        notes="numpy's samples are floats, rounded: not the discrete Gaussian",
    )
    yield Contest(
        "discrete_gaussian",
        "sigma=1e+04 d=1e+06",
        lambda: kernels.discrete_gaussian(1_000_000, 10**8, 1, KEY),
        {"numpy, rounded floats": lambda: peers.rounded_normal(1_000_000, 10_000.0)},
        bytes=8 * 1_000_000,
        threads=True,
        notes="as above",
    )


def sharing() -> Iterator[Contest]:
    million = np.random.default_rng(7).integers(0, peers.P, 1_000_000, dtype=np.uint64)
    for threshold, count, size in ((3, 7, 1_000_000), (10, 32, 100_000), (10, 32, 1_000_000)):
        secrets = million[:size]
        shares = kernels.shamir_share(secrets, threshold, count, KEY)
        positions = list(range(count - threshold, count))
        used = shares[count - threshold :]
        same(peers.shamir_reconstruct(used, positions, threshold), secrets)
        same(kernels.shamir_reconstruct(used, positions, threshold), secrets)
        same(
            kernels.shamir_reconstruct(
                peers.shamir_share(secrets, threshold, count, KEY)[:threshold], list(range(threshold)), threshold
            ),
            secrets,
        )
        case = f"{threshold} of {count} d={size:.0e}"
        yield Contest(
            "shamir_share",
            case,
            lambda s=secrets, t=threshold, n=count: kernels.shamir_share(s, t, n, KEY),
            {"numpy": lambda s=secrets, t=threshold, n=count: peers.shamir_share(s, t, n, KEY)},
            bytes=secrets.nbytes,
            threads=True,
        )
        yield Contest(
            "shamir_reconstruct",
            case,
            lambda used=used, at=positions, t=threshold: kernels.shamir_reconstruct(used, at, t),
            {"numpy": lambda used=used, at=positions, t=threshold: peers.shamir_reconstruct(used, at, t)},
            bytes=threshold * secrets.nbytes,
            limit="read",
            work=threshold * secrets.nbytes,
            threads=count == 32,
        )


# ---- the cost of a call


def small_calls() -> Iterator[Contest]:
    vector = vectors_of(1, 8)[0]
    three = vectors_of(3, 8)
    values, words = np.ones(8, dtype=np.float32), np.ones(8, dtype=np.uint32)
    numerators = np.ones(8, dtype=np.int64)
    calls: dict[str, Call] = {
        "domain_check": lambda: kernels.domain_check(vector),
        "quantize": lambda: kernels.quantize(values, 16),
        "dequantize": lambda: kernels.dequantize(vector, 16),
        "clip_l2": lambda: kernels.clip_l2(vector, 10**8),
        "div_round": lambda: kernels.div_round(numerators, 3, 7),
        "sha256_chunks": lambda: kernels.sha256_chunks(b"abc", 4096),
        "ssz_merkleize": lambda: kernels.ssz_merkleize(bytes(32), 2),
        "mask_add": lambda: kernels.mask_add(words, KEY, STREAM, False),
        "coordinate_median": lambda: kernels.coordinate_median(three),
        "weighted_sum": lambda: kernels.weighted_sum(three, [1, 2, 3]),
    }
    for name, call in calls.items():
        yield Contest(name, "call, 8 elements", call, {}, bytes=32, variants=False)


ALL = {
    weighted_sums: 4,
    medians: 3,
    trimmed_sums: 2,
    krum: 2,
    bulyan: 2,
    distances: 3,
    one_vector: 7,
    hashing: 5,
    masks: 3,
    noise: 2,
    sharing: 6,
    small_calls: 10,
}
"""The groups, and how many contests each has: known without making their data."""
