"""Entity alignment: which identifiers two sides share, and in which order both take them (PRV-080 ... PRV-089).

Diffie-Hellman over hashed identifiers, for sides that follow the rules. Each side blinds its points with a scalar of
its own; blinded by both, equal identifiers are equal points whoever began, and others look random. The scalars and
padding come from a secret that enters as an argument. Nothing here takes the same time for all secrets.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..crypto import agreement, bls, group
from ..encoding import encode, hash_tree_root
from ..errors import Code, SpecError
from ..types import Alignment, AlignmentPurpose, AlignmentScope, BlindedSet

FIRST, SECOND = 0, 1
"""PRV-083: the sides."""
PURPOSE_SCALAR, PURPOSE_PADDING = 1, 2
CAPACITY_MAX = 2**20
IDENTIFIER_MAX = 64
SECRET_BYTES = 32
BPS = 10**4
DST_IDENTIFIER = b"BEFL-IDENTIFIER-V01-CS01-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
DST_PADDING = b"BEFL-PADDING-V01-CS01-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
"""PRV-081, PRV-084: the tags under which identifiers and padding are hashed."""


# ---------------------------------------------------------------------------------------------------------
# Identifiers and secrets


def identifier_point(scope: AlignmentScope, identifier: bytes) -> bytes:
    """PRV-081: The point of an identifier, for one attempt of one task. Errors: IDENTIFIER_LENGTH (1 to 64 bytes)."""
    if not 1 <= len(identifier) <= IDENTIFIER_MAX:
        raise SpecError(Code.IDENTIFIER_LENGTH, f"{len(identifier)} bytes, 1 to {IDENTIFIER_MAX}")
    return group.hash_to_point(hash_tree_root(scope) + identifier, DST_IDENTIFIER)


def blinding_scalar(scope: AlignmentScope, side: int, secret: bytes) -> int:
    """PRV-083: The scalar of a side for one attempt. Errors, in order: SIDE_UNKNOWN; KEY_LENGTH."""
    return bls.keygen(_derived(scope, side, secret, PURPOSE_SCALAR))


def padding_key(scope: AlignmentScope, side: int, secret: bytes) -> bytes:
    """PRV-083: The key of a side's padding for one attempt. Errors, in order: SIDE_UNKNOWN; KEY_LENGTH."""
    return _derived(scope, side, secret, PURPOSE_PADDING)


def _derived(scope: AlignmentScope, side: int, secret: bytes, purpose: int) -> bytes:
    _check_side(side)
    if len(secret) != SECRET_BYTES:
        raise SpecError(Code.KEY_LENGTH, f"a secret of {len(secret)} bytes, not {SECRET_BYTES}")
    return agreement.derive_key(secret, encode(AlignmentPurpose(scope, side, purpose)))


def _check_side(side: int) -> None:
    if side not in (FIRST, SECOND):
        raise SpecError(Code.SIDE_UNKNOWN, f"side {side}")


def _check_capacity(capacity: int) -> None:
    if not 1 <= capacity <= CAPACITY_MAX:
        raise SpecError(Code.CAPACITY_RANGE, f"a capacity of {capacity}")


# ---------------------------------------------------------------------------------------------------------
# Blinded sets


def blind_set(
    scope: AlignmentScope, side: int, capacity: int, secret: bytes, identifiers: Sequence[bytes]
) -> tuple[BlindedSet, list[int]]:
    """PRV-084: A side's identifiers and its padding, blinded and ascending, and the place of each identifier.

    Errors, in order: SIDE_UNKNOWN; KEY_LENGTH; EMPTY; CAPACITY_RANGE; SET_SIZE for more identifiers than the
    capacity; IDENTIFIER_LENGTH; IDENTIFIER_REPEATED.
    """
    scalar, key = blinding_scalar(scope, side, secret), padding_key(scope, side, secret)
    if not identifiers:
        raise SpecError(Code.EMPTY, "no identifiers")
    _check_capacity(capacity)
    if len(identifiers) > capacity:
        raise SpecError(Code.SET_SIZE, f"{len(identifiers)} identifiers, room for {capacity}")
    hashed = [identifier_point(scope, identifier) for identifier in identifiers]
    if len(set(identifiers)) != len(identifiers):
        raise SpecError(Code.IDENTIFIER_REPEATED, f"{len(identifiers) - len(set(identifiers))} of them")
    numbers = range(capacity - len(identifiers))
    hashed += [group.hash_to_point(key + number.to_bytes(8, "little"), DST_PADDING) for number in numbers]
    blinded = [group.multiply(point, scalar) for point in hashed]
    points = sorted(blinded)
    places = {point: place for place, point in enumerate(points)}
    return BlindedSet(scope, side, tuple(points)), [places[point] for point in blinded[: len(identifiers)]]


