"""The state transition: genesis, one block, a whole ledger (INF-002, INF-016, INF-017).

`state_transition` is the whole truth about a ledger: a pure function of the previous state, the block and the
blobs that the ledger names. Signatures are checked by `authenticate_block`, everything else by `apply_block`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from .aggregation.dispatch import EXTENSION_FIRST, EXTENSIONS
from .consensus import beacon
from .consensus.certificate import NO_CERTIFICATE, verify_certificate
from .consensus.evidence import check_equivocation
from .consensus.proposer import proposer_at
from .contract.attestation import attest
from .contract.claims import claim_aggregate
from .contract.deadlines import advance_tasks
from .contract.rounds import (
    Blobs,
    commit_scores,
    commit_update,
    record_fact,
    reveal_scores,
    reveal_update,
)
from .contract.secure import advertise_keys, masked_input, share_keys, unmask
from .contract.tasks import join, publish
from .crypto import bls
from .encoding import hash_tree_root
from .errors import Code, InvariantError, SpecError
from .incentive.conservation import total_tokens
from .incentive.rewards import Fact
from .infrastructure.accounts import (
    bond,
    convict,
    new_identity,
    register,
    release_unbonded,
    transfer,
    unbond,
)
from .infrastructure.blocks import block_root, check_block, head_root, record_head
from .infrastructure.transactions import Kind, admit, authenticate
from .parameters import PROTOCOL_VERSION, check_parameters
from .types import (
    ZERO_ROOT,
    Block,
    Committee,
    Equivocation,
    Genesis,
    Header,
    LedgerRecord,
    Seat,
    State,
    Transaction,
)

SUPPLY_LIMIT = 2**48
"""INF-002: the most tokens of a ledger, so that stake × reputation, summed over everybody, stays below 2^62."""


# ---------------------------------------------------------------------------------------------------------
# Genesis


def genesis_state(genesis: Genesis) -> State:
    """INF-002: The state before the first block.

    Errors, in order: GENESIS_INVALID for an unknown protocol version, no identity at all, or extensions that are
    not strictly ascending numbers of 128 to 255; PARAMETER_RANGE;
    KEY_KNOWN and POSSESSION_INVALID for each identity in turn; SUPPLY_RANGE; GENESIS_INVALID when nobody
    holds the minimum stake.
    """
    if genesis.protocol_version != PROTOCOL_VERSION or not genesis.identities:
        raise SpecError(
            Code.GENESIS_INVALID, f"version {genesis.protocol_version}, {len(genesis.identities)} identities"
        )
    numbers = [EXTENSION_FIRST - 1, *(extension.number for extension in genesis.extensions)]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise SpecError(Code.GENESIS_INVALID, f"extensions {numbers[1:]}")
    check_parameters(genesis.parameters)
    seen: set[bytes] = set()
    for identity in genesis.identities:
        if identity.public_key in seen:
            raise SpecError(Code.KEY_KNOWN, identity.public_key.hex())
        if not bls.verify_possession(identity.public_key, identity.proof_of_possession):
            raise SpecError(Code.POSSESSION_INVALID, identity.public_key.hex())
        seen.add(identity.public_key)
    supply = sum(identity.balance + identity.stake for identity in genesis.identities)
    if supply > SUPPLY_LIMIT:
        raise SpecError(Code.SUPPLY_RANGE, f"{supply} tokens")
    return _first_state(genesis, supply)


def _first_state(genesis: Genesis, supply: int) -> State:
    genesis_root = hash_tree_root(genesis)
    reputation = genesis.parameters.reputation_initial_bps
    empty = Committee(0, ZERO_ROOT, ())
    state = State(
        genesis_root=genesis_root,
        protocol_version=genesis.protocol_version,
        parameters=genesis.parameters,
        extensions=tuple(extension.number for extension in genesis.extensions),
        height=0,
        head=Header(0, 0, 0, ZERO_ROOT, ZERO_ROOT, ZERO_ROOT),
        supply=supply,
        treasury=0,
        identities=tuple(new_identity(i.public_key, i.balance, i.stake, reputation) for i in genesis.identities),
        mix=beacon.genesis_mix(genesis_root),
        candidates=(),
        committee=empty,
        next_committee=empty,
        offences=(),
        tasks=(),
    )
    candidates = candidates_of(state)
    if not candidates:
        raise SpecError(Code.GENESIS_INVALID, "nobody holds the minimum stake")
    seats_max = genesis.parameters.seats_max
    first, second = (
        beacon.draw_committee(epoch, beacon.genesis_seed(genesis_root, epoch), candidates, seats_max)
        for epoch in (0, 1)
    )
    return replace(state, candidates=candidates, committee=first, next_committee=second)


def check_extensions(genesis: Genesis) -> None:
    """INF-002: Asked by whoever opens a ledger. Errors: EXTENSION_UNKNOWN for a rule that is not installed here."""
    for extension in genesis.extensions:
        if extension.number not in EXTENSIONS:
            title = extension.title.decode("utf-8", "replace")
            raise SpecError(Code.EXTENSION_UNKNOWN, f"rule {extension.number} ({title}) is not installed")


def candidates_of(state: State) -> tuple[Seat, ...]:
    """CON-003: Who may be drawn now: not convicted, minimum stake; weighted by stake × reputation."""
    minimum = state.parameters.stake_min
    return beacon.snapshot_candidates(
        [
            (index, identity.stake * identity.reputation_bps)
            for index, identity in enumerate(state.identities)
            if identity.stake >= minimum and not identity.convicted
        ]
    )


# ---------------------------------------------------------------------------------------------------------
# One block


def begin_height(state: State, blobs: Blobs) -> State:
    """INF-016: What the begin of the next height does by itself: unbonding, deadlines, epoch change.

    Deadlines come before the new committee: attestations are counted by the seats that could give them.
    """
    state = release_unbonded(replace(state, height=state.height + 1))
    return rotate_committee(advance_tasks(state, blobs))


def rotate_committee(state: State) -> State:
    """CON-004: At an epoch's first height the next committee sits, and the one after it is drawn.

    The draw uses the mix at the end of the epoch that just ended and the candidates frozen at its start.
    """
    epoch, offset = divmod(state.height, state.parameters.epoch_heights)
    if offset:
        return state
    drawn = beacon.draw_committee(epoch + 1, state.mix, state.candidates, state.parameters.seats_max)
    candidates = candidates_of(state)
    return replace(
        state,
        committee=state.next_committee,
        next_committee=drawn,
        candidates=candidates if candidates else state.candidates,
    )


def upcoming_committee(state: State) -> Committee:
    """CON-004: The committee of the next height, known before anything of that height is."""
    return state.next_committee if (state.height + 1) % state.parameters.epoch_heights == 0 else state.committee


_RULES: dict[int, Any] = {
    Kind.REGISTER: register,
    Kind.TRANSFER: transfer,
    Kind.BOND: bond,
    Kind.UNBOND: unbond,
    Kind.AVAILABLE: attest,
    Kind.PUBLISH: publish,
    Kind.JOIN: join,
    Kind.COMMIT_UPDATE: commit_update,
    Kind.REVEAL_UPDATE: reveal_update,
    Kind.COMMIT_SCORES: commit_scores,
    Kind.REVEAL_SCORES: reveal_scores,
    Kind.ADVERTISE_KEYS: advertise_keys,
    Kind.SHARE_KEYS: share_keys,
    Kind.MASKED_INPUT: masked_input,
    Kind.UNMASK: unmask,
}


def apply_transaction(state: State, transaction: Transaction, blobs: Blobs) -> State:
    """INF-004: One authenticated transaction. Errors: those of `admit`, then those of the kind's rule."""
    admitted, payload = admit(state, transaction)
    if transaction.kind == Kind.CLAIM_AGGREGATE:
        return claim_aggregate(admitted, transaction.sender, payload, blobs)  # type: ignore[arg-type]
    if transaction.kind == Kind.EVIDENCE:
        return apply_evidence(admitted, payload)  # type: ignore[arg-type]
    result: State = _RULES[transaction.kind](admitted, transaction.sender, payload)
    return result


