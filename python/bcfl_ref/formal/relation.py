"""The transition relation of `spec/tla/ConsensusStep.tla`, transcribed: what a validator does with one input.

Written from the module and not from `bcfl_ref.consensus`, with its names, so that a run can be judged in
milliseconds and the first wrong step explained. That it is the same relation is tested against TLC's own output.
Roots are numbers ordered like the roots, 0 is nil, "never" is -1. Clauses: CON-014, CON-015, CON-016.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .values import canonical, normal

NIL, NEVER = 0, -1
PREVOTE, PRECOMMIT = 1, 2
PROPOSE, PREVOTING, PRECOMMITTING, DECIDED, RETRANSMIT = 1, 2, 3, 4, 5
VIEWS_MAX, VIEWS_AHEAD_MAX = 4096, 64
OK = "ok"

Record = Mapping[str, Any]
Guard = tuple[str, bool]


@dataclass(frozen=True)
class Setup:
    """What never changes: the identity of each seat, our own, the height, whose turn each view is."""

    committee: tuple[int, ...]
    me: int
    height: int
    proposers: tuple[int, ...]


@dataclass(frozen=True, order=True)
class Vote:
    """A kept vote, in the order of the clause."""

    kind: int
    view: int
    voter: int
    root: int


@dataclass(frozen=True)
class Offer:
    """A kept proposal."""

    view: int
    root: int
    valid_view: int


@dataclass(frozen=True)
class Node:
    """CON-014: the state of one validator at one height, as the model sees it."""

    setup: Setup
    view: int = 0
    phase: int = PROPOSE
    locked_view: int = NEVER
    locked_root: int = NIL
    valid_view: int = NEVER
    valid_root: int = NIL
    timers: tuple[bool, bool] = (False, False)
    proposals: frozenset[Offer] = frozenset()
    verdicts: Mapping[int, bool] = field(default_factory=dict)
    votes: frozenset[Vote] = frozenset()
    offenders: frozenset[int] = frozenset()
    decided_view: int = 0
    decided_root: int = NIL


@dataclass(frozen=True)
class Answer:
    """The state after an input, what came out, and the guards in their order."""

    node: Node
    code: str
    out: tuple[Record, ...]
    rules: tuple[str, ...]
    guards: tuple[Guard, ...]

    @property
    def false_guards(self) -> tuple[str, ...]:
        """The guards that are false, in order."""
        return tuple(code for code, holds in self.guards if not holds)


def observed(before: Node, node: Node) -> dict[str, Any]:
    """What a log says of a step: where the validator stands now, and what it keeps that it did not keep before."""
    votes = [_vote_record(vote) for vote in node.votes - before.votes]
    proposals = [
        {"view": offer.view, "root": offer.root, "validView": offer.valid_view}
        for offer in node.proposals - before.proposals
    ]
    verdicts = [
        {"root": root, "valid": valid} for root, valid in node.verdicts.items() if root not in before.verdicts
    ]
    return {
        "view": node.view,
        "phase": node.phase,
        "lockedView": node.locked_view,
        "lockedRoot": node.locked_root,
        "validView": node.valid_view,
        "validRoot": node.valid_root,
        "timers": list(node.timers),
        "decidedView": node.decided_view,
        "decidedRoot": node.decided_root,
        "offenders": {"#set": sorted(node.offenders)},
        "votes": {"#set": votes},
        "proposals": {"#set": proposals},
        "verdicts": {"#set": verdicts},
    }


def _vote_record(vote: Vote) -> Record:
    return {"kind": vote.kind, "view": vote.view, "voter": vote.voter, "root": vote.root}


# ---------------------------------------------------------------------------------------------------------
# Counting


def is_quorum(seats: int, total: int) -> bool:
    """CON-006: more than two thirds."""
    return 3 * seats > 2 * total


def is_blocking(seats: int, total: int) -> bool:
    """CON-006: more than one third."""
    return 3 * seats > total


def _count(node: Node, voters: set[int]) -> int:
    return sum(identity in voters for identity in node.setup.committee)


def _quorum(node: Node, kind: int, view: int, root: int | None) -> bool:
    """A quorum for one root, or for anything (None)."""
    voters = {x.voter for x in node.votes if (x.kind, x.view) == (kind, view) and root in (None, x.root)}
    return is_quorum(_count(node, voters), len(node.setup.committee))


def _seated(node: Node, identity: int) -> bool:
    return identity in node.setup.committee


def proposer_at(node: Node, view: int) -> int:
    """CON-005: whose turn it is; the setup lists it."""
    return node.setup.proposers[view % len(node.setup.proposers)]


def _offered(node: Node, view: int) -> Offer | None:
    return next((offer for offer in node.proposals if offer.view == view), None)


def _known(node: Node, root: int) -> bool:
    return root == NIL or any(offer.root == root for offer in node.proposals)


# ---------------------------------------------------------------------------------------------------------
# Guards, in their order


def check_vote(node: Node, e: Record) -> list[Guard]:
    """CON-010."""
    return [
        ("VOTE_HEIGHT", e["height"] == node.setup.height),
        ("VOTE_KIND", e["kind"] in (PREVOTE, PRECOMMIT)),
        ("VIEW_RANGE", e["view"] < VIEWS_MAX),
        ("VOTE_SEAT", _seated(node, e["voter"])),
    ]


def take_vote(node: Node, e: Record) -> list[Guard]:
    """CON-014."""
    late = (e["kind"], e["view"], e["root"]) == (PRECOMMIT, node.decided_view, node.decided_root)
    return [
        *check_vote(node, e),
        ("HEIGHT_DECIDED", node.phase != DECIDED or late),
        ("VIEW_AHEAD", node.phase == DECIDED or e["view"] <= node.view + VIEWS_AHEAD_MAX),
    ]


def check_proposal(node: Node, e: Record) -> list[Guard]:
    """CON-011."""
    return [
        ("PROPOSAL_HEIGHT", e["height"] == node.setup.height),
        ("VIEW_RANGE", e["view"] < VIEWS_MAX),
        ("PROPOSAL_VALID_VIEW", NEVER <= e["validView"] < e["view"]),
        ("PROPOSAL_ROOT", e["root"] != NIL),
        ("PROPOSAL_PROPOSER", e["proposer"] == proposer_at(node, e["view"])),
    ]


def take_proposal(node: Node, e: Record) -> list[Guard]:
    """CON-014."""
    known = _offered(node, e["view"])
    return [
        *check_proposal(node, e),
        ("HEIGHT_DECIDED", node.phase != DECIDED),
        ("VIEW_AHEAD", e["view"] <= node.view + VIEWS_AHEAD_MAX),
        ("PROPOSAL_CONFLICT", known is None or (known.root, known.valid_view) == (e["root"], e["validView"])),
    ]


def take_verdict(node: Node, e: Record) -> list[Guard]:
    """CON-014."""
    return [
        ("HEIGHT_DECIDED", node.phase != DECIDED),
        ("VERDICT_UNKNOWN", e["root"] != NIL and _known(node, e["root"])),
        ("VERDICT_REPEATED", e["root"] not in node.verdicts),
    ]


def take_timeout(node: Node, e: Record) -> list[Guard]:
    """CON-014."""
    current = e["view"] == node.view and e["phase"] in (node.phase, PRECOMMITTING, RETRANSMIT)
    return [("HEIGHT_DECIDED", node.phase != DECIDED), ("TIMEOUT_STALE", current)]


def check_certificate(node: Node, e: Record) -> list[Guard]:
    """CON-013."""
    total = len(node.setup.committee)
    return [
        ("CERTIFICATE_HEIGHT", e["height"] == node.setup.height),
        ("CERTIFICATE_BLOCK", e["root"] != NIL),
        ("VIEW_RANGE", e["view"] < VIEWS_MAX),
        ("CERTIFICATE_LENGTH", len(e["seats"]) == total),
        ("CERTIFICATE_QUORUM", is_quorum(sum(e["seats"]), total)),
    ]


def take_certificate(node: Node, e: Record) -> list[Guard]:
    """CON-015."""
    return [*check_certificate(node, e), ("HEIGHT_DECIDED", node.phase != DECIDED)]


GUARDS: dict[str, Callable[[Node, Record], list[Guard]]] = {
    "proposal": take_proposal,
    "vote": take_vote,
    "verdict": take_verdict,
    "timeout": take_timeout,
    "certificate": take_certificate,
}

# ---------------------------------------------------------------------------------------------------------
# Taking in

Taken = tuple[Node, list[Record]]


def _timer(view: int, phase: int) -> Record:
    return {"output": "set_timeout", "view": view, "phase": phase}


def enter_view(node: Node, view: int) -> Taken:
    """CON-014: begin a view."""
    entered = replace(node, view=view, phase=PROPOSE, timers=(False, False))
    out: list[Record] = []
    if proposer_at(node, view) == node.setup.me:
        again = {"output": "sign_proposal", "view": view, "validView": node.valid_view, "root": node.valid_root}
        out.append({"output": "build_block", "view": view} if node.valid_view == NEVER else again)
    return entered, [*out, _timer(view, PROPOSE), _timer(view, RETRANSMIT)]


def start(setup: Setup) -> Taken:
    """CON-014: the first state."""
    return enter_view(Node(setup), 0)


def _cast(node: Node, kind: int, root: int) -> Taken:
    voted: Record = {"output": "sign_vote", "kind": kind, "view": node.view, "root": root}
    phase = PREVOTING if kind == PREVOTE else PRECOMMITTING
    return replace(node, phase=phase), [voted] if _seated(node, node.setup.me) else []


def _decide(node: Node, view: int, root: int) -> Taken:
    decided = replace(node, phase=DECIDED, decided_view=view, decided_root=root)
    return decided, [{"output": "decide", "view": view, "root": root}]


def _vote(node: Node, e: Record) -> Taken:
    vote = Vote(e["kind"], e["view"], e["voter"], e["root"])
    rivals = sorted(x for x in node.votes if (x.kind, x.view, x.voter) == (vote.kind, vote.view, vote.voter))
    if vote in rivals:
        return node, []
    out: list[Record] = []
    if rivals and vote.voter not in node.offenders:
        node = replace(node, offenders=node.offenders | {vote.voter})
        roots = {"#set": sorted([rivals[0].root, vote.root])}
        out = [{"output": "evidence", "voter": vote.voter, "kind": vote.kind, "view": vote.view, "roots": roots}]
    if rivals and not _known(node, vote.root):
        return node, out
    return replace(node, votes=node.votes | {vote}), out


def _proposal(node: Node, e: Record) -> Taken:
    offer = Offer(e["view"], e["root"], e["validView"])
    if offer in node.proposals:
        return node, []
    out: list[Record] = [] if _known(node, offer.root) else [{"output": "validate", "root": offer.root}]
    return replace(node, proposals=node.proposals | {offer}), out


def _resend(node: Node) -> Record:
    own = proposer_at(node, node.view) == node.setup.me
    proposals = [offer.view for offer in node.proposals if offer.view == node.view and own]
    votes = [
        _vote_record(x)
        for x in sorted(node.votes)
        if (x.voter == node.setup.me and x.view in (node.view - 1, node.view))
        or (x.kind, x.view, x.root) == (PREVOTE, node.valid_view, node.valid_root)
    ]
    return {"output": "resend", "proposals": {"#set": proposals}, "votes": {"#set": votes}}


def _timeout(node: Node, e: Record) -> Taken:
    if e["phase"] == RETRANSMIT:
        return node, [_resend(node), _timer(node.view, RETRANSMIT)]
    if e["phase"] == PRECOMMITTING:
        return enter_view(node, node.view + 1)
    return _cast(node, PREVOTE if e["phase"] == PROPOSE else PRECOMMIT, NIL)


def take(node: Node, e: Record) -> Taken:
    """CON-014, CON-015: an input whose guards hold."""
    match e["op"]:
        case "proposal":
            return _proposal(node, e)
        case "vote":
            return _vote(node, e)
        case "verdict":
            return replace(node, verdicts={**node.verdicts, e["root"]: e["valid"]}), []
        case "timeout":
            return _timeout(node, e)
    return _decide(node, e["view"], e["root"])


# ---------------------------------------------------------------------------------------------------------
# Rules


def rule_decide(node: Node) -> Taken | None:
    """CON-015."""
    ready = {
        (x.view, x.root)
        for x in node.votes
        if x.kind == PRECOMMIT and x.root != NIL and _quorum(node, PRECOMMIT, x.view, x.root)
    }
    return _decide(node, *min(ready)) if ready else None


def rule_jump(node: Node) -> Taken | None:
    """CON-014, rule 2."""
    said = {(x.view, x.voter) for x in node.votes} | {(x.view, proposer_at(node, x.view)) for x in node.proposals}
    total = len(node.setup.committee)
    ahead = [
        view
        for view in {view for view, _ in said if view > node.view}
        if is_blocking(_count(node, {voter for other, voter in said if other >= view}), total)
    ]
    return enter_view(node, max(ahead)) if ahead else None


def rule_prevote(node: Node) -> Taken | None:
    """CON-014, rule 3."""
    offer = _offered(node, node.view)
    if node.phase != PROPOSE or offer is None:
        return None
    if offer.valid_view >= 0 and not _quorum(node, PREVOTE, offer.valid_view, offer.root):
        return None
    if offer.root not in node.verdicts:
        return None
    free = node.locked_view <= offer.valid_view or node.locked_root == offer.root
    return _cast(node, PREVOTE, offer.root if node.verdicts[offer.root] and free else NIL)


def rule_lock(node: Node) -> Taken | None:
    """CON-014, rule 4."""
    offer = _offered(node, node.view)
    if node.phase not in (PREVOTING, PRECOMMITTING) or offer is None or node.valid_view == node.view:
        return None
    if not _quorum(node, PREVOTE, node.view, offer.root) or not node.verdicts.get(offer.root):
        return None
    seen = replace(node, valid_view=node.view, valid_root=offer.root)
    if node.phase == PRECOMMITTING:
        return seen, []
    return _cast(replace(seen, locked_view=node.view, locked_root=offer.root), PRECOMMIT, offer.root)


def rule_precommit_nil(node: Node) -> Taken | None:
    """CON-014, rule 5."""
    if node.phase != PREVOTING or not _quorum(node, PREVOTE, node.view, NIL):
        return None
    return _cast(node, PRECOMMIT, NIL)


def rule_prevote_timer(node: Node) -> Taken | None:
    """CON-014, rule 6."""
    if node.phase != PREVOTING or node.timers[0] or not _quorum(node, PREVOTE, node.view, None):
        return None
    return replace(node, timers=(True, node.timers[1])), [_timer(node.view, PREVOTING)]


def rule_precommit_timer(node: Node) -> Taken | None:
    """CON-014, rule 7."""
    if node.timers[1] or not _quorum(node, PRECOMMIT, node.view, None):
        return None
    return replace(node, timers=(node.timers[0], True)), [_timer(node.view, PRECOMMITTING)]


RULES: tuple[tuple[str, Callable[[Node], Taken | None]], ...] = (
    ("decide", rule_decide),
    ("jump", rule_jump),
    ("prevote", rule_prevote),
    ("lock", rule_lock),
    ("nil", rule_precommit_nil),
    ("prevote timer", rule_prevote_timer),
    ("precommit timer", rule_precommit_timer),
)


def answer(node: Node, e: Record) -> Answer:
    """CON-014: one input, then the first rule that fires, again and again."""
    guards = tuple(GUARDS[e["op"]](node, e))
    code = next((name for name, holds in guards if not holds), OK)
    if code != OK:
        return Answer(node, code, (), (), guards)
    node, out = take(node, e)
    fired: list[str] = []
    while node.phase != DECIDED:
        for name, rule in RULES:
            progress = rule(node)
            if progress is not None:
                node, more = progress
                out = [*out, *more]
                fired.append(name)
                break
        else:
            break
    return Answer(node, OK, tuple(out), tuple(fired), guards)


# ---------------------------------------------------------------------------------------------------------
# Judging a run


@dataclass(frozen=True)
class Divergence:
    """The first step of a log that the relation does not allow, and why."""

    step: int
    reason: str

    def __str__(self) -> str:
        return f"step {self.step}: {self.reason}"


def validate(log: Record) -> Divergence | None:
    """Follow a log {setup, steps, end}; the first step that the relation does not give, or None.

    A log ends with how many steps it claims to have, so that one cut short is not a prefix of a good one.
    """
    node, _ = start(setup_of(log["setup"]))
    for number, step in enumerate(log["steps"]):
        found = answer(node, step["input"])
        reason = _difference(step, node, found)
        if reason:
            return Divergence(number, f"{describe(step['input'])}: {reason}")
        node = found.node
    if log["end"] != len(log["steps"]):
        return Divergence(len(log["steps"]), f"the log claims {log['end']} steps")
    return None


def setup_of(data: Record) -> Setup:
    """The setup in a log."""
    return Setup(tuple(data["committee"]), data["me"], data["height"], tuple(data["proposers"]))


def describe(e: Record) -> str:
    """An input on one line."""
    return f"{e['op']} " + " ".join(f"{key}={value}" for key, value in e.items() if key != "op")


def _difference(step: Record, before: Node, found: Answer) -> str:
    claimed = step["code"]
    if claimed != found.code:
        if claimed == OK:
            return f"accepted, but the guard {found.code} is false"
        if claimed in found.false_guards:
            return f"refused with {claimed}, but the guard {found.code} comes first and is false"
        return f"refused with {claimed}, but that guard is true" + (
            "" if found.code == OK else f"; {found.code} is not"
        )
    for key, value in observed(before, found.node).items():
        said = step["after"].get(key)
        if said is None or canonical(normal(said)) != canonical(normal(value)):
            return f"{key} is {said}, not {value} (rules: {', '.join(found.rules) or 'none'})"
    if canonical_outputs(step["out"]) != canonical_outputs(found.out):
        return f"outputs are {list(step['out'])}, not {list(found.out)}"
    return ""


def canonical_outputs(out: Sequence[Record]) -> list[str]:
    """Outputs with sets in one order, comparable."""
    return [canonical(normal(dict(item))) for item in out]
