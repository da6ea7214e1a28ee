"""The cases of entity alignment: published points, every malformed one, a whole alignment seen by both sides."""

from __future__ import annotations

from itertools import pairwise

from ...crypto.bls import ORDER
from .._base import Case, Json
from .._shape import given
from ..alignment import OPERATIONS
from .kernels import pairs, refusals

#: The modulus of the coordinates of BLS12-381.
FIELD = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
GENERATOR = "0x97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"


def _answer(operation: str, data: Json) -> Json:
    """What the reference answers, where one case feeds on another."""
    return next(o for o in OPERATIONS if o.name == f"privacy.{operation}").run(given(data))


def _text(value: str) -> str:
    return "0x" + value.encode().hex()


def _coordinate(x: int, flags: int = 0x80) -> str:
    data = bytearray(x.to_bytes(48, "big"))
    data[0] |= flags
    return "0x" + data.hex()


def _counting(length: int, start: int = 0) -> str:
    return "0x" + bytes((start + index) % 256 for index in range(length)).hex()


# ---- the group

_RFC_TAG = _text("QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_")
_RFC = {
    "empty": "",
    "abc": "abc",
    "abcdef": "abcdef0123456789",
    "q128": "q128_" + "q" * 128,
    "a512": "a512_" + "a" * 512,
}
_TAG_TWIN = {"message": _text("abc"), "tag": _RFC_TAG}


def _low_multiple() -> int:
    """The coordinate of a point of the group that is so small that it has a second spelling in 381 bits."""
    for factor in range(2, 100):
        data = _answer("multiply_point", {"point": GENERATOR, "scalar": "0x" + factor.to_bytes(32, "big").hex()})
        x = int(data["point"][2:], 16) % 2**381
        if x + FIELD < 2**381:
            return x
    raise LookupError


_LOW = _low_multiple()
_LOW_FLAGS = next(
    flags
    for flags in (0x80, 0xA0)
    if any(
        _answer("multiply_point", {"point": GENERATOR, "scalar": "0x" + factor.to_bytes(32, "big").hex()})["point"]
        == _coordinate(_LOW, flags)
        for factor in range(2, 100)
    )
)

#: What is no point, by name, with the reason.
MALFORMED: dict[str, tuple[str, str]] = {
    "length": (GENERATOR[:-2], "47 bytes"),
    "long": (GENERATOR + "00", "49 bytes"),
    "uncompressed": (_coordinate(int(GENERATOR[2:], 16) % 2**381, 0), "without the flag of compressed points"),
    "flagless": (_coordinate(0, 0x41), "without that flag and with that for infinity: the first one is asked first"),
    "short-identity": (_coordinate(0, 0xC0)[:-2], "47 bytes, the identity"),
    "off-curve": (_coordinate(1), "there is no point with this coordinate"),
    "subgroup": (_coordinate(0), "(0, 2) is on the curve and of order 3: it would show a scalar modulo 3"),
    "modulus": (_coordinate(FIELD), "the modulus itself: another spelling of 0"),
    "noncanonical": (_coordinate(_LOW + FIELD, _LOW_FLAGS), "a point of the group spelt with its coordinate plus p"),
}
IDENTITIES: dict[str, tuple[str, str]] = {
    "identity": (_coordinate(0, 0xC0), "the identity: every scalar gives it again"),
    "identity-dirty": (_coordinate(1, 0xC0), "the identity with something after its flag"),
    "identity-sign": (_coordinate(0, 0xE0), "the identity with a sign"),
}


def _bad_points(change: str, points: list[str], place: int) -> list[tuple[str, str, Json]]:
    """A malformed point instead of one of a list."""
    return [
        (name, why, {change: [*points[:place], point, *points[place + 1 :]]})
        for name, (point, why) in (MALFORMED | IDENTITIES).items()
        if len(point) == len(GENERATOR)
    ]


_MULTIPLY_TWIN = {"point": GENERATOR, "scalar": "0x" + (5).to_bytes(32, "big").hex()}