def apply_evidence(state: State, evidence: Equivocation) -> State:
    """INF-012: Convict a voter of equivocation.

    Errors, in order: those of `check_equivocation`; EVIDENCE_KNOWN when it is convicted already: it has nothing
    left to lose.
    """
    offence, voter = check_equivocation(state, evidence), evidence.first.voter
    if state.identities[voter].convicted:
        raise SpecError(Code.EVIDENCE_KNOWN, f"identity {voter} is convicted")
    return record_fact(convict(state, voter, offence), voter, Fact.FAULT_PROVED)


def apply_block(state: State, block: Block, blobs: Blobs) -> State:
    """INF-016: Everything but signatures.

    Errors, in order: those of `check_block`; PROPOSER_MISMATCH; those of each transaction in turn;
    STATE_ROOT_MISMATCH. A refused transaction makes the whole block invalid.
    """
    check_block(state, block)
    expected = proposer_at(
        upcoming_committee(state), block.header.height, block.header.view, state.parameters.epoch_heights
    )
    if block.header.proposer != expected:
        raise SpecError(Code.PROPOSER_MISMATCH, f"identity {block.header.proposer}, expected {expected}")
    state = begin_height(state, blobs)
    for index, signed in enumerate(block.body.transactions):
        try:
            state = apply_transaction(state, signed.transaction, blobs)
        except SpecError as error:
            raise SpecError(error.code, f"transaction {index}: {error.detail}") from None
    state = finish_height(state, block.header, block.body.reveal)
    if hash_tree_root(state) != block.header.state_root:
        raise SpecError(Code.STATE_ROOT_MISMATCH, f"block {block.header.height}")
    return state


