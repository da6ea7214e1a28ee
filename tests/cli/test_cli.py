"""The command line: what people type, and what they get wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bcfl_ref import kernels
from bcfl_ref.cli import main
from bcfl_ref.node.log import LedgerLog, read_log
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


Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    """The same in this process, which saves the start of another."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return end.value.code, captured.out, captured.err

    return run


@pytest.fixture(scope="session")
def run_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of one finished `bcfl run`."""
    base = tmp_path_factory.mktemp("cli")
    (base / "config.toml").write_text(SMALL, encoding="utf-8")
    status, out, err = bcfl("run", base / "config.toml", "--out", base / "run")
    assert status == 0, out + err
    return base / "run"


CONFIG = str(ROOT / "examples" / "integer.toml")


def test_help_names_every_command() -> None:
    """`bcfl --help` reads well: it names each command with what it does, and exits 0."""
    status, out, _ = bcfl("--help")
    assert status == 0
    for command in ("run", "verify", "query", "sweep", "simulate", "kernels", "attack", "conformance", "spec"):
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


def test_verify_says_what_it_proved(run_directory: Path, typed: Typed) -> None:
    """`bcfl verify` exits 0 and says what it proved and what it cannot prove; pins are honoured."""
    metrics = json.loads((run_directory / "metrics.json").read_text(encoding="utf-8"))
    status, out, _ = typed(
        "verify",
        run_directory,
        "--genesis",
        metrics["run"]["genesis_root"],
        "--head",
        "0x" + metrics["run"]["head_root"],
    )
    assert status == 0 and "VALID" in out and "Proved" in out and "Not proved" in out and out.count(" pinned") == 2
    status, out, _ = typed("verify", run_directory, "--head", "00" * 32)
    assert status == 1 and "INVALID head" in out


def test_verify_names_the_offence(run_directory: Path, tmp_path: Path, typed: Typed) -> None:
    """A spoilt ledger exits 1 with one line that names the place."""
    spoilt = Path(shutil.copytree(run_directory, tmp_path / "run"))
    log = spoilt / "ledger.log"
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 1
    log.write_bytes(data)
    status, out, err = typed("verify", spoilt)
    assert status == 1 and out.startswith("INVALID") and "block" in out and "Traceback" not in out + err


def test_verify_says_where_a_torn_end_comes_from(run_directory: Path, tmp_path: Path, typed: Typed) -> None:
    """A log cut off in its last frame is invalid, and whoever killed a run is told what that is."""
    spoilt = Path(shutil.copytree(run_directory, tmp_path / "run"))
    log = spoilt / "ledger.log"
    log.write_bytes(log.read_bytes()[:-1])
    status, out, _ = typed("verify", spoilt)
    assert status == 1 and "LOG_FRAME_TORN" in out and "`bcfl run` cuts it off" in out


def test_query_answers_from_the_ledger_as_it_is(run_directory: Path, tmp_path: Path, typed: Typed) -> None:
    """`bcfl query` answers in a table or as CSV, and mends an index that is missing or old."""
    place = Path(shutil.copytree(run_directory, tmp_path / "run"))
    status, out, _ = typed("query", place)
    assert status == 0 and "CREATE TABLE blocks" in out and f"bcfl query {place}" in out
    assert typed("query", place, "SELECT height, 'a,b' AS x FROM ledger", "--csv")[1].splitlines()[0] == "height,x"
    height = len(list(read_log(place / "ledger.log")))
    for spoil in (lambda path: path.unlink(), lambda path: path.write_bytes(b"damaged"), lambda path: None):
        spoil(place / "index.sqlite")
        status, out, err = typed("query", place, "SELECT max(height) AS top FROM blocks")
        assert (status, out.split(), err) == (0, ["top", str(height)], "")
    shutil.rmtree(place / "blobs")
    (place / "ledger.log").write_bytes((place / "ledger.log").read_bytes()[:12])
    assert typed("query", place, "SELECT height FROM ledger", "--csv")[1] == "height\n0\n"


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("SELECT height FROM nowhere", "no such table"),
        ("DROP TABLE blocks", "readonly"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("", "no question"),
        ("SELECT ?", "binding"),
    ],
)
def test_a_wrong_question_is_one_line(run_directory: Path, typed: Typed, statement: str, named: str) -> None:
    """A statement that is wrong, writes, or is more than one exits 2 with one line."""
    status, out, err = typed("query", run_directory, statement)
    assert status == 2 and out == "" and named in err and err.count("\n") == 1
    assert typed("query", run_directory.parent, "SELECT 1")[2].endswith("holds no ledger (ledger.log)\n")


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
    "a preset's limit": ('[ledger]\npreset = "standard"\nstake = 1000000\n', "window_heights_min 8"),
    "more tokens than a ledger holds": ("[task]\nrounds = 65535\nreward_round = 1099511627776\n", "SUPPLY_RANGE"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_config_is_one_clear_line(tmp_path: Path, typed: Typed, mistake: str) -> None:
    """Every mistake in a configuration gives one line that says what and where, exit 2, and writes nothing."""
    text, expected = MISTAKES[mistake]
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    status, out, err = typed("run", tmp_path / "config.toml", "--out", tmp_path / "run")
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
        (("spec", "check", "--root", ROOT, "--only", "nothing-like-this"), "no configuration"),
        (("conformance", "generate", "--root", "nowhere"), "no checkout"),
        (("simulate", "--seeds", "0"), "--seeds"),
        (("run", CONFIG, "--out", "x", "--seed", "-1"), "--seed"),
        (("run", CONFIG, "--out", "x", "--seed", str(2**63)), "--seed"),
        (("sweep", CONFIG, "--out", "x", "--set", "rounds"), "--set"),
        (("sweep", CONFIG, "--out", "x", "--first", str(2**63)), "seed"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_clear_line(
    tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str | Path, ...], expected: str
) -> None:
    """Wrong paths, options and commands give one line and exit 2."""
    monkeypatch.chdir(tmp_path)
    status, _, err = typed(*arguments)
    assert status == 2 and expected in err and err.count("\n") == 1 and "Traceback" not in err


def test_a_directory_that_cannot_be_written_is_one_clear_line(tmp_path: Path, typed: Typed) -> None:
    """An output path below a file, which no user can write, gives one line and exit 2."""
    (tmp_path / "config.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    status, _, err = typed("run", tmp_path / "config.toml", "--out", tmp_path / "file" / "run")
    assert status == 2 and "cannot write" in err and err.count("\n") == 1


def test_a_corrupt_ledger_cannot_be_continued(run_directory: Path, tmp_path: Path, typed: Typed) -> None:
    """`bcfl run` on a spoilt ledger gives one line and exit 2, and repairs nothing."""
    spoilt = Path(shutil.copytree(run_directory, tmp_path / "run"))
    log = spoilt / "ledger.log"
    data = bytearray(log.read_bytes())
    data[200] ^= 1
    log.write_bytes(data)
    status, _, err = typed("run", run_directory.parent / "config.toml", "--out", spoilt)
    assert status == 2 and "cannot be continued" in err and err.count("\n") == 1
    assert log.read_bytes() == bytes(data)


def test_only_one_process_works_on_a_directory(run_directory: Path, typed: Typed) -> None:
    """While a ledger is being written, a second `bcfl run` on it gives one line and exit 2, and changes nothing."""
    before = (run_directory / "ledger.log").read_bytes()
    with LedgerLog(run_directory / "ledger.log"):
        status, out, err = typed("run", run_directory.parent / "config.toml", "--out", run_directory)
    assert status == 2 and out == "" and "being written by another process" in err and err.count("\n") == 1
    assert (run_directory / "ledger.log").read_bytes() == before


def test_another_run_is_not_continued(run_directory: Path, tmp_path: Path, typed: Typed) -> None:
    """Another configuration, or another seed on the command line, does not continue what is there."""
    (tmp_path / "config.toml").write_text(SMALL + '[task.rule]\nname = "mean"\n', encoding="utf-8")
    mean = (tmp_path / "config.toml", "--out", run_directory)
    seeded = (run_directory.parent / "config.toml", "--out", run_directory, "--seed", "2")
    for arguments, expected in ((mean, "task.rule.name"), (seeded, "choose another directory")):
        status, out, err = typed("run", *arguments)
        assert status == 2 and out == "" and expected in err and err.count("\n") == 1


def test_an_interrupted_run_continues(run_directory: Path, tmp_path: Path) -> None:
    """Control-C ends a run with one line and exit 130; the same command then reaches the uninterrupted head."""
    command = (
        "run",
        run_directory.parent / "config.toml",
        "--out",
        tmp_path / "run",
        "--no-baselines",
        "--no-report",
    )
    log = tmp_path / "run" / "ledger.log"
    process = subprocess.Popen(
        [sys.executable, "-m", "bcfl_ref", *map(str, command)], stdout=-3, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not (log.exists() and log.stat().st_size > 4000):
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "again to continue" in err and err.count("\n") == 1
    status, out, _ = bcfl(*command)
    expected = json.loads((run_directory / "metrics.json").read_text(encoding="utf-8"))["run"]["head_root"]
    assert status == 0 and f"head    {expected}" in out


def test_a_blob_that_cannot_be_read_is_one_clear_line(run_directory: Path, tmp_path: Path, typed: Typed) -> None:
    """What the system refuses to read is named in one line, exit 2: nothing was proved or disproved."""
    spoilt = Path(shutil.copytree(run_directory, tmp_path / "run"))
    (spoilt / "blobs" / f"{'ab' * 32}.blob").mkdir()
    status, _, err = typed("verify", spoilt)
    assert status == 2 and "abab" in err and err.count("\n") == 1


def test_sweep_prints_what_it_writes(run_directory: Path, tmp_path: Path) -> None:
    """`bcfl sweep` prints the CSV that it writes; a second call repeats no run; a wrong grid writes nothing."""
    config, place = run_directory.parent / "config.toml", tmp_path / "sweep"
    status, _, err = bcfl("sweep", config, "--out", place, "--set", "task.round=1")
    assert status == 2 and "task.round" in err and err.count("\n") == 1 and not place.exists()
    command = ("sweep", config, "--out", place, "--seeds", "1", "--set", "task.payment=size,score")
    status, out, _ = bcfl(*command)
    assert status == 0 and out == (place / "sweep.csv").read_text(encoding="utf-8") and out.count("\n") == 3
    reports = {path: path.stat().st_mtime_ns for path in place.glob("*/metrics.json")}
    assert bcfl(*command)[1] == out and len(reports) == 2
    assert {path: path.stat().st_mtime_ns for path in reports} == reports


@pytest.mark.parametrize("command", ["", "run", "verify", "sweep", "simulate", "kernels", "spec", "conformance"])
def test_every_command_explains_itself(typed: Typed, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Each command's help fits the terminal and explains every option."""
    monkeypatch.setenv("COLUMNS", "100")
    status, out, _ = typed(*filter(None, [command]), "--help")
    assert status == 0 and max(map(len, out.splitlines())) <= 100
    for line in out.splitlines():
        found = re.match(r"│ \*?\s+(--[a-z-]+)\s.*?>\s*(.*?)│", line)
        assert found is None or found[2].strip() or "[" in line, line


