"""The memory of a height (CON-014)."""

from __future__ import annotations

from bcfl_ref.consensus.state import NO_VIEW, ConsensusState
from bcfl_ref.encoding import word_to_int64


def test_never_is_minus_one() -> None:
    """The word that stands for no view reads as -1."""
    assert word_to_int64(NO_VIEW) == -1


def test_the_fields_stand_in_the_order_of_the_specification() -> None:
    """The root of a state depends on the order of its fields, which the specification gives."""
    assert list(ConsensusState.FIELD_TYPES) == [
        "committee",
        "epoch_heights",
        "height",
        "me",
        "view",
        "phase",
        "locked_view",
        "locked_root",
        "valid_view",
        "valid_root",
        "timers",
        "proposals",
        "verdicts",
        "votes",
        "offenders",
        "decided_view",
        "decided_root",
    ]
