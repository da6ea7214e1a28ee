"""The account of a run agrees with its ledger, however the run went."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from bcfl_ref import api
from bcfl_ref.application.config import config_text
from bcfl_ref.application.report import summary_table
from bcfl_ref.engines import embedded
from bcfl_ref.engines.setup import Participant, make_participants
from bcfl_ref.engines.sweep import row_of
from bcfl_ref.node.duties import JoinDuty
from engines.runs import shared_run, small_config
from rich.console import Console


def test_the_account_adds_up() -> None:
    """Rounds and participants agree on payouts; balances change by what was earned less what was lost."""
    metrics = shared_run().metrics
    paid = sum(round_.paid for round_ in metrics.rounds)
    assert paid == sum(participant.earned for participant in metrics.participants) == 1000
    for participant in metrics.participants[1:]:
        assert participant.balance_change == participant.earned - participant.slashed
        assert participant.deposit_left == participant.deposit
    assert metrics.money.conserved and metrics.money.escrow == 0
    assert sum(participant.balance_change for participant in metrics.participants) <= 0
    for round_ in metrics.rounds:
        assert all(update.paid > 0 for update in round_.updates if update.accepted)


def test_the_account_names_the_run() -> None:
    """Head, genesis, configuration and verdict of the replay are those of the run."""
    result = shared_run()
    metrics = result.metrics
    assert metrics.run.head_root == result.head.hex() and metrics.run.genesis_root == result.genesis_root.hex()
    assert metrics.config == config_text(small_config()) and json.loads(metrics.config)["task"]["rounds"] == 1
    assert metrics.verification.replayed and metrics.verification.proved and metrics.verification.not_proved
    assert len(metrics.blocks) == result.height and {block.round for block in metrics.blocks} == {0, 1}
    assert [participant.roles for participant in metrics.participants[:2]] == [("issuer",), ("validator", "scorer")]
    assert metrics.baselines.centralised and metrics.baselines.local_only and metrics.initial is not None


def test_faults_are_named(tmp_path: Path) -> None:
    """Adversaries, absent trainers, crashed and equivocating validators are called what they are; stakes are lost."""
    extra = '[[adversaries]]\ntrainer = 1\nkind = "absent"\n[ledger]\nvalidators = 7\n'
    config = small_config(extra + "[network]\nequivocating = [0]\ncrashed = [6]\n")
    metrics = api.run(config, tmp_path / "run", baselines=False, report=False).metrics
    called = {participant.name: participant for participant in metrics.participants if participant.adversary}
    assert {name: participant.adversary for name, participant in called.items()} == {
        "trainer 1": "absent",
        "validator 0": "equivocating",
        "validator 6": "crashed",
    }
    assert called["validator 0"].slashed >= config.ledger.stake and called["trainer 1"].slashed == 0
    (absent,) = [update for update in metrics.rounds[0].updates if update.trainer == called["trainer 1"].index]
    assert absent.status == "absent" and absent.score_ppm is None and absent.paid == 0
    assert metrics.baselines.centralised == ()


def test_an_aborted_task_ends_in_an_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a trainer never joins, the run ends: everybody gets back what they put in, and the report says so."""

    def without_one(*arguments: Any) -> list[Participant]:
        made = make_participants(*arguments)
        made[-1].duties = tuple(duty for duty in made[-1].duties if not isinstance(duty, JoinDuty))
        return made

    monkeypatch.setattr(embedded, "make_participants", without_one)
    result = api.run(small_config(), tmp_path / "run")
    metrics = result.metrics
    assert metrics.rounds == () and metrics.money.escrow == 0 and metrics.money.conserved
    assert all(participant.slashed == 0 == participant.earned for participant in metrics.participants)
    assert "aborted" in (tmp_path / "run" / api.REPORT_NAME).read_text(encoding="utf-8")
    console = Console(file=StringIO(), width=120)
    console.print(summary_table(metrics))
    assert "aborted before its first round" in console.file.getvalue()  # type: ignore[attr-defined]
    row = row_of(metrics)
    assert row["accuracy"] is None and row["gap"] is None and row["head"] == result.head.hex()
    assert api.verify(tmp_path / "run", expected_head=result.head).aggregates == 0
