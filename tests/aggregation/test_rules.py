"""The rules against fractions and brute force, the laws they obey, and the mutants that the vectors must catch."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from aggregation import oracle
from bcfl_ref import kernels
from bcfl_ref.aggregation import rules
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations.aggregation import OPERATIONS
from bcfl_ref.operations.cases.aggregation import CASES
from hypothesis import given, settings
from hypothesis import strategies as st

Q = 2**20 - 1
RUN = {operation.name: operation.run for operation in OPERATIONS}
COORDINATES = st.integers(-Q, Q) | st.integers(-5, 5) | st.sampled_from([-Q, Q])
PARTS = st.integers(1, 65535) | st.integers(1, 4) | st.sampled_from([65535])
WEIGHTS = st.integers(1, 65535) | st.integers(1, 3) | st.sampled_from([65535])
# Models far from the ends of int32 take every step of at most 2^29.
BASES = st.integers(-(2**30), 2**30)


@st.composite
def inputs(draw: st.DrawFn, rule: str) -> dict[str, Any]:
    """An accepted input of `aggregation.<rule>` whose rate is at most 512, so that no model overflows."""
    count, size = draw(st.integers(3, 7)), draw(st.integers(1, 4))
    rows = st.lists(COORDINATES, min_size=size, max_size=size)
    numerator = draw(PARTS)
    denominator = draw(PARTS.filter(lambda b: numerator <= 512 * b))
    byzantine = draw(st.integers(0, (count - 3) // (4 if rule == "bulyan" else 2)))
    parameters = {
        "trim_bps": str(draw(st.integers(0, 4999))),
        "byzantine": str(byzantine),
        "select": str(draw(st.integers(1, count - byzantine))),
        "norm_bound": str(draw(st.integers(1, 100) | st.integers(1, 2**32 - 1))),
    }
    used = {"trimmed_mean": {"trim_bps"}, "krum": {"byzantine"}, "multi_krum": {"byzantine", "select"}}
    used["bulyan"] = {"byzantine"}
    own = used.get(rule, {"norm_bound"} if rule == "norm_bounded_mean" else set())
    return {
        "base": draw(st.lists(BASES, min_size=size, max_size=size)),
        "updates": [draw(rows) for _ in range(count)],
        "weights": [str(draw(WEIGHTS)) for _ in range(count)],
        "eta_numerator": str(numerator),
        "eta_denominator": str(denominator),
        **{name: value for name, value in parameters.items() if name in own},
    }


@pytest.mark.parametrize("rule", oracle.RULES)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_every_rule_equals_its_brute_force(rule: str, data: st.DataObject) -> None:
    """The exact formulation over fractions, sorting and searched neighbour sets gives the same model."""
    case = data.draw(inputs(rule))
    assert RUN[f"aggregation.{rule}"](case)["model"] == oracle.aggregate(rule, case)


@pytest.mark.parametrize("rule", [rule for rule in oracle.RULES if "krum" not in rule and rule != "bulyan"])
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_coordinate_rules_do_not_depend_on_the_order(rule: str, data: st.DataObject) -> None:
    """Except for ties in selections, exchanging updates together with their weights changes nothing."""
    case = data.draw(inputs(rule))
    order = data.draw(st.permutations(range(len(case["updates"]))))
    moved = {**case, **{name: [case[name][i] for i in order] for name in ("updates", "weights")}}
    assert RUN[f"aggregation.{rule}"](moved) == RUN[f"aggregation.{rule}"](case)


@pytest.mark.parametrize("rule", [rule for rule in oracle.RULES if "bounded" not in rule and rule != "bulyan"])
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_negated_updates_give_the_negated_step(rule: str, data: st.DataObject) -> None:
    """Half-even rounding is odd, so mirroring the updates mirrors the step; only Bulyan prefers smaller values."""
    case = {**data.draw(inputs(rule))}
    case["base"] = [0] * len(case["base"])
    mirrored = {**case, "updates": [[-value for value in update] for update in case["updates"]]}
    model = RUN[f"aggregation.{rule}"](case)["model"]
    assert RUN[f"aggregation.{rule}"](mirrored)["model"] == [-value for value in model]


@pytest.mark.parametrize("rule", oracle.RULES)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_identical_updates_are_the_aggregate(rule: str, data: st.DataObject) -> None:
    """At rate 1 all rules agree when all updates are the same and within the norm bound."""
    case = data.draw(inputs(rule))
    update = case["updates"][0]
    case = {**case, "updates": [update] * len(case["updates"]), "eta_numerator": "7", "eta_denominator": "7"}
    if rule == "norm_bounded_mean":
        case["norm_bound"] = str(2**32 - 1)
    expected = [w + q for w, q in zip(case["base"], update, strict=True)]
    assert RUN[f"aggregation.{rule}"](case)["model"] == expected


@settings(deadline=None, max_examples=40)
@given(inputs("mean"), st.integers(1, 65535))
def test_equal_weights_give_the_mean(case: dict[str, Any], weight: int) -> None:
    """The weighted mean with one weight for all is the mean, whatever the weight."""
    equal = {**case, "weights": [str(weight)] * len(case["updates"])}
    assert RUN["aggregation.weighted_mean"](equal) == RUN["aggregation.mean"](case)


@settings(deadline=None, max_examples=40)
@given(inputs("coordinate_median"))
def test_median_at_rate_one_is_the_kernel(case: dict[str, Any]) -> None:
    """The short way over the kernel and the way over the trimmed sum give the same model at any rate a/a."""
    updates = [np.array(update, dtype=np.int32) for update in case["updates"]]
    base = np.array(case["base"], dtype=np.int32)
    trim = (len(updates) - 1) // 2
    long_way = rules.apply_sums(base, kernels.trimmed_sum(updates, trim), len(updates) - 2 * trim, (3, 3))
    short_way = rules.coordinate_median(base, updates, [1] * len(updates), (5, 5))
    assert long_way.tolist() == short_way.tolist()


@settings(deadline=None, max_examples=40)
@given(inputs("norm_bounded_mean"))
def test_norm_bounded_mean_moves_at_most_the_bound(case: dict[str, Any]) -> None:
    """At rate 1 the exact mean of the clipped updates has a norm of at most B; rounding adds at most 1/2 each."""
    case = {**case, "eta_numerator": "1", "eta_denominator": "1", "base": [0] * len(case["base"])}
    model = RUN["aggregation.norm_bounded_mean"](case)["model"]
    bound = int(case["norm_bound"])
    shrunk = [max(0, abs(value) - Fraction(1, 2)) for value in model]
    assert sum(value * value for value in shrunk) <= bound * bound


def test_the_rate_and_the_sum_share_one_division() -> None:
    """The mean 1/2 at rate 3 is 3/2, which rounds to 2; two divisions would give 0."""
    base, updates = np.array([0], dtype=np.int32), [np.array([q], dtype=np.int32) for q in (0, 1)]
    assert rules.mean(base, updates, [1, 1], (3, 1)).tolist() == [2]
    assert rules.coordinate_median(base, updates, [1, 1], (3, 1)).tolist() == [2]


def test_inputs_are_left_alone() -> None:
    """No rule writes into the base model or an update, nor returns either of them."""
    base, updates = np.array([5, 6], dtype=np.int32), [np.array([0, 0], dtype=np.int32) for _ in range(3)]
    for array in (base, *updates):
        array.flags.writeable = False
    for model in (
        rules.mean(base, updates, [1] * 3, (1, 1)),
        rules.coordinate_median(base, updates, [1] * 3, (1, 1)),
        rules.trimmed_mean(base, updates, [1] * 3, (1, 1), 0),
        rules.krum(base, updates, [1] * 3, (1, 1), 0),
        rules.norm_bounded_mean(base, updates, [1] * 3, (1, 1), 9),
    ):
        assert model.tolist() == [5, 6]
        assert not any(np.shares_memory(model, array) for array in (base, *updates))


def test_model_overflow_is_refused_by_one() -> None:
    """The new model may reach both ends of int32 and not pass them."""
    update = [np.array([1, -1], dtype=np.int32)]
    ends = np.array([2**31 - 2, 1 - 2**31], dtype=np.int32)
    assert rules.mean(ends, update, [1], (1, 1)).tolist() == [2**31 - 1, -(2**31)]
    for beyond in ([2**31 - 1, 0], [0, -(2**31)]):
        with pytest.raises(SpecError) as refusal:
            rules.mean(np.array(beyond, dtype=np.int32), update, [1], (1, 1))
        assert refusal.value.code is Code.MODEL_OVERFLOW


def mutant(rule: str, given: dict[str, Any], fault: str) -> list[int] | None:
    """The answer of the broken rule; None when it breaks down, which no reference model equals."""
    try:
        return oracle.aggregate(rule, given, fault)
    except ZeroDivisionError:
        return None


@pytest.mark.parametrize(("rule", "fault"), [(rule, fault) for rule in oracle.RULES for fault in oracle.FAULTS[rule]])
def test_every_mutant_fails_a_vector(rule: str, fault: str) -> None:
    """A rule broken in a known way differs from the reference on an accepting vector of its operation."""
    accepting = [case for case in CASES if case.operation == f"aggregation.{rule}" and case.twin is None]
    assert accepting
    for case in accepting:
        assert RUN[case.operation](case.input)["model"] == oracle.aggregate(rule, case.input)
    caught = [case.id for case in accepting if mutant(rule, case.input, fault) != oracle.aggregate(rule, case.input)]
    assert caught, f"no vector of {rule} catches {fault}"
