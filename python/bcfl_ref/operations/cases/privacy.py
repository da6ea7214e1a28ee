"""The cases of the privacy layer: published vectors, seams, one refusal per guard, and the faults of others.

Where a bug is one that a framework in use has or had, its comment says what went wrong, not where.
"""

from __future__ import annotations

from ...encoding import from_json, hash_tree_root
from ...types import EdgeShare
from .._base import Case, Json
from ..privacy import OPERATIONS
from .kernels import decimals, pairs, refusals

P = 2**61 - 1


def _counting(length: int, start: int = 0) -> str:
    """Bytes that count upwards."""
    return "0x" + bytes((start + index) % 256 for index in range(length)).hex()


def _zeros(length: int) -> str:
    return "0x" + "00" * length


def _answer(operation: str, data: Json) -> Json:
    """What the reference answers, where one case feeds on another."""
    return next(o for o in OPERATIONS if o.name == operation).run(data)


KEY, STREAM = _counting(32), _zeros(12)

# ---- mask_add

_MASK_TWIN = {"ring": "32", "vector": decimals(0, 1, 2**32 - 1), "key": KEY, "stream": STREAM, "subtract": False}


def _mask(name: str, comment: str, change: Json, bug: str | None = None) -> Case:
    data = {**_MASK_TWIN, **change}
    return Case("kernels.mask_add", f"mask-add-{name}", comment, data, bug=bug, flags=("Mask",))


_BLOCK_ZERO = {"vector": decimals(*[0] * 32), "key": _zeros(32)}

MASK_ADD = [
    Case("kernels.mask_add", "mask-add-three", "three words, the last one wraps", _MASK_TWIN),
    _mask("rfc8439-a1-1", "RFC 8439 A.1, vectors 1 and 2: blocks 0 and 1", _BLOCK_ZERO, "counts blocks from 1"),
    _mask(
        "rfc8439-2-3-2",
        "the second block is that of RFC 8439, 2.3.2",
        {"vector": decimals(*[0] * 32), "stream": "0x000000090000004a00000000"},
        "puts the stream id before the counter",
    ),
    _mask(
        "rfc8439-a1-5",
        "the first block is that of RFC 8439 A.1, vector 5",
        {**_BLOCK_ZERO, "stream": "0x000000000000000000000002"},
        "cuts the stream id to 64 bits",
    ),
    _mask(
        "seed-folded",
        "a key whose 32-bit words cancel each other: folded to 32 bits it is zero",
        {"key": "0x" + "0badcafe" * 8},
        "folds the seed to 32 bits by exclusive or, so that 2^32 masks are all there are",
    ),
    _mask(
        "key-tail",
        "a key that differs from the zero key in its last byte only",
        {"key": "0x" + "00" * 31 + "80"},
        "uses a part of the key",
    ),
    _mask("subtract", "the same three words, subtracted", {"subtract": True}, "always adds"),
    _mask("ring-64", "words of 64 bits, the low half first", {"ring": "64"}, "takes one 32-bit word an element"),
    _mask(
        "ring-64-wraps",
        "the largest words in the larger ring, subtracted",
        {"ring": "64", "vector": decimals(2**64 - 1, 2**63, 0), "subtract": True},
        "saturates or loses the carry between the halves",
    ),
    _mask(
        "whole-ring",
        "17 words, so one beyond a block; masks reach the whole ring",
        {"vector": decimals(*[0] * 17), "key": _counting(32, 100)},
        "draws masks below R - 2 or from one byte a coordinate",
    ),
    *refusals(
        "kernels.mask_add",
        "mask-add",
        "mask-add-three",
        _MASK_TWIN,
        [
            ("ring-33", "a ring of 33 bits", {"ring": "33"}),
            ("word-too-large", "2^32 in the ring of 32 bits", {"vector": decimals(0, 1, 2**32)}),
            ("empty", "no words", {"vector": []}),
            ("key-31", "a key of 31 bytes", {"key": _counting(31)}),
            ("key-4", "a seed of 4 bytes", {"key": "0x0badcafe"}),
            ("stream-8", "a stream id of 8 bytes", {"stream": _zeros(8)}),
        ],
    ),
    *pairs(
        "kernels.mask_add",
        "mask-add",
        "mask-add-three",
        _MASK_TWIN,
        [
            ("ring-and-empty", "another ring, no words", {"ring": "0", "vector": []}),
            ("empty-and-key", "no words, a short key", {"vector": [], "key": _counting(31)}),
            ("word-and-key", "a word too large, a short key", {"vector": decimals(0, 1, 2**32), "key": "0x"}),
        ],
    ),
]

# ---- mask_add_many


def _one_mask(key: Json = KEY, stream: Json = STREAM, subtract: bool = False) -> Json:
    return {"key": key, "stream": stream, "subtract": subtract}


_OTHER_MASK = _one_mask(_counting(32, 100), "0x01" + "00" * 11, True)
_MANY_TWIN = {"ring": "32", "vector": decimals(0, 1, 2**32 - 1), "masks": [_one_mask(), _OTHER_MASK]}


def _many(name: str, comment: str, change: Json, bug: str | None = None) -> Case:
    data = {**_MANY_TWIN, **change}
    return Case("kernels.mask_add_many", f"mask-add-many-{name}", comment, data, bug=bug, flags=("Mask",))


MASK_ADD_MANY = [
    Case("kernels.mask_add_many", "mask-add-many-two", "one mask added, another one subtracted", _MANY_TWIN),
    _many("none", "no mask leaves the vector", {"masks": []}, "wants a mask"),
    _many(
        "undone",
        "a mask added and subtracted leaves the vector",
        {"masks": [_one_mask(), _one_mask(subtract=True)]},
        "takes the sign of the first mask for all",
    ),
    _many(
        "beyond-blocks",
        "33 words, three blocks, of two masks of the larger ring",
        {"ring": "64", "vector": decimals(*[2**64 - 1] * 33)},
        "lets the second mask go on where the first one ended",
    ),
    _many(
        "own-and-pair",
        "the same key with two stream ids",
        {"masks": [_one_mask(), _one_mask(stream="0x01" + "00" * 11)]},
        "keeps the stream id of the first mask",
    ),
    *refusals(
        "kernels.mask_add_many",
        "mask-add-many",
        "mask-add-many-two",
        _MANY_TWIN,
        [
            ("ring-16", "a ring of 16 bits", {"ring": "16"}),
            ("word-too-large", "2^32 in the ring of 32 bits", {"vector": decimals(0, 1, 2**32)}),
            ("empty", "no words", {"vector": []}),
            (
                "second-key-31",
                "the second key has 31 bytes",
                {"masks": [_one_mask(), {**_OTHER_MASK, "key": _counting(31, 100)}]},
            ),
            (
                "second-stream-13",
                "the second stream id has 13 bytes",
                {"masks": [_one_mask(), {**_OTHER_MASK, "stream": _zeros(13)}]},
            ),
        ],
    ),
    *pairs(
        "kernels.mask_add_many",
        "mask-add-many",
        "mask-add-many-two",
        _MANY_TWIN,
        [
            (
                "empty-and-key",
                "no words, a short key",
                {"vector": [], "masks": [_one_mask(_counting(31)), _OTHER_MASK]},
            )
        ],
    ),
]

