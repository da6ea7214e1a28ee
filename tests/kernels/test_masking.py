"""Masks and sharing against the ChaCha20 of a library, brute force over tiny fields, and algebra (PRV-013 ...)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.kernels import _masking as twin
from bcfl_ref.kernels.limits import FIELD_MODULUS as P
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from hypothesis import given, settings
from hypothesis import strategies as st

SEEDS = st.binary(min_size=32, max_size=32)
STREAMS = st.binary(min_size=12, max_size=12)
ELEMENTS = st.integers(0, P - 1) | st.sampled_from([0, 1, P - 2, P - 1])


def library_stream(key: bytes, stream: bytes, length: int) -> bytes:
    """The key stream by the library, whose nonce is the counter followed by ours."""
    cipher = Cipher(algorithms.ChaCha20(key, bytes(4) + stream), mode=None)
    return cipher.encryptor().update(bytes(length))


def u64(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


def refused(code: Code, call, *args) -> None:
    with pytest.raises(SpecError) as refusal:
        call(*args)
    assert refusal.value.code is code


# ---- masks


@settings(deadline=None, max_examples=25)
@given(SEEDS, STREAMS, st.integers(1, 70), st.sampled_from([np.uint32, np.uint64]), st.booleans())
def test_mask_add_is_the_stream_of_the_library(key: bytes, stream: bytes, size: int, dtype, subtract: bool) -> None:
    """Added to zeros or ones, the words are those of another implementation of ChaCha20, in both rings."""
    mask = np.frombuffer(
        library_stream(key, stream, size * dtype().itemsize), dtype=np.dtype(dtype).newbyteorder("<")
    )
    ones = np.ones(size, dtype=dtype)
    found = kernels.mask_add(ones, key, stream, subtract)
    assert found.dtype == dtype
    assert found.tolist() == ((ones - mask) if subtract else (ones + mask)).tolist()
    assert kernels.mask_add(found, key, stream, not subtract).tolist() == ones.tolist()


def test_mask_add_first_blocks_of_rfc_8439() -> None:
    """Appendix A.1 of RFC 8439: blocks 0 and 1 of the zero key, and the nonce that ends in 2."""
    zeros = np.zeros(32, dtype=np.uint32)
    blocks = kernels.mask_add(zeros, bytes(32), bytes(12), False).astype("<u4").tobytes().hex()
    assert blocks[:64] == "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
    assert blocks[128:192] == "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
    other = kernels.mask_add(zeros, bytes(32), bytes(11) + b"\2", False).astype("<u4").tobytes().hex()
    assert other[:32] == "c2c64d378cd536374ae204b9ef933fcd"


def test_a_mask_is_not_folded_to_32_bits() -> None:
    """Keys that are equal when folded by exclusive or give different masks."""
    zeros = np.zeros(4, dtype=np.uint32)
    folded = [bytes(32), b"\x0b\xad\xca\xfe" * 8, b"\1\2\3\4" * 2 + bytes(24)]
    assert len({kernels.mask_add(zeros, key, bytes(12), False).tobytes() for key in folded}) == 3


@pytest.mark.parametrize(
    ("code", "args"),
    [
        (Code.KERNEL_ARGUMENT, ([1], bytes(32), bytes(12), False)),
        (Code.KERNEL_ARGUMENT, (np.array([1], dtype=np.int32), bytes(32), bytes(12), False)),
        (Code.KERNEL_ARGUMENT, (u64(1), "key", bytes(12), False)),
        (Code.KERNEL_ARGUMENT, (u64(1), bytes(32), bytes(12), 1)),
        (Code.EMPTY, (u64(), bytes(31), bytes(12), False)),
        (Code.KEY_LENGTH, (u64(1), bytes(33), bytes(12), False)),
        (Code.KEY_LENGTH, (u64(1), bytes(32), bytes(8), False)),
    ],
)
def test_arguments_of_mask_add(code: Code, args) -> None:
    """Each fault in the arguments gives the code of its guard."""
    refused(code, kernels.mask_add, *args)


# ---- Shamir


@settings(deadline=None, max_examples=25)
@given(st.lists(ELEMENTS, min_size=1, max_size=4), st.integers(2, 6), st.data())
def test_any_threshold_of_shares_rebuilds(secrets: list[int], count: int, data: st.DataObject) -> None:
    """Every choice of t of n shares gives the secrets, in both kinds of sharing."""
    threshold, seed = data.draw(st.integers(2, count)), data.draw(SEEDS)
    shares = kernels.shamir_share(u64(*secrets), threshold, count, seed)
    pack = data.draw(st.integers(1, threshold - 1))
    blocks = secrets * pack
    packed = kernels.packed_share(u64(*blocks), pack, threshold, count, seed)
    for chosen in combinations(range(count), threshold):
        at = list(chosen)
        assert kernels.shamir_reconstruct([shares[i] for i in at], at, threshold).tolist() == secrets
        assert kernels.packed_reconstruct([packed[i] for i in at], at, pack, threshold).tolist() == blocks


@settings(deadline=None, max_examples=25)
@given(ELEMENTS, ELEMENTS, SEEDS, SEEDS)
def test_shares_of_a_sum_are_sums_of_shares(left: int, right: int, one: bytes, two: bytes) -> None:
    """Sharing is linear: holders can add what they hold."""
    shares = [kernels.shamir_share(u64(left), 3, 5, one), kernels.shamir_share(u64(right), 3, 5, two)]
    added = [u64((int(a[0]) + int(b[0])) % P) for a, b in zip(*shares, strict=True)]
    assert kernels.shamir_reconstruct(added[1:4], [1, 2, 3], 3).tolist() == [(left + right) % P]


def test_the_coefficients_are_the_samples_in_order() -> None:
    """Share i is f(i + 1), f being the secret and then the samples of its seed, secret after secret."""
    seed = bytes(range(32))
    words = np.frombuffer(library_stream(seed, b"\2" + bytes(11), 64), dtype="<u8").tolist()
    samples = [word & P for word in words]
    shares = kernels.shamir_share(u64(7, 8), 3, 4, seed)
    for position, share in enumerate(shares):
        x = position + 1
        expected = [
            (7 + samples[0] * x + samples[1] * x * x) % P,
            (8 + samples[2] * x + samples[3] * x * x) % P,
        ]
        assert share.tolist() == expected
    assert all(share.tolist() != [7, 8] for share in shares), "no share is f(0)"


def samples_in(values: tuple[int, ...]):
    """A replacement for the sampler that hands out these elements."""

    def sampler(seed: bytes) -> Iterator[int]:
        return iter(values)

    return sampler


@pytest.mark.parametrize(("field", "threshold", "count"), [(5, 2, 4), (5, 3, 4), (7, 3, 5), (11, 2, 3)])
def test_fewer_shares_are_consistent_with_every_secret(
    monkeypatch: pytest.MonkeyPatch, field: int, threshold: int, count: int
) -> None:
    """In a tiny field, over all coefficients: any t - 1 shares come equally often with each secret."""
    monkeypatch.setattr(twin, "FIELD_MODULUS", field)
    seen: dict[tuple[int, ...], dict[int, Counter[tuple[int, ...]]]] = {}
    for secret in range(field):
        for coefficients in product(range(field), repeat=threshold - 1):
            monkeypatch.setattr(twin, "_samples", samples_in(coefficients))
            row = [int(share[0]) for share in twin.shamir_share(u64(secret), threshold, count, b"")]
            for chosen in combinations(range(count), threshold - 1):
                view = tuple(row[i] for i in chosen)
                seen.setdefault(chosen, {}).setdefault(secret, Counter())[view] += 1
    for by_secret in seen.values():
        assert all(views == by_secret[0] for views in by_secret.values())


@pytest.mark.parametrize(("field", "pack", "threshold", "count"), [(7, 1, 2, 4), (7, 2, 3, 4), (7, 2, 4, 4)])
def test_packed_shares_hide_blocks(
    monkeypatch: pytest.MonkeyPatch, field: int, pack: int, threshold: int, count: int
) -> None:
    """In a tiny field, over all samples: any t - pack shares come equally often with each block."""
    monkeypatch.setattr(twin, "FIELD_MODULUS", field)
    private = threshold - pack
    seen: dict[tuple[int, ...], dict[tuple[int, ...], Counter[tuple[int, ...]]]] = {}
    for block in product(range(field), repeat=pack):
        for samples in product(range(field), repeat=private):
            monkeypatch.setattr(twin, "_samples", samples_in(samples))
            row = [int(share[0]) for share in twin.packed_share(u64(*block), pack, threshold, count, b"")]
            for chosen in combinations(range(count), private):
                view = tuple(row[i] for i in chosen)
                seen.setdefault(chosen, {}).setdefault(block, Counter())[view] += 1
    for by_block in seen.values():
        first = next(iter(by_block.values()))
        assert len(by_block) == field**pack and all(views == first for views in by_block.values())


def test_samples_are_uniform_in_a_tiny_field(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all words of 6 bits and the field of 7: each element equally often, the eighth pattern skipped."""
    monkeypatch.setattr(twin, "FIELD_MODULUS", 7)
    counts = Counter(twin.field_samples(iter(range(64))))
    assert counts == dict.fromkeys(range(7), 8)


