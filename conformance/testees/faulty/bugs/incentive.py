"""The bugs of incentive. A name says what the mistake is; `caught_by` is the case written against it."""

from __future__ import annotations

from mutation import Bug

_REWARDS = "bcfl_ref.incentive.rewards"
_SCORES = "bcfl_ref.incentive.scores"
_ACCOUNTS = "bcfl_ref.incentive.conservation"
_DEADLINES = "bcfl_ref.contract.deadlines"

BUGS = (
    Bug(
        "quorum-of-exactly-two-thirds",
        "a round is scored with 3 * included >= 2 * total",
        _SCORES,
        "return 3 * included > 2 * total",
        "return 3 * included >= 2 * total",
        "inc-scored-two-thirds",
    ),
    Bug(
        "score-to-nearest",
        "the score is rounded to the nearest part in a million",
        _SCORES,
        "PPM * testimony.correct // testimony.total",
        "(PPM * testimony.correct + testimony.total // 2) // testimony.total",
        "inc-score-two-thirds",
    ),
    Bug(
        "upper-median",
        "the value at which the weights exceed half of all",
        _SCORES,
        "if 2 * reached >= total:",
        "if 2 * reached > total:",
        "inc-median-half",
    ),
    Bug(
        "median-without-weights",
        "every value counts once",
        _SCORES,
        "        reached += weight\n",
        "        reached += total // len(values) + 1\n",
        "inc-median-weights",
    ),
    Bug(
        "accepts-zero",
        "a score of 0 reaches a bar of 0",
        _SCORES,
        "score > 0 and ",
        "",
        "inc-accepted-zero",
    ),
    Bug(
        "bar-exclusive",
        "a score at the bar is not accepted",
        _SCORES,
        "BASIS_POINTS * score >= acceptance_bps * reference",
        "BASIS_POINTS * score > acceptance_bps * reference",
        "inc-accepted-exact",
    ),
    Bug(
        "bar-rounded",
        "the bar is rounded down before the comparison",
        _SCORES,
        "BASIS_POINTS * score >= acceptance_bps * reference",
        "score >= acceptance_bps * reference // BASIS_POINTS",
        "inc-accepted-no-rounding",
    ),
    Bug(
        "remainder-to-the-highest-index",
        "of equal remainders the highest index gets the token",
        _REWARDS,
        "(-(amount * weights[i] % total), i)",
        "(-(amount * weights[i] % total), -i)",
        "inc-split-tie-of-some",
    ),
    Bug(
        "remainder-to-the-first",
        "the tokens left go to the lowest indices whatever their remainders",
        _REWARDS,
        "(-(amount * weights[i] % total), i)",
        "i",
        "inc-split-zero-weight",
    ),
    Bug(
        "remainder-lost",
        "every part is rounded down and the rest is lost",
        _REWARDS,
        "        parts[index] += 1\n",
        "        pass\n",
        "inc-split-equal",
    ),
    Bug(
        "shares-in-16-bits",
        "the shares are summed in 16 bits",
        _REWARDS,
        "if sum(shares) != BASIS_POINTS:",
        "if sum(shares) % 2**16 != BASIS_POINTS:",
        "inc-pools-wrap",
    ),
    Bug(
        "reputation-without-ceiling",
        "a gain goes beyond the largest reputation",
        _REWARDS,
        "return min(parameters.reputation_max_bps, bounded)",
        "return bounded",
        "inc-reputation-ceiling",
    ),
    Bug(
        "reputation-to-zero",
        "a proved fault takes the reputation to 0",
        _REWARDS,
        "max(parameters.reputation_min_bps, reputation_bps + change)",
        "max(0, reputation_bps + change)",
        "inc-reputation-fault-floor",
    ),
    Bug(
        "supply-without-unbonding",
        "unbonding tokens are not counted",
        _ACCOUNTS,
        "identity.balance + identity.stake + identity.unbonding for",
        "identity.balance + identity.stake for",
        "inc-tokens-everywhere",
    ),
    Bug(
        "pays-a-poisoner-for-scoring",
        "whose update was rejected still earns from the other pools",
        _DEADLINES,
        "for identity, weight in done if identity not in rejected]",
        "for identity, weight in done]",
        "inc-payouts-poisoner-scores",
    ),
    Bug(
        "pays-by-size",
        "payment by score and by size exchanged",
        _DEADLINES,
        "u.score_ppm if by_score else u.sample_count",
        "u.sample_count if by_score else u.score_ppm",
        "inc-payouts-size",
    ),
    Bug(
        "pays-false-claims",
        "everybody who claimed is paid",
        _DEADLINES,
        "[(claim.aggregator, 1) for claim in round_.claims if claim.correct]",
        "[(claim.aggregator, 1) for claim in round_.claims]",
        "inc-payouts-false-claim",
    ),
    Bug(
        "pays-for-committing",
        "a score sheet that did not match is paid",
        _DEADLINES,
        "for sheet in round_.sheets if sheet.status == SheetStatus.REVEALED],\n        [(claim",
        "for sheet in round_.sheets],\n        [(claim",
        "inc-payouts-mismatched-sheet",
    ),
)
