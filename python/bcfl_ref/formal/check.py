"""`bcfl spec check`: lint the models, run every configuration, compare with the manifest.

Nothing here trusts a model that cannot fail: every property is violated by some attack or mutant, every witness
is reached, every count is what it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ..errors import UsageError
from . import tlc
from .agreement import agreement_holes
from .manifest import Configuration, Manifest, Mutant, load_manifest, shape_holes
from .modules import Module, clause_holes, read_modules, variable_holes
from .names import action_holes

FOLDER = Path("spec") / "tla"
JOBS = 3
"""Runs at a time on two cores: at its end TLC sleeps for a third of a second."""
MANY_RUNS = 20
"""From this many runs on, a trial run that makes the others start faster pays."""
TIMEOUT_S = {"fast": 300, "deep": 3600}
LONG_RUN_STATES = 60_000
"""From this many states on, the optimising compiler of the Java machine pays."""

Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Job:
    """One run of TLC: `wanted` must be violated (None: nothing may be)."""

    id: str
    kind: str
    module: str
    sources: Mapping[str, str]
    configuration: str
    arguments: tuple[str, ...]
    wanted: str | None
    pins: tuple[int | None, int | None]
    tier: str
    names: int
    """How many properties the configuration lists: liveness is reported without a name."""


@dataclass(frozen=True)
class Result:
    """What a job showed; `problem` is empty when that is what the manifest says."""

    job: Job
    outcome: tlc.Outcome
    problem: str


@dataclass(frozen=True)
class Report:
    """All results in the order of the manifest, and what the lint found."""

    results: tuple[Result, ...]
    holes: tuple[str, ...]
    seconds: float

    @property
    def failed(self) -> int:
        """How many things are wrong."""
        return len(self.holes) + sum(bool(result.problem) for result in self.results)


# ---------------------------------------------------------------------------------------------------------
# Jobs


def jobs_of(manifest: Manifest, modules: Mapping[str, Module], tier: str) -> list[Job]:
    """The runs of a tier: `fast` alone, or with `deep` also everything that takes long."""
    texts = {f"{name}.tla": module.text for name, module in modules.items()}
    chosen = ("fast",) if tier == "fast" else ("fast", "deep")
    found = [_job(item, texts) for item in manifest.configurations if item.tier in chosen]
    for mutant in manifest.mutants:
        if mutant.tier in chosen:
            found.append(_mutant_job(mutant, manifest.configuration(mutant.of), texts))
    return found


def _job(item: Configuration, texts: Mapping[str, str]) -> Job:
    listed = (*item.invariants, *item.properties)
    return Job(
        item.id,
        item.kind,
        item.module,
        texts,
        item.text(),
        tuple(item.arguments()),
        item.violates,
        (item.distinct, item.depth),
        item.tier,
        len(listed),
    )


def _mutant_job(mutant: Mutant, base: Configuration, texts: Mapping[str, str]) -> Job:
    changed = replace(base, constants={**base.constants, **mutant.constants})
    return Job(
        mutant.id,
        "mutant",
        base.module,
        {**texts, f"{mutant.module}.tla": mutate(texts[f"{mutant.module}.tla"], mutant)},
        changed.text(mutant.violates),
        tuple(base.arguments()),
        mutant.violates,
        (mutant.distinct, mutant.depth),
        mutant.tier,
        1,
    )


def mutate(text: str, mutant: Mutant) -> str:
    """The changed module; raises `UsageError` unless every pattern occurs exactly once."""
    for old, new in mutant.edits:
        if text.count(old) != 1:
            raise UsageError(f"{mutant.id}: {old!r} occurs {text.count(old)} times in {mutant.module}")
        text = text.replace(old, new)
    return text


def perform(job: Job, options: Sequence[str] = ()) -> Result:
    """Run one job and judge it; `options` are for the Java machine."""
    long = job.tier == "deep" or (job.pins[0] or 0) > LONG_RUN_STATES
    outcome = tlc.run(
        job.sources,
        job.module,
        job.configuration,
        job.arguments,
        timeout_s=TIMEOUT_S[job.tier],
        long=long,
        options=options,
    )
    return Result(job, outcome, judge(job, outcome))


def judge(job: Job, outcome: tlc.Outcome) -> str:
    """What is wrong with an outcome, or nothing."""
    if outcome.verdict in (tlc.Verdict.ERROR, tlc.Verdict.DEADLOCK):
        return f"TLC ended with {outcome.exit_code}: {outcome.error}"
    if job.wanted is None:
        if outcome.verdict is not tlc.Verdict.HOLDS:
            return f"{outcome.violated or 'liveness'} is violated"
    elif outcome.verdict not in tlc.KILLS:
        return f"{job.wanted} is not violated"
    elif outcome.violated != job.wanted and not (outcome.violated is None and job.names == 1):
        return f"{outcome.violated} is violated before {job.wanted}"
    measured = (outcome.distinct, outcome.depth)
    if None not in job.pins and job.pins != measured:
        return f"{measured[0]} states of depth {measured[1]}, the manifest says {job.pins[0]} of {job.pins[1]}"
    return ""


# ---------------------------------------------------------------------------------------------------------
# Lint


def lint(root: Path) -> list[str]:
    """Everything that can be wrong without running TLC; includes prose and code."""
    folder = root / FOLDER
    try:
        modules = read_modules(folder)
    except ValueError as error:
        return [str(error)]
    manifest = load_manifest(folder)
    holes = list(shape_holes(manifest))
    for module in modules.values():
        holes += [*variable_holes(module), *clause_holes(module)]
    holes += _listing_holes(manifest, modules)
    holes += _strength_holes(manifest)
    holes += action_holes(manifest, modules)
    holes += agreement_holes(root, manifest, modules)
    return holes


def _listing_holes(manifest: Manifest, modules: Mapping[str, Module]) -> Iterator[str]:
    """What a module defines as property or witness is listed, and what is listed is defined."""
    listed = {name for item in manifest.configurations for name in (*item.invariants, *item.properties)}
    witnesses = {item.violates for item in manifest.configurations if item.kind == "witness"}
    for module in modules.values():
        for definition in module.section("Properties"):
            if not definition.parameters and definition.name not in listed:
                yield f"{module.name}: property {definition.name} is in no configuration"
        for definition in module.section("Witnesses"):
            if not definition.parameters and definition.name not in witnesses:
                yield f"{module.name}: witness {definition.name} is in no configuration"
    for item in manifest.configurations:
        if item.module not in modules:
            yield f"{item.id}: no module {item.module}"
    used = {item.module for item in manifest.configurations}
    for name, module in modules.items():
        needed = any(name in modules[other].extends or f"INSTANCE {name}" in modules[other].text for other in modules)
        if name not in used and not needed and not name.startswith("Trace"):
            yield f"{module.name}: no configuration uses it"


def _strength_holes(manifest: Manifest) -> Iterator[str]:
    """Every property of a model is violated by some attack or mutant of it."""
    broken = {(item.module, item.violates) for item in manifest.configurations if item.kind == "attack"}
    broken |= {(manifest.configuration(mutant.of).module, mutant.violates) for mutant in manifest.mutants}
    for item in manifest.configurations:
        if item.kind == "model":
            for name in (*item.invariants, *item.properties):
                if (item.module, name) not in broken:
                    yield f"{item.id}: nothing is known to violate {name}"
    witnessed = {item.module for item in manifest.configurations if item.kind == "witness"}
    for item in manifest.configurations:
        if item.kind == "model" and item.module not in witnessed:
            yield f"{item.id}: no witness shows that {item.module} gets anywhere"


# ---------------------------------------------------------------------------------------------------------
# All together


def run_jobs(jobs: list[Job], progress: Advance, workers: int = JOBS) -> list[Result]:
    """Perform all jobs, a few at a time; results in the order of the jobs."""
    results: dict[int, Result] = {}
    longest_first = sorted(range(len(jobs)), key=lambda index: -(jobs[index].pins[0] or 0))
    with _started(jobs) as options, ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(perform, jobs[index], options): index for index in longest_first}
        for done in as_completed(running):
            results[running[done]] = done.result()
            progress(len(results), len(jobs))
    return [results[index] for index in range(len(jobs))]


@contextmanager
def _started(jobs: Sequence[Job]) -> Iterator[tuple[str, ...]]:
    """What makes many runs start faster: the smallest exhaustive one of them is the trial."""
    exhaustive = [job for job in jobs if job.kind == "model" and job.pins[0]]
    if len(jobs) < MANY_RUNS or not exhaustive:
        yield ()
        return
    trial = min(exhaustive, key=lambda job: job.pins[0] or 0)
    with tlc.started(trial.sources, trial.module, trial.configuration) as options:
        yield options


def check(root: Path, tier: str, progress: Advance, only: str = "") -> Report:
    """Lint, then run the tier (of all modules whose configurations begin with `only`).

    Errors: UsageError for no checkout, or when no configuration begins so: nothing checked is no success.
    """
    begin = time.monotonic()
    if not (root / FOLDER).is_dir():
        raise UsageError(f"{root.resolve()} is no checkout of the project: it has no {FOLDER}")
    holes = lint(root)
    manifest, modules = load_manifest(root / FOLDER), read_modules(root / FOLDER)
    jobs = [job for job in jobs_of(manifest, modules, tier) if job.id.startswith(only)]
    if not jobs:
        raise UsageError(f"no configuration of the {tier} tier begins with {only!r}")
    results = run_jobs(jobs, progress)
    return Report(tuple(results), tuple(holes), time.monotonic() - begin)


def print_report(report: Report, console: Console) -> None:
    """Models and attacks one by one, mutants and witnesses summed up unless they fail."""
    table = Table(title="spec/tla", header_style="bold")
    for heading in ("configuration", "kind", "shows"):
        table.add_column(heading, overflow="fold")
    for heading in ("states", "depth", "s"):
        table.add_column(heading, justify="right")
    for result in report.results:
        job, outcome = result.job, result.outcome
        shown = (job.wanted and f"violates {job.wanted}") or f"{job.names} properties hold"
        shown = f"[red]{result.problem}[/red]" if result.problem else shown
        figures = (f"{outcome.distinct:,}", str(outcome.depth), f"{outcome.seconds:.1f}")
        table.add_row(job.id, job.kind, shown, *figures)
    console.print(table)
    for result in report.results:
        if result.problem and result.job.kind == "model" and result.outcome.path:
            console.print(f"[red]{result.job.id}[/red] how it comes to that:")
            console.print(result.outcome.path, markup=False, highlight=False)
    for hole in report.holes:
        console.print(f"[red]hole[/red] {hole}", highlight=False)
    kinds = [result.job.kind for result in report.results]
    counts = ", ".join(f"{kinds.count(kind)} {kind}s" for kind in ("model", "attack", "witness", "mutant"))
    counts = counts.replace("witnesss", "witnesses")
    console.print(f"{counts}; {report.failed} failed, {report.seconds:.0f} s", highlight=False)
