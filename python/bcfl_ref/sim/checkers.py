"""What must hold in every history: each property is one object that watches and keeps its own findings."""

from __future__ import annotations

from collections.abc import Iterable

from ..consensus.certificate import verify_certificate_with_keys
from ..consensus.evidence import check_conflict
from ..consensus.proposer import proposer_at
from ..consensus.scheme import Domains, Scheme
from ..encoding import hash_tree_root
from ..errors import SpecError
from ..node.replica import Replica
from ..node.wire import Message
from ..types import ZERO_ROOT, Committee, Equivocation, LedgerRecord, SignedVote
from .keys import public_key


class Checker:
    """A property; `findings` says what broke it. Every hook may be left as it is."""

    name = "checker"

    def __init__(self) -> None:
        self.findings: list[str] = []

    def on_commit(self, identity: int, record: LedgerRecord, committee: Committee) -> None:
        """An honest validator committed a block."""

    def on_send(self, sender: int, message: Message) -> None:
        """A validator handed a message to the network."""

    def on_restart(self, replica: Replica) -> None:
        """An honest validator has come back and read its journal."""

    def on_accuse(self, identity: int, evidence: Equivocation) -> None:
        """An honest validator reported an equivocation."""

    def find(self, text: str) -> None:
        """Note a violation."""
        self.findings.append(f"{self.name}: {text}")


class Agreement(Checker):
    """No two honest validators commit different blocks at one height, and none skips or repeats a height."""

    name = "agreement"

    def __init__(self) -> None:
        super().__init__()
        self._blocks: dict[int, bytes] = {}
        self._heights: dict[int, int] = {}

    def on_commit(self, identity: int, record: LedgerRecord, committee: Committee) -> None:
        """The first block of a height is the only one."""
        header = record.block.header
        root = hash_tree_root(header)
        if self._blocks.setdefault(header.height, root) != root:
            self.find(f"validator {identity} commits a second block at height {header.height}")
        if header.height != self._heights.get(identity, 0) + 1:
            self.find(f"validator {identity} commits {header.height} after {self._heights.get(identity, 0)}")
        self._heights[identity] = header.height


class Validity(Checker):
    """Every committed block follows the one before, is by the proposer of its view and has a certificate."""

    name = "validity"

    def __init__(self, scheme: Scheme, domains: Domains, epoch_heights: int, genesis_root: bytes) -> None:
        super().__init__()
        self._scheme, self._domains = scheme, domains
        self._epoch_heights = epoch_heights
        self._heads: dict[int, bytes] = {}
        self._genesis_root = genesis_root

    def on_commit(self, identity: int, record: LedgerRecord, committee: Committee) -> None:
        """Looks at the block with its own eyes."""
        header = record.block.header
        if header.parent_root != self._heads.get(identity, self._genesis_root):
            self.find(f"validator {identity}: block {header.height} follows something else")
        self._heads[identity] = root = hash_tree_root(header)
        if header.proposer != proposer_at(committee, header.height, header.view, self._epoch_heights):
            self.find(f"block {header.height} by {header.proposer} in view {header.view}")
        keys = [public_key(seat.identity) for seat in committee.seats]
        try:
            verify_certificate_with_keys(
                record.certificate, header.height, root, committee, keys, self._domains, self._scheme
            )
        except SpecError as refusal:
            self.find(f"validator {identity}: certificate of {header.height}: {refusal}")


class NoDoubleVote(Checker):
    """No honest validator says two things for one kind, height and view, in all its lives together."""

    name = "no double vote"

    def __init__(self, honest: Iterable[int]) -> None:
        super().__init__()
        self._honest = frozenset(honest)
        self._said: dict[tuple[int, int, int, int], bytes] = {}

    def on_send(self, sender: int, message: Message) -> None:
        """Remembers every own vote that left."""
        if isinstance(message, SignedVote) and message.voter == sender and sender in self._honest:
            vote = message.vote
            said = self._said.setdefault((sender, vote.kind, vote.height, vote.view), vote.block_root)
            if said != vote.block_root:
                self.find(f"validator {sender} contradicts itself at height {vote.height}, view {vote.view}")


class JournalConsistency(Checker):
    """What a validator said at the height in progress, it still knows after a crash."""

    name = "journal consistency"

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[int, set[SignedVote]] = {}

    def on_send(self, sender: int, message: Message) -> None:
        """Remembers every own vote that left."""
        if isinstance(message, SignedVote) and message.voter == sender:
            self._said.setdefault(sender, set()).add(message)

    def on_restart(self, replica: Replica) -> None:
        """Compares the recovered state with what left."""
        said = {signed for signed in self._said.get(replica.identity, set()) if signed.vote.height == replica.height}
        known = set(replica.state.votes) if replica.state is not None else set()
        if said - known:
            self.find(f"validator {replica.identity} forgot {len(said - known)} votes of height {replica.height}")


class Accountability(Checker):
    """Only liars are accused, with evidence that convicts."""

    name = "accountability"

    def __init__(self, liars: Iterable[int]) -> None:
        super().__init__()
        self.accused: set[int] = set()
        self._liars = frozenset(liars)

    def on_accuse(self, identity: int, evidence: Equivocation) -> None:
        """Judges the evidence."""
        voter = evidence.first.voter
        self.accused.add(voter)
        try:
            check_conflict(evidence)
        except SpecError as refusal:
            self.find(f"validator {identity} reports what is no evidence: {refusal}")
        if voter not in self._liars:
            self.find(f"validator {identity} accuses honest validator {voter}")


class Progress(Checker):
    """After the faults have healed every honest validator commits, in so many heights that views stay few."""

    name = "progress"

    def __init__(self, limit_ms: int) -> None:
        super().__init__()
        self.limit_ms = limit_ms
        self.nil_votes = 0

    def on_send(self, sender: int, message: Message) -> None:
        """Counts votes for nothing, for the report."""
        if isinstance(message, SignedVote) and message.vote.block_root == ZERO_ROOT:
            self.nil_votes += 1

    def on_end(self, now_ms: int, heal_ms: int, heights: dict[int, int], target: int) -> None:
        """Everybody has reached the target in time."""
        behind = {identity: height for identity, height in heights.items() if height < target}
        if behind:
            self.find(f"{now_ms - heal_ms} ms after healing {behind} have not reached height {target}")
