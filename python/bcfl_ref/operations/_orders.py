"""Whether the cases show in which order each operation asks its guards.

A two-fault case shows it for two codes: with both faults the one comes out, with one of them taken back the other.
For every two neighbours in the list of an operation there is such a case, a chain of them, or a reason why not.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import pairwise

from bcfl_ref.operations._base import Case, Json, Operation
from bcfl_ref.operations._proof import Outcome, differences

Pair = tuple[str, str]

_EXCLUDE = "the two faults exclude each other"
_ANOTHER = "the two guards belong to different rules, of which one is asked for"
_EACH = "all guards are asked of one entry before the next entry, so the order of entries decides"
_STATE = "in a state that a ledger can be in, the two faults exclude each other"
_PARTS = "the guards of a whole, of which the parts have operations and two-fault cases of their own"
_RUN = "codes of a whole run: each refuses another record, in the order of the records"
_BYTES = "both faults would be in the same bytes, which are read from the front: the first in the bytes comes out"
_LIST = "both faults are in one list, in which a case differs as a whole"
_ONE = "the first fault brings the second along"
_RESULT = "the second is about a result, which is not computed from refused arguments"

#: Operations (`*` is a wildcard), the two codes, and why no two-fault case shows their order.
REASONS: tuple[tuple[str, str, str, str], ...] = (
    ("transition.replay", "*", "*", _RUN),
    ("infrastructure.read_log", "*", "*", _BYTES),
    ("infrastructure.read_blob_file", "*", "*", _BYTES),
    ("infrastructure.apply_*", "*", "*", _PARTS),
    ("infrastructure.authenticate_block", "*", "*", _PARTS),
    ("transition.state_transition", "*", "*", _PARTS),
    ("types.bls_aggregate", "SIGNATURE_COUNT", "SIGNATURE_INVALID", _EXCLUDE),
    ("*", "EMPTY", "VECTOR_COUNT", _EXCLUDE),
    ("*", "EMPTY", "SHARE_COUNT", _EXCLUDE),
    ("*", "EMPTY", "VECTOR_LENGTH", _EXCLUDE),
    ("*", "EMPTY", "FIELD_RANGE", _EXCLUDE),
    ("*", "EMPTY", "DOMAIN_COORDINATE", _EXCLUDE),
    ("*", "VALUE_RANGE", "EMPTY", _EXCLUDE),
    ("*", "BLOB_EMPTY", "BLOB_LENGTH", _EXCLUDE),
    ("*", "EVIDENCE_SAME", "EVIDENCE_ORDER", _EXCLUDE),
    ("*", "CERTIFICATE_LENGTH", "CERTIFICATE_QUORUM", _EXCLUDE),
    ("*", "CANDIDATES_EMPTY", "CANDIDATE_ORDER", _EXCLUDE),
    ("privacy.additive_open", "MEMBER_COUNT", "EMPTY", _EXCLUDE),
    ("privacy.pair_key", "KEY_REPEATED", "AGREEMENT_ZERO", _EXCLUDE),
    ("kernels.*", "VECTOR_COUNT", "VECTOR_LENGTH", _LIST),
    ("kernels.*", "SHARE_COUNT", "VECTOR_LENGTH", _LIST),
    ("infrastructure.check_block", "TRANSACTION_COUNT", "SENDER_CAP", _LIST),
    ("aggregation.*", "VECTOR_COUNT", "WEIGHT_COUNT", _ONE),
    ("infrastructure.check_block", "BODY_MISMATCH", "TRANSACTION_COUNT", _ONE),
    ("privacy.blind_set", "CAPACITY_RANGE", "SET_SIZE", _ONE),
    ("infrastructure.add_attester", "SEAT_MISSING", "ALREADY_ATTESTED", _ONE),
    ("aggregation.aggregate", "*", "*", _PARTS),
    ("aggregation.*", "TRIM_RANGE", "BYZANTINE_RANGE", _ANOTHER),
    ("aggregation.*", "SELECT_RANGE", "NORM_BOUND_RANGE", _ANOTHER),
    ("infrastructure.genesis_state", "KEY_KNOWN", "POSSESSION_INVALID", _EACH),
    ("privacy.*", "POINT_INVALID", "POINT_IDENTITY", _EACH),
    ("*", "LIMB_RANGE", "FIELD_RANGE", _EACH),
    ("privacy.unmask", "MEMBER_UNKNOWN", "LIMB_RANGE", _EACH),
    ("application.*", "BATCH_SHAPE", "EMPTY", _ONE),
    ("application.*", "BATCH_SHAPE", "BATCH_RANGE", _ONE),
    ("application.*", "BATCH_RANGE", "EMPTY", _EXCLUDE),
    ("contract.*", "COMMITMENT_MISSING", "ALREADY_REVEALED", _STATE),
    ("contract.*", "AGGREGATOR_UNSELECTED", "ALREADY_CLAIMED", _STATE),
    ("privacy.*", "SHARES_UNSENT", "ALREADY_GIVEN", _STATE),
    ("privacy.client_answer", "SHARES_UNSENT", "SURVIVORS_MISSING", _RESULT),
    ("contract.claim_aggregate", "BLOB_MISSING", "MODEL_OVERFLOW", _RESULT),
    ("application.*", "*", "MODEL_OVERFLOW", _RESULT),
    ("privacy.graph_size", "SECURITY_RANGE", "BOUND_UNREACHABLE", _RESULT),
    ("privacy.noised_bound", "SUMMANDS_RANGE", "RING_OVERFLOW", _RESULT),
    ("privacy.round_cost", "VECTOR_LENGTH", "BUDGET_EXCEEDED", _RESULT),
    ("privacy.ring_width", "WEIGHT_RANGE", "RING_OVERFLOW", _RESULT),
)


def pins(operation: Operation, outcomes: Iterable[Outcome], answer: Callable[[Operation, Json], Json]) -> set[Pair]:
    """The pairs of codes whose order the two-fault cases show, and what follows from them."""
    by_id = {outcome.case.id: outcome.case for outcome in outcomes}
    order = [code.value for code in operation.errors]
    found: set[Pair] = set()
    for outcome in outcomes:
        case = outcome.case
        if isinstance(case, Case) and case.two_fault and case.twin in by_id and len(outcome.codes) == 1:
            (first,) = outcome.codes
            for code in _halves(operation, case, by_id[case.twin].input, answer):
                if {first, code} <= set(order) and order.index(first) < order.index(code):
                    found.add((first, code))
    while more := {(a, d) for a, b in found for c, d in found if b == c} - found:
        found |= more
    return found


def unpinned(operation: Operation, shown: set[Pair]) -> Iterator[tuple[Pair, int | None]]:
    """Each pair of neighbours that nothing shows, with the number of the reason."""
    if operation.machine is None:
        for first, second in pairwise(code.value for code in operation.errors):
            if (first, second) not in shown:
                yield (first, second), _reason(operation.name, first, second)


def order_problems(
    operation: Operation, outcomes: Iterable[Outcome], answer: Callable[[Operation, Json], Json]
) -> Iterator[str]:
    """Neighbours in the list of guards whose order no case shows and nobody explains."""
    outcomes = tuple(outcomes)
    for (first, second), reason in unpinned(operation, pins(operation, outcomes, answer)):
        if reason is None:
            yield f"operation {operation.name}: no case shows that {first} is asked before {second}"


def _reason(name: str, first: str, second: str) -> int | None:
    for number, row in enumerate(REASONS):
        if all(fnmatchcase(text, pattern) for text, pattern in zip((name, first, second), row[:3], strict=True)):
            return number
    return None


def _halves(operation: Operation, case: Case, twin: Json, answer: Callable[[Operation, Json], Json]) -> Iterator[str]:
    """The codes of a two-fault case with one of its faults taken back."""
    paths = differences(twin, case.input)
    own = [path for path in paths if not any(path == p or path.startswith(p + "/") for p in case.follows)]
    for path in own:
        for kept in ([path], [path, *(other for other in paths if other not in own)]):
            given = copy.deepcopy(twin)
            for changed in kept:
                put(given, case.input, changed)
            try:
                said = answer(operation, given)
            except Exception:  # half a change can be no input of the operation at all
                continue
            if "error" in said:
                yield said["error"]


def put(data: Json, source: Json, path: str) -> None:
    """Give `data` at a JSON path what `source` has there, be it nothing."""
    *above, last = path.removeprefix("/").split("/")
    for key in above:
        source = source[int(key) if isinstance(source, list) else key]
    if isinstance(source, list):
        set_at(data, path, copy.deepcopy(source[int(last)]))
    elif last in source:
        set_at(data, path, copy.deepcopy(source[last]))
    else:
        for key in above:
            data = data[int(key) if isinstance(data, list) else key]
        data.pop(last, None)


def set_at(data: Json, path: str, value: Json) -> None:
    """Write a value at a JSON path."""
    *above, last = path.removeprefix("/").split("/")
    for key in above:
        data = data[int(key) if isinstance(data, list) else key]
    data[int(last) if isinstance(data, list) else last] = value
