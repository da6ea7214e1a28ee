"""The C++ testee: libbcfl behind its C interface answers every kernel and every aggregation rule."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from bcfl_conformance import SUITE
from bcfl_conformance import __main__ as runner

FOLDER = SUITE / "testees" / "native"
BUILT = SUITE.parent / "build" / "native-testee"
HELLO = '{"type": "hello", "protocol": 1, "suite": "sha256:0"}'


@pytest.fixture(scope="module")
def program() -> Path:
    """The program, built where `make native-testee` builds it."""
    if not any(map(shutil.which, ("c++", "g++", "clang++"))) or shutil.which("cmake") is None:
        pytest.skip("no compiler here")
    commands = (["cmake", "-S", str(FOLDER), "-B", str(BUILT)], ["cmake", "--build", str(BUILT), "--parallel", "2"])
    for command in commands:
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    return BUILT / "bcfl_testee"


def asked(program: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    """What the program says to these lines."""
    text = "".join(line + "\n" for line in lines)
    return subprocess.run([str(program)], input=text, capture_output=True, text=True, check=False, timeout=60)


def test_it_conforms(program: Path, tmp_path: Path) -> None:
    """It passes the cases of the kernels that the library has and of all rules, in two variants."""
    for command in ("testees/native", f"{program} portable"):
        report = tmp_path / "report.json"
        assert runner.main(["--testee", command, "--quiet", "--report", str(report)]) == 0
        rows = json.loads(report.read_text())["results"]
        passed = {row["operation"] for row in rows if row["status"] == "passed"}
        rules = {row["operation"] for row in rows if row["operation"].startswith("aggregation.")}
        assert rules <= passed and len(passed - rules) >= 17


def test_what_it_does_not_offer_it_says(program: Path) -> None:
    """Another operation is unsupported; an input of another type is refused and ends nothing."""
    question = '{"type": "run", "id": 7, "operation": "%s", "input": {}}'
    ended = asked(program, HELLO, question % "types.encode", question % "kernels.clip_l2", '{"type": "stop"}')
    hello, unsupported, refused = map(json.loads, ended.stdout.splitlines())
    assert ended.returncode == 0 and hello["name"].startswith("libbcfl ")
    assert "unsupported" in unsupported and refused == {"id": 7, "error": "ENCODING_INVALID"}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[",
        '{"type": "stop"} x',
        '{"type": "hello", "type": "stop"}',
        '{"type": "run", "id": "7", "operation": "x", "input": 0}',
        '{"type": "run", "id": 7.5, "operation": "x", "input": 0}',
        '{"type": "run", "id": 7, "operation": "x"}',
        '{"type": "other"}',
        "[" * 100000,
        '"\\x"',
        '"\\ud8',
        "9" * 30,
        "01",
    ],
)
def test_a_line_that_is_no_message_ends_it(program: Path, line: str) -> None:
    """It leaves with a word on stderr, and answers nothing."""
    ended = asked(program, line)
    assert ended.returncode == 2 and ended.stdout == "" and "bcfl_testee" in ended.stderr


def test_texts_are_read_and_written_as_json(program: Path) -> None:
    """Escapes, two-unit characters and other alphabets come back as they went."""
    name = 'quote " backslash \\ line \n bell \x07 é 漢 𝄞'
    for ascii_only in (True, False):
        question = {"type": "run", "id": -3, "operation": name, "input": {}}
        ended = asked(program, json.dumps(question, ensure_ascii=ascii_only))
        assert json.loads(ended.stdout) == {"id": -3, "unsupported": f"no operation {name}"}


def test_without_the_program_nothing_is_supported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where it was not built, an optional testee is forgiven and a required one is not."""
    monkeypatch.setenv("BCFL_NATIVE_TESTEE", str(tmp_path / "none"))
    arguments = ["--testee", "testees/native", "--operation", "kernels.clip_l2", "--quiet"]
    assert runner.main([*arguments, "--optional"]) == 0
    assert runner.main(arguments) != 0
