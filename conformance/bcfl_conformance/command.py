"""What a `--testee` means, and output that no console can choke on; the same on every operating system."""

from __future__ import annotations

import argparse
import io
import os
import shlex
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from bcfl_conformance import SUITE

#: A longer wait than a day is a slip of the pen.
SECONDS_MAX = 86_400.0


class CommandError(Exception):
    """What was given as a testee names no program."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        """End with exit status 2."""
        self.exit(2, f"{self.prog}: {message} (--help shows all options)\n")


def seconds(text: str) -> float:
    """An argument that is a time."""
    value = float(text)
    if not 0 < value <= SECONDS_MAX:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most {SECONDS_MAX:g} seconds")
    return value


def natural(text: str) -> int:
    """An argument that is a number from 0."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return value


def positive(text: str) -> int:
    """An argument that is a number from 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return value


def command_of(testee: str) -> Sequence[str] | str:
    """The command line itself, or that of a folder with a `testee.toml` (here, or beside the vectors)."""
    for folder in (Path(testee), SUITE / testee):
        if _is_file(folder / "testee.toml"):
            words = _listed(folder / "testee.toml")
            places = {"{python}": sys.executable, "{here}": str(folder.resolve())}
            for place, value in places.items():
                words = [word.replace(place, value) for word in words]
            return tuple(words)
    if not testee.strip():
        raise CommandError("--testee says which program to ask")
    if os.name != "posix":
        return testee
    try:
        return shlex.split(testee)
    except ValueError as error:
        raise CommandError(f"{testee!r} is no command line: {error}") from None


def plain(text: str) -> str:
    """Text of a testee on one line of a terminal, which it cannot steer."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def safe_output() -> None:
    """A console that lacks a character gets an escape in its place, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _listed(path: Path) -> list[str]:
    try:
        words = tomllib.loads(path.read_text(encoding="utf-8")).get("command")
    except (OSError, ValueError) as error:
        raise CommandError(f"{path}: {error}") from None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise CommandError(f"{path}: `command` is not a list of words")
    return words


def _is_file(path: Path) -> bool:
    """Whether the file is there; a whole command line may be too long, or too odd, to be a name."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
