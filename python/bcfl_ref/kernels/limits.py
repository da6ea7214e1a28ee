"""AGG-002: the limits of the kernels, from which it follows that no machine word overflows."""

from __future__ import annotations

from typing import Final

COORDINATE_MAX: Final = 2**20 - 1
"""AGG-002: Q; a quantised coordinate lies in [-Q, Q]."""
VECTORS_MAX: Final = 2**11 - 1
"""AGG-002: the most vectors that one kernel call, and so one aggregation, takes."""
WEIGHT_MAX: Final = 2**16 - 1
SUM_MAX: Final = 2**47 - 1
"""AGG-002: VECTORS_MAX * WEIGHT_MAX * COORDINATE_MAX is below it."""
MULTIPLIER_MAX: Final = 2**16 - 1
DIVISOR_MAX: Final = MULTIPLIER_MAX * VECTORS_MAX * WEIGHT_MAX
"""AGG-002: b * sum(c), the largest divisor that an aggregation can need; below 2^43."""
FRACTION_BITS_MAX: Final = 30
NORM_BOUND_MAX: Final = 2**32 - 1
CHUNK_BYTES_MAX: Final = 2**31 - 1
MERKLE_LIMIT_MAX: Final = 2**40
FIELD_MODULUS: Final = 2**61 - 1
"""PRV-015: p, the prime of secret sharing."""
SHARES_MAX: Final = 2**11 - 1
"""PRV-016: the most holders of one secret."""
NOISE_COUNT_MAX: Final = 2**31
"""PRV-063: the most samples of one call, as many as a blob has numbers of 8 bytes."""
VARIANCE_MAX: Final = 2**54 - 1
"""PRV-062: numerator and denominator of a variance are at most that, so that 128 bits hold what is compared."""
NOISE_STEPS_MAX: Final = 128
"""PRV-062: a candidate that is this many scales from zero is refused; one in 2^11000 would be."""
