"""The operations of differential privacy (`spec/privacy.md`, PRV-060 ...): samples, shares, cost, budget.

Samples are decimal strings of their signed value's `Int64` word, variances a numerator and a denominator.
"""

from __future__ import annotations

from .. import kernels
from ..encoding import from_json, int64_to_word
from ..errors import Code
from ..privacy import budget, noise
from ..types import Noise, Uint16, Uint32, Uint64
from ._base import Json, Operation, privacy_operation
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
    privacy_operation(
        "kernels.discrete_gaussian",
        "PRV-063 PRV-062 PRV-061",
        _discrete_gaussian,
        "kernels.discrete_gaussian",
        (Code.EMPTY, Code.VECTOR_LENGTH, Code.VARIANCE_RANGE, Code.KEY_LENGTH),
        "Exact discrete Gaussian samples from a seed",
    ),
    privacy_operation(
        "gaussian_samples",
        "PRV-062 PRV-061",
        _gaussian_samples,
        "privacy.noise.gaussian_samples",
        (Code.VARIANCE_RANGE, Code.STREAM_SHORT),
        "Exact discrete Gaussian samples from bytes, and how many bytes they took",
    ),
    privacy_operation(
        "noise_share",
        "PRV-064 PRV-060",
        _noise_share,
        "privacy.noise.noise_share",
        _SHARE,
        "The variance of one member's noise",
    ),
    privacy_operation(
        "noised_input",
        "PRV-065 PRV-064 PRV-063",
        _noised_input,
        "privacy.noise.noised_input",
        (*_SHARE, Code.EMPTY, Code.DOMAIN_COORDINATE, Code.KEY_LENGTH),
        "An update, clipped and noised, ready to be masked",
        kernel="discrete_gaussian",
    ),
    privacy_operation(
        "noised_bound",
        "PRV-066 PRV-064",
        _noised_bound,
        "privacy.noise.noised_bound",
        (*_SHARE, Code.SUMMANDS_RANGE, Code.RING_OVERFLOW),
        "What a sum of noised inputs can reach",
    ),
    privacy_operation(
        "round_cost",
        "PRV-067 PRV-064",
        _round_cost,
        "privacy.budget.round_cost",
        (*_SHARE, Code.EMPTY, Code.VECTOR_LENGTH, Code.BUDGET_EXCEEDED),
        "What a round spends of a privacy budget",
    ),
    privacy_operation(
        "charge",
        "PRV-068",
        _charge,
        "privacy.budget.charge",
        (Code.BUDGET_EXCEEDED,),
        "What is spent after a round, if the budget allows it",
    ),
)
