"""The shape of the operations table: what an operation, a case and a trace are.

An *operation* is the unit of agreement: canonical JSON in, canonical JSON or a named error out. A *machine*
is an operation whose input is an initial state and a list of steps. Every layer writes its table with these
few records; the vector generator, the testees, the differential tests and the traceability report read them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from bcfl_ref.errors import Code, SpecError

#: SSZ's JSON mapping: objects, arrays, strings, booleans; integers only inside int32 vectors.
#: Written as `Any` because the shape of each value is the business of its operation, which checks it.
Json: TypeAlias = Any

PROFILES = ("core", "bls", "privacy")


@dataclass(frozen=True)
class Operation:
    """One rule as strangers see it: `run` maps the input to the output or raises `SpecError`.

    `errors` lists the codes in the normative order of the guards; `function` is the dotted path of the
    reference function and `kernel` the facade function that does its bulk work, where one does.
    """

    name: str
    clauses: tuple[str, ...]
    run: Callable[[Json], Json]
    function: str
    errors: tuple[Code, ...]
    kernel: str | None = None
    summary: str = ""
    profile: str = "core"
    machine: Machine | None = None

    @property
    def layer(self) -> str:
        """The part of the name before the dot."""
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Case:
    """One input of an operation and why it exists; the expected answer comes from the reference.

    A rejected case names its `twin`: the accepted case from which it differs at exactly one JSON path. Where
    the changed value drags others along (a signature over it, a second list of the same length), `follows`
    names their paths (`"/signature"`). `two_fault` marks a case that breaks two guards on purpose, to pin
    their order: it differs from its twin at exactly two paths.
    """

    operation: str
    id: str
    comment: str
    input: Json
    clauses: tuple[str, ...] = ()
    bug: str | None = None
    flags: tuple[str, ...] = ()
    twin: str | None = None
    note: str | None = None
    two_fault: bool = False
    follows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One action on a machine; a refused step must leave the state digest as it was."""

    action: str
    input: Json


@dataclass(frozen=True)
class Trace:
    """A run of a machine: initial state, then steps; expected answers come from the reference."""

    operation: str
    id: str
    comment: str
    init: Json
    steps: tuple[Step, ...]
    clauses: tuple[str, ...] = ()
    bug: str | None = None
    flags: tuple[str, ...] = ()
    note: str | None = None

    @property
    def input(self) -> Json:
        """What a testee is sent: `{init, steps: [{action, input}]}`."""
        return {"init": self.init, "steps": [{"action": s.action, "input": s.input} for s in self.steps]}


@dataclass(frozen=True)
class Machine:
    """A state machine in four pure functions; states are opaque and never changed in place.

    `init` reads a state from JSON, `step(state, action, input)` gives the next state and the output or raises
    `SpecError`, `digest` gives the state's root as "0x…", `view` the state in full.
    """

    init: Callable[[Json], Any]
    step: Callable[[Any, str, Json], tuple[Any, Json]]
    digest: Callable[[Any], str]
    view: Callable[[Any], Json]

    def run(self, data: Json) -> Json:
        """Answer `{init, steps}` with `{init_digest, steps: [{ok | error, state_digest}], state}`.

        A refused step leaves the state as it was; `state` is the last one in full.
        """
        state = self.init(data["init"])
        init_digest = self.digest(state)
        answers: list[Json] = []
        for action, step_input in _steps(data["steps"]):
            answer: dict[str, Json]
            try:
                state, output = self.step(state, action, step_input)
                answer = {"ok": output}
            except SpecError as refusal:
                answer = {"error": refusal.code.value}
            answers.append({**answer, "state_digest": self.digest(state)})
        return {"init_digest": init_digest, "steps": answers, "state": self.view(state)}


def _steps(data: Json) -> list[tuple[str, Json]]:
    """The steps of a run; every one must be of the right shape before the first is taken."""
    if not isinstance(data, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("action"), str) and "input" in entry for entry in data
    ):
        raise SpecError(Code.ENCODING_INVALID, "steps are an array of {action, input}")
    return [(entry["action"], entry["input"]) for entry in data]


def privacy_operation(
    name: str,
    clauses: str,
    run: Callable[[Json], Json],
    function: str,
    errors: Sequence[Code],
    summary: str,
    kernel: str | None = None,
) -> Operation:
    """An operation of the profile privacy; `function` is its path below `bcfl_ref`, clauses are parted by blanks."""
    layer, _, verb = name.rpartition(".")
    return Operation(
        name=name if layer else f"privacy.{name}",
        clauses=tuple(clauses.split()),
        run=run,
        function=f"bcfl_ref.{function}",
        errors=tuple(errors),
        kernel=verb if layer == "kernels" else kernel,
        summary=summary,
        profile="privacy",
    )


def machine_operation(
    name: str,
    clauses: tuple[str, ...],
    machine: Machine,
    function: str,
    errors: tuple[Code, ...],
    *,
    summary: str = "",
    profile: str = "core",
) -> Operation:
    """An operation that replays traces on `machine`; `errors` are the codes its steps may give."""
    return Operation(
        name=name,
        clauses=clauses,
        run=machine.run,
        function=function,
        errors=errors,
        summary=summary,
        profile=profile,
        machine=machine,
    )