# ---- shamir

_SECRETS = decimals(0, 1, P - 1, 2**56 - 1, 123456789)
_SHAMIR_TWIN = {"secrets": _SECRETS, "threshold": "3", "count": "5", "seed": KEY}


def _shamir(name: str, comment: str, change: Json, bug: str | None = None) -> Case:
    data = {**_SHAMIR_TWIN, **change}
    return Case("kernels.shamir_share", f"shamir-share-{name}", comment, data, bug=bug, flags=("Sharing",))


SHAMIR_SHARE = [
    Case(
        "kernels.shamir_share",
        "shamir-share-five",
        "five secrets, any three of five shares rebuild them",
        _SHAMIR_TWIN,
        bug="evaluates at the position, so that the first share, at x = 0, is the secret",
    ),
    _shamir(
        "two-of-two", "the smallest threshold", {"threshold": "2", "count": "2"}, "makes the degree t, not t - 1"
    ),
    _shamir(
        "all", "everybody is needed", {"threshold": "5"}, "makes t - 1 coefficients for all secrets and not for each"
    ),
    _shamir(
        "other-seed",
        "another seed changes every share of zero",
        {"secrets": decimals(0), "seed": _counting(32, 1)},
        "reduces 64-bit words modulo p, which is biased",
    ),
    *refusals(
        "kernels.shamir_share",
        "shamir-share",
        "shamir-share-five",
        _SHAMIR_TWIN,
        [
            ("empty", "no secrets", {"secrets": []}),
            ("count-2048", "one holder too many", {"count": "2048"}),
            ("threshold-1", "every share would be the secret", {"threshold": "1"}),
            ("threshold-6", "more than there are shares", {"threshold": "6"}),
            ("seed-31", "a seed of 31 bytes", {"seed": _counting(31)}),
            ("secret-p", "p itself is no element", {"secrets": [*_SECRETS[:4], str(P)]}),
            ("secret-large", "2^64 - 1", {"secrets": [str(2**64 - 1), *_SECRETS[1:]]}),
        ],
    ),
    Case(
        "kernels.shamir_share",
        "shamir-share-count-1",
        "a single holder",
        {**_SHAMIR_TWIN, "count": "1"},
        twin="shamir-share-five",
        flags=("Guard",),
        bug="asks the threshold first",
    ),
    *pairs(
        "kernels.shamir_share",
        "shamir-share",
        "shamir-share-five",
        _SHAMIR_TWIN,
        [
            ("empty-and-count", "no secrets, no holder", {"secrets": [], "count": "0"}),
            ("threshold-and-seed", "threshold 1, a short seed", {"threshold": "1", "seed": "0x"}),
            ("seed-and-secret", "a short seed, a secret of p", {"seed": "0x", "secrets": [*_SECRETS[:4], str(P)]}),
        ],
    ),
]

_SHARES = _answer("kernels.shamir_share", _SHAMIR_TWIN)["shares"]
_REBUILD_TWIN = {"shares": [_SHARES[at] for at in (0, 2, 4)], "positions": decimals(0, 2, 4), "threshold": "3"}
_RECONSTRUCT = "kernels.shamir_reconstruct"


def _rebuild(name: str, comment: str, at: list[int], bug: str | None = None) -> Case:
    data = {"shares": [_SHARES[i] for i in at], "positions": decimals(*at), "threshold": "3"}
    return Case(_RECONSTRUCT, f"shamir-reconstruct-{name}", comment, data, bug=bug, flags=("Sharing",))


_WRONG_SHARE = [str((int(value) + 1) % P) for value in _SHARES[4]]
_SHARE_FAULTS: list[tuple[str, str, Json]] = [
    ("one-missing", "two shares of a threshold of three: no answer, not a wrong one", {"threshold": "4"}),
    ("position-2047", "a position that no holder has", {"positions": decimals(0, 2, 2047)}),
    ("position-twice", "the same holder twice", {"positions": decimals(0, 2, 2)}),
    ("position-descending", "holders in descending order", {"positions": decimals(0, 4, 2)}),
    ("positions-two", "two positions for three shares", {"positions": decimals(0, 2)}),
    ("lengths", "a share of four elements", {"shares": [_SHARES[0], _SHARES[2], _SHARES[4][:4]]}),
    ("no-shares", "no shares", {"shares": []}),
    ("no-elements", "a share of nothing", {"shares": [_SHARES[0], _SHARES[2], []]}),
    ("shares-2048", "more shares than there can be", {"shares": [["1"]] * 2048}),
    ("element-p", "p itself is no element", {"shares": [_SHARES[0], _SHARES[2], [str(P), *_SHARES[4][1:]]]}),
]

SHAMIR_RECONSTRUCT = [
    Case(
        _RECONSTRUCT,
        "shamir-reconstruct-three",
        "positions 0, 2 and 4, so x = 1, 3 and 5",
        _REBUILD_TWIN,
        bug="interpolates at the positions and not one above them",
    ),
    _rebuild("first-three", "neighbouring positions", [0, 1, 2]),
    _rebuild("last-three", "the far end", [2, 3, 4], "gives the value at the first point"),
    _rebuild("five", "more shares than needed", [0, 1, 2, 3, 4]),
    Case(
        _RECONSTRUCT,
        "shamir-reconstruct-lowest",
        "the fourth share is wrong and not among the first three: the lowest positions are used",
        {
            "shares": [*(_SHARES[at] for at in (0, 1, 2)), _WRONG_SHARE],
            "positions": decimals(0, 1, 2, 4),
            "threshold": "3",
        },
        bug="uses all shares, or those that came last",
        flags=("Sharing",),
    ),
    Case(
        _RECONSTRUCT,
        "shamir-reconstruct-wrong-share",
        "a wrong share that is used rebuilds another secret; only the commitment of its dealer shows it",
        {**_REBUILD_TWIN, "shares": [_SHARES[0], _SHARES[2], _WRONG_SHARE]},
        flags=("Sharing",),
    ),
    *refusals(
        _RECONSTRUCT,
        "shamir-reconstruct",
        "shamir-reconstruct-three",
        _REBUILD_TWIN,
        [*_SHARE_FAULTS, ("threshold-1", "a threshold that nobody shares with", {"threshold": "1"})],
    ),
    *pairs(
        _RECONSTRUCT,
        "shamir-reconstruct",
        "shamir-reconstruct-three",
        _REBUILD_TWIN,
        [
            ("none-and-positions", "no shares, two positions", {"shares": [], "positions": decimals(0, 2)}),
            (
                "range-and-missing",
                "a foreign position, one missing",
                {"positions": ["0", "2", "2047"], "threshold": "4"},
            ),
            (
                "order-and-threshold",
                "a holder twice, threshold 1",
                {"positions": decimals(0, 2, 2), "threshold": "1"},
            ),
            (
                "missing-and-element",
                "one missing, and p in a share",
                {"shares": [_SHARES[0], _SHARES[2], [str(P), *_SHARES[4][1:]]], "threshold": "4"},
            ),
        ],
    ),
]

# ---- packed

_BLOCK = decimals(*range(1, 11))
_PACKED_TWIN = {"secrets": _BLOCK, "pack": "5", "threshold": "7", "count": "9", "seed": KEY}


