"""Small whole runs that several tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
    return _workloads.setdefault(config.model_dump_json(), make_workload(config))


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
