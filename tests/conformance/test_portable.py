"""The runner on an operating system that is not POSIX: no call that is missing there, and the same bytes in files."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bcfl_conformance import SUITE, child, command, differential

SOURCES = sorted((SUITE / "bcfl_conformance").glob("*.py"))
#: Of the modules that differ between systems, what exists on all of them; the rest stands behind `os.name`.
EVERYWHERE = {"os": {"name", "environ", "pathsep"}, "signal": set[str]()}
GUARDED = {("child", "killpg"), ("child", "SIGKILL")}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_only_what_exists_everywhere_is_used(path: Path) -> None:
    """From `os` and `signal` only what Windows has, or what is asked for behind `os.name`; no fcntl, pty, select."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not modules & {"fcntl", "pty", "select", "pwd", "grp", "resource", "termios"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in EVERYWHERE:
            assert node.attr in EVERYWHERE[node.value.id] or (path.stem, node.attr) in GUARDED, node.attr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_text_files_name_their_encoding_and_line_ends(path: Path) -> None:
    """What is written is UTF-8 with \\n on every system, and what is read does not depend on a locale."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            names = {keyword.arg for keyword in node.keywords}
            if node.func.attr == "write_text":
                assert {"encoding", "newline"} <= names, ast.unparse(node)
            if node.func.attr == "read_text":
                assert "encoding" in names, ast.unparse(node)


def test_a_child_is_ended_without_process_groups(monkeypatch: pytest.MonkeyPatch, fake: Callable[[str], str]) -> None:
    """Where `os` has neither killpg nor sessions, a hanging testee is killed all the same."""
    monkeypatch.setattr(child, "os", SimpleNamespace(name="nt", environ=os.environ))
    monkeypatch.setattr(child, "signal", SimpleNamespace())
    running = child.Child([sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(child.TimedOut):
        running.receive(0.2)
    running.kill()
    assert running._process.returncode is not None


def test_a_command_line_is_left_to_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """There a command is one string with its own quoting rules; a folder with testee.toml is words on both."""
    line = r'"C:\Program Files\befl.exe" --testee'
    monkeypatch.setattr(command, "os", SimpleNamespace(name="nt"))
    assert command.command_of(line) == line
    assert command.command_of(r"C:\Anna's\befl.exe") == r"C:\Anna's\befl.exe"
    words = command.command_of("testees/reference")
    assert words[0] == sys.executable and Path(words[1]).is_file()
    monkeypatch.setattr(differential, "os", SimpleNamespace(name="nt"))
    found: Any = SimpleNamespace(question=SimpleNamespace(operation="toy.halve", number=3))
    again = differential.repeat_command(found, [line], "1")
    words = ["--testee", line, "--seed", "1", "--operation", "toy.halve", "--only", "3"]
    assert again == subprocess.list2cmdline([sys.executable, "-m", "bcfl_conformance.differential", *words])


@pytest.mark.parametrize("testee", ["x" * 5000, "a\0b"])
def test_a_command_that_can_be_no_file_name_is_a_command(testee: str) -> None:
    """Too long or too odd a text is not looked up, and no reason to stop."""
    assert command.command_of(testee) == ([testee] if os.name == "posix" else testee)


def test_a_console_without_the_character_gets_an_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code page that lacks "≥" does not end the run with a traceback."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    command.safe_output()
    print("n ≥ 1", flush=True)
    assert raw.getvalue().strip() == b"n \\u2265 1"


def test_carriage_returns_of_a_testee_do_no_harm(tmp_path: Path) -> None:
    """A program whose output ends lines the Windows way is understood."""
    program = tmp_path / "crlf.py"
    program.write_text(
        "import sys\n"
        "for line in sys.stdin.buffer:\n"
        '    sys.stdout.buffer.write(b\'{"type":"hello","protocol":1,"name":"x","operations":["*"],\'\n'
        '                            b\'"profiles":["core"]}\\r\\n\'); sys.stdout.buffer.flush()\n',
        encoding="utf-8",
    )
    running = child.Child([sys.executable, str(program)])
    running.send(differential.protocol.hello("sha256:" + "0" * 64))
    assert differential.protocol.read_hello(running.receive(30)).name == "x"
    running.kill()


def test_committed_files_have_unix_line_ends() -> None:
    """A checkout that rewrites line ends would change the digests of files that are compared as bytes."""
    for pattern in ("*.json", "*.md", "schemas/*.json", "vectors/*/*.json"):
        for path in SUITE.glob(pattern):
            assert b"\r" not in path.read_bytes(), path
