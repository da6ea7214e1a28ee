"""Cases that small changes of the reference asked for: each tells one of them, named in `bug`, from the rule.

A change was made, every other vector passed, and a case was written that does not (`make mutation`).
"""

from __future__ import annotations

from dataclasses import replace

from ...consensus.scheme import PREVOTE
from ...consensus.state import PRECOMMITTING, PREVOTING, PROPOSE
from ...consensus.votes import NIL
from ...encoding import to_json
from ...types import Register, Seat, Vote
from .._base import Case, Json, Trace
from . import aggregation, consensus, infrastructure
from ._heights import A, B, Script
from .consensus import HEIGHT, MANY, ROOT_A, SEED, sign_vote

NOTE = "found by changing the reference"
_KNOWN: dict[str, Case] = {case.id: case for case in (*consensus.CASES, *aggregation.CASES) if isinstance(case, Case)}


def _accepted(twin: str, identity: str, comment: str, *changes: tuple[str, Json], bug: str) -> Case:
    """Another accepted input like `twin`."""
    known = _KNOWN[twin]
    data = consensus._with(known.input, *changes)
    return Case(known.operation, identity, comment, data, bug=bug, flags=("Boundary",), note=NOTE)


def _refused(twin: str, identity: str, comment: str, *changes: tuple[str, Json], bug: str, follows: int = 0) -> Case:
    """`twin` with one change (the last `follows` follow from it), or with two that break two guards."""
    known = _KNOWN[twin]
    paths = tuple(f"/{path}" for path, _ in changes[len(changes) - follows :]) if follows else ()
    return Case(
        known.operation,
        identity,
        comment,
        consensus._with(known.input, *changes),
        bug=bug,
        flags=("Adversarial",),
        note=NOTE,
        twin=twin,
        two_fault=len(changes) - follows == 2,
        follows=paths,
    )


# ---- aggregation


def _aggregation() -> list[Case]:
    found = [
        _refused(
            f"agg-{rule}-typical",
            f"agg-{rule}-nothing-to-weigh",
            "no updates, and weights for five: that there is nothing comes first",
            ("updates", []),
            bug="counts weights before updates",
        )
        for rule in ("mean", "weighted-mean", "coordinate-median", "trimmed-mean", "norm-bounded-mean")
    ]
    for name, byzantine, values in (
        ("leaver-far", "2", [-1, -9, 3, -8, -4, 0, 6, 9, 1, -6, 0]),
        ("leaver-near", "3", [10, 6, -10, 4, -3, 10, -9, -5, -7, 1, 5, -3, 2, 7, -7, 8]),
    ):
        text = "a candidate leaves that was no neighbour of some and a neighbour of others"
        changes = (
            ("updates", [[value] for value in values]),
            ("weights", ["1"] * len(values)),
            ("base", [0]),
            ("byzantine", byzantine),
        )
        bug = "loses track of who is still a neighbour"
        found.append(_accepted("agg-bulyan-seven", f"agg-bulyan-{name}", text, *changes, bug=bug))
    return found


# ---- infrastructure


def _registers() -> list[Case]:
    """INF-005: every key of the ledger is compared, not only the only one."""
    before = infrastructure.state(
        [replace(infrastructure.identity(number), public_key=infrastructure._key(number)) for number in (1, 3)]
    )
    proof = infrastructure._possession(2)
    twin, refused = (
        infrastructure._asked(before, 0, Register(infrastructure._key(number), proof, 100)) for number in (2, 3)
    )
    return [
        Case("infrastructure.register", "inf-register-third", "the third of three keys", twin, note=NOTE),
        Case(
            "infrastructure.register",
            "inf-register-known-among-others",
            "one key of several is the newcomer's",
            refused,
            bug="refuses a key only if all are this one",
            flags=("Adversarial",),
            note=NOTE,
            twin="inf-register-third",
        ),
    ]


# ---- consensus


def _consensus() -> list[Case]:
    small = [to_json(Seat(identity, weight)) for identity, weight in ((1, 1), (2, 2), (4, 1), (5, 3), (8, 1), (9, 2))]
    found = [
        _accepted(
            "con-draw-typical", "con-draw-most-seats", "1024 seats are allowed", ("seats_max", "1024"), bug="< for <="
        ),
        *(
            _accepted(
                "con-draw-typical",
                f"con-draw-small-{number}",
                "weights so small that points fall on their edges",
                ("candidates", small),
                ("seats_max", "5"),
                ("seed", "0x" + (SEED[:-1] + bytes([number])).hex()),
                bug="a point equal to the weight still belongs to the candidate",
            )
            for number in range(2)
        ),
        _refused(
            "con-snapshot-typical",
            "con-snapshot-order-then-weight",
            "one pair out of order and too heavy",
            ("weights/2/identity", "1"),
            ("weights/2/weight", str(MANY + 1)),
            bug="the weight is looked at first",
        ),
        _refused(
            "con-proposed-block-typical",
            "con-proposed-block-other-height",
            "a proposal of another height with the root of this block",
            ("proposal/proposal/height", "18"),
            bug="compares the roots alone",
        ),
    ]
    for family in ("check", "verify"):
        found.append(
            _refused(
                f"con-{family}-certificate-typical",
                f"con-{family}-certificate-short-of-both",
                "a bit too few, and no quorum in what is there",
                ("certificate/seats", consensus._bits(1, 0, 1)),
                bug="the quorum is counted before the bits",
            )
        )
    prevotes = [to_json(sign_vote(voter, Vote(PREVOTE, HEIGHT, 1, ROOT_A))) for voter in (3, 0, 2)]
    changes = [
        ("vote/kind", str(PREVOTE)),
        ("votes/0", prevotes[0]),
        ("votes/1", prevotes[1]),
        ("votes/2", prevotes[2]),
    ]
    text = "a quorum of prevotes, for which prevotes were asked"
    found.append(
        _refused(
            "con-assemble-typical",
            "con-assemble-all-prevotes",
            text,
            *changes,
            bug="any votes of a quorum certify",
            follows=3,
        )
    )
    return found


def _steps() -> list[Trace]:
    alone = Script(
        "alone", "a committee of one: its own votes are the quorum, and none of them is assumed", seats=((0, 1),)
    )
    alone.propose(0, A).verdict(A).prevote(0, A, 0).precommit(0, A, 0)
    empty = Script("alone-nil", "a committee of one, nothing proposed", seats=((0, 1),))
    empty.timeout(0, PROPOSE).prevote(0, NIL, 0).precommit(0, NIL, 0).timeout(0, PRECOMMITTING)
    early = Script("lock-needs-a-prevote", "a quorum of prevotes for a proposal whose proof is missing: it waits")
    early.timeout(0, PROPOSE).prevote(0, NIL, 0).precommit(0, NIL, 0, 1, 2).timeout(0, PRECOMMITTING)
    early.propose(1, B, valid_view=0).verdict(B).prevote(1, B, 1, 2, 3).timeout(1, PROPOSE).timeout(1, PREVOTING)
    return [
        alone.trace(bug="a vote that nobody cast is counted", note=NOTE),
        empty.trace(bug="a vote that nobody cast is counted", note=NOTE),
        early.trace(bug="locks before it has prevoted", note=NOTE),
    ]


CASES: tuple[Case | Trace, ...] = (*_aggregation(), *_registers(), *_consensus(), *_steps())
