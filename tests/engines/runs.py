"""Small whole runs that several tests share."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from bcfl_ref import api
from bcfl_ref.application.config import RunConfig, parse_config
from bcfl_ref.application.workload import RunWorkload, make_workload
from bcfl_ref.engines.embedded import EmbeddedEngine
from bcfl_ref.node.ledger import Observer

SMALL = """
[trainer]
name = "integer"
[trainer.settings]
local_epochs = 1
[task]
rounds = 1
trainers = 3
"""


def small_config(extra: str = "") -> RunConfig:
    """One round, three trainers, no float."""
    return parse_config(SMALL + extra, "test")


_workloads: dict[str, RunWorkload] = {}


def workload_of(config: RunConfig) -> RunWorkload:
    """The workload of a configuration, made once."""
    key = config.model_dump_json()
    if key not in _workloads:
        _workloads[key] = make_workload(config)
    return _workloads[key]


@functools.cache
def shared_run() -> api.RunResult:
    """One finished run of the small configuration with its report, for tests that only look or copy."""
    base = Path(tempfile.mkdtemp(prefix="bcfl-shared-"))
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    return api.run(small_config(), base / "run")


def copy_of_shared_run(directory: Path) -> Path:
    """A copy of the finished run that may be spoilt, private directory and all."""
    return Path(shutil.copytree(shared_run().directory, directory))


def open_engine(
    config: RunConfig, directory: Path, observer: Observer = lambda before, record, after: None
) -> EmbeddedEngine:
    """An engine on a directory, new or not."""
    workload = workload_of(config)
    return EmbeddedEngine(config, directory, workload.layout, workload.initial(), workload, observer)


def finished(config: RunConfig, directory: Path, inspect: Callable[[EmbeddedEngine], None] | None = None) -> bytes:
    """Run to the end; the head."""
    engine = open_engine(config, directory)
    try:
        engine.run()
        if inspect is not None:
            inspect(engine)
        return engine.ledger.last_root
    finally:
        engine.close()
