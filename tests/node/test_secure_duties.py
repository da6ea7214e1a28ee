"""PRV-040: what a member of a secure round says, what it keeps before it says it, and when it is silent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from bcfl_ref.contract.secure import advertise_keys, masked_input, share_keys, unmask
from bcfl_ref.contract.tasks import Standing, Step
from bcfl_ref.encoding import BLOB_MASKED, encode, hash_tree_root
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.infrastructure.transactions import Kind
from bcfl_ref.node.blobs import BlobStore
from bcfl_ref.node.cache import BlobCache
from bcfl_ref.node.duties import AttestDuty, Owner, Vector, Wish
from bcfl_ref.node.keys import PrivateDirectory
from bcfl_ref.node.secure_duties import SecureTrainDuty, keep, round_secrets, sits_out
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.operations.cases._secure import WINDOW, SecurePlay, begun
from bcfl_ref.types import Container, Round, State

TRAINERS = 4
RULES = {
    Kind.ADVERTISE_KEYS: advertise_keys,
    Kind.SHARE_KEYS: share_keys,
    Kind.MASKED_INPUT: masked_input,
    Kind.UNMASK: unmask,
}


class Workload:
    """Trains to a constant that a restart may change; disappears after `stays` steps."""

    def __init__(self, value: int = 7, stays: int = 4, sends: bool = True) -> None:
        self.value, self.stays, self.sends = value, stays, sends
        self.trained = 0

    def train(self, trainer: int, round_number: int, base: Vector) -> tuple[Vector, int] | None:
        self.trained += 1
        return (np.full(base.size, self.value, dtype=np.int32), 5) if self.sends else None

    def score(self, scorer: int, round_number: int, base: Vector, update: Vector) -> tuple[int, int]:
        raise AssertionError

    def last_step(self, trainer: int, round_number: int) -> int:
        return self.stays


class Shown:
    """Stands for a verified copy of the ledger; None is one that does not verify."""

    state: State | None = None

    def upcoming(self) -> State:
        if self.state is None:
            raise SpecError(Code.CERTIFICATE_SIGNATURE, "test")
        return self.state


@dataclass
class Person:
    """A trainer with its directories and the copy of the ledger that it looks at."""

    owner: Owner
    duty: SecureTrainDuty
    shown: Shown
    workload: Workload

    def says(self, state: State, proved: bool = True) -> list[Wish]:
        self.shown.state = state if proved else None
        return self.duty.wishes(self.owner, state)

    def one(self, state: State) -> tuple[Kind, Container]:
        (wish,) = self.says(state)
        return wish


def person(directory: Path, index: int, workload: Workload | None = None) -> Person:
    """Trainer `index`, new or restarted: whatever it knows is in its directory."""
    private = PrivateDirectory(directory / f"identity-{index}")
    store = BlobStore(directory / "blobs")
    store.put_blob(scene.MODEL)
    owner = Owner(
        index,
        70 + index,
        private,
        BlobStore(private.directory / "blobs"),
        store,
        BlobCache(store),
        scene.GENESIS_ROOT,
    )
    shown, made = Shown(), workload or Workload()
    return Person(owner, SecureTrainDuty(made, index - 1, shown), shown, made)  # type: ignore[arg-type]


class Stage(SecurePlay):
    """A played task whose trainers are real duties."""

    def people(self, directory: Path) -> list[Person]:
        return [person(directory, index) for index in self.names]

    def act(self, directory: Path, window: str, *silent: int) -> Stage:
        """Everybody but the silent ones does its duty in the first height of a window."""
        self.to(WINDOW[window])
        for someone in self.people(directory):
            if someone.owner.index not in silent:
                for kind, payload in someone.says(self.state):
                    self.state = RULES[kind](self.state, someone.owner.index, payload)  # type: ignore[operator]
        self.blobs.update(BlobStore(directory / "blobs"))
        return self

    def until(self, directory: Path, window: str, *silent: int) -> Stage:
        """All steps before `window`, in which some are silent at INPUT; inputs are attested."""
        for step in ("KEYS", "SHARES", "INPUT"):
            if WINDOW[step] < WINDOW[window]:
                self.act(directory, step, *(silent if step == "INPUT" else ()))
        if WINDOW[window] >= WINDOW["UNMASK"]:
            self.to(WINDOW["ATTEST"])
            self.attest()
        self.to(WINDOW[window])
        return self


def stage() -> Stage:
    """Height 3, the first of KEYS."""
    play = begun(TRAINERS)
    return Stage(play.state, play.trainers, play.samples, play.blobs)


def the_round(play: SecurePlay) -> Round:
    return play.state.tasks[0].round


# ---- a whole round


def test_a_round_of_duties_opens(tmp_path: Path) -> None:
    """Trainers that do their duty open the exact mean of their group, also when one gives nothing."""
    play = stage().until(tmp_path, "UNMASK", 4).act(tmp_path, "UNMASK").to(WINDOW["SCORE_COMMIT"])
    round_ = the_round(play)
    assert round_.secure.groups[0].status == Standing.OPENED
    assert [member.step for member in round_.secure.members] == [Step.SURVIVOR] * 3 + [Step.SHARED]
    (update,) = round_.updates
    assert update.sample_count == 15 and update.blob_root == scene.root_of(scene.blob((7, 7)))


def test_secrets_are_of_one_round_and_survive_a_restart(tmp_path: Path) -> None:
    """Six secrets, all different, the same after a restart, others in another round, task, ledger or for another."""
    first = round_secrets(person(tmp_path, 1).owner, 0, 1)
    assert round_secrets(person(tmp_path, 1).owner, 0, 1) == first
    owner = person(tmp_path, 1).owner
    others = [
        round_secrets(owner, 0, 2),
        round_secrets(owner, 1, 1),
        round_secrets(person(tmp_path, 2).owner, 0, 1),
        round_secrets(replace(owner, genesis_root=bytes(32)), 0, 1),
    ]
    every = [secret for found in (first, *others) for secret in vars(found).values()]
    assert len(every) == 30 == len(set(every)) and {len(secret) for secret in every} == {32}


@pytest.mark.parametrize("window", ["KEYS", "SHARES", "INPUT", "UNMASK"])
def test_a_restart_changes_no_byte(tmp_path: Path, window: str) -> None:
    """Killed after any step and started again, even with another trainer's mood, a member sends the same bytes."""
    play = stage().until(tmp_path, window)
    kind, first = person(tmp_path, 2).one(play.state)
    moody = person(tmp_path, 2, Workload(value=8))
    again_kind, again = moody.one(play.state)
    assert (kind, encode(first)) == (again_kind, encode(again)) and moody.workload.trained == 0


