"""Cases that small changes of the reference asked for: each tells one of them, named in `bug`, from the rule.

A change was made, every other vector passed, and a case was written that does not (`make mutation`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...consensus.scheme import PREVOTE
from ...consensus.state import PRECOMMITTING, PREVOTING, PROPOSE
from ...consensus.votes import NIL
from ...contract.client import NOT_ANSWERED, client_answer
from ...contract.tasks import NO_NOISE
from ...encoding import to_json
from ...types import Noise, Privacy, Register, Seat, Vote
from .._base import Case, Json, Trace
from . import _scene as scene
from . import aggregation, application, consensus, contract, incentive, infrastructure, privacy, secure
from ._heights import A, B, Script
from ._ledger import identity, state
from ._secure import WINDOW, begun, secrets, vector
from .consensus import HEIGHT, MANY, ROOT_A, SEED, sign_vote

NOTE = "found by changing the reference"
_MODULES = (application, consensus, aggregation, incentive, infrastructure, contract, privacy, secure)
_KNOWN: dict[str, Case] = {case.id: case for module in _MODULES for case in module.CASES if isinstance(case, Case)}


def _accepted(twin: str, name: str, comment: str, *changes: tuple[str, Json], bug: str) -> Case:
    """Another accepted input like `twin`."""
    known = _KNOWN[twin]
    data = consensus._with(known.input, *changes)
    return Case(known.operation, name, comment, data, bug=bug, flags=("Boundary",), note=NOTE)


def _refused(twin: str, name: str, comment: str, *changes: tuple[str, Json], bug: str, follows: int = 0) -> Case:
    """`twin` with one change (the last `follows` follow from it), or with two that break two guards."""
    known = _KNOWN[twin]
    paths = tuple(f"/{path}" for path, _ in changes[len(changes) - follows :]) if follows else ()
    return Case(
        known.operation,
        name,
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
    before = state([replace(identity(number), public_key=infrastructure._key(number)) for number in (1, 3)])
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


# ---- incentive, contract, genesis


def _money() -> list[Case]:
    again = _KNOWN["ctr-join-again"]
    return [
        _accepted(
            "inc-accepted-one",
            "inc-accepted-least",
            "the least score above none",
            ("scores", ["1", "1"]),
            bug="asks for more than 1",
        ),
        _refused(
            str(again.twin),
            "ctr-join-again-and-terms",
            "a second time, and under other terms",
            ("payload/role", again.input["payload"]["role"]),
            ("payload/terms_root", "0x" + "77" * 32),
            bug="asks who joined before what was agreed to",
        ),
        _refused(
            "inf-genesis-three",
            "inf-genesis-nobody-parameters",
            "no identity, and a parameter out of range",
            ("genesis/identities", []),
            ("genesis/parameters/epoch_heights", "0"),
            bug="parameters before identities",
        ),
    ]


# ---- secure rounds


def _published() -> list[Case]:
    """PRV-030: the ends of degree, group and threshold."""
    spec, privacy = "payload/spec", "payload/spec/privacy"
    wide = (
        ("state/parameters/participants_max", "1000"),
        (f"{spec}/trainers_min", "513"),
        (f"{spec}/trainers_max", "513"),
        (f"{spec}/sample_count_max", "1"),
        (f"{privacy}/groups", "1"),
    )
    base = "prv-publish-three-groups"
    found = [
        _accepted(base, "prv-publish-complete-most", "513 trainers on a complete graph", *wide, bug="< for <="),
        _accepted(
            base,
            "prv-publish-degree-most",
            "degree 512 among 600",
            *wide,
            (f"{spec}/trainers_max", "600"),
            (f"{spec}/trainers_min", "600"),
            (f"{privacy}/degree", "512"),
            bug="the size of the group is bounded although the degree is",
        ),
        _accepted(
            base,
            "prv-publish-degree-two",
            "nine in one group, two neighbours each",
            (f"{privacy}/groups", "1"),
            (f"{privacy}/degree", "2"),
            bug="counts the whole group as neighbours",
        ),
        _accepted(
            base,
            "prv-publish-degree-wide",
            "a degree above the size of the group",
            (f"{privacy}/degree", "4"),
            bug="counts neighbours that nobody has",
        ),
    ]
    _KNOWN.update({case.id: case for case in found})
    return found


def _unpublished() -> list[Case]:
    """PRV-030: one beyond the ends of degree, group and threshold."""
    spec, privacy = "payload/spec", "payload/spec/privacy"
    return [
        _refused(
            "prv-publish-complete-most",
            "prv-publish-complete-above",
            "514 trainers on a complete graph",
            (f"{spec}/trainers_max", "514"),
            bug="a graph of any degree",
        ),
        _refused(
            "prv-publish-degree-most",
            "prv-publish-degree-above",
            "degree 514",
            (f"{privacy}/degree", "514"),
            bug="a graph of any degree",
        ),
        _refused(
            "prv-publish-degree-two",
            "prv-publish-degree-threshold",
            "a threshold of three with two neighbours each",
            (f"{privacy}/threshold", "3"),
            bug="compares with the group, not with the neighbours",
        ),
        _refused(
            "prv-publish-degree-wide",
            "prv-publish-degree-wide-threshold",
            "a threshold of three in groups of three",
            (f"{privacy}/threshold", "3"),
            bug="compares with the degree, not with the group",
        ),
    ]


def _budgets() -> list[Case]:
    """PRV-030, PRV-068: a budget that holds exactly one round; PRV-031: windows that are not each other's."""
    budget = "payload/spec/privacy/noise/budget"
    exact = _accepted(
        "prv-publish-noise",
        "prv-publish-noise-one-round",
        "the budget is what one round costs",
        (budget, "6108397932090"),
        bug="something was spent before the first round",
    )
    _KNOWN[exact.id] = exact
    return [
        exact,
        _refused(
            exact.id,
            "prv-publish-noise-short",
            "one unit less than a round costs",
            (budget, "6108397932089"),
            bug="a smaller model costs less",
        ),
        _refused(
            "prv-advertise",
            "prv-advertise-while-aggregating",
            "keys in the window in which sums are claimed",
            ("state/height", str(WINDOW["AGGREGATE"])),
            bug="the windows of secure rounds are those of plain ones",
        ),
    ]


