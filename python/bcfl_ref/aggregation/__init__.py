"""How the updates of one round become the next model: exact integer rules (`spec/aggregation.md`)."""

from __future__ import annotations

from .dispatch import (
    EXTENSIONS,
    PARAMETERS,
    Extension,
    RuleName,
    aggregate,
    check_rule,
    is_extension,
    register_extension,
)

__all__ = [
    "EXTENSIONS",
    "PARAMETERS",
    "Extension",
    "RuleName",
    "aggregate",
    "check_rule",
    "is_extension",
    "register_extension",
]
