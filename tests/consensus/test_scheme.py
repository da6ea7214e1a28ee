"""What is signed (CON-007)."""

from __future__ import annotations

import pytest
from bcfl_ref.consensus.scheme import PRECOMMIT, PREVOTE, Scheme, domains_of, proposal_message, vote_message
from bcfl_ref.crypto import bls
from bcfl_ref.encoding import DOMAIN_PRECOMMIT, compute_domain, signing_root
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.types import Proposal, Vote

ROOT = bytes([1]) * 32


def test_vote_message_is_the_signing_root_under_the_domain_of_its_kind() -> None:
    """Kinds, ledgers, versions, heights, views and blocks all change what is signed."""
    vote = Vote(PRECOMMIT, 3, 1, ROOT)
    expected = signing_root(vote, compute_domain(DOMAIN_PRECOMMIT, ROOT, 1))
    assert vote_message(vote, domains_of(ROOT, 1)) == expected
    messages = {
        vote_message(Vote(kind, height, view, block), domains_of(ledger, version))
        for kind in (PREVOTE, PRECOMMIT)
        for height in (3, 4)
        for view in (0, 1)
        for block in (ROOT, bytes(32))
        for ledger in (ROOT, bytes(32))
        for version in (1, 2)
    }
    assert len(messages) == 64


def test_vote_message_refuses_unknown_kinds() -> None:
    """There are two kinds of vote."""
    for kind in (0, 3):
        with pytest.raises(SpecError) as refusal:
            vote_message(Vote(kind, 1, 0, ROOT), domains_of(ROOT, 1))
        assert refusal.value.code is Code.VOTE_KIND


def test_a_proposal_is_no_vote() -> None:
    """A proposal_message is never a vote_message, and bls is a scheme."""
    domains = domains_of(ROOT, 1)
    assert proposal_message(Proposal(1, 1, 0, ROOT), domains) != vote_message(Vote(1, 1, 0, ROOT), domains)
    scheme: Scheme = bls
    assert scheme.verify(b"", bytes(32), b"") is False
