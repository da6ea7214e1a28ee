"""`bcfl query`: ask a ledger in SQL, through an index that is built anew whenever the ledger has grown."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..errors import UsageError
from ..node.index import SCHEMA, Row, is_current, rebuild, table
from ..node.log import LOG_NAME

EXAMPLE = (
    "SELECT kind, count(*) AS times, sum(byte_length) AS bytes FROM transactions GROUP BY kind ORDER BY bytes DESC"
)


def query_command(
    directory: Annotated[Path, typer.Argument(help="A directory that `bcfl run` wrote.")],
    statement: Annotated[str | None, typer.Argument(help="One SELECT; without it, the tables are shown.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma separated values instead of a table.")] = False,
) -> int:
    """Ask a ledger in SQL. Quick, and proves nothing: `bcfl verify` never reads the index."""
    if not (directory / LOG_NAME).is_file():
        raise UsageError(f"{directory} holds no ledger ({LOG_NAME})")
    if statement is None:
        typer.echo(f'{SCHEMA.strip()}\n\nFor example: bcfl query {directory} "{EXAMPLE}"')
        return 0
    if not is_current(directory):
        rebuild(directory)
    columns, rows = table(directory, statement)
    if as_csv:
        typer.echo(_csv(columns, rows), nl=False)
    else:
        _print(columns, rows)
    return 0


def _csv(columns: Row, rows: list[Row]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows((columns, *rows))
    return text.getvalue()


def _print(columns: tuple[str, ...], rows: list[Row]) -> None:
    shown = Table(box=None, pad_edge=False)
    for column in columns:
        shown.add_column(escape(column), overflow="fold")
    for row in rows:
        shown.add_row(*("" if value is None else escape(str(value)) for value in row))
    Console().print(shown)
