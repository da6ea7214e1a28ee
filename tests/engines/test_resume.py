"""INF-018, CON-017: a run that is killed continues as if it had not been."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from bcfl_ref.engines.network import HeightNetwork
from bcfl_ref.engines.validator import RepeatedJournal
from bcfl_ref.errors import InvariantError
from bcfl_ref.node.keys import FileJournal
from bcfl_ref.node.verify import verify
from bcfl_ref.node.wire import HeightBegun, Message, encode_record
from bcfl_ref.types import SignedVote
from engines.runs import SMALL, finished, open_engine, small_config

CRASHES = 25


class Killed(BaseException):
    """Stands for the death of the process: nothing may catch it."""


class Saboteur:
    """Dies in the n-th system call that makes something durable, before it, after it, or half-way through a write."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        self.fatal_call = -1
        self.style = "before"
        self._real = {name: getattr(os, name) for name in ("fsync", "replace", "write")}
        for name in self._real:
            monkeypatch.setattr(os, name, lambda *arguments, name=name: self._call(name, *arguments))

    def arm(self, after_calls: int, style: str) -> None:
        self.fatal_call, self.style = self.calls + after_calls, style

    def _call(self, name: str, *arguments: object) -> object:
        self.calls += 1
        if self.calls != self.fatal_call:
            return self._real[name](*arguments)
        if self.style == "after":
            self._real[name](*arguments)
        if self.style == "half" and name == "write":
            descriptor, data = arguments
            self._real[name](descriptor, data[: len(data) // 2])  # type: ignore[index, arg-type]
        raise Killed


def let_go(directory: Path) -> None:
    """Close what the dead process had open, as the system would."""
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            if Path(os.readlink(entry)).is_relative_to(directory):
                os.close(int(entry.name))


@contextmanager
def everything_said(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[tuple[int, int, int, int], set[bytes]]]:
    """Every vote that ever left a validator, over all lives of the process."""
    said: dict[tuple[int, int, int, int], set[bytes]] = {}
    real = HeightNetwork.deliver

    def deliver(self: HeightNetwork, sender: int, receiver: int, message: Message) -> None:
        if isinstance(message, SignedVote) and message.voter == sender:
            vote = message.vote
            said.setdefault((sender, vote.kind, vote.height, vote.view), set()).add(vote.block_root)
        real(self, sender, receiver, message)

    monkeypatch.setattr(HeightNetwork, "deliver", deliver)
    yield said


def test_killed_at_random_points_it_reaches_the_same_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a run dies, its head is the uninterrupted one, and no validator contradicts an earlier vote."""
    config = small_config()
    expected = finished(config, tmp_path / "whole")
    saboteur, chance = Saboteur(monkeypatch), random.Random(7)
    deaths, acknowledged = 0, 0
    with everything_said(monkeypatch) as said:
        for _ in range(10 * CRASHES):
            if deaths < CRASHES:
                saboteur.arm(chance.randint(1, 45), chance.choice(["before", "after", "half"]))
            engine = None
            try:
                engine = open_engine(config, tmp_path / "run")
                assert engine.ledger.state.height >= acknowledged
                engine.run()
                break
            except Killed:
                deaths += 1
            finally:
                if engine is not None:
                    acknowledged = max(acknowledged, engine.ledger.state.height)
                let_go(tmp_path / "run")
    assert deaths == CRASHES
    assert verify(tmp_path / "run").head == expected
    assert said and all(len(roots) == 1 for roots in said.values())


def test_killed_by_the_system_it_reaches_the_same_head(tmp_path: Path) -> None:
    """The command `bcfl run`, killed with SIGKILL and started again, ends in the uninterrupted head."""
    expected = finished(small_config(), tmp_path / "whole")
    config = tmp_path / "config.toml"
    config.write_text(SMALL, encoding="utf-8")
    command = [sys.executable, "-m", "bcfl_ref", "run", str(config), "--out", str(tmp_path / "run"), "--no-report"]
    chance, log = random.Random(11), tmp_path / "run" / "ledger.log"
    for _ in range(3):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        grown = (log.stat().st_size if log.exists() else 0) + chance.randint(1, 8000)
        while process.poll() is None and not (log.exists() and log.stat().st_size >= grown):
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert verify(tmp_path / "run").head == expected


def test_a_journal_refuses_what_was_not_said_before(tmp_path: Path) -> None:
    """A repeated height that would say something else than before the crash is stopped."""
    journal = FileJournal(tmp_path / "votes")
    begun = encode_record(HeightBegun(3))
    journal.append(begun, b"a vote")
    repeated = RepeatedJournal(journal, 3)
    repeated.append(begun)
    with pytest.raises(InvariantError, match="not what was said"):
        repeated.append(b"another vote")
    journal.close()


def test_a_journal_of_an_older_height_is_forgotten(tmp_path: Path) -> None:
    """What a journal holds of a height that is committed does not bind the next one."""
    journal = FileJournal(tmp_path / "votes")
    journal.append(encode_record(HeightBegun(3)), b"a vote")
    repeated = RepeatedJournal(journal, 4)
    repeated.append(encode_record(HeightBegun(4)))
    repeated.sync()
    assert journal.records() == (encode_record(HeightBegun(4)),)
    journal.close()
