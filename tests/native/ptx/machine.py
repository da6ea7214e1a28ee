"""A device that runs PTX on this processor: memory, launches, and counts of what a launch does.

Each thread has its own place in the program; those at the smallest place run one instruction together, which is how
the branches of structured programs come together again. Threads of a launch are checked as compute-sanitizer does:
accesses out of bounds, misaligned, of what was never written, races, barriers that not all reach.

    device = Device(parse(text))
    vector, out = device.put(numbers), device.room(4 * count)
    counts = device.launch("kernel", (blocks, 1, 1), (256, 1, 1), vector, count, out)
    result = device.get(out, np.uint32, count)
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from native.ptx.accesses import GLOBAL_BASE
from native.ptx.instructions import Compiler
from native.ptx.memory import SECTOR, Access, Array, Memory, Threads
from native.ptx.operands import Op, State
from native.ptx.text import Function, Module, PtxError, Variable, title
from native.ptx.waiting import lanes_of

_TOGETHER: Final = 1 << 15  # threads that run at a time, in whole blocks
_LIMITS: Final = ((1 << 31) - 1, 65535, 65535, 1024, 1024, 64)
_SHARED_MAX: Final = 48 << 10
Dimensions = tuple[int, int, int]
Argument = int | bytes


@dataclass(frozen=True)
class Traffic:
    """All loads of global memory, or all stores; an atomic instruction counts on both sides."""

    requests: int  # instructions, warp by warp
    sectors: int  # 32 bytes each, warp by warp
    bytes_used: int  # distinct bytes of each request
    bytes_asked: int  # of each thread
    bytes_distinct: int  # of the whole launch
    sectors_distinct: int

    @property
    def used(self) -> float:
        """The part of the fetched bytes that is used, request by request."""
        return self.bytes_used / (SECTOR * self.sectors) if self.sectors else 1.0


@dataclass(frozen=True)
class Counts:
    """What a launch did. Instructions are PTX's; by group: integer, control, and the spaces of loads and stores."""

    kernel: str
    grid: Dimensions
    block: Dimensions
    threads: int
    instructions: dict[str, int]  # executed by threads
    issued: dict[str, int]  # executed by warps; 32 * issued / instructions says how far lanes diverge
    loads: Traffic
    stores: Traffic
    accesses: tuple[Access, ...]  # each instruction that touches global memory
    shared_requests: int
    shared_wavefronts: int  # more than the requests: wide accesses, or conflicts of banks


