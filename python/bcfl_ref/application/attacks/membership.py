"""Membership inference: was this sample among those that a trainer, or anybody, trained on?

The attacker sees, for each round, the model and one view of the updates, and takes base + mean of what it sees as a
model. Three scores, all better for members: the loss of the last such model; how much the loss fell in each round,
compared with how much it falls when strangers train (shadow trainers on the attacker's own samples); and how well
what it sees is aligned with the gradient of the sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...errors import InvariantError
from ..adapters.sklearn_mlp import SklearnMlp
from ..models import Vector, clamped, unpack
from ..samples import Integers, Reals, Samples, joined
from ..trainers import ArrayTrainer, Trainer
from ..trainers import evaluate as tally
from .document import Attack, Chart, Curve, Row, Summary, Table
from .measures import advantage, area_under_curve
from .population import Population, even_parts, populate, stepped, train_all
from .views import PLAIN, VIEWS, View, advantage_bound, clipped, generator, median_norm, noise, noise_scale, total

TRAINERS = 24
SAMPLES = 20
ROUNDS = 5
SHADOWS = 5
OUTSIDERS = 400
SCORES = ("loss", "calibrated fall", "alignment")
Advance = Callable[[int, int], None]


@dataclass
class Task:
    """A task as it went: for each round the model before it, the updates, each sum's noise, and what shadows send."""

    trainer: Trainer
    parts: list[Samples]
    bases: list[Vector] = field(default_factory=list)
    updates: list[Integers] = field(default_factory=list)
    added: list[Integers] = field(default_factory=list)
    shadows: list[list[Vector]] = field(default_factory=list)
    last: Vector | None = None


def run_task(
    trainer: Trainer, parts: list[Samples], public: Samples, seed: int, rounds: int, view: View, bound: int
) -> Task:
    """Some rounds of training; if `view` has noise, of clipped updates and noisy sums, ε-private in all rounds."""
    task = Task(trainer, parts)
    model = trainer.initial(public.width, public.classes, seed)
    sums = len(groups_of(view, len(parts)))
    coins = generator(seed, 20, len(parts), int(1000 * (view.epsilon or 0)), sums)
    for round_number in range(1, rounds + 1):
        sent = train_all(trainer, model, parts, seed, round_number)
        shadows = [public.take(coins.choice(len(public), len(parts[0]), replace=False)) for _ in range(SHADOWS)]
        added = np.zeros((sums, model.size), dtype=np.int64)
        if view.epsilon is not None:
            sent = clipped(sent, bound)
            sigma = noise_scale(bound, view.epsilon, rounds)
            added += np.stack([noise(sigma, model.size, coins) for _ in range(sums)])
        task.added.append(added)
        task.bases.append(model)
        task.updates.append(np.stack(sent).astype(np.int64))
        task.shadows.append(train_all(trainer, model, shadows, seed + 1, round_number))
        model = stepped(model, total(sent) + added.sum(axis=0), len(sent))
    task.last = model
    return task


def groups_of(view: View, trainers: int) -> list[range]:
    """The trainers whose updates are in one sum: each alone, groups in order, or all."""
    size = view.size(trainers)
    return [range(first, min(first + size, trainers)) for first in range(0, trainers, size)]


def seen_update(task: Task, view: View, round_number: int, group: int) -> Vector:
    """The mean update of a group as the view shows it."""
    members = groups_of(view, len(task.parts))[group]
    added = total(task.updates[round_number][list(members)])
    if view.epsilon is not None:
        added = added + task.added[round_number][group]
    return clamped(np.rint(added / len(members)).astype(np.int64))


def losses(trainer: Trainer, base: Vector, update: Vector, data: Samples) -> Reals:
    """The cross-entropy of each sample under base + update."""
    moved = np.clip(base.astype(np.int64) + update, -(2**31), 2**31 - 1).astype(np.int32)
    shares = trainer.probabilities(moved, data)
    found: Reals = -np.log(np.maximum(shares[np.arange(len(data)), data.labels], 1e-12))
    return found


