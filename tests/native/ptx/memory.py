"""The memory of a machine for PTX, which refuses what compute-sanitizer reports: memcheck, initcheck, racecheck."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from native.ptx.text import PtxError

Array = np.ndarray[Any, Any]
UNSIGNED: Final = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}
SECTOR: Final = 32
_GAP: Final = 256
_NOBODY: Final = -1


@dataclass
class Threads:
    """The threads of some blocks that run together. `number` counts in the whole grid, a slot among these."""

    number: Array
    block_slot: Array
    per_block: int
    line: int = 0
    text: str = ""
    kernel: str = ""
    now: int = 0  # counts barriers
    block_sync: Array = field(init=False)
    warp_sync: Array = field(init=False)
    warp: Array = field(init=False)
    lane: Array = field(init=False)

    def __post_init__(self) -> None:
        self.block_sync, self.warp_sync = np.zeros((2, len(self.number)), np.int64)
        within = self.number % self.per_block
        self.lane = within % 32
        self.warp = self.block_slot * -(-self.per_block // 32) + within // 32

    def refuse(self, slots: Array, bad: Array, what: str, address: Array | None = None) -> None:
        """Ends the launch where any is bad, with the first of them."""
        if not np.any(bad):
            return
        first = int(np.argmax(bad))
        number = int(self.number[slots[first]])
        where = "" if address is None else f" at {int(address[first]):#x}"
        who = f"thread {number % self.per_block} of block {number // self.per_block}"
        raise PtxError(f"{self.kernel}, line {self.line}: {what}{where}, {who}: {self.text}")


class Marks:
    """Who touched each byte last: one thread (level 0), several of a warp (1), of a block (2), of the grid (3)."""

    def __init__(self, size: int) -> None:
        self.thread = np.full(size, _NOBODY, np.int32)
        self.level = np.zeros(size, np.uint8)
        self.time = np.zeros(size, np.int32)

    def clash(self, threads: Threads, slots: Array, at: Array) -> Array:
        """Where the mark is another's and no barrier stands between it and this thread."""
        number = threads.number[slots]
        marked = self.thread[at]
        result = (marked != _NOBODY) & ((marked != number) | (self.level[at] > 0))
        if result.any():
            asked = np.nonzero(result)[0]
            own, other, at, slots = number[asked], marked[asked], at[asked], slots[asked]
            level, time = self.level[at], self.time[at]
            apart = _distance(threads, own, other)
            ordered = (np.maximum(level, apart) <= 2) & (time < threads.block_sync[slots])
            ordered |= (np.maximum(level, apart) <= 1) & (time < threads.warp_sync[slots])
            result[asked] = ~ordered
        return result

    def add(self, threads: Threads, slots: Array, at: Array) -> Array:
        """Marks the bytes; says where threads of this one instruction, or marks that clash, are several."""
        number = threads.number[slots]
        free = ~self.clash(threads, slots, at)
        self.thread[at[free]] = number[free]
        self.level[at[free]] = 0
        self.time[at] = threads.now
        now = self.thread[at]
        several = now != number
        if several.any():
            np.maximum.at(self.level, at[several], _distance(threads, number[several], now[several]))
        return several


