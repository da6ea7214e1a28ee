"""The transition relation of `spec/tla/Task.tla`, transcribed: what one request or one deadline does to a task.

Written from the modules Task and Incentive and not from `bcfl_ref.contract`, with their names, so that a run can be
judged in milliseconds and the first wrong step explained. That it is the same relation is tested on the corpus that
TLC printed. Sets are frozensets, otherwise states look as in the corpus. Clauses: CTR-003 to CTR-017, INC-002 to
INC-009.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .task_corpus import changes

State = dict[str, Any]
Request = Mapping[str, Any]

ROLES = ("trainer", "scorer")
OPEN, FINAL = ("registration", "running"), ("completed", "aborted")
COMMIT, REVEAL, ATTEST, SCORE_COMMIT, SCORE_REVEAL, AGGREGATE = range(6)
NO_BLOB = ["none", "none"]
CODES: Mapping[str, tuple[str, ...]] = {
    "publish": ("TASKS_OPEN_MAX", "TASK_SPEC_INVALID", "BALANCE_INSUFFICIENT"),
    "join": (
        "TASK_UNKNOWN",
        "PHASE_MISMATCH",
        "ROLE_UNKNOWN",
        "TERMS_MISMATCH",
        "ALREADY_JOINED",
        "TASK_FULL",
        "BALANCE_INSUFFICIENT",
    ),
    "commit_update": ("TASK_UNKNOWN", "ROUND_MISMATCH", "PHASE_MISMATCH", "ROLE_MISSING", "ALREADY_COMMITTED"),
    "reveal_update": (
        "TASK_UNKNOWN",
        "ROUND_MISMATCH",
        "PHASE_MISMATCH",
        "COMMITMENT_MISSING",
        "ALREADY_REVEALED",
        "SAMPLE_COUNT",
    ),
    "attest": ("TASK_UNKNOWN", "PHASE_MISMATCH", "BLOB_UNKNOWN", "SEAT_MISSING", "ALREADY_ATTESTED"),
    "commit_scores": ("TASK_UNKNOWN", "ROUND_MISMATCH", "PHASE_MISMATCH", "ROLE_MISSING", "ALREADY_COMMITTED"),
    "reveal_scores": (
        "TASK_UNKNOWN",
        "ROUND_MISMATCH",
        "PHASE_MISMATCH",
        "COMMITMENT_MISSING",
        "ALREADY_REVEALED",
        "TESTIMONY_COVERAGE",
        "TESTIMONY_INVALID",
    ),
    "claim_aggregate": (
        "TASK_UNKNOWN",
        "ROUND_MISMATCH",
        "PHASE_MISMATCH",
        "AGGREGATOR_UNSELECTED",
        "ALREADY_CLAIMED",
        "NOTHING_ACCEPTED",
    ),
}
WINDOW_OF = {
    "commit_update": COMMIT,
    "reveal_update": REVEAL,
    "commit_scores": SCORE_COMMIT,
    "reveal_scores": SCORE_REVEAL,
    "claim_aggregate": AGGREGATE,
}


@dataclass(frozen=True)
class Terms:
    """The constants of the module: who there is, and what the task says."""

    order: tuple[str, ...]
    seats: frozenset[str]
    rounds: int
    width: int
    registration: int
    trainers: tuple[int, int]
    scorers: tuple[int, int]
    deposit: int
    reward: int
    shares: tuple[int, int, int]
    average_all: bool
    drawn: int
    by_size: bool
    samples: Mapping[str, int]
    acceptance: int
    reputation: Mapping[str, int]

    @property
    def issuer(self) -> str:
        """Who publishes and gets the rest back."""
        return self.order[0]

    @property
    def cost(self) -> int:
        """What publishing puts into the escrow."""
        return self.rounds * self.reward


def plain(value: Any) -> Any:
    """A value of the corpus with its sets as frozensets."""
    if isinstance(value, Mapping):
        if "#set" in value:
            return frozenset(value["#set"])
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


# ---------------------------------------------------------------------------------------------------------
# Arithmetic (INC-002 to INC-008)


def median(value: Mapping[str, int], weight: Mapping[str, int], who: Iterable[str]) -> int:
    """INC-003 as the module has it: the smallest value for which values up to it weigh at least half."""
    names = list(who)
    total = sum(weight[name] for name in names)
    return min(v for v in {value[n] for n in names} if 2 * sum(weight[n] for n in names if value[n] <= v) >= total)


def split(amount: int, weight: Mapping[Any, int], who: Sequence[Any]) -> dict[Any, int]:
    """INC-005 as the module has it: floors, then one token each to the largest remainders; `who` in order."""
    total = sum(weight[name] for name in who)
    floor = {name: amount * weight[name] // total for name in who}
    left = amount - sum(floor.values())
    first = sorted(who, key=lambda name: (-(amount * weight[name] % total), who.index(name)))[:left]
    return {name: floor[name] + (name in first) for name in who}


def reputed(value: int, fact: str, bounds: Mapping[str, int]) -> int:
    """INC-008 as the module has it."""
    change = {"fault": -10000, "nothing": 0, "rejected": -bounds["loss"], "missing": -bounds["loss"]}
    moved = value + change.get(fact, bounds["gain"])
    return min(max(moved, bounds["min"]), bounds["max"])


# ---------------------------------------------------------------------------------------------------------
# Reading a state


def no_round(terms: Terms) -> dict[str, Any]:
    """The empty round."""
    update = {"status": "none", "order": 0, "blob": NO_BLOB, "att": frozenset(), "score": -1, "accepted": False}
    return {
        "number": 0,
        "start": 0,
        "aggs": frozenset(),
        "upd": {name: dict(update) for name in terms.order},
        "sheets": {name: {"status": "none", "said": []} for name in terms.order},
        "claims": dict.fromkeys(terms.order, "none"),
        "scored": False,
    }


def no_task(terms: Terms) -> dict[str, Any]:
    """Before the publication."""
    nobody = dict.fromkeys(terms.order, 0)
    return {
        "phase": "none",
        "published": 0,
        "model": "none",
        "escrow": 0,
        "seen": frozenset(),
        "joined": dict.fromkeys(ROLES, frozenset()),
        "dep": {role: dict(nobody) for role in ROLES},
        "round": no_round(terms),
        "results": [],
    }


def window(terms: Terms, state: State) -> int:
    """CTR-005: which window the height lies in; -1 while no round is under way."""
    task = state["task"]
    return int(state["now"] - task["round"]["start"]) // terms.width if task["phase"] == "running" else -1


def holds(state: State, role: str) -> list[str]:
    """CTR-004: who has a deposit left in this role."""
    return [name for name, deposit in state["task"]["dep"][role].items() if deposit > 0]


def having(state: State, status: str) -> list[str]:
    """Whose update has this status."""
    return [name for name, update in state["task"]["round"]["upd"].items() if update["status"] == status]


def available(terms: Terms, attesters: Iterable[str]) -> bool:
    """INF-008."""
    return 3 * len(terms.seats & frozenset(attesters)) > 2 * len(terms.seats)


def blob_of(kind: str, who: str) -> list[str]:
    """What is revealed: one's own blob, junk, or one that others have too."""
    return ["same", "all"] if kind == "same" else [kind, who]


