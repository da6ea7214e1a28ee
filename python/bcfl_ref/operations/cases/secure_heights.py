"""Traces of whole secure tasks, height by height: dropouts at every step, cheats, noise, failure (PRV-031 …)."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from ...contract.client import NOT_ANSWERED, client_answer, client_keys, client_shares
from ...contract.tasks import NO_NOISE, Standing, Step
from ...encoding import hash_tree_root
from ...errors import Code
from ...infrastructure.blobs import BlobData
from ...types import (
    ZERO_ROOT,
    Available,
    ClaimAggregate,
    CommitScores,
    CommitUpdate,
    Join,
    MaskedInput,
    Noise,
    Privacy,
    Publish,
    RevealScores,
    ScoreSheet,
    ShareKeys,
    State,
    TaskSpec,
    Testimony,
    Transfer,
)
from .._base import Trace
from . import _scene as scene
from ._play import Play, first_state
from ._secure import ALL, SecurePlay, secrets, secure_spec

CLAUSES = tuple(f"PRV-{number:03}" for number in (2, 3, 31, 32, 33, 34, 35, 36, 37, 38, 39))
OTHER_ROOT = bytes([0x77]) * 32


@dataclass
class SecureTrace:
    """A secure task in the making; who takes which step is said by the caller."""

    play: Play
    trainers: int

    @property
    def scorers(self) -> tuple[int, int]:
        """The two identities that score."""
        return self.trainers + 1, self.trainers + 2

    def window(self, number: int, offset: int = 0) -> None:
        """Let time pass to a height of window `number` (0 to 7, 8 settles) of the current round."""
        task = self.play.task()
        self.play.until(task.round.start_height + number * task.spec.window_heights + offset)

    def members(self, who: Container[int], *steps: Step) -> Iterable[int]:
        """Those of `who` that are at one of these steps in a group that stands."""
        secure = self.play.task().round.secure
        for member in secure.members:
            if member.trainer in who and member.step in steps and secure.groups[member.group].status == Standing.OPEN:
                yield member.trainer

    def advertise(self, who: Iterable[int]) -> None:
        """KEYS."""
        number = self.play.task().round.number
        for trainer in who:
            self.play.send(trainer, client_keys(0, number, secrets(trainer, number)))

    def share(self, who: Container[int] = ALL) -> None:
        """SHARES."""
        self.window(1)
        number = self.play.task().round.number
        for trainer in self.members(who, Step.ADVERTISED):
            self.play.send(trainer, client_shares(self.play.state, 0, trainer, secrets(trainer, number)))

    def give(self, who: Container[int] = ALL) -> None:
        """INPUT, and ATTEST by three seats."""
        self.window(2)
        number = self.play.task().round.number
        blobs = [(trainer, self.masked(trainer)) for trainer in self.members(who, Step.SHARED)]
        for trainer, blob in blobs:
            self.play.put(blob)
            self.play.send(trainer, MaskedInput(0, number, scene.root_of(blob)))
        self.window(3)
        self.play.send_all(range(3), Available(0, tuple(scene.root_of(blob) for _, blob in blobs)))

    def masked(self, trainer: int) -> BlobData:
        """The blob of a trainer's masked update."""
        one = self.play.task().spec.sample_count_max == 1
        samples = {trainer: 1} if one else {}
        return SecurePlay(self.play.state, self.trainers, samples).masked(trainer)

    def answer(self, who: Container[int] = ALL) -> None:
        """UNMASK."""
        self.window(4)
        number = self.play.task().round.number
        for trainer in self.members(who, Step.SHARED, Step.SURVIVOR, Step.LOST):
            said = client_answer(self.play.state, 0, trainer, secrets(trainer, number), NOT_ANSWERED)
            self.play.send(trainer, said)

    def sheet(self, scorer: int, correct: dict[int, int]) -> ScoreSheet:
        """What a scorer finds: correct of 100, by group; 80 unless said."""
        round_ = self.play.task().round
        entries = tuple(Testimony(u.blob_root, correct.get(u.trainer, 80), 100) for u in round_.updates)
        salt = scene.salt(scorer, round_.number)
        return ScoreSheet(self.play.state.genesis_root, 0, round_.number, scorer, entries, salt)

    def score(self, correct: dict[int, int] | None = None) -> None:
        """SCORE_COMMIT and SCORE_REVEAL."""
        found = correct or {}
        self.window(5)
        sheets = [self.sheet(scorer, found) for scorer in self.scorers]
        for sheet in sheets:
            self.play.send(sheet.sender, CommitScores(0, sheet.round, hash_tree_root(sheet)))
        self.window(6)
        for sheet in sheets:
            self.play.send(sheet.sender, RevealScores(0, sheet.round, sheet.entries, sheet.salt))

    def claim(self) -> None:
        """AGGREGATE: everybody appointed claims."""
        self.window(7)
        model = self.play.aggregate()
        number = self.play.task().round.number
        for sender in self.play.task().round.aggregators:
            self.play.send(sender, ClaimAggregate(0, number, scene.root_of(model)))
        self.play.put(model)

    def trace(self, name: str, comment: str, bug: str | None = None, clauses: tuple[str, ...] = CLAUSES) -> Trace:
        """What was recorded."""
        steps = self.play.steps_so_far()
        return Trace("privacy.heights", f"prv-{name}", comment, self.play.init, steps, clauses, bug=bug)


