"""The operations of entity alignment (`spec/privacy.md`, PRV-081 ... PRV-089).

Points and secrets are byte strings of any length, because their length is judged by the operation itself.
"""

from __future__ import annotations

from ..crypto import group
from ..encoding import from_json, hash_tree_root
from ..errors import Code
from ..privacy import alignment
from ..types import AlignmentScope, BlindedSet, Root, Uint8, Uint32, Uint64
from ._base import Json, Operation, privacy_operation
from ._shape import octets, rows

SCALAR_BYTES = 32

# ---- JSON


def _scope(data: Json) -> AlignmentScope:
    scope: AlignmentScope = from_json(AlignmentScope, data["scope"])
    return scope


def _side(data: Json) -> int:
    side: int = from_json(Uint8, data["side"])
    return side


def _capacity(data: Json) -> int:
    capacity: int = from_json(Uint32, data["capacity"])
    return capacity


def _points(data: Json) -> list[bytes]:
    return [octets(item) for item in rows(data)]


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


# ---- the group


def _hash_to_point(data: Json) -> Json:
    return {"point": _hex(group.hash_to_point(octets(data["message"]), octets(data["tag"])))}


def _check_point(data: Json) -> Json:
    group.check_point(octets(data["point"]))
    return {}


def _multiply_point(data: Json) -> Json:
    return {"point": _hex(group.multiply(octets(data["point"]), int.from_bytes(octets(data["scalar"]), "big")))}


# ---- alignment


def _identifier_point(data: Json) -> Json:
    return {"point": _hex(alignment.identifier_point(_scope(data), octets(data["identifier"])))}


def _alignment_secrets(data: Json) -> Json:
    given = _scope(data), _side(data), octets(data["secret"])
    scalar = alignment.blinding_scalar(*given).to_bytes(SCALAR_BYTES, "big")
    return {"scalar": _hex(scalar), "padding_key": _hex(alignment.padding_key(*given))}


def _blind_set(data: Json) -> Json:
    secret, identifiers = octets(data["secret"]), _points(data["identifiers"])
    blinded, positions = alignment.blind_set(_scope(data), _side(data), _capacity(data), secret, identifiers)
    return {
        "points": [_hex(point) for point in blinded.points],
        "positions": [str(position) for position in positions],
        "root": _hex(hash_tree_root(blinded)),
    }


def _check_blinded_set(data: Json) -> Json:
    blinded = BlindedSet(_scope(data), _side(data), tuple(_points(data["points"])))
    alignment.check_blinded_set(from_json(Root, data["root"]), _capacity(data), blinded)
    return {}


def _blind_again(data: Json) -> Json:
    own, peer = _points(data["own"]), _points(data["peer"])
    points = alignment.blind_again(_scope(data), _side(data), octets(data["secret"]), own, peer)
    return {"points": [_hex(point) for point in points]}


def _align(data: Json) -> Json:
    roots = from_json(Root, data["first_root"]), from_json(Root, data["second_root"])
    positions = [from_json(Uint32, item) for item in rows(data["positions"])]
    again = _points(data["first"]), _points(data["second"])
    found, order = alignment.align(_scope(data), roots, _side(data), positions, again)
    return {"order": [str(index) for index in order], "root": _hex(hash_tree_root(found))}


def _check_alignment(data: Json) -> Json:
    alignment.check_alignment(from_json(Root, data["own"]), from_json(Root, data["peer"]))
    return {}


def _enumerable_share(data: Json) -> Json:
    space, attempts, limit = from_json(Uint64, data["space"]), data["attempts"], data["limit_bps"]
    share = alignment.enumerable_share(space, _capacity(data), from_json(Uint32, attempts), from_json(Uint32, limit))
    return {"share_bps": str(share)}


# ---- the table


_POINT = (Code.POINT_INVALID, Code.POINT_IDENTITY)
_SECRET = (Code.SIDE_UNKNOWN, Code.KEY_LENGTH)

OPERATIONS: tuple[Operation, ...] = (
    privacy_operation(
        "hash_to_point",
        "PRV-081",
        _hash_to_point,
        "crypto.group.hash_to_point",
        (Code.MESSAGE_LENGTH,),
        "RFC 9380: the point of a message under a tag",
    ),
    privacy_operation(
        "check_point",
        "PRV-082",
        _check_point,
        "crypto.group.check_point",
        _POINT,
        "Bytes are the one encoding of a point of the group",
    ),
    privacy_operation(
        "multiply_point",
        "PRV-082",
        _multiply_point,
        "crypto.group.multiply",
        (Code.SECRET_KEY_RANGE, *_POINT),
        "A multiple of a point",
    ),
    privacy_operation(
        "identifier_point",
        "PRV-081",
        _identifier_point,
        "privacy.alignment.identifier_point",
        (Code.IDENTIFIER_LENGTH,),
        "The point of an identifier in one attempt",
    ),
    privacy_operation(
        "alignment_secrets",
        "PRV-083",
        _alignment_secrets,
        "privacy.alignment.blinding_scalar",
        _SECRET,
        "The scalar and the padding key of a side",
    ),
    privacy_operation(
        "blind_set",
        "PRV-084 PRV-081 PRV-083 PRV-085",
        _blind_set,
        "privacy.alignment.blind_set",
        (
            *_SECRET,
            Code.EMPTY,
            Code.CAPACITY_RANGE,
            Code.SET_SIZE,
            Code.IDENTIFIER_LENGTH,
            Code.IDENTIFIER_REPEATED,
        ),
        "A side's identifiers, padded and blinded",
    ),
    privacy_operation(
        "check_blinded_set",
        "PRV-085 PRV-082",
        _check_blinded_set,
        "privacy.alignment.check_blinded_set",
        (Code.SIDE_UNKNOWN, Code.CAPACITY_RANGE, Code.SET_SIZE, Code.POINT_ORDER, *_POINT, Code.SET_MISMATCH),
        "A set is the one that was committed to, and made of points",
    ),
    privacy_operation(
        "blind_again",
        "PRV-086 PRV-082",
        _blind_again,
        "privacy.alignment.blind_again",
        (*_SECRET, Code.EMPTY, Code.VECTOR_LENGTH, Code.POINT_REFLECTED, *_POINT),
        "The peer's points under both scalars",
    ),
    privacy_operation(
        "align",
        "PRV-087 PRV-088",
        _align,
        "privacy.alignment.align",
        (
            Code.SIDE_UNKNOWN,
            Code.EMPTY,
            Code.VECTOR_LENGTH,
            Code.POSITION_RANGE,
            *_POINT,
            Code.POINT_REPEATED,
            Code.PADDING_MATCHED,
        ),
        "The identifiers in common, in the order that both sides take",
    ),
    privacy_operation(
        "check_alignment",
        "PRV-088",
        _check_alignment,
        "privacy.alignment.check_alignment",
        (Code.ALIGNMENT_MISMATCH,),
        "Both sides found the same",
    ),
    privacy_operation(
        "enumerable_share",
        "PRV-089",
        _enumerable_share,
        "privacy.alignment.enumerable_share",
        (Code.SPACE_RANGE, Code.CAPACITY_RANGE, Code.ATTEMPTS_RANGE, Code.IDENTIFIERS_ENUMERABLE),
        "How much of a space of identifiers a side can ask about",
    ),
)
