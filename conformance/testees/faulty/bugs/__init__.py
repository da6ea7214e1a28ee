"""Every bug, by layer."""

from __future__ import annotations

from mutation import Bug

from bugs import (
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
    secure,
    transition,
    types,
)

BUGS: tuple[Bug, ...] = (
    *types.BUGS,
    *kernels.BUGS,
    *aggregation.BUGS,
    *infrastructure.BUGS,
    *consensus.BUGS,
    *incentive.BUGS,
    *privacy.BUGS,
    *secure.BUGS,
    *noise.BUGS,
    *computation.BUGS,
    *alignment.BUGS,
    *contract.BUGS,
    *transition.BUGS,
    *application.BUGS,
)
