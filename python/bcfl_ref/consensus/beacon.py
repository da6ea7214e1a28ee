"""The beacon and the committees drawn from it: mix, seeds, candidates, seats (CON-001 ... CON-004).

The order of events is the whole security argument. Candidates are frozen at the start of epoch e - 2, the
reveals of epoch e - 2 are mixed after that, and the mix at its end draws the committee of epoch e. So nobody who
feeds on a seed (by registering, bonding or earning reputation) can still move after its first reveal.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..encoding import DOMAIN_REVEAL, compute_domain, hash_bytes, signing_root
from ..errors import Code, InvariantError, SpecError
from ..types import Committee, RevealMessage, Seat

SEATS_LIMIT = 1024
"""CON-003: the most seats that a committee has room for."""
WEIGHT_LIMIT = 2**64
DOMAIN_SEAT = bytes.fromhex("80000000")
DOMAIN_MIX = bytes.fromhex("81000000")
DOMAIN_EPOCH = bytes.fromhex("82000000")
"""CON-002, CON-004: prefixes of what is hashed, not signed; the high bit keeps them apart from TYP-005."""
DRAW_BITS = 128


# ---------------------------------------------------------------------------------------------------------
# Epochs


def epoch_of(height: int, epoch_heights: int) -> int:
    """CON-001: The epoch of a height; genesis, height 0, belongs to epoch 0."""
    return height // epoch_heights


def committee_at(height: int, epoch_heights: int, committee: Committee, next_committee: Committee) -> Committee:
    """CON-001: Which of two committees in succession sits at `height`. Errors: HEIGHT_EPOCH for neither."""
    epoch = epoch_of(height, epoch_heights)
    for candidate in (committee, next_committee):
        if candidate.epoch == epoch:
            return candidate
    raise SpecError(Code.HEIGHT_EPOCH, f"height {height} of epoch {epoch}, committees of {committee.epoch} and next")


# ---------------------------------------------------------------------------------------------------------
# Mix and seed


def genesis_mix(genesis_root: bytes) -> bytes:
    """CON-002: The mix before the first reveal."""
    return hash_bytes(DOMAIN_MIX, genesis_root)


def genesis_seed(genesis_root: bytes, epoch: int) -> bytes:
    """CON-002: The seed of epochs 0 and 1, which no reveal precedes by two epochs."""
    return hash_bytes(DOMAIN_EPOCH, genesis_root, epoch.to_bytes(8, "little"))


def reveal_message(height: int, genesis_root: bytes, protocol_version: int) -> bytes:
    """CON-002: The 32 bytes that the author of the block at `height` signs as its reveal."""
    return signing_root(RevealMessage(height), compute_domain(DOMAIN_REVEAL, genesis_root, protocol_version))


def mix_reveal(mix: bytes, view: int, reveal: bytes) -> bytes:
    """CON-002: The mix after a block created in `view`: SHA-256(mix ‖ reveal) for view 0, unchanged otherwise.

    Only view 0 feeds the beacon. Its author is fixed before the epoch begins, so a corrupt author has two choices
    (reveal, or stay silent), and k of them in a row at the end of an epoch have 2^k. If the author of a later view
    were mixed in as well, the same k could choose among up to (k + 1)! mixes.
    """
    return hash_bytes(mix, reveal) if view == 0 else mix


# ---------------------------------------------------------------------------------------------------------
# Candidates and seats


def snapshot_candidates(weights: Sequence[tuple[int, int]]) -> tuple[Seat, ...]:
    """CON-003: The frozen candidates from (registration index, weight) pairs; weight 0 is left out.

    Errors, in order, pair by pair: CANDIDATE_ORDER unless indices strictly ascend; CANDIDATE_WEIGHT unless
    0 <= weight < 2^64.
    """
    candidates, previous = [], -1
    for index, weight in weights:
        if index <= previous:
            raise SpecError(Code.CANDIDATE_ORDER, f"index {index} after {previous}")
        if not 0 <= weight < WEIGHT_LIMIT:
            raise SpecError(Code.CANDIDATE_WEIGHT, f"weight {weight} of index {index}")
        if weight:
            candidates.append(Seat(index, weight))
        previous = index
    return tuple(candidates)


def draw_committee(epoch: int, seed: bytes, candidates: Sequence[Seat], seats_max: int) -> Committee:
    """CON-004: The committee of `epoch`.

    Everybody sits, one seat each with its own weight, while there are at most `seats_max` candidates. Otherwise
    `seats_max` seats are drawn with replacement by weight, and every drawn seat has weight 1: its weight was
    used up by the draw. Errors, in order: SEATS_RANGE unless 1 <= seats_max <= 1024; CANDIDATES_EMPTY;
    CANDIDATE_ORDER unless identities strictly ascend; CANDIDATE_WEIGHT for a weight of zero.
    """
    if not 1 <= seats_max <= SEATS_LIMIT:
        raise SpecError(Code.SEATS_RANGE, f"{seats_max} seats")
    if not candidates:
        raise SpecError(Code.CANDIDATES_EMPTY, f"nobody to draw for epoch {epoch}")
    for before, after in pairwise(candidates):
        if after.identity <= before.identity:
            raise SpecError(Code.CANDIDATE_ORDER, f"identity {after.identity} after {before.identity}")
    if any(candidate.weight == 0 for candidate in candidates):
        raise SpecError(Code.CANDIDATE_WEIGHT, "a candidate weighs nothing")
    if len(candidates) <= seats_max:
        return Committee(epoch, seed, tuple(candidates))
    drawn = (draw_seat(seed, seat, candidates) for seat in range(seats_max))
    return Committee(epoch, seed, tuple(Seat(identity, 1) for identity in drawn))


def draw_seat(seed: bytes, seat: int, candidates: Sequence[Seat]) -> int:
    """CON-004: The identity that wins a seat: an unbiased point below the sum of weights, then a walk."""
    total = sum(candidate.weight for candidate in candidates)
    limit = (1 << DRAW_BITS) // total * total
    attempt = 0
    while (point := _draw(seed, seat, attempt)) >= limit:
        attempt += 1
    point %= total
    for candidate in candidates:
        if point < candidate.weight:
            return candidate.identity
        point -= candidate.weight
    raise InvariantError("a point below the sum of the weights lies in one of them")


def _draw(seed: bytes, seat: int, attempt: int) -> int:
    """The first 16 bytes, little-endian, of SHA-256(domain ‖ seed ‖ seat ‖ attempt)."""
    digest = hash_bytes(DOMAIN_SEAT, seed, seat.to_bytes(8, "little"), attempt.to_bytes(8, "little"))
    return int.from_bytes(digest[: DRAW_BITS // 8], "little")
