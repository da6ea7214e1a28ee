"""Least squares on public group sums: why groups are fixed for a task, and what fixed groups still give away.

In each round every open group gives one equation: the mean of its members' updates. Where groups are drawn anew each
round, the equations soon have one solution, the part of each trainer's update that stays the same from round to
round, and with it what is special about the trainer's data. Where groups stay, only the mean of
each group is determined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from ...errors import InvariantError
from ..samples import Reals, Samples
from ..splits import PPM, partition
from ..trainers import IntegerTrainer
from .document import Attack, Chart, Curve, Row, Table
from .measures import mean_correlation
from .population import averaged, train_all
from .views import GROUP, clipped, generator, median_norm, noise, noise_scale

TRAINERS = 24
SURVIVORS_MIN = 3
QUOTED_ROUND = 10
Groups = list[list[int]]
Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Scheme:
    """How trainers are grouped: members a group, whether drawn anew each round, the share that drops out.

    A censor keeps another member of each group off the ledger in each round, in turn, and nobody every so often.
    """

    name: str
    members: int
    redrawn: bool
    dropout: float = 0.0
    epsilon: float | None = None
    censored: bool = False


SCHEMES = (
    Scheme("groups of 3, redrawn", 3, True),
    Scheme("groups of 3, fixed", 3, False),
    Scheme("groups of 3, fixed, 15 % drop out", 3, False, 0.15),
    Scheme("groups of 4, fixed", GROUP, False),
    Scheme("groups of 4, fixed, 15 % drop out", GROUP, False, 0.15),
    Scheme("groups of 4, fixed, a censor", GROUP, False, censored=True),
    Scheme("groups of 3, redrawn, noise ε = 8", 3, True, 0.0, 8.0),
    Scheme("sum of all", TRAINERS, False),
    Scheme("sum of all, 15 % drop out", TRAINERS, False, 0.15),
)


def draw_groups(trainers: int, members: int, coins: Generator) -> Groups:
    """All trainers in groups of `members`, the last ones taking one more each where it does not come out even."""
    order = coins.permutation(trainers).tolist()
    count = max(trainers // members, 1)
    return [sorted(order[number::count]) for number in range(count)]


def open_groups(groups: Groups, absent: set[int]) -> Groups:
    """The survivors of each group that opens: at least three."""
    left = [[member for member in group if member not in absent] for group in groups]
    return [group for group in left if len(group) >= SURVIVORS_MIN]


def rounds_of_groups(scheme: Scheme, trainers: int, rounds: int, coins: Generator) -> list[Groups]:
    """For each round the groups that open."""
    fixed = draw_groups(trainers, scheme.members, coins)
    found = []
    for number in range(rounds):
        groups = draw_groups(trainers, scheme.members, coins) if scheme.redrawn else fixed
        absent = set(np.flatnonzero(coins.random(trainers) < scheme.dropout).tolist())
        if scheme.censored:
            turn = number % (scheme.members + 1)
            absent |= {group[turn] for group in groups if turn < len(group)}
        found.append(open_groups(groups, absent))
    return found


def recover(groups: Sequence[Groups], means: Sequence[Reals], trainers: int, common: bool = True) -> Reals:
    """The least-squares estimate, of least norm, of each trainer's persistent direction.

    `means` holds for each round the means of its groups, one row each. With `common`, what all trainers have in
    common moves with the model and is taken off first: the mean over the groups of a round, where there are several.
    """
    rows, values = [], []
    for opened, public in zip(groups, means, strict=True):
        if not opened:
            continue
        shares = np.array([[(member in group) / len(group) for member in range(trainers)] for group in opened])
        centred = common and len(opened) > 1
        rows.append(shares - shares.mean(axis=0) if centred else shares)
        values.append(public - public.mean(axis=0) if centred else public)
    if not rows:
        return np.zeros((trainers, means[0].shape[1]))
    solution: Reals = np.linalg.lstsq(np.concatenate(rows), np.concatenate(values), rcond=1e-9)[0]
    return solution


def group_means(updates: Reals, opened: Groups) -> Reals:
    """The mean of each group, from the exact sum of its survivors' updates."""
    if not opened:
        return np.zeros((0, updates.shape[1]))
    return np.stack([updates[group].sum(axis=0) / len(group) for group in opened])


def attack(
    scheme: Scheme,
    updates: Reals,
    directions: Reals,
    checkpoints: Sequence[int],
    coins: Generator,
    common: bool = True,
) -> list[float]:
    """The mean correlation of estimate and direction after each of the `checkpoints` rounds.

    `updates` is rounds × trainers × coordinates.
    """
    rounds, trainers, _ = updates.shape
    groups = rounds_of_groups(scheme, trainers, rounds, coins)
    means = [group_means(sent, opened) for opened, sent in zip(groups, updates, strict=True)]
    return [
        mean_correlation(recover(groups[:stop], means[:stop], trainers, common), directions) for stop in checkpoints
    ]


