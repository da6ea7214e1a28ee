"""No branch and no address of a kernel depends on a secret: seen by valgrind, in traces, in the disassembly.

Valgrind follows every secret bit through plain C++ and AVX2. It knows no AVX-512; there the program runs one
instruction at a time with different secrets, and must go the same way over the same addresses each time. The sources
of the programs are in cpp/constant_time; each watcher first shows that it notices code that is wrong on purpose.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from native.building import ON_LINUX_X86, attempt, run, tool

if not ON_LINUX_X86:
    pytest.skip("the watchers know Linux on x86-64", allow_module_level=True)

PLANTED = {"planted_branch", "planted_index"}
FOUND, FORBIDDEN, BREAKPOINT = 99, 77, -2
REGISTERS = ("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", *(f"r{number}" for number in range(8, 16)))
NUMBER = {name: number for number, name in enumerate(REGISTERS)}
NUMBER |= {f"e{name[1:]}": number for name, number in NUMBER.items() if not name[1:].isdigit()}
NUMBER |= {f"r{number}d": number for number in range(8, 16)}
SECRET_SOURCES = re.compile(r"(mask_add|sharing)\w*\.cpp\.o$")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(.*)$")
SEEDS = ("1", "2")


@pytest.fixture(scope="session")
def watched(build: Path) -> Path:
    return build / "cpp" / "constant_time" / "watched"


def cases(watched: Path) -> list[str]:
    return run(watched, "list").split()


def kernels_of(watched: Path) -> list[str]:
    names = [name for name in cases(watched) if not name.startswith("planted")]
    assert len(names) >= 5
    return names


def instructions(program: Path) -> Iterator[tuple[str, str]]:
    """(place, text) of the disassembly."""
    for line in run(tool("objdump"), "-d", "-M", "intel", "--no-show-raw-insn", program).splitlines():
        match = INSTRUCTION.match(line)
        if match:
            yield match[1], match[2].split("#")[0].strip()


# ---- valgrind


def under_valgrind(watched: Path, variant: str, case: str) -> tuple[int, str]:
    valgrind = tool("valgrind")
    result = attempt(valgrind, "-q", f"--error-exitcode={FOUND}", watched, variant, case, "1")
    return result.returncode, result.stderr


@pytest.mark.parametrize("case", sorted(PLANTED))
def test_valgrind_finds_what_is_planted(watched: Path, case: str) -> None:
    """A branch on a secret and a table looked up by a secret are each reported; honest code beside them is not."""
    code, report = under_valgrind(watched, "portable", case)
    assert code == FOUND, report
    assert case in report
    assert under_valgrind(watched, "portable", "planted_nothing") == (0, "")


@pytest.mark.parametrize("variant", ["portable", "avx2"])
def test_valgrind_finds_nothing_in_kernels(watched: Path, variant: str) -> None:
    """With keys, vectors, seeds and shares undefined, no jump and no address is."""
    if attempt(watched, variant, "planted_nothing", "1").returncode:
        pytest.skip(f"this machine cannot run {variant}")
    assert under_valgrind(watched, variant, ",".join(kernels_of(watched))) == (0, "")


# ---- traces


@pytest.fixture(scope="session")
def addressing(watched: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For each instruction that has one, the registers of its address."""
    lines = []
    for place, text in instructions(watched):
        operand = re.search(r"\[([^]]+)\]", text)
        base, index = -1, -1
        if operand and not re.match(r"lea\b|.*\bnop\b", text):
            for term in re.split(r"[+-]", operand[1]):
                name, star, _ = term.partition("*")
                if name in NUMBER and (star or base >= 0):
                    index = NUMBER[name]
                elif name in NUMBER:
                    base = NUMBER[name]
        if text.startswith("rep"):
            index = NUMBER["rcx"]
        if text == "int3":
            base = BREAKPOINT
        lines.append(f"{place} {base} {index}")
    path: Path = tmp_path_factory.mktemp("trace") / "addressing"
    path.write_text("\n".join(lines))
    return path


