"""Traces of one group taken from the formal model `spec/tla/MCSecAggVectors.tla` (PRV-031 to PRV-038).

The corpus is a tree: a row says what happens after another row, and what that changes or which guards refuse it. Here
the rows become payloads with real keys, shares and masks. The members a, b, c, d and x are the trainers 1, 2, … in
this order; s is the first scorer. Of the tree a few branches are vectors: those that between them show every refusal
of one reason and every way in which a group can end; the tests play all of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bcfl_ref import kernels
from bcfl_ref.contract.client import client_answer, client_keys, client_shares
from bcfl_ref.contract.secure import group_members, neighbours, set_group, survivor_list
from bcfl_ref.contract.tasks import Standing, Step
from bcfl_ref.encoding import hash_tree_root
from bcfl_ref.errors import Code, InvariantError, SpecError
from bcfl_ref.infrastructure.blobs import BlobData
from bcfl_ref.kernels.limits import FIELD_MODULUS
from bcfl_ref.operations._base import Trace
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.operations.cases._secure import SecurePlay, secrets, secure_spec
from bcfl_ref.operations.cases.secure_heights import started
from bcfl_ref.privacy.sharing import SECRET_SEED, secret_mark, secret_to_limbs
from bcfl_ref.types import (
    AdvertiseKeys,
    Available,
    Container,
    Edge,
    MaskedInput,
    Member,
    OpenedShare,
    ShareKeys,
    State,
    Unmask,
)

CORPUS = Path(__file__).parent / "corpus" / "secure.json"
OTHER_ROOT = bytes([0x77]) * 32
THRESHOLD = 2
"""In all slices."""
OTHER_NUMBER = 99
"""Of a round whose secrets nobody uses."""
WINDOWS = ("keys", "shares", "inputs", "attest", "unmasking", "after")

Row = Sequence[Any]
"""[number of the row before, operation, whom, how, what changed or the codes that refuse]."""


@lru_cache(maxsize=1)
def corpus() -> Any:
    """The committed corpus, part of the package so that an installed one makes the same vectors."""
    return json.loads(CORPUS.read_text(encoding="utf-8"))


def trainers_of(constants: Mapping[str, Any]) -> dict[str, int]:
    """Registration indices by name."""
    return {name: number for number, name in enumerate([*constants["Honest"], *constants["Corrupt"]], 1)}


def refused(row: Row) -> bool:
    """Whether a row is a request that guards refuse."""
    return isinstance(row[4], list)


# ---------------------------------------------------------------------------------------------------------
# What members send


@dataclass(frozen=True)
class Members:
    """Names, and who of them deals shares that do not fit the mark of its seed."""

    trainers: Mapping[str, int]
    cheats: bool = False

    def index(self, who: str) -> int:
        """The identity behind a name."""
        return self.trainers.get(who, len(self.trainers) + 1)

    def payload(self, op: str, who: str, how: str, state: State) -> Container:
        """What `who` sends; where it has nothing to send, something of the right form."""
        makers: Mapping[str, Callable[[int, str, State], AdvertiseKeys | ShareKeys | MaskedInput | Unmask]] = {
            "advertise_keys": self._keys,
            "share_keys": self._shares,
            "masked_input": self._input,
            "unmask": self._answer,
        }
        made = makers[op](self.index(who), how, state)
        if how == "task":
            return replace(made, task=1)
        return replace(made, round=made.round + 1) if how == "round" else made

    def _keys(self, own: int, how: str, state: State) -> AdvertiseKeys:
        number = state.tasks[0].round.number
        made = client_keys(0, number, secrets(own, OTHER_NUMBER if how == "fresh" else number))
        shown = [member.mask_key for member in state.tasks[0].round.secure.members if member.trainer != own]
        match how:
            case "one key":
                return replace(made, share_key=made.mask_key)
            case "shown":
                return replace(made, share_key=shown[0])
            case "zero mask key":
                return replace(made, mask_key=bytes(32))
            case "zero share key":
                return replace(made, share_key=bytes(32))
        return made

    def _shares(self, own: int, how: str, state: State) -> ShareKeys:
        number = state.tasks[0].round.number
        try:
            made = client_shares(as_if_open(state), 0, own, secrets(own, number))
        except SpecError:
            return ShareKeys(0, number, OTHER_ROOT, (Edge(OTHER_ROOT, OTHER_ROOT, bytes(96)),))
        if how == "edges":
            return replace(made, edges=made.edges[:-1])
        if self.cheats and own == self.trainers.get("x"):
            return replace(made, seed_mark=secret_mark(SECRET_SEED, OTHER_ROOT))
        return made

    def blob(self, own: int, state: State) -> BlobData:
        """A masked input."""
        return SecurePlay(state, len(self.trainers)).masked(own)

    def _input(self, own: int, how: str, state: State) -> MaskedInput:
        number = state.tasks[0].round.number
        try:
            root = scene.root_of(self.blob(own, state))
        except SpecError:
            root = OTHER_ROOT
        return MaskedInput(0, number, root)

    def _answer(self, own: int, how: str, state: State) -> Unmask:
        number, listed = state.tasks[0].round.number, hash_tree_root(survivor_list(state, 0, 0))
        try:
            made = client_answer(as_if_open(state), 0, own, secrets(own, number), listed)
        except SpecError:
            made = Unmask(0, number, listed, ())
        if how == "list":
            return replace(made, list_root=OTHER_ROOT)
        return replace(made, shares=self._changed(own, how, state, made.shares))

    def _changed(self, own: int, how: str, state: State, shares: tuple[OpenedShare, ...]) -> tuple[OpenedShare, ...]:
        """The shares of an answer with one thing wrong."""
        unshared = [member.trainer for member in group_members(state.tasks[0].round, 0, (Step.ADVERTISED,))]
        strangers = {"stranger": [self.index("s")], "own": [own], "silent": unshared}
        match how:
            case "order":
                return shares[::-1]
            case "twice":
                return (shares[0], *shares)
            case "stranger" | "own" | "silent":
                more = replace(shares[0], member=strangers[how][0])
                return tuple(sorted((*shares, more), key=lambda opened: opened.member))
            case "limbs":
                return (replace(shares[0], share=shares[0].share[:4]), *shares[1:])
            case "field":
                return (replace(shares[0], share=(FIELD_MODULUS, *shares[0].share[1:])), *shares[1:])
            case "share":
                return (replace(shares[0], share=(shares[0].share[0] ^ 1, *shares[0].share[1:])), *shares[1:])
            case "secret":
                return (replace(shares[0], share=self._other_secret(own, shares[0].member, state)), *shares[1:])
        return shares

    def _other_secret(self, own: int, dealer: int, state: State) -> tuple[int, ...]:
        """The share of a dealer's other secret, which nobody may open."""
        task = state.tasks[0]
        of_dealer = secrets(dealer, task.round.number)
        survived = any(m.trainer == dealer for m in group_members(task.round, 0, (Step.SURVIVOR,)))
        secret, seed = (
            (of_dealer.mask_secret, of_dealer.key_dealing) if survived else (of_dealer.seed, of_dealer.seed_dealing)
        )
        holders = neighbours(task, 0, 0)[dealer]
        limbs = np.array(secret_to_limbs(secret), dtype=np.uint64)
        rows = kernels.shamir_share(limbs, task.spec.privacy.threshold, len(holders), seed)
        return tuple(rows[holders.index(own)].tolist())