def carriers(state: State, blob: list[str]) -> list[str]:
    """Whose revealed update is this blob."""
    upd = state["task"]["round"]["upd"]
    return [name for name in having(state, "revealed") if upd[name]["blob"] == blob]


def others(terms: Terms, state: State, who: str) -> list[str]:
    """CTR-010: whom a scorer speaks of, in order."""
    eligible = set(having(state, "eligible")) - {who}
    return [name for name in terms.order if name in eligible]


def accepted(state: State) -> list[str]:
    """Whose update was accepted."""
    return [name for name, update in state["task"]["round"]["upd"].items() if update["accepted"]]


def aggregable(state: State) -> bool:
    """CTR-012."""
    return bool(state["task"]["round"]["scored"] and accepted(state))


# ---------------------------------------------------------------------------------------------------------
# Guards


def _status(state: State, o: Request) -> str:
    part = "upd" if o["op"].endswith("_update") else "sheets"
    status: str = state["task"]["round"][part][o["who"]]["status"]
    return status


def _in_window(terms: Terms, state: State, o: Request) -> bool:
    if o["op"] == "join":
        return bool(state["task"]["phase"] == "registration")
    here = window(terms, state)
    if o["op"] != "attest":
        return here == WINDOW_OF[o["op"]]
    return bool(state["task"]["phase"] == "registration" or here in (REVEAL, ATTEST))


