"""Every container that two nodes may have to agree on, as frozen dataclasses with an SSZ schema (TYP-001).

A container is declared once; `encoding` serialises, hashes and prints it. Field values are plain immutable
Python: `int`, `bool`, `bytes`, `tuple`, or another container. A list is a tuple with a limit in its
annotation, a bitlist a tuple of `bool`. Nothing here computes anything: this room only says what things look like.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, ClassVar, dataclass_transform, get_args, get_origin, get_type_hints

from ssz import sedes

from .errors import InvariantError

# ---------------------------------------------------------------------------------------------------------
# Schema vocabulary


@dataclasses.dataclass(frozen=True)
class UintOf:
    """TYP-001: An unsigned integer of `bits` bits, little-endian."""

    bits: int


@dataclasses.dataclass(frozen=True)
class BytesOf:
    """TYP-001: Exactly `length` bytes."""

    length: int


@dataclasses.dataclass(frozen=True)
class BytesUpTo:
    """TYP-001: Between 0 and `limit` bytes."""

    limit: int


@dataclasses.dataclass(frozen=True)
class ListUpTo:
    """TYP-001: A list of at most `limit` elements; the element type stands in the annotated tuple."""

    limit: int


@dataclasses.dataclass(frozen=True)
class BitsUpTo:
    """TYP-001: A bitlist of at most `limit` bits."""

    limit: int


Uint8 = Annotated[int, UintOf(8)]
Uint16 = Annotated[int, UintOf(16)]
Uint32 = Annotated[int, UintOf(32)]
Uint64 = Annotated[int, UintOf(64)]
Int64 = Annotated[int, UintOf(64), "two's complement"]
Bytes32 = Annotated[bytes, BytesOf(32)]
Bytes48 = Annotated[bytes, BytesOf(48)]
Bytes96 = Annotated[bytes, BytesOf(96)]
Root = Bytes32
PublicKey = Bytes48
Signature = Bytes96
IdentityIndex = Uint32

ZERO_ROOT = bytes(32)
EMPTY_SIGNATURE = bytes(96)


@dataclass_transform(frozen_default=True)
class Container:
    """TYP-001: Base of every container; a subclass becomes a frozen dataclass with an SSZ schema."""

    SCHEMA: ClassVar[sedes.Container]
    FIELD_TYPES: ClassVar[dict[str, Any]]

    def __init_subclass__(cls) -> None:
        dataclasses.dataclass(frozen=True)(cls)
        hints = get_type_hints(cls, include_extras=True)
        cls.FIELD_TYPES = {field.name: hints[field.name] for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
        cls.SCHEMA = sedes.Container([schema_of(hint) for hint in cls.FIELD_TYPES.values()])


def schema_of(hint: Any) -> Any:
    """TYP-001: The SSZ schema of one field annotation."""
    if hint is bool:
        return sedes.boolean
    if isinstance(hint, type) and issubclass(hint, Container):
        return hint.SCHEMA
    marker = get_args(hint)[1] if get_origin(hint) is Annotated else None
    match marker:
        case UintOf(bits):
            return sedes.UInt(bits)
        case BytesOf(length):
            return sedes.ByteVector(length)
        case BytesUpTo(limit):
            return sedes.ByteList(limit)
        case BitsUpTo(limit):
            return sedes.Bitlist(limit)
        case ListUpTo(limit):
            return sedes.List(schema_of(element_type(hint)), limit)
    raise InvariantError(f"no schema for the annotation {hint!r}")


def element_type(hint: Any) -> Any:
    """TYP-001: The element annotation of `Annotated[tuple[X, ...], ListUpTo(n)]`."""
    return get_args(get_args(hint)[0])[0]


# ---------------------------------------------------------------------------------------------------------
# Parameters (values and bounds: `parameters`)


class Parameters(Container):
    """TYP-010: The constants of one ledger, fixed in its genesis; amounts in tokens, spans in heights."""

    epoch_heights: Uint64
    seats_max: Uint64
    stake_min: Uint64
    unbonding_heights: Uint64
    evidence_heights: Uint64
    window_heights_min: Uint64
    transactions_per_block: Uint64
    transactions_per_sender: Uint64
    tasks_open_max: Uint64
    participants_max: Uint64
    reputation_initial_bps: Uint64
    reputation_min_bps: Uint64
    reputation_max_bps: Uint64
    reputation_gain_bps: Uint64
    reputation_loss_bps: Uint64


# ---------------------------------------------------------------------------------------------------------
# Models and bulk data


class TensorSpec(Container):
    """TYP-006: One named tensor of a model and the binary point of its fixed-point coordinates."""

    name: Annotated[bytes, BytesUpTo(64)]
    shape: Annotated[tuple[Uint32, ...], ListUpTo(8)]
    fraction_bits: Uint8


class Layout(Container):
    """TYP-006: The tensors of a model in the order in which their coordinates are concatenated."""

    tensors: Annotated[tuple[TensorSpec, ...], ListUpTo(1024)]


class Blob(Container):
    """TYP-007: The commitment to bulk data: what it is, how long, and the digest of each 4096-byte chunk."""

    kind: Uint8
    element: Uint8
    layout_root: Root
    byte_length: Uint64
    chunks: Annotated[tuple[Bytes32, ...], ListUpTo(2**22)]


class ChunkProof(Container):
    """TYP-008: The Merkle branch from the digest of one chunk to a blob's root."""

    blob_root: Root
    index: Uint64
    digest: Bytes32
    branch: Annotated[tuple[Bytes32, ...], ListUpTo(64)]


