"""Two faults at once: for neighbours in the list of an operation's guards, which of them is asked first.

A row names two refused cases of one operation whose faults lie at different places. Both faults go into the twin of
the first, and the code of the first must come out; the generator asks that each pair of neighbours is shown so, by
these cases or by others, or named in `operations._orders` with a reason.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping

from bcfl_ref.errors import InvariantError

from .._base import Case, Json, Trace
from .._orders import put, set_at
from .._proof import differences

#: The code of the first case, that of the second, the cases.
PAIRS = (
    ("BLOB_LENGTH", "BLOB_MISMATCH", "types-check-blob-odd", "types-check-blob-chunk-missing"),
    ("VECTOR_LENGTH", "DOMAIN_COORDINATE", "median-kernel-lengths", "median-kernel-domain-below"),
    ("VECTOR_LENGTH", "DOMAIN_COORDINATE", "pairwise-sqdist-lengths", "pairwise-sqdist-domain-below"),
    ("RATE_RANGE", "EMPTY", "agg-mean-rate-numerator", "agg-mean-no-updates"),
    ("RATE_RANGE", "EMPTY", "agg-weighted-mean-rate-numerator", "agg-weighted-mean-no-updates"),
    ("RATE_RANGE", "EMPTY", "agg-coordinate-median-rate-numerator", "agg-coordinate-median-no-updates"),
    ("RATE_RANGE", "EMPTY", "agg-trimmed-mean-rate-numerator", "agg-trimmed-mean-no-updates"),
    ("VECTOR_COUNT", "TRIM_RANGE", "agg-trimmed-mean-too-many", "agg-trimmed-mean-trim-half"),
    ("VECTOR_COUNT", "BYZANTINE_RANGE", "agg-krum-scores-too-many", "agg-krum-scores-byzantine"),
    ("VECTOR_LENGTH", "DOMAIN_COORDINATE", "agg-krum-scores-length", "agg-krum-scores-domain"),
    ("RATE_RANGE", "EMPTY", "agg-krum-rate-numerator", "agg-krum-no-updates"),
    ("VECTOR_COUNT", "BYZANTINE_RANGE", "agg-krum-too-many", "agg-krum-byzantine"),
    ("RATE_RANGE", "EMPTY", "agg-multi-krum-rate-numerator", "agg-multi-krum-no-updates"),
    ("VECTOR_COUNT", "BYZANTINE_RANGE", "agg-multi-krum-too-many", "agg-multi-krum-byzantine"),
    ("SELECT_RANGE", "WEIGHT_COUNT", "agg-multi-krum-select-0", "agg-multi-krum-weight-missing"),
    ("RATE_RANGE", "EMPTY", "agg-norm-bounded-mean-rate-numerator", "agg-norm-bounded-mean-no-updates"),
    ("VECTOR_COUNT", "NORM_BOUND_RANGE", "agg-norm-bounded-mean-too-many", "agg-norm-bounded-mean-bound-0"),
    ("RATE_RANGE", "EMPTY", "agg-bulyan-rate-numerator", "agg-bulyan-no-updates"),
    ("VECTOR_COUNT", "BYZANTINE_RANGE", "agg-bulyan-too-many", "agg-bulyan-byzantine"),
    ("RULE_UNKNOWN", "PARAMETER_UNUSED", "agg-check-rule-unknown-8", "agg-check-rule-unused-trim-bps"),
    ("RULE_UNKNOWN", "PARAMETER_UNUSED", "agg-aggregate-unknown", "agg-aggregate-unused"),
    ("PARAMETER_UNUSED", "RATE_RANGE", "agg-aggregate-unused", "agg-aggregate-rate"),
    ("RATE_RANGE", "EMPTY", "agg-aggregate-rate", "agg-aggregate-no-updates"),
    ("NORM_BOUND_RANGE", "WEIGHT_COUNT", "agg-aggregate-bound", "agg-aggregate-weight-missing"),
    ("PARAMETER_RANGE", "KEY_KNOWN", "inf-genesis-parameters", "inf-genesis-same-key"),
    ("IDENTITY_UNKNOWN", "EVIDENCE_VOTER", "inf-evidence-unknown", "inf-evidence-voters"),
    ("EVIDENCE_VOTER", "EVIDENCE_SLOT", "inf-evidence-voters", "inf-evidence-views"),
    ("EVIDENCE_ORDER", "EVIDENCE_HEIGHT", "inf-evidence-order", "inf-evidence-late"),
    ("EVIDENCE_HEIGHT", "EVIDENCE_KNOWN", "inf-evidence-late", "inf-evidence-punished"),
    ("SENDER_UNKNOWN", "SIGNATURE_INVALID", "inf-authenticate-unknown", "inf-authenticate-other-amount"),
    ("SENDER_UNKNOWN", "NONCE_MISMATCH", "inf-admit-sender", "inf-admit-replay"),
    ("BODY_MISMATCH", "TRANSACTION_COUNT", "inf-check-body-certificate", "inf-check-too-many"),
    ("CERTIFICATE_HEIGHT", "CERTIFICATE_BLOCK", "inf-signed-certificate-height", "inf-signed-certificate-block"),
    ("CERTIFICATE_BLOCK", "VIEW_RANGE", "inf-signed-certificate-block", "inf-signed-certificate-view-range"),
    ("VIEW_RANGE", "CERTIFICATE_LENGTH", "inf-signed-certificate-view-range", "inf-signed-certificate-length"),
    (
        "CERTIFICATE_QUORUM",
        "CERTIFICATE_SIGNATURE",
        "inf-signed-certificate-quorum",
        "inf-signed-certificate-one-signature",
    ),
    ("CERTIFICATE_SIGNATURE", "SENDER_UNKNOWN", "inf-signed-certificate-other-seats", "inf-signed-proposer-unknown"),
    ("SENDER_UNKNOWN", "REVEAL_INVALID", "inf-signed-proposer-unknown", "inf-signed-reveal-other"),
    ("BODY_MISMATCH", "TRANSACTION_COUNT", "inf-apply-body-certificate", "inf-apply-too-many"),
    ("SENDER_CAP", "VIEW_RANGE", "inf-apply-sender-cap", "inf-apply-view-limit"),
    ("VIEW_RANGE", "PROPOSER_MISMATCH", "inf-apply-view-limit", "inf-apply-proposer-old"),
    ("PROPOSER_MISMATCH", "SENDER_UNKNOWN", "inf-apply-proposer", "inf-apply-sender"),
    ("BALANCE_INSUFFICIENT", "STATE_ROOT_MISMATCH", "inf-apply-refused", "inf-apply-state-root"),
    ("REVEAL_INVALID", "PARENT_MISMATCH", "inf-record-reveal", "inf-record-parent"),
    ("PARENT_MISMATCH", "STATE_ROOT_MISMATCH", "inf-record-parent", "inf-record-state-root"),
    ("STATE_ROOT_MISMATCH", "CERTIFICATE_HEIGHT", "inf-record-state-root", "inf-record-certificate-height"),
    ("CERTIFICATE_HEIGHT", "CERTIFICATE_BLOCK", "inf-record-certificate-height", "inf-record-certificate-block"),
    ("CERTIFICATE_BLOCK", "VIEW_RANGE", "inf-record-certificate-block", "inf-record-certificate-view-range"),
    ("VIEW_RANGE", "CERTIFICATE_QUORUM", "inf-record-certificate-view-range", "inf-record-certificate-quorum"),
    ("VOTE_SEAT", "VOTE_SIGNATURE", "con-authenticate-vote-seat", "con-authenticate-vote-block"),
    ("PROPOSAL_ROOT", "CANDIDATES_EMPTY", "con-check-proposal-nil", "con-check-proposal-seats"),
    ("CANDIDATES_EMPTY", "HEIGHT_EPOCH", "con-check-proposal-seats", "con-check-proposal-epoch"),
    ("PROPOSAL_ROOT", "HEIGHT_EPOCH", "con-authenticate-proposal-nil", "con-authenticate-proposal-epoch"),
    (
        "PROPOSAL_PROPOSER",
        "PROPOSAL_SIGNATURE",
        "con-authenticate-proposal-proposer",
        "con-authenticate-proposal-block",
    ),
    ("PROPOSAL_BLOCK", "CANDIDATES_EMPTY", "con-proposed-block-root", "con-proposed-block-seats"),
    ("CANDIDATES_EMPTY", "HEIGHT_EPOCH", "con-proposed-block-seats", "con-proposed-block-epoch"),
    ("VIEW_RANGE", "CERTIFICATE_QUORUM", "con-assemble-view", "con-assemble-quorum"),
    ("CERTIFICATE_QUORUM", "CERTIFICATE_SIGNATURE", "con-verify-certificate-quorum", "con-verify-certificate-view"),
    ("EVIDENCE_ORDER", "EVIDENCE_HEIGHT", "con-equivocation-order", "con-equivocation-late"),
    ("RING_WIDTH", "VALUE_RANGE", "mask-add-ring-33", "mask-add-word-too-large"),
    ("RING_WIDTH", "VALUE_RANGE", "mask-add-many-ring-16", "mask-add-many-word-too-large"),
    ("SHARE_COUNT", "THRESHOLD_RANGE", "shamir-share-count-2048", "shamir-share-threshold-1"),
    ("VECTOR_LENGTH", "POSITION_COUNT", "shamir-reconstruct-lengths", "shamir-reconstruct-positions-two"),
    ("POSITION_COUNT", "POSITION_RANGE", "shamir-reconstruct-most-shares", "shamir-reconstruct-position-2047"),
    ("THRESHOLD_RANGE", "SHARES_MISSING", "shamir-reconstruct-threshold-1", "shamir-reconstruct-one"),
    ("PACK_RANGE", "THRESHOLD_RANGE", "packed-share-pack-0", "packed-share-threshold-pack"),
    ("KEY_LENGTH", "FIELD_RANGE", "packed-share-seed-33", "packed-share-secret-p"),
    ("VECTOR_LENGTH", "POSITION_COUNT", "packed-reconstruct-lengths", "packed-reconstruct-positions-six"),
    ("POSITION_ORDER", "PACK_RANGE", "packed-reconstruct-position-twice", "packed-reconstruct-pack-0"),
    ("THRESHOLD_RANGE", "SHARES_MISSING", "packed-reconstruct-pack-2046", "packed-reconstruct-one-missing"),
    ("SHARES_MISSING", "FIELD_RANGE", "packed-reconstruct-one-missing", "packed-reconstruct-element-p"),
    ("KEY_LENGTH", "KEY_REPEATED", "pair-key-secret-31", "pair-key-reflected"),
    ("MESSAGE_LENGTH", "CIPHERTEXT_INVALID", "unseal-message-15", "unseal-associated"),
    ("KEY_LENGTH", "MESSAGE_LENGTH", "seal-shares-key-31", "seal-shares-plaintext-4097"),
    ("KEY_LENGTH", "MESSAGE_LENGTH", "open-shares-lower-0", "open-shares-malformed"),
    ("MESSAGE_LENGTH", "CIPHERTEXT_INVALID", "open-shares-malformed", "open-shares-reflected"),
    ("RING_WIDTH", "VALUE_RANGE", "mask-input-ring-16", "mask-input-word"),
    ("VALUE_RANGE", "MEMBER_ORDER", "mask-input-word", "mask-input-order"),
    ("EMPTY", "KEY_LENGTH", "mask-input-empty", "mask-input-seed-31"),
    ("RING_WIDTH", "VALUE_RANGE", "unmask-sum-ring-65", "unmask-sum-word"),
    ("VALUE_RANGE", "MEMBER_ORDER", "unmask-sum-word", "unmask-sum-survivor-twice"),
    ("EMPTY", "KEY_LENGTH", "unmask-sum-empty", "unmask-sum-seed-31"),
    ("RING_WIDTH", "VALUE_RANGE", "from-ring-ring-0", "from-ring-word"),
    ("VALUE_RANGE", "RING_OVERFLOW", "from-ring-word", "from-ring-bound"),
    ("RING_OVERFLOW", "RING_SUM_RANGE", "from-ring-bound", "from-ring-above"),
    ("POSITION_RANGE", "POSITION_ORDER", "rebuild-secret-position-between", "rebuild-secret-position-twice"),
    ("POSITION_ORDER", "SHARES_MISSING", "rebuild-secret-position-twice", "rebuild-secret-missing"),
    ("EMPTY", "VECTOR_LENGTH", "additive-open-empty", "additive-open-lengths"),
    ("FIELD_RANGE", "RESULT_RANGE", "from-large-element-r", "from-large-above"),
    ("EMPTY", "VECTOR_LENGTH", "combine-shares-empty-first", "combine-shares-lengths"),
    ("TRIPLE_SHAPE", "EMPTY", "sacrifice-open-burnt-four-rows", "sacrifice-open-empty"),
    ("EMPTY", "VECTOR_LENGTH", "sacrifice-open-empty", "sacrifice-open-burnt-longer"),
    ("VECTOR_LENGTH", "FIELD_RANGE", "sacrifice-open-burnt-longer", "sacrifice-open-kept-r"),
    ("TRIPLE_SHAPE", "EMPTY", "sacrifice-close-burnt-four-rows", "sacrifice-close-empty"),
    ("EMPTY", "VECTOR_LENGTH", "sacrifice-close-empty", "sacrifice-close-burnt-longer"),
    ("VECTOR_LENGTH", "FIELD_RANGE", "sacrifice-close-burnt-longer", "sacrifice-close-kept-r"),
    ("EMPTY", "VECTOR_LENGTH", "product-open-empty", "product-open-right-one"),
    ("VECTOR_LENGTH", "FIELD_RANGE", "product-open-right-one", "product-open-triples-r"),
    ("EMPTY", "VECTOR_LENGTH", "product-close-empty", "product-close-right-one"),
    ("VECTOR_LENGTH", "FIELD_RANGE", "product-close-right-one", "product-close-triples-r"),
    ("EMPTY", "VECTOR_LENGTH", "inner-close-empty", "inner-close-right-one"),
    ("VECTOR_LENGTH", "FIELD_RANGE", "inner-close-right-one", "inner-close-triples-r"),
    ("FIELD_OVERFLOW", "MEMBER_COUNT", "deal-truncations-overflow", "deal-truncations-parties-65"),
    ("TRIPLE_COUNT", "KEY_LENGTH", "deal-truncations-count-0", "deal-truncations-seed-31"),
    ("FIELD_OVERFLOW", "EMPTY", "check-masks-overflow", "check-masks-empty"),
    ("EMPTY", "VECTOR_LENGTH", "check-masks-empty", "check-masks-highs-five"),
    ("FIELD_RANGE", "MASK_WRONG", "check-masks-high-r", "check-masks-rounded"),
    ("FIELD_OVERFLOW", "POSITION_RANGE", "truncation-open-overflow", "truncation-open-position-64"),
    ("EMPTY", "VECTOR_LENGTH", "truncation-open-empty", "truncation-open-masks-five"),
    ("VECTOR_LENGTH", "FIELD_RANGE", "truncation-open-masks-five", "truncation-open-number-r"),
    ("FIELD_OVERFLOW", "POSITION_RANGE", "truncation-close-overflow", "truncation-close-position-64"),
    ("EMPTY", "VECTOR_LENGTH", "truncation-close-empty", "truncation-close-highs-five"),
    ("FIELD_RANGE", "RESULT_RANGE", "truncation-close-high-r", "truncation-close-wrapped"),
    ("TRUNCATION_RANGE", "SECURITY_RANGE", "product-bits-fraction-0", "product-bits-sigma-0"),
    ("SECURITY_RANGE", "FIELD_OVERFLOW", "product-bits-sigma-0", "product-bits-wide"),
    ("EMPTY", "VECTOR_LENGTH", "logistic-loss-empty", "logistic-loss-products-two"),
    ("VECTOR_LENGTH", "FIELD_RANGE", "logistic-loss-products-two", "logistic-loss-square-r"),
    ("EMPTY", "VECTOR_LENGTH", "logistic-residual-empty", "logistic-residual-labels-two"),
    ("SIDE_UNKNOWN", "KEY_LENGTH", "blind-set-side-2", "blind-set-secret-33"),
    ("SET_SIZE", "IDENTIFIER_LENGTH", "blind-set-too-many", "blind-set-identifier-0"),
    ("CAPACITY_RANGE", "SET_SIZE", "check-blinded-set-capacity-0", "check-blinded-set-empty"),
    ("POINT_ORDER", "POINT_INVALID", "check-blinded-set-repeated", "check-blinded-set-length"),
    ("POINT_INVALID", "POINT_IDENTITY", "check-blinded-set-length", "check-blinded-set-identity"),
    ("KEY_LENGTH", "EMPTY", "blind-again-secret-31", "blind-again-empty"),
    ("POINT_REFLECTED", "POINT_INVALID", "blind-again-reflected", "blind-again-uncompressed"),
    ("POSITION_RANGE", "POINT_INVALID", "align-position-6", "align-uncompressed"),
    ("POINT_IDENTITY", "POINT_REPEATED", "align-identity", "align-repeated"),
    ("POINT_REPEATED", "PADDING_MATCHED", "align-repeated", "align-padding"),
    ("NORM_BOUND_RANGE", "VARIANCE_RANGE", "noised-input-clip-0", "noised-input-promise-0"),
    ("VARIANCE_RANGE", "COLLUDERS_RANGE", "noised-input-promise-0", "noised-input-colluders-all"),
    ("COLLUDERS_RANGE", "EMPTY", "noised-input-colluders-all", "noised-input-empty"),
    ("NORM_BOUND_RANGE", "VARIANCE_RANGE", "noised-bound-clip-0", "noised-bound-promise-0"),
    ("VARIANCE_RANGE", "COLLUDERS_RANGE", "noised-bound-promise-0", "noised-bound-colluders-all"),
    ("COLLUDERS_RANGE", "SUMMANDS_RANGE", "noised-bound-colluders-all", "noised-bound-summands-0"),
    ("NORM_BOUND_RANGE", "VARIANCE_RANGE", "round-cost-clip-0", "round-cost-promise-0"),
    ("VARIANCE_RANGE", "COLLUDERS_RANGE", "round-cost-promise-0", "round-cost-colluders-all"),
    ("TASK_UNKNOWN", "PHASE_MISMATCH", "ctr-join-no-task", "ctr-join-started"),
    ("ALREADY_JOINED", "TASK_FULL", "ctr-join-again", "ctr-join-full"),
    ("TASK_UNKNOWN", "ROUND_MISMATCH", "ctr-commit-no-task", "ctr-commit-round-before"),
    ("TASK_UNKNOWN", "ROUND_MISMATCH", "ctr-reveal-no-task", "ctr-reveal-round-before"),
    ("PHASE_MISMATCH", "COMMITMENT_MISSING", "ctr-reveal-window-before", "ctr-reveal-uncommitted"),
    ("TASK_UNKNOWN", "PHASE_MISMATCH", "ctr-attest-no-task", "ctr-attest-ended"),
    ("TASK_UNKNOWN", "ROUND_MISMATCH", "ctr-sheet-no-task", "ctr-sheet-round-before"),
    ("TASK_UNKNOWN", "ROUND_MISMATCH", "ctr-testimony-no-task", "ctr-testimony-round-before"),
    ("PHASE_MISMATCH", "COMMITMENT_MISSING", "ctr-testimony-window-before", "ctr-testimony-uncommitted"),
    ("TESTIMONY_COVERAGE", "TESTIMONY_INVALID", "ctr-testimony-one-twice", "ctr-testimony-total-0"),
    ("TASK_UNKNOWN", "ROUND_MISMATCH", "ctr-claim-no-task", "ctr-claim-round-before"),
    ("PHASE_MISMATCH", "AGGREGATOR_UNSELECTED", "ctr-claim-window-before", "ctr-claim-unselected"),
    ("ALREADY_CLAIMED", "NOTHING_ACCEPTED", "ctr-claim-twice", "ctr-claim-unscored"),
    ("CERTIFICATE_HEIGHT", "CERTIFICATE_BLOCK", "trn-certificate-height", "trn-certificate-block"),
    ("CERTIFICATE_BLOCK", "VIEW_RANGE", "trn-certificate-block", "trn-certificate-view-range"),
    ("VIEW_RANGE", "CERTIFICATE_LENGTH", "trn-certificate-view-range", "trn-certificate-length"),
    ("CERTIFICATE_SIGNATURE", "SENDER_UNKNOWN", "trn-certificate-signature", "trn-proposer-unknown"),
    ("SENDER_UNKNOWN", "REVEAL_INVALID", "trn-proposer-unknown", "trn-reveal-of-other-height"),
    ("REVEAL_INVALID", "SIGNATURE_INVALID", "trn-reveal-of-other-height", "trn-sender-other"),
    ("SIGNATURE_INVALID", "HEIGHT_MISMATCH", "trn-sender-other", "trn-height-skipped"),
    ("HEIGHT_MISMATCH", "PARENT_MISMATCH", "trn-height-skipped", "trn-parent-root"),
    ("PARENT_MISMATCH", "BODY_MISMATCH", "trn-parent-root", "trn-body-root"),
    ("BODY_MISMATCH", "TRANSACTION_COUNT", "trn-body-root", "trn-transactions-many"),
    ("TRANSACTION_COUNT", "SENDER_CAP", "trn-transactions-many", "trn-sender-many"),
    ("SENDER_CAP", "PROPOSER_MISMATCH", "trn-sender-many", "trn-proposer-other"),
    ("TASK_UNKNOWN", "ROUND_MISMATCH", "prv-advertise-task", "prv-advertise-round"),
    ("PHASE_MISMATCH", "ROLE_MISSING", "prv-advertise-early", "prv-advertise-scorer"),
    ("KEY_REPEATED", "AGREEMENT_ZERO", "prv-advertise-copied", "prv-advertise-zero-share"),
    ("TASK_UNKNOWN", "ROUND_MISMATCH", "prv-share-task", "prv-share-round"),
    ("PHASE_MISMATCH", "KEYS_MISSING", "prv-share-early", "prv-share-stranger"),
    ("KEYS_MISSING", "GROUP_FAILED", "prv-share-stranger", "prv-share-failed"),
    ("ALREADY_SHARED", "EDGE_COUNT", "prv-share-again", "prv-share-missing-edge"),
    ("TASK_UNKNOWN", "ROUND_MISMATCH", "prv-input-task", "prv-input-round"),
    ("PHASE_MISMATCH", "KEYS_MISSING", "prv-input-early", "prv-input-stranger"),
    ("KEYS_MISSING", "GROUP_FAILED", "prv-input-stranger", "prv-input-failed"),
    ("GROUP_FAILED", "SHARES_UNSENT", "prv-input-failed", "prv-input-unshared"),
    ("TASK_UNKNOWN", "ROUND_MISMATCH", "prv-unmask-task", "prv-unmask-round"),
    ("PHASE_MISMATCH", "KEYS_MISSING", "prv-unmask-early", "prv-unmask-stranger"),
    ("KEYS_MISSING", "GROUP_FAILED", "prv-unmask-stranger", "prv-unmask-failed"),
    ("SHARES_UNSENT", "ALREADY_ANSWERED", "prv-unmask-unshared", "prv-unmask-answered"),
    ("LIST_MISMATCH", "MEMBER_ORDER", "prv-unmask-other-list", "prv-unmask-order"),
    ("MEMBER_ORDER", "MEMBER_UNKNOWN", "prv-unmask-order", "prv-unmask-outsider"),
    ("FIELD_RANGE", "SHARE_MISMATCH", "prv-unmask-field", "prv-unmask-not-held"),
    ("KEYS_MISSING", "GROUP_FAILED", "prv-client-shares-absent", "prv-client-shares-failed"),
    ("KEYS_MISSING", "GROUP_FAILED", "prv-client-input-absent", "prv-client-input-failed"),
    ("GROUP_FAILED", "SHARES_UNSENT", "prv-client-input-failed", "prv-client-input-unshared"),
    ("MEMBER_ORDER", "MEMBER_OVERLAP", "prv-list-unordered", "prv-list-overlap"),
    ("MEMBER_UNKNOWN", "SURVIVORS_MISSING", "prv-list-stranger", "prv-list-few"),
    ("KEYS_MISSING", "GROUP_FAILED", "prv-client-answer-absent", "prv-client-answer-failed"),
    ("SURVIVORS_MISSING", "LIST_ANSWERED", "prv-client-answer-few", "prv-client-answer-second-list"),
    ("BLOB_FILE_INVALID", "BLOB_EMPTY", "infrastructure-blob-file-name", "infrastructure-blob-file-no-data"),
    ("DATASET_LABELS", "PARTITION_RANGE", "app-partition-no-labels", "app-partition-no-trainers"),
    ("PARTITION_RANGE", "PARTITION_IMPOSSIBLE", "app-partition-no-trainers", "app-partition-too-few"),
    ("DATASET_LABELS", "SHARE_RANGE", "app-split-no-labels", "app-split-too-much"),
    ("SHARE_RANGE", "PARTITION_RANGE", "app-split-too-much", "app-split-no-trainers"),
    ("PARTITION_RANGE", "PARTITION_IMPOSSIBLE", "app-split-no-trainers", "app-split-too-few"),
    ("LAYOUT_INVALID", "MODEL_SHAPE", "app-update-layout-order", "app-update-short-base"),
    ("MODEL_SHAPE", "NOT_FINITE", "app-update-short-base", "app-update-not-a-number"),
    ("EMPTY", "SCALE_RANGE", "app-probabilities-empty", "app-probabilities-scale-zero"),
    ("SCALE_RANGE", "MODEL_SHAPE", "app-probabilities-scale-zero", "app-probabilities-model-short"),
    ("MODEL_SHAPE", "FEATURE_RANGE", "app-probabilities-model-short", "app-probabilities-feature-above"),
    ("EMPTY", "SCALE_RANGE", "app-softmax-step-empty", "app-softmax-step-scale-zero"),
    ("SCALE_RANGE", "MODEL_SHAPE", "app-softmax-step-scale-zero", "app-softmax-step-model-short"),
    ("MODEL_SHAPE", "FEATURE_RANGE", "app-softmax-step-model-short", "app-softmax-step-feature-above"),
    ("BATCH_SHAPE", "BATCH_RANGE", "app-softmax-train-ragged", "app-softmax-train-batch-zero"),
    ("BATCH_RANGE", "EMPTY", "app-softmax-train-batch-zero", "app-softmax-train-empty"),
    ("EMPTY", "SCALE_RANGE", "app-softmax-train-empty", "app-softmax-train-scale-zero"),
    ("SCALE_RANGE", "MODEL_SHAPE", "app-softmax-train-scale-zero", "app-softmax-train-model-short"),
    ("MODEL_SHAPE", "FEATURE_RANGE", "app-softmax-train-model-short", "app-softmax-train-feature-above"),
    ("RATE_RANGE", "MODEL_OVERFLOW", "app-softmax-train-rate-above", "app-softmax-train-overflow"),
    ("SCALE_RANGE", "MODEL_SHAPE", "app-softmax-evaluate-scale-zero", "app-softmax-evaluate-model-short"),
    ("MODEL_SHAPE", "FEATURE_RANGE", "app-softmax-evaluate-model-short", "app-softmax-evaluate-feature-above"),
)


_R = 2**127 - 1
_STATUS = "/state/tasks/0/round/secure/groups/0/status"

#: The same where no two cases go together: the twin, the code of the first guard and of the second, the changes.
CHANGES: tuple[tuple[str, str, str, dict[str, Json]], ...] = (
    (
        "weighted-sum-typical",
        "WEIGHT_COUNT",
        "WEIGHT_RANGE",
        {"/vectors": [[1, -2, 30], [4, 5, -60]], "/weights/0": "65536"},
    ),
    (
        "agg-check-rule-trimmed-mean",
        "VECTOR_COUNT",
        "TRIM_RANGE",
        {"/count": "2048", "/rule/trim_bps": "5000"},
    ),
    *(
        (twin, "POSITION_RANGE", "POSITION_ORDER", {f"/positions/{last}": "2047", "/positions/1": "0"})
        for twin, last in (("shamir-reconstruct-three", 2), ("packed-reconstruct-seven", 6))
    ),
    (
        "packed-reconstruct-seven",
        "POSITION_COUNT",
        "POSITION_RANGE",
        {"/shares": [["1"]] * 6, "/positions/6": "2047"},
    ),
    ("additive-open-three", "VECTOR_LENGTH", "FIELD_RANGE", {"/shares/1": ["1"], "/shares/0/0": str(_R)}),
    ("check-masks-six", "VECTOR_LENGTH", "FIELD_RANGE", {"/highs": ["1"], "/masks/0": str(_R)}),
    ("truncation-close-first", "VECTOR_LENGTH", "FIELD_RANGE", {"/highs": ["1"], "/opened/0": str(_R)}),
    ("logistic-residual-three", "VECTOR_LENGTH", "FIELD_RANGE", {"/labels": ["1"], "/logits/0": str(_R)}),
    *(
        (twin, "SECURITY_RANGE", "FIELD_OVERFLOW", {"/sigma": "129", "/bits": "100"})
        for twin in ("deal-truncations-two", "check-masks-six", "truncation-open-first", "truncation-close-first")
    ),
    (
        "blind-set-four",
        "IDENTIFIER_LENGTH",
        "IDENTIFIER_REPEATED",
        {"/identifiers/0": "0x", "/identifiers/2": "0x616e6e61"},
    ),
    (
        "ctr-sheet-lower-index-later",
        "ROLE_MISSING",
        "ALREADY_COMMITTED",
        {"/sender": "3", "/state/tasks/0/participants/3/deposit": "0"},
    ),
    (
        "prv-advertise",
        "ROLE_MISSING",
        "ALREADY_ADVERTISED",
        {"/sender": "1", "/state/tasks/0/participants/0/deposit": "0"},
    ),
    ("prv-share-second", "GROUP_FAILED", "ALREADY_SHARED", {"/sender": "2", _STATUS: "1"}),
    ("prv-unmask-three", "GROUP_FAILED", "SHARES_UNSENT", {"/sender": "4", _STATUS: "1"}),
    ("prv-client-answer-three", "GROUP_FAILED", "SHARES_UNSENT", {"/own": "4", _STATUS: "1"}),
)


def two_faults(written: Iterable[Case | Trace]) -> tuple[Case, ...]:
    """The cases of both tables, made of cases that are written elsewhere."""
    known = {case.id: case for case in written if isinstance(case, Case)}
    return (*(_both(known, *row) for row in PAIRS), *(_changed(known, *row) for row in CHANGES))


def _changed(
    known: Mapping[str, Case], twin: str, first_code: str, second_code: str, changes: dict[str, Json]
) -> Case:
    """The twin with two changes."""
    base = known[twin]
    given = copy.deepcopy(base.input)
    for path, value in changes.items():
        set_at(given, path, value)
    return _case(base, (first_code, second_code), f"{first_code} and {second_code} at once", given, twin, ())


def _both(known: Mapping[str, Case], first_code: str, second_code: str, first: str, second: str) -> Case:
    """The twin of the first case with the faults of both."""
    cases = tuple(known[name] for name in (first, second))
    twin = cases[0].twin
    if twin is None or cases[0].operation != cases[1].operation:
        raise InvariantError(f"{first} and {second} have nothing to do with each other")
    given = copy.deepcopy(known[twin].input)
    for case in cases:
        for path in differences(known[case.twin or ""].input, case.input):
            put(given, case.input, path)
    follows = (*cases[0].follows, *cases[1].follows)
    comment = f"{cases[0].comment}; and {cases[1].comment}"
    return _case(cases[0], (first_code, second_code), comment, given, twin, follows)


def _case(like: Case, codes: tuple[str, str], comment: str, given: Json, twin: str, follows: tuple[str, ...]) -> Case:
    words = (like.operation.replace(".", "-"), codes[0], "before", codes[1])
    return Case(
        like.operation,
        "-".join(words).lower().replace("_", "-"),
        comment,
        given,
        bug=f"asks for {codes[1]} before {codes[0]}",
        flags=("Adversarial",),
        clauses=like.clauses,
        twin=twin,
        two_fault=True,
        follows=follows,
    )
