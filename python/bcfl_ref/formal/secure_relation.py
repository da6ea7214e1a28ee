"""The transition relation of `spec/tla/SecAgg.tla`, transcribed: what one step does to one group of a secure round.

Written from the module and not from `bcfl_ref.contract`, with its names, so that a run can be judged in milliseconds
and the first wrong step explained. That it is the same relation is tested against the graphs that TLC dumps. Guards
are named by their text in the module. Clauses: PRV-032 to PRV-038, PRV-040.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, TypeAlias

from .task_relation import Divergence

Names: TypeAlias = frozenset[str]
Guard: TypeAlias = tuple[str, bool]
NONE: Names = frozenset()
"""No list is empty."""


@dataclass(frozen=True)
class Terms:
    """The constants of the module."""

    honest: Names
    corrupt: Names
    neighbours: Mapping[str, Names]
    threshold: int
    ledger: str
    rounds: int

    @property
    def clients(self) -> Names:
        """Everybody."""
        return self.honest | self.corrupt


@dataclass(frozen=True)
class State:
    """The variables of the module; what maps honest clients are pairs of a name and a value, by name."""

    phase: str
    round: int
    U1: Names
    U2: Names
    Y: Names
    final: Names
    seen: tuple[tuple[str, Names], ...]
    kept: tuple[tuple[str, Names], ...]
    answers: tuple[tuple[str, frozenset[Names]], ...]
    sum: str
    spent: Names
    before: frozenset[Names]


@dataclass(frozen=True)
class Step:
    """An action with its parameters: of whom, with which list or answers, with whose shares that do not fit."""

    op: str
    who: str = ""
    names: Names = NONE
    wrong: Names = NONE


def complete(clients: Iterable[str]) -> dict[str, Names]:
    """Everybody is everybody's neighbour."""
    everybody = frozenset(clients)
    return {name: everybody - {name} for name in everybody}


def subsets(names: Names) -> list[Names]:
    """All of them."""
    ordered = sorted(names)
    return [frozenset(some) for size in range(len(ordered) + 1) for some in combinations(ordered, size)]


def begin(terms: Terms) -> State:
    """`Init`."""
    empty = tuple((name, NONE) for name in sorted(terms.honest))
    silent = tuple((name, frozenset[Names]()) for name in sorted(terms.honest))
    return State("keys", 1, terms.corrupt, NONE, NONE, NONE, empty, empty, silent, "none", NONE, frozenset())


def _set(pairs: tuple[tuple[str, Any], ...], name: str, value: Any) -> tuple[tuple[str, Any], ...]:
    """[f EXCEPT ![name] = value]."""
    return tuple((own, value if own == name else old) for own, old in pairs)


def enough_left(terms: Terms, state: State, names: Names) -> bool:
    """PRV-034, PRV-035."""
    return bool(names) and all(len(names & terms.neighbours[v]) >= terms.threshold for v in state.U2)


def shown(terms: Terms, state: State) -> list[Names]:
    """What a client may read."""
    return subsets(state.U2) if terms.ledger == "forked" else [state.final]


def in_time(terms: Terms, state: State) -> list[Names]:
    """`InTime`."""
    return [state.Y] if terms.ledger == "one" else subsets(state.Y)


def on_ledger(terms: Terms, state: State) -> list[Names]:
    """`OnLedger`."""
    answered = frozenset(name for name, lists in state.answers if state.final in lists)
    corrupt = terms.corrupt & state.U2
    if terms.ledger == "one":
        return [answered | some for some in subsets(corrupt)]
    return subsets(answered | corrupt)


def opens(terms: Terms, state: State, answers: Names) -> bool:
    """`Opens`."""
    return all(
        len(answers & terms.neighbours[v]) >= terms.threshold
        for v in state.U2
        if v in state.final or terms.neighbours[v] & state.final
    )


# ---------------------------------------------------------------------------------------------------------
# Guards, as the module writes them


def _phase(state: State, *wanted: str) -> Guard:
    names = ", ".join(f'"{name}"' for name in wanted)
    return (f"phase = {names}" if len(wanted) == 1 else f"phase \\in {{{names}}}"), state.phase in wanted


