"""The kernels: one set of functions, several variants that compute the same bytes.

`python` is the pure twin (`_python`), slow and clear; the compiled module adds `portable` and the instruction
sets it knows. Variants are ordered, each kernel takes the highest implementation that does not stand above the
chosen one and that this machine can run, and the pure twin where there is none: `kernel_table()` says which.

The highest variant is the default; only where it would run a kernel in plain C++ that loses to the library inside
the twin, the default takes the twin. The environment variable BCFL_KERNELS forces another one by name for the
process, `use_variant` for a block of code in the current thread. A name that is unknown or cannot run here is a
`UsageError` at the first use, never a silent substitute. With BCFL_REQUIRE_NATIVE=1 it is an ImportError that the
compiled module is missing. The environment is read here, at import, and nowhere else below the command line.

Numbers come as NumPy arrays or as any buffer of the standard library (array, memoryview), bytes as any contiguous
buffer; none is copied.

A call runs in one thread unless `use_threads` says how many; the bytes are the same. Kernels that one thread already
runs at the speed of memory gain little.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, ParamSpec, TypeVar

import numpy as np

from bcfl_ref.errors import UsageError
from bcfl_ref.kernels import _arguments, _masking, _noise, _python

__all__ = [
    "active_variant",
    "available_variants",
    "clip_l2",
    "coordinate_median",
    "dequantize",
    "discrete_gaussian",
    "div_round",
    "domain_check",
    "kernel_table",
    "mask_add",
    "mask_add_many",
    "native_core",
    "nearest_sum",
    "packed_reconstruct",
    "packed_share",
    "pairwise_sqdist",
    "quantize",
    "sha256_chunks",
    "shamir_reconstruct",
    "shamir_share",
    "ssz_merkleize",
    "trimmed_sum",
    "use_threads",
    "use_variant",
    "variant_descriptions",
    "weighted_sum",
]

P = ParamSpec("P")
R = TypeVar("R")

_ABI_VERSION: Final = 1
_FORCED: Final = os.environ.get("BCFL_KERNELS", "")
_OF_BYTES: Final = {"sha256_chunks", "ssz_merkleize"}
_OF_TWO_LISTS: Final = {"weighted_sum", "mask_add_many", "shamir_reconstruct", "packed_reconstruct"}
"""Kernels whose second argument is a list or tuple; the first is a list for others too."""
_LISTS: Final = (list, tuple)
_SLOWER_THAN_TWIN: Final = {("sha256_chunks", "portable"), ("ssz_merkleize", "portable")}
"""What only a forced variant runs: the twins call OpenSSL, faster than plain C++ by far (docs/performance.md)."""


@dataclass(frozen=True)
class _Backend:
    """A runnable variant: for each kernel its function, and the variant that this function belongs to."""

    name: str
    description: str
    functions: Mapping[str, Callable[..., Any]]
    variants: Mapping[str, str]
    threads: int = 1


def _load_native() -> ModuleType | None:
    """The compiled module; None only if it is not installed, any other failure to import it surfaces."""
    name = f"{__name__}._native"
    try:
        from bcfl_ref.kernels import _native
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
    except ImportError as error:
        # `from package import submodule` reports a missing submodule in this way.
        if type(error) is not ImportError or error.name != __name__:
            raise
    else:
        if _native.abi_version() != _ABI_VERSION:
            raise ImportError(f"{name} is of another version; install the package again", name=name)
        return _native
    if os.environ.get("BCFL_REQUIRE_NATIVE", "") not in ("", "0"):
        raise ImportError(f"BCFL_REQUIRE_NATIVE is set, but {name} is not installed", name=name)
    return None


_native_module: Final = _load_native()
_twins: dict[str, Callable[..., Any]] = {}
THREADS_MAX: Final = 256
_forced_here: ContextVar[_Backend | None] = ContextVar("bcfl_kernels", default=None)


@functools.cache
def _backends() -> Mapping[str, _Backend]:
    """The variants that can run here, lowest first."""
    pure = _Backend("python", "readable loops over integers", _twins, dict.fromkeys(_twins, "python"))
    backends = {pure.name: pure}
    if _native_module is None:
        return backends
    for name, description, supported in _native_module.variants():
        if supported:
            context = _native_module.Context(name)
            functions = {kernel: getattr(context, kernel) for kernel in _native_module.kernels()}
            variants = {kernel: context.kernel_variant(kernel) for kernel in functions}
            backends[name] = _Backend(
                name, description, {**pure.functions, **functions}, {**pure.variants, **variants}
            )
    return backends


def _backend(name: str) -> _Backend:
    backends = _backends()
    if name in backends:
        return backends[name]
    known = [] if _native_module is None else [variant for variant, _, _ in _native_module.variants()]
    reason = "cannot run on this machine" if name in known else "does not exist in this installation"
    hint = "" if _native_module is not None else f"; {native_core()}"
    raise UsageError(f"kernel variant {name!r} {reason}; available: {', '.join(backends)}{hint}")


def _default(highest: _Backend) -> _Backend:
    """The highest variant without the functions that lose to their twins."""
    slow = [kernel for kernel, variant in highest.variants.items() if (kernel, variant) in _SLOWER_THAN_TWIN]
    functions = {**highest.functions, **{kernel: _twins[kernel] for kernel in slow}}
    variants = {**highest.variants, **dict.fromkeys(slow, "python")}
    return _Backend(highest.name, highest.description, functions, variants)


@functools.cache
def _process_backend() -> _Backend:
    """The forced variant, or else the default."""
    return _backend(_FORCED) if _FORCED else _default(list(_backends().values())[-1])


@functools.cache
def _threaded(name: str, default: bool, threads: int) -> _Backend:
    """The backend `name`, or the default that chose it, with native functions that share their work among threads."""
    one = _process_backend() if default else _backend(name)
    if threads == 1 or _native_module is None or name == "python":
        return _Backend(one.name, one.description, one.functions, one.variants, threads)
    context = _native_module.Context(name, threads)
    native = {kernel for kernel, variant in one.variants.items() if variant != "python"}
    functions = {**one.functions, **{kernel: getattr(context, kernel) for kernel in native}}
    return _Backend(one.name, one.description, functions, one.variants, threads)


def _active() -> _Backend:
    return _forced_here.get() or _process_backend()


def _kernel(twin: Callable[P, R]) -> Callable[P, R]:
    """The public function of the same name: checks the arguments, then calls the active variant."""
    name = twin.__name__
    signature = inspect.signature(twin)
    arity = len(signature.parameters)
    defaults = [p.default for p in signature.parameters.values() if p.default is not inspect.Parameter.empty]
    missing = {arity - n: tuple(defaults[len(defaults) - n :]) for n in range(len(defaults) + 1)}
    check: Callable[..., None] = getattr(_arguments, name)
    view = _arguments._as_bytes if name in _OF_BYTES else _arguments._as_array
    plain = None if name in _OF_BYTES else _arguments._all_alike
    second_is_list = name in _OF_TWO_LISTS
    _twins[name] = twin

    @functools.wraps(twin)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if kwargs or len(args) not in missing:  # rare, and slower than a whole small call
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            positional: tuple[Any, ...] = bound.args
        else:
            positional = args + missing[len(args)]
        # Lists become tuples, so that what is checked is what is computed with, whatever other threads do.
        first = positional[0]
        if plain is None or type(first) is not np.ndarray:
            if type(first) is list:
                first = tuple(first)
            if plain is None or not plain(first):
                first = view(first)
            if not second_is_list:
                positional = (first, *positional[1:])
        if second_is_list:
            second = positional[1]
            if type(second) is list or isinstance(second, _LISTS):
                second = tuple(second)
            positional = (first, second, *positional[2:])
        check(*positional)
        result: R = _active().functions[name](*positional)
        return result

    return call


quantize = _kernel(_python.quantize)
dequantize = _kernel(_python.dequantize)
domain_check = _kernel(_python.domain_check)
weighted_sum = _kernel(_python.weighted_sum)
div_round = _kernel(_python.div_round)
coordinate_median = _kernel(_python.coordinate_median)
trimmed_sum = _kernel(_python.trimmed_sum)
nearest_sum = _kernel(_python.nearest_sum)
pairwise_sqdist = _kernel(_python.pairwise_sqdist)
clip_l2 = _kernel(_python.clip_l2)
sha256_chunks = _kernel(_python.sha256_chunks)
ssz_merkleize = _kernel(_python.ssz_merkleize)
mask_add = _kernel(_masking.mask_add)
mask_add_many = _kernel(_masking.mask_add_many)
shamir_share = _kernel(_masking.shamir_share)
shamir_reconstruct = _kernel(_masking.shamir_reconstruct)
packed_share = _kernel(_masking.packed_share)
packed_reconstruct = _kernel(_masking.packed_reconstruct)
discrete_gaussian = _kernel(_noise.discrete_gaussian)


def active_variant() -> str:
    """The name of the variant that calls from here use."""
    return _active().name


def available_variants() -> tuple[str, ...]:
    """The names that can be forced on this machine, lowest first; `python` is always one."""
    return tuple(_backends())


def native_core() -> str:
    """Whether the compiled module is installed, and if not how to learn why, in one line."""
    if _native_module is not None:
        return "native core: installed"
    return (
        "no native core: the C++ build failed when the package was installed, or was left out, and pip hides which; "
        "BCFL_REQUIRE_NATIVE=1 pip install --force-reinstall --no-deps <source tree> ends with the reason"
    )


def variant_descriptions() -> dict[str, str]:
    """One line for each available variant."""
    return {name: backend.description for name, backend in _backends().items()}


def kernel_table() -> dict[str, str]:
    """For each kernel the variant that really runs it under the active one."""
    return dict(_active().variants)


@contextmanager
def use_variant(name: str) -> Iterator[None]:
    """Force a variant inside a `with` block, for the current thread or task only.

    A thread started inside the block begins with the default of the process again.
    """
    outer = _forced_here.get()
    token = _forced_here.set(_threaded(name, False, 1 if outer is None else outer.threads))
    try:
        yield
    finally:
        _forced_here.reset(token)


@contextmanager
def use_threads(count: int) -> Iterator[None]:
    """Let native kernels share their work among `count` threads in a `with` block, for the current thread or task.

    Errors: UsageError unless 1 <= count <= 256.
    """
    if type(count) is not int or not 1 <= count <= THREADS_MAX:
        raise UsageError(f"{count} threads: 1 to {THREADS_MAX} can share a kernel")
    active, outer = _active(), _forced_here.get()
    default = active is _process_backend() if outer is None else outer is _threaded(outer.name, True, outer.threads)
    token = _forced_here.set(_threaded(active.name, default, count))
    try:
        yield
    finally:
        _forced_here.reset(token)
