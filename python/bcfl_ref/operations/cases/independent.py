"""Cases that an independent implementation asked for (consensus, kernels, types).

It was written from the specification alone, passed every vector, and then was changed on purpose until the vectors
no longer noticed. Each case here tells one of those wrong programs, named in `bug`, from a right one.
"""

from __future__ import annotations

from ...consensus.state import PRECOMMITTING, PREVOTING, PROPOSE, RETRANSMIT
from ...consensus.votes import NIL
from ...encoding import to_json
from ...parameters import BOUNDS
from ...types import Committee, Seat
from .._base import Case, Json, Trace
from ._heights import SEED, A, B, C, Script

NOTE = "found by an independent implementation"
#: One voter with three of seven seats, the others with one each; and one voter with five of seven.
SEVEN = tuple((identity, 1) for identity in (0, 1, 2, 2, 2, 3, 4))
FIVE_OF_SEVEN = tuple((identity, 1) for identity in (0, 1, 2, 2, 2, 2, 2))


def _certificates() -> list[Trace]:
    none = Script(
        "certificate-nil", "a quorum precommitted nil: its certificate decides nothing, nor does a far view"
    )
    none.certificate(1, 1, 1, 1, view=0, root=NIL).certificate(1, 1, 1, 1, view=4096).certificate(
        1, 1, 1, 1, view=4095
    )
    far = Script("certificate-far", "decided in view 65 by a certificate: late precommits for it are taken in")
    far.certificate(1, 1, 1, 0, view=65).precommit(65, A, 3).precommit(65, B, 2).precommit(65, NIL, 2).prevote(
        65, A, 1
    )
    same = Script("proposal-signed-anew", "the same proposal beside another signature is the same; the first is kept")
    same.propose(0, A, mark=1).propose(0, A, mark=2).propose(0, B)
    return [
        none.trace(bug="a certificate for nil, or of a view that does not exist, decides", note=NOTE),
        far.trace(bug="late precommits for a far decision are too far ahead", note=NOTE),
        same.trace(bug="proposals are compared with their signatures", note=NOTE),
    ]


def _views() -> list[Trace]:
    highest = Script(
        "jump-highest", "one seat is in view 2, then three are in view 4: view 4 is entered at once", seats=SEVEN
    )
    highest.prevote(2, NIL, 1).prevote(4, NIL, 2)
    alone = Script("jump-seats", "a voter with three of seven seats is ahead, alone: these are blocking", seats=SEVEN)
    alone.prevote(1, NIL, 2)
    own = Script("jump-own", "own messages count among those that are ahead, after a restart")
    own.prevote(2, NIL, 0, 1)
    decided = Script(
        "decide-far",
        "a voter with five of seven seats precommits in view 3: decided, not entered",
        seats=FIVE_OF_SEVEN,
    )
    decided.precommit(3, A, 2)
    unasked = Script("timeouts-unasked", "time-outs are taken in whether or not their timers were asked for")
    unasked.timeout(0, PROPOSE).timeout(0, PREVOTING).timeout(0, PRECOMMITTING).timeout(1, PRECOMMITTING)
    early = Script("timer-early", "precommits without agreement set the timer also before one's own prevote")
    early.precommit(0, A, 1).precommit(0, B, 2).precommit(0, NIL, 3)
    sent = Script("resend-own-view", "an own proposal of an earlier view is not sent again")
    sent.me = sent.proposer(0)
    sent.propose(0, A).timeout(0, RETRANSMIT).timeout(0, PRECOMMITTING).timeout(1, RETRANSMIT)
    ahead = Script("decided-and-ahead", "far ahead of a decided height: that it is decided comes first")
    ahead.certificate(1, 1, 1, 1, view=0).propose(65, B).precommit(65, A, 1)
    return [
        highest.trace(bug="enters the lowest view that blocking seats have passed", note=NOTE),
        alone.trace(bug="voters counted instead of seats in a jump", note=NOTE),
        own.trace(bug="leaves own messages out of a jump", note=NOTE),
        decided.trace(bug="jumps before it decides", note=NOTE),
        unasked.trace(bug="refuses time-outs 2 and 3 unless it asked for them", note=NOTE),
        early.trace(bug="the precommit timer in phases 2 and 3 only", note=NOTE),
        sent.trace(bug="sends own proposals of all views again", note=NOTE),
        ahead.trace(bug="asks how far ahead before whether the height is decided", note=NOTE),
    ]


