"""The report of an evaluation: one self-contained page made from `attack.json`."""

from __future__ import annotations

import base64
import struct
import zlib
from html import escape
from pathlib import Path

from pydantic import ValidationError

from ...errors import UsageError
from ..report.style import CSS
from .charts import COLOURS, crowd_chart
from .document import Attack, Evaluation, Image, Row, Strip, Table
from .views import VIEWS

SHADES = ("c1", "c3", "c4", "c5", "c7", "c2", "c6", "bad")
EXTRA_CSS = (
    "svg .chance { stroke: var(--faint); stroke-width: 1.2; stroke-dasharray: 3 4; fill: none; } "
    ".plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(520px, 1fr)); gap: 26px; } "
    ".plots > div { max-width: 860px; } .tables table { width: auto; margin: 2px 0 18px; } "
    ".tables th { white-space: normal; max-width: 120px; } .unit { color: var(--soft); font-weight: 400; } "
    ".spread { color: var(--faint); font-size: 12px; } "
    ".strip { display: flex; gap: 4px; align-items: center; margin-bottom: 4px; } "
    ".strip span { width: 165px; font-size: 13px; color: var(--soft); } "
    ".strip img { width: 31px; height: 31px; image-rendering: pixelated; border-radius: 3px; } "
) + " ".join(
    f"svg .k{index} {{ stroke: var(--{shade}); }} svg .d{index} {{ fill: var(--{shade}); }} "
    f"svg .e{index} {{ fill: var(--{shade}); }}"
    for index, shade in enumerate(SHADES[:COLOURS])
)


def write_report(evaluation: Evaluation, path: Path) -> None:
    """Write the page to `path`; the same document gives the same bytes."""
    path.write_text(render(evaluation), encoding="utf-8", newline="\n")


def read_evaluation(path: Path) -> Evaluation:
    """The document at `path`. Errors: UsageError, one line."""
    try:
        return Evaluation.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except ValidationError as error:
        raise UsageError(f"{path}: {error.errors()[0]['msg']}") from None


def render(evaluation: Evaluation) -> str:
    """The page as text; it refers to nothing outside itself."""
    seeds = f"seed {evaluation.seed}"
    if evaluation.repeats > 1:
        seeds = f"means over the seeds {evaluation.seed} to {evaluation.seed + evaluation.repeats - 1}"
    versions = ", ".join(f"{name} {value}" for name, value in evaluation.versions.items())
    lead = f"{evaluation.dataset[:1].upper()}{evaluation.dataset[1:]}; {seeds}; {versions}."
    smoke = '<div class="mark">A smoke run: far too small for conclusions.</div>' if evaluation.smoke else ""
    body = "".join(map(_section, evaluation.attacks))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>BeFL: attacks on updates and sums</title><style>{CSS}{EXTRA_CSS}</style></head>\n"
        f"<body><main><h1>What updates and sums of updates give away</h1>"
        f'<p class="lead">{escape(lead)} Every update went through the quantisation of the ledger.</p>'
        f"{smoke}{_summary(evaluation)}{body}"
        "<footer>Dashed lines are what guessing reaches. ± is the standard deviation over the seeds.</footer>"
        "</main></body></html>\n"
    )


def _summary(evaluation: Evaluation) -> str:
    """One line a setting, one column a question: the table to read first."""
    columns = [(attack, wanted) for attack in evaluation.attacks for wanted in attack.summary]
    if not columns:
        return ""
    head = "".join(f"<th>{escape(wanted.title)}</th>" for _, wanted in columns)
    rows = []
    for view in VIEWS:
        cells = []
        for attack, wanted in columns:
            row = next((row for row in attack.tables[wanted.table].rows if row.name == view.name), None)
            cells.append(f"<td>{_value(row.values[wanted.column] if row else None, 2)}</td>")
        rows.append(f'<tr><td class="t">{escape(view.name)}</td>{"".join(cells)}</tr>')
    chances = "".join(f"<td>{wanted.chance:.2f}</td>" for _, wanted in columns)
    rows.append(f'<tr class="soft"><td class="t">guessing</td>{chances}</tr>')
    table = (
        f'<div class="scroll tables"><table><tr><th class="t">what is public</th>{head}</tr>{"".join(rows)}</table>'
    )
    note = "Areas under curves, correlations and shares by what the attacker sees; each is explained below."
    return f'<section><h2>By setting</h2><p class="note">{note}</p>{table}</div></section>'


def _section(attack: Attack) -> str:
    charts = "".join(
        f'<div><h3>{escape(chart.title)} <span class="unit">{escape(chart.y_label)}</span></h3>'
        f"{crowd_chart(chart)}</div>"
        for chart in attack.charts
    )
    tables = "".join(map(_table, attack.tables))
    strips = "".join(map(_strip, attack.strips))
    shown = f"<div><h3>Ten trainers' samples, rebuilt</h3>{strips}</div>" if strips else ""
    return (
        f'<section id="{escape(attack.name)}"><h2>{escape(attack.title)}</h2>'
        f"<p>{escape(attack.question)}</p>"
        f'<p class="note">{escape(attack.setup)}</p><div class="plots">{charts}{shown}</div>'
        f'<div class="tables" style="margin-top:16px">{tables}</div></section>'
    )


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    rows = "".join(f'<tr><td class="t">{escape(row.name)}</td>{_cells(row, table.digits)}</tr>' for row in table.rows)
    table_rows = f'<tr><th class="t"></th>{head}</tr>{rows}'
    return f'<h3>{escape(table.title)}</h3><div class="scroll"><table>{table_rows}</table></div>'


def _cells(row: Row, digits: tuple[int, ...]) -> str:
    spreads = row.spreads or (None,) * len(row.values)
    cells = []
    for value, spread, places in zip(row.values, spreads, digits, strict=True):
        beside = f' <span class="spread">± {spread:.{places}f}</span>' if spread else ""
        cells.append(f"<td>{_value(value, places)}{beside}</td>")
    return "".join(cells)


def _value(value: float | None, digits: int) -> str:
    if value is None:
        return '<span class="faint">–</span>'
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if not float(text) else text.replace("-", "−")


def _strip(strip: Strip) -> str:
    images = "".join(f'<img alt="" src="data:image/png;base64,{png(image)}">' for image in strip.images)
    return f'<div class="strip"><span>{escape(strip.name)}</span>{images}</div>'


def png(image: Image) -> str:
    """A grey picture as base64 of an uncompressed PNG, the same bytes everywhere; black on white."""
    lines = b"".join(b"\0" + bytes(255 - level for level in row) for row in image)
    header = struct.pack(">IIBBBBB", len(image[0]), len(image), 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(lines, 0)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return base64.b64encode(data).decode("ascii")