def finish_height(state: State, header: Header, reveal: bytes) -> State:
    """INF-016: Mix the reveal in and remember the head. Raises InvariantError unless every token is accounted for."""
    state = record_head(replace(state, mix=beacon.mix_reveal(state.mix, header.view, reveal)), header)
    check_conservation(state)
    return state


def check_conservation(state: State) -> None:
    """INC-010: The tokens of a state are those of its genesis. Raises InvariantError otherwise."""
    held = total_tokens(state)
    if held != state.supply:
        raise InvariantError(f"height {state.height}: {held} tokens of {state.supply}")


def authenticate_block(state: State, block: Block) -> None:
    """INF-016: Every signature of a block that follows `state`.

    Errors, in order: those of `verify_certificate` for the parent (the first block carries the empty
    certificate, else CERTIFICATE_INVALID); REVEAL_INVALID; those of `authenticate` for each transaction.
    """
    header, body = block.header, block.body
    check_parent_certificate(state, block)
    if header.proposer >= len(state.identities):
        raise SpecError(Code.SENDER_UNKNOWN, f"proposer {header.proposer}")
    author = state.identities[header.proposer].public_key
    message = beacon.reveal_message(header.height, state.genesis_root, state.protocol_version)
    if not bls.verify(author, message, body.reveal):
        raise SpecError(Code.REVEAL_INVALID, f"block {header.height}")
    for index, signed in enumerate(body.transactions):
        try:
            authenticate(state, signed)
        except SpecError as error:
            raise SpecError(error.code, f"transaction {index}: {error.detail}") from None


def check_parent_certificate(state: State, block: Block) -> None:
    """INF-016: The body's certificate proves the parent; the first block has none to carry."""
    certificate = block.body.certificate
    if state.height == 0:
        if certificate != NO_CERTIFICATE:
            raise SpecError(Code.CERTIFICATE_INVALID, "the first block carries the empty certificate")
        return
    verify_certificate(state, certificate, state.height, head_root(state), state.committee)


def state_transition(state: State, block: Block, blobs: Blobs) -> State:
    """INF-016: The state after `block`. Errors: those of `authenticate_block`, then of `apply_block`."""
    authenticate_block(state, block)
    return apply_block(state, block, blobs)


# ---------------------------------------------------------------------------------------------------------
# A whole ledger


def apply_record(state: State, record: LedgerRecord, blobs: Blobs) -> State:
    """INF-017: One frame of the log: the block, and its own certificate by the committee of its height."""
    after = state_transition(state, record.block, blobs)
    root = block_root(record.block.header)
    verify_certificate(after, record.certificate, after.height, root, after.committee)
    return after


def replay(genesis: Genesis, records: Iterable[LedgerRecord], blobs: Blobs) -> State:
    """INF-017: The state that a recorded ledger leads to; the first offending block raises its error."""
    state = genesis_state(genesis)
    for record in records:
        state = apply_record(state, record, blobs)
    return state
