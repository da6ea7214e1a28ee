"""The rules that turn a base model and the updates of one round into the next model (AGG-022 ... AGG-030, AGG-033).

Every rule has the same parts in the same order: guards, the sum and count that the rule is about, applying them.
Updates stand in ascending registration index, beside their weights (sample counts). All arithmetic is exact
until the one division in `apply_sums`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .. import kernels
from ..errors import Code, SpecError
from . import guards
from .guards import Model, Rate
from .krum import bulyan_selection, krum_order, scores_of

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1


def apply_sums(base: Model, sums: NDArray[np.int64], count: int, rate: Rate) -> Model:
    """AGG-022: w + div_round_half_even(a * sums, b * count) by coordinate, the only division of a rule.

    Errors: MODEL_OVERFLOW when a coordinate of the new model is no int32.
    """
    numerator, denominator = rate
    model = base.astype(np.int64) + kernels.div_round(sums, numerator, denominator * count)
    outside = np.flatnonzero((model < INT32_MIN) | (model > INT32_MAX))
    if outside.size > 0:
        raise SpecError(Code.MODEL_OVERFLOW, f"coordinate {outside[0]} becomes {model[outside[0]]}")
    return model.astype(np.int32)


def mean(base: Model, updates: Sequence[Model], weights: Sequence[int], rate: Rate) -> Model:
    """AGG-023: w + (a / (b * n)) * sum of q, the unweighted mean with a server rate.

    Source: Algorithm 1 of the BeFL paper, w + (eta / N) * sum(w_k - w). Errors: AGG-020, AGG-021, AGG-022.
    """
    guards.check_rate(rate)
    guards.check_count(len(updates))
    guards.check_inputs(base, updates, weights)
    return apply_sums(base, kernels.weighted_sum(updates, [1] * len(updates)), len(updates), rate)


def weighted_mean(base: Model, updates: Sequence[Model], weights: Sequence[int], rate: Rate) -> Model:
    """AGG-024: w + (a / (b * sum of c)) * sum of c * q, each update weighted by its sample count c.

    Errors: AGG-020, AGG-021, AGG-022.
    """
    guards.check_rate(rate)
    guards.check_count(len(updates))
    guards.check_inputs(base, updates, weights)
    return apply_sums(base, kernels.weighted_sum(updates, weights), sum(weights), rate)


def coordinate_median(base: Model, updates: Sequence[Model], weights: Sequence[int], rate: Rate) -> Model:
    """AGG-025: w + (a / b) * median by coordinate; for even n half the sum of the two middle values.

    The two halves of the median and the rate share one division, so nothing is rounded twice. At rate one the
    result is that of the kernel `coordinate_median`. Errors: AGG-020, AGG-021, AGG-022.
    """
    guards.check_rate(rate)
    guards.check_count(len(updates))
    guards.check_inputs(base, updates, weights)
    if rate[0] == rate[1]:
        return apply_sums(base, kernels.coordinate_median(updates).astype(np.int64), 1, rate)
    trim = (len(updates) - 1) // 2
    return apply_sums(base, kernels.trimmed_sum(updates, trim), len(updates) - 2 * trim, rate)


def trimmed_mean(base: Model, updates: Sequence[Model], weights: Sequence[int], rate: Rate, trim_bps: int) -> Model:
    """AGG-026: by coordinate, the mean of what remains without the k smallest and the k largest values.

    k = floor(trim_bps * n / 10000). Errors: AGG-020, AGG-021, AGG-022.
    """
    guards.check_rate(rate)
    guards.check_count(len(updates))
    guards.check_trim(trim_bps)
    guards.check_inputs(base, updates, weights)
    trim = trim_bps * len(updates) // guards.BASIS_POINTS
    return apply_sums(base, kernels.trimmed_sum(updates, trim), len(updates) - 2 * trim, rate)


def krum(base: Model, updates: Sequence[Model], weights: Sequence[int], rate: Rate, byzantine: int) -> Model:
    """AGG-028: w + (a / b) * q of the update with the lowest score, of equals the first.

    Source: Blanchard et al. 2017. Errors: AGG-020, AGG-021, AGG-022.
    """
    guards.check_rate(rate)
    guards.check_count(len(updates))
    guards.check_byzantine(byzantine, len(updates))
    guards.check_inputs(base, updates, weights)
    best = krum_order(scores_of(kernels.pairwise_sqdist(updates), byzantine))[0]
    return apply_sums(base, updates[best].astype(np.int64), 1, rate)


def multi_krum(
    base: Model, updates: Sequence[Model], weights: Sequence[int], rate: Rate, byzantine: int, select: int
) -> Model:
    """AGG-029: the unweighted mean of the m updates with the lowest scores, all scored once.

    Source: Blanchard et al. 2017. Errors: AGG-020, AGG-021, AGG-022.
    """
    guards.check_rate(rate)
    guards.check_count(len(updates))
    guards.check_byzantine(byzantine, len(updates))
    guards.check_select(select, byzantine, len(updates))
    guards.check_inputs(base, updates, weights)
    chosen = krum_order(scores_of(kernels.pairwise_sqdist(updates), byzantine))[:select]
    sums = kernels.weighted_sum([updates[position] for position in chosen], [1] * select)
    return apply_sums(base, sums, select, rate)


def norm_bounded_mean(
    base: Model, updates: Sequence[Model], weights: Sequence[int], rate: Rate, norm_bound: int
) -> Model:
    """AGG-030: the sample-weighted mean of the updates, each first shortened to a norm of at most B.

    `norm_bound` bounds the Euclidean norm, in units of the quantised coordinates. Errors: AGG-020, AGG-021, AGG-022.
    """
    guards.check_rate(rate)
    guards.check_count(len(updates))
    guards.check_norm_bound(norm_bound)
    guards.check_inputs(base, updates, weights)
    clipped = [kernels.clip_l2(update, norm_bound) for update in updates]
    return apply_sums(base, kernels.weighted_sum(clipped, weights), sum(weights), rate)


def bulyan(base: Model, updates: Sequence[Model], weights: Sequence[int], rate: Rate, byzantine: int) -> Model:
    """AGG-033: of n - 2f updates selected by Krum's score, by coordinate the mean of n - 4f nearest to the median.

    Source: El Mhamdi et al. 2018. Errors: AGG-020, AGG-021, AGG-022.
    """
    guards.check_rate(rate)
    guards.check_count(len(updates))
    guards.check_bulyan(byzantine, len(updates))
    guards.check_inputs(base, updates, weights)
    selected = bulyan_selection(kernels.pairwise_sqdist(updates), byzantine)
    keep = len(updates) - 4 * byzantine
    sums = kernels.nearest_sum([updates[position] for position in selected], keep)
    return apply_sums(base, sums, keep, rate)
