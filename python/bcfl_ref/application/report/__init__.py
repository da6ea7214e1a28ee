"""The report of a run: one self-contained HTML page, and a table for the terminal, both made from `metrics.json`."""

from __future__ import annotations

from .page import render, write_report
from .terminal import summary_table

__all__ = ["render", "summary_table", "write_report"]