GROUP = [
    *[
        Case(
            "privacy.hash_to_point",
            f"hash-to-point-rfc9380-{name}",
            "RFC 9380, J.9.1",
            {"message": _text(message), "tag": _RFC_TAG},
            bug="hashes to a scalar and multiplies the generator, whose factor everybody knows",
        )
        for name, message in _RFC.items()
    ],
    Case("privacy.hash_to_point", "hash-to-point-tag", "another tag: another point", {**_TAG_TWIN, "tag": "0x00"}),
    Case("privacy.hash_to_point", "hash-to-point-longest-tag", "255 bytes", {**_TAG_TWIN, "tag": _counting(255)}),
    *refusals(
        "privacy.hash_to_point",
        "hash-to-point",
        "hash-to-point-rfc9380-abc",
        _TAG_TWIN,
        [("tag-0", "no tag", {"tag": "0x"}), ("tag-256", "256 bytes", {"tag": _counting(256)})],
    ),
    Case("privacy.check_point", "check-point-generator", "the generator", {"point": GENERATOR}),
    Case(
        "privacy.check_point",
        "check-point-low",
        "a point with a small coordinate",
        {"point": _coordinate(_LOW, _LOW_FLAGS)},
    ),
    *refusals(
        "privacy.check_point",
        "check-point",
        "check-point-generator",
        {"point": GENERATOR},
        [(name, why, {"point": point}) for name, (point, why) in (MALFORMED | IDENTITIES).items()],
    ),
    Case("privacy.multiply_point", "multiply-point-five", "five times the generator", _MULTIPLY_TWIN),
    Case(
        "privacy.multiply_point",
        "multiply-point-negative",
        "the largest scalar gives the point with the other sign",
        {**_MULTIPLY_TWIN, "scalar": "0x" + (ORDER - 1).to_bytes(32, "big").hex()},
        bug="shows coordinates without their sign",
    ),
    Case(
        "privacy.multiply_point",
        "multiply-point-one",
        "once the generator",
        {**_MULTIPLY_TWIN, "scalar": "0x" + (1).to_bytes(32, "big").hex()},
    ),
    *refusals(
        "privacy.multiply_point",
        "multiply-point",
        "multiply-point-five",
        _MULTIPLY_TWIN,
        [
            ("scalar-0", "zero", {"scalar": "0x" + "00" * 32}),
            ("scalar-order", "the order of the group", {"scalar": "0x" + ORDER.to_bytes(32, "big").hex()}),
            *[(name, why, {"point": point}) for name, (point, why) in (MALFORMED | IDENTITIES).items()],
        ],
    ),
    *pairs(
        "privacy.multiply_point",
        "multiply-point",
        "multiply-point-five",
        _MULTIPLY_TWIN,
        [("scalar-and-point", "zero times no point", {"scalar": "0x" + "00" * 32, "point": "0x"})],
    ),
]

# ---- identifiers and secrets

SCOPE = {"genesis_root": _counting(32, 7), "task": "3", "attempt": "1"}
SECRET, PEER_SECRET = _counting(32, 1), _counting(32, 101)
_SCOPES: list[tuple[str, Json]] = [
    ("ledger", {**SCOPE, "genesis_root": _counting(32, 8)}),
    ("task", {**SCOPE, "task": "4"}),
    ("attempt", {**SCOPE, "attempt": "2"}),
]
_IDENTIFIER_TWIN = {"scope": SCOPE, "identifier": _text("anna@example.org")}
_SECRETS_TWIN = {"scope": SCOPE, "side": "0", "secret": SECRET}

