"""Every bug, by layer."""

from __future__ import annotations

from mutation import Bug

from bugs import aggregation, contract, incentive, infrastructure, kernels, types

BUGS: tuple[Bug, ...] = (
    *types.BUGS,
    *kernels.BUGS,
    *aggregation.BUGS,
    *infrastructure.BUGS,
    *incentive.BUGS,
    *contract.BUGS,
)