class SigningData(Container):
    """TYP-005: What is really signed: an object's root under a domain."""

    object_root: Root
    domain: Bytes32


class DomainData(Container):
    """TYP-005: What every domain of one ledger and protocol version is derived from."""

    genesis_root: Root
    protocol_version: Uint32


# ---------------------------------------------------------------------------------------------------------
# Aggregation


class AggregationRule(Container):
    """AGG-010: Which rule aggregates a round, with all its parameters; unused parameters are zero."""

    name: Uint8
    eta_numerator: Uint16
    eta_denominator: Uint16
    trim_bps: Uint16
    byzantine: Uint16
    select: Uint16
    norm_bound: Uint64


# ---------------------------------------------------------------------------------------------------------
# Consensus


class Seat(Container):
    """CON-003: One seat of a committee, one vote; `weight` orders proposers only."""

    identity: IdentityIndex
    weight: Uint64


class Committee(Container):
    """CON-003: The seats of one epoch, in seat order, and the seed that drew them."""

    epoch: Uint64
    seed: Root
    seats: Annotated[tuple[Seat, ...], ListUpTo(1024)]


class RevealMessage(Container):
    """CON-002: What the author of a block signs as its contribution to the beacon."""

    height: Uint64


class Vote(Container):
    """CON-010: A prevote (kind 1) or precommit (kind 2); the zero root is nil. Identical for all signers."""

    kind: Uint8
    height: Uint64
    view: Uint64
    block_root: Root


class SignedVote(Container):
    """CON-010: A vote with its voter and signature."""

    vote: Vote
    voter: IdentityIndex
    signature: Signature


class Proposal(Container):
    """CON-011: A proposer's statement for one view; `valid_view` is -1 when the block is new."""

    height: Uint64
    view: Uint64
    valid_view: Int64
    block_root: Root


class SignedProposal(Container):
    """CON-011: A proposal with its proposer and signature."""

    proposal: Proposal
    proposer: IdentityIndex
    signature: Signature


class Certificate(Container):
    """CON-012: Precommits of more than two thirds of the seats for one block, as one aggregate signature."""

    height: Uint64
    view: Uint64
    block_root: Root
    seats: Annotated[tuple[bool, ...], BitsUpTo(1024)]
    signature: Signature


class Offence(Container):
    """CON-016: What makes two equivocations the same offence; its root is what the state remembers."""

    voter: IdentityIndex
    kind: Uint8
    height: Uint64
    view: Uint64


class Equivocation(Container):
    """CON-016: Two different votes of one voter for the same kind, height and view."""

    first: SignedVote
    second: SignedVote


# ---------------------------------------------------------------------------------------------------------
# Infrastructure


class GenesisIdentity(Container):
    """INF-001: An identity that exists from the start."""

    public_key: PublicKey
    proof_of_possession: Signature
    balance: Uint64
    stake: Uint64


class Extension(Container):
    """INF-002: A rule outside this specification that the ledger may use (AGG-032): its number and what it is."""

    number: Uint8
    title: Annotated[bytes, BytesUpTo(64)]


class Genesis(Container):
    """INF-002: The beginning of one ledger; its root is the ledger's name and part of every domain."""

    protocol_version: Uint32
    seed: Bytes32
    parameters: Parameters
    identities: Annotated[tuple[GenesisIdentity, ...], ListUpTo(2**16)]
    extensions: Annotated[tuple[Extension, ...], ListUpTo(128)]


