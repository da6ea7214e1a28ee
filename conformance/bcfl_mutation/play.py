"""Answer the vectors with a changed reference, each change in a process of its own.

A change inside a function replaces the code of the function objects in a fork of a process that has imported the
reference: every table and every other module holds the same object, so none keeps the old rule. A change of a
constant, a class, a default value, or of a function that runs while modules are imported, is made while a fresh fork
imports the reference. The pure kernels answer.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from bcfl_conformance.judge import judge
from bcfl_conformance.protocol import Answer
from bcfl_conformance.suite import Case

from .operators import Mutant
from .targets import Module

#: Processor seconds that a change may take beyond ten times what the reference needs; then it is caught.
SECONDS = 3.0
MEMORY_BYTES = 4 * 2**30
ANSWERER = "bcfl_ref.operations.testee"
TABLE = "bcfl_ref.operations"


@dataclass
class Reach:
    """What the cases reach in the unchanged reference: cases by function, their seconds, rules above helpers.

    `imported` are the functions that run while the reference is imported.
    """

    cases: dict[str, list[int]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    callers: dict[str, str] = field(default_factory=dict)
    imported: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """`caught` by a wrong answer, `crashed`, `timed_out`, `survived`, `unreached`, or `stillborn`: cannot start."""

    status: str
    case: str = ""


def reach(modules: dict[str, Module], cases: Sequence[Case]) -> Reach:
    """Play every case once with the unchanged reference, in a fork, and watch which functions it enters."""
    return Reach(**_in_fork(lambda: vars(_reach(modules, cases))))


def _reach(modules: dict[str, Module], cases: Sequence[Case]) -> Reach:
    found = Reach()
    files = {str(module.path): module for module in modules.values()}
    entered: set[str] = set()

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        module = files.get(frame.f_code.co_filename) if event == "call" else None
        if module is not None:
            name = _name(module, frame.f_code)
            if name not in entered:
                entered.add(name)
                if name not in found.callers:
                    found.callers[name] = _caller(files, frame)

    sys.setprofile(profile)
    answer = _answerer()
    sys.setprofile(None)
    found.imported = sorted(entered)
    forget = _caches()
    for number, case in enumerate(cases):
        for cache in forget:
            cache.cache_clear()
        entered.clear()
        before = time.process_time()
        sys.setprofile(profile)
        passed = _passes(answer, case)
        sys.setprofile(None)
        found.seconds.append(time.process_time() - before)
        if not passed:
            found.wrong.append(case.id)
        for name in entered:
            found.cases.setdefault(name, []).append(number)
    return found


def play(
    modules: dict[str, Module],
    mutants: Sequence[tuple[Mutant, str]],
    cases: Sequence[Case],
    seen: Reach,
    passed: Sequence[frozenset[int]],
) -> Iterator[Result]:
    """The result of each mutant, in their order; the process must not have imported the reference yet.

    `passed` are the cases that are known not to notice a mutant. Of the others those of the mutant's clause come
    first, and the one that caught the last change of the function before them.
    """
    everything = set(range(len(cases)))
    late = set(seen.imported)
    favourites: dict[str, int] = {}
    with _warm(modules, cases, seen) as ask:
        for (mutant, clause), known in zip(mutants, passed, strict=True):
            name = f"{mutant.module}:{mutant.function}"
            near = set(seen.cases.get(name, ())) if mutant.function else _users(modules, mutant, seen)
            if mutant.function and not near and name not in late:
                yield Result("unreached")
                continue

            def ordered(
                numbers: set[int], clause: str = clause, name: str = name, known: frozenset[int] = known
            ) -> list[int]:
                first = favourites.get(name, -1)
                left = numbers - known
                return sorted(left, key=lambda n: (n != first, clause not in cases[n].clauses, seen.seconds[n]))

            result = ask(mutant, ordered(near or set())) if mutant.function else None
            if result is None or (result.status == "survived" and name in late):
                chosen = ordered(everything if near is None or name in late else near)
                result = _forked(lambda m=mutant: _import_changed(modules, m), cases, chosen, seen)  # type: ignore[misc]
            if result.case:
                favourites[name] = next(number for number in everything if cases[number].id == result.case)
            yield result


def _users(modules: dict[str, Module], mutant: Mutant, seen: Reach) -> set[int] | None:
    """The cases that reach a function which mentions a constant or class; None if something else mentions it, too."""
    if mutant.scope in modules[mutant.module].mentions:  # a default value of this function
        return set(seen.cases.get(f"{mutant.module}:{mutant.scope}", ()))
    names = set(mutant.scope.strip("()").split(", "))
    found: set[int] = set()
    for module in modules.values():
        for function, mentioned in module.mentions.items():
            if names & mentioned:
                if not function or f"{module.name}:{function}" in seen.imported:
                    return None
                found.update(seen.cases.get(f"{module.name}:{function}", ()))
    return found


@contextlib.contextmanager
def _warm(
    modules: dict[str, Module], cases: Sequence[Case], seen: Reach
) -> Iterator[Callable[[Mutant, list[int]], Result | None]]:
    """A process that has imported the reference and forks for every question."""
    (ask_reader, ask_writer), (say_reader, say_writer) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ask_writer)
        os.close(say_reader)
        answer = _answerer()
        functions, caches = _functions(modules), _caches()
        gc.freeze()  # so that no fork copies the memory of its parent by looking for garbage
        with (
            os.fdopen(ask_reader, encoding="utf-8") as questions,
            os.fdopen(say_writer, "w", encoding="utf-8") as told,
        ):
            for line in questions:
                fields, chosen = json.loads(line)
                mutant = Mutant(**fields)
                prepared = _patched(modules[mutant.module], mutant, functions)
                if prepared is None:
                    said = None
                else:
                    result = _forked(lambda p=prepared: _patch(p, caches, answer), cases, chosen, seen)  # type: ignore[misc]
                    said = vars(result)
                told.write(json.dumps(said) + "\n")
                told.flush()
        os._exit(0)
    os.close(ask_reader)
    os.close(say_writer)
    with os.fdopen(ask_writer, "w", encoding="utf-8") as questions, os.fdopen(say_reader, encoding="utf-8") as told:

        def ask(mutant: Mutant, chosen: list[int]) -> Result | None:
            questions.write(json.dumps([vars(mutant), chosen]) + "\n")
            questions.flush()
            said = json.loads(told.readline())
            return None if said is None else Result(**said)

        yield ask
    os.waitpid(child, 0)


Answerer = Callable[[str, Any], Any]


def _forked(prepare: Callable[[], Answerer], cases: Sequence[Case], chosen: Sequence[int], seen: Reach) -> Result:
    """Change the reference in a fork and play the chosen cases until one notices."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            limit(30)
            answer = prepare()
            for number in chosen:
                os.write(writer, f"{number}\n".encode())
                signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS + 10 * seen.seconds[number])
                try:
                    passed = _passes(answer, cases[number])
                except Exception:
                    os._exit(3)
                if not passed:
                    os._exit(2)
            os._exit(0)
        except BaseException:
            os._exit(4)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        played = stream.read().split()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 0:
        return Result("survived")
    case = cases[int(played[-1])].id if played else ""
    if status == -signal.SIGVTALRM and case:
        return Result("timed_out", case)
    if not case:
        return Result("stillborn")
    return Result("caught" if status == 2 else "crashed", case)


