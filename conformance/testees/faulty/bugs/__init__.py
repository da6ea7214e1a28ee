"""Every bug, by layer."""

from __future__ import annotations

from mutation import Bug

from bugs import aggregation, application, consensus, contract, incentive, infrastructure, kernels, transition, types

BUGS: tuple[Bug, ...] = (
    *types.BUGS,
    *kernels.BUGS,
    *aggregation.BUGS,
    *infrastructure.BUGS,
    *consensus.BUGS,
    *incentive.BUGS,
    *contract.BUGS,
    *transition.BUGS,
    *application.BUGS,
)
