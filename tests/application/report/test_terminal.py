"""The end of a run in the terminal."""

from __future__ import annotations

from io import StringIO

from bcfl_ref.application.metrics import Metrics
from bcfl_ref.application.report import summary_table
from rich.console import Console


def test_the_table_fits_and_tells(metrics: Metrics) -> None:
    """Within 100 columns: verdict, every participant, figures and the head."""
    console = Console(width=100, record=True, file=StringIO())
    console.print(summary_table(metrics))
    text = console.export_text()
    assert all(participant.name in text for participant in metrics.participants)
    for expected in ("rejected in every round", "0 of 14", "centralised 0.981", metrics.run.head_root):
        assert expected in text
    assert max(map(len, text.splitlines())) <= 100