class Transaction(Container):
    """INF-004: What a sender asks for; `payload` is the canonical encoding of the kind's container."""

    kind: Uint8
    sender: IdentityIndex
    nonce: Uint64
    payload: Annotated[bytes, BytesUpTo(2**17)]


class SignedTransaction(Container):
    """INF-004: A transaction with its signature beside it."""

    transaction: Transaction
    signature: Signature


class Header(Container):
    """INF-006: The header; its root is the block's name and, for the last block, the head of the ledger."""

    height: Uint64
    view: Uint64
    proposer: IdentityIndex
    parent_root: Root
    state_root: Root
    body_root: Root


class Body(Container):
    """INF-006: The parent's certificate, the author's beacon reveal and the transactions in order."""

    certificate: Certificate
    reveal: Signature
    transactions: Annotated[tuple[SignedTransaction, ...], ListUpTo(4096)]


class Block(Container):
    """INF-006: A header and the body that it commits to."""

    header: Header
    body: Body


class LedgerRecord(Container):
    """INF-010: One frame of the ledger log: a block and a certificate for it."""

    block: Block
    certificate: Certificate


class Register(Container):
    """INF-005: Payload: a new identity, endowed by the sender."""

    public_key: PublicKey
    proof_of_possession: Signature
    endowment: Uint64


class Transfer(Container):
    """INF-005: Payload: tokens from the sender to another identity."""

    recipient: IdentityIndex
    amount: Uint64


class Bond(Container):
    """INF-005: Payload: tokens from the sender's balance to its stake."""

    amount: Uint64


class Unbond(Container):
    """INF-005: Payload: tokens from the sender's stake to its unbonding account."""

    amount: Uint64


class Available(Container):
    """INF-008: Payload: the sender, who holds a seat, has these blobs whole."""

    task: Uint32
    blob_roots: Annotated[tuple[Root, ...], ListUpTo(2048)]


class Identity(Container):
    """INF-003: An account: key, tokens, next nonce and reputation."""

    public_key: PublicKey
    balance: Uint64
    stake: Uint64
    unbonding: Uint64
    unbonding_height: Uint64
    nonce: Uint64
    reputation_bps: Uint64
    convicted: bool


# ---------------------------------------------------------------------------------------------------------
# Contract


class Noise(Container):
    """PRV-060: The noise that the members of a group promise to add to its sum; all zero for none."""

    clip_bound: Uint64
    variance_numerator: Uint64
    variance_denominator: Uint64
    colluders: Uint16
    budget: Uint64


class Privacy(Container):
    """PRV-030: What a task hides: in how many groups its trainers are summed up, and what it takes to unmask one."""

    mode: Uint8
    groups: Uint16
    threshold: Uint16
    degree: Uint16
    noise: Noise


class TaskSpec(Container):
    """CTR-002: What an issuer publishes: the model, the rules of each round, the money and the limits."""

    layout_root: Root
    model_root: Root
    rounds: Uint16
    window_heights: Uint16
    registration_heights: Uint16
    trainers_min: Uint16
    trainers_max: Uint16
    scorers_min: Uint16
    scorers_max: Uint16
    rule: AggregationRule
    averaging: Uint8
    aggregators: Uint16
    payment: Uint8
    reward_round: Uint64
    trainers_bps: Uint16
    scorers_bps: Uint16
    aggregators_bps: Uint16
    deposit: Uint64
    sample_count_max: Uint32
    acceptance_bps: Uint16
    terms_root: Root
    privacy: Privacy


class Publish(Container):
    """CTR-003: Payload: open a task and escrow its rewards."""

    spec: TaskSpec


class Join(Container):
    """CTR-004: Payload: take a role in a task, consenting to its terms and leaving the deposit."""

    task: Uint32
    role: Uint8
    terms_root: Root


class UpdateCommitment(Container):
    """CTR-006: What a trainer's commitment is the root of."""

    genesis_root: Root
    task: Uint32
    round: Uint16
    sender: IdentityIndex
    base_model: Root
    blob_root: Root
    sample_count: Uint32
    salt: Bytes32


class CommitUpdate(Container):
    """CTR-006: Payload: a trainer's commitment for the current round."""

    task: Uint32
    round: Uint16
    commitment: Root


class RevealUpdate(Container):
    """CTR-007: Payload: what the sender's commitment was made of."""

    task: Uint32
    round: Uint16
    blob_root: Root
    sample_count: Uint32
    salt: Bytes32


class Testimony(Container):
    """INC-001: One scorer's result for one update: correct of total on data nobody else sees."""

    update_root: Root
    correct: Uint32
    total: Uint32


