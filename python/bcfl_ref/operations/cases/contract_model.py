"""Traces of one task taken from the formal model `spec/tla/Task.tla` (CTR-001 ... CTR-017, INC-005 ... INC-009).

The corpus says who does what and which guards refuse it; here the requests become transactions. A commitment is
made to what the same trace reveals later, since the model chooses that only then. Names: issuer, a, b, c are the
identities 0 to 3. No block is finished: heads and mix stay as they are, and a height follows a height.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from bcfl_ref.contract.claims import is_aggregable
from bcfl_ref.encoding import BLOB_MODEL, hash_tree_root
from bcfl_ref.errors import Code, InvariantError
from bcfl_ref.infrastructure.blobs import BlobData
from bcfl_ref.operations._base import Trace
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.operations.cases._play import Play
from bcfl_ref.types import (
    ZERO_ROOT,
    Available,
    ClaimAggregate,
    CommitScores,
    Committee,
    CommitUpdate,
    Join,
    Publish,
    RevealScores,
    RevealUpdate,
    ScoreSheet,
    Seat,
    State,
    TaskSpec,
    Testimony,
    UpdateCommitment,
)

CORPUS = Path(__file__).parent / "corpus" / "task.json"
PEOPLE = ("issuer", "a", "b", "c")
SAMPLES = (1, 3, 5, 1)
ROLES = {"trainer": 1, "scorer": 2, "other": 3}
TOTAL = 100
"""Samples of every scorer: the model's scores are hundredths."""
OTHER_ROOT = bytes([0x77]) * 32
JUNK_MODEL = scene.blob((1, 2), BLOB_MODEL, OTHER_ROOT)
MODELS = {"model": scene.MODEL, "junk": JUNK_MODEL}
REPUTATIONS = {
    "<- Bounds": (5000, 1000, 10000, 100, 500),
    "<- Steep": (1600, 500, 1750, 100, 1000),
    "<- Tight": (1100, 1000, 1150, 100, 500),
}
CLAUSES = tuple(f"CTR-{number:03}" for number in (1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17))

Step = Mapping[str, Any]


def blob_of(kind: str, who: str) -> BlobData:
    """What the model calls a blob: one's own, one that several trainers have, or one that is no update."""
    number = PEOPLE.index(who) if who in PEOPLE else 0
    if kind == "junk":
        return scene.blob((number, 9), BLOB_MODEL)
    return scene.blob((7, 7) if kind == "same" else (8 * number, -4))


def blobs_for(constants: Mapping[str, Any]) -> list[BlobData]:
    """The blobs that a node has in a slice."""
    models = [MODELS[name.strip('"')] for name in constants["Models"]]
    trainers, kinds = ([name.strip('"') for name in constants[key]] for key in ("Trainers", "Blobs"))
    own = [blob_of(kind, who) for kind in kinds for who in trainers if kind != "same"]
    return [*models, *own, *([blob_of("same", "all")] if "same" in kinds else [])]


def members(quoted: Sequence[str]) -> list[int]:
    """Registration indices of names as the configuration quotes them."""
    return [PEOPLE.index(name.strip('"')) for name in quoted]


def task_spec(constants: Mapping[str, Any], model: str = "model") -> TaskSpec:
    """The task of a configuration of the model."""
    return replace(
        scene.SPEC,
        model_root=scene.root_of(MODELS[model]),
        rounds=constants["Rounds"],
        window_heights=constants["Width"],
        registration_heights=constants["Registration"],
        trainers_min=constants["TrainersMin"],
        trainers_max=constants["TrainersMax"],
        scorers_min=constants["ScorersMin"],
        scorers_max=constants["ScorersMax"],
        averaging=int(constants["AverageAll"]),
        aggregators=constants["Drawn"],
        payment=int(constants["BySize"]),
        reward_round=constants["Reward"],
        deposit=constants["Deposit"],
        acceptance_bps=100 * constants["Acceptance"],
    )


def first_state(constants: Mapping[str, Any], init: Mapping[str, Any]) -> State:
    """Height 1: nobody has published, the seats never change, every balance is the model's."""
    first, low, high, gain, loss = REPUTATIONS[constants["Reputation"]]
    parameters = replace(
        scene.PARAMETERS,
        epoch_heights=1000,
        tasks_open_max=1,
        reputation_initial_bps=first,
        reputation_min_bps=low,
        reputation_max_bps=high,
        reputation_gain_bps=gain,
        reputation_loss_bps=loss,
    )
    balances = [init["bal"][name] for name in PEOPLE]
    identities = tuple(
        scene.identity(number, balance=balance, reputation_bps=first) for number, balance in enumerate(balances)
    )
    seats = tuple(Seat(holder, 1) for holder in members(constants["Seats"]))
    committee = Committee(0, ZERO_ROOT, seats)
    state = replace(scene.empty_state(), parameters=parameters, identities=identities, supply=sum(balances))
    return replace(state, committee=committee, next_committee=committee)


