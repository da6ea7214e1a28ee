"""Instructions of PTX at which threads wait for others: barriers, and what the lanes of a warp exchange."""

from __future__ import annotations

import numpy as np
from native.ptx.memory import Array
from native.ptx.operands import BINARY, Operands, Read, Selection, State, Step, dtype
from native.ptx.text import number

_VOTES = ("all", "any", "uni", "ballot")
_SHUFFLES = ("up", "down", "bfly", "idx")


def lanes_of(state: State, slots: Array, holds: Array | None = None) -> Array:
    """For each slot the bits of the lanes of its warp that are among these slots, of those that hold if given."""
    bits = np.zeros(int(state.threads.warp[-1]) + 1, np.uint32)
    chosen = slots if holds is None else slots[holds]
    np.bitwise_or.at(bits, state.threads.warp[chosen], np.uint32(1) << state.threads.lane[chosen].astype(np.uint32))
    return bits[state.threads.warp[slots]]


def _block_barrier(of: Operands) -> Step:
    """bar.sync: all that was done before by the block is before what it does after."""
    expected = of.instruction.operands[1:]
    if number(of.instruction.operands[0]) is None:
        raise of.refuse("a barrier whose number is not constant")

    def step(state: State, which: Selection) -> None:
        if any(number(part) != state.threads.per_block for part in expected):
            raise of.refuse("a barrier of a part of the block")
        state.threads.now += 1
        state.threads.block_sync[which] = state.threads.warp_sync[which] = state.threads.now

    return step


def _block_reduction(of: Operands) -> Step:
    """bar.red: a barrier that tells each thread for how many a predicate holds, or whether for all or any."""
    target, _, *count, source = of.instruction.operands
    if count:
        raise of.refuse("a barrier of a part of the block")
    read = of.read(source, "pred")
    name = next(part for part in of.instruction.opcode if part in ("popc", "and", "or"))
    write = of.write(target, "u32" if name == "popc" else "pred")

    def step(state: State, which: Selection) -> None:
        slots, holds = state.slots(which), read(state, which)
        blocks = state.threads.block_slot[slots]
        found = np.bincount(blocks, holds, minlength=int(blocks.max()) + 1).astype(np.uint32)[blocks]
        state.threads.now += 1
        state.threads.block_sync[which] = state.threads.warp_sync[which] = state.threads.now
        write(state, which, {"popc": found, "and": found == state.threads.per_block, "or": found > 0}[name])

    return step


def _warp_barrier(of: Operands) -> Step:
    def step(state: State, which: Selection) -> None:
        state.threads.now += 1
        state.threads.warp_sync[which] = state.threads.now

    return step


def _shuffle(of: Operands) -> Step:
    """shfl.sync: the value of another lane, and whether that lane is within the segment; else one's own value."""
    name = of.instruction.opcode[2]
    target, *sources = of.instruction.operands
    kept, _, within = target.partition("|")
    a, b, c = (of.read(source, "b32") for source in sources[:3])
    write = of.write(kept, "b32")
    tell = of.write(within, "pred") if within else None

    def step(state: State, which: Selection) -> None:
        slots = state.slots(which)
        lane = state.threads.lane[slots]
        by, bounds = (b(state, which) & np.uint32(31)).astype(np.int64), c(state, which).astype(np.int64)
        segment, clamp = bounds >> 8 & 31, bounds & 31
        first, last = lane & segment, (lane & segment) | (clamp & ~segment)
        source = {"up": lane - by, "down": lane + by, "bfly": lane ^ by, "idx": first | (by & ~segment)}[name]
        valid = source >= last if name == "up" else source <= last
        at = slots - lane + np.where(valid, source, lane)
        values, here = np.zeros(len(state.everyone), np.uint32), np.zeros(len(state.everyone), bool)
        values[slots], here[slots] = a(state, which), True
        at = np.minimum(at, len(here) - 1)
        state.threads.refuse(slots, ~here[at], "a lane is asked that is not there")
        write(state, which, values[at])
        if tell is not None:
            tell(state, which, valid)

    return step


def _vote(of: Operands) -> Step:
    name = of.instruction.opcode[2]
    target, source, members = of.instruction.operands
    read, mask = of.read(source, "pred"), of.read(members, "b32")
    write = of.write(target, "b32" if name == "ballot" else "pred")

    def step(state: State, which: Selection) -> None:
        slots = state.slots(which)
        holds, asked = lanes_of(state, slots, read(state, which)), mask(state, which) & lanes_of(state, slots)
        every, some = (holds & asked) == asked, (holds & asked) != 0
        write(state, which, {"all": every, "any": some, "uni": every | ~some, "ballot": holds & asked}[name])

    return step


def _reduction(of: Operands) -> Step:
    """redux.sync: the sum, minimum, ... of the members' values."""
    (kind,), (_, name) = of.split("sync", *BINARY)
    target, source, members = of.instruction.operands
    read, mask, write = of.read(source, kind), of.read(members, "b32"), of.write(target, kind)

    def step(state: State, which: Selection) -> None:
        slots, values, asked = state.slots(which), read(state, which), mask(state, which)
        groups = state.threads.warp[slots].astype(np.int64) << 32 | asked
        result = np.zeros(len(slots), dtype(kind))
        for group in np.unique(groups):
            chosen = groups == group
            result[chosen] = BINARY[name].reduce(np.broadcast_to(values, slots.shape)[chosen], dtype=dtype(kind))  # type: ignore[attr-defined]
        write(state, which, result)

    return step


def waiting(of: Operands) -> tuple[str, Step | None, Read | None]:
    """Who waits (block or warp), what happens when all are there, and the lanes that are waited for."""
    opcode = [part for part in of.instruction.opcode if part not in ("cta", "aligned")]
    name = ".".join(opcode)
    if name in ("bar.sync", "barrier.sync"):
        return "block", _block_barrier(of), None
    if name in ("bar.red.popc.u32", "bar.red.and.pred", "bar.red.or.pred"):
        return "block", _block_reduction(of), None
    if name in [f"barrier.red.{kind}" for kind in ("popc.u32", "and.pred", "or.pred")]:
        return "block", _block_reduction(of), None
    made: Step | None = None
    if name == "bar.warp.sync":
        made = _warp_barrier(of)
    elif name in [f"shfl.sync.{kind}.b32" for kind in _SHUFFLES]:
        made = _shuffle(of)
    elif name in [f"vote.sync.{kind}.{'b32' if kind == 'ballot' else 'pred'}" for kind in _VOTES]:
        made = _vote(of)
    elif name.startswith("redux.sync."):
        made = _reduction(of)
    return ("warp", made, of.read(of.instruction.operands[-1], "b32")) if made is not None else ("", None, None)
