"""The cases of secure rounds (PRV-030 to PRV-043): each step of the protocol, each way to drop out, each refusal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from ...contract.client import NOT_ANSWERED, client_answer, client_keys, client_shares
from ...contract.secure import masked_input, neighbours, set_member, share_keys, survivor_list
from ...contract.tasks import NO_NOISE
from ...encoding import BLOB_MASKED, commit_blob, hash_tree_root, to_json
from ...infrastructure.blobs import BlobData
from ...types import Blob, MaskedInput, Noise, Privacy, Publish, State
from .._base import Case, Json
from . import _scene as scene
from ._secure import WINDOW, SecurePlay, begun, secrets, secure_spec, vector

ROUND = "/state/tasks/0/round"
SECURE = ROUND + "/secure"
OTHER = "0x" + "77" * 32
SMALL_ORDER = "0x" + "00" * 32
FOUR = 4


def accepted(operation: str, name: str, comment: str, given: Json, bug: str | None = None) -> Case:
    """A case that the reference accepts."""
    return Case(f"privacy.{operation}", f"prv-{name}", comment, given, bug=bug)


def refused(
    twin: Case,
    name: str,
    comment: str,
    changes: Mapping[str, Json],
    bug: str | None = None,
    *,
    follows: tuple[str, ...] = (),
) -> Case:
    """A case that differs from an accepted one at one path, or at two to pin the order of two guards."""
    own = [path for path in changes if path not in follows]
    given = scene.changed(twin.input, changes)
    two = len(own) == 2
    return Case(twin.operation, f"prv-{name}", comment, given, bug=bug, twin=twin.id, two_fault=two, follows=follows)


def also(base: Case, name: str, comment: str, changes: Mapping[str, Json], bug: str | None = None) -> Case:
    """An accepted case that differs from another accepted one."""
    return Case(base.operation, f"prv-{name}", comment, scene.changed(base.input, changes), bug=bug)


def shared_refusals(twin: Case, name: str, late: str) -> Iterable[Case]:
    """PRV-032 … PRV-037: guards 1 to 3, which the four transactions have in common."""
    height = twin.input["state"]["height"]
    yield refused(twin, f"{name}-task", "no task has this number", {"/payload/task": "1"})
    yield refused(twin, f"{name}-round", "the round is another", {"/payload/round": "2"}, "answers for any round")
    yield refused(twin, f"{name}-early", "the window has not begun", {"/state/height": str(int(height) - 2)})
    yield refused(twin, f"{name}-late", "the window is over", {"/state/height": late}, "takes what comes late")
    yield refused(
        twin,
        f"{name}-round-before-window",
        "another round, and late: the round is asked first",
        {"/payload/round": "2", "/state/height": late},
    )


# ---- the specification of a task


def publish_cases() -> Iterable[Case]:
    """PRV-030, through `contract.publish`."""
    state = scene.empty_state()
    spec = "/payload/spec/"
    privacy = spec + "privacy/"
    given = scene.call(state, 0, Publish(secure_spec(9, privacy=Privacy(1, 3, 2, 0, NO_NOISE))))
    base = Case("contract.publish", "prv-publish-three-groups", "nine trainers in three groups", given)
    yield base
    for name, comment, changes in (
        ("threshold-high", "a group of three has two neighbours each", {privacy + "threshold": "3"}),
        ("threshold-low", "one share would be the secret", {privacy + "threshold": "1"}),
        ("groups-none", "no group at all", {privacy + "groups": "0"}),
        ("groups-many", "groups of two", {privacy + "groups": "4"}),
        ("mode", "there is no such mode", {privacy + "mode": "2"}),
        ("plain-with-groups", "a task that hides nothing has no groups", {privacy + "mode": "0"}),
        ("degree-odd", "a neighbour on one side only", {privacy + "degree": "3"}),
        ("payment", "sizes of members are hidden, nobody is paid by them", {spec + "payment": "1"}),
        ("samples", "the samples of a group would exceed a weight", {spec + "sample_count_max": "21846"}),
    ):
        yield refused(base, f"publish-{name}", comment, changes)
    yield also(base, "publish-samples-most", "3 · 21845 = 65535", {spec + "sample_count_max": "21845"})
    yield also(base, "publish-degree", "two neighbours of two", {privacy + "degree": "2"})
    rule = replace(scene.MEAN, name=4)
    krum = secure_spec(9, privacy=Privacy(1, 3, 2, 0, NO_NOISE), rule=rule)
    yield Case(
        "contract.publish",
        "prv-publish-rule-of-groups",
        "Krum with f = 0 needs three updates, and there are three groups: trainers are not counted",
        scene.call(state, 0, Publish(krum)),
        bug="asks the rule for the number of trainers",
    )
    yield from noise_cases(state)


def noise_cases(state: State) -> Iterable[Case]:
    """PRV-030, PRV-068: a task that promises noise."""
    noise = "/payload/spec/privacy/noise/"
    promised = Noise(1000, 90000, 1, 1, 2**43)
    spec = secure_spec(9, privacy=Privacy(1, 3, 2, 0, promised), sample_count_max=1)
    base = Case(
        "contract.publish", "prv-publish-noise", "noise of σ = 300, one colluder", scene.call(state, 0, Publish(spec))
    )
    yield base
    yield refused(base, "publish-noise-budget", "the budget does not hold one round", {noise + "budget": "1000"})
    yield refused(base, "publish-noise-colluders", "nobody honest is left", {noise + "colluders": "3"})
    yield refused(
        base,
        "publish-noise-samples",
        "weights would tell",
        {"/payload/spec/sample_count_max": "2"},
        "weighs with noise",
    )


# ---- the four steps


def advertise_cases() -> Iterable[Case]:
    """PRV-032, PRV-031."""
    play = begun(FOUR).advertise({1, 3})
    base = accepted(
        "advertise_keys",
        "advertise",
        "the third of four enters the round; members stay ascending",
        scene.call(play.state, 2, client_keys(0, 1, secrets(2))),
        "appends members in the order of arrival",
    )
    yield base
    yield from shared_refusals(base, "advertise", "5")
    yield refused(base, "advertise-scorer", "a scorer does not train", {"/sender": "5"})
    yield refused(base, "advertise-again", "it has advertised", {"/sender": "1"}, "takes the last keys")
    shown = "0x" + play.member(1).mask_key.hex()
    yield refused(base, "advertise-copied", "a mask key that another showed", {"/payload/mask_key": shown})
    yield refused(
        base,
        "advertise-crossed",
        "a share key that is another's mask key",
        {"/payload/share_key": shown},
        "compares by use",
    )
    own = base.input["payload"]["mask_key"]
    yield refused(base, "advertise-one-key", "one key for both uses", {"/payload/share_key": own})
    yield refused(base, "advertise-zero-mask", "a mask key of small order", {"/payload/mask_key": SMALL_ORDER})
    yield refused(base, "advertise-zero-share", "a share key of small order", {"/payload/share_key": SMALL_ORDER})
    yield refused(
        base, "advertise-again-copied", "again, and with a shown key", {"/sender": "1", "/payload/mask_key": shown}
    )
    grouped = begun(6, privacy=Privacy(1, 2, 2, 0, NO_NOISE))
    for trainer in (1, 4):
        yield accepted(
            "advertise_keys",
            f"advertise-group-{trainer}",
            "the group is the task's, not the arrival's",
            scene.call(grouped.state, trainer, client_keys(0, 1, secrets(trainer))),
        )


def share_cases() -> Iterable[Case]:
    """PRV-034, PRV-033."""
    play = begun(FOUR).advertise().to(WINDOW["SHARES"])
    dealt = client_shares(play.state, 0, 2, secrets(2))
    base = accepted(
        "share_keys", "share", "two shares for each of three neighbours", scene.call(play.state, 2, dealt)
    )
    yield base
    yield from shared_refusals(base, "share", "7")
    yield refused(base, "share-stranger", "a scorer advertised nothing", {"/sender": "5"})
    yield refused(base, "share-failed", "the group failed", {SECURE + "/groups/0/status": "1"})
    yield refused(
        base, "share-missing-edge", "one neighbour is left out", {"/payload/edges": None}, "pads with nothing"
    )
    after = share_keys(play.state, 2, dealt)
    given = scene.call(after, 1, client_shares(after, 0, 1, secrets(1)))
    second = accepted("share_keys", "share-second", "another member", given)
    yield second
    yield refused(second, "share-again", "it has dealt", {"/sender": "2"}, "takes the last dealing")
    some = begun(FOUR).advertise({1, 2, 4}).to(WINDOW["SHARES"])
    yield accepted(
        "share_keys",
        "share-without-one",
        "who advertised nothing is nobody's neighbour",
        scene.call(some.state, 4, client_shares(some.state, 0, 4, secrets(4))),
        "deals shares to all trainers",
    )


def input_cases() -> Iterable[Case]:
    """PRV-035."""
    play = begun(FOUR).advertise().to(WINDOW["SHARES"]).share({1, 2, 3}).to(WINDOW["INPUT"])
    root = scene.root_of(play.masked(2))
    base = accepted("masked_input", "input", "a blob is named", scene.call(play.state, 2, MaskedInput(0, 1, root)))
    yield base
    yield from shared_refusals(base, "input", "9")
    yield refused(base, "input-stranger", "a scorer advertised nothing", {"/sender": "5"})
    yield refused(base, "input-failed", "the group failed", {SECURE + "/groups/0/status": "2"})
    yield refused(base, "input-unshared", "it dealt no shares: its masks could not be taken off", {"/sender": "4"})
    given = play.give({1})
    second = accepted(
        "masked_input", "input-second", "another member", scene.call(given.state, 2, MaskedInput(0, 1, root))
    )
    yield second
    yield refused(second, "input-again", "it named a blob", {"/sender": "1"}, "takes the last blob")


def answer_play(dropped: Iterable[int] = (3,)) -> SecurePlay:
    """The first height of UNMASK; some dealt shares and gave no input."""
    gone = set(dropped)
    play = begun(FOUR).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
    return play.give(set(play.names) - gone).to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"])


def unshared_play() -> SecurePlay:
    """The first height of UNMASK; 4 advertised and dealt nothing."""
    play = begun(FOUR).advertise().to(WINDOW["SHARES"]).share({1, 2, 3}).to(WINDOW["INPUT"]).give()
    return play.to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"])


def unmask_cases() -> Iterable[Case]:
    """PRV-037, PRV-036."""
    play = answer_play()
    said = client_answer(play.state, 0, 2, secrets(2), NOT_ANSWERED)
    base = accepted(
        "unmask", "unmask", "shares of the seeds of 1 and 4, and of the key of 3", scene.call(play.state, 2, said)
    )
    yield base
    yield from shared_refusals(base, "unmask", "13")
    yield refused(base, "unmask-stranger", "a scorer advertised nothing", {"/sender": "5"})
    yield refused(base, "unmask-failed", "the group failed", {SECURE + "/groups/0/status": "3"})
    yield refused(base, "unmask-answered", "it has answered", {SECURE + "/members/1/answered": True})
    yield refused(
        base, "unmask-other-list", "the answer is to another list", {"/payload/list_root": OTHER}, "asks no list"
    )
    yield refused(base, "unmask-not-held", "the share is another holder's", {"/sender": "4"})
    yield refused(base, "unmask-order", "a dealer twice", {"/payload/shares/1/member": "1"})
    yield refused(base, "unmask-own", "a share of its own", {"/payload/shares/1/member": "2"})
    yield refused(base, "unmask-outsider", "nobody dealt that", {"/payload/shares/2/member": "5"})
    yield refused(
        base, "unmask-wrong", "not what was committed to", {"/payload/shares/0/share/0": "7"}, "trusts holders"
    )
    yield refused(base, "unmask-limbs", "four elements", {"/payload/shares/0/share": None})
    high = str(2**61 - 1)
    yield refused(base, "unmask-field", "an element that is none", {"/payload/shares/0/share/4": high})
    both = other_secret(play, 2, 3)
    yield refused(
        base,
        "unmask-seed-of-dropped",
        "the seed of a member that dropped out: with its key its input would be open",
        {f"/payload/shares/1/share/{place}": str(limb) for place, limb in enumerate(both)},
        "opens whichever secret is sent",
        follows=tuple(f"/payload/shares/1/share/{place}" for place in range(1, 5)),
    )
    yield accepted(
        "unmask",
        "unmask-part",
        "what could not be opened is left out",
        scene.call(play.state, 2, replace(said, shares=said.shares[1:])),
        "asks for every share",
    )
    unshared = unshared_play()
    given = scene.call(unshared.state, 2, client_answer(unshared.state, 0, 2, secrets(2), NOT_ANSWERED))
    three = accepted("unmask", "unmask-three", "one of four dealt nothing", given)
    yield three
    yield refused(three, "unmask-unshared", "it dealt no shares", {"/sender": "4"})
    late = client_answer(play.state, 0, 3, secrets(3), NOT_ANSWERED)
    yield accepted("unmask", "unmask-dropped", "who gave no input answers too", scene.call(play.state, 3, late))


def other_secret(play: SecurePlay, holder: int, dealer: int) -> tuple[int, ...]:
    """The holder's share of the dealer's secret that the list does not ask for."""
    as_survivor = replace(play.member(dealer), step=3)
    members = tuple(as_survivor if m.trainer == dealer else m for m in play.state.tasks[0].round.secure.members)
    task = play.state.tasks[0]
    round_ = replace(task.round, secure=replace(task.round.secure, members=members))
    state = replace(play.state, tasks=(replace(task, round=round_),))
    said = client_answer(state, 0, holder, secrets(holder), NOT_ANSWERED)
    return next(opened.share for opened in said.shares if opened.member == dealer)


# ---- deadlines


def graph_cases() -> Iterable[Case]:
    """PRV-033."""
    for count in (4, 3, 2):
        play = begun(FOUR).advertise(range(1, count + 1))
        state = replace(play.state, height=WINDOW["SHARES"])
        yield accepted(
            "draw_graphs",
            f"graphs-{count}",
            f"{count} of four advertised; t + 1 = 3 are needed",
            scene.deadline(state),
            "needs only t members",
        )
    grouped = begun(6, privacy=Privacy(1, 2, 2, 0, NO_NOISE)).advertise({1, 2, 3, 4, 5})
    yield accepted(
        "draw_graphs",
        "graphs-groups",
        "one of two groups lacks a member and fails alone",
        scene.deadline(replace(grouped.state, height=WINDOW["SHARES"])),
        "fails the whole round",
    )
    sparse = begun(8, privacy=Privacy(1, 1, 2, 4, NO_NOISE), samples={8: 1}).advertise().to(WINDOW["SHARES"])
    given: Json = {**scene.deadline(sparse.state), "group": "0"}
    yield accepted("neighbours", "neighbours-sparse", "eight members, four neighbours each", given)
    few = begun(8, privacy=Privacy(1, 1, 2, 4, NO_NOISE)).advertise({1, 2, 5, 7, 8}).to(WINDOW["SHARES"])
    yield accepted(
        "neighbours",
        "neighbours-few",
        "five advertised, so everybody is everybody's neighbour",
        {**scene.deadline(few.state), "group": "0"},
        "draws the graph over all trainers",
    )
    yield accepted("group_trainers", "groups-one", "one group", scene.deadline(begun(FOUR).state))
    yield accepted("group_trainers", "groups-two", "two groups of three", scene.deadline(grouped.state))
    uneven = begun(7, privacy=Privacy(1, 2, 2, 0, NO_NOISE))
    yield accepted(
        "group_trainers", "groups-uneven", "seven trainers: groups of four and three", scene.deadline(uneven.state)
    )


def close_cases() -> Iterable[Case]:
    """PRV-034, PRV-035."""
    for who in ((1, 2, 3, 4), (1, 2, 4), (1, 2), ()):
        play = begun(FOUR).advertise().to(WINDOW["SHARES"]).share(who)
        state = replace(play.state, height=WINDOW["INPUT"])
        comment = f"{len(who)} of four dealt their shares"
        yield accepted("close_shares", f"shares-{len(who)}", comment, scene.deadline(state), "counts who advertised")
    for name, gave, attested in (
        ("all", (1, 2, 3, 4), (1, 2, 3, 4)),
        ("three", (1, 2, 4), (1, 2, 4)),
        ("unattested", (1, 2, 3, 4), (2, 3, 4)),
        ("two", (1, 4), (1, 4)),
        ("none", (), ()),
    ):
        play = begun(FOUR).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
        play.give(gave).to(WINDOW["ATTEST"]).attest(attested)
        state = replace(play.state, height=WINDOW["UNMASK"])
        yield accepted(
            "close_inputs",
            f"inputs-{name}",
            f"inputs of {gave}, of which {attested} are available",
            scene.deadline(state, play.blobs),
            "lets two survive",
        )
    yield from judged_cases()


def judged_cases() -> Iterable[Case]:
    """PRV-035: what a masked input must look like."""
    play = begun(FOUR).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give().to(WINDOW["ATTEST"])
    for name, changes in (("kind", {"kind": 2}), ("element", {"element": 0}), ("layout", {"layout_root": bytes(32)})):
        odd = play.masked(1)
        blob = replace(odd, blob=replace(odd.blob, **changes))
        yield lost_case(play, name, blob.blob, blob.data)
    whole = play.masked(1)

    short = whole.data[:-8]
    yield lost_case(play, "short", commit_blob(BLOB_MASKED, whole.blob.element, whole.blob.layout_root, short), short)
    complete = replace(play).attest()
    given = scene.deadline(replace(complete.state, height=WINDOW["UNMASK"]), complete.blobs)
    base = accepted("close_inputs", "inputs-all", "every blob is at hand", given)
    yield refused(base, "inputs-blob-missing", "an attested blob is not at hand", {"/blobs": None})


def lost_case(play: SecurePlay, name: str, blob: Blob, data: bytes) -> Case:
    """A member whose blob is available and of another form."""

    odd = BlobData(blob, data)
    state = set_member(play.state, 0, replace(play.member(1), blob_root=scene.root_of(odd)))
    after = replace(play, state=state, blobs={**play.blobs, scene.root_of(odd): odd}).attest()
    given = scene.deadline(replace(after.state, height=WINDOW["UNMASK"]), after.blobs)
    return accepted("close_inputs", f"inputs-odd-{name}", f"a blob of another {name} is no masked input", given)


def opened_play(drop: Mapping[int, int] | None = None, answer: Iterable[int] | None = None) -> SecurePlay:
    """The first height of SCORE_COMMIT, before its deadline; `drop` says before which step who stops."""
    stops = drop or {}
    still = {step: {t for t in range(1, FOUR + 1) if stops.get(t, 9) > step} for step in (1, 2, 3, 4)}
    play = begun(FOUR).advertise(still[1]).to(WINDOW["SHARES"]).share(still[2]).to(WINDOW["INPUT"])
    play.give(still[3]).to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"])
    play.answer(still[4] if answer is None else set(answer))
    play.state = replace(play.state, height=WINDOW["SCORE_COMMIT"])
    return play


def opening_cases() -> Iterable[Case]:
    """PRV-038."""
    for name, comment, stops in (
        ("whole", "nobody drops out", {}),
        ("key-step", "one never advertises", {1: 1}),
        ("share-step", "one advertises and deals nothing", {2: 2}),
        ("input-step", "one deals and gives no input: its key is rebuilt", {3: 3}),
        ("answer-step", "one gives an input and does not answer", {4: 4}),
        ("input-and-answer", "one gives no input, another no answer: some seed has one share left", {1: 3, 4: 4}),
        ("two-silent", "two of four do not answer: each seed of the others has one share left", {1: 4, 2: 4}),
    ):
        play = opened_play(stops)
        yield accepted("open_groups", f"open-{name}", comment, scene.deadline(play.state, play.blobs))
    mute = opened_play(answer=(1,))
    yield accepted(
        "open_groups", "open-one-answer", "one answer is below the threshold", scene.deadline(mute.state, mute.blobs)
    )
    yield from cheating_cases()
    play = opened_play()
    base = accepted("open_groups", "open-whole", "nobody drops out", scene.deadline(play.state, play.blobs))
    yield refused(base, "open-blob-missing", "a masked input is not at hand", {"/blobs": None})
    extreme = opened_play()
    task = extreme.state.tasks[0]
    lower = replace(task.spec, sample_count_max=10)
    state = replace(extreme.state, tasks=(replace(task, spec=lower),))
    yield accepted(
        "open_groups", "open-samples", "more samples than survivors may have", scene.deadline(state, extreme.blobs)
    )
    yield from grouped_cases()


def cheating_cases() -> Iterable[Case]:
    """PRV-038: dealers and members that do what they must not."""
    play = begun(FOUR).advertise().to(WINDOW["SHARES"])
    honest = client_shares(play.state, 0, 1, secrets(1))
    mixed = client_shares(play.state, 0, 1, replace(secrets(1), seed=bytes(31) + b"\1"))
    crooked = replace(honest, edges=(mixed.edges[0], *honest.edges[1:]))
    for name, dealt, comment in (
        ("mark", replace(honest, seed_mark=bytes(32)), "the mark is of no seed: the dealer is named"),
        ("mixed", crooked, "one share is of another seed: the dealer is named"),
    ):
        again = replace(play, state=share_keys(play.state, 1, dealt))
        again.share({2, 3, 4}).to(WINDOW["INPUT"]).give().to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
        again.state = replace(again.state, height=WINDOW["SCORE_COMMIT"])
        given = scene.deadline(again.state, again.blobs)
        yield accepted("open_groups", f"open-dealer-{name}", comment, given, "drops the group and names nobody")
    out = begun(FOUR).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"]).give({2, 3, 4})
    huge = replace(out, state=out.state, samples={1: 100})
    blob = _overflowing(huge)

    huge.blobs[scene.root_of(blob)] = blob
    huge.state = masked_input(huge.state, 1, MaskedInput(0, 1, scene.root_of(blob)))
    huge.to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    huge.state = replace(huge.state, height=WINDOW["SCORE_COMMIT"])
    yield accepted(
        "open_groups",
        "open-sum-range",
        "a member added what no valid update has: the sum is dropped whole",
        scene.deadline(huge.state, huge.blobs),
        "clamps the sum",
    )


def _overflowing(play: SecurePlay) -> BlobData:
    """A masked input of trainer 1 with a coordinate far beyond the domain."""

    whole = play.masked(1)
    words = np.frombuffer(whole.data, dtype=f"<u{len(whole.data) // 3}").copy()
    words[0] += 2**29
    data = words.tobytes()
    return BlobData(commit_blob(BLOB_MASKED, whole.blob.element, whole.blob.layout_root, data), data)


def grouped_cases() -> Iterable[Case]:
    """PRV-038, PRV-039: several groups, of which one fails."""
    play = (
        begun(6, privacy=Privacy(1, 2, 2, 0, NO_NOISE)).advertise().to(WINDOW["SHARES"]).share().to(WINDOW["INPUT"])
    )
    play.give({1, 2, 3, 4, 5}).to(WINDOW["ATTEST"]).attest().to(WINDOW["UNMASK"]).answer()
    play.state = replace(play.state, height=WINDOW["SCORE_COMMIT"])
    yield accepted(
        "open_groups",
        "open-groups",
        "one group lacks an input, the other becomes an update",
        scene.deadline(play.state, play.blobs),
    )


# ---- clients


def client_cases() -> Iterable[Case]:
    """PRV-041, PRV-042, PRV-043."""
    keys: Json = {"task": "0", "round": "1", "secrets": secrets_json(2)}
    yield accepted("client_keys", "client-keys", "two public keys", keys)
    play = begun(FOUR).advertise({1, 2, 3}).to(WINDOW["SHARES"])
    dealing = accepted("client_shares", "client-shares", "two secrets to two neighbours", client_json(play, 2))
    yield dealing
    yield refused(dealing, "client-shares-absent", "it did not advertise", {"/own": "4"})
    yield refused(dealing, "client-shares-failed", "the group failed", {SECURE + "/groups/0/status": "1"})
    play = begun(FOUR).advertise().to(WINDOW["SHARES"]).share({1, 2, 3}).to(WINDOW["INPUT"])
    given = {**client_json(play, 2), "update": vector(2).tolist(), "samples": "20"}
    masked = accepted(
        "client_input", "client-input", "masks with the neighbours that dealt", given, "masks with all who advertised"
    )
    yield masked
    yield refused(masked, "client-input-unshared", "it dealt no shares", {"/own": "4"})
    yield refused(masked, "client-input-absent", "it did not advertise", {"/own": "5"})
    yield refused(masked, "client-input-failed", "the group failed", {SECURE + "/groups/0/status": "2"})
    yield refused(masked, "client-input-no-samples", "no samples", {"/samples": "0"})
    yield refused(masked, "client-input-samples", "more than the task's cap", {"/samples": "101"})
    yield refused(masked, "client-input-domain", "a coordinate beyond Q", {"/update/0": 2**20})
    yield refused(
        masked, "client-input-order", "both; samples are asked first", {"/samples": "0", "/update/0": 2**20}
    )
    yield from answer_cases()
    yield from list_cases()


def answer_cases() -> Iterable[Case]:
    """PRV-043: what a member answers."""
    play = answer_play()
    given = {**client_json(play, 2), "answered": "0x" + NOT_ANSWERED.hex()}
    base = accepted("client_answer", "client-answer", "seeds of survivors, the key of who dropped out", given)
    yield base
    root = "0x" + hash_tree_root(survivor_list(play.state, 0, 0)).hex()
    yield also(base, "client-answer-again", "the same list again: the same answer", {"/answered": root})
    yield refused(
        base, "client-answer-second-list", "it answered another list", {"/answered": OTHER}, "forgets restarts"
    )
    yield refused(base, "client-answer-few", "two survivors", {SECURE + "/members/3/step": "1"}, "answers for two")
    unshared = unshared_play()
    whole = accepted(
        "client_answer", "client-answer-three", "three of four dealt", {**given, **client_json(unshared, 2)}
    )
    yield whole
    yield refused(whole, "client-answer-unshared", "it dealt no shares", {"/own": "4"}, follows=("/secrets",))
    yield refused(base, "client-answer-absent", "it did not advertise", {"/own": "5"})
    yield refused(base, "client-answer-failed", "the group failed", {SECURE + "/groups/0/status": "3"})
    spoiled = {SECURE + "/members/0/edges/0/sealed": "0x" + "00" * 96}
    yield also(
        base, "client-answer-unreadable", "a message that cannot be opened is left out", spoiled, "stops there"
    )
    moved = play.member(4).edges
    replayed = {SECURE + "/members/0/edges/0/sealed": "0x" + moved[1].sealed.hex()}
    yield also(base, "client-answer-replayed", "another dealer's message to the same holder", replayed)
    lied = {SECURE + "/members/0/edges/0/seed_commitment": OTHER}
    yield also(base, "client-answer-uncommitted", "a share that was not committed to is left out", lied)


def list_cases() -> Iterable[Case]:
    """PRV-043: which lists a member answers."""
    play = answer_play()
    of_group: Json = {**scene.deadline(play.state), "group": "0"}
    yield accepted("survivor_list", "survivors", "three survived, one dealt and gave no input", of_group)
    listed = survivor_list(play.state, 0, 0)
    graph = neighbours(play.state.tasks[0], 0, 0)
    rows = [{"member": str(own), "around": [str(m) for m in around]} for own, around in graph.items()]
    given: Json = {
        "list": to_json(listed),
        "own": "2",
        "neighbours": rows,
        "threshold": "2",
        "answered": "0x" + NOT_ANSWERED.hex(),
    }
    base = accepted("check_list", "list", "three survivors, one dropped out", given)
    yield base
    yield also(base, "list-dropped", "the member itself dropped out", {"/own": "3"})
    yield refused(base, "list-unordered", "survivors do not ascend", {"/list/survivors": ["1", "4", "2"]})
    yield refused(base, "list-twice", "a survivor twice", {"/list/survivors": ["1", "2", "2", "4"]})
    yield refused(base, "list-dropped-unordered", "dropped members do not ascend", {"/list/dropped": ["3", "3"]})
    yield refused(
        base, "list-overlap", "a member survived and dropped out", {"/list/dropped": ["3", "4"]}, "opens both secrets"
    )
    yield refused(base, "list-stranger", "the member is not in it", {"/own": "5"})
    yield refused(
        base, "list-off-graph", "somebody did not advertise", {"/list/dropped": ["3", "9"]}, "trusts the list"
    )
    yield refused(base, "list-few", "two survivors", {"/list/survivors": ["1", "2"]}, "answers for two")
    yield refused(base, "list-threshold", "the threshold is above who is left", {"/threshold": "4"})
    yield refused(base, "list-second", "another list was answered", {"/answered": OTHER}, "answers twice")


def secrets_json(trainer: int) -> Json:
    """Secrets as a client is given them."""
    return {name: "0x" + value.hex() for name, value in vars(secrets(trainer)).items()}


def client_json(play: SecurePlay, own: int) -> Json:
    """What a client computes from."""
    return {**scene.deadline(play.state), "own": str(own), "secrets": secrets_json(own)}


CASES: tuple[Case, ...] = (
    *publish_cases(),
    *advertise_cases(),
    *share_cases(),
    *input_cases(),
    *unmask_cases(),
    *graph_cases(),
    *close_cases(),
    *opening_cases(),
    *client_cases(),
)