def people(count: int) -> State:
    """The first state of the traces of tasks, with more identities; the first four hold the seats."""
    state = first_state()
    more = tuple(scene.identity(number) for number in range(4, count))
    return replace(state, identities=(*state.identities, *more), supply=state.supply + 1000 * len(more))


def started(trainers: int, spec: TaskSpec) -> SecureTrace:
    """Heights 0 to 3: published, joined, attested, the first of KEYS in round 1."""
    trace = SecureTrace(Play(people(trainers + 3), (scene.MODEL,)), trainers)
    play = trace.play
    play.until(1)
    play.send(0, Publish(spec))
    for trainer in range(1, trainers + 1):
        play.send(trainer, Join(0, 1, spec.terms_root))
    for scorer in trace.scorers:
        play.send(scorer, Join(0, 2, spec.terms_root))
    play.until(2)
    play.send_all(range(3), Available(0, (spec.model_root,)))
    play.until(3)
    return trace


def two_rounds() -> Trace:
    """Five in one group: a round in which one gives no input and another no answer, then one without loss."""
    spec = secure_spec(5, averaging=0, aggregators=1)
    trace = started(5, spec)
    play = trace.play
    play.send(1, CommitUpdate(0, 1, ZERO_ROOT), Code.PHASE_MISMATCH)
    trace.advertise((2, 1, 3, 4, 5))
    play.send(1, client_keys(0, 1, secrets(1)), Code.ALREADY_ADVERTISED)
    play.send(6, client_keys(0, 1, secrets(6)), Code.ROLE_MISSING)
    trace.share()
    play.send(2, client_shares(play.state, 0, 2, secrets(2)), Code.ALREADY_SHARED)
    play.send(1, MaskedInput(0, 1, OTHER_ROOT), Code.PHASE_MISMATCH)
    trace.give({1, 2, 3, 5})
    late = scene.root_of(trace.masked(4))
    play.send(4, MaskedInput(0, 1, late), Code.PHASE_MISMATCH)
    play.send(3, Available(0, (late,)), Code.BLOB_UNKNOWN)
    play.send(0, Available(0, (play.task().round.secure.members[0].blob_root,)), Code.ALREADY_ATTESTED)
    trace.answer({1, 2, 3, 4})
    again = client_answer(play.state, 0, 5, secrets(5), NOT_ANSWERED)
    play.send(1, again, Code.ALREADY_ANSWERED)
    play.send(5, replace(again, list_root=OTHER_ROOT), Code.LIST_MISMATCH)
    play.send(5, replace(again, shares=(replace(again.shares[0], share=(1, 2, 3, 4, 5)),)), Code.SHARE_MISMATCH)
    trace.score()
    trace.claim()
    trace.window(8)
    trace.advertise((1, 2, 3, 4, 5))
    trace.share()
    trace.give()
    trace.answer()
    trace.score()
    trace.claim()
    trace.window(8)
    play.send(1, client_keys(0, 2, secrets(1, 2)), Code.ROUND_MISMATCH)
    play.send(0, Transfer(1, 1), Code.KIND_UNKNOWN, kind=52)
    return trace.trace(
        "trace-two-rounds",
        "a late masked input, a key rebuilt, a survivor that answers nothing and is not paid; then a whole round",
        "sums what comes late",
    )


