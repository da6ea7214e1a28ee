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
`bcfl_ref.sim.host` and `bcfl_ref.engines.network` are such hosts for several replicas in one process.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..consensus.certificate import NO_CERTIFICATE, assemble_certificate, verify_certificate_with_keys
from ..consensus.proposer import proposer_at
from ..consensus.scheme import PRECOMMIT, Domains, Scheme, proposal_message, vote_message
from ..consensus.state import (
    DECIDED,
    NO_VIEW,
    RETRANSMIT,
    BuildBlock,
    Certified,
    ConsensusState,
    Decide,
    Evidence,
    Input,
    Output,
    Proposed,
    Resend,
    SetTimeout,
    SignProposal,
    SignVote,
    TimedOut,
    Validate,
    Validated,
    Voted,
)
from ..consensus.tendermint import Progress, start_height, step
from ..consensus.votes import authenticate_proposal, authenticate_vote, body_root, check_proposed_block
from ..encoding import hash_tree_root
from ..errors import Code, InvariantError, SpecError
from ..types import (
    Block,
    Certificate,
    Committee,
    Equivocation,
    LedgerRecord,
    Proposal,
    SignedProposal,
    SignedVote,
    Vote,
)
from .wire import (
    HeightBegun,
    Message,
    ProposalMessage,
    RecordRequest,
    decode_record,
    encode_record,
)

COMMIT, NEXT_HEIGHT = 16, 17
"""CON-017: timers of the driver's own: stop waiting for late precommits, begin the next height."""
BUFFER_PER_SENDER = 64
RECORDS_PER_REQUEST = 8
"""CON-018: limits on what one peer can make a replica keep or send at once."""


@dataclass(frozen=True)
class Timer:
    """CON-017: What a clock gives back when the time has come; `phase` is a phase or a number of our own."""

    height: int
    view: int
    phase: int


@dataclass(frozen=True)
class Timing:
    """CON-017: Spans in logical milliseconds; a time-out grows by `growth_ms` with every view."""

    propose_ms: int = 1000
    vote_ms: int = 500
    growth_ms: int = 500
    retransmit_ms: int = 400
    commit_ms: int = 200
    next_ms: int = 0

    def span_ms(self, view: int, phase: int) -> int:
        """CON-017: How long a time-out of `step` lasts."""
        if phase == RETRANSMIT:
            return self.retransmit_ms
        return (self.propose_ms if phase == 1 else self.vote_ms) + view * self.growth_ms


@dataclass(frozen=True)
class Settings:
    """CON-017: What is the same for all replicas of one ledger."""

    domains: Domains
    epoch_heights: int
    timing: Timing = Timing()


# ---------------------------------------------------------------------------------------------------------
# What the host hands in


class Application(Protocol):
    """CON-017: The ledger of one node, as consensus sees it."""

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
        """CON-009: Whether the block may follow the last committed one: recomputed in full, without effect."""

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
    """CON-017: Best-effort delivery to other replicas; never back to the sender itself."""

    def broadcast(self, message: Message) -> None:
        """To every other replica."""

    def send(self, receiver: int, message: Message) -> None:
        """To the replica of one identity."""


class Clock(Protocol):
    """CON-017: Logical time."""

    def now_ms(self) -> int:
        """The time; never goes back while the process lives."""

    def set_timer(self, delay_ms: int, timer: Timer) -> None:
        """Call `on_timer(timer)` once, after `delay_ms`; timers are never cancelled."""


class Journal(Protocol):
    """CON-017: The records of the height in progress."""

    def append(self, record: bytes) -> None:
        """Add a record; it may be lost by a crash until `sync`."""

    def sync(self) -> None:
        """Everything appended so far survives a crash when this returns."""

    def records(self) -> Iterable[bytes]:
        """What survived, in order; a last record that was cut short is left out."""

    def clear(self) -> None:
        """Forget all records: their height is committed."""


# ---------------------------------------------------------------------------------------------------------
# The driver


