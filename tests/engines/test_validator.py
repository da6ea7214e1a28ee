"""A validator of the embedded engine: what it executes, keeps and says, also when it lies or is killed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bcfl_ref.consensus.certificate import NO_CERTIFICATE
from bcfl_ref.consensus.proposer import proposer_at
from bcfl_ref.consensus.scheme import PREVOTE, domains_of, vote_message
from bcfl_ref.consensus.votes import NIL
from bcfl_ref.crypto import bls
from bcfl_ref.engines.embedded import EmbeddedEngine
from bcfl_ref.engines.timing import Timings
from bcfl_ref.engines.validator import ValidatorApplication, ValidatorSigner, two_faced
from bcfl_ref.errors import InvariantError
from bcfl_ref.node.ledger import Ledger
from bcfl_ref.node.verify import verify
from bcfl_ref.transition import upcoming_committee
from bcfl_ref.types import Equivocation, SignedVote, Vote
from engines.runs import finished, open_engine, small_config
from engines.test_resume import Killed


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    """A run that has not begun."""
    return open_engine(small_config(), tmp_path / "run")


def application(engine: EmbeddedEngine, index: int = 1) -> ValidatorApplication:
    return ValidatorApplication(engine.participants[index].owner, engine.ledger, engine.collect(), Timings())


def proposer(engine: EmbeddedEngine) -> int:
    state = engine.ledger.state
    return proposer_at(upcoming_committee(state), 1, 0, state.parameters.epoch_heights)


def test_a_block_is_executed_before_it_is_called_valid(engine: EmbeddedEngine) -> None:
    """Only what the transition accepts is valid; validating leaves the ledger as it is."""
    author = application(engine, proposer(engine))
    block = author.propose(1, 0, NO_CERTIFICATE)
    assert len(block.body.transactions) > 0 and application(engine).validate(block)
    spoilt = replace(block, header=replace(block.header, state_root=bytes(32)))
    assert not application(engine).validate(spoilt)
    assert engine.ledger.state.height == author.height() == 0
    assert len(author.public_keys(author.committee())) == len(engine.cast.validators)
    engine.close()


def test_a_certified_block_is_written_once(engine: EmbeddedEngine) -> None:
    """The first validator to commit writes; the others find the same block there; another or invalid one is a bug."""
    author = application(engine, proposer(engine))
    others = [application(engine, index) for index in (1, 2)]
    block = author.propose(1, 0, NO_CERTIFICATE)
    with pytest.raises(InvariantError, match="certified and invalid"):
        author.commit(replace(block, header=replace(block.header, state_root=bytes(32))), NO_CERTIFICATE)
    author.commit(block, NO_CERTIFICATE)
    others[0].commit(block, NO_CERTIFICATE)
    assert engine.ledger.state.height == 1 and author.record(1) == others[0].record(1) is not None
    empty = ValidatorApplication(engine.participants[author._owner.index].owner, engine.ledger, (), Timings())
    empty._base = others[1]._base
    with pytest.raises(InvariantError, match="two decided blocks"):
        others[1].commit(empty.propose(1, 0, NO_CERTIFICATE), NO_CERTIFICATE)
    engine.close()


def test_evidence_is_kept_by_its_witness(engine: EmbeddedEngine) -> None:
    """What a replica reports is in the witness's private directory, once."""
    votes = [SignedVote(Vote(PREVOTE, 1, 0, bytes([n]) * 32), 2, bytes(96)) for n in (1, 2)]
    for _ in range(2):
        application(engine).report(Equivocation(*votes))
    assert len(engine.participants[1].owner.private.names("evidence-")) == 1
    engine.close()


def test_a_two_faced_validator_contradicts_itself_only(engine: EmbeddedEngine) -> None:
    """With each vote of its own for a block it signs one for nil; everything else passes unchanged."""
    owner = engine.participants[2].owner
    domains = domains_of(engine.ledger.genesis_root, engine.ledger.state.protocol_version)
    twist = two_faced(owner, domains)
    vote = Vote(PREVOTE, 1, 0, bytes([1]) * 32)
    own = SignedVote(vote, 2, ValidatorSigner(owner.secret_key).sign(vote_message(vote, domains)))
    said = twist(own)
    assert [one.vote.block_root for one in said if isinstance(one, SignedVote)] == [vote.block_root, NIL]
    key = bls.public_key(owner.secret_key)
    assert all(
        isinstance(one, SignedVote) and bls.verify(key, vote_message(one.vote, domains), one.signature)
        for one in said
    )
    for message in (replace(own, voter=1), replace(own, vote=replace(vote, block_root=NIL))):
        assert twist(message) == (message,)
    engine.close()


@pytest.mark.parametrize("height", [0, 1, 2])
def test_an_equivocation_survives_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, height: int) -> None:
    """Killed between seeing an equivocation and writing the block, the run continues to the uninterrupted head."""
    config = small_config("[network]\nequivocating = [2]\n")
    real = Ledger.append

    def die(self: Ledger, *arguments: object) -> None:
        if self.state.height == height:
            raise Killed
        real(self, *arguments)  # type: ignore[arg-type]

    engine = open_engine(config, tmp_path / "run")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Ledger, "append", die)
        engine.run()
    engine.close()
    assert list((tmp_path / "run" / "private").rglob("evidence-*"))
    expected = _uninterrupted(tmp_path.parent, config)
    assert finished(config, tmp_path / "run") == expected == verify(tmp_path / "run").head


_heads: dict[str, bytes] = {}


def _uninterrupted(base: Path, config: object) -> bytes:
    if "head" not in _heads:
        _heads["head"] = finished(config, base / "uninterrupted")  # type: ignore[arg-type]
    return _heads["head"]
