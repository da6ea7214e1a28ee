"""What replicas send each other, and what a replica writes into its journal, as bytes (CON-017, CON-018).

A message or record is one tag byte and the canonical encoding of a container, so decoding is as strict as SSZ.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from ..consensus.state import Certified, Input, Proposed, TimedOut, Validated, Verdict, Voted
from ..encoding import decode, encode
from ..errors import Code, InvariantError, SpecError
from ..types import Block, Container, LedgerRecord, SignedProposal, SignedVote, Uint8, Uint64


class ProposalMessage(Container):
    """CON-011: A signed proposal with the whole block that it names."""

    signed: SignedProposal
    block: Block


class RecordRequest(Container):
    """CON-018: The sender lacks the record of this height and everything after it."""

    height: Uint64


class HeightBegun(Container):
    """CON-017: The first record of a journal: the height that the others are about."""

    height: Uint64


class TimeoutPassed(Container):
    """CON-017: The journal's form of `TimedOut`."""

    view: Uint64
    phase: Uint8


Message: TypeAlias = ProposalMessage | SignedVote | RecordRequest | LedgerRecord
Record: TypeAlias = HeightBegun | Block | Input

_MESSAGES: tuple[type[Container], ...] = (ProposalMessage, SignedVote, RecordRequest, LedgerRecord)
_RECORDS: tuple[type[Container], ...] = (
    HeightBegun,
    Block,
    SignedProposal,
    SignedVote,
    Verdict,
    TimeoutPassed,
)


def encode_message(message: Message) -> bytes:
    """CON-017: A message as bytes."""
    return _tagged(message, _MESSAGES)


def decode_message(data: bytes) -> Message:
    """CON-017: The message that bytes stand for. Errors: ENCODING_INVALID."""
    return _untagged(data, _MESSAGES)  # type: ignore[return-value]


def encode_record(record: Record) -> bytes:
    """CON-017: A journal record as bytes."""
    match record:
        case Proposed() | Voted():
            return _tagged(record.signed, _RECORDS)
        case Validated():
            return _tagged(Verdict(record.block_root, record.valid), _RECORDS)
        case TimedOut():
            return _tagged(TimeoutPassed(record.view, record.phase), _RECORDS)
        case Certified():
            raise InvariantError("a certificate is not journalled: its record can be fetched again")
        case _:
            return _tagged(record, _RECORDS)


def decode_record(data: bytes) -> Record:
    """CON-017: The journal record that bytes stand for. Errors: ENCODING_INVALID."""
    match container := _untagged(data, _RECORDS):
        case SignedProposal():
            return Proposed(container)
        case SignedVote():
            return Voted(container)
        case Verdict():
            return Validated(container.block_root, container.valid)
        case TimeoutPassed():
            return TimedOut(container.view, container.phase)
        case HeightBegun() | Block():
            return container
    raise InvariantError(f"a record of type {type(container).__name__}")


@lru_cache(maxsize=512)
def _tagged(container: Container, table: tuple[type[Container], ...]) -> bytes:
    """Remembered, because the replicas of one process write the same votes and blocks into their journals."""
    return bytes([table.index(type(container))]) + encode(container)


def _untagged(data: bytes, table: tuple[type[Container], ...]) -> Container:
    if not data or data[0] >= len(table):
        raise SpecError(Code.ENCODING_INVALID, f"{len(data)} bytes begin with no known tag")
    return decode(table[data[0]], data[1:])