def _packed(name: str, comment: str, change: Json, bug: str | None = None) -> Case:
    data = {**_PACKED_TWIN, **change}
    return Case("kernels.packed_share", f"packed-share-{name}", comment, data, bug=bug, flags=("Sharing",))


PACKED_SHARE = [
    Case(
        "kernels.packed_share",
        "packed-share-two-blocks",
        "two blocks of five secrets; two shares say nothing, seven rebuild",
        _PACKED_TWIN,
        bug="lets as many shares rebuild as say nothing, plus one",
    ),
    _packed("one-each", "blocks of one: still at -1, not at 0", {"pack": "1", "threshold": "3"}, "puts it at x = 0"),
    _packed("all", "everybody is needed", {"threshold": "9"}, None),
    _packed("least-private", "one share says nothing, two may", {"threshold": "6"}, "draws one sample too few"),
    *refusals(
        "kernels.packed_share",
        "packed-share",
        "packed-share-two-blocks",
        _PACKED_TWIN,
        [
            ("empty", "no secrets", {"secrets": []}),
            ("count-1", "a single holder", {"count": "1"}),
            ("count-2048", "one holder too many", {"count": "2048"}),
            ("pack-0", "blocks of nothing", {"pack": "0"}),
            ("pack-9", "as many secrets as shares", {"pack": "9"}),
            ("threshold-pack", "a threshold that leaves no privacy", {"threshold": "5"}),
            ("threshold-10", "more than there are shares", {"threshold": "10"}),
            ("length-9", "nine secrets are no whole blocks", {"secrets": _BLOCK[:9]}),
            ("seed-33", "a seed of 33 bytes", {"seed": _counting(33)}),
            ("secret-p", "p itself is no element", {"secrets": [*_BLOCK[:9], str(P)]}),
        ],
    ),
    *pairs(
        "kernels.packed_share",
        "packed-share",
        "packed-share-two-blocks",
        _PACKED_TWIN,
        [
            ("count-and-pack", "one holder, blocks of nothing", {"count": "1", "pack": "0"}),
            ("threshold-and-length", "no privacy, no whole blocks", {"threshold": "5", "secrets": _BLOCK[:9]}),
            ("length-and-seed", "no whole blocks, no seed", {"secrets": _BLOCK[:9], "seed": "0x"}),
        ],
    ),
]

_PACKS = _answer("kernels.packed_share", _PACKED_TWIN)["shares"]
_AT = [0, 1, 3, 4, 5, 7, 8]
_UNPACK = "kernels.packed_reconstruct"
_UNPACK_TWIN = {
    "shares": [_PACKS[at] for at in _AT],
    "positions": decimals(*_AT),
    "pack": "5",
    "threshold": "7",
}
_SIX = [_PACKS[at] for at in _AT[:6]]

PACKED_RECONSTRUCT = [
    Case(
        _UNPACK,
        "packed-reconstruct-seven",
        "seven of nine shares rebuild two blocks",
        _UNPACK_TWIN,
        bug="gives the secrets of one place before those of the next",
    ),
    Case(
        _UNPACK,
        "packed-reconstruct-lowest",
        "all nine are given, the seven lowest are used",
        {**_UNPACK_TWIN, "shares": _PACKS, "positions": decimals(*range(9))},
    ),
    *refusals(
        _UNPACK,
        "packed-reconstruct",
        "packed-reconstruct-seven",
        _UNPACK_TWIN,
        [
            ("one-missing", "eight are needed", {"threshold": "8"}),
            ("pack-0", "blocks of nothing", {"pack": "0"}),
            ("threshold-pack", "a threshold that leaves no privacy", {"threshold": "5"}),
            ("position-twice", "the same holder twice", {"positions": decimals(0, 1, 3, 4, 5, 7, 7)}),
            ("position-2047", "a position that no holder has", {"positions": decimals(0, 1, 3, 4, 5, 7, 2047)}),
            ("positions-six", "six positions for seven shares", {"positions": decimals(*_AT[:6])}),
            ("lengths", "a share of one block", {"shares": [*_SIX, _PACKS[8][:1]]}),
            ("no-shares", "no shares", {"shares": []}),
            ("shares-2048", "more shares than there can be", {"shares": [["1"]] * 2048}),
            ("element-p", "p itself is no element", {"shares": [*_SIX, [str(P), _PACKS[8][1]]]}),
        ],
    ),
    *pairs(
        _UNPACK,
        "packed-reconstruct",
        "packed-reconstruct-seven",
        _UNPACK_TWIN,
        [("pack-and-threshold", "blocks of nothing, threshold 0", {"pack": "0", "threshold": "0"})],
    ),
]

# ---- X25519

# RFC 7748, section 6.1.
_ALICE = "0x77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
_ALICE_PUBLIC = "0x8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
_BOB = "0x5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
_BOB_PUBLIC = "0xde9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
SMALL_ORDER = {
    "0": _zeros(32),
    "1": "0x01" + "00" * 31,
    "order-8": "0xe0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "order-8-twist": "0x5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "p-less-1": "0xec" + "ff" * 30 + "7f",
    "p": "0xed" + "ff" * 30 + "7f",
    "p-plus-1": "0xee" + "ff" * 30 + "7f",
}

_AGREE_TWIN = {"secret_key": _ALICE, "peer_key": _BOB_PUBLIC}
AGREEMENT = [
    Case("privacy.public_key", "x25519-alice", "RFC 7748, section 6.1", {"secret_key": _ALICE}),
    Case(
        "privacy.public_key",
        "x25519-bob",
        "RFC 7748, section 6.1: the public key is no copy of the secret one",
        {"secret_key": _BOB},
        bug="publishes the secret key, as with a generator of zero",
    ),
    *refusals(
        "privacy.public_key",
        "x25519",
        "x25519-alice",
        {"secret_key": _ALICE},
        [
            ("secret-31", "31 bytes", {"secret_key": _ALICE[:-2]}),
            ("secret-33", "33 bytes", {"secret_key": _ALICE + "00"}),
        ],
    ),
    Case("privacy.shared_secret", "x25519-alice-bob", "RFC 7748, section 6.1, seen by one side", _AGREE_TWIN),
    Case(
        "privacy.shared_secret",
        "x25519-bob-alice",
        "the same seen by the other side",
        {"secret_key": _BOB, "peer_key": _ALICE_PUBLIC},
    ),
    Case(
        "privacy.shared_secret",
        "x25519-rfc7748-5-2-1",
        "RFC 7748, section 5.2, first vector",
        {
            "secret_key": "0xa546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "peer_key": "0xe6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        },
        bug="does not clamp the secret",
    ),
    Case(
        "privacy.shared_secret",
        "x25519-rfc7748-5-2-2",
        "RFC 7748, section 5.2, second vector: the highest bit of the peer key is ignored",
        {
            "secret_key": "0x4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "peer_key": "0xe5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        },
        bug="reads 256 bits of the coordinate",
    ),
    *refusals(
        "privacy.shared_secret",
        "x25519",
        "x25519-alice-bob",
        _AGREE_TWIN,
        [
            ("agree-secret-0", "no secret", {"secret_key": "0x"}),
            ("agree-peer-31", "a peer key of 31 bytes", {"peer_key": _BOB_PUBLIC[:-2]}),
            *[
                (f"zero-{name}", f"a peer key of small order: {name}", {"peer_key": key})
                for name, key in SMALL_ORDER.items()
            ],
        ],
    ),
    *pairs(
        "privacy.shared_secret",
        "x25519",
        "x25519-alice-bob",
        _AGREE_TWIN,
        [("secret-and-zero", "a short secret, a peer key of zeros", {"secret_key": "0x", "peer_key": _zeros(32)})],
    ),
]

