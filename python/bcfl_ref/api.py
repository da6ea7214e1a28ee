"""The library in three calls: `load_config` or `parse_config`, `run`, `verify`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .application.config import RunConfig, load_config, parse_config
from .application.metrics import Metrics, write_metrics
from .application.workload import make_workload
from .engines.embedded import EmbeddedEngine, check_faults
from .engines.metrics import build_metrics
from .engines.observer import RunObserver
from .engines.timing import Timings
from .errors import UsageError
from .node.index import rebuild
from .node.verify import Offence, Verification
from .node.verify import verify as _verify

__all__ = ["Offence", "RunConfig", "RunResult", "Verification", "load_config", "parse_config", "run", "verify"]

METRICS_NAME = "metrics.json"
REPORT_NAME = "report.html"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class RunResult:
    """A finished run: where it is, the head of its ledger, and what people want to know of it."""

    directory: Path
    genesis_root: bytes
    head: bytes
    height: int
    metrics: Metrics


def run(
    config: RunConfig,
    out: str | Path,
    *,
    baselines: bool = True,
    report: bool = True,
    progress: Progress = lambda stage, done, total: None,
) -> RunResult:
    """Run a whole task in the directory `out`, or continue the one that is there.

    `progress(stage, done, total)` is told how far each stage is. Errors: UsageError for what a person can mend.
    """
    check_faults(config)
    directory, observer, timings = Path(out), RunObserver(), Timings()
    with timings.of("loading data"):
        workload = make_workload(config)
    engine = EmbeddedEngine(config, directory, workload.layout, workload.initial(), workload, observer, timings)
    try:
        engine.run(lambda done, total: progress("rounds", done, total))
        with timings.of("verification"):
            verified = _verify(directory, progress=lambda done, total: progress("verification", done, total))
        metrics = build_metrics(config, workload, engine, observer, verified, baselines, progress)
        result = RunResult(
            directory, engine.ledger.genesis_root, engine.ledger.last_root, engine.ledger.state.height, metrics
        )
    finally:
        engine.close()
    try:
        write_metrics(metrics, directory / METRICS_NAME)
        rebuild(directory)
        if report:
            from .application.report import write_report

            progress("report", 0, 1)
            write_report(metrics, directory / REPORT_NAME)
            progress("report", 1, 1)
    except OSError as error:
        raise UsageError(f"cannot write into {directory}: {error.strerror}") from None
    return result


def verify(
    directory: str | Path, *, expected_genesis: bytes | None = None, expected_head: bytes | None = None
) -> Verification:
    """INF-019: replay a ledger. Raises Offence for the first thing that is wrong, UsageError for no ledger."""
    return _verify(Path(directory), expected_genesis, expected_head)
