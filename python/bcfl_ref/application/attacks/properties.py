"""Property inference: does a trainer hold samples of a certain kind at all?

The attacker trains shadow trainers on its own samples, some with the property and some without, adds to each the
updates of simulated strangers so that it looks like the view, and fits a linear classifier. Colluders subtract their
own updates first, so what counts is the number of honest trainers in the sum. Sharing only a part of the update
means: the same randomly chosen coordinates of everybody, the others left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..models import Vector
from ..samples import Integers, Reals, Samples, joined
from ..trainers import IntegerTrainer
from .document import Attack, Chart, Curve, Row, Summary, Table
from .measures import advantage, area_under_curve
from .population import populate, train_all, warmed_up
from .views import VIEWS, View, clipped, generator, median_norm, noise, noise_scale

TRAINERS = 24
SAMPLES = 20
PROPERTY = 8
"""The digit that a trainer holds, or does not."""
HELD = 4
"""How many of a trainer's samples have the property, if any."""
FRACTIONS = (0.01, 0.1, 0.5, 1.0)
CROWDS = (1, 2, 4, 8, 16, 24, 48, 96)
Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """How many trainers with, without and beside the property there are, and how many sums are made of them."""

    targets: int
    strangers: int
    sums: int
    crowds: tuple[int, ...]


FULL = Plan(200, 300, 400, CROWDS)
SMOKE = Plan(30, 40, 60, (1, 4, 24))


@dataclass(frozen=True)
class Pool:
    """Updates of one round from one base: of trainers with the property, without it, and of strangers."""

    holders: NDArray[np.int32]
    others: NDArray[np.int32]
    strangers: NDArray[np.int32]

    def clipped(self, bound: int) -> Pool:
        """The same, each update clipped."""
        return Pool(*(np.stack(clipped(list(part), bound)) for part in (self.holders, self.others, self.strangers)))


def drawn(samples: Samples, coins: Generator, count: int) -> Samples:
    """`count` different samples."""
    return samples.take(coins.choice(len(samples), count, replace=False))


def make_pool(trainer: IntegerTrainer, base: Vector, source: Samples, plan: Plan, coins: Generator) -> Pool:
    """Trainers with samples from `source`: strangers as they come, targets with HELD or no samples of the kind."""
    with_it = source.take(np.flatnonzero(source.labels == PROPERTY))
    without = source.take(np.flatnonzero(source.labels != PROPERTY))
    parts = [
        *(joined([drawn(with_it, coins, HELD), drawn(without, coins, SAMPLES - HELD)]) for _ in range(plan.targets)),
        *(drawn(without, coins, SAMPLES) for _ in range(plan.targets)),
        *(drawn(source, coins, SAMPLES) for _ in range(plan.strangers)),
    ]
    updates = np.stack(train_all(trainer, base, parts, int(coins.integers(2**32)), 1))
    return Pool(updates[: plan.targets], updates[plan.targets : 2 * plan.targets], updates[2 * plan.targets :])


def sums(pool: Pool, size: int, count: int, coordinates: Integers, sigma: float, coins: Generator) -> list[Reals]:
    """`count` views each of targets with and without the property: one target and size − 1 strangers, and noise."""
    found = []
    for targets in (pool.holders, pool.others):
        table = targets[coins.integers(len(targets), size=count)].astype(np.int64)
        for line in table:
            chosen = coins.choice(len(pool.strangers), size - 1, replace=False)
            line += pool.strangers[chosen].astype(np.int64).sum(axis=0)
        if sigma:
            table = table + np.stack([noise(sigma, table.shape[1], coins) for _ in range(count)])
        found.append(table[:, coordinates].astype(np.float64))
    return found


def direction(holders: Reals, others: Reals) -> Reals:
    """The line along which the two kinds differ most for their spread: linear discriminant, shrunk covariance."""
    from sklearn.covariance import ledoit_wolf

    centred = np.concatenate([holders - holders.mean(axis=0), others - others.mean(axis=0)])
    scale = float(np.sqrt((centred**2).mean())) or 1.0
    covariance = ledoit_wolf(centred / scale, assume_centered=True)[0]
    found: Reals = np.linalg.solve(
        covariance + 1e-9 * np.eye(len(covariance)), (holders.mean(axis=0) - others.mean(axis=0)) / scale
    )
    return found


def shared_coordinates(width: int, fraction: float, coins: Generator) -> Integers:
    """The coordinates that everybody shares: a fraction of all, drawn at random, ascending."""
    return np.sort(coins.choice(width, max(round(width * fraction), 1), replace=False))


