"""From the rule on the ledger to the function: numbers, unused parameters, early checks, extensions."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from bcfl_ref import aggregation
from bcfl_ref.aggregation import Extension, RuleName, aggregate, check_rule, is_extension, register_extension, rules
from bcfl_ref.errors import Code, SpecError, UsageError
from bcfl_ref.types import AggregationRule

MEAN = AggregationRule(0, 1, 2, 0, 0, 0, 0)
BASE = np.array([100, -100], dtype=np.int32)
UPDATES = [np.array(row, dtype=np.int32) for row in ([10, 2], [30, -4], [50, 60], [75, 8], [-900, 10])]
WEIGHTS = [1, 2, 3, 4, 5]
RATE = (1, 2)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (MEAN, rules.mean(BASE, UPDATES, WEIGHTS, RATE)),
        (AggregationRule(1, 1, 2, 0, 0, 0, 0), rules.weighted_mean(BASE, UPDATES, WEIGHTS, RATE)),
        (AggregationRule(2, 1, 2, 0, 0, 0, 0), rules.coordinate_median(BASE, UPDATES, WEIGHTS, RATE)),
        (AggregationRule(3, 1, 2, 2500, 0, 0, 0), rules.trimmed_mean(BASE, UPDATES, WEIGHTS, RATE, 2500)),
        (AggregationRule(4, 1, 2, 0, 1, 0, 0), rules.krum(BASE, UPDATES, WEIGHTS, RATE, 1)),
        (AggregationRule(5, 1, 2, 0, 1, 3, 0), rules.multi_krum(BASE, UPDATES, WEIGHTS, RATE, 1, 3)),
        (AggregationRule(6, 1, 2, 0, 0, 0, 9), rules.norm_bounded_mean(BASE, UPDATES, WEIGHTS, RATE, 9)),
        (AggregationRule(7, 1, 2, 0, 0, 0, 0), rules.bulyan(BASE, UPDATES, WEIGHTS, RATE, 0)),
    ],
)
def test_number_leads_to_rule(rule: AggregationRule, expected: np.ndarray) -> None:
    """Each number computes its rule with the parameters of the container."""
    assert aggregate(rule, BASE, UPDATES, WEIGHTS).tolist() == expected.tolist()


def test_the_models_of_the_rules_differ() -> None:
    """On these updates no two rules agree, so a wrong number would be seen."""
    containers = [MEAN] + [dataclasses.replace(MEAN, name=name) for name in (1, 2)]
    containers += [AggregationRule(3, 1, 2, 2500, 0, 0, 0), AggregationRule(4, 1, 2, 0, 1, 0, 0)]
    containers += [AggregationRule(5, 1, 2, 0, 1, 3, 0), AggregationRule(6, 1, 2, 0, 0, 0, 9)]
    models = [tuple(aggregate(rule, BASE, UPDATES, WEIGHTS).tolist()) for rule in containers]
    assert len(set(models)) == len(RuleName) - 1  # Bulyan is the mean below seven updates


@pytest.mark.parametrize("name", [rule.value for rule in RuleName])
@pytest.mark.parametrize("field", ["trim_bps", "byzantine", "select", "norm_bound"])
def test_unused_parameters_must_be_zero(name: int, field: str) -> None:
    """A parameter outside the table of the rule is refused when it is not zero, and only then."""
    rule = dataclasses.replace(MEAN, name=name, byzantine=0, **{field: 1} if field != "byzantine" else {})
    rule = dataclasses.replace(rule, byzantine=1 if field == "byzantine" else 0)
    used = field in aggregation.PARAMETERS[RuleName(name)]
    try:
        check_rule(rule, 5)
        code = None
    except SpecError as refusal:
        code = refusal.code
    assert (code is Code.PARAMETER_UNUSED) is not used


def test_check_rule_says_what_is_wrong_with_krum() -> None:
    """The message names f, the number of updates that it needs, and the number there is."""
    with pytest.raises(SpecError, match="f = 2 needs at least 7 updates, there are 5") as refusal:
        check_rule(AggregationRule(4, 1, 1, 0, 2, 0, 0), 5)
    assert refusal.value.code is Code.BYZANTINE_RANGE


def test_extension_by_number() -> None:
    """An installed extension computes, is flagged, and is asked after the common guards."""
    asked: list[int] = []
    extension = Extension(
        "keep the base", lambda rule, base, updates, weights: base.copy(), lambda rule, count: asked.append(count)
    )
    rule = dataclasses.replace(MEAN, name=200, select=77)
    assert is_extension(rule) and not is_extension(MEAN)
    assert aggregate(rule, BASE, UPDATES, WEIGHTS, {200: extension}).tolist() == BASE.tolist()
    assert asked == [5]
    for code, changed, weights in (
        (Code.RATE_RANGE, dataclasses.replace(rule, eta_numerator=0), WEIGHTS),
        (Code.WEIGHT_RANGE, rule, [0, 1, 1, 1, 1]),
        (Code.RULE_UNKNOWN, dataclasses.replace(rule, name=201), WEIGHTS),
    ):
        with pytest.raises(SpecError) as refusal:
            aggregate(changed, BASE, UPDATES, weights, {200: extension})
        assert refusal.value.code is code


@pytest.mark.parametrize("wrong", [BASE.astype(np.int64), BASE[:1], [1, 2]])
def test_extension_must_return_a_model(wrong: object) -> None:
    """Anything but an int32 vector of the base model's length is refused."""
    extension = Extension("wrong", lambda rule, base, updates, weights: wrong)  # type: ignore[arg-type, return-value]
    with pytest.raises(SpecError) as refusal:
        aggregate(dataclasses.replace(MEAN, name=128), BASE, UPDATES, WEIGHTS, {128: extension})
    assert refusal.value.code is Code.KERNEL_ARGUMENT


def test_register_extension(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number is taken once, lies in 128 to 255, and is then known everywhere; without it, refused."""
    monkeypatch.setattr("bcfl_ref.aggregation.dispatch.EXTENSIONS", registry := {})
    extension = Extension("one", lambda rule, base, updates, weights: base.copy())
    for number in (127, 256):
        with pytest.raises(UsageError):
            register_extension(number, extension)
    register_extension(128, extension)
    register_extension(128, extension)
    assert registry == {128: extension}
    with pytest.raises(UsageError):
        register_extension(128, Extension("two", extension.aggregate))
    with pytest.raises(SpecError) as refusal:
        check_rule(dataclasses.replace(MEAN, name=129), 5)
    assert refusal.value.code is Code.RULE_UNKNOWN
