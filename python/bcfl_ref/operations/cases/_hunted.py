"""The bug that a case hunts, for cases that say only what they show.

Each of these is the one that catches a bug of the faulty testee; the others say so where they are written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from bcfl_ref.operations._base import Case, Trace

HUNTED = {
    "types-prove-3-2": "mixes in the number of chunks as a big-endian word",
    "types-word-18446744073709551615": "reads a sign bit and a magnitude",
    "quantize-nan": "makes 0 of what is no number",
    "weighted-sum-domain-above": "does not look at the domain, or has 2^20 inside",
    "weighted-sum-domain-weight-0": "skips vectors of weight 0 together with their guards",
    "trimmed-sum-trim-half": "accepts 2k = n",
    "agg-check-rule-krum-few": "accepts n = 2f + 2",
    "agg-multi-krum-select-all": "selects up to n",
    "agg-weighted-mean-equal-weights": "divides the weighted sum by the number of updates",
    "agg-mean-algorithm-1": "multiplies by b and divides by a",
    "agg-mean-domain": "clamps coordinates in place of refusing them",
    "agg-mean-weight-0": "lets an update of weight 0 take part",
    "agg-check-rule-unused-trim-bps": "ignores a parameter that the rule does not use",
    "agg-check-rule-rate-and-none": "looks at the number of updates before the rate",
    "agg-check-rule-unknown-128": "takes an extension that is not installed for the mean",
    "inf-transfer-too-much-to-unknown": "asks for the balance before the recipient",
    "inf-check-height-next": "does not look at the height",
    "inf-genesis-too-rich": "sets no limit to the tokens at the beginning",
    "inf-apply-proposer": "lets anybody propose",
    "con-proposer-view-range": "finds a proposer for any view",
    "con-check-vote-seat": "takes a vote without a seat",
    "con-conflict-order": "takes the greater root first, so that one offence has two encodings",
    "mask-add-three": "reads the first byte of a word as its highest",
    "shamir-share-secret-p": "takes the modulus for an element",
    "shamir-share-threshold-1": "gives the secret as every share",
    "shamir-reconstruct-one-missing": "rebuilds some number from too few shares",
    "packed-share-threshold-pack": "lets the threshold be the size of a block",
    "x25519-zero-order-8": "takes a peer key of small order",
    "pair-key-reflected": "takes one's own public key from a peer",
    "open-shares-upwards": "binds the direction only, and no keys",
    "unmask-sum-overlap": "lets a member have dropped out and survived",
    "mask-input-twice": "lets neighbours ascend, but not strictly",
    "from-ring-above": "goes on with a sum beyond its bound",
    "limbs-to-secret-first": "adds up limbs out of range",
    "edge-share-changed": "does not compare a share with its commitment",
    "rebuild-secret-mark": "does not compare a rebuilt secret with the published mark",
    "prv-groups-two": "draws groups anew in each round",
    "prv-advertise-zero-share": "looks at the mask key only",
    "prv-client-answer": "rebuilds the seed of who dropped out",
    "prv-inputs-odd-kind": "lets a blob of another form survive",
    "discrete-gaussian-six": "rounds the scale up where the root is whole, or draws from the stream of masks",
    "gaussian-samples-zero": "reads the first byte of a word as its highest",
    "gaussian-samples-short": "makes a word of the last bytes although one is missing",
    "discrete-gaussian-denominator-large": "does not look at the denominator",
    "noise-share-twelve": "divides by all survivors, so that colluders take a part of the noise away",
    "noise-share-half-less": "takes shares below 1/2, whose sum is far from a Gaussian",
    "noised-bound-twelve": "bounds a sum as if it had no noise",
    "round-cost-thousand": "takes the norm of a difference for half of what it can be",
    "charge-cost-more": "counts what is spent and never compares it",
    "charge-wraps": "counts what is spent in 64 bits that begin again",
    "additive-open-three": "does not reduce the sum of the shares",
    "from-large-below": "passes on what is beyond the bound of a result",
    "product-open-first": "publishes the factor on the right as it is",
    "truncation-open-first": "masks negative numbers without moving them above zero",
    "logistic-residual-three": "takes labels for 0 and 1",
    "check-point-identity": "decodes infinity like any point",
    "check-point-identity-dirty": "knows only the plain spelling of the identity",
    "check-point-subgroup": "asks for the curve and not for the subgroup",
    "multiply-point-scalar-0": "gives the identity for a scalar of zero",
    "alignment-secrets-first": "derives the padding key like the scalar",
    "blind-set-repeated": "takes an identifier that is there twice once",
    "check-blinded-set-subgroup": "does not look at the points of a shown set",
    "check-blinded-set-repeated": "lets points ascend, but not strictly",
    "blind-again-reflected": "refuses only a whole set that is one's own",
    "align-second": "orders common rows by one's own identifiers",
    "align-padding": "leaves out common points that are padding in silence",
    "align-identity": "does not look at the peer's list",
    "ctr-commit-first-height": "opens every window one height late",
    "ctr-join-other-terms": "does not compare the terms that a participant consents to",
    "ctr-reveal-many-samples": "takes any sample count",
    "ctr-settle-aggregated": "pays the round and leaves the escrow: double payment",
    "app-partition-skewed": "lets what a trainer has of a class attract no more of it",
}


def hunting(cases: Iterable[Case | Trace]) -> Iterator[Case | Trace]:
    """The cases, those of the table with their bug. Errors: KeyError for names of the table that no case bears."""
    left = dict(HUNTED)
    for case in cases:
        if case.id in left and case.bug is None:
            yield dataclasses.replace(case, bug=left.pop(case.id))
        else:
            yield case
    if left:
        raise KeyError(f"no case without a bug is called {', '.join(left)}")