# ---- HKDF and pair keys

_HKDF_TWIN = {"secret": "0x" + "0b" * 22, "info": "0x"}
_PAIR_TWIN = {
    "genesis_root": _counting(32, 7),
    "task": "3",
    "round": "9",
    "group": "2",
    "purpose": "1",
    "own": "4",
    "secret_key": _ALICE,
    "peer": "11",
    "peer_key": _BOB_PUBLIC,
}
_NO_CONTEXT = "leaves a part of the context out of the derivation, so that a key of one place opens another"


def _pair(name: str, comment: str, change: Json, bug: str | None = None) -> Case:
    return Case(
        "privacy.pair_key", f"pair-key-{name}", comment, {**_PAIR_TWIN, **change}, bug=bug, flags=("Context",)
    )


DERIVATION = [
    Case(
        "privacy.derive_key",
        "derive-key-rfc5869-3",
        "RFC 5869, test case 3: no salt, no context; its first 32 bytes",
        _HKDF_TWIN,
        bug="uses the secret itself, without a derivation",
    ),
    Case(
        "privacy.derive_key",
        "derive-key-info",
        "with a context",
        {**_HKDF_TWIN, "info": _counting(80)},
        bug="ignores the context",
    ),
    *refusals(
        "privacy.derive_key",
        "derive-key",
        "derive-key-rfc5869-3",
        _HKDF_TWIN,
        [
            ("secret-15", "a secret of 15 bytes", {"secret": "0x" + "0b" * 15}),
            ("secret-65", "a secret of 65 bytes", {"secret": "0x" + "0b" * 65}),
            ("info-1025", "a context of 1025 bytes", {"info": _zeros(1025)}),
        ],
    ),
    *pairs(
        "privacy.derive_key",
        "derive-key",
        "derive-key-rfc5869-3",
        _HKDF_TWIN,
        [("secret-and-info", "both too long", {"secret": "0x" + "0b" * 65, "info": _zeros(1025)})],
    ),
    Case("privacy.pair_key", "pair-key-lower", "seen by the member with the lower index", _PAIR_TWIN),
    _pair(
        "higher",
        "the same pair seen by the other member: the same key",
        {"own": "11", "secret_key": _BOB, "peer": "4", "peer_key": _ALICE_PUBLIC},
        "puts the own key first, so that the two sides disagree",
    ),
    _pair(
        "order",
        "indices exchanged: the order is that of indices, not of keys",
        {"own": "11", "peer": "4"},
        "sorts the keys as bytes",
    ),
    _pair("genesis", "another ledger", {"genesis_root": _counting(32, 8)}, _NO_CONTEXT),
    _pair("task", "another task", {"task": "4"}, _NO_CONTEXT),
    _pair("round", "another round", {"round": "10"}, _NO_CONTEXT),
    _pair("group", "another group", {"group": "3"}, _NO_CONTEXT),
    _pair("purpose", "for shares and not for masks", {"purpose": "2"}, "masks and encrypts with one key"),
    *refusals(
        "privacy.pair_key",
        "pair-key",
        "pair-key-lower",
        _PAIR_TWIN,
        [
            ("self", "a pair of one member", {"peer": "4"}),
            ("secret-31", "31 secret bytes", {"secret_key": _ALICE[:-2]}),
            ("peer-33", "33 public bytes", {"peer_key": _BOB_PUBLIC + "00"}),
            ("reflected", "the peer shows one's own public key", {"peer_key": _ALICE_PUBLIC}),
            ("zero", "the peer shows a key of small order", {"peer_key": SMALL_ORDER["order-8"]}),
        ],
    ),
    *pairs(
        "privacy.pair_key",
        "pair-key",
        "pair-key-lower",
        _PAIR_TWIN,
        [
            ("self-and-secret", "one member, short secret", {"peer": "4", "secret_key": "0x"}),
            ("self-and-reflected", "one member, one key", {"peer": "4", "peer_key": _ALICE_PUBLIC}),
        ],
    ),
]

# ---- ChaCha20-Poly1305

_SUNSCREEN = (
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    b"sunscreen would be it."
)
_SEAL_TWIN = {
    "key": _counting(32, 0x80),
    "nonce": "0x070000004041424344454647",
    "plaintext": "0x" + _SUNSCREEN.hex(),
    "associated": "0x50515253c0c1c2c3c4c5c6c7",
}
_SEALED: str = _answer("privacy.seal", _SEAL_TWIN)["message"]
_UNSEAL_TWIN = {name: _SEAL_TWIN[name] for name in ("key", "nonce", "associated")} | {"message": _SEALED}


def _flipped(text: str, place: int) -> str:
    """The same bytes with one bit of one byte changed."""
    data = bytearray(bytes.fromhex(text[2:]))
    data[place] ^= 1
    return "0x" + data.hex()


_LENGTHS: list[tuple[str, str, Json]] = [
    ("key-16", "a key of 16 bytes", {"key": _counting(16)}),
    ("nonce-8", "a nonce of 8 bytes", {"nonce": _counting(8)}),
]
_SHARE_TWIN = {
    "key": KEY,
    "lower_key": _ALICE_PUBLIC,
    "higher_key": _BOB_PUBLIC,
    "downwards": False,
    "plaintext": _counting(80),
}
_SHARE_MESSAGE: str = _answer("privacy.seal_shares", _SHARE_TWIN)["message"]
_OPEN_TWIN = {name: value for name, value in _SHARE_TWIN.items() if name != "plaintext"} | {"message": _SHARE_MESSAGE}

