"""`spec/tla/manifest.json`: every configuration that is run, what it must show, and how large it is.

A *model* must hold. A *witness* is a set of states that must be reachable: its name is a false invariant. An
*attack* is a configuration outside the assumptions of a model, which must break the named property. A *mutant*
is one change of the text of a module, whose patterns occur exactly once; the named property must notice it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import UsageError

MANIFEST = "manifest.json"
FORMAT = 1
KINDS = ("model", "witness", "attack")
TIERS = ("fast", "deep")


@dataclass(frozen=True)
class Configuration:
    """How TLC is to look at a module; `distinct` and `depth` are pinned by exhaustive runs."""

    id: str
    module: str
    kind: str
    tier: str
    constants: Mapping[str, Any]
    invariants: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    specification: str = "Spec"
    symmetry: str | None = None
    constraint: str | None = None
    view: str | None = None
    simulate: str | None = None
    violates: str | None = None
    distinct: int | None = None
    depth: int | None = None
    comment: str = ""

    def text(self, only: str | None = None) -> str:
        """The configuration file, for all properties or for one of them."""
        lines = [f"SPECIFICATION {self.specification}"]
        if self.constants:
            lines += ["CONSTANTS", *(f"  {name} {_assigned(value)}" for name, value in self.constants.items())]
        for keyword, names in (("INVARIANTS", self.invariants), ("PROPERTIES", self.properties)):
            chosen = [name for name in names if only in (None, name)]
            lines += [f"{keyword} {' '.join(chosen)}"] if chosen else []
        for keyword, name in (("SYMMETRY", self.symmetry), ("CONSTRAINT", self.constraint), ("VIEW", self.view)):
            lines += [f"{keyword} {name}"] if name else []
        return "\n".join(lines) + "\n"

    def arguments(self) -> list[str]:
        """TLC's own options: nothing for an exhaustive search."""
        return self.simulate.split() if self.simulate else []


@dataclass(frozen=True)
class Mutant:
    """A change of `module` under configuration `of`: pairs of old text, which must occur exactly once, and new."""

    id: str
    of: str
    module: str
    edits: tuple[tuple[str, str], ...]
    violates: str
    distinct: int | None = None
    depth: int | None = None
    constants: Mapping[str, Any] = field(default_factory=dict)
    tier: str = "fast"


@dataclass(frozen=True)
class Manifest:
    """Everything that `check` runs, and what the actions of each module are called elsewhere."""

    modules: Mapping[str, Mapping[str, Any]]
    configurations: tuple[Configuration, ...]
    mutants: tuple[Mutant, ...]

    def configuration(self, identity: str) -> Configuration:
        """The configuration of this id; raises KeyError."""
        return next(item for item in self.configurations if item.id == identity)


def _assigned(value: Any) -> str:
    """`= value`, or `<- operator` for a text that begins with an arrow; lists are sets."""
    if isinstance(value, str) and value.startswith("<-"):
        return value
    return "= " + _constant(value)


def _constant(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, list):
        return "{" + ", ".join(map(_constant, value)) + "}"
    return str(value)


def load_manifest(folder: Path) -> Manifest:
    """Read the manifest of a folder of models; raises `UsageError` when it is none."""
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.get("format") != FORMAT:
            raise ValueError(f"format {data.get('format')}, expected {FORMAT}")
        configurations = tuple(Configuration(**_with_tuples(item)) for item in data["configurations"])
        mutants = tuple(Mutant(**_with_tuples(item)) for item in data["mutants"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{path}: {error}") from None
    return Manifest(data["modules"], configurations, mutants)


def _with_tuples(item: Mapping[str, Any]) -> dict[str, Any]:
    lists = {key: tuple(item[key]) for key in ("invariants", "properties") if key in item}
    pairs = {"edits": tuple((old, new) for old, new in item["edits"])} if "edits" in item else {}
    return {**item, **lists, **pairs}


def write_pins(folder: Path, pins: Mapping[str, tuple[int, int]]) -> None:
    """Write the measured (distinct, depth) of configurations and mutants into the manifest."""
    path = folder / MANIFEST
    data = json.loads(path.read_text(encoding="utf-8"))
    for item in (*data["configurations"], *data["mutants"]):
        if item["id"] in pins:
            item["distinct"], item["depth"] = pins[item["id"]]
    path.write_text(canonical_text(data), encoding="utf-8")


def canonical_text(data: Any) -> str:
    """The one layout of the file: one line per configuration and mutant, so that changes read well."""
    lines = ["{", f' "format": {data["format"]},', ' "modules": {']
    rows = [f"  {_line(name)}: {_line(value)}" for name, value in sorted(data["modules"].items())]
    lines += [",\n".join(rows), " },"]
    for section in ("configurations", "mutants"):
        lines += [f' "{section}": [', ",\n".join(f"  {_line(item)}" for item in data[section])]
        lines += [" ]," if section == "configurations" else " ]"]
    return "\n".join([*lines, "}", ""])


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def shape_holes(manifest: Manifest) -> Iterator[str]:
    """What is wrong with the entries by themselves: kinds, tiers, ids, what is pinned."""
    seen: set[str] = set()
    entries: list[Configuration | Mutant] = [*manifest.configurations, *manifest.mutants]
    for entry in entries:
        if entry.id in seen:
            yield f"{entry.id} is listed twice"
        seen.add(entry.id)
        if entry.tier not in TIERS:
            yield f"{entry.id}: tier {entry.tier}"
        if entry.depth == 0 and entry.distinct:
            yield f"{entry.id}: where liveness fails TLC stops by the clock, so there is no count to pin"
    for item in manifest.configurations:
        if item.kind not in KINDS:
            yield f"{item.id}: kind {item.kind}"
        if (item.kind == "model") != (item.violates is None):
            yield f"{item.id}: a {item.kind} {'violates nothing' if item.kind == 'model' else 'violates something'}"
        if item.violates is not None and item.violates not in (*item.invariants, *item.properties):
            yield f"{item.id}: {item.violates} is not listed"
        live = (
            item.kind == "attack" and item.violates in item.properties
        )  # where liveness fails TLC stops by the clock
        if item.simulate is None and not live and None in (item.distinct, item.depth):
            yield f"{item.id}: distinct states and depth are not pinned"
    ids = {item.id for item in manifest.configurations}
    for mutant in manifest.mutants:
        if mutant.of not in ids:
            yield f"{mutant.id}: no configuration {mutant.of}"
        elif mutant.violates not in (
            *manifest.configuration(mutant.of).invariants,
            *manifest.configuration(mutant.of).properties,
        ):
            yield f"{mutant.id}: {mutant.of} does not list {mutant.violates}"
