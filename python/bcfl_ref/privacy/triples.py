"""Multiplication triples: dealt, checked by sacrifice, used once (PRV-072, PRV-073, PRV-074)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise

from ..encoding import hash_bytes
from ..errors import Code, SpecError
from ..types import TripleBatch, TripleStore
from .computation import (
    LARGE_MODULUS,
    Row,
    check_elements,
    check_parties,
    check_position,
    check_triples,
    columns_to_rows,
    key_samples,
    split,
)

COUNT_MAX = 2**16
BATCHES_MAX = 2**10
STREAM_TRIPLES = b"\x11" + bytes(11)
STREAM_CHALLENGE = b"\x12" + bytes(11)
"""PRV-072, PRV-074: the stream ids of a dealer's triples and of the challenges."""
DOMAIN_CHALLENGE = bytes.fromhex("90000000")
"""PRV-074: the prefix under which the seed of challenges is hashed."""
FRESH, IN_CHECK, CHECKED, SPENT = range(4)
"""PRV-073: what has become of a triple."""


# ---------------------------------------------------------------------------------------------------------
# The dealer


def deal_triples(parties: int, count: int, seed: bytes) -> list[list[list[int]]]:
    """PRV-072: For each party its rows of a, b and c, additive shares of `count` triples with a·b = c.

    Errors, in order: MEMBER_COUNT; TRIPLE_COUNT unless 1 <= count <= 2^16; KEY_LENGTH.
    """
    check_parties(parties)
    check_count(count)
    samples = key_samples(seed, STREAM_TRIPLES)
    columns: list[list[list[int]]] = [[], [], []]
    for _ in range(count):
        a, b = islice(samples, 2)
        for column, value in zip(columns, (a, b, a * b % LARGE_MODULUS), strict=True):
            column.append(split(value, parties, samples))
    by_factor = [columns_to_rows(column) for column in columns]
    return [[rows[party] for rows in by_factor] for party in range(parties)]


def check_count(count: int) -> None:
    """PRV-072: 1 to 2^16 triples, or masks, at once. Errors: TRIPLE_COUNT."""
    if not 1 <= count <= COUNT_MAX:
        raise SpecError(Code.TRIPLE_COUNT, f"{count} triples")


# ---------------------------------------------------------------------------------------------------------
# One use


def add_batch(store: TripleStore, dealer: int, count: int) -> TripleStore:
    """PRV-073: A batch of fresh triples; its number is that of the batches before it. Errors: TRIPLE_COUNT."""
    check_count(count)
    if len(store.batches) == BATCHES_MAX:
        raise SpecError(Code.TRIPLE_COUNT, f"{BATCHES_MAX} batches already")
    return replace(store, batches=(*store.batches, TripleBatch(dealer, (FRESH,) * count)))


def begin_check(store: TripleStore, batch: int, kept: Row, burnt: Row) -> TripleStore:
    """PRV-073: The burnt triples are spent, the kept ones in check, before anything about either is published.

    Errors, in order: TRIPLE_UNKNOWN (batch); EMPTY; VECTOR_LENGTH; POSITION_ORDER (kept, then burnt);
    TRIPLE_UNKNOWN (index); TRIPLE_USED for one that is not fresh, or in both lists.
    """
    status = _status_of(store, batch, kept, burnt)
    if set(kept) & set(burnt):
        raise SpecError(Code.TRIPLE_USED, "a triple cannot check itself")
    for index in (*kept, *burnt):
        if status[index] != FRESH:
            raise SpecError(Code.TRIPLE_USED, f"triple {index} of batch {batch}")
    return _with_status(store, batch, {**dict.fromkeys(kept, IN_CHECK), **dict.fromkeys(burnt, SPENT)})


def judge(store: TripleStore, batch: int, kept: Row, differences: Row) -> tuple[TripleStore, bool]:
    """PRV-073: Kept triples with an opened difference of zero may be used; any other voids the whole batch.

    Errors, in order: TRIPLE_UNKNOWN (batch); EMPTY; POSITION_ORDER; TRIPLE_UNKNOWN (index); VECTOR_LENGTH; for each
    in turn TRIPLE_USED, TRIPLE_UNCHECKED unless it is in check; FIELD_RANGE.
    """
    status = _status_of(store, batch, kept)
    if len(differences) != len(kept):
        raise SpecError(Code.VECTOR_LENGTH, f"{len(differences)} differences for {len(kept)} triples")
    for index in kept:
        if status[index] != IN_CHECK:
            code = Code.TRIPLE_UNCHECKED if status[index] == FRESH else Code.TRIPLE_USED
            raise SpecError(code, f"triple {index} of batch {batch}")
    check_elements(differences)
    if any(differences):
        return _with_status(store, batch, dict.fromkeys(range(len(status)), SPENT)), False
    return _with_status(store, batch, dict.fromkeys(kept, CHECKED)), True


