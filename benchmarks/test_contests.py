"""Every contest is one benchmark: ours timed by pytest-benchmark, the peers in turn with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cases
import pytest
import secure_aggregation
from contest import Contest, race

Group = Callable[[], Iterator[Contest]]


def secure_aggregations() -> Iterator[Contest]:
    yield secure_aggregation.contest()


GROUPS: dict[Group, int] = {**cases.ALL, secure_aggregations: 1}
PLACES = [(group, place) for group, count in GROUPS.items() for place in range(count)]
_begun: dict[Group, Iterator[tuple[int, Contest]]] = {}


def contest_at(group: Group, place: int) -> Contest:
    """A contest of a group, whose data is made once, when its turn comes."""
    begun = _begun.setdefault(group, enumerate(group()))
    return next(contest for at, contest in begun if at == place)


@pytest.mark.parametrize(("group", "place"), PLACES, ids=[f"{group.__name__}-{place}" for group, place in PLACES])
def test_contest(
    group: Group,
    place: int,
    benchmark: Any,
    results: list[dict[str, Any]],
    pytestconfig: pytest.Config,
) -> None:
    """Times are taken and kept; what is compared gave the same answer when the contest was made."""
    contest = contest_at(group, place)
    benchmark.group = contest.kernel
    times = race(benchmark, contest, pytestconfig.getoption("--seconds"))
    benchmark.extra_info.update(case=contest.case, medians={name: found["median"] for name, found in times.items()})
    if place == GROUPS[group] - 1:
        assert next(_begun[group], None) is None, f"{group.__name__} has more contests than are listed"
    results.append(
        {
            "kernel": contest.kernel,
            "case": contest.case,
            "bytes": contest.bytes,
            "limit": contest.limit,
            "work": contest.work,
            "notes": contest.notes,
            "peers": list(contest.peers),
            "times": times,
        }
    )
