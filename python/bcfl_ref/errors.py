"""Every way in which a rule refuses, by symbolic code (`spec/errors.md`).

Two kinds of failure exist and never mix. A `SpecError` is the *specified answer* to bad input: its code is
part of the protocol and vectors assert it. An `InvariantError` means that this implementation is broken.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Symbolic error codes; the value is what the vectors, testees and reports carry."""

    # -- types and encoding (TYP)
    ENCODING_INVALID = "ENCODING_INVALID"
    ENCODING_NOT_CANONICAL = "ENCODING_NOT_CANONICAL"
    VALUE_RANGE = "VALUE_RANGE"
    LAYOUT_INVALID = "LAYOUT_INVALID"
    BLOB_EMPTY = "BLOB_EMPTY"
    BLOB_LENGTH = "BLOB_LENGTH"
    BLOB_MISMATCH = "BLOB_MISMATCH"
    CHUNK_INDEX = "CHUNK_INDEX"
    CHUNK_PROOF = "CHUNK_PROOF"
    PARAMETER_RANGE = "PARAMETER_RANGE"
    SEED_LENGTH = "SEED_LENGTH"
    SECRET_KEY_RANGE = "SECRET_KEY_RANGE"
    SIGNATURE_COUNT = "SIGNATURE_COUNT"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"

    # -- kernels and aggregation (AGG)
    KERNEL_ARGUMENT = "KERNEL_ARGUMENT"
    NOT_FINITE = "NOT_FINITE"
    FRACTION_BITS = "FRACTION_BITS"
    DOMAIN_COORDINATE = "DOMAIN_COORDINATE"
    EMPTY = "EMPTY"
    VECTOR_COUNT = "VECTOR_COUNT"
    VECTOR_LENGTH = "VECTOR_LENGTH"
    WEIGHT_COUNT = "WEIGHT_COUNT"
    WEIGHT_RANGE = "WEIGHT_RANGE"
    MULTIPLIER_RANGE = "MULTIPLIER_RANGE"
    DIVISOR_RANGE = "DIVISOR_RANGE"
    SUM_RANGE = "SUM_RANGE"
    TRIM_RANGE = "TRIM_RANGE"
    NORM_BOUND_RANGE = "NORM_BOUND_RANGE"
    CHUNK_BYTES = "CHUNK_BYTES"
    MERKLE_LENGTH = "MERKLE_LENGTH"
    MERKLE_LIMIT = "MERKLE_LIMIT"
    RULE_UNKNOWN = "RULE_UNKNOWN"
    PARAMETER_UNUSED = "PARAMETER_UNUSED"
    RATE_RANGE = "RATE_RANGE"
    BYZANTINE_RANGE = "BYZANTINE_RANGE"
    SELECT_RANGE = "SELECT_RANGE"
    MODEL_OVERFLOW = "MODEL_OVERFLOW"

    # -- infrastructure (INF)
    LOG_MAGIC = "LOG_MAGIC"
    LOG_FRAME_LENGTH = "LOG_FRAME_LENGTH"
    LOG_FRAME_TORN = "LOG_FRAME_TORN"
    LOG_FRAME_INVALID = "LOG_FRAME_INVALID"
    BLOB_FILE_INVALID = "BLOB_FILE_INVALID"
    BLOB_ABSENT = "BLOB_ABSENT"

    # -- consensus (CON)

    # -- contract (CTR)

    # -- incentive (INC)

    # -- privacy (PRV)

    # -- application (APP)


class SpecError(Exception):
    """A refusal that the specification names: `code` is normative, `detail` is for people."""

    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(f"{code.value}: {detail}" if detail else code.value)
        self.code = code
        self.detail = detail


class InvariantError(Exception):
    """Something this implementation guarantees did not hold: a bug here, never an answer to input."""


class UsageError(Exception):
    """A person's mistake at the edge (config, path, flag): one clear line, exit 2."""