@pytest.mark.parametrize("window", ["KEYS", "SHARES", "INPUT", "UNMASK"])
def test_nothing_is_said_twice_on_the_ledger(tmp_path: Path, window: str) -> None:
    """Who has taken the step of a window is silent in the rest of it."""
    play = stage().until(tmp_path, window).act(tmp_path, window)
    assert all(someone.says(play.state) == [] for someone in play.people(tmp_path))
    play.to(play.state.height + 1)
    assert all(someone.says(play.state) == [] for someone in play.people(tmp_path))


@pytest.mark.parametrize("window", ["KEYS", "SHARES", "INPUT", "UNMASK"])
def test_who_cannot_prove_the_ledger_is_silent(tmp_path: Path, window: str) -> None:
    """A state whose certificate does not verify is acted on in no step, and leaves no trace in the directory."""
    play = stage().until(tmp_path, window)
    someone = person(tmp_path, 2)
    before = someone.owner.private.names()
    assert someone.says(play.state, proved=False) == [] and someone.owner.private.names() == before


def test_what_the_caller_says_decides_nothing(tmp_path: Path) -> None:
    """A member answers the list of the state that it verified, not of the one it is handed."""
    play = stage().until(tmp_path, "UNMASK", 4)
    forged = stage().until(tmp_path / "other", "UNMASK")
    someone = person(tmp_path, 1)
    someone.shown.state = play.state
    ((_, answer),) = someone.duty.wishes(someone.owner, forged.state)
    assert answer == person(tmp_path, 1).one(play.state)[1]


