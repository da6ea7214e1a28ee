"""What each instruction that computes does, after the document of PTX, for all threads of a group at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from native.ptx.memory import UNSIGNED, Array
from native.ptx.operands import BINARY, Operands, Selection, State, Step, dtype
from native.ptx.text import SIZES, number


def double(kind: str) -> str:
    return f"{kind[0]}{2 * int(kind[1:])}"


def product_high(a: Array, b: Array) -> Array:
    """The upper half of a * b, two numbers of one type of up to 64 bits."""
    bits = 8 * a.dtype.itemsize
    if bits < 64:
        wide = np.int64 if a.dtype.kind == "i" else np.uint64
        return ((a.astype(wide) * b.astype(wide)) >> wide(bits)).astype(a.dtype)
    x, y, low, half = a.view(np.uint64), b.view(np.uint64), np.uint64(0xFFFFFFFF), np.uint64(32)
    x0, x1, y0, y1 = x & low, x >> half, y & low, y >> half
    middle = ((x0 * y0) >> half) + x0 * y1
    high = x1 * y1 + (middle >> half) + (((middle & low) + x1 * y0) >> half)
    if a.dtype.kind == "i":
        high = high - np.where(a < 0, y, np.uint64(0)) - np.where(b < 0, x, np.uint64(0))
    return high.view(a.dtype)


def bit_length(a: Array) -> Array:
    """How many bits an unsigned number has, 0 for 0."""
    count = np.zeros(a.shape, np.uint32)
    for bit in range(8 * a.dtype.itemsize):
        count[(a >> a.dtype.type(bit)) != 0] = bit + 1
    return count


def divided(a: Array, b: Array) -> tuple[Array, Array]:
    """Quotient towards zero and remainder of the sign of a."""
    if a.dtype.kind == "u":
        return a // b, a % b
    unsigned = UNSIGNED[a.dtype.itemsize]
    x, y = np.abs(a).view(unsigned), np.abs(b).view(unsigned)
    quotient, rest = (x // y).view(a.dtype), (x % y).view(a.dtype)
    return np.where((a < 0) != (b < 0), -quotient, quotient), np.where(a < 0, -rest, rest)


_COMPARISONS: Final[dict[str, Callable[..., Array]]] = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "lo": np.less,
    "ls": np.less_equal,
    "hi": np.greater,
    "hs": np.greater_equal,
}


def _bits(a: Array) -> list[Array]:
    return [(a >> a.dtype.type(k)) & a.dtype.type(1) for k in range(8 * a.dtype.itemsize)]


_UNARY: Final[dict[str, tuple[str, Callable[[Array], Array]]]] = {
    "not": ("", np.invert),
    "neg": ("", np.negative),
    "abs": ("", np.abs),
    "cnot": ("", lambda a: (a == 0).astype(a.dtype)),
    "popc": ("u32", lambda a: np.sum(_bits(a), axis=0).astype(np.uint32)),
    "clz": ("u32", lambda a: np.uint32(8 * a.dtype.itemsize) - bit_length(a)),
    "bfind": ("u32", lambda a: bit_length(a) - np.uint32(1)),
    "brev": ("", lambda a: np.sum([x << a.dtype.type(k) for k, x in enumerate(_bits(a)[::-1])], 0, a.dtype)),
}


class Arithmetic(Operands):
    """Handlers: each gives the step of its instruction."""

    def binary(self) -> Step:
        (kind,), flags = self.split("cc")
        name = self.instruction.opcode[0]
        if flags or name in ("addc", "subc"):
            return self.carried(kind, name, "cc" in flags)
        return self.combine([kind, kind], kind, BINARY[name])

    def carried(self, kind: str, name: str, keep: bool, multiply: str = "") -> Step:
        """Sums and differences that set the carry (`keep`), or take it in (the names that end in c)."""
        unsigned = f"u{kind[1:]}"
        target, *sources = self.instruction.operands
        reads = [self.read(source, kind) for source in sources]
        write = self.write(target, unsigned)

        def step(state: State, which: Selection) -> None:
            values = [read(state, which) for read in reads]
            if multiply:
                a, b = values[0], values[1]
                values = [a * b if multiply == "lo" else product_high(*np.broadcast_arrays(a, b)), values[2]]
            a, b = (value.view(dtype(unsigned)) for value in values)
            carry = state.carry[which].astype(a.dtype) if name in ("addc", "subc", "madc") else a.dtype.type(0)
            first = a - b if name.startswith("sub") else a + b
            both = first - carry if name.startswith("sub") else first + carry
            if keep:
                out = (a < b) | (first < carry) if name.startswith("sub") else (first < a) | (both < first)
                state.carry[which] = out
            write(state, which, both)

        return step

    def multiply(self) -> Step:
        (kind,), flags = self.split("lo", "hi", "wide", "cc")
        name, half = self.instruction.opcode[0], self.instruction.opcode[1]
        if name == "madc" or "cc" in flags:
            if half not in ("lo", "hi"):
                raise self.refuse("unknown product")
            return self.carried(kind, name, "cc" in flags, half)
        wide = double(kind) if half == "wide" else kind

        def product(a: Array, b: Array) -> Array:
            if half == "wide":
                return a.astype(dtype(wide)) * b.astype(dtype(wide))
            return a * b if half == "lo" else product_high(*np.broadcast_arrays(a, b))

        if half not in ("lo", "hi", "wide"):
            raise self.refuse("unknown product")
        if name == "mul":
            return self.combine([kind, kind], wide, product)
        return self.combine([kind, kind, wide], wide, lambda a, b, c: product(a, b) + c)

    def divide(self) -> Step:
        (kind,), _ = self.split()
        part = 0 if self.instruction.opcode[0] == "div" else 1

        def work(a: Array, b: Array) -> Array:
            if np.any(b == 0):
                raise self.refuse("division by zero")
            return divided(*np.broadcast_arrays(a, b))[part]

        return self.combine([kind, kind], kind, work)

    def unary(self) -> Step:
        (kind,), _ = self.split()
        name, bits = self.instruction.opcode[0], 0 if kind == "pred" else 8 * SIZES[kind]
        into, work = _UNARY[name]
        if name == "bfind" and kind[0] == "s":  # the bits that differ from the sign
            return self.combine(
                [kind], into, lambda a: work((a ^ (a >> a.dtype.type(bits - 1))).view(f"u{bits // 8}"))
            )
        return self.combine([kind], into or kind, work)

    def shift(self) -> Step:
        (kind,), _ = self.split()
        left, bits = self.instruction.opcode[0] == "shl", 8 * SIZES[kind]

        def work(a: Array, amount: Array) -> Array:
            clamped = np.minimum(amount, np.uint32(bits - 1)).astype(a.dtype)
            moved = a << clamped if left else a >> clamped
            gone = np.zeros_like(a) if left or a.dtype.kind == "u" else moved
            return np.where(amount >= bits, gone, moved)

        return self.combine([kind, "u32"], kind, work)

    def funnel(self) -> Step:
        """shf: 64 bits of which b is the upper half, moved; the upper half of what is left, or the lower one."""
        (kind,), flags = self.split("l", "r", "wrap", "clamp")
        left, wrap = "l" in flags, "wrap" in flags
        if kind != "b32" or len(flags) != 2:
            raise self.refuse("unknown shift")

        def work(a: Array, b: Array, c: Array) -> Array:
            by = (c & np.uint32(31) if wrap else np.minimum(c, np.uint32(32))).astype(np.uint64)
            both = b.astype(np.uint64) << np.uint64(32) | a
            return ((both << by) >> np.uint64(32) if left else both >> by).astype(np.uint32)

        return self.combine([kind, kind, "u32"], kind, work)

    def field(self) -> Step:
        """bfe and bfi: a field of `length` bits from `position` on, as the loops of the document say."""
        (kind,), _ = self.split()
        bits, one = 8 * SIZES[kind], UNSIGNED[SIZES[kind]](1)

        def mask(length: Array) -> Array:
            narrow = (one << np.minimum(length, np.uint32(bits - 1)).astype(type(one))) - one
            return np.where(length >= bits, ~(one - one), narrow)

        def extract(a: Array, position: Array, length: Array) -> Array:
            position, length = position & np.uint32(255), length & np.uint32(255)
            inside = np.minimum(position, np.uint32(bits - 1)).astype(a.dtype)
            field = np.where(position >= bits, a.dtype.type(0), a >> inside).view(type(one)) & mask(length)
            if kind[0] == "s":
                last = np.minimum(position + length - np.uint32(length != 0), np.uint32(bits - 1)).astype(type(one))
                sign = (length != 0) & (((a.view(type(one)) >> last) & one) == one)
                kept = np.minimum(length, np.uint32(bits) - np.minimum(position, np.uint32(bits)))
                field = np.where(sign, field & mask(kept) | ~mask(kept), field)
            return field.view(a.dtype)

        def insert(a: Array, b: Array, position: Array, length: Array) -> Array:
            position, length = position & np.uint32(255), length & np.uint32(255)
            by = np.minimum(position, np.uint32(bits - 1)).astype(b.dtype)
            where = np.where(position >= bits, b.dtype.type(0), mask(length) << by)
            return b & ~where | (a << by) & where

        if self.instruction.opcode[0] == "bfe":
            return self.combine([kind, "u32", "u32"], kind, extract)
        return self.combine([kind, kind, "u32", "u32"], kind, insert)

    def permute(self) -> Step:
        """prmt: each nibble of c picks a byte of b:a; its fourth bit spreads the sign of that byte."""
        (kind,), _ = self.split()

        def work(a: Array, b: Array, c: Array) -> Array:
            both, result = b.astype(np.uint64) << np.uint64(32) | a, np.uint32(0)
            for place in range(4):
                pick = (c >> np.uint32(4 * place)) & np.uint32(15)
                byte = (both >> (np.uint64(8) * (pick & np.uint32(7)))) & np.uint64(255)
                sign = np.where(byte >= 128, np.uint32(255), np.uint32(0))
                byte = np.where(pick >= 8, sign, byte.astype(np.uint32))
                result = result | byte << np.uint32(8 * place)
            return result

        return self.combine([kind] * 3, kind, work)

    def logic(self) -> Step:
        """lop3: bit by bit, the number made of the bits of a, b and c says which bit of the table is the result."""
        (kind,), _ = self.split()
        table = number(self.instruction.operands[-1])
        if table is None:
            raise self.refuse("unknown table")

        def work(a: Array, b: Array, c: Array, _: Array) -> Array:
            result = np.uint32(0)
            for row in range(8):
                if table >> row & 1:
                    result = result | (a if row & 4 else ~a) & (b if row & 2 else ~b) & (c if row & 1 else ~c)
            return result + np.zeros_like(a)

        return self.combine([kind, kind, kind, "u32"], kind, work)

    def dot(self) -> Step:
        """dp4a and dp2a: c and the products of the bytes of b with those of a, or with its halves."""
        kinds, flags = self.split("lo", "hi", count=2)
        four = self.instruction.opcode[0] == "dp4a"
        into = "s32" if "s32" in kinds else "u32"

        def part(value: Array, kind: str, bits: int, place: int) -> Array:
            narrow = (value.view(np.uint32) >> np.uint32(bits * place)).astype(f"u{bits // 8}")
            return narrow.view(f"{'i' if kind[0] == 's' else 'u'}{bits // 8}").astype(np.int64)

        def work(a: Array, b: Array, c: Array) -> Array:
            total = c.astype(np.int64)
            for place in range(4 if four else 2):
                beside = place if four or "lo" in flags else place + 2
                total = total + part(a, kinds[0], 8 if four else 16, place) * part(b, kinds[1], 8, beside)
            return total.astype(dtype(into))

        return self.combine([*kinds, into], into, work)

    # ---- comparisons and moves

    def compare(self) -> Step:
        """setp: p is the comparison, q its contrary, each combined with a further predicate if there is one."""
        (kind,), flags = self.split(*_COMPARISONS, "and", "or", "xor")
        if flags[0] not in _COMPARISONS or (kind[0] == "b" and flags[0] not in ("eq", "ne")):
            raise self.refuse("unknown comparison")
        targets = self.instruction.operands[0].split("|")
        writes = [self.write(target.strip(), "pred") for target in targets]
        a, b = (self.read(operand, kind) for operand in self.instruction.operands[1:3])
        also = self.read(self.instruction.operands[3], "pred") if len(flags) == 2 else None

        def step(state: State, which: Selection) -> None:
            holds = _COMPARISONS[flags[0]](a(state, which), b(state, which))
            for write, result in zip(writes, (holds, ~holds), strict=False):
                both = result if also is None else BINARY[flags[1]](result, also(state, which))
                write(state, which, both)

        return step

    def select(self) -> Step:
        (kind,), _ = self.split()
        return self.combine([kind, kind, "pred"], kind, lambda a, b, p: np.where(p, a, b))

    def move(self) -> Step:
        (kind,), _ = self.split()
        target, source = self.instruction.operands
        parts = [part.strip() for part in (source if source[0] == "{" else target).strip("{}").split(",")]
        if source[0] != "{" and target[0] != "{":
            return self.combine([kind], kind, lambda a: a)
        bits = 8 * SIZES[kind] // len(parts)
        small = f"u{bits}"
        if source[0] == "{":
            reads, write = [self.read(part, small) for part in parts], self.write(target, kind)

            def pack(state: State, which: Selection) -> None:
                values = [read(state, which).astype(dtype(f"u{kind[1:]}")) for read in reads]
                write(state, which, sum(value << value.dtype.type(bits * k) for k, value in enumerate(values)))

            return pack
        read, writes = self.read(source, f"u{kind[1:]}"), [self.write(part, small) for part in parts]

        def unpack(state: State, which: Selection) -> None:
            value = read(state, which)
            for k, write in enumerate(writes):
                write(state, which, (value >> value.dtype.type(bits * k)).astype(dtype(small)))

        return unpack

    def convert(self) -> Step:
        (into, kind), _ = self.split(count=2)
        target, source = self.instruction.operands
        read, write = self.read(source, kind, wide=True), self.write(target, into, wide=True)
        return lambda state, which: write(state, which, read(state, which).astype(dtype(into)))
