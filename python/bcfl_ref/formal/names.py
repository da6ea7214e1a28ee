"""Actions of the models are called like the functions of the reference; what is not ours is declared as such."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from .manifest import Manifest
from .modules import Module


def action_holes(manifest: Manifest, modules: Mapping[str, Module]) -> Iterator[str]:
    """Every action is a function of the reference under the same name, or part of the declared environment."""
    for name, module in modules.items():
        if "Next" not in module.definitions:
            continue
        entry = manifest.modules.get(name)
        if entry is None:
            yield f"{name}: the manifest does not say what its actions are"
            continue
        functions, environment = entry.get("actions", {}), entry.get("environment", [])
        for action in module.actions():
            if action not in functions and action not in environment and action[0].islower():
                yield f"{name}: action {action} is no function of the reference and not of the environment"
        for action, dotted in {**functions, **entry.get("functions", {})}.items():
            if action not in module.definitions:
                yield f"{name}: there is no action {action}"
            if dotted.rpartition(".")[2].lstrip("_") != action:
                yield f"{name}: action {action} is called {dotted} in the reference"
            elif not exists(dotted):
                yield f"{name}: there is no {dotted} in the reference"
        for action in environment:
            if action not in module.definitions:
                yield f"{name}: there is no action {action}"
        if not module.clauses:
            yield f"{name}: no clause is named"
    for name in manifest.modules:
        if name not in modules:
            yield f"the manifest lists {name}, which is no module"


def exists(dotted: str) -> bool:
    """Whether `bcfl_ref.<dotted>` can be found: a function, class or method."""
    parts = ["bcfl_ref", *dotted.split(".")]
    for length in range(len(parts), 0, -1):
        try:
            target: object = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            target = getattr(target, part, None)
            if target is None:
                return False
        return True
    return False
