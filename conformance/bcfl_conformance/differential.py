"""Several testees, one question, the same answer: `python -m bcfl_conformance.differential --testee A --testee B`.

Questions are mutated vector inputs, so nobody knows the right answer; but all who answer must give the same one.
Any disagreement is made as small as undoing changes can make it, and printed with the command that repeats it.

Exit status 0: no disagreement. 1: at least one. 2: nothing is shown (nothing compared, nothing accepted, or too much
that nobody answered in time).
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bcfl_conformance import SUITE, protocol
from bcfl_conformance.child import Child, Ended, TimedOut, TooLong
from bcfl_conformance.command import CommandError, Parser, command_of, natural, positive, safe_output, seconds
from bcfl_conformance.judge import first_difference
from bcfl_conformance.mutate import Change, Question, Source, apply
from bcfl_conformance.protocol import Fault, Testee
from bcfl_conformance.session import HELLO_SECONDS
from bcfl_conformance.suite import Case, Filter, SuiteError, load

#: A crash is repaired by a new child, but not for ever.
RESTARTS = 1000
#: A busy machine answers late; a testee that hangs costs this long each time.
ANSWER_SECONDS = 60.0
SHOWN_CHARACTERS = 4000
#: Answers that say nothing about the question.
SILENT = ("unsupported", "skipped")
#: A question that takes too long for all who are asked says nothing. More of them than this, and the run says little.
UNANSWERED_PER_MILLE = 1
#: What a decoder says before any rule is asked. An operation that does not list it was given no input at all.
MALFORMED = ("ENCODING_INVALID", "VALUE_RANGE")

Answer = dict[str, Any]


class CannotStart(Exception):
    """A testee does not start or gives no proper hello."""


class Player:
    """One testee that is kept running; a crash is an answer too."""

    def __init__(self, command: str, suite_digest: str, seconds: float, label: str = "") -> None:
        self.command = command
        self.label = label or command
        self._digest = suite_digest
        self._seconds = seconds
        self._restarts = RESTARTS
        self._number = 0
        self._child: Child | None = None
        self.testee = self._start()

    def send(self, operation: str, data: Any) -> None:
        """Ask; the answer is taken by `receive`."""
        if self._child is None:
            if self._restarts == 0:
                raise CannotStart(f"{self.label} broke {RESTARTS} times; given up")
            self._restarts -= 1
            self._start()
        assert self._child is not None
        self._number += 1
        self._child.send(protocol.run(self._number, operation, data))

    def receive(self) -> Answer:
        """`{ok}`, `{error}`, `{unsupported}` …, or `{crashed}`, `{timed_out}`, `{garbled}` with the reason."""
        assert self._child is not None
        try:
            answer = protocol.read_answer(self._child.receive(self._seconds))
            if answer.id != self._number:
                raise Fault(f"answered question {answer.id}, was asked question {self._number}")
        except Ended as error:
            return {"crashed": f"{error}\n{self._discard()}".strip()}
        except TimedOut as error:
            self._discard()
            return {"timed_out": str(error)}
        except (Fault, TooLong) as error:
            self._discard()
            return {"garbled": str(error)}
        return {answer.kind: answer.value}

    def stop(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.close(protocol.stop())
            self._child = None

    def _discard(self) -> str:
        assert self._child is not None
        self._child.kill()
        stderr, self._child = self._child.stderr(), None
        return stderr

    def _start(self) -> Testee:
        try:
            child = Child(command_of(self.command))
        except OSError as error:
            raise CannotStart(f"{self.label}: {error}") from None
        child.send(protocol.hello(self._digest))
        try:
            testee = protocol.read_hello(child.receive(HELLO_SECONDS))
        except (Ended, TimedOut, TooLong, Fault) as error:
            child.kill()
            raise CannotStart(f"{self.label}: no proper hello: {error}\n{child.stderr()}".strip()) from None
        self._child = child
        return testee


@dataclass(frozen=True)
class Disagreement:
    """A question on which the testees part, as small as it became."""

    question: Question
    input: Any
    changes: tuple[Change, ...]
    answers: dict[str, Answer]

    @property
    def likeness(self) -> tuple[str, ...]:
        """What disagreements of one cause mostly share: operation, kinds of answers, the place of the difference."""
        speaking = list(spoken(self.answers).values())
        kinds = [str(answer.get("error", next(iter(answer)))) for answer in self.answers.values()]
        at = next(filter(None, (first_difference(speaking[0], x) for x in speaking)), "")
        return (self.question.operation, *kinds, *(key for key in at.split("/") if not key.isdigit()))


@dataclass
class Tally:
    """What was asked and what came of it."""

    asked: int = 0
    compared: int = 0
    accepted: int = 0
    refused: int = 0
    malformed: int = 0
    unanswered: list[Question] = field(default_factory=list)
    seconds: float = 0.0
    codes: Counter[str] = field(default_factory=Counter)
    unlisted: Counter[tuple[str, str]] = field(default_factory=Counter)
    repeated: int = 0
    by_operation: dict[str, Counter[str]] = field(default_factory=dict)
    unsupported: Counter[str] = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)

    def count(self, question: Question, answers: dict[str, Answer], errors: Sequence[str]) -> None:
        """Note one question: accepted or refused by the first who answered, compared where two did."""
        self.asked += 1
        speaking = spoken(answers)
        self.unsupported.update(name for name, answer in answers.items() if "unsupported" in answer)
        if malformed(answers, errors):
            self.malformed += 1
            return
        if unanswered(answers):
            self.unanswered.append(question)
            return
        if len(speaking) < 2:
            return
        self.compared += 1
        first = next(iter(speaking.values()))
        verdict = "accepted" if any("ok" in step for step in _steps(first)) else "refused"
        self.codes.update(codes_of(first))
        self.unlisted.update((question.operation, code) for code in set(codes_of(first)) - set(errors))
        self.accepted += verdict == "accepted"
        self.refused += verdict == "refused"
        self.by_operation.setdefault(question.operation, Counter())[verdict] += 1

    @property
    def too_many_unanswered(self) -> bool:
        """Whether so many questions were too much for everybody that the run shows little."""
        return len(self.unanswered) * 1000 > self.asked * UNANSWERED_PER_MILLE


def spoken(answers: dict[str, Answer]) -> dict[str, Answer]:
    """The answers that say something."""
    return {name: answer for name, answer in answers.items() if next(iter(answer)) not in SILENT}


def codes_of(answer: Answer) -> list[str]:
    """The codes in an answer, those of the steps of a trace included."""
    return [step["error"] for step in _steps(answer) if "error" in step]


def malformed(answers: dict[str, Answer], errors: Sequence[str]) -> bool:
    """Whether somebody finds that the question is none of the operation: then nothing is specified.

    Either the input has not the operation's types, or (`skipped`) it is a state that nothing leads to.
    """
    if any("skipped" in answer for answer in answers.values()):
        return True
    return any(code in MALFORMED and code not in errors for answer in answers.values() for code in codes_of(answer))


def unanswered(answers: dict[str, Answer]) -> bool:
    """Whether all who say something say that there was no time: then nobody shows that it can be done sooner."""
    speaking = spoken(answers).values()
    return bool(speaking) and all("timed_out" in answer for answer in speaking)


def agree(answers: dict[str, Answer], errors: Sequence[str]) -> bool:
    """Whether all who say something say the same.

    A crash agrees with nothing, not even with another crash; nor does a time-out, unless nobody answers in time.
    """
    if malformed(answers, errors) or unanswered(answers):
        return True
    speaking = list(spoken(answers).values())
    if any(next(iter(answer)) not in ("ok", "error") for answer in speaking):
        return False
    return all(first_difference(speaking[0], answer) is None for answer in speaking[1:])


def ask(players: Sequence[Player], operation: str, profile: str, data: Any) -> dict[str, Answer]:
    """The answers of all testees that offer the operation, asked at the same time."""
    asked = [player for player in players if player.testee.offers(operation, profile)]
    for player in asked:
        player.send(operation, data)
    return {player.label: player.receive() for player in asked}


def shrink(players: Sequence[Player], question: Question, case: Case, answers: dict[str, Answer]) -> Disagreement:
    """Undo changes one by one while the testees still disagree."""
    changes = question.changes
    for change in question.changes:
        fewer = tuple(item for item in changes if item is not change)
        found = ask(players, question.operation, case.profile, apply(case.input, fewer))
        if not agree(found, case.errors):
            changes, answers = fewer, found
    return Disagreement(question, apply(case.input, changes), changes, answers)


def compare(
    players: Sequence[Player], cases: Sequence[Case], seed: str, numbers: Sequence[int] | None, total: int, most: int
) -> Iterator[tuple[Tally, Disagreement | None]]:
    """Ask question after question, one of each operation in turn; gives the tally after each."""
    by_operation: dict[str, list[Case]] = {}
    for case in cases:
        by_operation.setdefault(case.operation, []).append(case)
    shared = {
        name: group
        for name, group in by_operation.items()
        if sum(player.testee.offers(name, group[0].profile) for player in players) > 1
    }
    sources = {name: Source(name, group, seed) for name, group in shared.items()}
    by_id = {case.id: case for case in cases}
    tally, started, seen = Tally(), time.monotonic(), set[tuple[str, ...]]()
    if not sources:
        return
    for number in numbers if numbers is not None else range(-(-total // len(sources))):
        for name, source in sources.items():
            if numbers is None and tally.asked >= total:
                return
            question = source.question(number)
            case = by_id[question.base]
            answers = ask(players, name, case.profile, question.input)
            tally.count(question, answers, case.errors)
            found = None
            if not agree(answers, case.errors):
                found = shrink(players, question, case, answers)
                if found.likeness in seen:
                    tally.repeated, found = tally.repeated + 1, None
                else:
                    seen.add(found.likeness)
                    tally.disagreements.append(found)
            tally.seconds = time.monotonic() - started
            yield tally, found
            if len(tally.disagreements) >= most:
                return


def repeat_command(found: Disagreement, commands: Sequence[str], seed: str) -> str:
    """The command line that asks exactly this question again."""
    words = [sys.executable, "-m", "bcfl_conformance.differential"]
    for command in commands:
        words += ["--testee", command]
    words += ["--seed", seed, "--operation", found.question.operation, "--only", str(found.question.number)]
    return shlex.join(words) if os.name == "posix" else subprocess.list2cmdline(words)


def describe(found: Disagreement, commands: Sequence[str], seed: str) -> str:
    """A disagreement for a person: seed, operation, changes, input, every answer, the command to repeat it."""
    question = found.question
    lines = [f"DISAGREEMENT  {question.operation} number {question.number} of seed {seed}, from {question.base}"]
    lines += [f"    changed   {change.where} to {_short(change.value, 200)}" for change in found.changes]
    lines.append(f"    input     {_short(found.input, SHOWN_CHARACTERS)}")
    lines += [f"    {label}: {_short(answer, SHOWN_CHARACTERS)}" for label, answer in found.answers.items()]
    speaking = list(spoken(found.answers).values())
    if len(speaking) > 1 and (at := next(filter(None, (first_difference(speaking[0], x) for x in speaking)), None)):
        lines.append(f"    differs   {at}")
    lines.append(f"    again     {repeat_command(found, commands, seed)}")
    return "\n".join(lines)


def summary(tally: Tally) -> str:
    """The counts; an all-refused run proves nothing, so both sides are said."""
    rate = tally.asked / tally.seconds if tally.seconds else 0.0
    lines = [
        f"{tally.asked} questions, {tally.compared} of them answered by at least two testees: "
        f"{tally.accepted} accepted, {tally.refused} refused with {len(tally.codes)} different codes "
        f"({tally.seconds:.1f} s, {rate:.0f} a second); {tally.malformed} were no input of their operation"
    ]
    poor = sorted(name for name, counts in tally.by_operation.items() if not counts["accepted"])
    if poor:
        lines.append(f"never accepted: {', '.join(poor)}")
    lines += [f"{name} gave {code}, which it does not list, {n} times" for (name, code), n in tally.unlisted.items()]
    if tally.unanswered:
        named = ", ".join(f"{question.operation} number {question.number}" for question in tally.unanswered[:10])
        lines.append(f"{len(tally.unanswered)} answered by nobody within the time limit: {named}")
    lines += [f"{label}: {count} unsupported" for label, count in sorted(tally.unsupported.items())]
    again = f", and {tally.repeated} more like them" if tally.repeated else ""
    count = len(tally.disagreements)
    lines.append(f"{count or 'no'} disagreement{'' if count == 1 else 's'}{again}")
    return "\n".join(lines) + "\n"


def body(tally: Tally, seed: str, suite: str, commands: Sequence[str]) -> dict[str, Any]:
    """The run as data: repeatable from seed and suite alone."""
    return {
        "suite": suite,
        "seed": seed,
        "testees": list(commands),
        "asked": tally.asked,
        "compared": tally.compared,
        "accepted": tally.accepted,
        "refused": tally.refused,
        "malformed": tally.malformed,
        "unanswered": [{"operation": item.operation, "number": item.number} for item in tally.unanswered],
        "codes": dict(sorted(tally.codes.items())),
        "operations": {name: dict(sorted(counts.items())) for name, counts in sorted(tally.by_operation.items())},
        "disagreements": [
            {
                "operation": found.question.operation,
                "number": found.question.number,
                "base": found.question.base,
                "changed": [change.where for change in found.changes],
                "input": found.input,
                "answers": found.answers,
            }
            for found in tally.disagreements
        ],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as the arguments say; gives the exit status."""
    options = _parser().parse_args(arguments)
    safe_output()
    players: list[Player] = []
    try:
        suite = load(options.suite)
        chosen = Filter(layers=_words(options.layer), operations=_words(options.operation))
        if options.json is not None and options.json.is_dir():
            raise IsADirectoryError(f"{options.json} is a folder, not the name of a report")
        for place, command in enumerate(options.testee):
            before = options.testee[:place].count(command)
            label = f"{command} ({before + 1})" if before else command
            try:
                players.append(Player(command, suite.digest, options.time_limit, label))
            except CannotStart as error:
                if not options.optional:
                    raise
                print(f"left out: {error}".partition("\n")[0])
        cases = chosen.select(suite.cases)
        if not cases:
            raise SuiteError("no case fits the filters")
        return _run(options, players, cases, suite.digest)
    except (SuiteError, CannotStart, CommandError, OSError) as error:
        print(f"bcfl_conformance.differential: {error}", file=sys.stderr)
        return 2
    finally:
        for player in players:
            player.stop()


