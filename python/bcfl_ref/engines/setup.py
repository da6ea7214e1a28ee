"""From a configuration to a genesis, a task and the participants with their duties.

All secret keys of an embedded run are derived from the configuration's seed, because one process plays everybody
and a run must be repeatable. Such keys protect nothing outside a simulation.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..aggregation import EXTENSIONS
from ..application.config import RunConfig, aggregation_rule, config_text
from ..application.config import Task as TaskSection
from ..contract.tasks import NO_NOISE, PLAIN, Averaging, Mode, Payment, Role, check_task_spec, is_secure
from ..crypto import bls
from ..encoding import BLOB_MODEL, ELEMENT_I32, commit_blob, hash_bytes, hash_tree_root
from ..errors import SpecError, UsageError
from ..infrastructure.blobs import BlobData
from ..node.blobs import BlobStore
from ..node.certified import CertifiedState
from ..node.duties import (
    AggregateDuty,
    AttestDuty,
    Duty,
    EvidenceDuty,
    JoinDuty,
    Owner,
    PublishDuty,
    RegisterDuty,
    ScoreDuty,
    TrainDuty,
    Vector,
    Workload,
)
from ..node.keys import PrivateDirectory
from ..node.ledger import Ledger
from ..node.secure_duties import SecureTrainDuty
from ..parameters import PROTOCOL_VERSION, load_preset
from ..privacy.budget import UNIT_BITS
from ..types import (
    AggregationRule,
    Extension,
    Genesis,
    GenesisIdentity,
    Layout,
    Noise,
    Parameters,
    Privacy,
    Register,
    TaskSpec,
)

PRIVATE_NAME = "private"
CONFIG_NAME = "config.json"
REGISTRATION_WINDOWS = 4
TERMS = b"BeFL example terms 1: the data stays with its owner; updates are public; leave at any deadline."
SECURE_TERMS = (
    b"BeFL example terms 2: the data stays with its owner; only the mean of a group of updates is public; "
    b"leave at any deadline."
)


@dataclass(frozen=True)
class Cast:
    """Who plays: registration index by part. The issuer is 0, validators follow, then trainers."""

    validators: tuple[int, ...]
    trainers: tuple[int, ...]
    secret_keys: tuple[int, ...]

    @property
    def issuer(self) -> int:
        """The identity that publishes the task and sponsors the trainers' registration."""
        return 0

    def name(self, index: int) -> str:
        """What people call an identity."""
        if index == self.issuer:
            return "issuer"
        if index in self.validators:
            return f"validator {self.validators.index(index)}"
        return f"trainer {self.trainers.index(index)}"


def make_cast(config: RunConfig) -> Cast:
    """The identities of a run and their keys."""
    validators = tuple(range(1, 1 + config.ledger.validators))
    trainers = tuple(range(1 + len(validators), 1 + len(validators) + config.task.trainers))
    count = 1 + len(validators) + len(trainers)
    return Cast(validators, trainers, tuple(secret_key(config.seed, index) for index in range(count)))


def secret_key(seed: int, index: int) -> int:
    """The secret key of identity `index` in the run with this seed."""
    material = b"bcfl embedded key" + seed.to_bytes(8, "little") + index.to_bytes(4, "little")
    return bls.keygen(hashlib.sha256(material).digest())


def make_genesis(config: RunConfig, cast: Cast) -> Genesis:
    """The genesis of a run: the issuer with the money, the validators with their stakes."""
    task, parameters = config.task, load_preset(config.ledger.preset)
    check_preset(config, parameters)
    budget = task.rounds * task.reward_round + 2 * task.deposit * task.trainers
    identities = [_genesis_identity(cast, cast.issuer, budget, 0)]
    identities += [_genesis_identity(cast, index, 2 * task.deposit, config.ledger.stake) for index in cast.validators]
    seed = hashlib.sha256(b"bcfl embedded genesis" + config.seed.to_bytes(8, "little")).digest()
    return Genesis(PROTOCOL_VERSION, seed, parameters, tuple(identities), extensions_of(aggregation_rule(task.rule)))


def check_preset(config: RunConfig, parameters: Parameters) -> None:
    """What a configuration must keep of its preset's limits. Errors: UsageError naming the key and the limit."""
    task = config.task
    if config.ledger.stake < parameters.stake_min:
        raise UsageError(f"ledger.stake {config.ledger.stake} is below the preset's stake_min {parameters.stake_min}")
    if task.window_heights < parameters.window_heights_min:
        raise UsageError(
            f"task.window_heights {task.window_heights} is below the preset's window_heights_min "
            f"{parameters.window_heights_min}"
        )
    for name, count in (("task.trainers", task.trainers), ("ledger.validators", config.ledger.validators)):
        if count > parameters.participants_max:
            raise UsageError(f"{name} {count} is above the preset's participants_max {parameters.participants_max}")


def _genesis_identity(cast: Cast, index: int, balance: int, stake: int) -> GenesisIdentity:
    key = cast.secret_keys[index]
    return GenesisIdentity(bls.public_key(key), bls.prove_possession(key), balance, stake)


def extensions_of(rule: AggregationRule) -> tuple[Extension, ...]:
    """The rules outside the specification, which genesis must carry."""
    if rule.name not in EXTENSIONS:
        return ()
    return (Extension(rule.name, EXTENSIONS[rule.name].title.encode()[:64]),)


def initial_blob(layout: Layout, vector: Vector) -> BlobData:
    """The initial model as a blob."""
    data = vector.astype("<i4").tobytes()
    return BlobData(commit_blob(BLOB_MODEL, ELEMENT_I32, hash_tree_root(layout), data), data)


