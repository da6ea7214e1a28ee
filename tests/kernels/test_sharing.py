"""Every variant of the kernels of secret sharing gives what the pure twin gives (PRV-016 ... PRV-019)."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import Code
from bcfl_ref.kernels.limits import FIELD_MODULUS as P
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.outcome import outcome

NATIVE = [name for name in kernels.available_variants() if name != "python"]
SEED = bytes(range(32))
EDGES = [0, 1, 2, P - 1, P - 2, 2**32 - 1, 2**32, 2**31, 2**60]
# Tables of up to 16 rows stay in registers, each number of rows by code of its own; those of 64 need no memory of the
# caller.
FEW = [(threshold, threshold + threshold % 3) for threshold in range(2, 19)]
SHAPES = [*FEW, (2, 3), (3, 7), (10, 32), (31, 33), (63, 64), (64, 65), (65, 66)]


def elements(count: int, state: int = 1) -> np.ndarray:
    """Numbers of the field, every other one at a seam of the machine's words."""
    source = random.Random(state)
    return np.array([source.choice([*EDGES, source.randrange(P)]) for _ in range(count)], dtype=np.uint64)


def listed(rows: list[np.ndarray]) -> list[list[int]]:
    return [row.tolist() for row in rows]


@pytest.mark.parametrize("variant", NATIVE)
@pytest.mark.parametrize(("threshold", "count"), SHAPES)
def test_seams(variant: str, threshold: int, count: int) -> None:
    """Thresholds around the table's sizes, secrets around whole registers, packs of one, two and all but one."""
    for size in (1, 7, 8, 9) if threshold < 40 else (1, 9):
        secrets = elements(size, size)
        with kernels.use_variant("python"):
            wanted = kernels.shamir_share(secrets, threshold, count, SEED)
        with kernels.use_variant(variant):
            shares = kernels.shamir_share(secrets, threshold, count, SEED)
            chosen = sorted(random.Random(size).sample(range(count), threshold))
            back = kernels.shamir_reconstruct([shares[i] for i in chosen], chosen, threshold)
        assert listed(shares) == listed(wanted)
        assert back.tolist() == secrets.tolist()
        for pack in {1, min(2, threshold - 1), threshold - 1}:
            blocks = elements(size * pack, pack)
            with kernels.use_variant("python"):
                wanted = kernels.packed_share(blocks, pack, threshold, count, SEED)
            with kernels.use_variant(variant):
                shares = kernels.packed_share(blocks, pack, threshold, count, SEED)
                back = kernels.packed_reconstruct([shares[i] for i in chosen], chosen, pack, threshold)
            assert listed(shares) == listed(wanted)
            assert back.tolist() == blocks.tolist()


@pytest.mark.parametrize("variant", NATIVE)
def test_most_holders(variant: str) -> None:
    """2047 shares of which 2047 are needed, by value: any one share more or less would show."""
    secrets = elements(2)
    with kernels.use_variant(variant):
        shares = kernels.shamir_share(secrets, 2047, 2047, SEED)
        assert kernels.shamir_reconstruct(shares, list(range(2047)), 2047).tolist() == secrets.tolist()
        packed = kernels.packed_share(secrets, 2, 1000, 2047, SEED)
        last = list(range(1047, 2047))
        assert kernels.packed_reconstruct(packed[1047:], last, 2, 1000).tolist() == secrets.tolist()
    digest = sum(int(share[0]) * (i + 1) for i, share in enumerate(shares)) % P
    with kernels.use_variant("portable"):
        same = kernels.shamir_share(secrets, 2047, 2047, SEED)
    assert digest == sum(int(share[0]) * (i + 1) for i, share in enumerate(same)) % P


