"""What one validator knows and remembers while one height is being decided, and what goes in and out (CON-014).

The state is a container, so that it has a root: two implementations that were given the same inputs can compare
their whole memory by 32 bytes. It is never agreed upon, and never leaves the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from ..encoding import int64_to_word
from ..types import (
    BitsUpTo,
    Certificate,
    Committee,
    Container,
    Equivocation,
    IdentityIndex,
    Int64,
    ListUpTo,
    Proposal,
    Root,
    SignedProposal,
    SignedVote,
    Uint8,
    Uint64,
    Vote,
)

PROPOSE, PREVOTING, PRECOMMITTING, DECIDED = 1, 2, 3, 4
"""CON-014: phases of a view, in order; a decided height never leaves the last."""
RETRANSMIT = 5
"""CON-014: not a phase: the timer on which everything that matters is sent again."""
NO_VIEW = int64_to_word(-1)
"""CON-014: "never", as the word that carries -1."""
VIEWS_AHEAD_MAX = 64
"""CON-014: how far beyond its own view a validator listens; a limit on memory."""


class Verdict(Container):
    """CON-014: The application's answer about one block."""

    block_root: Root
    valid: bool


class ConsensusState(Container):
    """CON-014: One validator at one height; `votes` in the order of (kind, view, voter, block root)."""

    committee: Committee
    epoch_heights: Uint64
    height: Uint64
    me: IdentityIndex
    view: Uint64
    phase: Uint8
    locked_view: Int64
    locked_root: Root
    valid_view: Int64
    valid_root: Root
    timers: Annotated[tuple[bool, ...], BitsUpTo(2)]
    proposals: Annotated[tuple[SignedProposal, ...], ListUpTo(4096)]
    verdicts: Annotated[tuple[Verdict, ...], ListUpTo(4096)]
    votes: Annotated[tuple[SignedVote, ...], ListUpTo(2**24)]
    offenders: Annotated[tuple[IdentityIndex, ...], ListUpTo(1024)]
    decided_view: Uint64
    decided_root: Root


# ---------------------------------------------------------------------------------------------------------
# Inputs


@dataclass(frozen=True)
class Proposed:
    """CON-014: An authenticated proposal whose block the driver holds."""

    signed: SignedProposal


@dataclass(frozen=True)
class Voted:
    """CON-014: An authenticated vote."""

    signed: SignedVote


@dataclass(frozen=True)
class Validated:
    """CON-014: The application recomputed a proposed block."""

    block_root: bytes
    valid: bool


@dataclass(frozen=True)
class TimedOut:
    """CON-014: A time-out that was asked for has passed."""

    view: int
    phase: int


@dataclass(frozen=True)
class Certified:
    """CON-015: A certificate of this height whose signature was verified."""

    certificate: Certificate


Input: TypeAlias = Proposed | Voted | Validated | TimedOut | Certified


# ---------------------------------------------------------------------------------------------------------
# Outputs


@dataclass(frozen=True)
class BuildBlock:
    """CON-014: It is our turn and no block is bound: build one, sign its proposal (valid view -1), send it."""

    view: int


@dataclass(frozen=True)
class SignProposal:
    """CON-014: It is our turn and a block is bound: sign and send this."""

    proposal: Proposal


@dataclass(frozen=True)
class SignVote:
    """CON-014: Sign and send this vote."""

    vote: Vote


@dataclass(frozen=True)
class SetTimeout:
    """CON-014: Give back `TimedOut(view, phase)` after a span that grows with the view."""

    view: int
    phase: int


@dataclass(frozen=True)
class Validate:
    """CON-014: Recompute this block and give back `Validated`."""

    block_root: bytes


@dataclass(frozen=True)
class Resend:
    """CON-014: Send these signed messages again, proposals with their blocks."""

    proposals: tuple[SignedProposal, ...]
    votes: tuple[SignedVote, ...]


@dataclass(frozen=True)
class Decide:
    """CON-015: The height is decided; the precommits are in the state, unless a certificate told us."""

    view: int
    block_root: bytes


@dataclass(frozen=True)
class Evidence:
    """CON-016: A voter contradicted itself."""

    equivocation: Equivocation


Output: TypeAlias = BuildBlock | SignProposal | SignVote | SetTimeout | Validate | Resend | Decide | Evidence
