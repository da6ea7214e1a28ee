"""The neighbour graph: regular, symmetric, connected, and drawn without bias (PRV-024)."""

from __future__ import annotations

from collections import Counter
from itertools import chain, islice

import pytest
from bcfl_ref.privacy import graph

SEED = bytes(range(32))


@pytest.mark.parametrize(("members", "degree"), [(3, 2), (5, 4), (6, 5), (6, 2), (17, 6), (100, 10), (101, 100)])
def test_the_graph_is_regular_symmetric_and_connected(members: int, degree: int) -> None:
    """Everybody has k other neighbours, each of whom has it too, and everybody is reached from everybody."""
    neighbours = graph.neighbour_graph(SEED, 1, 2, members, degree)
    for member, known in enumerate(neighbours):
        assert known == sorted(set(known) - {member}) and len(known) == degree
        assert all(member in neighbours[other] for other in known)
    reached, fresh = {0}, {0}
    while fresh:
        fresh = set(chain.from_iterable(neighbours[member] for member in fresh)) - reached
        reached |= fresh
    assert len(reached) == members


@pytest.mark.parametrize("degree", [4, 6])
def test_a_cut_needs_half_the_degree_in_a_row_on_both_sides(degree: int) -> None:
    """Removing any run shorter than k / 2 on the circle leaves the graph connected."""
    members = 20
    neighbours = graph.neighbour_graph(SEED, 1, 2, members, degree)
    circle = graph._shuffled(
        members, graph.hash_bytes(graph.DOMAIN_GRAPH, SEED, (1).to_bytes(8, "little"), (2).to_bytes(8, "little"))
    )
    for left in range(members):
        for right in range(members):
            gone = {circle[(start + i) % members] for start in (left, right) for i in range(degree // 2 - 1)}
            stay = set(range(members)) - gone
            reached, fresh = set(), {min(stay)}
            while fresh:
                reached |= fresh
                fresh = {other for member in fresh for other in neighbours[member] if other in stay} - reached
            assert reached == stay


def test_draws_skip_the_unfair_words() -> None:
    """Words beyond the largest multiple of the limit are skipped and not reduced."""
    top = 2**64
    assert graph._below(3, iter([top - 1, 4])) == 1, "2^64 - 1 is a multiple of 3, so the last word is one too many"
    assert graph._below(2, iter([top - 1])) == 1
    assert graph._below(5, iter([top - 1, top - 2])) == 4


def test_words_continue_the_stream() -> None:
    """Words drawn in several goes are those of one stream."""
    assert list(islice(graph._words(SEED, 3), 20)) == list(islice(graph._words(SEED, 20), 20))


def test_small_shuffles_take_every_order() -> None:
    """Over 600 keys all six orders of three occur, none far from a hundred times."""
    counts = Counter(tuple(graph._shuffled(3, number.to_bytes(32, "little"))) for number in range(600))
    assert len(counts) == 6 and min(counts.values()) > 60 and max(counts.values()) < 140
