"""Cases that small changes of privacy, keys, kernels and the integer trainer asked for; `strength` has the others."""

from __future__ import annotations

from ...crypto import bls
from ...encoding import hash_bytes
from .._base import Case, Json
from . import application, kernels, noise, privacy, strength, types
from .consensus import _with
from .kernels import decimals

NOTE = "found by changing the reference"
_MODULES = (application, kernels, noise, privacy, strength, types)
_KNOWN: dict[str, Case] = {case.id: case for module in _MODULES for case in module.CASES if isinstance(case, Case)}


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


def _regression() -> list[Case]:
    """APP-031, APP-033: the ends of scale, classes and weights."""
    plain, step, train = "app-softmax-evaluate-plain", "app-softmax-step-plain", "app-softmax-train-plain"
    flat: tuple[tuple[str, Json], ...] = (
        ("features", [[4, 0, 0], [0, 3, 0], [1, 4, 0], [2, 2, 0], [0, 0, 0]]),
        ("model", [0, 1000, 65536, -32768, 2**31 - 1, -65536, 32768, -(2**31)]),
    )
    low, label = application.EDGE, [0, 1, 1, 0, 2]
    return [
        _accepted(plain, "app-softmax-evaluate-scale-most", "the largest scale", "< for <=", ("scale", "4096")),
        _refused(
            "app-softmax-evaluate-most-classes",
            "app-softmax-evaluate-classes-above",
            "257 classes, and a model of that size",
            "any number of classes",
            ("classes", "257"),
            ("model", [0] * 514),
            follows=("/model",),
        ),
        _refused(
            plain,
            "app-softmax-evaluate-one-class-model",
            "one class, and a model of that size",
            "one class is a choice",
            ("classes", "1"),
            ("model", [0] * 4),
            follows=("/model",),
        ),
        _refused(
            "app-softmax-evaluate-most-classes",
            "app-softmax-evaluate-no-features",
            "a sample of nothing, and a model of biases",
            "a model of biases alone",
            ("features/0", []),
            ("model", [0] * 256),
            follows=("/model",),
        ),
        _accepted(step, "app-softmax-step-ends", "weights at both ends, which no feature moves", "< for <=", *flat),
        _accepted(
            step, "app-softmax-step-edge-low", "near the lower end", "< for <=", ("model/0", -low), ("model/1", -low)
        ),
        _refused(
            "app-softmax-step-edge-low",
            "app-softmax-step-underflow",
            "a huge rate pushes a bias out below",
            "looks at the largest weight only",
            ("rate_numerator", "60000"),
        ),
        *(
            _refused(
                twin,
                twin.replace("plain", "label-and-rate"),
                "class 2 of 2, and no rate",
                "the rate before the samples",
                ("labels", label),
                ("rate_numerator", "0"),
            )
            for twin in (step, train)
        ),
        _refused(
            train,
            "app-softmax-train-batch-and-scale",
            "batches of nothing, and nothing to divide by",
            "the samples before the size of batches",
            ("batch_size", "0"),
            ("scale", "0"),
        ),
    ]


def _parameters() -> list[Case]:
    """TYP-018: every parameter at its largest, as far as they agree."""
    most = {
        "epoch_heights": 2,
        "seats_max": 1024,
        "stake_min": 2**48,
        "unbonding_heights": 2**32,
        "evidence_heights": 2**32 - 7,
        "window_heights_min": 2**16 - 1,
        "transactions_per_block": 4096,
        "transactions_per_sender": 4096,
        "tasks_open_max": 1024,
        "participants_max": 2047,
        "reputation_initial_bps": 10_000,
        "reputation_min_bps": 10_000,
        "reputation_max_bps": 10_000,
        "reputation_gain_bps": 10_000,
        "reputation_loss_bps": 10_000,
    }
    changes = [(f"parameters/{name}", str(value)) for name, value in most.items()]
    text = "every parameter at its largest"
    return [_accepted("types-parameters-minimal", "types-parameters-most", text, "< for <=", *changes)]


