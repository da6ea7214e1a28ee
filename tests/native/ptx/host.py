"""The library's calls for NVIDIA devices, whole: nvcc's code for the host launches nvcc's PTX on a `Device`.

The host's half is what nvcc makes of bcfl_cuda.cu, linked with runtime.c; memory of the device has addresses that the
host cannot read, as a real device's.
"""

from __future__ import annotations

import ctypes
import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from native.building import ROOT, run, tool
from native.ptx.machine import Counts, Device
from native.ptx.memory import Array
from native.ptx.text import Module, PtxError

_OPTIONS: Final = ("-std=c++17", "-O3", f"-I{ROOT / 'cpp' / 'include'}")
_FAILED: Final = 719  # cudaErrorLaunchFailure
_Void, _Size, _Int = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
_Numbers = ctypes.POINTER(ctypes.c_uint)
_FORMS: Final = {
    "allocate": (ctypes.POINTER(_Void), _Size),
    "release": (_Void,),
    "copy": (_Void, _Void, _Size, _Int),
    "fill": (_Void, _Int, _Size),
    "launch": (ctypes.c_char_p, _Numbers, _Numbers, ctypes.POINTER(_Void), _Size),
}


class _Calls(ctypes.Structure):
    _fields_ = tuple((name, ctypes.CFUNCTYPE(_Int, *form)) for name, form in _FORMS.items())


class Fault(ctypes.Structure):
    _fields_ = (("vector", _Size), ("index", _Size))


Argument = Array | bytes | int | Fault | list[Array] | list[int] | None


def ptx_of(source: Path, architecture: int, folder: Path) -> str:
    """The PTX that nvcc makes with the options of the library's build."""
    text = folder / f"{source.stem}-{architecture}.ptx"
    run(tool("nvcc"), "-ptx", *_OPTIONS, f"-arch=sm_{architecture}", source, "-o", text)
    return text.read_text()


def build_host(source: Path, library: Path, folder: Path) -> Path:
    """A shared library of the host's half of `source`, the played runtime, and the library itself."""
    half, runtime, result = folder / "half.o", folder / "runtime.o", folder / "libplayed.so"
    flags = ("-DBCFL_SHARED", "-Xcompiler=-fPIC,-fvisibility=hidden", "-gencode=arch=compute_75,code=compute_75")
    run(tool("nvcc"), *_OPTIONS, *flags, "-c", source, "-o", half)
    warnings = ("-Wall", "-Wextra", "-Werror")
    run(tool("cc"), "-std=c11", "-fPIC", *warnings, "-c", Path(__file__).with_name("runtime.c"), "-o", runtime)
    run(tool("c++"), "-shared", "-Wl,-z,defs", half, runtime, library, "-o", result)
    return result


def _plain(kernel: str) -> str:
    """The mangled name without the part that nvcc makes of the file's name and contents."""
    return re.sub(r"_GLOBAL__N__[0-9a-f]{8}_\w+?_cu_[0-9a-f]{8}", "", kernel)


class Played:
    """The library's functions for devices, whose kernels are those of a module."""

    def __init__(self, host: Path, module: Module, counting: bool = True) -> None:
        self.device = Device(module, counting=counting)
        self.kernels = {_plain(name): function for name, function in module.entries.items()}
        self.error: Exception | None = None
        self.library = ctypes.CDLL(str(host))
        self.calls = _Calls(*(kind(self.guarded(getattr(self, name))) for name, kind in _Calls._fields_))

    def guarded(self, call: Callable[..., None]) -> Callable[..., int]:
        """An error fails the call of the runtime; `call` raises it afterwards."""

        @functools.wraps(call)
        def attempt(*arguments: Any) -> int:
            try:
                call(*arguments)
            except Exception as error:  # none may be lost in the library's code
                self.error = self.error or error
                return _FAILED
            return 0

        return attempt

    def allocate(self, place: Any, size: int) -> None:
        place[0] = self.device.room(size)

    def release(self, place: int) -> None:
        self.device.memory.free(place)

    def copy(self, to: int, source: int, size: int, kind: int) -> None:
        if kind == 1:
            self.device.write(to, ctypes.string_at(source, size))
        elif kind == 2:
            ctypes.memmove(to, self.device.read(source, size), size)
        else:
            raise PtxError(f"a copy of kind {kind}")

    def fill(self, place: int, byte: int, size: int) -> None:
        self.device.write(place, bytes([byte & 255]) * size)

    def launch(self, kernel: bytes, grid: Any, block: Any, places: Any, shared: int) -> None:
        function = self.kernels.get(_plain(kernel.decode()))
        if function is None:
            raise PtxError(f"the module has no kernel {kernel.decode()}")
        values = [ctypes.string_at(places[k], one.size) for k, one in enumerate(function.parameters)]
        self.device.launch(function.name, tuple(grid[:3]), tuple(block[:3]), *values, shared=shared)

    def call(
        self, name: str, *arguments: Array | bytes | int | Fault | list[Array] | list[int] | None
    ) -> tuple[int, list[Counts]]:
        """The status of a function of bcfl_cuda.h on a stream of no interest, and its launches.

        A list of arrays or of addresses on the device is an array of pointers; numbers count bytes or elements.
        """
        self.error, before = None, self.device.memory.held()
        self.device.launches = []
        self.library.play(ctypes.byref(self.calls))
        kept: list[Any] = []
        for one in arguments:
            if isinstance(one, list):
                one = np.array([place if isinstance(place, int) else place.ctypes.data for place in one], np.uint64)
            if isinstance(one, bytes):
                one = np.frombuffer(one, np.uint8)
            kept.append(one)
        given = [_Void(one.ctypes.data) if isinstance(one, np.ndarray) else _argument(one) for one in kept]
        status = int(self.library[name](*given, None))
        if self.error is not None:
            raise self.error
        if self.device.memory.held() != before:
            raise PtxError(f"{name} leaves memory of the device allocated")
        return status, self.device.launches


def _argument(one: Any) -> Any:
    return ctypes.byref(one) if isinstance(one, Fault) else _Void() if one is None else _Size(one)
