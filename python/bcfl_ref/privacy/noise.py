"""Noise that a group promises and its members share: samples, a member's part, what a sum can reach (PRV-060)."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

import numpy as np
from numpy.typing import NDArray

from .. import kernels
from ..errors import Code, SpecError
from ..kernels import _noise
from ..kernels.limits import COORDINATE_MAX, NOISE_STEPS_MAX, NORM_BOUND_MAX, VARIANCE_MAX
from ..types import Noise
from .rings import SUMMANDS_MAX

RING = 64
"""PRV-065: noised inputs are words of this ring."""
WORD_BYTES = 4


def gaussian_samples(stream: bytes, count: int, numerator: int, denominator: int) -> tuple[list[int], int]:
    """PRV-062, PRV-061: The first `count` discrete Gaussian numbers of a stream of bytes, and the bytes they took.

    Errors, in order: VARIANCE_RANGE unless numerator and denominator are in 1 ... 2^54 - 1; STREAM_SHORT when the
    stream ends before.
    """
    _check_variance(numerator, denominator)
    words = _Words(stream)
    draws = _noise.Draws(words)
    samples: list[int] = []
    try:
        while len(samples) < count:
            samples.append(_noise.gaussian(draws, numerator, denominator))
    except _noise.StreamEnd:
        detail = f"{len(stream)} bytes hold {len(samples)} samples, not {count}"
        raise SpecError(Code.STREAM_SHORT, detail) from None
    return samples, words.used


class _Words(Iterator[int]):
    """The whole words of a stream of bytes, and how many bytes were read."""

    def __init__(self, stream: bytes) -> None:
        self._stream = stream
        self.used = 0

    def __next__(self) -> int:
        word = self._stream[self.used : self.used + WORD_BYTES]
        if len(word) < WORD_BYTES:
            raise _noise.StreamEnd
        self.used += WORD_BYTES
        return int.from_bytes(word, "little")


def noise_share(noise: Noise, survivors_min: int) -> tuple[int, int]:
    """PRV-064: The variance that each member adds so that the honest ones among `survivors_min` reach the promise.

    Numerator and denominator in lowest terms. Errors, in order: NORM_BOUND_RANGE unless the clip bound is in
    1 ... 2^32 - 1; VARIANCE_RANGE unless numerator and denominator of the promise are in 1 ... 2^54 - 1;
    COLLUDERS_RANGE unless there are fewer colluders than survivors; VARIANCE_RANGE when a share is below 1/2, or
    its numerator or denominator beyond 2^54 - 1.
    """
    if not 1 <= noise.clip_bound <= NORM_BOUND_MAX:
        raise SpecError(Code.NORM_BOUND_RANGE, f"clip bound {noise.clip_bound}")
    _check_variance(noise.variance_numerator, noise.variance_denominator)
    if noise.colluders >= survivors_min:
        raise SpecError(Code.COLLUDERS_RANGE, f"{noise.colluders} colluders among {survivors_min} survivors")
    denominator = noise.variance_denominator * (survivors_min - noise.colluders)
    common = gcd(noise.variance_numerator, denominator)
    share = noise.variance_numerator // common, denominator // common
    _check_variance(*share)
    if 2 * share[0] < share[1]:
        raise SpecError(Code.VARIANCE_RANGE, f"a share of {share[0]} / {share[1]} is below 1/2")
    return share


def noised_input(update: NDArray[np.int32], noise: Noise, survivors_min: int, seed: bytes) -> NDArray[np.uint64]:
    """PRV-065: The update, clipped, with the member's share of the noise, as words of 64 bits.

    Errors, in order: those of noise_share; EMPTY; DOMAIN_COORDINATE; KEY_LENGTH.
    """
    numerator, denominator = noise_share(noise, survivors_min)
    clipped = kernels.clip_l2(update, noise.clip_bound).astype(np.int64)
    return (clipped + kernels.discrete_gaussian(clipped.size, numerator, denominator, seed)).view(np.uint64)


def noised_bound(noise: Noise, survivors_min: int, summands: int) -> int:
    """PRV-066: The largest magnitude of a sum of `summands` noised inputs: beyond it lies what no member may add.

    Errors, in order: those of noise_share; SUMMANDS_RANGE unless 1 <= summands <= 2^32; RING_OVERFLOW.
    """
    share = noise_share(noise, survivors_min)
    if not 1 <= summands <= SUMMANDS_MAX:
        raise SpecError(Code.SUMMANDS_RANGE, f"{summands} summands")
    noise_max = NOISE_STEPS_MAX * _noise.noise_scale(*share) - 1
    bound = summands * (min(noise.clip_bound, COORDINATE_MAX) + noise_max)
    if 2 * bound + 1 > 1 << RING:
        raise SpecError(Code.RING_OVERFLOW, f"a sum can reach {bound}")
    return bound


def _check_variance(numerator: int, denominator: int) -> None:
    if not 1 <= numerator <= VARIANCE_MAX or not 1 <= denominator <= VARIANCE_MAX:
        raise SpecError(Code.VARIANCE_RANGE, f"{numerator} / {denominator}")