def _application() -> list[Case]:
    """APP-030, APP-031: every factor of the table, the largest exponent, the most classes."""
    seams, plain = "app-exp2-negative-seams", "app-softmax-evaluate-plain"
    alone = _accepted(
        seams,
        "app-exp2-negative-factors",
        "each factor of the table by itself",
        ("exponents", [str(2**bit) for bit in range(16)]),
        bug="one wrong digit in the table",
    )
    _KNOWN[alone.id] = alone
    return [
        alone,
        _refused(
            alone.id,
            "app-exp2-negative-just-above",
            "one more than the largest exponent",
            ("exponents/15", str(2**62 + 1)),
            bug="any exponent that is not negative",
        ),
        _accepted(
            plain,
            "app-softmax-evaluate-most-classes",
            "256 classes and one feature",
            ("classes", "256"),
            ("features", [[1]]),
            ("labels", [255]),
            ("model", [0] * 511 + [1]),
            bug="< for <=",
        ),
    ]


#: Conditions for which a small change of the search gives another graph: members, corrupt and dropout in basis
#: points, sigma, eta, bias, whether the committee is corrupt.
_CONDITIONS: tuple[tuple[int, int, int, int, int, int, bool], ...] = (
    (10**9, 500, 500, 40, 30, 0, False),
    (10_000, 500, 500, 1, 30, 0, False),
    (100, 0, 0, 128, 128, 128, False),
    (10, 500, 500, 10, 5, 0, False),
    (300, 2000, 2000, 2, 2, 5, False),
    (300, 4000, 3333, 40, 2, 0, False),
    (40, 0, 3333, 40, 1, 0, False),
    (4, 2000, 0, 40, 3, 5, False),
    (3, 2000, 1000, 40, 5, 0, True),
    (60, 2000, 2000, 3, 2, 0, False),
    (3, 4000, 2000, 3, 1, 5, False),
    (40, 5000, 100, 5, 1, 1, False),
    (8, 2000, 100, 3, 3, 0, True),
)