def _read_guards(terms: Terms, state: State, o: Step) -> list[Guard]:
    return [
        ("final # None", bool(state.final)),
        ("u \\in U2", o.who in state.U2),
        ("L \\in Shown", o.names in shown(terms, state)),
        ("enough_left(L)", enough_left(terms, state, o.names)),
        ("seen[u] = None", not dict(state.seen)[o.who]),
    ]


def _persist_guards(terms: Terms, state: State, o: Step) -> list[Guard]:
    return [("seen[u] # None", bool(dict(state.seen)[o.who])), ("kept[u] = None", not dict(state.kept)[o.who])]


def _unmask_guards(terms: Terms, state: State, o: Step) -> list[Guard]:
    seen = dict(state.seen)[o.who]
    return [("seen[u] # None", bool(seen)), ("kept[u] = seen[u]", dict(state.kept)[o.who] == seen)]


GUARDS: Mapping[str, Callable[[Terms, State, Step], list[Guard]]] = {
    "advertise_keys": lambda terms, state, o: [_phase(state, "keys")],
    "share_keys": lambda terms, state, o: [_phase(state, "shares"), ("u \\in U1", o.who in state.U1)],
    "masked_input": lambda terms, state, o: [
        _phase(state, "inputs", "unmasking"),
        ("u \\in U2", o.who in state.U2),
        ("u \\notin spent", o.who not in state.spent),
    ],
    "read": _read_guards,
    "persist": _persist_guards,
    "restart": lambda terms, state, o: [("seen[u] # kept[u]", dict(state.seen)[o.who] != dict(state.kept)[o.who])],
    "unmask": _unmask_guards,
    "draw_graphs": lambda terms, state, o: [_phase(state, "keys")],
    "close_shares": lambda terms, state, o: [_phase(state, "shares")],
    "close_inputs": lambda terms, state, o: [
        _phase(state, "inputs"),
        ("L \\in InTime", o.names in in_time(terms, state)),
    ],
    "open_groups": lambda terms, state, o: [
        _phase(state, "unmasking"),
        ("C \\in OnLedger", o.names in on_ledger(terms, state)),
        ("wrong \\subseteq Corrupt \\cap U2", o.wrong <= terms.corrupt & state.U2),
    ],
    "begin_round": lambda terms, state, o: [_phase(state, "failed"), ("round < Rounds", state.round < terms.rounds)],
}


# ---------------------------------------------------------------------------------------------------------
# What follows


def _read(terms: Terms, state: State, o: Step) -> State:
    return replace(state, seen=_set(state.seen, o.who, o.names))


def _persist(terms: Terms, state: State, o: Step) -> State:
    return replace(state, kept=_set(state.kept, o.who, dict(state.seen)[o.who]))


def _restart(terms: Terms, state: State, o: Step) -> State:
    return replace(state, seen=_set(state.seen, o.who, dict(state.kept)[o.who]))


def _unmask(terms: Terms, state: State, o: Step) -> State:
    lists = dict(state.answers)[o.who] | {dict(state.seen)[o.who]}
    return replace(state, answers=_set(state.answers, o.who, lists))


def _draw_graphs(terms: Terms, state: State, o: Step) -> State:
    if len(state.U1) > terms.threshold:
        return replace(state, phase="shares", U2=terms.corrupt)
    return replace(state, phase="failed")


def _close_shares(terms: Terms, state: State, o: Step) -> State:
    if enough_left(terms, state, state.U2):
        return replace(state, phase="inputs", Y=terms.corrupt)
    return replace(state, phase="failed")


def _close_inputs(terms: Terms, state: State, o: Step) -> State:
    if enough_left(terms, state, o.names):
        return replace(state, phase="unmasking", final=o.names)
    return replace(state, phase="failed", final=NONE)


def _open_groups(terms: Terms, state: State, o: Step) -> State:
    if opens(terms, state, o.names) and not o.wrong:
        return replace(state, phase="done", sum="right")
    return replace(state, phase="failed", sum="none")


def _begin_round(terms: Terms, state: State, o: Step) -> State:
    before = state.before | ({state.final} if state.final else set())
    spent = state.spent | state.Y if state.final else state.spent
    return replace(begin(terms), round=state.round + 1, before=frozenset(before), spent=spent)


