"""The cases of every layer: inputs with a purpose, from which the vectors are generated.

One module a layer, named like its table in `bcfl_ref.operations`; each exports `CASES`, a tuple of `Case` and
`Trace`; `orders` makes its own of theirs. They are listed by hand: a file nobody lists does not count.
"""

from __future__ import annotations

from bcfl_ref.operations._base import Case, Trace
from bcfl_ref.operations.cases import (
    aggregation,
    alignment,
    application,
    computation,
    consensus,
    consensus_model,
    contract,
    contract_model,
    incentive,
    independent,
    infrastructure,
    kernels,
    noise,
    orders,
    privacy,
    replay,
    secure,
    secure_heights,
    secure_model,
    shapes,
    storage,
    strength,
    strength_contract,
    strength_limits,
    strength_privacy,
    strength_secure,
    transition,
    types,
)
from bcfl_ref.operations.cases._hunted import hunting

_WRITTEN: tuple[Case | Trace, ...] = (
    *types.CASES,
    *shapes.CASES,
    *kernels.CASES,
    *aggregation.CASES,
    *infrastructure.CASES,
    *consensus.CASES,
    *consensus_model.CASES,
    *incentive.CASES,
    *privacy.CASES,
    *computation.CASES,
    *alignment.CASES,
    *noise.CASES,
    *contract.CASES,
    *contract_model.CASES,
    *transition.CASES,
    *secure.CASES,
    *secure_heights.CASES,
    *secure_model.CASES,
    *replay.CASES,
    *storage.CASES,
    *application.CASES,
    *independent.CASES,
    *strength.CASES,
    *strength_contract.CASES,
    *strength_privacy.CASES,
    *strength_secure.CASES,
    *strength_limits.CASES,
)

CASES: tuple[Case | Trace, ...] = tuple(hunting((*_WRITTEN, *orders.two_faults(_WRITTEN))))
