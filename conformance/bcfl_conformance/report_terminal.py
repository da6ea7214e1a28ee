"""What a person sees: a line of progress, the failures, the sums."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TextIO

from bcfl_conformance.command import plain
from bcfl_conformance.session import Result
from bcfl_conformance.verdict import Line, Report

#: More failures than this are left to the files.
SHOWN = 20


class Progress:
    """A counter on stderr: rewritten in place on a terminal, a line every tenth of the way elsewhere."""

    def __init__(self, total: int, stream: TextIO = sys.stderr) -> None:
        self._total = total
        self._stream = stream
        self._done = 0
        self._wrong = 0

    def __call__(self, result: Result) -> None:
        """Count one result."""
        self._done += 1
        self._wrong += result.status in ("failed", "crashed", "timed_out", "garbled", "not_run")
        text = f"{self._done}/{self._total} cases, {self._wrong} not passed"
        if self._stream.isatty():
            self._stream.write(f"\r{text}\x1b[K" + ("\n" if self._done == self._total else ""))
            self._stream.flush()
        elif self._done * 10 // self._total != (self._done - 1) * 10 // self._total:
            self._stream.write(text + "\n")


def text(report: Report) -> str:
    """The summary: failures first, then a table by layer, then the verdict."""
    parts = [_failure(line) for line in report.lines if not line.ok][:SHOWN]
    hidden = sum(not line.ok for line in report.lines) - len(parts)
    if hidden > 0:
        parts.append(f"… and {hidden} more; see the JSON or HTML report")
    parts += [f"PROBLEM  {plain(problem)}" for problem in report.problems]
    parts.append(_table(report))
    testee, verdict = report.outcome.testee, "conforms" if report.ok else "does NOT conform"
    if report.smoke:
        verdict = "has manners (smoke run: answers not judged)" if report.ok else "breaks the protocol"
    summary = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report.summary.items() if count)
    parts.append(plain(f"{testee.name} {testee.version}".rstrip()) + f" {verdict}: {summary}")
    return "\n".join(parts) + "\n"


def _failure(line: Line) -> str:
    result = line.result
    if line.unexpected_pass and line.expected is not None:
        return f"UNEXPECTED PASS  {result.case.id}: listed as failing because: {line.expected.why}"
    clauses = ", ".join(result.case.clauses)
    shown = f"{result.status.upper()}  {result.case.id} ({clauses}): {plain(result.reason)}"
    return shown + (f"\n    hunts: {result.case.bug}" if result.case.bug else "")


def _table(report: Report) -> str:
    layers: dict[str, Counter[str]] = {}
    for line in report.lines:
        layers.setdefault(line.result.case.layer, Counter())[line.result.status] += 1
    columns = ("passed", "failed", "broken", "skipped", "unsupported")
    rows: list[tuple[str, ...]] = [("layer", *columns)]
    for layer, counts in layers.items():
        broken = sum(counts[name] for name in ("crashed", "timed_out", "garbled", "not_run"))
        numbers = (counts["passed"], counts["failed"], broken, counts["skipped"], counts["unsupported"])
        rows.append((layer, *(str(number) for number in numbers)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(columns) + 1)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