SEALING = [
    Case("privacy.seal", "seal-rfc8439-2-8-2", "RFC 8439, section 2.8.2", _SEAL_TWIN),
    Case("privacy.seal", "seal-nothing", "an empty message is its tag", {**_SEAL_TWIN, "plaintext": "0x"}),
    *refusals(
        "privacy.seal",
        "seal",
        "seal-rfc8439-2-8-2",
        _SEAL_TWIN,
        [*_LENGTHS, ("plaintext-4097", "one byte too many", {"plaintext": _zeros(4097)})],
    ),
    *pairs(
        "privacy.seal",
        "seal",
        "seal-rfc8439-2-8-2",
        _SEAL_TWIN,
        [("nonce-and-plaintext", "a short nonce, a long message", {"nonce": "0x", "plaintext": _zeros(4097)})],
    ),
    Case("privacy.unseal", "unseal-rfc8439-2-8-2", "RFC 8439, section 2.8.2, opened", _UNSEAL_TWIN),
    *refusals(
        "privacy.unseal",
        "unseal",
        "unseal-rfc8439-2-8-2",
        _UNSEAL_TWIN,
        [
            *_LENGTHS,
            ("message-15", "too short for a tag", {"message": _SEALED[:32]}),
            ("cut", "the last byte is missing", {"message": _SEALED[:-2]}),
            ("tag", "one bit of the tag is wrong", {"message": _flipped(_SEALED, -1)}),
            ("ciphertext", "one bit of the ciphertext is wrong", {"message": _flipped(_SEALED, 0)}),
            ("associated", "other associated data", {"associated": "0x50515253c0c1c2c3c4c5c6c6"}),
            ("nonce", "another nonce", {"nonce": "0x070000004041424344454648"}),
            ("key", "another key", {"key": _counting(32, 0x81)}),
        ],
    ),
    *pairs(
        "privacy.unseal",
        "unseal",
        "unseal-rfc8439-2-8-2",
        _UNSEAL_TWIN,
        [("message-and-key", "no tag, a short key", {"message": "0x", "key": "0x"})],
    ),
    Case("privacy.seal_shares", "seal-shares-upwards", "from the lower member to the higher one", _SHARE_TWIN),
    Case(
        "privacy.seal_shares",
        "seal-shares-downwards",
        "the same bytes the other way: another nonce, so another key stream",
        {**_SHARE_TWIN, "downwards": True},
        bug="uses one nonce in both directions, which gives away the difference of two messages",
    ),
    *refusals(
        "privacy.seal_shares",
        "seal-shares",
        "seal-shares-upwards",
        _SHARE_TWIN,
        [
            ("key-31", "a key of 31 bytes", {"key": _counting(31)}),
            ("lower-31", "a public key of 31 bytes", {"lower_key": _counting(31)}),
            ("plaintext-4097", "one byte too many", {"plaintext": _zeros(4097)}),
        ],
    ),
    Case("privacy.open_shares", "open-shares-upwards", "from the lower member to the higher one", _OPEN_TWIN),
    *refusals(
        "privacy.open_shares",
        "open-shares",
        "open-shares-upwards",
        _OPEN_TWIN,
        [
            ("reflected", "the message comes back to its sender", {"downwards": True}),
            ("other-member", "another public key: the message was for somebody else", {"higher_key": _counting(32)}),
            ("other-key", "the key of another round", {"key": _counting(32, 1)}),
            ("lower-0", "no public key", {"lower_key": "0x"}),
            ("malformed", "a message without a tag", {"message": "0x00"}),
            ("changed", "one bit is wrong", {"message": _flipped(_SHARE_MESSAGE, 3)}),
        ],
    ),
]

# ---- masks of inputs

_SEEDS = {member: _counting(32, 16 * member) for member in (2, 5, 9)}
_PAIR_KEYS = {(2, 5): _counting(32, 101), (2, 9): _counting(32, 102), (5, 9): _counting(32, 103)}
_INPUTS = {2: [1, 2**32 - 5, 7], 5: [10, 0, 2**32 - 70], 9: [100, 4, 700]}


def _input(member: int) -> Json:
    """What a member of the group of 2, 5 and 9 masks."""
    shared = sorted((a + b - member, key) for (a, b), key in _PAIR_KEYS.items() if member in (a, b))
    return {
        "ring": "32",
        "vector": decimals(*_INPUTS[member]),
        "own": str(member),
        "seed": _SEEDS[member],
        "keys": [{"member": str(other), "key": key} for other, key in shared],
    }


def _total(*members: int) -> list[str]:
    """The sum of masked inputs in the ring."""
    masked = [_answer("privacy.mask_input", _input(member))["vector"] for member in members]
    return [str(sum(int(word) for word in column) % 2**32) for column in zip(*masked, strict=True)]


def _unmask(members: list[int], broken: list[tuple[int, int]]) -> Json:
    return {
        "ring": "32",
        "total": _total(*members),
        "seeds": [{"member": str(member), "seed": _SEEDS[member]} for member in members],
        "broken": [
            {"survivor": str(a), "dropped": str(b), "key": _PAIR_KEYS[min(a, b), max(a, b)]} for a, b in broken
        ],
    }


_INPUT_TWIN = _input(5)
_UNMASK_TWIN = _unmask([2, 9], [(2, 5), (9, 5)])


def _other(rows: list[Json], place: int, **change: str) -> list[Json]:
    """The same rows with one of them changed."""
    return [{**row, **change} if at == place else row for at, row in enumerate(rows)]


_PAIRS, _SURVIVORS = _UNMASK_TWIN["broken"], _UNMASK_TWIN["seeds"]

MASKS = [
    Case(
        "privacy.mask_input",
        "mask-input-middle",
        "a member with one neighbour below and one above: subtracts, then adds",
        _INPUT_TWIN,
        bug="adds the higher and subtracts the lower in the wrong order, or always adds",
    ),
    Case("privacy.mask_input", "mask-input-lowest", "adds both", _input(2)),
    Case("privacy.mask_input", "mask-input-highest", "subtracts both", _input(9)),
    Case(
        "privacy.mask_input",
        "mask-input-alone",
        "no neighbours: the own mask still hides the input",
        {**_INPUT_TWIN, "keys": []},
        bug="has no mask of its own, so that a late input of a member called dropped is open",
    ),
    *refusals(
        "privacy.mask_input",
        "mask-input",
        "mask-input-middle",
        _INPUT_TWIN,
        [
            ("ring-16", "a ring of 16 bits", {"ring": "16"}),
            ("word", "a word too large", {"vector": decimals(10, 0, 2**32)}),
            ("order", "neighbours in descending order", {"keys": _INPUT_TWIN["keys"][::-1]}),
            ("twice", "a neighbour twice", {"keys": _other(_INPUT_TWIN["keys"], 1, member="2")}),
            ("self", "its own neighbour", {"own": "9"}),
            ("empty", "no words", {"vector": []}),
            ("seed-31", "31 bytes of seed", {"seed": _counting(31)}),
            ("key-4", "a key of 4 bytes", {"keys": [_INPUT_TWIN["keys"][0], {"member": "9", "key": "0x01020304"}]}),
        ],
    ),
    *pairs(
        "privacy.mask_input",
        "mask-input",
        "mask-input-middle",
        _INPUT_TWIN,
        [
            ("order-and-self", "descending, its own neighbour", {"keys": _INPUT_TWIN["keys"][::-1], "own": "9"}),
            ("self-and-empty", "its own neighbour, no words", {"own": "9", "vector": []}),
        ],
    ),
    Case(
        "privacy.unmask_sum",
        "unmask-sum-one-dropped",
        "5 dropped out after sharing its keys: its pair masks go, its own mask never came",
        _UNMASK_TWIN,
        bug="removes the masks of a dropped member with the sign of the other side",
    ),
    Case(
        "privacy.unmask_sum",
        "unmask-sum-none-dropped",
        "all three survive: pair masks cancel, own masks are removed",
        _unmask([2, 5, 9], []),
    ),
    Case(
        "privacy.unmask_sum",
        "unmask-sum-two-dropped",
        "one survivor, two broken pairs",
        _unmask([5], [(5, 2), (5, 9)]),
        note="Arithmetic only: no protocol opens a sum of fewer than three inputs.",
    ),
    *refusals(
        "privacy.unmask_sum",
        "unmask-sum",
        "unmask-sum-one-dropped",
        _UNMASK_TWIN,
        [
            ("ring-65", "a ring of 65 bits", {"ring": "65"}),
            ("word", "a word too large", {"total": [str(2**32), *_UNMASK_TWIN["total"][1:]]}),
            ("survivor-twice", "a survivor twice", {"seeds": _other(_SURVIVORS, 1, member="2")}),
            ("pair-twice", "a broken pair twice", {"broken": _other(_PAIRS, 1, survivor="2")}),
            ("unknown", "a pair of somebody who did not survive", {"broken": _other(_PAIRS, 1, survivor="10")}),
            (
                "overlap",
                "2 is said to have dropped out and survived: with both its secrets its input would be open",
                {"broken": _other(_PAIRS, 1, dropped="2")},
            ),
            ("empty", "no words", {"total": []}),
            ("seed-31", "31 bytes of seed", {"seeds": _other(_SURVIVORS, 1, seed=_counting(31))}),
        ],
    ),
    *pairs(
        "privacy.unmask_sum",
        "unmask-sum",
        "unmask-sum-one-dropped",
        _UNMASK_TWIN,
        [
            (
                "order-and-unknown",
                "a survivor twice, a stranger",
                {"seeds": _other(_SURVIVORS, 1, member="2"), "broken": _other(_PAIRS, 1, survivor="10")},
            ),
            (
                "overlap-and-empty",
                "2 on both lists, no words",
                {"broken": _other(_PAIRS, 1, dropped="2"), "total": []},
            ),
        ],
    ),
]

