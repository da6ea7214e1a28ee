"""What a member of a secure round computes for itself, from its secrets and a certified state (PRV-040 to PRV-043).

Nothing here draws random numbers or keeps anything: secrets come in, transactions and masked words go out. Whoever
calls these functions makes durable what PRV-040 says before anything leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .. import kernels
from ..aggregation.guards import check_domain
from ..crypto.agreement import public_key
from ..encoding import hash_tree_root
from ..errors import Code, SpecError
from ..privacy.keys import PURPOSE_MASK, PURPOSE_SHARES, Scope, open_shares, pair_key, seal_shares
from ..privacy.masks import Words, mask_input
from ..privacy.noise import noised_input
from ..privacy.rings import to_ring
from ..privacy.sharing import LIMBS, SECRET_KEY, SECRET_SEED, secret_mark, secret_to_limbs
from ..types import (
    ZERO_ROOT,
    AdvertiseKeys,
    Edge,
    EdgeShare,
    Member,
    OpenedShare,
    ShareKeys,
    State,
    SurvivorList,
    Unmask,
)
from .opening import LIVE, task_ring
from .secure import check_opened, group_members, neighbours, own_entry, secret_of, survivor_list
from .tasks import NO_NOISE, Step, survivors_min

ELEMENT_BYTES = 8
NOT_ANSWERED = ZERO_ROOT
"""PRV-043: stands for the list of a member that has answered none."""


@dataclass(frozen=True)
class ClientSecrets:
    """PRV-040: The secrets of a member in one round, 32 bytes each; never used in another round."""

    mask_secret: bytes
    share_secret: bytes
    seed: bytes
    seed_dealing: bytes
    key_dealing: bytes
    noise_seed: bytes


def client_keys(index: int, number: int, secrets: ClientSecrets) -> AdvertiseKeys:
    """PRV-041: The public keys of the round. Errors: KEY_LENGTH."""
    return AdvertiseKeys(index, number, public_key(secrets.mask_secret), public_key(secrets.share_secret))


def client_shares(state: State, index: int, own: int, secrets: ClientSecrets) -> ShareKeys:
    """PRV-041: The shares of both secrets for each neighbour, sealed and committed to.

    Errors, in order: KEYS_MISSING, GROUP_FAILED; those of shamir_share and pair_key.
    """
    task = state.tasks[index]
    member = own_entry(task.round, own)
    holders = neighbours(task, index, member.group)[own]
    threshold = task.spec.privacy.threshold
    seed_shares = _dealt(secrets.seed, threshold, len(holders), secrets.seed_dealing)
    key_shares = _dealt(secrets.mask_secret, threshold, len(holders), secrets.key_dealing)
    on_graph = {m.trainer: m for m in group_members(task.round, member.group)}
    edges = tuple(
        Edge(
            _commitment(state, index, own, member.group, holder, SECRET_SEED, of_seed),
            _commitment(state, index, own, member.group, holder, SECRET_KEY, of_key),
            _sealed(state, index, member, secrets, on_graph[holder], _packed(of_seed, of_key)),
        )
        for holder, of_seed, of_key in zip(holders, seed_shares, key_shares, strict=True)
    )
    return ShareKeys(index, task.round.number, secret_mark(SECRET_SEED, secrets.seed), edges)


def client_input(
    state: State,
    index: int,
    own: int,
    secrets: ClientSecrets,
    update: np.ndarray[tuple[int], np.dtype[np.int32]],
    samples: int,
) -> Words:
    """PRV-042: The masked words of an update: each coordinate times the samples, then the samples.

    Errors, in order: KEYS_MISSING, GROUP_FAILED, SHARES_UNSENT, SAMPLE_COUNT, DOMAIN_COORDINATE.
    """
    task = state.tasks[index]
    member = own_entry(task.round, own)
    if member.step == Step.ADVERTISED:
        raise SpecError(Code.SHARES_UNSENT, f"trainer {own}")
    if not 1 <= samples <= task.spec.sample_count_max:
        raise SpecError(Code.SAMPLE_COUNT, f"{samples}, at most {task.spec.sample_count_max}")
    check_domain([update])
    ring = task_ring(task.spec)
    noise = task.spec.privacy.noise
    if noise == NO_NOISE:
        words = to_ring([samples * value for value in update.tolist()], ring)
    else:
        words = noised_input(update, noise, survivors_min(task.spec), secrets.noise_seed).tolist()
    vector = np.array([*words, samples], dtype=np.uint32 if ring == 32 else np.uint64)
    scope = _scope(state, index, member.group, PURPOSE_MASK)
    around = neighbours(task, index, member.group)[own]
    keys = [
        (m.trainer, pair_key(scope, (own, secrets.mask_secret), (m.trainer, m.mask_key)))
        for m in group_members(task.round, member.group, LIVE)
        if m.trainer in around
    ]
    return mask_input(vector, own, secrets.seed, keys)


def check_list(
    listed: SurvivorList, own: int, graph: Mapping[int, tuple[int, ...]], threshold: int, answered: bytes
) -> None:
    """PRV-043: Whether a member may answer this list; `answered` is the root of the list it answered before.

    Errors, in order: MEMBER_ORDER, MEMBER_OVERLAP, MEMBER_UNKNOWN (the member itself or somebody on no graph),
    SURVIVORS_MISSING, LIST_ANSWERED.
    """
    for members in (listed.survivors, listed.dropped):
        if any(before >= after for before, after in pairwise(members)):
            raise SpecError(Code.MEMBER_ORDER, "the members do not ascend strictly")
    everybody = {*listed.survivors, *listed.dropped}
    if len(everybody) < len(listed.survivors) + len(listed.dropped):
        raise SpecError(Code.MEMBER_OVERLAP, "a member is said to have dropped out and survived")
    if own not in everybody or not everybody <= graph.keys():
        raise SpecError(Code.MEMBER_UNKNOWN, f"member {own}, or another of the list, did not share its keys here")
    survivors = set(listed.survivors)
    around = min(len(survivors.intersection(graph[member])) for member in everybody)
    if around < threshold:
        raise SpecError(Code.SURVIVORS_MISSING, f"{around} survivors around some member, not {threshold}")
    if answered not in (NOT_ANSWERED, hash_tree_root(listed)):
        raise SpecError(Code.LIST_ANSWERED, f"member {own} answered another list of round {listed.round}")


def client_answer(state: State, index: int, own: int, secrets: ClientSecrets, answered: bytes) -> Unmask:
    """PRV-043: The member's answer to the list of its group: what it can open and check of its neighbours' shares.

    A message that cannot be opened, or whose share is not the one committed to, is left out: its dealer cheated.
    Errors, in order: KEYS_MISSING, GROUP_FAILED, SHARES_UNSENT, those of check_list.
    """
    task = state.tasks[index]
    member = own_entry(task.round, own)
    if member.step == Step.ADVERTISED:
        raise SpecError(Code.SHARES_UNSENT, f"trainer {own}")
    listed = survivor_list(state, index, member.group)
    graph = neighbours(task, index, member.group)
    check_list(listed, own, graph, task.spec.privacy.threshold, answered)
    shares = []
    for dealer in group_members(task.round, member.group, LIVE):
        if dealer.trainer not in graph[own]:
            continue
        try:
            share = _opened(state, index, member, secrets, dealer, graph[dealer.trainer])
            check_opened(state, index, dealer, graph[dealer.trainer], OpenedShare(own, share))
        except SpecError:
            continue
        shares.append(OpenedShare(dealer.trainer, share))
    return Unmask(index, task.round.number, hash_tree_root(listed), tuple(shares))


def _dealt(secret: bytes, threshold: int, holders: int, seed: bytes) -> list[tuple[int, ...]]:
    limbs = np.array(secret_to_limbs(secret), dtype=np.uint64)
    return [tuple(row.tolist()) for row in kernels.shamir_share(limbs, threshold, holders, seed)]


def _commitment(
    state: State, index: int, dealer: int, group: int, holder: int, secret: int, share: tuple[int, ...]
) -> bytes:
    number = state.tasks[index].round.number
    return hash_tree_root(EdgeShare(state.genesis_root, index, number, group, dealer, holder, secret, share))


def _packed(*shares: tuple[int, ...]) -> bytes:
    """PRV-034: The elements of both shares, eight bytes each, little-endian."""
    return b"".join(element.to_bytes(ELEMENT_BYTES, "little") for share in shares for element in share)


def _scope(state: State, index: int, group: int, purpose: int) -> Scope:
    return Scope(state.genesis_root, index, state.tasks[index].round.number, group, purpose)


def _sealed(state: State, index: int, dealer: Member, secrets: ClientSecrets, holder: Member, plain: bytes) -> bytes:
    key = _share_key(state, index, dealer, secrets, holder)
    lower, higher = sorted((dealer, holder), key=lambda m: m.trainer)
    return seal_shares(key, lower.share_key, higher.share_key, dealer.trainer > holder.trainer, plain)


def _opened(
    state: State, index: int, holder: Member, secrets: ClientSecrets, dealer: Member, holders: tuple[int, ...]
) -> tuple[int, ...]:
    """PRV-043: The share that the list asks for; nobody has checked it yet. Errors: those of open_shares."""
    key = _share_key(state, index, holder, secrets, dealer)
    lower, higher = sorted((dealer, holder), key=lambda m: m.trainer)
    sealed = dealer.edges[holders.index(holder.trainer)].sealed
    plain = open_shares(key, lower.share_key, higher.share_key, dealer.trainer > holder.trainer, sealed)
    elements = [
        int.from_bytes(plain[at : at + ELEMENT_BYTES], "little") for at in range(0, len(plain), ELEMENT_BYTES)
    ]
    return tuple(elements[:LIMBS] if secret_of(dealer) == SECRET_SEED else elements[LIMBS:])


def _share_key(state: State, index: int, own: Member, secrets: ClientSecrets, peer: Member) -> bytes:
    scope = _scope(state, index, own.group, PURPOSE_SHARES)
    return pair_key(scope, (own.trainer, secrets.share_secret), (peer.trainer, peer.share_key))
