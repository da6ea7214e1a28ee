"""The cases of computing on shares: ends of the field, wrong triples, ties of truncation, one refusal per guard.

Where a bug is one that a framework in use has or had, its comment says what went wrong, not where.
"""

from __future__ import annotations

from .._base import Case, Json, Step, Trace
from .._shape import given
from ..computation import OPERATIONS
from ..kernels import OPERATIONS as KERNELS
from ..privacy import OPERATIONS as PRIVACY
from .kernels import decimals, pairs, refusals

R = 2**127 - 1
P = 2**61 - 1
SEED = "0x" + bytes(range(32)).hex()
OTHER_SEED = "0x" + bytes(range(1, 33)).hex()
SHORT_SEED = "0x" + bytes(range(31)).hex()


def _answer(operation: str, data: Json) -> Json:
    """What the reference answers, where one case feeds on another."""
    return next(o for o in (*OPERATIONS, *PRIVACY, *KERNELS) if o.name == operation).run(given(data))


def _sum(*rows: Json) -> list[str]:
    """What all parties learn when each publishes a row."""
    return [str(sum(int(value) for value in column) % R) for column in zip(*rows, strict=True)]


def _changed(row: Json, place: int, by: int) -> list[str]:
    """A row with something added to one of its elements."""
    return [str((int(value) + by) % R) if at == place else value for at, value in enumerate(row)]


# ---- the large field


def _words(*values: int) -> str:
    return "0x" + b"".join(value.to_bytes(16, "little") for value in values).hex()


_SAMPLES_TWIN = {"stream": _words(5, R, R - 1, 2**127 + 7, 2**128 - 1, 9), "count": "4"}
_SECRETS = decimals(0, 1, R - 1, 2**126, 123456789)
_SHARE_TWIN = {"secrets": _SECRETS, "parties": "3", "seed": SEED}
_SHARES = _answer("privacy.additive_share", _SHARE_TWIN)["shares"]
_OPEN_TWIN = {"shares": _SHARES}
_LARGE_TWIN = {"elements": decimals(0, 1, 100, R - 1, R - 100), "bound": "100"}