# ---- rings

_RING_TWIN = {"summands": "2048", "weight_max": "1"}
_FROM_TWIN = {"ring": "32", "words": decimals(0, 5, 2**32 - 5), "bound": "5"}


def _width(name: str, comment: str, summands: int, weight_max: int, bug: str | None = None) -> Case:
    data = {"summands": str(summands), "weight_max": str(weight_max)}
    return Case("privacy.ring_width", f"ring-width-{name}", comment, data, bug=bug, flags=("Overflow",))


RINGS = [
    Case("privacy.ring_width", "ring-width-2048", "the most unweighted inputs for 32 bits", _RING_TWIN),
    _width("2049", "one more", 2049, 1, "takes the ring of 32 bits because each input fits"),
    _width("weighted", "one input with the largest weight", 1, 65535, "forgets the weights"),
    _width("total", "ten groups of 2000: all summands of all levels count", 20000, 1, "counts one group only"),
    _width("last-64", "the most fully weighted inputs for 64 bits", 134219904, 65535, "compares unsigned ranges"),
    *refusals(
        "privacy.ring_width",
        "ring-width",
        "ring-width-2048",
        _RING_TWIN,
        [
            ("summands-0", "no summands", {"summands": "0"}),
            ("summands-large", "2^32 + 1 summands", {"summands": str(2**32 + 1)}),
            ("weight-0", "no weight", {"weight_max": "0"}),
            ("weight-17-bits", "a weight of 2^16", {"weight_max": "65536"}),
        ],
    ),
    Case(
        "privacy.ring_width",
        "ring-width-overflow",
        "one input more than 64 bits hold",
        {"summands": "134219905", "weight_max": "65535"},
        twin="ring-width-last-64",
        bug="compares unsigned ranges, so that the largest negative sums turn positive",
        flags=("Overflow",),
    ),
    *pairs(
        "privacy.ring_width",
        "ring-width",
        "ring-width-2048",
        _RING_TWIN,
        [("summands-and-weight", "neither summands nor weight", {"summands": "0", "weight_max": "0"})],
    ),
    Case(
        "privacy.from_ring",
        "from-ring-three",
        "nothing, the bound, and its negative",
        _FROM_TWIN,
        bug="reads words as unsigned numbers",
    ),
    Case(
        "privacy.from_ring",
        "from-ring-widest",
        "the largest bound of 64 bits",
        {"ring": "64", "words": decimals(2**63 - 1, 2**63 + 1), "bound": str(2**63 - 1)},
    ),
    *refusals(
        "privacy.from_ring",
        "from-ring",
        "from-ring-three",
        _FROM_TWIN,
        [
            ("ring-0", "a ring of no bits", {"ring": "0"}),
            ("word", "a word too large", {"words": decimals(0, 5, 2**32)}),
            ("bound", "a bound that wraps", {"bound": str(2**31)}),
            ("above", "one above the bound", {"words": decimals(0, 6, 2**32 - 5)}),
            ("below", "one below the bound", {"words": decimals(0, 5, 2**32 - 6)}),
            ("half", "half of the ring is its smallest number", {"words": decimals(0, 2**31, 2**32 - 5)}),
        ],
    ),
    *pairs(
        "privacy.from_ring",
        "from-ring",
        "from-ring-three",
        _FROM_TWIN,
        [("ring-and-bound", "no ring, no bound", {"ring": "8", "bound": str(2**40)})],
    ),
]

# ---- samples, limbs, commitments

_ELEMENT = "ffffffffffffff1f"
_SAMPLES_TWIN = {"stream": _counting(32), "count": "4"}
_LIMBS_TWIN = {"limbs": decimals(2**56 - 1, 0, 1, 2**56 - 1, 2**32 - 1)}
_EDGE = {
    "genesis_root": _counting(32, 7),
    "task": "3",
    "round": "9",
    "group": "2",
    "dealer": "4",
    "holder": "11",
    "secret": "1",
    "share": decimals(1, 2, 3, 4, P - 1),
}
# The root of _EDGE; a test computes it again.
_EDGE_ROOT = "0xa69de160184b9f04b659b09b745ba3fac32e1eab8b48bb50d7c7ddb36bb11e8e"
_EDGE_TWIN = {"commitment": _EDGE_ROOT, "share": _EDGE}


def _edge(**change: Json) -> Json:
    return {"share": {**_EDGE, **change}}


