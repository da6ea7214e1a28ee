"""All attacks on one dataset, repeated over seeds, as one document."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence

import numpy as np

from ...errors import UsageError
from ..datasets import load
from ..samples import Samples
from ..trainers import one_blas_thread
from . import inversion, membership, properties, regrouping
from .document import Attack, Evaluation, Row, Table

DATASET = "digits"
ATTACKS: dict[str, Callable[[Samples, int, bool, Callable[[int, int], None]], Attack]] = {
    "regrouping": regrouping.evaluate,
    "inversion": inversion.evaluate,
    "membership": membership.evaluate,
    "property": properties.evaluate,
}


def evaluate(
    seed: int = 1,
    repeats: int = 1,
    smoke: bool = False,
    only: Sequence[str] = (),
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Evaluation:
    """The attacks named in `only`, or all, with the seeds `seed` … `seed + repeats − 1`; means over the seeds.

    Errors: UsageError for an attack that there is not.
    """
    for name in only:
        if name not in ATTACKS:
            raise UsageError(f"unknown attack {name!r}; known: {', '.join(ATTACKS)}")
    dataset = load(DATASET)
    found = []
    for name in [name for name in ATTACKS if not only or name in only]:
        runs = []
        for repeat in range(repeats):

            def advance(done: int, steps: int, name: str = name, repeat: int = repeat) -> None:
                progress(name, repeat * steps + done, repeats * steps)

            with one_blas_thread():
                runs.append(ATTACKS[name](dataset.samples, seed + repeat, smoke, advance))
        found.append(mean_of(runs))
    return Evaluation(
        seed=seed,
        repeats=repeats,
        smoke=smoke,
        dataset=dataset.title,
        versions={"python": platform.python_version(), "numpy": np.__version__, "machine": platform.machine()},
        attacks=tuple(found),
    )


def mean_of(runs: Sequence[Attack]) -> Attack:
    """Means of curves and tables over repetitions of one attack, with spreads; pictures are those of the first."""
    first = runs[0]
    if len(runs) == 1:
        return first
    charts = []
    for number, chart in enumerate(first.charts):
        curves = []
        for index, curve in enumerate(chart.curves):
            values = np.mean([run.charts[number].curves[index].y for run in runs], axis=0)
            curves.append(curve.model_copy(update={"y": tuple(map(float, values))}))
        charts.append(chart.model_copy(update={"curves": tuple(curves)}))
    tables = tuple(_mean_table([run.tables[number] for run in runs]) for number in range(len(first.tables)))
    return first.model_copy(update={"charts": tuple(charts), "tables": tables})


def _mean_table(tables: Sequence[Table]) -> Table:
    rows = tuple(_mean_row([table.rows[number] for table in tables]) for number in range(len(tables[0].rows)))
    return tables[0].model_copy(update={"rows": rows})


def _mean_row(rows: Sequence[Row]) -> Row:
    columns = list(zip(*(row.values for row in rows), strict=True))
    known = [[value for value in column if value is not None] for column in columns]
    return Row(
        name=rows[0].name,
        values=tuple(float(np.mean(values)) if values else None for values in known),
        spreads=tuple(float(np.std(values, ddof=1)) if len(values) > 1 else None for values in known),
    )
