"""What a trainer does in the rounds of a secure task: advertise, share, give, unmask (PRV-040).

The rules of what is sent are in `contract.client`; here is what a member owes itself. It acts on nothing but a
state whose certificate it verified. What must not be said in two ways is durable before it is said: the root of
its dealing, its masked input with the base model, the root of the list that it answers. And once its input may
have been summed up, it masks no other one for the same base model.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.client import NOT_ANSWERED, ClientSecrets, client_answer, client_input, client_keys, client_shares
from ..contract.opening import task_ring
from ..contract.rounds import require_blob
from ..contract.tasks import Role, Standing, Step, Window, find_participant, is_secure
from ..encoding import BLOB_MASKED, ELEMENT_U32, ELEMENT_U64, hash_tree_root
from ..errors import SpecError
from ..infrastructure.blobs import BlobData, blob_vector
from ..infrastructure.transactions import Kind
from ..types import ZERO_ROOT, MaskedInput, Member, State, Task
from .certified import CertifiedState
from .duties import Owner, Wish, Workload, running

ROOT_BYTES = len(ZERO_ROOT)
STEPS = {
    Window.KEYS: 1,
    Window.SHARES: 2,
    Window.INPUT: 3,
    Window.UNMASK: 4,
    Window.SCORE_COMMIT: 4,
    Window.SCORE_REVEAL: 4,
    Window.AGGREGATE: 4,
}
"""PRV-040: which of the four steps must not be missed by whoever still does something in a window."""


def round_secrets(owner: Owner, index: int, number: int) -> ClientSecrets:
    """PRV-040: The secrets of one round, derived from the owner's key: the same after a restart, never again."""
    purposes = ("mask key", "share key", "own mask", "dealing of the own mask", "dealing of the mask key", "noise")
    return ClientSecrets(*(owner.salt(f"secure {purpose}", index, number) for purpose in purposes))


