"""The golden run: one head on every kernel variant, live and replayed."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from bcfl_ref import kernels
from bcfl_ref.application.config import parse_config
from bcfl_ref.engines.golden import record_golden_run, text_of
from bcfl_ref.node.verify import verify
from bcfl_ref.operations.replay import OPERATIONS
from engines.runs import finished

GOLDEN: dict[str, Any] = json.loads(
    files("bcfl_ref.operations.cases").joinpath("data", "golden_run.json").read_text(encoding="ascii")
)


@pytest.mark.parametrize("variant", kernels.available_variants())
def test_the_whole_run_is_the_same_on_every_variant(tmp_path: Path, variant: str) -> None:
    """Training, scoring, consensus and ledger of the integer run give the committed bytes on each variant."""
    with kernels.use_variant(variant):
        assert kernels.active_variant() == variant
        recorded = record_golden_run(tmp_path / "run")
    assert recorded["head"] == GOLDEN["head"]
    assert text_of(recorded) == text_of(GOLDEN), "record it again: python -m bcfl_ref.engines.golden FILE"


@pytest.mark.parametrize("variant", kernels.available_variants())
def test_replay_gives_the_golden_head_on_every_variant(variant: str) -> None:
    """Replaying the recorded ledger gives its head on each variant."""
    with kernels.use_variant(variant):
        answer = OPERATIONS[0].run({key: GOLDEN[key] for key in ("genesis", "records", "blobs")})
    assert answer["head"] == GOLDEN["head"]


def test_a_recorded_float_run_verifies_on_every_variant(tmp_path: Path) -> None:
    """A ledger recorded with float training has the same head when each variant verifies it."""
    config = parse_config("[task]\nrounds = 1\ntrainers = 3\n[trainer.settings]\nlocal_epochs = 1\n", "test")
    head = finished(config, tmp_path / "run")
    for variant in kernels.available_variants():
        with kernels.use_variant(variant):
            assert verify(tmp_path / "run").head == head
