"""Choosing by name: built-in things, plug-ins by entry point, and clear lines for mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Any

import numpy as np
import pytest
from bcfl_ref.aggregation import dispatch
from bcfl_ref.application import plugins
from bcfl_ref.application.adversaries import Honest
from bcfl_ref.application.datasets import Dataset
from bcfl_ref.application.samples import Samples
from bcfl_ref.application.trainers import IntegerTrainer
from bcfl_ref.errors import UsageError

RULE = plugins.RulePlugin(200, dispatch.Extension("first update wins", lambda rule, base, updates, weights: base))
NO_RULE = "not a rule"


class Lazy(IntegerTrainer):
    """A trainer of somebody else's."""

    name = "lazy"


class Sleeper(Honest):
    """An adversary of somebody else's."""

    name = "sleeper"


def tiny() -> Dataset:
    """A dataset of somebody else's."""
    samples = Samples(np.array([[1], [0]]), np.array([0, 1]), scale=1, classes=2)
    return Dataset("tiny", "two samples", samples, "", "", True, "none")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[EntryPoint]]]:
    """Entry points as if packages had declared them; rules are forgotten afterwards."""
    groups = {
        "bcfl.trainers": [EntryPoint("lazy", f"{__name__}:Lazy", "bcfl.trainers")],
        "bcfl.datasets": [EntryPoint("tiny", f"{__name__}:tiny", "bcfl.datasets")],
        "bcfl.adversaries": [EntryPoint("sleeper", f"{__name__}:Sleeper", "bcfl.adversaries")],
        "bcfl.rules": [EntryPoint("first", f"{__name__}:RULE", "bcfl.rules")],
    }
    monkeypatch.setattr(plugins, "entry_points", lambda group: groups.get(group, []))
    known = dict(dispatch.EXTENSIONS)
    yield groups
    dispatch.EXTENSIONS.clear()
    dispatch.EXTENSIONS.update(known)


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the entry points above find this module under its own name."""
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or _this())


def _this() -> Any:
    import types

    module = types.ModuleType(__name__)
    module.__dict__.update(globals())
    return module


def test_built_in_names_are_known() -> None:
    """What the documentation lists can be made without settings."""
    assert plugins.make_trainer("integer").portable and not plugins.make_trainer("sklearn-mlp").portable
    assert plugins.load_dataset("digits").file_known
    assert {plugins.make_adversary(name).name for name in plugins.ADVERSARIES} == set(plugins.ADVERSARIES)


def test_settings_reach_the_trainer() -> None:
    """Settings of the configuration become arguments; fractions and numbers both say a rate."""
    assert plugins.make_trainer("integer", {"local_epochs": 3, "learning_rate": "1/3"}).local_epochs == 3
    assert plugins.make_trainer("sklearn-mlp", {"hidden": 8, "learning_rate": 0.25}).layout(4, 3).tensors[
        0
    ].shape == (8,)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (
            lambda: plugins.make_trainer("nonsense"),
            "unknown trainer 'nonsense'; known: integer, sklearn-mlp, torch-mlp",
        ),
        (
            lambda: plugins.load_dataset("nonsense"),
            "unknown dataset 'nonsense'; known: breast-cancer, digits",
        ),
        (lambda: plugins.make_adversary("nonsense"), "known: absent, label-flip, sign-flip, small-bias"),
        (
            lambda: plugins.make_trainer("integer", {"epochs": 1}),
            "no setting 'epochs'; its settings: local_epochs",
        ),
        (lambda: plugins.make_trainer("integer", {"local_epochs": 0}), "local_epochs: 0 is no whole number"),
        (lambda: plugins.make_trainer("integer", {"local_epochs": True}), "True is no whole number"),
        (
            lambda: plugins.make_trainer("integer", {"learning_rate": "fast"}),
            "neither a number nor a fraction",
        ),
        (lambda: plugins.make_trainer("integer", {"learning_rate": -1}), "no positive fraction"),
        (lambda: plugins.make_trainer("integer", {"learning_rate": "1/70000"}), "below 65536"),
    ],
)
def test_mistakes_give_one_clear_line(attempt: Any, message: str) -> None:
    """A wrong name or setting says what there is."""
    with pytest.raises(UsageError) as refusal:
        attempt()
    assert message in str(refusal.value) and "\n" not in str(refusal.value)


def test_plug_ins_are_found(installed: dict[str, list[EntryPoint]]) -> None:
    """Trainers, datasets, adversaries and rules of other packages work by name, settings included."""
    assert plugins.make_trainer("lazy", {"local_epochs": 7}).local_epochs == 7
    with pytest.raises(UsageError, match="no setting 'speed'; its settings: local_epochs"):
        plugins.make_trainer("lazy", {"speed": 7})
    assert plugins.load_dataset("tiny").title == "two samples"
    assert plugins.make_adversary("sleeper").name == "sleeper"
    assert plugins.extension_numbers() == {"first": 200}
    assert dispatch.EXTENSIONS[200].title == "first update wins"
    assert plugins.extension_numbers() == {"first": 200}


def test_a_broken_plug_in_is_told(installed: dict[str, list[EntryPoint]]) -> None:
    """A plug-in that cannot be loaded, or is no rule, gives one clear line."""
    installed["bcfl.trainers"] = [EntryPoint("gone", "no_such_module:Trainer", "bcfl.trainers")]
    with pytest.raises(UsageError, match=r"'gone'.*cannot be loaded"):
        plugins.make_trainer("gone")
    installed["bcfl.rules"] = [EntryPoint("odd", f"{__name__}:NO_RULE", "bcfl.rules")]
    with pytest.raises(UsageError, match="no RulePlugin"):
        plugins.extension_numbers()
