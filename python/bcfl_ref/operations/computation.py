"""The operations of computing on shares (`spec/privacy.md`, PRV-070 ... PRV-079).

An element of the large field is the decimal string of its uint128, a signed result that of its two's complement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from ..encoding import from_json, hash_tree_root, to_json
from ..errors import Code, SpecError
from ..privacy import computation, fixed_point, triples
from ..types import Bytes32, IdentityIndex, Root, TripleStore, Uint8, Uint16, Uint32, Uint64, UintOf
from ._base import Json, Machine, Operation, machine_operation, privacy_operation
from ._shape import octets, rows

Uint128 = Annotated[int, UintOf(128)]

# ---- JSON


def _elements(data: Json) -> list[int]:
    return [from_json(Uint128, item) for item in rows(data)]


def _rows(data: Json) -> list[list[int]]:
    return [_elements(row) for row in rows(data)]


def _indices(data: Json) -> list[int]:
    return [from_json(Uint32, item) for item in rows(data)]


def _position(data: Json) -> int:
    position: int = from_json(Uint16, data["position"])
    return position


def _decimals(values: Sequence[int]) -> list[str]:
    return [str(value) for value in values]


def _matrix(shares: Sequence[Sequence[int]]) -> Json:
    return [_decimals(row) for row in shares]


# ---- the large field, additive shares


def _large_samples(data: Json) -> Json:
    return {
        "elements": _decimals(computation.large_samples(octets(data["stream"]), from_json(Uint16, data["count"])))
    }


def _additive_share(data: Json) -> Json:
    parties = from_json(Uint16, data["parties"])
    return {"shares": _matrix(computation.additive_share(_elements(data["secrets"]), parties, octets(data["seed"])))}


def _additive_open(data: Json) -> Json:
    return {"secrets": _decimals(computation.additive_open(_rows(data["shares"])))}


def _from_large(data: Json) -> Json:
    results = computation.from_large(_elements(data["elements"]), from_json(Uint128, data["bound"]))
    return {"results": [str(value % 2**128) for value in results]}


def _combine_shares(data: Json) -> Json:
    field = from_json(Uint8, data["field"])
    return {"share": _decimals(computation.combine_shares(field, _elements(data["weights"]), _rows(data["shares"])))}


# ---- triples


def _deal_triples(data: Json) -> Json:
    parties, count = from_json(Uint16, data["parties"]), from_json(Uint32, data["count"])
    return {"triples": [_matrix(party) for party in triples.deal_triples(parties, count, octets(data["seed"]))]}


def _step(store: TripleStore, action: str, data: Json) -> tuple[TripleStore, Json]:
    """One thing that a party does with the triples it remembers."""
    if action == "deal":
        dealer, count = from_json(IdentityIndex, data["dealer"]), from_json(Uint32, data["count"])
        return triples.add_batch(store, dealer, count), {"batch": str(len(store.batches))}
    if action == "check":
        batch = from_json(Uint32, data["batch"])
        return triples.begin_check(store, batch, _indices(data["kept"]), _indices(data["burnt"])), {}
    if action == "judge":
        batch, kept = from_json(Uint32, data["batch"]), _indices(data["kept"])
        after, passed = triples.judge(store, batch, kept, _elements(data["differences"]))
        return after, {"passed": passed}
    if action == "use":
        return triples.use_triples(store, from_json(Uint32, data["batch"]), _indices(data["indices"])), {}
    raise SpecError(Code.ENCODING_INVALID, f"no action is called {action!r:.40}")


STORE = Machine(
    init=lambda data: from_json(TripleStore, data),
    step=_step,
    digest=lambda store: "0x" + hash_tree_root(store).hex(),
    view=to_json,
)


def _challenged(data: Json) -> tuple[bytes, bytes, int, int, int]:
    """The seed of a challenge, ledger, task and batch, and for how many."""
    return (
        from_json(Bytes32, data["seed"]),
        from_json(Root, data["genesis_root"]),
        from_json(Uint32, data["task"]),
        from_json(Uint32, data["batch"]),
        from_json(Uint32, data["count"]),
    )


def _sacrifice_challenges(data: Json) -> Json:
    return {"challenges": _decimals(triples.sacrifice_challenges(*_challenged(data)))}


def _sacrifice_open(data: Json) -> Json:
    kept, burnt, challenges = _rows(data["kept"]), _rows(data["burnt"]), _elements(data["challenges"])
    left, right = triples.sacrifice_open(kept, burnt, challenges)
    return {"left": _decimals(left), "right": _decimals(right)}


def _sacrifice_close(data: Json) -> Json:
    kept, burnt, challenges = _rows(data["kept"]), _rows(data["burnt"]), _elements(data["challenges"])
    opened = _elements(data["left"]), _elements(data["right"])
    return {"differences": _decimals(triples.sacrifice_close(_position(data), kept, burnt, challenges, opened))}


# ---- products


def _product_open(data: Json) -> Json:
    factors = _elements(data["left"]), _elements(data["right"])
    left, right = computation.product_open(*factors, _rows(data["triples"]))
    return {"left": _decimals(left), "right": _decimals(right)}


def _product_close(data: Json) -> Json:
    opened = _elements(data["left"]), _elements(data["right"])
    return {"products": _decimals(computation.product_close(_position(data), _rows(data["triples"]), *opened))}


def _inner_close(data: Json) -> Json:
    opened = _elements(data["left"]), _elements(data["right"])
    return {"product": str(computation.inner_close(_position(data), _rows(data["triples"]), *opened))}


# ---- fixed point


def _plan(data: Json) -> fixed_point.Truncation:
    return fixed_point.Truncation(*(from_json(Uint16, data[name]) for name in ("bits", "fraction", "sigma")))


def _deal_truncations(data: Json) -> Json:
    parties, count = from_json(Uint16, data["parties"]), from_json(Uint32, data["count"])
    dealt = fixed_point.deal_truncations(_plan(data), parties, count, octets(data["seed"]))
    return {"masks": [_decimals(mask) for mask, _ in dealt], "highs": [_decimals(high) for _, high in dealt]}


def _opened_masks(data: Json) -> Json:
    return {"indices": _decimals(fixed_point.opened_masks(*_challenged(data)))}


def _check_masks(data: Json) -> Json:
    fixed_point.check_masks(_plan(data), _elements(data["masks"]), _elements(data["highs"]))
    return {}


def _truncation_open(data: Json) -> Json:
    numbers, masks = _elements(data["numbers"]), _elements(data["masks"])
    return {"masked": _decimals(fixed_point.truncation_open(_plan(data), _position(data), numbers, masks))}


def _truncation_close(data: Json) -> Json:
    opened, highs = _elements(data["opened"]), _elements(data["highs"])
    return {"numbers": _decimals(fixed_point.truncation_close(_plan(data), _position(data), opened, highs))}


def _truncate_locally(data: Json) -> Json:
    numbers, fraction = _elements(data["numbers"]), from_json(Uint16, data["fraction"])
    return {"numbers": _decimals(fixed_point.truncate_locally(_position(data), numbers, fraction))}


def _product_bits(data: Json) -> Json:
    terms = from_json(Uint32, data["terms"])
    bounds = (from_json(Uint64, data[name]) for name in ("left_bound", "right_bound"))
    sizes = (from_json(Uint16, data[name]) for name in ("fraction", "sigma"))
    return {"bits": str(fixed_point.product_bits(terms, *bounds, *sizes))}


def _logistic_loss(data: Json) -> Json:
    fraction, squares, products = from_json(Uint16, data["fraction"]), data["squares"], data["products"]
    shares = fixed_point.logistic_loss(_position(data), fraction, _elements(squares), _elements(products))
    return {"losses": _decimals(shares)}


def _logistic_residual(data: Json) -> Json:
    fraction, logits, labels = from_json(Uint16, data["fraction"]), data["logits"], data["labels"]
    return {"residuals": _decimals(fixed_point.logistic_residual(fraction, _elements(logits), _elements(labels)))}


# ---- the table


_ROWS = (Code.EMPTY, Code.VECTOR_LENGTH, Code.FIELD_RANGE)
_TRIPLES = (Code.TRIPLE_SHAPE, *_ROWS)
_PLAN = (Code.TRUNCATION_RANGE, Code.SECURITY_RANGE, Code.FIELD_OVERFLOW)

_FIELD = (
    privacy_operation(
        "large_samples",
        "PRV-070",
        _large_samples,
        "privacy.computation.large_samples",
        (Code.STREAM_SHORT,),
        "Uniform elements of the large field from bytes",
    ),
    privacy_operation(
        "additive_share",
        "PRV-070",
        _additive_share,
        "privacy.computation.additive_share",
        (Code.MEMBER_COUNT, Code.KEY_LENGTH, Code.EMPTY, Code.FIELD_RANGE),
        "Shares of which only all together say anything",
        kernel="mask_add",
    ),
    privacy_operation(
        "additive_open",
        "PRV-070",
        _additive_open,
        "privacy.computation.additive_open",
        (Code.MEMBER_COUNT, *_ROWS),
        "The secrets from the shares of all parties",
    ),
    privacy_operation(
        "from_large",
        "PRV-070",
        _from_large,
        "privacy.computation.from_large",
        (Code.FIELD_OVERFLOW, Code.EMPTY, Code.FIELD_RANGE, Code.RESULT_RANGE),
        "The signed results that elements stand for, if all are within the bound",
    ),
    privacy_operation(
        "combine_shares",
        "PRV-071",
        _combine_shares,
        "privacy.computation.combine_shares",
        (Code.FIELD_UNKNOWN, Code.EMPTY, Code.VECTOR_LENGTH, Code.WEIGHT_COUNT, Code.FIELD_RANGE),
        "A share of a weighted sum, from shares of its summands",
    ),
)

_CHECKS = (
    privacy_operation(
        "deal_triples",
        "PRV-072 PRV-070",
        _deal_triples,
        "privacy.triples.deal_triples",
        (Code.MEMBER_COUNT, Code.TRIPLE_COUNT, Code.KEY_LENGTH),
        "What a dealer gives each party to multiply with",
        kernel="mask_add",
    ),
    machine_operation(
        "privacy.triple_store",
        ("PRV-073",),
        STORE,
        "bcfl_ref.privacy.triples.use_triples",
        (
            Code.TRIPLE_COUNT,
            Code.TRIPLE_UNKNOWN,
            Code.EMPTY,
            Code.VECTOR_LENGTH,
            Code.POSITION_ORDER,
            Code.TRIPLE_USED,
            Code.TRIPLE_UNCHECKED,
            Code.FIELD_RANGE,
        ),
        summary="What a party remembers of its triples",
        profile="privacy",
    ),
    privacy_operation(
        "sacrifice_challenges",
        "PRV-074 PRV-070",
        _sacrifice_challenges,
        "privacy.triples.sacrifice_challenges",
        (Code.TRIPLE_COUNT,),
        "The challenges of a batch, from a seed that its dealer could not know",
        kernel="mask_add",
    ),
    privacy_operation(
        "sacrifice_open",
        "PRV-074",
        _sacrifice_open,
        "privacy.triples.sacrifice_open",
        _TRIPLES,
        "What a party publishes to check triples",
    ),
    privacy_operation(
        "sacrifice_close",
        "PRV-074",
        _sacrifice_close,
        "privacy.triples.sacrifice_close",
        (Code.POSITION_RANGE, *_TRIPLES),
        "A share of zero, if both triples of a pair are right",
    ),
    privacy_operation(
        "product_open",
        "PRV-075",
        _product_open,
        "privacy.computation.product_open",
        _TRIPLES,
        "What a party publishes to multiply",
    ),
    privacy_operation(
        "product_close",
        "PRV-075",
        _product_close,
        "privacy.computation.product_close",
        (Code.POSITION_RANGE, *_TRIPLES),
        "A party's shares of products",
    ),
    privacy_operation(
        "inner_close",
        "PRV-078 PRV-075",
        _inner_close,
        "privacy.computation.inner_close",
        (Code.POSITION_RANGE, *_TRIPLES),
        "A party's share of an inner product",
    ),
)

_FIXED = (
    privacy_operation(
        "deal_truncations",
        "PRV-076 PRV-070",
        _deal_truncations,
        "privacy.fixed_point.deal_truncations",
        (*_PLAN, Code.MEMBER_COUNT, Code.TRIPLE_COUNT, Code.KEY_LENGTH),
        "What a dealer gives each party to truncate with",
        kernel="mask_add",
    ),
    privacy_operation(
        "opened_masks",
        "PRV-076 PRV-074",
        _opened_masks,
        "privacy.fixed_point.opened_masks",
        (Code.TRIPLE_COUNT,),
        "Which masks are opened to check their dealer",
        kernel="mask_add",
    ),
    privacy_operation(
        "check_masks",
        "PRV-076",
        _check_masks,
        "privacy.fixed_point.check_masks",
        (*_PLAN, *_ROWS, Code.MASK_WRONG),
        "Opened masks are what their dealer promised",
    ),
    privacy_operation(
        "truncation_open",
        "PRV-076",
        _truncation_open,
        "privacy.fixed_point.truncation_open",
        (*_PLAN, Code.POSITION_RANGE, *_ROWS),
        "What a party publishes to truncate",
    ),
    privacy_operation(
        "truncation_close",
        "PRV-076",
        _truncation_close,
        "privacy.fixed_point.truncation_close",
        (*_PLAN, Code.POSITION_RANGE, *_ROWS, Code.RESULT_RANGE),
        "A party's shares of truncated numbers",
    ),
    privacy_operation(
        "truncate_locally",
        "PRV-077",
        _truncate_locally,
        "privacy.fixed_point.truncate_locally",
        (Code.POSITION_RANGE, Code.TRUNCATION_RANGE, Code.EMPTY, Code.FIELD_RANGE),
        "A truncation that two parties do alone, and that may fail",
    ),
    privacy_operation(
        "product_bits",
        "PRV-078 PRV-076",
        _product_bits,
        "privacy.fixed_point.product_bits",
        (Code.TERMS_RANGE, Code.FACTOR_RANGE, *_PLAN),
        "The range of an inner product, if there is room to truncate it",
    ),
    privacy_operation(
        "logistic_loss",
        "PRV-079",
        _logistic_loss,
        "privacy.fixed_point.logistic_loss",
        (Code.TRUNCATION_RANGE, Code.POSITION_RANGE, *_ROWS),
        "A party's shares of the logistic loss, by its polynomial",
    ),
    privacy_operation(
        "logistic_residual",
        "PRV-079",
        _logistic_residual,
        "privacy.fixed_point.logistic_residual",
        (Code.TRUNCATION_RANGE, *_ROWS),
        "A party's shares of the derivative of the logistic loss",
    ),
)

OPERATIONS: tuple[Operation, ...] = (*_FIELD, *_CHECKS, *_FIXED)
