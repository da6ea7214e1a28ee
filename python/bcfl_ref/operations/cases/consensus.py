"""The cases of consensus: boundaries of every count, each guard beside its accepting twin, and whole heights."""

from __future__ import annotations

import copy
from typing import Any

from ...consensus.evidence import make_equivocation, offence_root
from ...consensus.proposer import proposer_at
from ...consensus.scheme import PRECOMMIT, PREVOTE, domains_of, proposal_message, vote_message
from ...consensus.state import NO_VIEW
from ...consensus.votes import NIL
from ...crypto import bls
from ...encoding import hash_tree_root, to_json
from ...types import (
    EMPTY_SIGNATURE,
    Block,
    Body,
    Certificate,
    Committee,
    Header,
    Proposal,
    Seat,
    SignedProposal,
    SignedVote,
    Vote,
)
from .._base import Case, Json, Trace
from ._heights import TRACES

GENESIS_ROOT = bytes([0x11]) * 32
SEED = bytes([0x5E]) * 32
ROOT_A, ROOT_B = bytes([0xAA]) * 32, bytes([0xBB]) * 32
EPOCH_HEIGHTS = 8
HEIGHT = 17
MANY = 2**64 - 1


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def committee_of(*seats: tuple[int, int], epoch: int = HEIGHT // EPOCH_HEIGHTS) -> Committee:
    """A committee from (identity, weight) pairs, by default that of HEIGHT."""
    return Committee(epoch, SEED, tuple(Seat(identity, weight) for identity, weight in seats))


FOUR = committee_of((0, 10), (1, 10), (2, 10), (3, 10))
SECRETS = tuple(bls.keygen(bytes([0x40 + identity]) * 32) for identity in range(4))
KEYS = tuple(bls.public_key(secret) for secret in SECRETS)
DOMAINS = domains_of(GENESIS_ROOT, 1)
LEDGER: dict[str, Json] = {"genesis_root": _hex(GENESIS_ROOT), "protocol_version": "1"}


def _with(data: Json, *changes: tuple[str, Json]) -> Json:
    """A copy of an input with the values at some paths replaced."""
    changed = copy.deepcopy(data)
    for path, value in changes:
        *parents, last = path.strip("/").split("/")
        target: Any = changed
        for name in parents:
            target = target[int(name)] if isinstance(target, list) else target[name]
        target[int(last) if isinstance(target, list) else last] = value
    return changed


class _Family:
    """The cases of one operation around one accepted input."""

    def __init__(self, operation: str, prefix: str, base: Json, comment: str) -> None:
        self.operation, self.prefix, self.base = f"consensus.{operation}", prefix, base
        self.cases = [Case(self.operation, f"{prefix}-typical", comment, base)]

    def good(self, name: str, comment: str, *changes: tuple[str, Json], bug: str | None = None) -> None:
        """One more accepted input."""
        flags = ("Boundary",) if bug else ()
        data = _with(self.base, *changes)
        self.cases.append(Case(self.operation, f"{self.prefix}-{name}", comment, data, bug=bug, flags=flags))

    def bad(
        self,
        name: str,
        comment: str,
        *changes: tuple[str, Json],
        twin: str = "typical",
        bug: str | None = None,
        follows: tuple[str, ...] = (),
    ) -> None:
        """A refused input: one change, or two that break two guards."""
        base = next(case.input for case in self.cases if case.id == f"{self.prefix}-{twin}")
        self.cases.append(
            Case(
                self.operation,
                f"{self.prefix}-{name}",
                comment,
                _with(base, *changes),
                twin=f"{self.prefix}-{twin}",
                bug=bug,
                flags=("Adversarial",) if bug else (),
                two_fault=len(changes) - len(follows) == 2,
                follows=follows,
            )
        )


# ---- beacon and seats


def _beacon_cases() -> list[Case]:
    following = committee_of((0, 10), (3, 7), epoch=3)
    base = {
        "height": str(HEIGHT),
        "epoch_heights": str(EPOCH_HEIGHTS),
        "committee": to_json(FOUR),
        "next_committee": to_json(following),
    }
    at = _Family("committee_at", "con-committee-at", base, "a height inside the epoch")
    at.good("first", "the first height of the epoch", ("height", "16"))
    at.good("last", "the last height of the epoch", ("height", "23"), bug="an epoch that ends one height early")
    at.good("next", "the first height of the next epoch", ("height", "24"))
    at.bad("before", "the last height of the epoch before", ("height", "15"), bug="takes the nearest committee")
    at.bad("beyond", "two epochs ahead", ("height", "32"))
    reveal = {"height": "1", **LEDGER}
    message = _Family("reveal_message", "con-reveal-message", reveal, "the first height")
    message.good("large", "the largest height", ("height", str(MANY)), bug="a height of 32 bits")
    message.good("version", "another protocol version", ("protocol_version", "2"), bug="a domain without the version")
    mix_input = {"mix": _hex(SEED), "view": "0", "reveal": _hex(bytes(range(96)))}
    mix = _Family("mix_reveal", "con-mix-reveal", mix_input, "a block of view 0 feeds the beacon")
    mix.good("view-1", "a block of view 1 does not", ("view", "1"), bug="every author is mixed in")
    genesis = Case(
        "consensus.genesis_beacon", "con-genesis-beacon", "before any reveal", {"genesis_root": _hex(GENESIS_ROOT)}
    )
    return [*at.cases, *message.cases, *mix.cases, genesis]


def _pairs(*pairs: tuple[int, int]) -> Json:
    return [{"identity": str(identity), "weight": str(weight)} for identity, weight in pairs]


def _seat_cases() -> list[Case]:
    base = {"weights": _pairs((0, 5), (2, 0), (7, MANY))}
    snapshot = _Family("snapshot_candidates", "con-snapshot", base, "a weight of zero is left out")
    snapshot.good("empty", "nobody at all", ("weights", []))
    snapshot.good("nobody", "nobody with weight", ("weights", _pairs((3, 0))))
    snapshot.bad("repeated", "an index twice", ("weights/1/identity", "0"), bug="compares with >= for <=")
    snapshot.bad("descending", "an index after a greater one", ("weights/2/identity", "1"))
    snapshot.bad("weight", "a weight of 65 bits", ("weights/2/weight", str(MANY + 1)), bug="wraps to zero")
    snapshot.bad(
        "weight-then-order",
        "the first pair is too heavy and the second repeats its index: pairs are checked one by one",
        ("weights/0/weight", str(MANY + 1)),
        ("weights/1/identity", "0"),
    )
    six = [Seat(identity, weight) for identity, weight in ((1, 100), (2, 1), (4, 50), (5, 3), (8, 700), (9, 20))]
    drawn = {"epoch": "9", "seed": _hex(SEED), "candidates": [to_json(seat) for seat in six], "seats_max": "16"}
    draw = _Family("draw_committee", "con-draw", drawn, "everybody sits while there is room")
    draw.good("full", "as many candidates as seats", ("seats_max", "6"), bug="draws as soon as the seats are full")
    draw.good(
        "sampled",
        "one candidate too many: seats are drawn with replacement and weigh 1",
        ("seats_max", "5"),
        bug="drawn seats keep their weight, which counts it twice",
    )
    draw.good("one", "a single drawn seat", ("seats_max", "1"))
    draw.good("seed", "another seed", ("seats_max", "5"), ("seed", _hex(ROOT_A)))
    heavy = [to_json(Seat(identity, MANY - identity)) for identity in range(40)]
    draw.good(
        "heavy", "weights whose sum has 70 bits", ("candidates", heavy), ("seats_max", "7"), bug="a sum of 64 bits"
    )
    draw.bad("no-seats", "no seat", ("seats_max", "0"))
    draw.bad("too-many-seats", "1025 seats", ("seats_max", "1025"))
    draw.bad("nobody", "no candidates", ("candidates", []))
    draw.bad("order", "candidates out of order", ("candidates/3/identity", "4"))
    draw.bad("weightless", "a candidate without weight", ("candidates/2/weight", "0"), bug="a seat for nothing")
    draw.bad("seats-then-nobody", "no seat for nobody", ("seats_max", "0"), ("candidates", []))
    draw.bad(
        "order-then-weight",
        "out of order and without weight",
        ("candidates/5/identity", "0"),
        ("candidates/0/weight", "0"),
    )
    return [*snapshot.cases, *draw.cases]


def _proposer_cases() -> list[Case]:
    uneven = committee_of((0, 1000), (3, 1), (4, 30), (9, 300), (10, 1), (11, 1), (12, 90))
    base = {"committee": to_json(uneven), "height": "16", "view": "0", "epoch_heights": "8"}
    family = _Family("proposer_at", "con-proposer", base, "the heaviest seat goes first")
    for view in (1, 2, 3, 4, 5, 20):
        family.good(
            f"view-{view}",
            "f = 2: nobody returns within three slots",
            ("view", str(view)),
            bug="weights alone, so one validator may own many slots in a row",
        )
    family.good("height", "the slot is height and view together", ("height", "18"), ("view", "3"))
    equal = to_json(committee_of((5, 7), (6, 7), (7, 7), (8, 7)))
    for view in range(4):
        family.good(
            f"tie-{view}", "equal weights take turns from the lowest seat", ("committee", equal), ("view", str(view))
        )
    double = to_json(committee_of((2, 1), (2, 1), (5, 1), (2, 1), (7, 1), (5, 1), (8, 1)))
    for view in range(3):
        family.good(
            f"seats-{view}", "an identity with several seats rests, too", ("committee", double), ("view", str(view))
        )
    family.good("single", "one seat, always its turn", ("committee", to_json(committee_of((6, 3)))), ("view", "3"))
    family.good("last-view", "the last view", ("committee", equal), ("view", "4095"))
    family.bad("view-range", "one view too far", ("view", "4096"), twin="last-view")
    family.bad("early", "the height before the epoch", ("height", "15"))
    family.bad("late", "the height after the epoch", ("height", "24"))
    family.bad("nobody", "no seats", ("committee/seats", []))
    family.bad("nobody-then-late", "no seats and a height outside", ("committee/seats", []), ("height", "24"))
    family.bad("late-then-view", "a height outside and a view too far", ("height", "24"), ("view", "4096"))
    counts = [(0, 0), (1, 1), (0, 1), (1, 3), (2, 3), (3, 3), (2, 4), (3, 4), (2, 6), (4, 6), (5, 6), (4, 7), (5, 7)]
    counts += [(2, 5), (6, 9), (7, 9), (683, 1024), (682, 1024), (342, 1024), (341, 1024)]
    quorums = [
        Case(
            "consensus.quorum",
            f"con-quorum-{seats}-of-{total}",
            "more than two thirds, more than one third",
            {"seats": str(seats), "total": str(total)},
            bug="at least two thirds" if 3 * seats == 2 * total else None,
            flags=("Boundary",),
        )
        for seats, total in counts
    ]
    return [*family.cases, *quorums]


# ---- votes and proposals


def sign_vote(voter: int, vote: Vote) -> SignedVote:
    """A vote with its real signature."""
    return SignedVote(vote, voter, bls.sign(SECRETS[voter], vote_message(vote, DOMAINS)))


def _vote_cases() -> list[Case]:
    prevote = Vote(PREVOTE, HEIGHT, 2, ROOT_A)
    message = _Family("vote_message", "con-vote-message", {"vote": to_json(prevote), **LEDGER}, "a prevote")
    message.good("precommit", "a precommit", ("vote/kind", "2"), bug="one domain for both kinds")
    message.good("nil", "a vote for nil", ("vote/block_root", _hex(NIL)))
    message.good("ledger", "another ledger", ("genesis_root", _hex(ROOT_B)), bug="a domain without the ledger")
    message.bad("kind", "an unknown kind", ("vote/kind", "3"))
    message.bad("kind-0", "kind 0", ("vote/kind", "0"))
    signed = sign_vote(1, prevote)
    base = {"vote": to_json(signed), "committee": to_json(FOUR), "height": str(HEIGHT)}
    keys = {"public_keys": [_hex(key) for key in KEYS], **LEDGER}
    check = _Family("check_vote", "con-check-vote", base, "a prevote of a seat")
    real = _Family("authenticate_vote", "con-authenticate-vote", {**base, **keys}, "a prevote with its signature")
    check.good("last-view", "the last view", ("vote/vote/view", "4095"))
    for family in (check, real):
        family.bad("height", "another height", ("vote/vote/height", "18"), bug="a vote that is kept for later")
        family.bad("kind", "kind 3", ("vote/vote/kind", "3"))
        family.bad("view", "view 4096", ("vote/vote/view", "4096"))
        family.bad("seat", "a voter without a seat", ("vote/voter", "4"))
        family.bad("height-then-kind", "height and kind", ("vote/vote/height", "18"), ("vote/vote/kind", "0"))
        family.bad("kind-then-view", "kind and view", ("vote/vote/kind", "0"), ("vote/vote/view", "4096"))
        family.bad("view-then-seat", "view and seat", ("vote/vote/view", "4096"), ("vote/voter", "4"))
    real.bad("voter", "somebody else's vote", ("vote/voter", "2"), bug="verifies against any seat's key")
    real.bad("block", "a signature for another block", ("vote/vote/block_root", _hex(ROOT_B)))
    real.bad("signed-view", "a signature for another view", ("vote/vote/view", "3"))
    real.bad("as-precommit", "a prevote as precommit", ("vote/vote/kind", "2"), bug="one domain for both kinds")
    real.bad("infinity", "the point at infinity", ("vote/signature", "0xc0" + "00" * 95), bug="e(O, x) = 1")
    real.bad("zero-key", "a key at infinity", ("public_keys/1", "0xc0" + "00" * 47))
    return [*message.cases, *check.cases, *real.cases]


def _proposal_cases() -> list[Case]:
    view = 2
    author = proposer_at(FOUR, HEIGHT, view, EPOCH_HEIGHTS)
    other = (author + 1) % 4
    proposal = Proposal(HEIGHT, view, NO_VIEW, ROOT_A)
    message = _Family(
        "proposal_message", "con-proposal-message", {"proposal": to_json(proposal), **LEDGER}, "a new block"
    )
    message.good("again", "a block proposed again", ("proposal/valid_view", "0"))
    signature = bls.sign(SECRETS[author], proposal_message(proposal, DOMAINS))
    signed = SignedProposal(proposal, author, signature)
    base = {
        "proposal": to_json(signed),
        "committee": to_json(FOUR),
        "height": str(HEIGHT),
        "epoch_heights": str(EPOCH_HEIGHTS),
    }
    keys = {"public_keys": [_hex(key) for key in KEYS], **LEDGER}
    check = _Family("check_proposal", "con-check-proposal", base, "a new block by the proposer of its view")
    real = _Family("authenticate_proposal", "con-authenticate-proposal", {**base, **keys}, "with its signature")
    check.bad("seats", "a committee without seats", ("committee/seats", []))
    check.good("again", "proven valid in the view before", ("proposal/proposal/valid_view", "1"))
    for family in (check, real):
        family.bad("height", "another height", ("proposal/proposal/height", "16"))
        family.bad("view", "view 4096", ("proposal/proposal/view", "4096"))
        family.bad("valid-view", "valid in its own view", ("proposal/proposal/valid_view", "2"), bug="<= for <")
        family.bad(
            "valid-view-negative",
            "valid view -2",
            ("proposal/proposal/valid_view", str(2**64 - 2)),
            bug="unsigned comparison",
        )
        family.bad("nil", "nil as a block", ("proposal/proposal/block_root", _hex(NIL)))
        family.bad("proposer", "not its turn", ("proposal/proposer", str(other)))
        family.bad("epoch", "a committee of another epoch", ("committee/epoch", "9"), bug="the epoch is not compared")
        family.bad(
            "epoch-then-proposer",
            "another epoch, not its turn",
            ("committee/epoch", "9"),
            ("proposal/proposer", str(other)),
        )
        family.bad(
            "height-then-view",
            "height and view",
            ("proposal/proposal/height", "16"),
            ("proposal/proposal/view", "4096"),
        )
        family.bad(
            "view-then-valid-view",
            "view 4096 and a valid view beyond it",
            ("proposal/proposal/view", "4096"),
            ("proposal/proposal/valid_view", "5000"),
        )
        family.bad(
            "valid-view-then-nil",
            "valid view and nil",
            ("proposal/proposal/valid_view", "2"),
            ("proposal/proposal/block_root", _hex(NIL)),
        )
        family.bad(
            "nil-then-proposer",
            "nil, not its turn",
            ("proposal/proposal/block_root", _hex(NIL)),
            ("proposal/proposer", str(other)),
        )
    real.bad("block", "a signature for another block", ("proposal/proposal/block_root", _hex(ROOT_B)))
    real.bad("signed-valid-view", "a signature for a new block", ("proposal/proposal/valid_view", "0"))
    return [*message.cases, *check.cases, *real.cases]


def _block_cases() -> list[Case]:
    created, view = 1, 2
    authors = [proposer_at(FOUR, HEIGHT, number, EPOCH_HEIGHTS) for number in range(3)]
    body = Body(Certificate(0, 0, NIL, (), EMPTY_SIGNATURE), bytes([0x77]) * 96, ())

    def block_of(header_view: int, author: int) -> Block:
        return Block(Header(HEIGHT, header_view, author, ROOT_A, ROOT_B, hash_tree_root(body)), body)

    def proposed(block: Block, valid_view: int) -> Json:
        root = hash_tree_root(block.header)
        return to_json(SignedProposal(Proposal(HEIGHT, view, valid_view, root), authors[view], EMPTY_SIGNATURE))

    def data_of(block: Block, valid_view: int) -> Json:
        return {
            "proposal": proposed(block, valid_view),
            "block": to_json(block),
            "committee": to_json(FOUR),
            "epoch_heights": str(EPOCH_HEIGHTS),
        }

    base = data_of(block_of(view, authors[view]), NO_VIEW)
    family = _Family("check_proposed_block", "con-proposed-block", base, "a new block of this view")
    again = data_of(block_of(created, authors[created]), created)
    family.cases.append(
        Case(family.operation, "con-proposed-block-again", "created in an earlier view, by its proposer", again)
    )
    root_path = "proposal/proposal/block_root"
    family.bad("root", "another block", (root_path, _hex(ROOT_A)))
    family.bad(
        "body", "the body of another block", ("block/body/reveal", _hex(bytes(96))), bug="the header alone is checked"
    )
    family.bad("height", "a header of another height", ("block/header/height", "18"))
    stale = data_of(block_of(created, authors[created]), NO_VIEW)
    family.bad(
        "stale",
        "an old block as if it were new",
        ("block/header", stale["block"]["header"]),
        (root_path, stale["proposal"]["proposal"]["block_root"]),
        follows=("/proposal/proposal/block_root", "/block/header/proposer"),
    )
    family.bad("seats", "a committee without seats", ("committee/seats", []))
    family.bad("epoch", "a committee of another epoch", ("committee/epoch", "9"), bug="the epoch is not compared")
    early = "proposal/proposal/valid_view"
    family.bad("future", "created after it was proven valid", (early, "0"), twin="again")
    family.bad("negative", "valid view -2 is not never", (early, str(2**64 - 2)), bug="any negative number for never")
    stranger = data_of(block_of(view, (authors[view] + 1) % 4), NO_VIEW)
    family.bad(
        "author",
        "by somebody whose turn it was not",
        ("block/header/proposer", stranger["block"]["header"]["proposer"]),
        (root_path, stranger["proposal"]["proposal"]["block_root"]),
        follows=("/proposal/proposal/block_root",),
    )
    return family.cases


# ---- certificates and evidence


def _certificate_of(vote: Vote, voters: tuple[int, ...], committee: Committee = FOUR) -> Certificate:
    seats = tuple(seat.identity in voters for seat in committee.seats)
    signatures = [sign_vote(seat.identity, vote).signature for seat in committee.seats if seat.identity in voters]
    return Certificate(vote.height, vote.view, vote.block_root, seats, bls.aggregate(signatures))


def _bits(*bits: int) -> Json:
    return to_json(Certificate(0, 0, NIL, tuple(bool(bit) for bit in bits), EMPTY_SIGNATURE))["seats"]


def _certificate_cases() -> list[Case]:
    vote = Vote(PRECOMMIT, HEIGHT, 1, ROOT_A)
    signed = [sign_vote(voter, vote) for voter in (3, 0, 2)]
    data = {"vote": to_json(vote), "committee": to_json(FOUR), "votes": [to_json(item) for item in signed]}
    assemble = _Family("assemble_certificate", "con-assemble", data, "three of four, in any order")
    more = [*data["votes"], to_json(sign_vote(1, Vote(PRECOMMIT, HEIGHT, 1, NIL)))]
    assemble.good("others", "a vote for nil is passed over", ("votes", more), bug="counts every precommit")
    double = to_json(committee_of((0, 1), (0, 1), (2, 1), (3, 1)))
    assemble.good("seats", "two seats of one voter", ("committee", double), bug="one bit for each voter")
    assemble.bad("quorum", "two of four", ("votes", data["votes"][:2]))
    assemble.bad("repeated", "one of the three twice", ("votes/2", data["votes"][1]), follows=("/votes/2/signature",))
    assemble.bad("prevotes", "prevotes certify nothing", ("vote/kind", "1"))
    nil = [to_json(sign_vote(voter, Vote(PRECOMMIT, HEIGHT, 1, NIL))) for voter in (3, 0, 2)]
    followers = tuple(f"/votes/{place}/{path}" for place in range(3) for path in ("vote/block_root", "signature"))
    changes = (("vote/block_root", _hex(NIL)), *((f"votes/{place}", item) for place, item in enumerate(nil)))
    text = "a quorum precommits nil in good faith; that certifies nothing"
    assemble.bad("nil", text, *changes, bug="a certificate for no block", follows=followers)
    assemble.bad("view", "a view that does not exist", ("vote/view", "4096"), bug="any view")
    assemble.bad("nil-then-view", "nil and the view", ("vote/block_root", _hex(NIL)), ("vote/view", "4096"))
    proof = _certificate_of(vote, (0, 2, 3))
    base = {
        "certificate": to_json(proof),
        "height": str(HEIGHT),
        "block_root": _hex(ROOT_A),
        "committee": to_json(FOUR),
    }
    keys = {"public_keys": [_hex(key) for key in KEYS], **LEDGER}
    check = _Family("check_certificate", "con-check-certificate", base, "three of four")
    real = _Family("verify_certificate", "con-verify-certificate", {**base, **keys}, "three of four, signed")
    six = to_json(committee_of(*((identity, 1) for identity in range(6))))
    check.good("last-view", "the last view", ("certificate/view", "4095"))
    check.good("six", "five of six", ("committee", six), ("certificate/seats", _bits(1, 1, 1, 1, 1, 0)))
    check.bad("two-thirds", "four of six", ("certificate/seats", _bits(1, 1, 1, 1, 0, 0)), twin="six", bug=">= for >")
    for family in (check, real):
        family.bad("height", "for the height before", ("certificate/height", "16"))
        family.bad("block", "for another block", ("certificate/block_root", _hex(ROOT_B)))
        nothing = ("certificate/block_root", _hex(NIL)), ("block_root", _hex(NIL))
        text = "for nil, which was asked for: a quorum may precommit it, and nothing is decided"
        family.bad("nil", text, *nothing, bug="nil is a block like any other", follows=("/block_root",))
        family.bad("view-range", "a view that does not exist", ("certificate/view", "4096"), bug="any view")
        block = ("certificate/block_root", _hex(ROOT_B))
        family.bad("block-then-view", "block and view", block, ("certificate/view", "4096"))
        short = ("certificate/seats", _bits(1, 1, 1))
        family.bad("view-then-length", "view and length", ("certificate/view", "4096"), short)
        family.bad("short", "a bit too few", short, bug="counts bits of any list")
        family.bad("long", "a bit too many", ("certificate/seats", _bits(1, 0, 1, 1, 0)))
        family.bad("quorum", "two of four", ("certificate/seats", _bits(1, 0, 1, 0)))
        family.bad("nobody", "no bit at all", ("certificate/seats", _bits(0, 0, 0, 0)))
        family.bad(
            "height-then-block",
            "height and block",
            ("certificate/height", "16"),
            ("certificate/block_root", _hex(ROOT_B)),
        )
        family.bad(
            "block-then-length",
            "block and length",
            ("certificate/block_root", _hex(ROOT_B)),
            ("certificate/seats", _bits(1, 1, 1)),
        )
    real.cases += _signature_cases(vote, real)
    return [*assemble.cases, *check.cases, *real.cases]


def _signature_cases(vote: Vote, real: _Family) -> list[Case]:
    """What only the pairing can see, and an identity with two seats, whose key counts twice."""
    real.bad("claimed", "a bit for one who did not sign", ("certificate/seats", _bits(1, 1, 1, 1)), bug="rogue bits")
    real.bad("others", "three bits, other three signed", ("certificate/seats", _bits(1, 1, 1, 0)))
    real.bad("view", "another view", ("certificate/view", "2"), bug="the view is not signed")
    real.bad("ledger", "another ledger", ("genesis_root", _hex(ROOT_B)))
    real.bad("version", "another protocol version", ("protocol_version", "2"))
    real.bad("infinity", "the point at infinity", ("certificate/signature", "0xc0" + "00" * 95))
    real.bad("garbage", "bytes that are no point", ("certificate/signature", _hex(b"\xff" * 96)))
    real.bad("zero-key", "a key at infinity", ("public_keys/2", "0xc0" + "00" * 47))
    prevotes = Vote(PREVOTE, vote.height, vote.view, vote.block_root)
    signatures = [bls.sign(SECRETS[voter], vote_message(prevotes, DOMAINS)) for voter in (0, 2, 3)]
    real.bad("prevotes", "prevotes of a quorum", ("certificate/signature", _hex(bls.aggregate(signatures))))
    double = committee_of((0, 1), (0, 1), (2, 1), (3, 1))
    proof = _certificate_of(vote, (0, 2), double)
    keys = [_hex(KEYS[seat.identity]) for seat in double.seats]
    changes = (("certificate", to_json(proof)), ("committee", to_json(double)), ("public_keys", keys))
    real.good("two-seats", "three seats of two voters: one key counts twice", *changes, bug="each key once")
    once = bls.aggregate([sign_vote(voter, vote).signature for voter in (0, 2)])
    real.bad("one-of-two-seats", "that signature once", ("certificate/signature", _hex(once)), twin="two-seats")
    return []


def _evidence_cases() -> list[Case]:
    one, other = (sign_vote(3, Vote(PRECOMMIT, 12, 1, root)) for root in (ROOT_B, ROOT_A))
    found = make_equivocation(one, other)
    conflict = _Family("check_conflict", "con-conflict", {"evidence": to_json(found)}, "two precommits of one view")
    base = {
        "evidence": to_json(found),
        "height": "14",
        "evidence_heights": "2",
        "offences": [_hex(ROOT_A)],
        "public_key": _hex(KEYS[3]),
        **LEDGER,
    }
    real = _Family("check_equivocation", "con-equivocation", base, "at the last height that may punish it")
    conflict.good("nil", "a block and nil", ("evidence/first/vote/block_root", _hex(NIL)), bug="nil is no vote")
    second = "evidence/second/vote"
    for family in (conflict, real):
        family.bad("voter", "two voters", ("evidence/second/voter", "2"))
        family.bad("kind", "a prevote and a precommit", (f"{second}/kind", "1"), bug="any two votes contradict")
        family.bad("height", "two heights", (f"{second}/height", "13"))
        family.bad("view", "two views", (f"{second}/view", "2"), bug="changing one's mind is punished")
        family.bad("same", "the same vote twice", (f"{second}/block_root", _hex(ROOT_A)), bug="one vote convicts")
        family.bad("order", "the greater root first", ("evidence/first/vote/block_root", _hex(b"\xcc" * 32)))
        family.bad("voter-then-view", "voter and view", ("evidence/second/voter", "2"), (f"{second}/view", "2"))
        family.bad(
            "view-then-same",
            "views differ and blocks do not",
            (f"{second}/view", "2"),
            (f"{second}/block_root", _hex(ROOT_A)),
        )
    unknown = ("evidence/first/vote/kind", "3"), (f"{second}/kind", "3")
    conflict.bad("unknown-kind", "votes of no known kind", *unknown, follows=(f"/{second}/kind",))
    real.good("first", "at the height of the votes", ("height", "12"))
    real.bad("late", "one height too late", ("height", "15"), bug="< for <=")
    real.bad("early", "from the future", ("height", "11"))
    real.bad("known", "punished before", ("offences/0", _hex(offence_root(one))), bug="one offence, two fines")
    real.bad("late-then-known", "late and known", ("height", "15"), ("offences/0", _hex(offence_root(one))))
    real.bad("first-signature", "the first was not signed", ("evidence/first/signature", _hex(one.signature)))
    real.bad("second-signature", "the second was not signed", ("evidence/second/signature", _hex(other.signature)))
    real.bad("key", "somebody else's key", ("public_key", _hex(KEYS[2])), bug="framing by proxy")
    real.bad(
        "known-then-key", "known and forged", ("offences/0", _hex(offence_root(one))), ("public_key", _hex(KEYS[2]))
    )
    return [*conflict.cases, *real.cases]


def _start_cases() -> list[Case]:
    base = {"committee": to_json(FOUR), "epoch_heights": "8", "height": str(HEIGHT), "me": "0"}
    family = _Family("start_height", "con-start", base, "a validator waits for a proposal")
    for identity in (1, 2, 3):
        family.good(f"validator-{identity}", "one of the others; one of the four builds", ("me", str(identity)))
    family.good("observer", "without a seat", ("me", "9"))
    family.bad("nobody", "no seats", ("committee/seats", []))
    family.bad("epoch", "a height of the next epoch", ("height", "24"))
    family.bad("nobody-then-epoch", "both", ("committee/seats", []), ("height", "24"))
    return family.cases


CASES: tuple[Case | Trace, ...] = (
    *_beacon_cases(),
    *_seat_cases(),
    *_proposer_cases(),
    *_vote_cases(),
    *_proposal_cases(),
    *_block_cases(),
    *_certificate_cases(),
    *_evidence_cases(),
    *_start_cases(),
    *TRACES,
)
