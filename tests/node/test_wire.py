"""Messages and journal records as bytes (CON-017, CON-018)."""

from __future__ import annotations

import pytest
from bcfl_ref.consensus.state import Certified, Proposed, TimedOut, Validated, Voted
from bcfl_ref.errors import Code, InvariantError, SpecError
from bcfl_ref.node.wire import (
    HeightBegun,
    Message,
    ProposalMessage,
    Record,
    RecordRequest,
    decode_message,
    decode_record,
    encode_message,
    encode_record,
)
from bcfl_ref.types import (
    Block,
    Body,
    Certificate,
    Header,
    LedgerRecord,
    Proposal,
    SignedProposal,
    SignedVote,
    Vote,
)

ROOT = bytes([3]) * 32
PROOF = Certificate(4, 1, ROOT, (True, False, True), bytes(96))
BLOCK = Block(Header(5, 0, 2, ROOT, ROOT, ROOT), Body(PROOF, bytes(96), ()))
VOTE = SignedVote(Vote(1, 5, 0, ROOT), 3, bytes(96))
PROPOSAL = SignedProposal(Proposal(5, 0, 2**64 - 1, ROOT), 2, bytes(96))


@pytest.mark.parametrize(
    "message", [ProposalMessage(PROPOSAL, BLOCK), VOTE, RecordRequest(7), LedgerRecord(BLOCK, PROOF)]
)
def test_messages_survive_the_wire(message: Message) -> None:
    """A message is what its bytes decode to, and no byte may be added or lost."""
    data = encode_message(message)
    assert decode_message(data) == message
    for wrong in (data[:-1], data + b"\0", b"\x09" + data[1:], b""):
        with pytest.raises(SpecError) as refusal:
            decode_message(wrong)
        assert refusal.value.code is Code.ENCODING_INVALID


@pytest.mark.parametrize(
    "record", [HeightBegun(5), BLOCK, Proposed(PROPOSAL), Voted(VOTE), Validated(ROOT, True), TimedOut(3, 2)]
)
def test_records_survive_the_journal(record: Record) -> None:
    """An input is what its journal record decodes to."""
    assert decode_record(encode_record(record)) == record


def test_certificates_are_not_journalled() -> None:
    """What can be fetched again with its proof needs no journal."""
    with pytest.raises(InvariantError):
        encode_record(Certified(PROOF))
