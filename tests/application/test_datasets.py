"""The built-in datasets are the known ones (APP-005)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bcfl_ref.application import datasets
from bcfl_ref.errors import UsageError


def test_digits_are_the_known_images() -> None:
    """1797 images of 64 pixels from 0 to 16, ten classes."""
    found = datasets.load("digits")
    assert found.samples.features.shape == (1797, 64)
    assert (found.samples.features.min(), found.samples.features.max()) == (0, 16)
    assert set(found.samples.labels.tolist()) == set(range(10)) and found.samples.classes == 10


def test_digits_agree_with_the_carrier_package() -> None:
    """Our reader and scikit-learn's give the same numbers."""
    loaded = pytest.importorskip("sklearn.datasets").load_digits()
    found = datasets.load("digits").samples
    assert np.array_equal(found.features, loaded.data) and np.array_equal(found.labels, loaded.target)


def test_breast_cancer_is_stretched_over_the_scale() -> None:
    """Every measurement reaches from 0 to 256, and is the rounded stretched original."""
    found = datasets.load("breast-cancer").samples
    assert found.features.shape == (569, 30) and found.classes == 2
    assert (found.features.min(axis=0) == 0).all() and (found.features.max(axis=0) == 256).all()
    loaded = pytest.importorskip("sklearn.datasets").load_breast_cancer()
    low, high = loaded.data.min(axis=0), loaded.data.max(axis=0)
    assert np.abs((loaded.data - low) / (high - low) * 256 - found.features).max() < 0.501
    assert np.array_equal(found.labels, loaded.target)


def test_other_content_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose samples differ from the known ones gives one clear line."""
    source = datasets.SOURCES["digits"]
    monkeypatch.setitem(datasets.SOURCES, "digits", replace(source, content_sha256="0" * 64))
    with pytest.raises(UsageError, match="other samples"):
        datasets.load("digits")


def test_another_release_of_the_file_is_told() -> None:
    """A repacked file with the same samples is used and marked."""
    source = replace(datasets.SOURCES["digits"], file_sha256="0" * 64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(datasets.SOURCES, "digits", source)
        assert not datasets.load("digits").file_known


def test_a_missing_file_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the carrier package's file there is one clear line."""
    source = replace(datasets.SOURCES["digits"], file="nothing.csv")
    monkeypatch.setitem(datasets.SOURCES, "digits", source)
    with pytest.raises(UsageError, match="scikit-learn"):
        datasets.load("digits")
