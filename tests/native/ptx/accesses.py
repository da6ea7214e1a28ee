"""Loads, stores and atomic instructions of PTX, in each space of memory, and what they ask of the device's memory."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np
from native.ptx.memory import UNSIGNED, Access, Array, Memory, Threads, wavefronts
from native.ptx.operands import BINARY, Operands, Read, Selection, State, Step, dtype
from native.ptx.text import SIZES, number

WINDOWS: Final = {name: k << 32 for k, name in enumerate(("shared", "local", "param", "const"), 1)}
GLOBAL_BASE: Final = 0x70 << 32
_ORDERS: Final = ("weak", "volatile", "relaxed", "acquire", "release", "acq_rel", "cta", "gpu", "sys")
_ACCESS_FLAGS: Final = {*_ORDERS, "nc", "ca", "cg", "cs", "cv", "wb", "wt", "v2", "v4"}
_SPACES: Final = {name: name.partition("::")[0] for name in ("global", "shared::cta", *WINDOWS)}


_ATOMICS: Final[dict[str, Callable[..., Array]]] = {
    **{name: BINARY[name] for name in ("add", "min", "max", "and", "or", "xor")},
    "exch": lambda old, new: new,
    "cas": lambda old, compared, new: np.where(old == compared, new, old),
    "inc": lambda old, most: np.where(old >= most, old.dtype.type(0), old + old.dtype.type(1)),
    "dec": lambda old, most: np.where((old == 0) | (old > most), most, old - old.dtype.type(1)),
}


def _windows(threads: Threads, slots: Array, address: Array) -> dict[str, Array]:
    """Which generic addresses belong to which space."""
    upper = address >> np.uint64(32)
    result = {name: upper == base >> 32 for name, base in WINDOWS.items()}
    result["global"] = address >= GLOBAL_BASE
    threads.refuse(slots, ~np.any(list(result.values()), axis=0), "out of bounds of every memory", address)
    return {name: mask for name, mask in result.items() if mask.any()}


class Accesses(Operands):
    """Handlers: each gives the step of its instruction."""

    def place(self, operand: str) -> Read:
        found = re.fullmatch(r"\[\s*([^\]+\s]+)\s*(?:\+\s*(-?\w+))?\s*\]", operand)
        if found is None:
            raise self.refuse(f"unknown address {operand}")
        name, more = found[1], number(found[2] or "0")
        if more is None:
            raise self.refuse(f"unknown address {operand}")
        short = name in self.numbers and SIZES[self.function.registers[name]] == 4
        read, kind = self.read(name, "u32" if short else "u64"), np.uint32 if short else np.uint64
        offset = np.array([more % (1 << (32 if short else 64))], kind)

        def place(state: State, which: Selection) -> Array:
            address = (read(state, which) + offset).astype(np.uint64)
            return np.broadcast_to(address, state.slots(which).shape)

        return place

    def access(self) -> tuple[str, str, int]:
        """Space (none: generic), type and number of elements of a load, store or atomic instruction."""
        parts = self.instruction.opcode[1:]
        spaces = [part for part in parts if part in _SPACES]
        kinds = [part for part in parts if part in SIZES]
        known = _ACCESS_FLAGS | set(_ATOMICS if self.instruction.opcode[0] in ("atom", "red") else ())
        unknown = [p for p in parts if p not in known and p not in spaces + kinds and not re.match(r"L[12]::", p)]
        if unknown or len(kinds) != 1 or len(spaces) > 1:
            raise self.refuse(f"unknown instruction {'.'.join(self.instruction.opcode)}")
        vector = 4 if "v4" in parts else 2 if "v2" in parts else 1
        if vector * SIZES[kinds[0]] > 16:
            raise self.refuse("a vector of more than 16 bytes")
        return _SPACES[spaces[0]] if spaces else "", kinds[0], vector

    def each_space(
        self, state: State, slots: Array, address: Array, space: str, size: int, kind: str
    ) -> list[tuple[Memory, Array, Array]]:
        """For each space that is met: its memory, which of the slots, and their offsets. Counts traffic."""
        windows = {space: np.ones(len(slots), bool)} if space else _windows(state.threads, slots, address)
        found = []
        for name, mask in windows.items():
            memory, chosen = state.memories[name], slots[mask]
            relative = address[mask] - np.uint64(0 if space else WINDOWS.get(name, 0))
            origin = state.origins[name][chosen]
            at = memory.place(state.threads, chosen, origin, relative, size)
            found.append((memory, mask, at))
            if not state.counting:
                continue
            if name == "global":
                line, text = state.threads.line, state.threads.text
                note = state.accesses.setdefault(line, Access(line, text, kind))
                note.note(state.threads.warp[chosen], at, size)
            elif name == "shared":
                warps, lanes = state.threads.warp[chosen], state.threads.lane[chosen]
                state.shared["requests"] += 1 + int(np.count_nonzero(np.diff(warps)))
                state.shared["wavefronts"] += wavefronts(warps, lanes, at, size)
        return found

    def load(self) -> Step:
        space, kind, vector = self.access()
        size, made = SIZES[kind], dtype(kind)
        target, operand = self.instruction.operands
        place = self.place(operand)
        names = [part.strip() for part in target.strip("{}").split(",")]
        if len(names) != vector:
            raise self.refuse("a vector of another length")
        writes = [self.write(name, kind, wide=True) for name in names]

        def step(state: State, which: Selection) -> None:
            slots, address = state.slots(which), place(state, which)
            values = np.zeros((vector, len(slots)), UNSIGNED[size])
            for memory, mask, at in self.each_space(state, slots, address, space, size * vector, "load"):
                values[:, mask] = memory.load(state.threads, slots[mask], at, size, vector, address[mask])
            for write, value in zip(writes, values, strict=True):
                write(state, which, value.view(made))

        return step

    def store(self) -> Step:
        space, kind, vector = self.access()
        if space in ("param", "const"):
            raise self.refuse(f"a store to {space} memory")
        size = SIZES[kind]
        operand, source = self.instruction.operands
        place = self.place(operand)
        names = [part.strip() for part in source.strip("{}").split(",")]
        if len(names) != vector:
            raise self.refuse("a vector of another length")
        reads = [self.read(name, f"u{8 * size}", wide=True) for name in names]

        def step(state: State, which: Selection) -> None:
            slots, address = state.slots(which), place(state, which)
            values = [np.broadcast_to(read(state, which), slots.shape) for read in reads]
            for memory, mask, at in self.each_space(state, slots, address, space, size * vector, "store"):
                memory.store(state.threads, slots[mask], at, size, [value[mask] for value in values])

        return step

    def atomic(self) -> Step:
        """atom and red: the threads of a group one after another, in the order of their numbers."""
        space, kind, _ = self.access()
        name = next(part for part in self.instruction.opcode if part in _ATOMICS)
        operands = self.instruction.operands
        target = operands[0] if self.instruction.opcode[0] == "atom" else "_"
        rest = operands[1:] if self.instruction.opcode[0] == "atom" else operands
        write, place = self.write(target, kind), self.place(rest[0])
        reads = [self.read(operand, kind) for operand in rest[1:]]
        unused = target == "_" or self.uses[target] == 1

        def step(state: State, which: Selection) -> None:
            slots, address = state.slots(which), place(state, which)
            values = [np.broadcast_to(read(state, which), slots.shape) for read in reads]
            before = np.zeros(len(slots), dtype(kind))
            for memory, mask, at in self.each_space(state, slots, address, space, SIZES[kind], "atomic"):
                places = memory.atomic_place(state.threads, slots[mask], at, SIZES[kind], address[mask])
                view, chosen = memory.bytes[:-16].view(dtype(kind)), [value[mask] for value in values]
                if unused and name in BINARY:
                    BINARY[name].at(view, places, chosen[0])  # type: ignore[attr-defined]
                    continue
                old = np.zeros(len(places), dtype(kind))
                for k, one in enumerate(places):
                    old[k] = view[one]
                    view[one] = _ATOMICS[name](view[one : one + 1], *(value[k : k + 1] for value in chosen))[0]
                before[mask] = old
            write(state, which, before)

        return step

    def address(self) -> Step:
        """cvta: between an address of a space and a generic one."""
        (kind,), flags = self.split("to", *_SPACES)
        if kind != "u64":
            raise self.refuse("an address of another size")
        base = np.uint64(WINDOWS.get(_SPACES[flags[-1]], 0))
        return self.combine([kind], kind, (lambda a: a - base) if "to" in flags else (lambda a: a + base))