class ModelPlay:
    """One trace of the corpus, played by the reference; `play` holds the state after the last step."""

    def __init__(self, constants: Mapping[str, Any], init: Mapping[str, Any], steps: Sequence[Step]) -> None:
        self._constants, self._steps = constants, steps
        self.play = Play(first_state(constants, init), blobs_for(constants))

    def take(self, index: int) -> None:
        """Step `index`: it must be refused with the first failing guard, or accepted."""
        step = self._steps[index]
        wanted = Code(step["refused"][0]) if "refused" in step else None
        if "who" not in step:
            self.play.begin(wanted)
            return
        who = PEOPLE.index(step["who"])
        payload = getattr(self, "_" + step["op"])(who, step, index)
        how = step.get("how", "right")
        if how == "task":
            payload = replace(payload, task=1)
        if how == "round":
            payload = replace(payload, round=payload.round + 1)
        self.play.send(who, payload, wanted)

    def _later(self, index: int, op: str) -> Step:
        """What the sender of step `index` reveals in this round; an honest reveal where it never does."""
        who = self._steps[index]["who"]
        for step in self._steps[index:]:
            if step["op"] == "settle":
                break
            if step["op"] == op and step.get("who") == who and "refused" not in step:
                return step
        return {"op": op, "who": who, "arg": "own"}

    def _number(self) -> int:
        return self.play.task().round.number if self.play.state.tasks else 0

    def _publish(self, who: int, step: Step, index: int) -> Publish:
        spec = task_spec(self._constants, step["arg"])
        how = step.get("how", "right")
        if how == "spec":
            spec = replace(spec, rounds=0)
        if how == "dear":
            spec = replace(spec, reward_round=self.play.state.identities[who].balance // spec.rounds + 1)
        return Publish(spec)

    def _join(self, who: int, step: Step, index: int) -> Join:
        return Join(0, ROLES[step["arg"]], OTHER_ROOT if step.get("how") == "terms" else scene.TERMS_ROOT)

    def _opened(self, who: int, step: Step) -> UpdateCommitment:
        """What a reveal of a trainer opens."""
        number, tasks = self._number(), self.play.state.tasks
        base = tasks[0].model_root if tasks else ZERO_ROOT
        root = scene.root_of(blob_of(step["arg"], PEOPLE[who]))
        return UpdateCommitment(scene.GENESIS_ROOT, 0, number, who, base, root, SAMPLES[who], scene.salt(who, number))

    def _commit_update(self, who: int, step: Step, index: int) -> CommitUpdate:
        opened = self._opened(who, self._later(index, "reveal_update"))
        return CommitUpdate(0, opened.round, hash_tree_root(opened))

    def _reveal_update(self, who: int, step: Step, index: int) -> RevealUpdate:
        reveal, how = scene.reveal_of(self._opened(who, step)), step.get("how", "right")
        if how in ("samples", "oversized"):
            return replace(reveal, sample_count=0 if how == "samples" else scene.SPEC.sample_count_max + 1)
        return replace(reveal, salt=OTHER_ROOT) if how == "mismatch" else reveal

    def _attest(self, who: int, step: Step, index: int) -> Available:
        kind = step["arg"]
        root = OTHER_ROOT if kind == "none" else self._root(kind, step.get("by", ""))
        return Available(0, (root,))

    def _root(self, kind: str, by: str) -> bytes:
        if kind == "model":
            return self.play.task().spec.model_root if self.play.state.tasks else ZERO_ROOT
        return scene.root_of(blob_of(kind, by))

    def _entries(self, who: int, said: Sequence[int]) -> tuple[Testimony, ...]:
        if not self.play.state.tasks:
            return ()
        others = [u for u in self.play.task().round.updates if u.status == 5 and u.trainer != who]
        numbers = said or [max(self._constants["Scores"])] * len(others)
        pairs = zip(others, numbers, strict=True)
        return tuple(Testimony(update.blob_root, number, TOTAL) for update, number in pairs)

    def _sheet(self, who: int, step: Step) -> ScoreSheet:
        number = self._number()
        entries = self._entries(who, step.get("say", ()))
        return ScoreSheet(scene.GENESIS_ROOT, 0, number, who, entries, scene.salt(who, number))

    def _commit_scores(self, who: int, step: Step, index: int) -> CommitScores:
        opened = self._sheet(who, self._later(index, "reveal_scores"))
        return CommitScores(0, opened.round, hash_tree_root(opened))

    def _reveal_scores(self, who: int, step: Step, index: int) -> RevealScores:
        how, opened = step.get("how", "right"), self._sheet(who, step)
        entries = opened.entries
        if how == "coverage":
            entries = entries[:-1] if entries else (Testimony(OTHER_ROOT, 1, TOTAL),)
        if how == "reordered":
            entries = entries[::-1]
        if how == "testimony":
            entries = (Testimony(entries[0].update_root, TOTAL + 1, TOTAL), *entries[1:])
        return RevealScores(0, opened.round, entries, OTHER_ROOT if how == "mismatch" else opened.salt)

    def _claim_aggregate(self, who: int, step: Step, index: int) -> ClaimAggregate:
        right = step.get("how", "right") != "false" and self.play.state.tasks and is_aggregable(self.play.task())
        claim = ClaimAggregate(0, self._number(), self.play.aggregate_root() if right else OTHER_ROOT)
        if right:
            self._keep()
        return claim

    def _keep(self) -> None:
        """An aggregator has the model it claims: the next round needs it."""
        if self._constants["Rounds"] > self._number():
            self.play.put(self.play.aggregate())


@lru_cache(maxsize=1)
def corpus() -> Any:
    """The committed corpus, part of the package so that an installed one makes the same vectors."""
    return json.loads(CORPUS.read_text(encoding="utf-8"))


def played(part: Mapping[str, Any], trace: Mapping[str, Any]) -> Trace:
    """One trace of a slice as a case."""
    model = ModelPlay(part["constants"], part["init"], trace["steps"])
    for index in range(len(trace["steps"])):
        try:
            model.take(index)
        except InvariantError as error:
            raise InvariantError(f"{trace['id']}: {trace['steps'][index]}: {error}") from None
    refused = sum("refused" in step for step in trace["steps"])
    comment = f"a path of the model Task, {len(trace['steps'])} steps, of which {refused} are refused"
    identity = f"ctr-model-{trace['id']}"
    return Trace("transition.heights", identity, comment, model.play.init, model.play.steps_so_far(), CLAUSES)


CASES: tuple[Trace, ...] = tuple(played(part, trace) for part in corpus()["slices"] for trace in part["traces"])
