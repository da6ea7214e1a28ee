"""Conservation of tokens: INC-010."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bcfl_ref.incentive.conservation import total_tokens
from builders import make_identity, make_participant, make_state, make_task

STATE = make_state(
    [make_identity(0, 1, 10, unbonding=100), make_identity(1, 2)],
    tasks=[make_task(escrow=1000, participants=(make_participant(0, 1, 30), make_participant(1, 2, 50)))],
    treasury=10000,
)


def test_every_place_counts_once() -> None:
    """Treasury, balances, stakes, unbonding tokens, escrows and deposits are summed, each once."""
    assert total_tokens(STATE) == 1 + 10 + 100 + 2 + 1000 + 30 + 50 + 10000 == STATE.supply


@pytest.mark.parametrize("field", ["balance", "stake", "unbonding"])
def test_a_missing_token_is_seen(field: str) -> None:
    """A token less in any account shows."""
    first = STATE.identities[0]
    poorer = replace(STATE, identities=(replace(first, **{field: getattr(first, field) - 1}), *STATE.identities[1:]))
    assert total_tokens(poorer) == STATE.supply - 1