def _run(options: argparse.Namespace, players: Sequence[Player], cases: Sequence[Case], suite: str) -> int:
    tally = Tally()
    numbers = None if options.only is None else [options.only]
    commands = [player.command for player in players]
    started = time.monotonic()
    for latest, found in compare(players, cases, options.seed, numbers, options.cases, options.most):
        tally = latest
        if found is not None:
            print(describe(found, commands, options.seed), flush=True)
        elif numbers is not None:
            print("the testees agree", flush=True)
        elif options.cases >= 1000 and tally.asked * 10 // options.cases != (tally.asked - 1) * 10 // options.cases:
            print(f"{tally.asked}/{options.cases} questions, {tally.seconds:.0f} s", file=sys.stderr, flush=True)
        if options.seconds is not None and time.monotonic() - started > options.seconds:
            break
    sys.stdout.write(summary(tally))
    if options.json is not None:
        text = json.dumps(body(tally, options.seed, suite, commands), sort_keys=True, indent=1) + "\n"
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(text, encoding="utf-8", newline="\n")
    if tally.disagreements:
        return 1
    if numbers is None and (not tally.accepted or not tally.compared):
        print("nothing is shown: no question was accepted by two testees", file=sys.stderr)
        return 2
    if numbers is None and tally.too_many_unanswered:
        print(f"little is shown: more than {UNANSWERED_PER_MILLE} question in 1000 is unanswered", file=sys.stderr)
        return 2
    return 0