def _affordable(terms: Terms, state: State, o: Request) -> bool:
    if o["op"] == "join":
        return bool(state["bal"][o["who"]] >= terms.deposit)
    return bool(o["how"] != "dear" and state["bal"][o["who"]] >= terms.cost)


def _room(terms: Terms, state: State, o: Request) -> bool:
    if o["arg"] not in ROLES:
        return True
    most = terms.trainers[1] if o["arg"] == "trainer" else terms.scorers[1]
    return len(state["task"]["joined"][o["arg"]]) < most


def _blob_known(terms: Terms, state: State, o: Request) -> bool:
    if state["task"]["phase"] == "registration":
        return bool(o["arg"] == "model")
    return bool(carriers(state, [o["arg"], o["by"]]))


def _fresh_attester(terms: Terms, state: State, o: Request) -> bool:
    if o["arg"] == "model":
        return o["who"] not in state["task"]["seen"]
    upd = state["task"]["round"]["upd"]
    return all(o["who"] not in upd[name]["att"] for name in carriers(state, [o["arg"], o["by"]]))


GUARDS: Mapping[str, Callable[[Terms, State, Request], bool]] = {
    "TASKS_OPEN_MAX": lambda terms, state, o: state["task"]["phase"] not in OPEN,
    "TASK_SPEC_INVALID": lambda terms, state, o: o["how"] != "spec",
    "BALANCE_INSUFFICIENT": _affordable,
    "TASK_UNKNOWN": lambda terms, state, o: o["how"] != "task" and state["task"]["phase"] != "none",
    "ROUND_MISMATCH": lambda terms, state, o: o["how"] != "round" and state["task"]["phase"] == "running",
    "PHASE_MISMATCH": _in_window,
    "ROLE_UNKNOWN": lambda terms, state, o: o["arg"] in ROLES,
    "TERMS_MISMATCH": lambda terms, state, o: o["how"] != "terms",
    "ALREADY_JOINED": lambda terms, state, o: (
        o["arg"] not in ROLES or o["who"] not in state["task"]["joined"][o["arg"]]
    ),
    "TASK_FULL": _room,
    "ROLE_MISSING": lambda terms, state, o: (
        o["who"] in holds(state, "trainer" if o["op"] == "commit_update" else "scorer")
    ),
    "ALREADY_COMMITTED": lambda terms, state, o: _status(state, o) == "none",
    "COMMITMENT_MISSING": lambda terms, state, o: _status(state, o) != "none",
    "ALREADY_REVEALED": lambda terms, state, o: _status(state, o) in ("none", "committed"),
    "SAMPLE_COUNT": lambda terms, state, o: o["how"] not in ("samples", "oversized"),
    "BLOB_UNKNOWN": _blob_known,
    "SEAT_MISSING": lambda terms, state, o: o["who"] in terms.seats,
    "ALREADY_ATTESTED": _fresh_attester,
    "TESTIMONY_COVERAGE": lambda terms, state, o: o["how"] not in ("coverage", "reordered"),
    "TESTIMONY_INVALID": lambda terms, state, o: o["how"] != "testimony",
    "AGGREGATOR_UNSELECTED": lambda terms, state, o: o["who"] in state["task"]["round"]["aggs"],
    "ALREADY_CLAIMED": lambda terms, state, o: state["task"]["round"]["claims"][o["who"]] == "none",
    "NOTHING_ACCEPTED": lambda terms, state, o: aggregable(state),
}


def failing(terms: Terms, state: State, o: Request) -> list[str]:
    """The codes of the guards that are false, in their order."""
    return [code for code in CODES[o["op"]] if not GUARDS[code](terms, state, o)]


# ---------------------------------------------------------------------------------------------------------
# What participants do


def _lose(terms: Terms, state: State, who: str, roles: Iterable[str]) -> None:
    """INC-009, INC-008: the whole deposit, and the reputation to its floor."""
    for role in roles:
        state["treasury"] += state["task"]["dep"][role][who]
        state["task"]["dep"][role][who] = 0
    state["rep"][who] = reputed(state["rep"][who], "fault", terms.reputation)


def _publish(terms: Terms, state: State, o: Request) -> None:
    first = {"phase": "registration", "published": state["now"], "model": o["arg"], "escrow": terms.cost}
    state["task"] = {**no_task(terms), **first}
    state["bal"][terms.issuer] -= terms.cost