def as_if_open(state: State) -> State:
    """For members that go on although their group has failed."""
    return set_group(state, 0, 0, status=Standing.OPEN) if state.tasks[0].round.secure.groups else state


# ---------------------------------------------------------------------------------------------------------
# Rows on a ledger


class Ledger(Protocol):
    """What rows are played on: a recorder of traces, or the rules of the contract themselves."""

    @property
    def state(self) -> State:
        """The state now."""

    def send(self, sender: int, payload: Container, refused: Code | None = None) -> None:
        """A transaction, which must be refused with this code or not at all."""

    def put(self, blob: BlobData) -> None:
        """The node gets a blob."""

    def until(self, height: int) -> None:
        """Time passes."""


@dataclass(frozen=True)
class Player:
    """Takes rows on a ledger; `asked` is the state that members answer, from the begin of UNMASK on."""

    members: Members
    ledger: Ledger
    asked: State | None = None

    def begin(self) -> Player:
        """The first window of a round: who is corrupt is there at once."""
        if "x" in self.members.trainers:
            self._send("advertise_keys", "x")
        return replace(self, asked=None)

    def take(self, row: Row, window: str) -> Player:
        """One row, in the window where it begins; what happens off the ledger is no transaction."""
        _, op, whom, how, _ = row
        if op in ("read", "persist", "restart") or how == "withheld":
            return self
        if op not in ("advertise_keys", "share_keys", "masked_input", "unmask"):
            return self._time(op, whom, window)
        code = Code(row[4][0]) if refused(row) else Code.PHASE_MISMATCH if how == "late" else None
        self._send(op, whom, how, code)
        return self

    def _send(self, op: str, who: str, how: str = "right", code: Code | None = None) -> None:
        own, state = self.members.index(who), self.ledger.state
        if op == "masked_input" and code is None:
            self.ledger.put(self.members.blob(own, state))
        seen = self.asked if op == "unmask" and self.asked is not None else state
        self.ledger.send(own, self.members.payload(op, who, how, seen), code)

    def _time(self, op: str, whom: str, window: str) -> Player:
        """The next window, after what is still missing in this one: who attests, what the corrupt member answers."""
        if op == "close_inputs" and whom:
            chosen = [self.members.index(name) for name in whom]
            given = [m.blob_root for m in self._members() if m.trainer in chosen]
            for seat in range(3):
                self.ledger.send(seat, Available(0, tuple(given)))
        if op == "open_groups" and "x" in whom:
            self._send("unmask", "x")
        if op == "begin_round":
            self._until(8)
            return self.begin()
        self._until(WINDOWS.index(window) + 1)
        stands = self.ledger.state.tasks[0].round.secure.groups[0].status == Standing.OPEN
        owed = {"draw_graphs": "share_keys", "close_shares": "masked_input"}.get(op)
        if owed and stands and "x" in self.members.trainers:
            self._send(owed, "x")
        return replace(self, asked=self.ledger.state) if op == "close_inputs" else self

    def _until(self, number: int) -> None:
        task = self.ledger.state.tasks[0]
        self.ledger.until(task.round.start_height + number * task.spec.window_heights)

    def _members(self) -> tuple[Member, ...]:
        return self.ledger.state.tasks[0].round.secure.members