class Replica:
    """CON-017, CON-018: One node's part in consensus; `height` is the height being decided."""

    def __init__(
        self,
        identity: int,
        settings: Settings,
        application: Application,
        signer: Signer,
        scheme: Scheme,
        transport: Transport,
        clock: Clock,
        journal: Journal,
        rules: Callable[[ConsensusState, Input], Progress] = step,
    ) -> None:
        self.identity = identity
        self.settings = settings
        self.refusals: Counter[str] = Counter()
        self._application = application
        self._signer = signer
        self._scheme = scheme
        self._transport = transport
        self._clock = clock
        self._journal = journal
        self._step = rules
        self._buffer: list[tuple[int, Message]] = []
        self._quiet_until_ms: dict[tuple[int, str], int] = {}
        self._queue: deque[Input] = deque()
        self._draining = False
        self._forget_height(application.height() + 1)

    def _forget_height(self, height: int) -> None:
        self.height = height
        self.state: ConsensusState | None = None
        self._blocks: dict[bytes, Block] = {}
        self._journalled: set[bytes] = set()
        self._signed: dict[tuple[int, int], bytes] = {}
        self._waiting = False
        self._queue.clear()

    # -- beginning -----------------------------------------------------------------------------------------

    def start(self) -> None:
        """CON-017: Begin the height after the last committed one, where the journal left off if it is about it."""
        records = [decode_record(data) for data in self._journal.records()]
        if records and isinstance(records[0], HeightBegun) and records[0].height > self.height:
            raise InvariantError(f"journal of height {records[0].height} beside a ledger of {self.height - 1} blocks")
        if not records or records[0] != HeightBegun(self.height):
            self._begin_height()
            return
        outputs = self._first_outputs()
        for record in records[1:]:
            if isinstance(record, Block):
                self._keep_block(record)
                self._journalled.add(hash_tree_root(record.header))
            elif not isinstance(record, HeightBegun):
                outputs += self._replay(record)
        self._resume(outputs)

    def _first_outputs(self) -> list[Output]:
        self._committee = self._application.committee()
        self._keys = tuple(self._application.public_keys(self._committee))
        first = start_height(self._committee, self.settings.epoch_heights, self.height, self.identity)
        self.state, outputs = first
        return list(outputs)

    def _begin_height(self) -> None:
        """Records of peers come first: what is already decided needs no proposal of ours."""
        self._journal.clear()
        self._journal.append(encode_record(HeightBegun(self.height)))
        height, outputs = self.height, self._first_outputs()
        waiting, self._buffer = self._buffer, []
        waiting.sort(key=lambda item: not isinstance(item[1], LedgerRecord))
        for sender, message in waiting:
            if outputs and not isinstance(message, LedgerRecord) and self.height == height:
                self._act_all(outputs)
                outputs = []
            self.on_message(sender, message)
        if self.height == height:
            self._act_all(outputs)

    def _replay(self, record: Input) -> tuple[Output, ...]:
        if isinstance(record, Voted) and record.signed.voter == self.identity:
            vote = record.signed.vote
            self._signed[vote.kind, vote.view] = vote.block_root
        self.state, outputs = self._step(self._running(), record)
        return outputs

    def _resume(self, outputs: list[Output]) -> None:
        """After a crash: whatever the replayed steps asked for and nobody has done, and send again at once."""
        state = self._running()
        for output in outputs:
            match output:
                case SetTimeout(view, phase) if view == state.view:
                    delay = 0 if phase == RETRANSMIT else self.settings.timing.span_ms(view, phase)
                    self._clock.set_timer(delay, Timer(self.height, view, phase))
                case SignVote(vote) if (vote.kind, vote.view) not in self._signed:
                    self._act(output)
                case BuildBlock(view) if view == state.view and not self._has_proposed(view):
                    self._act(output)
                case SignProposal(proposal) if proposal.view == state.view and not self._has_proposed(state.view):
                    self._act(output)
                case Validate(root) if all(verdict.block_root != root for verdict in state.verdicts):
                    self._act(output)
                case Decide() | Evidence():
                    self._act(output)

    def _has_proposed(self, view: int) -> bool:
        return any(signed.proposal.view == view for signed in self._running().proposals)

    def _running(self) -> ConsensusState:
        if self.state is None:
            raise InvariantError(f"height {self.height} has not begun")
        return self.state

    # -- what the host tells us ----------------------------------------------------------------------------

    def on_timer(self, timer: Timer) -> None:
        """CON-017: A timer that this replica set has fired; those of other heights mean nothing any more."""
        if timer.height != self.height:
            return
        if timer.phase == NEXT_HEIGHT:
            if self.state is None:
                self._begin_height()
        elif self.state is None:
            return
        elif timer.phase == COMMIT:
            self._commit_if_ready(patient=False)
        else:
            self._feed(TimedOut(timer.view, timer.phase))

    def on_message(self, sender: int, message: Message) -> None:
        """CON-017, CON-018: A message arrived; what is refused leaves no trace but a count in `refusals`."""
        try:
            match message:
                case RecordRequest(height):
                    self._serve(sender, height, RECORDS_PER_REQUEST)
                case LedgerRecord():
                    self._on_record(sender, message)
                case ProposalMessage():
                    if self._is_now(sender, message, message.signed.proposal.height):
                        self._on_proposal(message)
                case SignedVote():
                    if self._is_now(sender, message, message.vote.height):
                        self._on_vote(message)
        except SpecError as refusal:
            self.refusals[refusal.code] += 1

    def _is_now(self, sender: int, message: Message, height: int) -> bool:
        """Whether a message is of the height in progress; the past is answered, the future kept for later."""
        if height == self.height and self.state is not None:
            return True
        if height < self.height:
            if self._may(sender, "serve"):
                self._serve(sender, height, 1)
            return False
        if height <= self.height + 1:
            self._keep_message(sender, message)
        busy = height == self.height + 1 and (self.state is None or self.state.phase == DECIDED)
        if height > self.height and not busy and self._may(sender, "ask"):
            self._transport.send(sender, RecordRequest(self.height))
        return False

    def _keep_message(self, sender: int, message: Message) -> None:
        if sum(known == sender for known, _ in self._buffer) < BUFFER_PER_SENDER:
            self._buffer.append((sender, message))

    def _may(self, peer: int, purpose: str) -> bool:
        """At most one answer or question per peer in half a retransmission span."""
        now = self._clock.now_ms()
        if now < self._quiet_until_ms.get((peer, purpose), 0):
            return False
        self._quiet_until_ms[peer, purpose] = now + self.settings.timing.retransmit_ms // 2
        return True

    def _serve(self, receiver: int, height: int, count: int) -> None:
        for wanted in range(max(1, height), min(height + count, self.height)):
            record = self._application.record(wanted)
            if record is not None:
                self._transport.send(receiver, record)

    def _on_proposal(self, message: ProposalMessage) -> None:
        state, signed = self._running(), message.signed
        if any(known.proposal == signed.proposal for known in state.proposals):
            return
        epoch_heights, domains = self.settings.epoch_heights, self.settings.domains
        authenticate_proposal(signed, self._committee, self.height, epoch_heights, self._keys, domains, self._scheme)
        check_proposed_block(signed, message.block, self._committee, epoch_heights)
        known = set(self._blocks) | {state.decided_root}
        self._keep_block(message.block)
        self._feed(Proposed(signed))
        if self.state is state:  # refused: decided already, or a proposer that contradicts itself
            self._blocks = {name: block for name, block in self._blocks.items() if name in known}

    def _on_vote(self, signed: SignedVote) -> None:
        if signed in self._running().votes:
            return
        authenticate_vote(signed, self._committee, self.height, self._keys, self.settings.domains, self._scheme)
        self._feed(Voted(signed))

    def _on_record(self, sender: int, record: LedgerRecord) -> None:
        """CON-018: A peer says that a height is decided; its certificate says whether that is so."""
        header = record.block.header
        if self.height < header.height <= self.height + RECORDS_PER_REQUEST or (
            header.height == self.height and self.state is None
        ):
            self._keep_message(sender, record)
        if header.height != self.height or self.state is None:
            return
        root, domains = hash_tree_root(header), self.settings.domains
        verify_certificate_with_keys(
            record.certificate, self.height, root, self._committee, self._keys, domains, self._scheme
        )
        if body_root(record.block.body) != header.body_root:
            raise SpecError(Code.PROPOSAL_BLOCK, "the body is not the header's")
        self._keep_block(record.block)
        if self.state.phase != DECIDED:
            self._feed(Certified(record.certificate))
        if self.state.decided_root != root:
            raise InvariantError(f"two certified blocks at height {self.height}")
        self._commit(record.block, record.certificate)
        self._transport.send(sender, RecordRequest(self.height))

    # -- the heart -----------------------------------------------------------------------------------------

    def _feed(self, event: Input) -> None:
        """One input at a time: step, remember, make durable what leaves, act."""
        self._queue.append(event)
        if self._draining:
            return
        self._draining = True
        try:
            while self._queue:
                self._take(self._queue.popleft())
        finally:
            self._draining = False

    def _take(self, event: Input) -> None:
        before = self._running()
        try:
            after, outputs = self._step(before, event)
        except SpecError as refusal:
            self.refusals[refusal.code] += 1
            return
        if after is not before and not isinstance(event, Certified):  # a record can be fetched again
            self._remember(event)
        if isinstance(event, Voted) and event.signed.voter == self.identity:
            self._journal.sync()
            self._transport.broadcast(event.signed)
        elif isinstance(event, Proposed) and event.signed.proposer == self.identity:
            self._journal.sync()
            self._transport.broadcast(self._with_block(event.signed))
        self.state = after
        self._act_all(outputs)
        if before.phase == DECIDED and self.state is after:
            self._commit_if_ready(patient=True)

    def _remember(self, event: Input) -> None:
        if isinstance(event, Proposed):
            root = event.signed.proposal.block_root
            if root not in self._journalled:
                self._journal.append(encode_record(self._blocks[root]))
                self._journalled.add(root)
        self._journal.append(encode_record(event))

    def _act_all(self, outputs: Iterable[Output]) -> None:
        height = self.height
        for output in outputs:
            if self.height == height:
                self._act(output)

    def _act(self, output: Output) -> None:
        match output:
            case SetTimeout(view, phase):
                delay = self.settings.timing.span_ms(view, phase)
                self._clock.set_timer(delay, Timer(self.height, view, phase))
            case BuildBlock(view):
                self._build(view)
            case SignProposal(proposal):
                self._propose(proposal)
            case SignVote(vote):
                self._vote(vote)
            case Validate(root):
                self._feed(Validated(root, self._application.validate(self._blocks[root])))
            case Resend(proposals, votes):
                for proposed in proposals:
                    self._transport.broadcast(self._with_block(proposed))
                for vote_sent in votes:
                    self._transport.broadcast(vote_sent)
            case Decide():
                self._commit_if_ready(patient=True)
            case Evidence(equivocation):
                self._application.report(equivocation)

    # -- speaking ------------------------------------------------------------------------------------------

    def _build(self, view: int) -> None:
        parent = self._application.record(self.height - 1) if self.height > 1 else None
        certificate = NO_CERTIFICATE if parent is None else parent.certificate
        block = self._application.propose(self.height, view, certificate)
        author = proposer_at(self._committee, self.height, view, self.settings.epoch_heights)
        header = block.header
        if (header.height, header.view, header.proposer) != (self.height, view, author):
            raise InvariantError(f"the application built {header} for height {self.height}, view {view}")
        self._propose(Proposal(self.height, view, NO_VIEW, self._keep_block(block)))

    def _propose(self, proposal: Proposal) -> None:
        signature = self._signer.sign(proposal_message(proposal, self.settings.domains))
        self._feed(Proposed(SignedProposal(proposal, self.identity, signature)))

    def _vote(self, vote: Vote) -> None:
        """Refuses to contradict itself, whatever `step` says: this is what a deposit hangs on."""
        earlier = self._signed.setdefault((vote.kind, vote.view), vote.block_root)
        if earlier != vote.block_root or vote.height != self.height:
            raise InvariantError(f"asked to sign {vote} after voting {earlier.hex()} at height {self.height}")
        signature = self._signer.sign(vote_message(vote, self.settings.domains))
        self._feed(Voted(SignedVote(vote, self.identity, signature)))

    def _with_block(self, signed: SignedProposal) -> ProposalMessage:
        return ProposalMessage(signed, self._blocks[signed.proposal.block_root])

    def _keep_block(self, block: Block) -> bytes:
        root = hash_tree_root(block.header)
        self._blocks[root] = block
        return root

    # -- committing ----------------------------------------------------------------------------------------

    def _commit_if_ready(self, patient: bool) -> None:
        """Commit with all precommits, or with a quorum after waiting a moment for the rest.

        The wait makes certificates (and with them the next block) the same whatever the order of arrival, as
        long as nobody is late; and it is what rewards for precommits can be based on.
        """
        state = self._running()
        if state.phase != DECIDED:
            return
        vote = Vote(PRECOMMIT, self.height, state.decided_view, state.decided_root)
        present = {signed.voter for signed in state.votes if signed.vote == vote}
        block = self._blocks.get(state.decided_root)
        complete = all(seat.identity in present for seat in self._committee.seats)
        if block is not None and (complete or not patient):
            self._commit(block, assemble_certificate(state.votes, vote, self._committee, self._scheme))
            return
        if block is None:
            self._transport.broadcast(RecordRequest(self.height))
        if not (patient and self._waiting):
            self._waiting = True
            span = self.settings.timing.commit_ms if block is not None else self.settings.timing.retransmit_ms
            self._clock.set_timer(span, Timer(self.height, state.decided_view, COMMIT))

    def _commit(self, block: Block, certificate: Certificate) -> None:
        self._application.commit(block, certificate)
        self._journal.clear()
        self._forget_height(self.height + 1)
        self._clock.set_timer(self.settings.timing.next_ms, Timer(self.height, 0, NEXT_HEIGHT))
