"""The files a run leaves: well-formed, complete, and fit to be read by machines and people."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from bcfl_conformance import report_html, schema

Play = Callable[..., dict[str, Any]]
VOID = {"meta", "br", "hr", "img", "input", "link"}


def test_the_json_report_fits_its_schema(play: Play, tmp_path: Path) -> None:
    """The report is closed; a failing case carries input, expected, got and the place."""
    for mode in ("right", "wrong", "crash", "skip"):
        play(mode)
        report = json.loads((tmp_path / f"report-{mode}.json").read_text())
        assert schema.problem(report, "report") is None
        assert report["summary"]["passed"] == sum(row["status"] == "passed" for row in report["results"])
    play("wrong")
    row = json.loads((tmp_path / "report-wrong.json").read_text())["results"][0]
    assert (row["expected"], row["got"], row["at"]) == (
        {"ok": {"half": "2"}},
        {"ok": {"half": "3"}},
        "/ok/half",
    )


def test_the_junit_report_counts(play: Play, tmp_path: Path) -> None:
    """Failures, errors and skips are counted as a build server expects."""
    target = tmp_path / "junit.xml"
    expected = {"right": "001", "wrong": "101", "crash": "011", "skip": "002"}
    for mode, counts in expected.items():
        play(mode, "--junit", str(target))
        suite = ElementTree.parse(target).getroot().find("testsuite")
        assert suite is not None and suite.get("tests") == "5"
        assert "".join(str(suite.get(name)) for name in ("failures", "errors", "skipped")) == counts
    play("accepts-all", "--junit", str(target))
    failure = ElementTree.parse(target).getroot().find(".//failure")
    assert failure is not None and failure.text == "clauses: AGG-901\nhunts: forgets the limit"


def test_the_badge_tells_profile_and_score(play: Play, tmp_path: Path) -> None:
    """The badge says what was asked and is red after any failure."""
    target = tmp_path / "badge.json"
    play("all-profiles", "--badge", str(target))
    badge = json.loads(target.read_text())
    assert badge["message"] == "5/5 (core+bls)" and badge["color"] == "brightgreen"
    play("wrong", "--badge", str(target))
    badge = json.loads(target.read_text())
    assert badge["message"] == "failing, 3/4 (core)" and badge["color"] == "red"
    assert schema.problem(badge, "badge") is None


def test_a_badge_claims_no_more_than_was_played(play: Play, tmp_path: Path) -> None:
    """Out of all cases of the profiles; a choice of cases is partial and not green, a smoke run has no score."""
    target = tmp_path / "badge.json"
    for mode, arguments, message, colour in (
        ("right", ("--operation", "toy.halve"), "partial: 3/3 (core)", "yellow"),
        ("right", ("--smoke",), "smoke run only", "lightgrey"),
        ("right", (), "4/4 (core)", "green"),
        ("halves-only", (), "3/4 (core)", "yellowgreen"),
        ("skip", (), "3/4 (core)", "yellowgreen"),
    ):
        play(mode, "--badge", str(target), *arguments)
        badge = json.loads(target.read_text())
        assert (badge["message"], badge["color"]) == (message, colour)
        assert schema.problem(badge, "badge") is None


class Page(HTMLParser):
    """Collects ids, links and unbalanced tags."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.ids.add(values.get("id") or "")
        if tag == "a":
            self.links.add(values["href"] or "")
        self.outside += [key for key in values if key in ("src", "srcset")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_self_contained_and_linked(play: Play, tmp_path: Path) -> None:
    """Each cell of the matrix leads to a section; clause text and hostile answers are shown as text."""
    spec = tmp_path / "spec"
    spec.mkdir()
    (spec / "toy.md").write_text("# Toy\n\n### AGG-901 Halving\n\nIt *must* be <exact>.\n\n## Error codes\n\nnone\n")
    target = tmp_path / "report.html"
    play("wrong", "--html", str(target), "--spec", str(spec))
    text = target.read_text()
    page = Page()
    page.feed(text)
    assert page.open == [] and page.outside == []
    assert page.links == {"#AGG-901.toy", "#AGG-902"} and {"AGG-901", "AGG-901.toy", "AGG-902"} <= page.ids
    assert "It *must* be &lt;exact&gt;." in text and "AGG-901 Halving" in text and "none\n" not in text
    assert "does not conform" in text and "output differs at /ok/half" in text


def test_a_cell_claims_no_more_than_was_answered(play: Play, suite_of: Callable[..., Path], tmp_path: Path) -> None:
    """All passed, passed as far as answered, or not answered: three looks; excused failures have a fourth."""
    question = {"input": {"value": "4"}, "expect": {"ok": {"half": "2"}}}
    cases = [
        {"id": "one", **question, "clauses": ["AGG-901", "AGG-902"]},
        {"id": "two", **question, "clauses": ["AGG-902", "AGG-903"]},
    ]
    target, listed = tmp_path / "report.html", tmp_path / "expected.txt"
    listed.write_text("one: ours\n")
    for mode, more, looks in (
        ("right", (), ["all", "all", "all"]),
        ("skip-second", (), ["all", "part", "none"]),
        ("wrong", (), ["some", "some", "some"]),
        ("wrong", ("--case", "one", "--expected-failures", str(listed)), ["excused", "excused"]),
    ):
        play(mode, "--suite", str(suite_of("toy.halve", cases)), "--html", str(target), *more)
        assert re.findall(r'<a class="cell (\w+)"', target.read_text()) == looks, mode


def test_a_case_of_many_clauses_is_written_once(
    play: Play, toy_suite: Path, suite_of: Callable[..., Path], tmp_path: Path
) -> None:
    """Under its first clause; each other clause links there, and every link of the page has a place to go to."""
    trace = json.loads((toy_suite / "vectors/toy/count.json").read_text())["cases"][0]
    trace["clauses"] = ["CON-901", "AGG-901", "AGG-902"]
    folder, target = suite_of("toy.count", [trace], kind="machine"), tmp_path / "report.html"
    play("refusal-changes-state", "--suite", str(folder), "--html", str(target))
    text = target.read_text()
    page = Page()
    page.feed(text)
    assert text.count("<dt>input</dt>") == 1 and text.count('data-case="toy-trace"') == 2
    assert {link.removeprefix("#") for link in page.links} <= page.ids
    assert {"AGG-901.toy", "AGG-902.toy", "CON-901.toy", "case.toy-trace"} <= page.ids
    assert "<dt>step 1</dt>" in text and "expected at /ok/steps/1/state_digest" in text


def test_json_in_the_page_is_whole_and_short() -> None:
    """What fits stays on one line, a long list of plain values too; nothing but blanks is changed."""
    value = {"model": list(range(200)), "rows": [{"a": "1", "b": "2"}] * 9, "empty": [], "none": {}}
    shown = report_html._lines(value)
    assert json.loads(shown) == value and shown.count("\n") == 5 + 10
