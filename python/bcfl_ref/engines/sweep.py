"""Many runs of one configuration: a grid of settings times some seeds, with one line of CSV for each."""

from __future__ import annotations

import copy
import csv
import io
import itertools
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..application.config import RunConfig, validate_config
from ..application.metrics import Metrics, read_metrics, tallies
from ..errors import UsageError
from ..node.durable import make_directory, write_atomic

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
    key, separator, rest = text.partition("=")
    if not separator or not key or not rest:
        raise UsageError(f"--set {text!r}: write key=value or key=value,value")
    return Setting(key.strip(), tuple(_toml_value(value.strip()) for value in rest.split(",")))


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def variants(
    raw: dict[str, Any], settings: Sequence[Setting], seeds: Sequence[int], where: str
) -> Iterator[tuple[str, dict[str, Any], RunConfig]]:
    """(name, changed keys, configuration) of every run of the grid. Errors: UsageError before the first run."""
    for values in itertools.product(*(setting.values for setting in settings)):
        changes = {setting.key: value for setting, value in zip(settings, values, strict=True)}
        for seed in seeds:
            data = copy.deepcopy(raw)
            for key, value in changes.items():
                _assign(data, key, value)
            data["seed"] = seed
            yield _name(changes, seed), changes, validate_config(data, where)


def _name(changes: dict[str, Any], seed: int) -> str:
    """The directory of a run: what makes it different from the others."""
    label = "-".join([*(f"{key.split('.')[-1]}={value}" for key, value in changes.items()), f"seed={seed}"])
    return "".join(character if character.isalnum() or character in "=.-" else "_" for character in label)


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
        row = row_of(metrics)
        writer.writerow([*changes.values(), *(row[column] for column in COLUMNS)])
        write_atomic(out / "sweep.csv", text.getvalue().encode())
    progress(len(runs), len(runs))
    return text.getvalue()


def row_of(metrics: Metrics) -> dict[str, Any]:
    """The line of one run: quality in the last round, what happened to poison and honest updates, sizes, head."""
    counts, last = tallies(metrics), metrics.rounds[-1].quality
    central = metrics.baselines.centralised[-1].accuracy if metrics.baselines.centralised else None
    return {
        "seed": metrics.run.seed,
        "accuracy": last.accuracy,
        "centralised_accuracy": central,
        "gap": None if central is None else round(central - last.accuracy, 6),
        "poison_accepted": counts.poison_accepted,
        "poison_updates": counts.poison_sent,
        "honest_rejected": counts.honest_rejected,
        "honest_updates": counts.honest_sent,
        "adversaries_paid": counts.poison_paid,
        "blocks": len(metrics.blocks),
        "log_bytes": sum(block.bytes for block in metrics.blocks),
        "head": metrics.run.head_root,
    }
