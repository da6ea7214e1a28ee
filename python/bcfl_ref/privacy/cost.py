"""What secure aggregation costs a client in bits, by the formula of Bonawitz et al. 2017 (PRV-026)."""

from __future__ import annotations

from ..errors import Code, SpecError

KEY_BITS = 256
SHARE_BITS = 256
INPUT_BITS = 16
MEMBERS_MAX, COORDINATES_MAX = 2**20, 2**32


def client_bits(members: int, coordinates: int) -> int:
    """PRV-026: 2n·a_K + (5n - 4)·a_S + n + m·ceil(log2 R), with R = n(2^16 - 1) + 1, keys and shares of 256 bits.

    Errors, in order: MEMBER_COUNT unless 2 <= n <= 2^20; EMPTY unless 1 <= m; VECTOR_LENGTH for m beyond 2^32.
    """
    if not 2 <= members <= MEMBERS_MAX:
        raise SpecError(Code.MEMBER_COUNT, f"{members} members")
    if coordinates < 1:
        raise SpecError(Code.EMPTY, "no coordinates")
    if coordinates > COORDINATES_MAX:
        raise SpecError(Code.VECTOR_LENGTH, f"{coordinates} coordinates")
    ring = members * ((1 << INPUT_BITS) - 1) + 1
    return 2 * members * KEY_BITS + (5 * members - 4) * SHARE_BITS + members + coordinates * (ring - 1).bit_length()


def expansion_ppm(members: int, coordinates: int) -> int:
    """PRV-026: The same in millionths of what the plain input of 16 bits a coordinate costs, rounded down.

    Errors: those of client_bits.
    """
    return client_bits(members, coordinates) * 10**6 // (INPUT_BITS * coordinates)