def record(watched: Path, addressing: Path, variant: str, case: str, seed: str) -> bytes:
    """What `trace` noted for every instruction that ran: its place, and the registers of its address."""
    path = addressing.parent / "record"
    result = attempt(watched.parent / "trace", addressing, path, watched, variant, case, seed, "trace")
    if result.returncode == FORBIDDEN:
        pytest.skip("one process may not watch another here")
    assert result.returncode == 0, result.stderr
    return path.read_bytes()


def first_difference(one: bytes, other: bytes) -> str | None:
    if one == other:
        return None
    for step, (a, b) in enumerate(
        zip(struct.iter_unpack("<QQ", one), struct.iter_unpack("<QQ", other), strict=False)
    ):
        if a != b:
            return f"step {step}: {a[0]:x} at {a[1]:x}, {b[0]:x} at {b[1]:x}"
    return None if len(one) == len(other) else "one run ends before the other"


@pytest.mark.parametrize("case", sorted(PLANTED))
def test_trace_finds_what_is_planted(watched: Path, addressing: Path, case: str) -> None:
    """A branch on a secret and a table looked up by a secret each leave another record; honest code does not."""
    one, other = (record(watched, addressing, "portable", case, seed) for seed in SEEDS[:2])
    assert first_difference(one, other) is not None
    one, other = (record(watched, addressing, "portable", "planted_nothing", seed) for seed in SEEDS[:2])
    assert first_difference(one, other) is None


@pytest.mark.parametrize("variant", ["portable", "avx2", "avx512", "avx512ifma"])
def test_trace_is_the_same_for_other_secrets(build: Path, watched: Path, addressing: Path, variant: str) -> None:
    """Every instruction and every address is the same, whatever the secrets are."""
    if not any(path.name.endswith(f"_{variant}.cpp.o") for path in objects_with_secrets(build)):
        pytest.skip(f"{variant} has no kernel of its own that takes secrets")
    if attempt(watched, variant, "planted_nothing", "1").returncode:
        pytest.skip(f"this machine cannot run {variant}")
    for case in kernels_of(watched):
        first, *others = (record(watched, addressing, variant, case, seed) for seed in SEEDS)
        assert len(first) > 1000, case
        for other in others:
            assert first_difference(first, other) is None, case


# ---- disassembly


def objects_with_secrets(build: Path) -> list[Path]:
    objects = (path for path in build.rglob("*.o") if "/src/kernels/" in path.as_posix())
    return [path for path in objects if SECRET_SOURCES.search(path.name)]


def suspicious(program: Path) -> list[str]:
    """Loads and stores at addresses from vector registers, and instructions whose time depends on data."""
    pattern = re.compile(r"^v?p?(gather|scatter)|^v?(div|sqrt)|^i?div\b|\[[^]]*[xyz]mm")
    return [f"{place}: {text}" for place, text in instructions(program) if pattern.search(text)]


def test_objects_hold_no_gather_and_no_division(build: Path) -> None:
    """No kernel with secrets, in any instruction set, looks anything up by a vector or divides."""
    objects = objects_with_secrets(build)
    assert {path.name for path in objects} >= {
        f"{kernel}_{isa}.cpp.o" for kernel in ("mask_add", "sharing") for isa in ("portable", "avx2", "avx512")
    }
    for path in objects:
        assert not suspicious(path), path.name


def test_disassembly_finds_what_is_planted(tmp_path: Path) -> None:
    """A gather by a secret and a division by one are each seen in an object."""
    source = tmp_path / "planted.c"
    source.write_text(
        "#include <immintrin.h>\n"
        "__m512i look(__m512i secret, const int *table) { return _mm512_i32gather_epi32(secret, table, 4); }\n"
        "unsigned divide(unsigned a, unsigned secret) { return a / secret; }\n"
    )
    run(tool("cc"), "-O2", "-mavx512f", "-c", source, "-o", tmp_path / "planted.o")
    found = " ".join(suspicious(tmp_path / "planted.o"))
    assert "gather" in found
    assert re.search(r"\bdiv\b", found)


def test_stopwatch_gives_a_figure(watched: Path) -> None:
    """The statistic of dudect can be computed; what it is belongs to a quiet machine, not to a test."""
    output = run(watched, "portable", "mask_add_u32_one", "200", "time")
    assert re.fullmatch(r"portable mask_add_u32_one t = -?\d+\.\d\d over 200 calls\n", output)
