"""The cases of differential privacy: streams that force each draw of the sampler, shares, costs, budgets."""

from __future__ import annotations

import numpy as np

from ... import kernels
from ...kernels.limits import NOISE_STEPS_MAX, VARIANCE_MAX
from .._base import Case, Json
from .kernels import pairs, refusals
from .privacy import _counting

SEED = _counting(32)
WORD = 2**32
TRUE, FALSE = (0, 1), (1,)
"""The words that make exponential(1, 1) true, and false."""


def _words(*words: int) -> str:
    """A stream of words of 32 bits."""
    return "0x" + b"".join((word % WORD).to_bytes(4, "little") for word in words).hex()


# ---- samples of given bytes

# t = 1, so that there is no u; v = 0; s = 0; n / d = 1 / 4 is refused to be smaller than the last word.
_ZERO = (*FALSE, 0, -1)
_HALF: Json = {"stream": _words(*_ZERO), "count": "1", "numerator": "1", "denominator": "2"}


def _sample(name: str, comment: str, words: tuple[int, ...], change: Json, bug: str | None = None) -> Case:
    data = {**_HALF, "stream": _words(*words), **change}
    return Case("privacy.gaussian_samples", f"gaussian-samples-{name}", comment, data, bug=bug, flags=("Noise",))


_FOUR = {"numerator": "4", "denominator": "1"}
_TWO = {"numerator": "2", "denominator": "1"}
_TWO_THIRDS = {"numerator": "2", "denominator": "3"}
_KEY_STREAM = kernels.mask_add(np.zeros(360, dtype=np.uint32), bytes(range(32)), bytes(12), False)
_BYTES: Json = {"stream": _words(*_KEY_STREAM.tolist()), "count": "12"}

