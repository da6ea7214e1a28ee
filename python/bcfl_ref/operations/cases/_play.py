"""A recorder of traces: it plays the machine `transition.heights` and keeps the steps, checked as they are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bcfl_ref.consensus.beacon import draw_committee, genesis_seed
from bcfl_ref.contract.claims import recompute
from bcfl_ref.encoding import encode, hash_tree_root, to_json
from bcfl_ref.errors import Code, InvariantError, SpecError
from bcfl_ref.infrastructure.blobs import BlobData
from bcfl_ref.infrastructure.transactions import PAYLOADS
from bcfl_ref.operations._base import Json, Step
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.operations.contract import blob_to_json, blobs_to_json
from bcfl_ref.operations.transition import Node, _step
from bcfl_ref.parameters import load_preset
from bcfl_ref.types import ZERO_ROOT, Container, Header, Seat, State, Task, Transaction

KINDS = {container: kind for kind, container in PAYLOADS.items()}


def first_state() -> State:
    """Height 0: four identities with 1000 tokens and 100 at stake each, committees of epochs 0 and 1 all four."""
    state = scene.empty_state()
    identities = tuple(scene.identity(number, stake=100) for number in range(4))
    candidates = tuple(Seat(number, 100 * 5000) for number in range(4))
    first, second = (
        draw_committee(epoch, genesis_seed(scene.GENESIS_ROOT, epoch), candidates, 16) for epoch in (0, 1)
    )
    return replace(
        state,
        height=0,
        parameters=load_preset("minimal"),
        supply=4400,
        identities=identities,
        candidates=candidates,
        committee=first,
        next_committee=second,
    )


class Play:
    """A trace in the making. Every step says whether it is refused, and with what."""

    def __init__(self, state: State, blobs: Iterable[BlobData] = ()) -> None:
        self._node = Node(state, scene.pool(*blobs))
        self.init: Json = {"state": to_json(state), "blobs": blobs_to_json(self._node.blobs)}
        self.steps: list[Step] = []

    @property
    def state(self) -> State:
        """The state after the steps so far."""
        return self._node.state

    def task(self, index: int = 0) -> Task:
        """A task of that state."""
        return self.state.tasks[index]

    def step(self, action: str, data: Json, refused: Code | None = None) -> None:
        """Take a step and check that it is refused with `refused`, or not at all."""
        found = None
        try:
            self._node, _ = _step(self._node, action, data)
        except SpecError as error:
            found = error.code
        if found != refused:
            raise InvariantError(f"step {len(self.steps)}, {action}: {found} instead of {refused}")
        self.steps.append(Step(action, data))

    def send(
        self, sender: int, payload: Container, refused: Code | None = None, *, kind: int = 0, ahead: int = 0
    ) -> None:
        """A transaction with the sender's next nonce, or `ahead` of it, and the kind of its payload, or another."""
        known = sender < len(self.state.identities)
        nonce = self.state.identities[sender].nonce + ahead if known else 0
        transaction = Transaction(kind or KINDS[type(payload)], sender, nonce, encode(payload))
        self.step("apply_transaction", to_json(transaction), refused)

    def send_all(self, senders: Iterable[int], payload: Container) -> None:
        """The same payload from several senders."""
        for sender in senders:
            self.send(sender, payload)

    def begin(self, refused: Code | None = None) -> None:
        """The begin of the next height."""
        self.step("begin_height", {}, refused)

    def finish(self, view: int = 0) -> None:
        """The end of a block by an author that is nobody in particular."""
        height = self.state.height
        header = Header(height, view, height % 4, ZERO_ROOT, ZERO_ROOT, ZERO_ROOT)
        reveal = "0x" + bytes([height]).hex() * 96
        self.step("finish_height", {"header": to_json(header), "reveal": reveal})

    def until(self, height: int) -> None:
        """Let blocks without transactions pass until `height` has begun."""
        while self.state.height < height:
            if self.state.height:
                self.finish()
            self.begin()

    def put(self, blob: BlobData) -> None:
        """The node gets a blob."""
        self.step("put_blob", blob_to_json(blob))

    def aggregate(self, index: int = 0) -> BlobData:
        """The model of the round."""
        return recompute(self.state, index, self._node.blobs)

    def aggregate_root(self, index: int = 0) -> bytes:
        """The root of the model of the round."""
        return hash_tree_root(self.aggregate(index).blob)

    def steps_so_far(self) -> tuple[Step, ...]:
        """The steps."""
        return tuple(self.steps)


def heights_of(task: Task) -> Sequence[int]:
    """The first heights of the six windows of the current round, and the height that settles it."""
    start, width = task.round.start_height, task.spec.window_heights
    return [start + window * width for window in range(7)]
