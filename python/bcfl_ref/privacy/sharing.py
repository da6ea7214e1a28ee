"""What stands around the sharing kernels: samples, limbs, commitments, rebuilding (PRV-015, PRV-020 ...)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np

from .. import kernels
from ..crypto.agreement import public_key
from ..encoding import hash_bytes, hash_tree_root
from ..errors import Code, SpecError
from ..kernels import _masking
from ..kernels.limits import FIELD_MODULUS, SHARES_MAX
from ..types import EdgeShare

LIMB_BITS = 56
LIMBS = 5
SECRET_BYTES = 32
SECRET_SEED, SECRET_KEY = 1, 2
"""PRV-021: which secret is shared: the seed of the own mask, the secret key for masks."""
DOMAIN_SEED = bytes.fromhex("85000000")
"""PRV-027: the prefix under which the seed of an own mask is hashed."""


def field_samples(stream: bytes, count: int) -> list[int]:
    """PRV-015: The first `count` field elements of a stream of bytes. Errors: STREAM_SHORT when it ends before."""
    words = (int.from_bytes(stream[at : at + 8], "little") for at in range(0, len(stream) - 7, 8))
    samples = list(islice(_masking.field_samples(words), count))
    if len(samples) < count:
        raise SpecError(Code.STREAM_SHORT, f"{len(stream)} bytes hold {len(samples)} elements, not {count}")
    return samples


def secret_to_limbs(secret: bytes) -> list[int]:
    """PRV-020: 32 bytes as five field elements of 56, 56, 56, 56 and 32 bits, little-endian. Errors: KEY_LENGTH."""
    if len(secret) != SECRET_BYTES:
        raise SpecError(Code.KEY_LENGTH, f"a secret of {len(secret)} bytes, not {SECRET_BYTES}")
    number = int.from_bytes(secret, "little")
    return [number >> LIMB_BITS * place & (1 << LIMB_BITS) - 1 for place in range(LIMBS)]


def limbs_to_secret(limbs: Sequence[int]) -> bytes:
    """PRV-020: The 32 bytes of five limbs. Errors: LIMB_RANGE for another number of limbs or a limb too large.

    Shares of different secrets, or of none, rebuild elements of the whole field: only one in 2^53 passes here.
    """
    widths = [LIMB_BITS] * (LIMBS - 1) + [8 * SECRET_BYTES - LIMB_BITS * (LIMBS - 1)]
    if len(limbs) != LIMBS or any(limb >> width for limb, width in zip(limbs, widths, strict=True)):
        raise SpecError(Code.LIMB_RANGE, f"{len(limbs)} limbs")
    return sum(limb << LIMB_BITS * place for place, limb in enumerate(limbs)).to_bytes(SECRET_BYTES, "little")


def check_edge_share(commitment: bytes, share: EdgeShare) -> None:
    """PRV-021: The share is the one that its dealer committed to for this holder.

    Errors, in order: MEMBER_SELF for a dealer that holds its own share; LIMB_RANGE unless there are five elements;
    FIELD_RANGE for one that is not below p; SHARE_MISMATCH.
    """
    if share.dealer == share.holder:
        raise SpecError(Code.MEMBER_SELF, f"member {share.dealer}")
    if len(share.share) != LIMBS:
        raise SpecError(Code.LIMB_RANGE, f"{len(share.share)} elements, not {LIMBS}")
    for place, element in enumerate(share.share):
        if element >= FIELD_MODULUS:
            raise SpecError(Code.FIELD_RANGE, f"element {place} is not below 2^61 - 1")
    if hash_tree_root(share) != commitment:
        raise SpecError(Code.SHARE_MISMATCH, f"dealer {share.dealer}, holder {share.holder}")


@dataclass(frozen=True)
class Dealing:
    """PRV-027: What a dealer published about one of its secrets: holders, one commitment each, and the mark."""

    genesis_root: bytes
    task: int
    round: int
    group: int
    dealer: int
    secret: int
    holders: tuple[int, ...]
    commitments: tuple[bytes, ...]
    mark: bytes


def secret_mark(kind: int, secret: bytes) -> bytes:
    """PRV-027: What a secret is recognised by: a digest of the own seed, the public key of a secret key.

    Errors, in order: SECRET_UNKNOWN; KEY_LENGTH.
    """
    if kind not in (SECRET_SEED, SECRET_KEY):
        raise SpecError(Code.SECRET_UNKNOWN, f"kind {kind}")
    if len(secret) != SECRET_BYTES:
        raise SpecError(Code.KEY_LENGTH, f"a secret of {len(secret)} bytes, not {SECRET_BYTES}")
    return public_key(secret) if kind == SECRET_KEY else hash_bytes(DOMAIN_SEED, secret)


def rebuild_secret(dealing: Dealing, threshold: int, revealed: Sequence[tuple[int, tuple[int, ...]]]) -> bytes:
    """PRV-027: The secret from (position, share) pairs, of which those count that match their commitments.

    Errors, in order: SECRET_UNKNOWN; MEMBER_ORDER unless holders ascend strictly; POSITION_COUNT unless there are as
    many commitments; THRESHOLD_RANGE unless 2 <= threshold <= holders; POSITION_RANGE; POSITION_ORDER;
    SHARES_MISSING; DEALER_INCONSISTENT when the first `threshold` matching shares rebuild something else.
    """
    _check_dealing(dealing, threshold, [position for position, _ in revealed])
    matching = [(position, share) for position, share in revealed if _matches(dealing, position, share)]
    if len(matching) < threshold:
        raise SpecError(Code.SHARES_MISSING, f"{len(matching)} of {len(revealed)} shares match, not {threshold}")
    rows = [np.array(share, dtype=np.uint64) for _, share in matching]
    limbs = kernels.shamir_reconstruct(rows, [position for position, _ in matching], threshold)
    try:
        secret = limbs_to_secret(limbs.tolist())
    except SpecError:
        raise SpecError(Code.DEALER_INCONSISTENT, f"dealer {dealing.dealer}: limbs out of range") from None
    if secret_mark(dealing.secret, secret) != dealing.mark:
        raise SpecError(Code.DEALER_INCONSISTENT, f"dealer {dealing.dealer}: another secret")
    return secret


def _check_dealing(dealing: Dealing, threshold: int, positions: Sequence[int]) -> None:
    if dealing.secret not in (SECRET_SEED, SECRET_KEY):
        raise SpecError(Code.SECRET_UNKNOWN, f"kind {dealing.secret}")
    if any(before >= after for before, after in pairwise(dealing.holders)):
        raise SpecError(Code.MEMBER_ORDER, "holders must ascend strictly")
    if len(dealing.commitments) != len(dealing.holders):
        raise SpecError(Code.POSITION_COUNT, f"{len(dealing.commitments)} commitments")
    if not 2 <= threshold <= min(len(dealing.holders), SHARES_MAX):
        raise SpecError(Code.THRESHOLD_RANGE, f"threshold {threshold}, {len(dealing.holders)} holders")
    if any(position >= len(dealing.holders) for position in positions):
        raise SpecError(Code.POSITION_RANGE, f"there are {len(dealing.holders)} holders")
    if any(before >= after for before, after in pairwise(positions)):
        raise SpecError(Code.POSITION_ORDER, "positions must ascend strictly")


def _matches(dealing: Dealing, position: int, share: tuple[int, ...]) -> bool:
    """Whether the share is the one committed to for the holder at this position."""
    place = (dealing.genesis_root, dealing.task, dealing.round, dealing.group, dealing.dealer)
    edge = EdgeShare(*place, dealing.holders[position], dealing.secret, share)
    try:
        check_edge_share(dealing.commitments[position], edge)
    except SpecError:
        return False
    return True
