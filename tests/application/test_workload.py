"""The application of a run: who holds which data, what adversaries change, and what cannot be split."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref.application.config import RunConfig, parse_config
from bcfl_ref.application.workload import RunWorkload, make_workload
from bcfl_ref.encoding import layout_size
from bcfl_ref.errors import UsageError
from engines.runs import small_config, workload_of


@pytest.fixture(scope="module")
def workload() -> RunWorkload:
    """Three trainers without adversaries."""
    return workload_of(small_config())


def rows(samples: object) -> list[bytes]:
    return [np.ascontiguousarray(row).tobytes() for row in samples.features]  # type: ignore[attr-defined]


def test_every_sample_has_one_owner(workload: RunWorkload) -> None:
    """Trainers, scorers and the test set share no sample, and together they hold the whole dataset."""
    parts = [*workload.trainers, *workload.scorers, workload.test]
    assert (len(workload.trainers), len(workload.scorers)) == (3, 4)
    assert sum(map(len, parts)) == len(workload.dataset.samples)
    assert sorted(row for part in parts for row in rows(part)) == sorted(rows(workload.dataset.samples))
    assert all(len(part) > 0 for part in parts)


def test_an_update_depends_on_seed_round_and_trainer_only(workload: RunWorkload) -> None:
    """Training again gives the same update; its size is the layout's, its count the trainer's samples."""
    base = workload.initial()
    first, again = workload.train(0, 1, base), workload.train(0, 1, base)
    assert first is not None and again is not None
    assert (first[0] == again[0]).all() and first[1] == again[1] == len(workload.trainers[0])
    assert first[0].dtype == np.int32 and first[0].shape == base.shape == (layout_size(workload.layout),)
    other_round, other_trainer = workload.train(0, 2, base), workload.train(1, 1, base)
    assert other_round is not None and other_trainer is not None
    assert (first[0] != other_round[0]).any() and (first[0] != other_trainer[0]).any()


def test_adversaries_change_only_their_own_update(workload: RunWorkload) -> None:
    """A sign flipper turns its update, an absent trainer sends none, the honest ones send what they always send."""
    text = '[[adversaries]]\ntrainer = 0\nkind = "sign-flip"\n[[adversaries]]\ntrainer = 1\nkind = "absent"\n'
    hostile, base = make_workload(small_config(text)), workload.initial()
    honest, flipped = workload.train(0, 1, base), hostile.train(0, 1, base)
    assert honest is not None and flipped is not None
    assert (np.sign(flipped[0]) == -np.sign(honest[0])).all() and np.abs(flipped[0]).sum() > np.abs(honest[0]).sum()
    assert hostile.train(1, 1, base) is None
    third, same = workload.train(2, 1, base), hostile.train(2, 1, base)
    assert third is not None and same is not None and (third[0] == same[0]).all()


def test_scores_tell_good_from_bad(workload: RunWorkload) -> None:
    """A score counts a scorer's own samples; an honest update scores higher than its opposite."""
    base = workload.initial()
    trained = workload.train(0, 1, base)
    assert trained is not None
    correct, total = workload.score(0, 1, base, trained[0])
    worse, _ = workload.score(0, 1, base, -trained[0])
    assert total == len(workload.scorers[0]) and 0 <= worse < correct <= total


def test_baselines_have_one_quality_for_each_round(workload: RunWorkload) -> None:
    """Both baselines give a curve as long as the run; the centralised one learns."""
    curves = workload.baselines(2)
    assert set(curves) == {"centralised", "local"} and all(len(curve) == 2 for curve in curves.values())
    assert curves["centralised"][-1].accuracy > workload.quality(workload.initial()).accuracy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[task]\ntrainers = 2000\n", "split"),
        ('[data]\ndataset = "mnist"\n', "unknown dataset 'mnist'; known: .*digits"),
        ('[trainer]\nname = "gpt"\n', "unknown trainer 'gpt'; known: integer"),
        ("[trainer.settings]\nlayers = 9\n", "no setting 'layers'; its settings:"),
        ("[trainer.settings]\nlocal_epochs = 0\n", "local_epochs: 0 is no whole number"),
        ('[[adversaries]]\ntrainer = 0\nkind = "ghost"\n', "unknown adversary 'ghost'; known: absent"),
        ('[[adversaries]]\ntrainer = 0\nkind = "sign-flip"\nsettings = {speed = 3}\n', "no setting 'speed'"),
    ],
)
def test_what_cannot_be_run_is_one_clear_line(text: str, expected: str) -> None:
    """Data that cannot be split, unknown names and wrong settings are refused with what there is."""
    config: RunConfig = parse_config(text, "test")
    with pytest.raises(UsageError, match=expected) as error:
        make_workload(config)
    assert "\n" not in str(error.value)


def test_samples_are_weighed_in_units_where_sums_are_small() -> None:
    """In a secure mode the largest trainer weighs no more than the task allows, and everybody weighs something."""
    limited = make_workload(
        parse_config('[trainer]\nname = "integer"\n[task]\nprivacy = "secure"\nsample_count_max = 20\n', "test")
    )
    sizes = [len(part) for part in limited.trainers]
    trained = [limited.train(position, 1, limited.initial()) for position in range(len(sizes))]
    weights = [found[1] for found in trained if found is not None]
    assert weights == [-(-size // limited.sample_unit) for size in sizes]
    assert limited.sample_unit == -(-max(sizes) // 20) > 1 and 1 <= min(weights) <= max(weights) <= 20


def test_dropouts_are_drawn_anew_each_round_and_repeatably() -> None:
    """About the share that is asked for disappears, each at any of the four steps, or at the one that is named."""
    text = '[task]\nprivacy = "secure"\n[dropouts]\nshare_bps = 4000\n'
    drawn = make_workload(parse_config(text, "test"))
    steps = [drawn.last_step(trainer, number) for trainer in range(5) for number in range(1, 101)]
    assert steps == [drawn.last_step(trainer, number) for trainer in range(5) for number in range(1, 101)]
    assert set(steps) == {0, 1, 2, 3, 4} and 150 < sum(step < 4 for step in steps) < 250
    named = make_workload(parse_config(text + 'step = "unmask"\n', "test"))
    assert {named.last_step(trainer, number) for trainer in range(5) for number in range(1, 101)} == {3, 4}
    assert {make_workload(small_config()).last_step(0, number) for number in range(1, 50)} == {4}
