"""Runs → the model of a task: what a ledger did with its first task, as a log of the model Task (CTR-001, CTR-005).

A log is {terms, init, steps, end}, its steps as in `corpus/task.json`: requests and deadlines in order, each with
what it changed. At every height some requests that are wrong then are put to the reference too, and its answers are
steps that change nothing. Identities are called p0, p1 … by registration index. A blob is "own" to its trainer,
"same" when several reveal it in a round, "junk" when it turns out to be no update. Scores are parts per million.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..contract.attestation import attest
from ..contract.claims import claim_aggregate
from ..contract.deadlines import Outcome, is_model
from ..contract.rounds import (
    Blobs,
    SheetStatus,
    UpdateStatus,
    commit_scores,
    commit_update,
    require_blob,
    reveal_scores,
    reveal_update,
)
from ..contract.tasks import PLAIN, Averaging, Phase, Role, join
from ..encoding import decode
from ..errors import Code, InvariantError, SpecError
from ..incentive.scores import score_ppm
from ..infrastructure.transactions import PAYLOADS
from ..transition import apply_transaction, begin_height
from ..types import (
    ZERO_ROOT,
    Available,
    ClaimAggregate,
    CommitScores,
    CommitUpdate,
    Container,
    Equivocation,
    Join,
    LedgerRecord,
    Publish,
    RevealScores,
    RevealUpdate,
    State,
    Task,
    Transaction,
)
from . import tlc
from .modules import read_modules
from .task_corpus import changes
from .task_relation import CODES, EVIDENCE, NO_BLOB, Terms, no_round, no_task, plain, request_of
from .traces import Judgement
from .values import to_tla

Json = Any
Log = dict[str, Json]
Block = tuple[State, LedgerRecord]
"""A state and the record that was applied to it, as observers of a ledger are shown them."""
ROLES = {Role.TRAINER: "trainer", Role.SCORER: "scorer"}


def name_of(identity: int) -> str:
    """What the model calls an identity."""
    return f"p{identity}"


def _set(identities: Iterable[int]) -> Json:
    return {"#set": sorted(map(name_of, identities))}


@dataclass
class _Run:
    """The steps as they were taken, before blobs have names: those are known only when a round is over."""

    blobs: Blobs
    taken: list[tuple[Json, Container | None, State, State]] = field(default_factory=list)
    fines: int = 0
    names: dict[tuple[int, bytes], list[str]] = field(default_factory=dict)

    def add(self, request: Json, payload: Container | None, before: State, after: State) -> None:
        """One step; `after` is `before` for a refusal."""
        self.taken.append((request, payload, before, after))


# ---------------------------------------------------------------------------------------------------------
# From blocks to steps


def task_log(blocks: Iterable[Block], blobs: Blobs) -> Log:
    """The log of a ledger's first task, from its publication to its end or to the last block.

    Errors: InvariantError where the model has no words for what happened: no task, a secure one, other committees.
    """
    run = _Run(blobs)
    for before, record in blocks:
        _block(run, before, record)
    if not run.taken:
        raise InvariantError("no task was published")
    first, last = run.taken[0][2], run.taken[-1][3]
    if last.tasks[0].spec.privacy != PLAIN or {state.committee.seats for _, _, _, state in run.taken} != {
        first.committee.seats
    }:
        raise InvariantError("the model knows plain tasks and committees that stay")
    _name_blobs(run)
    terms = _terms(first, last.tasks[0])
    steps, fines = [], 0
    shown = observed(run, terms, first, fines)
    init = {key: value for key, value in shown.items() if key != "task"}
    for request, payload, before, after in run.taken:
        if "code" in request:
            steps.append(request)
            continue
        fines += _fine(payload, before)
        following = observed(run, terms, after, fines)
        named = _named(run, request, payload, before, after)
        steps.append({**named, "change": dict(changes(shown, following))})
        shown = following
    return {"terms": _plain_terms(terms), "init": init, "steps": steps, "end": len(steps)}


def _block(run: _Run, before: State, record: LedgerRecord) -> None:
    state = begin_height(before, run.blobs)
    if run.taken:
        if before.tasks[0].phase in (Phase.COMPLETED, Phase.ABORTED):
            return
        run.add({"op": _deadline(before)}, None, before, state)
    for signed in record.block.body.transactions:
        transaction = signed.transaction
        payload = decode(PAYLOADS[transaction.kind], transaction.payload)
        after = apply_transaction(state, transaction, run.blobs)
        if isinstance(payload, Publish) and not state.tasks:
            run.add({"op": "publish", "who": name_of(transaction.sender)}, payload, state, after)
        elif run.taken:
            _transaction(run, transaction, payload, state, after)
        state = after
    if run.taken:
        for request in probes(state):
            run.add(request, None, state, state)


def _deadline(before: State) -> str:
    """CTR-005 by the schedule of the task: what the next height begins with."""
    task, following = before.tasks[0], before.height + 1
    if task.phase == Phase.REGISTRATION:
        ends = task.published_height + task.spec.registration_heights
        return "close_registration" if following == ends else "begin_height"
    offset, rest = divmod(following - task.round.start_height, task.spec.window_heights)
    ends_with = {3: "close_attestation", 5: "decide", 6: "settle"}
    return "begin_height" if rest else ends_with.get(offset, "begin_height")


def _transaction(run: _Run, transaction: Transaction, payload: Container, state: State, after: State) -> None:
    who = name_of(transaction.sender)
    match payload:
        case Join(_, role, _):
            run.add({"op": "join", "who": who, "arg": ROLES[Role(role)]}, payload, state, after)
        case CommitUpdate() | RevealUpdate() | CommitScores() | RevealScores() | ClaimAggregate():
            run.add({"op": _OPERATIONS[type(payload)], "who": who}, payload, state, after)
        case Available(task, roots):
            for root in roots:
                one = Available(task, (root,))
                attested = attest(state, transaction.sender, one)
                run.add({"op": "attest", "who": who}, one, state, attested)
                state = attested
        case Equivocation():
            run.add({"op": EVIDENCE, "who": name_of(payload.first.voter)}, payload, state, after)


_OPERATIONS: Mapping[type[Container], str] = {
    CommitUpdate: "commit_update",
    RevealUpdate: "reveal_update",
    CommitScores: "commit_scores",
    RevealScores: "reveal_scores",
    ClaimAggregate: "claim_aggregate",
}


def _fine(payload: Container | None, before: State) -> int:
    """What a conviction took: the treasury of the model holds deposits only."""
    if not isinstance(payload, Equivocation):
        return 0
    identity = before.identities[payload.first.voter]
    return identity.stake + identity.unbonding


def _named(run: _Run, request: Json, payload: Container | None, before: State, after: State) -> Json:
    """The request with what the model calls its argument, and what is wrong with it."""
    match payload:
        case Publish(spec):
            valid = is_model(require_blob(run.blobs, spec.model_root), after.tasks[0])
            return {**request, "arg": "model" if valid else "junk"}
        case RevealUpdate():
            number, who = before.tasks[0].round.number, int(request["who"][1:])
            update = next(update for update in after.tasks[0].round.updates if update.trainer == who)
            if update.status == UpdateStatus.MISMATCHED:
                return {**request, "arg": "own", "how": "mismatch"}
            return {**request, "arg": run.names[number, payload.blob_root][0]}
        case Available(_, (root,)):
            if before.tasks[0].phase == Phase.REGISTRATION:
                return {**request, "arg": "model"}
            kind, by = run.names[before.tasks[0].round.number, root]
            return {**request, "arg": kind, "by": by}
        case RevealScores(_, _, entries, _):
            sheet = next(s for s in after.tasks[0].round.sheets if name_of(s.scorer) == request["who"])
            if sheet.status == SheetStatus.MISMATCHED:
                return {**request, "how": "mismatch"}
            return {**request, "say": [score_ppm(entry) for entry in entries]}
        case ClaimAggregate():
            claim = next(c for c in after.tasks[0].round.claims if name_of(c.aggregator) == request["who"])
            return request if claim.correct else {**request, "how": "false"}
    return request


def _name_blobs(run: _Run) -> None:
    """Who revealed each blob of each round, and whether it was an update."""
    owners: dict[tuple[int, bytes], set[int]] = {}
    junk: set[tuple[int, bytes]] = set()
    for _, _, _, state in run.taken:
        round_ = state.tasks[0].round if state.tasks else None
        for update in round_.updates if round_ else ():
            if update.blob_root != ZERO_ROOT:
                place = (round_.number if round_ else 0, update.blob_root)
                owners.setdefault(place, set()).add(update.trainer)
                if update.status == UpdateStatus.INVALID:
                    junk.add(place)
    for place, trainers in owners.items():
        owner = name_of(min(trainers))
        run.names[place] = ["same", "all"] if len(trainers) > 1 else ["junk" if place in junk else "own", owner]


# ---------------------------------------------------------------------------------------------------------
# Requests that are wrong


_RULES: Mapping[str, Callable[[State, int, Any], State]] = {
    "join": join,
    "commit_update": commit_update,
    "reveal_update": reveal_update,
    "attest": attest,
    "commit_scores": commit_scores,
    "reveal_scores": reveal_scores,
}


def probes(state: State) -> Iterator[Json]:
    """What the identity whose turn it is may not do now, with the code that the reference gives.

    Asked are one request of each kind; whatever would be accepted, or refused for what it contains, is left out.
    """
    who = state.height % len(state.identities)
    task, number = state.tasks[0], state.tasks[0].round.number
    asked: Mapping[str, Container] = {
        "join": Join(0, Role.TRAINER, task.spec.terms_root),
        "commit_update": CommitUpdate(0, number, ZERO_ROOT),
        "reveal_update": RevealUpdate(0, number, ZERO_ROOT, 1, ZERO_ROOT),
        "attest": Available(0, (ZERO_ROOT,)),
        "commit_scores": CommitScores(0, number, ZERO_ROOT),
        "reveal_scores": RevealScores(0, number, (), ZERO_ROOT),
    }
    words = {"join": {"arg": "trainer"}, "reveal_update": {"arg": "own"}, "attest": {"arg": "none", "by": "none"}}
    for op, payload in asked.items():
        try:
            _RULES[op](state, who, payload)
        except SpecError as refusal:
            if refusal.code != Code.TESTIMONY_COVERAGE:
                yield {"op": op, "who": name_of(who), **words.get(op, {}), "code": refusal.code.value}
    if task.phase == Phase.RUNNING and who not in task.round.aggregators:
        try:
            claim_aggregate(state, who, ClaimAggregate(0, number, ZERO_ROOT), {})
        except SpecError as refusal:
            yield {"op": "claim_aggregate", "who": name_of(who), "code": refusal.code.value}


# ---------------------------------------------------------------------------------------------------------
# States as the model sees them


def _terms(first: State, task: Task) -> Terms:
    spec, parameters = task.spec, first.parameters
    seats = [seat.identity for seat in first.committee.seats]
    if len(set(seats)) < len(seats) or spec.acceptance_bps % 100:
        raise InvariantError("the model knows one seat each, and bars of whole hundredths")
    counts = {update.trainer: update.sample_count for update in task.round.updates}
    names = tuple(name_of(index) for index in range(len(first.identities)))
    return Terms(
        order=names,
        seats=frozenset(map(name_of, seats)),
        rounds=spec.rounds,
        width=spec.window_heights,
        registration=spec.registration_heights,
        trainers=(spec.trainers_min, spec.trainers_max),
        scorers=(spec.scorers_min, spec.scorers_max),
        deposit=spec.deposit,
        reward=spec.reward_round,
        shares=(spec.trainers_bps, spec.scorers_bps, spec.aggregators_bps),
        average_all=spec.averaging == Averaging.ALL,
        drawn=spec.aggregators,
        by_size=False,
        samples={name: counts.get(index, 1) for index, name in enumerate(names)},
        acceptance=spec.acceptance_bps // 100,
        reputation={
            key: getattr(parameters, f"reputation_{key}_bps") for key in ("initial", "min", "max", "gain", "loss")
        },
    )


def _plain_terms(terms: Terms) -> Json:
    return {**asdict(terms), "order": list(terms.order), "seats": {"#set": sorted(terms.seats)}}


def terms_of(log: Log) -> Terms:
    """The terms of a log."""
    data: dict[str, Any] = plain(log["terms"])
    fields: dict[str, Any] = {key: tuple(item) if isinstance(item, list) else item for key, item in data.items()}
    return Terms(**fields)


def observed(run: _Run, terms: Terms, state: State, fines: int) -> Json:
    """The variables of the model, without the history that no rule reads."""
    people = range(len(terms.order))
    task = _task(run, terms, state.tasks[0]) if state.tasks else _json(no_task(terms))
    return {
        "now": state.height,
        "task": task,
        "bal": {name_of(index): state.identities[index].balance for index in people},
        "rep": {name_of(index): state.identities[index].reputation_bps for index in people},
        "treasury": state.treasury - fines,
    }


def _json(value: Any) -> Json:
    if isinstance(value, frozenset):
        return {"#set": sorted(value)}
    return {key: _json(item) for key, item in value.items()} if isinstance(value, dict) else value


def _task(run: _Run, terms: Terms, task: Task) -> Json:
    entries = [(ROLES[Role(p.role)], p.identity, p.deposit) for p in task.participants]
    dep = {role: dict.fromkeys(terms.order, 0) for role in ROLES.values()}
    for role, identity, deposit in entries:
        dep[role][name_of(identity)] = deposit
    valid = is_model(require_blob(run.blobs, task.spec.model_root), task)
    return {
        "phase": Phase(task.phase).name.lower(),
        "published": task.published_height,
        "model": "model" if valid else "junk",
        "escrow": task.escrow,
        "seen": _set(task.attesters),
        "joined": {role: _set(identity for at, identity, _ in entries if at == role) for role in ROLES.values()},
        "dep": dep,
        "round": _round(run, terms, task),
        "results": [
            {"outcome": Outcome(result.outcome).name.lower().replace("_", " "), "paid": result.paid}
            for result in task.results
        ],
    }


def _round(run: _Run, terms: Terms, task: Task) -> Json:
    round_, shown = task.round, _json(no_round(terms))
    spoken = {
        update.trainer: any(
            entry.update_root == update.blob_root
            for sheet in round_.sheets
            if sheet.scorer != update.trainer
            for entry in sheet.entries
        )
        for update in round_.updates
    }
    for update in round_.updates:
        scored = round_.scored and update.status == UpdateStatus.ELIGIBLE and spoken[update.trainer]
        shown["upd"][name_of(update.trainer)] = {
            "status": UpdateStatus(update.status).name.lower(),
            "order": update.order,
            "blob": run.names[round_.number, update.blob_root] if update.blob_root != ZERO_ROOT else NO_BLOB,
            "att": _set(update.attesters),
            "score": update.score_ppm if scored else -1,
            "accepted": update.accepted,
        }
    for sheet in round_.sheets:
        said = [score_ppm(entry) for entry in sheet.entries]
        shown["sheets"][name_of(sheet.scorer)] = {"status": SheetStatus(sheet.status).name.lower(), "said": said}
    for claim in round_.claims:
        shown["claims"][name_of(claim.aggregator)] = "right" if claim.correct else "wrong"
    plainly = {"number": round_.number, "start": round_.start_height, "scored": round_.scored}
    return {**shown, **plainly, "aggs": _set(round_.aggregators)}


# ---------------------------------------------------------------------------------------------------------
# Judging by TLC


def judge(root: Path, logs: Sequence[Log]) -> Judgement:
    """Let TLC follow logs with the same terms in one run; raises InvariantError unless it can read all of them."""
    if any(log["terms"] != logs[0]["terms"] for log in logs):
        raise InvariantError("logs of one run of TLC have the same terms")
    data, constants = trace_data(logs)
    return followed(root, "TraceTask", {"TaskTraceData.tla": data}, constants, len(logs))


def followed(root: Path, module: str, data: Mapping[str, str], constants: Iterable[str], count: int) -> Judgement:
    """How far a trace module follows each log; raises InvariantError unless TLC can read all of them."""
    sources = {f"{name}.tla": text.text for name, text in read_modules(root / "spec" / "tla").items()}
    configuration = "SPECIFICATION TraceSpec\nCONSTANTS\n" + "".join(f"  {line}\n" for line in constants)
    outcome = tlc.run({**sources, **data}, module, configuration, timeout_s=300)
    if outcome.verdict is not tlc.Verdict.HOLDS:
        raise InvariantError(f"TLC ended with {outcome.exit_code}: {outcome.error}")
    accepted = {int(log) for log in re.findall(r'"@ACCEPT (\d+) \d+"', outcome.output)}
    matched = dict.fromkeys(range(1, count + 1), 0)
    for log, step in re.findall(r'"@STEP (\d+) (\d+)"', outcome.output):
        matched[int(log)] = max(matched[int(log)], int(step))
    return Judgement(tuple(None if log in accepted else steps for log, steps in matched.items()), outcome)


def trace_data(logs: Sequence[Log]) -> tuple[str, list[str]]:
    """The generated module, and how the constants of Task are taken from it."""
    terms = _constants(terms_of(logs[0]))
    lines = [f"D{name} == {value if isinstance(value, str) else to_tla(value)}" for name, value in terms.items()]
    body = ",\n".join(to_tla(_followed(log)) for log in logs)
    text = "---- MODULE TaskTraceData ----\nEXTENDS Integers, Sequences, TLC\n" + "\n".join(lines)
    return f"{text}\nLogs == <<\n{body}\n>>\n====\n", [f"{name} <- D{name}" for name in terms]


def _constants(terms: Terms) -> dict[str, Any]:
    """The constants of Task; those that only bound the search stay empty."""
    counts = {
        f"{who}{most}": pair[at]
        for who, pair in (("Trainers", terms.trainers), ("Scorers", terms.scorers))
        for at, most in enumerate(("Min", "Max"))
    }
    unused = dict.fromkeys(("Trainers", "Scorers", "Scores", "Blobs", "Models", "Endowment"), "{}")
    return {
        **counts,
        **unused,
        "Order": terms.order,
        "Seats": {"#set": sorted(terms.seats)},
        "Rounds": terms.rounds,
        "Width": terms.width,
        "Registration": terms.registration,
        "Deposit": terms.deposit,
        "Reward": terms.reward,
        "Shares": terms.shares,
        "AverageAll": terms.average_all,
        "Drawn": terms.drawn,
        "BySize": terms.by_size,
        "Samples": dict(terms.samples),
        "Acceptance": terms.acceptance,
        "Reputation": dict(terms.reputation),
        "LastPublish": 0,
    }


def _followed(log: Log) -> Json:
    """A log as TraceTask reads it: every step with all fields, changes by path."""
    steps = []
    for step in log["steps"]:
        change = {"#map": [[path.split("."), value] for path, value in step.get("change", {}).items()]}
        fields = {key: value for key, value in request_of(step).items() if key != "change"}
        steps.append({"code": "", **fields, "change": change})
    init = {key: log["init"][key] for key in ("now", "bal", "rep", "treasury")}
    return {"init": init, "steps": steps, "end": log["end"]}


# ---------------------------------------------------------------------------------------------------------
# Logs with one thing wrong


Change = Callable[[list[Json], int], bool]
VITAL = ("join", "commit_update", "reveal_update", "commit_scores", "reveal_scores", "begin_height", "decide")
"""Steps whose loss a later step shows; a last attestation more or less may change nothing."""


def mutants_of(log: Log) -> Iterator[tuple[str, Log]]:
    """(class, log with one thing changed), one of each class that has a place in it; none is a run of the model."""
    for name, change in _CHANGES.items():
        for index in range(len(log["steps"])):
            steps = copy.deepcopy(log["steps"])
            if change(steps, index):
                yield name, {**log, "steps": steps, "end": len(steps)}
                break
    for name, changed in _WHOLE.items():
        yield name, changed(copy.deepcopy(log))


def _lose(steps: list[Json], index: int) -> bool:
    return steps[index]["op"] in VITAL and "change" in steps[index] and bool(steps.pop(index))


def _repeat(steps: list[Json], index: int) -> bool:
    steps.insert(index, copy.deepcopy(steps[index]))
    return "change" in steps[index]


def _late(steps: list[Json], index: int) -> bool:
    """A commitment after its window: past the next two heights."""
    if steps[index]["op"] not in ("commit_update", "commit_scores") or "change" not in steps[index]:
        return False
    heights = [at for at in range(index, len(steps)) if "now" in steps[at].get("change", {})]
    steps.insert(heights[1], steps.pop(index))
    return True


def _accept(steps: list[Json], index: int) -> bool:
    if "code" not in steps[index]:
        return False
    steps[index] = {**{key: value for key, value in steps[index].items() if key != "code"}, "change": {}}
    return True


def _refuse(steps: list[Json], index: int) -> bool:
    if steps[index]["op"] not in CODES or "change" not in steps[index]:
        return False
    del steps[index]["change"]
    steps[index]["code"] = CODES[steps[index]["op"]][0]
    return True


def _other_code(steps: list[Json], index: int) -> bool:
    if "code" in steps[index]:
        codes = CODES[steps[index]["op"]]
        steps[index]["code"] = codes[codes.index(steps[index]["code"]) - 1]
    return "code" in steps[index]


def _request(op: str, key: str, value: Json) -> Change:
    """Another sender, argument or truth of an accepted request."""

    def change(steps: list[Json], index: int) -> bool:
        step = steps[index]
        if step["op"] != op or "change" not in step or request_of(step)[key] == value:
            return False
        step[key] = value
        return True

    return change


def _say(edit: Callable[[list[int]], list[int]]) -> Change:
    def change(steps: list[Json], index: int) -> bool:
        said = steps[index].get("say", [])
        steps[index]["say"] = edit(said)
        return bool(said)

    return change


def _value(pattern: str) -> Change:
    """Another value of a variable whose path ends so."""

    def change(steps: list[Json], index: int) -> bool:
        told = steps[index].get("change", {})
        path = next((path for path in told if re.fullmatch(pattern, path)), None)
        if path is not None:
            told[path] = _other(told[path])
        return path is not None

    return change


def _other(value: Json) -> Json:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return "committed" if value != "committed" else "revealed"
    if isinstance(value, dict):
        return {"#set": value["#set"][1:] if value["#set"] else ["p0"]}
    return value[:-1]


def _forget(steps: list[Json], index: int) -> bool:
    told = steps[index].get("change", {})
    return len(told) > 1 and told.pop(sorted(told)[0]) is not None


def _invent(steps: list[Json], index: int) -> bool:
    told = steps[index].get("change", {})
    told["treasury"] = 7
    return "change" in steps[index]


def _terms_with(key: str, edit: Callable[[Json], Json]) -> Callable[[Log], Log]:
    return lambda log: {**log, "terms": {**log["terms"], key: edit(log["terms"][key])}}


_CHANGES: Mapping[str, Change] = {
    "step lost": _lose,
    "step repeated": _repeat,
    "commitment after its window": _late,
    "refused said to be accepted": _accept,
    "accepted said to be refused": _refuse,
    "refused with another code": _other_code,
    "another sender": _request("commit_update", "who", "p0"),
    "another attester": _request("attest", "who", "p0"),
    "another role": _request("join", "arg", "trainer"),
    "another blob": _request("reveal_update", "arg", "junk"),
    "a right reveal said to be wrong": _request("reveal_update", "how", "mismatch"),
    "right testimony said to be wrong": _request("reveal_scores", "how", "mismatch"),
    "a right claim said to be false": _request("claim_aggregate", "how", "false"),
    "another score": _say(lambda said: [said[0] + 1, *said[1:]] if said else said),
    "a score lost": _say(lambda said: said[1:]),
    "height": _value("now"),
    "balance": _value(r"bal\..*"),
    "reputation": _value(r"rep\..*"),
    "phase": _value(r"task\.phase"),
    "escrow": _value(r"task\.escrow"),
    "attesters of the model": _value(r"task\.seen"),
    "participants": _value(r"task\.joined\..*"),
    "deposit": _value(r"task\.dep\..*"),
    "results": _value(r"task\.results"),
    "begin of a round": _value(r"task\.round\.start"),
    "aggregators": _value(r"task\.round\.aggs"),
    "scored": _value(r"task\.round\.scored"),
    "status of an update": _value(r"task\.round\.upd\..*\.status"),
    "order of updates": _value(r"task\.round\.upd\..*\.order"),
    "attesters of an update": _value(r"task\.round\.upd\..*\.att"),
    "score of an update": _value(r"task\.round\.upd\..*\.score"),
    "acceptance": _value(r"task\.round\.upd\..*\.accepted"),
    "status of a sheet": _value(r"task\.round\.sheets\..*\.status"),
    "testimony": _value(r"task\.round\.sheets\..*\.said"),
    "claim": _value(r"task\.round\.claims\..*"),
    "change lost": _forget,
    "change invented": _invent,
}
_WHOLE: Mapping[str, Callable[[Log], Log]] = {
    "log cut short": lambda log: {**log, "steps": log["steps"][:-1]},
    "log claims more": lambda log: {**log, "end": log["end"] + 1},
    "windows of another width": _terms_with("width", lambda width: width + 1),
    "another deposit": _terms_with("deposit", lambda deposit: deposit + 1),
    "another reward": _terms_with("reward", lambda reward: reward + 1),
    "a seat fewer": _terms_with("seats", lambda seats: {"#set": seats["#set"][1:]}),
    "more trainers needed": _terms_with("trainers", lambda pair: (pair[0] + 1, pair[1] + 1)),
    "another share": _terms_with("shares", lambda shares: (shares[0] + 1000, shares[1] - 1000, shares[2])),
}
CLASSES: tuple[str, ...] = (*_CHANGES, *_WHOLE)
"""The classes of changes, by name."""
