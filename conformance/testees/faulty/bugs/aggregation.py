"""The bugs of aggregation. A name says what the mistake is; `caught_by` is the case written against it."""

from __future__ import annotations

from mutation import Bug

_RULES = "bcfl_ref.aggregation.rules"
_GUARDS = "bcfl_ref.aggregation.guards"
_KRUM = "bcfl_ref.aggregation.krum"
_DISPATCH = "bcfl_ref.aggregation.dispatch"

BUGS = (
    Bug(
        "krum-takes-one-neighbour-more",
        "n - f - 1 neighbours, as if the update itself were among them",
        _KRUM,
        "neighbours = count - byzantine - 2",
        "neighbours = count - byzantine - 1",
        "agg-krum-scores-neighbours-more",
    ),
    Bug(
        "krum-counts-itself",
        "the distance 0 of an update to itself is among its neighbours",
        _KRUM,
        "if other != position]",
        "]",
        "agg-krum-scores-self",
    ),
    Bug(
        "krum-takes-the-last-of-equals",
        "of equal scores the last position wins",
        _KRUM,
        "(scores[position], position)",
        "(scores[position], -position)",
        "agg-krum-tie-pair",
    ),
    Bug(
        "krum-accepts-too-many-byzantine",
        "2f + 2 = n is accepted",
        _GUARDS,
        "2 * byzantine + 2 >= count",
        "2 * byzantine + 2 > count",
        "agg-check-rule-krum-few",
    ),
    Bug(
        "multi-krum-by-arrival",
        "averages the first m updates in place of the m best",
        _RULES,
        "krum_order(scores_of(kernels.pairwise_sqdist(updates), byzantine))[:select]",
        "list(range(select))",
        "agg-multi-krum-rescore",
    ),
    Bug(
        "multi-krum-selects-too-many",
        "m up to n is accepted",
        _GUARDS,
        "1 <= select <= count - byzantine:",
        "1 <= select <= count:",
        "agg-multi-krum-select-all",
    ),
    Bug(
        "mean-weighted",
        "the plain mean uses the sample counts",
        _RULES,
        "kernels.weighted_sum(updates, [1] * len(updates)), len(updates), rate)",
        "kernels.weighted_sum(updates, weights), sum(weights), rate)",
        "agg-mean-unweighted",
    ),
    Bug(
        "weighted-mean-unweighted-divisor",
        "the weighted sum is divided by the number of updates",
        _RULES,
        "return apply_sums(base, kernels.weighted_sum(updates, weights), sum(weights), rate)",
        "return apply_sums(base, kernels.weighted_sum(updates, weights), len(updates), rate)",
        "agg-weighted-mean-equal-weights",
    ),
    Bug(
        "rounds-twice",
        "the mean is rounded before the rate is applied",
        _RULES,
        "kernels.div_round(sums, numerator, denominator * count)",
        "kernels.div_round(kernels.div_round(sums, 1, count), numerator, denominator)",
        "agg-mean-one-division",
    ),
    Bug(
        "rate-upside-down",
        "multiplies by b and divides by a",
        _RULES,
        "numerator, denominator = rate",
        "denominator, numerator = rate",
        "agg-mean-algorithm-1",
    ),
    Bug(
        "model-wraps",
        "a model outside 32 bits wraps round",
        _RULES,
        "if outside.size > 0:",
        "if False:",
        "agg-mean-overflow-above",
    ),
    Bug(
        "trim-rounded-up",
        "k is the ceiling of beta times n",
        _RULES,
        "trim = trim_bps * len(updates) // guards.BASIS_POINTS",
        "trim = min(-(-trim_bps * len(updates) // guards.BASIS_POINTS), (len(updates) - 1) // 2)",
        "agg-trimmed-mean-few",
    ),
    Bug(
        "median-rounded-before-the-rate",
        "the median of an even number is rounded, then scaled",
        _RULES,
        "if rate[0] == rate[1]:",
        "if True:",
        "agg-coordinate-median-even-one-division",
    ),
    Bug(
        "update-domain-unchecked",
        "coordinates of an update are clamped in place of being refused",
        _GUARDS,
        "    check_domain(updates)\n",
        "    for update in updates:\n        np.clip(update, -COORDINATE_MAX, COORDINATE_MAX, out=update)\n",
        "agg-mean-domain",
    ),
    Bug(
        "weight-zero-accepted",
        "an update of weight 0 takes part",
        _GUARDS,
        "if not 1 <= weight <= WEIGHT_MAX:",
        "if not 0 <= weight <= WEIGHT_MAX:",
        "agg-mean-weight-0",
    ),
    Bug(
        "unused-parameters-ignored",
        "a parameter that the rule does not use may hold anything",
        _DISPATCH,
        "if parameter not in PARAMETERS[RuleName(rule.name)] and getattr(rule, parameter) != 0:",
        "if False:",
        "agg-check-rule-unused-trim-bps",
    ),
    Bug(
        "rule-guards-out-of-order",
        "the number of updates is looked at before the rate",
        _DISPATCH,
        "    guards.check_rate((rule.eta_numerator, rule.eta_denominator))\n    guards.check_count(count)\n",
        "    guards.check_count(count)\n    guards.check_rate((rule.eta_numerator, rule.eta_denominator))\n",
        "agg-check-rule-rate-and-none",
    ),
    Bug(
        "extensions-as-mean",
        "an extension that is not installed is silently the mean",
        _DISPATCH,
        'raise SpecError(Code.RULE_UNKNOWN, f"rule {rule.name} is an extension that is not installed here")',
        "return",
        "agg-check-rule-unknown-128",
    ),
)
