"""The type stub of the compiled module lists what the module has, with the same parameters."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from bcfl_ref import kernels

_native = pytest.importorskip("bcfl_ref.kernels._native")
STUB = ast.parse((Path(kernels.__file__).parent / "_native.pyi").read_text(encoding="utf-8"))


def parameters(function: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in function.args.args]


def really(function: object) -> list[str]:
    """The parameters in the first line that pybind11 writes into a docstring."""
    inside = re.search(r"\((.*?)\) -> ", (function.__doc__ or "").splitlines()[0])
    assert inside is not None, function
    return re.findall(r"(?:^|, )(\w+)(?=:|,|$)", inside[1])


def test_functions_of_the_module() -> None:
    """Every function of the module is in the stub, and no other."""
    stub = {node.name: parameters(node) for node in STUB.body if isinstance(node, ast.FunctionDef)}
    assert stub.keys() == {name for name in dir(_native) if not name.startswith("_")} - {"Context"}
    for name, listed in stub.items():
        assert really(getattr(_native, name)) == listed, name


def test_methods_of_the_context() -> None:
    """Every method of `Context` is in the stub, with the names of its parameters in order."""
    (context,) = (node for node in STUB.body if isinstance(node, ast.ClassDef))
    stub = {node.name: node for node in context.body if isinstance(node, ast.FunctionDef)}
    assert stub.keys() - {"__init__"} == {name for name in dir(_native.Context) if not name.startswith("_")}
    for name, node in stub.items():
        if not node.decorator_list:
            assert really(getattr(_native.Context, name)) == parameters(node), name
