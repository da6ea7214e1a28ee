"""The cases of the contract's operations (CTR-002 ... CTR-017, INC-007, INC-009)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bcfl_ref.contract.attestation import attest
from bcfl_ref.contract.rounds import reveal_update
from bcfl_ref.encoding import BLOB_MODEL, hash_tree_root, to_json
from bcfl_ref.operations._base import Case, Json
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.operations.contract import blob_from_json, blobs_to_json
from bcfl_ref.types import (
    ZERO_ROOT,
    AggregationRule,
    Available,
    ClaimAggregate,
    CommitScores,
    Committee,
    CommitUpdate,
    Join,
    Publish,
    Seat,
    State,
    Testimony,
)

TASK = "/state/tasks/0"
HEIGHT = "/state/height"
OTHER_ROOT = "0x" + "77" * 32


def accepted(operation: str, name: str, comment: str, given: Json, bug: str | None = None) -> Case:
    """A case that the reference accepts."""
    return Case(f"contract.{operation}", f"ctr-{name}", comment, given, bug=bug)


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
    return Case(
        twin.operation,
        f"ctr-{name}",
        comment,
        scene.changed(twin.input, changes),
        bug=bug,
        twin=twin.id,
        two_fault=len(own) == 2,
        follows=follows,
    )


def also(base: Case, name: str, comment: str, changes: Mapping[str, Json], bug: str | None = None) -> Case:
    """An accepted case that differs from another accepted one."""
    return Case(base.operation, f"ctr-{name}", comment, scene.changed(base.input, changes), bug=bug)


# ---- publish


def publish_cases() -> Iterable[Case]:
    """CTR-003, CTR-002."""
    given = scene.call(scene.empty_state(), 0, Publish(scene.SPEC))
    base = accepted("publish", "publish-two-rounds", "two rounds of 100 tokens go into escrow", given)
    balance = "/state/identities/0/balance"
    exact = also(
        base, "publish-last-token", "the balance is exactly rounds · reward_round", {balance: "200"}, "asks for more"
    )
    ended = replace(scene.to_height(scene.published(), 3), parameters=replace(scene.PARAMETERS, tasks_open_max=1))
    after = accepted(
        "publish",
        "publish-after-aborted",
        "an aborted task is not open, so there is room for one more; its number is not used again",
        scene.call(ended, 3, Publish(scene.SPEC)),
        "counts every task ever published",
    )
    selected = also(
        base,
        "publish-selected",
        "one aggregator is drawn each round",
        {"/payload/spec/averaging": "0", "/payload/spec/aggregators": "1"},
    )
    bounds = {
        "rounds": "1",
        "window_heights": "2",
        "trainers_min": "1",
        "trainers_max": "64",
        "scorers_min": "1",
        "scorers_max": "64",
        "payment": "1",
        "reward_round": "1",
        "trainers_bps": "10000",
        "scorers_bps": "0",
        "aggregators_bps": "0",
        "deposit": "1",
        "sample_count_max": "1",
        "acceptance_bps": "10000",
    }
    seams = {f"/payload/spec/{name}": value for name, value in bounds.items()}
    yield from (base, exact, after, selected)
    yield also(
        base, "publish-every-bound", "every field at the edge of what is allowed", seams, "takes a bound as exclusive"
    )
    yield refused(
        after, "publish-one-open", "the only open task there may be", {TASK + "/phase": "1"}, "forgets registration"
    )
    yield refused(
        after, "publish-one-running", "a running task is open too", {TASK + "/phase": "2"}, "forgets running tasks"
    )
    yield refused(exact, "publish-a-token-short", "one token is missing", {balance: "199"}, "escrows what is there")
    wraps = {"/payload/spec/reward_round": str(2**63)}
    yield refused(base, "publish-product-wraps", "2 · 2^63 is 0 in 64 bits", wraps, "multiplies in 64 bits")
    most = {**seams, "/payload/spec/trainers_min": "64", "/payload/spec/scorers_min": "64"}
    most = {**most, "/payload/spec/sample_count_max": "65535", "/payload/spec/acceptance_bps": "0"}
    yield also(base, "publish-other-bounds", "the other edges of what is allowed", most, "takes a bound as exclusive")
    yield from spec_cases(base, selected)
    two = {TASK + "/phase": "1", "/payload/spec/rounds": "0"}
    yield refused(
        after, "publish-full-and-invalid", "no room comes before an invalid specification", two, "order of guards"
    )
    two = {balance: "199", "/payload/spec/rounds": "0"}
    poor = "an invalid specification comes before an empty purse"
    yield refused(exact, "publish-invalid-and-poor", poor, two, "order of guards")


def spec_cases(base: Case, selected: Case) -> Iterable[Case]:
    """CTR-002: one case for every bound of a task specification."""
    wrong = (
        ("no-rounds", "rounds", "0", "no round at all"),
        ("window-short", "window_heights", "1", "a window below window_heights_min"),
        ("registration-short", "registration_heights", "1", "a registration below window_heights_min"),
        ("no-trainers", "trainers_min", "0", "nobody needs to train"),
        ("trainers-crossed", "trainers_min", "4", "more trainers needed than there may be"),
        ("trainers-many", "trainers_max", "65", "more trainers than participants_max"),
        ("no-scorers", "scorers_min", "0", "nobody needs to score"),
        ("scorers-crossed", "scorers_min", "4", "more scorers needed than there may be"),
        ("scorers-many", "scorers_max", "65", "more scorers than participants_max"),
        ("averaging-unknown", "averaging", "2", "there is no third mode"),
        ("payment-unknown", "payment", "2", "there is no third way to pay"),
        ("no-reward", "reward_round", "0", "work for nothing"),
        ("shares-short", "aggregators_bps", "999", "the shares sum to 9999"),
        ("no-deposit", "deposit", "0", "a deposit of 0 could not be told from one that was lost"),
        ("no-samples", "sample_count_max", "0", "no sample count could be declared"),
        ("samples-many", "sample_count_max", "65536", "a weight must stay below 2^16"),
        ("acceptance-high", "acceptance_bps", "10001", "a bar above the reference itself"),
    )
    for name, field, value, comment in wrong:
        yield refused(base, f"publish-{name}", comment, {f"/payload/spec/{field}": value})
    path = "/payload/spec/"
    wrap = {path + "trainers_bps": "65535", path + "scorers_bps": "9001"}
    follows = (path + "scorers_bps",)
    yield refused(
        base, "publish-shares-wrap", "the shares sum to 10000 + 2^16", wrap, "adds in 16 bits", follows=follows
    )
    nobody = {path + "aggregators": "0"}
    yield refused(selected, "publish-no-aggregator", "selected mode needs one aggregator", nobody)
    yield refused(base, "publish-rate-zero", "a rule that AGG-020 refuses", {path + "rule/eta_numerator": "0"})
    outside = {path + "rule/name": "128"}
    yield refused(base, "publish-extension", "an extension that the genesis does not name", outside)
    krum = {path + "rule": to_json(AggregationRule(4, 1, 1, 0, 0, 0, 0))}
    few = "Krum with f = 0 needs three updates; three trainers may come, but two are called enough"
    yield refused(base, "publish-krum-few", few, krum, "asks the rule about trainers_max only")


# ---- join


def join_cases() -> Iterable[Case]:
    """CTR-004."""
    state = scene.published()
    base = accepted("join", "join-trainer", "the first trainer", scene.call(state, 1, Join(0, 1, scene.TERMS_ROOT)))
    yield base
    yield also(base, "join-scorer", "the first scorer", {"/payload/role": "2"})
    yield also(base, "join-issuer", "the issuer may take part", {"/sender": "0"}, "keeps the issuer out")
    yield also(base, "join-last-token", "the balance is exactly the deposit", {"/state/identities/1/balance": "10"})
    yield also(base, "join-last-height", "the last height of registration", {HEIGHT: "2"}, "closes a height early")
    second = accepted(
        "join",
        "join-second-role",
        "scorer 3 becomes a trainer as well: a deposit per role, entries by role, then index",
        scene.call(scene.joined(), 3, Join(0, 1, scene.TERMS_ROOT)),
        "one role per identity",
    )
    yield second
    place = {TASK + "/spec/trainers_max": "1"}
    one = accepted("join", "join-last-place", "the one place for a trainer", scene.changed(base.input, place))
    yield one
    yield refused(base, "join-no-task", "there is one task, number 0", {"/payload/task": "1"})
    yield refused(base, "join-started", "the task is running", {TASK + "/phase": "2"})
    yield refused(base, "join-ended", "the task was aborted", {TASK + "/phase": "4"})
    yield refused(base, "join-role-0", "no role has number 0", {"/payload/role": "0"})
    yield refused(base, "join-role-3", "no role has number 3", {"/payload/role": "3"})
    yield refused(base, "join-other-terms", "consent to other terms", {"/payload/terms_root": OTHER_ROOT})
    yield refused(second, "join-again", "scorer 3 is a scorer already", {"/payload/role": "2"}, "a second deposit")
    full = {TASK + "/spec/trainers_max": "2"}
    yield refused(second, "join-full", "two places, two trainers", full, "counts both roles or neither")
    poor = {"/state/identities/1/balance": "9"}
    yield refused(base, "join-poor", "a token short of the deposit", poor)
    two: dict[str, Json] = {"/payload/role": "3", "/payload/terms_root": OTHER_ROOT}
    yield refused(base, "join-role-and-terms", "the role is asked before the terms", two, "order of guards")
    two = {"/payload/role": "2", TASK + "/spec/scorers_max": "2"}
    yield refused(second, "join-again-and-full", "joining twice is asked before the places", two, "order of guards")
    two = {TASK + "/spec/trainers_max": "0", "/state/identities/1/balance": "9"}
    yield refused(base, "join-full-and-poor", "the places are asked before the purse", two, "order of guards")
    two = {TASK + "/phase": "2", "/payload/role": "3"}
    yield refused(base, "join-started-and-role", "the phase is asked before the role", two, "order of guards")


# ---- commitments


def commit_update_cases() -> Iterable[Case]:
    """CTR-006."""
    state = scene.running()
    commitment = hash_tree_root(scene.opening(state, 2, scene.UPDATES[2], 50))
    given = scene.call(state, 2, CommitUpdate(0, 1, commitment))
    base = accepted(
        "commit_update", "commit-first-height", "the first commitment, at the first height of COMMIT", given
    )
    last = also(base, "commit-last-height", "the last height of COMMIT", {HEIGHT: "4"}, "closes a height early")
    state = scene.to_height(scene.committed(), 5)
    task = state.tasks[0]
    lone = replace(task, round=replace(task.round, updates=(replace(task.round.updates[1], order=0),)))
    given = scene.call(
        replace(state, height=4, tasks=(lone,)), 1, CommitUpdate(0, 1, task.round.updates[0].commitment)
    )
    later = accepted(
        "commit_update",
        "commit-lower-index-later",
        "trainer 1 commits after trainer 2: it stands before it and has order 1",
        given,
        "keeps updates in order of arrival, or takes the position for the order",
    )
    yield from (base, last, later)
    yield from round_guards(base, last, "5", "commit")
    yield refused(base, "commit-scorer", "identity 3 only scores", {"/sender": "3"}, "asks for any role")
    yield refused(base, "commit-stranger", "identity 0 has no role", {"/sender": "0"})
    lost = {TASK + "/participants/1/deposit": "0"}
    yield refused(
        base, "commit-slashed", "trainer 2 lost its deposit in an earlier round", lost, "looks for the entry only"
    )
    yield refused(later, "commit-twice", "trainer 2 has committed", {"/sender": "2"}, "takes the last commitment")
    two = {HEIGHT: "5", "/sender": "3"}
    yield refused(last, "commit-late-and-scorer", "the window is asked before the role", two, "order of guards")
    two = {"/sender": "2", TASK + "/participants/1/deposit": "0"}
    yield refused(
        later, "commit-twice-and-slashed", "the role is asked before the commitment", two, "order of guards"
    )


def round_guards(base: Case, last: Case, after: str, name: str) -> Iterable[Case]:
    """CTR-005: the three guards that all transactions of a round share; `after` is the height after the window."""
    yield refused(base, f"{name}-no-task", "there is one task, number 0", {"/payload/task": "1"})
    yield refused(base, f"{name}-round-before", "round 0 was never", {"/payload/round": "0"})
    yield refused(base, f"{name}-round-after", "round 2 has not begun", {"/payload/round": "2"}, "takes any round")
    yield refused(base, f"{name}-task-ended", "the task is completed", {TASK + "/phase": "3"})
    yield refused(last, f"{name}-window-after", "a height after the window", {HEIGHT: after}, "one height too many")
    before = str(int(after) - 3)
    yield refused(
        base, f"{name}-window-before", "a height before the window", {HEIGHT: before}, "one height too early"
    )
    two = {"/payload/round": "2", HEIGHT: after}
    yield refused(last, f"{name}-round-and-window", "the round is asked before the window", two, "order of guards")


def commit_scores_cases() -> Iterable[Case]:
    """CTR-009."""
    state = scene.eligible()
    commitment = hash_tree_root(scene.sheet(state, 3, scene.CORRECT[3]))
    given = scene.call(state, 3, CommitScores(0, 1, commitment))
    base = accepted("commit_scores", "sheet-first-height", "the first sheet, at the first height", given)
    last = also(base, "sheet-last-height", "the last height of SCORE_COMMIT", {HEIGHT: "10"})
    state = scene.scoring()
    task = state.tasks[0]
    lone = replace(task, round=replace(task.round, sheets=task.round.sheets[1:]))
    given = scene.call(
        replace(state, height=10, tasks=(lone,)), 2, CommitScores(0, 1, task.round.sheets[0].commitment)
    )
    later = accepted("commit_scores", "sheet-lower-index-later", "sheets stand in ascending index", given)
    yield from (base, last, later)
    yield from round_guards(base, last, "11", "sheet")
    yield refused(base, "sheet-trainer", "identity 1 only trains", {"/sender": "1"}, "asks for any role")
    lost = {TASK + "/participants/3/deposit": "0"}
    yield refused(base, "sheet-slashed", "scorer 3 lost its deposit in an earlier round", lost)
    yield refused(later, "sheet-twice", "scorer 3 has committed", {"/sender": "3"})
    two = {HEIGHT: "11", "/sender": "1"}
    yield refused(last, "sheet-late-and-trainer", "the window is asked before the role", two, "order of guards")


# ---- reveals


def reveal_update_cases() -> Iterable[Case]:
    """CTR-007."""
    state = scene.committed()
    opened = scene.reveal_of(scene.opening(state, 1, scene.UPDATES[1], scene.SAMPLES[1]))
    base = accepted("reveal_update", "reveal-first-height", "a reveal that matches", scene.call(state, 1, opened))
    last = also(base, "reveal-last-height", "the last height of REVEAL", {HEIGHT: "6"})
    yield from (base, last)
    yield from mismatch_cases(base)
    yield from duplicate_cases()
    yield from round_guards(base, last, "7", "reveal")
    nothing = {TASK + "/round/updates": to_json(state)["tasks"][0]["round"]["updates"][1:]}
    yield refused(base, "reveal-uncommitted", "trainer 1 has not committed", nothing)
    for status, name in (("1", "revealed"), ("2", "mismatched"), ("3", "duplicate")):
        done = {TASK + "/round/updates/0/status": status}
        yield refused(base, f"reveal-{name}", f"the update is {name} already", done, "lets a trainer try again")
    yield refused(base, "reveal-no-samples", "a sample count of 0", {"/payload/sample_count": "0"})
    many = {TASK + "/spec/sample_count_max": "29"}
    yield refused(base, "reveal-many-samples", "one sample more than the task allows", many)
    one = scene.opening(state, 1, scene.UPDATES[1], 1)
    given = scene.call(state, 1, scene.reveal_of(one))
    given = scene.changed(given, {TASK + "/round/updates/0/commitment": "0x" + hash_tree_root(one).hex()})
    yield accepted("reveal_update", "reveal-one-sample", "a sample count of 1", given, "takes the bound as exclusive")
    cap = {TASK + "/spec/sample_count_max": "30"}
    yield also(base, "reveal-samples-at-cap", "as many samples as the task allows", cap)
    two = {"/payload/sample_count": "0", "/payload/salt": OTHER_ROOT}
    comment = "a sample count out of range is refused before the commitment is looked at: it costs nothing"
    yield refused(base, "reveal-samples-and-salt", comment, two, "slashes for a refused reveal")
    two = {TASK + "/round/updates/0/status": "1", "/payload/sample_count": "0"}
    yield refused(base, "reveal-again-and-samples", "revealing twice is asked first", two, "order of guards")


def mismatch_cases(base: Case) -> Iterable[Case]:
    """CTR-007, INC-009: reveals that do not match are accepted, and cost the deposit as trainer."""
    comment = "another {}: the trainer's deposit goes to the treasury, its reputation to the floor"
    for name, path, value in (
        ("salt", "/payload/salt", OTHER_ROOT),
        ("blob", "/payload/blob_root", OTHER_ROOT),
        ("sample-count", "/payload/sample_count", "31"),
        ("base-model", TASK + "/model_root", OTHER_ROOT),
        ("genesis", "/state/genesis_root", OTHER_ROOT),
    ):
        bug = f"leaves the {name} out of the commitment"
        yield also(base, f"reveal-other-{name}", comment.format(name.replace("-", " ")), {path: value}, bug)
    copied = {
        TASK + "/round/updates/0/commitment": base.input["state"]["tasks"][0]["round"]["updates"][1]["commitment"]
    }
    state = scene.committed()
    theirs = scene.reveal_of(scene.opening(state, 2, scene.UPDATES[2], scene.SAMPLES[2]))
    given = scene.changed(scene.call(state, 1, theirs), copied)
    text = "trainer 1 copied the commitment of trainer 2 and opens it with their values"
    yield accepted(
        "reveal_update", "reveal-copied-commitment", text, given, "leaves the sender out of the commitment"
    )
    both = scene.call(state, 2, replace(theirs, salt=ZERO_ROOT))
    text = "trainer 2 also scores: only the deposit as trainer is lost"
    yield accepted("reveal_update", "reveal-mismatch-two-roles", text, both, "takes every deposit of the identity")


def duplicate_cases() -> Iterable[Case]:
    """CTR-007: of equal blobs the one committed first stands."""
    same = {1: scene.UPDATES[1], 2: scene.UPDATES[1]}
    state = scene.committed(same)
    opened = {sender: scene.opening(state, sender, same[sender], scene.SAMPLES[sender]) for sender in same}
    root = scene.root_of(scene.UPDATES[1])
    first = reveal_update(state, 2, scene.reveal_of(opened[2]))
    text = "trainer 1 reveals the blob that trainer 2 committed to first: a copy"
    given = scene.call(first, 1, scene.reveal_of(opened[1]))
    yield accepted("reveal_update", "reveal-copy", text, given, "the lower index wins")
    second = reveal_update(state, 1, scene.reveal_of(opened[1]))
    for seat in (0, 3):
        second = attest(second, seat, Available(0, (root,)))
    text = "trainer 1 revealed first, trainer 2 committed first: 2 stands and takes over the attesters, 1 is the copy"
    given = scene.call(second, 2, scene.reveal_of(opened[2]))
    yield accepted("reveal_update", "reveal-original-after-copy", text, given, "the first reveal wins")
    zero = replace(opened[1], blob_root=ZERO_ROOT)
    updates = list(state.tasks[0].round.updates)
    updates[0] = replace(updates[0], commitment=hash_tree_root(zero))
    task = replace(state.tasks[0], round=replace(state.tasks[0].round, updates=tuple(updates)))
    text = "a reveal of the zero root, which every unrevealed update carries too: trainer 2 is not touched"
    given = scene.call(replace(state, tasks=(task,)), 1, scene.reveal_of(zero))
    yield accepted("reveal_update", "reveal-zero-root", text, given, "takes unrevealed updates for copies")


def reveal_scores_cases() -> Iterable[Case]:
    """CTR-010."""
    state = scene.scoring()
    opened = scene.sheet(state, 3, scene.CORRECT[3])
    given = scene.call(state, 3, scene.sheet_reveal(opened))
    base = accepted("reveal_scores", "testimony-first-height", "scorer 3 judges both updates", given)
    last = also(base, "testimony-last-height", "the last height of SCORE_REVEAL", {HEIGHT: "12"})
    own = accepted(
        "reveal_scores",
        "testimony-own-left-out",
        "scorer 2 trains too and judges only the update of trainer 1",
        scene.call(state, 2, scene.sheet_reveal(scene.sheet(state, 2, scene.CORRECT[2]))),
        "asks for the own update, or for its place",
    )
    yield from (base, last, own)
    for name, path, value in (("salt", "/payload/salt", OTHER_ROOT), ("score", "/payload/entries/0/correct", "99")):
        text = f"another {name}: the scorer's deposit goes to the treasury, its reputation to the floor"
        yield also(base, f"testimony-other-{name}", text, {path: value}, f"leaves the {name} out of the commitment")
    lone = scene.scoring({3: {2: 60}}, updates={2: scene.UPDATES[2]})
    yield from (
        accepted(
            "reveal_scores",
            "testimony-empty",
            "scorer 2 finds no eligible update but its own: an empty list, committed and revealed",
            scene.call(empty_sheet(lone), 2, scene.sheet_reveal(replace(opened, sender=2, entries=()))),
        ),
    )
    yield from round_guards(base, last, "13", "testimony")
    entries = base.input["payload"]["entries"]
    sheets = base.input["state"]["tasks"][0]["round"]["sheets"]
    yield refused(base, "testimony-uncommitted", "scorer 3 has not committed", {TASK + "/round/sheets": sheets[:1]})
    for status, name in (("1", "revealed"), ("2", "mismatched")):
        done = {TASK + "/round/sheets/1/status": status}
        yield refused(base, f"testimony-{name}", f"the sheet is {name} already", done)
    cover = {
        "one-left-out": (entries[:1], "one update is left out"),
        "one-too-many": ([*entries, entries[1]], "an update too many"),
        "none": ([], "no update at all"),
    }
    for name, (wrong, text) in cover.items():
        yield refused(base, f"testimony-{name}", text, {"/payload/entries": wrong}, "judges a part of the field")
    swapped = ("/payload/entries/0", "/payload/entries/1/correct")
    order = {"/payload/entries": entries[::-1]}
    yield refused(
        base, "testimony-out-of-order", "the updates in another order", order, "sorts the entries", follows=swapped
    )
    twice = {"/payload/entries/1/update_root": entries[0]["update_root"]}
    yield refused(base, "testimony-one-twice", "one update twice, the other never", twice, "compares sets or lengths")
    judged = [*own.input["payload"]["entries"], to_json(Testimony(scene.root_of(scene.UPDATES[2]), 100, 100))]
    yield refused(
        own, "testimony-own-update", "scorer 2 judges its own update", {"/payload/entries": judged}, "own scores"
    )
    yield refused(
        base, "testimony-total-0", "nothing was evaluated", {"/payload/entries/0/total": "0"}, "divides by zero"
    )
    over = {"/payload/entries/0/correct": "101"}
    yield refused(base, "testimony-over-100", "more right than there were", over, "a score above 1")
    two: dict[str, Json] = {"/payload/entries": [{**entries[0], "total": "0"}], "/payload/salt": OTHER_ROOT}
    yield refused(
        base, "testimony-cover-and-salt", "coverage is asked before the commitment", two, "slashes for a refusal"
    )
    two = {TASK + "/round/sheets/1/status": "1", "/payload/entries": entries[:1]}
    yield refused(base, "testimony-again-and-cover", "revealing twice is asked first", two, "order of guards")


def empty_sheet(state: State) -> State:
    """The state in which scorer 2 committed to a sheet without entries."""
    task = state.tasks[0]
    opened = replace(scene.sheet(state, 3, scene.CORRECT[3]), sender=2, entries=())
    sheets = (replace(task.round.sheets[0], scorer=2, commitment=hash_tree_root(opened)), *task.round.sheets)
    return replace(state, tasks=(replace(task, round=replace(task.round, sheets=sheets)),))


# ---- attestation


def attest_cases() -> Iterable[Case]:
    """CTR-008, INF-008."""
    model, first, second = (scene.root_of(item) for item in (scene.MODEL, scene.UPDATES[1], scene.UPDATES[2]))
    registering = scene.published()
    initial = accepted(
        "attest",
        "attest-initial-model",
        "the initial model, during registration",
        scene.call(registering, 3, Available(0, (model,))),
    )
    state = scene.revealed()
    both = accepted(
        "attest",
        "attest-two-updates",
        "two updates at once, first height of ATTEST",
        scene.call(state, 3, Available(0, (first, second))),
    )
    yield from (initial, both)
    yield also(
        both, "attest-in-reveal", "a revealed update in window REVEAL", {HEIGHT: "6"}, "waits for the window ATTEST"
    )
    last = also(both, "attest-last-height", "the last height of ATTEST", {HEIGHT: "8"})
    yield last
    yield also(both, "attest-nothing", "an empty list changes nothing", {"/payload/blob_roots": []})
    moved = replace(state, committee=Committee(1, ZERO_ROOT, (Seat(1, 1), Seat(3, 1))))
    task = moved.tasks[0]
    updates = (replace(task.round.updates[0], attesters=(0, 1, 2)), task.round.updates[1])
    moved = replace(moved, tasks=(replace(task, round=replace(task.round, updates=updates)),))
    text = "0 and 2 attested and hold no seat any more: they are dropped, 1 stays"
    yield accepted(
        "attest", "attest-new-committee", text, scene.call(moved, 3, Available(0, (first,))), "lists grow for ever"
    )
    yield refused(initial, "attest-no-task", "there is one task, number 0", {"/payload/task": "1"})
    yield refused(last, "attest-late", "attestation is closed", {HEIGHT: "9"}, "one height too many")
    yield refused(both, "attest-early", "window COMMIT", {HEIGHT: "4"}, "one height too early")
    yield refused(both, "attest-ended", "the task is completed", {TASK + "/phase": "3"})
    unknown: dict[str, Json] = {"/payload/blob_roots/0": OTHER_ROOT}
    yield refused(both, "attest-unknown", "nobody revealed this blob", unknown)
    text = "the second root is unknown: the first is not attested either"
    yield refused(
        both, "attest-second-unknown", text, {"/payload/blob_roots/1": OTHER_ROOT}, "keeps half of a refused list"
    )
    text = "in a round the initial model is not asked for"
    yield refused(both, "attest-model-in-round", text, {"/payload/blob_roots/0": "0x" + model.hex()})
    for status, name in (("2", "mismatched"), ("3", "duplicate")):
        text = f"the update is {name} and asks for no attestation"
        yield refused(both, f"attest-{name}", text, {TASK + "/round/updates/0/status": status}, "takes any update")
    for case, name in ((initial, "model"), (both, "update")):
        text = f"the seats belong to others: {name}"
        seatless = {"/state/committee/seats": case.input["state"]["committee"]["seats"][:3]}
        yield refused(case, f"attest-{name}-no-seat", text, seatless, "asks for stake or role instead of a seat")
    again = {"/payload/blob_roots": ["0x" + first.hex()] * 2}
    yield refused(both, "attest-twice-in-one", "the same root twice in one list", again, "counts an attester twice")
    done = {TASK + "/round/updates/1/attesters": ["3"]}
    yield refused(both, "attest-again", "the second root was attested before", done)
    done = {TASK + "/attesters": ["3"]}
    yield refused(initial, "attest-model-again", "the initial model was attested before", done)
    two = {
        "/payload/blob_roots/0": OTHER_ROOT,
        "/state/committee/seats": both.input["state"]["committee"]["seats"][:3],
    }
    yield refused(both, "attest-unknown-no-seat", "the blob is asked before the seat", two, "order of guards")
    two = {HEIGHT: "9", "/payload/blob_roots/0": OTHER_ROOT}
    yield refused(last, "attest-late-unknown", "the window is asked before the blob", two, "order of guards")


# ---- claims


def claim_cases() -> Iterable[Case]:
    """CTR-012."""
    state = scene.decided()
    right = ClaimAggregate(0, 1, scene.aggregate_root(state))
    base = accepted("claim_aggregate", "claim-first", "the right model", scene.call(state, 1, right, scene.BLOBS))
    last = also(base, "claim-last-height", "the last height of AGGREGATE", {HEIGHT: "14"})
    after = scene.call(scene.claimed([3]), 1, right, scene.pool())
    text = "3 was confirmed before: the model is known and no blob is needed; claims stand in ascending index"
    second = accepted("claim_aggregate", "claim-second", text, after, "recomputes for every claim, or appends")
    yield from (base, last, second)
    text = "a false model: the claimant's deposits in both roles are lost, the claim stays as not confirmed"
    false = scene.call(state, 2, replace(right, model_root=ZERO_ROOT), scene.BLOBS)
    yield accepted("claim_aggregate", "claim-false", text, false, "takes the deposit of one role only")
    text = "the base model itself is a false claim unless the updates cancel out"
    yield also(base, "claim-base-model", text, {"/payload/model_root": "0x" + scene.root_of(scene.MODEL).hex()})
    text = "false after a confirmed claim"
    yield also(
        second, "claim-false-second", text, {"/payload/model_root": OTHER_ROOT}, "believes everybody after the first"
    )
    weights = {TASK + "/spec/rule/name": "1"}
    text = "weighted by sample counts the model is another, and this claim false"
    yield also(base, "claim-other-rule", text, weights, "takes the unweighted mean whatever the rule")
    rejected = {TASK + "/round/updates/1/accepted": False}
    text = "update 2 was rejected: a model that contains it is a false claim"
    partly = also(base, "claim-with-rejected", text, rejected, "aggregates what was not accepted")
    yield partly
    yield from round_guards(base, last, "15", "claim")
    yield refused(base, "claim-unselected", "1 was not drawn", {TASK + "/round/aggregators": ["2", "3"]})
    yield refused(base, "claim-issuer", "0 does not take part", {"/sender": "0"}, "lets anybody claim")
    yield refused(second, "claim-twice", "3 has claimed", {"/sender": "3"}, "a second claim after a false one")
    nothing = {TASK + "/round/updates/0/accepted": False}
    yield refused(partly, "claim-nothing", "no update was accepted", nothing, "aggregates nothing")
    yield refused(base, "claim-unscored", "the round is unscored", {TASK + "/round/scored": False})
    krum = {TASK + "/spec/rule/name": "4"}
    yield refused(
        base, "claim-too-few", "two accepted updates are too few for Krum with f = 0", krum, "falls back to the mean"
    )
    for position, name in ((0, "base"), (2, "update")):
        blobs = [item for index, item in enumerate(base.input["blobs"]) if index != position]
        yield refused(
            base,
            f"claim-{name}-missing",
            f"the node does not have a blob: {name}",
            {"/blobs": blobs},
            "calls it false",
        )
    yield overflow_case(base)
    two = {"/sender": "0", TASK + "/round/scored": False}
    yield refused(base, "claim-issuer-unscored", "who may claim is asked first", two, "order of guards")
    two = {TASK + "/round/scored": False, "/blobs": []}
    yield refused(
        base, "claim-unscored-missing", "what is accepted is asked before the blobs", two, "order of guards"
    )


def overflow_case(base: Case) -> Case:
    """CTR-012: a model out of range refuses the claim and costs no deposit."""
    high = scene.blob((2**31 - 1, 0), BLOB_MODEL)
    changes = {"/blobs/0/data": "0x" + high.data.hex(), TASK + "/model_root": "0x" + scene.root_of(high).hex()}
    text = "a coordinate of the model is 2^31 − 1 already: refused, and no deposit is lost"
    return refused(base, "claim-overflow", text, changes, "wraps or saturates", follows=(TASK + "/model_root",))


# ---- deadlines


def registration_cases() -> Iterable[Case]:
    """CTR-015, CTR-014."""
    state = scene.at_deadline(scene.joined())
    blobs = scene.pool(scene.MODEL)
    base = accepted(
        "close_registration", "open-running", "enough have joined: round 1 starts", scene.deadline(state, blobs)
    )
    yield base
    text = "two of four seats attested the model: aborted, escrow and deposits return"
    yield also(
        base, "open-unavailable", text, {TASK + "/attesters": ["0", "1"]}, "counts attesters instead of two thirds"
    )
    text = "an attester who holds no seat counts for nothing"
    yield also(base, "open-seatless", text, {TASK + "/attesters": ["0", "1", "7"]}, "counts attesters without seats")
    twice = [*base.input["state"]["committee"]["seats"][:2], *base.input["state"]["committee"]["seats"][:2]]
    text = "0 and 1 hold two seats each: both together are all seats"
    both = {TASK + "/attesters": ["0", "1"], "/state/committee/seats": twice}
    yield also(base, "open-two-seats", text, both, "counts identities instead of seats")
    for name, value in (("trainers_min", "3"), ("scorers_min", "3")):
        text = f"{name} is 3, two came: aborted"
        yield also(base, f"open-{name.replace('_', '-')}", text, {f"{TASK}/spec/{name}": value})
    text = "too few and no blob at hand: aborted without looking at the model"
    few = {TASK + "/spec/trainers_min": "3", "/blobs": []}
    yield also(base, "open-few-no-blob", text, few, "needs the blob of a task that aborts anyway")
    for name, path, value in (
        ("kind", "kind", "2"),
        ("element", "element", "1"),
        ("layout", "layout_root", OTHER_ROOT),
    ):
        given = {**base.input["blobs"][0], path: value}
        root = scene.root_of(blob_from_json(given))
        model = {"/blobs": [given], TASK + "/spec/model_root": "0x" + root.hex()}
        yield also(
            base,
            f"open-other-{name}",
            f"the model blob has another {name}: aborted",
            model,
            f"no check of the {name}",
        )
    yield refused(
        base, "open-missing", "the attested model is not at hand: no verdict", {"/blobs": []}, "aborts the task"
    )


def attestation_cases() -> Iterable[Case]:
    """CTR-016."""
    state = scene.at_deadline(scene.attested())
    base = accepted(
        "close_attestation", "eligible-two", "two updates become eligible", scene.deadline(state, scene.BLOBS)
    )
    yield base
    text = "two of four seats are not more than two thirds: unavailable, the other one eligible"
    short = {TASK + "/round/updates/0/attesters": ["0", "1"]}
    yield also(base, "eligible-unavailable", text, short, "a quorum of half")
    exact = {
        "/state/committee/seats": base.input["state"]["committee"]["seats"][:3],
        TASK + "/round/updates/0/attesters": ["0", "1"],
    }
    yield also(base, "eligible-two-thirds", "exactly two thirds are not more than two thirds", exact, "takes ≥ for >")
    text = "an unavailable blob need not be at hand"
    without = {**short, "/blobs": [base.input["blobs"][0], base.input["blobs"][2]]}
    yield also(base, "eligible-unavailable-missing", text, without, "asks for blobs that count for nobody")
    silent = {
        TASK + "/round/updates/0/status": "0",
        TASK + "/round/updates/1/status": "0",
        "/blobs": base.input["blobs"][:1],
    }
    unrevealed = also(base, "eligible-none-revealed", "no update was revealed; the base is at hand", silent)
    yield unrevealed
    text = "no update was revealed, and the base is asked for all the same"
    yield refused(unrevealed, "eligible-none-revealed-missing", text, {"/blobs": []}, "asks when an update needs it")
    text = "mismatched, duplicate and unrevealed updates keep their status"
    for status in ("0", "2", "3"):
        kept = {TASK + "/round/updates/0/status": status}
        yield also(base, f"eligible-status-{status}", text, kept, "revives what was settled")
    yield from validity_cases()
    for position, name in ((0, "base"), (2, "update")):
        blobs = [item for index, item in enumerate(base.input["blobs"]) if index != position]
        text = f"an attested blob is not at hand: no verdict ({name})"
        yield refused(base, f"eligible-{name}-missing", text, {"/blobs": blobs}, "calls it unavailable")


def validity_cases() -> Iterable[Case]:
    """CTR-016: an update of trainer 1 that is available, at the seams of what is valid."""
    limit = 2**20 - 1
    blobs = {
        "at-limit": (scene.blob((limit, -limit)), "both ends of the domain are valid"),
        "above-limit": (scene.blob((0, limit + 1)), "one above the domain"),
        "below-limit": (scene.blob((-limit - 1, 0)), "one below the domain"),
        "int-min": (scene.blob((-(2**31), 0)), "−2^31 has no absolute value in 32 bits"),
        "short": (scene.blob((1,)), "one coordinate is missing"),
        "long": (scene.blob((1, 2, 3)), "a coordinate too many"),
        "other-layout": (scene.blob((1, 2), layout_root=bytes([0x77]) * 32), "another model's layout"),
        "model-kind": (scene.blob((1, 2), BLOB_MODEL), "a blob of kind model"),
        "reserved-kind": (scene.blob((1, 2), 3), "a reserved kind is no update (PRV-003)"),
        "base-model": (scene.MODEL, "the base model itself"),
    }
    for name, (blob, text) in blobs.items():
        updates = {1: blob, 2: scene.UPDATES[2]}
        state = scene.at_deadline(scene.attested(updates))
        pool = scene.pool(scene.MODEL, blob, scene.UPDATES[2])
        case = accepted(
            "close_attestation", f"valid-{name}", text, scene.deadline(state, pool), "no check of the content"
        )
        yield replace(case, clauses=("CTR-016", "PRV-003")) if name == "reserved-kind" else case


def advance_cases() -> Iterable[Case]:
    """CTR-005: which deadline is whose, and in which order."""
    for name, state, text in (
        ("registration", scene.joined(), "the end of registration"),
        ("attestation", scene.attested(), "the end of attestation"),
        ("decision", scene.scored(), "the end of scoring: aggregators, then the decision"),
        ("settlement", scene.claimed(), "the end of the round: settled, and round 2 starts"),
    ):
        given = {"state": to_json(scene.at_deadline(state)), "blobs": blobs_to_json(scene.BLOBS)}
        case = accepted("advance_tasks", f"advance-{name}", text, given, "a deadline one height off")
        yield case
        early = {HEIGHT: str(int(given["state"]["height"]) - 1)}
        yield also(
            case, f"advance-before-{name}", "a height earlier nothing happens", early, "a deadline one height early"
        )
        late = {HEIGHT: str(int(given["state"]["height"]) + 1)}
        if name != "settlement":
            yield also(case, f"advance-after-{name}", "a height later nothing happens any more", late)
        if name in ("registration", "attestation"):
            text = "an attested blob is not at hand: the whole height is refused"
            yield refused(case, f"advance-{name}-missing", text, {"/blobs": []}, "skips the task")
    unbegun = replace(scene.scored(), height=scene.running().tasks[0].round.start_height - 2)
    given = {"state": to_json(unbegun), "blobs": []}
    text = "one window before the round begins: a height that lies in none, not in the last one"
    yield accepted("advance_tasks", "advance-before-round", text, given, "counts windows from the end")
    settled = scene.at_deadline(scene.claimed())
    deciding = replace(scene.scored().tasks[0].round, start_height=settled.height - 10)
    state = replace(settled, tasks=(settled.tasks[0], replace(scene.scored().tasks[0], round=deciding)))
    text = "task 0 settles and moves reputations, task 1 decides with the reputations after that"
    given = {"state": to_json(state), "blobs": []}
    yield accepted("advance_tasks", "advance-two-tasks", text, given, "looks at all tasks with the state before")
    ended = [{**given["state"]["tasks"][0], "phase": phase} for phase in ("3", "4")]
    text = "completed and aborted tasks have no deadlines"
    yield accepted("advance_tasks", "advance-ended", text, scene.changed(given, {"/state/tasks": ended}))


def aggregator_cases() -> Iterable[Case]:
    """CTR-017."""
    state = scene.at_deadline(scene.scored())
    base = accepted(
        "appoint_aggregators", "appoint-all", "mode all: every participant, 2 once", scene.deadline(state)
    )
    yield base
    entries = base.input["state"]["tasks"][0]["participants"]
    held = [
        {**entries[0], "identity": who, "role": role} for role, pair in (("1", "23"), ("2", "01")) for who in pair
    ]
    text = "trainers 2 and 3, scorers 0 and 1: members ascend by identity, not by role"
    yield also(base, "appoint-all-order", text, {TASK + "/participants": held}, "in the order of participants")
    lost = {TASK + "/participants/0/deposit": "0", TASK + "/participants/2/deposit": "0"}
    text = "1 lost its only deposit and is out, 2 lost one of two and is in"
    yield also(base, "appoint-slashed", text, lost, "appoints who cannot claim")
    for count in ("1", "2", "3", "4"):
        drawn = {TASK + "/spec/averaging": "0", TASK + "/spec/aggregators": count}
        yield also(base, f"appoint-{count}-of-3", f"{count} drawn of three members", drawn)
    drawn = {TASK + "/spec/averaging": "0", TASK + "/spec/aggregators": "1"}
    for name, path, value in (("mix", "/state/mix", OTHER_ROOT), ("round", TASK + "/round/number", "258")):
        text = f"another {name} gives another seed"
        yield also(base, f"appoint-other-{name}", text, {**drawn, path: value}, f"leaves the {name} out of the seed")
    second = {"/state/tasks": [scene.changed(base.input, drawn)["state"]["tasks"][0]] * 2, "/task": "1"}
    text = "another number of the task gives another seed"
    yield also(base, "appoint-other-task", text, second, "leaves the task out of the seed")


def draw_cases() -> Iterable[Case]:
    """CTR-017."""
    seed = "0x" + "5a" * 32
    for name, members, count in (
        ("one", ["7"], "1"),
        ("none-asked", ["1", "2"], "0"),
        ("nobody", [], "3"),
        ("all", ["1", "5", "9"], "3"),
        ("more-than-there-are", ["1", "5", "9"], "65535"),
        ("five-of-ten", [str(number) for number in range(10)], "5"),
        ("high-indices", [str(number) for number in (1, 256, 65536, 2**24, 2**32 - 1)], "2"),
    ):
        text = f"{count} of {len(members)} members, in ascending order whatever their hashes"
        given = {"members": members, "count": count, "seed": seed}
        yield accepted("draw_members", f"draw-{name}", text, given, "big-endian index, or order of the hashes")


# ---- decision and settlement


def decide_cases() -> Iterable[Case]:
    """CTR-011, INC-002, INC-003, INC-004."""
    state = scene.at_deadline(scene.scored())
    base = accepted(
        "decide", "decide-two-sheets", "two sheets, both updates pass half of the median", scene.deadline(state)
    )
    yield base
    half = {TASK + "/round/sheets/0/status": "0"}
    text = "one of two scorers of equal weight: unscored, nothing changes"
    yield also(base, "decide-unscored", text, half, "scores with half of the weight")
    reputation = "/state/identities/3/reputation_bps"
    text = "scorer 3 has exactly two thirds of the weight: not more, unscored"
    yield also(base, "decide-two-thirds", text, {**half, reputation: "10000"}, "takes ≥ for >")
    text = "scorer 3 has just more than two thirds of the weight: scored by its sheet alone"
    more = {**half, reputation: "10000", "/state/identities/2/reputation_bps": "4999"}
    yield also(base, "decide-more-than-two-thirds", text, more, "counts heads instead of weight")
    lost = {**half, TASK + "/participants/2/deposit": "0"}
    text = "scorer 2 lost its deposit: it counts neither among the present nor in the total"
    yield also(base, "decide-slashed-absent", text, lost, "counts who was slashed in the total")
    lost = {TASK + "/participants/2/deposit": "0"}
    text = "scorer 2 lost its deposit after it revealed: its sheet does not count"
    yield also(base, "decide-slashed-present", text, lost, "counts the sheet of who was slashed")
    nobody = {TASK + "/participants/2/deposit": "0", TASK + "/participants/3/deposit": "0"}
    yield also(
        base, "decide-no-scorer", "no scorer is left: 0 is not more than 0, unscored", nobody, "scores with nobody"
    )
    alone = {
        TASK + "/round/sheets/1/status": "0",
        "/state/identities/2/reputation_bps": "10000",
        "/state/identities/3/reputation_bps": "1000",
    }
    text = "only the sheet of scorer 2 counts, and it says nothing of its own update: no score, not accepted"
    yield also(base, "decide-unjudged", text, alone, "accepts what nobody judged, or divides by nothing")
    bar = {TASK + "/round/sheets/1/entries/1/correct": "35", TASK + "/spec/acceptance_bps": "10000"}
    text = "the bar is the lower median itself, 350000: both reach it"
    yield also(base, "decide-at-the-bar", text, bar, "takes > for ≥, or the upper median")
    yield also(
        base,
        "decide-unspoken-median",
        "an update without a score is none of those whose median sets the bar: the least of the three stays below it",
        four_updates(base.input["state"]["tasks"][0]),
        "it enters the median as 0",
    )
    zero = {TASK + "/round/sheets/1/entries/1/correct": "0", TASK + "/spec/acceptance_bps": "0"}
    yield also(base, "decide-zero-score", "a score of 0 is never accepted, even with a bar of 0", zero, "0 ≥ 0")
    invalid = {TASK + "/round/updates/0/status": "4"}
    text = "an invalid update is not scored, whatever a sheet says of it"
    yield also(base, "decide-invalid-update", text, invalid, "scores every update that a sheet names")
    empty: dict[str, Json] = {TASK + "/round/updates": []}
    yield also(base, "decide-no-updates", "scored, with nothing to accept", empty, "unscored for want of updates")


def four_updates(task: Json) -> dict[str, Json]:
    """Four updates, of which nobody scored the first and the others have 500000, 800000 and 900000."""
    update, entry = task["round"]["updates"][0], task["round"]["sheets"][1]["entries"][0]
    roots = ["0x" + f"e{trainer}" * 32 for trainer in range(4)]
    updates = [{**update, "trainer": str(k), "order": str(k), "blob_root": root} for k, root in enumerate(roots)]
    said = {1: "50", 2: "80", 3: "90"}
    own = [[k for k in said if k != int(sheet["scorer"])] for sheet in task["round"]["sheets"]]
    sheets = [
        {**sheet, "entries": [{**entry, "update_root": roots[k], "correct": said[k]} for k in known]}
        for sheet, known in zip(task["round"]["sheets"], own, strict=True)
    ]
    changes: dict[str, Json] = {TASK + "/round/updates": updates, TASK + "/round/sheets": sheets}
    trainers = [{**task["participants"][0], "identity": str(k)} for k in range(4)]
    scorers = [entry for entry in task["participants"] if entry["role"] == "2"]
    return {**changes, TASK + "/participants": [*trainers, *scorers], TASK + "/spec/acceptance_bps": "10000"}


def settle_cases() -> Iterable[Case]:
    """CTR-013, CTR-014, INC-007, INC-008."""
    state = scene.at_deadline(scene.claimed())
    base = accepted("settle", "settle-aggregated", "aggregated: paid, new model, round 2", scene.deadline(state))
    yield base
    last = {TASK + "/spec/rounds": "1", TASK + "/escrow": "100"}
    text = "the last round: completed, deposits return and nothing is left in escrow"
    yield also(base, "settle-last-round", text, last, "leaves deposits behind")
    unscored = scene.deadline(scene.at_deadline(scene.to_height(scene.scoring(), 14)))
    text = "nobody revealed a sheet: unscored, the model stays, the pay stays in escrow"
    case = accepted("settle", "settle-unscored", text, unscored, "pays for a round without a result")
    yield case
    text = "the last round is unscored: all of its escrow returns to the issuer"
    yield also(case, "settle-unscored-last", text, {TASK + "/spec/rounds": "1"}, "burns the escrow")
    lost = {TASK + "/participants/0/deposit": "0", "/state/treasury": "10", TASK + "/spec/rounds": "1"}
    text = "trainer 1 lost its deposit: nothing returns to it, the others get theirs"
    yield also(case, "settle-slashed-last", text, lost, "returns a deposit that is gone")
    text = "trainer 1 claimed falsely and lost its deposit: its unavailable update costs it reputation all the same"
    gone = {TASK + "/participants/0/deposit": "0", "/state/treasury": "10", TASK + "/round/updates/0/status": "6"}
    yield also(case, "settle-slashed-unavailable", text, gone, "forgets facts of who has no deposit left")
    convicted = {"/state/identities/2/convicted": True, TASK + "/spec/rounds": "1"}
    yield also(case, "settle-convicted", "a convicted identity gets its deposits back", convicted, "keeps deposits")
    nothing = [{**update, "accepted": False} for update in base.input["state"]["tasks"][0]["round"]["updates"]]
    none: dict[str, Json] = {TASK + "/round/updates": nothing, TASK + "/round/claims": []}
    yield also(base, "settle-nothing-accepted", "no update was accepted", none)
    few = {TASK + "/spec/rule/name": "4", TASK + "/round/claims": []}
    yield also(base, "settle-too-few", "two accepted are too few for Krum: nothing accepted", few)
    unaggregated: dict[str, Json] = {TASK + "/round/claims": []}
    yield also(
        base, "settle-no-claim", "accepted updates and no claim: unaggregated", unaggregated, "aggregates by itself"
    )
    claims = base.input["state"]["tasks"][0]["round"]["claims"]
    text = "mode all: exactly two thirds confirmed are not more than two thirds"
    yield also(base, "settle-all-two-thirds", text, {TASK + "/round/claims": claims[:2]}, "takes ≥ for >")
    one = {TASK + "/spec/averaging": "0", TASK + "/round/claims": claims[1:2]}
    yield also(base, "settle-selected-one", "mode selected: one confirmed claim is enough", one)
    false = [{**claims[0], "correct": False, "model_root": OTHER_ROOT}, claims[1]]
    two = {TASK + "/spec/averaging": "0", TASK + "/round/claims": false}
    text = "a false claim stands first: the confirmed one gives the model, and only it is paid"
    yield also(base, "settle-false-first", text, two, "takes the first claim")
    liar = {TASK + "/spec/averaging": "0", TASK + "/round/claims": false[:1]}
    yield also(
        base, "settle-false-only", "one false claim: unaggregated", liar, "counts claims instead of confirmed ones"
    )
    statuses = [("0", "unrevealed"), ("3", "duplicate"), ("4", "invalid"), ("6", "unavailable")]
    for status, name in statuses:
        text = f"{name}: it costs the trainer reputation, not the deposit"
        yield also(case, f"settle-{name}", text, {TASK + "/round/updates/0/status": status}, "slashes absence")


CASES: tuple[Case, ...] = (
    *publish_cases(),
    *join_cases(),
    *commit_update_cases(),
    *reveal_update_cases(),
    *attest_cases(),
    *commit_scores_cases(),
    *reveal_scores_cases(),
    *claim_cases(),
    *advance_cases(),
    *registration_cases(),
    *attestation_cases(),
    *aggregator_cases(),
    *draw_cases(),
    *decide_cases(),
    *settle_cases(),
)
