"""Conservation: where every token of a ledger is (INC-010)."""

from __future__ import annotations

from ..types import State


def total_tokens(state: State) -> int:
    """INC-010: Treasury, balances, stakes, unbonding tokens, escrows and deposits together; always `state.supply`."""
    held = state.treasury
    held += sum(identity.balance + identity.stake + identity.unbonding for identity in state.identities)
    return held + sum(task.escrow + sum(p.deposit for p in task.participants) for task in state.tasks)
