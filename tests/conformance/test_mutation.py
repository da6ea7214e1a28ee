"""The mutation driver: it makes the changes it promises, and notices vectors that are too weak."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import bcfl_ref
import pytest
from bcfl_conformance import SUITE
from bcfl_conformance.suite import digest, load
from bcfl_mutation import operators, table, targets
from bcfl_mutation.__main__ import Journal
from bcfl_mutation.operators import Mutant
from bcfl_mutation.play import Result

CODES = ("EMPTY", "TOO_MANY", "TOO_FEW")
SOURCE = '''"""A module about AGG-901."""
from __future__ import annotations

LIMIT = 7
"""AGG-902: how many."""


class Pair(Container):
    """AGG-903: two numbers."""

    left: Uint8
    right: Uint16


def rule(values: list[int], rate: int = 2) -> int:
    """AGG-904: a rule, 5 lines long."""
    if not values:
        raise SpecError(Code.EMPTY, f"no {values} and {LIMIT + 1}")
    if len(values) > LIMIT:
        raise SpecError(Code.TOO_MANY, "more than " + str(LIMIT))
    if rate == 0:
        raise InvariantError("cannot be")
    if rate == 9:
        raise ValueError("no value of this type")
    total = sum(value * rate for value in values if value >= 3)
    state = replace(state, total=total, key=min(values))
    return total if total and values else -1


def helper(values: list[int]) -> None:
    check(values)
'''
EXPECTED = {
    ("comparison", "if (len(values) >= LIMIT):"),
    ("error code", 'raise SpecError(Code.TOO_MANY, f"no {values} and {LIMIT + 1}")'),
    ("constant", "LIMIT = 8"),
    ("constant", "def rule(values: list[int], rate: int = 3) -> int:"),
    ("not or minus left out", "if (values):"),
    ("condition", "if False:"),
    ("arithmetic", "total = sum((value // rate) for value in values if value >= 3)"),
    ("filter left out", "total = sum((value * rate for value in values))"),
    ("argument left out", "state = replace(state, key=min(values))"),
    ("other function", "state = replace(state, total=total, key=max(values))"),
    ("and/or", "return total if (total or values) else -1"),
    ("condition left out", "return total if (total) else -1"),
    ("condition", "return (-1)"),
    ("call left out", "pass"),
    ("order of fields", "right: Uint16 left: Uint8"),
}


def test_the_changes_are_made() -> None:
    """Every operator finds its place, and every changed module is still a program."""
    found = operators.mutants("toy", SOURCE, CODES)
    assert {(mutant.operator, mutant.new) for mutant in found} >= EXPECTED
    guards = [mutant for mutant in found if mutant.operator == "order of guards"]
    assert len(guards) == 1 and guards[0].new.index("TOO_MANY") < guards[0].new.index("EMPTY")
    for mutant in found:
        compile(mutant.apply(SOURCE), "toy", "exec")
    assert len({(mutant.key, mutant.operator) for mutant in found}) == len(found)


def test_texts_and_invariants_are_left_alone() -> None:
    """No docstring, detail, annotation of a function, or check of what cannot be is changed."""
    found = operators.mutants("toy", SOURCE, CODES)
    for text in ("about AGG-901", "lines long", "cannot be", "rate == 0", "rate == 9", "from __future__"):
        assert not [mutant for mutant in found if text in mutant.old]
    assert not [mutant for mutant in found if "LIMIT + 2" in mutant.new or '"more than " -' in mutant.new]


def test_changes_know_their_place() -> None:
    """A change belongs to the outermost function, or to the constant or class around it."""
    places = {(mutant.function, mutant.scope) for mutant in operators.mutants("toy", SOURCE, CODES)}
    assert places == {("", "LIMIT"), ("", "Pair"), ("", "rule"), ("rule", ""), ("helper", "")}


def test_clauses_are_found(tmp_path: Path) -> None:
    """Docstrings of functions, classes and constants name the clause; marks say which have no vectors."""
    (tmp_path / "bcfl_ref").mkdir()
    (tmp_path / "bcfl_ref" / "encoding.py").write_text(SOURCE)
    module = targets.modules(tmp_path / "bcfl_ref")["bcfl_ref.encoding"]
    assert module.clauses["rule"] == ("AGG-904",) and module.clauses["helper"] == ()
    assert module.clauses["LIMIT"] == ("AGG-902",) and module.clauses["Pair"] == ("AGG-903",)
    (tmp_path / "toy.md").write_text("### AGG-901 One\n\n*Local.* x\n\n### AGG-902 Two\n\nMust.\n")
    assert targets.kinds(tmp_path) == {"AGG-901": "local", "AGG-902": "rule"}


def mutant(new: str) -> Mutant:
    return Mutant("toy", "rule", "constant", 1, "x = 1", new, 0, 0, "")


def test_survivors_need_reasons_and_reasons_need_survivors(tmp_path: Path) -> None:
    """An unexplained survivor, a reason that nothing needs, and too low a share are problems."""
    listing = tmp_path / "explained.toml"
    listing.write_text(
        '[[explained]]\nmodule = "toy"\nfunction = "rule"\nold = "x = 1"\nnew = "x = 2"\n'
        'kind = "equivalent"\nreason = "never read again"\n'
        '[[explained]]\nmodule = "toy"\nfunction = "gone"\nkind = "out-of-reach"\nreason = "nobody is here"\n'
    )
    rows = [(mutant("x = 2"), "AGG-901", Result("survived")), (mutant("x = 0"), "AGG-901", Result("unreached"))]
    rows += [(mutant(f"x = {number}"), "AGG-902", Result("caught", "case")) for number in range(3, 20)]
    rows += [(mutant("x = 21"), "AGG-902", Result("stillborn"))]
    played, idle = table.explained(rows, table.read_entries(listing))
    found = table.summary(played, idle)
    assert (found.total.changes, found.total.caught, found.total.explained, found.total.open) == (19, 17, 1, 1)
    assert found.stillborn == 1 and len(found.problems) == 4
    assert found.total.kinds == {"equivalent": 1, "not-normative": 0, "out-of-reach": 0}
    assert found.total.showable == 18 and found.total.percent_showable == "94.4"
    assert "unreached: AGG-901 toy.rule:1: x = 1  ->  x = 0" in found.problems[0]
    assert "89.4 % of the changes" in found.problems[1] and "94.4 % of what can be shown" in found.problems[2]
    assert "toy.gone: no survivor needs" in found.problems[3]
    page = table.page(played, found, {"suite": "sha256:0", "cases": "2", "rules": "sha256:1"})
    assert "| AGG-901 | 2 | 0 | 0.0 | 1 | 0.0 | 1 |  |  | 1 |" in page and "**open**" in page
    assert "equivalent. never read again" in page and "| equivalent | 1 | provably" in page


def test_reasons_have_words_and_a_known_kind(tmp_path: Path) -> None:
    """A reason of two letters, no kind, or a kind that nobody defined is refused when the file is read."""
    listing = tmp_path / "explained.toml"
    for kind, reason, complaint in (
        ('kind = "equivalent"', "ok", "is no reason"),
        ('kind = "probably"', "never read again", "'probably' is none of equivalent"),
        ("", "never read again", "'' is none of equivalent"),
    ):
        listing.write_text(f'[[explained]]\nmodule = "toy"\nfunction = "rule"\n{kind}\nreason = "{reason}"\n')
        with pytest.raises(ValueError, match=complaint):
            table.read_entries(listing)
    assert table.read_entries(SUITE / "bcfl_mutation" / "explained.toml")


def test_what_is_left_alone_exists() -> None:
    """Every function that is called no rule is there; a renamed one would be changed unseen."""
    modules = targets.modules(Path(bcfl_ref.__file__).parent)
    for name in targets.NO_RULES:
        module = next(module for module in sorted(modules, key=len, reverse=True) if name.startswith(module + "."))
        assert name.removeprefix(module + ".") in modules[module].clauses


def test_a_run_is_taken_up_where_it_ended(tmp_path: Path) -> None:
    """Results stand for as long as rules and the case that noticed are the same; survivors meet every new case."""
    cases = load(SUITE).cases[:2]
    caught, survived = mutant("x = 2"), mutant("x = 3")
    journal = Journal(tmp_path / "j", "rules", "suite", cases, False)
    journal.add(caught, Result("caught", cases[0].id))
    journal.add(survived, Result("survived"))

    def taken(rules: str = "rules", suite: str = "suite", played: Any = cases) -> tuple[bool, bool, set[int]]:
        again = Journal(tmp_path / "copy", rules, suite, played, True)
        known = [again.known(change) is not None for change in (caught, survived)]
        return known[0], known[1], set(again.passed(survived))

    changed = replace(cases[0], expect={"error": "EMPTY"})
    for arguments, expected in (
        ({}, (True, True, set())),
        ({"rules": "others"}, (False, False, set())),
        ({"suite": "another"}, (True, False, {0, 1})),
        ({"played": (changed, cases[1]), "suite": "another"}, (False, False, {1})),
        ({"played": (changed, *cases), "suite": "another"}, (True, False, {1, 2})),
    ):
        for suffix in ("", ".suites.json"):
            shutil.copy(tmp_path / f"j{suffix}", tmp_path / f"copy{suffix}")
        assert taken(**arguments) == expected


def suite_of(folder: Path, operation: str, keep: Any) -> Path:
    """A suite of one operation with the cases that `keep` wants."""
    path = f"vectors/{operation.replace('.', '/')}.json"
    body = json.loads((SUITE / path).read_text())
    body["cases"] = [case for case in body["cases"] if keep(case)]
    del body["digest"]
    manifest = json.loads((SUITE / "manifest.json").read_text())
    row = next(row for row in manifest["files"] if row["path"] == path)
    row.update(cases=len(body["cases"]), digest=digest(body))
    manifest.update(files=[row], cases=row["cases"], operations=1, digest=digest([[path, row["digest"]]]))
    for name, text in ((path, {**body, "digest": row["digest"]}), ("manifest.json", manifest)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(text))
    return folder


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("strong", [True, False])
def test_weak_vectors_are_noticed(tmp_path: Path, strong: bool) -> None:
    """The committed cases catch every change of the median; its accepted cases alone do not."""
    suite = suite_of(tmp_path, "incentive.weighted_lower_median", lambda case: strong or "ok" in case["expect"])
    command = [sys.executable, "-m", "bcfl_mutation", "--only", "bcfl_ref.incentive.scores.weighted_lower_median"]
    command += ["--suite", str(suite), "--results", str(tmp_path / "results.json"), "--workers", "1"]
    environment = {**os.environ, "PYTHONPATH": str(SUITE)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ended.returncode == (0 if strong else 1), ended.stdout + ended.stderr
    statuses = {row["status"] for row in json.loads((tmp_path / "results.json").read_text())}
    assert ("survived" in statuses) is not strong and "caught" in statuses


def test_a_wrong_reason_is_refuted(tmp_path: Path) -> None:
    """What vectors miss and a reason excuses is found by random inputs, if the reason is wrong."""
    suite = suite_of(tmp_path, "incentive.weighted_lower_median", lambda case: "ok" in case["expect"])
    name = "bcfl_ref.incentive.scores"
    (tmp_path / "explained.toml").write_text(
        f'[[explained]]\nmodule = "{name}"\nfunction = "weighted_lower_median"\n'
        'kind = "equivalent"\nreason = "nobody asks for more"\n'
    )
    command = [sys.executable, "-m", "bcfl_mutation", "--only", f"{name}.weighted_lower_median", "--workers", "1"]
    command += ["--suite", str(suite), "--results", str(tmp_path / "results.json"), "--refute", "2000"]
    command += ["--explained", str(tmp_path / "explained.toml")]
    environment = {**os.environ, "PYTHONPATH": str(SUITE)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ended.returncode == 1 and f"refuted: {name}.weighted_lower_median" in ended.stdout, ended.stderr
    assert "(equivalent: nobody asks for more)" in ended.stdout and "random inputs for" in ended.stderr


def test_a_run_that_changes_nothing_is_no_success(tmp_path: Path) -> None:
    """A choice that fits no function ends with status 2 and says so, instead of reporting no survivors."""
    command = [
        sys.executable,
        "-m",
        "bcfl_mutation",
        "--only",
        "nothing.at.all",
        "--results",
        str(tmp_path / "r.json"),
    ]
    done = subprocess.run(command, cwd=SUITE, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "nothing to change" in done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_missing_package_is_named() -> None:
    """A Python without the packages of the reference ends with status 2 and one line, not with a traceback."""
    command = [sys.executable, "-S", "-m", "bcfl_mutation"]
    done = subprocess.run(command, cwd=SUITE, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and re.fullmatch(r"the reference needs \w+: [^\n]+\n", done.stderr), done.stderr


def test_a_missing_suite_is_named(tmp_path: Path) -> None:
    """A folder without a suite ends with status 2 and one line."""
    command = [sys.executable, "-m", "bcfl_mutation", "--suite", str(tmp_path)]
    done = subprocess.run(command, cwd=SUITE, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "manifest.json" in done.stderr, done.stderr
