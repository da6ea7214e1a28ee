"""The C library as its users build it: tools of the machine, commands, and the folders of one build."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ON_LINUX_X86 = sys.platform == "linux" and platform.machine() in ("x86_64", "AMD64")


def tool(name: str) -> str:
    """A build tool from the path or from this interpreter's environment; the test is skipped without it."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def attempt(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, its output and its exit code, whatever it is."""
    return subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def run(*command: str | Path, **environment: str) -> str:
    """The output of a command that must succeed."""
    result = attempt(*command, **environment)
    assert result.returncode == 0, f"{command}:\n{result.stdout}\n{result.stderr}"
    return result.stdout


def configure(source: Path, folder: Path, *switches: str) -> None:
    """Configure and build; the installation, if one is asked for, goes to `folder / "prefix"`."""
    cmake = tool("cmake")
    tool("cc")
    tool("c++")
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    run(cmake, "-S", source, "-B", folder, *generator, *switches, f"-DCMAKE_INSTALL_PREFIX={folder / 'prefix'}")
    run(cmake, "--build", folder)


def build_library(folder: Path, *switches: str) -> Path:
    """Configure, build and install the library; gives `folder`."""
    configure(ROOT, folder, *switches)
    run(tool("cmake"), "--install", folder)
    return folder


def build_once(factory: pytest.TempPathFactory, name: str, *switches: str) -> Path:
    """The library built with these switches in a folder that all test processes of this run share."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "built").exists():
            build_library(folder, *switches)
            (folder / "built").touch()
    return folder
