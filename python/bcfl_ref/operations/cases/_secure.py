"""One small secure task, played by the rules themselves: where the cases of secure rounds begin.

Identity 0 is the issuer, 1 to n train, n + 1 and n + 2 score. The first four identities hold one seat each, so three
attesters make a blob available. A window lasts two heights, registration as well:

    published 1 · registration ends 3 = S · KEYS 3–4 · SHARES 5–6 · INPUT 7–8 · ATTEST 9–10 · UNMASK 11–12 ·
    SCORE_COMMIT 13–14 · SCORE_REVEAL 15–16 · AGGREGATE 17–18 · settle 19
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...contract.attestation import attest
from ...contract.client import NOT_ANSWERED, ClientSecrets, client_answer, client_input, client_keys, client_shares
from ...contract.opening import task_ring
from ...contract.secure import advertise_keys, masked_input, share_keys, unmask
from ...contract.tasks import NO_NOISE, Role, Standing, Step, join, publish
from ...encoding import BLOB_MASKED, ELEMENT_U32, ELEMENT_U64, commit_blob, hash_bytes
from ...errors import InvariantError
from ...infrastructure.blobs import BlobData
from ...types import Available, Join, MaskedInput, Member, Privacy, Publish, State, TaskSpec
from . import _scene as scene

ALL = range(2**32)
WINDOW = {"KEYS": 3, "SHARES": 5, "INPUT": 7, "ATTEST": 9, "UNMASK": 11, "SCORE_COMMIT": 13, "AGGREGATE": 17}
"""The first height of each window of round 1."""


def secrets(trainer: int, number: int = 1) -> ClientSecrets:
    """Secrets that everybody can guess, for vectors only."""
    return ClientSecrets(*(hash_bytes(bytes([trainer, number, purpose])) for purpose in range(6)))


def vector(trainer: int, number: int = 1) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """The update of a trainer: two coordinates that tell trainers apart in every sum."""
    return np.array([3**trainer, -(2**trainer) * number], dtype=np.int32)


def secure_spec(trainers: int, **changes: Any) -> TaskSpec:
    """The small task with secure rounds; one group of all trainers with threshold 2 unless changed."""
    privacy = Privacy(1, 1, 2, 0, NO_NOISE)
    base = replace(scene.SPEC, trainers_min=trainers, trainers_max=trainers, sample_count_max=100, privacy=privacy)
    return replace(base, **changes)


@dataclass
class SecurePlay:
    """A secure task on its way: who does what in each window is said by the caller, the rest is done by the rules."""

    state: State
    trainers: int
    samples: Mapping[int, int] = field(default_factory=dict)
    blobs: dict[bytes, BlobData] = field(default_factory=lambda: dict(scene.BLOBS))
    index: int = 0

    @property
    def names(self) -> range:
        """The identities that train."""
        return range(1, self.trainers + 1)

    def to(self, height: int) -> SecurePlay:
        """Let time pass."""
        self.state = scene.to_height(self.state, height, self.blobs)
        return self

    def member(self, trainer: int) -> Member:
        """A trainer's entry in the round."""
        found = next((m for m in self.state.tasks[self.index].round.secure.members if m.trainer == trainer), None)
        if found is None:
            raise InvariantError(f"{trainer} is no member")
        return found

    def stands(self, trainer: int, *steps: Step) -> bool:
        """Whether the trainer is a member at one of these steps whose group stands."""
        secure = self.state.tasks[self.index].round.secure
        found = next((m for m in secure.members if m.trainer == trainer), None)
        return found is not None and found.step in steps and secure.groups[found.group].status == Standing.OPEN

    def advertise(self, who: Container[int] = ALL) -> SecurePlay:
        """KEYS."""
        number = self.state.tasks[self.index].round.number
        for trainer in self.names:
            if trainer in who:
                self.state = advertise_keys(
                    self.state, trainer, client_keys(self.index, number, secrets(trainer, number))
                )
        return self

    def share(self, who: Container[int] = ALL) -> SecurePlay:
        """SHARES."""
        number = self.state.tasks[self.index].round.number
        for trainer in self.names:
            if trainer in who and self.stands(trainer, Step.ADVERTISED):
                dealt = client_shares(self.state, self.index, trainer, secrets(trainer, number))
                self.state = share_keys(self.state, trainer, dealt)
        return self

    def masked(self, trainer: int) -> BlobData:
        """The blob of a trainer's masked update."""
        task = self.state.tasks[self.index]
        number = task.round.number
        samples, mine = self.samples.get(trainer, 10 * trainer), secrets(trainer, number)
        words = client_input(self.state, self.index, trainer, mine, vector(trainer, number), samples)
        ring = task_ring(task.spec)
        data = words.astype(f"<u{ring // 8}").tobytes()
        element = ELEMENT_U32 if ring == 32 else ELEMENT_U64
        return BlobData(commit_blob(BLOB_MASKED, element, task.spec.layout_root, data), data)

    def give(self, who: Container[int] = ALL) -> SecurePlay:
        """INPUT."""
        number = self.state.tasks[self.index].round.number
        for trainer in self.names:
            if trainer in who and self.stands(trainer, Step.SHARED):
                blob = self.masked(trainer)
                self.blobs[scene.root_of(blob)] = blob
                self.state = masked_input(self.state, trainer, MaskedInput(self.index, number, scene.root_of(blob)))
        return self

    def attest(self, who: Container[int] = ALL, seats: range = range(3)) -> SecurePlay:
        """ATTEST."""
        given = [
            m for m in self.state.tasks[self.index].round.secure.members if m.step == Step.GIVEN and m.trainer in who
        ]
        for seat in seats:
            self.state = attest(self.state, seat, Available(self.index, tuple(member.blob_root for member in given)))
        return self

    def answer(self, who: Container[int] = ALL) -> SecurePlay:
        """UNMASK."""
        number = self.state.tasks[self.index].round.number
        for trainer in self.names:
            if trainer in who and self.stands(trainer, Step.SHARED, Step.SURVIVOR, Step.LOST):
                said = client_answer(self.state, self.index, trainer, secrets(trainer, number), NOT_ANSWERED)
                self.state = unmask(self.state, trainer, said)
        return self


def begun(trainers: int, samples: Mapping[int, int] | None = None, **changes: Any) -> SecurePlay:
    """Height 3, the first of KEYS in round 1."""
    empty = scene.empty_state()
    people = tuple(scene.identity(number) for number in range(trainers + 3))
    state = replace(empty, identities=people, supply=1000 * len(people))
    state = publish(state, 0, Publish(secure_spec(trainers, **changes)))
    for trainer in range(1, trainers + 1):
        state = join(state, trainer, Join(0, Role.TRAINER, scene.TERMS_ROOT))
    for scorer in (trainers + 1, trainers + 2):
        state = join(state, scorer, Join(0, Role.SCORER, scene.TERMS_ROOT))
    for seat in range(3):
        state = attest(state, seat, Available(0, (scene.root_of(scene.MODEL),)))
    return SecurePlay(state, trainers, samples or {}).to(WINDOW["KEYS"])