FIELD = [
    Case(
        "privacy.large_samples",
        "large-samples-skip",
        "the top bit is cut, 2^127 - 1 is skipped in both spellings, nothing is reduced",
        _SAMPLES_TWIN,
        bug="reduces 128-bit words modulo the prime, which is biased",
    ),
    Case(
        "privacy.large_samples",
        "large-samples-tail",
        "15 bytes after the last word do not count",
        {"stream": _words(3) + "ff" * 15, "count": "1"},
    ),
    *refusals(
        "privacy.large_samples",
        "large-samples",
        "large-samples-skip",
        _SAMPLES_TWIN,
        [("short", "five elements wanted, there are four", {"count": "5"})],
    ),
    *refusals(
        "privacy.large_samples",
        "large-samples-tail",
        "large-samples-tail",
        {"stream": _words(3) + "ff" * 15, "count": "1"},
        [("short", "15 bytes are no word", {"count": "2"})],
    ),
    Case("privacy.additive_share", "additive-share-three", "five secrets among three parties", _SHARE_TWIN),
    Case(
        "privacy.additive_share",
        "additive-share-two",
        "two parties",
        {**_SHARE_TWIN, "parties": "2"},
        bug="gives the secret itself to one party and noise to the other",
    ),
    Case(
        "privacy.additive_share",
        "additive-share-most",
        "64 parties: more words than a first draw of the key stream holds",
        {"secrets": decimals(7, 8), "parties": "64", "seed": OTHER_SEED},
        bug="draws party by party and not secret by secret",
    ),
    *refusals(
        "privacy.additive_share",
        "additive-share",
        "additive-share-three",
        _SHARE_TWIN,
        [
            ("parties-1", "one party would hold the secret", {"parties": "1"}),
            ("parties-65", "one party too many", {"parties": "65"}),
            ("seed-31", "a seed of 31 bytes", {"seed": SHORT_SEED}),
            ("empty", "no secrets", {"secrets": []}),
            ("secret-r", "2^127 - 1 itself is no element", {"secrets": [*_SECRETS[:4], str(R)]}),
        ],
    ),
    *pairs(
        "privacy.additive_share",
        "additive-share",
        "additive-share-three",
        _SHARE_TWIN,
        [
            ("parties-and-seed", "one party, no seed", {"parties": "1", "seed": "0x"}),
            ("seed-and-empty", "no seed, no secrets", {"seed": "0x", "secrets": []}),
        ],
    ),
    Case("privacy.additive_open", "additive-open-three", "the five secrets come back", _OPEN_TWIN),
    Case(
        "privacy.additive_open",
        "additive-open-partial",
        "two of three shares give a number that says nothing: who has them cannot see that one is missing",
        {"shares": _SHARES[:2]},
    ),
    *refusals(
        "privacy.additive_open",
        "additive-open",
        "additive-open-three",
        _OPEN_TWIN,
        [
            ("one", "one share", {"shares": _SHARES[:1]}),
            ("one-empty", "one share, of nothing", {"shares": [[]]}),
            ("many", "65 shares", {"shares": [["1"]] * 65}),
            ("empty", "a share of nothing", {"shares": [[], *_SHARES[1:]]}),
            ("lengths", "a share of four elements", {"shares": [*_SHARES[:2], _SHARES[2][:4]]}),
            ("element-r", "2^127 - 1 is no element", {"shares": [*_SHARES[:2], [*_SHARES[2][:4], str(R)]]}),
        ],
    ),
    Case("privacy.from_large", "from-large-bound", "results at both ends of the bound", _LARGE_TWIN),
    Case(
        "privacy.from_large",
        "from-large-largest",
        "the largest bound: half of the field is negative",
        {"elements": decimals(R // 2, R // 2 + 1), "bound": str(R // 2)},
        bug="cuts the field at 2^126 and not at half of it",
    ),
    *refusals(
        "privacy.from_large",
        "from-large",
        "from-large-bound",
        _LARGE_TWIN,
        [
            ("overflow", "a bound that does not fit twice", {"bound": str(R // 2 + 1)}),
            ("empty", "no results", {"elements": []}),
            ("element-r", "2^127 - 1 is no element", {"elements": decimals(0, 1, 100, R - 1, R)}),
            ("above", "one above the bound", {"elements": decimals(0, 1, 101, R - 1, R - 100)}),
            ("below", "one below the bound", {"elements": decimals(0, 1, 100, R - 1, R - 101)}),
        ],
    ),
    *pairs(
        "privacy.from_large",
        "from-large",
        "from-large-bound",
        _LARGE_TWIN,
        [
            ("overflow-and-element", "no bound, no element", {"bound": str(2**127), "elements": decimals(R)}),
            ("bound-and-empty", "no bound, no results", {"bound": str(2**127), "elements": []}),
        ],
    ),
]

# ---- sums

_PACKED = {"pack": "2", "threshold": "4", "count": "5"}
_PACKS = [
    _answer("kernels.packed_share", {**_PACKED, "secrets": secrets, "seed": seed})["shares"]
    for secrets, seed in ((decimals(7, 8, 9, P - 10), SEED), (decimals(1, 2, 3, 10), OTHER_SEED))
]
_COMBINE_TWIN = {"field": "127", "weights": decimals(1, 2, R - 1), "shares": _SHARES}
_PACKED_SUMS = [
    _answer("privacy.combine_shares", {"field": "61", "weights": ["1", "1"], "shares": [one, two]})["share"]
    for one, two in zip(*_PACKS, strict=True)
]
_COMBINE = "privacy.combine_shares"

SUMS = [
    Case(_COMBINE, "combine-shares-weighted", "one plus two of another less a third", _COMBINE_TWIN),
    Case(
        _COMBINE,
        "combine-shares-packed",
        "the holder at position 0 adds its shares of two packed blocks of two dealers",
        {"field": "61", "weights": ["1", "1"], "shares": [_PACKS[0][0], _PACKS[1][0]]},
        bug="adds modulo 2^64",
    ),
    Case(
        "kernels.packed_reconstruct",
        "packed-reconstruct-sum",
        "the sums of shares rebuild the sums of the secrets (PRV-071): 8, 10, 12 and zero modulo p",
        {
            "shares": [_PACKED_SUMS[at] for at in (0, 1, 3, 4)],
            "positions": decimals(0, 1, 3, 4),
            "pack": "2",
            "threshold": "4",
        },
        clauses=("PRV-019", "PRV-071"),
        flags=("Sharing",),
    ),
    Case(
        _COMBINE,
        "combine-shares-one",
        "a single row times zero",
        {**_COMBINE_TWIN, "weights": ["0"], "shares": _SHARES[:1]},
    ),
    *refusals(
        _COMBINE,
        "combine-shares",
        "combine-shares-weighted",
        _COMBINE_TWIN,
        [
            ("field-64", "a field of 64 bits", {"field": "64"}),
            ("empty", "no shares", {"shares": []}),
            ("empty-first", "the first share is of nothing", {"shares": [[], *_SHARES[1:]]}),
            ("lengths", "rows of different lengths", {"shares": [*_SHARES[:2], _SHARES[2][:4]]}),
            ("weights-two", "two weights for three rows", {"weights": ["1", "2"]}),
            ("weight-r", "a weight that is no element", {"weights": decimals(1, 2, R)}),
            ("element-r", "a share that is no element", {"shares": [*_SHARES[:2], [*_SHARES[2][:4], str(R)]]}),
        ],
    ),
    *pairs(
        _COMBINE,
        "combine-shares",
        "combine-shares-weighted",
        _COMBINE_TWIN,
        [
            ("field-and-empty", "no field, no shares", {"field": "0", "shares": []}),
            ("empty-and-weights", "no shares, two weights", {"shares": [], "weights": ["1", "2"]}),
            (
                "length-and-weights",
                "a row of four, two weights",
                {"shares": [*_SHARES[:2], _SHARES[2][:4]], "weights": ["1", "2"]},
            ),
            (
                "weights-and-element",
                "two weights, a share that is no element",
                {"weights": ["1", "2"], "shares": [*_SHARES[:2], [*_SHARES[2][:4], str(R)]]},
            ),
        ],
    ),
]

# ---- triples

_DEAL_TWIN = {"parties": "2", "count": "4", "seed": SEED}
_DEALT = _answer("privacy.deal_triples", _DEAL_TWIN)["triples"]
_KEPT = [[row[:2] for row in party] for party in _DEALT]
_BURNT = [[row[2:] for row in party] for party in _DEALT]
_CHALLENGES_TWIN = {
    "seed": OTHER_SEED,
    "genesis_root": "0x" + bytes(range(7, 39)).hex(),
    "task": "3",
    "batch": "1",
    "count": "2",
}
_RHO = _answer("privacy.sacrifice_challenges", _CHALLENGES_TWIN)["challenges"]


def _check_twin(party: int, kept: Json = _KEPT, burnt: Json = _BURNT) -> Json:
    """What a party is asked at the end of a check of these triples."""
    opens = [
        _answer("privacy.sacrifice_open", {"kept": one, "burnt": other, "challenges": _RHO})
        for one, other in zip(kept, burnt, strict=True)
    ]
    opened = {name: _sum(*(published[name] for published in opens)) for name in ("left", "right")}
    return {"position": str(party), "kept": kept[party], "burnt": burnt[party], "challenges": _RHO, **opened}


_BAD_KEPT = [[*_KEPT[0][:2], _changed(_KEPT[0][2], 1, 1)], _KEPT[1]]
_BAD_BURNT = [[*_BURNT[0][:2], _changed(_BURNT[0][2], 1, int(_RHO[1]))], _BURNT[1]]
_SACRIFICE_TWIN = {"kept": _KEPT[0], "burnt": _BURNT[0], "challenges": _RHO}
_CLOSE_TWIN = _check_twin(0)


def _wide(rows: Json) -> Json:
    """Rows of which the last has an element that is none."""
    return [*rows[:-1], [*rows[-1][:-1], str(R)]]


def _long(rows: Json) -> Json:
    """Rows of which the last is longer."""
    return [*rows[:-1], [*rows[-1], "1"]]


_TRIPLE_FAULTS: list[tuple[str, str, Json]] = [
    ("kept-two-rows", "a and b without c", {"kept": _KEPT[0][:2]}),
    ("burnt-four-rows", "four rows", {"burnt": [*_BURNT[0], _BURNT[0][0]]}),
    ("burnt-longer", "a row of three", {"burnt": _long(_BURNT[0])}),
    ("challenges-one", "one challenge for two pairs", {"challenges": _RHO[:1]}),
    ("kept-r", "2^127 - 1 is no element", {"kept": _wide(_KEPT[0])}),
]

TRIPLES = [
    Case("privacy.deal_triples", "deal-triples-two", "four triples for two parties", _DEAL_TWIN),
    Case(
        "privacy.deal_triples",
        "deal-triples-three",
        "one triple for three parties",
        {"parties": "3", "count": "1", "seed": OTHER_SEED},
        bug="draws a for all triples before it draws b",
    ),
    *refusals(
        "privacy.deal_triples",
        "deal-triples",
        "deal-triples-two",
        _DEAL_TWIN,
        [
            ("parties-1", "one party", {"parties": "1"}),
            ("count-0", "no triples", {"count": "0"}),
            ("count-many", "2^16 + 1 triples", {"count": str(2**16 + 1)}),
            ("seed-31", "a seed of 31 bytes", {"seed": SHORT_SEED}),
        ],
    ),
    *pairs(
        "privacy.deal_triples",
        "deal-triples",
        "deal-triples-two",
        _DEAL_TWIN,
        [
            ("parties-and-count", "one party, no triples", {"parties": "1", "count": "0"}),
            ("count-and-seed", "no triples, no seed", {"count": "0", "seed": "0x"}),
        ],
    ),
    Case("privacy.sacrifice_challenges", "sacrifice-challenges-two", "two pairs of a batch", _CHALLENGES_TWIN),
    *[
        Case(
            "privacy.sacrifice_challenges",
            f"sacrifice-challenges-{name}",
            f"another {name}: other challenges",
            {**_CHALLENGES_TWIN, **change},
            bug="takes one challenge for every batch, which a dealer of two batches knows",
        )
        for name, change in (
            ("seed", {"seed": SEED}),
            ("ledger", {"genesis_root": "0x" + bytes(range(8, 40)).hex()}),
            ("task", {"task": "4"}),
            ("batch", {"batch": "2"}),
        )
    ],
    *refusals(
        "privacy.sacrifice_challenges",
        "sacrifice-challenges",
        "sacrifice-challenges-two",
        _CHALLENGES_TWIN,
        [("count-0", "no pairs", {"count": "0"}), ("count-many", "more than a batch", {"count": str(2**16 + 1)})],
    ),
    Case("privacy.sacrifice_open", "sacrifice-open-two", "two pairs, the first party", _SACRIFICE_TWIN),
    *refusals(
        "privacy.sacrifice_open",
        "sacrifice-open",
        "sacrifice-open-two",
        _SACRIFICE_TWIN,
        [*_TRIPLE_FAULTS, ("empty", "no triples", {"kept": [[], *_KEPT[0][1:]]})],
    ),
    *pairs(
        "privacy.sacrifice_open",
        "sacrifice-open",
        "sacrifice-open-two",
        _SACRIFICE_TWIN,
        [("shape-and-length", "two rows, one challenge", {"kept": _KEPT[0][:2], "challenges": _RHO[:1]})],
    ),
    Case("privacy.sacrifice_close", "sacrifice-close-first", "the party that counts what is public", _CLOSE_TWIN),
    Case(
        "privacy.sacrifice_close",
        "sacrifice-close-second",
        "the other party: both shares sum to zero",
        _check_twin(1),
        bug="counts the product of the opened differences in every party",
    ),
    Case(
        "privacy.sacrifice_close",
        "sacrifice-close-wrong-first",
        "c of the second kept triple is one too large: the sum with the other party is the challenge, not zero",
        _check_twin(0, kept=_BAD_KEPT),
        bug="believes the dealer",
    ),
    Case(
        "privacy.sacrifice_close",
        "sacrifice-close-foreseen",
        "a dealer that knew the challenge spoils both triples of a pair, and the sum is zero again: "
        "challenges come after the triples",
        _check_twin(0, kept=_BAD_KEPT, burnt=_BAD_BURNT),
    ),
    *refusals(
        "privacy.sacrifice_close",
        "sacrifice-close",
        "sacrifice-close-first",
        _CLOSE_TWIN,
        [
            ("position-64", "no party can be there", {"position": "64"}),
            *_TRIPLE_FAULTS,
            ("left-one", "one opened difference", {"left": _CLOSE_TWIN["left"][:1]}),
            ("empty", "no triples", {"kept": [[], *_KEPT[0][1:]]}),
        ],
    ),
    *pairs(
        "privacy.sacrifice_close",
        "sacrifice-close",
        "sacrifice-close-first",
        _CLOSE_TWIN,
        [
            ("position-and-shape", "no party, two rows", {"position": "64", "kept": _KEPT[0][:2]}),
            ("shape-and-length", "two rows, one challenge", {"kept": _KEPT[0][:2], "challenges": _RHO[:1]}),
        ],
    ),
]

# ---- one use


_STORE = {"genesis_root": "0x" + bytes(range(7, 39)).hex(), "task": "3", "batches": []}
_DEAL = Step("deal", {"dealer": "4", "count": "8"})


def _check(kept: list[int], burnt: list[int], batch: int = 0) -> Step:
    return Step("check", {"batch": str(batch), "kept": decimals(*kept), "burnt": decimals(*burnt)})


def _judge(kept: list[int], differences: list[int], batch: int = 0) -> Step:
    return Step("judge", {"batch": str(batch), "kept": decimals(*kept), "differences": decimals(*differences)})


def _use(*indices: int, batch: int = 0) -> Step:
    return Step("use", {"batch": str(batch), "indices": decimals(*indices)})


def _trace(name: str, comment: str, *steps: Step, bug: str | None = None) -> Trace:
    return Trace("privacy.triple_store", f"triple-store-{name}", comment, _STORE, steps, bug=bug)


STORE = [
    _trace(
        "whole",
        "four triples are checked by four others, used, and then all are spent",
        _DEAL,
        _check([0, 2, 4, 6], [1, 3, 5, 7]),
        _judge([0, 2, 4, 6], [0, 0, 0, 0]),
        _use(0, 2),
        _use(4, 6),
    ),
    _trace(
        "reused",
        "a triple is used twice, also beside one that is fresh; the store stays as it was",
        _DEAL,
        _check([0, 1], [2, 3]),
        _judge([0, 1], [0, 0]),
        _use(0),
        _use(0),
        _use(0, 1),
        _use(1),
        bug="uses a triple twice, which publishes the difference of two secrets",
    ),
    _trace(
        "burnt",
        "a burnt triple is spent: it neither multiplies nor checks another",
        _DEAL,
        _check([0], [1]),
        _use(1),
        _check([2], [1]),
        _check([1], [2]),
        _judge([1], [0]),
        bug="puts burnt triples back",
    ),
    _trace(
        "unchecked",
        "a fresh triple and one in check do not multiply; one that nobody began to check is not judged",
        _DEAL,
        _use(0),
        _check([0], [1]),
        _use(0),
        _judge([2], [0]),
        _check([0], [2]),
        _judge([0], [0]),
        _judge([0], [0]),
        _check([0], [3]),
        bug="multiplies with triples that nobody checked",
    ),
    _trace(
        "wrong",
        "one wrong triple of a pair of three voids the whole batch, and no other",
        _DEAL,
        _DEAL,
        _check([0, 1, 2], [3, 4, 5]),
        _check([0], [1], batch=1),
        _judge([0, 1, 2], [0, R - 1, 0]),
        _use(0),
        _check([6], [7]),
        _judge([0], [0], batch=1),
        _use(0, batch=1),
        bug="drops the wrong triple and keeps its dealer's others",
    ),
    _trace(
        "self",
        "a triple that checks itself, in one list and in two",
        _DEAL,
        _check([0], [0]),
        _check([0, 1], [1, 2]),
        bug="lets a triple check itself, which any wrong one passes",
    ),
    _trace(
        "shape",
        "no batch, no triples, unequal lists, descending, repeated, unknown, and what is no element",
        _check([0], [1]),
        _judge([0], [0]),
        _use(0),
        _DEAL,
        _check([], []),
        _judge([], []),
        _use(),
        _check([0, 1], [2]),
        _check([0, 1], []),
        _check([1, 0], [2, 3]),
        _check([0, 1], [3, 3]),
        _check([0], [8]),
        _check([8], [0]),
        _use(8),
        _use(1, 1),
        _check([0, 1], [2, 3]),
        _judge([0, 1], [0]),
        _judge([0, 1], [0, R]),
        _judge([1, 0], [0, 0]),
        _judge([0, 1], [0, 0]),
        _use(1, 0),
        _use(0, 1),
    ),
    _trace(
        "order",
        "two faults at once: unknown before empty, empty before length, length before order, order before "
        "unknown index, that before used, used before unchecked in turn",
        _DEAL,
        _check([], [], batch=1),
        _check([], [0]),
        _check([1, 0], [2]),
        _check([9, 0], [1, 2]),
        _check([0], [1]),
        _check([1], [8]),
        _use(1, 2),
        _use(2, 8),
        _judge([1, 2], [R, R]),
        _judge([2], [R]),
    ),
    _trace(
        "counts",
        "a batch of none, one of too many, the smallest one",
        Step("deal", {"dealer": "4", "count": "0"}),
        Step("deal", {"dealer": "4", "count": str(2**16 + 1)}),
        Step("deal", {"dealer": "4", "count": "1"}),
        _use(0),
    ),
    Trace(
        "privacy.triple_store",
        "triple-store-full",
        "there is room for one batch of one triple, not for another",
        {**_STORE, "batches": [{"dealer": "4", "status": []}] * (2**10 - 1)},
        (Step("deal", {"dealer": "4", "count": "1"}), Step("deal", {"dealer": "4", "count": "1"})),
    ),
]

# ---- products

_LEFT, _RIGHT = (0, R - 5), (R - 1, 7)


def _factors() -> list[Json]:
    """Both parties' shares of the factors 0 and -5, and of -1 and 7."""
    shares = [
        _answer("privacy.additive_share", {"secrets": decimals(*row), "parties": "2", "seed": seed})["shares"]
        for row, seed in ((_LEFT, SEED), (_RIGHT, OTHER_SEED))
    ]
    return [
        {"left": left, "right": right, "triples": triple} for left, right, triple in zip(*shares, _KEPT, strict=True)
    ]


_PRODUCT_TWINS = _factors()
_PUBLISHED = [_answer("privacy.product_open", twin) for twin in _PRODUCT_TWINS]
_DIFFERENCES = {name: _sum(*(row[name] for row in _PUBLISHED)) for name in ("left", "right")}
_PRODUCTS_TWIN = {"position": "0", "triples": _KEPT[0], **_DIFFERENCES}
_PRODUCTS_OTHER = {"position": "1", "triples": _KEPT[1], **_DIFFERENCES}
_PRODUCT_FAULTS: list[tuple[str, str, Json]] = [
    ("triples-two-rows", "a and b without c", {"triples": _KEPT[0][:2]}),
    ("empty", "no factors", {"left": []}),
    ("right-one", "one factor on the right", {"right": _DIFFERENCES["right"][:1]}),
    ("triples-longer", "a row of three", {"triples": _long(_KEPT[0])}),
    ("triples-r", "2^127 - 1 is no element", {"triples": _wide(_KEPT[0])}),
]
_CLOSE_FAULTS = [("position-64", "no party can be there", {"position": "64"}), *_PRODUCT_FAULTS]
_CLOSE_PAIRS: list[tuple[str, str, Json]] = [
    ("position-and-shape", "no party, two rows", {"position": "64", "triples": _KEPT[0][:2]}),
    ("shape-and-empty", "two rows, no factors", {"triples": _KEPT[0][:2], "left": []}),
]

PRODUCTS = [
    Case("privacy.product_open", "product-open-first", "0 and -5, -1 and 7: the first party", _PRODUCT_TWINS[0]),
    Case("privacy.product_open", "product-open-second", "the second party", _PRODUCT_TWINS[1]),
    *refusals("privacy.product_open", "product-open", "product-open-first", _PRODUCT_TWINS[0], _PRODUCT_FAULTS),
    *pairs(
        "privacy.product_open",
        "product-open",
        "product-open-first",
        _PRODUCT_TWINS[0],
        [("shape-and-empty", "two rows, no factors", {"triples": _KEPT[0][:2], "left": []})],
    ),
    Case("privacy.product_close", "product-close-first", "shares of 0 and -35: the first party", _PRODUCTS_TWIN),
    Case(
        "privacy.product_close",
        "product-close-second",
        "the other party; both shares sum to the products",
        _PRODUCTS_OTHER,
        bug="adds the product of the public differences in every party",
    ),
    *refusals("privacy.product_close", "product-close", "product-close-first", _PRODUCTS_TWIN, _CLOSE_FAULTS),
    *pairs("privacy.product_close", "product-close", "product-close-first", _PRODUCTS_TWIN, _CLOSE_PAIRS),
    Case("privacy.inner_close", "inner-close-first", "a share of 0 - 35", _PRODUCTS_TWIN),
    Case("privacy.inner_close", "inner-close-second", "the other share", _PRODUCTS_OTHER),
    *refusals("privacy.inner_close", "inner-close", "inner-close-first", _PRODUCTS_TWIN, _CLOSE_FAULTS),
    *pairs("privacy.inner_close", "inner-close", "inner-close-first", _PRODUCTS_TWIN, _CLOSE_PAIRS),
]

# ---- truncation

_PLAN = {"bits": "44", "fraction": "16", "sigma": "40"}
_MASKS_TWIN = {**_PLAN, "parties": "2", "count": "6", "seed": SEED}
_MASKS = _answer("privacy.deal_truncations", _MASKS_TWIN)
_OPENED_MASKS = {**_PLAN, "masks": _sum(*_MASKS["masks"]), "highs": _sum(*_MASKS["highs"])}
#: Both ends of the range, both sides of zero, a whole number, and the largest remainder.
_NUMBERS = (2**43 - 1, -(2**43), -1, 0, 3 * 2**16, 5 * 2**16 - 1)
_NUMBER_SHARES = _answer(
    "privacy.additive_share", {"secrets": decimals(*(z % R for z in _NUMBERS)), "parties": "2", "seed": OTHER_SEED}
)["shares"]


def _truncation(party: int) -> Json:
    return {
        **_PLAN,
        "position": str(party),
        "numbers": _NUMBER_SHARES[party],
        "masks": _MASKS["masks"][party],
    }


_MASKED = _sum(*(_answer("privacy.truncation_open", _truncation(party))["masked"] for party in (0, 1)))
_TRUNCATE_TWIN = {**_PLAN, "position": "0", "opened": _MASKED, "highs": _MASKS["highs"][0]}
_PLAN_FAULTS: list[tuple[str, str, Json]] = [
    ("fraction-0", "nothing to cut off", {"fraction": "0"}),
    ("fraction-44", "everything is cut off", {"fraction": "44"}),
    ("sigma-0", "no mask", {"sigma": "0"}),
    ("sigma-125", "more than there can ever be room for", {"sigma": "125"}),
    ("overflow", "44 bits and 83 more are one too many", {"sigma": "83"}),
]
_PLAN_PAIRS: list[tuple[str, str, Json]] = [
    ("fraction-and-sigma", "nothing to cut off, no mask", {"fraction": "0", "sigma": "0"}),
]
_POSITION_PAIR: tuple[str, str, Json] = ("sigma-and-position", "no mask, no party", {"sigma": "0", "position": "64"})
_OPEN_FAULTS: list[tuple[str, str, Json]] = [
    ("position-64", "no party can be there", {"position": "64"}),
    ("empty", "no numbers", {"numbers": []}),
    ("masks-five", "five masks for six numbers", {"masks": _MASKS["masks"][0][:5]}),
    ("number-r", "2^127 - 1 is no element", {"numbers": [*_NUMBER_SHARES[0][:5], str(R)]}),
]
_MASKED_MAX = 2**84 + 2**44 - 2
_LOCAL_TWIN = {"position": "0", "numbers": _NUMBER_SHARES[0], "fraction": "16"}

TRUNCATION = [
    Case("privacy.deal_truncations", "deal-truncations-two", "six masks for two parties", _MASKS_TWIN),
    Case(
        "privacy.deal_truncations",
        "deal-truncations-largest",
        "masks of 126 bits for three parties",
        {"bits": "2", "fraction": "1", "sigma": "124", "parties": "3", "count": "2", "seed": OTHER_SEED},
        bug="draws masks below 2^sigma, so that large numbers show through",
    ),
    *refusals(
        "privacy.deal_truncations",
        "deal-truncations",
        "deal-truncations-two",
        _MASKS_TWIN,
        [
            *_PLAN_FAULTS,
            ("parties-65", "one party too many", {"parties": "65"}),
            ("count-0", "no masks", {"count": "0"}),
            ("count-many", "2^16 + 1 masks", {"count": str(2**16 + 1)}),
            ("seed-31", "a seed of 31 bytes", {"seed": SHORT_SEED}),
        ],
    ),
    *pairs(
        "privacy.deal_truncations",
        "deal-truncations",
        "deal-truncations-two",
        _MASKS_TWIN,
        [
            *_PLAN_PAIRS,
            ("sigma-and-parties", "no mask, no party", {"sigma": "0", "parties": "0"}),
            ("parties-and-count", "no party, no masks", {"parties": "0", "count": "0"}),
        ],
    ),
    Case(
        "privacy.opened_masks",
        "opened-masks-eight",
        "of eight masks those with an odd sample",
        {**_CHALLENGES_TWIN, "count": "8"},
        bug="opens the first half, which a dealer foresees",
    ),
    Case(
        "privacy.opened_masks",
        "opened-masks-batch",
        "others of another batch",
        {**_CHALLENGES_TWIN, "batch": "2", "count": "8"},
        bug="opens the same places of every batch",
    ),
    Case(
        "privacy.opened_masks",
        "opened-masks-one",
        "of one mask the only one is opened, and nothing is left to use: a batch is dealt with room to spare",
        {**_CHALLENGES_TWIN, "count": "1"},
    ),
    *refusals(
        "privacy.opened_masks",
        "opened-masks",
        "opened-masks-eight",
        {**_CHALLENGES_TWIN, "count": "8"},
        [("count-0", "no masks", {"count": "0"}), ("count-many", "more than a batch", {"count": str(2**16 + 1)})],
    ),
    Case("privacy.check_masks", "check-masks-six", "the six masks, all opened", _OPENED_MASKS),
    Case(
        "privacy.check_masks",
        "check-masks-ends",
        "no mask and the largest one",
        {**_PLAN, "masks": decimals(0, 2**84 - 1), "highs": decimals(0, 2**68 - 1)},
    ),
    *refusals(
        "privacy.check_masks",
        "check-masks",
        "check-masks-six",
        _OPENED_MASKS,
        [
            *_PLAN_FAULTS,
            ("empty", "no masks", {"masks": []}),
            ("highs-five", "five for six masks", {"highs": _OPENED_MASKS["highs"][:5]}),
            ("high-r", "2^127 - 1 is no element", {"highs": [*_OPENED_MASKS["highs"][:5], str(R)]}),
            ("wrong", "one too many is left", {"highs": _changed(_OPENED_MASKS["highs"], 5, 1)}),
            ("rounded", "a unit less is left", {"highs": _changed(_OPENED_MASKS["highs"], 0, -1)}),
        ],
    ),
    *refusals(
        "privacy.check_masks",
        "check-masks-ends",
        "check-masks-ends",
        {**_PLAN, "masks": decimals(0, 2**84 - 1), "highs": decimals(0, 2**68 - 1)},
        [("large", "a mask that is too large and is not what goes with its rest", {"masks": decimals(0, 2**84)})],
    ),
    Case(
        "privacy.check_masks",
        "check-masks-too-large",
        "a mask of 85 bits with what is left of it: they belong together, but sums under it could wrap",
        {**_PLAN, "masks": decimals(0, 2**84), "highs": decimals(0, 2**68)},
        twin="check-masks-ends",
        follows=("/highs/1",),
        flags=("Guard",),
        bug="asks only whether both belong together",
    ),
    *pairs(
        "privacy.check_masks",
        "check-masks",
        "check-masks-six",
        _OPENED_MASKS,
        [
            *_PLAN_PAIRS,
            ("sigma-and-empty", "no mask bits, no masks", {"sigma": "0", "masks": []}),
            (
                "length-and-wrong",
                "five for six masks, the first one wrong",
                {
                    "highs": _OPENED_MASKS["highs"][:5],
                    "masks": _changed(_OPENED_MASKS["masks"], 0, 2**20),
                },
            ),
        ],
    ),
    Case("privacy.truncation_open", "truncation-open-first", "six numbers, the first party", _truncation(0)),
    Case(
        "privacy.truncation_open",
        "truncation-open-second",
        "the second party adds no offset",
        _truncation(1),
        bug="adds the offset in every party",
    ),
    *refusals(
        "privacy.truncation_open",
        "truncation-open",
        "truncation-open-first",
        _truncation(0),
        [*_PLAN_FAULTS, *_OPEN_FAULTS],
    ),
    *pairs(
        "privacy.truncation_open",
        "truncation-open",
        "truncation-open-first",
        _truncation(0),
        [
            *_PLAN_PAIRS,
            _POSITION_PAIR,
            ("position-and-empty", "no party, no numbers", {"position": "64", "numbers": []}),
        ],
    ),
    Case(
        "privacy.truncation_close",
        "truncation-close-first",
        "both ends of the range, both sides of zero, a whole number, the largest remainder",
        _TRUNCATE_TWIN,
        bug="rounds the opened sum instead of cutting it",
    ),
    Case(
        "privacy.truncation_close",
        "truncation-close-second",
        "the other party",
        {**_TRUNCATE_TWIN, "position": "1", "highs": _MASKS["highs"][1]},
    ),
    Case(
        "privacy.truncation_close",
        "truncation-close-largest",
        "the largest sum that numbers in range can give",
        {**_TRUNCATE_TWIN, "opened": [*_MASKED[:5], str(_MASKED_MAX)]},
    ),
    *refusals(
        "privacy.truncation_close",
        "truncation-close",
        "truncation-close-first",
        _TRUNCATE_TWIN,
        [
            *_PLAN_FAULTS,
            ("position-64", "no party can be there", {"position": "64"}),
            ("empty", "no numbers", {"opened": []}),
            ("highs-five", "five shares for six numbers", {"highs": _MASKS["highs"][0][:5]}),
            ("high-r", "2^127 - 1 is no element", {"highs": [*_MASKS["highs"][0][:5], str(R)]}),
            ("wrapped", "no number in range gives this sum", {"opened": [*_MASKED[:5], str(_MASKED_MAX + 1)]}),
        ],
    ),
    *pairs(
        "privacy.truncation_close",
        "truncation-close",
        "truncation-close-first",
        _TRUNCATE_TWIN,
        [
            *_PLAN_PAIRS,
            _POSITION_PAIR,
            ("position-and-empty", "no party, no numbers", {"position": "64", "opened": []}),
        ],
    ),
    Case("privacy.truncate_locally", "truncate-locally-first", "six numbers, the first party", _LOCAL_TWIN),
    Case("privacy.truncate_locally", "truncate-locally-least", "a single bit", {**_LOCAL_TWIN, "fraction": "1"}),
    Case("privacy.truncate_locally", "truncate-locally-most", "125 bits", {**_LOCAL_TWIN, "fraction": "125"}),
    Case(
        "privacy.truncate_locally",
        "truncate-locally-second",
        "the second party rounds the negative of its share",
        {**_LOCAL_TWIN, "position": "1", "numbers": _NUMBER_SHARES[1]},
        bug="cuts both shares alike, so that nearly every result is wrong by the modulus",
    ),
    Case(
        "privacy.truncate_locally",
        "truncate-locally-fails",
        "the share of the first party is 3 and that of the second one 2^17 - 3: together 2^17, with no wrap, so the "
        "result is wrong; this is what happens with the probability that the clause gives",
        {"position": "1", "numbers": [str(2**17 - 3)], "fraction": "16"},
    ),
    *refusals(
        "privacy.truncate_locally",
        "truncate-locally",
        "truncate-locally-first",
        _LOCAL_TWIN,
        [
            ("position-2", "there are two parties", {"position": "2"}),
            ("fraction-0", "nothing to cut off", {"fraction": "0"}),
            ("fraction-126", "everything is cut off", {"fraction": "126"}),
            ("empty", "no numbers", {"numbers": []}),
            ("number-r", "2^127 - 1 is no element", {"numbers": [*_NUMBER_SHARES[0][:5], str(R)]}),
        ],
    ),
    *pairs(
        "privacy.truncate_locally",
        "truncate-locally",
        "truncate-locally-first",
        _LOCAL_TWIN,
        [
            ("position-and-fraction", "a third party, nothing to cut off", {"position": "2", "fraction": "0"}),
            ("fraction-and-empty", "nothing to cut off, no numbers", {"fraction": "0", "numbers": []}),
        ],
    ),
]

# ---- what comes out

_CLOSED = [_answer("privacy.product_close", twin)["products"] for twin in (_PRODUCTS_TWIN, _PRODUCTS_OTHER)]
_TRUNCATED = [
    _answer("privacy.truncation_close", {**_TRUNCATE_TWIN, "position": str(party), "highs": _MASKS["highs"][party]})
    for party in (0, 1)
]
_RESULTS = _answer("privacy.additive_open", {"shares": [row["numbers"] for row in _TRUNCATED]})["secrets"]

RESULTS = [
    Case(
        "privacy.additive_open",
        "additive-open-products",
        "both shares of the two products: 0 and -35",
        {"shares": _CLOSED},
        clauses=("PRV-070", "PRV-075"),
    ),
    Case(
        "privacy.additive_open",
        "additive-open-truncated",
        "both shares of the six truncated numbers",
        {"shares": [row["numbers"] for row in _TRUNCATED]},
        clauses=("PRV-070", "PRV-076"),
    ),
    Case(
        "privacy.from_large",
        "from-large-truncated",
        "each is the number by 2^16 rounded down, or one more; the whole number is exact",
        {"elements": _RESULTS, "bound": str(2**27)},
        clauses=("PRV-070", "PRV-076"),
    ),
]

# ---- what fits, logistic loss

_BITS_TWIN = {
    "terms": "1000",
    "left_bound": str(2**20 - 1),
    "right_bound": str(2**20 - 1),
    "fraction": "16",
    "sigma": "40",
}
_LOSS_TWIN = {
    "position": "0",
    "fraction": "16",
    "squares": decimals(0, 2**32, R - 1),
    "products": decimals(0, 2**16, R - 2**16),
}
_RESIDUAL_TWIN = {"fraction": "16", "logits": decimals(0, 2**16, R - 1), "labels": decimals(1, R - 1, 5)}

MODELS = [
    Case("privacy.product_bits", "product-bits-thousand", "a thousand terms of 20 bits each", _BITS_TWIN),
    Case(
        "privacy.product_bits",
        "product-bits-one",
        "one times one: one bit and a sign",
        {**_BITS_TWIN, "terms": "1", "left_bound": "1", "right_bound": "1", "fraction": "1"},
    ),
    Case(
        "privacy.product_bits",
        "product-bits-power",
        "a largest product of 2^40: its magnitude itself needs 41 bits",
        {**_BITS_TWIN, "terms": "1", "left_bound": str(2**20), "right_bound": str(2**20)},
        bug="takes the logarithm of the bound, so that the bound itself does not fit",
    ),
    Case(
        "privacy.product_bits",
        "product-bits-fraction",
        "more fraction bits than the product has: the range is as wide as they are",
        {**_BITS_TWIN, "fraction": "51"},
    ),
    Case(
        "privacy.product_bits",
        "product-bits-many",
        "2^20 terms, the least mask",
        {**_BITS_TWIN, "terms": str(2**20), "sigma": "1"},
    ),
    Case(
        "privacy.product_bits",
        "product-bits-factor",
        "one factor of 63 bits",
        {**_BITS_TWIN, "terms": "1", "left_bound": "1", "right_bound": str(2**63 - 1)},
    ),
    Case(
        "privacy.product_bits",
        "product-bits-left",
        "the other factor of 63 bits",
        {**_BITS_TWIN, "terms": "1", "left_bound": str(2**63 - 1), "right_bound": "1"},
    ),
    *refusals(
        "privacy.product_bits",
        "product-bits",
        "product-bits-thousand",
        _BITS_TWIN,
        [
            ("terms-0", "no terms", {"terms": "0"}),
            ("terms-many", "2^20 + 1 terms", {"terms": str(2**20 + 1)}),
            ("left-0", "a bound of zero", {"left_bound": "0"}),
            ("right-large", "a bound of 2^63", {"right_bound": str(2**63)}),
            ("fraction-0", "nothing to cut off", {"fraction": "0"}),
            ("sigma-0", "no mask", {"sigma": "0"}),
            ("overflow", "76 bits more do not fit", {"sigma": "76"}),
            ("wide", "factors of 63 bits do not fit", {"left_bound": str(2**63 - 1)}),
        ],
    ),
    *pairs(
        "privacy.product_bits",
        "product-bits",
        "product-bits-thousand",
        _BITS_TWIN,
        [
            ("terms-and-left", "no terms, a bound of zero", {"terms": "0", "left_bound": "0"}),
            ("right-and-fraction", "a bound of zero, nothing to cut off", {"right_bound": "0", "fraction": "0"}),
        ],
    ),
    Case("privacy.logistic_loss", "logistic-loss-first", "the party that adds the constant", _LOSS_TWIN),
    Case(
        "privacy.logistic_loss",
        "logistic-loss-second",
        "any other party",
        {**_LOSS_TWIN, "position": "1"},
        bug="adds the constant in every party",
    ),
    Case(
        "privacy.logistic_loss",
        "logistic-loss-most-bits",
        "30 fraction bits: the constant has 63 bits",
        {**_LOSS_TWIN, "fraction": "30"},
        bug="keeps the constant in a double",
    ),
    Case(
        "privacy.logistic_loss",
        "logistic-loss-least-bits",
        "one fraction bit: the constant is 22.18, rounded down",
        {**_LOSS_TWIN, "fraction": "1"},
    ),
    *refusals(
        "privacy.logistic_loss",
        "logistic-loss",
        "logistic-loss-first",
        _LOSS_TWIN,
        [
            ("fraction-0", "no fraction bits", {"fraction": "0"}),
            ("fraction-31", "one fraction bit too many", {"fraction": "31"}),
            ("position-64", "no party can be there", {"position": "64"}),
            ("empty", "no logits", {"squares": []}),
            ("products-two", "two products for three squares", {"products": decimals(0, 2**16)}),
            ("square-r", "2^127 - 1 is no element", {"squares": decimals(0, 2**32, R)}),
        ],
    ),
    *pairs(
        "privacy.logistic_loss",
        "logistic-loss",
        "logistic-loss-first",
        _LOSS_TWIN,
        [
            ("fraction-and-position", "no fraction bits, no party", {"fraction": "0", "position": "64"}),
            ("position-and-empty", "no party, no logits", {"position": "64", "squares": []}),
        ],
    ),
    Case("privacy.logistic_residual", "logistic-residual-three", "labels +1, -1, and a share", _RESIDUAL_TWIN),
    *refusals(
        "privacy.logistic_residual",
        "logistic-residual",
        "logistic-residual-three",
        _RESIDUAL_TWIN,
        [
            ("fraction-31", "one fraction bit too many", {"fraction": "31"}),
            ("empty", "no logits", {"logits": []}),
            ("labels-two", "two labels for three logits", {"labels": decimals(1, R - 1)}),
            ("label-r", "2^127 - 1 is no element", {"labels": decimals(1, R - 1, R)}),
        ],
    ),
    *pairs(
        "privacy.logistic_residual",
        "logistic-residual",
        "logistic-residual-three",
        _RESIDUAL_TWIN,
        [("fraction-and-empty", "no fraction bits, no logits", {"fraction": "0", "logits": []})],
    ),
]

CASES: tuple[Case | Trace, ...] = (
    *FIELD,
    *SUMS,
    *TRIPLES,
    *STORE,
    *PRODUCTS,
    *TRUNCATION,
    *RESULTS,
    *MODELS,
)
