"""Playing cases to a testee: one question at a time, a fresh child after each broken one.

A testee gets no benefit of the doubt: a crash, a time-out or an answer out of turn is that case's result.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bcfl_conformance import protocol
from bcfl_conformance.child import Child, Ended, TimedOut, TooLong
from bcfl_conformance.judge import judge
from bcfl_conformance.protocol import Answer, Fault, Testee
from bcfl_conformance.suite import Case

#: Starting an interpreter on a loaded machine takes a while; answering a case does not.
HELLO_SECONDS = 60.0
CASE_SECONDS = 20.0
RESTARTS = 100


class HarnessError(Exception):
    """The testee cannot be started or does not say a proper hello: nothing was judged."""


@dataclass(frozen=True)
class Result:
    """What happened to one case: passed, failed, crashed, timed_out, garbled, not_run, skipped, unsupported."""

    case: Case
    status: str
    reason: str = ""
    at: str = ""
    answer: Answer | None = None
    stderr: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Settings:
    """How to play: the command of the testee, limits, and how many children at a time."""

    command: Sequence[str] | str
    suite_digest: str
    case_seconds: float = CASE_SECONDS
    hello_seconds: float = HELLO_SECONDS
    restarts: int = RESTARTS
    workers: int = 1
    environment: Mapping[str, str] | None = None


@dataclass
class Outcome:
    """Everything a run produced; `problems` are faults that belong to no single case."""

    testee: Testee
    results: list[Result] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def play(settings: Settings, cases: Sequence[Case], progress: Callable[[Result], None] | None = None) -> Outcome:
    """Ask the testee every case; results come in the order of the cases whatever the workers did."""
    first = _Worker(settings)
    outcome = Outcome(first.testee)
    results: dict[int, Result] = {}
    todo: Iterator[tuple[int, Case]] = iter(enumerate(cases))
    lock = threading.Lock()

    def settle(worker: _Worker) -> None:
        if worker.spoiled is not None:
            index, stray = worker.spoiled
            results[index] = _spoiled(results[index], stray)
            worker.spoiled = None

    def work(worker: _Worker) -> None:
        while True:
            with lock:
                index, case = next(todo, (-1, None))
            if case is None:
                break
            result = worker.ask(index, case)
            with lock:
                results[index] = result
                settle(worker)
                if progress is not None:
                    progress(result)
        farewell = worker.stop()
        with lock:
            settle(worker)
            if farewell:
                outcome.problems.append(farewell)

    workers = [first, *(_Worker(settings) for _ in range(min(settings.workers, len(cases)) - 1))]
    if any(worker.testee != first.testee for worker in workers):
        for worker in workers:
            worker.stop()
        raise HarnessError("the testee says another hello in each child")
    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers[1:]]
    for thread in threads:
        thread.start()
    work(first)
    for thread in threads:
        thread.join()
    outcome.results = [results[index] for index in sorted(results)]
    return outcome


def _spoiled(result: Result, stray: str) -> Result:
    """A case whose answer was followed by another line is garbled, even if the answer was right."""
    return replace(result, status="garbled", reason=f"answered, then wrote another line: {stray}", at="")


class _Worker:
    """One child after another; `spoiled` names a case whose answer was followed by a line too many."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._restarts_left = settings.restarts
        self._number = 0
        self._answered: int | None = None
        self.spoiled: tuple[int, str] | None = None
        self._child: Child | None
        self._child, self.testee = self._start()

    def ask(self, index: int, case: Case) -> Result:
        """The result of one case; the child is replaced if it broke."""
        if not self.testee.offers(case.operation, case.profile):
            return Result(case, "unsupported", "not among the testee's operations and profiles")
        started = time.monotonic()
        result = self._try(case)
        self._answered = index if self._child is not None else None
        return replace(result, seconds=time.monotonic() - started)

    def stop(self) -> str | None:
        """End the child politely; gives a complaint if it did not follow."""
        if self._child is None:
            return None
        status, stray = self._child.close(protocol.stop())
        self._child = None
        if stray is not None:
            self._spoil(stray)
        if status is None:
            return "the testee was still running after stop, and was killed"
        return f"the testee left with exit status {status} after stop" if status else None

    def _try(self, case: Case) -> Result:
        if self._child is not None and (line := self._child.stray()) is not None:
            self._spoil(line)
            self._discard()
        if self._child is None:
            if self._restarts_left == 0:
                return Result(case, "not_run", f"the testee broke {self._settings.restarts} times; given up")
            self._restarts_left -= 1
            try:
                self._child, testee = self._start()
            except HarnessError as error:
                return Result(case, "not_run", f"the testee could not be started again: {error}")
            if testee != self.testee:
                self._discard()
                return Result(case, "not_run", "the testee said another hello after it was started again")
        return self._exchange(self._child, case)

    def _exchange(self, child: Child, case: Case) -> Result:
        self._number += 1
        child.send(protocol.run(self._number, case.operation, case.input))
        try:
            line = child.receive(self._settings.case_seconds)
            answer = protocol.read_answer(line)
            if answer.id == self._number - 1 and self._answered is not None:
                self._spoil(line)
                self._discard()
                return self._try(case)
            if answer.id != self._number:
                raise Fault(f"answered question {answer.id}, was asked question {self._number}")
        except Ended as error:
            return self._broken(case, "crashed", str(error))
        except TimedOut as error:
            return self._broken(case, "timed_out", str(error))
        except (Fault, TooLong) as error:
            return self._broken(case, "garbled", str(error))
        judgement = judge(case, answer)
        stderr = "" if judgement.status == "passed" else child.stderr()
        return Result(case, judgement.status, judgement.reason, judgement.at, answer, stderr)

    def _spoil(self, line: bytes) -> None:
        if self._answered is not None:
            self.spoiled = (self._answered, protocol.excerpt(line))

    def _broken(self, case: Case, status: str, reason: str) -> Result:
        stderr = self._discard()
        return Result(case, status, reason, stderr=stderr)

    def _discard(self) -> str:
        """Kill the child; gives what it wrote to stderr."""
        assert self._child is not None
        self._child.kill()
        stderr = self._child.stderr()
        self._child = None
        self._answered = None
        return stderr

    def _start(self) -> tuple[Child, Testee]:
        try:
            child = Child(self._settings.command, self._settings.environment)
        except OSError as error:
            raise HarnessError(f"cannot start the testee: {error}") from None
        child.send(protocol.hello(self._settings.suite_digest))
        try:
            return child, protocol.read_hello(child.receive(self._settings.hello_seconds))
        except (Ended, TimedOut, TooLong, Fault) as error:
            child.kill()
            raise HarnessError(f"no proper hello: {error}{_last_words(child)}") from None


def _last_words(child: Child) -> str:
    stderr = child.stderr()
    return f"\nits stderr ended with:\n{stderr}" if stderr else ""
