"""The operations of `spec/consensus.md`: beacon, seats, votes, certificates, evidence and the height itself."""

from __future__ import annotations

import re
from typing import Any

from ..consensus import beacon, certificate, evidence, proposer, quorum, scheme, state, tendermint, votes
from ..encoding import from_json, hash_tree_root, to_json
from ..errors import Code, SpecError
from ..types import (
    Block,
    Bytes96,
    Certificate,
    Committee,
    Equivocation,
    IdentityIndex,
    Proposal,
    PublicKey,
    Root,
    Seat,
    SignedProposal,
    SignedVote,
    Uint8,
    Uint32,
    Uint64,
    Vote,
)
from ._base import Json, Machine, Operation, machine_operation
from ._shape import fields, objects

#: Weights may exceed 64 bits, which is a rule's to refuse; what exceeds this is no number anybody means.
NATURAL = re.compile(r"0|[1-9][0-9]{0,99}")

# ---- JSON


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _list(hint: Any, data: Json) -> list[Any]:
    if not isinstance(data, list):
        raise SpecError(Code.ENCODING_INVALID, "an array was expected")
    return [from_json(hint, item) for item in data]


def _keys(data: Json, committee: Committee) -> list[bytes]:
    keys: list[bytes] = _list(PublicKey, data["public_keys"])
    if len(keys) != len(committee.seats):
        raise SpecError(Code.ENCODING_INVALID, "one public key per seat")
    return keys


def _domains(data: Json) -> scheme.Domains:
    return scheme.domains_of(from_json(Root, data["genesis_root"]), from_json(Uint32, data["protocol_version"]))


def _span(data: Json) -> int:
    epoch_heights: int = from_json(Uint64, data["epoch_heights"])
    if epoch_heights == 0:
        raise SpecError(Code.ENCODING_INVALID, "epoch_heights is at least 1")
    return epoch_heights


# ---- beacon and seats


def _committee_at(data: Json) -> Json:
    pair = from_json(Committee, data["committee"]), from_json(Committee, data["next_committee"])
    return {"committee": to_json(beacon.committee_at(from_json(Uint64, data["height"]), _span(data), *pair))}


def _genesis_beacon(data: Json) -> Json:
    root = from_json(Root, data["genesis_root"])
    seeds = [_hex(beacon.genesis_seed(root, epoch)) for epoch in (0, 1)]
    return {"mix": _hex(beacon.genesis_mix(root)), "seeds": seeds}


def _reveal_message(data: Json) -> Json:
    root, version = from_json(Root, data["genesis_root"]), from_json(Uint32, data["protocol_version"])
    return {"message": _hex(beacon.reveal_message(from_json(Uint64, data["height"]), root, version))}


def _mix_reveal(data: Json) -> Json:
    mix, reveal = from_json(Root, data["mix"]), from_json(Bytes96, data["reveal"])
    return {"mix": _hex(beacon.mix_reveal(mix, from_json(Uint64, data["view"]), reveal))}


def _snapshot_candidates(data: Json) -> Json:
    pairs = [
        (from_json(IdentityIndex, pair["identity"]), _natural(pair["weight"])) for pair in objects(data["weights"])
    ]
    return {"candidates": [to_json(seat) for seat in beacon.snapshot_candidates(pairs)]}


def _natural(text: Json) -> int:
    """A decimal string of any size: the weight guard is about what 64 bits cannot hold."""
    if not isinstance(text, str) or not NATURAL.fullmatch(text):
        raise SpecError(Code.ENCODING_INVALID, f"{text!r:.40} is no decimal string")
    return int(text)


def _draw_committee(data: Json) -> Json:
    epoch, seed = from_json(Uint64, data["epoch"]), from_json(Root, data["seed"])
    candidates = _list(Seat, data["candidates"])
    drawn = beacon.draw_committee(epoch, seed, candidates, from_json(Uint64, data["seats_max"]))
    return {"committee": to_json(drawn)}


def _proposer_at(data: Json) -> Json:
    committee = from_json(Committee, data["committee"])
    height, view = from_json(Uint64, data["height"]), from_json(Uint64, data["view"])
    return {"proposer": str(proposer.proposer_at(committee, height, view, _span(data)))}