def _join(terms: Terms, state: State, o: Request) -> None:
    task = state["task"]
    task["joined"][o["arg"]] |= {o["who"]}
    task["dep"][o["arg"]][o["who"]] = terms.deposit
    state["bal"][o["who"]] -= terms.deposit


def _commit_update(terms: Terms, state: State, o: Request) -> None:
    upd = state["task"]["round"]["upd"]
    order = sum(update["status"] != "none" for update in upd.values())
    upd[o["who"]] |= {"status": "committed", "order": order}


def _reveal_update(terms: Terms, state: State, o: Request) -> None:
    upd = state["task"]["round"]["upd"]
    if o["how"] == "mismatch":
        upd[o["who"]]["status"] = "mismatched"
        _lose(terms, state, o["who"], ("trainer",))
        return
    blob = blob_of(o["arg"], o["who"])
    upd[o["who"]] |= {"status": "revealed", "blob": blob}
    same = [name for name in upd if upd[name]["status"] in ("revealed", "duplicate") and upd[name]["blob"] == blob]
    first = min(same, key=lambda name: upd[name]["order"])
    attesters = frozenset().union(*(upd[name]["att"] for name in same))
    for name in same:
        upd[name] |= {"status": "duplicate", "att": frozenset()}
    upd[first] |= {"status": "revealed", "att": attesters}


def _attest(terms: Terms, state: State, o: Request) -> None:
    task = state["task"]
    if o["arg"] == "model":
        task["seen"] |= {o["who"]}
    else:
        (carrier,) = carriers(state, [o["arg"], o["by"]])
        task["round"]["upd"][carrier]["att"] |= {o["who"]}


def _commit_scores(terms: Terms, state: State, o: Request) -> None:
    state["task"]["round"]["sheets"][o["who"]]["status"] = "committed"


def _reveal_scores(terms: Terms, state: State, o: Request) -> None:
    if o["how"] == "mismatch":
        state["task"]["round"]["sheets"][o["who"]]["status"] = "mismatched"
        _lose(terms, state, o["who"], ("scorer",))
    else:
        state["task"]["round"]["sheets"][o["who"]] = {"status": "revealed", "said": list(o["say"])}


def _claim_aggregate(terms: Terms, state: State, o: Request) -> None:
    state["task"]["round"]["claims"][o["who"]] = "wrong" if o["how"] == "false" else "right"
    if o["how"] == "false":
        _lose(terms, state, o["who"], ROLES)


# ---------------------------------------------------------------------------------------------------------
# Time


def deadline(terms: Terms, state: State) -> str:
    """CTR-005: what happens when the next height begins."""
    task, following = state["task"], state["now"] + 1
    if task["phase"] == "registration" and following == task["published"] + terms.registration:
        return "close_registration"
    if task["phase"] == "running":
        start = task["round"]["start"]
        ends = {start + 3 * terms.width: "close_attestation", start + 5 * terms.width: "decide"}
        return {**ends, start + 6 * terms.width: "settle"}.get(following, "begin_height")
    return "begin_height"


def _end(terms: Terms, state: State, phase: str) -> None:
    """CTR-014: the rest to the issuer, each deposit to its participant."""
    task = state["task"]
    for name in terms.order:
        state["bal"][name] += sum(task["dep"][role][name] for role in ROLES)
    state["bal"][terms.issuer] += task["escrow"]
    nobody = dict.fromkeys(terms.order, 0)
    task |= {"phase": phase, "escrow": 0, "round": no_round(terms), "dep": {role: dict(nobody) for role in ROLES}}


def _start(terms: Terms, state: State, number: int) -> None:
    state["task"] |= {"phase": "running", "round": {**no_round(terms), "number": number, "start": state["now"]}}


def _close_registration(terms: Terms, state: State, aggs: frozenset[str]) -> None:
    task = state["task"]
    enough = len(task["joined"]["trainer"]) >= terms.trainers[0] and len(task["joined"]["scorer"]) >= terms.scorers[0]
    if enough and available(terms, task["seen"]) and task["model"] == "model":
        _start(terms, state, 1)
    else:
        _end(terms, state, "aborted")


def _close_attestation(terms: Terms, state: State, aggs: frozenset[str]) -> None:
    for name in having(state, "revealed"):
        update = state["task"]["round"]["upd"][name]
        valid = "invalid" if update["blob"][0] == "junk" else "eligible"
        update["status"] = valid if available(terms, update["att"]) else "unavailable"


