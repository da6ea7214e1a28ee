"""Members against strangers, under each view."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref.application.adapters.sklearn_mlp import SklearnMlp
from bcfl_ref.application.attacks.membership import (
    SMOKE,
    Task,
    accuracy,
    alignment,
    evaluate,
    groups_of,
    judge,
    losses,
    run_task,
    seen_update,
)
from bcfl_ref.application.attacks.population import Population, even_parts, populate
from bcfl_ref.application.attacks.views import GROUPED, PLAIN, SECURE, View
from bcfl_ref.application.datasets import load
from bcfl_ref.application.models import clamped
from bcfl_ref.application.samples import Samples
from bcfl_ref.application.trainers import ArrayTrainer
from bcfl_ref.errors import InvariantError
from bcfl_ref.kernels.limits import COORDINATE_MAX

NETWORK = ArrayTrainer(SklearnMlp())


@pytest.fixture(scope="module")
def population() -> Population:
    return populate(load("digits").samples, 1, 160, 300)


def task_of(population: Population, view: View = PLAIN) -> Task:
    parts = even_parts(population.private, 8, 20)
    return run_task(NETWORK, parts, population.public, 1, 2, view, 150_000)


@pytest.fixture(scope="module")
def task(population: Population) -> Task:
    return task_of(population)


def test_plain_updates_tell_members_and_whose_they_are(task: Task, population: Population) -> None:
    """A trainer's own update gives its samples away, against strangers and against the other trainers."""
    judged = judge(task, PLAIN, population.outsiders)
    assert max(judged.areas) > 0.65 and max(judged.advantages) > 0.2 and max(judged.attributed) > 0.65


def test_sums_tell_less(task: Task, population: Population) -> None:
    """Groups of four tell less than plain, and the sum of all cannot tell whose a sample is."""
    plain, grouped, secure = (judge(task, view, population.outsiders) for view in (PLAIN, GROUPED, SECURE))
    assert max(plain.areas) > max(grouped.areas) > 0.52
    assert max(plain.attributed) > max(grouped.attributed)
    assert all(area == pytest.approx(0.5, abs=1e-9) for area in secure.attributed)


def test_noise_of_one_epsilon_leaves_nothing_and_costs_the_model(population: Population) -> None:
    """With ε = 1 among eight trainers nobody is told apart, and the model is no good either."""
    view = View("noise", 0, 1.0)
    noisy = task_of(population, view)
    judged = judge(noisy, view, population.outsiders)
    assert all(abs(area - 0.5) < 0.08 for area in judged.areas)
    assert accuracy(noisy, population) < 0.4


def test_views_are_means_of_the_updates_they_take_in(task: Task) -> None:
    """A view of a group is the mean of its members' updates, rounded."""
    assert (seen_update(task, GROUPED, 0, 1) == np.rint(task.updates[0][4:8].sum(axis=0) / 4)).all()
    assert (seen_update(task, PLAIN, 1, 3) == task.updates[1][3]).all()


def test_each_sum_has_noise_of_its_own(population: Population) -> None:
    """In groups every sum is noisy by itself, and the model takes all the noise in."""
    view = View("noise", 4, 8.0)
    task = task_of(population, view)
    first, second = task.added[0]
    assert (first != second).any() and first.std() == pytest.approx(second.std(), rel=0.1)
    seen = seen_update(task, view, 0, 1)
    assert (seen == clamped(np.rint((task.updates[0][4:8].sum(axis=0) + second) / 4).astype(np.int64))).all()
    moved = task.bases[1].astype(np.int64) - task.bases[0]
    mean = (task.updates[0].sum(axis=0) + first + second) / 8
    assert np.abs(moved - np.clip(mean, -COORDINATE_MAX, COORDINATE_MAX)).max() <= 0.5


def test_groups_take_everybody_once() -> None:
    """One group a trainer, groups in order, or one of all."""
    assert [len(groups_of(view, 24)) for view in (PLAIN, GROUPED, SECURE)] == [24, 6, 1]
    assert [list(group) for group in groups_of(GROUPED, 6)] == [[0, 1, 2, 3], [4, 5]]


def test_losses_are_those_of_the_moved_model(task: Task) -> None:
    """The loss is the cross-entropy under base + update."""
    data = task.parts[0].take(range(5))
    update = task.updates[0][0].astype(np.int32)
    shares = NETWORK.probabilities(task.bases[0] + update, data)
    assert np.allclose(losses(NETWORK, task.bases[0], update, data), -np.log(shares[np.arange(5), data.labels]))


def test_alignment_is_the_cosine_with_the_step_of_a_sample(population: Population) -> None:
    """An update made of one sample's step alone is perfectly aligned with that sample, in the last layer."""
    one_step = ArrayTrainer(SklearnMlp(local_epochs=1, batch_size=1, l2=0.0))
    base = one_step.initial(64, 10, 1)
    sample: Samples = population.private.take([0])
    update = one_step.train(base, sample, 1)
    assert alignment(one_step, base, update, sample)[0] == pytest.approx(1.0, abs=1e-3)


def test_a_task_that_did_not_run_has_no_accuracy(population: Population) -> None:
    """There is no quality of a model that is not there."""
    with pytest.raises(InvariantError):
        accuracy(Task(NETWORK, []), population)


def test_an_evaluation_has_a_line_for_each_view() -> None:
    """A smoke evaluation judges every view and every crowd, and noise never beats its bound by more than chance."""
    seen: list[tuple[int, int]] = []
    found = evaluate(load("digits").samples, 1, True, lambda done, steps: seen.append((done, steps)))
    assert seen[-1][0] == seen[-1][1] == len(seen)
    rows = {row.name: row.values for row in found.tables[0].rows}
    assert list(rows) == [
        "plain",
        "grouped, sum of 4",
        "secure, sum of all",
        *(view.name for view in SMOKE.views[3:]),
    ]
    assert rows["plain"][6] is None and 0 < rows["secure with noise, ε = 8"][6] <= 1  # type: ignore[operator]
    plain, group, everybody = found.charts[0].curves[0].y
    assert plain > group > 0.4 and 0.4 < everybody < 0.7
