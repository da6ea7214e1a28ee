"""The report as one self-contained page: layer by clause, a click away from the failing case."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any

from bcfl_conformance.clauses import Clause
from bcfl_conformance.judge import at_path
from bcfl_conformance.verdict import Line, Report

#: JSON longer than this is cut in the page; the JSON report has all of it.
SHOWN_CHARACTERS = 6000
LINE_CHARACTERS = 100

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6470;--line:#d5dae0;--page:#fff;--box:#f5f7f9;
--good:#1f7a4d;--bad:#b3261e;--warn:#9a6700;--none:#8a929c}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9aa4af;--line:#39414a;--page:#14181d;--box:#1d2329;
--good:#2f9e68;--bad:#d6504a;--warn:#bb8a1b;--none:#68717b}}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);
max-width:1180px;margin:0 auto;padding:24px}h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:32px 0 8px}
.soft{color:var(--soft)}.verdict{font-weight:700}.good{color:var(--good)}.bad{color:var(--bad)}
table{border-collapse:collapse}
th{text-align:left;font-weight:600;padding:8px 12px 8px 0;vertical-align:top;white-space:nowrap}
td{padding:6px 0}.cell{display:inline-block;width:82px;margin:0 4px 4px 0;padding:4px 6px;
border-radius:5px;color:#fff;
text-decoration:none;font-size:12px;line-height:1.35;text-align:center}.cell b{display:block;font-size:13px}
.cell:hover,.cell:focus{outline:2px solid var(--ink)}
.all{background:var(--good)}.some{background:var(--bad)}.excused{background:var(--warn)}.none{background:var(--none)}
.part{background:linear-gradient(90deg,var(--good) 60%,var(--none) 60%)}
.key .cell{width:auto;padding:2px 8px}section{border-top:1px solid var(--line);padding:10px 0}
section h3{font-size:16px;margin:4px 0}
.clause{white-space:pre-wrap;background:var(--box);padding:10px 12px;border-radius:6px;font-size:13px;max-height:45vh;
overflow:auto}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 12px}.pair>*{min-width:0}
@media(max-width:800px){.pair{grid-template-columns:1fr}}
details{margin:4px 0}summary{cursor:pointer}.tag{display:inline-block;min-width:92px;font-size:12px;font-weight:700}
pre{background:var(--box);padding:10px 12px;border-radius:6px;overflow:auto;font-size:12.5px;margin:4px 0 10px;
white-space:pre-wrap;overflow-wrap:anywhere;max-height:45vh}.case{padding-left:20px}dt{font-weight:600;font-size:13px}dd{margin:0}
code{font-size:13px}ul{margin:2px 0 8px}
"""
# A case of several clauses is written once, under its first clause, and copied where it is opened elsewhere. A link
# of the matrix opens the first wrong case of its layer, and the text of the clause.
_SCRIPT = """
addEventListener("hashchange",show);addEventListener("toggle",e=>fill(e.target),true);
function fill(d){const of=d.dataset.case;if(!of||!d.open)return;
const copy=document.getElementById("case."+of).cloneNode(true);copy.removeAttribute("id");
d.lastElementChild.replaceWith(copy);delete d.dataset.case}
function show(){const e=document.getElementById(decodeURIComponent(location.hash.slice(1)));if(!e)return;
for(let n=e;n;n=n.parentElement)if(n.tagName==="DETAILS"){n.open=true;fill(n)}
const s=e.closest("section"),t=s.querySelector("details.text");if(t&&e!==s)t.open=true;
const near=e.getBoundingClientRect().top-s.getBoundingClientRect().top<innerHeight*.6;
(near?s:e.closest("details")||e).scrollIntoView()}show();
"""


