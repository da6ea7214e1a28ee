"""What the adversaries change, and that they change nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref.application.adversaries import Absent, LabelFlip, SignFlip, SmallBias
from bcfl_ref.application.samples import Samples
from bcfl_ref.errors import UsageError

SAMPLES = Samples(np.arange(12).reshape(4, 3), np.array([0, 1, 2, 9]), scale=16, classes=10)
UPDATE = np.array([5, -7, 2**20 - 1, 0], dtype=np.int32)


def test_label_flip_mirrors_or_shifts() -> None:
    """Class y becomes 9 − y, or y + shift modulo 10; features and the original stay."""
    assert LabelFlip().data(SAMPLES).labels.tolist() == [9, 8, 7, 0]
    assert LabelFlip(shift=1).data(SAMPLES).labels.tolist() == [1, 2, 3, 0]
    assert SAMPLES.labels.tolist() == [0, 1, 2, 9]
    assert LabelFlip().update(UPDATE, 1, 1) is UPDATE


def test_sign_flip_reverses_within_the_domain() -> None:
    """The update is multiplied by −factor and clamped to ±Q."""
    found = SignFlip(factor=3).update(UPDATE, 1, 1)
    assert found is not None and found.tolist() == [-15, 21, -(2**20 - 1), 0] and found.dtype == np.int32


def test_colluders_share_one_direction() -> None:
    """The bias is the same for all colluders and rounds of a run, and another in another run."""
    first, second = (SmallBias(magnitude=10).update(np.zeros(64, dtype=np.int32), 1, r) for r in (1, 5))
    assert first is not None and second is not None
    assert set(first.tolist()) == {10, -10} and np.array_equal(first, second)
    assert not np.array_equal(first, SmallBias(magnitude=10).update(np.zeros(64, dtype=np.int32), 2, 1))


def test_absence_begins_when_it_is_said_to() -> None:
    """Before the crash the update is honest, from then on there is none."""
    absent = Absent(from_round=3)
    assert absent.update(UPDATE, 1, 2) is UPDATE and absent.update(UPDATE, 1, 3) is None


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: SignFlip(factor=0),
        lambda: LabelFlip(shift=-1),
        lambda: SmallBias(magnitude=2**20),
        lambda: Absent(from_round=0),
    ],
)
def test_settings_out_of_range_are_refused(attempt: object) -> None:
    """A setting out of range is one clear line."""
    assert callable(attempt)
    with pytest.raises(UsageError, match="whole number"):
        attempt()
