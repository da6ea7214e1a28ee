"""The clauses of the specification, read from its headings, so that a report can show what was broken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_HEADING = re.compile(r"^#{2,4}\s+((?:TYP|PAR|AGG|INF|CON|INC|CTR|PRV|APP)-[0-9]{3})\s+(.*\S)\s*$")


@dataclass(frozen=True)
class Clause:
    """One clause: id, title, and its text as written."""

    id: str
    title: str
    text: str


def read(folder: Path) -> dict[str, Clause]:
    """Every clause in the Markdown files of `folder`, by id; empty where there is no such folder."""
    found: dict[str, Clause] = {}
    for path in sorted(folder.glob("*.md")):
        current: tuple[str, str] | None = None
        lines: list[str] = []
        for line in [*path.read_text(encoding="utf-8").splitlines(), "# end"]:
            heading = _HEADING.match(line)
            if heading or line.startswith(("# ", "## ", "### ")):
                if current is not None:
                    found[current[0]] = Clause(*current, "\n".join(lines).strip())
                current, lines = (heading[1], heading[2]) if heading else None, []
            else:
                lines.append(line)
    return found
