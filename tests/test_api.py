"""The library in three calls, and what it says when the disk or the directory is at fault."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from bcfl_ref import api
from bcfl_ref.application.metrics import read_metrics
from bcfl_ref.engines import embedded
from bcfl_ref.errors import UsageError
from bcfl_ref.node.index import is_current
from bcfl_ref.node.keys import PrivateDirectory
from engines.runs import copy_of_shared_run, shared_run, small_config


def test_a_run_leaves_everything_behind() -> None:
    """A run leaves ledger, account, report and a current index, and gives what it wrote."""
    result = shared_run()
    names = {path.name for path in result.directory.iterdir()}
    assert {"genesis.ssz", "ledger.log", "blobs", "private", "metrics.json", "report.html", "index.sqlite"} == names
    assert read_metrics(result.directory / api.METRICS_NAME) == result.metrics and is_current(result.directory)
    assert result.height == len(result.metrics.blocks)


def test_verify_proves_the_head() -> None:
    """Verification replays to the head that the run gave; another pinned head is an offence."""
    result = shared_run()
    proved = api.verify(str(result.directory), expected_genesis=result.genesis_root, expected_head=result.head)
    assert (proved.head, proved.height) == (result.head, result.height)
    with pytest.raises(api.Offence, match="head"):
        api.verify(result.directory, expected_head=bytes(32))


def test_a_finished_run_can_be_reported_again(tmp_path: Path) -> None:
    """Running a finished directory again changes nothing on the ledger; the account differs in its times only."""
    directory = copy_of_shared_run(tmp_path / "run")
    log = (directory / "ledger.log").read_bytes()
    stages: list[str] = []
    again = api.run(small_config(), directory, progress=lambda stage, done, total: stages.append(stage))
    assert again.head == shared_run().head and (directory / "ledger.log").read_bytes() == log
    assert again.metrics.model_copy(update={"timing": {}}) == shared_run().metrics.model_copy(update={"timing": {}})
    assert list(dict.fromkeys(stages)) == ["verification", "baselines", "report"]


def test_what_is_not_wanted_is_not_made(tmp_path: Path) -> None:
    """Without report and baselines neither is there."""
    directory = copy_of_shared_run(tmp_path / "run")
    (directory / api.REPORT_NAME).unlink()
    result = api.run(small_config(), directory, baselines=False, report=False)
    assert not (directory / api.REPORT_NAME).exists() and result.metrics.baselines.centralised == ()


def test_too_many_faulty_validators_write_nothing(tmp_path: Path) -> None:
    """Crashed and equivocating validators are counted together before anything is written."""
    for network in ("crashed = [0]\nequivocating = [1]", "equivocating = [0, 1]", "crashed = [0, 1]"):
        with pytest.raises(UsageError, match="leave 2 of 4 validators"):
            api.run(small_config(f"[network]\n{network}\n"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_supply_beyond_the_limit_writes_nothing(tmp_path: Path) -> None:
    """A budget that no ledger can hold is one line, and no directory appears."""
    config = small_config("reward_round = 1099511627776\n")
    huge = config.model_copy(update={"task": config.task.model_copy(update={"rounds": 65535})})
    with pytest.raises(UsageError, match="SUPPLY_RANGE"):
        api.run(huge, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the disk is full, the run says so in one line and continues to the uninterrupted head."""
    calls, real = [0], os.fsync
    fatal = (3, 40, 80, 60)

    with monkeypatch.context() as patch:
        for limit in fatal:
            calls[0] = 0

            def fsync(descriptor: int, limit: int = limit) -> None:
                calls[0] += 1
                if calls[0] >= limit:
                    raise OSError(errno.ENOSPC, "No space left on device")
                real(descriptor)

            patch.setattr(os, "fsync", fsync)
            with pytest.raises(UsageError, match="No space left on device") as error:
                api.run(small_config(), tmp_path / "run", baselines=False, report=False)
            assert "\n" not in str(error.value)
    result = api.run(small_config(), tmp_path / "run", baselines=False, report=False)
    assert result.head == shared_run().head


def test_damage_between_two_heights_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A blob that vanishes while the run needs it ends the run in one line that names it."""
    real = embedded.EmbeddedEngine.run_height

    def vanish(self: embedded.EmbeddedEngine) -> None:
        tasks = self.ledger.state.tasks
        if tasks and any(update.attesters for update in tasks[0].round.updates):
            for path in (tmp_path / "run" / "blobs").iterdir():
                path.unlink()
            self.ledger.blobs._known.clear()
        real(self)

    with monkeypatch.context() as patch:
        patch.setattr(embedded.EmbeddedEngine, "run_height", vanish)
        with pytest.raises(UsageError, match="cannot be continued: BLOB_MISSING"):
            api.run(small_config(), tmp_path / "run", baselines=False, report=False)


def test_an_interrupted_run_holds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted by its user, a run lets go of its directory and continues to the same head."""

    def interrupt(stage: str, done: int, total: int) -> None:
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        api.run(small_config(), tmp_path / "run", progress=interrupt)
    assert not (tmp_path / "run" / api.METRICS_NAME).exists()
    assert api.run(small_config(), tmp_path / "run", baselines=False, report=False).head == shared_run().head


def test_a_failed_opening_holds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the private directory cannot be used the ledger is let go of, so that the next try succeeds."""
    directory = copy_of_shared_run(tmp_path / "run")

    def refuse(self: PrivateDirectory, *arguments: Any) -> None:
        raise OSError(errno.EACCES, "Permission denied", "a file")

    with monkeypatch.context() as patch:
        patch.setattr(PrivateDirectory, "store_key", refuse)
        with pytest.raises(UsageError, match=r"Permission denied \(a file\)"):
            api.run(small_config(), directory)
    api.run(small_config(), directory, baselines=False, report=False)
