"""How many seats a drawn committee needs, exactly: integers and fractions, no approximation (CON-008).

Seats are drawn with replacement, so the number of corrupt seats is binomial in the corrupt share of the weight.
"""

from __future__ import annotations

from fractions import Fraction

from ..errors import InvariantError

SEATS_SEARCH_MAX = 2**13
SEAT_COUNT_SHARES = (Fraction(1, 5), Fraction(1, 4), Fraction(3, 10))
SEAT_COUNT_SIGMAS = (20, 40)
"""CON-008: the corrupt shares and the bits of security of the table in the specification."""


def failure_probability(seats: int, share: Fraction) -> Fraction:
    """CON-008: The chance that a third or more of `seats` drawn seats are corrupt, `share` of the weight being so.

    With X binomial in (seats, share) this is P[3·X >= seats]: at a third agreement is no longer certain.
    """
    corrupt, honest = share.numerator, share.denominator - share.numerator
    term = corrupt**seats
    total = 0
    for count in range(seats, -1, -1):
        if 3 * count < seats:
            break
        total += term
        term = term * count * honest // ((seats - count + 1) * corrupt)
    return Fraction(total, share.denominator**seats)


def security_bits(probability: Fraction) -> int:
    """CON-008: The largest b with probability <= 2^-b, for a positive probability of at most 1."""
    numerator, denominator = probability.numerator, probability.denominator
    bits = denominator.bit_length() - numerator.bit_length()
    return bits if numerator << bits <= denominator else bits - 1


def bias_bits(sigma: int, share: Fraction) -> int:
    """CON-008: k_max, the least k with share^k <= 2^-sigma: longer runs of corrupt last authors are as rare.

    k corrupt authors at the end of an epoch choose among 2^k seeds (CON-002), and a choice among 2^k makes a bad
    committee up to 2^k times as likely.
    """
    run = 0
    while share**run * 2**sigma > 1:
        run += 1
    return run


def seats_needed(sigma: int, share: Fraction) -> int:
    """CON-008: The least 3·f + 1 seats for which a drawn committee fails with at most 2^-sigma, bias included."""
    bits = sigma + bias_bits(sigma, share)
    low, high = 0, 1
    while security_bits(failure_probability(3 * high + 1, share)) < bits:
        low, high = high, 2 * high
        if high > SEATS_SEARCH_MAX:
            raise InvariantError(f"no committee of up to {3 * SEATS_SEARCH_MAX} seats for a corrupt share of {share}")
    while high - low > 1:
        middle = (low + high) // 2
        enough = security_bits(failure_probability(3 * middle + 1, share)) >= bits
        low, high = (low, middle) if enough else (middle, high)
    return 3 * high + 1


def seat_count_table() -> list[tuple[Fraction, int, int, int]]:
    """CON-008: The table of the specification: (share, sigma, k_max, seats)."""
    return [
        (share, sigma, bias_bits(sigma, share), seats_needed(sigma, share))
        for share in SEAT_COUNT_SHARES
        for sigma in SEAT_COUNT_SIGMAS
    ]