def test_kernels_can_be_forced_by_name(tmp_path: Path) -> None:
    """`bcfl kernels` shows the forced variant; a name that cannot run is one clear line and exit 2."""
    status, out, _ = bcfl("kernels", env={"BCFL_KERNELS": "python"})
    assert status == 0 and "active: python" in out
    status, _, err = bcfl("kernels", env={"BCFL_KERNELS": "warp"})
    assert status == 2 and "warp" in err and err.count("\n") == 1


def test_kernels_says_whether_there_is_a_native_core(tmp_path: Path) -> None:
    """`bcfl kernels` ends in one line that says whether the compiled module is there, and how to learn why not."""
    hidden = tmp_path / "sitecustomize.py"
    hidden.write_text(
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'bcfl_ref.kernels._native':\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Missing())\n",
        encoding="utf-8",
    )
    status, out, _ = bcfl("kernels")
    assert status == 0
    assert (out.splitlines()[-1] == "native core: installed") == (len(kernels.available_variants()) > 1)
    paths = os.pathsep.join([str(tmp_path), str(Path(kernels.__file__).parents[2])])
    without = {"PYTHONPATH": paths, "BCFL_REQUIRE_NATIVE": "0", "BCFL_KERNELS": ""}
    status, out, _ = bcfl("kernels", env=without)
    assert status == 0 and "available: python" in out
    assert out.splitlines()[-1].startswith("no native core: ") and "BCFL_REQUIRE_NATIVE=1" in out.splitlines()[-1]
    status, _, err = bcfl("kernels", env={**without, "BCFL_KERNELS": "portable"})
    assert status == 2 and "no native core" in err and err.count("\n") == 1


def test_simulate_reports_worlds() -> None:
    """`bcfl simulate` runs worlds and says how many kept their promises."""
    status, out, _ = bcfl("simulate", "--seeds", "2")
    assert status == 0 and "2 of 2" in out
