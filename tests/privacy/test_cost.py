"""The cost formula against the factors of its paper (PRV-026)."""

from __future__ import annotations

import pytest
from bcfl_ref.privacy import cost


@pytest.mark.parametrize(("clients", "coordinates", "factor"), [(10, 20, "1.734"), (14, 24, "1.984")])
def test_factors_of_bonawitz(clients: int, coordinates: int, factor: str) -> None:
    """1.734 for 2^10 clients and 2^20 coordinates, 1.984 for 2^14 and 2^24."""
    assert f"{cost.expansion_ppm(2**clients, 2**coordinates) / 10**6:.3f}" == factor


def test_the_ring_of_the_formula() -> None:
    """R = n(2^16 - 1) + 1 takes 26 bits for 1024 clients and 17 for two."""
    fixed = 2 * 1024 * 256 + (5 * 1024 - 4) * 256 + 1024
    assert cost.client_bits(1024, 7) == fixed + 7 * 26
    assert cost.client_bits(2, 1) == 1024 + 6 * 256 + 2 + 17
