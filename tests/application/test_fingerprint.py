"""What a run says about the machine it ran on."""

from __future__ import annotations

from bcfl_ref.application.datasets import load
from bcfl_ref.application.fingerprint import fingerprint


def test_the_fingerprint_names_what_floats_depend_on() -> None:
    """Versions, processor, kernels, BLAS with one thread, and the data; all of it text."""
    found = fingerprint(load("digits"))
    assert {"python", "system", "processor", "kernels", "numpy", "dataset", "dataset file"} <= set(found)
    assert all(isinstance(text, str) and text for text in found.values())
    assert "1 thread" in found.get("blas", "1 thread")
    assert found == fingerprint(load("digits"))