ONE, TWO = u64(1), u64(1, 2)
FAULTS = [
    (Code.EMPTY, kernels.shamir_share, (u64(), 2, 3, bytes(32))),
    (Code.SHARE_COUNT, kernels.shamir_share, (ONE, 2, 1, bytes(32))),
    (Code.SHARE_COUNT, kernels.shamir_share, (ONE, 2, 2048, bytes(32))),
    (Code.THRESHOLD_RANGE, kernels.shamir_share, (ONE, 1, 3, bytes(32))),
    (Code.THRESHOLD_RANGE, kernels.shamir_share, (ONE, 4, 3, bytes(32))),
    (Code.KERNEL_ARGUMENT, kernels.shamir_share, (ONE, True, 3, bytes(32))),
    (Code.KEY_LENGTH, kernels.shamir_share, (ONE, 2, 3, bytes(16))),
    (Code.FIELD_RANGE, kernels.shamir_share, (u64(P), 2, 3, bytes(32))),
    (Code.PACK_RANGE, kernels.packed_share, (ONE, 0, 2, 3, bytes(32))),
    (Code.PACK_RANGE, kernels.packed_share, (ONE, 3, 3, 3, bytes(32))),
    (Code.THRESHOLD_RANGE, kernels.packed_share, (TWO, 2, 2, 3, bytes(32))),
    (Code.PACK_LENGTH, kernels.packed_share, (ONE, 2, 3, 3, bytes(32))),
    (Code.EMPTY, kernels.shamir_reconstruct, ([], [], 2)),
    (Code.VECTOR_LENGTH, kernels.shamir_reconstruct, ([ONE, TWO], [0, 1], 2)),
    (Code.POSITION_COUNT, kernels.shamir_reconstruct, ([ONE, ONE], [0], 2)),
    (Code.POSITION_RANGE, kernels.shamir_reconstruct, ([ONE, ONE], [0, 2047], 2)),
    (Code.POSITION_RANGE, kernels.shamir_reconstruct, ([ONE, ONE], [-1, 0], 2)),
    (Code.POSITION_ORDER, kernels.shamir_reconstruct, ([ONE, ONE], [1, 1], 2)),
    (Code.THRESHOLD_RANGE, kernels.shamir_reconstruct, ([ONE, ONE], [0, 1], 1)),
    (Code.SHARES_MISSING, kernels.shamir_reconstruct, ([ONE, ONE], [0, 1], 3)),
    (Code.FIELD_RANGE, kernels.shamir_reconstruct, ([ONE, u64(P)], [0, 1], 2)),
    (Code.PACK_RANGE, kernels.packed_reconstruct, ([ONE, ONE], [0, 1], 0, 2)),
    (Code.THRESHOLD_RANGE, kernels.packed_reconstruct, ([ONE, ONE], [0, 1], 2, 2)),
    (Code.KERNEL_ARGUMENT, kernels.packed_reconstruct, (ONE, [0], 1, 2)),
]


@pytest.mark.parametrize(("code", "call", "args"), FAULTS)
def test_arguments_of_sharing(code: Code, call, args) -> None:
    """Each fault in the arguments gives the code of its guard."""
    refused(code, call, *args)