def make_task_spec(config: RunConfig, layout: Layout, model_root: bytes) -> TaskSpec:
    """The task that the issuer publishes."""
    task = config.task
    averaging = Averaging.SELECTED if task.averaging == "selected" else Averaging.ALL
    spec = TaskSpec(
        layout_root=hash_tree_root(layout),
        model_root=model_root,
        rounds=task.rounds,
        window_heights=task.window_heights,
        registration_heights=REGISTRATION_WINDOWS * task.window_heights,
        trainers_min=task.trainers,
        trainers_max=task.trainers,
        scorers_min=config.ledger.validators,
        scorers_max=config.ledger.validators,
        rule=aggregation_rule(task.rule),
        averaging=averaging,
        aggregators=task.aggregators if averaging == Averaging.SELECTED else 0,
        payment=Payment.SCORE if task.payment == "score" else Payment.SIZE,
        reward_round=task.reward_round,
        trainers_bps=task.trainers_bps,
        scorers_bps=task.scorers_bps,
        aggregators_bps=task.aggregators_bps,
        deposit=task.deposit,
        sample_count_max=task.weight_max,
        acceptance_bps=task.acceptance_bps,
        terms_root=hash_bytes(TERMS if task.privacy == "plain" else SECURE_TERMS),
        privacy=privacy_of(task),
    )
    extensions = tuple(extension.number for extension in extensions_of(spec.rule))
    try:
        check_task_spec(spec, load_preset(config.ledger.preset), extensions)
    except SpecError as error:
        raise UsageError(f"preset {config.ledger.preset} does not allow this task: {error}") from None
    return spec


def privacy_of(task: TaskSection) -> Privacy:
    """What the task hides, as it stands on the ledger; the budget is rounded down."""
    if task.privacy == "plain":
        return PLAIN
    wanted = task.noise
    noise = NO_NOISE
    if wanted is not None:
        noise = Noise(wanted.clip_bound, wanted.sigma**2, 1, wanted.colluders, int(wanted.budget * 2**UNIT_BITS))
    return Privacy(Mode.SECURE, task.group_count, task.shares_needed, task.degree or 0, noise)


@dataclass
class Participant:
    """An identity that acts: who it is and what it does."""

    owner: Owner
    duties: tuple[Duty, ...]


def make_participants(
    cast: Cast, spec: TaskSpec, workload: Workload, directory: Path, ledger: Ledger
) -> list[Participant]:
    """Everybody, in registration order, each with a private directory of its own under `directory`."""
    newcomers = tuple(_registration(cast, index, 2 * spec.deposit) for index in cast.trainers)
    total = len(cast.secret_keys)
    duties: dict[int, tuple[Duty, ...]] = {cast.issuer: (RegisterDuty(newcomers), PublishDuty(spec, total))}
    for position, index in enumerate(cast.validators):
        join = JoinDuty(Role.SCORER, spec.terms_root)
        duties[index] = (EvidenceDuty(), join, AttestDuty(), ScoreDuty(workload, position), AggregateDuty())
    certified = CertifiedState(ledger, ledger.blobs)  # one copy of the ledger for all, so one check for all
    for position, index in enumerate(cast.trainers):
        plain = not is_secure(spec)
        train = TrainDuty(workload, position) if plain else SecureTrainDuty(workload, position, certified)
        duties[index] = (JoinDuty(Role.TRAINER, spec.terms_root), train, AggregateDuty())
    return [Participant(make_owner(cast, index, directory, ledger), duties[index]) for index in range(total)]


def bind_config(directory: Path, config: RunConfig, begun: bool) -> None:
    """Keep the configuration beside the secrets, so that nobody continues a run as another one.

    Genesis does not hold all of it (trainer, adversaries, rule). Errors: UsageError when the run has begun and
    its configuration is gone or another.
    """
    if begun and not directory.is_dir():
        raise UsageError(f"{directory} is gone: this ledger can be verified, but not continued")
    private, text = PrivateDirectory(directory), config_text(config)
    kept = private.load(CONFIG_NAME)
    if kept is None and begun:
        raise UsageError(f"{directory / CONFIG_NAME} is gone: this ledger can be verified, but not continued")
    if kept is None:
        private.store(CONFIG_NAME, text.encode())
        return
    try:
        known = json.loads(kept)
    except ValueError:
        raise UsageError(f"{directory / CONFIG_NAME} is damaged") from None
    changed = difference(known, json.loads(text))
    if changed:
        raise UsageError(
            f"{directory.parent} holds a run of another configuration ({changed}); choose another directory"
        )


def difference(old: Any, new: Any, place: str = "") -> str:
    """The first key that differs between two documents, and how; empty when none does."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            found = difference(old.get(key), new.get(key), f"{place}.{key}" if place else key)
            if found:
                return found
        return ""
    return "" if old == new else f"{place} was {json.dumps(old)}, is {json.dumps(new)}"


def make_owner(cast: Cast, index: int, directory: Path, ledger: Ledger) -> Owner:
    """An identity with its private directory, which holds its key from now on."""
    private = PrivateDirectory(directory / f"identity-{index}")
    private.store_key("key", cast.secret_keys[index])
    return Owner(
        index=index,
        secret_key=cast.secret_keys[index],
        private=private,
        private_blobs=BlobStore(private.directory / "blobs"),
        public_blobs=ledger.store,
        blobs=ledger.blobs,
        genesis_root=ledger.genesis_root,
    )


def _registration(cast: Cast, index: int, endowment: int) -> Register:
    key = cast.secret_keys[index]
    return Register(bls.public_key(key), bls.prove_possession(key), endowment)
