"""The text and the table say the same: the guards of CTR-003 to CTR-012, in one order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bcfl_ref.contract.deadlines import Outcome
from bcfl_ref.contract.rounds import SheetStatus, UpdateStatus
from bcfl_ref.contract.tasks import PLAIN_WINDOWS, Phase, Role, Window
from bcfl_ref.operations.contract import OPERATIONS

TEXT = (Path(__file__).parents[2] / "spec" / "contract.md").read_text(encoding="utf-8")
CLAUSES = {part[:7]: part for part in re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]}
SHARED = "CTR-005"
OF_A_ROUND = ("CTR-006", "CTR-007", "CTR-009", "CTR-010", "CTR-012")


def guards(clause: str) -> list[str]:
    """The codes of the numbered guards of a clause, those that all transactions of a round share first."""
    items = re.split(r"^\d+\. ", CLAUSES[clause], flags=re.MULTILINE)[1:]
    own = [code for item in items for code in re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", item.partition("\n\n")[0])]
    return [*guards(SHARED), *own] if clause in OF_A_ROUND else own


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.errors], ids=lambda o: o.name)
def test_guards_stand_in_the_order_of_the_text(operation: object) -> None:
    """Every operation with guards lists their codes as its clause does, none left out and none added."""
    listed = [code.value for code in operation.errors]  # type: ignore[attr-defined]
    clause = operation.clauses[0]  # type: ignore[attr-defined]
    expected = ["BLOB_MISSING"] if clause in ("CTR-005", "CTR-015", "CTR-016") else guards(clause)
    assert listed == list(dict.fromkeys(expected))


@pytest.mark.parametrize(
    ("clause", "members"),
    [("CTR-001", Phase), ("CTR-006", UpdateStatus), ("CTR-013", Outcome)],
    ids=["phases", "statuses", "outcomes"],
)
def test_numbers_of_the_text_are_those_of_the_code(clause: str, members: type) -> None:
    """Phases, statuses and outcomes have the numbers that the tables of the text give them."""
    rows = re.findall(r"^ *\| ([a-z ]+) \| (\d+) \|", CLAUSES[clause], flags=re.MULTILINE)
    named = {name.replace(" ", "_").upper(): int(number) for name, number in rows}
    assert {member.name: member.value for member in members} == named  # type: ignore[attr-defined]


def test_small_enumerations_are_as_written() -> None:
    """CTR-004, CTR-005, CTR-009: roles, windows and the statuses of sheets."""
    assert [role.value for role in Role] == [1, 2] and [window.value for window in Window] == list(range(10))
    names = ["COMMIT", "REVEAL", "ATTEST", "SCORE_COMMIT", "SCORE_REVEAL", "AGGREGATE"]
    assert [window.name for window in PLAIN_WINDOWS] == names
    assert [(status.name, status.value) for status in SheetStatus] == [
        ("COMMITTED", 0),
        ("REVEALED", 1),
        ("MISMATCHED", 2),
    ]
