"""PTX, the assembly that nvcc makes for NVIDIA devices, read into modules, functions and instructions."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Final

SIZES: Final = {f"{kind}{bits}": bits // 8 for kind in "bsu" for bits in (8, 16, 32, 64)}
_LINE_DIRECTIVES: Final = (".version", ".target", ".address_size", ".file", ".loc")
_LINKAGE: Final = {".visible", ".extern", ".weak", ".common"}
_TYPES: Final = {"i": "int32_t", "j": "uint32_t", "l": "int64_t", "m": "uint64_t"}
_NAME: Final = r"[%$\w]+"


class PtxError(Exception):
    """What the machine refuses: text that it does not know, or a fault of a kernel."""


@dataclass(frozen=True)
class Variable:
    """A parameter or a variable of a state space; `data` is what it holds at first, None if that is undefined."""

    space: str
    name: str
    align: int
    size: int
    data: bytes | None = None


@dataclass(frozen=True)
class Instruction:
    """`@!%p1 ld.global.u32 %r1, [%rd1+4];` with its line in the module."""

    line: int
    text: str
    guard: str
    guard_negated: bool
    opcode: tuple[str, ...]
    operands: tuple[str, ...]


@dataclass
class Function:
    name: str
    parameters: tuple[Variable, ...]
    registers: dict[str, str] = field(default_factory=dict)
    variables: list[Variable] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    tables: dict[str, tuple[str, ...]] = field(default_factory=dict)
    threads_max: int = 1024

    @property
    def grain(self) -> int:
        """The size of the smallest access to memory that several threads share."""
        wanted = [one.opcode for one in self.instructions if one.opcode[0] in ("ld", "st", "atom", "red")]
        kinds = [opcode[-1] for opcode in wanted if not {"param", "const", "local"} & set(opcode)]
        return min((SIZES.get(kind, 1) for kind in kinds), default=1)


@dataclass
class Module:
    target: str = ""
    variables: list[Variable] = field(default_factory=list)
    entries: dict[str, Function] = field(default_factory=dict)

    def entry(self, name: str) -> Function:
        """The kernel of this name in the source, `hash` or `order_statistics<8>`, or of this mangled name."""
        if name in self.entries:
            return self.entries[name]
        found = [entry for entry in self.entries if title(entry) == name]
        if len(found) != 1:
            raise PtxError(f"{name} names {len(found)} of {sorted(self.entries)}")
        return self.entries[found[0]]


def title(mangled: str) -> str:
    """The name in the source of a mangled one, `order_statistics<8>`; without its namespaces."""
    rest, name = re.sub(r"^_ZN?", "", mangled), mangled
    while found := re.match(r"(\d+)", rest):
        end = len(found[1]) + int(found[1])
        name, rest = rest[len(found[1]) : end], rest[end:]
    found = re.match(r"I((?:Li\d+E|[a-z])+)E", rest)
    if found is None:
        return name
    arguments = re.findall(r"Li(\d+)E|([a-z])", found[1])
    return f"{name}<{', '.join(count or _TYPES.get(kind, kind) for count, kind in arguments)}>"


def number(text: str) -> int | None:
    """An integer constant, None for anything else."""
    found = re.fullmatch(r"(-?)(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)U?", text)
    if found is None:
        return None
    digits = found[2]
    octal = len(digits) > 1 and digits.isdigit() and digits[0] == "0"
    return int(digits, 8 if octal else 0) * (-1 if found[1] else 1)


def split(text: str) -> tuple[str, ...]:
    """Operands: parts between commas that stand in no brackets."""
    parts = re.findall(r"(?:\{[^}]*\}|\[[^\]]*\]|\([^)]*\)|[^,{\[(])+", text)
    return tuple(part.strip() for part in parts if part.strip())


def _statements(text: str) -> list[tuple[int, str]]:
    """Labels `name:`, braces that open and close scopes, and what semicolons end, each with its line."""
    text = re.sub(r"/\*.*?\*/", lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL)
    found: list[tuple[int, str]] = []
    pending, since, depth = "", 0, 0
    for line, code in enumerate(text.splitlines(), 1):
        code = code.partition("//")[0]
        if not pending.strip() and code.strip().split(" ")[0].split("\t")[0] in _LINE_DIRECTIVES:
            found.append((line, code.strip()))
            continue
        for part in re.split(rf"([;{{}}]|(?:^\s*|(?<=\s)){_NAME}:(?!:))", code):
            held = pending.strip()
            opens = part == "{" and depth == 0 and (not held or re.search(r"\.(entry|func)\b", held))
            if part == ";" or opens or (part == "}" and depth == 0):
                found += [(since or line, held)] * bool(held) + [(line, part)] * (part != ";")
                pending, since = "", 0
            elif not held and re.fullmatch(rf"\s*{_NAME}:", part or ""):
                found.append((line, part.strip()))
            else:
                depth += (part == "{") - (part == "}")
                pending += part
                since = since or (line if part.strip() else 0)
        pending += " "
    if pending.strip():
        raise PtxError(f"line {since}: no end of {pending.strip()[:60]}")
    return found


def _data(text: str, element: int, size: int) -> bytes:
    values = [number(part) for part in split(text.strip().strip("{}"))]
    if any(value is None for value in values):
        raise PtxError(f"an initialiser that is not made of numbers: {text[:60]}")
    data = b"".join((value % (1 << 8 * element)).to_bytes(element, "little") for value in values if value is not None)
    return data.ljust(size, b"\0")


def _variable(line: int, text: str) -> Variable:
    """`.shared .align 4 .b8 name[256]`; `[]` has size 0, as dynamic shared memory does."""
    pattern = rf"\.(\w+)\s+(?:\.align\s+(\d+)\s+)?\.(\w+)\s+(\S*?{_NAME})\s*((?:\[\d*\])*)\s*(?:=\s*(.*))?"
    words = " ".join(word for word in text.split() if word not in _LINKAGE | {".ptr", ".global"} or "=" in text)
    if text.split()[0] in _LINKAGE | {".global"}:
        words = " ".join(word for word in text.split() if word not in _LINKAGE)
    found = re.fullmatch(pattern, words, re.DOTALL)
    if found is None or found[3] not in SIZES:
        raise PtxError(f"line {line}: unknown declaration {text[:80]}")
    space, align, kind, name, bounds, values = found.groups()
    count = 1
    for bound in re.findall(r"\[(\d*)\]", bounds):
        count *= int(bound or 0)
    size = count * SIZES[kind]
    data = _data(values, SIZES[kind], size) if values else bytes(size) if space in ("global", "const") else None
    return Variable(space, name, int(align or SIZES[kind]), size, data)


def _header(line: int, text: str) -> Function:
    found = re.fullmatch(rf"(?:\.\w+\s+)?\.entry\s+({_NAME})\s*(?:\((.*?)\))?\s*(.*)", text, re.DOTALL)
    if found is None:
        raise PtxError(f"line {line}: unknown function {text[:80]}")
    parameters = re.sub(r"\.ptr(\s+\.(global|shared|const|local))?(\s+\.align\s+\d+)?", "", found[2] or "")
    function = Function(found[1], tuple(_variable(line, part) for part in split(parameters)))
    for name, values in re.findall(r"\.(\w+)\s+([\d, ]+)", found[3]):
        if name == "maxntid":
            function.threads_max = math.prod(int(value) for value in values.split(","))
        elif name not in ("minnctapersm", "maxnreg"):  # what they ask of ptxas changes no result
            raise PtxError(f"line {line}: unknown directive .{name}")
    return function


def _instruction(line: int, text: str, renamed: dict[str, str]) -> Instruction:
    for name, new in renamed.items():
        text = re.sub(rf"(?<![%$\w]){re.escape(name)}(?![\w])", new, text)
    found = re.fullmatch(rf"(?:@(!?)({_NAME})\s+)?([a-z][\w.:]*)\s*(.*)", text, re.DOTALL)
    if found is None:
        raise PtxError(f"line {line}: unknown text {text[:80]}")
    negated, guard, opcode, operands = found.groups()
    return Instruction(
        line, " ".join(text.split()), guard or "", bool(negated), tuple(opcode.split(".")), split(operands)
    )


def _declare(function: Function, line: int, text: str, renamed: dict[str, str], scope: int) -> None:
    """Registers `%r<5>` are %r0 to %r4; those of an inner scope get names that no other scope has."""
    found = re.fullmatch(r"\.reg\s+\.(\w+)\s+(.*)", text, re.DOTALL)
    if found is None or found[1] not in SIZES | {"pred": 1}:
        raise PtxError(f"line {line}: unknown registers {text[:80]}")
    for part in split(found[2]):
        name, _, count = part.rstrip(">").partition("<")
        for one in [f"{name}{i}" for i in range(int(count))] if count else [name]:
            if scope > 1:
                renamed[one] = f"{one}_{line}"
            function.registers[renamed.get(one, one)] = found[1]


def parse(text: str) -> Module:
    """A module; PtxError for what it does not know, floating point among it."""
    module, function, scope, renamed = Module(), None, 0, dict[str, str]()
    label = ""
    for line, part in _statements(text):
        if part.split()[0] in _LINE_DIRECTIVES:
            module.target = part.split()[1] if part.startswith(".target") else module.target
        elif part == "}":
            scope -= 1
            renamed = renamed if scope > 1 else {}
            function = function if scope else None
        elif part == "{":
            scope += 1
        elif function is None and re.search(r"\.(entry|func)\b", part):
            function = _header(line, part)
            module.entries[function.name] = function
        elif function is None:
            module.variables.append(_variable(line, part))
        elif part.endswith(":"):
            label = part[:-1]
            if label in function.labels:
                raise PtxError(f"line {line}: {label} stands twice")
            function.labels[label] = len(function.instructions)
        elif part.startswith(".branchtargets"):
            function.tables[label] = split(part.partition(" ")[2])
        elif part.startswith(".reg"):
            _declare(function, line, part, renamed, scope)
        elif part.startswith((".local", ".shared")):
            function.variables.append(_variable(line, part))
        elif not part.startswith(".pragma"):
            function.instructions.append(_instruction(line, part, renamed))
    return module
