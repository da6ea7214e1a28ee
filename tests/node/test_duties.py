"""INF-018: what participants want to send, in which state, and that they never contradict themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bcfl_ref.consensus.evidence import offence_root
from bcfl_ref.contract.rounds import SheetStatus, UpdateStatus
from bcfl_ref.contract.tasks import EMPTY_ROUND, PLAIN_WINDOWS, Phase, Role, Window
from bcfl_ref.infrastructure.blobs import BlobData
from bcfl_ref.infrastructure.transactions import Kind
from bcfl_ref.node.blobs import BlobStore
from bcfl_ref.node.cache import BlobCache
from bcfl_ref.node.duties import (
    AggregateDuty,
    AttestDuty,
    EvidenceDuty,
    JoinDuty,
    Owner,
    PublishDuty,
    RegisterDuty,
    ScoreDuty,
    TrainDuty,
    Vector,
    keep_evidence,
    running,
)
from bcfl_ref.node.keys import PrivateDirectory
from bcfl_ref.types import (
    ZERO_ROOT,
    Claim,
    Equivocation,
    Register,
    Sheet,
    SignedVote,
    State,
    Task,
    Update,
    Vote,
)
from builders import (
    GENESIS_ROOT,
    make_blob,
    make_identity,
    make_model,
    make_participant,
    make_state,
    make_task,
    make_task_spec,
    root_of,
)

START = 10
MODEL = make_model()


class Workload:
    """Trains to a constant, counts how often it is asked."""

    def __init__(self, value: int = 7, sends: bool = True) -> None:
        self.value, self.sends = value, sends
        self.trained, self.scored = 0, 0

    def train(self, trainer: int, round_number: int, base: Vector) -> tuple[Vector, int] | None:
        self.trained += 1
        return (base + np.int32(self.value), 5) if self.sends else None

    def score(self, scorer: int, round_number: int, base: Vector, update: Vector) -> tuple[int, int]:
        self.scored += 1
        return int(update[0]), 100


def make_owner(directory: Path, index: int = 1) -> Owner:
    """An identity with directories of its own below `directory`; the public store holds the initial model."""
    private = PrivateDirectory(directory / f"identity-{index}")
    store = BlobStore(directory / "blobs")
    store.put_blob(MODEL)
    return Owner(index, 77, private, BlobStore(private.directory / "blobs"), store, BlobCache(store), GENESIS_ROOT)


@pytest.fixture
def owner(tmp_path: Path) -> Owner:
    """Identity 1."""
    return make_owner(tmp_path)


def in_window(window: Window, *participants: tuple[int, int], **changes: object) -> State:
    """A state whose only task is in round 1 and in `window`; participants are (identity, role)."""
    spec = make_task_spec()
    round_ = replace(EMPTY_ROUND, number=1, start_height=START)
    task = make_task(
        spec,
        phase=Phase.RUNNING,
        round=replace(round_, **changes),
        participants=tuple(make_participant(identity, role) for identity, role in participants),
    )
    return make_state(tasks=[task], height=START + window * spec.window_heights)


def committed(root: bytes, trainer: int = 1) -> Update:
    return Update(trainer, 0, root, UpdateStatus.COMMITTED, ZERO_ROOT, 0, (), 0, False)


def eligible(blob: BlobData, trainer: int, accepted: bool = False) -> Update:
    return Update(trainer, 0, ZERO_ROOT, UpdateStatus.ELIGIBLE, root_of(blob), 5, (), 0, accepted)


# ---- before a round


def test_salts_are_secret_and_the_same_after_a_restart(owner: Owner, tmp_path: Path) -> None:
    """A salt depends on key, ledger, purpose, task and round, and on nothing that a restart changes."""
    salt = owner.salt("update", 0, 1)
    assert len(salt) == 32 and make_owner(tmp_path).salt("update", 0, 1) == salt
    others = [
        owner.salt("scores", 0, 1),
        owner.salt("update", 1, 1),
        owner.salt("update", 0, 2),
        replace(owner, secret_key=78).salt("update", 0, 1),
        replace(owner, genesis_root=ZERO_ROOT).salt("update", 0, 1),
    ]
    assert len({salt, *others}) == 6


def test_newcomers_are_registered_in_batches(owner: Owner) -> None:
    """Nobody is registered twice, and never more at once than one sender may send."""
    newcomers = tuple(Register(bytes([n]) * 48, bytes(96), 5) for n in range(1, 21))
    duty, state = RegisterDuty(newcomers), make_state(1)
    at_once = state.parameters.transactions_per_sender
    waves = []
    while wishes := duty.wishes(owner, state):
        waves.append(len(wishes))
        keys = [wish[1].public_key for wish in wishes]  # type: ignore[attr-defined]
        state = make_state([*state.identities, *(make_identity(key[0]) for key in keys)])
    assert waves == [at_once, at_once, 20 - 2 * at_once] and len(state.identities) == 21


def test_a_task_is_published_once_everybody_is_there(owner: Owner) -> None:
    """The issuer waits for all identities, publishes, asks again until it is on the ledger, and then never more."""
    spec = make_task_spec()
    duty = PublishDuty(spec, 3)
    assert duty.wishes(owner, make_state(2)) == []
    wanted = duty.wishes(owner, make_state(3))
    assert [kind for kind, _ in wanted] == [Kind.PUBLISH] and duty.wishes(owner, make_state(3)) == wanted
    assert duty.wishes(owner, make_state(3, tasks=[make_task(spec, issuer=1)])) == []
    another = make_task(make_task_spec(rounds=9), issuer=1)
    assert duty.wishes(owner, make_state(3, tasks=[another])) == wanted


def test_only_known_terms_are_consented_to(owner: Owner) -> None:
    """A participant joins open tasks under its own terms, once, and no other."""
    spec = make_task_spec()
    duty = JoinDuty(Role.TRAINER, spec.terms_root)
    tasks = [
        make_task(spec),
        make_task(make_task_spec(terms_root=ZERO_ROOT)),
        make_task(spec, phase=Phase.RUNNING),
        make_task(spec, participants=(make_participant(1, Role.TRAINER),)),
        make_task(spec, participants=(make_participant(1, Role.SCORER),)),
    ]
    assert [wish[1].task for wish in duty.wishes(owner, make_state(tasks=tasks))] == [0, 4]  # type: ignore[attr-defined]


# ---- training


def test_an_update_is_durable_before_its_commitment(owner: Owner, tmp_path: Path) -> None:
    """Who is killed after committing says the same again without training again."""
    state, workload = in_window(Window.COMMIT, (1, Role.TRAINER)), Workload()
    ((kind, first),) = TrainDuty(workload, 0).wishes(owner, state)
    assert kind == Kind.COMMIT_UPDATE and owner.private.names("update-") == ("update-0-1",)
    forgetful = Workload(value=8)
    ((_, again),) = TrainDuty(forgetful, 0).wishes(make_owner(tmp_path), state)
    assert again == first and workload.trained == 1 and forgetful.trained == 0


def test_a_commitment_is_opened_in_the_reveal_window(owner: Owner) -> None:
    """The reveal opens what was committed, and its blob is public before the transaction exists."""
    duty = TrainDuty(Workload(), 0)
    ((_, commitment),) = duty.wishes(owner, in_window(Window.COMMIT, (1, Role.TRAINER)))
    root = commitment.commitment  # type: ignore[attr-defined]
    state = in_window(Window.REVEAL, (1, Role.TRAINER), updates=(committed(root),))
    ((kind, reveal),) = duty.wishes(owner, state)
    assert kind == Kind.REVEAL_UPDATE and reveal.blob_root in owner.public_blobs  # type: ignore[attr-defined]
    revealed = replace(committed(root), status=UpdateStatus.REVEALED)
    assert duty.wishes(owner, in_window(Window.REVEAL, (1, Role.TRAINER), updates=(revealed,))) == []


@pytest.mark.parametrize("lost", ["opening", "blob", "another commitment"])
def test_what_does_not_match_is_never_revealed(owner: Owner, lost: str) -> None:
    """Who lost its update, or finds another commitment on the ledger, is silent instead of losing its deposit."""
    workload = Workload()
    duty = TrainDuty(workload, 0)
    ((_, commitment),) = duty.wishes(owner, in_window(Window.COMMIT, (1, Role.TRAINER)))
    root = commitment.commitment  # type: ignore[attr-defined]
    if lost == "opening":
        (owner.private.directory / "update-0-1").unlink()
    elif lost == "blob":
        for path in owner.private_blobs.directory.iterdir():
            path.unlink()
    else:
        root = ZERO_ROOT
    assert duty.wishes(owner, in_window(Window.REVEAL, (1, Role.TRAINER), updates=(committed(root),))) == []
    assert workload.trained == 1


def test_nobody_trains_out_of_turn(owner: Owner) -> None:
    """No commitment outside its window, without the role, without the deposit, twice, or by an absent trainer."""
    workload = Workload()
    duty, role = TrainDuty(workload, 0), (1, Role.TRAINER)
    for window in set(PLAIN_WINDOWS) - {Window.COMMIT}:
        assert duty.wishes(owner, in_window(window, role)) == []
    assert duty.wishes(owner, in_window(Window.COMMIT, (2, Role.TRAINER), (1, Role.SCORER))) == []
    assert duty.wishes(owner, in_window(Window.COMMIT, role, updates=(committed(ZERO_ROOT),))) == []
    state = in_window(Window.COMMIT, role)
    (task,) = state.tasks
    seized = replace(task, participants=(make_participant(1, Role.TRAINER, 0),))
    assert duty.wishes(owner, replace(state, tasks=(seized,))) == [] and workload.trained == 0
    assert TrainDuty(Workload(sends=False), 0).wishes(owner, state) == []


def test_only_running_tasks_have_a_window() -> None:
    """Tasks in registration or at their end ask for no work."""
    tasks: list[Task] = [make_task(phase=phase) for phase in Phase]
    state = make_state(tasks=tasks, height=0)
    assert [(index, window) for index, _, window in running(state)] == [(1, Window.COMMIT)]


# ---- attesting and scoring


def test_only_whole_blobs_are_attested_once_and_by_seats(owner: Owner) -> None:
    """A seat holder attests what is asked for, is at hand and has not been attested by it yet."""
    here, missing = make_blob([1, 2, 3, 4]), make_blob([5, 6, 7, 8])
    owner.public_blobs.put_blob(here)
    shown = [
        replace(eligible(blob, trainer), status=UpdateStatus.REVEALED) for blob, trainer in ((here, 1), (missing, 2))
    ]
    state = replace(in_window(Window.ATTEST, updates=tuple(shown)), committee=make_state(seats=(1,)).committee)
    ((kind, payload),) = AttestDuty().wishes(owner, state)
    assert kind == Kind.AVAILABLE and payload.blob_roots == (root_of(here),)  # type: ignore[attr-defined]
    done = (replace(shown[0], attesters=(1,)), shown[1])
    assert AttestDuty().wishes(owner, replace(state, tasks=in_window(Window.ATTEST, updates=done).tasks)) == []
    assert AttestDuty().wishes(owner, replace(state, committee=make_state(seats=(0,)).committee)) == []
    assert AttestDuty().wishes(owner, replace(state, height=START)) == []


def test_the_initial_model_is_attested_during_registration(owner: Owner) -> None:
    """While a task is open, its initial model is what is asked for."""
    state = make_state(tasks=[make_task()], seats=(1,))
    ((_, payload),) = AttestDuty().wishes(owner, state)
    assert payload.blob_roots == (root_of(MODEL),)  # type: ignore[attr-defined]
    assert AttestDuty().wishes(owner, make_state(tasks=[make_task(attesters=(1,))], seats=(1,))) == []


def test_a_sheet_is_durable_before_its_commitment(owner: Owner, tmp_path: Path) -> None:
    """A scorer judges every eligible update but its own, once; after a restart it commits to and reveals the same."""
    blobs = [make_blob([n, 0, 0, 0]) for n in (10, 20, 30)]
    for blob in blobs:
        owner.public_blobs.put_blob(blob)
    updates = tuple(eligible(blob, trainer) for trainer, blob in enumerate(blobs))
    workload = Workload()
    state = in_window(Window.SCORE_COMMIT, (1, Role.SCORER), updates=updates)
    ((_, commitment),) = ScoreDuty(workload, 0).wishes(owner, state)
    root = commitment.commitment  # type: ignore[attr-defined]
    assert workload.scored == 2
    sheets = (Sheet(1, root, SheetStatus.COMMITTED, ()),)
    asleep = Workload()
    state = in_window(Window.SCORE_REVEAL, (1, Role.SCORER), updates=updates, sheets=sheets)
    ((kind, reveal),) = ScoreDuty(asleep, 0).wishes(make_owner(tmp_path), state)
    assert kind == Kind.REVEAL_SCORES and asleep.scored == 0
    assert [entry.correct for entry in reveal.entries] == [10, 30]  # type: ignore[attr-defined]
    assert [entry.update_root for entry in reveal.entries] == [root_of(blobs[0]), root_of(blobs[2])]  # type: ignore[attr-defined]


def test_a_sheet_that_does_not_match_is_never_revealed(owner: Owner) -> None:
    """Who lost its sheet, or finds another commitment on the ledger, is silent."""
    duty = ScoreDuty(Workload(), 0)
    ((_, commitment),) = duty.wishes(owner, in_window(Window.SCORE_COMMIT, (1, Role.SCORER)))
    root = commitment.commitment  # type: ignore[attr-defined]

    def reveal(commitment: bytes) -> int:
        sheets = (Sheet(1, commitment, SheetStatus.COMMITTED, ()),)
        return len(duty.wishes(owner, in_window(Window.SCORE_REVEAL, (1, Role.SCORER), sheets=sheets)))

    assert reveal(root) == 1 and reveal(ZERO_ROOT) == 0
    (owner.private.directory / "scores-0-1").unlink()
    assert reveal(root) == 0


# ---- aggregating


def test_who_is_drawn_claims_the_recomputed_model(owner: Owner) -> None:
    """The claim names the model that the rule gives, whose blob is public first; nobody claims twice or undrawn."""
    update = make_blob([4, 8, 12, 16])
    owner.public_blobs.put_blob(update)
    updates = (eligible(update, 2, accepted=True),)
    state = in_window(Window.AGGREGATE, updates=updates, aggregators=(1,), scored=True)
    ((kind, claim),) = AggregateDuty().wishes(owner, state)
    root = claim.model_root  # type: ignore[attr-defined]
    assert kind == Kind.CLAIM_AGGREGATE and owner.public_blobs[root].data == update.data
    for changes in ({"aggregators": (2,)}, {"claims": (Claim(1, root, True),)}, {"scored": False}, {"updates": ()}):
        kept: dict[str, object] = {"updates": updates, "aggregators": (1,), "scored": True, **changes}
        assert AggregateDuty().wishes(owner, in_window(Window.AGGREGATE, **kept)) == []
    assert AggregateDuty().wishes(owner, replace(state, height=START)) == []


def test_an_overflowing_aggregate_is_not_claimed(owner: Owner) -> None:
    """Where base and updates together leave the model's range no claim is true, so none is made."""
    base, update = make_model([2**31 - 1] * 4), make_blob([1, 1, 1, 1])
    for blob in (base, update):
        owner.public_blobs.put_blob(blob)
    state = in_window(Window.AGGREGATE, updates=(eligible(update, 2, True),), aggregators=(1,), scored=True)
    (task,) = state.tasks
    state = replace(state, tasks=(replace(task, model_root=root_of(base)),))
    assert AggregateDuty().wishes(owner, state) == []


