"""What a kernel answers under a variant: its numbers, or its refusal in its own words."""

from __future__ import annotations

from typing import Any

from bcfl_ref import kernels
from bcfl_ref.errors import SpecError


def outcome(variant: str, kernel: str, *arguments: Any) -> Any:
    """A plain value that can be compared among variants."""
    with kernels.use_variant(variant):
        try:
            result = getattr(kernels, kernel)(*arguments)
        except SpecError as error:
            return error.code, error.detail
    return (str(result.dtype), result.tolist()) if hasattr(result, "tolist") else result
