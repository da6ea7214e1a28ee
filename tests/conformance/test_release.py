"""The release archive: the same bytes from the same files, and a suite that works wherever it is unpacked."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from bcfl_conformance import SUITE, release


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of this checkout."""
    return release.write(SUITE, tmp_path_factory.mktemp("release"))[0]


def test_the_same_files_give_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    """Built again, elsewhere and later, every byte is the same; the digest beside it is its digest."""
    again, digest = release.write(SUITE, tmp_path / "again")
    assert again.read_bytes() == archive.read_bytes()
    assert digest == hashlib.sha256(archive.read_bytes()).hexdigest()
    assert (archive.parent / f"{archive.name}.sha256").read_bytes() == f"{digest}  {archive.name}\n".encode()


def test_reports_that_lie_around_are_no_part(toy_suite: Path) -> None:
    """A result written into the folder of the suite, as its README shows, changes no archive."""
    (toy_suite / "README.md").write_text("x")
    (toy_suite.parent / "LICENSE").write_text("x")
    before = release.archive(toy_suite)
    for name in ("result.json", "result.html", "badge.json"):
        (toy_suite / name).write_text("{}")
    assert release.archive(toy_suite) == before
    inside = [name for name, _ in release.files(toy_suite)]
    assert inside[:3] == ["LICENSE", "conformance/README.md", "conformance/manifest.json"]


def test_modes_and_times_of_the_files_do_not_matter(toy_suite: Path) -> None:
    """Another umask, another day: the same bytes."""
    (toy_suite.parent / "LICENSE").write_text("x")
    before = release.archive(toy_suite)
    for path in toy_suite.rglob("*.json"):
        path.chmod(0o600)
        os.utime(path, (1, 1))
    assert release.archive(toy_suite) == before


def test_neither_times_nor_owners_nor_caches_are_inside(archive: Path) -> None:
    """Names are sorted and all in one folder; specification, licence, runner, schemas and vectors are there."""
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
    names = [member.name for member in members]
    assert names == sorted(names) and len(set(names)) == len(names)
    assert all((m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) == (0, 0, 0, "", "", 0o644) for m in members)
    assert not any("__pycache__" in name or "/." in name for name in names)
    inside = {name.removeprefix(f"{release.NAME}/") for name in names}
    assert {
        "LICENSE",
        "conformance/README.md",
        "conformance/protocol.md",
        "conformance/manifest.json",
        "conformance/bcfl_conformance/__main__.py",
        "conformance/schemas/protocol.schema.json",
        "conformance/testees/reference/testee.toml",
        "spec/types.md",
    } <= inside


def test_it_works_where_it_is_unpacked(archive: Path, tmp_path: Path) -> None:
    """The runner of the unpacked folder, run from there, greets the reference and finds its manners in order."""
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    folder = tmp_path / release.NAME / "conformance"
    package = str(Path(__file__).parents[2] / "python")
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "bcfl_conformance", "--testee", "testees/reference", "--smoke", "--quiet"]
    command += ["--layer", "types", "--layer", "kernels", "--report", "report.html"]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "AGG-003" in (folder / "report.html").read_text(encoding="utf-8")


def test_a_broken_suite_is_not_released(toy_suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One wrong digest and nothing is written: exit status 2 and one line."""
    (toy_suite / "manifest.json").write_text("{}")
    assert release.main(["--suite", str(toy_suite), "--out", str(tmp_path / "none")]) == 2
    assert not (tmp_path / "none").exists() and capsys.readouterr().err.count("\n") == 1