class ScoreSheet(Container):
    """INC-001: What a scorer's commitment is the root of."""

    genesis_root: Root
    task: Uint32
    round: Uint16
    sender: IdentityIndex
    entries: Annotated[tuple[Testimony, ...], ListUpTo(2048)]
    salt: Bytes32


class CommitScores(Container):
    """CTR-009: Payload: a scorer's commitment for the current round."""

    task: Uint32
    round: Uint16
    commitment: Root


class RevealScores(Container):
    """CTR-010: Payload: the testimony that the sender's commitment was made of."""

    task: Uint32
    round: Uint16
    entries: Annotated[tuple[Testimony, ...], ListUpTo(2048)]
    salt: Bytes32


class ClaimAggregate(Container):
    """CTR-012: Payload: the sender computed this model from the round's accepted updates."""

    task: Uint32
    round: Uint16
    model_root: Root


class Participant(Container):
    """CTR-004: An identity with a role in a task and what remains of its deposit."""

    identity: IdentityIndex
    role: Uint8
    deposit: Uint64


class Update(Container):
    """CTR-006: One trainer's update in the current round; `order` counts commitments, `score_ppm` is set later."""

    trainer: IdentityIndex
    order: Uint32
    commitment: Root
    status: Uint8
    blob_root: Root
    sample_count: Uint32
    attesters: Annotated[tuple[IdentityIndex, ...], ListUpTo(1024)]
    score_ppm: Uint32
    accepted: bool


class Sheet(Container):
    """CTR-009: One scorer's commitment and, once revealed, testimony in the current round."""

    scorer: IdentityIndex
    commitment: Root
    status: Uint8
    entries: Annotated[tuple[Testimony, ...], ListUpTo(2048)]


class Claim(Container):
    """CTR-012: One aggregator's claim in the current round and whether recomputation confirmed it."""

    aggregator: IdentityIndex
    model_root: Root
    correct: bool


class Edge(Container):
    """PRV-034: What a dealer publishes for one holder: a commitment to each share, and both shares sealed."""

    seed_commitment: Root
    key_commitment: Root
    sealed: Bytes96


class OpenedShare(Container):
    """PRV-037: A share that was opened, with the member at the other end of the edge."""

    member: IdentityIndex
    share: Annotated[tuple[Uint64, ...], ListUpTo(5)]


class Member(Container):
    """PRV-032: A trainer in a secure round: group, how far it came, keys, dealings, input, opened shares."""

    trainer: IdentityIndex
    group: Uint16
    step: Uint8
    mask_key: Bytes32
    share_key: Bytes32
    seed_mark: Bytes32
    edges: Annotated[tuple[Edge, ...], ListUpTo(1024)]
    blob_root: Root
    attesters: Annotated[tuple[IdentityIndex, ...], ListUpTo(1024)]
    answered: bool
    opened: Annotated[tuple[OpenedShare, ...], ListUpTo(1024)]


class Group(Container):
    """PRV-033: How a group of a secure round stands, and the dealers that were found inconsistent."""

    status: Uint8
    named: Annotated[tuple[IdentityIndex, ...], ListUpTo(2048)]


class SecureRound(Container):
    """PRV-033: What a secure round adds to a round: the seed of its graphs, its members and groups."""

    seed: Root
    members: Annotated[tuple[Member, ...], ListUpTo(2048)]
    groups: Annotated[tuple[Group, ...], ListUpTo(2048)]


class Round(Container):
    """CTR-005: The current round of a task."""

    number: Uint16
    start_height: Uint64
    aggregators: Annotated[tuple[IdentityIndex, ...], ListUpTo(4096)]
    updates: Annotated[tuple[Update, ...], ListUpTo(2048)]
    sheets: Annotated[tuple[Sheet, ...], ListUpTo(2048)]
    claims: Annotated[tuple[Claim, ...], ListUpTo(4096)]
    scored: bool
    secure: SecureRound


class RoundResult(Container):
    """CTR-013: How a round ended: 1 aggregated, 2 unscored, 3 without accepted update, 4 unaggregated."""

    number: Uint16
    outcome: Uint8
    model_root: Root
    paid: Uint64


class Task(Container):
    """CTR-001: A task: its specification, money, participants, model and current round."""

    issuer: IdentityIndex
    spec: TaskSpec
    phase: Uint8
    published_height: Uint64
    escrow: Uint64
    attesters: Annotated[tuple[IdentityIndex, ...], ListUpTo(1024)]
    participants: Annotated[tuple[Participant, ...], ListUpTo(4096)]
    model_root: Root
    round: Round
    results: Annotated[tuple[RoundResult, ...], ListUpTo(65536)]
    group_seed: Root
    spent: Uint64


