"""Cases that small changes of privacy, keys, kernels and the integer trainer asked for; `strength` has the others."""

from __future__ import annotations

from ...crypto import bls
from .._base import Case, Json
from . import application, noise, privacy, types
from .consensus import _with
from .kernels import decimals

NOTE = "found by changing the reference"
_MODULES = (application, noise, privacy, types)
_KNOWN: dict[str, Case] = {case.id: case for module in _MODULES for case in module.CASES}


def _accepted(like: str, name: str, comment: str, bug: str, *changes: tuple[str, Json]) -> Case:
    """Another accepted input like a known one; it can be the twin of later cases."""
    known = _KNOWN[like]
    case = Case(known.operation, name, comment, _with(known.input, *changes), bug=bug, flags=("Boundary",), note=NOTE)
    _KNOWN[name] = case
    return case


def _refused(
    twin: str, name: str, comment: str, bug: str, *changes: tuple[str, Json], follows: tuple[str, ...] = ()
) -> Case:
    """`twin` with one change, or with two that break two guards; what `follows` is dragged along."""
    known = _KNOWN[twin]
    return Case(
        known.operation,
        name,
        comment,
        _with(known.input, *changes),
        bug=bug,
        flags=("Adversarial",),
        note=NOTE,
        twin=twin,
        two_fault=len(changes) - len(follows) == 2,
        follows=follows,
    )


# ---- PRV-025: sizes of graphs


def _sizes() -> list[Case]:
    """The largest degree, and a graph that is complete at it."""
    base = "graph-size-10-4"
    near = (("corrupt_bps", "5000"), ("dropout_bps", "4000"), ("sigma", "128"), ("eta", "1"), ("bias", "128"))
    rare = (("corrupt_bps", "0"), ("dropout_bps", "8346"), ("sigma", "128"), ("eta", "1"), ("bias", "128"))
    return [
        _accepted(
            base,
            "graph-size-complete-2046",
            "2047 members, each with all others as neighbours",
            "looks at smaller degrees only",
            ("members", "2047"),
            *near,
        ),
        _refused(
            "graph-size-complete-2046",
            "graph-size-complete-2047",
            "one member more, and nobody can have so many neighbours",
            "complete graphs of any size",
            ("members", "2048"),
        ),
        _accepted(
            base,
            "graph-size-degree-2046",
            "nothing below the largest degree keeps 2060 members connected",
            "the last degree is left out",
            ("members", "2060"),
            *rare,
        ),
        _accepted(base, "graph-size-four", "four members", "< for <=", ("members", "4"), ("dropout_bps", "0")),
        _refused(
            "graph-size-threshold-2",
            "graph-size-all-but-one",
            "9999 of 10000 drop out: a fraction below 1, for which there is no graph",
            "one basis point less",
            ("dropout_bps", "9999"),
        ),
        _refused(
            "graph-size-four",
            "graph-size-all-corrupt",
            "three of four corrupt: a member has nobody else, and no threshold is above all neighbours",
            "looks for more corrupt neighbours than there are neighbours",
            ("corrupt_bps", "9999"),
        ),
    ]


# ---- PRV-011, PRV-012: lengths


def _lengths() -> list[Case]:
    """The ends of what is derived from, sealed and opened."""
    sealed = _accepted(
        "seal-rfc8439-2-8-2",
        "seal-longest",
        "4096 bytes",
        "< for <=",
        ("plaintext", privacy._zeros(4096)),
    )
    message = privacy._answer("privacy.seal", sealed.input)["message"]
    return [
        *(
            _accepted(
                "derive-key-rfc5869-3",
                f"derive-key-secret-{length}",
                f"a secret of {length} bytes",
                "< for <=",
                ("secret", "0x" + "0b" * length),
            )
            for length in (16, 64)
        ),
        _accepted(
            "derive-key-rfc5869-3",
            "derive-key-info-1024",
            "the longest context",
            "< for <=",
            ("info", privacy._zeros(1024)),
        ),
        sealed,
        _accepted("unseal-rfc8439-2-8-2", "unseal-longest", "4096 bytes and a tag", "< for <=", ("message", message)),
        _refused(
            "unseal-longest",
            "unseal-too-long",
            "one byte more",
            "asks the tag before the length",
            ("message", message + "00"),
        ),
    ]


# ---- PRV-016, PRV-019: the most holders


