"""What the observer reads off the ledger."""

from __future__ import annotations

from pathlib import Path

from bcfl_ref.encoding import encode
from bcfl_ref.engines.observer import RunObserver
from bcfl_ref.node.log import LOG_NAME, read_log
from engines.runs import copy_of_shared_run, open_engine, shared_run, small_config


def observed(directory: Path) -> RunObserver:
    """What an observer sees when the shared run is opened again."""
    observer = RunObserver()
    open_engine(small_config(), directory, observer).close()
    return observer


def test_every_block_is_seen_with_its_size(tmp_path: Path) -> None:
    """One entry for each frame of the log, with its size, its signers and the kinds of its transactions."""
    directory = copy_of_shared_run(tmp_path / "run")
    observer = observed(directory)
    frames = list(read_log(directory / LOG_NAME))
    assert [seen.height for seen in observer.blocks] == list(range(1, len(frames) + 1))
    assert [seen.byte_length for seen in observer.blocks] == [len(encode(frame.record)) for frame in frames]
    assert observer.blocks[-1].root == shared_run().head
    assert all(3 * seen.signers > 2 * seen.seats for seen in observer.blocks)
    assert sum(seen.transactions.get("REGISTER", 0) for seen in observer.blocks) == 3
    assert {seen.round for seen in observer.blocks} == {0, 1}


def test_a_settled_round_is_seen_whole(tmp_path: Path) -> None:
    """A round is reported once, with the fate of every update, sheet and claim, and who was paid what."""
    (seen,) = observed(copy_of_shared_run(tmp_path / "run")).rounds
    assert seen.outcome == "aggregated" and seen.paid == sum(seen.payouts.values()) == 1000
    assert [update.trainer for update in seen.updates] == [5, 6, 7]
    assert all(update.accepted == (update.trainer in seen.payouts) for update in seen.updates)
    assert set(seen.sheets.values()) == {"revealed"} and any(seen.claims.values()) and seen.byte_length > 0


def test_opening_tokens_and_deposits_are_remembered(tmp_path: Path) -> None:
    """What everybody began with and put down, also for those who registered later."""
    observer = observed(copy_of_shared_run(tmp_path / "run"))
    config = small_config()
    assert observer.opening_tokens[5] == 2 * config.task.deposit
    assert observer.opening_tokens[1] == 2 * config.task.deposit + config.ledger.stake
    assert observer.deposits == dict.fromkeys(range(1, 8), config.task.deposit)


def test_an_interrupted_run_has_the_same_account(tmp_path: Path) -> None:
    """Replayed blocks and new ones are seen alike, each once."""
    first, second = RunObserver(), RunObserver()
    engine = open_engine(small_config(), tmp_path / "run", first)
    for _ in range(9):
        engine.run_height()
    engine.close()
    engine = open_engine(small_config(), tmp_path / "run", second)
    engine.run()
    engine.close()
    assert second == observed(copy_of_shared_run(tmp_path / "copy")) and first.blocks == second.blocks[:9]