@dataclass
class SecureTrainDuty:
    """PRV-040: A member's part in secure rounds; silent whenever it cannot be sure of what it would say."""

    workload: Workload
    trainer: int
    certified: CertifiedState

    def wishes(self, owner: Owner, state: State) -> list[Wish]:
        """The transactions of this window; what state the caller thinks we are in decides nothing."""
        if not any(is_secure(task.spec) for _, task, _ in running(state)):
            return []
        try:
            certified = self.certified.upcoming()
        except SpecError:  # nobody proved to this member what the ledger says
            return []
        wishes: list[Wish] = []
        for index, task, window in running(certified):
            entry = find_participant(task, owner.index, Role.TRAINER)
            if not is_secure(task.spec) or window not in STEPS or entry is None or not entry.deposit:
                continue
            if self.workload.last_step(self.trainer, task.round.number) < STEPS[window]:
                continue
            wishes += self.step(owner, certified, index, window)
        return wishes

    def step(self, owner: Owner, state: State, index: int, window: Window) -> list[Wish]:
        """PRV-040: The step of this window, unless it was taken, or the member or its group is out."""
        round_ = state.tasks[index].round
        own = next((member for member in round_.secure.members if member.trainer == owner.index), None)
        if own is None:
            return self.advertise(owner, state.tasks[index], index) if window == Window.KEYS else []
        note_unlisted(owner, state.tasks[index], index, own, window)
        if round_.secure.groups[own.group].status != Standing.OPEN:
            return []
        if window == Window.SHARES and own.step == Step.ADVERTISED:
            return self.share(owner, state, index)
        if window == Window.INPUT and own.step == Step.SHARED:
            return self.give(owner, state, index)
        if window == Window.UNMASK and own.step != Step.ADVERTISED and not own.answered:
            return self.answer(owner, state, index)
        return []

    def advertise(self, owner: Owner, task: Task, index: int) -> list[Wish]:
        """PRV-040: The keys of the round, unless the member sits it out."""
        if sits_out(owner, task, index):
            return []
        number = task.round.number
        return [(Kind.ADVERTISE_KEYS, client_keys(index, number, round_secrets(owner, index, number)))]

    def share(self, owner: Owner, state: State, index: int) -> list[Wish]:
        """PRV-040: The only dealing of the round, whose root is durable first."""
        number = state.tasks[index].round.number
        try:
            dealt = client_shares(state, index, owner.index, round_secrets(owner, index, number))
        except SpecError:
            return []
        return [(Kind.SHARE_KEYS, dealt)] if keep(owner, f"dealt-{index}-{number}", hash_tree_root(dealt)) else []

    def give(self, owner: Owner, state: State, index: int) -> list[Wish]:
        """PRV-040: The masked input, whose blob is durable first and then public."""
        masked = self.masked(owner, state, index)
        if masked is None:
            return []
        root = owner.public_blobs.put_blob(masked)
        return [(Kind.MASKED_INPUT, MaskedInput(index, state.tasks[index].round.number, root))]

    def masked(self, owner: Owner, state: State, index: int) -> BlobData | None:
        """PRV-040: The masked input of the round, made once and kept with the base model; None when it is lost."""
        task = state.tasks[index]
        number = task.round.number
        kept = owner.private.load(masked_name(index, number))
        if kept is not None:
            return owner.private_blobs.get(kept[ROOT_BYTES:])
        trained = self.workload.train(self.trainer, number, blob_vector(require_blob(owner.blobs, task.model_root)))
        if trained is None:
            return None
        update, samples = trained
        try:
            words = client_input(state, index, owner.index, round_secrets(owner, index, number), update, samples)
        except SpecError:
            return None
        ring = task_ring(task.spec)
        element, data = ELEMENT_U32 if ring == 32 else ELEMENT_U64, words.astype(f"<u{ring // 8}").tobytes()
        root = owner.private_blobs.put(BLOB_MASKED, element, task.spec.layout_root, data)
        owner.private.store(masked_name(index, number), task.model_root + root)
        return owner.private_blobs[root]

    def answer(self, owner: Owner, state: State, index: int) -> list[Wish]:
        """PRV-040: The answer to the one list of the round that is ever answered, whose root is durable first."""
        number = state.tasks[index].round.number
        name = f"answered-{index}-{number}"
        answered = owner.private.load(name) or NOT_ANSWERED
        try:
            said = client_answer(state, index, owner.index, round_secrets(owner, index, number), answered)
        except SpecError:
            return []
        return [(Kind.UNMASK, said)] if keep(owner, name, said.list_root) else []


# ---------------------------------------------------------------------------------------------------------
# What a member remembers


def masked_name(index: int, number: int) -> str:
    """PRV-040: Under which name the base model and the blob of a round's masked input are kept."""
    return f"masked-{index}-{number}"


def unlisted_name(index: int, number: int) -> str:
    """PRV-040: Under which name it is kept that the input of this round was on no list."""
    return f"unlisted-{index}-{number}"


def keep(owner: Owner, name: str, root: bytes) -> bool:
    """PRV-040: Make durable what is about to be said; False when something else was said before."""
    known = owner.private.load(name)
    if known is None:
        owner.private.store(name, root)
    return known in (None, root)


def note_unlisted(owner: Owner, task: Task, index: int, own: Member, window: Window) -> None:
    """PRV-040: Remember that an input was on no list, once the ledger shows that there is none: nobody answers."""
    if STEPS[window] < STEPS[Window.UNMASK] or owner.private.load(masked_name(index, task.round.number)) is None:
        return
    if task.round.secure.groups[own.group].status == Standing.INPUTS_MISSING:
        keep(owner, unlisted_name(index, task.round.number), task.model_root)


def sits_out(owner: Owner, task: Task, index: int) -> bool:
    """PRV-040: An input for this base model may have been summed up in an earlier round.

    Two sums over one update, with other members around it, would show what the others sent. Whoever was away when
    the list was drawn does not know whether it was on it, and sits out too.
    """
    for name in owner.private.names(f"masked-{index}-"):
        number = int(name.rpartition("-")[2])
        kept = owner.private.load(name) or b""
        same_base = kept[:ROOT_BYTES] == task.model_root
        if number < task.round.number and same_base and owner.private.load(unlisted_name(index, number)) is None:
            return True
    return False