IDENTIFIERS = [
    Case("privacy.identifier_point", "identifier-point-mail", "an address", _IDENTIFIER_TWIN),
    Case(
        "privacy.identifier_point",
        "identifier-point-longest",
        "64 bytes, not all of them text",
        {**_IDENTIFIER_TWIN, "identifier": _counting(64, 200)},
        bug="decodes identifiers",
    ),
    Case(
        "privacy.identifier_point",
        "identifier-point-shortest",
        "one byte",
        {**_IDENTIFIER_TWIN, "identifier": "0x00"},
    ),
    Case(
        "privacy.identifier_point",
        "identifier-point-spelling",
        "a capital letter is another identifier: what is alike is agreed upon before",
        {**_IDENTIFIER_TWIN, "identifier": _text("Anna@example.org")},
        bug="normalises identifiers in its own way",
    ),
    *[
        Case(
            "privacy.identifier_point",
            f"identifier-point-{name}",
            f"another {name}: another point",
            {**_IDENTIFIER_TWIN, "scope": scope},
            bug="hashes identifiers alike everywhere, so that one table serves against all",
        )
        for name, scope in _SCOPES
    ],
    *refusals(
        "privacy.identifier_point",
        "identifier-point",
        "identifier-point-mail",
        _IDENTIFIER_TWIN,
        [("empty", "no bytes", {"identifier": "0x"}), ("65", "65 bytes", {"identifier": _counting(65)})],
    ),
    Case("privacy.alignment_secrets", "alignment-secrets-first", "the first side", _SECRETS_TWIN),
    Case(
        "privacy.alignment_secrets",
        "alignment-secrets-second",
        "the same secret on the second side gives others",
        {**_SECRETS_TWIN, "side": "1"},
        bug="blinds both sides alike, so that sets can be compared after one step",
    ),
    *[
        Case(
            "privacy.alignment_secrets",
            f"alignment-secrets-{name}",
            f"another {name}: another scalar",
            {**_SECRETS_TWIN, "scope": scope},
            bug="blinds all attempts with one scalar, which links them",
        )
        for name, scope in _SCOPES
    ],
    *refusals(
        "privacy.alignment_secrets",
        "alignment-secrets",
        "alignment-secrets-first",
        _SECRETS_TWIN,
        [("side-2", "a third side", {"side": "2"}), ("secret-31", "31 bytes", {"secret": _counting(31)})],
    ),
    *pairs(
        "privacy.alignment_secrets",
        "alignment-secrets",
        "alignment-secrets-first",
        _SECRETS_TWIN,
        [("side-and-secret", "a third side, no secret", {"side": "2", "secret": "0x"})],
    ),
]

# ---- blinded sets

_NAMES = [_text(name) for name in ("dora", "anna", "carl", "berta")]
_PEER_NAMES = [_text(name) for name in ("carl", "emil", "anna")]
_SET_TWIN = {"scope": SCOPE, "side": "0", "capacity": "6", "secret": SECRET, "identifiers": _NAMES}
_PEER_SET = {**_SET_TWIN, "side": "1", "secret": PEER_SECRET, "identifiers": _PEER_NAMES}
_FIRST, _SECOND = _answer("blind_set", _SET_TWIN), _answer("blind_set", _PEER_SET)
_SHOWN_TWIN = {"scope": SCOPE, "side": "1", "capacity": "6", "points": _SECOND["points"], "root": _SECOND["root"]}
_ASCENDING: list[str] = _SECOND["points"]


def _between(points: list[str], bad: str) -> tuple[list[str], int]:
    """Points with a malformed one where it stands in order, and its place."""
    below = [point for point in points if point < bad]
    place = min(len(below), len(points) - 1)
    return [*points[:place], bad, *points[place + 1 :]], place


def _shown_faults() -> list[tuple[str, str, Json]]:
    """Sets with one malformed point, in ascending order all the same."""
    faults = []
    for name, (point, why) in (MALFORMED | IDENTITIES).items():
        points, place = _between(_ASCENDING, point)
        in_order = all(a < b for a, b in pairwise(points))
        if in_order:
            faults.append((name, f"{why}, at place {place}", {"points": points}))
    return faults


