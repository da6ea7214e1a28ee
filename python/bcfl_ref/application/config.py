"""The configuration of a run: TOML, checked once, with one clear line for each mistake (APP-020).

Nothing here is on the ledger. What must be agreed on (the task's specification, the ledger's parameters) is
derived from it once, put into genesis and the publishing transaction, and from then on read from there only.
"""

from __future__ import annotations

import json
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ..aggregation import RuleName, check_rule
from ..contract.tasks import DEGREE_MAX, SAMPLE_COUNT_LIMIT
from ..errors import SpecError, UsageError
from ..kernels.limits import COORDINATE_MAX
from ..parameters import BASIS_POINTS
from ..types import AggregationRule

Tokens = Annotated[int, Field(ge=1, le=2**40)]
Share = Annotated[int, Field(ge=0, le=BASIS_POINTS)]
SEED_MAX = 2**63 - 1
GROUP_MIN = 3
WEIGHTS_MAX = SAMPLE_COUNT_LIMIT
WEIGHT_USEFUL = 16
RING_MAX = 2**31 - 1
"""The largest sum that a ring of 32 bits holds."""
RULE_NAMES = {rule.name.lower().replace("_", "-"): rule for rule in RuleName}


class Section(BaseModel):
    """A table of the file: unknown keys are mistakes, values are never coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Data(Section):
    """Which data, and how unevenly it is spread over the trainers."""

    dataset: str = "digits"
    alpha: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] = 1.0


class Trainer(Section):
    """Which trainer, and its settings (each trainer documents its own)."""

    name: str = "sklearn-mlp"
    settings: dict[str, Any] = {}


class Rule(Section):
    """The aggregation rule; `eta` is the server rate as a fraction."""

    name: str = "weighted-mean"
    eta: str = "1/1"
    trim_bps: Share = 0
    byzantine: Annotated[int, Field(ge=0, le=2**16 - 1)] = 0
    select: Annotated[int, Field(ge=0, le=2**16 - 1)] = 0
    norm_bound: Annotated[int, Field(ge=0, le=2**40)] = 0

    @field_validator("eta")
    @classmethod
    def _eta_is_a_fraction(cls, text: str) -> str:
        try:
            value = Fraction(text)
        except (ValueError, ZeroDivisionError):
            raise ValueError(f"{text!r} is no fraction such as '1/2'") from None
        if not value > 0 or max(value.numerator, value.denominator) >= 2**16:
            raise ValueError(f"{text!r}: numerator and denominator must lie in 1..65535")
        return text


class Noise(Section):
    """Noise in every sum of a group: updates are clipped to `clip_bound`, `sigma` is the deviation of a coordinate.

    Both are in steps of the fixed point. `colluders` members of a group may leave their noise out; `budget` is what
    all rounds may spend, as rho of zero-concentrated differential privacy.
    """

    clip_bound: Annotated[int, Field(ge=1, le=2**32 - 1)]
    sigma: Annotated[int, Field(ge=1, le=2**26)]
    colluders: Annotated[int, Field(ge=0, le=2**16 - 1)] = 0
    budget: Annotated[float, Field(gt=0, lt=2**24, allow_inf_nan=False)]


class Task(Section):
    """The task that the issuer publishes; heights count blocks, shares are basis points of each round's reward.

    `groups`, `threshold` and `degree` belong to the secure modes; without them there is one group, the threshold is
    more than half of the neighbours, and everybody in a group is a neighbour. `sample_count_max` is by default the
    largest that the mode allows.
    """

    rounds: Annotated[int, Field(ge=1, le=65535)] = 14
    trainers: Annotated[int, Field(ge=1, le=2047)] = 5
    window_heights: Annotated[int, Field(ge=1, le=65535)] = 2
    averaging: Literal["selected", "all"] = "selected"
    aggregators: Annotated[int, Field(ge=1, le=65535)] = 2
    payment: Literal["score", "size"] = "score"
    reward_round: Tokens = 1000
    trainers_bps: Share = 7000
    scorers_bps: Share = 2000
    aggregators_bps: Share = 1000
    deposit: Tokens = 100
    sample_count_max: Annotated[int, Field(ge=1, le=65535)] | None = None
    acceptance_bps: Share = 8500
    privacy: Literal["plain", "secure", "secure-grouped"] = "plain"
    groups: Annotated[int, Field(ge=2, le=682)] | None = None
    threshold: Annotated[int, Field(ge=2, le=2046)] | None = None
    degree: Annotated[int, Field(ge=2, le=512)] | None = None
    noise: Noise | None = None
    rule: Rule = Rule()

    @model_validator(mode="after")
    def _shares_are_whole(self) -> Task:
        total = self.trainers_bps + self.scorers_bps + self.aggregators_bps
        if total != BASIS_POINTS:
            raise ValueError(f"trainers_bps + scorers_bps + aggregators_bps is {total}, must be {BASIS_POINTS}")
        return self

    @model_validator(mode="after")
    def _privacy_is_possible(self) -> Task:
        if self.privacy == "plain":
            for key in ("groups", "threshold", "degree", "noise"):
                if getattr(self, key) is not None:
                    raise ValueError(f'{key} needs privacy = "secure" or "secure-grouped"')
            return self
        if (self.privacy == "secure-grouped") != (self.groups is not None):
            raise ValueError('privacy = "secure-grouped" needs groups, and "secure" is one group')
        if self.trainers < GROUP_MIN * self.group_count:
            raise ValueError(f"{self.trainers} trainers in {self.group_count} groups: each needs {GROUP_MIN} or more")
        if self.degree is not None and self.degree % 2:
            raise ValueError(f"degree {self.degree} is odd")
        if self.degree is None and self.group_max > DEGREE_MAX:
            raise ValueError(f"a group of {self.group_max} trainers needs a degree, of at most {DEGREE_MAX}")
        if not 2 <= self.shares_needed <= self.neighbours_min:
            raise ValueError(f"threshold {self.shares_needed} with {self.neighbours_min} neighbours in a group")
        if self.payment != "score":
            raise ValueError('payment = "size" needs privacy = "plain": nobody sees sizes')
        if self.group_max * self.weight_max > WEIGHTS_MAX:
            raise ValueError(
                f"sample_count_max {self.weight_max} for {self.group_max} trainers of a group: "
                f"the product is above {WEIGHTS_MAX}"
            )
        if self.noise is not None and self.weight_max != 1:
            raise ValueError("with noise everybody weighs the same: leave sample_count_max out")
        return self

    @property
    def group_count(self) -> int:
        """How many sums a round opens at most."""
        return self.groups or 1

    @property
    def group_max(self) -> int:
        """The most trainers in a group."""
        return -(-self.trainers // self.group_count)

    @property
    def neighbours_min(self) -> int:
        """The fewest neighbours that a trainer has when nobody is missing."""
        everybody = self.trainers // self.group_count - 1
        return min(everybody, self.degree or everybody)

    @property
    def shares_needed(self) -> int:
        """The threshold: of all neighbours of a trainer in the largest group more than half, unless it is given."""
        return self.threshold or min(self.degree or self.group_max - 1, self.group_max - 1) // 2 + 1

    @property
    def weight_max(self) -> int:
        """The largest weight of an update: its samples, or in a secure mode units of samples.

        By default as large as the sum of a group in a ring of 32 bits allows, and 16 at least; 1 with noise.
        """
        if self.sample_count_max is not None:
            return self.sample_count_max
        if self.privacy == "plain":
            return WEIGHTS_MAX
        return 1 if self.noise is not None else max(RING_MAX // (self.group_max * COORDINATE_MAX), WEIGHT_USEFUL)


class Dropouts(Section):
    """Trainers that disappear in the middle of a round: this share of them, each round drawn anew.

    `step` is what they do not do any more: one of the four steps of a secure round, or any of them by chance.
    """

    share_bps: Share = 0
    step: Literal["any", "keys", "shares", "input", "unmask"] = "any"


class Adversary(Section):
    """A trainer that misbehaves; trainers are numbered from 0."""

    trainer: Annotated[int, Field(ge=0)]
    kind: str
    settings: dict[str, Any] = {}


class Ledger(Section):
    """The ledger: preset of parameters, validators and their stake."""

    preset: Literal["minimal", "standard"] = "minimal"
    validators: Annotated[int, Field(ge=1, le=64)] = 4
    stake: Tokens = 1000


class Network(Section):
    """The simulated network between validators: share of lost messages, which validators are down or two-faced."""

    loss_bps: Annotated[int, Field(ge=0, le=5000)] = 0
    crashed: tuple[int, ...] = ()
    equivocating: tuple[int, ...] = ()


class RunConfig(Section):
    """A whole run. Two runs of one config on one machine give the same ledger."""

    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] = 1
    data: Data = Data()
    trainer: Trainer = Trainer()
    task: Task = Task()
    adversaries: tuple[Adversary, ...] = ()
    ledger: Ledger = Ledger()
    network: Network = Network()
    dropouts: Dropouts = Dropouts()

    @model_validator(mode="after")
    def _parts_fit_together(self) -> RunConfig:
        for adversary in self.adversaries:
            if adversary.trainer >= self.task.trainers:
                raise ValueError(f"adversaries: trainer {adversary.trainer} of {self.task.trainers} (counted from 0)")
        trainers = [adversary.trainer for adversary in self.adversaries]
        for index, trainer in enumerate(trainers):
            if trainer in trainers[:index]:
                raise ValueError(f"adversaries: trainer {trainer} stands there twice")
        for index in (*self.network.crashed, *self.network.equivocating):
            if not 0 <= index < self.ledger.validators:
                raise ValueError(f"network: validator {index} of {self.ledger.validators} (counted from 0)")
        if self.dropouts.share_bps and self.task.privacy == "plain":
            raise ValueError('dropouts: needs a secure task.privacy; in plain mode see the adversary "absent"')
        secure = self.task.privacy != "plain"
        updates, what = (self.task.group_count, "groups") if secure else (self.task.trainers, "trainers")
        try:
            check_rule(aggregation_rule(self.task.rule), updates)
        except SpecError as error:
            raise ValueError(f"task.rule with {updates} {what}: {error}") from None
        return self


def aggregation_rule(rule: Rule) -> AggregationRule:
    """APP-020: The container that goes on the ledger. Errors: UsageError for an unknown name."""
    number = rule_number(rule.name)
    eta = Fraction(rule.eta)
    return AggregationRule(
        name=number,
        eta_numerator=eta.numerator,
        eta_denominator=eta.denominator,
        trim_bps=rule.trim_bps,
        byzantine=rule.byzantine,
        select=rule.select,
        norm_bound=rule.norm_bound,
    )


def rule_number(name: str) -> int:
    """APP-020: The number of a rule by name, extensions included. Errors: ValueError listing what is known."""
    from .plugins import extension_numbers  # the registry imports this module's neighbours

    known: dict[str, int] = {**{key: int(value) for key, value in RULE_NAMES.items()}, **extension_numbers()}
    if name not in known:
        raise ValueError(f"unknown rule {name!r}; known: {', '.join(known)}")
    return known[name]


def load_config(path: Path) -> RunConfig:
    """APP-020: The configuration in a TOML file. Errors: UsageError, one line, saying what is wrong and where."""
    return parse_config(read_text(path), str(path))


def read_text(path: Path) -> str:
    """APP-020: The text of a file. Errors: UsageError."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text") from None


def parse_config(text: str, where: str) -> RunConfig:
    """APP-020: The configuration in TOML text; `where` names it in errors. Errors: UsageError."""
    return validate_config(parse_toml(text, where), where)


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """APP-020: The tables in TOML text, unchecked. Errors: UsageError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where}: no valid TOML: {error}") from None


def validate_config(data: dict[str, Any], where: str) -> RunConfig:
    """APP-020: The configuration in these tables. Errors: UsageError, the first mistake in one line."""
    try:
        return RunConfig.model_validate(_tuples(data))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        unknown = first["type"] == "extra_forbidden"
        message = "no such key" if unknown else first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{where}: {place + ': ' if place else ''}{message}") from None


def config_text(config: RunConfig) -> str:
    """APP-020: The whole configuration, defaults included, as JSON text; equal for equal configurations."""
    return json.dumps(config.model_dump(mode="json"), indent=1)


def _tuples(value: Any) -> Any:
    """TOML arrays as tuples, since the configuration is immutable."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    return value