SHARING = [
    Case("privacy.field_samples", "field-samples-four", "four words, the high three bits dropped", _SAMPLES_TWIN),
    Case(
        "privacy.field_samples",
        "field-samples-skip",
        "p itself, with any high bits, is skipped; p - 1 is not",
        {"stream": "0x" + _ELEMENT + "ff" * 8 + "feffffffffffff1f" + "00" * 8, "count": "2"},
        bug="takes p for zero, which makes zero twice as likely",
    ),
    Case(
        "privacy.field_samples",
        "field-samples-high-bits",
        "a word with high bits: they are dropped, not reduced",
        {"stream": "0x00000000000000e0", "count": "1"},
        bug="reduces 64 bits modulo p: eight values become more likely than others",
    ),
    Case("privacy.field_samples", "field-samples-none", "none wanted", {"stream": "0x", "count": "0"}),
    *refusals(
        "privacy.field_samples",
        "field-samples",
        "field-samples-four",
        _SAMPLES_TWIN,
        [
            ("short", "31 bytes", {"stream": _counting(31)}),
            ("skipped", "four words, one is p", {"stream": "0x" + _ELEMENT + "00" * 24}),
            ("five", "five of four", {"count": "5"}),
        ],
    ),
    Case(
        "privacy.secret_to_limbs",
        "secret-to-limbs-counting",
        "32 different bytes",
        {"secret": _counting(32)},
        bug="reads the bytes big-endian, or 61 bits a limb",
    ),
    Case("privacy.secret_to_limbs", "secret-to-limbs-largest", "all bits set", {"secret": "0x" + "ff" * 32}),
    *refusals(
        "privacy.secret_to_limbs",
        "secret-to-limbs",
        "secret-to-limbs-counting",
        {"secret": _counting(32)},
        [("31", "31 bytes", {"secret": _counting(31)})],
    ),
    Case("privacy.limbs_to_secret", "limbs-to-secret-largest", "limbs at their ends", _LIMBS_TWIN),
    *refusals(
        "privacy.limbs_to_secret",
        "limbs-to-secret",
        "limbs-to-secret-largest",
        _LIMBS_TWIN,
        [
            ("first", "2^56 in the first place", {"limbs": decimals(2**56, 0, 1, 2**56 - 1, 2**32 - 1)}),
            ("last", "2^32 in the last place", {"limbs": decimals(2**56 - 1, 0, 1, 2**56 - 1, 2**32)}),
            ("four", "four limbs", {"limbs": decimals(2**56 - 1, 0, 1, 2**56 - 1)}),
            ("six", "six limbs", {"limbs": decimals(2**56 - 1, 0, 1, 2**56 - 1, 2**32 - 1, 0)}),
        ],
    ),
    Case("privacy.check_edge_share", "edge-share-own", "the share that was committed to", _EDGE_TWIN),
    *refusals(
        "privacy.check_edge_share",
        "edge-share",
        "edge-share-own",
        _EDGE_TWIN,
        [
            ("self", "a dealer holds its own share", _edge(holder="4")),
            ("four", "four elements", _edge(share=decimals(1, 2, 3, 4))),
            ("element-p", "p is no element", _edge(share=decimals(1, 2, 3, 4, P))),
            ("changed", "another element", _edge(share=decimals(1, 2, 3, 5, P - 1))),
            ("holder", "the share of another holder", _edge(holder="12")),
            ("secret", "the share of the other secret", _edge(secret="2")),
            ("round", "the share of another round", _edge(round="8")),
            ("commitment", "another commitment", {"commitment": _zeros(32)}),
        ],
    ),
    *pairs(
        "privacy.check_edge_share",
        "edge-share",
        "edge-share-own",
        _EDGE_TWIN,
        [
            ("self-and-four", "its own, four elements", _edge(holder="4", share=decimals(1, 2, 3, 4))),
            (
                "element-and-commitment",
                "p is no element, another commitment",
                {**_edge(share=decimals(1, 2, 3, 4, P)), "commitment": _zeros(32)},
            ),
        ],
    ),
]

# ---- rebuilding in public

_HOLDERS = (1, 3, 7, 11, 12)


def _dealing(kind: str, secret: str, spoilt: int | None = None) -> Json:
    """What the dealer 4 published of a secret, and three shares; one position may hold a share of another secret."""
    limbs = _answer("privacy.secret_to_limbs", {"secret": secret})["limbs"]
    shared = {"secrets": limbs, "threshold": "3", "count": "5"}
    shares = _answer("kernels.shamir_share", {**shared, "seed": KEY})["shares"]
    if spoilt is not None:
        shares[spoilt] = _answer("kernels.shamir_share", {**shared, "seed": _counting(32, 1)})["shares"][spoilt]
    place = {name: _EDGE[name] for name in ("genesis_root", "task", "round", "group", "dealer")}
    edges = [
        from_json(EdgeShare, {**place, "holder": str(holder), "secret": kind, "share": share})
        for holder, share in zip(_HOLDERS, shares, strict=True)
    ]
    return {
        **place,
        "secret": kind,
        "holders": decimals(*_HOLDERS),
        "commitments": ["0x" + hash_tree_root(edge).hex() for edge in edges],
        "mark": _answer("privacy.secret_mark", {"kind": kind, "secret": secret})["mark"],
        "threshold": "3",
        "revealed": [{"position": str(at), "share": shares[at]} for at in (0, 2, 3)],
    }


_DEALT = _dealing("2", _ALICE)
_ALL = _dealing("1", KEY)
_BAD_DEALER = _dealing("2", _ALICE, spoilt=3)
_REVEALED: list[Json] = _DEALT["revealed"]
_FOUR: list[Json] = [_REVEALED[0], {"position": "1", "share": decimals(1, 2, 3, 4, 5)}, *_REVEALED[1:]]


def _swapped(place: int) -> list[Json]:
    """The shares with one element of one of them changed."""
    share = [*_REVEALED[place]["share"][:4], "0"]
    return [{**row, "share": share} if at == place else row for at, row in enumerate(_REVEALED)]


REBUILDING = [
    Case(
        "privacy.secret_mark",
        "secret-mark-key",
        "the mark of a secret key is its public key",
        {"kind": "2", "secret": _ALICE},
    ),
    Case(
        "privacy.secret_mark",
        "secret-mark-seed",
        "the mark of a seed is a digest",
        {"kind": "1", "secret": _ALICE},
        bug="publishes the digest without a domain",
    ),
    *refusals(
        "privacy.secret_mark",
        "secret-mark",
        "secret-mark-key",
        {"kind": "2", "secret": _ALICE},
        [("kind-3", "a third kind", {"kind": "3"}), ("secret-31", "31 bytes", {"secret": _counting(31)})],
    ),
    *pairs(
        "privacy.secret_mark",
        "secret-mark",
        "secret-mark-key",
        {"kind": "2", "secret": _ALICE},
        [("kind-and-secret", "no kind, no secret", {"kind": "0", "secret": "0x"})],
    ),
    Case("privacy.rebuild_secret", "rebuild-secret-key", "three of five shares of a secret key", _DEALT),
    Case("privacy.rebuild_secret", "rebuild-secret-seed", "three of five shares of a seed", _ALL),
    Case(
        "privacy.rebuild_secret",
        "rebuild-secret-lying-holder",
        "a fourth share that does not match its commitment does not count",
        {**_DEALT, "revealed": _FOUR},
        bug="uses the lowest shares whether they match or not, and blames the dealer for a holder",
    ),
    *refusals(
        "privacy.rebuild_secret",
        "rebuild-secret",
        "rebuild-secret-key",
        _DEALT,
        [
            ("kind-0", "no such kind", {"secret": "0"}),
            ("holders-order", "holders out of order", {"holders": decimals(3, 1, 7, 11, 12)}),
            ("commitments-four", "four commitments", {"commitments": _DEALT["commitments"][:4]}),
            ("threshold-1", "threshold 1", {"threshold": "1"}),
            ("threshold-6", "more than there are holders", {"threshold": "6"}),
            ("position-5", "a position without a holder", {"revealed": _other(_REVEALED, 2, position="5")}),
            ("position-twice", "a position twice", {"revealed": _other(_REVEALED, 2, position="2")}),
            ("missing", "four are needed", {"threshold": "4"}),
            ("not-matching", "one of three does not match", {"revealed": _swapped(1)}),
            ("other-round", "shares of another round do not match", {"round": "8"}),
            ("other-secret", "shares of the other secret do not match", {"secret": "1"}),
            ("mark", "another secret than the published one", {"mark": _BOB_PUBLIC}),
        ],
    ),
    Case(
        "privacy.rebuild_secret",
        "rebuild-secret-inconsistent-dealer",
        "the dealer committed to a share of another polynomial: it is named, not the holder",
        {
            **_DEALT,
            "commitments": [*_DEALT["commitments"][:3], _BAD_DEALER["commitments"][3], _DEALT["commitments"][4]],
            "revealed": _BAD_DEALER["revealed"],
        },
        twin="rebuild-secret-key",
        follows=("/revealed",),
        flags=("Guard",),
        bug="takes whatever the shares rebuild",
    ),
    *pairs(
        "privacy.rebuild_secret",
        "rebuild-secret",
        "rebuild-secret-key",
        _DEALT,
        [
            ("kind-and-threshold", "no such kind, threshold 1", {"secret": "0", "threshold": "1"}),
            ("threshold-and-mark", "threshold 6, another mark", {"threshold": "6", "mark": _BOB_PUBLIC}),
            ("missing-and-mark", "one does not match, another mark", {"revealed": _swapped(1), "mark": _BOB_PUBLIC}),
        ],
    ),
]

