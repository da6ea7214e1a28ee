"""Every instruction of PTX that the machine knows; any other is refused by its name."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Final

from native.ptx.accesses import Accesses
from native.ptx.arithmetic import Arithmetic
from native.ptx.operands import BINARY, Op, Step
from native.ptx.waiting import waiting


class Compiler(Arithmetic, Accesses):
    """A function's instructions as steps."""

    def compile(self) -> list[Op]:
        ops = []
        for instruction in self.function.instructions:
            one = copy.copy(self)
            one.instruction = instruction
            ops.append(one.op())
        return ops

    def op(self) -> Op:
        instruction = self.instruction
        name, opcode, operands = instruction.opcode[0], ".".join(instruction.opcode), instruction.operands
        guard = self.read("!" * instruction.guard_negated + instruction.guard, "pred") if instruction.guard else None
        if opcode in ("bra", "bra.uni"):
            return Op("branch", "control", instruction, guard, targets=(self.target(operands[0]),))
        if opcode in ("brx.idx", "brx.idx.uni"):
            targets = tuple(self.target(label) for label in self.function.tables[operands[1]])
            return Op("table", "control", instruction, guard, targets=targets, choice=self.read(operands[0], "u32"))
        if opcode in ("ret", "ret.uni", "exit"):
            return Op("exit", "control", instruction, guard)
        if name in ("membar", "fence"):
            return Op("step", "control", instruction, guard, lambda state, which: None)
        scope, step, members = waiting(self)
        if step is not None:
            return Op(scope, "control", instruction, guard, step, choice=members)
        if name not in _HANDLERS:
            raise self.refuse(f"unknown instruction {opcode}")
        group = "integer"
        if name in ("ld", "st", "atom", "red"):
            group = self.access()[0] or "generic"
        return Op("step", group, instruction, guard, _HANDLERS[name](self))

    def target(self, label: str) -> int:
        if label not in self.function.labels:
            raise self.refuse(f"unknown label {label}")
        return self.function.labels[label]


_HANDLERS: Final[dict[str, Callable[[Compiler], Step]]] = {
    **dict.fromkeys((*BINARY, "addc", "subc"), Compiler.binary),
    **dict.fromkeys(("mul", "mad", "madc"), Compiler.multiply),
    **dict.fromkeys(("div", "rem"), Compiler.divide),
    **dict.fromkeys(("not", "neg", "abs", "cnot", "popc", "clz", "bfind", "brev"), Compiler.unary),
    **dict.fromkeys(("shl", "shr"), Compiler.shift),
    "shf": Compiler.funnel,
    **dict.fromkeys(("bfe", "bfi"), Compiler.field),
    "prmt": Compiler.permute,
    "lop3": Compiler.logic,
    **dict.fromkeys(("dp4a", "dp2a"), Compiler.dot),
    "setp": Compiler.compare,
    "selp": Compiler.select,
    "mov": Compiler.move,
    "cvt": Compiler.convert,
    "cvta": Compiler.address,
    "ld": Compiler.load,
    "st": Compiler.store,
    **dict.fromkeys(("atom", "red"), Compiler.atomic),
}