# ---------------------------------------------------------------------------------------------------------
# Branches as traces


Goal = tuple[str, ...]
Branch = tuple[Any, tuple[int, ...]]
"""A slice, and the numbers of the rows from the first on; refusals stand where they are asked for."""


def branches(part: Any) -> Iterator[tuple[int, ...]]:
    """Every way through the tree of a slice to one of its ends, with all refusals on the way."""
    rows = part["rows"]
    refusals: dict[int, list[int]] = {}
    for number, row in enumerate(rows, 1):
        if refused(row):
            refusals.setdefault(row[0], []).append(number)
    inner = {row[0] for row in rows if not refused(row)}
    for number, row in enumerate(rows, 1):
        if number in inner or refused(row):
            continue
        way = []
        while number:
            way += [*reversed(refusals.get(number, [])), number]
            number = rows[number - 1][0]
        yield (*refusals.get(0, []), *reversed(way))


def goals_of(part: Any, branch: Sequence[int]) -> set[Goal]:
    """What a branch shows: each request that is wrong in one way, each end, refusals after it, deadlines just kept.

    A deadline is just kept, or just missed, with the fewest that are enough or one fewer: by who did what it counts.
    """
    found: set[Goal] = set()
    words = {"standing": "open", "window": "keys", "U1": "", "U2": "", "final": ""}
    for number in branch:
        _, op, whom, how, change = part["rows"][number - 1]
        if isinstance(change, list):
            alone = change[0] if len(change) == 1 else "several"
            ended = {("refused after", op), ("refused after", words["standing"])}
            found |= {(op, how, alone), *(ended if words["window"] == "after" else ())}
            continue
        counted = {"draw_graphs": words["U1"], "close_shares": words["U2"], "close_inputs": whom, "open_groups": whom}
        words |= change
        found |= {("ends", words["standing"]), *({(op, how)} if how != "right" or op == "begin_round" else ())}
        if op in counted and len(counted[op]) in (THRESHOLD, THRESHOLD + 1) and how != "wrong":
            found.add((op, words["standing"], str(len(counted[op]))))
        if words["standing"] == "opened":
            found.add(("opened without", str(words["U1"] != words["U2"]), str(words["U2"] != words["final"])))
    return found


def chosen() -> list[Branch]:
    """Greedy: the branch with the most new goals of all, again and again until nothing is new."""
    every = [(part, branch) for part in corpus()["slices"] for branch in branches(part)]
    goals = [goals_of(part, branch) for part, branch in every]
    missing: set[Goal] = set().union(*goals)
    found = []
    while missing:
        best = max(range(len(every)), key=lambda at: (len(missing & goals[at]), -len(every[at][1]), -at))
        found.append(every[best])
        missing -= goals[best]
    return found


def played(part: Any, branch: Sequence[int]) -> Trace:
    """One branch as a case."""
    rows = [part["rows"][number - 1] for number in branch]
    trainers = trainers_of(part["constants"])
    trace = started(len(trainers), secure_spec(len(trainers)))
    members = Members(trainers, any(row[3] == "wrong" for row in rows))
    player, window = Player(members, trace.play).begin(), "keys"
    for number, row in zip(branch, rows, strict=True):
        try:
            player = player.take(row, window)
        except InvariantError as error:
            raise InvariantError(f"{part['id']}, row {number}, {row}: {error}") from None
        window = window if refused(row) else row[4].get("window", window)
    comment = f"a branch of the model SecAgg, {len(rows)} rows, of which {sum(map(refused, rows))} are refused"
    return trace.trace(f"model-{part['id']}-{branch[-1]}", comment)


CASES: tuple[Trace, ...] = tuple(played(part, branch) for part, branch in chosen())
