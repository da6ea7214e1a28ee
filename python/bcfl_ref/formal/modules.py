"""Reading a TLA+ module as text: its definitions, variables, constants and sections; and the lint over all modules.

A module is divided by comment lines `\\* == Name ==`. What stands under `Properties` must be checked by some
configuration; what stands under `Witnesses` must be reachable, so it is listed where it must be violated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_SECTION = re.compile(r"^\\\* == (\w+)", re.M)
_DEFINITION = re.compile(r"^(?:LOCAL +)?([A-Za-z_]\w*) *(\([^)=]*\))? *(?:==)", re.M)
_MODULE = re.compile(r"^-{4,} *MODULE +(\w+) *-{4,}", re.M)
_OTHER_UNIT = re.compile(r"^(?:VARIABLES?|CONSTANTS?|ASSUME|RECURSIVE|-{4,})", re.M)
_NAMES = re.compile(r"[A-Za-z_]\w*")
_CLAUSE = re.compile(r"\b(?:TYP|PAR|AGG|INF|CON|INC|CTR|PRV|APP)-\d{3}\b")


@dataclass(frozen=True)
class Definition:
    """`name(parameters) == body`, without comments, and the section that it stands in."""

    name: str
    parameters: tuple[str, ...]
    body: str
    section: str


@dataclass(frozen=True)
class Module:
    """One module; `clauses` are all clause ids that its comments name."""

    name: str
    extends: tuple[str, ...]
    constants: tuple[str, ...]
    variables: tuple[str, ...]
    definitions: Mapping[str, Definition]
    clauses: tuple[str, ...]
    text: str = field(repr=False)

    def section(self, name: str) -> list[Definition]:
        """The definitions of one section, in order."""
        return [definition for definition in self.definitions.values() if definition.section == name]

    def actions(self) -> list[str]:
        """The definitions that `Next` names."""
        following = self.definitions.get("Next")
        named = dict.fromkeys(_NAMES.findall(following.body)) if following else {}
        return [name for name in named if name in self.definitions and name != "Next"]


def without_comments(text: str) -> str:
    """The text with every comment replaced by blanks of the same length."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    text = re.sub(r"\(\*.*?\*\)", blank, text, flags=re.S)
    return re.sub(r"\\\*[^\n]*", blank, text)


def parse_module(text: str) -> Module:
    """Read one module; raises ValueError where there is none."""
    head = _MODULE.search(text)
    if head is None:
        raise ValueError("no MODULE line")
    plain = without_comments(text)
    end = re.search(r"^={4,}", plain, re.M)
    plain = plain[: end.start()] if end else plain
    sections = [(match.start(), match[1]) for match in _SECTION.finditer(text)]
    starts = list(_DEFINITION.finditer(plain))
    definitions: dict[str, Definition] = {}
    for index, match in enumerate(starts):
        stop = starts[index + 1].start() if index + 1 < len(starts) else len(plain)
        body = re.split(r"^(?:VARIABLES?|CONSTANTS?|ASSUME|RECURSIVE|-{4,})", plain[match.end() : stop], flags=re.M)[
            0
        ]
        inside = [name for position, name in sections if position < match.start()]
        parameters = tuple(_NAMES.findall(re.sub(r"\([^)]*\)", "", (match[2] or "")[1:-1])))
        definitions[match[1]] = Definition(match[1], parameters, body.strip(), inside[-1] if inside else "")
    clauses = tuple(dict.fromkeys(_CLAUSE.findall(text)))
    extends = re.search(r"^EXTENDS +(.*)$", plain, re.M)
    return Module(
        head[1],
        tuple(_NAMES.findall(extends[1])) if extends else (),
        _declared(plain, "CONSTANTS?"),
        _declared(plain, "VARIABLES?"),
        definitions,
        clauses,
        text,
    )


def _declared(plain: str, keyword: str) -> tuple[str, ...]:
    """The names after VARIABLES or CONSTANTS, separated by commas."""
    name = r"[A-Za-z_]\w*(?:\([_, ]*\))?"
    found: list[str] = []
    for match in re.finditer(rf"^{keyword}\s+({name}(?:\s*,\s*{name})*)", plain, re.M):
        found += _NAMES.findall(re.sub(r"\([_, ]*\)", "", match[1]))
    return tuple(found)


def read_modules(folder: Path) -> dict[str, Module]:
    """Every module of a folder by name; raises ValueError when file and module are called differently."""
    found = {}
    for path in sorted(folder.glob("*.tla")):
        module = parse_module(path.read_text(encoding="utf-8"))
        if module.name != path.stem:
            raise ValueError(f"{path.name} holds module {module.name}")
        found[module.name] = module
    return found


def variable_holes(module: Module) -> Iterator[str]:
    """Every declared variable stands in the tuple `vars`, and nothing else does."""
    if not module.variables or module.name.startswith(("MC", "Trace")):
        return
    definition = module.definitions.get("vars")
    listed = set(_NAMES.findall(definition.body)) if definition else set()
    for name in module.variables:
        if name not in listed:
            yield f"{module.name}: variable {name} is not in vars"
    for name in sorted(listed - set(module.variables)):
        yield f"{module.name}: vars lists {name}, which is no variable"


def clause_holes(module: Module) -> Iterator[str]:
    """Every property names a clause, in the comment right above it or on its line."""
    listing, comment = False, ""
    for line in module.text.splitlines():
        if line.startswith("\\* == "):
            listing, comment = line.startswith("\\* == Properties"), ""
        elif line.startswith("\\*"):
            comment += line
        else:
            name = re.match(r"([A-Za-z]\w*) *==", line)
            if listing and name and not _CLAUSE.search(f"{comment} {line}"):
                yield f"{module.name}: property {name[1]} names no clause"
            comment = ""
