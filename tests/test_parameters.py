"""Parameters: the table of the specification, the presets and the bounds say the same (TYP-018, TYP-019)."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from bcfl_ref.errors import Code, SpecError, UsageError
from bcfl_ref.parameters import BOUNDS, PRESETS, check_parameters, load_preset
from bcfl_ref.types import Parameters

TABLE = re.findall(
    r"^\| `(\w+)` \| (.+?) \| (\w[\w ]*) \| (\d+) … (\d+) \| (\d+) \| (\d+) \|$",
    (Path(__file__).parent.parent / "spec" / "parameters.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
MINIMAL = load_preset("minimal")


def refused(parameters: Parameters) -> str:
    """The detail with which parameters are refused."""
    with pytest.raises(SpecError) as caught:
        check_parameters(parameters)
    assert caught.value.code is Code.PARAMETER_RANGE
    return caught.value.detail


def test_table() -> None:
    """TYP-010, TYP-018, TYP-019: the table has every parameter in order, with the bounds and presets in force."""
    assert [row[0] for row in TABLE] == list(Parameters.FIELD_TYPES) == list(BOUNDS)
    for name, _, _, smallest, largest, minimal, standard in TABLE:
        assert (int(smallest), int(largest)) == BOUNDS[name]
        assert int(minimal) == getattr(load_preset("minimal"), name)
        assert int(standard) == getattr(load_preset("standard"), name)


def test_presets() -> None:
    """TYP-019: both presets keep the bounds, and an unknown name is one clear line."""
    for name in PRESETS:
        check_parameters(load_preset(name))
    with pytest.raises(UsageError, match="minimal, standard"):
        load_preset("huge")


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds(name: str) -> None:
    """TYP-018: a parameter just outside its bounds is refused by name."""
    smallest, largest = BOUNDS[name]
    assert name in refused(replace(MINIMAL, **{name: smallest - 1}))
    assert name in refused(replace(MINIMAL, **{name: largest + 1}))


@pytest.mark.parametrize(
    "change",
    [
        {"reputation_initial_bps": 999},
        {"reputation_min_bps": 5001},
        {"reputation_max_bps": 4999},
        {"unbonding_heights": 32 + 3 * 8},
        {"evidence_heights": 64 - 3 * 8},
        {"epoch_heights": 11},
    ],
)
def test_bounds_among_parameters(change: dict[str, int]) -> None:
    """TYP-018: reputations are ordered, and a stake outlives the evidence against it."""
    refused(replace(MINIMAL, **change))


def test_edges_are_legal() -> None:
    """TYP-018: the bounds themselves and equal reputations are allowed."""
    check_parameters(replace(MINIMAL, reputation_initial_bps=1000))
    check_parameters(replace(MINIMAL, reputation_initial_bps=10_000))
    check_parameters(replace(MINIMAL, unbonding_heights=32 + 3 * 8 + 1))
    check_parameters(replace(MINIMAL, epoch_heights=2, seats_max=1024, stake_min=2**48))
