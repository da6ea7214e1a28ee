"""How well an attacker guesses: the area under its curve, its advantage, and correlations."""

from __future__ import annotations

import numpy as np

from ...errors import InvariantError
from ..samples import Reals


def area_under_curve(positives: Reals, negatives: Reals) -> float:
    """P[a positive scores above a negative], ties half: 0.5 is guessing, 1 is certainty."""
    if not len(positives) or not len(negatives):
        raise InvariantError("no area under a curve of one class only")
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left")
    not_above = np.searchsorted(ordered, positives, side="right")
    return float((below + not_above).mean() / (2 * len(ordered)))


def advantage(positives: Reals, negatives: Reals) -> float:
    """True minus false positive rate at a threshold chosen on other samples than it is measured on.

    Even positions choose for odd ones and the other way round; so an attacker that knows nothing has about 0, where
    the largest difference on the same samples would always be above 0.
    """
    halves = [(positives[start::2], negatives[start::2]) for start in (0, 1)]
    found = []
    for chosen_on, measured_on in (halves, halves[::-1]):
        threshold = best_threshold(*chosen_on)
        found.append(float((measured_on[0] >= threshold).mean() - (measured_on[1] >= threshold).mean()))
    return (found[0] + found[1]) / 2


def best_threshold(positives: Reals, negatives: Reals) -> float:
    """The least score with the largest true minus false positive rate."""
    candidates = np.unique(np.concatenate([positives, negatives]))
    hits = 1 - np.searchsorted(np.sort(positives), candidates) / len(positives)
    alarms = 1 - np.searchsorted(np.sort(negatives), candidates) / len(negatives)
    return float(candidates[int(np.argmax(hits - alarms))])


def correlation(left: Reals, right: Reals) -> float:
    """Pearson's correlation of two vectors; 0 where one of them is constant, because it then says nothing."""
    left, right = left - left.mean(), right - right.mean()
    scale = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float(left @ right) / scale if scale else 0.0


def mean_correlation(left: Reals, right: Reals) -> float:
    """The mean over the rows of two tables of the correlation of the rows."""
    return float(np.mean([correlation(one, other) for one, other in zip(left, right, strict=True)]))
