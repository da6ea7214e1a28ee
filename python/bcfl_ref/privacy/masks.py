"""How an input is masked, and how the masks of a sum are removed when some members dropped out (PRV-014)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from numpy.typing import NDArray

from .. import kernels
from ..errors import Code, SpecError

PAIR_STREAM = bytes(12)
OWN_STREAM = b"\1" + bytes(11)
"""PRV-013: the stream ids of masks between two members, and of a member's own mask."""
Words = NDArray[Any]


def pair_subtracts(own: int, peer: int) -> bool:
    """PRV-014: Of two neighbours the one with the lower registration index adds. Errors: MEMBER_SELF."""
    if own == peer:
        raise SpecError(Code.MEMBER_SELF, f"member {own}")
    return own > peer


def mask_input(vector: Words, own: int, seed: bytes, keys: Sequence[tuple[int, bytes]]) -> Words:
    """PRV-014: The input with the member's own mask and, for every neighbour, the mask they share.

    `keys` are (neighbour, key for masks). Errors, in order: MEMBER_ORDER unless neighbours ascend strictly;
    MEMBER_SELF; those of mask_add_many.
    """
    _check_ascending([neighbour for neighbour, _ in keys])
    signs = [pair_subtracts(own, neighbour) for neighbour, _ in keys]
    pairs = [(key, PAIR_STREAM, subtract) for (_, key), subtract in zip(keys, signs, strict=True)]
    return kernels.mask_add_many(vector, [(seed, OWN_STREAM, False), *pairs])


def unmask_sum(total: Words, seeds: Sequence[tuple[int, bytes]], broken: Sequence[tuple[int, int, bytes]]) -> Words:
    """PRV-014: The plain sum of the survivors' inputs from the sum of their masked inputs.

    `seeds` are (survivor, own seed), `broken` every (survivor, dropped neighbour, key for masks).
    Errors, in order: MEMBER_ORDER unless both ascend strictly; for each broken pair MEMBER_UNKNOWN when the first
    did not survive, MEMBER_OVERLAP when the second did; those of mask_add_many.
    """
    survivors = [survivor for survivor, _ in seeds]
    _check_ascending(survivors)
    _check_ascending([(survivor, dropped) for survivor, dropped, _ in broken])
    for survivor, dropped, _ in broken:
        if survivor not in survivors:
            raise SpecError(Code.MEMBER_UNKNOWN, f"member {survivor} is no survivor")
        if dropped in survivors:
            raise SpecError(Code.MEMBER_OVERLAP, f"member {dropped} is said to have dropped out and survived")
    own = [(seed, OWN_STREAM, True) for _, seed in seeds]
    pairs = [(key, PAIR_STREAM, not pair_subtracts(survivor, dropped)) for survivor, dropped, key in broken]
    return kernels.mask_add_many(total, [*own, *pairs])


def _check_ascending(members: Sequence[Any]) -> None:
    for before, after in pairwise(members):
        if before >= after:
            raise SpecError(Code.MEMBER_ORDER, f"{after} after {before}")
