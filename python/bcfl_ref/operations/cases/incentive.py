"""Cases of the operations on scores, splits, payouts, reputation and conservation (INC-001 ... INC-010)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...contract.tasks import EMPTY_ROUND
from ...encoding import to_json
from ...types import Claim, Participant, Sheet, State, Task, Testimony, Update
from .._base import Case, Json
from ._ledger import identity, parameters, root, state, task, task_spec

# ---------------------------------------------------------------------------------------------------------
# Inputs


def _decimals(values: list[int]) -> list[str]:
    return [str(value) for value in values]


def _testimony(correct: int, total: int) -> Json:
    return {"testimony": to_json(Testimony(root(1), correct, total))}


def _entries(*pairs: tuple[int, int]) -> Json:
    return {"entries": [{"value": str(value), "weight": str(weight)} for value, weight in pairs]}


def _scores(acceptance_bps: int, *scores: int) -> Json:
    return {"scores": _decimals(list(scores)), "acceptance_bps": str(acceptance_bps)}


def _split(amount: int, *weights: int) -> Json:
    return {"amount": str(amount), "weights": _decimals(list(weights))}


def _pools(reward: int, trainers: int, scorers: int, aggregators: int) -> Json:
    return {
        "reward": str(reward),
        "trainers_bps": str(trainers),
        "scorers_bps": str(scorers),
        "aggregators_bps": str(aggregators),
    }


def _reputation(before: int, fact: int, **changes: Any) -> Json:
    return {"reputation_bps": str(before), "fact": str(fact), "parameters": to_json(parameters(**changes))}


# ---------------------------------------------------------------------------------------------------------
# Scores

_LARGEST = 2**32 - 1

_SCORE_CASES = (
    Case(
        "incentive.score_ppm",
        "inc-score-third",
        "one of three, cut off, not rounded",
        _testimony(1, 3),
        bug="rounds to the nearest instead of down",
    ),
    Case(
        "incentive.score_ppm",
        "inc-score-two-thirds",
        "the exact value lies above the half: rounding would give 666667",
        _testimony(2, 3),
        bug="rounds to the nearest instead of down",
    ),
    Case("incentive.score_ppm", "inc-score-none", "nothing right is a valid testimony", _testimony(0, 7)),
    Case("incentive.score_ppm", "inc-score-all", "everything right is a million", _testimony(7, 7)),
    Case(
        "incentive.score_ppm",
        "inc-score-wide",
        "the largest counts: 10^6 · correct needs 52 bits",
        _testimony(_LARGEST - 1, _LARGEST),
        bug="multiplies in 32 bits, or divides floating-point numbers",
    ),
    Case(
        "incentive.score_ppm",
        "inc-score-no-samples",
        "no samples, no score",
        _testimony(0, 0),
        twin="inc-score-none",
        bug="divides by zero, or takes 0 of 0 for 0",
    ),
    Case(
        "incentive.score_ppm",
        "inc-score-more-than-all",
        "more right than there are samples",
        _testimony(8, 7),
        twin="inc-score-all",
        bug="a score above one million",
    ),
)

_SCORED_CASES = tuple(
    Case(
        "incentive.is_scored",
        f"inc-scored-{name}",
        comment,
        {"included": str(included), "total": str(total)},
        bug=bug,
    )
    for name, included, total, comment, bug in (
        ("all", 20000, 20000, "everybody revealed", None),
        ("two-thirds", 20000, 30000, "exactly two thirds is not enough", "asks for ≥ instead of >"),
        ("above", 20001, 30000, "one more than two thirds", None),
        ("below", 19999, 30000, "one less than two thirds", None),
        ("nobody", 0, 0, "nothing of nothing is not scored", "0 ≥ 0 counts as scored"),
        ("none-of-some", 0, 5000, "no reveal at all", None),
        ("fraction", 3, 4, "small weights: 9 > 8", "computes included / total in integers"),
        ("thirds-do-not-divide", 2, 4, "2·4/3 cut to 2 would call this equality: 6 > 8 is false", None),
        ("wide", 2**31, 2**31 + 2**29, "3·included needs 33 bits", "multiplies in 32 bits"),
    )
)

_MEDIAN = "incentive.weighted_lower_median"
_MEDIAN_CASES = (
    Case(
        _MEDIAN,
        "inc-median-odd",
        "the middle of three, given unsorted",
        _entries((30, 1), (10, 1), (20, 1)),
        bug="takes the middle of the list as it came",
    ),
    Case(
        _MEDIAN,
        "inc-median-even",
        "of the two middle values the lower",
        _entries((1, 1), (2, 1), (3, 1), (4, 1)),
        bug="upper median, or the mean of both",
    ),
    Case(_MEDIAN, "inc-median-one", "one value is its own median", _entries((77, 3))),
    Case(
        _MEDIAN,
        "inc-median-half",
        "exactly half of the weight is reached: that suffices",
        _entries((10, 2), (20, 2)),
        bug="2·sum > total instead of ≥",
    ),
    Case(
        _MEDIAN,
        "inc-median-weights",
        "two thirds of the weight behind the larger value",
        _entries((10, 1), (20, 2)),
        bug="counts values instead of weights",
    ),
    Case(
        _MEDIAN,
        "inc-median-odd-total",
        "total 5: half is 2.5, so weight 2 is not enough",
        _entries((10, 2), (20, 3)),
        bug="halves the total with floor: 5 // 2 = 2",
    ),
    Case(_MEDIAN, "inc-median-ties", "equal values pool their weights", _entries((10, 1), (20, 1), (20, 1), (30, 1))),
    Case(
        _MEDIAN,
        "inc-median-zero-weight",
        "a value without weight is not there",
        _entries((1, 0), (10, 3), (20, 3), (99, 0)),
        bug="a value of weight 0 shifts the position",
    ),
    Case(
        _MEDIAN,
        "inc-median-attack",
        "less than half of the weight cannot move it out of the honest range",
        _entries((0, 4900), (800000, 5000), (810000, 200)),
        bug="a mean would give 404000",
    ),
    Case(
        _MEDIAN,
        "inc-median-numbers",
        "numbers, not decimal strings, are sorted",
        _entries((9, 1), (10, 1), (100, 1)),
        bug='sorts "10" < "100" < "9"',
    ),
    Case(
        _MEDIAN,
        "inc-median-real",
        "five scorers with different reputations",
        _entries((931034, 5100), (896551, 4600), (965517, 10000), (931034, 5000), (0, 1000)),
    ),
    Case(
        _MEDIAN,
        "inc-median-empty",
        "no value at all",
        _entries(),
        twin="inc-median-one",
        bug="takes the first element of an empty list",
    ),
    Case(
        _MEDIAN,
        "inc-median-weightless",
        "values, but no weight behind them",
        _entries((77, 0)),
        twin="inc-median-one",
        bug="2·0 ≥ 0 makes the first value the median",
    ),
)

_ACCEPTED = "incentive.accepted"
_ACCEPTED_CASES = (
    Case(_ACCEPTED, "inc-accepted-bar", "median 880000, bar 836000", _scores(9500, 900000, 880000, 300000)),
    Case(
        _ACCEPTED,
        "inc-accepted-exact",
        "a score exactly on the bar is accepted: 9·10^9 both sides",
        _scores(9000, 900000, 1000000, 1000000),
        bug="> instead of ≥",
    ),
    Case(
        _ACCEPTED, "inc-accepted-below", "one part per million below the bar", _scores(9000, 899999, 1000000, 1000000)
    ),
    Case(
        _ACCEPTED,
        "inc-accepted-no-rounding",
        "the bar 333299.6667 lies between integers: 333299 is below it",
        _scores(3333, 333299, 333300, 999999, 999999, 999999),
        bug="rounds the bar down before it compares",
    ),
    Case(
        _ACCEPTED,
        "inc-accepted-zero",
        "a score of 0 is never accepted, whatever the bar",
        _scores(0, 0, 5, 0),
        bug="0 ≥ 0 accepts",
    ),
    Case(_ACCEPTED, "inc-accepted-all-zero", "nobody got anything right", _scores(9000, 0, 0)),
    Case(
        _ACCEPTED,
        "inc-accepted-even",
        "two updates: the lower one is the median, both pass",
        _scores(10000, 600000, 700000),
        bug="upper median rejects the first",
    ),
    Case(_ACCEPTED, "inc-accepted-full", "10000 basis points: the better half", _scores(10000, 1, 2, 3, 4, 5)),
    Case(_ACCEPTED, "inc-accepted-none", "no update was scored", _scores(9000), bug="the median of nothing"),
    Case(_ACCEPTED, "inc-accepted-one", "one update is its own median", _scores(10000, 17)),
    Case(
        _ACCEPTED,
        "inc-accepted-order",
        "verdicts stand in the order of the scores, not in sorted order",
        _scores(9500, 100000, 900000, 100000, 900000, 910000),
        bug="sorts in place",
    ),
)

# ---------------------------------------------------------------------------------------------------------
# Splits

_SPLIT = "incentive.largest_remainder"
_SPLIT_CASES = (
    Case(
        _SPLIT,
        "inc-split-equal",
        "10 by three: the token left goes to the first",
        _split(10, 1, 1, 1),
        bug="loses the remainder by floor",
    ),
    Case(
        _SPLIT,
        "inc-split-two-left",
        "11 by three: the two tokens left go to the first two",
        _split(11, 1, 1, 1),
        bug="gives the whole remainder to one",
    ),
    Case(
        _SPLIT,
        "inc-split-remainder",
        "remainders 4/5 and 1/5: the larger one gets the token",
        _split(7, 2, 3),
        bug="gives the remainder to the highest index or the largest weight",
    ),
    Case(
        _SPLIT,
        "inc-split-late-remainder",
        "the largest remainder stands last",
        _split(4, 1, 1, 3),
        bug="gives the remainder to the lowest index always",
    ),
    Case(
        _SPLIT,
        "inc-split-tie-of-some",
        "equal remainders behind a smaller one: the lower index of the equal",
        _split(5, 4, 3, 3),
        bug="ties go to the highest index",
    ),
    Case(_SPLIT, "inc-split-exact", "nothing left over", _split(100, 60, 30, 10)),
    Case(
        _SPLIT,
        "inc-split-zero-weight",
        "weight 0 gets nothing, also not a token left over",
        _split(1, 0, 5, 5),
        bug="the remainder goes to index 0 whatever its weight",
    ),
    Case(_SPLIT, "inc-split-nothing", "nothing to split", _split(0, 3, 4)),
    Case(_SPLIT, "inc-split-one", "one takes all", _split(12345, 7)),
    Case(_SPLIT, "inc-split-fewer-than-parts", "two tokens for five", _split(2, 1, 1, 1, 1, 1)),
    Case(
        _SPLIT,
        "inc-split-wide",
        "2^48 tokens by scores: the product needs 68 bits",
        _split(2**48, 999999, 1000000, 333333, 1),
        bug="multiplies in 64 bits",
        note="amount·w = k·w·W + r·w with amount = k·W + r avoids it",
    ),
    Case(
        _SPLIT,
        "inc-split-above-double",
        "an odd amount beyond 2^53 · fractions: a double is off by one",
        _split(2**47 + 1, 999983, 999979, 999961),
        bug="computes shares in floating point",
    ),
    Case(_SPLIT, "inc-split-scores", "a round's pool by scores", _split(600, 931034, 896551, 965517)),
    Case(
        _SPLIT,
        "inc-split-weightless",
        "no weight at all",
        _split(12345, 0),
        twin="inc-split-one",
        bug="divides by zero",
    ),
    Case(
        _SPLIT,
        "inc-split-nobody",
        "nobody to pay",
        _split(12345),
        twin="inc-split-one",
        bug="the amount vanishes in an empty list",
    ),
    Case(
        _SPLIT,
        "inc-split-nothing-weightless",
        "no weight is refused also when there is nothing to split",
        {"amount": "0", "weights": ["0", "0"]},
        twin="inc-split-nothing",
        follows=("/weights/1",),
        bug="returns early for an amount of 0",
    ),
)

_POOLS = "incentive.round_pools"
_POOLS_CASES = (
    Case(_POOLS, "inc-pools-plain", "60, 30 and 10 percent", _pools(100, 6000, 3000, 1000)),
    Case(
        _POOLS,
        "inc-pools-remainder",
        "thirds of 100: the token left goes to the largest share",
        _pools(100, 3333, 3333, 3334),
        bug="floors every pool and loses a token",
    ),
    Case(
        _POOLS,
        "inc-pools-tie",
        "1 token by two halves: the trainers come first",
        _pools(1, 5000, 5000, 0),
        bug="pools in another order",
    ),
    Case(_POOLS, "inc-pools-one", "everything to the trainers", _pools(100, 10000, 0, 0)),
    Case(_POOLS, "inc-pools-nothing", "a reward of 0 makes three empty pools", _pools(0, 6000, 3000, 1000)),
    Case(
        _POOLS,
        "inc-pools-wide",
        "2^48 tokens: the product with 10^4 needs 62 bits",
        _pools(2**48, 6001, 2999, 1000),
        bug="multiplies in 32 or 53 bits",
    ),
    Case(
        _POOLS,
        "inc-pools-short",
        "one basis point missing",
        _pools(100, 6000, 3000, 999),
        twin="inc-pools-plain",
        bug="splits in proportion to whatever the shares sum to",
    ),
    Case(
        _POOLS,
        "inc-pools-over",
        "one basis point too many",
        _pools(100, 6000, 3000, 1001),
        twin="inc-pools-plain",
        bug="pays more than the reward",
    ),
    Case(
        _POOLS,
        "inc-pools-wrap",
        "75536 is 10000 modulo 2^16",
        _pools(100, 65535, 3000, 7001),
        twin="inc-pools-plain",
        follows=("/aggregators_bps",),
        bug="sums the shares in 16 bits",
    ),
)

# ---------------------------------------------------------------------------------------------------------
# Payouts


def _update(trainer: int, score_ppm: int, accepted: bool, samples: int = 100, status: int = 5) -> Update:
    return Update(
        trainer, trainer, root(0x40 + trainer), status, root(0x50 + trainer), samples, (), score_ppm, accepted
    )


def _sheet(scorer: int, status: int = 1) -> Sheet:
    return Sheet(scorer, root(0x60 + scorer), status, ())


def _claim(aggregator: int, correct: bool = True) -> Claim:
    return Claim(aggregator, root(0x70), correct)


_ROUND = replace(
    EMPTY_ROUND,
    number=1,
    start_height=2,
    aggregators=(1, 2, 3, 4, 5),
    updates=(_update(1, 900000, True), _update(2, 880000, True, samples=300)),
    sheets=(_sheet(4), _sheet(5)),
    claims=(_claim(1), _claim(4), _claim(5)),
    scored=True,
)


def _payouts(payment: int = 0, reward: int = 100, **changes: Any) -> Json:
    spec = task_spec(payment=payment, reward_round=reward)
    running: Task = task(spec, phase=2, round=replace(_ROUND, **changes))
    return {"task": to_json(running)}


_PAYOUTS = "incentive.round_payouts"
_PAYOUT_CASES = (
    Case(
        _PAYOUTS,
        "inc-payouts-score",
        "60 by score to two trainers, 30 to two scorers, 10 to three aggregators",
        _payouts(),
        bug="the aggregators' pool by floor: 3 + 3 + 3 loses a token",
    ),
    Case(
        _PAYOUTS,
        "inc-payouts-size",
        "the same round paid by declared size: 100 and 300 samples",
        _payouts(1),
        bug="payment by score and by size exchanged",
    ),
    Case(
        _PAYOUTS, "inc-payouts-tiny", "one token: the trainers' pool takes it, the others are empty", _payouts(0, 1)
    ),
    Case(
        _PAYOUTS,
        "inc-payouts-rejected",
        "a rejected update earns nothing, and the accepted ones share its pool",
        _payouts(updates=(_update(1, 900000, True), _update(2, 880000, True), _update(3, 100000, False))),
        bug="pays all eligible updates by score",
    ),
    Case(
        _PAYOUTS,
        "inc-payouts-poisoner-scores",
        "who had an update rejected is paid for its score sheet neither",
        _payouts(updates=(_update(1, 900000, True), _update(4, 100000, False))),
        bug="the poisoner earns in its other roles",
    ),
    Case(
        _PAYOUTS,
        "inc-payouts-pool-stays",
        "nobody is left in the scorers' pool: it is not paid out at all",
        _payouts(updates=(_update(1, 900000, True), _update(4, 100000, False)), sheets=(_sheet(4),)),
        bug="gives the pool to somebody, or refuses the round with WEIGHTS_EMPTY",
    ),
    Case(
        _PAYOUTS,
        "inc-payouts-unavailable",
        "an unavailable update is not a rejected one: its trainer is paid as scorer",
        _payouts(updates=(_update(1, 900000, True), _update(4, 0, False, status=6))),
        bug="takes everything not accepted for rejected",
    ),
    Case(
        _PAYOUTS,
        "inc-payouts-mismatched-sheet",
        "a sheet that was never revealed or mismatched is not paid",
        _payouts(sheets=(_sheet(2, 0), _sheet(4, 2), _sheet(5))),
        bug="pays everybody who committed",
    ),
    Case(
        _PAYOUTS,
        "inc-payouts-false-claim",
        "a refuted claim is not paid",
        _payouts(claims=(_claim(1, False), _claim(4))),
        bug="pays everybody who claimed",
    ),
    Case(
        _PAYOUTS,
        "inc-payouts-all-roles",
        "one identity in all three pools is paid three times, once from each",
        _payouts(sheets=(_sheet(1),), claims=(_claim(1),)),
        bug="pays an identity once",
    ),
)

# ---------------------------------------------------------------------------------------------------------
# Reputation, deposits, conservation

_REPUTATION = "incentive.next_reputation"
_REPUTATION_TABLE: tuple[tuple[str, int, int, dict[str, int], str, str | None], ...] = (
    ("accepted", 5000, 1, {}, "an accepted update gains", None),
    ("rejected", 5000, 2, {}, "a rejected update loses", None),
    ("revealed", 5000, 3, {}, "a revealed sheet gains", None),
    ("confirmed", 5000, 4, {}, "a confirmed claim gains", None),
    ("missing", 5000, 5, {}, "missing work loses", None),
    ("fault", 9000, 6, {}, "a proved fault takes it to the floor, not below", "subtracts and wraps around"),
    ("fault-floor", 1000, 6, {}, "at the floor it stays there", "reputation 0"),
    ("ceiling", 9950, 1, {}, "a gain across the ceiling is cut", "exceeds reputation_max_bps"),
    ("at-ceiling", 10000, 3, {}, "at the ceiling it stays there", None),
    ("floor", 1499, 2, {}, "a loss across the floor is cut", "falls below reputation_min_bps"),
    ("at-floor", 1500, 5, {}, "a loss that ends on the floor exactly", None),
    ("underflow", 300, 5, {"reputation_min_bps": 1}, "300 - 500 is negative on the way", "subtracts unsigned"),
    ("no-gain", 5000, 1, {"reputation_gain_bps": 0}, "a ledger without gains", None),
    (
        "one-value",
        10000,
        6,
        {"reputation_min_bps": 10000, "reputation_initial_bps": 10000},
        "floor and ceiling are one: even a fault changes nothing",
        "a fault is reputation 0",
    ),
)
_REPUTATION_CASES = tuple(
    Case(_REPUTATION, f"inc-reputation-{name}", comment, _reputation(before, fact, **changes), bug=bug)
    for name, before, fact, changes, comment, bug in _REPUTATION_TABLE
)


def _seizure(role: int, identity_index: int = 1) -> Json:
    held = (Participant(1, 1, 10), Participant(2, 1, 10), Participant(1, 2, 10))
    before: State = state([identity(0), identity(1), identity(2)], tasks=(task(participants=held),), treasury=5)
    return {"state": to_json(before), "task": "0", "identity": str(identity_index), "role": str(role)}


_SEIZE = "incentive.seize_deposit"
_SEIZE_CASES = (
    Case(
        _SEIZE,
        "inc-seize-trainer",
        "the trainer's deposit goes, the scorer's stays",
        _seizure(1),
        bug="seizes every deposit of the identity",
    ),
    Case(
        _SEIZE,
        "inc-seize-scorer",
        "the scorer's deposit goes, the trainer's stays",
        _seizure(2),
        bug="seizes the first deposit of the identity",
    ),
    Case(
        _SEIZE,
        "inc-seize-stranger",
        "who does not hold the role loses nothing",
        _seizure(2, 2),
        bug="refuses, or takes from the balance",
    ),
)


def _tokens() -> Json:
    held = (Participant(1, 1, 10), Participant(1, 2, 7))
    accounts = [identity(0, 1), identity(1, 10, 100), identity(2, 1000, 10000, unbonding=100000)]
    return {"state": to_json(state(accounts, tasks=(task(participants=held),), treasury=1000000))}


_TOKENS = "incentive.total_tokens"
_TOKENS_CASES = (
    Case(
        _TOKENS,
        "inc-tokens-everywhere",
        "each place holds an amount of its own magnitude",
        _tokens(),
        bug="forgets unbonding tokens, deposits, the treasury or the escrow",
    ),
    Case(_TOKENS, "inc-tokens-plain", "balances only", {"state": to_json(state([identity(0)]))}),
    Case(
        _TOKENS,
        "inc-tokens-limit",
        "the most tokens there can be: 2^48",
        {"state": to_json(state([identity(0, 2**47), identity(1, 0, 2**47)]))},
        bug="sums in 32 bits",
    ),
)

CASES: tuple[Case, ...] = (
    *_SCORE_CASES,
    *_SCORED_CASES,
    *_MEDIAN_CASES,
    *_ACCEPTED_CASES,
    *_SPLIT_CASES,
    *_POOLS_CASES,
    *_PAYOUT_CASES,
    *_REPUTATION_CASES,
    *_SEIZE_CASES,
    *_TOKENS_CASES,
)