@pytest.mark.parametrize("variant", NATIVE)
@given(st.data())
@settings(deadline=None, max_examples=25)
def test_any_sharing(variant: str, data: st.DataObject) -> None:
    """Any secrets, seed, threshold and choice of shares: share by share what the twin deals and rebuilds."""
    count = data.draw(st.integers(2, 20))
    threshold = data.draw(st.integers(2, count))
    values = data.draw(st.lists(st.integers(0, P - 1) | st.sampled_from(EDGES), min_size=1, max_size=20))
    secrets, seed = np.array(values, dtype=np.uint64), data.draw(st.binary(min_size=32, max_size=32))
    with kernels.use_variant(variant):
        shares = kernels.shamir_share(secrets, threshold, count, seed)
    with kernels.use_variant("python"):
        assert listed(shares) == listed(kernels.shamir_share(secrets, threshold, count, seed))
    chosen = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=threshold)))
    call = ("shamir_reconstruct", [shares[i] for i in chosen], chosen, threshold)
    assert outcome(variant, *call) == outcome("python", *call) == ("uint64", values)
    pack = data.draw(st.integers(1, threshold - 1))
    strange = ("packed_reconstruct", [shares[i] for i in chosen], chosen, pack, threshold)
    assert outcome(variant, *strange) == outcome("python", *strange)


@pytest.mark.parametrize("variant", NATIVE)
def test_tiles_and_threads(variant: str) -> None:
    """Parts that begin at a later block of the stream continue it; tiles of 2048 numbers meet at their ends."""
    for size, threads in product((1023, 1024, 1025, 2047, 2048, 2049, 5000), (1, 2, 3)):
        secrets = elements(size, size)
        with kernels.use_threads(threads), kernels.use_variant(variant):
            shares = kernels.shamir_share(secrets, 3, 4, SEED)
            assert (kernels.shamir_reconstruct(shares[1:], [1, 2, 3], 3) == secrets).all()
            packed = kernels.packed_share(np.repeat(secrets, 2), 2, 3, 5, SEED)
            assert (kernels.packed_reconstruct(packed[2:], [2, 3, 4], 2, 3) == np.repeat(secrets, 2)).all()
        with kernels.use_variant("portable"):
            assert all((a == b).all() for a, b in zip(kernels.shamir_share(secrets, 3, 4, SEED), shares, strict=True))


@pytest.mark.parametrize("variant", NATIVE)
def test_unaligned(variant: str) -> None:
    """Numbers at an odd address are numbers like any others."""
    secrets = elements(19)
    shifted = np.frombuffer(b"\0" + secrets.tobytes(), dtype=np.uint64, offset=1)
    with kernels.use_variant(variant):
        shares = kernels.shamir_share(shifted, 2, 3, SEED)
        odd = [np.frombuffer(b"\0" + share.tobytes(), dtype=np.uint64, offset=1) for share in shares]
        assert (kernels.shamir_reconstruct(odd, [0, 1, 2], 2) == secrets).all()


def test_refusals(variant: str) -> None:
    """Every variant names the same number that is not one of the field, also in a share that is not needed."""
    good, bad = elements(9), elements(9)
    bad[6] = P
    for call in (
        ("shamir_share", bad, 2, 3, SEED),
        ("packed_share", bad, 3, 4, 5, SEED),
        ("shamir_reconstruct", [good, good, bad], [0, 3, 7], 2),
        ("packed_reconstruct", [good, bad, good], [0, 3, 7], 1, 2),
    ):
        code, detail = outcome(variant, *call)
        assert code is Code.FIELD_RANGE
        assert (code, detail) == outcome("python", *call)
        bad[6] = 2**64 - 1
        assert outcome(variant, *call)[0] is Code.FIELD_RANGE
        bad[6] = P


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
def test_native_module_called_directly_never_crashes() -> None:
    """Past the facade, arguments that do not fit are exceptions too."""
    from bcfl_ref.kernels import _native

    context, word = _native.Context(NATIVE[-1]), np.ones(4, dtype=np.uint64)
    with pytest.raises(ValueError):
        context.shamir_share(word, 2, 3, SEED[:31])
    with pytest.raises(ValueError):
        context.shamir_share(word, 2, 2**20, SEED)
    with pytest.raises(ValueError):
        context.packed_share(word, 0, 2, 3, SEED)
    with pytest.raises(TypeError):
        context.shamir_share(word.astype(np.int64), 2, 3, SEED)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        context.shamir_reconstruct([word, word], [0], 2)
    with pytest.raises(ValueError):
        context.shamir_reconstruct([word, word[:2]], [0, 1], 2)
    with pytest.raises(TypeError):
        context.shamir_reconstruct([word.view(np.int64), word], [0, 1], 2)  # type: ignore[list-item]
    with pytest.raises(ValueError):
        context.packed_reconstruct([word, word], [0, 1], 2**40, 2)
