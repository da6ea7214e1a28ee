"""A validator of the embedded engine: the application behind its replica, its journal, and how one lies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ..consensus.certificate import seat_keys
from ..consensus.scheme import Domains, vote_message
from ..consensus.votes import NIL
from ..contract.rounds import Blobs
from ..crypto import bls
from ..errors import InvariantError, SpecError
from ..infrastructure.blocks import block_root
from ..node.assembly import assemble_block
from ..node.duties import Owner, keep_evidence
from ..node.keys import FileJournal
from ..node.ledger import Ledger
from ..node.wire import HeightBegun, Message, encode_record
from ..transition import state_transition, upcoming_committee
from ..types import Block, Certificate, Committee, Equivocation, LedgerRecord, SignedTransaction, SignedVote, State
from .timing import Timings


class ValidatorApplication:
    """One validator's view of one height: it executes every block itself before it says that it is valid."""

    def __init__(self, owner: Owner, ledger: Ledger, pool: Sequence[SignedTransaction], timings: Timings) -> None:
        self._owner = owner
        self._timings = timings
        self._ledger = ledger
        self._pool = pool
        self._base = ledger.state
        self._blobs: Blobs = ledger.blobs
        self._after: dict[bytes, State] = {}

    def height(self) -> int:
        return self._base.height

    def committee(self) -> Committee:
        return upcoming_committee(self._base)

    def public_keys(self, committee: Committee) -> Sequence[bytes]:
        return seat_keys(self._base, committee)

    def propose(self, height: int, view: int, parent: Certificate) -> Block:
        owner = self._owner
        with self._timings.of("building blocks"):
            return assemble_block(self._base, self._blobs, owner.index, owner.secret_key, view, parent, self._pool)

    def validate(self, block: Block) -> bool:
        with self._timings.of("executing blocks"):
            try:
                self._after[block_root(block.header)] = state_transition(self._base, block, self._blobs)
            except SpecError:
                return False
            return True

    def commit(self, block: Block, certificate: Certificate) -> None:
        root = block_root(block.header)
        if root not in self._after and not self.validate(block):
            raise InvariantError(f"block {block.header.height} is certified and invalid")
        if self._ledger.state.height == self._base.height:
            with self._timings.of("writing the log"):
                self._ledger.append(block, certificate, self._after[root])
        elif self._ledger.last_root != root:
            raise InvariantError(f"two decided blocks at height {block.header.height}")

    def record(self, height: int) -> LedgerRecord | None:
        return self._ledger.record(height)

    def report(self, evidence: Equivocation) -> None:
        keep_evidence(self._owner, evidence)


class ValidatorSigner:
    """Signs with the validator's key."""

    def __init__(self, secret_key: int) -> None:
        self._secret_key = secret_key

    def sign(self, message: bytes) -> bytes:
        return bls.sign(self._secret_key, message)


class RepeatedJournal:
    """The journal of a height that is repeated from its beginning after a crash.

    A height is a function of the configuration and the ledger, so a validator that starts it again takes in and
    says the same things in the same order. This journal holds it to that: what was durable before the crash is
    compared record by record, and the first difference stops the run before anything contradicting leaves.
    """

    def __init__(self, journal: FileJournal, height: int) -> None:
        kept = journal.records()
        begins_here = kept[:1] == (encode_record(HeightBegun(height)),)
        if kept and not begins_here:
            journal.clear()
        self._journal = journal
        self._kept = kept if begins_here else ()
        self._next = 0
        self._buffer: list[bytes] = []

    def append(self, record: bytes) -> None:
        """Expect a record that was kept before a crash, or buffer a new one."""
        if self._next < len(self._kept) and self._kept[self._next] != record:
            raise InvariantError(f"{self._journal.path}: record {self._next} is not what was said before the crash")
        if self._next >= len(self._kept):
            self._buffer.append(record)
        self._next += 1

    def sync(self) -> None:
        """Make the buffer durable."""
        if self._buffer:
            self._journal.append(*self._buffer)
            self._buffer.clear()

    def records(self) -> Iterable[bytes]:
        """None: the height begins anew."""
        return ()

    def clear(self) -> None:
        """The next height does this, once the block of this one is durable in the ledger."""


def two_faced(owner: Owner, domains: Domains) -> Callable[[Message], tuple[Message, ...]]:
    """How an equivocating validator speaks: with each of its votes it also sends one for nil."""

    def twist(message: Message) -> tuple[Message, ...]:
        if not isinstance(message, SignedVote) or message.voter != owner.index or message.vote.block_root == NIL:
            return (message,)
        other = replace(message.vote, block_root=NIL)
        signature = bls.sign(owner.secret_key, vote_message(other, domains))
        return (message, SignedVote(other, owner.index, signature))

    return twist