def _distance(threads: Threads, one: Array, other: Array) -> Array:
    """0 for the same thread, 1 within a warp, 2 within a block, 3 beyond."""
    size = threads.per_block
    same_block = one // size == other // size
    same_warp = same_block & (one % size // 32 == other % size // 32)
    return (3 - same_block.astype(np.uint8) - same_warp - (one == other)).astype(np.uint8)


class Memory:
    """Bytes of one state space; each place belongs to one allocation, and gaps lie between those.

    A space with `stride` has a copy for each thread or block, the slot of which is the `origin` of an access.
    """

    def __init__(self, name: str, base: int, size: int, copies: int = 1, races: bool = False) -> None:
        self.name, self.base, self.grain = name, base, 1
        self.stride = -(-max(size, 1) // 16) * 16 + _GAP
        total = self.stride * copies + 16
        self.bytes = np.zeros(total, np.uint8)
        self.owner = np.zeros(total, np.uint32)
        self.written = np.zeros(total, np.uint8)
        self.touched = {"load": np.zeros(total, np.uint8), "store": np.zeros(total, np.uint8)}
        self.copies, self.used, self.owners = copies, 0, 0
        self.readers = Marks(total) if races else None
        self.writers = Marks(total) if races else None
        self.atomic = np.zeros(total, bool)

    def allocate(self, size: int, align: int = 256, data: bytes | None = None, gap: int = 16) -> int:
        """Room at an address of this space, in every copy; undefined until it is written unless data is given."""
        start = -(-self.used // align) * align
        if start + size > self.stride - 16:
            raise PtxError(f"no room for {size} bytes of {self.name} memory")
        self.used, self.owners = start + size + gap, self.owners + 1
        for copy in range(self.copies):
            place = slice(copy * self.stride + start, copy * self.stride + start + size)
            self.owner[place] = self.owners
            self.written[place] = data is not None
            if data is not None:
                self.bytes[place] = np.frombuffer(data.ljust(size, b"\0")[:size], np.uint8)
        return self.base + start

    def free(self, address: int) -> None:
        """What was allocated there belongs to nobody; its addresses are not given again."""
        owner = self.owner[address - self.base]
        self.owner[self.owner == owner] = 0

    def held(self) -> int:
        """How many bytes are allocated."""
        return int(np.count_nonzero(self.owner[: self.used]))

    def host(self, address: int, size: int) -> slice:
        """Where the host copies to or from."""
        start = address - self.base
        if not 0 <= start <= start + size <= self.used or np.any(self.owner[start : start + size] == 0):
            raise PtxError(f"the host copies {size} bytes at {address:#x}, outside of {self.name} memory")
        return slice(start, start + size)

    def forget(self) -> None:
        """The end of a launch orders everything; what was touched is counted for each launch."""
        for array in self.touched.values():
            array[: self.used] = 0
        if self.readers is not None and self.writers is not None:
            self.readers.thread[: self.used] = self.writers.thread[: self.used] = _NOBODY

    def clear(self) -> None:
        """Nothing is allocated any more."""
        self.forget()
        self.owner[: self.used] = self.written[: self.used] = 0
        self.used = self.owners = 0

    def place(self, threads: Threads, slots: Array, origin: Array, address: Array, size: int) -> Array:
        """Offsets of accesses of `size` bytes; refuses what is out of bounds or misaligned."""
        relative = address - np.uint64(self.base)
        threads.refuse(slots, relative % np.uint64(size) != 0, f"misaligned access of {size} bytes", address)
        outside = relative >= np.uint64(self.stride)
        threads.refuse(slots, outside, f"out of bounds of {self.name} memory", address)
        offset = relative.astype(np.int64) + origin * self.stride
        owner = self.owner[offset]
        outside = (owner == 0) | (owner != self.owner[offset + (size - 1)])
        threads.refuse(slots, outside, f"out of bounds of {self.name} memory", address)
        return offset

    def load(
        self, threads: Threads, slots: Array, offset: Array, size: int, vector: int, address: Array
    ) -> list[Array]:
        """The numbers there, unsigned, one array for each element of the vector."""
        view, written = self.bytes[:-16].view(UNSIGNED[size]), self.written[:-16].view(UNSIGNED[size])
        ones = _ones(size)
        places = [offset // size + k for k in range(vector)]
        for place in places:
            threads.refuse(slots, written[place] != ones, f"{self.name} memory is read before a write", address)
            self.touched["load"][:-16].view(UNSIGNED[size])[place] = ones
        if self.readers is not None and self.writers is not None:
            at, owners = self._grains(slots, offset, size * vector)
            self._race(threads, owners, self.writers.clash(threads, owners, at), at)
            self.readers.add(threads, owners, at)
        return [view[place] for place in places]

    def store(self, threads: Threads, slots: Array, offset: Array, size: int, values: list[Array]) -> None:
        self._mark_written(threads, slots, offset, size * len(values), atomic=False)
        view = self.bytes[:-16].view(UNSIGNED[size])
        for k, value in enumerate(values):
            self._touch(offset // size + k, size)
            view[offset // size + k] = value

    def atomic_place(self, threads: Threads, slots: Array, offset: Array, size: int, address: Array) -> Array:
        """Indices into the numbers of this size that an atomic instruction reads and writes."""
        place, ones = offset // size, _ones(size)
        unwritten = self.written[:-16].view(UNSIGNED[size])[place] != ones
        threads.refuse(slots, unwritten, f"{self.name} memory is read before a write", address)
        self._mark_written(threads, slots, offset, size, atomic=True)
        self._touch(place, size)
        self.touched["load"][:-16].view(UNSIGNED[size])[place] = ones
        return place

    def _touch(self, place: Array, size: int) -> None:
        for array in (self.written, self.touched["store"]):
            array[:-16].view(UNSIGNED[size])[place] = _ones(size)

    def _grains(self, slots: Array, offset: Array, size: int) -> tuple[Array, Array]:
        """The places of marks that an access covers, and whose they are: no access is smaller than a grain."""
        count, first = size // self.grain, offset // self.grain
        if count == 1:
            return first, slots
        return (first[:, None] + np.arange(count)).ravel(), np.repeat(slots, count)

    def _mark_written(self, threads: Threads, slots: Array, offset: Array, total: int, atomic: bool) -> None:
        if self.readers is None or self.writers is None:
            return
        at, owners = self._grains(slots, offset, total)
        clash = self.writers.clash(threads, owners, at)
        if atomic:
            clash &= ~self.atomic[at]
        self._race(threads, owners, clash | self.readers.clash(threads, owners, at), at)
        several = self.writers.add(threads, owners, at)
        self.atomic[at] = atomic
        if not atomic:
            self._race(threads, owners, several, at)

    def _race(self, threads: Threads, slots: Array, bad: Array, at: Array) -> None:
        threads.refuse(slots, bad, f"race in {self.name} memory", at * self.grain % self.stride + self.base)


def _ones(size: int) -> Any:
    return UNSIGNED[size](int.from_bytes(b"\1" * size, "little"))


@dataclass
class Access:
    """What one load, store or atomic of global memory asks for, summed over its executions by warps."""

    line: int
    text: str
    kind: str
    requests: int = 0
    sectors: int = 0
    bytes_used: int = 0
    bytes_asked: int = 0

    def note(self, warps: Array, offset: Array, size: int) -> None:
        """Sectors of 32 bytes and distinct bytes, warp by warp."""
        keys = np.sort((warps.astype(np.int64) << 40) | offset)
        self.requests += _distinct(keys >> 40)
        self.sectors += _distinct(keys // SECTOR)
        self.bytes_used += _distinct(keys) * size
        self.bytes_asked += len(offset) * size


def _distinct(ordered: Array) -> int:
    return 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))


def wavefronts(warps: Array, lanes: Array, offset: Array, size: int) -> int:
    """Passes that shared memory of 32 banks of 4 bytes needs: the most different words that one bank has to give.

    Wider accesses go by halves or quarters of a warp, as NVIDIA's documents describe.
    """
    parts = warps.astype(np.int64) * 4 + lanes * max(size // 4, 1) // 32
    words = offset[:, None] // 4 + np.arange(max(size // 4, 1))
    keys = np.sort((parts[:, None] << 32 | words).ravel())
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    counts = np.bincount((keys >> 32) * 32 + (keys & 31), minlength=32 * (int(parts.max()) + 1))
    return int(counts.reshape(-1, 32).max(axis=1).sum())
