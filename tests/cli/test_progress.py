"""Progress bars: on a terminal only, on standard error only, gone when done."""

from __future__ import annotations

import pytest
from bcfl_ref.cli import progress
from bcfl_ref.cli.progress import progress_bar, staged_progress
from rich.console import Console


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Console:
    """A terminal in memory, in the place of standard error."""
    console = Console(force_terminal=True, record=True, width=100, stderr=True)
    monkeypatch.setattr(progress, "Console", lambda **options: console)
    return console


def test_a_pipe_sees_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody watches, nothing is drawn, so that an error stays on one line."""
    with progress_bar("work") as advance:
        advance(1, 2)
    with staged_progress() as staged:
        staged("one", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_sees_title_and_share(terminal: Console, capsys: pytest.CaptureFixture[str]) -> None:
    """A bar shows what is done; it is drawn on standard error."""
    with progress_bar("replaying") as advance:
        advance(1, 4)
    captured = capsys.readouterr()
    assert captured.out == "" and "replaying" in captured.err and "25%" in captured.err


def test_every_stage_has_one_bar(terminal: Console, capsys: pytest.CaptureFixture[str]) -> None:
    """A stage named again moves its own bar."""
    with staged_progress() as advance:
        advance("rounds", 1, 2)
        advance("verification", 1, 10)
        advance("rounds", 2, 2)
    drawn = capsys.readouterr().err
    assert "100%" in drawn and "10%" in drawn and "rounds" in drawn and "verification" in drawn


def test_an_error_ends_the_bar(terminal: Console) -> None:
    """An error passes through, and the terminal is left as it was."""
    with pytest.raises(ValueError, match="broken"), progress_bar("work") as advance:
        advance(1, 2)
        raise ValueError("broken")
    with progress_bar("again"):
        pass
