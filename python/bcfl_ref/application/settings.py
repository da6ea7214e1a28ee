"""The settings that all trainers share, and how a person's wording of them is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from inspect import Parameter, signature
from typing import Any, TypeVar

from ..errors import UsageError

T = TypeVar("T")


@dataclass(frozen=True)
class TrainSettings:
    """Local training: passes over the data in one round, samples in one step, learning rate."""

    local_epochs: int
    batch_size: int
    learning_rate: Fraction


def read_settings(local_epochs: int, batch_size: int, learning_rate: float | str) -> TrainSettings:
    """Checked settings; a learning rate is a number or a fraction such as "2/5". Errors: UsageError."""
    check_whole("local_epochs", local_epochs, 1, 10_000)
    check_whole("batch_size", batch_size, 1, 4096)
    try:
        rate = Fraction(str(learning_rate))
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"learning_rate: {learning_rate!r} is neither a number nor a fraction") from None
    if not rate > 0 or max(rate.numerator, rate.denominator) >= 2**16:
        raise UsageError(f"learning_rate: {learning_rate} is no positive fraction with parts below 65536")
    return TrainSettings(local_epochs, batch_size, rate)


def check_whole(name: str, value: object, low: int, high: int) -> None:
    """A whole number in low … high. Errors: UsageError."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise UsageError(f"{name}: {value!r} is no whole number from {low} to {high}")


def build(what: str, name: str, known: Mapping[str, Callable[..., T]], settings: Mapping[str, Any]) -> T:
    """Call `known[name]` with `settings`. Errors: UsageError naming what is known, or the settings there are."""
    if name not in known:
        raise UsageError(f"unknown {what} {name!r}; known: {', '.join(sorted(known))}")
    accepted = signature(known[name]).parameters
    if not any(parameter.kind is Parameter.VAR_KEYWORD for parameter in accepted.values()):
        for key in settings:
            if key not in accepted:
                choices = ", ".join(accepted) or "none"
                raise UsageError(f"{what} {name!r} has no setting {key!r}; its settings: {choices}")
    for key, parameter in accepted.items():
        needed = parameter.default is Parameter.empty and parameter.kind is not Parameter.VAR_KEYWORD
        if needed and key not in settings:
            raise UsageError(f"{what} {name!r} needs the setting {key!r}")
    return known[name](**settings)
