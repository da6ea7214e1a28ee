"""Secure rounds: what members send so that only the sum of their group is ever seen (PRV-031 to PRV-037)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..crypto.agreement import shared_secret
from ..encoding import hash_bytes, hash_tree_root
from ..errors import Code, SpecError
from ..privacy.graph import neighbour_graph
from ..privacy.sharing import SECRET_KEY, SECRET_SEED, check_edge_share
from ..types import (
    ZERO_ROOT,
    AdvertiseKeys,
    EdgeShare,
    Group,
    MaskedInput,
    Member,
    OpenedShare,
    Round,
    ShareKeys,
    State,
    SurvivorList,
    Task,
    Unmask,
)
from .rounds import current_round, with_round
from .tasks import Role, Standing, Step, Window, require_role

DOMAIN_GROUPS = bytes.fromhex("86000000")
"""PRV-031: the prefix under which trainers are ranked into groups."""
ANY_SECRET = b"\1" + bytes(31)
"""PRV-032: every secret key gives zeros with a key of small order, so this one shows them."""


# ---------------------------------------------------------------------------------------------------------
# Groups and neighbours


def group_trainers(task: Task) -> tuple[tuple[int, ...], ...]:
    """PRV-031: The trainers of each group, ascending; fixed for the whole task by its `group_seed`.

    Trainers are ranked by SHA-256(0x86000000 ‖ group_seed ‖ le32(trainer)) and dealt out one after another.
    """
    trainers = [p.identity for p in task.participants if p.role == Role.TRAINER]
    ranked = sorted(trainers, key=lambda t: hash_bytes(DOMAIN_GROUPS, task.group_seed, t.to_bytes(4, "little")))
    groups = task.spec.privacy.groups
    return tuple(tuple(sorted(ranked[group::groups])) for group in range(groups))


def group_members(round_: Round, group: int, steps: Iterable[Step] = tuple(Step)) -> tuple[Member, ...]:
    """PRV-032: The members of a group that are at one of these steps, in ascending registration index."""
    wanted = tuple(steps)
    return tuple(m for m in round_.secure.members if m.group == group and m.step in wanted)


def neighbours(task: Task, index: int, group: int) -> dict[int, tuple[int, ...]]:
    """PRV-033: For each member of a group, by index, the ascending indices of its neighbours.

    All who advertised are on the graph; the degree is the task's, or everybody when there are no more.
    """
    on_graph = [member.trainer for member in group_members(task.round, group)]
    everybody = len(on_graph) - 1
    degree = task.spec.privacy.degree
    rows = neighbour_graph(
        task.round.secure.seed, index, group, len(on_graph), degree if 0 < degree < everybody else everybody
    )
    return {own: tuple(on_graph[place] for place in row) for own, row in zip(on_graph, rows, strict=True)}


# ---------------------------------------------------------------------------------------------------------
# Changing a secure round


def set_member(state: State, index: int, changed: Member) -> State:
    """PRV-032: The state in which the trainer's entry in the secure round is `changed`."""
    secure = state.tasks[index].round.secure
    members = tuple(changed if m.trainer == changed.trainer else m for m in secure.members)
    return with_round(state, index, secure=replace(secure, members=members))


def set_group(state: State, index: int, group: int, **changes: Any) -> State:
    """PRV-033: The state in which a group has these fields."""
    secure = state.tasks[index].round.secure
    groups = tuple(replace(g, **changes) if at == group else g for at, g in enumerate(secure.groups))
    return with_round(state, index, secure=replace(secure, groups=groups))


def own_entry(round_: Round, sender: int) -> Member:
    """PRV-032: The sender's entry, while its group stands. Errors, in order: KEYS_MISSING, GROUP_FAILED."""
    member = next((m for m in round_.secure.members if m.trainer == sender), None)
    if member is None:
        raise SpecError(Code.KEYS_MISSING, f"trainer {sender}")
    if round_.secure.groups[member.group].status != Standing.OPEN:
        raise SpecError(Code.GROUP_FAILED, f"group {member.group}")
    return member


# ---------------------------------------------------------------------------------------------------------
# The four steps


def advertise_keys(state: State, sender: int, payload: AdvertiseKeys) -> State:
    """PRV-032: A trainer enters the round with a key for masks and a key for shares.

    Errors, in order: TASK_UNKNOWN, ROUND_MISMATCH, PHASE_MISMATCH, ROLE_MISSING, ALREADY_ADVERTISED, KEY_REPEATED,
    AGREEMENT_ZERO.
    """
    task, round_ = current_round(state, payload.task, payload.round, Window.KEYS)
    require_role(task, sender, Role.TRAINER)
    members = round_.secure.members
    if any(member.trainer == sender for member in members):
        raise SpecError(Code.ALREADY_ADVERTISED, f"trainer {sender}")
    shown = {key for member in members for key in (member.mask_key, member.share_key)}
    if payload.mask_key == payload.share_key or not shown.isdisjoint((payload.mask_key, payload.share_key)):
        raise SpecError(Code.KEY_REPEATED, f"trainer {sender} shows a key that was shown in this round")
    for key in (payload.mask_key, payload.share_key):
        shared_secret(ANY_SECRET, key)
    group = next(at for at, trainers in enumerate(group_trainers(task)) if sender in trainers)
    keys = (payload.mask_key, payload.share_key, ZERO_ROOT)
    new = Member(sender, group, Step.ADVERTISED, *keys, (), ZERO_ROOT, (), False, ())
    secure = replace(round_.secure, members=tuple(sorted((*members, new), key=lambda m: m.trainer)))
    return with_round(state, payload.task, secure=secure)


