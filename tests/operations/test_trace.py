"""The traceability report finds every hole, and none where there is none."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from bcfl_ref.errors import Code, UsageError
from bcfl_ref.operations import generate, trace
from operations import toy
from rich.console import Console

CODES = "\n".join(f"| `{code.value}` | toy |" for code in Code)
SPEC = f"""# Toy

### AGG-901 Halving

Half of it *must* be given.

### AGG-902 Counting

No more than ten.

### AGG-903 Words

*Definition.* A number is even or odd.

### AGG-904 Remarks

*Informative.* Nothing follows.

## Operations

| operation | input |
|---|---|
| `toy.halve` | `value` |
| `toy.counter` | |

## Error codes

| code | when |
|---|---|
{CODES}
"""
SOURCE = '''
"""A module may name AGG-903."""

def halve(): """AGG-901: half."""

class Counter:
    def step(self): """AGG-902: one more."""
'''
TEST = '''
def test_halve_is_exact(): """Something holds."""
def test_other(): """AGG-902 holds."""
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tiny repository without holes."""
    for path, text in (
        ("spec/toy.md", SPEC),
        ("python/bcfl_ref/toy.py", SOURCE),
        ("tests/test_toy.py", TEST),
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    generate.write(tmp_path / "conformance", toy.OPERATIONS, toy.CASES)
    return tmp_path


OPERATIONS = (toy.HALVE, toy.COUNTER)


def holes(root: Path) -> str:
    return "\n".join(trace.trace(root, OPERATIONS).holes)


def test_a_whole_repository_has_no_hole(root: Path) -> None:
    """Functions, kernels, vectors and tests are counted for each clause, in the order of the headings."""
    report = trace.trace(root, OPERATIONS)
    assert report.holes == ()
    halving, counting, words, remarks = report.rows
    assert (halving.functions, halving.accepting, halving.rejecting, halving.tests) == (["toy.halve"], 1, 3, 1)
    assert (counting.functions, counting.accepting, counting.rejecting) == (["toy.Counter.step"], 1, 1)
    assert counting.tests == 1 and (words.kind, remarks.kind) == ("definition", "informative")
    console = Console(file=io.StringIO(), width=150)
    trace.print_report(report, console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "AGG-901" in printed and "4 clauses, 0 holes" in printed


@pytest.mark.parametrize(
    ("path", "old", "new", "hole"),
    [
        ("python/bcfl_ref/toy.py", "AGG-901: half", "half", "AGG-901 Halving: no function names it"),
        ("python/bcfl_ref/toy.py", "AGG-903", "them", "AGG-903 Words: no function names it"),
        ("python/bcfl_ref/toy.py", "AGG-903", "AGG-303", "AGG-303 is used in python/bcfl_ref/toy.py"),
        ("spec/toy.md", "*Definition.*", "", "AGG-903 Words: no vector"),
        ("spec/toy.md", "*Definition.*", "*Local.*", "AGG-903 Words: no test"),
        ("spec/toy.md", "Half of", "Else `EMPTY`, else `TRIM_RANGE`. Half of", "of it is refused with TRIM_RANGE"),
        ("spec/toy.md", "AGG-902 C", "AGG-901 C", "AGG-901 is defined in toy.md and toy.md"),
        ("spec/toy.md", "| `EMPTY` | toy |\n", "", "error code EMPTY stands in no table"),
        ("spec/toy.md", "| `toy.halve` | `value` |\n", "", "operation toy.halve stands in no table"),
        ("spec/toy.md", "| `toy.counter`", "| `toy.clock`", "operation toy.clock of spec/toy.md is unknown"),
        ("spec/toy.md", "| `EMPTY`", "| `FULL`", "error code FULL of spec/toy.md is unknown"),
    ],
)
def test_a_hole_is_found(root: Path, path: str, old: str, new: str, hole: str) -> None:
    """A clause without function or vector, an undefined or doubled id, a code on one side only."""
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new))
    assert hole in holes(root)