def _steps(answer: Answer) -> list[Answer]:
    """The answers of the steps of a trace, or the answer itself."""
    value = answer.get("ok")
    if isinstance(value, dict) and value.keys() == {"init_digest", "steps", "state"} and value["steps"]:
        return list(value["steps"])
    return [answer]


def _short(value: Any, limit: int) -> str:
    shown = json.dumps(value, sort_keys=True)
    return shown if len(shown) <= limit else f"{shown[:limit]}… ({len(shown)} characters)"


def _words(values: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(values or ())


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="bcfl_conformance.differential", description="Ask several testees the same random questions."
    )
    parser.add_argument("--testee", action="append", required=True, metavar="CMD", help="a program or folder; repeat")
    parser.add_argument("--seed", default="1", help="any text; the same seed asks the same questions")
    parser.add_argument("--cases", type=positive, default=1000, metavar="N", help="how many questions")
    parser.add_argument("--seconds", type=seconds, metavar="S", help="stop after this long, wherever it is")
    parser.add_argument("--only", type=natural, metavar="K", help="only number K of each chosen operation")
    parser.add_argument("--layer", action="append", metavar="PATTERN")
    parser.add_argument("--operation", action="append", metavar="PATTERN")
    parser.add_argument("--most", type=positive, default=10, metavar="N", help="stop after N disagreements")
    parser.add_argument(
        "--time-limit", type=seconds, default=ANSWER_SECONDS, metavar="SECONDS", help="for one answer"
    )
    parser.add_argument("--optional", action="store_true", help="leave out a testee that does not start here")
    parser.add_argument("--suite", type=Path, default=SUITE, metavar="DIR", help="folder of manifest.json")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts and disagreements there")
    return parser


if __name__ == "__main__":
    sys.exit(main())