def _holders() -> list[Case]:
    """The ends of pack, threshold and position, and that positions come first."""
    least = privacy._answer("kernels.packed_share", {**privacy._PACKED_TWIN, "threshold": "6"})["shares"]
    seven = "packed-reconstruct-seven"
    return [
        _accepted(
            seven,
            "packed-reconstruct-six",
            "one share says nothing, six rebuild",
            "wants one share more",
            ("shares", least[:6]),
            ("positions", decimals(*range(6))),
            ("threshold", "6"),
        ),
        _refused(
            seven,
            "packed-reconstruct-pack-2047",
            "as many secrets in a block as there can be shares",
            "refuses the threshold, which no block of this size allows",
            ("pack", "2047"),
        ),
        _refused(
            seven,
            "packed-reconstruct-pack-2046",
            "the largest block, with a threshold below it",
            "refuses the block",
            ("pack", "2046"),
        ),
        *(
            _refused(
                twin,
                f"{slug}-threshold-{threshold}",
                comment,
                bug,
                ("threshold", threshold),
            )
            for twin, slug in ((seven, "packed-reconstruct"), ("shamir-reconstruct-three", "shamir-reconstruct"))
            for threshold, comment, bug in (
                ("2047", "the largest threshold, and shares are missing", "refuses the threshold"),
                ("2048", "a threshold that nobody shares with", "counts the shares first"),
            )
        ),
        _accepted(
            "shamir-reconstruct-three",
            "shamir-reconstruct-last-position",
            "the last holder there can be",
            "counts positions from 1",
            ("positions", decimals(0, 2, 2046)),
        ),
        _refused(
            "discrete-gaussian-six",
            "discrete-gaussian-denominator-and-seed",
            "nothing to divide by, a short seed",
            "looks at the seed first",
            ("denominator", "0"),
            ("seed", privacy._counting(31)),
        ),
    ]


# ---- TYP-013, TYP-016: points


def _points() -> list[Case]:
    """No bytes at all, and keys that cancel each other."""
    opposite = bytes([types._KEY[0] ^ 0x20]) + types._KEY[1:]
    keys = ["0x" + key.hex() for key in (types._KEY, opposite)]
    found = [
        ("bls_key_validate", "types-bls-key-empty", "no bytes", "types-bls-key", ("public_key", "0x")),
        ("bls_verify", "types-bls-verify-key-empty", "no bytes", "types-bls-verify", ("public_key", "0x")),
        ("bls_verify", "types-bls-verify-signature-empty", "no bytes", "types-bls-verify", ("signature", "0x")),
        (
            "bls_fast_aggregate_verify",
            "types-bls-fast-cancel",
            "two keys cancel",
            "types-bls-fast-2",
            ("public_keys", keys),
        ),
    ]
    return [
        Case(
            f"types.{operation}",
            name,
            comment,
            _with(_KNOWN[like].input, change),
            bug="reads the first byte of nothing" if "empty" in name else "a sum at infinity fits everything",
            flags=("Adversarial",),
            note=NOTE,
        )
        for operation, name, comment, like, change in found
    ] + [
        Case(
            "types.bls_fast_aggregate_verify",
            "types-bls-fast-cancelled-of-three",
            "two of three keys cancel, and the third has signed",
            {
                "public_keys": [keys[0], keys[1], "0x" + bls.public_key(1).hex()],
                "message": "0x" + types._MESSAGE.hex(),
                "signature": "0x" + bls.sign(1, types._MESSAGE).hex(),
            },
            bug="refuses keys that cancel in a sum that is not infinity",
            flags=("Boundary",),
            note=NOTE,
        )
    ]


# ---- APP-031, APP-033: guards in their order


def _samples() -> list[Case]:
    """Too many samples, none, and the widest."""
    many: list[tuple[str, Json]] = [("features", [[0, 0, 0]] * 4097), ("labels", [0] * 4097)]
    return [
        _refused(
            "app-softmax-step-plain",
            "app-softmax-step-batch-and-scale",
            "4097 samples, and nothing to divide by",
            "looks into the samples before it counts them",
            ("scale", "0"),
            *many,
            follows=("/labels",),
        ),
        _refused(
            "app-softmax-evaluate-plain",
            "app-softmax-evaluate-empty-and-scale",
            "no samples, and nothing to divide by",
            "the scale before the samples",
            ("scale", "0"),
            ("features", []),
            ("labels", []),
            follows=("/labels",),
        ),
        _accepted(
            "app-softmax-evaluate-plain",
            "app-softmax-evaluate-widest",
            "one sample of 65535 features",
            "< for <=",
            ("features", [[0] * 65535]),
            ("labels", [0]),
            ("model", [0] * 2**17),
        ),
        _refused(
            "app-softmax-evaluate-widest",
            "app-softmax-evaluate-too-wide",
            "one feature more, and a model of that size",
            "samples of any width",
            ("features", [[0] * 65536]),
            ("model", [0] * (2**17 + 2)),
            follows=("/model",),
        ),
    ]


CASES: tuple[Case, ...] = (*_sizes(), *_lengths(), *_holders(), *_points(), *_samples())