def limit(seconds: float) -> None:
    """Give this process a limit of memory and of processor time."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


def _passes(answer: Answerer, case: Case) -> bool:
    (kind, value), *_ = answer(case.operation, case.input).items()
    return judge(case, Answer(0, kind, value)).status == "passed"


def _answerer() -> Answerer:
    os.environ["BCFL_KERNELS"] = "python"
    operations = importlib.import_module(TABLE).OPERATIONS
    answer: Answerer = importlib.import_module(ANSWERER).answerer(operations)
    return answer


def _name(module: Module, code: CodeType) -> str:
    """`module:function` or `module:Class.method`, also for what is defined inside of it."""
    parts = code.co_qualname.partition(".<locals>")[0].split(".")
    return f"{module.name}:{'.'.join(parts[:2]) if parts[0] != '<module>' else ''}"


def _caller(files: dict[str, Module], frame: FrameType) -> str:
    """The clause of the nearest rule on the stack, the function itself first."""
    above: FrameType | None = frame
    while above is not None:
        module = files.get(above.f_code.co_filename)
        if module is not None:
            clauses = module.clauses.get(_name(module, above.f_code).partition(":")[2], ())
            if clauses:
                return clauses[0]
        above = above.f_back
    return ""


def _caches() -> list[Any]:
    kind = type(functools.lru_cache(lambda: None))
    return [
        found for found in gc.get_objects() if isinstance(found, kind) and found.__module__.startswith("bcfl_ref")
    ]


def _functions(modules: dict[str, Module]) -> dict[tuple[str, str, int], list[FunctionType]]:
    """Every function object by file, name and first line."""
    files = {str(module.path) for module in modules.values()}
    found: dict[tuple[str, str, int], list[FunctionType]] = {}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename in files:
            code = thing.__code__
            found.setdefault((code.co_filename, code.co_qualname, code.co_firstlineno), []).append(thing)
    return found


_Patch = list[tuple[FunctionType, CodeType]]


def _patched(
    module: Module, mutant: Mutant, functions: dict[tuple[str, str, int], list[FunctionType]]
) -> _Patch | None:
    """The function objects of the mutant and their new code; None if it cannot be done in this way."""
    found: _Patch = []
    for code in _codes(compile(mutant.apply(module.source), str(module.path), "exec")):
        if code.co_qualname == mutant.function:
            for function in functions.get((code.co_filename, code.co_qualname, code.co_firstlineno), ()):
                if function.__code__.co_freevars != code.co_freevars:
                    return None
                found.append((function, code))
    return found or None


def _codes(code: CodeType) -> Iterable[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _patch(prepared: _Patch, caches: Sequence[Any], answer: Answerer) -> Answerer:
    for function, code in prepared:
        function.__code__ = code
    for cache in caches:
        cache.cache_clear()
    return answer


def _import_changed(modules: dict[str, Module], mutant: Mutant) -> Answerer:
    module = modules[mutant.module]
    if mutant.module in sys.modules:
        raise RuntimeError(f"{mutant.module} has been imported already")
    sys.meta_path.insert(0, _Finder(module, mutant.apply(module.source)))
    return _answerer()


class _Finder(importlib.abc.MetaPathFinder):
    """Gives one module another text."""

    def __init__(self, module: Module, source: str) -> None:
        self._module = module
        self._source = source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._module.name:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None and spec.origin is not None:
                spec.loader = _Loader(fullname, spec.origin, self._source)
                return spec
        return None


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, source: str) -> None:
        super().__init__(fullname, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        """Compile the changed text, never a cached one."""
        code: CodeType = self.source_to_code(self._source.encode("utf-8"), self.get_filename(fullname))
        return code


def preload() -> str | None:
    """Import what the reference imports from elsewhere, and nothing of the reference itself.

    Gives the name of a package that it needs and that is not installed.
    """

    def foreign() -> list[str] | str | None:
        try:
            importlib.import_module(ANSWERER)
        except ModuleNotFoundError as error:
            return error.name
        return [name for name in sys.modules if name.partition(".")[0] not in ("bcfl_ref", "__main__")]

    found = _in_fork(foreign)
    if not isinstance(found, list):
        return str(found)
    for name in found:
        if name not in sys.modules:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    return None


def _in_fork(work: Callable[[], Any]) -> Any:
    """What `work` gives in a forked process, as JSON."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            data = json.dumps(work()).encode("ascii")
            with os.fdopen(writer, "wb") as stream:
                stream.write(data)
            os._exit(0)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        data = stream.read()
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        raise SystemExit(2)
    return json.loads(data)
