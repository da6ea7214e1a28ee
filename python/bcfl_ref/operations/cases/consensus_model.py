"""Runs of one validator taken from the formal model `spec/tla/ConsensusStep.tla` (CON-010 ... CON-016).

The corpus says which inputs come in and what the model makes of them; here its numbers become identities, roots
and containers. Between them the runs reach every rule in every phase that the model was seen to reach, and every
guard with exactly that guard false. What the reference answers must be what the corpus says: a test compares.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from bcfl_ref.encoding import int64_to_word, to_json
from bcfl_ref.operations._base import Json, Step, Trace
from bcfl_ref.types import (
    EMPTY_SIGNATURE,
    Certificate,
    Committee,
    Proposal,
    Seat,
    SignedProposal,
    SignedVote,
    Vote,
)

CORPUS = Path(__file__).parent / "corpus" / "consensus_step.json"
EPOCH_HEIGHTS = 8
CLAUSES = ("CON-010", "CON-011", "CON-013", "CON-014", "CON-015", "CON-016")


def root_of(number: int) -> bytes:
    """The root that a number of the model stands for: 0 is nil, and they are ordered alike."""
    return bytes([number]) * 32


def input_to_json(event: Mapping[str, Any]) -> Json:
    """One input of the model as `consensus.step` takes it; signatures are taken as verified."""
    match event["op"]:
        case "proposal":
            valid_view = int64_to_word(event["validView"])
            proposal = Proposal(event["height"], event["view"], valid_view, root_of(event["root"]))
            return to_json(SignedProposal(proposal, event["proposer"], EMPTY_SIGNATURE))
        case "vote":
            vote = Vote(event["kind"], event["height"], event["view"], root_of(event["root"]))
            return to_json(SignedVote(vote, event["voter"], EMPTY_SIGNATURE))
        case "verdict":
            return {"block_root": "0x" + root_of(event["root"]).hex(), "valid": event["valid"]}
        case "timeout":
            return {"view": str(event["view"]), "phase": str(event["phase"])}
    seats = tuple(event["seats"])
    return to_json(Certificate(event["height"], event["view"], root_of(event["root"]), seats, EMPTY_SIGNATURE))


def init_of(setup: Mapping[str, Any]) -> Json:
    """The begin of a run: seats of equal weight, at the first height of an epoch."""
    seats = tuple(Seat(identity, 1) for identity in setup["committee"])
    committee = Committee(setup["height"] // EPOCH_HEIGHTS, bytes(32), seats)
    return {
        "committee": to_json(committee),
        "epoch_heights": str(EPOCH_HEIGHTS),
        "height": str(setup["height"]),
        "me": str(setup["me"]),
    }


@lru_cache(maxsize=1)
def corpus() -> Any:
    """The committed corpus, part of the package so that an installed one makes the same vectors."""
    return json.loads(CORPUS.read_text(encoding="utf-8"))


def played(number: int, run: Mapping[str, Any]) -> Trace:
    """One run of the corpus as a case."""
    steps = tuple(Step(step["input"]["op"], input_to_json(step["input"])) for step in run["steps"])
    refused = sum(step["code"] != "ok" for step in run["steps"])
    me = run["setup"]["me"]
    comment = (
        f"a run of the model ConsensusStep for identity {me}: {len(steps)} steps, of which {refused} are refused"
    )
    return Trace("consensus.step", f"con-model-{number:03}", comment, init_of(run["setup"]), steps, CLAUSES)


CASES: tuple[Trace, ...] = tuple(played(number, run) for number, run in enumerate(corpus()["runs"]))
