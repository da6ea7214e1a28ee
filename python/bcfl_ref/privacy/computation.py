"""Computing on shares: the large field, sums, opening, products (PRV-070, PRV-071, PRV-075, PRV-078).

Additive shares: the sum of what all parties hold is the secret, and anything less says nothing. Everything linear a
party does alone; a product of two secrets costs one triple (`triples`) and one opening.
Not constant in time: Python's integers take longer when they are larger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeAlias

import numpy as np

from .. import kernels
from ..crypto.agreement import KEY_BYTES
from ..errors import Code, SpecError
from ..kernels.limits import FIELD_MODULUS

LARGE_MODULUS = 2**127 - 1
"""PRV-070: a prime; there is room for a product of two numbers of 43 bits under a mask of 40 bits more."""
MODULI = {61: FIELD_MODULUS, 127: LARGE_MODULUS}
"""PRV-071: the fields by their bits."""
PARTIES_MAX = 64
STREAM_SHARES = b"\x10" + bytes(11)
"""PRV-070: the stream id of additive shares."""

Row: TypeAlias = Sequence[int]


# ---------------------------------------------------------------------------------------------------------
# The large field


def large_samples(stream: bytes, count: int) -> list[int]:
    """PRV-070: The first `count` elements of the large field in a stream of bytes. Errors: STREAM_SHORT."""
    words = (int.from_bytes(stream[at : at + 16], "little") for at in range(0, len(stream) - 15, 16))
    samples = list(islice(elements_of(words), count))
    if len(samples) < count:
        raise SpecError(Code.STREAM_SHORT, f"{len(stream)} bytes hold {len(samples)} elements, not {count}")
    return samples


def key_words(key: bytes, stream: bytes) -> Iterator[int]:
    """PRV-070: The words of 128 bits of a key stream (PRV-013), little-endian. Errors: KEY_LENGTH."""
    if len(key) != KEY_BYTES:
        raise SpecError(Code.KEY_LENGTH, f"a seed of {len(key)} bytes, not {KEY_BYTES}")
    return _key_words(key, stream)


def _key_words(key: bytes, stream: bytes) -> Iterator[int]:
    done, count = 0, 64
    while True:
        halves = kernels.mask_add(np.zeros(2 * count, dtype=np.uint64), key, stream, False).tolist()
        yield from (halves[2 * at] | halves[2 * at + 1] << 64 for at in range(done, count))
        done, count = count, 2 * count


def key_samples(key: bytes, stream: bytes) -> Iterator[int]:
    """PRV-070: The elements of the large field in a key stream. Errors: KEY_LENGTH."""
    return elements_of(key_words(key, stream))


def elements_of(words: Iterator[int]) -> Iterator[int]:
    """PRV-070: The low 127 bits of each word, and the one value too many skipped."""
    for word in words:
        candidate = word & LARGE_MODULUS
        if candidate != LARGE_MODULUS:
            yield candidate


def from_large(elements: Row, bound: int) -> list[int]:
    """PRV-070: The signed integers that opened elements stand for, if each is within the bound.

    Errors, in order: FIELD_OVERFLOW unless 2·bound + 1 <= 2^127 − 1; FIELD_RANGE; RESULT_RANGE.
    """
    if bound > LARGE_MODULUS // 2:
        raise SpecError(Code.FIELD_OVERFLOW, f"a bound of {bound}")
    check_elements(elements)
    values = [element - LARGE_MODULUS if element > LARGE_MODULUS // 2 else element for element in elements]
    for place, value in enumerate(values):
        if abs(value) > bound:
            raise SpecError(Code.RESULT_RANGE, f"result {place} is beyond {bound}")
    return values


def check_elements(*rows: Row) -> None:
    """PRV-070: There are elements, as many in each row, all of the large field.

    Errors, in order: EMPTY; VECTOR_LENGTH; FIELD_RANGE. No detail holds an element: it may be a share.
    """
    if not rows[0]:
        raise SpecError(Code.EMPTY, "no elements")
    for row in rows:
        if len(row) != len(rows[0]):
            raise SpecError(Code.VECTOR_LENGTH, f"{len(row)} elements, not {len(rows[0])}")
    for row in rows:
        for place, element in enumerate(row):
            if element >= LARGE_MODULUS:
                raise SpecError(Code.FIELD_RANGE, f"element {place} is not below 2^127 - 1")


# ---------------------------------------------------------------------------------------------------------
# Additive shares


def check_parties(parties: int) -> None:
    """PRV-070: 2 to 64 parties. Errors: MEMBER_COUNT."""
    if not 2 <= parties <= PARTIES_MAX:
        raise SpecError(Code.MEMBER_COUNT, f"{parties} parties")


def check_position(position: int) -> None:
    """PRV-070: The position of a party. Errors: POSITION_RANGE."""
    if position >= PARTIES_MAX:
        raise SpecError(Code.POSITION_RANGE, f"position {position}, below {PARTIES_MAX}")


def additive_share(secrets: Row, parties: int, seed: bytes) -> list[list[int]]:
    """PRV-070: One row a party; in each column the rows sum to the secret modulo 2^127 − 1.

    Errors, in order: MEMBER_COUNT; KEY_LENGTH; EMPTY; FIELD_RANGE.
    """
    check_parties(parties)
    samples = key_samples(seed, STREAM_SHARES)
    check_elements(secrets)
    return columns_to_rows([split(secret, parties, samples) for secret in secrets])


def split(secret: int, parties: int, samples: Iterator[int]) -> list[int]:
    """PRV-070: The shares of one secret: samples for all parties but the last, which gets the rest."""
    drawn = list(islice(samples, parties - 1))
    return [*drawn, (secret - sum(drawn)) % LARGE_MODULUS]


def columns_to_rows(columns: Sequence[Row]) -> list[list[int]]:
    """PRV-070: One row a party from one column a secret."""
    return [list(row) for row in zip(*columns, strict=True)]


def additive_open(shares: Sequence[Row]) -> list[int]:
    """PRV-070: The secrets from the shares of all parties.

    Errors, in order: MEMBER_COUNT; EMPTY; VECTOR_LENGTH; FIELD_RANGE.
    """
    check_parties(len(shares))
    check_elements(*shares)
    return [sum(column) % LARGE_MODULUS for column in zip(*shares, strict=True)]


def combine_shares(field: int, weights: Row, shares: Sequence[Row]) -> list[int]:
    """PRV-071: What one holder's shares of several secrets make a share of: their weighted sum.

    Errors, in order: FIELD_UNKNOWN; EMPTY; VECTOR_LENGTH; WEIGHT_COUNT; FIELD_RANGE (weights, then shares).
    """
    if field not in MODULI:
        raise SpecError(Code.FIELD_UNKNOWN, f"a field of {field} bits")
    modulus = MODULI[field]
    if not shares or not shares[0]:
        raise SpecError(Code.EMPTY, "no shares")
    if any(len(row) != len(shares[0]) for row in shares):
        raise SpecError(Code.VECTOR_LENGTH, f"rows of other lengths than {len(shares[0])}")
    if len(weights) != len(shares):
        raise SpecError(Code.WEIGHT_COUNT, f"{len(weights)} weights for {len(shares)} rows")
    if any(element >= modulus for row in (weights, *shares) for element in row):
        raise SpecError(Code.FIELD_RANGE, f"an element is not below 2^{field} - 1")
    columns = zip(*shares, strict=True)
    return [sum(w * s for w, s in zip(weights, column, strict=True)) % modulus for column in columns]


# ---------------------------------------------------------------------------------------------------------
# Products


def product_open(left: Row, right: Row, triples: Sequence[Row]) -> tuple[list[int], list[int]]:
    """PRV-075: What a party publishes of two factors: its shares of left − a and right − b.

    `triples` are its rows of a, b and c. Errors, in order: TRIPLE_SHAPE unless there are three rows; EMPTY;
    VECTOR_LENGTH; FIELD_RANGE.
    """
    check_triples(triples)
    check_elements(left, right, *triples)
    a, b, _ = triples
    return _minus(left, a), _minus(right, b)


def product_close(position: int, triples: Sequence[Row], left: Row, right: Row) -> list[int]:
    """PRV-075: A party's shares of the products, from the opened differences of the factors.

    Errors, in order: POSITION_RANGE; TRIPLE_SHAPE; EMPTY; VECTOR_LENGTH; FIELD_RANGE.
    """
    check_position(position)
    check_triples(triples)
    check_elements(left, right, *triples)
    public = position == 0
    return [
        (c + d * b + e * a + public * d * e) % LARGE_MODULUS
        for a, b, c, d, e in zip(*triples, left, right, strict=True)
    ]


def inner_close(position: int, triples: Sequence[Row], left: Row, right: Row) -> int:
    """PRV-078: A party's share of the inner product: the sum of its shares of the products. Errors: PRV-075's."""
    return sum(product_close(position, triples, left, right)) % LARGE_MODULUS


def check_triples(triples: Sequence[Row]) -> None:
    """PRV-075: A row of a, one of b and one of c. Errors: TRIPLE_SHAPE."""
    if len(triples) != 3:
        raise SpecError(Code.TRIPLE_SHAPE, f"{len(triples)} rows, not 3")


def _minus(left: Row, right: Row) -> list[int]:
    return [(x - y) % LARGE_MODULUS for x, y in zip(left, right, strict=True)]
