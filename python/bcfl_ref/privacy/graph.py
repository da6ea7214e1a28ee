"""Who is whose neighbour: a random circle on which everybody knows the nearest on both sides (PRV-024)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .. import kernels
from ..encoding import hash_bytes
from ..errors import Code, SpecError

DOMAIN_GRAPH = bytes.fromhex("84000000")
GRAPH_STREAM = b"\3" + bytes(11)
MEMBERS_MIN, MEMBERS_MAX = 3, 2**20
WORD_VALUES = 2**64


def neighbour_graph(seed: bytes, task: int, group: int, members: int, degree: int) -> list[list[int]]:
    """PRV-024: For every position in a group the ascending positions of its neighbours.

    `seed` is a seed of the beacon. Errors, in order: MEMBER_COUNT unless 3 <= members <= 2^20; DEGREE_RANGE unless
    degree = members - 1 (everybody), or it is even and 2 <= degree < members - 1.
    """
    if not MEMBERS_MIN <= members <= MEMBERS_MAX:
        raise SpecError(Code.MEMBER_COUNT, f"{members} members")
    if degree == members - 1:
        return [[other for other in range(members) if other != member] for member in range(members)]
    if degree % 2 or not 2 <= degree < members:
        raise SpecError(Code.DEGREE_RANGE, f"degree {degree} among {members} members")
    key = hash_bytes(DOMAIN_GRAPH, seed, task.to_bytes(8, "little"), group.to_bytes(8, "little"))
    circle = _shuffled(members, key)
    offsets = [offset for distance in range(1, degree // 2 + 1) for offset in (distance, -distance)]
    neighbours: list[list[int]] = [[] for _ in range(members)]
    for place, member in enumerate(circle):
        neighbours[member] = sorted(circle[(place + offset) % members] for offset in offsets)
    return neighbours


def _shuffled(count: int, key: bytes) -> list[int]:
    """PRV-024: 0 ... count - 1 in random order: from the last place down, exchange with a place not above."""
    order, words = list(range(count)), _words(key, count)
    for last in range(count - 1, 0, -1):
        choice = _below(last + 1, words)
        order[last], order[choice] = order[choice], order[last]
    return order


def _below(limit: int, words: Iterator[int]) -> int:
    """PRV-024: An unbiased number below `limit`: words beyond its largest multiple are skipped."""
    fair = WORD_VALUES // limit * limit
    return next(word for word in words if word < fair) % limit


def _words(key: bytes, count: int) -> Iterator[int]:
    """The 64-bit words of the key stream, without end."""
    start = 0
    while True:
        words = kernels.mask_add(np.zeros(start + count, dtype=np.uint64), key, GRAPH_STREAM, False)
        yield from words[start:].tolist()
        start += count