def noisy_attack(
    scheme: Scheme, updates: Reals, directions: Reals, checkpoints: Sequence[int], coins: Generator
) -> list[float]:
    """The same against noise in each group's sum, enough for `epsilon` over as many rounds as are looked at."""
    if scheme.epsilon is None:
        raise InvariantError(f"{scheme.name} has no noise")
    rounds, trainers, size = updates.shape
    whole = updates.reshape(-1, size).astype(np.int32)
    bound = median_norm(list(whole))
    short = np.stack(clipped(list(whole), bound)).reshape(updates.shape).astype(np.float64)
    groups = rounds_of_groups(scheme, trainers, rounds, coins)
    found = []
    for stop in checkpoints:
        sigma = noise_scale(bound, scheme.epsilon, stop)
        means = []
        for opened, sent in zip(groups[:stop], short[:stop], strict=True):
            added = np.stack([noise(sigma, size, coins) / len(group) for group in opened])
            means.append(group_means(sent, opened) + added)
        found.append(mean_correlation(recover(groups[:stop], means, trainers), directions))
    return found


def synthetic_updates(rounds: int, size: int, spread: float, coins: Generator) -> tuple[Reals, Reals]:
    """Updates that are a direction of each trainer plus fresh noise of `spread` times its size, and these."""
    directions = coins.normal(0.0, 1.0, (TRAINERS, size))
    return directions + spread * coins.normal(0.0, 1.0, (rounds, TRAINERS, size)), directions


def trained_updates(samples: Samples, seed: int, rounds: int, alpha: float) -> tuple[Reals, Reals]:
    """Updates of a real task with unevenly split data, and of each trainer its mean deviation from the others."""
    trainer = IntegerTrainer()
    labels = [int(label) for label in samples.labels]
    shares = partition(labels, seed, TRAINERS, int(alpha * PPM), len(labels) // (3 * TRAINERS))
    parts = [samples.take(share) for share in shares]
    model = trainer.initial(samples.width, samples.classes, seed)
    history = []
    for round_number in range(1, rounds + 1):
        updates = train_all(trainer, model, parts, seed, round_number)
        history.append(np.stack(updates))
        model = averaged(model, updates)
    table = np.stack(history).astype(np.float64)
    return table, (table - table.mean(axis=1, keepdims=True)).mean(axis=0)


SPREADS = (0.25, 0.5, 1.0, 2.0)
ALPHA = 0.5
CHECKPOINTS = (1, 2, 3, 5, 7, 10, 14, 20, 30, 45, 60)


def evaluate(samples: Samples, seed: int, smoke: bool, advance: Advance) -> Attack:
    """Both kinds of updates, all schemes, by the number of rounds."""
    rounds, size = (QUOTED_ROUND, 60) if smoke else (CHECKPOINTS[-1], 400)
    checkpoints = [count for count in CHECKPOINTS if count <= rounds]
    steps = len(SPREADS) + 1 + len(SCHEMES)
    by_spread, curves = [], []
    for number, spread in enumerate(SPREADS):
        updates, directions = synthetic_updates(QUOTED_ROUND, size, spread, generator(seed, 1, number))
        pair = [
            attack(scheme, updates, directions, [QUOTED_ROUND], generator(seed, 2, number, index), common=False)[0]
            for index, scheme in enumerate(SCHEMES[:2])
        ]
        by_spread.append(Row(name=f"noise {spread:g} times the direction", values=tuple(pair)))
        advance(number + 1, steps)
    held = samples.take(range(len(samples) // 3)) if smoke else samples
    updates, directions = trained_updates(held, seed, rounds, ALPHA)
    advance(len(SPREADS) + 1, steps)
    for index, scheme in enumerate(SCHEMES):
        against = noisy_attack if scheme.epsilon else attack
        curves.append(against(scheme, updates, directions, checkpoints, generator(seed, 3, index)))
        advance(len(SPREADS) + 2 + index, steps)
    return _described(by_spread, curves, checkpoints)


def _described(by_spread: list[Row], curves: list[list[float]], checkpoints: list[int]) -> Attack:
    lines = tuple(
        Curve(name=scheme.name, x=tuple(map(float, checkpoints)), y=tuple(values))
        for scheme, values in zip(SCHEMES, curves, strict=True)
    )
    quoted = checkpoints.index(QUOTED_ROUND)
    rows = tuple(
        Row(name=scheme.name, values=(values[quoted], values[-1]))
        for scheme, values in zip(SCHEMES, curves, strict=True)
    )
    return Attack(
        name="regrouping",
        title="Group regression",
        question="Do public group means, round after round, tell one trainer from the others of its group?",
        setup=(
            f"{TRAINERS} trainers, softmax regression on digits split by a Dirichlet urn with α = {ALPHA:g}. A "
            "trainer's direction is the mean over all rounds of its update minus the round's mean; "
            "the attacker solves least squares on the group means up to a round. A group opens with three survivors."
        ),
        charts=(
            Chart(
                title="A trainer's persistent direction",
                x_label="rounds",
                y_label="correlation",
                log_x=True,
                curves=lines,
            ),
        ),
        tables=(
            Table(
                title="Real updates",
                columns=(f"after {QUOTED_ROUND} rounds", f"after {checkpoints[-1]} rounds"),
                digits=(2, 2),
                rows=rows,
            ),
            Table(
                title=f"Made-up updates: direction plus noise, groups of 3, after {QUOTED_ROUND} rounds",
                columns=("redrawn", "fixed"),
                digits=(2, 2),
                rows=tuple(by_spread),
            ),
        ),
    )