def share_keys(state: State, sender: int, payload: ShareKeys) -> State:
    """PRV-034: A member deals out shares of its own seed and of its key for masks, sealed and committed to.

    Errors, in order: TASK_UNKNOWN, ROUND_MISMATCH, PHASE_MISMATCH, KEYS_MISSING, GROUP_FAILED, ALREADY_SHARED,
    EDGE_COUNT.
    """
    task, round_ = current_round(state, payload.task, payload.round, Window.SHARES)
    member = own_entry(round_, sender)
    if member.step != Step.ADVERTISED:
        raise SpecError(Code.ALREADY_SHARED, f"trainer {sender}")
    holders = neighbours(task, payload.task, member.group)[sender]
    if len(payload.edges) != len(holders):
        raise SpecError(Code.EDGE_COUNT, f"{len(payload.edges)} edges for {len(holders)} neighbours")
    dealt = replace(member, step=Step.SHARED, seed_mark=payload.seed_mark, edges=payload.edges)
    return set_member(state, payload.task, dealt)


def masked_input(state: State, sender: int, payload: MaskedInput) -> State:
    """PRV-035: A member names the blob that holds its masked update.

    Errors, in order: TASK_UNKNOWN, ROUND_MISMATCH, PHASE_MISMATCH, KEYS_MISSING, GROUP_FAILED, SHARES_UNSENT,
    ALREADY_GIVEN.
    """
    _, round_ = current_round(state, payload.task, payload.round, Window.INPUT)
    member = own_entry(round_, sender)
    if member.step == Step.ADVERTISED:
        raise SpecError(Code.SHARES_UNSENT, f"trainer {sender}")
    if member.step != Step.SHARED:
        raise SpecError(Code.ALREADY_GIVEN, f"trainer {sender}")
    return set_member(state, payload.task, replace(member, step=Step.GIVEN, blob_root=payload.blob_root))


def survivor_list(state: State, index: int, group: int) -> SurvivorList:
    """PRV-036: Whose inputs a group's sum is over, and who shared keys and is missing; from UNMASK on."""
    round_ = state.tasks[index].round
    return SurvivorList(
        genesis_root=state.genesis_root,
        task=index,
        round=round_.number,
        group=group,
        survivors=tuple(m.trainer for m in group_members(round_, group, (Step.SURVIVOR,))),
        dropped=tuple(m.trainer for m in group_members(round_, group, (Step.SHARED, Step.LOST))),
    )


def unmask(state: State, sender: int, payload: Unmask) -> State:
    """PRV-037: A member that shared its keys answers the list of its group: a share of each neighbour's one secret.

    Errors, in order: TASK_UNKNOWN, ROUND_MISMATCH, PHASE_MISMATCH, KEYS_MISSING, GROUP_FAILED, SHARES_UNSENT,
    ALREADY_ANSWERED, LIST_MISMATCH, MEMBER_ORDER; for each share in turn MEMBER_UNKNOWN, then those of
    check_edge_share.
    """
    task, round_ = current_round(state, payload.task, payload.round, Window.UNMASK)
    member = own_entry(round_, sender)
    if member.step == Step.ADVERTISED:
        raise SpecError(Code.SHARES_UNSENT, f"trainer {sender}")
    if member.answered:
        raise SpecError(Code.ALREADY_ANSWERED, f"trainer {sender}")
    if payload.list_root != hash_tree_root(survivor_list(state, payload.task, member.group)):
        raise SpecError(Code.LIST_MISMATCH, f"trainer {sender} answers another list than the ledger's")
    dealers = [opened.member for opened in payload.shares]
    if dealers != sorted(set(dealers)):
        raise SpecError(Code.MEMBER_ORDER, "the dealers do not ascend strictly")
    graph = neighbours(task, payload.task, member.group)
    by_index = {m.trainer: m for m in group_members(round_, member.group) if m.step != Step.ADVERTISED}
    for opened in payload.shares:
        dealer = by_index.get(opened.member)
        if dealer is None or opened.member not in graph[sender]:
            raise SpecError(Code.MEMBER_UNKNOWN, f"{opened.member} dealt nothing to {sender}")
        check_opened(state, payload.task, dealer, graph[opened.member], OpenedShare(sender, opened.share))
    state = set_member(state, payload.task, replace(member, answered=True))
    for opened in payload.shares:
        dealer = next(m for m in state.tasks[payload.task].round.secure.members if m.trainer == opened.member)
        shares = tuple(sorted((*dealer.opened, OpenedShare(sender, opened.share)), key=lambda o: o.member))
        state = set_member(state, payload.task, replace(dealer, opened=shares))
    return state


def secret_of(dealer: Member) -> int:
    """PRV-037: Which secret of a dealer is rebuilt: a survivor's seed, the key of one that dropped; never both."""
    return SECRET_SEED if dealer.step == Step.SURVIVOR else SECRET_KEY


def check_opened(state: State, index: int, dealer: Member, holders: tuple[int, ...], opened: OpenedShare) -> None:
    """PRV-037: The share is the one that the dealer committed to. Errors: those of check_edge_share."""
    round_ = state.tasks[index].round
    secret = secret_of(dealer)
    edge = dealer.edges[holders.index(opened.member)]
    place = (state.genesis_root, index, round_.number, dealer.group, dealer.trainer, opened.member, secret)
    commitment = edge.seed_commitment if secret == SECRET_SEED else edge.key_commitment
    check_edge_share(commitment, EdgeShare(*place, opened.share))


def fresh_groups(task: Task) -> tuple[Group, ...]:
    """PRV-033: The groups of a round that begins: all open, nobody named."""
    return (Group(Standing.OPEN, ()),) * task.spec.privacy.groups