def check_blinded_set(root: bytes, capacity: int, blinded: BlindedSet) -> None:
    """PRV-085: A set that a side shows is the one it committed to, of the agreed size, and made of points.

    Errors, in order: SIDE_UNKNOWN; CAPACITY_RANGE; SET_SIZE; POINT_ORDER unless the points ascend strictly;
    POINT_INVALID, POINT_IDENTITY for the first that is no point; SET_MISMATCH.
    """
    _check_side(blinded.side)
    _check_capacity(capacity)
    if len(blinded.points) != capacity:
        raise SpecError(Code.SET_SIZE, f"{len(blinded.points)} points, not {capacity}")
    if any(before >= after for before, after in pairwise(blinded.points)):
        raise SpecError(Code.POINT_ORDER, "points must ascend strictly")
    for point in blinded.points:
        group.check_point(point)
    if hash_tree_root(blinded) != root:
        raise SpecError(Code.SET_MISMATCH, f"side {blinded.side}")


def blind_again(
    scope: AlignmentScope, side: int, secret: bytes, own: Sequence[bytes], peer: Sequence[bytes]
) -> list[bytes]:
    """PRV-086: The peer's points under this side's scalar too, in the order in which the peer showed them.

    Errors, in order: SIDE_UNKNOWN; KEY_LENGTH; EMPTY; VECTOR_LENGTH unless both sets have one size; POINT_REFLECTED
    for a point that is in both; POINT_INVALID, POINT_IDENTITY.
    """
    scalar = blinding_scalar(scope, side, secret)
    if not peer:
        raise SpecError(Code.EMPTY, "no points")
    if len(peer) != len(own):
        raise SpecError(Code.VECTOR_LENGTH, f"{len(peer)} points, not {len(own)}")
    if not set(own).isdisjoint(peer):
        raise SpecError(Code.POINT_REFLECTED, f"{len(set(own) & set(peer))} of {len(own)} points")
    return [group.multiply(point, scalar) for point in peer]


# ---------------------------------------------------------------------------------------------------------
# The aligned order


def align(
    scope: AlignmentScope,
    roots: tuple[bytes, bytes],
    side: int,
    positions: Sequence[int],
    again: tuple[Sequence[bytes], Sequence[bytes]],
) -> tuple[Alignment, list[int]]:
    """PRV-087: What both sides have in common, and for each place in their order the index of a side's identifier.

    `roots` are those of both sets, `positions` the places of the side's identifiers in its own set, `again` the
    points of the first and of the second set under both scalars. Errors, in order: SIDE_UNKNOWN; EMPTY;
    VECTOR_LENGTH; POSITION_RANGE for a place that there is not, or that is named twice; POINT_INVALID,
    POINT_IDENTITY in the list that the peer made; POINT_REPEATED in either; PADDING_MATCHED.
    """
    _check_side(side)
    first, second = again
    if not first:
        raise SpecError(Code.EMPTY, "no points")
    if len(second) != len(first):
        raise SpecError(Code.VECTOR_LENGTH, f"{len(first)} and {len(second)} points")
    if len(set(positions)) != len(positions) or any(position >= len(first) for position in positions):
        raise SpecError(Code.POSITION_RANGE, f"{len(positions)} places of {len(first)}")
    for point in again[side]:
        group.check_point(point)
    if len(set(first)) != len(first) or len(set(second)) != len(second):
        raise SpecError(Code.POINT_REPEATED, "one point twice under both scalars")
    common = sorted(set(first) & set(second))
    owners = {again[side][position]: index for index, position in enumerate(positions)}
    if any(point not in owners for point in common):
        raise SpecError(Code.PADDING_MATCHED, f"one of {len(common)} points in common is padding")
    return Alignment(scope, *roots, tuple(common)), [owners[point] for point in common]


def check_alignment(own: bytes, peer: bytes) -> None:
    """PRV-088: Both sides found the same. Errors: ALIGNMENT_MISMATCH."""
    if own != peer:
        raise SpecError(Code.ALIGNMENT_MISMATCH, f"0x{own.hex()} and 0x{peer.hex()}")


def enumerable_share(space: int, capacity: int, attempts: int, limit_bps: int) -> int:
    """PRV-089: The part of all possible identifiers, in basis points rounded up, that a side can ask about.

    Errors, in order: SPACE_RANGE unless there is a possible identifier; CAPACITY_RANGE; ATTEMPTS_RANGE without an
    attempt; IDENTIFIERS_ENUMERABLE above the limit.
    """
    if space < 1:
        raise SpecError(Code.SPACE_RANGE, "no possible identifiers")
    _check_capacity(capacity)
    if attempts < 1:
        raise SpecError(Code.ATTEMPTS_RANGE, "no attempt")
    share = min(BPS, -(-BPS * capacity * attempts // space))
    if share > limit_bps:
        raise SpecError(Code.IDENTIFIERS_ENUMERABLE, f"{share} of {BPS}, at most {limit_bps}")
    return share
