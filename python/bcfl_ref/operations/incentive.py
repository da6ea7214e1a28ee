"""The operations of `spec/incentive.md`: scores, splits, reputation and conservation, as JSON in and out."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeVar

from ..contract import deadlines, tasks
from ..encoding import from_json, hash_tree_root, to_json
from ..errors import Code, SpecError
from ..incentive import conservation, rewards, scores
from ..types import IdentityIndex, Parameters, State, Task, Testimony, Uint8, Uint16, Uint32, Uint64
from ._base import Json, Operation
from ._reachable import check_task, check_whole
from ._shape import objects

M = TypeVar("M", bound=IntEnum)

# ---- JSON


def _numbers(hint: Any, data: Json) -> list[int]:
    if not isinstance(data, list):
        raise SpecError(Code.ENCODING_INVALID, "numbers are an array of decimal strings")
    return [from_json(hint, item) for item in data]


def _member(kind: type[M], data: Json) -> M:
    number = from_json(Uint8, data)
    if number not in tuple(kind):
        raise SpecError(Code.ENCODING_INVALID, f"{number} names no {kind.__name__.lower()}")
    return kind(number)


# ---- scores


def _score_ppm(data: Json) -> Json:
    return {"score_ppm": str(scores.score_ppm(from_json(Testimony, data["testimony"])))}


def _is_scored(data: Json) -> Json:
    return {"scored": scores.is_scored(from_json(Uint64, data["included"]), from_json(Uint64, data["total"]))}


def _weighted_lower_median(data: Json) -> Json:
    pairs = objects(data["entries"])
    values = _numbers(Uint32, [pair["value"] for pair in pairs])
    weights = _numbers(Uint32, [pair["weight"] for pair in pairs])
    return {"median": str(scores.weighted_lower_median(values, weights))}


def _accepted(data: Json) -> Json:
    verdicts = scores.accepted(_numbers(Uint32, data["scores"]), from_json(Uint16, data["acceptance_bps"]))
    return {"accepted": list(verdicts)}


# ---- money


def _largest_remainder(data: Json) -> Json:
    parts = rewards.largest_remainder(from_json(Uint64, data["amount"]), _numbers(Uint32, data["weights"]))
    return {"parts": [str(part) for part in parts]}


def _round_pools(data: Json) -> Json:
    shares = [from_json(Uint16, data[name]) for name in ("trainers_bps", "scorers_bps", "aggregators_bps")]
    trainers, scorers, aggregators = rewards.round_pools(from_json(Uint64, data["reward"]), *shares)
    return {"trainers": str(trainers), "scorers": str(scorers), "aggregators": str(aggregators)}


def _round_payouts(data: Json) -> Json:
    task: Task = from_json(Task, data["task"])
    check_task(task)
    payouts = deadlines.round_payouts(task)
    return {"payouts": [{"identity": str(identity), "amount": str(amount)} for identity, amount in payouts]}


def _seize_deposit(data: Json) -> Json:
    state: State = from_json(State, data["state"])
    check_whole(state)
    task, identity = from_json(Uint32, data["task"]), from_json(IdentityIndex, data["identity"])
    if task >= len(state.tasks):
        raise SpecError(Code.ENCODING_INVALID, f"{task} names none of {len(state.tasks)} tasks")
    after = tasks.seize_deposit(state, task, identity, _member(tasks.Role, data["role"]))
    return {"state": to_json(after), "state_root": "0x" + hash_tree_root(after).hex()}


def _total_tokens(data: Json) -> Json:
    return {"tokens": str(conservation.total_tokens(from_json(State, data["state"])))}


# ---- reputation


def _next_reputation(data: Json) -> Json:
    fact = _member(rewards.Fact, data["fact"])
    parameters = from_json(Parameters, data["parameters"])
    return {
        "reputation_bps": str(rewards.next_reputation(from_json(Uint64, data["reputation_bps"]), fact, parameters))
    }


# ---- the table


def _operation(
    name: str,
    clauses: tuple[str, ...],
    run: Callable[[Json], Json],
    module: str,
    errors: tuple[Code, ...],
    summary: str,
) -> Operation:
    return Operation(
        name=f"incentive.{name}",
        clauses=clauses,
        run=run,
        function=f"bcfl_ref.{module}.{name}",
        errors=errors,
        summary=summary,
    )


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "score_ppm",
        ("INC-001",),
        _score_ppm,
        "incentive.scores",
        (Code.TESTIMONY_INVALID,),
        "The score that one testimony gives, in parts per million",
    ),
    _operation(
        "is_scored",
        ("INC-002",),
        _is_scored,
        "incentive.scores",
        (),
        "Whether more than two thirds of the scorers' weight revealed testimony",
    ),
    _operation(
        "weighted_lower_median",
        ("INC-003",),
        _weighted_lower_median,
        "incentive.scores",
        (Code.WEIGHTS_EMPTY,),
        "The smallest value that half of the weight reaches",
    ),
    _operation(
        "accepted",
        ("INC-004", "INC-003"),
        _accepted,
        "incentive.scores",
        (),
        "Which updates pass the bar of their round",
    ),
    _operation(
        "largest_remainder",
        ("INC-005",),
        _largest_remainder,
        "incentive.rewards",
        (Code.WEIGHTS_EMPTY,),
        "Tokens split in proportion to weights, none lost",
    ),
    _operation(
        "round_pools",
        ("INC-006", "INC-005"),
        _round_pools,
        "incentive.rewards",
        (Code.SHARES_SUM,),
        "A round's reward split into the pools of trainers, scorers and aggregators",
    ),
    _operation(
        "round_payouts",
        ("INC-007", "INC-005", "INC-006"),
        _round_payouts,
        "contract.deadlines",
        (),
        "Who is paid what for an aggregated round",
    ),
    _operation(
        "next_reputation",
        ("INC-008",),
        _next_reputation,
        "incentive.rewards",
        (),
        "A reputation after one fact",
    ),
    _operation(
        "seize_deposit",
        ("INC-009",),
        _seize_deposit,
        "contract.tasks",
        (),
        "A deposit goes to the treasury",
    ),
    _operation(
        "total_tokens",
        ("INC-010",),
        _total_tokens,
        "incentive.conservation",
        (),
        "Every token of a state, wherever it is",
    ),
)