# ---------------------------------------------------------------------------------------------------------
# State


class State(Container):
    """INF-007: Everything a block can change; its root stands in the header of the block that made it.

    `head` is that block's header with a zero state root, which only the next block can know.
    """

    genesis_root: Root
    protocol_version: Uint32
    parameters: Parameters
    extensions: Annotated[tuple[Uint8, ...], ListUpTo(128)]
    height: Uint64
    head: Header
    supply: Uint64
    treasury: Uint64
    identities: Annotated[tuple[Identity, ...], ListUpTo(2**20)]
    mix: Root
    candidates: Annotated[tuple[Seat, ...], ListUpTo(2**20)]
    committee: Committee
    next_committee: Committee
    offences: Annotated[tuple[Root, ...], ListUpTo(2**20)]
    tasks: Annotated[tuple[Task, ...], ListUpTo(2**20)]


# ---------------------------------------------------------------------------------------------------------
# Privacy


class AdvertiseKeys(Container):
    """PRV-032: Payload: the public keys of a member for masks and for shares, new in this round."""

    task: Uint32
    round: Uint16
    mask_key: Bytes32
    share_key: Bytes32


class ShareKeys(Container):
    """PRV-034: Payload: the shares of both secrets, one edge a neighbour in ascending registration index."""

    task: Uint32
    round: Uint16
    seed_mark: Bytes32
    edges: Annotated[tuple[Edge, ...], ListUpTo(1024)]


class MaskedInput(Container):
    """PRV-035: Payload: the blob that holds the sender's masked update."""

    task: Uint32
    round: Uint16
    blob_root: Root


class SurvivorList(Container):
    """PRV-036: Whose inputs are summed in a group, whose masks must be rebuilt; members answer its root."""

    genesis_root: Root
    task: Uint32
    round: Uint16
    group: Uint32
    survivors: Annotated[tuple[IdentityIndex, ...], ListUpTo(2048)]
    dropped: Annotated[tuple[IdentityIndex, ...], ListUpTo(2048)]


class Unmask(Container):
    """PRV-037: Payload: of each neighbour in the list one share, of its seed if it survived, of its key if not."""

    task: Uint32
    round: Uint16
    list_root: Root
    shares: Annotated[tuple[OpenedShare, ...], ListUpTo(1024)]


class PairContext(Container):
    """PRV-011: What a key of two members is bound to; the lower key is that of the lower registration index."""

    genesis_root: Root
    task: Uint32
    round: Uint16
    group: Uint32
    purpose: Uint8
    lower_key: Bytes32
    higher_key: Bytes32


class EdgeShare(Container):
    """PRV-021: One holder's share of one secret of one dealer; what a dealer commits to is its root."""

    genesis_root: Root
    task: Uint32
    round: Uint16
    group: Uint32
    dealer: IdentityIndex
    holder: IdentityIndex
    secret: Uint8
    share: Annotated[tuple[Uint64, ...], ListUpTo(5)]


class TripleBatch(Container):
    """PRV-073: The triples of one dealer, and what has become of each: 0 fresh, 1 in check, 2 checked, 3 spent."""

    dealer: IdentityIndex
    status: Annotated[tuple[Uint8, ...], ListUpTo(2**16)]


class TripleStore(Container):
    """PRV-073: What a party remembers of the triples of one task, so that none serves twice."""

    genesis_root: Root
    task: Uint32
    batches: Annotated[tuple[TripleBatch, ...], ListUpTo(2**10)]


class AlignmentScope(Container):
    """PRV-081: Where blinded identifiers are comparable: one attempt of one task of one ledger."""

    genesis_root: Root
    task: Uint32
    attempt: Uint32


class AlignmentPurpose(Container):
    """PRV-083: What a secret of an alignment is derived for: a side's scalar (1) or its padding (2)."""

    scope: AlignmentScope
    side: Uint8
    purpose: Uint8


class BlindedSet(Container):
    """PRV-085: What a side publishes of its identifiers; its root is committed before either set is shown."""

    scope: AlignmentScope
    side: Uint8
    points: Annotated[tuple[Bytes48, ...], ListUpTo(2**20)]


class Alignment(Container):
    """PRV-088: The common identifiers under both scalars, in their order; its root is the same on both sides."""

    scope: AlignmentScope
    first_root: Root
    second_root: Root
    points: Annotated[tuple[Bytes48, ...], ListUpTo(2**20)]
