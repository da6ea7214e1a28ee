"""Gradient inversion: labels by the signs of the last layer's biases, and inputs by dividing weights by biases.

A trainer with one sample that makes one step sends −rate·(p − y) as the update of the last layer's biases and
−rate·(p − y)·xᵀ as that of its weights (softmax and cross-entropy). Only the sample's own class moves up, so the sign
names the label (the observation of iDLG); the quotient of a row of weights and its bias is the input itself. In a
sum of many such updates the quotient becomes the mean of the inputs of one class: of few, and it is still a picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from ..adapters.sklearn_mlp import SklearnMlp
from ..models import Vector, unpack
from ..samples import Integers, Reals, Samples
from ..trainers import ArrayTrainer, IntegerTrainer, Trainer
from .document import Attack, Chart, Curve, Image, Row, Strip, Summary, Table
from .measures import correlation
from .population import Population, even_parts, populate, train_all, warmed_up
from .views import (
    GROUP,
    GROUPED,
    NOISY,
    PLAIN,
    SECURE,
    SECURE_NOISY,
    clipped,
    generator,
    median_norm,
    noise,
    noise_scale,
)

TRAINERS = 24
TINY = 1e-9
CROWDS = (1, 2, 4, 8, 16, 24, 48, 96)
Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Singles:
    """Trainers with one sample and one step each: what they hold and send, and what the attacker knows beside."""

    data: Samples
    updates: Integers
    bound: int
    trainer: Trainer
    base: Vector
    public: Samples


def singles(population: Population, trainer: Trainer, base: Vector, count: int, seed: int) -> Singles:
    """The updates of the first `count` private samples, each from a trainer of its own."""
    data = population.private.take(range(count))
    updates = train_all(trainer, base, [data.take([number]) for number in range(count)], seed, 1)
    return Singles(data, np.stack(updates).astype(np.int64), median_norm(updates), trainer, base, population.public)


def named_tensor(trainer: Trainer, data: Samples, vector: Integers, name: str) -> Reals:
    """One tensor of an update or of a sum of updates, in real numbers."""
    layout = trainer.layout(data.width, data.classes)
    small = np.clip(vector, -(2**31), 2**31 - 1).astype(np.int32)
    return unpack(small, layout)[name]


def sign_rule(biases: Reals) -> int:
    """The one class whose bias goes up; −1 if there is none, or more than one."""
    upwards = np.flatnonzero(biases > 0)
    return int(upwards[0]) if len(upwards) == 1 else -1


def likeliest(biases: Reals) -> int:
    """The class whose bias goes up most: the guess for one member of a crowd."""
    return int(np.argmax(biases))


def count_labels(biases: Reals, public: Samples, shares: Reals, members: int, rate: float) -> Integers:
    """How many members have each label: the counts that explain the biases best, and add up to `members`.

    A member of class c moves the biases by rate·(e_c − p); its p is taken to be the public mean for that class.
    """
    typical = np.stack([shares[public.labels == label].mean(axis=0) for label in range(public.classes)], axis=1)
    equations = np.vstack([np.eye(public.classes) - typical, np.ones(public.classes)])
    solved = np.linalg.lstsq(equations, np.append(biases / rate, members), rcond=None)[0]
    counts: Integers = np.rint(solved).astype(np.int64)
    return counts


def quotient(weights: Reals, biases: Reals) -> Reals:
    """The row of weights over its bias, of the row with the largest bias: the input of a single sample."""
    row = int(np.argmax(np.abs(biases)))
    if not biases[row]:
        return np.zeros(weights.shape[1])
    divided: Reals = weights[row] / biases[row]
    return divided


@dataclass(frozen=True)
class Background:
    """What the attacker knows of a class from its own samples: mean image, what a member adds, what others add."""

    typical: Reals
    own: float
    share: float
    weighted_input: Reals


def background(public: Samples, shares: Reals, label: int) -> Background:
    """Public means for `label`: of its images, of 1 − p; over the other classes, of p and of p·x for this class."""
    inputs, others = public.reals(), public.labels != label
    return Background(
        typical=inputs[~others].mean(axis=0),
        own=float(1 - shares[~others, label].mean()),
        share=float(shares[others, label].mean()),
        weighted_input=(shares[others, label : label + 1] * inputs[others]).mean(axis=0),
    )


def class_mean(weights: Reals, bias: float, known: Background, members: int, rate: float) -> Reals:
    """The weighted mean input of those of `members` that have the class, taking what the others add for typical.

    The row of weights and the bias of the class go in. For a single member it is the quotient, and exact. In a crowd
    the denominator is at least a tenth of what one member adds on average: less is an accident of the others.
    """
    above = weights / rate + (members - 1) * known.weighted_input
    below = bias / rate + (members - 1) * known.share
    estimate: Reals = above / max(below, known.own / 10 if members > 1 else TINY)
    return estimate


def rate_of(trainer: Trainer) -> float:
    """The learning rate that the task prescribes, so everybody knows it."""
    settings = trainer.settings if isinstance(trainer, IntegerTrainer) else trainer.adapter.settings  # type: ignore[attr-defined]
    return float(settings.learning_rate)


def plain_results(found: Singles) -> tuple[float, float, float]:
    """Under plain: shares of labels named by the sign rule, of inputs right in every pixel, and the mean error."""
    integer = isinstance(found.trainer, IntegerTrainer)
    last, first = ("bias", "bias") if integer else ("output.bias", "hidden.bias")
    weight = "weights" if integer else "hidden.weight"
    named, exact, error = 0, 0, 0.0
    truth = found.data.reals()
    for number, update in enumerate(found.updates):
        named += sign_rule(_tensor(found, update, last)) == int(found.data.labels[number])
        table = _tensor(found, update, weight)
        rebuilt = quotient(table if integer else table.T, _tensor(found, update, first))
        exact += bool((np.rint(rebuilt * found.data.scale) == found.data.features[number]).all())
        error += float(np.abs(rebuilt - truth[number]).mean()) * found.data.scale
    return named / len(truth), exact / len(truth), error / len(truth)


def _tensor(found: Singles, vector: Integers, name: str) -> Reals:
    return named_tensor(found.trainer, found.data, vector, name)


@dataclass(frozen=True)
class CrowdResult:
    """Means over targets: label of the target named, detail of its image, share of label counts that are right."""

    named: float
    detail: float
    counted: float


def crowd_results(
    found: Singles, members: int, targets: int, coins: Generator, epsilon: float | None = None
) -> CrowdResult:
    """Sums of `members` updates of softmax regression, one of them the target's; with noise if `epsilon` is given.

    Detail is the correlation of rebuilt and true image after subtracting the public mean image of the class, which
    needs no attack; so 0 is what a stranger knows.
    """
    shares, rate = found.trainer.probabilities(found.base, found.public), rate_of(found.trainer)
    known = [background(found.public, shares, label) for label in range(found.public.classes)]
    sent = found.updates if epsilon is None else np.stack(clipped(list(found.updates.astype(np.int32)), found.bound))
    named, counted, details = 0, 0.0, []
    for _ in range(targets):
        chosen = coins.choice(len(sent), members, replace=False)
        seen = sent[chosen].astype(np.int64).sum(axis=0)
        if epsilon is not None:
            seen = seen + noise(noise_scale(found.bound, epsilon), seen.size, coins)
        label = int(found.data.labels[chosen[0]])
        biases, weights = _tensor(found, seen, "bias"), _tensor(found, seen, "weights")
        named += likeliest(biases) == label
        true_counts = np.bincount(found.data.labels[chosen], minlength=found.data.classes)
        counts = count_labels(biases, found.public, shares, members, rate)
        counted += float((counts == true_counts).mean())
        rebuilt = class_mean(weights[label], float(biases[label]), known[label], members, rate)
        truth = found.data.features[chosen[0]] / found.data.scale
        details.append(correlation(rebuilt - known[label].typical, truth - known[label].typical))
    return CrowdResult(named / targets, float(np.mean(details)), counted / targets)


def local_detail(population: Population, base: Vector, size: int, local_epochs: int, targets: int) -> float:
    """Plain updates of trainers with `size` samples in one batch and some epochs: the mean detail of their images.

    A step on a batch is the mean of the steps of its samples, so the trainer is a crowd by itself; the attacker takes
    all steps to be like the first.
    """
    trainer = _softmax(local_epochs, size)
    parts = even_parts(population.private, min(targets, len(population.private) // size), size)
    shares = trainer.probabilities(base, population.public)
    known = [background(population.public, shares, label) for label in range(population.public.classes)]
    details = []
    for part, update in zip(parts, train_all(trainer, base, parts, 1, 1), strict=True):
        weights, biases = (named_tensor(trainer, part, update.astype(np.int64), name) for name in ("weights", "bias"))
        rate = rate_of(trainer) * local_epochs / size
        for truth, label in zip(part.reals(), part.labels.tolist(), strict=True):
            rebuilt = class_mean(weights[label], float(biases[label]), known[label], size, rate)
            details.append(correlation(rebuilt - known[label].typical, truth - known[label].typical))
    return float(np.mean(details))


def pictures(found: Singles, coins: Generator, count: int = 10) -> tuple[Strip, ...]:
    """One sample of each class as it is, and as each view lets the attacker rebuild it."""
    firsts = [int(np.flatnonzero(found.data.labels == label)[0]) for label in range(count)]
    shares, rate = found.trainer.probabilities(found.base, found.public), rate_of(found.trainer)
    short = np.stack(clipped(list(found.updates.astype(np.int32)), found.bound)).astype(np.int64)

    def rebuilt(target: int, members: int, epsilon: float | None) -> Image:
        others = coins.choice(np.delete(np.arange(len(short)), target), members - 1, replace=False)
        seen = (found.updates if epsilon is None else short)[[target, *others.tolist()]].sum(axis=0)
        if epsilon is not None:
            seen = seen + noise(noise_scale(found.bound, epsilon), seen.size, coins)
        biases, weights = _tensor(found, seen, "bias"), _tensor(found, seen, "weights")
        label = int(found.data.labels[target])
        known = background(found.public, shares, label)
        return image(class_mean(weights[label], float(biases[label]), known, members, rate))

    kinds = [(view.name, view.size(TRAINERS), view.epsilon) for view in (PLAIN, GROUPED, SECURE, *SECURE_NOISY[:2])]
    originals = Strip(name="the trainers' samples", images=tuple(image(found.data.reals()[i]) for i in firsts))
    return (
        originals,
        *(Strip(name=name, images=tuple(rebuilt(i, size, epsilon) for i in firsts)) for name, size, epsilon in kinds),
    )


def image(values: Reals) -> Image:
    """A square picture of grey levels, 0 .. 1 stretched over 0 .. 255 and cut off beyond."""
    side = int(np.sqrt(len(values)))
    levels = np.clip(np.rint(np.nan_to_num(values) * 255), 0, 255).astype(int)
    return tuple(tuple(row) for row in levels.reshape(side, side).tolist())


def evaluate(samples: Samples, seed: int, smoke: bool, advance: Advance) -> Attack:
    """Plain attacks on both kinds of models, fresh and trained; crowds of growing size; noise."""
    count, targets, mlp_count = (120, 40, 20) if smoke else (600, 400, 200)
    population = populate(samples.take(range(500)) if smoke else samples, seed, count, 0)
    crowds = [1, GROUP, TRAINERS] if smoke else list(CROWDS)
    steps, done = 5 + 2 * len(crowds) + len(NOISY), 0
    plain, softmax = [], []
    for warm in (0, 5):
        for kind in ("softmax regression", "neural network"):
            one_step = _softmax(1, 1) if kind == "softmax regression" else _network(1, 1)
            usual = _softmax(5, 32) if kind == "softmax regression" else _network(5, 8)
            base = warmed_up(usual, population.public, seed, warm)
            found = singles(population, one_step, base, count if kind == "softmax regression" else mlp_count, seed)
            softmax += [found] if kind == "softmax regression" else []
            name = f"{kind}, {'fresh model' if not warm else f'after {warm} rounds'}"
            plain.append(Row(name=name, values=plain_results(found)))
            advance(done := done + 1, steps)
    local = [
        Row(
            name=f"{size} sample{'s' * (size > 1)}, {epochs} epoch{'s' * (epochs > 1)}",
            values=tuple(local_detail(population, found.base, size, epochs, targets) for found in softmax),
        )
        for size in (1, 4, 20)
        for epochs in (1, 5)
    ]
    advance(done := done + 1, steps)
    by_crowd: list[list[CrowdResult]] = []
    for number, found in enumerate(softmax):
        by_crowd.append([])
        for size in crowds:
            by_crowd[-1].append(crowd_results(found, size, targets, generator(seed, 10, number, size)))
            advance(done := done + 1, steps)
    noisy = []
    for number, view in enumerate(NOISY):
        coins = generator(seed, 11, number)
        noisy.append(crowd_results(softmax[1], view.size(TRAINERS), targets, coins, view.epsilon))
        advance(done := done + 1, steps)
    return _described(plain, local, crowds, by_crowd, noisy, pictures(softmax[1], generator(seed, 12)))


def _softmax(local_epochs: int, batch_size: int) -> IntegerTrainer:
    return IntegerTrainer(local_epochs, batch_size, "1/1")


def _network(local_epochs: int, batch_size: int) -> ArrayTrainer:
    return ArrayTrainer(SklearnMlp(local_epochs=local_epochs, batch_size=batch_size))


def _described(
    plain: list[Row],
    local: list[Row],
    crowds: list[int],
    by_crowd: list[list[CrowdResult]],
    noisy: list[CrowdResult],
    strips: tuple[Strip, ...],
) -> Attack:
    sizes = tuple(map(float, crowds))
    bases = ("fresh model", "after 5 rounds")

    def chart(title: str, y_label: str, pick: Callable[[CrowdResult], float], chance: float | None) -> Chart:
        curves = tuple(
            Curve(name=name, x=sizes, y=tuple(pick(result) for result in results))
            for name, results in zip(bases, by_crowd, strict=True)
        )
        return Chart(
            title=title, x_label="updates in the sum", y_label=y_label, log_x=True, chance=chance, curves=curves
        )

    trained = dict(zip(crowds, by_crowd[1], strict=True))
    settings = [(view.name, trained[view.size(TRAINERS)]) for view in (PLAIN, GROUPED, SECURE)]
    settings += [(view.name, result) for view, result in zip(NOISY, noisy, strict=True)]
    rows = tuple(Row(name=name, values=(r.named, r.detail, r.counted)) for name, r in settings)
    return Attack(
        name="inversion",
        title="Gradient inversion",
        question="Which label and which image did a trainer with a single sample and a single step hold?",
        setup=(
            "Digits; each trainer has one sample and makes one step. The attacker knows the model, the rate, and "
            "samples of the same kind from which it takes mean images and mean probabilities. Detail is the "
            "correlation of rebuilt and true image after subtracting the mean image of the class, which is public "
            f"knowledge; there the label is taken as known. Rows with “all” are sums of {TRAINERS}."
        ),
        charts=(
            chart("The target's label named", "share of targets", lambda result: result.named, 0.1),
            chart("Detail of the target's image", "correlation", lambda result: result.detail, 0.0),
            chart("Label counts of the sum that are right", "share of classes", lambda result: result.counted, None),
        ),
        tables=(
            Table(
                title="Plain: labels by the sign rule, inputs by the quotient",
                columns=("labels named", "images right in every pixel", "mean error in grey levels of 16"),
                digits=(3, 3, 3),
                rows=tuple(plain),
            ),
            Table(
                title="Plain, softmax regression: detail of a sample's image by what its trainer does",
                columns=("fresh model", "after 5 rounds"),
                digits=(2, 2),
                rows=tuple(local),
            ),
            Table(
                title="Softmax regression after 5 rounds, by setting",
                columns=("label named", "detail", "label counts right"),
                digits=(3, 2, 2),
                rows=rows,
            ),
        ),
        strips=strips,
        summary=(
            Summary(title="label of a single sample named", table=2, column=0, chance=0.1),
            Summary(title="detail of its image", table=2, column=1, chance=0.0),
        ),
    )
