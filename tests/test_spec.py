"""The specification agrees with itself and with the reference: codes, containers, constants, clauses, examples.

Run as a program it writes the table of `spec/errors.md` again from the tables of the layers.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from bcfl_ref import types
from bcfl_ref.aggregation.dispatch import EXTENSION_FIRST
from bcfl_ref.encoding import DOMAIN_TRANSACTION
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.incentive.rewards import Fact
from bcfl_ref.incentive.scores import PPM
from bcfl_ref.infrastructure.accounts import IDENTITIES_LIMIT
from bcfl_ref.infrastructure.transactions import PAYLOADS, Kind
from bcfl_ref.operations import BY_NAME
from bcfl_ref.parameters import PROTOCOL_VERSION
from bcfl_ref.transition import SUPPLY_LIMIT

SPEC = Path(__file__).parent.parent / "spec"
PACKAGE = Path(types.__file__).parent
LAYERS = sorted(path for path in SPEC.glob("*.md") if path.name not in ("README.md", "errors.md"))
CODE_ROW = re.compile(r"^\| `(?P<code>[A-Z][A-Z0-9_]*)` \| (?P<meaning>.+) \| (?P<clauses>.+) \|$")
CLAUSE = re.compile(r"\b(?:TYP|AGG|INF|CON|INC|CTR|PRV|APP)-\d{3}\b")
EXAMPLE = re.compile(r"```json\n(.*?)```", re.DOTALL)
FIELD_ROW = re.compile(r"^\| `(?P<name>[a-z_0-9]+)` \| (?P<type>[^|]+?) \|")
TITLE_ROW = re.compile(r"^\| field of `(?P<container>[A-Za-z]+)` \| type \|")
INLINE = re.compile(r"`(?P<container>[A-Z][A-Za-z]+)` = \{(?P<fields>[^}]+)\}")
PAYLOAD_ROW = re.compile(r"^\| `(?P<container>[A-Z][A-Za-z]+)` \| (?P<fields>`[a-z_]+`: .+?) \|$")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def section(text: str, title: str) -> list[str]:
    """The lines of a section of the second level."""
    _, _, rest = text.partition(f"\n## {title}\n")
    return rest.partition("\n## ")[0].splitlines()


def layer_rows() -> dict[str, list[tuple[str, str, str]]]:
    """code -> [(file, meaning, clauses)] over the tables of the layers."""
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for path in LAYERS:
        for line in section(text_of(path), "Error codes"):
            row = CODE_ROW.match(line)
            if row:
                rows.setdefault(row["code"], []).append((path.name, row["meaning"], row["clauses"]))
    return rows


def merged_table() -> list[str]:
    """The rows of `spec/errors.md`, in the order in which the reference declares the codes."""
    rows = layer_rows()
    known = [(code.value, *rows[code.value][0]) for code in Code if code.value in rows]
    return [f"| `{code}` | {meaning} | {clauses} |" for code, _, meaning, clauses in known]


# ---- error codes


def test_every_code_is_defined_by_one_layer() -> None:
    """Each code of the reference stands in the table of exactly one layer, and no table has another."""
    rows = layer_rows()
    assert set(rows) == {code.value for code in Code}
    assert {code: [file for file, *_ in found] for code, found in rows.items() if len(found) > 1} == {}


def test_the_common_table_is_that_of_the_layers() -> None:
    """`spec/errors.md` repeats the rows of the layers word for word."""
    assert [line for line in text_of(SPEC / "errors.md").splitlines() if CODE_ROW.match(line)] == merged_table()


def test_every_code_is_used() -> None:
    """A code that no source gives is a promise that nobody keeps."""
    sources = "".join(text_of(path) for path in PACKAGE.rglob("*.py") if path.name != "errors.py")
    unused = [code.name for code in Code if not re.search(rf"\b(?:Code\.)?{code.name}\b", sources)]
    assert not unused, unused


# ---- clauses


def headings() -> set[str]:
    found = (
        re.match(r"###? (?P<id>[A-Z]{3}-\d{3}) \S", line) for path in LAYERS for line in text_of(path).splitlines()
    )
    return {match["id"] for match in found if match}


def test_every_clause_that_is_named_exists() -> None:
    """The specification and the sources name only clauses that have a heading."""
    known = headings()
    wrong = {}
    for path in (*SPEC.glob("*.md"), *PACKAGE.rglob("*.py")):
        missing = {clause for clause in CLAUSE.findall(text_of(path)) if clause[4] != "9"} - known
        if missing:
            wrong[path.name] = sorted(missing)
    assert not wrong


def test_every_clause_is_realised() -> None:
    """Each clause that binds is named by the package; a rule nobody wrote is no rule."""
    sources = "".join(text_of(path) for path in PACKAGE.rglob("*.py"))
    assert sorted(clause for clause in headings() - informative() if clause not in sources) == []


def informative() -> set[str]:
    found = set()
    for path in LAYERS:
        for block in re.split(r"\n(?=#{2,3} )", text_of(path)):
            match = re.match(r"### ([A-Z]{3}-\d{3}) [^\n]*\n\s*\*Informative\.\*", block)
            if match:
                found.add(match[1])
    return found


# ---- containers


def schema_name(hint: Any) -> str:
    """The specification's word for a field annotation."""
    if hint is bool:
        return "boolean"
    if isinstance(hint, type) and issubclass(hint, types.Container):
        return hint.__name__
    marker = types.get_args(hint)[1]
    match marker:
        case types.UintOf(bits):
            return f"uint{bits}"
        case types.BytesOf(length):
            return f"Bytes{length}"
        case types.BytesUpTo(limit):
            return f"Bytes[{limit}]"
        case types.BitsUpTo(limit):
            return f"Bitlist[{limit}]"
        case types.ListUpTo(limit):
            return f"List[{schema_name(types.element_type(hint))}, {limit}]"
    raise TypeError(hint)


