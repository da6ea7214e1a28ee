"""What consensus needs of a signature scheme, and the domains under which its messages are signed (CON-007).

The scheme is handed in: BLS for real ledgers, a cheap stand-in for the simulator, a memo around either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from ..encoding import DOMAIN_PRECOMMIT, DOMAIN_PREVOTE, DOMAIN_PROPOSAL, compute_domain, signing_root
from ..errors import Code, SpecError
from ..types import Proposal, Vote

PREVOTE, PRECOMMIT = 1, 2
"""CON-010: the kinds of vote."""


class Scheme(Protocol):
    """CON-007: Public-key signatures over 32-byte messages that aggregate; `crypto.bls` is one."""

    def verify(self, key: bytes, message: bytes, signature: bytes, /) -> bool:
        """CON-007: The signature is by the holder of the key; False for malformed bytes, never an exception."""

    def aggregate(self, signatures: Sequence[bytes], /) -> bytes:
        """CON-007: One signature for all; a signature given twice counts twice."""

    def fast_aggregate_verify(self, keys: Sequence[bytes], message: bytes, signature: bytes, /) -> bool:
        """CON-007: The aggregate is by the holders of all keys, a key given twice counting twice."""


@dataclass(frozen=True)
class Domains:
    """CON-007: The domains of one ledger's consensus messages."""

    proposal: bytes
    prevote: bytes
    precommit: bytes

    def of_vote(self, kind: int) -> bytes:
        """CON-007: The domain of a kind of vote. Errors: VOTE_KIND."""
        if kind not in (PREVOTE, PRECOMMIT):
            raise SpecError(Code.VOTE_KIND, f"kind {kind}")
        return self.prevote if kind == PREVOTE else self.precommit


@lru_cache(maxsize=64)
def domains_of(genesis_root: bytes, protocol_version: int) -> Domains:
    """CON-007: The domains of the ledger with this genesis and protocol version."""
    types = (DOMAIN_PROPOSAL, DOMAIN_PREVOTE, DOMAIN_PRECOMMIT)
    return Domains(*(compute_domain(kind, genesis_root, protocol_version) for kind in types))


@lru_cache(maxsize=2**12)
def vote_message(vote: Vote, domains: Domains) -> bytes:
    """CON-007: The 32 bytes that a voter signs; the same for every voter, so that signatures aggregate."""
    return signing_root(vote, domains.of_vote(vote.kind))


@lru_cache(maxsize=2**12)
def proposal_message(proposal: Proposal, domains: Domains) -> bytes:
    """CON-007: The 32 bytes that a proposer signs."""
    return signing_root(proposal, domains.proposal)
