"""What the run showed, per clause: the page `MUTATION.md`, and the survivors that nobody explains."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .operators import Mutant
from .play import Result

CAUGHT = ("caught", "crashed", "timed_out")
#: Why a change may survive. The first two make no difference between implementations and say nothing about vectors.
KINDS = {
    "equivalent": "provably the same answer to every input that an operation can carry",
    "not-normative": "tells only in texts for people, in extensions outside the specification, or with inputs that "
    "are no operation's",
    "out-of-reach": "an input that tells exists, but weighs 100 kB or more, or comes with a likelihood below 2^-40",
}
SHOWN_BY_NOBODY = ("equivalent", "not-normative")
#: Below these shares of caught changes the vectors are too weak: of all, and of those that some input can show.
TARGET_PERCENT = 95
TARGET_PERCENT_SHOWABLE = 98


@dataclass(frozen=True)
class Entry:
    """A reason why certain changes make no difference that a vector can show; `old` and `new` may be left out."""

    module: str
    function: str
    reason: str
    kind: str
    old: str = ""
    new: tuple[str, ...] = ()

    def fits(self, mutant: Mutant) -> bool:
        """Whether the reason is given for this change."""
        return (
            self.module == mutant.module
            and self.function == (mutant.function or mutant.scope)
            and self.old in ("", mutant.old)
            and (not self.new or mutant.new in self.new)
        )


@dataclass(frozen=True)
class Played:
    """One change, the clause it breaks, what came of it, and the reason why not if there is one."""

    mutant: Mutant
    clause: str
    result: Result
    reason: str = ""
    kind: str = ""

    @property
    def caught(self) -> bool:
        """Whether some case noticed."""
        return self.result.status in CAUGHT


@dataclass
class Count:
    """Changes of one clause or layer."""

    changes: int = 0
    caught: int = 0
    crashed: int = 0
    explained: int = 0
    open: int = 0
    kinds: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))

    def add(self, played: Played) -> None:
        """Count one more."""
        self.changes += 1
        self.caught += played.caught
        self.crashed += played.result.status in ("crashed", "timed_out")
        self.explained += not played.caught and bool(played.reason)
        self.open += not played.caught and not played.reason
        if not played.caught and played.kind:
            self.kinds[played.kind] += 1

    @property
    def showable(self) -> int:
        """How many of the changes some input of an operation can show."""
        return self.changes - sum(self.kinds[kind] for kind in SHOWN_BY_NOBODY)

    @property
    def percent(self) -> str:
        """The share of caught changes, cut, so that 100 means all."""
        return _percent(self.caught, self.changes)

    @property
    def percent_showable(self) -> str:
        """The share of caught changes among those that can be shown."""
        return _percent(self.caught, self.showable)


@dataclass
class Summary:
    """All counts, and what is wrong."""

    total: Count = field(default_factory=Count)
    layers: dict[str, Count] = field(default_factory=dict)
    clauses: dict[str, Count] = field(default_factory=dict)
    stillborn: int = 0
    problems: list[str] = field(default_factory=list)


def read_entries(path: Path) -> list[Entry]:
    """The reasons of `explained.toml`; raises ValueError for an entry without one, or of an unknown kind."""
    entries = []
    for row in tomllib.loads(path.read_text(encoding="utf-8")).get("explained", []):
        new = row.pop("new", [])
        entry = Entry(**{"kind": "", **row}, new=(new,) if isinstance(new, str) else tuple(new))
        if len(entry.reason) < 10:
            raise ValueError(f"{entry.module}.{entry.function}: {entry.reason!r} is no reason")
        if entry.kind not in KINDS:
            raise ValueError(f"{entry.module}.{entry.function}: {entry.kind!r} is none of {', '.join(KINDS)}")
        entries.append(entry)
    return entries


def explained(
    rows: Iterable[tuple[Mutant, str, Result]], entries: Sequence[Entry]
) -> tuple[list[Played], list[Entry]]:
    """Each row with its reason, and the entries that no survivor needs."""
    used: set[int] = set()
    found = []
    for mutant, clause, result in rows:
        reason = kind = ""
        if result.status not in (*CAUGHT, "stillborn"):
            fitting = [number for number, entry in enumerate(entries) if entry.fits(mutant)]
            used.update(fitting)
            if fitting:
                reason, kind = entries[fitting[0]].reason, entries[fitting[0]].kind
        found.append(Played(mutant, clause, result, reason, kind))
    return found, [entry for number, entry in enumerate(entries) if number not in used]


def summary(played: Iterable[Played], idle: Sequence[Entry]) -> Summary:
    """Count, and complain: too few caught, a survivor without a reason, a reason without a survivor."""
    found = Summary()
    for row in played:
        if row.result.status == "stillborn":
            found.stillborn += 1
            continue
        counts = (
            found.total,
            found.layers.setdefault(row.clause[:3], Count()),
            found.clauses.setdefault(row.clause, Count()),
        )
        for count in counts:
            count.add(row)
        if not row.caught and not row.reason:
            place = f"{row.mutant.module}.{row.mutant.function or row.mutant.scope}"
            found.problems.append(
                f"{row.result.status}: {row.clause} {place}:{row.mutant.line}: {row.mutant.old}  ->  {row.mutant.new}"
            )
    if 100 * found.total.caught < TARGET_PERCENT * found.total.changes:
        found.problems.append(f"{found.total.percent} % of the changes are caught, {TARGET_PERCENT} % are asked for")
    if 100 * found.total.caught < TARGET_PERCENT_SHOWABLE * found.total.showable:
        share = found.total.percent_showable
        found.problems.append(f"{share} % of what can be shown is caught, {TARGET_PERCENT_SHOWABLE} % are asked for")
    found.problems += [
        f"explained.toml: {entry.module}.{entry.function}: no survivor needs the reason {entry.reason!r}"
        for entry in idle
    ]
    return found


def page(played: Sequence[Played], found: Summary, about: dict[str, str]) -> str:
    """The Markdown page."""
    total = found.total
    lines = [
        "# How strong the vectors are",
        "",
        "Written by `make mutation`; not by hand. One thing at a time is changed in a normative function of the "
        "reference, and",
        "the vectors that reach the function are the only tests. What is changed and how stands in "
        "`bcfl_mutation/operators.py`,",
        "where in `bcfl_mutation/targets.py`.",
        "",
        f"**{total.caught} of {total.changes} changes are caught: {total.percent} %.** Of the {total.showable} that "
        "some input of an operation can",
        f"show it is **{total.percent_showable} %**. Of the others {total.explained} are explained below, and "
        f"{total.open} are open.",
        f"{total.crashed} of the caught ones crash or never end; {found.stillborn} further changes let the reference "
        "not start and are not",
        "counted.",
        "",
        f"Suite `{about['suite']}`, {about['cases']} cases.",
        f"Rules `{about['rules']}` (SHA-256 of the changed files).",
        "",
        "| kind of reason | changes | what it says |",
        "|---|---:|---|",
        *(f"| {kind} | {total.kinds[kind]} | {text} |" for kind, text in KINDS.items()),
        "",
        *_header("layer"),
        *(_row(layer, found.layers[layer]) for layer in sorted(found.layers)),
        "",
        "## By clause",
        "",
        "A helper that names no clause counts for the first rule that calls it.",
        "",
        *_header("clause"),
        *(_row(clause, found.clauses[clause]) for clause in sorted(found.clauses)),
        "",
        "## Survivors",
        "",
    ]
    survivors = [row for row in played if not row.caught and row.result.status != "stillborn"]
    for clause in sorted({row.clause for row in survivors}):
        lines += [f"### {clause}", ""]
        reasons: dict[tuple[str, str, str], list[Played]] = {}
        for row in survivors:
            if row.clause == clause:
                place = f"{row.mutant.module.removeprefix('bcfl_ref.')}.{row.mutant.function or row.mutant.scope}"
                reasons.setdefault((place, row.kind, row.reason), []).append(row)
        for (place, kind, reason), rows in reasons.items():
            lines.append(f"- `{place}`: {f'{kind}. {reason}' if reason else '**open**'}")
            lines += [f"  - {_code(row.mutant.old)} → {_code(row.mutant.new)}" for row in rows]
        lines.append("")
    return "\n".join(lines)


def _percent(part: int, whole: int) -> str:
    return f"{1000 * part // whole / 10:.1f}" if whole else "-"


def _header(name: str) -> list[str]:
    titles = (name, "changes", "caught", "%", "can be shown", "%", *KINDS, "open")
    return ["| " + " | ".join(titles) + " |", "|---|" + "---:|" * (len(titles) - 1)]


def _row(name: str, count: Count) -> str:
    kinds = [amount or "" for amount in count.kinds.values()]
    cells = (
        *(name, count.changes, count.caught, count.percent, count.showable, count.percent_showable),
        *kinds,
        count.open or "",
    )
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{text if len(text) <= 160 else text[:160] + ' …'}{fence}"