def normalised(name: str) -> str:
    """One spelling: roots are Bytes32, int64 is carried by a uint64, powers are written out."""
    name = name.strip().strip("`").replace("`", "")
    name = re.sub(r"\b[Rr]oot\b", "Bytes32", name).replace("IdentityIndex", "uint32").replace("PublicKey", "Bytes48")
    name = re.sub(r"\bSignature\b", "Bytes96", name).replace("int64", "uint64").replace("uuint", "uint")
    return re.sub(r"(\d+)\^(\d+)", lambda power: str(int(power[1]) ** int(power[2])), name)


def written_containers() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(file, container, [(field, type)]) for every container that is tabled or written inline."""
    found = []
    for path in LAYERS:
        lines = text_of(path).splitlines()
        for number, line in enumerate(lines):
            title = TITLE_ROW.match(line)
            if title:
                rows = []
                for row in map(FIELD_ROW.match, lines[number + 2 :]):
                    if row is None:
                        break
                    rows.append((row["name"], normalised(row["type"])))
                found.append((path.name, title["container"], rows))
        inline = [*INLINE.finditer(" ".join(lines)), *filter(None, map(PAYLOAD_ROW.match, lines))]
        for match in inline:
            fields = re.findall(r"`([a-z_]+)`: ([A-Za-z0-9]+(?:\[[^\]]*\])?)", match["fields"])
            found.append((path.name, match["container"], [(name, normalised(kind)) for name, kind in fields]))
    return [entry for entry in found if hasattr(types, entry[1])]


def test_containers_are_written_as_they_are() -> None:
    """Every container that the specification spells out has exactly the fields and types of the reference."""
    written = written_containers()
    assert {"Genesis", "Identity", "State", "Transaction", "Header", "Body", "Transfer", "Testimony"} <= {
        name for _, name, _ in written
    }
    for file, name, rows in written:
        declared = getattr(types, name).FIELD_TYPES
        assert rows == [(field, normalised(schema_name(hint))) for field, hint in declared.items()], (file, name)


# ---- constants


def test_transaction_kinds_are_tabled() -> None:
    """The table of INF-004 has the numbers, names and payloads of the reference."""
    rows = re.findall(r"^\| (\d+) \| ([A-Z_]+) \| (\w+) \|", text_of(SPEC / "infrastructure.md"), re.MULTILINE)
    names = {kind: PAYLOADS[kind].__name__ for kind in Kind}
    assert {int(number): (name, payload) for number, name, payload in rows} == {
        int(kind): (kind.name, names[kind]) for kind in Kind
    }


def test_facts_are_tabled() -> None:
    """The table of INC-008 numbers the facts as the reference does."""
    rows = re.findall(r"^\| [^|]+ \| (\d) \| [+−] ", text_of(SPEC / "incentive.md"), re.MULTILINE)
    assert [int(number) for number in rows] == [int(fact) for fact in Fact]


@pytest.mark.parametrize(
    ("file", "words", "value"),
    [
        ("infrastructure.md", "is at most 2^48, else `SUPPLY_RANGE`", SUPPLY_LIMIT == 2**48),
        ("infrastructure.md", "A state has room for 2^20 identities", IDENTITIES_LIMIT == 2**20),
        ("infrastructure.md", "under the domain type `0x01000000`", DOMAIN_TRANSACTION.hex() == "01000000"),
        ("infrastructure.md", "`protocol_version` is 1 and", PROTOCOL_VERSION == 1),
        ("infrastructure.md", "numbers of the extensions are 128 or more", EXTENSION_FIRST == 128),
        ("incentive.md", "⌊10^6 · `correct` / `total`⌋", PPM == 10**6),
    ],
)
def test_constants_are_written_as_they_are(file: str, words: str, value: bool) -> None:
    """A constant of the reference has the value that the sentence about it says."""
    assert words in text_of(SPEC / file) and value


# ---- examples


def examples() -> list[Any]:
    found = ((path.name, block) for path in LAYERS for block in EXAMPLE.findall(text_of(path)))
    return [pytest.param(json.loads(block), id=f"{name}-{number}") for number, (name, block) in enumerate(found)]


@pytest.mark.parametrize("example", examples())
def test_examples_are_right(example: dict[str, Any]) -> None:
    """What an example says is what the reference answers."""
    try:
        answer = {"ok": BY_NAME[example["operation"]].run(example["input"])}
    except SpecError as refusal:
        answer = {"error": refusal.code.value}
    assert answer == example["expect"]


# ---- tables of operations


def test_operations_are_tabled() -> None:
    """Each operation stands once under `## Operations` of the specification."""
    rows = [
        row[1]
        for path in LAYERS
        for line in section(text_of(path), "Operations")
        if (row := re.match(r"^\| `([a-z]+\.[a-z0-9_]+)` \|", line))
    ]
    assert sorted(rows) == sorted(BY_NAME)


HEADER = """# Error codes

Every way in which a rule refuses. A code is part of the protocol: for one input every implementation gives the same
one. Which guard gives it, and in which order guards are asked, is in the clauses. Implementations whose language has
its own errors map them to these names. Codes are never renamed and never reused.

This table repeats those of the layers, word for word.

| code | meaning | clauses |
|---|---|---|
"""

if __name__ == "__main__":
    (SPEC / "errors.md").write_text(HEADER + "\n".join(merged_table()) + "\n", encoding="utf-8")
