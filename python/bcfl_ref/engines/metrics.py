"""The account of a run for people: read off the ledger by the observer, measured on the test set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import sqrt

from ..application import metrics as account
from ..application.accounting import DELTA
from ..application.config import RunConfig, config_text
from ..application.evaluation import Quality
from ..application.fingerprint import fingerprint
from ..application.workload import RunWorkload
from ..contract.opening import task_ring
from ..contract.tasks import NO_NOISE, Role, Standing, Step, is_secure, survivors_min
from ..encoding import layout_size
from ..infrastructure.blobs import blob_vector
from ..node.verify import Verification
from ..types import Member, State
from .costs import PARTS, formula_bytes, round_costs
from .embedded import EmbeddedEngine
from .observer import BlockSeen, RoundSeen, RunObserver

Progress = Callable[[str, int, int], None]
# What an update's status on the ledger is called in the account; who never revealed was absent for everybody.
STATUS_NAMES = {"committed": "absent"}


def build_metrics(
    config: RunConfig,
    workload: RunWorkload,
    engine: EmbeddedEngine,
    observer: RunObserver,
    verified: Verification,
    baselines: bool,
    progress: Progress,
) -> account.Metrics:
    """The account of a finished run; trains the baselines when asked to."""
    state, model = engine.ledger.state, engine.ledger.blobs
    with engine.timings.of("evaluation"):
        initial = _quality(workload.quality(blob_vector(model[engine.model_root])))
        rounds = tuple(_round(seen, workload, engine) for seen in observer.rounds)
    with engine.timings.of("baselines"):
        curves = _baselines(workload, config.task.rounds, progress) if baselines else account.Baselines()
    return account.Metrics(
        run=_run(config, workload, engine),
        config=config_text(config),
        fingerprint=fingerprint(workload.dataset),
        participants=_participants(config, workload, engine, observer),
        initial=initial,
        rounds=rounds,
        secure=_secure(workload, engine, observer),
        noise=_noise(engine, observer),
        baselines=curves,
        blocks=tuple(_block(seen) for seen in observer.blocks),
        money=_money(state),
        timing={purpose: round(seconds, 3) for purpose, seconds in sorted(engine.timings.seconds.items())},
        verification=account.Verification(
            replayed=verified.head == engine.ledger.last_root, proved=verified.proved, not_proved=verified.not_proved
        ),
    )


def _run(config: RunConfig, workload: RunWorkload, engine: EmbeddedEngine) -> account.Run:
    return account.Run(
        seed=config.seed,
        dataset=workload.dataset.name,
        dataset_title=workload.dataset.title,
        trainer=workload.trainer.name,
        parameters=layout_size(workload.layout),
        rule=config.task.rule.name,
        alpha=config.data.alpha,
        genesis_root=engine.ledger.genesis_root.hex(),
        head_root=engine.ledger.last_root.hex(),
        extensions=tuple(extension.title.decode() for extension in engine.ledger.genesis.extensions),
    )


def _round(seen: RoundSeen, workload: RunWorkload, engine: EmbeddedEngine) -> account.Round:
    """A settled round; a trainer of the task that sent nothing is listed as absent."""
    common = {
        "number": seen.number,
        "outcome": seen.outcome.replace("_", "-"),
        "quality": _quality(workload.quality(blob_vector(engine.ledger.blobs[seen.model_root]))),
        "paid": seen.paid,
    }
    if seen.groups:
        groups = tuple(_group(seen, number) for number in range(len(seen.groups)))
        return account.Round(updates=(), groups=groups, **common)  # type: ignore[arg-type]
    updates = [
        account.Update(
            trainer=update.trainer,
            status=STATUS_NAMES.get(update.status, update.status),  # type: ignore[arg-type]
            score_ppm=update.score_ppm,
            accepted=update.accepted,
            paid=seen.payouts.get(update.trainer, 0),
        )
        for update in seen.updates
    ]
    silent = set(engine.cast.trainers) - {update.trainer for update in updates}
    updates += [account.Update(trainer=trainer, status="absent") for trainer in silent]
    return account.Round(updates=tuple(sorted(updates, key=lambda update: update.trainer)), **common)  # type: ignore[arg-type]


def _group(seen: RoundSeen, number: int) -> account.Group:
    """A group at the end of a round."""
    group, trainers = seen.secure.groups[number], seen.groups[number]
    members = {member.trainer: member for member in seen.secure.members}
    update = next((found for found in seen.updates if found.trainer == number), None)
    lost: dict[str, tuple[int, ...]] = {}
    for trainer in trainers:
        missed = _missed(members.get(trainer), Standing(group.status))
        if missed:
            lost[missed] = (*lost.get(missed, ()), trainer)
    return account.Group(
        number=number,
        standing=Standing(group.status).name.lower().replace("_", "-"),  # type: ignore[arg-type]
        trainers=trainers,
        survivors=tuple(t for t in trainers if t in members and members[t].step == Step.SURVIVOR),
        lost=lost,
        named=group.named,
        samples=update.sample_count if update else 0,
        score_ppm=update.score_ppm if update else None,
        accepted=update is not None and update.accepted,
    )


def _missed(member: Member | None, standing: Standing) -> str:
    """The step that a trainer left out although its group still asked for it; empty when it did everything."""
    if member is None:
        return "keys"
    if member.step == Step.ADVERTISED:
        return "" if standing == Standing.KEYS_MISSING else "shares"
    if standing in (Standing.KEYS_MISSING, Standing.SHARES_MISSING):
        return ""
    if member.step != Step.SURVIVOR:
        return "input"
    return "" if member.answered or standing == Standing.INPUTS_MISSING else "unmask"


def _secure(workload: RunWorkload, engine: EmbeddedEngine, observer: RunObserver) -> account.Secure | None:
    """What the protocol cost those who took every step of a round in which their group was opened."""
    privacy = engine.spec.privacy
    if not is_secure(engine.spec):
        return None
    ring = task_ring(engine.spec)
    costs = [cost for seen in observer.rounds for cost in round_costs(seen, engine.ledger.blobs)]
    coordinates = layout_size(workload.layout)
    members = max((cost.members for cost in costs), default=2)
    formula = formula_bytes(members, coordinates)
    return account.Secure(
        groups=privacy.groups,
        threshold=privacy.threshold,
        degree=privacy.degree,
        ring=ring,
        sample_unit=workload.sample_unit,
        trainers=len(costs),
        costs=tuple(
            account.Cost(
                part=part,
                sent=_mean([cost.sent[part] for cost in costs]),
                read=_mean([cost.read[part] for cost in costs]),
                formula=formula[part],
            )
            for part in PARTS
        ),
        ledger=_mean([seen.byte_length for seen in observer.rounds]),
    )


def _noise(engine: EmbeddedEngine, observer: RunObserver) -> account.Noise | None:
    """The promise of the task, and what its rounds spent of the budget."""
    noise = engine.spec.privacy.noise
    if noise == NO_NOISE:
        return None
    return account.Noise(
        clip_bound=noise.clip_bound,
        sigma=sqrt(noise.variance_numerator / noise.variance_denominator),
        survivors_min=survivors_min(engine.spec),
        colluders=noise.colluders,
        delta=DELTA,
        budget=noise.budget,
        spent=tuple(seen.spent for seen in observer.rounds),
    )


def _mean(values: Sequence[int]) -> int:
    return round(sum(values) / len(values)) if values else 0


def _quality(quality: Quality) -> account.Quality:
    return account.Quality(
        accuracy=round(quality.accuracy, 6),
        macro_precision=round(quality.macro_precision, 6),
        loss=round(quality.loss, 6),
    )


def _baselines(workload: RunWorkload, rounds: int, progress: Progress) -> account.Baselines:
    progress("baselines", 0, 1)
    curves = {name: tuple(map(_quality, curve)) for name, curve in workload.baselines(rounds).items()}
    progress("baselines", 1, 1)
    return account.Baselines(centralised=curves["centralised"], local_only=curves["local"])


def _participants(
    config: RunConfig, workload: RunWorkload, engine: EmbeddedEngine, observer: RunObserver
) -> tuple[account.Participant, ...]:
    cast, state = engine.cast, engine.ledger.state
    adversaries = {cast.trainers[entry.trainer]: entry.kind for entry in config.adversaries}
    adversaries |= {cast.validators[position]: "equivocating" for position in config.network.equivocating}
    adversaries |= {cast.validators[position]: "crashed" for position in config.network.crashed}
    earned: Counter[int] = Counter()
    for seen in observer.rounds:
        earned.update(seen.payouts)
    rows = []
    for index, identity in enumerate(state.identities):
        deposits = observer.deposits.get(index, 0)
        change = identity.balance + identity.stake + identity.unbonding - observer.opening_tokens[index]
        lost = earned[index] - change if index != cast.issuer else 0
        rows.append(
            account.Participant(
                index=index,
                name=cast.name(index),
                roles=_roles(engine, index),
                adversary=adversaries.get(index, ""),
                sample_count=len(workload.trainers[cast.trainers.index(index)]) if index in cast.trainers else 0,
                deposit=deposits,
                deposit_left=max(0, deposits - max(0, lost)),
                earned=earned[index],
                slashed=max(0, lost),
                balance_change=change,
                reputation_bps=identity.reputation_bps,
            )
        )
    return tuple(rows)


def _roles(engine: EmbeddedEngine, index: int) -> tuple[str, ...]:
    """What an identity was: issuer, validator, and its roles in the task."""
    roles = ["issuer"] if index == engine.cast.issuer else []
    roles += ["validator"] if index in engine.cast.validators else []
    return (
        *roles,
        *(
            Role(participant.role).name.lower()
            for task in engine.ledger.state.tasks
            for participant in task.participants
            if participant.identity == index
        ),
    )


def _block(seen: BlockSeen) -> account.Block:
    return account.Block(
        height=seen.height,
        view=seen.view,
        proposer=seen.proposer,
        transactions=sum(seen.transactions.values()),
        bytes=seen.byte_length,
        signers=seen.signers,
        seats=seen.seats,
        root=seen.root.hex(),
        round=seen.round,
    )


def _money(state: State) -> account.Money:
    escrow = sum(task.escrow + sum(p.deposit for p in task.participants) for task in state.tasks)
    held = sum(identity.balance + identity.stake + identity.unbonding for identity in state.identities)
    return account.Money(
        supply=state.supply,
        treasury=state.treasury,
        escrow=escrow,
        conserved=held + escrow + state.treasury == state.supply,
    )
