"""Every bug of the faulty testee is caught, and by the vector that was written against it."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import pytest
from bcfl_conformance import SUITE, session
from bcfl_conformance.suite import Filter, load

FOLDER = SUITE / "testees" / "faulty"


@pytest.fixture(scope="module")
def mutation() -> ModuleType:
    """The two modules of the faulty testee, which is a folder and no package."""
    sys.path.insert(0, str(FOLDER))
    import bugs
    import mutation

    mutation.BUGS = bugs.BUGS  # type: ignore[attr-defined]
    return mutation


def test_names_and_cases_exist(mutation: ModuleType) -> None:
    """Names are unique, and each bug names a case of the suite."""
    names = [bug.name for bug in mutation.BUGS]
    assert len(set(names)) == len(names) >= 25
    known = {case.id for case in load(SUITE).cases}
    assert {bug.caught_by for bug in mutation.BUGS} <= known


def test_every_bug_is_caught(mutation: ModuleType) -> None:
    """With the bug the named case fails: a wrong answer, or a crash in the middle of it."""
    suite = load(SUITE)

    def play(bug: object) -> str | None:
        settings = session.Settings(
            command=(sys.executable, str(FOLDER / "testee.py"), "--bug", bug.name),  # type: ignore[attr-defined]
            suite_digest=suite.digest,
        )
        cases = Filter(cases=(bug.caught_by,)).select(suite.cases)  # type: ignore[attr-defined]
        (result,) = session.play(settings, cases).results
        return None if result.status in ("failed", "crashed") else f"{bug.name}: {result.status}"  # type: ignore[attr-defined]

    with ThreadPoolExecutor(2) as pool:
        survivors = [found for found in pool.map(play, mutation.BUGS) if found is not None]
    assert survivors == []


def test_a_bug_that_lost_its_place_is_an_error(mutation: ModuleType) -> None:
    """When the reference changes, a bug whose text is gone is a failure and no silent pass."""
    code = (
        "import mutation; mutation.install(mutation.Bug('x', 'x', 'bcfl_ref.errors', 'no such text', '', 'x'));"
        "import bcfl_ref.errors"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert ended.returncode == 1 and "stands 0 times" in ended.stderr
