"""A grid of runs: names, resumption, and a CSV that is the same every time."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from bcfl_ref.application.config import RunConfig, config_text
from bcfl_ref.application.metrics import Metrics, metrics_text
from bcfl_ref.engines.sweep import COLUMNS, Setting, read_setting, row_of, short_names, sweep, variants
from bcfl_ref.errors import UsageError
from engines.runs import shared_run


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("task.rounds=1,2", "task.rounds", (1, 2)),
        ("task.rule.name=krum,weighted-mean", "task.rule.name", ("krum", "weighted-mean")),
        ("data.alpha = 0.3, 1.0", "data.alpha", (0.3, 1.0)),
        ("network.crashed=[0],[0,1]", "network.crashed", ([0], [0, 1])),
        ('task.rule.eta="1/2",1/3', "task.rule.eta", ("1/2", "1/3")),
        ("task.rule.eta=1/2", "task.rule.eta", ("1/2",)),
        ("a={ b = 1, c = 2 }", "a", ({"b": 1, "c": 2},)),
        ("a==", "a", ("=",)),
        ("a=1,true,1.0", "a", (1, True, 1.0)),
    ],
)
def test_settings_are_read(text: str, key: str, values: tuple[Any, ...]) -> None:
    """Values are TOML or bare words; a comma inside brackets or quotes separates nothing."""
    assert read_setting(text) == Setting(key, values)


@pytest.mark.parametrize(
    "text", ["", "x", "=1", "x=", "x=1,,2", "x=,", "a..b=1", ".a=1", "a.=1", "x=1,1", "seed=1,2"]
)
def test_a_wrong_setting_is_one_clear_line(text: str) -> None:
    """What is no setting, names a value twice or sets the seed is refused and quoted."""
    with pytest.raises(UsageError) as error:
        read_setting(text)
    assert repr(text) in str(error.value) and "\n" not in str(error.value)


def grid(*settings: str, seeds: range = range(1, 2), raw: dict[str, Any] | None = None) -> list[Any]:
    return list(variants(raw or {}, [read_setting(text) for text in settings], seeds, "test"))


def test_every_combination_has_a_name_of_its_own() -> None:
    """Keys with the same last part, values that differ only in odd characters: no two runs share a directory."""
    runs = grid("task.rule.name=mean,coordinate-median", "trainer.name=integer,sklearn-mlp", seeds=range(3))
    names = [name for name, _, _ in runs]
    assert len(set(names)) == len(names) == 12
    assert "rule.name=mean,trainer.name=integer,seed=0" in names
    labels = [name for name, _, _ in grid("data.dataset=a/b,a_b,a%2fb,../../x")]
    assert len(set(labels)) == 4 and all("/" not in label for label in labels)
    long = [name for name, _, _ in grid(f"data.dataset={'x' * 300},{'x' * 301}")]
    assert len(set(long)) == 2 and max(map(len, long)) < 200


def test_labels_are_as_short_as_they_may_be() -> None:
    """A key is called by its last part unless another key ends in the same."""
    assert short_names(["task.rounds", "data.alpha"]) == ["rounds", "alpha"]
    assert short_names(["task.rule.name", "trainer.name", "a"]) == ["rule.name", "trainer.name", "a"]
    assert short_names(["name", "rule.name"]) == ["name", "rule.name"]


def test_settings_change_only_what_they_name() -> None:
    """A setting reaches tables that are not there yet and entries of lists; the given tables stay as they are."""
    raw = {"adversaries": [{"trainer": 1, "kind": "sign-flip"}], "task": {"rounds": 3}}
    runs = grid("adversaries.0.kind=label-flip", "network.loss_bps=5", seeds=range(7, 9), raw=raw)
    assert [config.seed for _, _, config in runs] == [7, 8]
    for _, changes, config in runs:
        assert changes == {"adversaries.0.kind": "label-flip", "network.loss_bps": 5}
        assert config.adversaries[0].kind == "label-flip" and config.task.rounds == 3
    assert raw == {"adversaries": [{"trainer": 1, "kind": "sign-flip"}], "task": {"rounds": 3}}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (("task.round=1",), "task.round: no such key"),
        (("task.rounds=0",), "task.rounds"),
        (("task.rounds=many",), "task.rounds"),
        (("adversaries.3.kind=absent",), "--set adversaries.3.kind"),
        (("seedy.x=1",), "seedy: no such key"),
        (("seed.x=1",), "--set seed.x"),
        (("task.rounds=1", "task.rounds=2"), "--set task.rounds: given twice"),
        (("ledger.validators=4", "network.crashed=[0],[0,1]"), "nothing could be decided"),
    ],
)
def test_a_wrong_grid_is_refused_before_the_first_run(settings: tuple[str, ...], expected: str) -> None:
    """A key or value that some run would choke on is one clear line before anything runs."""
    with pytest.raises(UsageError) as error:
        grid(*settings, raw={"adversaries": [], "seed": 1})
    assert expected in str(error.value)


class Runner:
    """Stands for `run`: writes the account of a finished run as if it were of the wanted configuration."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def __call__(self, config: RunConfig, place: Path) -> Metrics:
        self.done.append(place.name)
        found = shared_run().metrics
        metrics = found.model_copy(
            update={"config": config_text(config), "run": found.run.model_copy(update={"seed": config.seed})}
        )
        place.mkdir(parents=True)
        (place / "metrics.json").write_text(metrics_text(metrics), encoding="utf-8")
        return metrics


def test_a_sweep_is_resumed_and_its_csv_is_stable(tmp_path: Path) -> None:
    """What is there is not run again, and the CSV is the same bytes as if it had never been interrupted."""
    runs, runner, steps = grid("task.rounds=1,2", seeds=range(1, 3)), Runner(), []
    part = sweep(runs[:3], tmp_path / "out", runner, lambda done, total: steps.append((done, total)))
    whole = sweep(runs, tmp_path / "out", runner, lambda done, total: None)
    assert len(runner.done) == 4 and whole.startswith(part) and steps == [(n, 3) for n in range(4)]
    assert whole == sweep(runs, tmp_path / "other", Runner(), lambda done, total: None)
    assert (tmp_path / "out" / "sweep.csv").read_text(encoding="utf-8") == whole
    rows = list(csv.DictReader(io.StringIO(whole)))
    assert list(rows[0]) == ["task.rounds", *COLUMNS]
    assert [(row["task.rounds"], row["seed"]) for row in rows] == [("1", "1"), ("1", "2"), ("2", "1"), ("2", "2")]


def test_a_run_of_another_configuration_is_not_taken_for_this_one(tmp_path: Path) -> None:
    """A directory left by a sweep over another base configuration is refused, not reported."""
    sweep(grid(), tmp_path, Runner(), lambda done, total: None)
    with pytest.raises(UsageError, match="another configuration"):
        sweep(grid(raw={"task": {"rounds": 3}}), tmp_path, Runner(), lambda done, total: None)


def test_a_line_tells_what_became_of_a_run() -> None:
    """A row holds quality, gap, counts, sizes and head, and every column has a value."""
    metrics = shared_run().metrics
    row = row_of(metrics)
    assert tuple(row) == COLUMNS and None not in row.values()
    assert row["gap"] == round(metrics.baselines.centralised[-1].accuracy - row["accuracy"], 6)
    assert row["head"] == shared_run().head.hex() and row["poison_updates"] == 0
    bare = metrics.model_copy(update={"baselines": type(metrics.baselines)()})
    assert row_of(bare)["gap"] is None