def _sizes() -> list[Case]:
    """PRV-025."""
    names = ("members", "corrupt_bps", "dropout_bps", "sigma", "eta", "bias")
    return [
        Case(
            "privacy.graph_size",
            f"graph-size-strength-{number}",
            f"{row[0]} members, {row[1]} and {row[2]} of 10000 corrupt and gone",
            {**{name: str(value) for name, value in zip(names, row, strict=False)}, "corrupt_committee": row[-1]},
            bug="one more or one less somewhere in the search",
            flags=("Boundary",),
            note=NOTE,
        )
        for number, row in enumerate(_CONDITIONS)
    ]


def _primitives() -> list[Case]:
    """PRV-022, PRV-026, PRV-027: the ends of the ranges, and guards in their order."""
    holders = _KNOWN["rebuild-secret-key"].input["holders"]
    commitments = _KNOWN["rebuild-secret-commitments-four"].input["commitments"]
    two, key = "client-bits-two", "rebuild-secret-key"
    disorder = _KNOWN["rebuild-secret-holders-order"].input["holders"]
    return [
        _accepted("ring-width-2048", "ring-width-summands-most", "2^32 summands", ("summands", str(2**32)), bug="<"),
        _accepted(two, "client-bits-members-most", "2^20 members", ("members", str(2**20)), bug="< for <="),
        _accepted(two, "client-bits-coordinates-most", "2^32", ("coordinates", str(2**32)), bug="< for <="),
        _accepted(two, "client-bits-last-32", "sums of just 32 bits", ("members", "65537"), bug="a bit more"),
        _accepted(two, "client-bits-first-33", "sums of 33 bits", ("members", "65538"), bug="a bit less"),
        _refused(
            two,
            "client-bits-members-and-coordinates",
            "one member and no coordinates",
            ("members", "1"),
            ("coordinates", "0"),
            bug="coordinates before members",
        ),
        _refused(
            key,
            "rebuild-secret-holder-twice",
            "a holder twice",
            ("holders/1", holders[0]),
            bug="descending holders are refused, equal ones are not",
        ),
        _refused(
            key,
            "rebuild-secret-order-and-count",
            "holders in disorder, and a commitment too few",
            ("holders", disorder),
            ("commitments", commitments),
            bug="counts before it orders",
        ),
        _refused(
            key,
            "rebuild-secret-count-and-threshold",
            "a commitment too few, and a threshold of one",
            ("commitments", commitments),
            ("threshold", "1"),
            bug="the threshold before the counts",
        ),
        _refused(
            key,
            "rebuild-secret-threshold-and-position",
            "a threshold of one, and a position beyond the holders",
            ("threshold", "1"),
            ("revealed/2/position", "5"),
            bug="positions before the threshold",
        ),
    ]


def _clients() -> list[Case]:
    """PRV-037, PRV-042, PRV-043: guards in their order, and the ends of the sample counts."""
    other = "0x" + "66" * 32
    return [
        _accepted("prv-client-input", "prv-client-input-one", "one sample", ("samples", "1"), bug="< for <="),
        _accepted(
            "prv-client-input", "prv-client-input-most", "as many as allowed", ("samples", "100"), bug="< for <="
        ),
        _refused(
            "prv-client-input",
            "prv-client-input-unshared-samples",
            "it dealt no shares, and has no samples",
            ("own", "4"),
            ("samples", "0"),
            bug="samples before shares",
        ),
        _refused(
            "prv-list",
            "prv-list-overlap-stranger",
            "somebody survived and dropped out, and the member is not in it",
            ("list/dropped", ["3", "4"]),
            ("own", "5"),
            bug="looks for itself first",
        ),
        _refused(
            "prv-list",
            "prv-list-few-second",
            "too few survivors, and another list was answered",
            ("threshold", "4"),
            ("answered", other),
            bug="looks at its notes first",
        ),
        _refused(
            "prv-unmask",
            "prv-unmask-answered-other-list",
            "it has answered, and this is to another list",
            ("state/tasks/0/round/secure/members/1/answered", True),
            ("payload/list_root", other),
            bug="compares the list first",
        ),
    ]


