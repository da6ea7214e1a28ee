"""How much updates and their sums say about the data behind them: four attacks, measured (`docs/attacks.md`).

The attacks play on the bytes that a ledger would hold: quantised updates, or exact integer sums of them. They judge
the modes of privacy; no rule depends on anything here.
"""

from __future__ import annotations

from .evaluation import ATTACKS, evaluate
from .page import read_evaluation, render, write_report

__all__ = ["ATTACKS", "evaluate", "read_evaluation", "render", "write_report"]
