"""Fixed-point numbers under shares: truncation, what fits, the logistic loss (PRV-076 ... PRV-079)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from ..errors import Code, SpecError
from .computation import (
    LARGE_MODULUS,
    Row,
    check_elements,
    check_parties,
    check_position,
    columns_to_rows,
    elements_of,
    key_words,
    split,
)
from .triples import challenge_samples, check_count

MASKED_BITS_MAX = 126
SECURITY_MAX = 124
TERMS_MAX = 2**20
FACTOR_MAX = 2**63 - 1
FRACTION_MAX = 30
STREAM_TRUNCATION, STREAM_OPENED = (bytes([first]) + bytes(11) for first in (0x13, 0x14))
"""PRV-076: the stream ids of a dealer's truncation masks, and of the choice which of them are opened."""
LN2 = 0xB17217F7D1CF79AB
"""PRV-079: ⌊2^64 · ln 2⌋."""


@dataclass(frozen=True)
class Truncation:
    """PRV-076: Numbers z with −2^(bits−1) <= z < 2^(bits−1) lose `fraction` bits under masks of `sigma` bits more."""

    bits: int
    fraction: int
    sigma: int


def check_truncation(plan: Truncation) -> None:
    """PRV-076: Errors, in order: TRUNCATION_RANGE unless 1 <= fraction < bits; SECURITY_RANGE; FIELD_OVERFLOW."""
    if not 1 <= plan.fraction < plan.bits:
        raise SpecError(Code.TRUNCATION_RANGE, f"{plan.fraction} of {plan.bits} bits")
    if not 1 <= plan.sigma <= SECURITY_MAX:
        raise SpecError(Code.SECURITY_RANGE, f"sigma {plan.sigma}")
    if plan.bits + plan.sigma > MASKED_BITS_MAX:
        raise SpecError(Code.FIELD_OVERFLOW, f"{plan.bits} bits and a mask of {plan.sigma} more")


# ---------------------------------------------------------------------------------------------------------
# Truncation under a mask


def deal_truncations(plan: Truncation, parties: int, count: int, seed: bytes) -> list[list[list[int]]]:
    """PRV-076: For each party its rows of masks R and of ⌊R / 2^fraction⌋, additive shares of `count` pairs.

    Errors, in order: those of check_truncation; MEMBER_COUNT; TRIPLE_COUNT; KEY_LENGTH.
    """
    check_truncation(plan)
    check_parties(parties)
    check_count(count)
    words = key_words(seed, STREAM_TRUNCATION)
    samples = elements_of(words)
    masks, highs = [], []
    for _ in range(count):
        mask = next(words) & (1 << plan.bits + plan.sigma) - 1
        masks.append(split(mask, parties, samples))
        highs.append(split(mask >> plan.fraction, parties, samples))
    return [list(rows) for rows in zip(columns_to_rows(masks), columns_to_rows(highs), strict=True)]


def opened_masks(seed: bytes, genesis_root: bytes, task: int, batch: int, count: int) -> list[int]:
    """PRV-076: The indices of the masks of a batch that are opened to check their dealer: about every second one.

    Errors: TRIPLE_COUNT.
    """
    check_count(count)
    samples = islice(challenge_samples(seed, genesis_root, task, batch, STREAM_OPENED), count)
    return [index for index, sample in enumerate(samples) if sample % 2]


def check_masks(plan: Truncation, masks: Row, highs: Row) -> None:
    """PRV-076: Opened masks are in their range, and what goes with them is what is left of them.

    Errors, in order: those of check_truncation; EMPTY; VECTOR_LENGTH; FIELD_RANGE; MASK_WRONG.
    """
    check_truncation(plan)
    check_elements(masks, highs)
    for place, (mask, high) in enumerate(zip(masks, highs, strict=True)):
        if mask >> plan.bits + plan.sigma or high != mask >> plan.fraction:
            raise SpecError(Code.MASK_WRONG, f"opened mask {place}")


def truncation_open(plan: Truncation, position: int, numbers: Row, masks: Row) -> list[int]:
    """PRV-076: What a party publishes: its shares of z + 2^(bits−1) + R.

    Errors, in order: those of check_truncation; POSITION_RANGE; EMPTY; VECTOR_LENGTH; FIELD_RANGE.
    """
    check_truncation(plan)
    check_position(position)
    check_elements(numbers, masks)
    offset = (position == 0) << plan.bits - 1
    return [(z + mask + offset) % LARGE_MODULUS for z, mask in zip(numbers, masks, strict=True)]


