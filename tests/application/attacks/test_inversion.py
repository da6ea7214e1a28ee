"""Labels and inputs out of single-sample updates, and out of sums of them."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref.application.adapters.sklearn_mlp import SklearnMlp
from bcfl_ref.application.attacks.inversion import (
    Singles,
    background,
    class_mean,
    count_labels,
    crowd_results,
    evaluate,
    image,
    likeliest,
    local_detail,
    named_tensor,
    plain_results,
    quotient,
    rate_of,
    sign_rule,
    singles,
)
from bcfl_ref.application.attacks.population import Population, populate, warmed_up
from bcfl_ref.application.attacks.views import generator
from bcfl_ref.application.datasets import load
from bcfl_ref.application.trainers import ArrayTrainer, IntegerTrainer


@pytest.fixture(scope="module")
def population() -> Population:
    return populate(load("digits").samples, 1, 200, 0)


@pytest.fixture(scope="module")
def found(population: Population) -> Singles:
    """Single-step updates of softmax regression on a model after two rounds."""
    base = warmed_up(IntegerTrainer(5, 32, "1/1"), population.public, 1, 2)
    return singles(population, IntegerTrainer(1, 1, "1/1"), base, 200, 1)


def test_the_sign_rule_names_every_label_of_plain_updates(found: Singles) -> None:
    """100 % of the labels, and every pixel of every image, come out of quantised single-sample updates."""
    labels, images, error = plain_results(found)
    assert (labels, images) == (1.0, 1.0) and error < 0.01


def test_the_sign_rule_holds_for_the_network_too(population: Population) -> None:
    """The last layer of a fresh neural network names every label, its first layer gives the images away."""
    trainer = ArrayTrainer(SklearnMlp(local_epochs=1, batch_size=1))
    base = trainer.initial(population.public.width, population.public.classes, 1)
    labels, images, _ = plain_results(singles(population, trainer, base, 20, 1))
    assert (labels, images) == (1.0, 1.0)


def test_only_one_class_may_go_up() -> None:
    """No class or two going up name nobody; in a crowd the highest is the guess."""
    assert sign_rule(np.array([-0.1, 0.3, 0.0])) == 1
    assert sign_rule(np.array([0.1, 0.3])) == sign_rule(np.array([0.0, -0.1])) == -1
    assert likeliest(np.array([0.1, 0.3, -0.4])) == 1


def test_a_bias_that_quantisation_swallowed_gives_no_image() -> None:
    """The quotient takes the row with the largest bias, and nothing when all are zero."""
    assert quotient(np.array([[2.0, 4.0], [9.0, 9.0]]), np.array([-2.0, 1.0])).tolist() == [-1.0, -2.0]
    assert not quotient(np.ones((2, 3)), np.zeros(2)).any()


def test_a_sum_from_a_fresh_model_tells_how_many_have_each_label(population: Population) -> None:
    """Also the sum of a hundred: a fresh model expects every class alike, so the biases count the labels exactly."""
    trainer = IntegerTrainer(1, 1, "1/1")
    fresh = trainer.initial(population.public.width, population.public.classes, 1)
    sent = singles(population, trainer, fresh, 100, 1)
    biases = named_tensor(trainer, sent.data, sent.updates.sum(axis=0), "bias")
    shares = trainer.probabilities(fresh, population.public)
    counts = count_labels(biases, population.public, shares, 100, 1.0)
    assert counts.tolist() == np.bincount(sent.data.labels, minlength=10).tolist()


def test_one_member_is_rebuilt_exactly_from_its_sum(found: Singles) -> None:
    """The estimate for crowds is the exact quotient when there is one member."""
    shares = found.trainer.probabilities(found.base, found.public)
    label = int(found.data.labels[0])
    weights = named_tensor(found.trainer, found.data, found.updates[0], "weights")[label]
    bias = float(named_tensor(found.trainer, found.data, found.updates[0], "bias")[label])
    rebuilt = class_mean(weights, bias, background(found.public, shares, label), 1, rate_of(found.trainer))
    assert np.allclose(rebuilt, found.data.reals()[0], atol=0.01)


def test_crowds_and_noise_blur(found: Singles) -> None:
    """What is left of labels and images falls with the number in the sum, and with noise to about nothing."""
    results = [crowd_results(found, size, 60, generator(1, size)) for size in (1, 4, 24, 96)]
    details = [result.detail for result in results]
    assert details == sorted(details, reverse=True) and details[0] > 0.99 and details[-1] < 0.4
    assert results[0].named == 1.0 and results[-1].named < 0.4
    noisy = crowd_results(found, 24, 60, generator(1, 99), 1.0)
    assert noisy.detail < 0.15 and noisy.named < 0.3


def test_several_samples_and_epochs_still_show(population: Population, found: Singles) -> None:
    """One sample stays exact in any number of epochs; of twenty in one batch, something of each image is left."""
    assert local_detail(population, found.base, 1, 5, 20) > 0.99
    four, twenty = (local_detail(population, found.base, size, 1, 10) for size in (4, 20))
    assert 0.99 > four > 0.4 and 0.9 > twenty > 0.15


def test_pictures_are_square_and_grey() -> None:
    """Values outside 0 … 1 are cut off."""
    assert image(np.array([-1.0, 0.5, 1.0, 7.0])) == ((0, 128), (255, 255))


def test_an_evaluation_shows_every_setting() -> None:
    """A smoke evaluation has a line for each setting and ten pictures in each strip."""
    seen: list[tuple[int, int]] = []
    attack = evaluate(load("digits").samples, 1, True, lambda done, steps: seen.append((done, steps)))
    assert seen[-1][0] == seen[-1][1]
    assert attack.tables[0].rows[0].values[:2] == (1.0, 1.0)
    assert [row.name for row in attack.tables[2].rows][:3] == ["plain", "grouped, sum of 4", "secure, sum of all"]
    assert all(len(strip.images) == 10 for strip in attack.strips) and len(attack.strips) == 6