GAUSSIAN_SAMPLES = [
    Case("privacy.gaussian_samples", "gaussian-samples-zero", "the shortest way to a zero: three words", _HALF),
    _sample("none", "no samples take no bytes", _ZERO, {"count": "0"}),
    _sample("rest", "bytes after the last sample are left", (*_ZERO, 7, 7), {}, "reads ahead"),
    _sample(
        "negative-zero",
        "a zero with a minus fails; the second attempt gives a zero",
        (*FALSE, 1, *_ZERO),
        {},
        "counts zero twice, so that it is too likely",
    ),
    _sample("one", "one step from zero, kept", (*TRUE, *FALSE, 0, -1), {}),
    _sample("minus-one", "the same with a minus", (*TRUE, *FALSE, 1, -1), {}, "takes the sign the other way round"),
    _sample(
        "chance-exact",
        "a word that makes the rest zero: the random number is not below 1/4",
        (*FALSE, 0, WORD // 4),
        {},
        "takes an equal number for a smaller one",
    ),
    _sample(
        "chance-below",
        "one less: it is below 1/4; k = 2, where it ends, is even, and the attempt fails",
        (*FALSE, 0, WORD // 4 - 1, -1, *_ZERO),
        {},
        "stops where k is even and keeps the candidate",
    ),
    _sample(
        "chance-three",
        "k comes to 3, which is odd",
        (*FALSE, 0, 0, 0, 0, -1),
        {},
        "looks at the first factor of exp only",
    ),
    _sample(
        "below-stops",
        "below(2) is 1 where the chance was true: k = 2 is even",
        (*FALSE, 0, 0, 0, 1, *_ZERO),
        {},
        "takes the series of 1 / (1 + x) for that of exp(-x)",
    ),
    _sample(
        "chance-tie",
        "a word equal to the first digit of 1/3: the second digit decides, against",
        (*FALSE, 0, WORD // 3, -1),
        _TWO_THIRDS,
        "compares 32 bits, so that a third is rounded down",
    ),
    _sample(
        "chance-tie-true",
        "the second digit decides, in favour: the attempt fails at k = 2",
        (*FALSE, 0, WORD // 3, WORD // 3 - 1, -1, *_ZERO),
        _TWO_THIRDS,
        "compares 32 bits, so that a third is rounded down",
    ),
    _sample(
        "word-skipped",
        "below(3) skips the largest word, which is one too many",
        (-1, 1, -1, *FALSE, 0, -1),
        _FOUR,
        "reduces every word, so that small numbers are more likely",
    ),
    _sample(
        "remainder-refused",
        "u = 2 of t = 3 is refused, then u = 0 is kept",
        (2, 0, -1, 0, *_ZERO),
        _FOUR,
        "keeps every remainder, so that steps of the distribution show",
    ),
    _sample(
        "exactly-one",
        "n = d: one exponential(1, 1), then nothing is left",
        (1, -1, *TRUE, *FALSE, 0, *TRUE),
        _TWO,
        "asks for a chance of n = 0 with a word",
    ),
    _sample(
        "exactly-zero",
        "n = 0: the candidate is sigma^2 / t, and nothing is left to decide",
        (1, -1, *FALSE, 0),
        _TWO,
        "asks for a chance of n = 0 with a word",
    ),
    _sample(
        "far",
        "n = 4d: the second of four exponential(1, 1) is false",
        (1, -1, *TRUE, *TRUE, *FALSE, 0, *TRUE, *FALSE, 0, *_ZERO),
        _TWO,
        "draws once for exp(-n / d) where n / d is above 1",
    ),
    _sample(
        "steps-127",
        "127 steps are a candidate, which then fails in the fourth part",
        (*TRUE * (NOISE_STEPS_MAX - 1), *FALSE, 0, *FALSE, *TRUE, *FALSE, 1, -1),
        {},
        "cuts off one step early",
    ),
    _sample(
        "steps-128",
        "with the 128th the attempt fails at once",
        (*TRUE * NOISE_STEPS_MAX, *_ZERO),
        {},
        "goes on for as long as the stream says",
    ),
    _sample("bytes", "twelve samples of variance 9/2", (), {**_BYTES, "numerator": "9", "denominator": "2"}),
    _sample(
        "bytes-not-reduced",
        "the same as 18/4: the same samples and bytes",
        (),
        {**_BYTES, "numerator": "18", "denominator": "4"},
        "takes another way for the same fraction",
    ),
    _sample(
        "bytes-irrational",
        "variance 5: sigma is no fraction, t = 3",
        (),
        {**_BYTES, "numerator": "5", "denominator": "1"},
        "rounds sigma",
    ),
    _sample(
        "bytes-large",
        "the largest variance: 126 bits are compared",
        (),
        {**_BYTES, "numerator": str(VARIANCE_MAX), "denominator": "1"},
        "compares in 64 bits",
    ),
    _sample(
        "bytes-small",
        "the smallest variance gives zeros",
        (),
        {**_BYTES, "numerator": "1", "denominator": str(VARIANCE_MAX)},
        "overflows where n / d is large",
    ),
    *refusals(
        "privacy.gaussian_samples",
        "gaussian-samples",
        "gaussian-samples-zero",
        _HALF,
        [
            ("numerator-0", "a variance of 0", {"numerator": "0"}),
            ("numerator-large", "2^54", {"numerator": str(VARIANCE_MAX + 1)}),
            ("denominator-0", "nothing to divide by", {"denominator": "0"}),
            ("denominator-large", "2^54 below the line", {"denominator": str(VARIANCE_MAX + 1)}),
            ("second-short", "one sample where two are wanted", {"count": "2"}),
        ],
    ),
    Case(
        "privacy.gaussian_samples",
        "gaussian-samples-short",
        "the last word, which is the sign, lacks a byte",
        {**_HALF, **_TWO, "stream": _words(1, -1, *FALSE, 0)[:-2]},
        twin="gaussian-samples-exactly-zero",
        flags=("Guard",),
    ),
    *pairs(
        "privacy.gaussian_samples",
        "gaussian-samples",
        "gaussian-samples-zero",
        _HALF,
        [("variance-and-stream", "a variance of 0, no stream", {"numerator": "0", "stream": "0x"})],
    ),
]

# ---- the noise of a vector

_NOISE_TWIN: Json = {"count": "6", "numerator": "10000", "denominator": "1", "seed": SEED}


def _kernel(name: str, comment: str, change: Json, bug: str | None = None) -> Case:
    data = {**_NOISE_TWIN, **change}
    return Case("kernels.discrete_gaussian", f"discrete-gaussian-{name}", comment, data, bug=bug, flags=("Noise",))


DISCRETE_GAUSSIAN = [
    Case("kernels.discrete_gaussian", "discrete-gaussian-six", "six samples of sigma 100", _NOISE_TWIN),
    _kernel("one", "one sample", {"count": "1"}),
    _kernel(
        "block",
        "the 257th sample begins the second stream",
        {"count": "257", "numerator": "3"},
        "draws all samples from one stream, which cannot be shared among threads",
    ),
    _kernel(
        "three-blocks",
        "two whole streams and three samples",
        {"count": "515", "numerator": "1", "denominator": "3"},
        "numbers the streams by samples",
    ),
    _kernel("seed", "another seed", {"seed": _counting(32, 1)}, "draws from the first bytes of the seed"),
    _kernel("half", "variance 1/2, the least that a share may have", {"numerator": "1", "denominator": "2"}),
    _kernel(
        "fraction",
        "variance 15/8, which is 1 when it is rounded down",
        {"count": "24", "numerator": "15", "denominator": "8"},
        "divides the variance and drops the remainder",
    ),
    _kernel("square-less-one", "variance 9999: t = 100", {"numerator": "9999"}, "takes the root rounded up"),
    _kernel("largest", "the largest variance", {"numerator": str(VARIANCE_MAX)}, "compares in 64 bits"),
    _kernel(
        "largest-fraction",
        "large numbers above and below the line",
        {"numerator": str(VARIANCE_MAX), "denominator": str(2**53 - 111)},
        "compares in 64 bits",
    ),
    _kernel(
        "tie",
        "a seed for which the first digits are equal, in a chance of numbers beyond 64 bits before sample 28",
        {
            "count": "31",
            "numerator": str(VARIANCE_MAX),
            "denominator": "7",
            "seed": "0x" + (7191847).to_bytes(8, "little").hex() + "00" * 24,
        },
        "compares 32 bits of a probability",
    ),
    *refusals(
        "kernels.discrete_gaussian",
        "discrete-gaussian",
        "discrete-gaussian-six",
        _NOISE_TWIN,
        [
            ("count-0", "no samples", {"count": "0"}),
            ("count-large", "2^31 + 1 samples", {"count": str(2**31 + 1)}),
            ("numerator-0", "a variance of 0", {"numerator": "0"}),
            ("numerator-large", "2^54", {"numerator": str(VARIANCE_MAX + 1)}),
            ("denominator-0", "nothing to divide by", {"denominator": "0"}),
            ("denominator-large", "2^54 below the line", {"denominator": str(VARIANCE_MAX + 1)}),
            ("seed-31", "a seed of 31 bytes", {"seed": _counting(31)}),
            ("seed-4", "a seed of 4 bytes", {"seed": "0x0badcafe"}),
        ],
    ),
    *pairs(
        "kernels.discrete_gaussian",
        "discrete-gaussian",
        "discrete-gaussian-six",
        _NOISE_TWIN,
        [
            ("count-and-variance", "no samples of variance 0", {"count": "0", "numerator": "0"}),
            ("large-and-variance", "too many samples of variance 0", {"count": str(2**31 + 1), "numerator": "0"}),
            ("variance-and-seed", "variance 0, a short seed", {"numerator": "0", "seed": _counting(31)}),
        ],
    ),
]

# ---- shares of a promise


def _noise(**change: int) -> Json:
    fields = {"clip_bound": 1000, "variance_numerator": 90000, "variance_denominator": 1, "colluders": 2, "budget": 0}
    return {name: str(value) for name, value in {**fields, **change}.items()}


_PROMISE: Json = {"noise": _noise(), "survivors_min": "12"}
_SHARE_FAULTS = [
    ("clip-0", "a clip bound of 0", {"noise": _noise(clip_bound=0)}),
    ("clip-large", "a clip bound of 2^32", {"noise": _noise(clip_bound=2**32)}),
    ("promise-0", "a variance of 0", {"noise": _noise(variance_numerator=0)}),
    ("promise-large", "a variance of 2^54", {"noise": _noise(variance_numerator=2**54)}),
    ("promise-denominator-0", "nothing to divide by", {"noise": _noise(variance_denominator=0)}),
    ("colluders-all", "as many colluders as survivors", {"noise": _noise(colluders=12)}),
    ("share-low", "nine tenths over two are below 1/2", {"noise": _noise(variance_denominator=20000)}),
]


def _share(name: str, comment: str, noise: Json, survivors: int, bug: str | None = None) -> Case:
    data = {"noise": noise, "survivors_min": str(survivors)}
    return Case("privacy.noise_share", f"noise-share-{name}", comment, data, bug=bug, flags=("Noise",))


_WIDE = _noise(variance_numerator=VARIANCE_MAX, variance_denominator=2**53 + 5, colluders=0)

NOISE_SHARE = [
    Case("privacy.noise_share", "noise-share-twelve", "ten honest survivors share it", _PROMISE),
    _share(
        "no-colluders",
        "twelve share it",
        _noise(colluders=0),
        12,
        "divides by the members that began, so that noise goes missing with dropouts",
    ),
    _share("one-honest", "eleven colluders of twelve: the one adds it all", _noise(colluders=11), 12, None),
    _share(
        "not-whole",
        "a share that is no whole number, in lowest terms",
        _noise(variance_numerator=100, variance_denominator=6),
        12,
        "rounds the share down, so that less is added than promised",
    ),
    _share("half", "a share of exactly 1/2", _noise(variance_numerator=5), 12),
    _share("widest", "numerator and denominator near their limits", _WIDE, 1),
    *refusals(
        "privacy.noise_share",
        "noise-share",
        "noise-share-twelve",
        _PROMISE,
        [
            *_SHARE_FAULTS,
            ("survivors-few", "two survivors, two colluders", {"survivors_min": "2"}),
            ("half-less", "four tenths", {"noise": _noise(variance_numerator=4)}),
        ],
    ),
    Case(
        "privacy.noise_share",
        "noise-share-denominator-large",
        "a share whose denominator is beyond the limit",
        {"noise": _WIDE, "survivors_min": "2"},
        twin="noise-share-widest",
        flags=("Guard",),
    ),
    *pairs(
        "privacy.noise_share",
        "noise-share",
        "noise-share-twelve",
        _PROMISE,
        [
            ("clip-and-promise", "no clip bound, no variance", {"noise": _noise(clip_bound=0, variance_numerator=0)}),
            (
                "promise-and-colluders",
                "no variance, everybody colludes",
                {"noise": _noise(variance_numerator=0, colluders=12)},
            ),
            (
                "clip-and-colluders",
                "no clip bound, two survivors",
                {"noise": _noise(clip_bound=0), "survivors_min": "2"},
            ),
        ],
    ),
]

# ---- noised inputs and their sums

_POWER: Json = {
    "noise": _noise(clip_bound=1, variance_numerator=(2**25 - 1) ** 2, colluders=11),
    "survivors_min": "12",
}
_INPUT: Json = {**_PROMISE, "update": [0, 5, -7, 300], "seed": SEED}

NOISED = [
    Case("privacy.noised_input", "noised-input-four", "a short update is not clipped", _INPUT),
    Case(
        "privacy.noised_input",
        "noised-input-clipped",
        "an update of norm 5000 comes to at most 1000 before noise is added",
        {**_INPUT, "update": [3000, -4000, 0, 0]},
        bug="adds noise first and clips the sum, so that noise is cut",
        flags=("Noise",),
    ),
    Case(
        "privacy.noised_input",
        "noised-input-zeros",
        "what is left of zeros is the noise",
        {**_INPUT, "update": [0] * 6},
        bug="draws with the promised variance or with none, not with the share",
        flags=("Noise",),
    ),
    *refusals(
        "privacy.noised_input",
        "noised-input",
        "noised-input-four",
        _INPUT,
        [
            *_SHARE_FAULTS,
            ("empty", "no coordinates", {"update": []}),
            ("outside", "a coordinate beyond Q", {"update": [0, 5, -7, 2**20]}),
            ("seed-31", "a seed of 31 bytes", {"seed": _counting(31)}),
        ],
    ),
    *pairs(
        "privacy.noised_input",
        "noised-input",
        "noised-input-four",
        _INPUT,
        [
            ("share-and-empty", "no variance, no coordinates", {"noise": _noise(variance_numerator=0), "update": []}),
            ("empty-and-seed", "no coordinates, a short seed", {"update": [], "seed": "0x"}),
            ("outside-and-seed", "beyond Q, a short seed", {"update": [-(2**20), 5, -7, 300], "seed": "0x"}),
        ],
    ),
    Case(
        "privacy.noised_bound",
        "noised-bound-twelve",
        "twelve inputs: the clip bound is below Q",
        {**_PROMISE, "summands": "12"},
    ),
    Case(
        "privacy.noised_bound",
        "noised-bound-no-clip",
        "a clip bound above Q: one coordinate holds Q at most",
        {"noise": _noise(clip_bound=2**32 - 1), "survivors_min": "12", "summands": "12"},
        bug="bounds a coordinate by the norm",
        flags=("Noise",),
    ),
    Case(
        "privacy.noised_bound",
        "noised-bound-many",
        "as many as the ring of 64 bits has room for",
        {**_PROMISE, "summands": str(2**32)},
    ),
    *refusals(
        "privacy.noised_bound",
        "noised-bound",
        "noised-bound-twelve",
        {**_PROMISE, "summands": "12"},
        [
            *_SHARE_FAULTS,
            ("summands-0", "no inputs", {"summands": "0"}),
            ("summands-many", "2^32 + 1 inputs", {"summands": str(2**32 + 1)}),
        ],
    ),
    Case(
        "privacy.noised_bound",
        "noised-bound-overflow",
        "so much noise that 2^32 inputs could wrap",
        {"noise": _noise(variance_numerator=VARIANCE_MAX), "survivors_min": "12", "summands": str(2**32)},
        twin="noised-bound-many",
        flags=("Guard",),
    ),
    Case(
        "privacy.noised_bound",
        "noised-bound-one",
        "one input alone",
        {**_PROMISE, "summands": "1"},
    ),
    Case(
        "privacy.noised_bound",
        "noised-bound-fits",
        "a bound of 2^63 - 1, the largest there is",
        {
            "noise": _noise(clip_bound=66, variance_numerator=47018382**2, colluders=11),
            "survivors_min": "12",
            "summands": "1532540863",
        },
        flags=("Noise",),
    ),
    Case(
        "privacy.noised_bound",
        "noised-bound-power",
        "inputs of up to 2^32, one less than 2^31 of them",
        {**_POWER, "summands": str(2**31 - 1)},
    ),
    Case(
        "privacy.noised_bound",
        "noised-bound-no-fit",
        "2^31 of them reach 2^63, and -2^63 is the same word",
        {**_POWER, "summands": str(2**31)},
        twin="noised-bound-power",
        flags=("Guard",),
    ),
    *pairs(
        "privacy.noised_bound",
        "noised-bound",
        "noised-bound-twelve",
        {**_PROMISE, "summands": "12"},
        [("share-and-summands", "no clip bound, no inputs", {"noise": _noise(clip_bound=0), "summands": "0"})],
    ),
]

# ---- cost and budget

_COST: Json = {**_PROMISE, "dimension": "1000"}


def _cost(name: str, comment: str, change: Json, bug: str | None = None) -> Case:
    return Case("privacy.round_cost", f"round-cost-{name}", comment, {**_COST, **change}, bug=bug, flags=("Noise",))


def _charge(name: str, comment: str, spent: int, cost: int, budget: int, bug: str | None = None) -> Case:
    data = {"spent": str(spent), "cost": str(cost), "budget": str(budget)}
    return Case("privacy.charge", f"charge-{name}", comment, data, bug=bug, flags=("Noise",) if bug else ())


_DEAREST = _noise(clip_bound=2**32 - 1, variance_numerator=2**39, colluders=11)
_LARGEST = _noise(
    clip_bound=3075862210, variance_numerator=6670835717783661, variance_denominator=23659, colluders=11
)

BUDGET = [
    Case("privacy.round_cost", "round-cost-thousand", "1000^2 / (2 * 300^2), rounded up, and one unit", _COST),
    _cost(
        "rounded-up",
        "a quotient that is not whole",
        {"noise": _noise(clip_bound=1, variance_numerator=2**54 - 1)},
        "rounds down, so that many rounds cost nothing",
    ),
    _cost(
        "one-honest",
        "one honest survivor: its noise is a discrete Gaussian and costs no more",
        {"noise": _noise(colluders=11)},
        "charges for a sum where there is none",
    ),
    _cost(
        "low-noise",
        "shares of variance 1/2: the sum is far from a discrete Gaussian",
        {"noise": _noise(clip_bound=1, variance_numerator=5)},
        "takes the sum of discrete Gaussians for a discrete Gaussian",
    ),
    _cost(
        "decay-floor",
        "14 s is no whole number",
        {"noise": _noise(clip_bound=1, variance_numerator=25, variance_denominator=2)},
        "rounds the exponent up",
    ),
    _cost("dimension-one", "one coordinate", {"dimension": "1"}),
    _cost(
        "dimension-most",
        "2^32 coordinates, with little noise",
        {"noise": _noise(variance_numerator=40), "dimension": str(2**32)},
    ),
    _cost("dearest", "the largest clip bound; the cost has just 64 bits", {"noise": _DEAREST}),
    *refusals(
        "privacy.round_cost",
        "round-cost",
        "round-cost-thousand",
        _COST,
        [
            *_SHARE_FAULTS,
            ("dimension-0", "no coordinates", {"dimension": "0"}),
            ("dimension-large", "2^32 + 1 coordinates", {"dimension": str(2**32 + 1)}),
        ],
    ),
    Case(
        "privacy.round_cost",
        "round-cost-too-dear",
        "a little less noise: no budget holds it",
        {**_COST, "noise": {**_DEAREST, "variance_numerator": str(2**39 - 2**10)}},
        twin="round-cost-dearest",
        flags=("Guard",),
    ),
    _cost("largest", "the largest cost there is, 2^64 - 1", {"noise": _LARGEST}),
    Case(
        "privacy.round_cost",
        "round-cost-one-more",
        "one honest survivor more: the unit for a sum makes it 2^64",
        {**_COST, "noise": _LARGEST, "survivors_min": "13"},
        twin="round-cost-largest",
        flags=("Guard",),
    ),
    *pairs(
        "privacy.round_cost",
        "round-cost",
        "round-cost-thousand",
        _COST,
        [("share-and-dimension", "everybody colludes, no coordinates", {"survivors_min": "2", "dimension": "0"})],
    ),
    _charge("first", "the first round", 0, 5, 20),
    _charge("last", "exactly what is left", 15, 5, 20, "keeps the last unit"),
    _charge("nothing", "a round that costs nothing, budget 0", 0, 0, 0),
    *refusals(
        "privacy.charge",
        "charge",
        "charge-last",
        {"spent": "15", "cost": "5", "budget": "20"},
        [
            ("spent-more", "one unit more is spent", {"spent": "16"}),
            ("cost-more", "one unit more is asked", {"cost": "6"}),
            ("budget-less", "one unit less is there", {"budget": "19"}),
            ("wraps", "the sum is beyond 64 bits", {"cost": str(2**64 - 10)}),
        ],
    ),
]

CASES: tuple[Case, ...] = (*GAUSSIAN_SAMPLES, *DISCRETE_GAUSSIAN, *NOISE_SHARE, *NOISED, *BUDGET)
