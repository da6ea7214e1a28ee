"""Whole heights of one validator, step by step, each with refusals that must change nothing (CON-014, CON-015)."""

from __future__ import annotations

from ...consensus.proposer import proposer_at
from ...consensus.scheme import PRECOMMIT, PREVOTE
from ...consensus.state import DECIDED, NO_VIEW, PRECOMMITTING, PREVOTING, PROPOSE, RETRANSMIT
from ...consensus.votes import NIL
from ...encoding import to_json
from ...types import Certificate, Committee, Proposal, Seat, SignedProposal, SignedVote, Vote
from .._base import Json, Step, Trace

HEIGHT, EPOCH_HEIGHTS = 17, 8
SEED = bytes([0x5E]) * 32
A, B, C = (bytes([byte]) * 32 for byte in (0xAA, 0xBB, 0xCC))
SEATS_FOUR = ((0, 10), (1, 10), (2, 10), (3, 10))


class Script:
    """Writes a trace: the steps of the validator `me` in a committee; signatures are marks, not signatures."""

    def __init__(self, name: str, comment: str, me: int = 0, seats: tuple[tuple[int, int], ...] = SEATS_FOUR) -> None:
        self.name, self.comment, self.me = name, comment, me
        self.committee = Committee(HEIGHT // EPOCH_HEIGHTS, SEED, tuple(Seat(*seat) for seat in seats))
        self.steps: list[Step] = []

    def proposer(self, view: int) -> int:
        """Whose turn it is."""
        return proposer_at(self.committee, HEIGHT, view, EPOCH_HEIGHTS)

    def propose(
        self,
        view: int,
        root: bytes,
        valid_view: int = NO_VIEW,
        height: int = HEIGHT,
        author: int | None = None,
        mark: int = 0,
    ) -> Script:
        """A proposal arrives; `mark` is for another signature of the same."""
        proposer = self.proposer(view) if author is None else author
        signed = SignedProposal(Proposal(height, view, valid_view, root), proposer, bytes([mark or proposer]) * 96)
        return self._add("proposal", to_json(signed))

    def verdict(self, root: bytes, valid: bool = True) -> Script:
        """The application has recomputed a block."""
        return self._add("verdict", {"block_root": "0x" + root.hex(), "valid": valid})

    def vote(self, kind: int, view: int, root: bytes, *voters: int, height: int = HEIGHT) -> Script:
        """Votes arrive, one after another."""
        for voter in voters:
            signed = SignedVote(Vote(kind, height, view, root), voter, bytes([0x10 * kind + voter]) * 96)
            self._add("vote", to_json(signed))
        return self

    def prevote(self, view: int, root: bytes, *voters: int) -> Script:
        """Prevotes arrive."""
        return self.vote(PREVOTE, view, root, *voters)

    def precommit(self, view: int, root: bytes, *voters: int) -> Script:
        """Precommits arrive."""
        return self.vote(PRECOMMIT, view, root, *voters)

    def timeout(self, view: int, phase: int) -> Script:
        """A time-out has passed."""
        return self._add("timeout", {"view": str(view), "phase": str(phase)})

    def certificate(self, *bits: int, height: int = HEIGHT, view: int = 3, root: bytes = A) -> Script:
        """A verified certificate arrives."""
        proof = Certificate(height, view, root, tuple(bool(bit) for bit in bits), bytes([0x99]) * 96)
        return self._add("certificate", to_json(proof))

    def lock(self, view: int, root: bytes) -> Script:
        """A view in which `me` locks a new block: proposal, verdict, a quorum of prevotes with its own."""
        others = [seat.identity for seat in self.committee.seats if seat.identity != self.me][:2]
        return self.propose(view, root).verdict(root).prevote(view, root, self.me, *others)

    def _add(self, action: str, data: Json) -> Script:
        self.steps.append(Step(action, data))
        return self

    def trace(self, bug: str | None = None, note: str | None = None) -> Trace:
        """What was written."""
        init = {
            "committee": to_json(self.committee),
            "epoch_heights": str(EPOCH_HEIGHTS),
            "height": str(HEIGHT),
            "me": str(self.me),
        }
        flags = ("Adversarial",) if bug else ()
        return Trace(
            "consensus.step",
            f"con-step-{self.name}",
            self.comment,
            init,
            tuple(self.steps),
            bug=bug,
            flags=flags,
            note=note,
        )


def _happy() -> list[Trace]:
    first = Script("happy", "proposal, prevotes, precommits, decision; then nothing but late precommits counts")
    first.propose(0, A).propose(0, A).verdict(A).prevote(0, A, 0, 1, 2).prevote(0, A, 2).precommit(0, A, 0, 3, 1)
    first.precommit(0, A, 2).precommit(0, A, 2).precommit(0, NIL, 2).prevote(0, A, 3)
    first.propose(1, B).verdict(B).timeout(0, RETRANSMIT).timeout(0, PROPOSE).certificate(1, 1, 1, 0)
    late = Script("votes-first", "votes overtake their proposal, which then locks, and is decided at once")
    late.prevote(0, A, 1, 2, 3).precommit(0, A, 1, 2).propose(0, A).verdict(A).prevote(0, A, 0).precommit(0, A, 0)
    early = Script("decided-unseen", "a quorum of precommits decides a block that nobody proposed here")
    early.precommit(0, C, 1, 2).precommit(0, C, 3)
    old = Script("decided-earlier", "the last precommit of view 0 arrives in view 1 and decides")
    old.lock(0, A).precommit(0, A, 0, 1).precommit(0, NIL, 3).timeout(0, PRECOMMITTING).precommit(0, A, 2)
    observer = Script("observer", "without a seat: follows in silence and learns the decision", me=9)
    observer.propose(0, A).verdict(A).prevote(0, A, 0, 1, 2).precommit(0, A, 0, 1, 2)
    seats = Script(
        "seats",
        "one of the voters holds three of seven seats",
        me=5,
        seats=((4, 1), (4, 1), (5, 1), (6, 1), (4, 1), (7, 1), (8, 1)),
    )
    seats.propose(0, A).verdict(A).prevote(0, A, 5).prevote(0, A, 4).prevote(0, A, 6).precommit(0, A, 5, 4).precommit(
        0, A, 6
    )
    return [
        first.trace(),
        late.trace(),
        early.trace(),
        old.trace(bug="only the current view can decide"),
        observer.trace(),
        seats.trace(bug="voters counted instead of seats"),
    ]


def _nil() -> list[Trace]:
    silent = Script("nil-view", "no proposal: nil, nil, next view; time-outs of the past mean nothing")
    silent.timeout(0, PREVOTING).timeout(0, PROPOSE).timeout(0, PROPOSE).prevote(0, NIL, 0, 1, 2)
    silent.precommit(0, NIL, 0, 1, 2).timeout(0, PREVOTING).timeout(0, PRECOMMITTING).timeout(0, PRECOMMITTING)
    silent.timeout(0, RETRANSMIT).timeout(1, RETRANSMIT)
    split = Script("split-view", "a quorum of prevotes without agreement: a timer, then nil")
    split.propose(0, A).verdict(A).prevote(0, A, 0, 1).prevote(0, NIL, 2).timeout(0, PREVOTING).prevote(0, A, 3)
    split.precommit(0, NIL, 0, 2).precommit(0, A, 1).timeout(0, PRECOMMITTING)
    invalid = Script("invalid-block", "a block that does not recompute: nil, whatever the others say")
    invalid.propose(0, A).verdict(A, False).prevote(0, A, 1, 2, 3).timeout(0, PREVOTING).verdict(A)
    waiting = Script("slow-verdict", "the time-out comes before the verdict, which comes in time to lock")
    waiting.propose(0, A).timeout(0, PROPOSE).prevote(0, NIL, 0).prevote(0, A, 1, 2, 3).verdict(A)
    own = Script("own-turn", "the proposer of view 1 builds when it gets there", me=1)
    for view in range(4):
        own.timeout(view, PROPOSE).prevote(view, NIL, *range(4)).precommit(view, NIL, *range(4)).timeout(
            view, PRECOMMITTING
        )
    return [
        silent.trace(),
        split.trace(),
        invalid.trace(bug="a quorum of prevotes stands in for one's own check"),
        waiting.trace(),
        own.trace(),
    ]


def _locks() -> list[Trace]:
    kept = Script("lock-kept", "locked on A in view 0: B is refused in view 1, A is accepted as proven in view 2")
    kept.lock(0, A).precommit(0, A, 0).precommit(0, NIL, 1, 2).timeout(0, PRECOMMITTING)
    kept.propose(1, B).verdict(B).prevote(1, NIL, 0, 1, 2).precommit(1, NIL, 0, 1, 2).timeout(1, PRECOMMITTING)
    kept.propose(2, A, valid_view=0).prevote(2, A, 0)
    freed = Script("lock-freed", "locked on A in view 0; B with a proof of lock from view 1 is accepted in view 2")
    freed.lock(0, A).precommit(0, A, 0).precommit(0, NIL, 1, 2).timeout(0, PRECOMMITTING)
    freed.timeout(1, PROPOSE).prevote(1, NIL, 0).prevote(1, B, 1).prevote(1, B, 2).timeout(1, PREVOTING)
    freed.precommit(1, NIL, 0, 1).precommit(1, B, 2).timeout(1, PRECOMMITTING)
    freed.propose(2, B, valid_view=1).verdict(B).prevote(1, B, 3).prevote(2, B, 0, 1, 2).precommit(2, B, 0, 1, 2)
    stale = Script("lock-newer", "locked on B in view 1: a proof for A from view 0 is too old")
    stale.propose(0, A).timeout(0, PROPOSE).prevote(0, NIL, 0).prevote(0, A, 1, 2).timeout(0, PREVOTING)
    stale.precommit(0, NIL, 0, 1, 2).timeout(0, PRECOMMITTING).lock(1, B).precommit(1, B, 0).precommit(1, NIL, 1, 2)
    stale.timeout(1, PRECOMMITTING).verdict(A).propose(2, A, valid_view=0).prevote(0, A, 3)
    valid = Script("valid-late", "too late to lock, early enough to know: A is proposed again by who knew", me=0)
    valid.propose(0, A).verdict(A).prevote(0, A, 0, 1).prevote(0, NIL, 2).timeout(0, PREVOTING).prevote(0, A, 3)
    for view in range(4):
        valid.precommit(view, NIL, *range(4)).timeout(view, PRECOMMITTING).timeout(view + 1, PROPOSE)
        valid.prevote(view + 1, NIL, *range(4))
    unseen = Script("proof-missing", "a proof of lock that has not arrived: wait for it, or for the time-out")
    unseen.timeout(0, PROPOSE).prevote(0, NIL, 0).precommit(0, NIL, 0, 1, 2).timeout(0, PRECOMMITTING)
    unseen.propose(1, B, valid_view=0).verdict(B).prevote(0, B, 1, 2).prevote(0, B, 3)
    return [
        kept.trace(bug="a lock that a new proposal opens"),
        freed.trace(bug="a lock that nothing opens"),
        stale.trace(bug="any proof of lock opens"),
        valid.trace(bug="the valid block is only remembered when locking"),
        unseen.trace(bug="the proposer's word for a proof of lock"),
    ]


def _liars() -> list[Trace]:
    twice = Script("equivocation", "evidence once per voter; the second vote counts for a block that is known")
    twice.propose(0, A).verdict(A).prevote(0, A, 0).prevote(0, B, 3).prevote(0, A, 3).prevote(0, C, 3)
    twice.precommit(0, NIL, 3).precommit(0, C, 3).prevote(0, A, 1).timeout(0, RETRANSMIT)
    other = Script("other-proposal", "a second proposal of one view is refused, the same one is old news")
    other.propose(0, A).propose(0, B).propose(0, A)
    jump = Script("jump", "two of four are ahead, in different views: follow to the lower of them")
    jump.prevote(5, A, 1).prevote(3, NIL, 1).precommit(9, NIL, 1).propose(2, B).prevote(7, NIL, 2)
    again = Script("resend", "what is sent again: own votes of this view and the last, and the proof of the lock")
    again.lock(0, A).precommit(0, A, 0).precommit(0, NIL, 1, 2).timeout(0, RETRANSMIT).timeout(0, PRECOMMITTING)
    again.timeout(1, PROPOSE).prevote(1, NIL, 0).timeout(1, RETRANSMIT).prevote(1, NIL, 1, 2).precommit(
        1, NIL, 0, 1, 2
    )
    again.timeout(1, PRECOMMITTING).timeout(2, RETRANSMIT)
    later = Script("resend-later", "an own vote of a later view, from before a restart, is kept and not sent again")
    later.propose(0, A).prevote(1, NIL, 0).timeout(0, RETRANSMIT)
    return [
        later.trace(bug="sends votes of views that it has not entered"),
        twice.trace(bug="the first vote shadows the second, and with it a proof of lock"),
        other.trace(),
        jump.trace(bug="one faulty voter drags others along"),
        again.trace(bug="the prevotes behind a lock are sent once"),
    ]


def _refusals() -> list[Trace]:
    bad = Script("refusals", "every guard of the inputs, none of which leaves a mark")
    bad.vote(PREVOTE, 0, A, 1, height=16).vote(3, 0, A, 1).vote(PREVOTE, 4096, A, 1).vote(PREVOTE, 0, A, 4)
    bad.vote(PREVOTE, 65, A, 1).vote(PREVOTE, 64, A, 1)
    bad.propose(0, A, height=18, author=0).propose(0, A, valid_view=0).propose(0, NIL)
    bad.propose(0, A, author=(bad.proposer(0) + 1) % 4).propose(65, A).verdict(A).propose(0, A).verdict(A).verdict(
        A, False
    )
    bad.timeout(0, DECIDED).timeout(1, PROPOSE).timeout(0, PROPOSE)
    certified = Script("certificate", "a certificate decides a height whatever one has seen; bad ones do not")
    certified.propose(0, B).certificate(1, 1, 1, 0, height=16).certificate(1, 1, 1).certificate(1, 1, 0, 0)
    certified.certificate(1, 1, 0, 1).certificate(1, 1, 1, 1, root=B).precommit(3, A, 2).precommit(2, A, 2)
    return [bad.trace(), certified.trace(bug="what was decided depends on the phase")]


TRACES: tuple[Trace, ...] = (*_happy(), *_nil(), *_locks(), *_liars(), *_refusals())