def test_an_operation_needs_function_kernel_and_vectors(root: Path) -> None:
    """A dotted path that leads nowhere, a docstring without the clause, an unknown kernel, no vector file."""
    ghost = replace(toy.HALVE, function="bcfl_ref.errors.nobody", kernel="abacus")
    assert "there is no bcfl_ref.errors.nobody" in "\n".join(trace.trace(root, (ghost,)).holes)
    other = replace(toy.HALVE, function="bcfl_ref.errors.SpecError", kernel="abacus")
    found = "\n".join(trace.trace(root, (other,)).holes)
    assert "begins with none of AGG-901" in found and "there is no kernel abacus" in found
    (root / "conformance/vectors/toy/halve.json").unlink()
    assert "operation toy.halve: no vectors" in holes(root)


@pytest.mark.parametrize(("kept", "hole"), [("ok", "no vector is refused"), ("error", "no vector is accepted")])
def test_what_must_be_is_shown_both_ways(root: Path, kept: str, hole: str) -> None:
    """A clause that says must needs an accepted and a refused case; another one does not."""
    path = root / "conformance/vectors/toy/halve.json"
    body = json.loads(path.read_text())
    body["cases"] = [case for case in body["cases"] if kept in case["expect"]]
    path.write_text(json.dumps(body))
    assert f"AGG-901 Halving: it says must, and {hole}" in holes(root)
    (root / "spec/toy.md").write_text(SPEC.replace("*must*", "will"))
    assert holes(root) == ""


def test_models_and_kernels_must_be_there(root: Path) -> None:
    """An action that its module lacks, a function that the code lacks, a kernel without a C function."""
    (root / "spec/tla").mkdir()
    properties = "\\* == Properties\n\\* AGG-901: less\nSmaller == TRUE\nOther == TRUE \\* AGG-901\nNobodys == TRUE\n"
    (root / "spec/tla/Toy.tla").write_text(f"halve(n) ==\n  n\n\\* AGG-901\n{properties}")
    actions = {"halve": "errors.SpecError"}
    manifest = root / "spec/tla/manifest.json"
    manifest.write_text(json.dumps({"modules": {"Toy": {"actions": actions}}}))
    assert holes(root) == "" and trace.trace(root, OPERATIONS).rows[0].models == ["Toy"]
    assert trace.trace(root, OPERATIONS).rows[0].invariants == ["Toy.Smaller", "Toy.Other"]
    actions.update(count="errors.nobody")
    manifest.write_text(json.dumps({"modules": {"Toy": {"actions": actions}}}))
    assert "spec/tla/Toy.tla defines no count" in holes(root) and "there is no errors.nobody" in holes(root)
    manifest.unlink()
    kernel = replace(toy.HALVE, kernel="clip_l2")
    for path in ("cpp/src/toy.cpp", "cpp/include/bcfl/bcfl.h"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("int bcfl_clip_l2(int);")
    assert trace.trace(root, (kernel, toy.COUNTER)).holes == ()
    (root / "cpp/src/toy.cpp").write_text("int bcfl_clip_l2_other(int);")
    assert "nothing in cpp/src defines bcfl_clip_l2" in "\n".join(trace.trace(root, (kernel, toy.COUNTER)).holes)
    (root / "cpp/include/bcfl/bcfl.h").unlink()
    assert "declares no bcfl_clip_l2" in "\n".join(trace.trace(root, (kernel, toy.COUNTER)).holes)


def test_refusals_inside_a_trace_are_counted(root: Path) -> None:
    """A trace with a refused and an accepted step counts for both."""
    body = json.loads((root / "conformance/vectors/toy/counter.json").read_text())
    assert [len(case["expect"]["ok"]["steps"]) for case in body["cases"]] == [2]


def test_outside_a_repository_it_says_so(tmp_path: Path) -> None:
    """A person who runs it elsewhere gets one clear line."""
    with pytest.raises(UsageError, match="holds no spec/"):
        trace.trace(tmp_path)
