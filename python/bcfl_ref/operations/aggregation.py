"""The operations of the aggregation rules (`spec/aggregation.md`), between canonical JSON and the functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..aggregation import aggregate, check_rule, rules
from ..aggregation.krum import krum_order, krum_scores
from ..encoding import from_json
from ..errors import Code
from ..types import AggregationRule, Uint16, Uint32, Uint64
from ._base import Json, Operation
from .kernels import decimals, numbers, vector, vectors

# ---- rules


def _rule(function: Callable[..., NDArray[np.int32]], **parameters: Any) -> Callable[[Json], Json]:
    """The `run` of a rule whose parameters besides the rate are `parameters` (field name to type)."""

    def run(data: Json) -> Json:
        rate = from_json(Uint16, data["eta_numerator"]), from_json(Uint16, data["eta_denominator"])
        base, updates = vector(data["base"]), vectors(data["updates"])
        own = {name: from_json(hint, data[name]) for name, hint in parameters.items()}
        return {"model": function(base, updates, numbers(Uint32, data["weights"]), rate, **own).tolist()}

    return run


def _krum_scores(data: Json) -> Json:
    scores = krum_scores(vectors(data["updates"]), from_json(Uint16, data["byzantine"]))
    return {"scores": decimals(scores), "order": decimals(krum_order(scores))}


def _check_rule(data: Json) -> Json:
    check_rule(from_json(AggregationRule, data["rule"]), from_json(Uint32, data["count"]))
    return {}


def _aggregate(data: Json) -> Json:
    rule = from_json(AggregationRule, data["rule"])
    base, updates = vector(data["base"]), vectors(data["updates"])
    return {"model": aggregate(rule, base, updates, numbers(Uint32, data["weights"])).tolist()}


# ---- the table

_START = (Code.RATE_RANGE, Code.EMPTY, Code.VECTOR_COUNT)
_INPUTS = (Code.WEIGHT_COUNT, Code.VECTOR_LENGTH, Code.WEIGHT_RANGE, Code.DOMAIN_COORDINATE, Code.MODEL_OVERFLOW)
_FORM = (Code.RULE_UNKNOWN, Code.PARAMETER_UNUSED)
_PARAMETERS = (Code.TRIM_RANGE, Code.BYZANTINE_RANGE, Code.SELECT_RANGE, Code.NORM_BOUND_RANGE)


def _rule_operation(
    name: str, clauses: tuple[str, ...], run: Callable[[Json], Json], own: tuple[Code, ...], kernel: str, summary: str
) -> Operation:
    return Operation(
        name=f"aggregation.{name}",
        clauses=(*clauses, "AGG-020", "AGG-021", "AGG-022"),
        run=run,
        function=f"bcfl_ref.aggregation.rules.{name}",
        errors=(*_START, *own, *_INPUTS),
        kernel=kernel,
        summary=summary,
    )


OPERATIONS: tuple[Operation, ...] = (
    _rule_operation(
        "mean", ("AGG-023",), _rule(rules.mean), (), "weighted_sum", "The mean of the updates with a server rate"
    ),
    _rule_operation(
        "weighted_mean",
        ("AGG-024",),
        _rule(rules.weighted_mean),
        (),
        "weighted_sum",
        "The mean of the updates weighted by sample count",
    ),
    _rule_operation(
        "coordinate_median",
        ("AGG-025",),
        _rule(rules.coordinate_median),
        (),
        "coordinate_median",
        "The median of the updates by coordinate",
    ),
    _rule_operation(
        "trimmed_mean",
        ("AGG-026",),
        _rule(rules.trimmed_mean, trim_bps=Uint16),
        (Code.TRIM_RANGE,),
        "trimmed_sum",
        "The mean by coordinate without the extreme values",
    ),
    Operation(
        name="aggregation.krum_scores",
        clauses=("AGG-027",),
        run=_krum_scores,
        function="bcfl_ref.aggregation.krum.krum_scores",
        errors=(
            Code.EMPTY,
            Code.VECTOR_COUNT,
            Code.BYZANTINE_RANGE,
            Code.VECTOR_LENGTH,
            Code.DOMAIN_COORDINATE,
        ),
        kernel="pairwise_sqdist",
        summary="Krum's score of each update and the order that it gives",
    ),
    _rule_operation(
        "krum",
        ("AGG-028", "AGG-027"),
        _rule(rules.krum, byzantine=Uint16),
        (Code.BYZANTINE_RANGE,),
        "pairwise_sqdist",
        "The update nearest to its neighbours",
    ),
    _rule_operation(
        "multi_krum",
        ("AGG-029", "AGG-027"),
        _rule(rules.multi_krum, byzantine=Uint16, select=Uint16),
        (Code.BYZANTINE_RANGE, Code.SELECT_RANGE),
        "pairwise_sqdist",
        "The mean of the updates nearest to their neighbours",
    ),
    _rule_operation(
        "norm_bounded_mean",
        ("AGG-030", "AGG-011"),
        _rule(rules.norm_bounded_mean, norm_bound=Uint64),
        (Code.NORM_BOUND_RANGE,),
        "clip_l2",
        "The weighted mean of the updates after clipping each",
    ),
    _rule_operation(
        "bulyan",
        ("AGG-033", "AGG-015"),
        _rule(rules.bulyan, byzantine=Uint16),
        (Code.BYZANTINE_RANGE,),
        "nearest_sum",
        "The mean by coordinate of the values nearest to the median of the updates that Krum selects",
    ),
    Operation(
        name="aggregation.check_rule",
        clauses=("AGG-020", "AGG-010", "AGG-032"),
        run=_check_rule,
        function="bcfl_ref.aggregation.dispatch.check_rule",
        errors=(*_FORM, *_START, *_PARAMETERS),
        summary="Whether a rule is well formed and can aggregate so many updates",
    ),
    Operation(
        name="aggregation.aggregate",
        clauses=("AGG-031", "AGG-010", "AGG-020", "AGG-021", "AGG-022"),
        run=_aggregate,
        function="bcfl_ref.aggregation.dispatch.aggregate",
        errors=(*_FORM, *_START, *_PARAMETERS, *_INPUTS),
        summary="The next model by the rule that the ledger names",
    ),
)