class Device:
    """Global memory of so many bytes, the variables of a module in it, and launches of its kernels.

    Without `counting` accesses to memory are not counted, which saves a third of the time.
    """

    def __init__(self, module: Module, memory_bytes: int = 1 << 21, counting: bool = True) -> None:
        self.module, self.counting = module, counting
        self.memory = Memory("global", GLOBAL_BASE, memory_bytes, races=True)
        self.constant = Memory("const", 0, 1 << 16)
        self.symbols: dict[str, int] = {}
        self.launches: list[Counts] = []
        self.programs: dict[str, list[Op]] = {}
        self.reset()

    def reset(self) -> None:
        """Memory as at the start, when it holds the variables of the module; no launches."""
        self.launches = []
        for memory in (self.memory, self.constant):
            memory.clear()
        for variable in self.module.variables:
            if variable.space in ("global", "const"):
                memory = self.memory if variable.space == "global" else self.constant
                self.symbols[variable.name] = memory.allocate(variable.size, variable.align, variable.data)

    # ---- the host's side

    def room(self, size: int, fill: int | None = None) -> int:
        """The address of new memory, undefined unless it is filled with a byte."""
        return self.memory.allocate(size, 256, None if fill is None else bytes([fill]) * size)

    def put(self, numbers: Array) -> int:
        return self.memory.allocate(numbers.nbytes, 256, numbers.tobytes())

    def write(self, address: int, data: bytes) -> None:
        place = self.memory.host(address, len(data))
        self.memory.bytes[place], self.memory.written[place] = np.frombuffer(data, np.uint8), 1

    def read(self, address: int, size: int) -> bytes:
        """What lies there; refused where nothing was ever written."""
        place = self.memory.host(address, size)
        if not self.memory.written[place].all():
            raise PtxError(f"the host reads global memory before a write, at {address:#x}")
        return self.memory.bytes[place].tobytes()

    def get(self, address: int, dtype: Any, count: int) -> Array:
        return np.frombuffer(self.read(address, np.dtype(dtype).itemsize * count), dtype)

    # ---- launches

    def launch(
        self, name: str, grid: Dimensions, block: Dimensions, *arguments: int | bytes, shared: int = 0
    ) -> Counts:
        """Runs a kernel, named as in the source (`hash`, `order_statistics<8>`) or mangled; counts what it does."""
        function = self.module.entry(name)
        per_block, blocks = math.prod(block), math.prod(grid)
        within = all(1 <= one <= most for one, most in zip((*grid, *block), _LIMITS, strict=True))
        if not within or per_block > function.threads_max or blocks * per_block >= 1 << 31:
            raise PtxError(f"{name}: no launch of {grid} blocks of {block} threads")
        param = _parameters(function, arguments)
        layout = _layout(function, self.module.variables, shared)
        if sum(one.size for one, _ in layout["shared"]) > _SHARED_MAX:
            raise PtxError(f"{name}: more shared memory than every device has")
        if function.name not in self.programs:
            symbols = self.symbols | {one.name: at for one, at in (*layout["shared"], *layout["local"])}
            symbols |= {one.name: at for one, at in zip(function.parameters, _offsets(function), strict=True)}
            self.programs[function.name] = Compiler(function, symbols).compile()
        run = _Launch(self, function.name, self.programs[function.name], grid, block)
        step = max(1, _TOGETHER // per_block)
        try:
            for first in range(0, blocks, step):
                run.blocks(first, min(blocks, first + step), param, layout, len(function.registers))
            counts = run.counts()
        finally:
            self.memory.forget()
        self.launches.append(counts)
        return counts


class _Launch:
    """One launch: where its threads are in the program, and counters."""

    def __init__(self, device: Device, entry: str, program: list[Op], grid: Dimensions, block: Dimensions) -> None:
        self.device, self.name, self.program, self.grid, self.block = device, title(entry), program, grid, block
        self.per_block = math.prod(block)
        self.executed = np.zeros((2, len(program) + 1), np.int64)
        self.accesses: dict[int, Access] = {}
        self.shared: Counter[str] = Counter()
        self.now, self.grain = 0, device.module.entries[entry].grain

    def blocks(self, first: int, stop: int, param: Memory, layout: dict[str, Any], registers: int) -> None:
        """Runs these blocks to their ends."""
        size, count = self.per_block, (stop - first) * self.per_block
        everyone, number = np.arange(count), np.arange(first * size, stop * size)
        threads = Threads(number, everyone // size, size, kernel=self.name, now=self.now)
        memories = {"global": self.device.memory, "const": self.device.constant, "param": param}
        memories["shared"] = _private("shared", layout["shared"], stop - first, races=True)
        memories["local"] = _private("local", layout["local"], count)
        memories["global"].grain = memories["shared"].grain = self.grain
        nothing = np.zeros(count, np.int64)
        origins = {"global": nothing, "const": nothing, "param": nothing}
        origins |= {"shared": threads.block_slot, "local": everyone}
        special = _special(number, self.grid, self.block, threads.lane)
        carry = np.zeros(count, bool)
        state = State(
            threads,
            [None] * registers,
            special,
            memories,
            origins,
            carry,
            everyone,
            self.accesses,
            self.shared,
            self.device.counting,
        )
        self.run(state)
        self.now = threads.now

    def run(self, state: State) -> None:
        """Until all threads have left: those at the smallest place go on, up to the next branch or other group."""
        ready: dict[int, Array] = {0: state.everyone}
        queue, parked = [0], dict[int, Array]()

        def add(place: int, slots: Array) -> None:
            if len(slots) == 0:
                return
            if place in ready:
                ready[place] = np.sort(np.concatenate([ready[place], slots]))
            else:
                ready[place] = slots
                heapq.heappush(queue, place)

        while queue:
            place = heapq.heappop(queue)
            slots = ready.pop(place)
            warps = 1 + int(np.count_nonzero(np.diff(state.threads.warp[slots])))
            which: Any = slice(None) if len(slots) == len(state.everyone) else slots
            while not queue or place < queue[0]:
                if place >= len(self.program):
                    raise PtxError(f"{self.name}: threads run past the last instruction")
                op = self.program[place]
                state.threads.line, state.threads.text = op.instruction.line, op.instruction.text
                self.executed[:, place] += (len(slots), warps)
                chosen, rest = which, slots[:0]
                if op.guard is not None:
                    holds = np.broadcast_to(op.guard(state, which), slots.shape)
                    if not holds.all():
                        chosen, rest = slots[holds], slots[~holds]
                if op.kind == "step":
                    if isinstance(chosen, slice) or len(chosen):
                        assert op.step is not None
                        op.step(state, chosen)
                    place += 1
                    continue
                add(place + 1, rest)
                self.turn(state, op, place, state.slots(chosen), parked, add)
                break
            else:
                add(place, slots)
        if parked:
            lines = sorted(self.program[place].instruction.line for place in parked)
            raise PtxError(f"{self.name}: threads wait for ever at lines {lines}: not all reach the same barrier")

    def turn(self, state: State, op: Op, place: int, slots: Array, parked: dict[int, Array], add: Any) -> None:
        """Branches, ends and barriers: who goes where."""
        if op.kind == "branch":
            add(op.targets[0], slots)
        elif op.kind == "table":
            assert op.choice is not None
            index = np.broadcast_to(op.choice(state, slots), slots.shape)
            state.threads.refuse(slots, index >= len(op.targets), "a branch beyond its table")
            for k, target in enumerate(op.targets):
                add(target, slots[index == k])
        elif op.kind in ("block", "warp") and len(slots):
            slots = np.sort(np.concatenate([parked.pop(place, slots[:0]), slots]))
            complete = self.complete(state, op, slots)
            if complete.any():
                assert op.step is not None
                op.step(state, slots[complete])
                add(place + 1, slots[complete])
            if not complete.all():
                parked[place] = slots[~complete]

    def complete(self, state: State, op: Op, slots: Array) -> Array:
        """Whose block is here as a whole, or whose members of the warp are."""
        threads = state.threads
        if op.kind == "block":
            here = np.bincount(threads.block_slot[slots], minlength=int(threads.block_slot[-1]) + 1)
            result: Array = here[threads.block_slot[slots]] == self.per_block
            return result
        assert op.choice is not None
        members = np.broadcast_to(op.choice(state, slots), slots.shape)
        own = np.uint32(1) << threads.lane[slots].astype(np.uint32)
        threads.refuse(slots, (members & own) == 0, "a lane that is no member")
        existing = lanes_of(state, state.everyone)[slots]
        missing: Array = members & existing & ~lanes_of(state, slots)
        return missing == 0

    def counts(self) -> Counts:
        groups: list[dict[str, int]] = [{}, {}]
        for op, *numbers in zip(self.program, *self.executed.tolist(), strict=False):
            for group, more in zip(groups, numbers, strict=True):
                group[op.group] = group.get(op.group, 0) + more
        accesses = tuple(self.accesses[line] for line in sorted(self.accesses))
        return Counts(
            self.name,
            self.grid,
            self.block,
            int(np.prod(self.grid)) * self.per_block,
            *groups,
            self.traffic("load"),
            self.traffic("store"),
            accesses,
            self.shared["requests"],
            self.shared["wavefronts"],
        )

    def traffic(self, kind: str) -> Traffic:
        found = [one for one in self.accesses.values() if one.kind in (kind, "atomic")]
        touched = self.device.memory.touched[kind][:-16]
        sectors = touched.reshape(-1, 16)[: len(touched) // 32 * 2].reshape(-1, SECTOR).max(axis=1)
        return Traffic(
            *(
                sum(getattr(one, name) for one in found)
                for name in ("requests", "sectors", "bytes_used", "bytes_asked")
            ),
            int(touched.sum(dtype=np.int64)),
            int(sectors.sum(dtype=np.int64)),
        )


def _offsets(function: Function) -> list[int]:
    found, end = [], 0
    for one in function.parameters:
        found.append(-(-end // one.align) * one.align)
        end = found[-1] + one.size
    return found


def _parameters(function: Function, arguments: tuple[Argument, ...]) -> Memory:
    """The parameters in their space, without gaps, as they are laid out for the device."""
    if len(arguments) != len(function.parameters):
        raise PtxError(f"{function.name} takes {len(function.parameters)} arguments, not {len(arguments)}")
    memory = Memory("param", 0, 1 << 12)
    for one, at, argument in zip(function.parameters, _offsets(function), arguments, strict=True):
        data = (
            argument if isinstance(argument, bytes) else (argument % (1 << 8 * one.size)).to_bytes(one.size, "little")
        )
        if len(data) != one.size:
            raise PtxError(f"{function.name}: {one.name} has {one.size} bytes, not {len(data)}")
        if memory.allocate(one.size, one.align, data, gap=0) != at:
            raise PtxError("parameters lie elsewhere")
    return memory


def _layout(function: Function, variables: list[Variable], dynamic: int) -> dict[str, list[tuple[Variable, int]]]:
    """Addresses of shared and local variables, with gaps between them; dynamic shared memory comes last."""
    result: dict[str, list[tuple[Variable, int]]] = {"shared": [], "local": []}
    for space, found in result.items():
        wanted = [one for one in (*variables, *function.variables) if one.space == space]
        end = 0
        for one in sorted(wanted, key=lambda one: one.size == 0):
            size = one.size or dynamic
            at = -(-end // max(one.align, 16)) * max(one.align, 16)
            found.append((Variable(space, one.name, one.align, size), at))
            end = at + size + 16 if one.size else end
    return result


def _private(space: str, variables: list[tuple[Variable, int]], copies: int, races: bool = False) -> Memory:
    """Shared memory of each block, or local memory of each thread: undefined at first."""
    end = max([at + one.size for one, at in variables], default=0)
    memory = Memory(space, 0, end + 16, copies if variables else 1, races and bool(variables))
    for one, at in variables:
        memory.used = at
        memory.allocate(one.size, max(one.align, 16))
    return memory


def _special(number: Array, grid: Dimensions, block: Dimensions, lane: Array) -> dict[str, Array]:
    size, result = math.prod(block), dict[str, Array]()
    for name, count, bounds in (("tid", number % size, block), ("ctaid", number // size, grid)):
        places = (count % bounds[0], count // bounds[0] % bounds[1], count // (bounds[0] * bounds[1]))
        for axis, place, bound in zip("xyz", places, bounds, strict=True):
            result[f"%{name}.{axis}"] = place.astype(np.uint32)
            result[f"%n{name}.{axis}"] = np.full(len(number), bound, np.uint32)
    result["%laneid"] = lane.astype(np.uint32)
    one = np.uint32(1) << lane.astype(np.uint32)
    less = one - np.uint32(1)
    masks = {"eq": one, "lt": less, "le": less | one, "gt": ~(less | one), "ge": ~less}
    return result | {f"%lanemask_{name}": mask for name, mask in masks.items()}
