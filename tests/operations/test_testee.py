"""The reference as a testee: one answer a question, refusals as codes, bugs as crashes."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import SpecError
from bcfl_ref.operations import testee
from bcfl_ref.operations.kernels import OPERATIONS as KERNEL_OPERATIONS
from operations import toy


def ask(*messages: dict[str, Any]) -> list[Any]:
    """What the toy table answers to some messages."""
    replies = io.StringIO()
    requests = (json.dumps(message) + "\n" for message in messages)
    testee.serve(testee.about("toy"), testee.answerer(toy.OPERATIONS), requests, replies)
    return [json.loads(line) for line in replies.getvalue().splitlines()]


def run(identity: int, operation: str, data: Any) -> dict[str, Any]:
    return {"type": "run", "id": identity, "operation": operation, "input": data}


def test_each_question_has_one_answer() -> None:
    """Hello, output, refusal and an operation that is not there; nothing is answered after stop."""
    hello, *answers = ask(
        {"type": "hello", "protocol": 1, "suite": "sha256:0"},
        run(1, "toy.halve", {"value": "4"}),
        run(2, "toy.halve", {"value": "5"}),
        run(3, "toy.none", {}),
        {"type": "stop"},
        run(4, "toy.halve", {"value": "4"}),
    )
    assert hello["type"] == "hello" and hello["operations"] == ["*"] and "core" in hello["profiles"]
    assert answers == [
        {"id": 1, "ok": {"half": "2"}},
        {"id": 2, "error": "ENCODING_INVALID", "detail": "5"},
        {"id": 3, "unsupported": "no operation toy.none"},
    ]


def test_a_bug_is_a_crash_and_no_answer() -> None:
    """Only a `SpecError` is an answer; anything else ends the testee, so that it cannot pass for a refusal."""
    with pytest.raises(ValueError, match="four"):
        ask(run(1, "toy.halve", {"value": "four"}))
    assert not issubclass(ValueError, SpecError)


def test_a_variant_answers_only_what_it_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a variant forced, a kernel that falls through to the pure twin is unsupported."""
    with kernels.use_variant("python"):
        answer = testee.answerer(KERNEL_OPERATIONS, "python")
        assert "unsupported" in answer("kernels.domain_check", {"vector": [1]})
    variant = kernels.available_variants()[-1]
    if variant == "python":
        pytest.skip("no native core here")
    with kernels.use_variant(variant):
        table = {**kernels.kernel_table(), "domain_check": "python"}
        monkeypatch.setattr(kernels, "kernel_table", lambda: table)
        answer = testee.answerer(KERNEL_OPERATIONS, variant)
        assert answer("kernels.sha256_chunks", {"data": "0x", "chunk_bytes": "1"})["error"] == "EMPTY"
        assert "unsupported" in answer("kernels.domain_check", {"vector": [1]})


def test_an_unknown_variant_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that cannot run is one clear line and exit status 2."""
    assert testee.main(["--variant", "abacus"]) == 2
    assert "abacus" in capsys.readouterr().err