def use_triples(store: TripleStore, batch: int, indices: Row) -> TripleStore:
    """PRV-073: The triples are spent, before anything computed with them is published.

    Errors, in order: TRIPLE_UNKNOWN (batch); EMPTY; POSITION_ORDER; TRIPLE_UNKNOWN (index); for each in turn
    TRIPLE_USED, TRIPLE_UNCHECKED.
    """
    status = _status_of(store, batch, indices)
    for index in indices:
        if status[index] == SPENT:
            raise SpecError(Code.TRIPLE_USED, f"triple {index} of batch {batch}")
        if status[index] != CHECKED:
            raise SpecError(Code.TRIPLE_UNCHECKED, f"triple {index} of batch {batch}")
    return _with_status(store, batch, dict.fromkeys(indices, SPENT))


def _status_of(store: TripleStore, batch: int, *lists: Row) -> tuple[int, ...]:
    """What has become of the triples of a batch, after the guards on the lists of indices."""
    if batch >= len(store.batches):
        raise SpecError(Code.TRIPLE_UNKNOWN, f"batch {batch} of {len(store.batches)}")
    if not lists[0]:
        raise SpecError(Code.EMPTY, "no triples")
    if any(len(indices) != len(lists[0]) for indices in lists):
        raise SpecError(Code.VECTOR_LENGTH, "not as many triples burnt as kept")
    if any(before >= after for indices in lists for before, after in pairwise(indices)):
        raise SpecError(Code.POSITION_ORDER, "indices of triples must ascend strictly")
    status = store.batches[batch].status
    for indices in lists:
        if indices[-1] >= len(status):
            raise SpecError(Code.TRIPLE_UNKNOWN, f"triple {indices[-1]} of {len(status)}")
    return status


def _with_status(store: TripleStore, batch: int, changed: dict[int, int]) -> TripleStore:
    before = store.batches[batch]
    after = replace(before, status=tuple(changed.get(at, status) for at, status in enumerate(before.status)))
    return replace(store, batches=(*store.batches[:batch], after, *store.batches[batch + 1 :]))


# ---------------------------------------------------------------------------------------------------------
# Sacrifice


def sacrifice_challenges(seed: bytes, genesis_root: bytes, task: int, batch: int, count: int) -> list[int]:
    """PRV-074: One challenge a pair, from a seed that the dealer could not know when it dealt.

    Errors: TRIPLE_COUNT.
    """
    check_count(count)
    return list(islice(challenge_samples(seed, genesis_root, task, batch, STREAM_CHALLENGE), count))


def challenge_samples(seed: bytes, genesis_root: bytes, task: int, batch: int, stream: bytes) -> Iterator[int]:
    """PRV-074: Elements for one batch of one task, from a seed that its dealer could not know."""
    place = task.to_bytes(8, "little") + batch.to_bytes(8, "little")
    return key_samples(hash_bytes(DOMAIN_CHALLENGE, seed, genesis_root, place), stream)


def sacrifice_open(kept: Sequence[Row], burnt: Sequence[Row], challenges: Row) -> tuple[list[int], list[int]]:
    """PRV-074: What a party publishes of each pair: its shares of ρ·a − x and of b − y.

    Errors, in order: TRIPLE_SHAPE (kept, then burnt); EMPTY; VECTOR_LENGTH; FIELD_RANGE.
    """
    _check_pair(kept, burnt)
    check_elements(*kept, *burnt, challenges)
    (a, b, _), (x, y, _) = kept, burnt
    left = [(rho * one - other) % LARGE_MODULUS for rho, one, other in zip(challenges, a, x, strict=True)]
    return left, [(one - other) % LARGE_MODULUS for one, other in zip(b, y, strict=True)]


def sacrifice_close(
    position: int, kept: Sequence[Row], burnt: Sequence[Row], challenges: Row, opened: Sequence[Row]
) -> list[int]:
    """PRV-074: A party's shares of what is zero if both triples of a pair are right.

    `opened` are the sums of what all parties published. Errors, in order: POSITION_RANGE; TRIPLE_SHAPE (kept, burnt);
    EMPTY; VECTOR_LENGTH; FIELD_RANGE.
    """
    check_position(position)
    _check_pair(kept, burnt)
    check_elements(*kept, *burnt, challenges, *opened)
    (_, _, c), (x, y, z), (d, e) = kept, burnt, opened
    public = position == 0
    return [
        (rho * c[at] - z[at] - d[at] * y[at] - e[at] * x[at] - public * d[at] * e[at]) % LARGE_MODULUS
        for at, rho in enumerate(challenges)
    ]


def _check_pair(kept: Sequence[Row], burnt: Sequence[Row]) -> None:
    for triples in (kept, burnt):
        check_triples(triples)
