"""The replica: the driver that binds the pure consensus `step` to a ledger, a network, a clock and a journal.

What a host hands in (protocols below, all of them synchronous):

* `Application` — the ledger of this node: says how high it is and who sits, builds, judges and commits blocks;
* `Signer` and `Scheme` — own signatures, and the check of everybody's (BLS, or a stand-in in the simulator);
* `Transport` — best effort: may lose, delay, repeat and reorder; the sender of a message is a hint, not proof;
* `Clock` — logical milliseconds and one-shot timers;
* `Journal` — what must survive a crash while a height is not decided.

What the replica promises: a message of its own leaves only after the journal is durable; after a crash it
continues from exactly the state it had (the journal is the list of accepted inputs, and `step` is a function);
it never signs two different votes for one kind, height and view; it never gives the application a block without
a certificate that it verified; and with the same inputs it does the same.

A host calls `start()` once, then `on_message(sender, message)` and `on_timer(timer)`, never two at a time.
`bcfl_ref.node.local` is such a host for several replicas in one process; `bcfl_ref.sim` is the same with faults.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ..types import Block, Certificate, Committee, Equivocation, LedgerRecord, SignedProposal, SignedVote

# ---------------------------------------------------------------------------------------------------------
# Messages


@dataclass(frozen=True)
class ProposalMessage:
    """CON-011: A signed proposal with the whole block that it names."""

    signed: SignedProposal
    block: Block


@dataclass(frozen=True)
class RecordRequest:
    """CON-015: The sender lacks the record of this height and everything after it."""

    height: int


Message: TypeAlias = ProposalMessage | SignedVote | RecordRequest | LedgerRecord


@dataclass(frozen=True)
class Timer:
    """CON-014: What a clock gives back when the time has come; `phase` is a phase or a number of our own."""

    height: int
    view: int
    phase: int


# ---------------------------------------------------------------------------------------------------------
# What the host hands in


class Application(Protocol):
    """CON-014: The ledger of one node, as consensus sees it."""

    def height(self) -> int:
        """The height of the last block that was durably committed; 0 after genesis."""

    def committee(self) -> Committee:
        """The committee of the next height."""

    def public_keys(self, committee: Committee) -> Sequence[bytes]:
        """One public key per seat."""

    def propose(self, height: int, view: int, parent: Certificate) -> Block:
        """A valid block for the next height, authored by this node in `view`, with this certificate in its body.

        Called again for the same height and view only after a crash that came before anything was sent.
        """

    def validate(self, block: Block) -> bool:
        """Whether the block may follow the last committed one: full recomputation, no exception, no effect."""

    def commit(self, block: Block, certificate: Certificate) -> None:
        """Execute and store a certified block; durable when this returns."""

    def record(self, height: int) -> LedgerRecord | None:
        """A committed block and its certificate, for the next proposal and for peers that lag behind."""

    def report(self, evidence: Equivocation) -> None:
        """An equivocation that this node saw; may be called again after a crash."""


class Signer(Protocol):
    """CON-007: The key of one identity."""

    def sign(self, message: bytes) -> bytes:
        """The signature of a 32-byte message; the same message gives the same signature."""


class Transport(Protocol):
    """CON-014: Best-effort delivery to other replicas; never back to the sender itself."""

    def broadcast(self, message: Message) -> None:
        """To every other replica."""

    def send(self, receiver: int, message: Message) -> None:
        """To the replica of one identity."""


class Clock(Protocol):
    """CON-014: Logical time."""

    def set_timer(self, delay_ms: int, timer: Timer) -> None:
        """Call `on_timer(timer)` once, after `delay_ms`; timers are never cancelled."""


class Journal(Protocol):
    """CON-014: The records of the height in progress."""

    def append(self, record: bytes) -> None:
        """Add a record; it may be lost by a crash until `sync`."""

    def sync(self) -> None:
        """Everything appended so far survives a crash when this returns."""

    def records(self) -> Iterable[bytes]:
        """What survived, in order; a last record that was cut short is left out."""

    def clear(self) -> None:
        """Forget all records: their height is committed."""