def truncation_close(plan: Truncation, position: int, opened: Row, highs: Row) -> list[int]:
    """PRV-076: A party's shares of the numbers without their last `fraction` bits, from the opened sums.

    Errors, in order: those of check_truncation; POSITION_RANGE; EMPTY; VECTOR_LENGTH; FIELD_RANGE; RESULT_RANGE for
    an opened sum that no number in range can give.
    """
    check_truncation(plan)
    check_position(position)
    check_elements(opened, highs)
    for place, masked in enumerate(opened):
        if masked >= (1 << plan.bits + plan.sigma) + (1 << plan.bits) - 1:
            raise SpecError(Code.RESULT_RANGE, f"opened sum {place}")
    public = position == 0
    offset = 1 << plan.bits - 1 - plan.fraction
    pairs = zip(opened, highs, strict=True)
    return [(public * ((masked >> plan.fraction) - offset) - high) % LARGE_MODULUS for masked, high in pairs]


# ---------------------------------------------------------------------------------------------------------
# Truncation of two shares alone


def truncate_locally(position: int, numbers: Row, fraction: int) -> list[int]:
    """PRV-077: One of two parties' shares of the numbers without their last bits, without a word to the other.

    Errors, in order: POSITION_RANGE unless 0 or 1; TRUNCATION_RANGE unless 1 <= fraction <= 125; EMPTY; FIELD_RANGE.
    """
    if position > 1:
        raise SpecError(Code.POSITION_RANGE, f"position {position} of two parties")
    if not 1 <= fraction < MASKED_BITS_MAX:
        raise SpecError(Code.TRUNCATION_RANGE, f"{fraction} bits")
    check_elements(numbers)
    return [_locally(position, number, fraction, LARGE_MODULUS) for number in numbers]


def _locally(position: int, share: int, fraction: int, modulus: int) -> int:
    """The first party rounds its share down, the second one the negative of its share."""
    return share >> fraction if position == 0 else -((modulus - share) >> fraction) % modulus


# ---------------------------------------------------------------------------------------------------------
# What fits


def product_bits(terms: int, left_bound: int, right_bound: int, fraction: int, sigma: int) -> int:
    """PRV-078: The bits of the range of an inner product of integers within the bounds, if truncation has room.

    Errors, in order: TERMS_RANGE unless 1 <= terms <= 2^20; FACTOR_RANGE unless both bounds are in 1 .. 2^63 − 1;
    TRUNCATION_RANGE, SECURITY_RANGE, FIELD_OVERFLOW.
    """
    if not 1 <= terms <= TERMS_MAX:
        raise SpecError(Code.TERMS_RANGE, f"{terms} terms")
    if not (1 <= left_bound <= FACTOR_MAX and 1 <= right_bound <= FACTOR_MAX):
        raise SpecError(Code.FACTOR_RANGE, f"bounds {left_bound} and {right_bound}")
    bits = max((terms * left_bound * right_bound).bit_length() + 1, fraction + 1)
    check_truncation(Truncation(bits, fraction, sigma))
    return bits


# ---------------------------------------------------------------------------------------------------------
# Logistic loss


def loss_constant(fraction: int) -> int:
    """PRV-079: 8 · ln 2 · 2^(2·fraction), rounded to the nearest integer. Errors: TRUNCATION_RANGE beyond 1 .. 30."""
    if not 1 <= fraction <= FRACTION_MAX:
        raise SpecError(Code.TRUNCATION_RANGE, f"{fraction} fraction bits, 1 to {FRACTION_MAX}")
    shift = 61 - 2 * fraction
    return LN2 + (1 << shift - 1) >> shift


def logistic_loss(position: int, fraction: int, squares: Row, products: Row) -> list[int]:
    """PRV-079: A party's shares of 8 · loss, with twice the fraction bits, from those of φ² and of y·φ.

    Errors, in order: TRUNCATION_RANGE; POSITION_RANGE; EMPTY; VECTOR_LENGTH; FIELD_RANGE.
    """
    constant = loss_constant(fraction)
    check_position(position)
    check_elements(squares, products)
    public = constant if position == 0 else 0
    pairs = zip(squares, products, strict=True)
    return [(square - (product << fraction + 2) + public) % LARGE_MODULUS for square, product in pairs]


def logistic_residual(fraction: int, logits: Row, labels: Row) -> list[int]:
    """PRV-079: A party's shares of 4 times the derivative of the loss, with the fraction bits of φ; no opening.

    Errors, in order: TRUNCATION_RANGE; EMPTY; VECTOR_LENGTH; FIELD_RANGE.
    """
    loss_constant(fraction)
    check_elements(logits, labels)
    pairs = zip(logits, labels, strict=True)
    return [(logit - (label << fraction + 1)) % LARGE_MODULUS for logit, label in pairs]
