"""Groups of secure rounds do what the model SecAgg does, changed logs of them do not (PRV-032 to PRV-038)."""

from __future__ import annotations

from contextlib import closing
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from bcfl_ref.application.config import parse_config
from bcfl_ref.errors import InvariantError
from bcfl_ref.formal import secure_runs
from bcfl_ref.formal.task_runs import Block
from bcfl_ref.types import LedgerRecord, State
from engines.runs import SMALL, open_engine

ROOT = Path(__file__).parents[2]
DROPOUTS = 'rounds = 3\ntrainers = 6\nprivacy = "secure"\nthreshold = 2\n[dropouts]\nshare_bps = 4000\n'


@lru_cache
def logs() -> tuple[secure_runs.Log, ...]:
    """Three rounds of one group, of whom 40 % disappear in each at some step."""
    blocks: list[Block] = []

    def watch(before: State, record: LedgerRecord, after: State) -> None:
        blocks.append((before, record))

    config = parse_config(SMALL.replace("rounds = 1\ntrainers = 3\n", DROPOUTS), "test")
    with TemporaryDirectory() as place, closing(open_engine(config, Path(place) / "run", watch)) as engine:
        engine.run()
        return tuple(secure_runs.secure_logs(blocks, engine.ledger.blobs))


def test_runs_with_dropouts_end_in_every_way() -> None:
    """With dropouts at every step one round opens its sum, one lacks answers, one does not get beyond its keys."""
    ends = [(log["steps"][-1]["op"], log["steps"][-1]["phase"]) for log in logs()]
    assert ends == [("open_groups", "done"), ("open_groups", "failed"), ("draw_graphs", "failed")]


def test_tlc_accepts_secure_rounds_and_no_changed_one() -> None:
    """TLC follows all rounds to their ends, and no log with one step changed, in every class of change."""
    mutants = list(secure_runs.mutants_of(logs()[0]))
    assert [kind for kind, _ in mutants] == list(secure_runs.CLASSES)
    judgement = secure_runs.judge(ROOT, [*logs(), *(mutant for _, mutant in mutants)])
    assert judgement.rejected_at[: len(logs())] == (None,) * len(logs())
    for (kind, mutant), at in zip(mutants, judgement.rejected_at[len(logs()) :], strict=True):
        assert at is not None and at < len(mutant["steps"]), kind


def test_what_the_model_has_no_words_for_is_refused() -> None:
    """No secure round, groups of different sizes, a log that TLC cannot read: each is an error and no verdict."""
    with pytest.raises(InvariantError, match="no secure round"):
        secure_runs.secure_logs([], {})
    first = logs()[0]
    with pytest.raises(InvariantError, match="same size"):
        secure_runs.judge(ROOT, [first, {**first, "threshold": 3}])
    with pytest.raises(InvariantError, match="TLC ended"):
        secure_runs.judge(ROOT, [{**first, "steps": [{**first["steps"][0], "op": "vanish"}]}])
