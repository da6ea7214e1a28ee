"""Cases of secure rounds that deliberately wrong implementations asked for, like those of `strength`.

Each tells one other reading from the rule; the reading is named in `bug`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from ...contract.attestation import attest
from ...contract.claims import claim_aggregate, recompute
from ...contract.client import NOT_ANSWERED, client_answer, client_keys, client_shares
from ...contract.rounds import commit_scores, reveal_scores
from ...contract.secure import group_trainers, masked_input, neighbours, share_keys, survivor_list
from ...contract.tasks import NO_NOISE, PLAIN, Phase, Role, Step, join, publish
from ...encoding import BLOB_MASKED, commit_blob, hash_tree_root, to_json
from ...errors import InvariantError
from ...infrastructure.blobs import BlobData
from ...kernels.limits import COORDINATE_MAX
from ...privacy.noise import noised_bound, noised_input
from ...types import (
    ZERO_ROOT,
    Available,
    ClaimAggregate,
    CommitScores,
    Join,
    MaskedInput,
    Noise,
    Privacy,
    Publish,
    RevealScores,
    ScoreSheet,
    State,
    Testimony,
)
from .._base import Case, Json
from . import _scene as scene
from . import alignment, privacy, secure
from ._secure import WINDOW, SecurePlay, begun, secrets, secure_spec, vector

NOTE = "found by changing an independent implementation"
NOISE = Noise(1000, 90000, 1, 1, 2**43)
MIX = bytes([0x47]) * 32
"""One for which the graph of four would be another for another number of the task or of the group."""
GROUPED = Privacy(1, 2, 2, 0, NO_NOISE)


def _case(operation: str, name: str, comment: str, given: Json, bug: str, **more: Any) -> Case:
    return Case(operation, f"prv-{name}", comment, given, bug=bug, flags=("Adversarial",), note=NOTE, **more)


def _broken(twin: Case, name: str, comment: str, changes: Mapping[str, Json], bug: str) -> Case:
    """`twin` with one change, or with two that break two guards."""
    given = scene.changed(twin.input, changes)
    return _case(twin.operation, name, comment, given, bug, twin=twin.id, two_fault=len(changes) == 2)


# ---- PRV-039: authors that score


def _scored_by(trainers: int, scorers: tuple[int, ...], **changes: Any) -> SecurePlay:
    """Like `begun`, where these score, be they trainers or not."""
    people = tuple(scene.identity(number) for number in range(trainers + 3))
    state = replace(scene.empty_state(), identities=people, supply=1000 * len(people))
    state = publish(state, 0, Publish(secure_spec(trainers, scorers_max=len(scorers), **changes)))
    for trainer in range(1, trainers + 1):
        state = join(state, trainer, Join(0, Role.TRAINER, scene.TERMS_ROOT))
    for scorer in scorers:
        state = join(state, scorer, Join(0, Role.SCORER, scene.TERMS_ROOT))
    for seat in range(3):
        state = attest(state, seat, Available(0, (scene.root_of(scene.MODEL),)))
    return SecurePlay(state, trainers).to(WINDOW["KEYS"])


def _groups() -> tuple[tuple[int, ...], ...]:
    """The two groups of the eight trainers."""
    return group_trainers(begun(8, privacy=GROUPED).state.tasks[0])


def _cast() -> dict[str, int]:
    """Who plays what: in the group of 1 one does not answer, in the other one gives no input."""
    own, other = sorted(_groups(), key=lambda group: 1 not in group)
    return {"author": 1, "mute": own[1], "author_elsewhere": other[0], "lost": other[1], "outsider": 9}


def _eight(silent: bool = True) -> SecurePlay:
    """The last height of UNMASK: two groups will open; trainers score, and so does one outsider."""
    cast = _cast()
    everybody = set(range(1, 9))
    play = _scored_by(8, tuple(sorted(cast.values())), privacy=GROUPED)
    play.advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give(everybody - {cast["lost"]})
    play.to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"])
    return play.answer(everybody - {cast["mute"]} if silent else everybody).to(WINDOW["SCORE_COMMIT"] - 1)


def _sheet(state: State, scorer: int, correct: tuple[int, int]) -> ScoreSheet:
    """What the scorer has to say: correct of 100 for each group of which it is no author."""
    round_ = state.tasks[0].round
    authors = {m.trainer: m.group for m in round_.secure.members if m.step == Step.SURVIVOR}
    entries = tuple(
        Testimony(update.blob_root, correct[update.trainer], 100)
        for update in round_.updates
        if authors.get(scorer) != update.trainer
    )
    return ScoreSheet(state.genesis_root, 0, 1, scorer, entries, scene.salt(scorer, 1))


def _committed(play: SecurePlay, correct: tuple[int, int]) -> dict[int, ScoreSheet]:
    """Every scorer commits; the first height of SCORE_REVEAL."""
    play.to(WINDOW["SCORE_COMMIT"])
    sheets = {scorer: _sheet(play.state, scorer, correct) for scorer in sorted(_cast().values())}
    for scorer, sheet in sheets.items():
        play.state = commit_scores(play.state, scorer, CommitScores(0, 1, hash_tree_root(sheet)))
    play.to(WINDOW["SCORE_COMMIT"] + 2)
    return sheets


def _reveals() -> Iterable[Case]:
    """CTR-010, PRV-039: which updates a scorer leaves out."""
    play = _eight()
    sheets = _committed(play, (90, 80))
    texts = {
        "author": "1 is an author, and not of the group that has its number",
        "mute": "an author that did not answer the list is one all the same",
        "lost": "who gave no input is no author, and scores its own group too",
    }
    bugs = {
        "author": "leaves out the update whose number of a group is the scorer's index",
        "mute": "leaves out the updates only of authors that answered",
        "lost": "leaves out the group of every trainer",
    }
    for role, text in texts.items():
        scorer = _cast()[role]
        sheet = sheets[scorer]
        payload = RevealScores(0, 1, sheet.entries, sheet.salt)
        base = _case(
            "contract.reveal_scores", f"reveal-{role}", text, scene.call(play.state, scorer, payload), bugs[role]
        )
        yield base
        roots = [update.blob_root for update in play.state.tasks[0].round.updates]
        all_of_them = [to_json(Testimony(root, 80, 100)) for root in roots]
        wrong = all_of_them if len(sheet.entries) == 1 else all_of_them[:1]
        yield _broken(base, f"reveal-{role}-others", "the other choice", {"/payload/entries": wrong}, bugs[role])
    yield from _numbers(play, sheets)


def _numbers(play: SecurePlay, sheets: Mapping[int, ScoreSheet]) -> Iterable[Case]:
    """PRV-039: a scorer whose index is the number of a group, and that wrote nothing of it."""
    zero = ScoreSheet(play.state.genesis_root, 0, 1, 0, sheets[9].entries, scene.salt(0, 1))
    early = _eight().to(WINDOW["SCORE_COMMIT"]).state
    task = early.tasks[0]
    people = tuple(replace(p, identity=0) if p.identity == 9 else p for p in task.participants)
    ordered = tuple(sorted(people, key=lambda p: (p.role, p.identity)))
    state = replace(early, tasks=(replace(task, participants=ordered),))
    state = commit_scores(state, 0, CommitScores(0, 1, hash_tree_root(zero)))
    state = replace(state, height=WINDOW["SCORE_COMMIT"] + 2)
    yield _case(
        "contract.reveal_scores",
        "reveal-number",
        "identity 0 scores group 0, with which it has nothing to do",
        scene.call(state, 0, RevealScores(0, 1, zero.entries, zero.salt)),
        "takes the number of a group for a trainer",
    )


def _settlements() -> Iterable[Case]:
    """PRV-039, INC-007, INC-008: pay and facts where one group is accepted and one rejected."""
    for name, correct, silent in (
        ("rejected-0", (0, 90), True),
        ("rejected-1", (90, 0), True),
        ("two-groups", (90, 60), False),
        ("two-groups-even", (90, 90), False),
    ):
        play = _eight(silent)
        sheets = _committed(play, correct)
        for scorer, sheet in sheets.items():
            play.state = reveal_scores(play.state, scorer, RevealScores(0, 1, sheet.entries, sheet.salt))
        play.to(WINDOW["AGGREGATE"])
        verdicts = [update.accepted for update in play.state.tasks[0].round.updates]
        if verdicts != [score > 0 for score in correct]:
            raise InvariantError(f"{verdicts} in a round that found {correct}")
        play.to(WINDOW["AGGREGATE"] + 1)
        yield _settled(play, name, correct)


def _settled(play: SecurePlay, name: str, correct: tuple[int, int]) -> Case:
    """The end of the round, with claims of all members, and one reputation at its bound."""
    root = scene.root_of(recompute(play.state, 0, play.blobs))
    for claimant in play.state.tasks[0].round.aggregators:
        play.state = claim_aggregate(play.state, claimant, ClaimAggregate(0, 1, root), play.blobs)
    most = play.state.parameters.reputation_max_bps
    mute = _cast()["mute"]
    people = tuple(
        replace(who, reputation_bps=most) if at == mute else who for at, who in enumerate(play.state.identities)
    )
    state = replace(play.state, identities=people, height=WINDOW["AGGREGATE"] + 2)
    return _case(
        "contract.settle",
        f"settle-{name}",
        f"{correct[0]} and {correct[1]} of 100 were right: authors score and claim, and are paid for that, whatever "
        f"became of their group; {mute}, which has the highest reputation, answered or not, and scores",
        scene.deadline(state),
        "leaves authors of a rejected group out of a pool, or counts missing work after scores",
    )


# ---- PRV-031, PRV-032: the round after a dealer was named


def _second_round() -> Iterable[Case]:
    """A named dealer has no deposit, stays in its group, and may not enter."""
    play = begun(8, privacy=GROUPED).advertise().to(WINDOW["SHARES"])
    dealer = _groups()[0][0]
    dealt = client_shares(play.state, 0, dealer, secrets(dealer))
    play.state = share_keys(play.state, dealer, replace(dealt, seed_mark=ZERO_ROOT))
    play.share().to(WINDOW["INPUT"]).give().to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    play.to(WINDOW["AGGREGATE"] + 2)
    task = play.state.tasks[0]
    if task.round.number != 2 or any(p.identity == dealer and p.deposit and p.role == 1 for p in task.participants):
        raise InvariantError("no second round, or nobody was named")
    yield _case(
        "privacy.group_trainers",
        "groups-after-fault",
        "round 2, a trainer has lost its deposit: the groups are what they were",
        scene.deadline(play.state),
        "ranks only trainers with a deposit",
    )
    others = [trainer for trainer in range(1, 9) if trainer != dealer]
    for trainer in others[-2:]:
        base = _case(
            "privacy.advertise_keys",
            f"advertise-after-fault-{trainer}",
            "round 2: its group is that of round 1",
            scene.call(play.state, trainer, client_keys(0, 2, secrets(trainer, 2))),
            "ranks only trainers with a deposit",
        )
        yield base
    yield _broken(
        base,
        "advertise-named",
        "the dealer named in round 1 is no trainer any more",
        {"/sender": str(dealer)},
        "lets in who lost its deposit",
    )


def _keys() -> Iterable[Case]:
    """PRV-032: keys of another group, and two keys of which neither gives anything."""
    first, second = _groups()
    play = begun(8, privacy=GROUPED).advertise({first[0]})
    base = _case(
        "privacy.advertise_keys",
        "advertise-other-group",
        "the first member of the second group",
        scene.call(play.state, second[0], client_keys(0, 1, secrets(second[0]))),
        "numbers members, not groups",
    )
    yield base
    shown = "0x" + play.member(first[0]).share_key.hex()
    text = "a key that somebody of the other group showed"
    yield _broken(
        base, "advertise-shown-elsewhere", text, {"/payload/share_key": shown}, "compares within a group only"
    )
    zeros = {f"/payload/{key}": secure.SMALL_ORDER for key in ("mask_key", "share_key")}
    text = "twice the key of zeros: repeated is asked first"
    yield _broken(base, "advertise-zero-twice", text, zeros, "asks for zeros first")


# ---- sparse graphs


def _sparse(trainers: int, threshold: int, degree: int) -> SecurePlay:
    """SHARES, where everybody has `degree` neighbours."""
    privacy = Privacy(1, 1, threshold, degree, NO_NOISE)
    return begun(trainers, privacy=privacy).advertise().to(WINDOW["SHARES"])


def _left(graph: Mapping[int, tuple[int, ...]], whose: int, survivors: set[int]) -> int:
    return sum(other in survivors for other in graph[whose])


def _lonely(graph: Mapping[int, tuple[int, ...]], threshold: int, size: int) -> set[int]:
    """Members whose loss leaves every survivor with enough neighbours, and one of the lost with too few."""
    for gone in combinations(graph, size):
        left = set(graph) - set(gone)
        if all(_left(graph, own, left) >= threshold for own in left) and any(
            _left(graph, own, left) < threshold for own in gone
        ):
            return set(gone)
    raise InvariantError("this graph has no such members")


def _sparse_counts() -> Iterable[Case]:
    """PRV-034, PRV-035: neighbours are counted, of everybody who dealt."""
    play = _sparse(5, 2, 2).share({1, 2, 3, 4})
    yield _case(
        "privacy.close_shares",
        "shares-ring",
        "five in a ring, one deals nothing: its neighbours have one left",
        scene.deadline(replace(play.state, height=WINDOW["INPUT"])),
        "counts everybody, or the member itself",
    )
    play = _sparse(6, 3, 4).share({1, 2, 3, 4, 5})
    yield _case(
        "privacy.close_shares",
        "shares-sparse",
        "six with four neighbours each, one deals nothing: three are left to everybody who dealt",
        scene.deadline(replace(play.state, height=WINDOW["INPUT"])),
        "asks who dealt nothing, too, or wants all neighbours",
    )
    play = _sparse(5, 2, 2).share().to(WINDOW["INPUT"]).give({1, 2, 3, 4}).to(WINDOW["ATTEST"]).attest()
    yield _case(
        "privacy.close_inputs",
        "inputs-ring",
        "five in a ring, one gives nothing: its neighbours have one left",
        scene.deadline(replace(play.state, height=WINDOW["UNMASK"]), play.blobs),
        "counts everybody, or the member itself",
    )
    play = _sparse(8, 2, 4)
    gone = _lonely(neighbours(play.state.tasks[0], 0, 0), 2, 4)
    play.share().to(WINDOW["INPUT"]).give(set(range(1, 9)) - gone).to(WINDOW["ATTEST"]).attest()
    yield _case(
        "privacy.close_inputs",
        "inputs-lonely",
        "every survivor has two neighbours among the survivors, one that gave no input has fewer",
        scene.deadline(replace(play.state, height=WINDOW["UNMASK"]), play.blobs),
        "asks survivors only",
    )


def _sparse_absent() -> Iterable[Case]:
    """PRV-034, PRV-035: nobody is asked who dealt nothing."""
    play = _sparse(8, 2, 4)
    gone = _lonely(neighbours(play.state.tasks[0], 0, 0), 2, 4)
    play.share(set(range(1, 9)) - gone)
    yield _case(
        "privacy.close_shares",
        "shares-lonely",
        "who dealt has two neighbours that did; one that dealt nothing has fewer",
        scene.deadline(replace(play.state, height=WINDOW["INPUT"])),
        "asks all who advertised",
    )
    play.to(WINDOW["INPUT"]).give().to(WINDOW["ATTEST"]).attest()
    yield _case(
        "privacy.close_inputs",
        "inputs-undealt",
        "who dealt has two neighbours among the survivors; one that dealt nothing has fewer",
        scene.deadline(replace(play.state, height=WINDOW["UNMASK"]), play.blobs),
        "asks all who advertised",
    )


def _sparse_answers() -> Iterable[Case]:
    """PRV-037: six with four neighbours each; one gives no input."""
    play = _sparse(6, 2, 4).share().to(WINDOW["INPUT"]).give({1, 2, 3, 4, 5}).to(WINDOW["ATTEST"]).attest()
    play.to(WINDOW["UNMASK"])
    graph = neighbours(play.state.tasks[0], 0, 0)
    said = client_answer(play.state, 0, 1, secrets(1), NOT_ANSWERED)
    base = _case(
        "privacy.unmask",
        "unmask-sparse",
        "shares of four neighbours",
        scene.call(play.state, 1, said),
        "takes shares of everybody",
    )
    yield base
    stranger = next(other for other in graph if other != 1 and other not in graph[1])
    place = sum(share.member < stranger for share in said.shares)
    change = {f"/payload/shares/{min(place, len(said.shares) - 1)}/member": str(stranger)}
    text = "a share of one that dealt, but not to this member"
    yield _broken(base, "unmask-no-neighbour", text, change, "takes anybody of the group for a dealer")


def _sparse_lists() -> Iterable[Case]:
    """PRV-043: a list for a sparse graph."""
    play = _sparse(8, 2, 4)
    graph = neighbours(play.state.tasks[0], 0, 0)
    gone = _lonely(graph, 2, 4)
    left = set(graph) - gone
    poor = next(own for own in sorted(gone) if _left(graph, own, left) < 2)
    listed = survivor_list(play.state, 0, 0)
    short = sorted(own for own in gone if _left(graph, own, left) >= 2)
    own = min(left)
    given: Json = {
        "list": to_json(replace(listed, survivors=tuple(sorted(left)), dropped=tuple(short))),
        "own": str(own),
        "neighbours": [{"member": str(m), "around": [str(o) for o in around]} for m, around in graph.items()],
        "threshold": "2",
        "answered": "0x" + NOT_ANSWERED.hex(),
    }
    text = "two neighbours among the survivors for everybody who is listed; who is not listed has fewer"
    base = _case("privacy.check_list", "list-sparse", text, given, "asks everybody on the graph")
    yield base
    names = [str(m) for m in sorted((*short, poor))]
    text = "one that dropped out has fewer than two, everybody else enough"
    yield _broken(base, "list-lonely", text, {"/list/dropped": names}, "asks survivors only, or oneself")
    ring = neighbours(_sparse(5, 2, 2).state.tasks[0], 0, 0)
    rows = [{"member": str(m), "around": [str(o) for o in around]} for m, around in ring.items()]
    whole = replace(listed, survivors=(1, 2, 3, 4, 5), dropped=())
    given = {**given, "own": "1", "list": to_json(whole), "neighbours": rows}
    base = _case("privacy.check_list", "list-ring", "five in a ring", given, "wants all to be neighbours")
    yield base
    far = next(m for m in ring if m != 1 and m not in ring[1])
    names = [str(m) for m in ring if m != far]
    text = "one far from the member is not listed, and its neighbours have one left"
    yield _broken(base, "list-ring-far", text, {"/list/survivors": names}, "asks oneself, or counts survivors at all")


# ---- PRV-035, CTR-008: attestations


def _attestations() -> Iterable[Case]:
    """PRV-035: the seat is asked before what it attested; other windows take nothing, not even nothing."""
    play = begun(secure.FOUR).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give({1})
    root = play.member(1).blob_root
    base = _case(
        "contract.attest",
        "attest-seat",
        "seat 0 attests the one input",
        scene.call(play.state, 0, Available(0, (root,))),
        "takes no attestation in INPUT",
    )
    yield base
    seats, members = "/state/committee/seats/0/identity", "/state/tasks/0/round/secure/members/0/attesters"
    yield _broken(
        base,
        "attest-lost-seat-again",
        "it attested this before, and has lost its seat: the seat is asked first",
        {seats: "1", members: ["0"]},
        "asks for the attestation first",
    )
    nothing = _case(
        "contract.attest",
        "attest-nothing",
        "no root at all, in INPUT",
        scene.call(play.state, 0, Available(0, ())),
        "wants a root",
    )
    yield nothing
    for window in ("SHARES", "UNMASK"):
        yield _broken(
            nothing,
            f"attest-nothing-{window.lower()}",
            f"no root at all, in {window}",
            {"/state/height": str(WINDOW[window])},
            "asks for the window when it looks at a root",
        )


def _inputs() -> Iterable[Case]:
    """PRV-035: which blobs are asked for."""
    play = begun(secure.FOUR).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
    none = scene.deadline(replace(play.state, height=WINDOW["UNMASK"]), {})
    held = scene.deadline(replace(play.state, height=WINDOW["UNMASK"]), scene.pool(scene.MODEL))
    base = _case("privacy.close_inputs", "inputs-nobody", "nobody gave anything", held, "wants an input")
    yield base
    text = "nobody gave anything, and the base model is not at hand"
    yield _broken(
        base, "inputs-no-base", text, {"/blobs": none["blobs"]}, "asks for the base model with an input only"
    )
    given = replace(play, blobs=dict(play.blobs)).give({1, 2, 3, 4}).to(WINDOW["ATTEST"]).attest({1, 2, 3})
    lacking = {root: blob for root, blob in given.blobs.items() if root != given.member(4).blob_root}
    yield _case(
        "privacy.close_inputs",
        "inputs-unattested-missing",
        "nobody attested the fourth input, which is not at hand either: lost, and nothing is missing",
        scene.deadline(replace(given.state, height=WINDOW["UNMASK"]), lacking),
        "asks for a blob before it is known to be available",
    )


# ---- PRV-036, PRV-037: lists and answers


def _lost() -> Iterable[Case]:
    """PRV-036 to PRV-038: a member whose input was not available is on the list, and opened like one without."""
    play = begun(secure.FOUR).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give()
    play.to(WINDOW["ATTEST"]).attest({1, 2, 4}).to(WINDOW["UNMASK"])
    given = {**scene.deadline(play.state), "group": "0"}
    bug = "drops only those at step shared"
    yield _case("privacy.survivor_list", "survivors-lost", "the input of 3 is lost: 3 dropped out", given, bug)
    said = client_answer(play.state, 0, 3, secrets(3), NOT_ANSWERED)
    text = "who lost its input answers as well"
    yield _case("privacy.unmask", "unmask-by-lost", text, scene.call(play.state, 3, said), bug)
    yield _case(
        "privacy.client_answer",
        "client-answer-lost",
        "of 3, whose input is lost, the share of its key",
        {**secure.client_json(play, 2), "answered": "0x" + NOT_ANSWERED.hex()},
        bug,
    )
    said = client_answer(play.state, 0, 2, secrets(2), NOT_ANSWERED)
    text = "of 3, whose input is lost, a share of its key is taken"
    yield _case("privacy.unmask", "unmask-of-lost", text, scene.call(play.state, 2, said), "asks for its seed")
    play.answer({2, 3, 4})
    given = scene.deadline(replace(play.state, height=WINDOW["SCORE_COMMIT"]), play.blobs)
    yield _case("privacy.open_groups", "open-lost", "3 lost its input and answers; 1 does not", given, bug)


def _two_dropped() -> Case:
    """PRV-038: dropped members that are neighbours of each other."""
    play = begun(5).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give({1, 2, 3, 4})
    play.to(WINDOW["ATTEST"]).attest({1, 2, 3}).to(WINDOW["UNMASK"]).answer()
    return _case(
        "privacy.open_groups",
        "open-two-dropped",
        "the input of 4 is lost, 5 gave none: both keys are rebuilt, and no mask between the two was in the sum",
        scene.deadline(replace(play.state, height=WINDOW["SCORE_COMMIT"]), play.blobs),
        "rebuilds keys only of who has survivors around it alone",
    )


def _wide_ring() -> Case:
    """PRV-035, PRV-042: the ring is that of the largest group that may be, not of a smaller one."""
    trainers = group_trainers(begun(7, privacy=GROUPED, sample_count_max=600).state.tasks[0])
    some = set(max(trainers, key=len)[:3])
    play = begun(7, privacy=GROUPED, sample_count_max=600).advertise(some).to(WINDOW["SHARES"]).share()
    own = min(some)
    given = {**scene.deadline(play.to(WINDOW["INPUT"]).state), "own": str(own), "secrets": secure.secrets_json(own)}
    return _case(
        "privacy.client_input",
        "client-input-uneven",
        "seven trainers in two groups: four times 600 samples need the ring of 64 bits, three times would not",
        {**given, "update": [5, -7], "samples": "600"},
        "divides trainers into groups without a remainder",
    )


def _numbered() -> Iterable[Case]:
    """PRV-033, PRV-036, PRV-038: the numbers of the task and of the group are in every derivation."""
    play = _eight()
    given = scene.deadline(replace(play.state, height=WINDOW["SCORE_COMMIT"]), play.blobs)
    text = "both groups open; the second one without an input, so by keys of its own"
    yield _case("privacy.open_groups", "open-second-group", text, given, "derives everything for group 0")
    ended = replace(scene.to_height(scene.published(), 3).tasks[0], phase=Phase.ABORTED)
    graphs = begun(8, privacy=Privacy(1, 2, 2, 2, NO_NOISE))
    graphs = replace(graphs, state=replace(graphs.state, tasks=(ended, *graphs.state.tasks), mix=MIX), index=1)
    graphs.advertise().to(WINDOW["SHARES"])
    given = {"state": to_json(graphs.state), "task": "1", "group": "1"}
    text = "four with two neighbours each, in the second group of the second task"
    yield _case("privacy.neighbours", "neighbours-numbered", text, given, "draws all graphs for task 0, or group 0")
    play = begun(secure.FOUR)
    play = replace(play, state=replace(play.state, tasks=(ended, *play.state.tasks)), index=1)
    play.advertise().to(WINDOW["SHARES"])
    given = {**secure.client_json(play, 2), "task": "1"}
    bug = "derives everything for task 0"
    yield _case("privacy.client_shares", "client-shares-numbered", "in the second task", given, bug)
    play.share().to(WINDOW["INPUT"]).give({1, 2, 3}).to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"])
    given = {"state": to_json(play.state), "task": "1", "group": "0"}
    yield _case("privacy.survivor_list", "survivors-numbered", "in the second task", given, bug)
    said = client_answer(play.state, 1, 2, secrets(2), NOT_ANSWERED)
    yield _case("privacy.unmask", "unmask-numbered", "in the second task", scene.call(play.state, 2, said), bug)
    play.answer()
    state = replace(play.state, height=WINDOW["SCORE_COMMIT"])
    given = {**scene.deadline(state, play.blobs), "task": "1"}
    yield _case("privacy.open_groups", "open-numbered", "a key rebuilt in the second task", given, bug)


def _arrivals() -> Case:
    """PRV-037: what was opened of a dealer stands in the order of holders."""
    play = secure.answer_play().answer({3, 4})
    said = client_answer(play.state, 0, 2, secrets(2), NOT_ANSWERED)
    return _case(
        "privacy.unmask",
        "unmask-after-higher",
        "3 and 4 have answered, now 2 does: its shares go before theirs",
        scene.call(play.state, 2, said),
        "appends in the order of arrival",
    )


# ---- PRV-038: sums


def _opened(play: SecurePlay, *added: int) -> Json:
    """The opening of four, of whom 1 adds these numbers to the words of its masked input."""
    play.advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give({2, 3, 4})
    honest = play.masked(1)
    size = len(honest.data) // len(added)
    words = np.frombuffer(honest.data, dtype=f"<u{size}").tolist()
    moved = [(word + more) % 2 ** (8 * size) for word, more in zip(words, added, strict=True)]
    data = np.array(moved, dtype=f"<u{size}").tobytes()
    blob = BlobData(commit_blob(BLOB_MASKED, honest.blob.element, scene.LAYOUT_ROOT, data), data)
    play.blobs[scene.root_of(blob)] = blob
    play.state = masked_input(play.state, 1, MaskedInput(0, 1, scene.root_of(blob)))
    play.to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    return scene.deadline(replace(play.state, height=WINDOW["SCORE_COMMIT"]), play.blobs)


def _ranges() -> Iterable[Case]:
    """PRV-038: the ends of what four members with 10, 20, 30 and 40 samples can have."""
    numbers = range(1, 5)
    samples = sum(10 * trainer for trainer in numbers)
    first = sum(10 * trainer * 3**trainer for trainer in numbers)
    second = -sum(10 * trainer * 2**trainer for trainer in numbers)
    most = samples * COORDINATE_MAX
    for name, text, added in (
        ("most", "one sum is D·Q, the other -D·Q", (most - first, -most - second, 0)),
        ("beyond", "the first sum is D·Q + 1; four times as many samples could have it", (most + 1 - first, 0, 0)),
        ("below", "the last sum is -D·Q - 1", (0, -most - 1 - second, 0)),
        ("samples-least", "four survivors with four samples", (-first, -second, 4 - samples)),
        ("samples-fewer", "four survivors with three samples", (-first, -second, 3 - samples)),
        ("samples-none", "no samples at all", (-first, -second, -samples)),
        ("samples-most", "400 samples, a hundred for each survivor", (0, 0, 400 - samples)),
        ("samples-more", "401 samples", (0, 0, 401 - samples)),
    ):
        given = _opened(begun(secure.FOUR), *added)
        yield _case("privacy.open_groups", f"open-range-{name}", text, given, "another bound of sums or samples")


def _noisy() -> Case:
    """PRV-038: with noise the divisor is the size of the group."""
    privacy = Privacy(1, 1, 2, 0, NOISE)
    play = begun(secure.FOUR, dict.fromkeys(range(1, 5), 1), privacy=privacy, sample_count_max=1)
    play.advertise({1, 2, 4}).to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give()
    play.to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    return _case(
        "privacy.open_groups",
        "open-noise-unadvertised",
        "one of four trainers never advertises: the sum with noise is divided by four",
        scene.deadline(replace(play.state, height=WINDOW["SCORE_COMMIT"]), play.blobs),
        "divides by the members that advertised",
    )


def _noisy_group() -> Case:
    """PRV-038: with noise the divisor is the size of this group."""
    privacy = Privacy(1, 2, 2, 0, NOISE)
    play = begun(7, dict.fromkeys(range(1, 8), 1), privacy=privacy, sample_count_max=1)
    second = set(group_trainers(play.state.tasks[0])[1])
    play.advertise(second).to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give()
    play.to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    return _case(
        "privacy.open_groups",
        "open-noise-uneven",
        "groups of four and three, of which only the second one takes part: its sum is divided by three",
        scene.deadline(replace(play.state, height=WINDOW["SCORE_COMMIT"]), play.blobs),
        "divides by the size of the largest group, or of the first",
    )


def _noise_bounds() -> Iterable[Case]:
    """PRV-038, PRV-066: sums with noise at the bound and one beyond it, either way."""
    privacy = Privacy(1, 1, 2, 0, NOISE)
    inputs = [noised_input(vector(trainer), NOISE, 3, secrets(trainer).noise_seed) for trainer in range(1, 5)]
    first, second = (int(word) for word in np.sum(inputs, axis=0).view(np.int64))
    bound = noised_bound(NOISE, 3, 4)
    for name, text, added in (
        ("most", "sums with noise as far as they can be", (bound - first, -bound - second, 0)),
        ("beyond", "a sum with noise of one more than it can be", (bound + 1 - first, 0, 0)),
        ("below", "a sum with noise of one less than it can be", (0, -bound - 1 - second, 0)),
    ):
        play = begun(secure.FOUR, dict.fromkeys(range(1, 5), 1), privacy=privacy, sample_count_max=1)
        given = _opened(play, *added)
        yield _case("privacy.open_groups", f"open-noise-{name}", text, given, "a bound for fewer honest members")


def _inputs_of_clients() -> Iterable[Case]:
    """PRV-042: coordinates of ±Q, and one beyond."""
    play = begun(secure.FOUR).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
    ends = [COORDINATE_MAX, -COORDINATE_MAX]
    given = {**secure.client_json(play, 2), "update": ends, "samples": "100"}
    base = _case("privacy.client_input", "client-input-ends", "Q and -Q, 100 samples", given, "< for <=")
    yield base
    change = {"/update/1": -COORDINATE_MAX - 1}
    yield _broken(base, "client-input-below", "one less than -Q", change, "bounds from above only")


def _two_failures() -> Case:
    """PRV-038, INC-009: a dealer is named although answers are missing; only as trainer it loses its deposit."""
    play = _scored_by(4, (1, 5)).advertise().to(WINDOW["SHARES"])
    unmarked = replace(client_shares(play.state, 0, 1, secrets(1)), seed_mark=ZERO_ROOT)
    play.state = share_keys(play.state, 1, unmarked)
    play.share({2, 3, 4}).to(WINDOW["INPUT"]).give().to(WINDOW["ATTEST"]).attest()
    play.to(WINDOW["UNMASK"]).answer({2, 3})
    return _case(
        "privacy.open_groups",
        "open-dealer-and-answers",
        "the shares of 1 belong to no seed, and of 2 and 3 there is one share each: 1 is named, and still scores",
        scene.deadline(replace(play.state, height=WINDOW["SCORE_COMMIT"]), play.blobs),
        "looks for missing answers first, or takes every deposit",
    )


# ---- PRV-030: what a task may say


def _published() -> Iterable[Case]:
    """PRV-030: sizes of the largest group, modes, and noise that is none."""
    state = scene.empty_state()
    path = "/payload/spec/"
    spec = secure_spec(10, trainers_min=9, privacy=Privacy(1, 3, 2, 0, NO_NOISE), sample_count_max=16383)
    given = scene.call(state, 0, Publish(spec))
    bug = "divides trainers into groups without a remainder"
    base = _case("contract.publish", "publish-uneven", "up to four in a group: 4 · 16383 = 65532", given, bug)
    yield base
    text = "4 · 16384 = 65536, where three would do"
    yield _broken(base, "publish-uneven-samples", text, {path + "sample_count_max": "16384"}, bug)
    given = scene.call(state, 0, Publish(secure_spec(9, privacy=PLAIN)))
    plain = _case("contract.publish", "publish-plain", "nine trainers, nothing hidden", given, "wants groups")
    yield plain
    privacy = path + "privacy/"
    text = "what plain tasks say, but for the mode"
    yield _broken(plain, "publish-no-groups", text, {privacy + "mode": "1"}, "divides by zero")
    text = "a mode that there is not, and nothing else"
    yield _broken(plain, "publish-mode-zeros", text, {privacy + "mode": "2"}, "takes an unknown mode for plain")
    for field in ("clip_bound", "budget"):
        name, text = f"publish-plain-{field.replace('_', '-')}", f"a {field} where nothing is hidden"
        bug = "looks at noise in secure mode only"
        yield _broken(plain, name, text, {f"{privacy}noise/{field}": "1000"}, bug)
    one = secure_spec(9, privacy=Privacy(1, 1, 2, 0, NOISE), sample_count_max=1)
    base = _case("contract.publish", "publish-noise-whole", "noise", scene.call(state, 0, Publish(one)), "no noise")
    yield base
    trusting = replace(NOISE, colluders=0)
    given = scene.call(state, 0, Publish(replace(one, privacy=Privacy(1, 1, 2, 0, trusting))))
    text = "noise against no colluders is noise"
    base = _case("contract.publish", "publish-noise-no-colluders", text, given, "takes it for none")
    yield base
    noise = privacy + "noise/"
    text = "more samples than one, and noise against no colluders"
    yield _broken(base, "publish-noise-trusting-samples", text, {path + "sample_count_max": "2"}, "takes it for none")
    text = "no bound, but a budget and a variance"
    yield _broken(base, "publish-noise-no-bound", text, {noise + "clip_bound": "0"}, "takes it for none")


# ---- PRV-012 to PRV-027, PRV-084 to PRV-086: what secure rounds are made of


def _primitives() -> Iterable[Case]:
    """Lengths, thresholds, the order of guards, and a point that is shown twice."""
    known = {case.id: case for case in (*privacy.CASES, *alignment.CASES) if isinstance(case, Case)}
    short = "0x" + "08" * 31
    for name in ("seal-shares-upwards", "open-shares-upwards"):
        text = "the higher key has 31 bytes"
        yield _broken(known[name], f"{name}-higher-31", text, {"/higher_key": short}, "asks for the lower one only")
    keys = known["mask-input-middle"].input["keys"]
    broken = known["unmask-sum-one-dropped"].input["broken"]
    for name, path, value in (
        ("mask-input-middle", "/keys", keys[::-1]),
        ("unmask-sum-one-dropped", "/broken", broken[::-1]),
    ):
        text = "a ring that there is not, and members that do not ascend: the ring is asked first"
        yield _broken(known[name], f"{name}-ring-and-order", text, {"/ring": "16", path: value}, "asks in reverse")
    base = known["rebuild-secret-key"]
    text = "two are enough, says the threshold, and the shares of two give another secret"
    yield _broken(base, "rebuild-secret-two", text, {"/threshold": "2"}, "wants a threshold above two")
    text = "the threshold is all five holders, of whom three have revealed"
    yield _broken(base, "rebuild-secret-all", text, {"/threshold": "5"}, "wants a threshold below all")
    again = known["blind-again-first"]
    twice = scene.changed(again.input, {"/peer/1": again.input["peer"][0]})
    yield _case(again.operation, "blind-again-twice", "the peer shows a point twice", twice, "takes it for its own")
    alone = known["blind-set-four"]
    one = scene.changed(alone.input, {"/capacity": "1", "/identifiers": alone.input["identifiers"][:1]})
    yield _case(alone.operation, "blind-set-one", "a capacity of one identifier", one, "wants two")


CASES: tuple[Case, ...] = (
    *_reveals(),
    *_settlements(),
    *_second_round(),
    *_keys(),
    *_sparse_counts(),
    *_sparse_absent(),
    *_sparse_answers(),
    *_sparse_lists(),
    *_attestations(),
    *_inputs(),
    *_lost(),
    _two_dropped(),
    _wide_ring(),
    *_numbered(),
    _arrivals(),
    *_ranges(),
    _noisy(),
    _noisy_group(),
    *_noise_bounds(),
    *_inputs_of_clients(),
    _two_failures(),
    *_published(),
    *_primitives(),
)