def _quorum(data: Json) -> Json:
    seats, total = from_json(Uint64, data["seats"]), from_json(Uint64, data["total"])
    return {
        "quorum": quorum.is_quorum(seats, total),
        "blocking": quorum.is_blocking(seats, total),
        "faults_max": str(quorum.faults_max(total)),
    }


# ---- messages


def _vote_message(data: Json) -> Json:
    return {"message": _hex(scheme.vote_message(from_json(Vote, data["vote"]), _domains(data)))}


def _proposal_message(data: Json) -> Json:
    return {"message": _hex(scheme.proposal_message(from_json(Proposal, data["proposal"]), _domains(data)))}


def _check_vote(data: Json) -> Json:
    committee, height = from_json(Committee, data["committee"]), from_json(Uint64, data["height"])
    votes.check_vote(from_json(SignedVote, data["vote"]), committee, height)
    return {}


def _authenticate_vote(data: Json) -> Json:
    committee, height = from_json(Committee, data["committee"]), from_json(Uint64, data["height"])
    signed = from_json(SignedVote, data["vote"])
    votes.authenticate_vote(signed, committee, height, _keys(data, committee), _domains(data))
    return {}


def _check_proposal(data: Json) -> Json:
    committee, height = from_json(Committee, data["committee"]), from_json(Uint64, data["height"])
    votes.check_proposal(from_json(SignedProposal, data["proposal"]), committee, height, _span(data))
    return {}


def _authenticate_proposal(data: Json) -> Json:
    committee, height = from_json(Committee, data["committee"]), from_json(Uint64, data["height"])
    signed = from_json(SignedProposal, data["proposal"])
    votes.authenticate_proposal(signed, committee, height, _span(data), _keys(data, committee), _domains(data))
    return {}


def _check_proposed_block(data: Json) -> Json:
    signed, block = from_json(SignedProposal, data["proposal"]), from_json(Block, data["block"])
    votes.check_proposed_block(signed, block, from_json(Committee, data["committee"]), _span(data))
    return {}


# ---- certificates and evidence


def _assemble_certificate(data: Json) -> Json:
    committee, vote = from_json(Committee, data["committee"]), from_json(Vote, data["vote"])
    signed = _list(SignedVote, data["votes"])
    return {"certificate": to_json(certificate.assemble_certificate(signed, vote, committee))}


def _certificate_input(data: Json) -> tuple[Certificate, int, bytes, Committee]:
    proof, committee = from_json(Certificate, data["certificate"]), from_json(Committee, data["committee"])
    return proof, from_json(Uint64, data["height"]), from_json(Root, data["block_root"]), committee


def _check_certificate(data: Json) -> Json:
    certificate.check_certificate(*_certificate_input(data))
    return {}


def _verify_certificate(data: Json) -> Json:
    arguments = _certificate_input(data)
    certificate.verify_certificate_with_keys(*arguments, _keys(data, arguments[3]), _domains(data))
    return {}


def _check_conflict(data: Json) -> Json:
    found = from_json(Equivocation, data["evidence"])
    evidence.check_conflict(found)
    return {"offence": _hex(evidence.offence_root(found.first))}


def _check_equivocation(data: Json) -> Json:
    offence = evidence.check_equivocation_with_key(
        from_json(Equivocation, data["evidence"]),
        from_json(Uint64, data["height"]),
        from_json(Uint64, data["evidence_heights"]),
        _list(Root, data["offences"]),
        from_json(PublicKey, data["public_key"]),
        _domains(data),
    )
    return {"offence": _hex(offence)}


# ---- the height


def _start(data: Json) -> tendermint.Progress:
    data = fields(data)
    committee, height = from_json(Committee, data["committee"]), from_json(Uint64, data["height"])
    return tendermint.start_height(committee, _span(data), height, from_json(IdentityIndex, data["me"]))


def _start_height(data: Json) -> Json:
    begun, outputs = _start(data)
    return {"state_digest": _hex(hash_tree_root(begun)), "outputs": [output_to_json(output) for output in outputs]}


def _input_from_json(action: str, data: Json) -> state.Input:
    match action:
        case "proposal":
            return state.Proposed(from_json(SignedProposal, data))
        case "vote":
            return state.Voted(from_json(SignedVote, data))
        case "verdict":
            return state.Validated(from_json(Root, fields(data)["block_root"]), from_json(bool, data["valid"]))
        case "timeout":
            return state.TimedOut(from_json(Uint64, fields(data)["view"]), from_json(Uint8, data["phase"]))
        case "certificate":
            return state.Certified(from_json(Certificate, data))
    raise SpecError(Code.ENCODING_INVALID, f"unknown action {action!r:.40}")


