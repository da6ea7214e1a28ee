"""`bcfl attack`: what it writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bcfl_ref.cli import main


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["attack", *arguments])
    captured = capsys.readouterr()
    assert isinstance(end.value.code, int)
    return end.value.code, captured.out, captured.err


def test_it_leaves_numbers_and_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One attack leaves attack.json and attack.html in a directory that it makes."""
    out = tmp_path / "new" / "attack"
    status, text, _ = typed(capsys, "--out", str(out), "--smoke", "--only", "regrouping", "--seed", "2")
    assert status == 0 and "attack.html" in text
    document = json.loads((out / "attack.json").read_text(encoding="utf-8"))
    assert document["seed"] == 2 and document["smoke"] and [a["name"] for a in document["attacks"]] == ["regrouping"]
    assert (out / "attack.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--only", "nothing"),
        ("--repeats", "0"),
        ("--repeats", "101"),
        ("--seed", "-1"),
        ("--seed", str(2**64)),
    ],
)
def test_mistakes_are_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    """Unknown attacks and numbers out of range are refused before anything is run."""
    status, out, err = typed(capsys, "--out", str(tmp_path / "out"), "--smoke", *arguments)
    assert status == 2 and not out and err.startswith("bcfl: ") and err.count("\n") == 1


def test_a_place_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file where the directory should be is one line, too."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    status, _, err = typed(capsys, "--out", str(tmp_path / "file"), "--smoke", "--only", "regrouping")
    assert status == 2 and err.count("\n") == 1