SETS = [
    Case(
        "privacy.blind_set",
        "blind-set-four",
        "four identifiers and two of padding; the points ascend, whatever the order of the identifiers",
        _SET_TWIN,
        bug="shows points in the order of the identifiers, which tells what is sorted how",
    ),
    Case(
        "privacy.blind_set",
        "blind-set-three",
        "three identifiers of the other side take as much room",
        _PEER_SET,
        bug="shows how many identifiers there are",
    ),
    Case(
        "privacy.blind_set",
        "blind-set-reordered",
        "the identifiers in another order give the same points",
        {**_SET_TWIN, "identifiers": _NAMES[::-1]},
    ),
    Case("privacy.blind_set", "blind-set-full", "no room for padding", {**_SET_TWIN, "capacity": "4"}),
    *refusals(
        "privacy.blind_set",
        "blind-set",
        "blind-set-four",
        _SET_TWIN,
        [
            ("side-2", "a third side", {"side": "2"}),
            ("secret-33", "33 bytes", {"secret": _counting(33)}),
            ("capacity-0", "no room", {"capacity": "0"}),
            ("capacity-many", "2^20 + 1 places", {"capacity": str(2**20 + 1)}),
            ("empty", "no identifiers: a set of padding alone", {"identifiers": []}),
            ("too-many", "four identifiers in three places", {"capacity": "3"}),
            ("identifier-0", "an identifier without bytes", {"identifiers": [*_NAMES[:3], "0x"]}),
            ("identifier-65", "an identifier of 65 bytes", {"identifiers": [*_NAMES[:3], _counting(65)]}),
            ("repeated", "an identifier twice", {"identifiers": [*_NAMES[:3], _NAMES[0]]}),
        ],
    ),
    *pairs(
        "privacy.blind_set",
        "blind-set",
        "blind-set-four",
        _SET_TWIN,
        [
            ("secret-and-capacity", "no secret, no room", {"secret": "0x", "capacity": "0"}),
            ("secret-and-empty", "no secret, no identifiers", {"secret": "0x", "identifiers": []}),
            ("capacity-and-empty", "no room, no identifiers", {"capacity": "0", "identifiers": []}),
            (
                "too-many-and-repeated",
                "no room, one twice",
                {"capacity": "3", "identifiers": [*_NAMES[:3], _NAMES[0]]},
            ),
        ],
    ),
    Case("privacy.check_blinded_set", "check-blinded-set-six", "six points in order under their root", _SHOWN_TWIN),
    *refusals(
        "privacy.check_blinded_set",
        "check-blinded-set",
        "check-blinded-set-six",
        _SHOWN_TWIN,
        [
            ("side-2", "a third side", {"side": "2"}),
            ("capacity-0", "no room", {"capacity": "0"}),
            ("capacity-7", "more room than points", {"capacity": "7"}),
            ("empty", "no points", {"points": []}),
            ("five", "five points", {"points": _ASCENDING[:5]}),
            ("order", "two points exchanged", {"points": [_ASCENDING[1], _ASCENDING[0], *_ASCENDING[2:]]}),
            ("repeated", "one point twice", {"points": [*_ASCENDING[:5], _ASCENDING[4]]}),
            *_shown_faults(),
            ("root", "another root", {"root": _FIRST["root"]}),
            ("other-side", "the root of the same points on the other side", {"side": "0"}),
            ("attempt", "the set of another attempt", {"scope": {**SCOPE, "attempt": "2"}}),
        ],
    ),
    *pairs(
        "privacy.check_blinded_set",
        "check-blinded-set",
        "check-blinded-set-six",
        _SHOWN_TWIN,
        [
            ("side-and-capacity", "a third side, no room", {"side": "2", "capacity": "0"}),
            (
                "capacity-and-order",
                "more room than points, two of them exchanged",
                {"capacity": "7", "points": [_ASCENDING[1], _ASCENDING[0], *_ASCENDING[2:]]},
            ),
            ("size-and-root", "five points, another root", {"points": _ASCENDING[:5], "root": _FIRST["root"]}),
            (
                "point-and-root",
                "the identity at the end, another root",
                {"points": [*_ASCENDING[:5], IDENTITIES["identity-sign"][0]], "root": _FIRST["root"]},
            ),
        ],
    ),
]

# ---- both scalars

_AGAIN_TWIN = {
    "scope": SCOPE,
    "side": "0",
    "secret": SECRET,
    "own": _FIRST["points"],
    "peer": _SECOND["points"],
}
_BACK = {**_AGAIN_TWIN, "side": "1", "secret": PEER_SECRET, "own": _SECOND["points"], "peer": _FIRST["points"]}
_SECOND_AGAIN = _answer("blind_again", _AGAIN_TWIN)["points"]
_FIRST_AGAIN = _answer("blind_again", _BACK)["points"]
_ALIGN_TWIN = {
    "scope": SCOPE,
    "first_root": _FIRST["root"],
    "second_root": _SECOND["root"],
    "side": "0",
    "positions": _FIRST["positions"],
    "first": _FIRST_AGAIN,
    "second": _SECOND_AGAIN,
}
_ALIGNED = _answer("align", _ALIGN_TWIN)