def output_to_json(output: state.Output) -> Json:
    """CON-014: One output of a step, as vectors carry it."""
    match output:
        case state.BuildBlock(view):
            return {"output": "build_block", "view": str(view)}
        case state.SignProposal(proposal):
            return {"output": "sign_proposal", "proposal": to_json(proposal)}
        case state.SignVote(vote):
            return {"output": "sign_vote", "vote": to_json(vote)}
        case state.SetTimeout(view, phase):
            return {"output": "set_timeout", "view": str(view), "phase": str(phase)}
        case state.Validate(root):
            return {"output": "validate", "block_root": _hex(root)}
        case state.Resend(proposals, sent):
            return {
                "output": "resend",
                "proposals": [to_json(item) for item in proposals],
                "votes": [to_json(item) for item in sent],
            }
        case state.Decide(view, root):
            return {"output": "decide", "view": str(view), "block_root": _hex(root)}
        case state.Evidence(equivocation):
            return {"output": "evidence", "equivocation": to_json(equivocation)}


def _step(before: state.ConsensusState, action: str, data: Json) -> tuple[state.ConsensusState, Json]:
    after, outputs = tendermint.step(before, _input_from_json(action, data))
    return after, [output_to_json(output) for output in outputs]


MACHINE = Machine(
    init=lambda data: _start(data)[0],
    step=_step,
    digest=lambda current: _hex(hash_tree_root(current)),
    view=to_json,
)

# ---- the table

_VOTE = (Code.VOTE_HEIGHT, Code.VOTE_KIND, Code.VIEW_RANGE, Code.VOTE_SEAT)
_PROPOSAL = (
    Code.PROPOSAL_HEIGHT,
    Code.VIEW_RANGE,
    Code.PROPOSAL_VALID_VIEW,
    Code.PROPOSAL_ROOT,
    Code.HEIGHT_EPOCH,
    Code.PROPOSAL_PROPOSER,
)
_CERTIFICATE = (
    Code.CERTIFICATE_HEIGHT,
    Code.CERTIFICATE_BLOCK,
    Code.VIEW_RANGE,
    Code.CERTIFICATE_LENGTH,
    Code.CERTIFICATE_QUORUM,
)
_CONFLICT = (Code.EVIDENCE_VOTER, Code.EVIDENCE_SLOT, Code.EVIDENCE_SAME, Code.EVIDENCE_ORDER)
_DRAW = (Code.SEATS_RANGE, Code.CANDIDATES_EMPTY, Code.CANDIDATE_ORDER, Code.CANDIDATE_WEIGHT)
_STEP = (
    Code.VOTE_HEIGHT,
    Code.VOTE_KIND,
    Code.VIEW_RANGE,
    Code.VOTE_SEAT,
    Code.PROPOSAL_HEIGHT,
    Code.PROPOSAL_VALID_VIEW,
    Code.PROPOSAL_ROOT,
    Code.PROPOSAL_PROPOSER,
    Code.CERTIFICATE_HEIGHT,
    Code.CERTIFICATE_BLOCK,
    Code.CERTIFICATE_LENGTH,
    Code.CERTIFICATE_QUORUM,
    Code.HEIGHT_DECIDED,
    Code.VIEW_AHEAD,
    Code.PROPOSAL_CONFLICT,
    Code.VERDICT_UNKNOWN,
    Code.VERDICT_REPEATED,
    Code.TIMEOUT_STALE,
)


