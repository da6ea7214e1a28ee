"""Every variant of this machine, and threads whose floating-point environment is hostile."""

from __future__ import annotations

import ctypes
import ctypes.util
import platform
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from bcfl_ref import kernels

_MXCSR_OFFSET = 28  # in the fenv_t of the C library on x86-64: after the 28 bytes of the x87 environment
_FLUSH_AND_ZERO = 0x8040  # flush results to zero, read subnormals as zero
_ROUNDING = {"nearest": 0, "down": 1, "up": 2, "zero": 3}


@pytest.fixture(params=kernels.available_variants())
def variant(request: pytest.FixtureRequest) -> str:
    """The name of a variant that this machine can run; the test forces it where it calls the kernel."""
    name: str = request.param
    return name


@pytest.fixture(params=[*_ROUNDING, *(f"{name}, subnormals flushed" for name in _ROUNDING)])
def hostile(request: pytest.FixtureRequest) -> Callable[[Callable[[], Any]], Any]:
    """Runs a function in a thread of its own under another rounding mode, with subnormals kept or flushed."""
    if platform.machine() not in ("x86_64", "AMD64") or sys.platform != "linux":
        pytest.skip("the control word is reached through the C library of Linux on x86-64")
    rounding, _, flushed = request.param.partition(", ")
    word = _ROUNDING[rounding] << 13 | (_FLUSH_AND_ZERO if flushed else 0)
    return lambda function: _in_hostile_thread(function, word)


def _in_hostile_thread(function: Callable[[], Any], word: int) -> Any:
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    results: list[Any] = []

    def run() -> None:
        environment = (ctypes.c_uint8 * 64)()
        library.fegetenv(environment)
        mxcsr = ctypes.c_uint32.from_buffer(environment, _MXCSR_OFFSET)
        mxcsr.value = mxcsr.value & ~0xE040 | word
        library.fesetenv(environment)
        results.append(function())
        library.fegetenv(environment)
        results.append(mxcsr.value & 0xE040)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    result, word_after = results
    assert word_after == word, "the environment did not last until the end of the call"
    return result
