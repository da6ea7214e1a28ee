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
from ..errors import SpecError, UsageError
from ..parameters import BASIS_POINTS
from ..types import AggregationRule

Tokens = Annotated[int, Field(ge=1, le=2**40)]
Share = Annotated[int, Field(ge=0, le=BASIS_POINTS)]
SEED_MAX = 2**63 - 1
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


class Task(Section):
    """The task that the issuer publishes; heights count blocks, shares are basis points of each round's reward."""

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
    sample_count_max: Annotated[int, Field(ge=1, le=65535)] = 65535
    acceptance_bps: Share = 8500
    privacy: Literal["plain"] = "plain"
    rule: Rule = Rule()

    @model_validator(mode="after")
    def _shares_are_whole(self) -> Task:
        total = self.trainers_bps + self.scorers_bps + self.aggregators_bps
        if total != BASIS_POINTS:
            raise ValueError(f"trainers_bps + scorers_bps + aggregators_bps is {total}, must be {BASIS_POINTS}")
        return self


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
        try:
            check_rule(aggregation_rule(self.task.rule), self.task.trainers)
        except SpecError as error:
            raise ValueError(f"task.rule with {self.task.trainers} trainers: {error}") from None
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
