"""The page of an evaluation."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest
from bcfl_ref.application.attacks import evaluate, read_evaluation, render, write_report
from bcfl_ref.application.attacks.document import Evaluation
from bcfl_ref.application.attacks.page import png
from bcfl_ref.errors import UsageError


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return evaluate(1, 1, True, ["regrouping", "property"])


def test_the_page_is_self_contained_and_shows_every_attack(found: Evaluation) -> None:
    """It refers to nothing outside, has a chart and the tables of each attack, and says that it was a smoke run."""
    text = render(found)
    assert "http" not in text.replace("http://www.w3.org", "") and "<script" not in text
    assert text.count("<section") == 3 and text.count("<svg") == 2
    assert "smoke run" in text and "guessing" in text and "grouped, sum of 4" in text
    assert "smoke run" not in render(found.model_copy(update={"smoke": False}))


def test_the_document_makes_the_same_page_again(found: Evaluation, tmp_path: Path) -> None:
    """Written and read, a document gives the same bytes."""
    (tmp_path / "attack.json").write_text(found.model_dump_json(), encoding="utf-8")
    again = read_evaluation(tmp_path / "attack.json")
    write_report(again, tmp_path / "attack.html")
    assert again == found and (tmp_path / "attack.html").read_text(encoding="utf-8") == render(found)


def test_a_document_that_is_none_is_refused_in_one_line(tmp_path: Path) -> None:
    """A missing file and a broken one are usage errors."""
    with pytest.raises(UsageError, match="cannot read"):
        read_evaluation(tmp_path / "missing.json")
    (tmp_path / "broken.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="broken"):
        read_evaluation(tmp_path / "broken.json")


def test_a_page_without_summary_columns_has_no_summary(found: Evaluation) -> None:
    """The regression alone is not by setting."""
    assert "By setting</h2>" not in render(found.model_copy(update={"attacks": found.attacks[:1]}))


def test_pictures_are_valid_png() -> None:
    """Signature, size and pixels, white for 0."""
    data = base64.b64decode(png(((0, 255), (16, 32), (1, 2))))
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and data[16:24] == (2).to_bytes(4, "big") + (3).to_bytes(4, "big")
    start = data.index(b"IDAT") + 4
    assert zlib.decompressobj().decompress(data[start:]) == (b"\0\xff\0" + b"\0\xef\xdf" + b"\0\xfe\xfd")
