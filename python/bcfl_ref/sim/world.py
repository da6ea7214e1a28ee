"""The simulated world: one scenario, real replicas, and the checkers around them."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from ..consensus.scheme import domains_of
from ..consensus.tendermint import step
from ..errors import InvariantError, SpecError
from ..node.replica import Replica, Settings, Transport
from ..node.wire import Message
from ..types import Committee, Equivocation, LedgerRecord, Seat
from .checkers import Accountability, Agreement, Checker, JournalConsistency, NoDoubleVote, Progress, Validity
from .faults import CrashingJournal, FaultyNetwork, LyingVoice, Restart, Scenario, SimulatedCrash, scenario_of
from .host import LocalWorld, Rules
from .keys import SimulatedScheme, SimulatedSigner
from .ledger import GENESIS_ROOT, SimulatedLedger

EPOCH_HEIGHTS = 4
HEIGHTS = 8
"""How far a history goes unless asked otherwise: two epochs and a first block of the third are crossed."""
LIMIT_MS = 300_000
"""How long after the last fault healed a history may take: many views with grown time-outs."""


@dataclass(frozen=True)
class Outcome:
    """What one seed showed."""

    seed: int
    scenario: Scenario
    findings: tuple[str, ...]
    height: int
    time_ms: int
    messages: int
    nil_votes: int
    accused: tuple[int, ...]

    @property
    def command(self) -> str:
        """How to see it again."""
        return f"python -m bcfl_ref.sim --first {self.seed} --seeds 1"


class SimulatedWorld(LocalWorld):
    """One history; `rules` and `journal` may be broken ones, to show that the checkers bite."""

    def __init__(
        self,
        scenario: Scenario,
        rules: Rules = step,
        journal: type[CrashingJournal] = CrashingJournal,
    ) -> None:
        self._domains = domains_of(GENESIS_ROOT, 1)
        super().__init__(Settings(self._domains, EPOCH_HEIGHTS), FaultyNetwork(scenario))
        self.scenario = scenario
        self._rules = rules
        self._rng = Random(scenario.seed + 2)
        self._scheme = SimulatedScheme()
        self.progress = Progress(LIMIT_MS)
        self.accountability = Accountability(scenario.liars)
        self.checkers: tuple[Checker, ...] = (
            Agreement(),
            Validity(self._scheme, self._domains, EPOCH_HEIGHTS, GENESIS_ROOT),
            NoDoubleVote(scenario.honest | scenario.crashed),
            JournalConsistency(),
            self.accountability,
            self.progress,
        )
        candidates = tuple(Seat(identity, weight) for identity, weight in enumerate(scenario.weights))
        self.ledgers = [
            SimulatedLedger(
                identity, candidates, EPOCH_HEIGHTS, len(candidates), self._domains, self._committed, self._accused
            )
            for identity in range(scenario.replicas)
        ]
        self.journals = [journal(identity) for identity in range(scenario.replicas)]
        for identity in range(scenario.replicas):
            self._revive(identity)
        for restart in scenario.restarts:
            self._schedule(restart)
        for identity in scenario.crashed:
            self.after(self._rng.randint(0, 1000), lambda identity=identity: self.stop(identity))  # type: ignore[misc]

    # -- faults --------------------------------------------------------------------------------------------

    def _revive(self, identity: int) -> None:
        liar = identity in self.scenario.liars

        def voice(inner: Transport) -> Transport:
            return LyingVoice(inner, identity, self.scenario.replicas, self._domains, self._rng)

        signer, journal = SimulatedSigner(identity), self.journals[identity]
        rules = step if liar else self._rules
        twisted = voice if liar else None
        replica = self.add(identity, self.ledgers[identity], signer, self._scheme, journal, rules, twisted)
        self.after(0, lambda: self._restarted(replica))

    def _restarted(self, replica: Replica) -> None:
        if replica in self.replicas() and replica.identity in self.scenario.honest:
            for checker in self.checkers:
                checker.on_restart(replica)

    def _schedule(self, restart: Restart) -> None:
        identity, journal = restart.identity, self.journals[restart.identity]
        if identity in self.scenario.crashed | self.scenario.liars:
            return
        if restart.syncs:
            self.after(restart.time_ms, lambda: journal.arm(restart.syncs - 1, restart.before))
            return
        self.after(restart.time_ms, lambda: self._crash(identity, restart.down_ms, restart.survivors))

    def _crash(self, identity: int, down_ms: int, survivors: int) -> None:
        if identity not in {replica.identity for replica in self.replicas()}:
            return
        self.stop(identity)
        self.journals[identity].crash(survivors)
        self.after(down_ms, lambda: self._revive(identity))

    def advance(self) -> bool:
        """Let the next event happen; a machine that stops in the middle of it comes back later."""
        try:
            return super().advance()
        except SimulatedCrash as crash:
            self._crash(crash.identity, self._rng.randint(0, 1500), self._rng.randint(0, 2))
            return True

    # -- watching ------------------------------------------------------------------------------------------

    def post(self, sender: int, receiver: int, message: Message) -> None:
        """Show every message to the checkers before the network has it."""
        for checker in self.checkers:
            checker.on_send(sender, message)
        super().post(sender, receiver, message)

    def _committed(self, identity: int, record: LedgerRecord, committee: Committee) -> None:
        if identity not in self.scenario.liars:
            for checker in self.checkers:
                checker.on_commit(identity, record, committee)

    def _accused(self, identity: int, evidence: Equivocation) -> None:
        if identity not in self.scenario.liars:
            for checker in self.checkers:
                checker.on_accuse(identity, evidence)

    def heights(self) -> dict[int, int]:
        """How high each honest validator is."""
        return {identity: self.ledgers[identity].height() for identity in sorted(self.scenario.honest)}

    def run(self, target: int = HEIGHTS) -> Outcome:
        """Let time pass until everybody honest is high enough and all faults have healed, or something broke."""
        findings: list[str] = []
        deadline = self.scenario.heal_ms + LIMIT_MS
        try:
            while not findings and self.now_ms <= deadline:
                done = self.now_ms >= self.scenario.heal_ms and min(self.heights().values()) >= target
                if done or not self.advance():
                    break
                findings = [text for checker in self.checkers for text in checker.findings]
        except (InvariantError, SpecError) as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            findings.append(f"exception: {error!r} in {place.name}")
        if not findings:
            self.progress.on_end(self.now_ms, self.scenario.heal_ms, self.heights(), target)
            findings = self.progress.findings
        return Outcome(
            seed=self.scenario.seed,
            scenario=self.scenario,
            findings=tuple(findings),
            height=min(self.heights().values()),
            time_ms=self.now_ms,
            messages=self.delivered,
            nil_votes=self.progress.nil_votes,
            accused=tuple(sorted(self.accountability.accused)),
        )


def simulate(seeds: Iterable[int], heights: int = HEIGHTS, rules: Rules = step) -> Iterator[Outcome]:
    """One outcome per seed, in order; `findings` is empty where everything held."""
    for seed in seeds:
        yield SimulatedWorld(scenario_of(seed), rules).run(heights)