EFFECTS: Mapping[str, Callable[[Terms, State, Step], State]] = {
    "advertise_keys": lambda terms, state, o: replace(state, U1=state.U1 | {o.who}),
    "share_keys": lambda terms, state, o: replace(state, U2=state.U2 | {o.who}),
    "masked_input": lambda terms, state, o: replace(state, Y=state.Y | {o.who}),
    "read": _read,
    "persist": _persist,
    "restart": _restart,
    "unmask": _unmask,
    "draw_graphs": _draw_graphs,
    "close_shares": _close_shares,
    "close_inputs": _close_inputs,
    "open_groups": _open_groups,
    "begin_round": _begin_round,
}
OF_CLIENTS = ("advertise_keys", "share_keys", "masked_input", "read", "persist", "restart", "unmask")


def false_guards(terms: Terms, state: State, o: Step) -> list[str]:
    """The guards of a step that are false, by their text in the module, in their order."""
    return [text for text, holds in GUARDS[o.op](terms, state, o) if not holds]


def steps(terms: Terms, state: State) -> Iterator[Step]:
    """Every step of `Next` that somebody could take: with all parameters, whether its guards hold or not."""
    for who in sorted(terms.honest):
        for op in OF_CLIENTS:
            lists = shown(terms, state) if op == "read" else [NONE]
            yield from (Step(op, who, names) for names in lists)
    yield from (Step(op) for op in ("draw_graphs", "close_shares", "begin_round"))
    yield from (Step("close_inputs", "", names) for names in in_time(terms, state))
    for answers in on_ledger(terms, state):
        yield from (Step("open_groups", "", answers, wrong) for wrong in subsets(terms.corrupt & state.U2))


def successors(terms: Terms, state: State) -> Iterator[tuple[Step, State]]:
    """Every step that the module takes from here, and where it leads."""
    for o in steps(terms, state):
        if not false_guards(terms, state, o):
            yield o, EFFECTS[o.op](terms, state, o)


# ---------------------------------------------------------------------------------------------------------
# Judging a log


def terms_of(log: Mapping[str, Any]) -> Terms:
    """The terms of a log: nobody in it is corrupt, and blocks may leave out whom they like."""
    members = frozenset(log["members"])
    return Terms(members, NONE, complete(members), log["threshold"], "censored", 1)


FRESH: Mapping[str, tuple[str, Callable[[State, str], bool]]] = {
    "advertise_keys": ("u \\notin U1", lambda state, who: who not in state.U1),
    "share_keys": ("u \\notin U2", lambda state, who: who not in state.U2),
    "masked_input": ("u \\notin Y", lambda state, who: who not in state.Y),
    "unmask": ("answers[u] = {}", lambda state, who: not dict(state.answers)[who]),
}
"""What a log tells once only, as `TraceSecAgg` has it."""


def follow(terms: Terms, state: State, entry: Mapping[str, Any]) -> State | str:
    """The state after one entry of a log as the module has it, or why there is none."""
    o = Step(entry["op"], entry["who"], frozenset(entry["set"]))
    if o.op not in GUARDS or o.op in ("restart", "begin_round"):
        return f"{o.op} is no step of a log"
    if (o.op in OF_CLIENTS and o.who not in terms.honest) or not o.names <= terms.clients:
        return f"{o.op} of {o.who} {sorted(o.names)}, who are not of this group"
    wrong = false_guards(terms, state, o)
    if o.op in FRESH and not FRESH[o.op][1](state, o.who):
        wrong.append(FRESH[o.op][0])
    if o.op == "unmask" and state.phase != "unmasking":
        wrong.append('phase = "unmasking"')
    if wrong:
        return f"{o.op}{f' of {o.who}' if o.who else ''}, but the guard {wrong[0]} is false"
    after = EFFECTS[o.op](terms, state, o)
    if after.phase != entry["phase"]:
        return f"{o.op} leads to {entry['phase']}, the module has {after.phase}"
    return after


def validate(log: Mapping[str, Any]) -> Divergence | None:
    """None when `log` is a run of the module; else its first wrong step."""
    terms = terms_of(log)
    state = begin(terms)
    for index, entry in enumerate(log["steps"]):
        after = follow(terms, state, entry)
        if isinstance(after, str):
            return Divergence(index, after)
        state = after
    end = log.get("end", len(log["steps"]))
    return None if end == len(log["steps"]) else Divergence(len(log["steps"]), f"the log claims {end} steps")
