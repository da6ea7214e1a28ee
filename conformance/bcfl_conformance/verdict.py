"""From results to a verdict: expected failures excused, unexpected passes not.

A list of expected failures has one line a pattern: `case-id: why`. The pattern may hold `*`; a line that
starts with `#` is a comment. Each pattern must fit a case that was played.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from bcfl_conformance.session import Outcome, Result
from bcfl_conformance.suite import Suite

#: What counts against a testee; skipped and unsupported do not, but they are no pass either.
BROKEN = ("failed", "crashed", "timed_out", "garbled", "not_run")
#: What counts against it in a smoke run, where only its manners are judged.
MANNERS = ("crashed", "timed_out", "garbled", "not_run")
STATUSES = ("passed", *BROKEN, "skipped", "unsupported")


class ListError(Exception):
    """The list of expected failures cannot be read."""


@dataclass(frozen=True)
class Expected:
    """One line of the list of expected failures."""

    pattern: str
    why: str


@dataclass(frozen=True)
class Line:
    """One case in the report: its result, whether it is in order, and the excuse that was used."""

    result: Result
    ok: bool
    expected: Expected | None = None

    @property
    def unexpected_pass(self) -> bool:
        """Passed although the list said that it fails."""
        return self.expected is not None and self.result.status == "passed"


@dataclass(frozen=True)
class Report:
    """Everything the reports print."""

    suite: Suite
    outcome: Outcome
    lines: tuple[Line, ...]
    problems: tuple[str, ...]
    smoke: bool = False

    @property
    def ok(self) -> bool:
        """Whether the testee conforms in what it was asked."""
        return not self.problems and all(line.ok for line in self.lines)

    @property
    def summary(self) -> dict[str, int]:
        """How many cases ended in each status."""
        counts = Counter(line.result.status for line in self.lines)
        counts["expected_failures"] = sum(line.expected is not None for line in self.lines if line.ok)
        counts["unexpected_passes"] = sum(line.unexpected_pass for line in self.lines)
        return {key: counts[key] for key in (*STATUSES, "expected_failures", "unexpected_passes")}


def read_list(path: Path) -> tuple[Expected, ...]:
    """The expected failures listed in a file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ListError(f"{path}: {error}") from None
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        pattern, colon, why = line.partition(":")
        if not colon or not pattern.strip() or not why.strip():
            raise ListError(f"{path}:{number}: expected `case-id: why`")
        found.append(Expected(pattern.strip(), why.strip()))
    return tuple(found)


def assemble(
    suite: Suite,
    outcome: Outcome,
    expected: Sequence[Expected] = (),
    *,
    whole: bool = True,
    smoke: bool = False,
    optional: bool = False,
) -> Report:
    """Judge the run; `whole` says that every case was played, so that an unused excuse is a fault.

    With `optional` a testee that has nothing to offer here is no fault either.
    """
    lines = tuple(_line(result, expected, smoke) for result in outcome.results)
    problems = list(outcome.problems)
    if whole:
        used = {line.expected for line in lines if line.expected is not None}
        problems += [f"expected failure {entry.pattern}: no such case" for entry in expected if entry not in used]
    if optional and all(line.result.status == "unsupported" for line in lines):
        pass
    elif not any(line.result.status in ("passed", "failed") for line in lines):
        problems.append("no case was answered, so nothing is shown")
    elif not smoke and not any(line.result.status == "passed" for line in lines):
        problems.append("no case passed, so nothing is shown")
    return Report(suite, outcome, lines, tuple(problems), smoke)


def _line(result: Result, expected: Sequence[Expected], smoke: bool) -> Line:
    excuse = next((entry for entry in expected if fnmatchcase(result.case.id, entry.pattern)), None)
    if smoke:
        return Line(result, result.status not in MANNERS)
    if excuse is not None:
        return Line(result, result.status != "passed", excuse)
    return Line(result, result.status not in BROKEN)
