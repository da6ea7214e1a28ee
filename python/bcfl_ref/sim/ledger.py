"""A ledger without a task: blocks, parents, certificates, beacon and committees, nothing else (CON-017)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..consensus import beacon
from ..consensus.certificate import NO_CERTIFICATE, verify_certificate_with_keys
from ..consensus.scheme import Domains
from ..encoding import hash_bytes, hash_tree_root
from ..errors import SpecError
from ..types import Block, Body, Certificate, Committee, Equivocation, Header, LedgerRecord, Seat
from .keys import SimulatedScheme, SimulatedSigner, public_key

GENESIS_ROOT = hash_bytes(b"simulated genesis")


class SimulatedLedger:
    """CON-017: The durable ledger of one simulated node; survives crashes. `watch` is told of each commit."""

    def __init__(
        self,
        identity: int,
        candidates: tuple[Seat, ...],
        epoch_heights: int,
        seats_max: int,
        domains: Domains,
        watch: Callable[[int, LedgerRecord, Committee], None],
        accuse: Callable[[int, Equivocation], None],
    ) -> None:
        self.identity = identity
        self.records: list[LedgerRecord] = []
        self._candidates = candidates
        self._epoch_heights = epoch_heights
        self._seats_max = seats_max
        self._domains = domains
        self._watch = watch
        self._accuse = accuse
        self._mix = beacon.genesis_mix(GENESIS_ROOT)
        seeds = [beacon.genesis_seed(GENESIS_ROOT, epoch) for epoch in (0, 1)]
        drawn = [beacon.draw_committee(epoch, seed, candidates, seats_max) for epoch, seed in enumerate(seeds)]
        self._committees: dict[int, Committee] = dict(enumerate(drawn))

    def height(self) -> int:
        """CON-017: Blocks committed."""
        return len(self.records)

    def committee_of(self, height: int) -> Committee:
        """CON-004: The committee of a height up to the next epoch."""
        return self._committees[beacon.epoch_of(height, self._epoch_heights)]

    def committee(self) -> Committee:
        """CON-017: The committee of the next height."""
        return self.committee_of(self.height() + 1)

    def public_keys(self, committee: Committee) -> Sequence[bytes]:
        """CON-017: One key per seat."""
        return tuple(public_key(seat.identity) for seat in committee.seats)

    def propose(self, height: int, view: int, parent: Certificate) -> Block:
        """CON-017: An empty block; its reveal makes it this author's own."""
        message = beacon.reveal_message(height, GENESIS_ROOT, 1)
        body = Body(parent, SimulatedSigner(self.identity).sign(message), ())
        return seal(Header(height, view, self.identity, self._head_root(), bytes(32), bytes(32)), body)

    def validate(self, block: Block) -> bool:
        """CON-017: Follows the head, carries its certificate, reveals rightly and has the only possible state."""
        header, body = block.header, block.body
        message = beacon.reveal_message(header.height, GENESIS_ROOT, 1)
        if header.height != self.height() + 1 or header.parent_root != self._head_root():
            return False
        if not SimulatedScheme().verify(public_key(header.proposer), message, body.reveal):
            return False
        if block != seal(header, body):
            return False
        if header.height == 1:
            return body.certificate == NO_CERTIFICATE
        committee = self.committee_of(header.height - 1)
        try:
            verify_certificate_with_keys(
                body.certificate,
                header.height - 1,
                header.parent_root,
                committee,
                self.public_keys(committee),
                self._domains,
                SimulatedScheme(),
            )
        except SpecError:
            return False
        return True

    def commit(self, block: Block, certificate: Certificate) -> None:
        """CON-017: Store, mix, and draw the committee of the epoch after next at the end of each epoch."""
        committee, record = self.committee(), LedgerRecord(block, certificate)
        self.records.append(record)
        self._mix = beacon.mix_reveal(self._mix, block.header.view, block.body.reveal)
        epoch, offset = divmod(self.height() + 1, self._epoch_heights)
        if offset == 0:
            drawn = beacon.draw_committee(epoch + 1, self._mix, self._candidates, self._seats_max)
            self._committees[epoch + 1] = drawn
        self._watch(self.identity, record, committee)

    def record(self, height: int) -> LedgerRecord | None:
        """CON-017: A committed block with its certificate."""
        return self.records[height - 1] if 1 <= height <= len(self.records) else None

    def report(self, evidence: Equivocation) -> None:
        """CON-016: Tell the checkers."""
        self._accuse(self.identity, evidence)

    def _head_root(self) -> bytes:
        return hash_tree_root(self.records[-1].block.header) if self.records else GENESIS_ROOT


def seal(header: Header, body: Body) -> Block:
    """CON-017: The block with this body: its root in the header, and a state root that only one value fits."""
    body_root = hash_tree_root(body)
    state_root = hash_bytes(header.parent_root, body_root)
    return Block(replace(header, body_root=body_root, state_root=state_root), body)
