"""Operands of instructions of PTX: how registers, numbers and addresses are read and written by many threads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from native.ptx.memory import UNSIGNED, Access, Array, Memory, Threads
from native.ptx.text import SIZES, Function, Instruction, PtxError, number

Selection = Array | slice
_SIGNED: Final = {1: np.int8, 2: np.int16, 4: np.int32, 8: np.int64}
_SPECIAL: Final = re.compile(r"%(?:(?:tid|ntid|ctaid|nctaid)\.[xyz]|laneid|lanemask_(?:eq|le|lt|ge|gt))")

BINARY: Final[dict[str, Callable[..., Array]]] = {
    "add": np.add,
    "sub": np.subtract,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "min": np.minimum,
    "max": np.maximum,
}


@dataclass
class State:
    """The threads that run together: registers by number, memory by space."""

    threads: Threads
    registers: list[Array | None]
    special: dict[str, Array]
    memories: dict[str, Memory]
    origins: dict[str, Array]
    carry: Array
    everyone: Array
    accesses: dict[int, Access]
    shared: Counter[str] = field(default_factory=Counter)
    counting: bool = True

    def slots(self, which: Selection) -> Array:
        return self.everyone if isinstance(which, slice) else which


Step = Callable[[State, Selection], None]
Read = Callable[[State, Selection], Array]


@dataclass(frozen=True)
class Op:
    """One instruction, ready to run: `kind` is step, branch, table, exit, block or warp (the last two wait)."""

    kind: str
    group: str
    instruction: Instruction
    guard: Read | None = None
    step: Step | None = None
    targets: tuple[int, ...] = ()
    choice: Read | None = None


def dtype(kind: str) -> Any:
    return np.bool_ if kind == "pred" else (_SIGNED if kind[0] == "s" else UNSIGNED)[SIZES[kind]]


class Operands:
    """One instruction of a function; `symbols` are the addresses of variables in their spaces."""

    def __init__(self, function: Function, symbols: dict[str, int]) -> None:
        self.function, self.symbols = function, symbols
        self.numbers = {name: k for k, name in enumerate(function.registers)}
        self.uses = Counter(re.findall(r"%[\w.]+", " ".join(one.text for one in function.instructions)))
        self.instruction = Instruction(0, "", "", False, (), ())

    def refuse(self, why: str) -> PtxError:
        return PtxError(f"line {self.instruction.line}: {why}: {self.instruction.text}")

    def read(self, operand: str, kind: str, wide: bool = False) -> Read:
        """The operand as numbers of this type; a `wide` one may be the low part of a larger register."""
        made = dtype(kind)
        if operand.startswith("!") and kind == "pred":
            positive = self.read(operand[1:], kind)
            return lambda state, which: ~positive(state, which)
        if operand in self.numbers:
            held, index = self.function.registers[operand], self.numbers[operand]
            same = held == kind or (kind != "pred" and held != "pred" and SIZES[held] == SIZES[kind])
            if not same and not (wide and held != "pred" and kind != "pred" and SIZES[held] > SIZES[kind]):
                raise self.refuse(f"{operand} of type {held} is no {kind}")

            def register(state: State, which: Selection) -> Array:
                values = state.registers[index]
                if values is None:
                    raise self.refuse(f"register {operand} is read that was never written")
                values = values[which]
                return values.view(made) if same else values.astype(UNSIGNED[SIZES[kind]]).view(made)

            return register
        if _SPECIAL.fullmatch(operand):
            if SIZES.get(kind) != 4:
                raise self.refuse(f"{operand} is no {kind}")
            return lambda state, which: state.special[operand][which].view(made)
        value = 32 if operand == "WARP_SZ" else number(operand)
        name, _, more = operand.partition("+")
        if value is None and name in self.symbols:
            value = self.symbols[name] + (number(more) or 0)
        if value is None:
            raise self.refuse(f"unknown operand {operand}")
        if kind == "pred":
            constant = np.array([value != 0])
        else:
            constant = np.array([value % (1 << 8 * SIZES[kind])], UNSIGNED[SIZES[kind]]).view(made)
        return lambda state, which: constant

    def write(self, operand: str, kind: str, wide: bool = False) -> Callable[[State, Selection, Array], None]:
        if operand == "_":
            return lambda state, which, value: None
        if operand not in self.numbers:
            raise self.refuse(f"unknown register {operand}")
        held, index = self.function.registers[operand], self.numbers[operand]
        same = held == kind or (kind != "pred" and held != "pred" and SIZES[held] == SIZES[kind])
        if not same and not (wide and held != "pred" and kind != "pred" and SIZES[held] > SIZES[kind]):
            raise self.refuse(f"{operand} of type {held} is no {kind}")
        stored = np.bool_ if held == "pred" else UNSIGNED[SIZES[held]]
        poison = stored(0xDEADBEEFDEADBEEF & ((1 << 8 * np.dtype(stored).itemsize) - 1))

        def assign(state: State, which: Selection, value: Array) -> None:
            values = state.registers[index]
            if values is None:
                values = state.registers[index] = np.full(len(state.everyone), poison)
            values[which] = value.astype(stored)

        return assign

    def split(self, *allowed: str, count: int = 1) -> tuple[list[str], list[str]]:
        """The types of the opcode and its other parts, which must be among those allowed."""
        parts = self.instruction.opcode[1:]
        kinds = [part for part in parts if part in SIZES or part == "pred"]
        flags = [part for part in parts if part not in kinds]
        unknown = [flag for flag in flags if flag not in allowed]
        if unknown or len(kinds) != count:
            raise self.refuse(f"unknown instruction {'.'.join(self.instruction.opcode)}")
        return kinds, flags

    def combine(self, kinds: list[str], into: str, work: Callable[..., Array]) -> Step:
        """`d, a, b, ...` with one type for each source, and what is computed from them."""
        target, *sources = self.instruction.operands
        if len(sources) != len(kinds):
            raise self.refuse(f"{len(sources)} operands")
        reads = [self.read(source, kind) for source, kind in zip(sources, kinds, strict=True)]
        write = self.write(target, into)
        return lambda state, which: write(state, which, work(*(read(state, which) for read in reads)))