def _everybody() -> Json:
    """Both sides have the same seven identifiers, each in its own order."""
    names = [_text(name) for name in ("anna", "berta", "carl", "dora", "emil", "frida", "georg")]
    sides = [
        {**_SET_TWIN, "side": side, "capacity": "7", "secret": secret, "identifiers": order}
        for side, secret, order in (("0", SECRET, names), ("1", PEER_SECRET, names[3:] + names[:3]))
    ]
    first, second = (_answer("blind_set", side) for side in sides)
    shown = {"own": second["points"], "peer": first["points"]}
    back = {"own": first["points"], "peer": second["points"]}
    return {
        "scope": SCOPE,
        "first_root": first["root"],
        "second_root": second["root"],
        "side": "1",
        "positions": second["positions"],
        "first": _answer("blind_again", {**_BACK, **shown})["points"],
        "second": _answer("blind_again", {**_AGAIN_TWIN, **back})["points"],
    }


_AGAIN = "privacy.blind_again"

ORDER_OF_BOTH = [
    Case(_AGAIN, "blind-again-first", "the first side blinds the second set, in the order shown", _AGAIN_TWIN),
    Case(
        _AGAIN,
        "blind-again-second",
        "the second side blinds the first set",
        _BACK,
        bug="sorts the points, so that their owner cannot tell which is which",
    ),
    *refusals(
        _AGAIN,
        "blind-again",
        "blind-again-first",
        _AGAIN_TWIN,
        [
            ("side-2", "a third side", {"side": "2"}),
            ("secret-31", "31 bytes", {"secret": _counting(31)}),
            ("empty", "no points", {"peer": []}),
            ("five", "five points, one's own are six", {"peer": _SECOND["points"][:5]}),
            ("reflected", "one of one's own points", {"peer": [*_SECOND["points"][:5], _FIRST["points"][2]]}),
            *_bad_points("peer", _SECOND["points"], 3),
        ],
    ),
    Case(
        _AGAIN,
        "blind-again-mirror",
        "the peer shows one's own set as its own, to have it blinded and learn nothing new, or to match everything",
        {**_AGAIN_TWIN, "peer": _FIRST["points"]},
        twin="blind-again-first",
        follows=tuple(f"/peer/{at}" for at in range(1, 6)),
        flags=("Guard",),
    ),
    *pairs(
        _AGAIN,
        "blind-again",
        "blind-again-first",
        _AGAIN_TWIN,
        [
            ("side-and-secret", "a third side, no secret", {"side": "2", "secret": "0x"}),
            ("empty-and-length", "no points on either side", {"peer": [], "own": []}),
            (
                "length-and-reflected",
                "one's own are five, and one of them is shown",
                {"own": _FIRST["points"][:5], "peer": [*_SECOND["points"][:5], _FIRST["points"][2]]},
            ),
        ],
    ),
    Case(
        "privacy.align",
        "align-first",
        "anna and carl are in common: the first side takes its identifiers 1 and 2, in the order of the points",
        _ALIGN_TWIN,
        bug="orders by one's own identifiers, so that rows of the two sides do not belong together",
    ),
    Case(
        "privacy.align",
        "align-second",
        "the second side takes its identifiers 0 and 2, in the same order and with the same root",
        {**_ALIGN_TWIN, "side": "1", "positions": _SECOND["positions"]},
    ),
    Case(
        "privacy.align",
        "align-everybody",
        "seven identifiers that both sides have, each in an order of its own",
        _everybody(),
        bug="takes common points in no order, or in that of the first set",
    ),
    Case(
        "privacy.align",
        "align-nothing",
        "nothing in common is an answer, not an error",
        {**_ALIGN_TWIN, "second": _answer("blind_again", {**_AGAIN_TWIN, "side": "1"})["points"]},
    ),
    *refusals(
        "privacy.align",
        "align",
        "align-first",
        _ALIGN_TWIN,
        [
            ("side-2", "a third side", {"side": "2"}),
            ("empty", "no points", {"first": []}),
            ("five", "five points in the second list", {"second": _SECOND_AGAIN[:5]}),
            ("position-6", "a place that there is not", {"positions": [*_FIRST["positions"][:3], "6"]}),
            (
                "position-twice",
                "two identifiers in one place",
                {"positions": [*_FIRST["positions"][:3], _FIRST["positions"][0]]},
            ),
            *_bad_points("first", _FIRST_AGAIN, 0),
            ("repeated", "one point twice", {"first": [*_FIRST_AGAIN[:5], _FIRST_AGAIN[0]]}),
            ("repeated-own", "one point twice in the other list", {"second": [*_SECOND_AGAIN[:5], _SECOND_AGAIN[0]]}),
            (
                "padding",
                "a side without anna: what is in common is its padding",
                {"positions": [_FIRST["positions"][at] for at in (0, 2, 3)]},
            ),
        ],
    ),
    *pairs(
        "privacy.align",
        "align",
        "align-first",
        _ALIGN_TWIN,
        [
            ("empty-and-length", "no points, five points", {"first": [], "second": _SECOND_AGAIN[:5]}),
            ("side-and-empty", "a third side, no points", {"side": "2", "first": []}),
            (
                "length-and-position",
                "five points, a place that there is not",
                {"second": _SECOND_AGAIN[:5], "positions": [*_FIRST["positions"][:3], "6"]},
            ),
        ],
    ),
    Case(
        "privacy.check_alignment",
        "check-alignment-same",
        "both sides found the same",
        {"own": _ALIGNED["root"], "peer": _ALIGNED["root"]},
    ),
    *refusals(
        "privacy.check_alignment",
        "check-alignment",
        "check-alignment-same",
        {"own": _ALIGNED["root"], "peer": _ALIGNED["root"]},
        [("other", "the other side found something else", {"peer": _FIRST["root"]})],
    ),
]

