"""Four replicas on a perfect network, with simulated keys and ledgers, for the tests of the driver and the host."""

from __future__ import annotations

from bcfl_ref.consensus.scheme import domains_of
from bcfl_ref.node.replica import Replica, Settings
from bcfl_ref.sim.host import LocalWorld, MemoryJournal, Network, Rules
from bcfl_ref.sim.keys import SimulatedScheme, SimulatedSigner
from bcfl_ref.sim.ledger import GENESIS_ROOT, SimulatedLedger
from bcfl_ref.types import Equivocation, LedgerRecord, Seat

DOMAINS = domains_of(GENESIS_ROOT, 1)
SETTINGS = Settings(DOMAINS, 4)


class SmallWorld(LocalWorld):
    """A world with a ledger and a journal for everybody."""

    def __init__(self, replicas: int = 4, network: Network | None = None) -> None:
        super().__init__(SETTINGS, network)
        seats = tuple(Seat(identity, 10 + identity) for identity in range(replicas))
        self.commits: list[tuple[int, LedgerRecord]] = []
        self.evidence: list[tuple[int, Equivocation]] = []
        self.ledgers = [
            SimulatedLedger(
                identity,
                seats,
                SETTINGS.epoch_heights,
                replicas,
                DOMAINS,
                lambda who, record, committee: self.commits.append((who, record)),
                lambda who, evidence: self.evidence.append((who, evidence)),
            )
            for identity in range(replicas)
        ]
        self.journals = [MemoryJournal() for _ in range(replicas)]

    def begin(self, *identities: int, **options: Rules) -> list[Replica]:
        """Start some replicas, or all."""
        chosen = identities or tuple(range(len(self.ledgers)))
        return [
            self.add(
                identity,
                self.ledgers[identity],
                SimulatedSigner(identity),
                SimulatedScheme(),
                self.journals[identity],
                **options,  # type: ignore[arg-type]
            )
            for identity in chosen
        ]
