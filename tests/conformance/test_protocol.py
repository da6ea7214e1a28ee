"""Lines of a testee are read without trusting them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from bcfl_conformance import SUITE, protocol

DEEP = """
import sys
from bcfl_conformance import protocol
sys.setrecursionlimit(1_000_000)
try:
    protocol.read_answer(b'{"id":1,"ok":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}")
except protocol.Fault as fault:
    sys.exit(0 if "nested deeper" in str(fault) else 1)
"""


def test_depth_ends_no_process() -> None:
    """A deep answer is a fault although some package raised the limit of recursion above what the stack holds."""
    subprocess.run([sys.executable, "-c", DEEP], cwd=SUITE, check=True, timeout=60)


@pytest.mark.parametrize("depth", [1, 127, 128, 129, 255, 256, 400])
def test_depth_is_counted(depth: int) -> None:
    """Answers are taken up to 128 levels, of arrays and objects in turn; brackets in strings are no levels."""
    shapes = [(b"[", b"]"), (b'{"a":', b"}")]
    inner, outer = b'"[[{\\"[\\\\"', [shapes[level % 2] for level in range(depth - 1)]
    value = b"".join(begin for begin, _ in outer) + inner + b"".join(end for _, end in reversed(outer))
    line = b'{"id":1,"ok":' + value + b"}"
    if depth <= protocol.DEPTH_MAX:
        assert protocol.read_answer(line).kind == "ok"
    else:
        with pytest.raises(protocol.Fault, match="nested deeper than 128"):
            protocol.read_answer(line)


def test_many_brackets_are_not_deep() -> None:
    """Width is no depth, and neither are thousands of brackets in a string."""
    for value in (b"[" + b"[]," * 5000 + b"{}]", b'"' + b"[" * 5000 + b'\\"{{"'):
        assert protocol.read_answer(b'{"id":1,"ok":' + value + b"}").kind == "ok"
