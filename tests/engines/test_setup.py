"""From a configuration to genesis, task and participants; what a directory is bound to."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from bcfl_ref.application.config import RunConfig, parse_config
from bcfl_ref.engines.setup import (
    CONFIG_NAME,
    bind_config,
    check_preset,
    difference,
    make_cast,
    make_genesis,
    make_task_spec,
    secret_key,
)
from bcfl_ref.errors import UsageError
from bcfl_ref.parameters import load_preset
from bcfl_ref.transition import genesis_state
from builders import LAYOUT
from engines.runs import copy_of_shared_run, open_engine, small_config


def test_the_cast_is_numbered_issuer_validators_trainers() -> None:
    """Registration order is issuer, validators, trainers; every identity has a key and a name of its own."""
    cast = make_cast(small_config())
    assert (cast.issuer, cast.validators, cast.trainers) == (0, (1, 2, 3, 4), (5, 6, 7))
    assert len(set(cast.secret_keys)) == 8
    assert [cast.name(index) for index in (0, 1, 4, 5, 7)] == [
        "issuer",
        "validator 0",
        "validator 3",
        "trainer 0",
        "trainer 2",
    ]
    assert secret_key(1, 0) != secret_key(2, 0)


@pytest.mark.parametrize("extra", ["", "[ledger]\nvalidators = 1\n", "deposit = 1\nreward_round = 1\n"])
def test_a_genesis_pays_for_the_whole_task(extra: str) -> None:
    """The issuer can pay every reward and sponsor every trainer; validators can pay their deposits."""
    config = small_config(extra)
    state = genesis_state(make_genesis(config, make_cast(config)))
    task = config.task
    assert state.identities[0].balance == task.rounds * task.reward_round + 2 * task.deposit * task.trainers
    assert len(state.candidates) == config.ledger.validators
    assert all(state.identities[index].balance >= task.deposit for index in range(1, len(state.identities)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ledger]\npreset = 'standard'\n", "stake_min 1000000"),
        ("[ledger]\npreset = 'standard'\nstake = 1000000\n", "window_heights_min 8"),
        ("[task]\nwindow_heights = 1\n", "task.window_heights 1"),
        ("[task]\ntrainers = 65\n", "participants_max 64"),
    ],
)
def test_limits_of_the_preset_are_named(text: str, expected: str) -> None:
    """What a preset does not allow is refused with the key and the limit."""
    config = parse_config(text, "test")
    with pytest.raises(UsageError, match=expected):
        check_preset(config, load_preset(config.ledger.preset))


def test_the_standard_preset_has_room() -> None:
    """A configuration that keeps the standard preset's limits gives a task that may be published."""
    text = (
        "[task]\nwindow_heights = 8\ntrainers = 100\n[ledger]\npreset = 'standard'\nstake = 1000000\nvalidators = 7\n"
    )
    config = parse_config(text, "test")
    check_preset(config, load_preset("standard"))
    spec = make_task_spec(config, LAYOUT, bytes(32))
    assert (spec.window_heights, spec.trainers_max, spec.scorers_min) == (8, 100, 7)


def test_what_a_task_says_comes_from_the_config() -> None:
    """Shares, payment, averaging and rule reach the published task."""
    config = small_config('averaging = "all"\npayment = "size"\n[task.rule]\nname = "krum"\nbyzantine = 0\n')
    spec = make_task_spec(config, LAYOUT, bytes(32))
    assert (spec.averaging, spec.payment, spec.rule.name) == (1, 1, 4)
    assert spec.trainers_bps + spec.scorers_bps + spec.aggregators_bps == 10_000


CHANGES = {
    "task.rule.name": '[task.rule]\nname = "mean"\n',
    "adversaries": '[[adversaries]]\ntrainer = 1\nkind = "absent"\n',
    "network.loss_bps": "[network]\nloss_bps = 100\n",
    "data.alpha": "[data]\nalpha = 0.5\n",
}


@pytest.mark.parametrize("key", CHANGES)
def test_a_run_is_continued_only_as_itself(tmp_path: Path, key: str) -> None:
    """Another configuration is refused, with the key that differs, even where both have one genesis."""
    directory = copy_of_shared_run(tmp_path / "run")
    with pytest.raises(UsageError, match=rf"another configuration \({key} was "):
        open_engine(small_config(CHANGES[key]), directory)
    open_engine(small_config(), directory).close()


@pytest.mark.parametrize("change", [{"seed": 2}, {"task": small_config("reward_round = 999\n").task}])
def test_another_genesis_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    """Another seed or another budget is another ledger."""
    config = RunConfig(**{**dict(small_config()), **change})
    with pytest.raises(UsageError, match="another configuration"):
        open_engine(config, copy_of_shared_run(tmp_path / "run"))


@pytest.mark.parametrize("lost", ["", CONFIG_NAME, "identity-2/votes"])
def test_without_its_secrets_a_ledger_is_not_continued(tmp_path: Path, lost: str) -> None:
    """Whoever lost private/ could contradict what it said: the ledger can be verified, not continued."""
    directory = copy_of_shared_run(tmp_path / "run")
    path = directory / "private" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    before = sorted(directory.rglob("*"))
    with pytest.raises(UsageError, match="can be verified, but not continued"):
        open_engine(small_config(), directory)
    assert sorted(directory.rglob("*")) == before


@pytest.mark.parametrize("name", ["private", "private/identity-3"])
def test_secrets_that_others_can_read_are_refused(tmp_path: Path, name: str) -> None:
    """private/ and every identity's part of it belong to their owner alone; the refusal lets go of the ledger."""
    directory = copy_of_shared_run(tmp_path / "run")
    assert (directory / name).stat().st_mode & 0o777 == 0o700
    (directory / name).chmod(0o755)
    with pytest.raises(UsageError, match=r"mode 0755.*chmod 700"):
        open_engine(small_config(), directory)
    (directory / name).chmod(0o700)
    open_engine(small_config(), directory).close()


def test_a_directory_is_bound_before_its_first_block(tmp_path: Path) -> None:
    """A run that was killed before its first block is bound to its configuration too."""
    bind_config(tmp_path / "private", small_config(), begun=False)
    bind_config(tmp_path / "private", small_config(), begun=True)
    with pytest.raises(UsageError, match="another configuration"):
        bind_config(tmp_path / "private", small_config("[network]\nloss_bps = 1\n"), begun=False)


def test_the_first_difference_is_named() -> None:
    """Documents are compared key by key; equal ones differ in nothing."""
    assert difference({"a": {"b": [1]}}, {"a": {"b": [1]}}) == ""
    assert difference({"a": {"b": 1}, "c": 1}, {"a": {"b": 2}, "c": 2}) == "a.b was 1, is 2"
    assert difference({}, {"new": True}) == "new was null, is true"


def test_a_lost_model_of_a_finished_run_is_named(tmp_path: Path) -> None:
    """The blob of the resulting model is needed even when nothing is left to do."""
    directory = copy_of_shared_run(tmp_path / "run")
    engine = open_engine(small_config(), directory)
    root = engine.ledger.state.tasks[0].model_root
    engine.close()
    (directory / "blobs" / f"{root.hex()}.blob").unlink()
    with pytest.raises(UsageError, match=root.hex()):
        open_engine(small_config(), directory)
