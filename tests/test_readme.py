"""What the README promises."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_example_runs(tmp_path: Path) -> None:
    """The README's Python example runs as it stands, in under fifteen lines of code."""
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    statements = [line for line in code.splitlines() if line.strip()]
    assert len(statements) < 15
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    accuracy, head = done.stdout.split()
    assert 0.5 < float(accuracy) <= 1 and len(head) == 64


@pytest.mark.parametrize(
    "document", sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
)
def test_every_link_leads_somewhere(document: str) -> None:
    """Every relative link of the project's documents leads to a file that is there."""
    path = ROOT / document
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    dead = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert not dead


def test_the_commands_exist() -> None:
    """The README's make targets are targets of the Makefile, and `make help` lists every one of them."""
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ)
    targets = set(re.findall(r"^make ([a-z-]+)", README, re.M))
    assert targets and targets <= set(re.findall(r"make ([a-z-]+)", listed.stdout))