# ---- evidence


def equivocation(height: int, voter: int = 2, view: int = 0) -> Equivocation:
    votes = (Vote(1, height, view, bytes([n]) * 32) for n in (1, 2))
    first, second = (SignedVote(vote, voter, bytes(96)) for vote in votes)
    return Equivocation(first, second)


def test_evidence_is_reported_one_at_a_time(owner: Owner) -> None:
    """However much a replica saw, its owner sends one proof at a time, and none that the ledger has no use for."""
    for view in range(20):
        keep_evidence(owner, equivocation(5, view=view))
    state = make_state(height=6)
    (wish,) = EvidenceDuty().wishes(owner, state)
    assert wish[0] == Kind.EVIDENCE
    convicted = [replace(identity, convicted=index == 2) for index, identity in enumerate(state.identities)]
    assert EvidenceDuty().wishes(owner, replace(state, identities=tuple(convicted))) == []


def test_evidence_of_the_height_in_progress_waits(owner: Owner) -> None:
    """What was seen of a height before a crash does not change what is proposed when the height begins again."""
    keep_evidence(owner, equivocation(5))
    assert EvidenceDuty().wishes(owner, make_state(height=5)) == []
    assert len(EvidenceDuty().wishes(owner, make_state(height=6))) == 1


def test_expired_evidence_blocks_nothing(owner: Owner) -> None:
    """Evidence that came too late is left alone, so that younger evidence and other work go through."""
    keep_evidence(owner, equivocation(1))
    keep_evidence(owner, equivocation(30, voter=0))
    state = make_state(height=2 + make_state().parameters.evidence_heights)
    ((_, evidence),) = EvidenceDuty().wishes(owner, state)
    assert evidence == equivocation(30, voter=0)


def test_known_offences_are_not_reported_again(owner: Owner) -> None:
    """Evidence is kept once per offence, however it is proved, and not sent when the offence is on the ledger."""
    keep_evidence(owner, equivocation(5))
    keep_evidence(owner, equivocation(5))
    assert len(owner.private.names("evidence-")) == 1
    state = make_state(height=6, offences=(offence_root(equivocation(5).first),))
    assert EvidenceDuty().wishes(owner, state) == []
