"""What a `--testee` means, and output that no console can choke on; the same on every operating system."""

from __future__ import annotations

import io
import os
import shlex
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from bcfl_conformance import SUITE


def command_of(testee: str) -> Sequence[str] | str:
    """The command line itself, or that of a folder with a `testee.toml` (here, or beside the vectors)."""
    for folder in (Path(testee), SUITE / testee):
        if _is_file(folder / "testee.toml"):
            with (folder / "testee.toml").open("rb") as file:
                words = tomllib.load(file)["command"]
            places = {"{python}": sys.executable, "{here}": str(folder.resolve())}
            for place, value in places.items():
                words = [word.replace(place, value) for word in words]
            return tuple(words)
    return shlex.split(testee) if os.name == "posix" else testee


def safe_output() -> None:
    """A console that lacks a character gets an escape in its place, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _is_file(path: Path) -> bool:
    """Whether the file is there; a whole command line may be too long, or too odd, to be a name."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