def _decide(terms: Terms, state: State, aggs: frozenset[str]) -> None:
    round_, rep = state["task"]["round"], state["rep"]
    scorers = holds(state, "scorer")
    counted = [name for name in scorers if round_["sheets"][name]["status"] == "revealed"]
    round_["aggs"] = aggs
    if 3 * sum(rep[name] for name in counted) <= 2 * sum(rep[name] for name in scorers):
        return
    round_["scored"] = True
    score: dict[str, int] = {}
    for name in having(state, "eligible"):
        judges = [judge for judge in counted if judge != name]
        said = {j: round_["sheets"][j]["said"][others(terms, state, j).index(name)] for j in judges}
        if judges:
            score[name] = median(said, rep, judges)
    bar = median(score, dict.fromkeys(score, 1), score) if score else 0
    for name, value in score.items():
        fit = value > 0 and 100 * value >= terms.acceptance * bar
        round_["upd"][name] |= {"score": value, "accepted": fit}


def draws(terms: Terms, state: State) -> tuple[frozenset[str], int]:
    """CTR-017: who may aggregate, and how many of them do."""
    members = frozenset(holds(state, "trainer")) | frozenset(holds(state, "scorer"))
    return members, len(members) if terms.average_all else min(terms.drawn, len(members))


def outcome(terms: Terms, state: State) -> str:
    """CTR-013."""
    round_ = state["task"]["round"]
    right = sum(claim == "right" for claim in round_["claims"].values())
    if not round_["scored"]:
        return "unscored"
    if not aggregable(state):
        return "nothing accepted"
    enough = 3 * right > 2 * len(round_["aggs"]) if terms.average_all else right > 0
    return "aggregated" if enough else "unaggregated"


def _payouts(terms: Terms, state: State) -> dict[str, int]:
    """INC-007."""
    round_ = state["task"]["round"]
    rejected = set(having(state, "eligible")) - set(accepted(state))
    weight = {name: terms.samples[name] if terms.by_size else round_["upd"][name]["score"] for name in terms.order}
    ones = dict.fromkeys(terms.order, 1)
    groups = (
        (accepted(state), weight),
        ([n for n in terms.order if round_["sheets"][n]["status"] == "revealed"], ones),
        ([n for n in terms.order if round_["claims"][n] == "right"], ones),
    )
    paid = dict.fromkeys(terms.order, 0)
    pools = split(terms.reward, dict(enumerate(terms.shares)), (0, 1, 2))
    for pool, (who, by) in enumerate(groups):
        due = [name for name in terms.order if name in who and name not in rejected]
        for name, part in split(pools[pool], by, due).items() if due else ():
            paid[name] += part
    return paid


def _facts(terms: Terms, state: State, name: str, ended: str) -> tuple[str, str, str]:
    """INC-008: of the update, of the sheet, of the claim."""
    round_ = state["task"]["round"]
    update, sheet, claim = round_["upd"][name], round_["sheets"][name], round_["claims"][name]
    first = "nothing" if update["status"] in ("none", "mismatched") else "missing"
    if update["status"] == "eligible":
        judged = "accepted" if update["accepted"] else "rejected"
        first = judged if round_["scored"] else "nothing"
    second = "nothing"
    if name in holds(state, "scorer"):
        second = "testified" if sheet["status"] == "revealed" else "missing"
    return first, second, "confirmed" if claim == "right" and ended == "aggregated" else "nothing"


def _settle(terms: Terms, state: State, aggs: frozenset[str]) -> None:
    ended, task = outcome(terms, state), state["task"]
    paid = _payouts(terms, state) if ended == "aggregated" else dict.fromkeys(terms.order, 0)
    for name in terms.order:
        for fact in _facts(terms, state, name, ended):
            state["rep"][name] = reputed(state["rep"][name], fact, terms.reputation)
        state["bal"][name] += paid[name]
    task["escrow"] -= sum(paid.values())
    task["results"] = [*task["results"], {"outcome": ended, "paid": sum(paid.values())}]
    if task["round"]["number"] < terms.rounds:
        _start(terms, state, task["round"]["number"] + 1)
    else:
        _end(terms, state, "completed")


