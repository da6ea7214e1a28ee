"""`bcfl kernels`: which variants this machine can run and which are active, and whether there is a native core."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from .. import kernels


def kernels_command() -> int:
    """Show the kernel variants and which one computes each kernel (force one with BCFL_KERNELS=name)."""
    table = Table(title=f"active: {kernels.active_variant()}   available: {', '.join(kernels.available_variants())}")
    table.add_column("kernel")
    table.add_column("computed by")
    for kernel, variant in kernels.kernel_table().items():
        table.add_row(kernel, variant)
    Console().print(table)
    print(kernels.native_core())
    return 0
