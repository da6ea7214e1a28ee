"""What a member of a secure round acts on: the state under a certificate that it verified itself (PRV-040)."""

from __future__ import annotations

from typing import Protocol

from ..consensus.certificate import verify_certificate
from ..contract.rounds import Blobs
from ..encoding import hash_tree_root
from ..errors import Code, SpecError
from ..infrastructure.blocks import block_root
from ..transition import begin_height
from ..types import LedgerRecord, State


class Tip(Protocol):
    """PRV-040: The end of a member's own copy of the ledger."""

    @property
    def state(self) -> State:
        """The state after the last block."""

    def record(self, height: int) -> LedgerRecord | None:
        """The last block with its certificate, when that is its height."""


def check_certified(state: State, record: LedgerRecord | None) -> None:
    """PRV-040: A quorum of the committee certified the last block, and its header names this very state.

    The committee is that of the member's own state, which it executed from genesis. Errors, in order:
    HEIGHT_MISMATCH when this is no record of the last block; those of verify_certificate; STATE_ROOT_MISMATCH.
    """
    if record is None or record.block.header.height != state.height:
        raise SpecError(Code.HEIGHT_MISMATCH, f"no record of block {state.height}")
    header = record.block.header
    verify_certificate(state, record.certificate, state.height, block_root(header), state.committee)
    if hash_tree_root(state) != header.state_root:
        raise SpecError(Code.STATE_ROOT_MISMATCH, f"block {state.height} does not lead to this state")


class CertifiedState:
    """PRV-040: The state in which the next block executes, given out only when what it follows from was checked."""

    def __init__(self, tip: Tip, blobs: Blobs) -> None:
        self._tip = tip
        self._blobs = blobs
        self._checked: State | None = None
        self._upcoming: State | None = None

    def upcoming(self) -> State:
        """PRV-040: The state at the begin of the next height, checked once a block.

        Errors, in order: those of check_certified; those of begin_height.
        """
        state = self._tip.state
        if self._upcoming is None or self._checked is not state:
            check_certified(state, self._tip.record(state.height))
            self._upcoming = begin_height(state, self._blobs)
            self._checked = state
        return self._upcoming
