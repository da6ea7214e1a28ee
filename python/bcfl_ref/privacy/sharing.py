"""What stands around the sharing kernels: samples, limbs of secrets, commitments (PRV-015, PRV-020, PRV-021)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from ..encoding import hash_tree_root
from ..errors import Code, SpecError
from ..kernels import _masking
from ..kernels.limits import FIELD_MODULUS
from ..types import EdgeShare

LIMB_BITS = 56
LIMBS = 5
SECRET_BYTES = 32
SECRET_SEED, SECRET_KEY = 1, 2
"""PRV-021: which secret is shared: the seed of the own mask, the secret key for masks."""


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
