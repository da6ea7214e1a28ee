"""The fuzzers of the C interface (cpp/fuzz) over their committed corpus and a short way beyond it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from native.building import ON_LINUX_X86, ROOT, attempt, build_once, run

CORPUS = ROOT / "cpp" / "fuzz" / "corpus"
TARGETS = sorted(path.name for path in CORPUS.iterdir())
SHORT = "-runs=150"


WRAPPING = ROOT / "cpp" / "cmake" / "wrapping.txt"
WRAPS = """
#include <cstdint>
#include <cstdlib>
namespace bcfl {
size_t bytes_overlap(size_t a, size_t b) { return a - b; }
size_t room(size_t count) { return count * 64; }
uint8_t narrow(size_t count) { return count; }
}
int main(int, char **words) {
    const size_t number = std::strtoull(words[2], nullptr, 0);
    switch (words[1][0]) {
        case 'o': return bcfl::bytes_overlap(1, number) == 7;
        case 'r': return bcfl::room(number) == 7;
        default: return bcfl::narrow(number) == 7;
    }
}
"""


def clang(folder: Path, sanitizers: str, program: str) -> str:
    """The newest Clang that makes the program with these sanitizers; the test is skipped where there is none."""
    source = folder / "probe.cpp"
    source.write_text(program, encoding="utf-8")
    found: dict[str, int] = {}
    for place in os.environ["PATH"].split(os.pathsep):
        for path in Path(place).glob("clang++*"):
            if match := re.fullmatch(r"clang\+\+(?:-(\d+))?", path.name):
                found.setdefault(str(path), int(match[1] or 10**6))
    for path in sorted(found, key=found.__getitem__, reverse=True):
        if attempt(path, *sanitizers.split(), source, "-o", folder / "probe").returncode == 0:
            return path
    pytest.skip("no Clang with its sanitizers is installed (Debian: clang-14 and libclang-rt-14-dev)")


@pytest.fixture(scope="session")
def libfuzzers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the fuzzers with Clang's engine."""
    entry = 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char *, unsigned long) { return 0; }'
    compiler = clang(tmp_path_factory.mktemp("probe"), "-fsanitize=fuzzer,address,undefined", entry)
    switches = ["-DBCFL_BUILD_FUZZERS=ON", "-DCMAKE_BUILD_TYPE=Debug", f"-DCMAKE_CXX_COMPILER={compiler}"]
    return build_once(tmp_path_factory, "libfuzzer", *switches) / "cpp" / "fuzz"


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


@pytest.mark.deep
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_breaks_under_libfuzzer(libfuzzers: Path, target: str, tmp_path: Path) -> None:
    """Clang's engine takes the whole corpus and goes on from it for a second."""
    (tmp_path / "found").mkdir()
    switches = ["-max_total_time=1", "-max_len=600", f"-artifact_prefix={tmp_path}/"]
    result = attempt(libfuzzers / f"fuzz_{target}", *switches, tmp_path / "found", CORPUS / target)
    assert result.returncode == 0, result.stderr
    done = re.search(r"^Done (\d+) runs", result.stderr, re.MULTILINE)
    assert done is not None and int(done[1]) > len(list((CORPUS / target).iterdir()))


@pytest.mark.deep
def test_the_canary_dies_under_libfuzzer(libfuzzers: Path, tmp_path: Path) -> None:
    """Clang's engine finds the write of one byte too far."""
    result = attempt(libfuzzers / "fuzz_canary", "-runs=1000000", "-seed=1", f"-artifact_prefix={tmp_path}/")
    assert result.returncode != 0
    assert "heap-buffer-overflow" in result.stderr


def test_a_size_that_wraps_is_found(tmp_path: Path) -> None:
    """Clang ends a program where a size wraps or loses bits, and lets wrap what cpp/cmake/wrapping.txt names."""
    presets = json.loads((ROOT / "CMakePresets.json").read_text("utf-8"))["configurePresets"]
    switches = next(preset for preset in presets if preset["name"] == "integers")["cacheVariables"]["CMAKE_CXX_FLAGS"]
    clang(tmp_path, switches.replace("${sourceDir}", str(ROOT)), WRAPS)
    for word, number, fault in (
        ("room", 2**58 - 1, None),
        ("room", 2**58, "unsigned integer overflow"),
        ("narrow", 255, None),
        ("narrow", 256, "implicit conversion"),
        ("overlap", 2, None),
    ):
        result = attempt(tmp_path / "probe", word, str(number))
        assert result.returncode == 0 if fault is None else fault in result.stderr, (word, number)


def test_what_may_wrap_is_there() -> None:
    """Each name in cpp/cmake/wrapping.txt is spelled as the compiler does, and is one of the library."""
    sources = " ".join(path.read_text("utf-8") for path in (ROOT / "cpp" / "src").rglob("*.*"))
    names = re.findall(r"^fun:\*(\S+)\*$", WRAPPING.read_text("utf-8"), re.MULTILINE)
    assert len(names) > 10
    for name in names:
        while match := re.match(r"(\d+)", name):
            word, name = name[match.end() :][: int(match[1])], name[match.end() + int(match[1]) :]
            assert re.search(rf"\b{word}\b", sources), word
        assert name in ("", "I", "Eii", "EPKi"), name


def test_every_function_of_the_header_is_fuzzed() -> None:
    """Each function that bcfl.h declares is called by a fuzzer."""
    header = (ROOT / "cpp" / "include" / "bcfl" / "bcfl.h").read_text("utf-8")
    declared = set(re.findall(r"^BCFL_API [^;(]*?\b(bcfl_\w+)\(", header, re.MULTILINE))
    sources = " ".join(path.read_text("utf-8") for path in CORPUS.parent.glob("*.cpp"))
    assert {name for name in declared if not re.search(rf"\b{name}\b", sources)} == set()
