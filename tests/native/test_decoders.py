"""What comes from outside as bytes or text is decoded or refused with a named error, whatever it is."""

from __future__ import annotations

import pytest
from native.decoders import Decoder, Finding, attack, campaign, mutated


def test_every_input_is_taken_or_refused_by_name() -> None:
    """Seeds and their mutations, for every container, message, record, log, blob file, JSON and configuration."""
    counts = campaign(rounds=40, seed=1)
    assert len(counts) > 20
    for name in ("wire", "journal", "log", "blob file", "JSON", "configuration", "SSZ Blob"):
        inputs, taken = counts[name]
        assert 0 < taken < inputs, name


def test_another_error_is_a_finding() -> None:
    """A decoder that trips over its input does not pass."""
    careless = Decoder("careless", lambda data: print(data[3]), [b"abcd"])
    with pytest.raises(Finding, match="careless: IndexError: index out of range for 6162"):
        attack(careless, b"ab")


def test_mutations_repeat() -> None:
    """The same seed gives the same inputs."""
    import random

    streams = [[mutated([b"abc", bytes(40)], rng) for _ in range(50)] for rng in (random.Random(3), random.Random(3))]
    assert streams[0] == streams[1]
    assert len(set(streams[0])) > 40
