"""The operations of `spec/infrastructure.md`: accounts, transactions, blocks, the transition, as JSON in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import transition
from ..encoding import from_json, hash_tree_root, to_json
from ..errors import Code, InvariantError, SpecError
from ..incentive.conservation import total_tokens
from ..infrastructure import accounts, availability, blobs, blocks, transactions
from ..types import (
    Blob,
    Block,
    Bond,
    Bytes32,
    Committee,
    Container,
    Equivocation,
    Genesis,
    IdentityIndex,
    Layout,
    LedgerRecord,
    Register,
    Root,
    SignedTransaction,
    State,
    Transaction,
    Transfer,
    Uint8,
    Uint32,
    Unbond,
)
from ._base import Json, Machine, Operation, machine_operation
from ._reachable import check_whole
from ._shape import octets, rows

# ---- JSON


def _state(data: Json) -> State:
    state: State = from_json(State, data["state"])
    check_whole(state)
    return state


def _root(value: Container) -> str:
    return "0x" + hash_tree_root(value).hex()


def _after(state: State) -> Json:
    """The state that a rule leads to, in full and by its root."""
    if not total_tokens(state) < 2**64:
        raise InvariantError("more tokens than any genesis allows")
    return {"state": to_json(state), "state_root": _root(state)}


def _attesters(data: Json) -> tuple[int, ...]:
    return tuple(from_json(IdentityIndex, item) for item in rows(data["attesters"]))


# ---- identities


def _account_rule(rule: Callable[[State, int, Any], State], container: type[Container]) -> Callable[[Json], Json]:
    """The `run` of a rule that a transaction of the sender asks for."""

    def run(data: Json) -> Json:
        state, sender = _state(data), from_json(IdentityIndex, data["sender"])
        payload = from_json(container, data["payload"])
        if container is not Register and sender >= len(state.identities):
            raise SpecError(Code.ENCODING_INVALID, f"{sender} names none of {len(state.identities)} identities")
        return _after(rule(state, sender, payload))

    return run


def _genesis_state(data: Json) -> Json:
    genesis = from_json(Genesis, data["genesis"])
    return {**_after(transition.genesis_state(genesis)), "genesis_root": _root(genesis)}


def _apply_evidence(data: Json) -> Json:
    return _after(transition.apply_evidence(_state(data), from_json(Equivocation, data["evidence"])))


def _release_unbonded(data: Json) -> Json:
    return _after(accounts.release_unbonded(_state(data)))


def _convict(data: Json) -> Json:
    state, identity = _state(data), from_json(IdentityIndex, data["identity"])
    if identity >= len(state.identities):
        raise SpecError(Code.ENCODING_INVALID, f"{identity} names none of {len(state.identities)} identities")
    return _after(accounts.convict(state, identity, from_json(Root, data["offence"])))


# ---- transactions


def _transaction_root(data: Json) -> Json:
    root = transactions.transaction_root(
        from_json(Transaction, data["transaction"]),
        from_json(Root, data["genesis_root"]),
        from_json(Uint32, data["protocol_version"]),
    )
    return {"root": "0x" + root.hex()}


def _authenticate(data: Json) -> Json:
    transactions.authenticate(_state(data), from_json(SignedTransaction, data["signed"]))
    return {}


def _admit(data: Json) -> Json:
    state, payload = transactions.admit(_state(data), from_json(Transaction, data["transaction"]))
    return {**_after(state), "payload": to_json(payload)}


# ---- availability and blobs


def _add_attester(data: Json) -> Json:
    identity, committee = from_json(IdentityIndex, data["identity"]), from_json(Committee, data["committee"])
    return {"attesters": [str(i) for i in availability.add_attester(_attesters(data), identity, committee)]}


def _is_available(data: Json) -> Json:
    return {"available": availability.is_available(_attesters(data), from_json(Committee, data["committee"]))}


def _checked_blob(data: Json) -> Json:
    blobs.checked_blob(from_json(Bytes32, data["root"]), from_json(Blob, data["blob"]), octets(data["data"]))
    return {}


def _check_blob_layout(data: Json) -> Json:
    blobs.check_blob_layout(
        from_json(Blob, data["blob"]), from_json(Uint8, data["kind"]), from_json(Layout, data["layout"])
    )
    return {}


# ---- blocks and the transition


def _head_root(data: Json) -> Json:
    return {"root": "0x" + blocks.head_root(_state(data)).hex()}


def _check_block(data: Json) -> Json:
    block = from_json(Block, data["block"])
    blocks.check_block(_state(data), block)
    return {"block_root": "0x" + blocks.block_root(block.header).hex()}


def _authenticate_block(data: Json) -> Json:
    transition.authenticate_block(_state(data), from_json(Block, data["block"]))
    return {}


def _apply_block(data: Json) -> Json:
    return _after(transition.apply_block(_state(data), from_json(Block, data["block"]), {}))


def _apply_record(data: Json) -> Json:
    return _after(transition.apply_record(_state(data), from_json(LedgerRecord, data["record"]), {}))


def _step(state: State, action: str, data: Json) -> tuple[State, Json]:
    """One action on a state without blobs: the begin of a height, or an authenticated transaction."""
    if action == "begin_height":
        return transition.begin_height(state, {}), {}
    if action == "apply_transaction":
        return transition.apply_transaction(state, from_json(Transaction, data), {}), {}
    raise SpecError(Code.ENCODING_INVALID, f"no action is called {action!r:.40}")


LEDGER = Machine(
    init=lambda data: _state({"state": data}),
    step=_step,
    digest=_root,
    view=to_json,
)


# ---- the table

_ADMIT = (Code.SENDER_UNKNOWN, Code.NONCE_MISMATCH, Code.KIND_UNKNOWN, Code.ENCODING_INVALID)
_BLOCK = (
    Code.HEIGHT_MISMATCH,
    Code.PARENT_MISMATCH,
    Code.BODY_MISMATCH,
    Code.TRANSACTION_COUNT,
    Code.SENDER_CAP,
)


def _operation(
    name: str,
    clauses: tuple[str, ...],
    run: Callable[[Json], Json],
    module: str,
    errors: tuple[Code, ...],
    summary: str,
    profile: str = "core",
) -> Operation:
    return Operation(
        name=f"infrastructure.{name}",
        clauses=clauses,
        run=run,
        function=f"bcfl_ref.{module}.{name}",
        errors=errors,
        summary=summary,
        profile=profile,
    )


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "genesis_state",
        ("INF-002", "INF-001", "INF-003", "INF-007"),
        _genesis_state,
        "transition",
        (
            Code.GENESIS_INVALID,
            Code.PARAMETER_RANGE,
            Code.KEY_KNOWN,
            Code.POSSESSION_INVALID,
            Code.SUPPLY_RANGE,
        ),
        "The state before the first block",
        "bls",
    ),
    _operation(
        "register",
        ("INF-005", "INF-003"),
        _account_rule(accounts.register, Register),
        "infrastructure.accounts",
        (Code.KEY_KNOWN, Code.BALANCE_INSUFFICIENT, Code.POSSESSION_INVALID),
        "A new identity, endowed by the sender",
        "bls",
    ),
    _operation(
        "transfer",
        ("INF-005", "INF-003"),
        _account_rule(accounts.transfer, Transfer),
        "infrastructure.accounts",
        (Code.AMOUNT_ZERO, Code.IDENTITY_UNKNOWN, Code.BALANCE_INSUFFICIENT),
        "Tokens from the sender to another identity",
    ),
    _operation(
        "bond",
        ("INF-005",),
        _account_rule(accounts.bond, Bond),
        "infrastructure.accounts",
        (Code.AMOUNT_ZERO, Code.SENDER_CONVICTED, Code.BALANCE_INSUFFICIENT),
        "Tokens from balance to stake",
    ),
    _operation(
        "unbond",
        ("INF-005",),
        _account_rule(accounts.unbond, Unbond),
        "infrastructure.accounts",
        (Code.AMOUNT_ZERO, Code.UNBONDING_PENDING, Code.STAKE_INSUFFICIENT),
        "Tokens from stake to the unbonding account",
    ),
    _operation(
        "release_unbonded",
        ("INF-011",),
        _release_unbonded,
        "infrastructure.accounts",
        (),
        "Unbonding tokens that are due return to their balances",
    ),
    _operation(
        "convict",
        ("INF-012",),
        _convict,
        "infrastructure.accounts",
        (),
        "The whole stake of a proved equivocator goes to the treasury",
    ),
    _operation(
        "apply_evidence",
        ("INF-012", "CON-016", "INC-008"),
        _apply_evidence,
        "transition",
        (
            Code.IDENTITY_UNKNOWN,
            Code.EVIDENCE_VOTER,
            Code.EVIDENCE_SLOT,
            Code.EVIDENCE_SAME,
            Code.EVIDENCE_ORDER,
            Code.EVIDENCE_HEIGHT,
            Code.EVIDENCE_KNOWN,
            Code.EVIDENCE_SIGNATURE,
        ),
        "Two contradicting votes convict their voter",
        "bls",
    ),
    _operation(
        "transaction_root",
        ("INF-004", "TYP-005"),
        _transaction_root,
        "infrastructure.transactions",
        (),
        "The 32 bytes that a sender signs",
    ),
    _operation(
        "authenticate",
        ("INF-004",),
        _authenticate,
        "infrastructure.transactions",
        (Code.SENDER_UNKNOWN, Code.SIGNATURE_INVALID),
        "The signature of a transaction is its sender's",
        "bls",
    ),
    _operation(
        "admit",
        ("INF-004",),
        _admit,
        "infrastructure.transactions",
        _ADMIT,
        "Use up the nonce and read the payload",
    ),
    _operation(
        "add_attester",
        ("INF-008",),
        _add_attester,
        "infrastructure.availability",
        (Code.SEAT_MISSING, Code.ALREADY_ATTESTED),
        "A seat holder attests a blob",
    ),
    _operation(
        "is_available",
        ("INF-008",),
        _is_available,
        "infrastructure.availability",
        (),
        "Whether more than two thirds of the seats attested a blob",
    ),
    _operation(
        "checked_blob",
        ("INF-009", "TYP-007"),
        _checked_blob,
        "infrastructure.blobs",
        (Code.BLOB_MISMATCH, Code.BLOB_EMPTY, Code.BLOB_LENGTH),
        "A commitment has the root it is named by, and the data is what it commits to",
    ),
    _operation(
        "check_blob_layout",
        ("INF-009", "TYP-006"),
        _check_blob_layout,
        "infrastructure.blobs",
        (Code.LAYOUT_INVALID, Code.BLOB_LAYOUT),
        "A commitment is of this kind and holds a vector of this layout",
    ),
    _operation(
        "head_root",
        ("INF-006", "INF-007"),
        _head_root,
        "infrastructure.blocks",
        (),
        "The name of the last block, from the state alone",
    ),
    _operation(
        "check_block",
        ("INF-006",),
        _check_block,
        "infrastructure.blocks",
        _BLOCK,
        "A block continues a state and keeps the limits",
    ),
    _operation(
        "authenticate_block",
        ("INF-016", "INF-004"),
        _authenticate_block,
        "transition",
        (
            Code.CERTIFICATE_INVALID,
            Code.CERTIFICATE_HEIGHT,
            Code.CERTIFICATE_BLOCK,
            Code.VIEW_RANGE,
            Code.CERTIFICATE_LENGTH,
            Code.CERTIFICATE_QUORUM,
            Code.CERTIFICATE_SIGNATURE,
            Code.SENDER_UNKNOWN,
            Code.REVEAL_INVALID,
            Code.SIGNATURE_INVALID,
        ),
        "Every signature of a block",
        "bls",
    ),
    _operation(
        "apply_block",
        ("INF-016", "INF-006", "INF-007"),
        _apply_block,
        "transition",
        (
            *_BLOCK,
            Code.VIEW_RANGE,
            Code.PROPOSER_MISMATCH,
            Code.SENDER_UNKNOWN,
            Code.NONCE_MISMATCH,
            Code.BALANCE_INSUFFICIENT,
            Code.STATE_ROOT_MISMATCH,
        ),
        "Everything about a block but its signatures (here: of a ledger without blobs)",
    ),
    _operation(
        "apply_record",
        ("INF-017", "INF-016"),
        _apply_record,
        "transition",
        (
            Code.REVEAL_INVALID,
            Code.PARENT_MISMATCH,
            Code.STATE_ROOT_MISMATCH,
            Code.CERTIFICATE_HEIGHT,
            Code.CERTIFICATE_BLOCK,
            Code.VIEW_RANGE,
            Code.CERTIFICATE_QUORUM,
            Code.CERTIFICATE_SIGNATURE,
        ),
        "A block of the log, and its own certificate",
        "bls",
    ),
    machine_operation(
        "infrastructure.ledger",
        ("INF-004", "INF-005", "INF-011", "INF-016", "INC-010"),
        LEDGER,
        "bcfl_ref.transition.apply_transaction",
        (
            *_ADMIT,
            Code.AMOUNT_ZERO,
            Code.IDENTITY_UNKNOWN,
            Code.BALANCE_INSUFFICIENT,
            Code.UNBONDING_PENDING,
            Code.STAKE_INSUFFICIENT,
        ),
        summary="Heights that begin and transactions that move tokens, without blobs and signatures",
    ),
)
