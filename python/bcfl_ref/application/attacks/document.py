"""What an evaluation found: the schema of `attack.json`, which the report is made from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..metrics import Record

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Curve(Record):
    """A named series of points."""

    name: str
    x: tuple[Finite, ...]
    y: tuple[Finite, ...]


class Chart(Record):
    """Curves over one axis; `chance` is what an attacker without any view would reach."""

    title: str
    x_label: str
    y_label: str
    log_x: bool = False
    low: Finite = 0.0
    high: Finite = 1.0
    chance: Finite | None = None
    curves: tuple[Curve, ...]


class Row(Record):
    """A line of a table; a value is None where the question makes no sense.

    `spreads` are the standard deviations over the repetitions, empty where there was one only.
    """

    name: str
    values: tuple[Finite | None, ...]
    spreads: tuple[Finite | None, ...] = ()


class Table(Record):
    """Measured values, one line a setting; `digits` are the decimals of each column."""

    title: str
    columns: tuple[str, ...]
    digits: tuple[int, ...]
    rows: tuple[Row, ...]


class Summary(Record):
    """A column of the summary by setting: which table and column it is, and what guessing gives."""

    title: str
    table: int
    column: int
    chance: Finite


Image = tuple[tuple[Annotated[int, Field(ge=0, le=255)], ...], ...]


class Strip(Record):
    """Small grey images side by side: the same samples as one setting shows them."""

    name: str
    images: tuple[Image, ...]


class Attack(Record):
    """One attack: what is asked, how it was set up, and what came out."""

    name: str
    title: str
    question: str
    setup: str
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]
    strips: tuple[Strip, ...] = ()
    summary: tuple[Summary, ...] = ()


class Evaluation(Record):
    """The whole document."""

    schema_version: Literal[1] = 1
    seed: int
    repeats: int
    smoke: bool
    dataset: str
    versions: dict[str, str]
    attacks: tuple[Attack, ...]
