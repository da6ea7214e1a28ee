"""What the attacker sees: an update, the sum of a group, the sum of all, or that sum with noise.

Every view is made of quantised updates and is a vector of whole numbers, as it would stand on the ledger. Sums are
those of unit weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.random import Generator

from ... import kernels
from ...errors import InvariantError
from ..models import Vector
from ..samples import Integers
from ..streams import Stream

GROUP = 4
"""Members of a group in grouped mode."""
DELTA = 1e-5
SIGMA_MIN = 1000.0
"""From here on the statistical distance of rounded and discrete Gaussian is below 10^-7, whatever is computed."""
EPSILONS = (64.0, 8.0, 1.0)


@dataclass(frozen=True)
class View:
    """A setting: `members` updates in the sum that the attacker sees (0: of everybody), `epsilon` if it has noise."""

    name: str
    members: int
    epsilon: float | None = None

    def size(self, trainers: int) -> int:
        """How many updates are in the sum with the target's, the target's included."""
        return min(self.members, trainers) if self.members else trainers


PLAIN = View("plain", 1)
GROUPED = View(f"grouped, sum of {GROUP}", GROUP)
SECURE = View("secure, sum of all", 0)
GROUPED_NOISY = View("grouped with noise, ε = 8", GROUP, 8.0)
SECURE_NOISY = tuple(View(f"secure with noise, ε = {epsilon:g}", 0, epsilon) for epsilon in EPSILONS)
NOISY = (GROUPED_NOISY, *SECURE_NOISY)
VIEWS = (PLAIN, GROUPED, SECURE, *NOISY)


def generator(seed: int, *numbers: int) -> Generator:
    """The attacker's coins, and those of nature where no rule says how they fall: named by a few numbers."""
    return np.random.default_rng(Stream(b"attack", seed, *numbers).word())


def median_norm(updates: Sequence[Vector]) -> int:
    """The bound to clip to: the median Euclidean norm, in units of the last place, at least 1."""
    norms = [sqrt(float((update.astype(np.float64) ** 2).sum())) for update in updates]
    return max(int(np.median(norms)), 1)


def noise_scale(bound: int, epsilon: float, rounds: int = 1) -> float:
    """The σ with which `rounds` sums of updates of norm `bound` are together (ε, δ)-private for each trainer.

    One sum is bound² / 2σ² zero-concentrated private, the rounds add up, and ρ gives ε = ρ + 2·√(ρ·ln 1/δ). A trainer
    that stays away changes a sum by its own update: the denominator is fixed.
    """
    if not epsilon > 0 or rounds < 1 or bound < 1:
        raise InvariantError(f"no noise for ε = {epsilon}, {rounds} rounds, bound {bound}")
    tail = log(1 / DELTA)
    rho = (sqrt(epsilon + tail) - sqrt(tail)) ** 2
    return bound * sqrt(rounds / (2 * rho))


def advantage_bound(epsilon: float) -> float:
    """What no attacker can exceed against (ε, δ)-privacy: true minus false positive rate."""
    return float((np.exp(epsilon) - 1 + 2 * DELTA) / (np.exp(epsilon) + 1))


def clipped(updates: Sequence[Vector], bound: int) -> list[Vector]:
    """AGG-011 on each update."""
    return [kernels.clip_l2(np.ascontiguousarray(update, dtype=np.int32), bound) for update in updates]


def noise(sigma: float, size: int, coins: Generator) -> Integers:
    """Rounded Gaussian noise, quickly drawn; from SIGMA_MIN on nothing tells it from a discrete Gaussian."""
    if sigma < SIGMA_MIN:
        raise InvariantError(f"rounded noise of σ = {sigma} is not that of the ledger")
    drawn: Integers = np.rint(coins.normal(0.0, sigma, size)).astype(np.int64)
    return drawn


def total(updates: Sequence[Vector] | Integers) -> Integers:
    """The exact sum."""
    added: Integers = np.asarray(updates, dtype=np.int64).sum(axis=0)
    return added