def text(report: Report, clauses: Mapping[str, Clause]) -> str:
    """The whole page."""
    title = f"BeFL conformance of {report.outcome.testee.name}"
    by_clause: dict[str, list[Line]] = {}
    homes: dict[str, str] = {}
    for line in report.lines:
        homes[line.result.case.id] = min(line.result.case.clauses)
        for clause in line.result.case.clauses:
            by_clause.setdefault(clause, []).append(line)
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        '<meta name=viewport content="width=device-width,initial-scale=1">',
        f"<title>{_text(title)}</title><style>{_STYLE}</style><h1>{_text(title)}</h1>",
        _head(report),
        _matrix(report, clauses),
        "<h2>Clauses and their cases</h2>",
        *(_section(clause, lines, clauses.get(clause), homes) for clause, lines in sorted(by_clause.items())),
        f"<script>{_SCRIPT}</script></html>",
    ]
    return "\n".join(parts) + "\n"


def _head(report: Report) -> str:
    testee = report.outcome.testee
    verdict = '<span class="verdict good">conforms</span>'
    if not report.ok:
        verdict = '<span class="verdict bad">does not conform</span>'
    if report.smoke:
        verdict = '<span class="verdict">smoke run: manners only, answers not judged</span>'
    about = " · ".join(_text(value) for value in (testee.version, testee.language, testee.link) if value)
    sums = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report.summary.items() if count)
    problems = "".join(f'<p class="bad">{_text(problem)}</p>' for problem in report.problems)
    return (
        f"<p>{verdict} — {_text(sums)}</p>{problems}"
        f"<p class=soft>{about}{' · ' if about else ''}profiles {_text(', '.join(testee.profiles))} · "
        f"suite <code>{_text(report.suite.digest[:23])}…</code>, {len(report.suite.cases)} cases, "
        f"{len(report.lines)} of them played</p>"
    )


def _matrix(report: Report, clauses: Mapping[str, Clause]) -> str:
    cells: dict[str, dict[str, list[Line]]] = {}
    for line in report.lines:
        case = line.result.case
        for clause in case.clauses:
            cells.setdefault(case.layer, {}).setdefault(clause, []).append(line)
    rows = []
    for layer, row in cells.items():
        shown = "".join(_cell(layer, clause, lines, clauses.get(clause)) for clause, lines in sorted(row.items()))
        rows.append(f"<tr><th>{_text(layer)}</th><td>{shown}</td></tr>")
    key = (
        ("all", "every case passed"),
        ("some", "a case is wrong"),
        ("excused", "expected failures"),
        ("part", "passed as far as answered"),
        ("none", "not answered"),
    )
    shown = "".join(f'<span class="cell {name}">{meaning}</span>' for name, meaning in key)
    return f"<h2>Layer by clause</h2><p class=key>{shown}</p><table>{''.join(rows)}</table>"


def _cell(layer: str, clause: str, lines: list[Line], known: Clause | None) -> str:
    passed = sum(line.result.status == "passed" for line in lines)
    if any(not line.ok for line in lines):
        look = "some"
    elif any(line.expected is not None for line in lines):
        look = "excused"
    else:
        look = "all" if passed == len(lines) else "part" if passed else "none"
    title = _text(known.title) if known else ""
    target = f"{clause}.{layer}" if look in ("some", "excused") else clause
    return f'<a class="cell {look}" href="#{target}" title="{title}"><b>{clause}</b>{passed}/{len(lines)}</a>'


def _section(clause: str, lines: list[Line], known: Clause | None, homes: Mapping[str, str]) -> str:
    title = f"{clause} {known.title}" if known else clause
    written = ""
    if known:
        body = f"<div class=clause>{_text(known.text)}</div>"
        written = f"<details class=text><summary class=soft>the clause</summary>{body}</details>"
    told = sorted((line for line in lines if not line.ok or line.expected is not None), key=lambda line: line.ok)
    cases, seen = [], set[str]()
    for line in told:
        layer = line.result.case.layer
        anchor = "" if layer in seen else f' id="{clause}.{layer}"'
        seen.add(layer)
        home = homes[line.result.case.id]
        cases.append(_case(line, anchor, None if home == clause else home))
    return f'<section id="{clause}"><h3>{_text(title)}</h3>{written}{"".join(cases)}{_others(lines, told)}</section>'


