"""The operations of the privacy layer (`spec/privacy.md`): masks, sharing, keys, graph, bounds.

A word, a field element and a signed sum are decimal strings; keys, nonces and messages are byte strings of any
length, because their length is judged by the operation itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields as fields_of
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import kernels
from ..crypto import agreement
from ..encoding import from_json, int64_to_word
from ..errors import Code
from ..privacy import bounds, cost, graph, keys, masks, rings, sharing
from ..types import Bytes32, EdgeShare, IdentityIndex, Root, Uint8, Uint16, Uint32, Uint64
from ._base import Json, Operation, privacy_operation
from ._shape import fields, objects, octets, rows

_WORDS: dict[int, tuple[Any, type[np.generic]]] = {32: (Uint32, np.uint32), 64: (Uint64, np.uint64)}


# ---- JSON


def _numbers(hint: Any, data: Json) -> list[int]:
    return [from_json(hint, item) for item in rows(data)]


def _ring(data: Json) -> int:
    return rings.check_ring(from_json(Uint8, data["ring"]))


def _words(data: Json, ring: int) -> NDArray[Any]:
    hint, dtype = _WORDS[ring]
    return np.array(_numbers(hint, data), dtype=dtype)


def _elements(data: Json) -> NDArray[np.uint64]:
    return np.array(_numbers(Uint64, data), dtype=np.uint64)


def _decimals(values: Sequence[int] | NDArray[Any]) -> list[str]:
    return [str(int(value)) for value in values]


def _flag(data: Json) -> bool:
    flag: bool = from_json(bool, data)
    return flag


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


# ---- kernels


def _mask_add(data: Json) -> Json:
    vector = _words(data["vector"], _ring(data))
    masked = kernels.mask_add(vector, octets(data["key"]), octets(data["stream"]), _flag(data["subtract"]))
    return {"vector": _decimals(masked)}


def _mask_add_many(data: Json) -> Json:
    vector = _words(data["vector"], _ring(data))
    masks = [
        (octets(mask["key"]), octets(mask["stream"]), _flag(mask["subtract"])) for mask in objects(data["masks"])
    ]
    return {"vector": _decimals(kernels.mask_add_many(vector, masks))}


def _shamir_share(data: Json) -> Json:
    threshold, count = from_json(Uint16, data["threshold"]), from_json(Uint16, data["count"])
    shares = kernels.shamir_share(_elements(data["secrets"]), threshold, count, octets(data["seed"]))
    return {"shares": [_decimals(share) for share in shares]}


def _shamir_reconstruct(data: Json) -> Json:
    shares, positions = [_elements(row) for row in rows(data["shares"])], _numbers(Uint16, data["positions"])
    return {"secrets": _decimals(kernels.shamir_reconstruct(shares, positions, from_json(Uint16, data["threshold"])))}


def _packed_share(data: Json) -> Json:
    pack, threshold, count = (from_json(Uint16, data[name]) for name in ("pack", "threshold", "count"))
    shares = kernels.packed_share(_elements(data["secrets"]), pack, threshold, count, octets(data["seed"]))
    return {"shares": [_decimals(share) for share in shares]}


def _packed_reconstruct(data: Json) -> Json:
    shares, positions = [_elements(row) for row in rows(data["shares"])], _numbers(Uint16, data["positions"])
    pack, threshold = from_json(Uint16, data["pack"]), from_json(Uint16, data["threshold"])
    return {"secrets": _decimals(kernels.packed_reconstruct(shares, positions, pack, threshold))}


# ---- keys


def _public_key(data: Json) -> Json:
    return {"public_key": _hex(agreement.public_key(octets(data["secret_key"])))}


def _shared_secret(data: Json) -> Json:
    return {"shared": _hex(agreement.shared_secret(octets(data["secret_key"]), octets(data["peer_key"])))}


def _derive_key(data: Json) -> Json:
    return {"key": _hex(agreement.derive_key(octets(data["secret"]), octets(data["info"])))}


def _pair_key(data: Json) -> Json:
    scope = keys.Scope(
        from_json(Root, data["genesis_root"]),
        from_json(Uint32, data["task"]),
        from_json(Uint16, data["round"]),
        from_json(Uint32, data["group"]),
        from_json(Uint8, data["purpose"]),
    )
    own = from_json(IdentityIndex, data["own"]), octets(data["secret_key"])
    peer = from_json(IdentityIndex, data["peer"]), octets(data["peer_key"])
    return {"key": _hex(keys.pair_key(scope, own, peer))}


def _seal(data: Json) -> Json:
    parts = [octets(data[name]) for name in ("key", "nonce", "plaintext", "associated")]
    return {"message": _hex(agreement.seal(*parts))}


def _unseal(data: Json) -> Json:
    parts = [octets(data[name]) for name in ("key", "nonce", "message", "associated")]
    return {"plaintext": _hex(agreement.unseal(*parts))}


def _seal_shares(data: Json) -> Json:
    key, lower, higher = (octets(data[name]) for name in ("key", "lower_key", "higher_key"))
    plaintext = octets(data["plaintext"])
    return {"message": _hex(keys.seal_shares(key, lower, higher, _flag(data["downwards"]), plaintext))}


def _open_shares(data: Json) -> Json:
    key, lower, higher = (octets(data[name]) for name in ("key", "lower_key", "higher_key"))
    message = octets(data["message"])
    return {"plaintext": _hex(keys.open_shares(key, lower, higher, _flag(data["downwards"]), message))}


# ---- masks and rings


def _mask_input(data: Json) -> Json:
    own, seed = from_json(IdentityIndex, data["own"]), octets(data["seed"])
    pairs = [(from_json(IdentityIndex, row["member"]), octets(row["key"])) for row in objects(data["keys"])]
    masked = masks.mask_input(_words(data["vector"], _ring(data)), own, seed, pairs)
    return {"vector": _decimals(masked)}


def _unmask_sum(data: Json) -> Json:
    seeds = [(from_json(IdentityIndex, row["member"]), octets(row["seed"])) for row in objects(data["seeds"])]
    broken = [
        (from_json(IdentityIndex, row["survivor"]), from_json(IdentityIndex, row["dropped"]), octets(row["key"]))
        for row in objects(data["broken"])
    ]
    return {"sums": _decimals(masks.unmask_sum(_words(data["total"], _ring(data)), seeds, broken))}


def _ring_width(data: Json) -> Json:
    summands, weight_max = from_json(Uint64, data["summands"]), from_json(Uint32, data["weight_max"])
    width = rings.ring_width(summands, weight_max)
    return {"ring": str(width), "bound": str(rings.sum_bound(summands, weight_max))}


def _from_ring(data: Json) -> Json:
    ring = _ring(data)
    words = _numbers(_WORDS[ring][0], data["words"])
    sums = rings.from_ring(words, ring, from_json(Uint64, data["bound"]))
    return {"sums": [str(int64_to_word(value)) for value in sums]}


# ---- sharing


def _field_samples(data: Json) -> Json:
    return {"elements": _decimals(sharing.field_samples(octets(data["stream"]), from_json(Uint16, data["count"])))}


def _secret_to_limbs(data: Json) -> Json:
    return {"limbs": _decimals(sharing.secret_to_limbs(octets(data["secret"])))}


def _limbs_to_secret(data: Json) -> Json:
    return {"secret": _hex(sharing.limbs_to_secret(_numbers(Uint64, data["limbs"])))}


def _check_edge_share(data: Json) -> Json:
    sharing.check_edge_share(from_json(Root, data["commitment"]), from_json(EdgeShare, fields(data["share"])))
    return {}


def _secret_mark(data: Json) -> Json:
    return {"mark": _hex(sharing.secret_mark(from_json(Uint8, data["kind"]), octets(data["secret"])))}


def _rebuild_secret(data: Json) -> Json:
    place = EdgeShare.FIELD_TYPES
    names = ("genesis_root", "task", "round", "group", "dealer", "secret")
    dealing = sharing.Dealing(
        **{name: from_json(place[name], data[name]) for name in names},
        holders=tuple(_numbers(IdentityIndex, data["holders"])),
        commitments=tuple(from_json(Root, item) for item in rows(data["commitments"])),
        mark=from_json(Bytes32, data["mark"]),
    )
    revealed = [
        (from_json(Uint16, row["position"]), from_json(place["share"], row["share"]))
        for row in objects(data["revealed"])
    ]
    return {"secret": _hex(sharing.rebuild_secret(dealing, from_json(Uint16, data["threshold"]), revealed))}


# ---- graph, bounds, cost


def _neighbour_graph(data: Json) -> Json:
    neighbours = graph.neighbour_graph(
        from_json(Root, data["seed"]),
        from_json(Uint32, data["task"]),
        from_json(Uint32, data["group"]),
        from_json(Uint32, data["members"]),
        from_json(Uint32, data["degree"]),
    )
    return {"neighbours": [_decimals(row) for row in neighbours]}


def _graph_size(data: Json) -> Json:
    hints = {"int": Uint32, "bool": bool}
    wanted = fields_of(bounds.Conditions)
    named = {field.name: from_json(hints[str(field.type)], data[field.name]) for field in wanted}
    size = bounds.graph_size(bounds.Conditions(**named))
    return {field.name: str(getattr(size, field.name)) for field in fields_of(size)}


def _client_bits(data: Json) -> Json:
    members, coordinates = from_json(Uint32, data["members"]), from_json(Uint64, data["coordinates"])
    bits = cost.client_bits(members, coordinates)
    return {"bits": str(bits), "expansion_ppm": str(cost.expansion_ppm(members, coordinates))}


# ---- the table


_SHARES = (
    Code.EMPTY,
    Code.SHARE_COUNT,
    Code.VECTOR_LENGTH,
    Code.POSITION_COUNT,
    Code.POSITION_RANGE,
    Code.POSITION_ORDER,
)
_SEALED = (Code.KEY_LENGTH, Code.MESSAGE_LENGTH)

_KERNELS = (
    privacy_operation(
        "kernels.mask_add",
        "PRV-013",
        _mask_add,
        "kernels.mask_add",
        (Code.RING_WIDTH, Code.VALUE_RANGE, Code.EMPTY, Code.KEY_LENGTH),
        "A ChaCha20 stream added to a vector, or subtracted, in a ring",
    ),
    privacy_operation(
        "kernels.mask_add_many",
        "PRV-013",
        _mask_add_many,
        "kernels.mask_add_many",
        (Code.RING_WIDTH, Code.VALUE_RANGE, Code.EMPTY, Code.KEY_LENGTH),
        "Several streams added to a vector, or subtracted, one after another",
    ),
    privacy_operation(
        "kernels.shamir_share",
        "PRV-016 PRV-015",
        _shamir_share,
        "kernels.shamir_share",
        (Code.EMPTY, Code.SHARE_COUNT, Code.THRESHOLD_RANGE, Code.KEY_LENGTH, Code.FIELD_RANGE),
        "Shares of secrets, coefficients from a seed",
    ),
    privacy_operation(
        "kernels.shamir_reconstruct",
        "PRV-017",
        _shamir_reconstruct,
        "kernels.shamir_reconstruct",
        (*_SHARES, Code.THRESHOLD_RANGE, Code.SHARES_MISSING, Code.FIELD_RANGE),
        "The secrets from a threshold of shares",
    ),
    privacy_operation(
        "kernels.packed_share",
        "PRV-018 PRV-015",
        _packed_share,
        "kernels.packed_share",
        (
            Code.EMPTY,
            Code.SHARE_COUNT,
            Code.PACK_RANGE,
            Code.THRESHOLD_RANGE,
            Code.PACK_LENGTH,
            Code.KEY_LENGTH,
            Code.FIELD_RANGE,
        ),
        "Shares that each serve a block of secrets",
    ),
    privacy_operation(
        "kernels.packed_reconstruct",
        "PRV-019",
        _packed_reconstruct,
        "kernels.packed_reconstruct",
        (*_SHARES, Code.PACK_RANGE, Code.THRESHOLD_RANGE, Code.SHARES_MISSING, Code.FIELD_RANGE),
        "The blocks of secrets from a threshold of shares",
    ),
)

_KEYS = (
    privacy_operation(
        "privacy.public_key",
        "PRV-010",
        _public_key,
        "crypto.agreement.public_key",
        (Code.KEY_LENGTH,),
        "The X25519 key of a secret",
    ),
    privacy_operation(
        "privacy.shared_secret",
        "PRV-010",
        _shared_secret,
        "crypto.agreement.shared_secret",
        (Code.KEY_LENGTH, Code.AGREEMENT_ZERO),
        "What two holders of X25519 keys compute alike",
    ),
    privacy_operation(
        "privacy.derive_key",
        "PRV-011",
        _derive_key,
        "crypto.agreement.derive_key",
        _SEALED,
        "HKDF-SHA-256 without salt, 32 bytes",
    ),
    privacy_operation(
        "privacy.pair_key",
        "PRV-011 PRV-010",
        _pair_key,
        "privacy.keys.pair_key",
        (Code.MEMBER_SELF, Code.KEY_LENGTH, Code.KEY_REPEATED, Code.AGREEMENT_ZERO),
        "The key of two members, bound to its context",
    ),
    privacy_operation(
        "privacy.seal",
        "PRV-012",
        _seal,
        "crypto.agreement.seal",
        _SEALED,
        "ChaCha20-Poly1305: ciphertext and tag",
    ),
    privacy_operation(
        "privacy.unseal",
        "PRV-012",
        _unseal,
        "crypto.agreement.unseal",
        (*_SEALED, Code.CIPHERTEXT_INVALID),
        "ChaCha20-Poly1305: the plaintext, or one refusal for whatever does not fit",
    ),
    privacy_operation(
        "privacy.seal_shares",
        "PRV-012",
        _seal_shares,
        "privacy.keys.seal_shares",
        _SEALED,
        "A message between two members",
    ),
    privacy_operation(
        "privacy.open_shares",
        "PRV-012",
        _open_shares,
        "privacy.keys.open_shares",
        (*_SEALED, Code.CIPHERTEXT_INVALID),
        "What the other member wrote",
    ),
)

_MASKS = (
    privacy_operation(
        "privacy.mask_input",
        "PRV-014 PRV-013",
        _mask_input,
        "privacy.masks.mask_input",
        (Code.RING_WIDTH, Code.VALUE_RANGE, Code.MEMBER_ORDER, Code.MEMBER_SELF, Code.EMPTY, Code.KEY_LENGTH),
        "An input with the own mask and those of all neighbours",
    ),
    privacy_operation(
        "privacy.unmask_sum",
        "PRV-014 PRV-013",
        _unmask_sum,
        "privacy.masks.unmask_sum",
        (
            Code.RING_WIDTH,
            Code.VALUE_RANGE,
            Code.MEMBER_ORDER,
            Code.MEMBER_UNKNOWN,
            Code.MEMBER_OVERLAP,
            Code.EMPTY,
            Code.KEY_LENGTH,
        ),
        "The plain sum of the survivors",
    ),
    privacy_operation(
        "privacy.ring_width",
        "PRV-022",
        _ring_width,
        "privacy.rings.ring_width",
        (Code.SUMMANDS_RANGE, Code.WEIGHT_RANGE, Code.RING_OVERFLOW),
        "The ring in which a sum cannot wrap",
    ),
    privacy_operation(
        "privacy.from_ring",
        "PRV-023",
        _from_ring,
        "privacy.rings.from_ring",
        (Code.RING_WIDTH, Code.VALUE_RANGE, Code.RING_OVERFLOW, Code.RING_SUM_RANGE),
        "The signed sums that words stand for, if all are within the bound",
    ),
)

_SHARING = (
    privacy_operation(
        "privacy.field_samples",
        "PRV-015",
        _field_samples,
        "privacy.sharing.field_samples",
        (Code.STREAM_SHORT,),
        "Uniform field elements from bytes",
    ),
    privacy_operation(
        "privacy.secret_to_limbs",
        "PRV-020",
        _secret_to_limbs,
        "privacy.sharing.secret_to_limbs",
        (Code.KEY_LENGTH,),
        "32 bytes as five field elements",
    ),
    privacy_operation(
        "privacy.limbs_to_secret",
        "PRV-020",
        _limbs_to_secret,
        "privacy.sharing.limbs_to_secret",
        (Code.LIMB_RANGE,),
        "Five field elements as 32 bytes",
    ),
    privacy_operation(
        "privacy.check_edge_share",
        "PRV-021",
        _check_edge_share,
        "privacy.sharing.check_edge_share",
        (Code.MEMBER_SELF, Code.LIMB_RANGE, Code.FIELD_RANGE, Code.SHARE_MISMATCH),
        "A share is the one that was committed to",
    ),
    privacy_operation(
        "privacy.secret_mark",
        "PRV-027",
        _secret_mark,
        "privacy.sharing.secret_mark",
        (Code.SECRET_UNKNOWN, Code.KEY_LENGTH),
        "What a shared secret is recognised by",
    ),
    privacy_operation(
        "privacy.rebuild_secret",
        "PRV-027 PRV-021 PRV-017 PRV-020",
        _rebuild_secret,
        "privacy.sharing.rebuild_secret",
        (
            Code.SECRET_UNKNOWN,
            Code.MEMBER_ORDER,
            Code.POSITION_COUNT,
            Code.THRESHOLD_RANGE,
            Code.POSITION_RANGE,
            Code.POSITION_ORDER,
            Code.SHARES_MISSING,
            Code.DEALER_INCONSISTENT,
        ),
        "A secret from committed shares, or the dealer who is at fault",
        kernel="shamir_reconstruct",
    ),
)

_GRAPH = (
    privacy_operation(
        "privacy.neighbour_graph",
        "PRV-024",
        _neighbour_graph,
        "privacy.graph.neighbour_graph",
        (Code.MEMBER_COUNT, Code.DEGREE_RANGE),
        "Who is whose neighbour in a group",
    ),
    privacy_operation(
        "privacy.graph_size",
        "PRV-025",
        _graph_size,
        "privacy.bounds.graph_size",
        (Code.MEMBER_COUNT, Code.FRACTION_RANGE, Code.SECURITY_RANGE, Code.BOUND_UNREACHABLE),
        "How many neighbours and which threshold",
    ),
    privacy_operation(
        "privacy.client_bits",
        "PRV-026",
        _client_bits,
        "privacy.cost.client_bits",
        (Code.MEMBER_COUNT, Code.EMPTY, Code.VECTOR_LENGTH),
        "What a client sends and receives, by the published formula",
    ),
)

OPERATIONS: tuple[Operation, ...] = (*_KERNELS, *_KEYS, *_MASKS, *_SHARING, *_GRAPH)
