"""The vectors as the runner sees them: read whole, checked against manifest and schemas, then filtered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from bcfl_conformance import protocol, schema


class SuiteError(Exception):
    """The vectors on disk are not what the manifest says; nothing can be judged with them."""


@dataclass(frozen=True)
class Case:
    """One question and its expected answer (`{ok}` or `{error}`)."""

    id: str
    operation: str
    kind: str
    profile: str
    clauses: tuple[str, ...]
    flags: tuple[str, ...]
    comment: str
    bug: str
    input: Any
    expect: Any
    errors: tuple[str, ...] = ()

    @property
    def layer(self) -> str:
        """The part of the operation's name before the dot."""
        return self.operation.partition(".")[0]


@dataclass(frozen=True)
class Suite:
    """All cases in the order of the manifest, and the digest that names exactly this set."""

    digest: str
    cases: tuple[Case, ...]

    @property
    def clauses(self) -> tuple[str, ...]:
        """Every clause some case is about, in order."""
        return tuple(sorted({clause for case in self.cases for clause in case.clauses}))


@dataclass(frozen=True)
class Filter:
    """Which cases to play: each list, unless empty, must have an entry that fits (`*` is a wildcard)."""

    layers: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()

    def select(self, cases: Iterable[Case]) -> tuple[Case, ...]:
        """The cases that pass every list."""
        return tuple(case for case in cases if self._fits(case))

    @property
    def empty(self) -> bool:
        """Whether every case passes."""
        return self == Filter()

    def _fits(self, case: Case) -> bool:
        wanted = (
            (self.layers, (case.layer,)),
            (self.operations, (case.operation,)),
            (self.clauses, case.clauses),
            (self.flags, case.flags),
            (self.cases, (case.id,)),
            (self.profiles, (case.profile,)),
        )
        return all(
            not patterns or any(fnmatchcase(value, pattern) for value in values for pattern in patterns)
            for patterns, values in wanted
        )


def load(folder: Path) -> Suite:
    """Read the suite in `folder`; every digest, count, schema and id is checked."""
    manifest = _read(folder / "manifest.json", "manifest")
    rows = manifest["files"]
    _require(
        manifest["digest"] == digest([[row["path"], row["digest"]] for row in rows]),
        "manifest.json: its digest is not that of its files",
    )
    present = {path.relative_to(folder).as_posix() for path in (folder / "vectors").rglob("*.json")}
    unlisted = sorted(present - {row["path"] for row in rows})
    _require(not unlisted, f"{', '.join(unlisted)}: not in manifest.json")
    cases: list[Case] = []
    for row in rows:
        cases += _file(folder, row)
    _require(len(cases) == manifest["cases"], f"{len(cases)} cases, manifest.json says {manifest['cases']}")
    seen: set[str] = set()
    for case in cases:
        _require(case.id not in seen, f"case {case.id} occurs twice")
        seen.add(case.id)
    return Suite(manifest["digest"], tuple(cases))


def digest(value: Any) -> str:
    """SHA-256 of the compact form of a JSON value (sorted keys, no blanks, ASCII)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _file(folder: Path, row: dict[str, Any]) -> list[Case]:
    body = _read(folder / row["path"], "vectors")
    stated = body.pop("digest")
    _require(stated == row["digest"] == digest(body), f"{row['path']}: the digest does not match")
    _require(body["operation"] == row["operation"], f"{row['path']}: is about {body['operation']}")
    _require(len(body["cases"]) == row["cases"], f"{row['path']}: {len(body['cases'])} cases")
    return [
        Case(
            id=entry["id"],
            operation=body["operation"],
            kind=body["kind"],
            profile=body["profile"],
            clauses=tuple(entry["clauses"]),
            flags=tuple(entry["flags"]),
            comment=entry["comment"],
            bug=entry.get("bug", ""),
            input=entry["input"],
            expect=entry["expect"],
            errors=tuple(body["errors"]),
        )
        for entry in body["cases"]
    ]


def _read(path: Path, name: str) -> Any:
    try:
        body = protocol.read_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SuiteError(f"{path.name}: {error}") from None
    problem = schema.problem(body, name)
    _require(problem is None, f"{path.name}: {problem}")
    return body


def _require(condition: bool, complaint: str) -> None:
    if not condition:
        raise SuiteError(complaint)
