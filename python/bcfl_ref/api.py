"""The library in three calls: `load_config` or `parse_config`, `run`, `verify`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .application.config import RunConfig, load_config, parse_config
from .application.metrics import Metrics, metrics_text
from .application.workload import make_workload
from .engines.embedded import EmbeddedEngine, check_faults
from .engines.metrics import build_metrics
from .engines.observer import RunObserver
from .engines.timing import Timings
from .errors import SpecError, UsageError
from .node.durable import write_atomic
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
    with _mendable(directory):
        engine = EmbeddedEngine(config, directory, workload.layout, workload.initial(), workload, observer, timings)
        try:
            engine.run(lambda done, total: progress("rounds", done, total))
            with timings.of("verification"):
                verified = _verify(directory, progress=lambda done, total: progress("verification", done, total))
            metrics = build_metrics(config, workload, engine, observer, verified, baselines, progress)
            ledger = engine.ledger
            result = RunResult(directory, ledger.genesis_root, ledger.last_root, ledger.state.height, metrics)
        finally:
            engine.close()
        rebuild(directory)
        if report:
            from .application.report import write_report

            progress("report", 0, 1)
            write_report(metrics, directory / REPORT_NAME)
            progress("report", 1, 1)
        write_atomic(directory / METRICS_NAME, metrics_text(metrics).encode())
    return result


@contextmanager
def _mendable(directory: Path) -> Iterator[None]:
    """What a full disk or a damaged directory raises, as one line for the person who can mend it.

    Nothing acknowledged is lost: the same run can be continued when the cause is gone.
    """
    try:
        yield
    except OSError as error:
        named = f" ({error.filename})" if error.filename else ""
        raise UsageError(f"cannot use {directory}: {error.strerror}{named}; run again to continue") from error
    except SpecError as error:
        raise UsageError(f"{directory} cannot be continued: {error}") from error
    except Offence as error:
        raise UsageError(f"{directory} does not verify: {error}") from error


def verify(
    directory: str | Path, *, expected_genesis: bytes | None = None, expected_head: bytes | None = None
) -> Verification:
    """INF-019: replay a ledger. Raises Offence for the first thing that is wrong, UsageError for no ledger."""
    return _verify(Path(directory), expected_genesis, expected_head)