def _sharing() -> list[Case]:
    """PRV-012, PRV-016 to PRV-019: few shares, small blocks, and guards in their order."""
    one = privacy._answer("kernels.packed_share", {**privacy._PACKED_TWIN, "pack": "1", "threshold": "3"})["shares"]
    nothing = privacy._answer("privacy.seal", {**privacy._SEAL_TWIN, "plaintext": "0x"})["message"]
    shamir, packed = "shamir-reconstruct-three", "packed-reconstruct-seven"
    return [
        _accepted("unseal-rfc8439-2-8-2", "unseal-nothing", "a tag alone", "< for <=", ("message", nothing)),
        _refused(
            "unseal-rfc8439-2-8-2",
            "unseal-nonce-and-message",
            "a short nonce, no tag",
            "the message before the nonce",
            ("nonce", "0x"),
            ("message", "0x"),
        ),
        _accepted(
            "packed-share-two-blocks",
            "packed-share-least",
            "two holders, blocks of one",
            "wants a third holder",
            ("pack", "1"),
            ("threshold", "2"),
            ("count", "2"),
        ),
        _refused(
            "packed-share-two-blocks",
            "packed-share-empty-and-count",
            "no secrets, one holder",
            "counts holders first",
            ("secrets", []),
            ("count", "1"),
        ),
        _accepted(
            packed,
            "packed-reconstruct-one-each",
            "blocks of one secret",
            "wants two secrets a block",
            ("shares", one[:3]),
            ("positions", decimals(0, 1, 2)),
            ("pack", "1"),
            ("threshold", "3"),
        ),
        _refused(
            packed,
            "packed-reconstruct-none-and-pack",
            "no shares, blocks of nothing",
            "the block before the shares",
            ("shares", []),
            ("pack", "0"),
        ),
        _refused(
            shamir,
            "shamir-reconstruct-one",
            "a single share",
            "compares the second share with the first",
            ("shares", privacy._SHARES[:1]),
            ("positions", ["0"]),
            follows=("/positions",),
        ),
        _refused(
            shamir,
            "shamir-reconstruct-most-shares",
            "as many shares as there can be, at three positions",
            "refuses so many",
            ("shares", [["1"]] * 2047),
        ),
    ]


def _rebuilding() -> list[Case]:
    """PRV-014, PRV-024, PRV-027, PRV-062: guards in their order, and an attempt that just fails."""
    dealt = "rebuild-secret-key"
    return [
        _refused(
            "unmask-sum-one-dropped",
            "unmask-sum-unknown-and-overlap",
            "10 did not survive, and 2 did",
            "looks at the second of a pair first",
            ("broken/1/survivor", "10"),
            ("broken/1/dropped", "2"),
        ),
        _refused(
            "secret-mark-seed", "secret-mark-seed-31", "31 bytes", "any seed", ("secret", privacy._counting(31))
        ),
        _refused(
            dealt,
            "rebuild-secret-kind-and-holders",
            "no such kind, and holders out of order",
            "the holders before the kind",
            ("secret", "0"),
            ("holders", decimals(3, 1, 7, 11, 12)),
        ),
        _refused(
            dealt,
            "rebuild-secret-position-between",
            "a position without a holder that a lower one follows",
            "the order before the range",
            ("revealed/1/position", "5"),
        ),
        _refused(
            "neighbour-graph-complete",
            "neighbour-graph-degree-members",
            "as many neighbours as members",
            "counts oneself among the others",
            ("degree", "6"),
        ),
        _accepted(
            "discrete-gaussian-six",
            "discrete-gaussian-two",
            "variance 2: a candidate of 3 is just one attempt away",
            "> for >=",
            ("count", "96"),
            ("numerator", "2"),
        ),
    ]


def _trees() -> list[Case]:
    """TYP-008, TYP-011, AGG-008, AGG-013: vectors and chunks of nothing, a branch too long, and the longest bytes."""
    proof = _KNOWN["types-verify-chunk-2"].input["proof"]
    above = hash_bytes(bytes(32), bytes.fromhex(proof["blob_root"][2:]))
    longest, name = "0x" + b"p".hex() * 32, "0x" + b"x".hex() * 64
    return [
        _accepted("app-draw-five", "app-draw-longest-purpose", "32 bytes", "< for <=", ("purpose", longest)),
        _accepted(
            "app-initial-model-two-tensors",
            "app-initial-model-longest-name",
            "a name of 64 bytes",
            "< for <=",
            ("layout/tensors/1/name", name),
        ),
        _refused(
            "median-kernel-four", "median-kernel-all-empty", "no coordinates", "no check", ("vectors", [[], []])
        ),
        _refused(
            "ssz-merkleize-none-of-five",
            "ssz-merkleize-none-of-none",
            "no chunk under a limit of none",
            "only looks whether the chunks fit",
            ("limit", "0"),
        ),
        _refused(
            "types-verify-chunk-2",
            "types-verify-chunk-branch-long",
            "one level more, and it leads to the root",
            "a branch of any length",
            ("proof/branch", [*proof["branch"], "0x" + "00" * 32]),
            ("proof/blob_root", "0x" + above.hex()),
            follows=("/proof/blob_root",),
        ),
        _refused(
            "types-verify-chunk-2",
            "types-verify-chunk-index-and-chunk",
            "beyond the tree, and another chunk: index first",
            "hashes first",
            ("proof/index", "4194304"),
            ("chunk", "0x00"),
        ),
    ]


CASES: tuple[Case, ...] = (
    *_sizes(),
    *_lengths(),
    *_holders(),
    *_points(),
    *_samples(),
    *_regression(),
    *_parameters(),
    *_sharing(),
    *_rebuilding(),
    *_trees(),
)
