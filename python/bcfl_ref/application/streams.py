"""Seeded numbers that are the same everywhere: SHA-256 in counter mode (APP-001 to APP-003).

No library generator is used for anything that a second machine must repeat: the split of the data, the initial
model, the order of the samples. A stream is named by its purpose and a few numbers, so streams never overlap.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator

from ..errors import Code, SpecError

PURPOSE_BYTES_MAX = 32
WORD = 2**64


class Stream:
    """APP-001: An endless sequence of 64-bit words; each word is used once."""

    def __init__(self, purpose: bytes, *numbers: int) -> None:
        """APP-001: Errors, in order: STREAM_PURPOSE, BOUND_RANGE for a number outside 0 .. 2^64 - 1."""
        if not 0 < len(purpose) <= PURPOSE_BYTES_MAX or not all(0x21 <= byte <= 0x7E for byte in purpose):
            raise SpecError(Code.STREAM_PURPOSE, f"{purpose!r} is not 1 to {PURPOSE_BYTES_MAX} visible ASCII bytes")
        for number in numbers:
            if not 0 <= number < WORD:
                raise SpecError(Code.BOUND_RANGE, f"{number} names no stream")
        key = hashlib.sha256(purpose + b"\0" + b"".join(struct.pack("<Q", number) for number in numbers))
        self._words = _words(key.digest())

    def word(self) -> int:
        """APP-001: The next word, 0 .. 2^64 - 1."""
        return next(self._words)

    def below(self, bound: int) -> int:
        """APP-002: The next number that is uniform in 0 .. bound - 1. Errors: BOUND_RANGE."""
        if not 0 < bound <= WORD:
            raise SpecError(Code.BOUND_RANGE, f"no number below {bound}")
        limit = WORD - WORD % bound
        while (word := next(self._words)) >= limit:
            pass
        return word % bound

    def shuffled(self, length: int) -> list[int]:
        """APP-003: The numbers 0 .. length - 1 in an order drawn uniformly (Fisher-Yates, from the end)."""
        order = list(range(length))
        for last in range(length - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order


def _words(key: bytes) -> Iterator[int]:
    counter = 0
    while True:
        yield from struct.unpack("<4Q", hashlib.sha256(key + struct.pack("<Q", counter)).digest())
        counter += 1


def training_seed(seed: int, round_number: int, trainer: int) -> int:
    """APP-004: The seed of one trainer's local training in one round: 64 bits."""
    return Stream(b"train", seed, round_number, trainer).word()
