"""The whole evaluation: what is run, and means over seeds."""

from __future__ import annotations

import pytest
from bcfl_ref.application.attacks.document import Attack, Chart, Curve, Row, Table
from bcfl_ref.application.attacks.evaluation import ATTACKS, evaluate, mean_of
from bcfl_ref.errors import UsageError


def attack(value: float, missing: float | None = None) -> Attack:
    return Attack(
        name="toy",
        title="Toy",
        question="?",
        setup=".",
        charts=(Chart(title="c", x_label="x", y_label="y", curves=(Curve(name="a", x=(1, 2), y=(value, 0)),)),),
        tables=(Table(title="t", columns=("p", "q"), digits=(2, 2), rows=(Row(name="r", values=(value, missing)),)),),
    )


def test_one_repetition_is_left_alone() -> None:
    """A single run has no spread."""
    assert mean_of([attack(1.0)]) == attack(1.0)


def test_repetitions_are_averaged_with_their_spread() -> None:
    """Means and standard deviations by curve point and by cell; what has no value has none on the mean."""
    found = mean_of([attack(1.0), attack(3.0)])
    assert found.charts[0].curves[0].y == (2.0, 0.0)
    assert found.tables[0].rows[0].values == (2.0, None)
    assert found.tables[0].rows[0].spreads == (pytest.approx(2**0.5), None)


def test_an_unknown_attack_is_refused() -> None:
    """The refusal names what there is."""
    with pytest.raises(UsageError, match="known: regrouping, inversion, membership, property"):
        evaluate(only=["nothing"])


def test_only_what_is_asked_for_is_run_and_seeds_repeat() -> None:
    """The same seed gives the same document, another seed another one, and progress covers all repetitions."""
    seen: list[tuple[str, int, int]] = []
    found = evaluate(3, 2, True, ["regrouping"], lambda *step: seen.append(step))
    assert [attack.name for attack in found.attacks] == ["regrouping"] and set(ATTACKS) > {"regrouping"}
    assert seen[-1][1] == seen[-1][2] == len(seen)
    alone = evaluate(3, 1, True, ["regrouping"])
    assert alone == evaluate(3, 1, True, ["regrouping"])
    assert alone.attacks != found.attacks and found.attacks[0].tables[0].rows[0].spreads
