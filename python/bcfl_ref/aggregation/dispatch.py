"""From an `AggregationRule` on the ledger to the function that computes it (AGG-020, AGG-031, AGG-032)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from ..errors import Code, SpecError, UsageError
from ..types import AggregationRule
from . import guards, rules
from .guards import Model, Rate

EXTENSION_FIRST, EXTENSION_LAST = 128, 255


class RuleName(IntEnum):
    """AGG-010: the numbers of the rules; 128 to 255 are left to rules outside this specification."""

    MEAN = 0
    WEIGHTED_MEAN = 1
    COORDINATE_MEDIAN = 2
    TRIMMED_MEAN = 3
    KRUM = 4
    MULTI_KRUM = 5
    NORM_BOUNDED_MEAN = 6
    BULYAN = 7


PARAMETERS: dict[RuleName, tuple[str, ...]] = {
    RuleName.MEAN: (),
    RuleName.WEIGHTED_MEAN: (),
    RuleName.COORDINATE_MEDIAN: (),
    RuleName.TRIMMED_MEAN: ("trim_bps",),
    RuleName.KRUM: ("byzantine",),
    RuleName.MULTI_KRUM: ("byzantine", "select"),
    RuleName.NORM_BOUNDED_MEAN: ("norm_bound",),
    RuleName.BULYAN: ("byzantine",),
}
"""AGG-010: the parameters that each rule uses besides the rate; the others are zero."""

_FUNCTIONS: dict[RuleName, Callable[..., Model]] = {
    RuleName.MEAN: rules.mean,
    RuleName.WEIGHTED_MEAN: rules.weighted_mean,
    RuleName.COORDINATE_MEDIAN: rules.coordinate_median,
    RuleName.TRIMMED_MEAN: rules.trimmed_mean,
    RuleName.KRUM: rules.krum,
    RuleName.MULTI_KRUM: rules.multi_krum,
    RuleName.NORM_BOUNDED_MEAN: rules.norm_bounded_mean,
    RuleName.BULYAN: rules.bulyan,
}


@dataclass(frozen=True)
class Extension:
    """AGG-032: A rule outside the specification: its title and its two pure functions.

    `aggregate(rule, base, updates, weights)` gives the new int32 model of the base's length; `check(rule, n)`
    raises `SpecError` when the parameters cannot work with n updates. The common guards have passed before.
    """

    title: str
    aggregate: Callable[[AggregationRule, Model, Sequence[Model], Sequence[int]], Model]
    check: Callable[[AggregationRule, int], None] = lambda rule, count: None


EXTENSIONS: dict[int, Extension] = {}
"""AGG-032: rules outside the specification by number, filled by the application before it opens a ledger."""


def register_extension(number: int, extension: Extension) -> None:
    """AGG-032: make `extension` known under `number` (128..255). Errors: UsageError when it cannot be."""
    if not EXTENSION_FIRST <= number <= EXTENSION_LAST:
        raise UsageError(f"rule number {number}: extensions have {EXTENSION_FIRST} to {EXTENSION_LAST}")
    if EXTENSIONS.setdefault(number, extension) is not extension:
        raise UsageError(f"rule number {number} is taken by {EXTENSIONS[number].title}")


def is_extension(rule: AggregationRule) -> bool:
    """AGG-032: whether the rule lies outside the specification, which genesis and reports must say."""
    return EXTENSION_FIRST <= rule.name <= EXTENSION_LAST


def check_rule(rule: AggregationRule, count: int, extensions: Mapping[int, Extension] = EXTENSIONS) -> None:
    """AGG-020: `rule` is well formed and can aggregate `count` updates; needs no update to say so.

    Errors, in order: RULE_UNKNOWN, PARAMETER_UNUSED, RATE_RANGE, EMPTY, VECTOR_COUNT, TRIM_RANGE,
    BYZANTINE_RANGE, SELECT_RANGE, NORM_BOUND_RANGE.
    """
    _check_form(rule, extensions)
    guards.check_rate((rule.eta_numerator, rule.eta_denominator))
    guards.check_count(count)
    if rule.name == RuleName.TRIMMED_MEAN:
        guards.check_trim(rule.trim_bps)
    if rule.name in (RuleName.KRUM, RuleName.MULTI_KRUM):
        guards.check_byzantine(rule.byzantine, count)
    if rule.name == RuleName.BULYAN:
        guards.check_bulyan(rule.byzantine, count)
    if rule.name == RuleName.MULTI_KRUM:
        guards.check_select(rule.select, rule.byzantine, count)
    if rule.name == RuleName.NORM_BOUNDED_MEAN:
        guards.check_norm_bound(rule.norm_bound)
    if is_extension(rule):
        extensions[rule.name].check(rule, count)


def aggregate(
    rule: AggregationRule,
    base: Model,
    updates: Sequence[Model],
    weights: Sequence[int],
    extensions: Mapping[int, Extension] = EXTENSIONS,
) -> Model:
    """AGG-031: the next model from the base model, the updates and their weights.

    Updates stand in ascending registration index; base and updates are int32 vectors of one length, weights sample
    counts. Errors, in order: those of `check_rule`, then AGG-021, then AGG-022.
    """
    check_rule(rule, len(updates), extensions)
    if is_extension(rule):
        guards.check_inputs(base, updates, weights)
        return _checked(extensions[rule.name].aggregate(rule, base, updates, weights), base)
    name = RuleName(rule.name)
    rate: Rate = (rule.eta_numerator, rule.eta_denominator)
    return _FUNCTIONS[name](
        base,
        updates,
        weights,
        rate,
        **{parameter: getattr(rule, parameter) for parameter in PARAMETERS[name]},
    )


def _check_form(rule: AggregationRule, extensions: Mapping[int, Extension]) -> None:
    """AGG-020: the rule's number is known and the parameters that it does not use are zero."""
    if is_extension(rule):
        if rule.name not in extensions:
            raise SpecError(Code.RULE_UNKNOWN, f"rule {rule.name} is an extension that is not installed here")
        return
    if rule.name not in list(RuleName):
        raise SpecError(Code.RULE_UNKNOWN, f"rule {rule.name}")
    for parameter in ("trim_bps", "byzantine", "select", "norm_bound"):
        if parameter not in PARAMETERS[RuleName(rule.name)] and getattr(rule, parameter) != 0:
            name = RuleName(rule.name).name.lower()
            raise SpecError(Code.PARAMETER_UNUSED, f"{name} does not use {parameter}, which must be zero")


def _checked(model: Model, base: Model) -> Model:
    """AGG-032: what an extension returns is a model of the base's shape. Errors: KERNEL_ARGUMENT."""
    if not isinstance(model, np.ndarray) or model.dtype != np.int32 or model.shape != base.shape:
        raise SpecError(Code.KERNEL_ARGUMENT, "an extension must return an int32 vector as long as the base model")
    return model
