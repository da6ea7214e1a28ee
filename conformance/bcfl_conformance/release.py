"""The suite and the specification as one archive: `python -m bcfl_conformance.release --out dist`.

The same files give the same bytes: names sorted, no times, no owners, fixed modes. The SHA-256 is printed and
written beside the archive in the form that `sha256sum --check` reads.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bcfl_conformance import SUITE, __version__
from bcfl_conformance.command import Parser, safe_output
from bcfl_conformance.suite import SuiteError, load

NAME = f"befl-conformance-{__version__}"
#: What lies in the folder of the suite itself; a report that was written there is no part of a release.
TOP = (".md", "manifest.json", "operations.json")
#: What lies in the two folders and belongs to nobody but this machine.
LEFT_OUT = ("__pycache__", "node_modules")


def files(suite: Path) -> Iterator[tuple[str, Path]]:
    """(name in the archive, file), sorted by name."""
    root = suite.parent
    found = {"LICENSE": root / "LICENSE"}
    for folder in (suite, root / "spec"):
        for path in folder.rglob("*"):
            parts = path.relative_to(folder).parts
            hidden = any(part in LEFT_OUT or part.startswith(".") for part in parts)
            left = folder == suite and len(parts) == 1 and not parts[0].endswith(TOP)
            if path.is_file() and not hidden and not left and path.suffix != ".pyc":
                found["/".join((folder.name if folder != suite else "conformance", *parts))] = path
    return iter(sorted(found.items()))


def archive(suite: Path) -> bytes:
    """The archive as bytes; the suite is checked first, so that nothing broken is released."""
    load(suite)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, path in files(suite):
            content = path.read_bytes()
            entry = tarfile.TarInfo(f"{NAME}/{name}")
            entry.size, entry.mode, entry.mtime = len(content), 0o644, 0
            tar.addfile(entry, io.BytesIO(content))
    packed = io.BytesIO()
    # No name and no time in the gzip header either.
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=9, mtime=0) as stream:
        stream.write(plain.getvalue())
    return packed.getvalue()


def write(suite: Path, out: Path) -> tuple[Path, str]:
    """Write the archive and its digest to a folder; gives the path of the archive and the digest."""
    content = archive(suite)
    digest = hashlib.sha256(content).hexdigest()
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"{NAME}.tar.gz"
    target.write_bytes(content)
    (out / f"{NAME}.tar.gz.sha256").write_text(f"{digest}  {target.name}\n", encoding="ascii", newline="\n")
    return target, digest


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the archive as the arguments say; gives the exit status."""
    parser = Parser(prog="bcfl_conformance.release", description=__doc__.splitlines()[0])
    parser.add_argument("--suite", type=Path, default=SUITE, metavar="DIR", help="folder of manifest.json")
    parser.add_argument("--out", type=Path, default=Path("dist"), metavar="DIR", help="where the archive goes")
    options = parser.parse_args(arguments)
    safe_output()
    try:
        target, digest = write(options.suite.resolve(), options.out)
    except (SuiteError, OSError) as error:
        print(f"bcfl_conformance.release: {error}", file=sys.stderr)
        return 2
    print(f"{digest}  {target.as_posix()}\nsuite {load(options.suite).digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