def groups_fail_alone() -> Trace:
    """Three groups: in one a dealer cheats, one loses two inputs, the third opens and becomes the model."""
    spec = secure_spec(12, privacy=Privacy(1, 3, 2, 0, NO_NOISE), rounds=1, sample_count_max=120)
    trace = started(12, spec)
    play = trace.play
    trace.advertise(range(1, 13))
    trace.window(1)
    crooks = [m.trainer for m in play.task().round.secure.members if m.group == 0][:1]
    for trainer in crooks:
        dealt = client_shares(play.state, 0, trainer, secrets(trainer))
        play.send(trainer, replace(dealt, seed_mark=OTHER_ROOT))
    trace.share()
    silent = [m.trainer for m in play.task().round.secure.members if m.group == 1][:2]
    slow = next(m.trainer for m in play.task().round.secure.members if m.group == 2)
    trace.give(set(range(1, 13)) - {slow, *silent})
    late = scene.root_of(trace.masked(slow))
    play.send(slow, MaskedInput(0, 1, late), Code.PHASE_MISMATCH)
    play.send(3, Available(0, (late,)), Code.BLOB_UNKNOWN)
    trace.answer()
    play.send(silent[0], client_keys(0, 1, secrets(silent[0])), Code.PHASE_MISMATCH)
    trace.score({2: 60})
    trace.claim()
    trace.window(8)
    return trace.trace(
        "trace-groups",
        "a dealer whose shares belong to no seed loses its deposit and its group the round; a group of too few loses "
        "nothing but the round; the third opens without an input that came late, by a key that is rebuilt, is scored "
        "and paid, and becomes the model",
        "fails the round with the group, or sums what comes late",
        (*CLAUSES, "PRV-027"),
    )


def nobody_opens() -> Trace:
    """Too few answer: nothing is revealed, nobody is paid, the rewards go back."""
    trace = started(4, secure_spec(4, rounds=2))
    play = trace.play
    trace.advertise((1, 2, 3, 4))
    trace.share()
    trace.give()
    trace.answer({1})
    trace.window(5)
    play.send(5, ClaimAggregate(0, 1, ZERO_ROOT), Code.PHASE_MISMATCH)
    trace.score()
    trace.window(7)
    play.send(1, ClaimAggregate(0, 1, ZERO_ROOT), Code.NOTHING_ACCEPTED)
    trace.window(8)
    trace.advertise((1, 4))
    trace.window(1)
    play.send(1, ShareKeys(0, 2, ZERO_ROOT, ()), Code.GROUP_FAILED)
    trace.window(8)
    return trace.trace(
        "trace-failed",
        "a round with one answer, a round with two keys: both fail by name and refund",
        "pays for trying",
    )


def noisy() -> Trace:
    """Noise with a budget for one round: the second does not begin."""
    promised = Noise(1000, 90000, 1, 1, 2**43)
    spec = secure_spec(4, privacy=Privacy(1, 1, 2, 0, promised), sample_count_max=1, rounds=3)
    trace = started(4, spec)
    trace.advertise((1, 2, 3, 4))
    trace.share()
    trace.give({1, 2, 3})
    trace.answer()
    trace.score()
    trace.claim()
    trace.window(8)
    return trace.trace(
        "trace-noise",
        "a noisy sum with a fixed denominator; the budget does not hold a second round, so the task is completed",
        "divides by who survived",
        (*CLAUSES, "PRV-060", "PRV-065", "PRV-068"),
    )


CASES: tuple[Trace, ...] = (two_rounds(), groups_fail_alone(), nobody_opens(), noisy())
