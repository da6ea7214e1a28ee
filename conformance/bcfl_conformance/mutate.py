"""Inputs like those of the vectors, but changed: the raw material of a differential run.

A change keeps the kind of what it changes (a decimal string stays one, hex keeps its length, mostly), so that an
input gets past the decoder and reaches the rules. Everything follows from the random source alone.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from bcfl_conformance.suite import Case

#: Where implementations go wrong: widths of machine integers, the fixed-point domain, exact doubles.
SEAMS = tuple(sorted({2**k + d for k in (0, 7, 8, 15, 16, 20, 31, 32, 47, 53, 62, 63) for d in (-1, 0, 1)}))
WORD = 2**64
#: Numbers that say how much there is to do, however short the input is: (field, most that is asked, limit of the
#: operation). What lies between the two takes seconds or minutes, and no other path; above the limit it is refused.
WORK: dict[str, tuple[str, int, int]] = {
    "consensus.proposer_at": ("epoch_heights", 2**16, WORD - 1),
    "kernels.discrete_gaussian": ("count", 4096, 2**31),
    "privacy.blind_set": ("capacity", 64, 2**20),
    "privacy.deal_triples": ("count", 1024, 2**16),
    "privacy.graph_size": ("members", 512, 10**9),
    "privacy.neighbour_graph": ("members", 4096, 2**20),
    "privacy.triple_store": ("count", 1024, 2**16),
}
#: How many changes, as often as they stand here; none now and then, so that every operation accepts something.
CHANGES = (0, *[1] * 9, *[2] * 6, *[3] * 3)
INT32_SEAMS = tuple(sign * (2**k + d) for sign in (1, -1) for k in (0, 15, 20, 31) for d in (-2, -1, 0))
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,30}")
_HEX = re.compile(r"0x([0-9a-f]{2})*")

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Change:
    """Put `value` at `path`."""

    path: Path
    value: Any

    @property
    def where(self) -> str:
        """The path as reports write it."""
        return "".join(f"/{key}" for key in self.path) or "/"


@dataclass(frozen=True)
class Question:
    """One input, the case it was made from, and the changes that made it."""

    operation: str
    number: int
    base: str
    input: Any
    changes: tuple[Change, ...]


class Source:
    """Questions about one operation: number n of a seed is always the same one."""

    def __init__(self, operation: str, cases: Sequence[Case], seed: str) -> None:
        self._operation = operation
        self._seed = seed
        self._cases = cases
        self._accepted = [case for case in cases if "ok" in case.expect] or list(cases)
        self._pool: dict[Path, list[Any]] = {}
        for case in cases:
            for path, value in places(case.input):
                self._pool.setdefault(_general(path), []).append(value)

    def question(self, number: int) -> Question:
        """The question with this number: an accepted case more often than not, with up to three changes."""
        random = Random(f"{self._seed}/{self._operation}/{number}")
        case = random.choice(self._accepted if random.random() < 0.8 else self._cases)
        data, changes = case.input, []
        for _ in range(random.choice(CHANGES)):
            change = self._change(random, data)
            if change is not None:
                changes.append(change)
                data = apply(data, [change])
        return Question(self._operation, number, case.id, data, tuple(changes))

    def _change(self, random: Random, data: Any) -> Change | None:
        """One change at a random kind of place, so that a long vector counts no more than a short field."""
        grouped: dict[Path, list[tuple[Path, Any]]] = {}
        for path, value in places(data):
            if path:
                grouped.setdefault(_general(path), []).append((path, value))
        for _ in range(8):
            if not grouped:
                return None
            general = random.choice(sorted(grouped, key=str))
            path, value = random.choice(grouped[general])
            known = self._pool.get(general, ())
            new = random.choice(known) if known and random.random() < 0.25 else mutated(random, value)
            change = Change(path, new)
            if (type(new) is not type(value) or new != value) and is_affordable(
                self._operation, apply(data, [change])
            ):
                return change
        return None


def is_affordable(operation: str, data: Any) -> bool:
    """Whether no field asks for more work than a differential run has time for."""
    if operation not in WORK:
        return True
    field, most, limit = WORK[operation]
    asked = [value for path, value in places(data) if path[-1:] == (field,) and isinstance(value, str)]
    return not any(_DECIMAL.fullmatch(value) and most < int(value) <= limit for value in asked)


def places(value: Any, path: Path = ()) -> list[tuple[Path, Any]]:
    """Every place in a JSON value, outermost first."""
    found: list[tuple[Path, Any]] = [(path, value)]
    if isinstance(value, dict):
        for key in sorted(value):
            found += places(value[key], (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += places(item, (*path, index))
    return found


def apply(data: Any, changes: Sequence[Change]) -> Any:
    """A copy of `data` with the changes made in order; one whose place is gone is left out."""
    result = copy.deepcopy(data)
    for change in changes:
        holder = result
        try:
            for key in change.path[:-1]:
                holder = holder[key]
            holder[change.path[-1]]
            holder[change.path[-1]] = copy.deepcopy(change.value)
        except (KeyError, IndexError, TypeError):
            continue
    return result


def mutated(random: Random, value: Any) -> Any:
    """A value of the same kind that is probably another one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return _integer(random, value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return str(_natural(random, int(value)))
    if isinstance(value, str) and _HEX.fullmatch(value):
        return _hex(random, value)
    if isinstance(value, list):
        return _list(random, value)
    if isinstance(value, dict):
        return _object(random, value)
    return value


def _general(path: Path) -> Path:
    return tuple("*" if isinstance(key, int) else key for key in path)


def _natural(random: Random, value: int) -> int:
    moves: tuple[Callable[[], int], ...] = (
        lambda: value + 1,
        lambda: max(0, value - 1),
        lambda: random.choice((0, 1)),
        lambda: random.choice((value * 2, value // 2, value * 3 + 1)),
        lambda: random.randrange(2 * value + 2),
        lambda: random.choice([seam for seam in SEAMS if seam < max(1000, value * 64)]),
        lambda: random.choice((*SEAMS, WORD - 1, WORD - 2)),
        lambda: (WORD - value) % WORD,
    )
    new = random.choice(moves)()
    return new if new < WORD or value >= WORD or random.random() < 0.1 else new % WORD


def _integer(random: Random, value: int) -> int:
    moves = (value + 1, value - 1, -value, 0, 1, -1, value ^ 1, random.choice(INT32_SEAMS), random.randrange(-99, 99))
    return max(-(2**31), min(2**31 - 1, random.choice(moves)))


def _hex(random: Random, value: str) -> str:
    data = bytearray(bytes.fromhex(value[2:]))
    if not data:
        return "0x00" if random.random() < 0.5 else value
    at, move = random.randrange(len(data)), random.randrange(12)
    if move < 7:
        data[at] ^= 1 << random.randrange(8)
    elif move < 9:
        data[at] = random.choice((0, 1, 127, 128, 255))
    elif move == 9:
        data = bytearray(len(data))
    elif move == 10:
        data.reverse()
    else:
        data = data[:-1] if random.random() < 0.5 else data + b"\x00"
    return "0x" + data.hex()


def _list(random: Random, value: list[Any]) -> list[Any]:
    items = copy.deepcopy(value)
    if not items:
        return items
    at, other, move = random.randrange(len(items)), random.randrange(len(items)), random.randrange(10)
    if move < 2:
        del items[at]
    elif move < 4:
        items.insert(other, copy.deepcopy(items[at]))
    elif move < 7:
        items[at], items[other] = items[other], items[at]
    elif move == 7:
        items[at] = copy.deepcopy(items[other])
    elif move == 8:
        items.reverse()
    else:
        items = items[:at]
    return items


def _object(random: Random, value: dict[str, Any]) -> dict[str, Any]:
    """Two fields of one kind exchanged."""
    fields: dict[str, list[str]] = {}
    for key in sorted(value):
        fields.setdefault(_kind(value[key]), []).append(key)
    groups = [keys for _, keys in sorted(fields.items()) if len(keys) > 1]
    if not groups:
        return value
    left, right = random.sample(random.choice(groups), 2)
    return {**value, left: value[right], right: value[left]}


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "decimal" if _DECIMAL.fullmatch(value) else f"hex {len(value)}" if _HEX.fullmatch(value) else "text"
    return type(value).__name__ + (" ".join(sorted(value)) if isinstance(value, dict) else "")