def alignment(trainer: Trainer, base: Vector, update: Vector, data: Samples) -> Reals:
    """The cosine of an update and the step that each sample alone would make, on the last layer of the network."""
    layout = trainer.layout(data.width, data.classes)
    arrays, moved = unpack(base, layout), unpack(update, layout)
    inputs = data.reals()
    hidden = np.maximum(inputs @ arrays["hidden.weight"] + arrays["hidden.bias"], 0.0)
    errors = np.eye(data.classes)[data.labels] - trainer.probabilities(base, data)
    # The gradient of sample s is hidden ⊗ errors: its inner product with the update needs no outer product.
    inner = ((hidden @ moved["output.weight"] + moved["output.bias"]) * errors).sum(axis=1)
    norms = np.sqrt((hidden**2).sum(axis=1) + 1) * np.linalg.norm(errors, axis=1)
    scale = norms * np.sqrt((moved["output.weight"] ** 2).sum() + (moved["output.bias"] ** 2).sum())
    found: Reals = inner / np.maximum(scale, 1e-12)
    return found


def scores(task: Task, view: View, group: int, data: Samples, strangers: Sequence[Reals]) -> list[Reals]:
    """The three scores of each sample of `data` for being a sample of one of the group.

    `strangers` holds for each round the mean loss of each sample after a shadow's update.
    """
    falls, aligned, last = np.zeros(len(data)), np.zeros(len(data)), np.zeros(len(data))
    for round_number, base in enumerate(task.bases):
        seen = seen_update(task, view, round_number, group)
        last = losses(task.trainer, base, seen, data)
        falls += strangers[round_number] - last
        aligned += alignment(task.trainer, base, seen, data)
    return [-last, falls, aligned]


@dataclass(frozen=True)
class Judged:
    """For each score: area and advantage against samples of nobody, and area against samples of other trainers."""

    areas: tuple[float, ...]
    advantages: tuple[float, ...]
    attributed: tuple[float, ...]


def judge(task: Task, view: View, outsiders: Samples) -> Judged:
    """Every trainer as target: its samples against all of nobody, and against all of the other trainers."""
    data = joined([*task.parts, outsiders])
    owners = np.repeat(np.arange(len(task.parts) + 1), [*map(len, task.parts), len(outsiders)])
    strangers = [
        np.mean([losses(task.trainer, base, shadow, data) for shadow in sent], axis=0)
        for base, sent in zip(task.bases, task.shadows, strict=True)
    ]
    own: list[list[Reals]] = [[], [], []]
    nobody: list[list[Reals]] = [[], [], []]
    others: list[list[Reals]] = [[], [], []]
    for group, members in enumerate(groups_of(view, len(task.parts))):
        for number, values in enumerate(scores(task, view, group, data, strangers)):
            for target in members:
                own[number].append(values[owners == target])
                others[number].append(values[(owners != target) & (owners < len(task.parts))])
            nobody[number].append(values[owners == len(task.parts)])
    own_flat, nobody_flat, others_flat = (list(map(np.concatenate, side)) for side in (own, nobody, others))
    against_nobody = list(zip(own_flat, nobody_flat, strict=True))
    return Judged(
        areas=tuple(area_under_curve(*pair) for pair in against_nobody),
        advantages=tuple(advantage(*pair) for pair in against_nobody),
        attributed=tuple(area_under_curve(*pair) for pair in zip(own_flat, others_flat, strict=True)),
    )


CROWDS = (1, 2, 4, 8, 16, 24, 48)


@dataclass(frozen=True)
class Plan:
    """How much is run."""

    trainers: int
    rounds: int
    crowds: tuple[int, ...]
    views: tuple[View, ...]