# ---- small spaces

_SHARE_TWIN = {"space": str(10**10), "capacity": str(10**5), "attempts": "1", "limit_bps": "100"}

SPACES = [
    Case(
        "privacy.enumerable_share",
        "enumerable-share-telephone",
        "10^10 telephone numbers, 10^5 places: a part of 10^-5, rounded up to a basis point",
        _SHARE_TWIN,
        bug="rounds down, so that many small parts are none",
    ),
    Case(
        "privacy.enumerable_share",
        "enumerable-share-limit",
        "exactly the limit",
        {**_SHARE_TWIN, "attempts": "1000"},
    ),
    Case(
        "privacy.enumerable_share",
        "enumerable-share-largest",
        "the largest capacity and the largest space",
        {**_SHARE_TWIN, "space": str(2**64 - 1), "capacity": str(2**20)},
    ),
    Case(
        "privacy.enumerable_share",
        "enumerable-share-one",
        "one identifier is possible, and it may be asked",
        {"space": "1", "capacity": "1", "attempts": "1", "limit_bps": "10000"},
    ),
    Case(
        "privacy.enumerable_share",
        "enumerable-share-all",
        "birthdays of a century fit into one set: everything can be asked, if the limit lets it",
        {"space": "36525", "capacity": str(2**16), "attempts": "1", "limit_bps": "10000"},
    ),
    *refusals(
        "privacy.enumerable_share",
        "enumerable-share",
        "enumerable-share-telephone",
        _SHARE_TWIN,
        [
            ("space-0", "no identifier is possible", {"space": "0"}),
            ("capacity-0", "no room", {"capacity": "0"}),
            ("capacity-many", "2^20 + 1 places", {"capacity": str(2**20 + 1)}),
            ("attempts-0", "no attempt", {"attempts": "0"}),
            ("attempts", "one attempt more than the limit allows", {"attempts": "1001"}),
            ("birthdays", "the birthdays of a century", {"space": "36525"}),
        ],
    ),
    *pairs(
        "privacy.enumerable_share",
        "enumerable-share",
        "enumerable-share-telephone",
        _SHARE_TWIN,
        [
            ("space-and-capacity", "nothing possible, no room", {"space": "0", "capacity": "0"}),
            ("capacity-and-attempts", "no room, no attempt", {"capacity": "0", "attempts": "0"}),
            ("attempts-and-limit", "no attempt, a limit of nothing", {"attempts": "0", "limit_bps": "0"}),
        ],
    ),
]

CASES: tuple[Case, ...] = (*GROUP, *IDENTIFIERS, *SETS, *ORDER_OF_BOTH, *SPACES)