def _votes() -> list[Trace]:
    same = Script("lock-same-block", "locked on A in view 0; A proposed in view 1 without a proof is prevoted")
    same.lock(0, A).timeout(0, PRECOMMITTING).propose(1, A)
    order = Script("lock-before-nil", "two liars make quorums for A and for nil: the lock comes first")
    order.propose(0, A).prevote(0, A, 1, 2, 3).prevote(0, NIL, 1, 2, 3).verdict(A)
    nil = Script("nil-after-block", "voter 3 prevoted B, then nil: reported, and the vote for nil counts")
    nil.timeout(0, PROPOSE).prevote(0, B, 3).prevote(0, NIL, 0, 1, 3)
    known = Script("known-elsewhere", "a second vote counts for a block that was proposed in whatever view")
    known.propose(0, A).timeout(0, PRECOMMITTING).prevote(1, B, 3).prevote(1, A, 3)
    liar = Script("decided-liar", "a late precommit for the decided block by who precommitted another: reported")
    liar.propose(0, A).precommit(0, B, 3).precommit(0, A, 0, 1, 2).precommit(0, A, 3)
    kept = Script("kept-in-order", "proposals, verdicts and offenders are kept in order, whatever came first")
    kept.propose(1, B).propose(0, A).verdict(B).verdict(A).prevote(0, A, 3).prevote(0, C, 3)
    kept.prevote(0, A, 2).prevote(0, C, 2)
    return [
        same.trace(bug="only a proof opens a lock, also for the same block", note=NOTE),
        order.trace(bug="nil before lock", note=NOTE),
        nil.trace(bug="a contradicting vote for nil is dropped", note=NOTE),
        known.trace(bug="looks for the proposal of the vote's own view only", note=NOTE),
        liar.trace(bug="no evidence once the height is decided", note=NOTE),
        kept.trace(bug="keeps things in the order of arrival", note=NOTE),
    ]


def _proposers() -> list[Case]:
    """CON-005: what f is, and who may rest when few identities sit."""
    found = []
    for name, seats, views, bug in (
        ("three-seats", ((0, 5), (1, 1), (2, 1)), (1, 2), "f = ⌊n / 3⌋, so that somebody rests among three"),
        ("six-seats", ((0, 50), (1, 40), (2, 1), (3, 1), (4, 1), (5, 1)), (2, 3), "f = ⌊n / 3⌋"),
        ("two-names", tuple((identity, 1) for identity in (0, 0, 0, 0, 0, 1, 1)), (1, 2, 3), "nobody left to choose"),
    ):
        committee = Committee(2, SEED, tuple(Seat(*seat) for seat in seats))
        text = f"{len(seats)} seats of {len({seat[0] for seat in seats})} identities"
        for view in views:
            given = {"committee": to_json(committee), "height": "16", "view": str(view), "epoch_heights": "8"}
            identity = f"con-proposer-{name}-{view}"
            found.append(
                Case("consensus.proposer_at", identity, text, given, bug=bug, flags=("Boundary",), note=NOTE)
            )
    return found


def _single(operation: str, identity: str, given: Json) -> Case:
    return Case(
        operation, identity, "a single value", given, bug="asks for more than one", flags=("Boundary",), note=NOTE
    )


def _leaves() -> list[Case]:
    """AGG-003, 004, 007, 012 and TYP-018 at their least."""
    least = {name: str(smallest) for name, (smallest, _) in BOUNDS.items()}
    least["unbonding_heights"] = "8"  # evidence for one height, a committee of two, and some
    floor = {"parameters": least}
    text = "every parameter as small as may be, the three reputations equal"
    return [
        _single(
            "kernels.quantize", "quantize-single", {"element": "f32", "values": ["0x3f800000"], "fraction_bits": "1"}
        ),
        _single("kernels.dequantize", "dequantize-single", {"values": [3], "fraction_bits": "1"}),
        _single("kernels.div_round", "div-round-single", {"numerators": ["5"], "multiplier": "1", "divisor": "2"}),
        _single("kernels.sha256_chunks", "sha256-chunks-single", {"data": "0x61", "chunk_bytes": "1"}),
        Case(
            "types.check_parameters",
            "types-parameters-least",
            text,
            floor,
            bug="a bound that is not included",
            note=NOTE,
        ),
    ]


CASES: tuple[Case | Trace, ...] = (*_certificates(), *_views(), *_votes(), *_proposers(), *_leaves())
