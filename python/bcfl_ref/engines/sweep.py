"""Many runs of one configuration: a grid of settings times some seeds, with one line of CSV for each."""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import itertools
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..application.config import RunConfig, config_text, validate_config
from ..application.metrics import Metrics, attackers, read_metrics, tallies
from ..errors import UsageError
from ..node.durable import make_directory, write_atomic
from .embedded import check_faults

COLUMNS = (
    "seed",
    "accuracy",
    "centralised_accuracy",
    "gap",
    "poison_accepted",
    "poison_updates",
    "honest_rejected",
    "honest_updates",
    "adversaries_paid",
    "poisoned_groups",
    "groups_failed",
    "blocks",
    "log_bytes",
    "head",
)


@dataclass(frozen=True)
class Setting:
    """One key of the configuration (dots between tables) and the values that it takes."""

    key: str
    values: tuple[Any, ...]


def read_setting(text: str) -> Setting:
    """`key=value,value…`, each value in TOML or a bare word. Errors: UsageError."""
    key, _, rest = (part.strip() for part in text.partition("="))
    values = _toml_values(rest)
    if not all(key.split(".")) or not values or "" in values:
        raise UsageError(f"--set {text!r}: write key=value or key=value,value")
    if key == "seed":
        raise UsageError(f"--set {text!r}: choose the seeds with --first and --seeds")
    for index, value in enumerate(values):
        if repr(value) in map(repr, values[:index]):
            raise UsageError(f"--set {text!r}: {value!r} stands there twice")
    return Setting(key, values)


def _toml_values(text: str) -> tuple[Any, ...]:
    """Values between commas; commas inside the brackets or quotes of TOML separate nothing."""
    try:
        return tuple(tomllib.loads(f"values = [{text}]")["values"])
    except tomllib.TOMLDecodeError:
        return tuple(_toml_value(value.strip()) for value in text.split(","))


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def variants(
    raw: dict[str, Any], settings: Sequence[Setting], seeds: Sequence[int], where: str
) -> Iterator[tuple[str, dict[str, Any], RunConfig]]:
    """(name, changed keys, configuration) of every run of the grid. Errors: UsageError before the first run."""
    keys = [setting.key for setting in settings]
    twice = [key for index, key in enumerate(keys) if key in keys[:index]]
    if twice:
        raise UsageError(f"--set {twice[0]}: given twice; write {twice[0]}=value,value")
    labels = short_names(keys)
    for values in itertools.product(*(setting.values for setting in settings)):
        changes = {setting.key: value for setting, value in zip(settings, values, strict=True)}
        for seed in seeds:
            data = copy.deepcopy(raw)
            for key, value in changes.items():
                _assign(data, key, value)
            data["seed"] = seed
            config = validate_config(data, where)
            check_faults(config)
            yield _name(labels, values, seed), changes, config


def short_names(keys: Sequence[str]) -> list[str]:
    """The last parts of each key that tell it from the others: `name`, or `rule.name` beside `trainer.name`."""
    names = []
    for key in keys:
        parts = key.split(".")
        tails = (".".join(parts[start:]) for start in range(len(parts) - 1, -1, -1))
        others = [other for other in keys if other != key]
        names.append(next(t for t in tails if t == key or not any(o == t or o.endswith(f".{t}") for o in others)))
    return names


def _name(labels: Sequence[str], values: Sequence[Any], seed: int) -> str:
    """The directory of a run: what makes it different from the others.

    Whatever a file name cannot hold, or could be read in two ways, is written as its code in hexadecimal.
    """
    parts = [f"{label}={_escaped(str(value))}" for label, value in zip(labels, values, strict=True)]
    return ",".join([*parts, f"seed={seed}"])


def _escaped(text: str) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in ".-") else f"%{ord(c):x}%" for c in text)
    return kept if len(kept) <= 64 else hashlib.sha256(text.encode()).hexdigest()[:32]


def _assign(data: dict[str, Any], key: str, value: Any) -> None:
    """Set a key such as `task.rule.name` or `adversaries.0.kind`. Errors: UsageError when the path is no table."""
    *path, last = key.split(".")
    place: Any = data
    for part in path:
        if isinstance(place, list) and part.isdigit() and int(part) < len(place):
            place = place[int(part)]
        elif isinstance(place, dict):
            place = place.setdefault(part, {})
        else:
            raise UsageError(f"--set {key}: {part!r} leads nowhere")
    if not isinstance(place, dict):
        raise UsageError(f"--set {key}: {last!r} leads nowhere")
    place[last] = value


def sweep(
    runs: Sequence[tuple[str, dict[str, Any], RunConfig]],
    out: Path,
    run: Callable[[RunConfig, Path], Metrics],
    progress: Callable[[int, int], None],
) -> str:
    """Do every run that is not there yet, each in a directory of its own, and write `sweep.csv`; gives its text."""
    make_directory(out)
    keys = list(runs[0][1]) if runs else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*keys, *COLUMNS])
    for done, (name, changes, config) in enumerate(runs):
        progress(done, len(runs))
        path = out / name / "metrics.json"
        metrics = read_metrics(path) if path.is_file() else run(config, out / name)
        if metrics.config != config_text(config):
            raise UsageError(f"{path} is of another configuration; choose another directory")
        row = row_of(metrics)
        writer.writerow([*changes.values(), *(row[column] for column in COLUMNS)])
        write_atomic(out / "sweep.csv", text.getvalue().encode())
    progress(len(runs), len(runs))
    return text.getvalue()


def row_of(metrics: Metrics) -> dict[str, Any]:
    """The line of one run: last quality (none for an aborted task), fate of updates, sizes, head."""
    counts = tallies(metrics)
    accuracy = metrics.rounds[-1].quality.accuracy if metrics.rounds else None
    central = metrics.baselines.centralised[-1].accuracy if metrics.baselines.centralised else None
    return {
        "seed": metrics.run.seed,
        "accuracy": accuracy,
        "centralised_accuracy": central,
        "gap": None if central is None or accuracy is None else round(central - accuracy, 6),
        "poison_accepted": counts.poison_accepted,
        "poison_updates": counts.poison_sent,
        "honest_rejected": counts.honest_rejected,
        "honest_updates": counts.honest_sent,
        "adversaries_paid": counts.poison_paid,
        "poisoned_groups": poisoned_groups(metrics),
        "groups_failed": sum(group.standing != "opened" for round_ in metrics.rounds for group in round_.groups),
        "blocks": len(metrics.blocks),
        "log_bytes": sum(block.bytes for block in metrics.blocks),
        "head": metrics.run.head_root,
    }


def poisoned_groups(metrics: Metrics) -> int:
    """In how many groups of a secure task an adversary is; the beacon draws them."""
    hostile = {participant.index for participant in attackers(metrics)}
    groups = metrics.rounds[0].groups if metrics.rounds else ()
    return sum(not hostile.isdisjoint(group.trainers) for group in groups)
