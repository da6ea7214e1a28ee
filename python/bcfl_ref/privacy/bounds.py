"""How many neighbours and which threshold: exact tails of the hypergeometric distribution (PRV-025).

A position on a random circle makes the neighbours of a member a uniform sample of the others, so the number of
corrupt ones, and of those that drop out, is hypergeometric. Everything is integers: a count is at most
a fraction when it is at most its floor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import comb

from ..errors import Code, SpecError
from .graph import MEMBERS_MIN

MEMBERS_MAX = 10**9
DEGREE_MAX = 2046
SECURITY_MAX = 128
BPS = 10_000


@dataclass(frozen=True)
class Conditions:
    """PRV-025: What must hold: fractions in basis points, failure probabilities 2^-sigma and 2^-eta."""

    members: int
    corrupt_bps: int
    dropout_bps: int
    sigma: int
    eta: int
    bias: int
    corrupt_committee: bool


@dataclass(frozen=True)
class GraphSize:
    """PRV-025: Neighbours of everybody, shares that rebuild, and the most corrupt neighbours but for 2^-sigma."""

    degree: int
    threshold: int
    corrupt_max: int


def tails(population: int, marked: int, draws: int) -> tuple[list[int], int]:
    """PRV-025: ([ways to draw at least j marked ones for j = 0 ... draws + 1], all ways to draw)."""
    unmarked = population - marked
    fewest, most = max(0, draws - unmarked), min(draws, marked)
    ways = [0] * (draws + 1)
    ways[fewest] = comb(marked, fewest) * comb(unmarked, draws - fewest)
    for j in range(fewest, most):
        ways[j + 1] = ways[j] * (marked - j) * (draws - j) // ((j + 1) * (unmarked - draws + j + 1))
    return [*reversed(list(accumulate(reversed(ways)))), 0], comb(population, draws)


def graph_size(conditions: Conditions) -> GraphSize:
    """PRV-025: The smallest degree, and with it the smallest threshold, that meet the conditions.

    Errors, in order: MEMBER_COUNT; FRACTION_RANGE unless both fractions together are below 1; SECURITY_RANGE
    unless sigma and eta are 1 ... 128 and the bias at most 128; BOUND_UNREACHABLE.
    """
    _check(conditions)
    for degree in _degrees(conditions.members):
        found = _threshold(conditions, degree)
        if found is not None:
            return found
    raise SpecError(Code.BOUND_UNREACHABLE, f"no degree among {conditions.members} members meets the conditions")


def _check(conditions: Conditions) -> None:
    if not MEMBERS_MIN <= conditions.members <= MEMBERS_MAX:
        raise SpecError(Code.MEMBER_COUNT, f"{conditions.members} members")
    if conditions.corrupt_bps + conditions.dropout_bps >= BPS:
        raise SpecError(Code.FRACTION_RANGE, f"{conditions.corrupt_bps} + {conditions.dropout_bps} basis points")
    if not all(1 <= bits <= SECURITY_MAX for bits in (conditions.sigma, conditions.eta)):
        raise SpecError(Code.SECURITY_RANGE, f"sigma {conditions.sigma}, eta {conditions.eta}")
    if conditions.bias > SECURITY_MAX:
        raise SpecError(Code.SECURITY_RANGE, f"bias {conditions.bias}")


def _degrees(members: int) -> Iterator[int]:
    """Even degrees, and at last the complete graph."""
    yield from range(2, min(members - 1, DEGREE_MAX + 1), 2)
    if members - 1 <= DEGREE_MAX:
        yield members - 1


def _threshold(conditions: Conditions, degree: int) -> GraphSize | None:
    """The smallest threshold for this degree, if there is one."""
    members = conditions.members
    corrupt = members * conditions.corrupt_bps // BPS
    dropped = members * conditions.dropout_bps // BPS
    bits = conditions.sigma + conditions.bias
    # The chance that the graph is cut, cut / whole, with the members as a power of the denominator.
    steps = degree // 2 if degree < members - 1 else 0
    cut, whole = (members * (corrupt + dropped) ** steps if steps else 0), members**steps
    if cut << bits > whole:
        return None
    corrupted, ways = tails(members - 1, corrupt, degree)
    allowed = (whole - (cut << bits)) * ways // (members * whole << bits)
    corrupt_max = next(count for count in range(degree + 1) if corrupted[count + 1] <= allowed)
    threshold = max(2, corrupt_max + 1)
    if conditions.corrupt_committee:
        threshold = max(threshold, (degree + corrupt_max) // 2 + 1)
    absent, ways = tails(members - 1, dropped, degree)
    # Fewer than `threshold` neighbours are left when more than degree - threshold dropped out.
    if threshold > degree or absent[degree - threshold + 1] * members * (1 << conditions.eta) > ways:
        return None
    return GraphSize(degree, threshold, corrupt_max)


TABLE_MEMBERS = tuple(10**power for power in range(2, 9))
TABLE_FRACTIONS = ((500, 500), (2000, 2000))
TABLE_SIGMA, TABLE_ETA, TABLE_BIAS = 40, 30, 26
"""PRV-025: the table of the specification; 26 bits of bias is what a third of corrupt authors gives (CON-008)."""


def size_table() -> list[tuple[int, int, int, GraphSize | None, GraphSize | None]]:
    """PRV-025: The table of the specification: members, basis points, honest and corrupt committee; None: none is."""
    rows = []
    for corrupt, dropout in TABLE_FRACTIONS:
        for members in TABLE_MEMBERS:
            sizes: list[GraphSize | None] = []
            for committee, bias in ((False, 0), (True, TABLE_BIAS)):
                wanted = Conditions(members, corrupt, dropout, TABLE_SIGMA, TABLE_ETA, bias, committee)
                try:
                    sizes.append(graph_size(wanted))
                except SpecError:
                    sizes.append(None)
            rows.append((members, corrupt, dropout, sizes[0], sizes[1]))
    return rows
