"""One change of source text, made while the module is imported: how a bug gets into the reference."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType, ModuleType


@dataclass(frozen=True)
class Bug:
    """A mistake that an implementer could make; `caught_by` is a case that must fail because of it.

    In `module` the text `old`, which must stand there exactly once, becomes `new`.
    """

    name: str
    what: str
    module: str
    old: str
    new: str
    caught_by: str


class StaleBug(Exception):
    """The reference changed and a bug no longer finds its place."""


def install(bug: Bug) -> None:
    """Import `bug.module` with the bug in it, from now on; it must not have been imported yet."""
    if bug.module in sys.modules:
        raise StaleBug(f"{bug.module} has been imported already")
    sys.meta_path.insert(0, _Finder(bug))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, bug: Bug) -> None:
        self._bug = bug

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._bug.module:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None and spec.origin is not None:
                spec.loader = _Loader(fullname, spec.origin, self._bug)
                return spec
        return None


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, bug: Bug) -> None:
        super().__init__(fullname, path)
        self._bug = bug

    def get_code(self, fullname: str) -> CodeType:
        """Compile the changed text, never a cached one."""
        path = self.get_filename(fullname)
        source = self.get_data(path).decode("utf-8")
        if source.count(self._bug.old) != 1:
            raise StaleBug(f"bug {self._bug.name}: its text stands {source.count(self._bug.old)} times in {fullname}")
        return self.source_to_code(source.replace(self._bug.old, self._bug.new).encode("utf-8"), path)  # type: ignore[no-any-return]
