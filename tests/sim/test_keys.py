"""Simulated signatures behave like BLS where consensus looks (CON-007)."""

from __future__ import annotations

from bcfl_ref.sim.keys import SimulatedScheme, SimulatedSigner, public_key

MESSAGE, OTHER = bytes(32), bytes([1]) * 32


def test_signatures_verify_and_add_up() -> None:
    """A signature is by its signer for its message; a sum is by all, each as often as it was added."""
    scheme = SimulatedScheme()
    one, two = SimulatedSigner(1).sign(MESSAGE), SimulatedSigner(2).sign(MESSAGE)
    assert scheme.verify(public_key(1), MESSAGE, one)
    assert not scheme.verify(public_key(2), MESSAGE, one) and not scheme.verify(public_key(1), OTHER, one)
    keys = [public_key(1), public_key(2), public_key(1)]
    assert scheme.fast_aggregate_verify(keys, MESSAGE, scheme.aggregate([one, one, two]))
    assert not scheme.fast_aggregate_verify(keys, MESSAGE, scheme.aggregate([one, two]))
    assert not scheme.fast_aggregate_verify([], MESSAGE, scheme.aggregate([]))
