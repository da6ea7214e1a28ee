"""The document of a run: written and read back, and counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bcfl_ref.application.metrics import (
    Metrics,
    Money,
    Participant,
    Quality,
    Round,
    Run,
    Update,
    metrics_text,
    read_metrics,
    tallies,
)
from bcfl_ref.errors import UsageError


def document() -> Metrics:
    """One round: an honest update accepted, one rejected, a poisoned one accepted, one trainer absent."""
    run = Run(
        seed=1,
        dataset="digits",
        dataset_title="digits",
        trainer="integer",
        parameters=650,
        rule="mean",
        alpha=1.0,
        genesis_root="0x00",
        head_root="0x01",
    )
    updates = (
        Update(trainer=1, status="eligible", score_ppm=900_000, accepted=True, paid=5),
        Update(trainer=2, status="eligible", score_ppm=100_000),
        Update(trainer=3, status="eligible", score_ppm=800_000, accepted=True, paid=4),
        Update(trainer=4, status="absent"),
    )
    quality = Quality(accuracy=0.5, macro_precision=0.4, loss=1.0)
    return Metrics(
        run=run,
        participants=(
            Participant(index=1, name="a", roles=("trainer",), earned=5),
            Participant(index=2, name="b", roles=("trainer",)),
            Participant(index=3, name="c", roles=("trainer",), adversary="sign-flip", earned=4),
            Participant(index=5, name="v", roles=("validator",), adversary="crashed", earned=7),
        ),
        rounds=(Round(number=1, outcome="aggregated", quality=quality, updates=updates, paid=9),),
        money=Money(supply=100, treasury=0),
    )


def test_reading_gives_back_what_was_written(tmp_path: Path) -> None:
    """The file is JSON and loses nothing."""
    (tmp_path / "metrics.json").write_text(metrics_text(document()), encoding="utf-8")
    assert read_metrics(tmp_path / "metrics.json") == document()
    assert json.loads((tmp_path / "metrics.json").read_text())["schema_version"] == 1


def test_tallies_count_scored_updates_of_trainers() -> None:
    """Absent updates count for nobody, and a misbehaving validator is no poisoner."""
    found = tallies(document())
    assert (found.poison_sent, found.poison_accepted, found.poison_paid) == (1, 1, 4)
    assert (found.honest_sent, found.honest_rejected) == (2, 1)


def test_bad_documents_give_one_clear_line(tmp_path: Path) -> None:
    """A missing file, an unknown key and a value out of range are each told with their place."""
    with pytest.raises(UsageError, match="cannot read"):
        read_metrics(tmp_path / "none.json")
    for change, place in (({"colour": 1}, "colour"), ({"rounds": [{}]}, "rounds")):
        bad = {**json.loads(document().model_dump_json()), **change}
        (tmp_path / "metrics.json").write_text(json.dumps(bad))
        with pytest.raises(UsageError, match=place):
            read_metrics(tmp_path / "metrics.json")
