"""The fuzzers of the C interface (cpp/fuzz) over their committed corpus and a short way beyond it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from native.building import ON_LINUX_X86, ROOT, attempt, build_once, run

CORPUS = ROOT / "cpp" / "fuzz" / "corpus"
TARGETS = sorted(path.name for path in CORPUS.iterdir())
SHORT = "-runs=150"


@pytest.fixture(scope="session")
def fuzzers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the fuzzers, with the library under the sanitizers of addresses and undefined behaviour."""
    if not ON_LINUX_X86:
        pytest.skip("the fuzzers are built on Linux on x86-64 here")
    folder = build_once(tmp_path_factory, "fuzz", "-DBCFL_BUILD_FUZZERS=ON", "-DCMAKE_BUILD_TYPE=Debug")
    return folder / "cpp" / "fuzz"


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_breaks(fuzzers: Path, target: str, tmp_path: Path) -> None:
    """No input crashes, all variants agree on every one, and a second run does the same things."""
    outputs = {run(fuzzers / f"fuzz_{target}", SHORT, CORPUS / target) for _ in range(2 if target == "masks" else 1)}
    assert len(outputs) == 1
    found = re.match(r"fuzz_\w+: (\d+) inputs, 150 mutations, \d+ new, (\d+) places", outputs.pop())
    assert found is not None
    assert int(found[1]) == len(list((CORPUS / target).iterdir()))
    assert int(found[2]) > 50


def test_the_canary_dies(fuzzers: Path, tmp_path: Path) -> None:
    """A write of one byte too far, behind three conditions, is found, and its input is kept."""
    (tmp_path / "empty").mkdir()
    command = f"cd {tmp_path} && {fuzzers / 'fuzz_canary'} -runs=20000 empty"
    result = attempt("sh", "-c", command)
    assert result.returncode != 0
    assert "heap-buffer-overflow" in result.stderr
    assert (tmp_path / "crash-fuzz_canary").read_bytes()[0] == 0xFE


def test_every_function_of_the_header_is_fuzzed() -> None:
    """Each function that bcfl.h declares is called by a fuzzer."""
    header = (ROOT / "cpp" / "include" / "bcfl" / "bcfl.h").read_text("utf-8")
    declared = set(re.findall(r"^BCFL_API [^;(]*?\b(bcfl_\w+)\(", header, re.MULTILINE))
    sources = " ".join(path.read_text("utf-8") for path in CORPUS.parent.glob("*.cpp"))
    assert {name for name in declared if not re.search(rf"\b{name}\b", sources)} == set()
