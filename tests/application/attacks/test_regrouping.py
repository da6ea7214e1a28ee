"""The regression that forbids drawing groups anew each round, and what fixed groups give away all the same."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref.application.attacks.regrouping import (
    SURVIVORS_MIN,
    Scheme,
    attack,
    draw_groups,
    evaluate,
    noisy_attack,
    open_groups,
    recover,
    rounds_of_groups,
    synthetic_updates,
    trained_updates,
)
from bcfl_ref.application.attacks.views import generator
from bcfl_ref.application.datasets import load
from bcfl_ref.application.samples import Reals
from bcfl_ref.errors import InvariantError

REDRAWN, FIXED = Scheme("redrawn", 3, True), Scheme("fixed", 3, False)


def correlation_after(scheme: Scheme, updates: Reals, directions: Reals, rounds: int, seed: int = 1) -> float:
    return attack(scheme, updates, directions, [rounds], generator(seed, 7), common=False)[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_redrawing_groups_each_round_gives_every_trainer_away(seed: int) -> None:
    """Ten rounds of redrawn groups of three among 24 trainers tell each one's direction; fixed groups do not."""
    updates, directions = synthetic_updates(10, 200, 0.5, generator(seed, 1))
    redrawn = correlation_after(REDRAWN, updates, directions, 10, seed)
    fixed = correlation_after(FIXED, updates, directions, 10, seed)
    assert redrawn == pytest.approx(0.95, abs=0.015)
    assert fixed == pytest.approx(3**-0.5, abs=0.02)
    assert redrawn > fixed + 0.3


def test_more_rounds_help_against_redrawn_groups_and_not_against_fixed_ones() -> None:
    """After thirty rounds redrawn groups hide nothing, fixed ones as much as in the first: 1/√3 is their limit."""
    updates, directions = synthetic_updates(30, 200, 0.5, generator(4, 1))
    assert correlation_after(REDRAWN, updates, directions, 30) > 0.98
    assert correlation_after(FIXED, updates, directions, 30) < 3**-0.5 + 0.01


def test_redrawing_gives_trainers_of_a_real_task_away() -> None:
    """The same holds for the quantised updates of a real task, where models move and noise is what it is."""
    updates, directions = trained_updates(load("digits").samples, 1, 20, 0.5)
    redrawn = attack(REDRAWN, updates, directions, [20], generator(1, 2))[0]
    fixed = attack(FIXED, updates, directions, [20], generator(1, 2))[0]
    assert redrawn > 0.8 and fixed < 0.6


def test_dropouts_take_a_fixed_group_apart_if_it_opens_without_them() -> None:
    """A group of four that opens with three is a new equation each time; one of three never opens without one."""
    updates, directions = synthetic_updates(60, 100, 0.5, generator(5, 1))
    four, three = Scheme("", 4, False, 0.15), Scheme("", 3, False, 0.15)
    whole = correlation_after(Scheme("", 4, False), updates, directions, 60)
    assert correlation_after(four, updates, directions, 60) > whole + 0.2
    assert correlation_after(three, updates, directions, 60) < 3**-0.5 + 0.01


def test_a_censor_takes_fixed_groups_apart() -> None:
    """Whoever decides which input is in time learns as much from fixed groups as from redrawn ones."""
    updates, directions = synthetic_updates(10, 200, 0.5, generator(9, 1))
    censored = correlation_after(Scheme("", 4, False, censored=True), updates, directions, 10)
    assert censored > correlation_after(Scheme("", 4, False), updates, directions, 10) + 0.1


def test_noise_in_group_sums_hides_directions_even_of_redrawn_groups() -> None:
    """With client-level noise of ε = 8 over all rounds nothing is left of 0.95."""
    updates, directions = synthetic_updates(10, 200, 0.5, generator(6, 1))
    scaled = np.rint(updates * 1000)
    noisy = noisy_attack(Scheme("", 3, True, 0.0, 8.0), scaled, directions * 1000, [10], generator(6, 2))[0]
    assert noisy < 0.2
    with pytest.raises(InvariantError):
        noisy_attack(REDRAWN, scaled, directions, [10], generator(6, 2))


def test_enough_equations_without_noise_are_solved_exactly() -> None:
    """The estimate is the direction itself when nothing else is in the means."""
    updates, directions = synthetic_updates(12, 5, 0.0, generator(7, 1))
    groups = rounds_of_groups(REDRAWN, 24, 12, generator(7, 2))
    means = [
        np.stack([sent[group].mean(axis=0) for group in opened]) for opened, sent in zip(groups, updates, strict=True)
    ]
    assert np.allclose(recover(groups, means, 24, common=False), directions)


def test_groups_take_everybody_once() -> None:
    """Each trainer is in one group, and sizes differ by at most one."""
    groups = draw_groups(25, 4, generator(8))
    assert sorted(member for group in groups for member in group) == list(range(25))
    assert {len(group) for group in groups} <= {4, 5}


def test_a_group_opens_with_three_survivors() -> None:
    """Fewer than three survivors open nothing; absent members are in no equation."""
    assert open_groups([[0, 1, 2, 3], [4, 5, 6]], {3, 4}) == [[0, 1, 2]]
    assert SURVIVORS_MIN == 3


def test_rounds_without_an_open_group_say_nothing() -> None:
    """An attacker without equations estimates nothing."""
    assert not recover([[], []], [np.zeros((0, 4)), np.zeros((0, 4))], 24).any()


def test_an_evaluation_has_a_value_for_every_scheme() -> None:
    """A smoke evaluation fills charts and tables and reports its progress to the end."""
    seen: list[tuple[int, int]] = []
    found = evaluate(load("digits").samples, 1, True, lambda done, steps: seen.append((done, steps)))
    assert seen[-1][0] == seen[-1][1] == len(seen)
    (chart,), (real, made_up) = found.charts, found.tables
    assert [curve.name for curve in chart.curves] == [row.name for row in real.rows]
    values = {row.name: row.values for row in real.rows}
    assert values["groups of 3, redrawn"][0] > values["groups of 3, fixed"][0] + 0.1  # type: ignore[operator]
    assert all(row.values[0] > row.values[1] for row in made_up.rows)  # type: ignore[operator]
