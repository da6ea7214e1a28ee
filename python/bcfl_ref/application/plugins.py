"""What there is to choose from by name: built in, or from an installed package by entry point (`docs/extending.md`).

Groups: `bcfl.trainers` (a factory of `ModelAdapter` or `Trainer`), `bcfl.datasets` (a function that gives a
`Dataset`), `bcfl.rules` (a `RulePlugin`), `bcfl.adversaries` (a factory of `Adversary`). A built-in name wins.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ..aggregation.dispatch import Extension, register_extension
from ..errors import UsageError
from .adapters.sklearn_mlp import SklearnMlp
from .adapters.torch_mlp import TorchMlp
from .adversaries import Absent, Adversary, LabelFlip, SignFlip, SmallBias
from .datasets import SOURCES, Dataset, load
from .settings import build
from .trainers import ArrayTrainer, IntegerTrainer, Trainer

TRAINERS: dict[str, Callable[..., Any]] = {
    IntegerTrainer.name: IntegerTrainer,
    SklearnMlp.name: SklearnMlp,
    TorchMlp.name: TorchMlp,
}
DATASETS: dict[str, Callable[[], Dataset]] = {name: functools.partial(load, name) for name in SOURCES}
ADVERSARIES: dict[str, Callable[..., Adversary]] = {
    kind.name: kind for kind in (Absent, LabelFlip, SignFlip, SmallBias)
}


@dataclass(frozen=True)
class RulePlugin:
    """A rule outside the specification: its number on the ledger (128 to 255) and its functions (AGG-032)."""

    number: int
    extension: Extension


def make_trainer(name: str, settings: Mapping[str, Any] | None = None) -> Trainer:
    """The trainer `name` with its settings. Errors: UsageError, with the known names or settings."""
    made = build("trainer", name, {**installed("bcfl.trainers"), **TRAINERS}, settings or {})
    # A trainer speaks vectors and knows its layout; an adapter speaks arrays and knows its shapes.
    trainer: Trainer = ArrayTrainer(made) if hasattr(made, "shapes") else made
    return trainer


def load_dataset(name: str) -> Dataset:
    """The dataset `name`. Errors: UsageError, with the known names."""
    dataset: Dataset = build("dataset", name, {**installed("bcfl.datasets"), **DATASETS}, {})
    return dataset


def make_adversary(name: str, settings: Mapping[str, Any] | None = None) -> Adversary:
    """The adversary `name` with its settings. Errors: UsageError, with the known names or settings."""
    adversary: Adversary = build("adversary", name, {**installed("bcfl.adversaries"), **ADVERSARIES}, settings or {})
    return adversary


def extension_numbers() -> dict[str, int]:
    """AGG-032: The installed rules outside the specification by name; each becomes known to `aggregate`."""
    numbers: dict[str, int] = {}
    for name, point in _points("bcfl.rules").items():
        plugin = _loaded(point)
        if not isinstance(plugin, RulePlugin):
            raise UsageError(f"entry point {name!r} of bcfl.rules is a {type(plugin).__name__}, no RulePlugin")
        register_extension(plugin.number, plugin.extension)
        numbers[name] = plugin.number
    return numbers


def installed(group: str) -> dict[str, Callable[..., Any]]:
    """What installed packages offer in `group`, by name; each is loaded when it is called."""
    return {name: _Late(point) for name, point in _points(group).items()}


class _Late:
    """A factory that is imported when its settings are looked at or it is called."""

    def __init__(self, point: EntryPoint) -> None:
        self._point = point

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        factory: Callable[..., Any] = _loaded(self._point)
        return factory

    def __call__(self, **settings: Any) -> Any:
        return self.__wrapped__(**settings)


def _points(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in sorted(entry_points(group=group), key=lambda point: point.value)}


def _loaded(point: EntryPoint) -> Any:
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        raise UsageError(f"plug-in {point.name!r} ({point.value}) cannot be loaded: {error}") from None