# ---- what is kept before it is said


def test_a_second_dealing_is_never_sent(tmp_path: Path) -> None:
    """Who dealt on one graph deals on no other one of the round."""
    play = stage().until(tmp_path, "SHARES")
    someone = person(tmp_path, 1)
    _, dealt = someone.one(play.state)
    assert someone.owner.private.load("dealt-0-1") == hash_tree_root(dealt)
    fewer = stage()
    fewer.act(tmp_path, "KEYS", 4).to(WINDOW["SHARES"])
    assert person(tmp_path, 1).says(fewer.state) == [] and len(person(tmp_path, 1).says(play.state)) == 1


def test_the_masked_input_is_durable_and_public_before_it_is_named(tmp_path: Path) -> None:
    """The blob of kind 3 is in both stores, the base model beside its root, and no plain update is kept anywhere."""
    play = stage().until(tmp_path, "INPUT")
    someone = person(tmp_path, 1)
    _, given = someone.one(play.state)
    root = given.blob_root  # type: ignore[attr-defined]
    assert someone.owner.private.load("masked-0-1") == play.state.tasks[0].model_root + root
    for store in (someone.owner.private_blobs, someone.owner.public_blobs):
        assert store[root].blob.kind == BLOB_MASKED
    assert set(someone.owner.private_blobs) == {root}


def test_a_lost_input_is_not_made_again(tmp_path: Path) -> None:
    """When the masked input is gone the member drops out: another one under the same masks would show both."""
    play = stage().until(tmp_path, "INPUT")
    someone = person(tmp_path, 1)
    someone.one(play.state)
    for path in someone.owner.private_blobs.directory.iterdir():
        path.unlink()
    again = person(tmp_path, 1)
    assert again.says(play.state) == [] and again.workload.trained == 0


def test_only_one_list_of_a_round_is_ever_answered(tmp_path: Path) -> None:
    """The root of the list is durable before the answer exists; a list with other survivors is never answered."""
    play = stage().until(tmp_path, "UNMASK", 4)
    someone = person(tmp_path, 1)
    _, answer = someone.one(play.state)
    assert someone.owner.private.load("answered-0-1") == answer.list_root  # type: ignore[attr-defined]
    members = tuple(
        replace(member, step=Step.LOST) if member.trainer == 3 else replace(member, step=Step.SURVIVOR)
        for member in the_round(play).secure.members
    )
    task = play.state.tasks[0]
    other = replace(task, round=replace(task.round, secure=replace(task.round.secure, members=members)))
    restarted = person(tmp_path, 1)
    assert restarted.says(replace(play.state, tasks=(other,))) == []
    assert restarted.one(play.state)[1] == answer


def test_keeping_tells_what_was_said_before(tmp_path: Path) -> None:
    """The first thing is kept, the same again is fine, another is not."""
    owner = person(tmp_path, 1).owner
    assert keep(owner, "said", b"one") and keep(owner, "said", b"one") and not keep(owner, "said", b"two")
    assert owner.private.load("said") == b"one"


# ---- one input for one base model


def in_round(play: Stage, number: int, model_root: bytes | None = None) -> State:
    """The state with the first height of a later round, whose base model is the same unless another is given."""
    task = play.state.tasks[0]
    secure = replace(
        task.round.secure, members=(), groups=(replace(task.round.secure.groups[0], status=0, named=()),)
    )
    round_ = replace(task.round, number=number, start_height=play.state.height, secure=secure, updates=())
    return replace(play.state, tasks=(replace(task, round=round_, model_root=model_root or task.model_root),))


def test_who_was_on_a_list_sits_out_until_the_model_changes(tmp_path: Path) -> None:
    """However its round ended: a censored answer and a second sum would show what the others sent."""
    play = stage().until(tmp_path, "UNMASK", 4).act(tmp_path, "UNMASK").to(WINDOW["AGGREGATE"])
    for number in (2, 3):
        later = in_round(play, number)
        assert [len(someone.says(later)) for someone in play.people(tmp_path)] == [0, 0, 0, 1]
        moved = in_round(play, number, bytes([number]) * 32)
        assert [len(someone.says(moved)) for someone in play.people(tmp_path)] == [1, 1, 1, 1]


