"""The bugs of entity alignment: what does without a check, and what shows too much."""

from __future__ import annotations

from mutation import Bug

_GROUP = "bcfl_ref.crypto.group"
_ALIGNMENT = "bcfl_ref.privacy.alignment"

BUGS = (
    Bug(
        "hashes-identifiers-to-multiples-of-the-generator",
        "a message is hashed to a scalar and the generator multiplied, so every point's factor is known",
        _GROUP,
        "return bytes(G1Point.hash_to_curve(message, dst).to_compressed_bytes())",
        "return bytes((G1Point() * Scalar.from_be_bytes(b'\\0' + (message + bytes(31))[:31])).to_compressed_bytes())",
        "hash-to-point-rfc9380-abc",
    ),
    Bug(
        "takes-the-identity",
        "infinity is decoded like any point",
        _GROUP,
        "if data[0] & _FLAG_INFINITY:",
        "if data[0] & _FLAG_INFINITY and any(data[1:]):",
        "check-point-identity",
    ),
    Bug(
        "names-identities-with-a-tail-wrongly",
        "only the plain spelling of the identity is recognised as one",
        _GROUP,
        "if data[0] & _FLAG_INFINITY:",
        "if data[0] == 0xC0 and not any(data[1:]):",
        "check-point-identity-dirty",
    ),
    Bug(
        "takes-points-of-small-order",
        "a point is on the curve and its subgroup is not asked for",
        _GROUP,
        "point = G1Point.from_compressed_bytes(data)\n    except ValueError:\n"
        '        raise SpecError(Code.POINT_INVALID, f"0x{data.hex()}") from None\n'
        "    if not point.is_in_subgroup() or bytes(point.to_compressed_bytes()) != data:",
        "point = getattr(G1Point, 'from_compressed_bytes_' + 'unchecked')(data)\n    except ValueError:\n"
        '        raise SpecError(Code.POINT_INVALID, f"0x{data.hex()}") from None\n'
        "    if bytes(point.to_compressed_bytes()) != data:",
        "check-point-subgroup",
    ),
    Bug(
        "multiplies-by-zero",
        "a scalar of zero gives the identity",
        _GROUP,
        "if not 0 < scalar < ORDER:",
        "if not 0 <= scalar < ORDER:",
        "multiply-point-scalar-0",
    ),
    Bug(
        "hashes-identifiers-alike-everywhere",
        "the attempt is left out of an identifier's point",
        _ALIGNMENT,
        "hash_tree_root(scope) + identifier",
        "scope.genesis_root + identifier",
        "identifier-point-attempt",
    ),
    Bug(
        "normalises-identifiers",
        "capital letters are made small",
        _ALIGNMENT,
        "hash_tree_root(scope) + identifier",
        "hash_tree_root(scope) + identifier.lower()",
        "identifier-point-spelling",
    ),
    Bug(
        "takes-one-scalar-for-all-attempts",
        "the scalar is derived from the secret alone",
        _ALIGNMENT,
        "encode(AlignmentPurpose(scope, side, purpose))",
        "bytes([side, purpose])",
        "alignment-secrets-attempt",
    ),
    Bug(
        "derives-scalar-and-padding-alike",
        "the padding key is that of the scalar",
        _ALIGNMENT,
        "PURPOSE_SCALAR, PURPOSE_PADDING = 1, 2",
        "PURPOSE_SCALAR, PURPOSE_PADDING = 1, 1",
        "alignment-secrets-first",
    ),
    Bug(
        "shows-points-in-the-order-of-identifiers",
        "a blinded set is not sorted",
        _ALIGNMENT,
        "points = sorted(blinded)",
        "points = list(blinded)",
        "blind-set-four",
    ),
    Bug(
        "shows-how-many-identifiers-there-are",
        "a set is not padded",
        _ALIGNMENT,
        "numbers = range(capacity - len(identifiers))",
        "numbers = range(0)",
        "blind-set-three",
    ),
    Bug(
        "takes-identifiers-twice",
        "an identifier that is there twice is taken once",
        _ALIGNMENT,
        "if len(set(identifiers)) != len(identifiers):",
        "if False:",
        "blind-set-repeated",
    ),
    Bug(
        "believes-shown-sets",
        "points of a shown set are not looked at",
        _ALIGNMENT,
        "for point in blinded.points:",
        "for point in ():",
        "check-blinded-set-subgroup",
    ),
    Bug(
        "takes-equal-points-in-a-set",
        "points need not ascend strictly",
        _ALIGNMENT,
        "if any(before >= after for before, after in pairwise(blinded.points)):",
        "if any(before > after for before, after in pairwise(blinded.points)):",
        "check-blinded-set-repeated",
    ),
    Bug(
        "sorts-points-blinded-again",
        "the peer's points come back in another order",
        _ALIGNMENT,
        "return [group.multiply(point, scalar) for point in peer]",
        "return sorted(group.multiply(point, scalar) for point in peer)",
        "blind-again-second",
    ),
    Bug(
        "looks-into-a-mirror",
        "only a whole set that is one's own is refused",
        _ALIGNMENT,
        "if not set(own).isdisjoint(peer):",
        "if set(own) == set(peer):",
        "blind-again-reflected",
    ),
    Bug(
        "orders-by-own-identifiers",
        "common rows come in the order of one's own identifiers",
        _ALIGNMENT,
        "[owners[point] for point in common]",
        "sorted(owners[point] for point in common)",
        "align-second",
    ),
    Bug(
        "matches-padding",
        "common points that are padding are left out in silence",
        _ALIGNMENT,
        "if any(point not in owners for point in common):",
        "common = [point for point in common if point in owners]\n    if False:",
        "align-padding",
    ),
    Bug(
        "believes-returned-points",
        "the peer's list is not looked at",
        _ALIGNMENT,
        "for point in again[side]:",
        "for point in ():",
        "align-identity",
    ),
    Bug(
        "rounds-small-parts-away",
        "the part of a space is rounded down",
        _ALIGNMENT,
        "-(-BPS * capacity * attempts // space)",
        "BPS * capacity * attempts // space",
        "enumerable-share-telephone",
    ),
)
