"""Doubt the reasons: ask changed references random inputs that no vector holds.

A survivor that is called equivalent and answers one random input otherwise than the unchanged reference is not.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from bcfl_conformance.mutate import Source
from bcfl_conformance.suite import Case

from . import play
from .play import Answerer
from .table import Played
from .targets import Module

SEED = "refute"
#: Processor seconds for the inputs of one change.
SECONDS = 60.0
#: Where an operation does not list them, these say that the input is none of the operation (TYP-011).
NO_INPUT = {"ENCODING_INVALID", "VALUE_RANGE"}


def refuted(
    modules: dict[str, Module], survivors: Sequence[Played], cases: Sequence[Case], seen: play.Reach, count: int
) -> Iterator[tuple[Played, int, str]]:
    """Each survivor, how many of `count` random inputs it answered as it should, and the one where it did not.

    The inputs are made of the cases that reach the changed function, of each operation as many as of every other.
    """
    sources = _sources(cases)
    wanted = {number: _questions(modules, row, cases, seen, count) for number, row in enumerate(survivors)}
    asked = sorted({question for questions in wanted.values() for question in questions})
    lines = play._in_fork(lambda: _answers(play._answerer(), sources, asked))
    listed = {case.operation: set(case.errors) for case in cases}
    right = {
        question: "" if _is_no_input(json.loads(line), listed[question[0]]) else line
        for question, line in zip(asked, lines, strict=True)
    }
    for number, row in enumerate(survivors):
        done, found = _one(modules, row, sources, wanted[number], right)
        yield row, done, found


def _sources(cases: Sequence[Case]) -> dict[str, Source]:
    by_operation: dict[str, list[Case]] = {}
    for case in cases:
        by_operation.setdefault(case.operation, []).append(case)
    return {name: Source(name, group, SEED) for name, group in by_operation.items()}


def _questions(
    modules: dict[str, Module], row: Played, cases: Sequence[Case], seen: play.Reach, count: int
) -> list[tuple[str, int]]:
    mutant = row.mutant
    name = f"{mutant.module}:{mutant.function}"
    near = seen.cases.get(name, ()) if mutant.function else play._users(modules, mutant, seen)
    operations = sorted({cases[number].operation for number in (range(len(cases)) if near is None else near)})
    random.Random(SEED).shuffle(operations)
    return [(operations[n % len(operations)], n // len(operations)) for n in range(count)] if operations else []


def _answers(answer: Answerer, sources: dict[str, Source], asked: Sequence[tuple[str, int]]) -> list[str]:
    return [_said(answer, sources, question) for question in asked]


def _said(answer: Answerer, sources: dict[str, Source], question: tuple[str, int]) -> str:
    try:
        said = answer(question[0], sources[question[0]].question(question[1]).input)
    except Exception as error:
        said = {"raised": type(error).__name__}
    return json.dumps(_without_details(said), sort_keys=True)


def _is_no_input(said: dict[str, Any], listed: set[str]) -> bool:
    """Whether the reference says of an input that it is none, or of a state that no ledger reaches it."""
    return "raised" in said or "skipped" in said or said.get("error") in NO_INPUT - listed


def _without_details(said: Any) -> Any:
    """An answer without its words for people."""
    if isinstance(said, dict):
        return {key: _without_details(value) for key, value in said.items() if key != "detail"}
    return [_without_details(item) for item in said] if isinstance(said, list) else said


def _one(
    modules: dict[str, Module],
    row: Played,
    sources: dict[str, Source],
    questions: Sequence[tuple[str, int]],
    right: dict[tuple[str, int], str],
) -> tuple[int, str]:
    """How many questions one changed reference answers rightly, in a process of its own, and the first other one."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            play.limit(SECONDS)
            answer = play._import_changed(modules, row.mutant)
            for question in questions:
                fits = not right[question] or _said(answer, sources, question) == right[question]
                os.write(writer, (json.dumps([*question, fits]) + "\n").encode())
                if not fits:
                    break
            os._exit(0)
        except BaseException:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as stream:
        told = [json.loads(line) for line in stream]
    os.waitpid(child, 0)
    wrong = next((f"{operation} number {number}" for operation, number, fits in told if not fits), "")
    return sum(fits for *_, fits in told), wrong


def report(found: Sequence[tuple[Played, int, str]]) -> list[str]:
    """A line for every reason that did not hold; how many inputs were asked goes to stderr."""
    print(f"{sum(done for _, done, _ in found)} random inputs for {len(found)} reasons", file=sys.stderr)
    return [
        f"refuted: {row.mutant.module}.{row.mutant.function or row.mutant.scope}:{row.mutant.line}: {row.mutant.new} "
        f"answers {wrong} otherwise ({row.kind}: {row.reason})"
        for row, _, wrong in found
        if wrong
    ]
