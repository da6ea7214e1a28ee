"""The operations table: every rule of the specification that two implementations can be compared on.

One module a layer exports its `OPERATIONS`; they are listed by hand here, in the order of the layers.
"""

from __future__ import annotations

from bcfl_ref.operations import (
    aggregation,
    alignment,
    application,
    computation,
    consensus,
    contract,
    incentive,
    infrastructure,
    kernels,
    noise,
    privacy,
    replay,
    secure,
    storage,
    transition,
    types,
)
from bcfl_ref.operations._base import Case, Json, Machine, Operation, Step, Trace, machine_operation

OPERATIONS: tuple[Operation, ...] = (
    *types.OPERATIONS,
    *kernels.OPERATIONS,
    *aggregation.OPERATIONS,
    *infrastructure.OPERATIONS,
    *consensus.OPERATIONS,
    *incentive.OPERATIONS,
    *privacy.OPERATIONS,
    *computation.OPERATIONS,
    *alignment.OPERATIONS,
    *noise.OPERATIONS,
    *contract.OPERATIONS,
    *transition.OPERATIONS,
    *secure.OPERATIONS,
    *replay.OPERATIONS,
    *storage.OPERATIONS,
    *application.OPERATIONS,
)

BY_NAME: dict[str, Operation] = {operation.name: operation for operation in OPERATIONS}

__all__ = [
    "BY_NAME",
    "OPERATIONS",
    "Case",
    "Json",
    "Machine",
    "Operation",
    "Step",
    "Trace",
    "machine_operation",
]
