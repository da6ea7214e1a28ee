"""The constants of a ledger: their bounds and the two presets (TYP-018, TYP-019; `spec/parameters.md`)."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from .errors import Code, SpecError, UsageError
from .types import Parameters

PROTOCOL_VERSION = 1
BASIS_POINTS = 10_000
PRESETS = ("minimal", "standard")

# name -> (smallest, largest) legal value, both included
BOUNDS: dict[str, tuple[int, int]] = {
    "epoch_heights": (2, 2**32),
    "seats_max": (1, 1024),
    "stake_min": (1, 2**48),
    "unbonding_heights": (1, 2**32),
    "evidence_heights": (1, 2**32),
    "window_heights_min": (1, 2**16 - 1),
    "transactions_per_block": (1, 4096),
    "transactions_per_sender": (1, 4096),
    "tasks_open_max": (1, 1024),
    "participants_max": (1, 2047),
    "reputation_initial_bps": (1, BASIS_POINTS),
    "reputation_min_bps": (1, BASIS_POINTS),
    "reputation_max_bps": (1, BASIS_POINTS),
    "reputation_gain_bps": (0, BASIS_POINTS),
    "reputation_loss_bps": (0, BASIS_POINTS),
}


def check_parameters(parameters: Parameters) -> None:
    """TYP-018: Every parameter lies within its bounds and the bounds among them hold.

    Errors, in order: PARAMETER_RANGE for the first parameter (in declaration order) outside BOUNDS;
    PARAMETER_RANGE when not min <= initial <= max for reputation; PARAMETER_RANGE when stakes could be gone
    before evidence expires: who was frozen as candidate may sit for three epochs after unbonding, and evidence
    may follow evidence_heights later (unbonding_heights <= evidence_heights + 3 · epoch_heights).
    """
    for name, (smallest, largest) in BOUNDS.items():
        if not smallest <= getattr(parameters, name) <= largest:
            raise SpecError(
                Code.PARAMETER_RANGE, f"{name} = {getattr(parameters, name)} not in {smallest}..{largest}"
            )
    p = parameters
    if not p.reputation_min_bps <= p.reputation_initial_bps <= p.reputation_max_bps:
        raise SpecError(Code.PARAMETER_RANGE, "reputation_min_bps <= reputation_initial_bps <= reputation_max_bps")
    if p.unbonding_heights <= p.evidence_heights + 3 * p.epoch_heights:
        raise SpecError(Code.PARAMETER_RANGE, "unbonding_heights must exceed evidence_heights + 3 · epoch_heights")


def load_preset(name: str) -> Parameters:
    """TYP-019: The parameters of a preset. Errors: UsageError for an unknown name."""
    if name not in PRESETS:
        raise UsageError(f"unknown preset {name!r}; known: {', '.join(PRESETS)}")
    text = files("bcfl_ref").joinpath("presets").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    parameters = Parameters(**tomllib.loads(text))
    check_parameters(parameters)
    return parameters
