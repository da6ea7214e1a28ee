"""The operations of differential privacy (`spec/privacy.md`, PRV-060 ...): samples, shares, cost, budget.

Samples are decimal strings of their signed value's `Int64` word, variances a numerator and a denominator.
"""

from __future__ import annotations

from .. import kernels
from ..encoding import from_json, int64_to_word
from ..errors import Code
from ..privacy import budget, noise
from ..types import Noise, Uint16, Uint32, Uint64
from ._base import Json, Operation
from ._shape import fields, octets
from .kernels import vector


def _variance(data: Json) -> tuple[int, int]:
    return from_json(Uint64, data["numerator"]), from_json(Uint64, data["denominator"])


def _promise(data: Json) -> tuple[Noise, int]:
    return from_json(Noise, fields(data["noise"])), from_json(Uint32, data["survivors_min"])


def _discrete_gaussian(data: Json) -> Json:
    count = from_json(Uint32, data["count"])
    samples = kernels.discrete_gaussian(count, *_variance(data), octets(data["seed"]))
    return {"samples": [str(int64_to_word(sample)) for sample in samples.tolist()]}


def _gaussian_samples(data: Json) -> Json:
    count = from_json(Uint16, data["count"])
    samples, used = noise.gaussian_samples(octets(data["stream"]), count, *_variance(data))
    return {"samples": [str(int64_to_word(sample)) for sample in samples], "used": str(used)}


def _noise_share(data: Json) -> Json:
    numerator, denominator = noise.noise_share(*_promise(data))
    return {"numerator": str(numerator), "denominator": str(denominator)}


def _noised_input(data: Json) -> Json:
    words = noise.noised_input(vector(data["update"]), *_promise(data), octets(data["seed"]))
    return {"words": [str(word) for word in words.tolist()]}


def _noised_bound(data: Json) -> Json:
    return {"bound": str(noise.noised_bound(*_promise(data), from_json(Uint64, data["summands"])))}


def _round_cost(data: Json) -> Json:
    return {"cost": str(budget.round_cost(*_promise(data), from_json(Uint64, data["dimension"])))}


def _charge(data: Json) -> Json:
    return {"spent": str(budget.charge(*(from_json(Uint64, data[name]) for name in ("spent", "cost", "budget"))))}


_SHARE = (Code.NORM_BOUND_RANGE, Code.VARIANCE_RANGE, Code.COLLUDERS_RANGE)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="kernels.discrete_gaussian",
        clauses=("PRV-063", "PRV-062", "PRV-061"),
        run=_discrete_gaussian,
        function="bcfl_ref.kernels.discrete_gaussian",
        errors=(Code.EMPTY, Code.VECTOR_LENGTH, Code.VARIANCE_RANGE, Code.KEY_LENGTH),
        kernel="discrete_gaussian",
        summary="Exact discrete Gaussian samples from a seed",
        profile="privacy",
    ),
    Operation(
        name="privacy.gaussian_samples",
        clauses=("PRV-062", "PRV-061"),
        run=_gaussian_samples,
        function="bcfl_ref.privacy.noise.gaussian_samples",
        errors=(Code.VARIANCE_RANGE, Code.STREAM_SHORT),
        summary="Exact discrete Gaussian samples from bytes, and how many bytes they took",
        profile="privacy",
    ),
    Operation(
        name="privacy.noise_share",
        clauses=("PRV-064", "PRV-060"),
        run=_noise_share,
        function="bcfl_ref.privacy.noise.noise_share",
        errors=_SHARE,
        summary="The variance of one member's noise",
        profile="privacy",
    ),
    Operation(
        name="privacy.noised_input",
        clauses=("PRV-065", "PRV-064", "PRV-063"),
        run=_noised_input,
        function="bcfl_ref.privacy.noise.noised_input",
        errors=(*_SHARE, Code.EMPTY, Code.DOMAIN_COORDINATE, Code.KEY_LENGTH),
        kernel="discrete_gaussian",
        summary="An update, clipped and noised, ready to be masked",
        profile="privacy",
    ),
    Operation(
        name="privacy.noised_bound",
        clauses=("PRV-066", "PRV-064"),
        run=_noised_bound,
        function="bcfl_ref.privacy.noise.noised_bound",
        errors=(*_SHARE, Code.SUMMANDS_RANGE, Code.RING_OVERFLOW),
        summary="What a sum of noised inputs can reach",
        profile="privacy",
    ),
    Operation(
        name="privacy.round_cost",
        clauses=("PRV-067", "PRV-064"),
        run=_round_cost,
        function="bcfl_ref.privacy.budget.round_cost",
        errors=(*_SHARE, Code.EMPTY, Code.VECTOR_LENGTH, Code.BUDGET_EXCEEDED),
        summary="What a round spends of a privacy budget",
        profile="privacy",
    ),
    Operation(
        name="privacy.charge",
        clauses=("PRV-068",),
        run=_charge,
        function="bcfl_ref.privacy.budget.charge",
        errors=(Code.BUDGET_EXCEEDED,),
        summary="What is spent after a round, if the budget allows it",
        profile="privacy",
    ),
)