def _others(lines: list[Line], told: list[Line]) -> str:
    """The cases in order, folded away by status: id, comment and, where there is one, the reason."""
    parts = []
    for status in ("skipped", "unsupported", "passed"):
        listed = [line for line in lines if line.result.status == status and line not in told]
        if listed:
            items = "".join(
                f"<li><code>{_text(line.result.case.id)}</code> "
                f"<span class=soft>{_text(line.result.case.comment)} {_text(line.result.reason)}</span></li>"
                for line in listed
            )
            look = "good" if status == "passed" else "soft"
            head = f'<span class="tag {look}">{len(listed)} {status}</span>'
            parts.append(f"<details class=case><summary>{head}</summary><ul>{items}</ul></details>")
    return "".join(parts)


def _case(line: Line, anchor: str, home: str | None) -> str:
    """One case, folded; in full under its first clause, elsewhere with a link there that the script replaces."""
    result, case = line.result, line.result.case
    status = "unexpected pass" if line.unexpected_pass else result.status.replace("_", " ")
    look = "bad" if not line.ok else "soft"
    head = (
        f'<span class="tag {look}">{status}</span><code>{_text(case.id)}</code> '
        f"<span class=soft>{_text(case.comment)}</span>"
    )
    if home is None:
        body, copied = f'<dl id="case.{_text(case.id)}">{_facts(line)}</dl>', ""
    else:
        body = f'<p>written out under <a href="#case.{_text(case.id)}">{home}</a></p>'
        copied = f' data-case="{_text(case.id)}"'
    return f'<details class="case"{anchor}{copied}><summary>{head}</summary>{body}</details>'


def _facts(line: Line) -> str:
    result, case = line.result, line.result.case
    facts: list[tuple[str, str]] = [("operation", f"<code>{_text(case.operation)}</code>")]
    if case.bug:
        facts.append(("hunts", _text(case.bug)))
    if line.expected is not None:
        facts.append(("expected to fail", _text(line.expected.why)))
    if result.reason:
        facts.append(("what happened", _text(result.reason)))
    got = {result.answer.kind: result.answer.value} if result.answer is not None else None
    shown = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    if len(result.at) > 1:
        place = _text(result.at)
        left, right = at_path(case.expect, result.at), at_path(got, result.at)
        shown += _pair((f"expected at {place}", _json(left, "nothing")), (f"got at {place}", _json(right, "nothing")))
    step = result.at.removeprefix("/ok/steps/").partition("/")[0]
    if case.kind == "machine" and step.isdigit() and int(step) < len(case.input["steps"]):
        shown += f"<dt>step {step}</dt><dd>{_json(case.input['steps'][int(step)])}</dd>"
    shown += f"<dt>input</dt><dd>{_json(case.input)}</dd>"
    shown += _pair(("expected", _json(case.expect)), ("got", _json(got, "no answer")))
    if not line.ok and result.stderr:
        shown += f"<dt>stderr</dt><dd><pre>{_text(result.stderr)}</pre></dd>"
    return shown


def _pair(left: tuple[str, str], right: tuple[str, str]) -> str:
    """Two facts side by side."""
    columns = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in (left, right))
    return f"<div class=pair>{columns}</div>"


def _json(value: Any, absent: str = "null") -> str:
    shown = absent if value is None else _lines(value)
    cut = f"… ({len(shown)} characters)" if len(shown) > SHOWN_CHARACTERS else ""
    return f"<pre>{_text(shown[:SHOWN_CHARACTERS])}{cut}</pre>"


def _lines(value: Any, indent: str = "") -> str:
    """JSON with as few lines as can be read: what is short, and a list of plain values, stays on one."""
    flat = json.dumps(value, sort_keys=True)
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    nested = any(isinstance(child, (dict, list)) for child in children)
    if len(flat) + len(indent) <= LINE_CHARACTERS or not (nested or isinstance(value, dict)):
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [f"{inner}{json.dumps(key)}: {_lines(value[key], inner)}" for key in sorted(value)]
    else:
        parts = [inner + _lines(item, inner) for item in value]
    left, right = "{}" if isinstance(value, dict) else "[]"
    return left + "\n" + ",\n".join(parts) + f"\n{indent}{right}"


def _text(value: str) -> str:
    return html.escape(value, quote=True)
