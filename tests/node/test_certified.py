"""PRV-040: a member acts on nothing but a state whose certificate it verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from bcfl_ref.engines.embedded import EmbeddedEngine
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.node.certified import CertifiedState, check_certified
from bcfl_ref.transition import begin_height
from bcfl_ref.types import EMPTY_SIGNATURE, LedgerRecord, State
from engines.runs import open_engine, small_config


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    """A ledger of three blocks."""
    engine = open_engine(small_config(), tmp_path / "run")
    for _ in range(3):
        engine.run_height()
    yield engine
    engine.close()


@dataclass
class Copy:
    """A member's copy of the ledger, which somebody may have tampered with."""

    state: State
    last: LedgerRecord | None

    def record(self, height: int) -> LedgerRecord | None:
        return self.last


def last_record(engine: EmbeddedEngine) -> LedgerRecord:
    record = engine.ledger.record(engine.ledger.state.height)
    assert record is not None
    return record


def test_the_real_end_of_a_ledger_is_certified(engine: EmbeddedEngine) -> None:
    """What a quorum signed passes, and what is given out is the begin of the next height; it is checked once."""
    state, record = engine.ledger.state, last_record(engine)
    check_certified(state, record)
    copy = Copy(state, record)
    certified = CertifiedState(copy, engine.ledger.blobs)
    given = certified.upcoming()
    assert given == begin_height(state, engine.ledger.blobs)
    copy.last = None
    assert certified.upcoming() is given


def test_a_new_block_is_checked_anew(engine: EmbeddedEngine) -> None:
    """What was verified for one block proves nothing about the next."""
    certified = CertifiedState(engine.ledger, engine.ledger.blobs)
    before = certified.upcoming()
    engine.run_height()
    assert certified.upcoming().height == before.height + 1
    copy = Copy(engine.ledger.state, None)
    forgetful = CertifiedState(copy, engine.ledger.blobs)
    with pytest.raises(SpecError):
        forgetful.upcoming()


def test_what_is_not_certified_is_refused(engine: EmbeddedEngine) -> None:
    """No record, an older one, too few seats, a forged signature, another block, another state: each is refused."""
    state, record = engine.ledger.state, last_record(engine)
    certificate = record.certificate
    unsigned = replace(certificate, signature=EMPTY_SIGNATURE)
    few = replace(certificate, seats=(True, *(False for _ in certificate.seats[1:])))
    other_header = replace(record.block.header, view=1)
    cases = [
        (state, None, Code.HEIGHT_MISMATCH),
        (replace(state, height=state.height + 1), record, Code.HEIGHT_MISMATCH),
        (state, replace(record, certificate=few), Code.CERTIFICATE_QUORUM),
        (
            state,
            replace(record, certificate=unsigned),
            Code.CERTIFICATE_SIGNATURE,
        ),
        (state, replace(record, block=replace(record.block, header=other_header)), Code.CERTIFICATE_BLOCK),
        (replace(state, treasury=state.treasury + 1), record, Code.STATE_ROOT_MISMATCH),
    ]
    for shown, kept, code in cases:
        with pytest.raises(SpecError) as error:
            check_certified(shown, kept)
        assert error.value.code == code