def test_who_was_away_when_the_list_was_drawn_sits_out(tmp_path: Path) -> None:
    """A member that gave an input and saw nothing after it must think that it was summed up."""
    play = stage().until(tmp_path, "INPUT").act(tmp_path, "INPUT").to(WINDOW["AGGREGATE"])
    task = in_round(play, 2).tasks[0]
    assert all(sits_out(someone.owner, task, 0) for someone in play.people(tmp_path))


def test_who_was_on_no_list_may_mask_again(tmp_path: Path) -> None:
    """When too few inputs came nobody is asked for anything: who saw that takes part in the next round."""
    play = stage().until(tmp_path, "UNMASK", 3, 4)
    assert the_round(play).secure.groups[0].status == Standing.INPUTS_MISSING
    for someone in play.people(tmp_path):
        assert someone.says(play.state) == []
    later = in_round(play, 2)
    assert [len(someone.says(later)) for someone in play.people(tmp_path)] == [1, 1, 1, 1]


# ---- who is silent


@pytest.mark.parametrize("stays", range(5))
def test_dropouts_stop_where_they_should(tmp_path: Path, stays: int) -> None:
    """A trainer that disappears before a step takes all steps before it and none after it."""
    for step, window in enumerate(("KEYS", "SHARES", "INPUT", "UNMASK"), start=1):
        play = stage().until(tmp_path / window, window)
        assert len(person(tmp_path / window, 1, Workload(stays=stays)).says(play.state)) == (step <= stays)


def test_nobody_speaks_out_of_turn(tmp_path: Path) -> None:
    """No step without role, deposit or update, in a failed group, out of range, or after the last window."""
    play = stage().until(tmp_path, "INPUT")
    assert person(tmp_path, 9).says(play.state) == []
    assert person(tmp_path, 1, Workload(sends=False)).says(play.state) == []
    assert person(tmp_path, 1, Workload(value=2**20)).says(play.state) == []
    task = play.state.tasks[0]
    poor = tuple(replace(p, deposit=0) for p in task.participants)
    assert person(tmp_path, 1).says(replace(play.state, tasks=(replace(task, participants=poor),))) == []
    failed = (replace(task.round.secure.groups[0], status=Standing.SHARES_MISSING),)
    broken = replace(task, round=replace(task.round, secure=replace(task.round.secure, groups=failed)))
    assert person(tmp_path, 1).says(replace(play.state, tasks=(broken,))) == []
    assert all(someone.says(play.to(WINDOW["AGGREGATE"]).state) == [] for someone in play.people(tmp_path))


# ---- attesting


def test_masked_inputs_are_attested_once_a_blob(tmp_path: Path) -> None:
    """A seat attests every masked input that it has whole, in INPUT and ATTEST, once even if two name one blob."""
    play = stage().until(tmp_path, "INPUT").act(tmp_path, "INPUT")
    members = the_round(play).secure.members
    seat = person(tmp_path, 0).owner
    for height in (WINDOW["INPUT"] + 1, WINDOW["ATTEST"]):
        ((kind, payload),) = AttestDuty().wishes(seat, play.to(height).state)
        assert kind == Kind.AVAILABLE and payload.blob_roots == tuple(m.blob_root for m in members)  # type: ignore[attr-defined]
    play.attest(seats=range(1))
    assert AttestDuty().wishes(seat, play.state) == []
    task = play.state.tasks[0]
    same = tuple(replace(m, blob_root=members[0].blob_root, attesters=()) for m in members)
    twin = replace(task, round=replace(task.round, secure=replace(task.round.secure, members=same)))
    ((_, payload),) = AttestDuty().wishes(seat, replace(play.state, tasks=(twin,)))
    assert payload.blob_roots == (members[0].blob_root,)  # type: ignore[attr-defined]
    assert AttestDuty().wishes(seat, play.to(WINDOW["UNMASK"]).state) == []
