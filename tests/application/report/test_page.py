"""The page: complete, self-contained, escaped and the same every time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from bcfl_ref.application.metrics import Metrics, Run
from bcfl_ref.application.report import render, write_report

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Balance(HTMLParser):
    """Notices tags that are opened and not closed, or closed and not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_the_page_is_well_formed(metrics: Metrics) -> None:
    """Every tag that is opened is closed, in order."""
    balance = Balance()
    balance.feed(render(metrics))
    assert not balance.wrong and not balance.open


def test_the_page_is_self_contained(metrics: Metrics) -> None:
    """Nothing is loaded from anywhere, and no script runs."""
    page = render(metrics)
    assert not re.search(r"(src|href)\s*=|url\(|@import|<script|https?://", page)


def test_the_same_document_gives_the_same_bytes(metrics: Metrics, tmp_path: Path) -> None:
    """Two renderings are equal, from the object and from its JSON."""
    write_report(metrics, tmp_path / "a.html")
    write_report(metrics.model_dump(mode="json"), tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_the_page_tells_everything(metrics: Metrics) -> None:
    """Verdict, baselines, every score, every participant, every block and the fingerprint are on it."""
    page = render(metrics)
    last = metrics.rounds[-1].quality
    for text in (
        "the sign-flip trainer was rejected in every round and earned nothing",
        f"{last.accuracy:.3f}",
        f"{last.macro_precision:.3f}",
        f"{last.loss:.3f}",
        "centralised",
        "local only",
        "1 of 55",
        *(participant.name for participant in metrics.participants),
        *(block.root for block in metrics.blocks),
        *metrics.fingerprint.values(),
        *metrics.verification.not_proved,
        metrics.run.head_root,
    ):
        assert text in page, text
    assert page.count('class="no"') == 15


def test_a_rule_outside_the_specification_is_marked(metrics: Metrics) -> None:
    """The mark names the rule, and is absent from a run within the specification."""
    assert "outside the specification" not in render(metrics)
    changed = Run.model_validate({**metrics.run.model_dump(), "extensions": ("my rule",)})
    page = render(metrics.model_copy(update={"run": changed}))
    assert "outside the specification: my rule" in page


def test_text_of_others_is_escaped(metrics: Metrics) -> None:
    """Markup in names and configurations shows as text."""
    hostile = "<script>alert(1)</script>"
    participants = tuple(found.model_copy(update={"name": hostile}) for found in metrics.participants)
    page = render(metrics.model_copy(update={"participants": participants, "config": hostile}))
    assert "<script" not in page and "&lt;script&gt;" in page


def test_a_meagre_document_still_renders(metrics: Metrics) -> None:
    """One round, no baselines, blocks, times or verification: every section says what is missing."""
    run = metrics.run
    meagre = Metrics(run=run, participants=(), rounds=metrics.rounds[:1], money=metrics.money)
    page = render(meagre)
    assert "every trainer honest" in page and "No blocks were recorded" in page and "Not replayed" in page