def infer(
    shadow: Pool, real: Pool, size: int, shared: Integers, sigma: float, plan: Plan, coins: Generator
) -> tuple[float, float]:
    """Area under curve and advantage of a classifier fitted on shadows and asked about real targets.

    `shared` are the coordinates that are shared.
    """
    line = direction(*sums(shadow, size, plan.sums, shared, sigma, coins))
    holders, others = (table @ line for table in sums(real, size, plan.sums, shared, sigma, coins))
    return area_under_curve(holders, others), advantage(holders, others)


def evaluate(samples: Samples, seed: int, smoke: bool, advance: Advance) -> Attack:
    """Sums of growing size, three fractions of the update; then noise."""
    plan = SMOKE if smoke else FULL
    views = [view for view in VIEWS if not smoke or view.epsilon in (None, 8.0)]
    population = populate(samples, seed, len(samples) // 2, 0)
    trainer = IntegerTrainer()
    base = warmed_up(trainer, population.public, seed, 2)
    shadow = make_pool(trainer, base, population.public, plan, generator(seed, 30))
    real = make_pool(trainer, base, population.private, plan, generator(seed, 31))
    bound = median_norm(list(shadow.strangers))
    short = (shadow.clipped(bound), real.clipped(bound))
    noisy = [view for view in views if view.epsilon is not None]
    steps, done = len(FRACTIONS) * (len(plan.crowds) + len(noisy)) + 1, 1
    advance(done, steps)
    by_crowd: dict[float, dict[int, tuple[float, float]]] = {fraction: {} for fraction in FRACTIONS}
    by_noise: dict[float, dict[str, tuple[float, float]]] = {fraction: {} for fraction in FRACTIONS}
    for number, fraction in enumerate(FRACTIONS):
        shared = shared_coordinates(base.size, fraction, generator(seed, 34, number))
        for size in plan.crowds:
            coins = generator(seed, 32, number, size)
            by_crowd[fraction][size] = infer(shadow, real, size, shared, 0.0, plan, coins)
            advance(done := done + 1, steps)
        for index, view in enumerate(noisy):
            sigma = noise_scale(bound, view.epsilon or 0.0)
            coins = generator(seed, 33, number, index)
            by_noise[fraction][view.name] = infer(*short, view.size(TRAINERS), shared, sigma, plan, coins)
            advance(done := done + 1, steps)
    rows = [_row(view, by_crowd, by_noise) for view in views]
    return _described(plan.crowds, by_crowd, rows)


def _row(
    view: View,
    by_crowd: dict[float, dict[int, tuple[float, float]]],
    by_noise: dict[float, dict[str, tuple[float, float]]],
) -> Row:
    found = [
        by_noise[fraction][view.name] if view.epsilon is not None else by_crowd[fraction][view.size(TRAINERS)]
        for fraction in FRACTIONS
    ]
    return Row(name=view.name, values=(*(area for area, _ in found), *(gain for _, gain in found)))


def _described(
    crowds: Sequence[int], by_crowd: dict[float, dict[int, tuple[float, float]]], rows: list[Row]
) -> Attack:
    sizes = tuple(map(float, crowds))
    curves = tuple(
        Curve(name=f"{fraction * 100:g} % of the update", x=sizes, y=tuple(found[size][0] for size in crowds))
        for fraction, found in by_crowd.items()
    )
    return Attack(
        name="property",
        title="Property inference",
        question=f"Does this trainer hold the digit {PROPERTY} ({HELD} of its {SAMPLES} samples) or not at all?",
        setup=(
            f"Softmax regression on digits after two rounds; {SAMPLES} samples a trainer, strangers' as they come. "
            "The classifier is fitted on the attacker's own half of the data and asked about the other half. Rows "
            f"with “all” are sums of {TRAINERS} honest trainers."
        ),
        charts=(
            Chart(
                title="By the number of honest trainers in the sum",
                x_label="honest trainers in the sum",
                y_label="area under curve",
                log_x=True,
                low=0.4,
                chance=0.5,
                curves=curves,
            ),
        ),
        tables=(
            Table(
                title="By setting and fraction of the update shared",
                columns=(
                    *(f"area, {fraction * 100:g} %" for fraction in FRACTIONS),
                    *(f"advantage, {fraction * 100:g} %" for fraction in FRACTIONS),
                ),
                digits=(2,) * (2 * len(FRACTIONS)),
                rows=tuple(rows),
            ),
        ),
        summary=(
            Summary(title=f"holds a digit {PROPERTY} or not", table=0, column=FRACTIONS.index(1.0), chance=0.5),
        ),
    )