FULL = Plan(TRAINERS, ROUNDS, CROWDS, VIEWS)
SMOKE = Plan(8, 2, (1, 4, 8), tuple(view for view in VIEWS if view.epsilon in (None, 8.0)))


def evaluate(samples: Samples, seed: int, smoke: bool, advance: Advance) -> Attack:
    """All views of a task of 24 trainers, one task for each ε, and sums of growing size in a larger task."""
    plan = SMOKE if smoke else FULL
    steps = len(plan.views) + len(plan.crowds)
    population = populate(samples, seed, max(*plan.crowds, plan.trainers) * SAMPLES, OUTSIDERS)
    trainer = ArrayTrainer(SklearnMlp())
    parts = even_parts(population.private, plan.trainers, SAMPLES)
    fresh = trainer.initial(samples.width, samples.classes, seed)
    bound = median_norm(train_all(trainer, fresh, parts, seed, 1))

    def task_of(held: list[Samples], view: View) -> Task:
        return run_task(trainer, held, population.public, seed, plan.rounds, view, bound)

    clear, rows, areas = task_of(parts, PLAIN), [], []
    for number, view in enumerate(plan.views):
        task = clear if view.epsilon is None else task_of(parts, view)
        rows.append(_row(view, judge(task, view, population.outsiders), accuracy(task, population)))
        advance(number + 1, steps)
    crowd = task_of(even_parts(population.private, plan.crowds[-1], SAMPLES), PLAIN)
    for number, size in enumerate(plan.crowds, len(plan.views)):
        areas.append(judge(crowd, View(f"sum of {size}", size), population.outsiders).areas)
        advance(number + 1, steps)
    return _described(plan, rows, areas)


def accuracy(task: Task, population: Population) -> float:
    """The accuracy of the last model on samples of nobody: what the noise costs."""
    if task.last is None:
        raise InvariantError("the task has no last model")
    found = tally(task.trainer, task.last, population.outsiders)
    return found.correct / found.total


def _row(view: View, judged: Judged, quality: float) -> Row:
    limit = advantage_bound(view.epsilon) if view.epsilon is not None else None
    return Row(name=view.name, values=(*judged.areas, *judged.advantages, limit, max(judged.attributed), quality))


def _described(plan: Plan, rows: list[Row], areas: list[tuple[float, ...]]) -> Attack:
    sizes = tuple(map(float, plan.crowds))
    curves = tuple(
        Curve(name=name, x=sizes, y=tuple(found[number] for found in areas)) for number, name in enumerate(SCORES)
    )
    return Attack(
        name="membership",
        title="Membership inference",
        question="Was this sample among those that a trainer trained on?",
        setup=(
            f"Digits, neural network 64-32-10; {plan.trainers} trainers with {SAMPLES} samples each, evenly mixed, "
            f"{plan.rounds} rounds, {SHADOWS} shadow trainers a round. The samples of every "
            f"trainer against {OUTSIDERS} that nobody trained on; attribution against those of the other "
            "trainers, by the best of the three scores. Thresholds are chosen on one half and measured on the other."
        ),
        charts=(
            Chart(
                title=f"Sums of some of {plan.crowds[-1]} trainers",
                x_label="updates in the sum",
                y_label="area under curve",
                log_x=True,
                low=0.4,
                chance=0.5,
                curves=curves,
            ),
        ),
        tables=(
            Table(
                title="By setting",
                columns=(
                    *(f"area, {name}" for name in SCORES),
                    *(f"advantage, {name}" for name in SCORES),
                    "bound by ε",
                    "area, attribution",
                    "accuracy of the model",
                ),
                digits=(2, 2, 2, 2, 2, 2, 2, 2, 2),
                rows=tuple(rows),
            ),
        ),
        summary=(
            Summary(title="member or not, calibrated fall", table=0, column=1, chance=0.5),
            Summary(title="whose sample", table=0, column=7, chance=0.5),
            Summary(title="accuracy of the model", table=0, column=8, chance=0.1),
        ),
    )