def _begin_height(terms: Terms, state: State, aggs: frozenset[str]) -> None:
    """Nothing but the height."""


ACTS: Mapping[str, Callable[[Terms, State, Request], None]] = {
    "publish": _publish,
    "join": _join,
    "commit_update": _commit_update,
    "reveal_update": _reveal_update,
    "attest": _attest,
    "commit_scores": _commit_scores,
    "reveal_scores": _reveal_scores,
    "claim_aggregate": _claim_aggregate,
}
TIMES: Mapping[str, Callable[[Terms, State, frozenset[str]], None]] = {
    "begin_height": _begin_height,
    "close_registration": _close_registration,
    "close_attestation": _close_attestation,
    "decide": _decide,
    "settle": _settle,
}
EVIDENCE = "apply_evidence"
"""Not an action of the module: a validator is convicted elsewhere, and its reputation falls."""


# ---------------------------------------------------------------------------------------------------------
# Judging a log


@dataclass(frozen=True)
class Divergence:
    """The first step, from 0, that no run of the module takes, and why."""

    step: int
    reason: str

    def __str__(self) -> str:
        return f"step {self.step}: {self.reason}"


def request_of(step: Mapping[str, Any]) -> Request:
    """A step of a log with all fields of a request."""
    return {"who": "", "arg": "", "by": "", "say": [], "how": "right", **step}


def follow(terms: Terms, state: State, step: Mapping[str, Any]) -> State | str:
    """The state after one step as the module has it, or why there is none."""
    o = request_of(step)
    if o["op"] in CODES:
        wrong = failing(terms, state, o)
        if "refused" in step or "code" in step:
            said = list(step.get("refused", wrong if step.get("code") in wrong[:1] else [step.get("code")]))
            return state if said == wrong and wrong else f"{o['op']} refused with {', '.join(said)}, {_false(wrong)}"
        if wrong:
            return f"{o['op']} of {o['who']} accepted, but the guard {wrong[0]} is false"
        if (
            o["op"] == "reveal_scores"
            and o["how"] == "right"
            and len(o["say"]) != len(others(terms, state, o["who"]))
        ):
            return f"{o['who']} speaks of {len(o['say'])} updates of {len(others(terms, state, o['who']))}"
        after = copy.deepcopy(state)
        ACTS[o["op"]](terms, after, o)
        return after
    after = copy.deepcopy(state)
    if o["op"] == EVIDENCE and o["who"] in terms.order:
        after["rep"][o["who"]] = reputed(after["rep"][o["who"]], "fault", terms.reputation)
        return after
    if o["op"] not in TIMES or o["op"] != deadline(terms, state):
        return f"{o['op']}, but the next height begins with {deadline(terms, state)}"
    after["now"] += 1
    aggs = plain(step["change"].get("task.round.aggs", {"#set": []}))
    if o["op"] == "decide":
        members, count = draws(terms, state)
        if not aggs <= members or len(aggs) != count:
            return f"decide draws {sorted(aggs)}, not {count} of {sorted(members)}"
    TIMES[o["op"]](terms, after, aggs)
    return after


def _false(wrong: Sequence[str]) -> str:
    return f"but {', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} false" if wrong else "but no guard is false"


def validate(terms: Terms, log: Mapping[str, Any]) -> Divergence | None:
    """None when `log` is a run of the module; else its first wrong step."""
    state = {**plain(log["init"])}
    state.setdefault("task", no_task(terms))
    state["task"] = {**no_task(terms), **state["task"]}
    for index, step in enumerate(log["steps"]):
        try:
            after = follow(terms, state, step)
        except (KeyError, ValueError, IndexError, TypeError) as error:
            return Divergence(index, f"{step.get('op')} is no request: {type(error).__name__} {error}")
        if isinstance(after, str):
            return Divergence(index, after)
        if "change" in step:
            expected = dict(changes(state, after))
            found = {path: plain(value) for path, value in step["change"].items()}
            for path in sorted(expected.keys() | found.keys()):
                if expected.get(path, "no change") != found.get(path, "no change"):
                    wanted, got = expected.get(path, "no change"), found.get(path, "no change")
                    return Divergence(index, f"{step['op']}: {path} is {got}, the module has {wanted}")
        state = after
    end = log.get("end", len(log["steps"]))
    return None if end == len(log["steps"]) else Divergence(len(log["steps"]), f"the log claims {end} steps")
