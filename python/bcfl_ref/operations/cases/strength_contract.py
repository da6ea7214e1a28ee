"""Cases of tasks and blocks that small changes of the reference asked for, like those of `strength`.

Each tells one change from the rule; the change is named in `bug`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from ...consensus.certificate import NO_CERTIFICATE
from ...consensus.evidence import make_equivocation
from ...consensus.scheme import PRECOMMIT, domains_of, vote_message
from ...contract import client
from ...contract.attestation import attest
from ...contract.rounds import SheetStatus, UpdateStatus, reveal_update
from ...contract.secure import masked_input, share_keys
from ...contract.tasks import EMPTY_ROUND, Phase, round_charge
from ...crypto import bls
from ...encoding import BLOB_MASKED, BLOB_MODEL, ELEMENT_U32, commit_blob, encode, hash_tree_root
from ...infrastructure.blobs import BlobData
from ...infrastructure.transactions import Kind
from ...kernels.limits import COORDINATE_MAX, FIELD_MODULUS
from ...privacy.sharing import SECRET_SEED
from ...transition import genesis_state
from ...types import (
    ZERO_ROOT,
    Available,
    Committee,
    EdgeShare,
    MaskedInput,
    Noise,
    Participant,
    Privacy,
    Publish,
    Round,
    Seat,
    Sheet,
    SignedVote,
    State,
    Testimony,
    Transaction,
    Vote,
)
from .._base import Case
from . import _scene as scene
from . import secure, transition
from ._secure import WINDOW, SecurePlay, begun, secrets, secure_spec
from .strength import NOTE

NOISE = Noise(1000, 90000, 1, 1, 2**43)
ROUND = "/state/tasks/0/round"


def _case(operation: str, name: str, comment: str, given: Any, bug: str, *clauses: str, **more: Any) -> Case:
    return Case(operation, name, comment, given, clauses, bug, ("Adversarial",), note=NOTE, **more)


def _changed(state: State, **changes: Any) -> State:
    """The state with another task 0."""
    return replace(state, tasks=(replace(state.tasks[0], **changes),))


def _in_round(state: State, **changes: Any) -> State:
    """The state with another round of task 0."""
    round_: Round = state.tasks[0].round
    return _changed(state, round=replace(round_, **changes))


# ---- publish


def _published() -> Iterable[Case]:
    """PRV-030, PRV-068: what the rule is asked for, and for how many coordinates a round is charged."""
    known = {case.id: case for case in secure.CASES}
    base = known["prv-publish-rule-of-groups"]
    yield _case(
        base.operation,
        "prv-publish-rule-of-few-groups",
        "Krum with f = 1 needs five updates: nine trainers would do, three groups do not",
        scene.changed(base.input, {"/payload/spec/rule/byzantine": "1"}),
        "asks the rule for the number of trainers",
        twin=base.id,
    )
    noise = Noise(1000, 8, 1, 1, 0)
    spec = secure_spec(9, privacy=Privacy(1, 3, 2, 0, noise), sample_count_max=1)
    budget = round_charge(spec)
    paid = replace(spec, privacy=replace(spec.privacy, noise=replace(noise, budget=budget)))
    exact = Case(
        "contract.publish",
        "prv-publish-noise-lattice",
        "so little noise that the number of coordinates shows in the cost; the budget is what a round costs",
        scene.call(scene.empty_state(), 0, Publish(paid)),
        bug="charges for more coordinates than a model can have",
        flags=("Boundary",),
        note=NOTE,
    )
    yield exact
    yield _case(
        exact.operation,
        "prv-publish-noise-lattice-short",
        "one unit less than 2^32 coordinates cost",
        scene.changed(exact.input, {"/payload/spec/privacy/noise/budget": str(budget - 1)}),
        "charges for fewer coordinates",
        twin=exact.id,
    )


def _forty() -> Case:
    """CTR-018, CTR-003: tasks that have ended count for the limit of all tasks, which is far away."""
    state = scene.empty_state()
    ended = replace(scene.to_height(scene.published(), 3).tasks[0], phase=Phase.ABORTED)
    return _case(
        "contract.publish",
        "ctr-publish-after-forty",
        "forty tasks have ended; there is room for many more",
        scene.call(replace(state, tasks=(ended,) * 40), 0, Publish(scene.SPEC)),
        "has no room for tasks after some dozens",
    )


# ---- registration, attestations, reveals


def _started() -> Case:
    """CTR-015, PRV-031: the groups of a secure task are drawn when its registration closes."""
    play = begun(secure.FOUR)
    state = _changed(play.state, phase=Phase.REGISTRATION, group_seed=ZERO_ROOT, round=EMPTY_ROUND)
    return _case(
        "contract.close_registration",
        "prv-registration-secure",
        "the seed of the groups is the mix of this height",
        scene.deadline(state, play.blobs),
        "leaves the seed of the groups zero",
        "CTR-015",
        "PRV-031",
    )


def _attested() -> Iterable[Case]:
    """PRV-035: one root, named by two members one after the other."""
    play = begun(secure.FOUR).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
    root = scene.root_of(play.masked(1))
    state = masked_input(play.state, 1, MaskedInput(0, 1, root))
    early = attest(state, 0, Available(0, (root,)))
    both = masked_input(early, 2, MaskedInput(0, 1, root))
    base = _case(
        "contract.attest",
        "prv-attest-second-member",
        "seat 0 attested the blob before a second member named it: now it counts for that one too",
        scene.call(both, 0, Available(0, (root,))),
        "refuses because some member has the attestation",
        "PRV-035",
    )
    yield base
    again = attest(both, 0, Available(0, (root,)))
    yield _case(
        "contract.attest",
        "prv-attest-two-members",
        "seat 1 has attested it for nobody, so it counts for both; what seat 0 attested stays",
        scene.call(again, 1, Available(0, (root,))),
        "counts for the first member only",
        "PRV-035",
    )
    second = "/state/tasks/0/round/secure/members/1/attesters"
    yield _case(
        "contract.attest",
        "prv-attest-both-again",
        "seat 0 has attested it for both",
        scene.changed(base.input, {second: ["0"]}),
        "attests twice",
        "PRV-035",
        twin=base.id,
    )
    yield _case(
        "contract.attest",
        "prv-attest-no-seat",
        "a scorer attests an input and holds no seat",
        scene.changed(base.input, {"/sender": "5"}),
        "lets everybody attest",
        "PRV-035",
        twin=base.id,
    )
    yield _case(
        "contract.attest",
        "prv-attest-unnamed",
        "the root that members carry who have named none",
        scene.changed(base.input, {"/payload/blob_roots/0": "0x" + ZERO_ROOT.hex()}),
        "takes members that gave no input",
        "PRV-035",
        twin=base.id,
    )


def _many(state: State) -> State:
    """The state with twelve identities; 1, 8 and the first two hold the seats."""
    people = (*state.identities, *(scene.identity(number) for number in range(4, 12)))
    committee = Committee(0, ZERO_ROOT, tuple(Seat(holder, 1) for holder in (0, 1, 8, 9)))
    return replace(state, identities=people, supply=state.supply + 8000, committee=committee)


def _ascending() -> Iterable[Case]:
    """CTR-007, CTR-017: indices ascend although there are more of them than a small set has places."""
    same = {1: scene.UPDATES[1], 2: scene.UPDATES[1]}
    state = scene.committed(same)
    opened = {sender: scene.opening(state, sender, same[sender], scene.SAMPLES[sender]) for sender in same}
    state = _many(reveal_update(state, 1, scene.reveal_of(opened[1])))
    for seat in (8, 1):
        state = attest(state, seat, Available(0, (scene.root_of(same[1]),)))
    yield _case(
        "contract.reveal_update",
        "ctr-reveal-takes-attesters-ascending",
        "the update committed first takes over the attesters 1 and 8",
        scene.call(state, 2, scene.reveal_of(opened[2])),
        "keeps them in the order of a hash table",
    )
    late = scene.at_deadline(scene.scored())
    held = tuple(Participant(who, role, 10) for role, who in ((1, 1), (1, 8), (2, 2), (2, 9)))
    yield _case(
        "contract.appoint_aggregators",
        "ctr-appoint-all-ascending",
        "mode all: members 1, 2, 8 and 9",
        scene.deadline(_changed(_many(late), participants=held)),
        "lists them in the order of a hash table",
    )


# ---- inputs and openings


def _long_model() -> Case:
    """PRV-035: an input has a word for every coordinate, and one for the samples."""
    play = begun(secure.FOUR).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
    model = scene.blob((1, 2, 3, 4, 5), BLOB_MODEL)
    state = _changed(play.state, model_root=scene.root_of(model))
    blobs = {scene.root_of(model): model}
    for trainer in play.names:
        data = bytes([trainer]) * (4 * 6)
        blob = BlobData(commit_blob(BLOB_MASKED, ELEMENT_U32, scene.LAYOUT_ROOT, data), data)
        blobs[scene.root_of(blob)] = blob
        state = masked_input(state, trainer, MaskedInput(0, 1, scene.root_of(blob)))
    play = replace(play, state=state, blobs=blobs).attest()
    return _case(
        "privacy.close_inputs",
        "prv-inputs-five-coordinates",
        "a model of five coordinates, inputs of six words",
        scene.deadline(replace(play.state, height=WINDOW["UNMASK"]), blobs),
        "counts coordinates of another width",
    )


def _to_opening(play: SecurePlay) -> Any:
    """From ATTEST to the deadline that opens."""
    play.to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    return scene.deadline(replace(play.state, height=WINDOW["SCORE_COMMIT"]), play.blobs)


def _largest() -> Case:
    """PRV-038, PRV-022: a sum as large as its samples allow."""
    play = begun(secure.FOUR, sample_count_max=512).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
    update = np.array([COORDINATE_MAX, -COORDINATE_MAX], dtype=np.int32)
    for trainer in play.names:
        data = client.client_input(play.state, 0, trainer, secrets(trainer), update, 512).astype("<u4").tobytes()
        blob = BlobData(commit_blob(BLOB_MASKED, ELEMENT_U32, scene.LAYOUT_ROOT, data), data)
        play.blobs[scene.root_of(blob)] = blob
        play.state = masked_input(play.state, trainer, MaskedInput(0, 1, scene.root_of(blob)))
    return _case(
        "privacy.open_groups",
        "prv-open-largest",
        "2048 samples of ±Q: the largest sums that fit the ring of 32 bits are valid",
        _to_opening(play),
        "< for <=, or a bound of half the ring",
    )


def _beyond_noise() -> Case:
    """PRV-038, PRV-066: a sum that updates could have, but not clipped ones with their noise."""
    privacy = Privacy(1, 1, 2, 0, NOISE)
    play = begun(secure.FOUR, dict.fromkeys(range(1, 5), 1), privacy=privacy, sample_count_max=1)
    play.advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give({2, 3, 4})
    honest = play.masked(1)
    words = np.frombuffer(honest.data, dtype="<u8").copy()
    words[0] += np.uint64(2**20)
    data = words.tobytes()
    blob = BlobData(commit_blob(BLOB_MASKED, honest.blob.element, scene.LAYOUT_ROOT, data), data)
    play.blobs[scene.root_of(blob)] = blob
    play.state = masked_input(play.state, 1, MaskedInput(0, 1, scene.root_of(blob)))
    return _case(
        "privacy.open_groups",
        "prv-open-noise-range",
        "a member added 2^20: less than four updates can have, more than four clipped ones with noise",
        _to_opening(play),
        "bounds a sum with noise like one without",
    )


def _two_named() -> Case:
    """PRV-038: who is named stands in ascending order, survivor or not."""
    play = begun(secure.FOUR).advertise().to(WINDOW["SHARES"])
    other = replace(secrets(1), mask_secret=bytes(31) + b"\1")
    play.state = share_keys(play.state, 1, client.client_shares(play.state, 0, 1, other))
    unmarked = replace(client.client_shares(play.state, 0, 2, secrets(2)), seed_mark=ZERO_ROOT)
    play.state = share_keys(play.state, 2, unmarked)
    play.share({3, 4}).to(WINDOW["INPUT"]).give({2, 3, 4})
    return _case(
        "privacy.open_groups",
        "prv-open-two-dealers",
        "1 dealt shares of another key and dropped out, 2 survived and its mark is of no seed: 1 and 2 are named",
        _to_opening(play),
        "names survivors first",
    )


def _undealt() -> Case:
    """PRV-037: a neighbour that advertised and dealt nothing has no shares to open."""
    twin = next(case for case in secure.CASES if case.id == "prv-unmask-three")
    return _case(
        twin.operation,
        "prv-unmask-undealt",
        "a share of 4, which is a neighbour and dealt nothing",
        scene.changed(twin.input, {"/payload/shares/1/member": "4"}),
        "looks for the edge of a dealer that has none",
        twin=twin.id,
    )


def _outside_field() -> Case:
    """PRV-043, PRV-021: a dealer that committed to a share which is none."""
    play = begun(secure.FOUR).advertise().to(WINDOW["SHARES"])
    honest = client.client_shares(play.state, 0, 1, secrets(1))
    outside = (FIELD_MODULUS, 1, 2, 3, 4)
    place = (play.state.genesis_root, 0, 1, 0, 1, 2)
    edge = replace(
        honest.edges[0],
        seed_commitment=hash_tree_root(EdgeShare(*place, SECRET_SEED, outside)),
        sealed=client._sealed(
            play.state, 0, play.member(1), secrets(1), play.member(2), client._packed(outside, outside)
        ),
    )
    play.state = share_keys(play.state, 1, replace(honest, edges=(edge, *honest.edges[1:])))
    play.share({2, 3, 4}).to(WINDOW["INPUT"]).give().to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"])
    return _case(
        "privacy.client_answer",
        "prv-client-answer-outside",
        "dealer 1 committed to and sealed p itself: no ledger would take it, so it is left out",
        {**secure.client_json(play, 2), "answered": "0x" + client.NOT_ANSWERED.hex()},
        "reduces it, or answers with it and is refused",
    )


# ---- settlement


def _settled(name: str, comment: str, play: SecurePlay, bug: str, **changes: Any) -> Case:
    """The end of round 1."""
    state = replace(_in_round(play.to(WINDOW["AGGREGATE"] + 1).state, **changes), height=WINDOW["AGGREGATE"] + 2)
    clauses = ("PRV-039", "INC-008", "CTR-013")
    return _case("contract.settle", f"prv-settle-{name}", comment, scene.deadline(state), bug, *clauses)


def _settlements() -> Iterable[Case]:
    """PRV-039: whose work is missing, by how far it came and how its group stands."""
    play = begun(5).advertise({1, 2})
    yield _settled("keys", "keys missing: nobody is held to anything", play, "asks for shares that nobody could deal")
    play = begun(5).advertise().to(WINDOW["SHARES"]).share({3, 4})
    yield _settled("shares", "shares missing: held to it are those that dealt none", play, "asks for inputs too")
    play = begun(5).advertise().to(WINDOW["SHARES"]).share({2, 3, 4, 5}).to(WINDOW["INPUT"]).give({3, 4, 5})
    lost = replace(play).to(WINDOW["ATTEST"]).attest({4, 5})
    text = "inputs missing: 1 dealt nothing, 2 gave nothing, what 3 gave is not available; 4 and 5 did their part"
    yield _settled("inputs", text, lost, "asks survivors for answers to no list")
    mute = replace(play).to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer({2, 3})
    text = "answers missing: 2 answered and gave nothing, 3 did everything, 4 and 5 did not answer"
    base = _settled("answers", text, mute, "takes an answer for an input")
    yield base
    for status, name in (("5", "dealer"), ("6", "range")):
        path = f"{ROUND}/secure/groups/0/status"
        text = f"standing {status}: work is missing as where answers are"
        given = scene.changed(base.input, {path: status})
        yield _case(base.operation, f"prv-settle-{name}", text, given, "excuses everybody", *base.clauses)


def _rejected() -> Case:
    """PRV-039: for the sum of a group nobody is held to account."""
    play = begun(secure.FOUR).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give()
    play.to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer({1, 2, 3}).to(WINDOW["SCORE_COMMIT"])
    root = play.state.tasks[0].round.updates[0].blob_root
    entries = (Testimony(root, 0, 100),)
    sheets = tuple(Sheet(scorer, ZERO_ROOT, SheetStatus.REVEALED, entries) for scorer in (5, 6))
    play.state = _in_round(play.state, sheets=sheets)
    text = "both scorers found nothing right: neither its authors lose by it, nor the identity numbered as the group"
    return _settled("rejected", text, play, "holds the authors to the sum of their group")


def _mismatched() -> Case:
    """INC-008: what was proved before is not counted again."""
    state = scene.claimed()
    first, second = state.tasks[0].round.updates
    seized = replace(state.tasks[0].participants[0], deposit=0)
    others = state.tasks[0].participants[1:]
    bad = replace(
        first, status=UpdateStatus.MISMATCHED, blob_root=ZERO_ROOT, sample_count=0, accepted=False, score_ppm=0
    )
    state = _in_round(replace(state, treasury=10), updates=(replace(bad, attesters=()), second))
    state = _changed(state, participants=(seized, *others))
    return _case(
        "contract.settle",
        "ctr-settle-mismatched",
        "a scored round; trainer 1 revealed something else, and has earned reputation in another task since",
        scene.deadline(scene.at_deadline(state)),
        "takes every update that was not accepted for a rejected one",
    )


# ---- blocks


def _blocks() -> Iterable[Case]:
    """INF-016, INF-004, INF-012: evidence in a block, and what comes before the author."""
    start = genesis_state(transition.genesis())
    domains = domains_of(start.genesis_root, start.protocol_version)
    votes = [Vote(PRECOMMIT, 1, 0, bytes([number]) * 32) for number in (1, 2)]
    one, other = (SignedVote(v, 3, bls.sign(transition.SECRETS[3], vote_message(v, domains))) for v in votes)
    accusation = Transaction(Kind.EVIDENCE, 0, 0, encode(make_equivocation(one, other)))
    block = transition.block_after(start, (accusation,), NO_CERTIFICATE)
    yield _case(
        "transition.state_transition",
        "trn-evidence-block",
        "identity 0 shows two precommits of identity 3 for this height",
        transition.call(start, block),
        "executes no evidence",
    )
    second = next(case for case in transition.block_cases() if case.id == "trn-second-block")
    path = "/block/body/certificate/seats"
    yield transition.broken(
        second,
        "certificate-and-proposer",
        "no quorum, and an author that nobody knows: the certificate is asked first",
        {path: "0x13", "/block/header/proposer": "4"},
    )


CASES: tuple[Case, ...] = (
    *_published(),
    _forty(),
    _started(),
    *_attested(),
    *_ascending(),
    _long_model(),
    _largest(),
    _beyond_noise(),
    _two_named(),
    _undealt(),
    _outside_field(),
    *_settlements(),
    _rejected(),
    _mismatched(),
    *_blocks(),
)
