"""The command line: what people type, and what they get wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from engines.runs import SMALL

ROOT = Path(__file__).parents[2]


def bcfl(*arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Run the command as a person would; (exit status, stdout, stderr)."""
    done = subprocess.run(
        [sys.executable, "-m", "bcfl_ref", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", **(env or {})},
        timeout=240,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="session")
def run_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of one finished `bcfl run`."""
    base = tmp_path_factory.mktemp("cli")
    (base / "config.toml").write_text(SMALL, encoding="utf-8")
    status, out, err = bcfl("run", base / "config.toml", "--out", base / "run")
    assert status == 0, out + err
    return base / "run"


def test_help_names_every_command() -> None:
    """`bcfl --help` reads well: it names each command with what it does, and exits 0."""
    status, out, _ = bcfl("--help")
    assert status == 0
    for command in ("run", "verify", "sweep", "simulate", "kernels", "conformance", "spec"):
        assert f" {command} " in out


def test_a_run_leaves_ledger_metrics_and_report(run_directory: Path) -> None:
    """`bcfl run` leaves the ledger, metrics and a self-contained report; a second call changes nothing."""
    names = {path.name for path in run_directory.iterdir()}
    assert {"genesis.ssz", "ledger.log", "blobs", "metrics.json", "report.html", "private"} <= names
    metrics = json.loads((run_directory / "metrics.json").read_text(encoding="utf-8"))
    html = (run_directory / "report.html").read_text(encoding="utf-8")
    assert metrics["run"]["head_root"] in html
    assert "http://" not in html.replace("http://www.w3.org", "") and "https://" not in html
    before = (run_directory / "ledger.log").read_bytes()
    status, out, _ = bcfl("run", run_directory.parent / "config.toml", "--out", run_directory)
    assert status == 0 and metrics["run"]["head_root"] in out
    assert (run_directory / "ledger.log").read_bytes() == before


def test_verify_says_what_it_proved(run_directory: Path) -> None:
    """`bcfl verify` exits 0 and says what it proved and what it cannot prove; pins are honoured."""
    metrics = json.loads((run_directory / "metrics.json").read_text(encoding="utf-8"))
    status, out, _ = bcfl(
        "verify",
        run_directory,
        "--genesis",
        metrics["run"]["genesis_root"],
        "--head",
        "0x" + metrics["run"]["head_root"],
    )
    assert status == 0 and "VALID" in out and "Proved" in out and "Not proved" in out and out.count(" pinned") == 2
    status, out, _ = bcfl("verify", run_directory, "--head", "00" * 32)
    assert status == 1 and "INVALID head" in out


def test_verify_names_the_offence(run_directory: Path, tmp_path: Path) -> None:
    """A spoilt ledger exits 1 with one line that names the place."""
    spoilt = Path(shutil.copytree(run_directory, tmp_path / "run"))
    log = spoilt / "ledger.log"
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 1
    log.write_bytes(data)
    status, out, err = bcfl("verify", spoilt)
    assert status == 1 and out.startswith("INVALID") and "block" in out and "Traceback" not in out + err


MISTAKES = {
    "unknown key": ("[task]\nround = 3\n", "task.round"),
    "negative budget": ("[task]\nreward_round = -1\n", "task.reward_round"),
    "f too large for Krum": ('[task.rule]\nname = "krum"\nbyzantine = 2\n', "task.rule"),
    "unknown dataset": ('[data]\ndataset = "mnist"\n', "unknown dataset 'mnist'"),
    "unknown trainer": ('[trainer]\nname = "gpt"\n', "unknown trainer 'gpt'"),
    "unknown rule": ('[task.rule]\nname = "mode"\n', "unknown rule 'mode'"),
    "unknown adversary": ('[[adversaries]]\ntrainer = 0\nkind = "ghost"\n', "unknown adversary 'ghost'"),
    "adversary out of range": ('[[adversaries]]\ntrainer = 9\nkind = "sign-flip"\n', "trainer 9 of 5"),
    "shares that do not sum": ("[task]\ntrainers_bps = 1\n", "10000"),
    "no TOML": ("seed = = 1\n", "no valid TOML"),
    "a number as text": ('seed = "one"\n', "seed"),
    "too many crashed": ("[network]\ncrashed = [0, 1]\n", "network.crashed"),
    "impossible split": ("[task]\ntrainers = 2000\n", "split"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_config_is_one_clear_line(tmp_path: Path, mistake: str) -> None:
    """Every mistake in a configuration gives one line that says what and where, exit 2, and writes nothing."""
    text, expected = MISTAKES[mistake]
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    status, out, err = bcfl("run", tmp_path / "config.toml", "--out", tmp_path / "run")
    assert status == 2 and out == ""
    assert expected in err and err.count("\n") == 1 and "Traceback" not in err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("run", "nowhere.toml", "--out", "x"), "cannot read nowhere.toml"),
        (("verify", "nowhere"), "nowhere"),
        (("verify", "nowhere", "--head", "xyz"), "--head"),
        (("run",), "Missing"),
        (("fly",), "No such command"),
        (("sweep", "nowhere.toml", "--out", "x"), "cannot read nowhere.toml"),
        (("spec", "trace", "--root", "nowhere"), "no checkout"),
        (("conformance", "generate", "--root", "nowhere"), "no checkout"),
        (("simulate", "--seeds", "0"), "--seeds"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], expected: str
) -> None:
    """Wrong paths, options and commands give one line and exit 2."""
    status, _, err = bcfl(*arguments, cwd=tmp_path)
    assert status == 2 and expected in err and err.count("\n") == 1 and "Traceback" not in err


def test_a_directory_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    """An output path below a file, which no user can write, gives one line and exit 2."""
    (tmp_path / "config.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    status, _, err = bcfl("run", tmp_path / "config.toml", "--out", tmp_path / "file" / "run")
    assert status == 2 and "cannot write" in err and err.count("\n") == 1


def test_a_corrupt_ledger_cannot_be_continued(run_directory: Path, tmp_path: Path) -> None:
    """`bcfl run` on a spoilt ledger gives one line and exit 2, and repairs nothing."""
    spoilt = Path(shutil.copytree(run_directory, tmp_path / "run"))
    log = spoilt / "ledger.log"
    data = bytearray(log.read_bytes())
    data[200] ^= 1
    log.write_bytes(data)
    status, _, err = bcfl("run", run_directory.parent / "config.toml", "--out", spoilt)
    assert status == 2 and "cannot be continued" in err and err.count("\n") == 1
    assert log.read_bytes() == bytes(data)


def test_kernels_can_be_forced_by_name(tmp_path: Path) -> None:
    """`bcfl kernels` shows the forced variant; a name that cannot run is one clear line and exit 2."""
    status, out, _ = bcfl("kernels", env={"BCFL_KERNELS": "python"})
    assert status == 0 and "active: python" in out
    status, _, err = bcfl("kernels", env={"BCFL_KERNELS": "warp"})
    assert status == 2 and "warp" in err and err.count("\n") == 1


def test_simulate_reports_worlds() -> None:
    """`bcfl simulate` runs worlds and says how many kept their promises."""
    status, out, _ = bcfl("simulate", "--seeds", "2")
    assert status == 0 and "2 of 2" in out
