"""Properties of trainers out of sums: a classifier fitted on shadows."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref.application.attacks.population import populate, warmed_up
from bcfl_ref.application.attacks.properties import (
    HELD,
    PROPERTY,
    SMOKE,
    Pool,
    direction,
    evaluate,
    infer,
    make_pool,
    shared_coordinates,
    sums,
)
from bcfl_ref.application.attacks.views import generator, median_norm, noise_scale
from bcfl_ref.application.datasets import load
from bcfl_ref.application.samples import Integers
from bcfl_ref.application.trainers import IntegerTrainer


@pytest.fixture(scope="module")
def pools() -> tuple[Pool, Pool]:
    """Shadows on the attacker's half of the data, and real targets on the other half."""
    samples = load("digits").samples
    population = populate(samples, 1, len(samples) // 2, 0)
    trainer = IntegerTrainer()
    base = warmed_up(trainer, population.public, 1, 2)
    return (
        make_pool(trainer, base, population.public, SMOKE, generator(1, 30)),
        make_pool(trainer, base, population.private, SMOKE, generator(1, 31)),
    )


def part(fraction: float) -> Integers:
    return shared_coordinates(650, fraction, generator(1, 34))


def test_plain_updates_give_the_property_away_and_crowds_hide_it(pools: tuple[Pool, Pool]) -> None:
    """The area falls from near certainty with the number of honest trainers in the sum."""
    alone = infer(*pools, 1, part(1.0), 0.0, SMOKE, generator(1, 1))[0]
    crowd = infer(*pools, 24, part(1.0), 0.0, SMOKE, generator(1, 2))[0]
    assert alone > 0.8 > crowd


def test_a_tenth_of_the_update_is_enough(pools: tuple[Pool, Pool]) -> None:
    """Sharing less of an update hides little of what is in all of its coordinates."""
    assert infer(*pools, 1, part(0.1), 0.0, SMOKE, generator(1, 3))[0] > 0.75


def test_noise_hides_the_property(pools: tuple[Pool, Pool]) -> None:
    """With ε = 1 a single trainer's update says nothing."""
    sigma = noise_scale(median_norm(list(pools[0].strangers)), 1.0)
    assert abs(infer(*pools, 1, part(1.0), sigma, SMOKE, generator(1, 4))[0] - 0.5) < 0.15


def test_shared_coordinates_are_a_fraction() -> None:
    """As many different ones as the fraction says, ascending, and never none."""
    assert len(part(0.1)) == 65 and (np.diff(part(0.5)) > 0).all()
    assert part(1.0).tolist() == list(range(650)) and len(shared_coordinates(10, 0.01, generator(1))) == 1


def test_sums_are_one_target_and_strangers(pools: tuple[Pool, Pool]) -> None:
    """A view holds whole numbers: one target, other strangers, only the shared coordinates."""
    pool = Pool(np.full((2, 3), 7), np.full((2, 3), 5), np.array([[1, 10, 100]] * 4))
    holders, others = sums(pool, 3, 6, np.array([0, 2]), 0.0, generator(1, 5))
    assert holders.tolist() == [[9.0, 207.0]] * 6 and others.tolist() == [[7.0, 205.0]] * 6


def test_clipping_leaves_short_updates_alone(pools: tuple[Pool, Pool]) -> None:
    """A pool within the bound stays as it is, one beyond it gets shorter."""
    same = pools[0].clipped(2**31)
    assert (same.strangers == pools[0].strangers).all()
    assert median_norm(list(pools[0].clipped(1000).strangers)) <= 1000


def test_the_direction_tells_two_clouds_apart() -> None:
    """Projected on the line, points of the two kinds lie apart, also where coordinates are correlated."""
    coins = generator(1, 6)
    mixing = coins.normal(size=(20, 20))
    cloud = coins.normal(size=(400, 20)) @ mixing
    shift = np.linalg.norm(mixing, axis=0) * 0.5
    line = direction(cloud[:200] + shift, cloud[200:])
    assert (((cloud[:200] + shift) @ line).mean() - (cloud[200:] @ line).mean()) > 0


def test_an_evaluation_has_every_fraction_and_setting() -> None:
    """A smoke evaluation fills a column for each fraction and a row for each setting."""
    seen: list[tuple[int, int]] = []
    found = evaluate(load("digits").samples, 1, True, lambda done, steps: seen.append((done, steps)))
    assert seen[-1][0] == seen[-1][1]
    assert str(PROPERTY) in found.question and str(HELD) in found.question
    assert [row.name for row in found.tables[0].rows][-1] == "secure with noise, ε = 8"
    assert [curve.name for curve in found.charts[0].curves][-1] == "100 % of the update"
