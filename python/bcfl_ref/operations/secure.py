"""The operations of secure rounds (PRV-030 to PRV-043): what the ledger does, what a client computes.

All belong to the profile *privacy*. Transactions and deadlines take a whole State and give the next one, as in
`spec/contract.md`; what a client computes it computes from a State and its secrets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np

from ..contract import client, opening, secure
from ..contract.client import ClientSecrets
from ..encoding import from_json, to_json
from ..errors import Code, SpecError
from ..types import (
    AdvertiseKeys,
    Bytes32,
    IdentityIndex,
    ListUpTo,
    MaskedInput,
    Root,
    ShareKeys,
    State,
    SurvivorList,
    Task,
    Uint16,
    Uint32,
    Unmask,
)
from ._base import Json, Operation, machine_operation
from ._reachable import check_whole
from ._shape import fields, objects, rows
from .contract import blobs_from_json, transaction_run
from .transition import MACHINE

INDICES = Annotated[tuple[IdentityIndex, ...], ListUpTo(2**11)]
_SHARED = (Code.TASK_UNKNOWN, Code.ROUND_MISMATCH, Code.PHASE_MISMATCH)
_EDGE = (Code.LIMB_RANGE, Code.FIELD_RANGE, Code.SHARE_MISMATCH)


# ---- JSON


def _state(data: Json) -> State:
    state: State = from_json(State, data["state"])
    check_whole(state)
    return state


def _secure_task(data: Json) -> tuple[State, int, Task]:
    """A state and a task of it that has a secure round under way."""
    state, index = _state(data), from_json(Uint32, data["task"])
    if index >= len(state.tasks) or not state.tasks[index].round.secure.groups:
        raise SpecError(Code.ENCODING_INVALID, f"task {index} has no secure round under way")
    return state, index, state.tasks[index]


def _own(data: Json) -> int:
    own: int = from_json(IdentityIndex, data["own"])
    return own


def _secrets(data: Json) -> ClientSecrets:
    given = fields(data["secrets"])
    return ClientSecrets(*(from_json(Bytes32, given[name]) for name in ClientSecrets.__dataclass_fields__))


# ---- what the ledger does


def _deadline(rule: Callable[..., State], *, blobs: bool = False) -> Callable[[Json], Json]:
    def run(data: Json) -> Json:
        state, index, _ = _secure_task(data)
        extra = (blobs_from_json(data["blobs"]),) if blobs else ()
        return {"state": to_json(rule(state, index, *extra))}

    return run


def _group_trainers(data: Json) -> Json:
    _, _, task = _secure_task(data)
    return {"groups": [[str(trainer) for trainer in group] for group in secure.group_trainers(task)]}


def _neighbours(data: Json) -> Json:
    _, index, task = _secure_task(data)
    graph = secure.neighbours(task, index, _group(data, task))
    return {"neighbours": [{"member": str(own), "around": [str(m) for m in graph[own]]} for own in graph]}


def _survivor_list(data: Json) -> Json:
    state, index, task = _secure_task(data)
    return {"list": to_json(secure.survivor_list(state, index, _group(data, task)))}


def _group(data: Json, task: Task) -> int:
    group: int = from_json(Uint16, data["group"])
    if group >= len(task.round.secure.groups) or not secure.group_members(task.round, group):
        raise SpecError(Code.ENCODING_INVALID, f"group {group} has no members")
    return group


# ---- what a client computes


def _client_keys(data: Json) -> Json:
    index, number = from_json(Uint32, data["task"]), from_json(Uint16, data["round"])
    return {"payload": to_json(client.client_keys(index, number, _secrets(data)))}


def _client_shares(data: Json) -> Json:
    state, index, _ = _secure_task(data)
    return {"payload": to_json(client.client_shares(state, index, _own(data), _secrets(data)))}


def _client_input(data: Json) -> Json:
    state, index, _ = _secure_task(data)
    values = rows(data["update"])
    if not values or any(type(value) is not int or not -(2**31) <= value < 2**31 for value in values):
        raise SpecError(Code.ENCODING_INVALID, "an update is an array of int32")
    update = np.array(values, dtype=np.int32)
    samples = from_json(Uint32, data["samples"])
    words = client.client_input(state, index, _own(data), _secrets(data), update, samples)
    return {"words": [str(word) for word in words.tolist()]}


def _check_list(data: Json) -> Json:
    graph = {
        from_json(IdentityIndex, row["member"]): tuple(from_json(IdentityIndex, m) for m in rows(row["around"]))
        for row in objects(data["neighbours"])
    }
    listed = from_json(SurvivorList, data["list"])
    threshold, answered = from_json(Uint16, data["threshold"]), from_json(Root, data["answered"])
    client.check_list(listed, _own(data), graph, threshold, answered)
    return {}


def _client_answer(data: Json) -> Json:
    state, index, _ = _secure_task(data)
    answered = from_json(Root, data["answered"])
    return {"payload": to_json(client.client_answer(state, index, _own(data), _secrets(data), answered))}


# ---- the table


def _operation(
    function: Any, clauses: str, run: Callable[[Json], Json], errors: tuple[Code, ...], summary: str
) -> Operation:
    return Operation(
        name=f"privacy.{function.__name__}",
        clauses=tuple(clauses.split()),
        run=run,
        function=f"{function.__module__}.{function.__name__}",
        errors=errors,
        summary=summary,
        profile="privacy",
    )


_STANDING = (Code.KEYS_MISSING, Code.GROUP_FAILED)

OPERATIONS: tuple[Operation, ...] = (
    _operation(
        secure.advertise_keys,
        "PRV-032 PRV-031",
        transaction_run(secure.advertise_keys, AdvertiseKeys),
        (*_SHARED, Code.ROLE_MISSING, Code.ALREADY_ADVERTISED, Code.KEY_REPEATED, Code.AGREEMENT_ZERO),
        "enter a secure round with two new keys",
    ),
    _operation(
        secure.share_keys,
        "PRV-034 PRV-033",
        transaction_run(secure.share_keys, ShareKeys),
        (*_SHARED, *_STANDING, Code.ALREADY_SHARED, Code.EDGE_COUNT),
        "deal out sealed and committed shares",
    ),
    _operation(
        secure.masked_input,
        "PRV-035",
        transaction_run(secure.masked_input, MaskedInput),
        (*_SHARED, *_STANDING, Code.SHARES_UNSENT, Code.ALREADY_GIVEN),
        "name the blob of the masked input",
    ),
    _operation(
        secure.unmask,
        "PRV-037 PRV-036 PRV-021",
        transaction_run(secure.unmask, Unmask),
        (
            *(*_SHARED, *_STANDING, Code.SHARES_UNSENT, Code.ALREADY_ANSWERED),
            *(Code.LIST_MISMATCH, Code.MEMBER_ORDER, Code.MEMBER_UNKNOWN, *_EDGE),
        ),
        "answer the list: one secret's share of each neighbour",
    ),
    _operation(
        opening.draw_graphs,
        "PRV-033",
        _deadline(opening.draw_graphs),
        (),
        "who advertised stands on the graph; a group too small fails",
    ),
    _operation(
        opening.close_shares,
        "PRV-034",
        _deadline(opening.close_shares),
        (),
        "a group fails unless all who dealt have t neighbours who did",
    ),
    _operation(
        opening.close_inputs,
        "PRV-035 PRV-036",
        _deadline(opening.close_inputs, blobs=True),
        (Code.BLOB_MISSING,),
        "who gave a valid input survives; a group with too few fails",
    ),
    _operation(
        opening.open_groups,
        "PRV-038 PRV-030",
        _deadline(opening.open_groups, blobs=True),
        (Code.BLOB_MISSING,),
        "rebuild, unmask, judge: the means of groups become updates",
    ),
    _operation(
        secure.group_trainers, "PRV-031", _group_trainers, (), "the trainers of each group, fixed for the task"
    ),
    _operation(secure.neighbours, "PRV-033 PRV-024", _neighbours, (), "the neighbours of each member of a group"),
    _operation(secure.survivor_list, "PRV-036", _survivor_list, (), "the list that the members of a group answer"),
    _operation(client.client_keys, "PRV-041 PRV-010", _client_keys, (), "the public keys of a member's secrets"),
    _operation(
        client.client_shares, "PRV-041 PRV-020 PRV-021 PRV-012", _client_shares, _STANDING, "a member's dealing"
    ),
    _operation(
        client.client_input,
        "PRV-042 PRV-014",
        _client_input,
        (*_STANDING, Code.SHARES_UNSENT, Code.SAMPLE_COUNT, Code.DOMAIN_COORDINATE),
        "a member's masked update",
    ),
    _operation(
        client.check_list,
        "PRV-043 PRV-036",
        _check_list,
        (Code.MEMBER_ORDER, Code.MEMBER_OVERLAP, Code.MEMBER_UNKNOWN, Code.SURVIVORS_MISSING, Code.LIST_ANSWERED),
        "whether a member may answer a list",
    ),
    _operation(
        client.client_answer,
        "PRV-043",
        _client_answer,
        (*_STANDING, Code.SHARES_UNSENT, Code.SURVIVORS_MISSING, Code.LIST_ANSWERED),
        "a member's answer to the list of its group",
    ),
    machine_operation(
        "privacy.heights",
        ("INF-016", "PRV-031", "PRV-035", "PRV-036", "PRV-037", "PRV-038", "PRV-039", "PRV-068"),
        MACHINE,
        "bcfl_ref.transition.begin_height",
        (
            Code.KIND_UNKNOWN,
            Code.TASK_UNKNOWN,
            Code.ROUND_MISMATCH,
            Code.PHASE_MISMATCH,
            Code.ROLE_MISSING,
            Code.ALREADY_ADVERTISED,
            Code.KEY_REPEATED,
            Code.AGREEMENT_ZERO,
            Code.KEYS_MISSING,
            Code.GROUP_FAILED,
            Code.ALREADY_SHARED,
            Code.EDGE_COUNT,
            Code.SHARES_UNSENT,
            Code.ALREADY_GIVEN,
            Code.ALREADY_ANSWERED,
            Code.LIST_MISMATCH,
            Code.MEMBER_ORDER,
            Code.MEMBER_UNKNOWN,
            Code.LIMB_RANGE,
            Code.FIELD_RANGE,
            Code.SHARE_MISMATCH,
            Code.BLOB_UNKNOWN,
            Code.ALREADY_ATTESTED,
            Code.NOTHING_ACCEPTED,
        ),
        summary="secure tasks from publication to their end, with dropouts, height by height, without signatures",
        profile="privacy",
    ),
)
