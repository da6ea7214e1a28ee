"""APP-020: the configuration of a run, its defaults, and one clear line for each mistake."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from bcfl_ref.application.config import (
    RULE_NAMES,
    SEED_MAX,
    RunConfig,
    aggregation_rule,
    config_text,
    load_config,
    parse_config,
    rule_number,
)
from bcfl_ref.errors import UsageError

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))


def test_nothing_is_needed() -> None:
    """An empty file is a whole configuration."""
    assert parse_config("", "test") == RunConfig()


def test_there_are_examples() -> None:
    """The examples that the README speaks of are there."""
    assert {path.name for path in EXAMPLES} >= {"demo.toml", "integer.toml"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_valid(path: Path) -> None:
    """Every example is a valid configuration, and any of its keys may be left out."""
    assert load_config(path) != RunConfig()
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    for key in raw:
        parse_config(_toml({name: value for name, value in raw.items() if name != key}), "test")


def _toml(tables: dict[str, Any]) -> str:
    """Enough of TOML for the examples: JSON's scalars, tables and arrays inline."""

    def inline(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key} = {inline(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(inline, value)) + "]"
        return json.dumps(value)

    return "\n".join(f"{key} = {inline(value)}" for key, value in tables.items())


def test_the_demo_shows_the_defaults() -> None:
    """Each value in examples/demo.toml is the default, except the adversary, which its comment sets apart."""
    raw = tomllib.loads((EXAMPLES[0].parent / "demo.toml").read_text(encoding="utf-8"))
    del raw["adversaries"]
    defaults = RunConfig().model_dump(mode="json")

    def compare(given: dict[str, Any], known: dict[str, Any]) -> None:
        for key, value in given.items():
            if isinstance(value, dict):
                compare(value, known[key])
            else:
                assert value == known[key], key

    compare(raw, defaults)


MISTAKES = {
    "an unknown key": ("[task]\nround = 3\n", "test: task.round: no such key"),
    "an unknown table": ("[tasks]\n", "test: tasks: no such key"),
    "a value of another type": ('[task]\nrounds = "3"\n', "test: task.rounds: "),
    "a yes for a number": ("[task]\nrounds = true\n", "test: task.rounds: "),
    "too few": ("[task]\nrounds = 0\n", "test: task.rounds: "),
    "too many": ("[task]\nrounds = 65536\n", "test: task.rounds: "),
    "a negative budget": ("[task]\nreward_round = -1\n", "test: task.reward_round: "),
    "a seed beyond": (f"seed = {SEED_MAX + 1}\n", "test: seed: "),
    "an infinite alpha": ("[data]\nalpha = inf\n", "test: data.alpha: "),
    "alpha not a number": ("[data]\nalpha = nan\n", "test: data.alpha: "),
    "no alpha": ("[data]\nalpha = 0\n", "test: data.alpha: "),
    "eta by zero": ('[task.rule]\neta = "1/0"\n', "test: task.rule.eta: '1/0' is no fraction"),
    "eta of zero": ('[task.rule]\neta = "0/1"\n', "test: task.rule.eta: '0/1': numerator and denominator"),
    "eta too fine": ('[task.rule]\neta = "1/65536"\n', "test: task.rule.eta: "),
    "shares": ("[task]\nscorers_bps = 1\n", "test: task: trainers_bps + scorers_bps + aggregators_bps is 8001"),
    "an unknown rule": ('[task.rule]\nname = "mode"\n', "unknown rule 'mode'; known: mean, weighted-mean"),
    "f too large": ('[task.rule]\nname = "krum"\nbyzantine = 2\n', "test: task.rule with 5 trainers: BYZANTINE"),
    "an unused parameter": ("[task.rule]\nbyzantine = 1\n", "PARAMETER_UNUSED"),
    "a trainer too far": ('[[adversaries]]\ntrainer = 5\nkind = "absent"\n', "trainer 5 of 5 (counted from 0)"),
    "a trainer twice": (
        '[[adversaries]]\ntrainer = 1\nkind = "absent"\n[[adversaries]]\ntrainer = 1\nkind = "sign-flip"\n',
        "test: adversaries: trainer 1 stands there twice",
    ),
    "a validator too far": ("[network]\ncrashed = [4]\n", "validator 4 of 4 (counted from 0)"),
    "a validator below": ("[network]\nequivocating = [-1]\n", "validator -1 of 4"),
    "too much loss": ("[network]\nloss_bps = 5001\n", "test: network.loss_bps: "),
    "an unknown preset": ('[ledger]\npreset = "huge"\n', "test: ledger.preset: "),
    "no TOML": ("[task\n", "test: no valid TOML: "),
    "a key twice": ("seed = 1\nseed = 2\n", "test: no valid TOML: "),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_where(mistake: str) -> None:
    """Whatever is wrong is refused in one line that names the file and the key."""
    text, expected = MISTAKES[mistake]
    with pytest.raises(UsageError) as error:
        parse_config(text, "test")
    assert expected in str(error.value) and "\n" not in str(error.value)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """A missing file, a directory and bytes that are no text are refused by name."""
    (tmp_path / "latin.toml").write_bytes(b"# \xe9\n")
    for name, expected in (("none.toml", "cannot read"), ("", "cannot read"), ("latin.toml", "not UTF-8")):
        with pytest.raises(UsageError, match=expected) as error:
            load_config(tmp_path / name)
        assert str(tmp_path / name) in str(error.value)


def test_the_rule_on_the_ledger_is_the_one_in_the_file() -> None:
    """Name, server rate in lowest terms and parameters reach the container; every name has its number."""
    config = parse_config('[task.rule]\nname = "multi-krum"\neta = "2/4"\nbyzantine = 1\nselect = 2\n', "test")
    rule = aggregation_rule(config.task.rule)
    assert (rule.eta_numerator, rule.eta_denominator, rule.byzantine, rule.select) == (1, 2, 1, 2)
    assert rule.name == RULE_NAMES["multi-krum"]
    assert {name: rule_number(name) for name in RULE_NAMES} == RULE_NAMES


def test_equal_configurations_have_one_text() -> None:
    """The text holds every key and tells two configurations apart exactly when they differ."""
    written = parse_config('[trainer]\nname = "integer"\n[trainer.settings]\nlocal_epochs = 1\n', "test")
    again = parse_config(
        'trainer = {name = "integer", settings = {local_epochs = 1}}\ntask = {rounds = 14}\n', "test"
    )
    assert config_text(written) == config_text(again) != config_text(RunConfig())
    assert set(json.loads(config_text(written))) == set(RunConfig.model_fields)