# ---- graph, bounds, cost

_GRAPH_TWIN = {"seed": _counting(32, 9), "task": "1", "group": "0", "members": "9", "degree": "4"}
_SIZE_TWIN = {
    "members": "10000",
    "corrupt_bps": "500",
    "dropout_bps": "500",
    "sigma": "40",
    "eta": "30",
    "bias": "0",
    "corrupt_committee": False,
}


def _graph(name: str, comment: str, change: Json, bug: str | None = None) -> Case:
    data = {**_GRAPH_TWIN, **change}
    return Case("privacy.neighbour_graph", f"neighbour-graph-{name}", comment, data, bug=bug, flags=("Graph",))


def _size(name: str, comment: str, change: Json, bug: str | None = None) -> Case:
    data = {**_SIZE_TWIN, **change}
    return Case("privacy.graph_size", f"graph-size-{name}", comment, data, bug=bug, flags=("Bound",))


def _cost(name: str, comment: str, members: int, coordinates: int) -> Case:
    data = {"members": str(members), "coordinates": str(coordinates)}
    return Case("privacy.client_bits", f"client-bits-{name}", comment, data)


GRAPH = [
    Case("privacy.neighbour_graph", "neighbour-graph-nine", "nine members, four neighbours each", _GRAPH_TWIN),
    _graph("group", "another group of the same task", {"group": "1"}, "draws all groups from one stream"),
    _graph("task", "another task with the same seed", {"task": "2"}, "draws all tasks from one stream"),
    _graph("seed", "another seed", {"seed": _counting(32, 10)}, "takes the members in the order of their indices"),
    _graph("ring", "two neighbours each: a circle", {"degree": "2"}, "takes neighbours on one side only"),
    _graph("complete", "everybody knows everybody, also with an odd number", {"members": "6", "degree": "5"}, None),
    _graph("hundred", "a hundred members", {"members": "100", "degree": "8"}, "shuffles by sorting small numbers"),
    *refusals(
        "privacy.neighbour_graph",
        "neighbour-graph",
        "neighbour-graph-nine",
        _GRAPH_TWIN,
        [
            ("members-2", "two members", {"members": "2"}),
            ("members-many", "2^20 + 1 members", {"members": str(2**20 + 1)}),
            ("degree-0", "nobody knows anybody", {"degree": "0"}),
            ("degree-3", "an odd degree", {"degree": "3"}),
            ("degree-10", "more neighbours than others", {"degree": "10"}),
        ],
    ),
    *pairs(
        "privacy.neighbour_graph",
        "neighbour-graph",
        "neighbour-graph-nine",
        _GRAPH_TWIN,
        [("members-and-degree", "two members, degree 3", {"members": "2", "degree": "3"})],
    ),
    Case("privacy.graph_size", "graph-size-10-4", "ten thousand members, 5 % and 5 %", _SIZE_TWIN),
    _size("bias", "a last revealer with 26 bits", {"bias": "26"}, "forgets who chose among many seeds"),
    _size(
        "corrupt-committee",
        "two views of one round: 2t > k + c",
        {"corrupt_committee": True},
        "takes the threshold of honest committees, so that two lists open one input",
    ),
    _size("small", "a hundred members: the five corrupt ones are all there are", {"members": "100"}, None),
    _size(
        "complete",
        "nine members, two of them corrupt: everybody is everybody's neighbour",
        {"members": "9", "corrupt_bps": "2223", "dropout_bps": "1112"},
        None,
    ),
    _size(
        "threshold-2",
        "nobody is corrupt: a share alone still says nothing",
        {"members": "50", "corrupt_bps": "0"},
        "shares with a threshold of one",
    ),
    *refusals(
        "privacy.graph_size",
        "graph-size",
        "graph-size-10-4",
        _SIZE_TWIN,
        [
            ("members-2", "two members", {"members": "2"}),
            ("members-many", "10^9 + 1 members", {"members": str(10**9 + 1)}),
            ("fractions", "everybody is corrupt or drops out", {"corrupt_bps": "9500"}),
            ("sigma-0", "no security", {"sigma": "0"}),
            ("eta-129", "more than can be asked", {"eta": "129"}),
            ("bias-129", "a bias of 129 bits", {"bias": "129"}),
        ],
    ),
    Case(
        "privacy.graph_size",
        "graph-size-unreachable",
        "four of nine corrupt, and four may drop out",
        {**_SIZE_TWIN, "members": "9", "corrupt_bps": "2223", "dropout_bps": "7000"},
        twin="graph-size-complete",
        flags=("Guard",),
    ),
    *pairs(
        "privacy.graph_size",
        "graph-size",
        "graph-size-10-4",
        _SIZE_TWIN,
        [
            ("members-and-fractions", "two members, all corrupt", {"members": "2", "corrupt_bps": "9500"}),
            ("fractions-and-sigma", "all corrupt, no security", {"corrupt_bps": "9500", "sigma": "0"}),
        ],
    ),
    _cost("2-10", "2^10 clients, 2^20 coordinates: a factor of 1.734", 2**10, 2**20),
    _cost("2-14", "2^14 clients, 2^24 coordinates: a factor of 1.984", 2**14, 2**24),
    _cost("two", "two clients, one coordinate", 2, 1),
    *refusals(
        "privacy.client_bits",
        "client-bits",
        "client-bits-two",
        {"members": "2", "coordinates": "1"},
        [
            ("members-1", "one client", {"members": "1"}),
            ("members-many", "2^20 + 1 clients", {"members": str(2**20 + 1)}),
            ("coordinates-0", "no coordinates", {"coordinates": "0"}),
            ("coordinates-many", "2^32 + 1 coordinates", {"coordinates": str(2**32 + 1)}),
        ],
    ),
]

CASES: tuple[Case, ...] = (
    *MASK_ADD,
    *MASK_ADD_MANY,
    *SHAMIR_SHARE,
    *SHAMIR_RECONSTRUCT,
    *PACKED_SHARE,
    *PACKED_RECONSTRUCT,
    *AGREEMENT,
    *DERIVATION,
    *SEALING,
    *MASKS,
    *RINGS,
    *SHARING,
    *REBUILDING,
    *GRAPH,
)
