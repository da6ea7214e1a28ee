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
    """Every example is a valid configuration, and any of its keys may be left out, save what others rest on."""
    assert load_config(path) != RunConfig()
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    for key in raw.keys() - ({"task"} if "dropouts" in raw else set()):
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
    "groups in plain mode": (
        "[task]\ngroups = 2\n",
        'test: task: groups needs privacy = "secure" or "secure-grouped"',
    ),
    "noise in plain mode": ("[task]\nnoise = {clip_bound = 1, sigma = 1, budget = 1.0}\n", "noise needs privacy"),
    "no groups": ('[task]\nprivacy = "secure-grouped"\n', 'privacy = "secure-grouped" needs groups'),
    "groups in one": ('[task]\nprivacy = "secure"\ngroups = 2\n', '"secure" is one group'),
    "groups too small": (
        '[task]\nprivacy = "secure-grouped"\ngroups = 2\n',
        "test: task: 5 trainers in 2 groups: each needs 3 or more",
    ),
    "an odd degree": ('[task]\nprivacy = "secure"\ndegree = 3\n', "test: task: degree 3 is odd"),
    "no degree": (
        '[task]\nprivacy = "secure"\ntrainers = 514\n',
        "a group of 514 trainers needs a degree, of at most 512",
    ),
    "too high a threshold": (
        '[task]\nprivacy = "secure"\nthreshold = 5\n',
        "test: task: threshold 5 with 4 neighbours in a group",
    ),
    "a threshold above the degree": (
        '[task]\nprivacy = "secure"\ndegree = 2\nthreshold = 3\n',
        "test: task: threshold 3 with 2 neighbours in a group",
    ),
    "pay by size": ('[task]\nprivacy = "secure"\npayment = "size"\n', 'payment = "size" needs privacy = "plain"'),
    "samples too many": (
        '[task]\nprivacy = "secure"\nsample_count_max = 13108\n',
        "sample_count_max 13108 for 5 trainers of a group: the product is above 65535",
    ),
    "weights with noise": (
        '[task]\nprivacy = "secure"\nsample_count_max = 9\nnoise = {clip_bound = 1, sigma = 1, budget = 1.0}\n',
        "with noise everybody weighs the same",
    ),
    "noise without a budget": (
        '[task]\nprivacy = "secure"\nnoise = {clip_bound = 1, sigma = 1}\n',
        "test: task.noise.budget: ",
    ),
    "a rule for more sums": (
        '[task]\nprivacy = "secure"\n[task.rule]\nname = "krum"\nbyzantine = 1\n',
        "test: task.rule with 1 groups: BYZANTINE",
    ),
    "dropouts in plain mode": ("[dropouts]\nshare_bps = 1\n", "test: dropouts: needs a secure task.privacy"),
    "dropouts nowhere": ('[dropouts]\nstep = "reveal"\n', "test: dropouts.step: "),
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (1, 5, 65535)),
        ('privacy = "secure"', (3, 5, 409)),
        ('privacy = "secure"\ntrainers = 100', (50, 100, 20)),
        ('privacy = "secure"\ntrainers = 400\ndegree = 20', (11, 400, 16)),
        ('privacy = "secure-grouped"\ngroups = 8\ntrainers = 32', (2, 4, 512)),
        ('privacy = "secure-grouped"\ngroups = 2\ntrainers = 7', (2, 4, 512)),
        ('privacy = "secure"\nsample_count_max = 13107', (3, 5, 13107)),
        ('privacy = "secure"\nnoise = {clip_bound = 1, sigma = 1, budget = 1.0}', (3, 5, 1)),
    ],
)
def test_what_is_left_out_is_derived(text: str, expected: tuple[int, int, int]) -> None:
    """Threshold above half of the neighbours; weights as large as 32 bits allow, at least 16, with noise 1."""
    task = parse_config(f"[task]\n{text}\n", "test").task
    derived = (task.shares_needed if task.privacy != "plain" else 1, task.group_max, task.weight_max)
    if task.privacy == "plain":
        assert (task.weight_max, task.group_count) == (65535, 1)
    else:
        assert derived == expected and 2 * task.shares_needed > min(task.degree or 2**16, task.group_max - 1)
        assert task.group_max * task.weight_max <= 65535
