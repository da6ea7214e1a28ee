"""Prose, model and code say the same: constants, guards and error codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from .manifest import Manifest
from .modules import Module


def agreement_holes(root: Path, manifest: Manifest, modules: Mapping[str, Module]) -> Iterator[str]:
    """Every disagreement that the manifest asks to look for."""
    yield from ()
