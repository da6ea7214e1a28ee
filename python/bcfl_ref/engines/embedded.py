"""The embedded engine: everybody in one process, real signatures, real consensus, one ledger directory.

The run goes height by height. At each height every participant looks at the state and says what it wants, and the
validators' replicas agree on a block over a simulated network. A height depends on nothing but the configuration,
the ledger so far and what is durable in private directories, so a run that was killed continues as if it had not
been, and two runs of one configuration give the same head.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..application.config import RunConfig
from ..consensus.scheme import domains_of
from ..contract.tasks import PLAIN_WINDOWS, SECURE_WINDOWS, Phase
from ..crypto import bls
from ..encoding import hash_tree_root
from ..errors import InvariantError, UsageError
from ..node.assembly import sign_wishes
from ..node.duties import Vector, Workload
from ..node.keys import FileJournal
from ..node.ledger import Ledger, Observer
from ..node.replica import Replica, Settings
from ..transition import begin_height
from ..types import Layout, LedgerRecord, SignedTransaction, State
from .network import Endpoint, HeightNetwork
from .setup import (
    PRIVATE_NAME,
    REGISTRATION_WINDOWS,
    Cast,
    Participant,
    bind_config,
    initial_blob,
    make_cast,
    make_genesis,
    make_participants,
    make_task_spec,
)
from .timing import TimedWorkload, Timings
from .validator import RepeatedJournal, ValidatorApplication, ValidatorSigner, two_faced

JOURNAL_NAME = "votes"
SPARE_HEIGHTS = 16
Progress = Callable[[int, int], None]


def _ignore(before: State, record: LedgerRecord, after: State) -> None:
    """The observer of those who only want the ledger."""


class EmbeddedEngine:
    """One run in one directory. `run` can be called again after a crash, by this process or another."""

    def __init__(
        self,
        config: RunConfig,
        directory: Path,
        layout: Layout,
        initial: Vector,
        workload: Workload,
        observer: Observer = _ignore,
        timings: Timings | None = None,
    ) -> None:
        self.config = config
        self.timings = timings or Timings()
        self.cast: Cast = make_cast(config)
        genesis, model = make_genesis(config, self.cast), initial_blob(layout, initial)
        self.model_root = hash_tree_root(model.blob)
        self.spec = make_task_spec(config, layout, self.model_root)
        with self.timings.of("replay"):
            self.ledger = Ledger(directory, genesis, observer)
        self._journals: dict[int, FileJournal] = {}
        try:
            self._open_private(directory / PRIVATE_NAME, TimedWorkload(workload, self.timings))
            self.ledger.store.put_blob(model)
        except BaseException:
            self.close()
            raise
        self._settings = Settings(
            domains_of(self.ledger.genesis_root, self.ledger.state.protocol_version),
            self.ledger.state.parameters.epoch_heights,
        )

    def _open_private(self, directory: Path, workload: Workload) -> None:
        """What the participants keep to themselves: without it they could contradict what they said before."""
        begun = self.ledger.state.height > 0
        bind_config(directory, self.config, begun)
        names = {index: directory / f"identity-{index}" / JOURNAL_NAME for index in self.cast.validators}
        lost = [path for path in names.values() if begun and not path.exists()]
        if lost:
            raise UsageError(f"{lost[0]} is gone: this ledger can be verified, but not continued")
        self.participants: list[Participant] = make_participants(
            self.cast, self.spec, workload, directory, self.ledger
        )
        for index in self.cast.validators:
            self._journals[index] = self.participants[index].owner.private.journal(JOURNAL_NAME)

    def close(self) -> None:
        """Let go of the log and the journals."""
        self.ledger.close()
        for journal in self._journals.values():
            journal.close()

    @property
    def heights_expected(self) -> int:
        """How many blocks the whole task takes when nothing is late."""
        task = self.config.task
        at_once = self.ledger.state.parameters.transactions_per_sender
        registering = 1 + -(-task.trainers // at_once)  # the newcomers in batches, then the publication
        windows = len(SECURE_WINDOWS if task.privacy != "plain" else PLAIN_WINDOWS)
        return registering + (REGISTRATION_WINDOWS + windows * task.rounds) * task.window_heights

    def run(self, progress: Progress = lambda done, total: None) -> State:
        """Extend the ledger until the task has ended. Errors: InvariantError when it never does."""
        limit = 2 * self.heights_expected + SPARE_HEIGHTS
        while not is_over(self.ledger.state):
            progress(self.ledger.state.height, self.heights_expected)
            if self.ledger.state.height >= limit:
                raise InvariantError(f"the task has not ended at height {limit}")
            self.run_height()
        return self.ledger.state

    def run_height(self) -> None:
        """Agree on one block and append it."""
        pool = self.collect()
        ledger, before = self.ledger, self.ledger.state
        network = HeightNetwork(self.config.seed, before.height + 1, self.config.network.loss_bps)
        with self.timings.of("consensus"):
            for position, index in enumerate(self.cast.validators):
                if position not in self.config.network.crashed:
                    network.replicas[index] = self._replica(network, index, position, pool)
            for index in sorted(network.replicas):
                network.replicas[index].start()
            network.run_until(lambda: all(r.height == before.height + 2 for r in network.replicas.values()))
        if ledger.state.height != before.height + 1:
            raise InvariantError(f"height {before.height + 1} is decided and not in the ledger")

    def collect(self) -> tuple[SignedTransaction, ...]:
        """Everybody's signed wishes for the next block, in registration order."""
        with self.timings.of("wishes"):
            begun = begin_height(self.ledger.state, self.ledger.blobs)
            pool: list[SignedTransaction] = []
            for participant in self.participants:
                owner = participant.owner
                wishes = [wish for duty in participant.duties for wish in duty.wishes(owner, begun)]
                with self.timings.of("signing"):
                    pool += sign_wishes(owner, begun, wishes)
        return tuple(pool)

    def _replica(
        self, network: HeightNetwork, index: int, position: int, pool: tuple[SignedTransaction, ...]
    ) -> Replica:
        owner = self.participants[index].owner
        endpoint = Endpoint(network, index)
        if position in self.config.network.equivocating:
            endpoint.twist = two_faced(owner, self._settings.domains)
        journal = RepeatedJournal(self._journals[index], network.height)
        application = ValidatorApplication(owner, self.ledger, pool, self.timings)
        signer = ValidatorSigner(owner.secret_key)
        return Replica(index, self._settings, application, signer, bls, endpoint, endpoint, journal)


def is_over(state: State) -> bool:
    """Whether the run's task has been published and has ended."""
    return bool(state.tasks) and all(task.phase in (Phase.COMPLETED, Phase.ABORTED) for task in state.tasks)


def check_faults(config: RunConfig) -> None:
    """A run needs more than two thirds of its validators up and honest. Errors: UsageError."""
    total, faulty = config.ledger.validators, {*config.network.crashed, *config.network.equivocating}
    if 3 * len(faulty) >= total:
        raise UsageError(
            f"network.crashed and network.equivocating leave {total - len(faulty)} of {total} validators: "
            "nothing could be decided; more than two thirds must be neither"
        )