def _noised_input(name: str, comment: str, bug: str, sample_count_max: int, noise: Noise, **sizes: Any) -> Case:
    """PRV-042: what a client sends in a task of another kind."""
    privacy = Privacy(1, 1, 2, 0, noise)
    play = begun(secure.FOUR, privacy=privacy, sample_count_max=sample_count_max, **sizes)
    play = play.advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
    data = {**secure.client_json(play, 2), "update": vector(2).tolist(), "samples": "1"}
    return Case("privacy.client_input", name, comment, data, bug=bug, flags=("Variant",), note=NOTE)


def _inputs() -> list[Case]:
    noise = Noise(1000, 90000, 1, 1, 2**43)
    return [
        _noised_input("prv-client-input-noise", "noise is promised", "sends the update without its noise", 1, noise),
        _noised_input(
            "prv-client-input-wide", "weights that need the ring of 64 bits", "masks in 32 bits", 16383, NO_NOISE
        ),
    ]


def _opened(name: str, comment: str, bug: str, trainers: int, silent: set[int], **spec: Any) -> Case:
    """PRV-038: a group of another kind, opened; the silent ones deal and give no input."""
    play = begun(trainers, dict.fromkeys(range(1, trainers + 1), 1), **spec)
    play.advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
    play.give(set(play.names) - silent).to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    play.state = replace(play.state, height=WINDOW["SCORE_COMMIT"])
    data = scene.deadline(play.state, play.blobs)
    return Case("privacy.open_groups", name, comment, data, bug=bug, flags=("Variant",), note=NOTE)


def _openings() -> list[Case]:
    noise = Noise(1000, 90000, 1, 1, 2**43)
    sparse = begun(7, dict.fromkeys(range(1, 8), 1), privacy=Privacy(1, 1, 3, 4, NO_NOISE))
    sparse.advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give().to(WINDOW["ATTEST"]).attest()
    asked = {**secure.client_json(sparse.to(WINDOW["UNMASK"]), 2), "answered": "0x" + NOT_ANSWERED.hex()}
    return [
        Case(
            "privacy.client_answer",
            "prv-client-answer-sparse",
            "seven with four neighbours each: shares of the four, and none of the two others",
            asked,
            bug="looks for shares of all who survived",
            flags=("Variant",),
            note=NOTE,
        ),
        _opened(
            "prv-open-sparse",
            "seven with four neighbours each: who dropped out shared masks with those only",
            "takes off masks of pairs that are no neighbours",
            7,
            {3},
            privacy=Privacy(1, 1, 3, 4, NO_NOISE),
        ),
        _opened(
            "prv-open-noise",
            "the sum of a group with its noise",
            "divides by the survivors, or bounds the sum as if there were no noise",
            secure.FOUR,
            set(),
            privacy=Privacy(1, 1, 2, 0, noise),
            sample_count_max=1,
        ),
        _opened(
            "prv-open-wide",
            "a sum in the ring of 64 bits, and one that dropped out",
            "reads words of 32 bits",
            secure.FOUR,
            {4},
            privacy=Privacy(1, 1, 2, 0, NO_NOISE),
            sample_count_max=16383,
        ),
    ]


def _later_answer() -> Case:
    """PRV-037: answers are kept in the order of members, whoever came first."""
    play = secure.answer_play().answer({4})
    said = client_answer(play.state, 0, 2, secrets(2), NOT_ANSWERED)
    return Case(
        "privacy.unmask",
        "prv-unmask-after-a-later-one",
        "member 4 has answered before member 2",
        scene.call(play.state, 2, said),
        bug="keeps shares in the order of arrival",
        flags=("Adversarial",),
        note=NOTE,
    )


# ---- consensus


def _consensus() -> list[Case]:
    small = [to_json(Seat(seat, weight)) for seat, weight in ((1, 1), (2, 2), (4, 1), (5, 3), (8, 1), (9, 2))]
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


CASES: tuple[Case | Trace, ...] = (
    *_aggregation(),
    *_registers(),
    *_money(),
    *_published(),
    *_unpublished(),
    *_budgets(),
    *_application(),
    *_sizes(),
    *_primitives(),
    *_clients(),
    *_inputs(),
    *_openings(),
    _later_answer(),
    *_consensus(),
    *_steps(),
)