def _operation(
    name: str, run: Any, function: str, clause: str, errors: tuple[Code, ...], summary: str, profile: str = "core"
) -> Operation:
    return Operation(
        name=f"consensus.{name}",
        clauses=(clause,),
        run=run,
        function=f"bcfl_ref.consensus.{function}",
        errors=errors,
        summary=summary,
        profile=profile,
    )


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "committee_at",
        _committee_at,
        "beacon.committee_at",
        "CON-001",
        (Code.HEIGHT_EPOCH,),
        "The committee of a height",
    ),
    _operation(
        "genesis_beacon",
        _genesis_beacon,
        "beacon.genesis_seed",
        "CON-002",
        (),
        "The first mix and the first two seeds",
    ),
    _operation(
        "reveal_message", _reveal_message, "beacon.reveal_message", "CON-002", (), "What a block's author signs"
    ),
    _operation("mix_reveal", _mix_reveal, "beacon.mix_reveal", "CON-002", (), "The mix after a block"),
    _operation(
        "snapshot_candidates",
        _snapshot_candidates,
        "beacon.snapshot_candidates",
        "CON-003",
        (Code.CANDIDATE_ORDER, Code.CANDIDATE_WEIGHT),
        "Who may be drawn",
    ),
    _operation(
        "draw_committee", _draw_committee, "beacon.draw_committee", "CON-004", _DRAW, "The committee of an epoch"
    ),
    _operation(
        "proposer_at",
        _proposer_at,
        "proposer.proposer_at",
        "CON-005",
        (Code.CANDIDATES_EMPTY, Code.HEIGHT_EPOCH, Code.VIEW_RANGE),
        "Who proposes in a view",
    ),
    _operation("quorum", _quorum, "quorum.is_quorum", "CON-006", (), "Two thirds and one third of the seats"),
    _operation(
        "vote_message", _vote_message, "scheme.vote_message", "CON-007", (Code.VOTE_KIND,), "What a voter signs"
    ),
    _operation(
        "proposal_message", _proposal_message, "scheme.proposal_message", "CON-007", (), "What a proposer signs"
    ),
    _operation("check_vote", _check_vote, "votes.check_vote", "CON-010", _VOTE, "A vote without its signature"),
    _operation(
        "authenticate_vote",
        _authenticate_vote,
        "votes.authenticate_vote",
        "CON-010",
        (*_VOTE, Code.VOTE_SIGNATURE),
        "A vote with its signature",
        "bls",
    ),
    _operation(
        "check_proposal",
        _check_proposal,
        "votes.check_proposal",
        "CON-011",
        (*_PROPOSAL[:-2], Code.CANDIDATES_EMPTY, *_PROPOSAL[-2:]),
        "A proposal without its signature",
    ),
    _operation(
        "authenticate_proposal",
        _authenticate_proposal,
        "votes.authenticate_proposal",
        "CON-011",
        (*_PROPOSAL, Code.PROPOSAL_SIGNATURE),
        "A proposal with its signature",
        "bls",
    ),
    _operation(
        "check_proposed_block",
        _check_proposed_block,
        "votes.check_proposed_block",
        "CON-011",
        (Code.PROPOSAL_BLOCK, Code.CANDIDATES_EMPTY, Code.HEIGHT_EPOCH),
        "The block beside a proposal",
    ),
    _operation(
        "assemble_certificate",
        _assemble_certificate,
        "certificate.assemble_certificate",
        "CON-012",
        (Code.CERTIFICATE_BLOCK, Code.VIEW_RANGE, Code.CERTIFICATE_QUORUM),
        "Precommits as one certificate",
        "bls",
    ),
    _operation(
        "check_certificate",
        _check_certificate,
        "certificate.check_certificate",
        "CON-013",
        _CERTIFICATE,
        "A certificate without its signature",
    ),
    _operation(
        "verify_certificate",
        _verify_certificate,
        "certificate.verify_certificate_with_keys",
        "CON-013",
        (*_CERTIFICATE, Code.CERTIFICATE_SIGNATURE),
        "A certificate with its signature",
        "bls",
    ),
    _operation(
        "check_conflict", _check_conflict, "evidence.check_conflict", "CON-016", _CONFLICT, "Two contradicting votes"
    ),
    _operation(
        "check_equivocation",
        _check_equivocation,
        "evidence.check_equivocation_with_key",
        "CON-016",
        (*_CONFLICT, Code.EVIDENCE_HEIGHT, Code.EVIDENCE_KNOWN, Code.EVIDENCE_SIGNATURE),
        "Evidence with its signatures",
        "bls",
    ),
    _operation(
        "start_height",
        _start_height,
        "tendermint.start_height",
        "CON-014",
        (Code.CANDIDATES_EMPTY, Code.HEIGHT_EPOCH),
        "The state and outputs with which a height begins",
    ),
    machine_operation(
        "consensus.step",
        ("CON-014", "CON-015", "CON-016"),
        MACHINE,
        "bcfl_ref.consensus.tendermint.step",
        _STEP,
        summary="One validator at one height",
    ),
)
