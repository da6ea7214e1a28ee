"""The pure twin of exact noise (PRV-061 ... PRV-063), as the algorithms are written in the specification.

Integers and fractions only: nothing is rounded, so nothing can be read out of rounding. It takes as long as its draws
take, which depends on what is drawn: the time of a call says something about the noise, here as in every sampler by
rejection. Arguments have passed the check of the same name in `_arguments`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from . import _masking
from .limits import NOISE_STEPS_MAX

WORD = 1 << 32
BLOCK = 256
"""PRV-063: so many samples come from one key stream."""
_PURPOSE = b"\4" + bytes(3)
"""PRV-013: the first byte of a stream id of noise."""


class StreamEnd(Exception):
    """A stream of given bytes has no more words. Not StopIteration, which a generator would swallow."""


class Source(Protocol):
    """Where decisions come from: `below(m)` is uniform in 0 ... m - 1, `chance(n, d)` true with probability n / d."""

    def below(self, limit: int) -> int: ...

    def chance(self, numerator: int, denominator: int) -> bool: ...


class Draws:
    """PRV-061: uniform numbers and fair decisions from words of 32 bits."""

    def __init__(self, words: Iterator[int]) -> None:
        self._words = words

    def below(self, limit: int) -> int:
        """A uniform number below `limit`, at most 2^32: words beyond its largest multiple are skipped."""
        if limit == 1:
            return 0
        usable = WORD // limit * limit
        word = next(self._words)
        while word >= usable:
            word = next(self._words)
        return word % limit

    def chance(self, numerator: int, denominator: int) -> bool:
        """True with probability numerator / denominator <= 1, by comparing it with a random number digit by digit."""
        if numerator == denominator:
            return True
        while numerator > 0:
            rest = numerator * WORD - next(self._words) * denominator
            if rest >= denominator:
                return True
            numerator = rest
        return False


def exponential_chance(draws: Source, numerator: int, denominator: int) -> bool:
    """PRV-062: True with probability exp(-numerator / denominator), for a fraction of at most 1."""
    step = 1
    while draws.chance(numerator, denominator) and draws.below(step) == 0:
        step += 1
    return step % 2 == 1


def laplace(draws: Source, scale: int) -> int | None:
    """PRV-062: One attempt at a discrete Laplace number: x with probability in proportion to exp(-|x| / scale).

    None where the attempt fails: the remainder is refused, there are too many steps, or it is a negative zero.
    """
    remainder = draws.below(scale)
    if not exponential_chance(draws, remainder, scale):
        return None
    steps = 0
    while exponential_chance(draws, 1, 1):
        steps += 1
        if steps == NOISE_STEPS_MAX:
            return None
    magnitude = remainder + scale * steps
    negative = draws.below(2) == 1
    if negative and magnitude == 0:
        return None
    return -magnitude if negative else magnitude


def attempt(draws: Source, numerator: int, denominator: int) -> int | None:
    """PRV-062: One attempt at a discrete Gaussian number of variance numerator / denominator; None where it fails."""
    scale = noise_scale(numerator, denominator)
    candidate = laplace(draws, scale)
    if candidate is None:
        return None
    top = (abs(candidate) * scale * denominator - numerator) ** 2
    bottom = 2 * numerator * denominator * scale * scale
    while top >= bottom:
        if not exponential_chance(draws, 1, 1):
            return None
        top -= bottom
    return candidate if exponential_chance(draws, top, bottom) else None


def noise_scale(numerator: int, denominator: int) -> int:
    """PRV-062: t = floor(sigma) + 1, the scale of the Laplace numbers among which Gaussian ones are chosen."""
    return isqrt(numerator // denominator) + 1


def gaussian(draws: Source, numerator: int, denominator: int) -> int:
    """PRV-062: A discrete Gaussian number: attempts until one succeeds."""
    while True:
        sample = attempt(draws, numerator, denominator)
        if sample is not None:
            return sample


def discrete_gaussian(count: int, numerator: int, denominator: int, seed: bytes) -> NDArray[np.int64]:
    """PRV-063: `count` samples of variance numerator / denominator, 256 from each key stream of the seed."""
    samples: list[int] = []
    for block in range((count - 1) // BLOCK + 1):
        stream = _PURPOSE + block.to_bytes(8, "little")
        draws = Draws(_masking._stream(seed, stream, 4))
        samples += (gaussian(draws, numerator, denominator) for _ in range(min(BLOCK, count - block * BLOCK)))
    return np.array(samples, dtype=np.int64)
