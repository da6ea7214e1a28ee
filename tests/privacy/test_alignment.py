"""Entity alignment: both sides line up the same rows, and learn nothing about the others (PRV-080 ... PRV-089)."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import pytest
from bcfl_ref.crypto import group
from bcfl_ref.encoding import hash_tree_root
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.privacy import alignment
from bcfl_ref.types import Alignment, AlignmentScope, BlindedSet
from hypothesis import given, settings
from hypothesis import strategies as st

SCOPE = AlignmentScope(bytes(32), 1, 0)
SECRETS = (bytes(range(32)), bytes(range(100, 132)))


@dataclass(frozen=True)
class Ended:
    """What both sides have at the end of an attempt."""

    sets: tuple[BlindedSet, BlindedSet]
    found: tuple[Alignment, Alignment]
    orders: tuple[list[int], list[int]]


def attempt(first: list[bytes], second: list[bytes], capacity: int, scope: AlignmentScope = SCOPE) -> Ended:
    """All four steps, each side with its own secret."""
    blinded = [
        alignment.blind_set(scope, side, capacity, SECRETS[side], names) for side, names in enumerate((first, second))
    ]
    sets = blinded[0][0], blinded[1][0]
    roots = hash_tree_root(sets[0]), hash_tree_root(sets[1])
    for shown, root in zip(sets, roots, strict=True):
        alignment.check_blinded_set(root, capacity, shown)
    again = (
        alignment.blind_again(scope, 1, SECRETS[1], sets[1].points, sets[0].points),
        alignment.blind_again(scope, 0, SECRETS[0], sets[0].points, sets[1].points),
    )
    ends = [alignment.align(scope, roots, side, blinded[side][1], again) for side in (0, 1)]
    alignment.check_alignment(hash_tree_root(ends[0][0]), hash_tree_root(ends[1][0]))
    return Ended(sets, (ends[0][0], ends[1][0]), (ends[0][1], ends[1][1]))


NAMES = st.lists(st.binary(min_size=1, max_size=3), min_size=1, max_size=8, unique=True)


@settings(deadline=None, max_examples=25)
@given(NAMES, NAMES, st.integers(0, 3))
def test_both_sides_line_up_the_same_identifiers(first: list[bytes], second: list[bytes], room: int) -> None:
    """PRV-087, PRV-088: for any two sets, what is in common is found by both, row beside row, under one root."""
    ended = attempt(first, second, max(len(first), len(second)) + room)
    rows = [[names[index] for index in order] for names, order in zip((first, second), ended.orders, strict=True)]
    assert rows[0] == rows[1]
    assert set(rows[0]) == set(first) & set(second) and len(rows[0]) == len(set(rows[0]))
    assert ended.found[0] == ended.found[1]


@settings(deadline=None, max_examples=10)
@given(st.permutations([b"anna", b"berta", b"carl", b"dora"]))
def test_the_order_of_identifiers_changes_nothing(names: list[bytes]) -> None:
    """PRV-084: what is shown and aligned does not depend on the order in which a side keeps its rows."""
    plain, other = (attempt(own, [b"carl", b"anna"], 5) for own in ([b"anna", b"berta", b"carl", b"dora"], names))
    assert plain.sets == other.sets and plain.found == other.found


def test_a_set_does_not_show_how_many_identifiers_it_has() -> None:
    """PRV-084: one identifier and seven are as many points, all different, none of them a hashed identifier."""
    few, _ = alignment.blind_set(SCOPE, 0, 7, SECRETS[0], [b"anna"])
    many, _ = alignment.blind_set(SCOPE, 0, 7, SECRETS[0], [bytes([at]) for at in range(1, 8)])
    assert len(few.points) == len(many.points) == len({*few.points}) == 7
    assert set(few.points).isdisjoint(many.points)


def test_hashing_alone_could_be_enumerated_and_blinding_cannot() -> None:
    """PRV-084: a table of all hashed candidates finds nothing in a set that is shown, without its scalar."""
    candidates = [bytes([at]) for at in range(256)]
    shown, _ = alignment.blind_set(SCOPE, 0, 4, SECRETS[0], candidates[40:44])
    table = {alignment.identifier_point(SCOPE, one) for one in candidates}
    assert table.isdisjoint(shown.points)
    scalar = alignment.blinding_scalar(SCOPE, 0, SECRETS[0])
    known = {group.multiply(point, scalar) for point in table}
    assert known.issuperset(shown.points), "with the scalar it finds all: a scalar never leaves its side"


def test_a_side_that_asks_about_everything_learns_everything() -> None:
    """PRV-089: a space that fits into one set is enumerated by following the rules; the guard says so before."""
    space = [bytes([at]) for at in range(1, 21)]
    secret = [bytes([3]), bytes([17])]
    ended = attempt(space, secret, 20)
    assert {space[index] for index in ended.orders[0]} == set(secret)
    with pytest.raises(SpecError) as refusal:
        alignment.enumerable_share(20, 20, 1, 100)
    assert refusal.value.code is Code.IDENTIFIERS_ENUMERABLE
    assert alignment.enumerable_share(20 * 100, 20, 1, 100) == 100


def test_attempts_cannot_be_linked() -> None:
    """PRV-081, PRV-083: the same names and secrets in another attempt, task or ledger share no point."""
    scopes = [
        SCOPE,
        AlignmentScope(bytes(32), 1, 1),
        AlignmentScope(bytes(32), 2, 0),
        AlignmentScope(b"\1" * 32, 1, 0),
    ]
    sets = [set(alignment.blind_set(scope, 0, 3, SECRETS[0], [b"anna"])[0].points) for scope in scopes]
    assert sum(map(len, sets)) == len(set.union(*sets))
    scalars = {alignment.blinding_scalar(scope, side, SECRETS[0]) for scope in scopes for side in (0, 1)}
    assert len(scalars) == 2 * len(scopes)


def test_a_mirror_is_refused() -> None:
    """PRV-086: a side that shows one's own set, or one point of it, to have everything match."""
    own, _ = alignment.blind_set(SCOPE, 0, 3, SECRETS[0], [b"anna", b"carl"])
    other, _ = alignment.blind_set(SCOPE, 1, 3, SECRETS[1], [b"anna", b"carl"])
    for shown in (own.points, (*other.points[:2], own.points[1])):
        with pytest.raises(SpecError) as refusal:
            alignment.blind_again(SCOPE, 0, SECRETS[0], own.points, shown)
        assert refusal.value.code is Code.POINT_REFLECTED


def test_a_peer_that_returns_its_own_list_is_noticed_by_the_padding() -> None:
    """PRV-087: returned points that match everything match the padding, which nobody else has."""
    own, positions = alignment.blind_set(SCOPE, 0, 3, SECRETS[0], [b"anna", b"carl"])
    other, _ = alignment.blind_set(SCOPE, 1, 3, SECRETS[1], [b"emil"])
    again = alignment.blind_again(SCOPE, 0, SECRETS[0], own.points, other.points)
    roots = hash_tree_root(own), hash_tree_root(other)
    with pytest.raises(SpecError) as refusal:
        alignment.align(SCOPE, roots, 0, positions, (again, again))
    assert refusal.value.code is Code.PADDING_MATCHED


def test_duplicates_and_empty_sets_are_named() -> None:
    """PRV-084: a set has an identifier, each of them once, whatever the order."""
    for names, code in (
        ([], Code.EMPTY),
        ([b"anna", b"carl", b"anna"], Code.IDENTIFIER_REPEATED),
        ([b"anna"] * 4, Code.SET_SIZE),
        ([b"anna", b""], Code.IDENTIFIER_LENGTH),
    ):
        with pytest.raises(SpecError) as refusal:
            alignment.blind_set(SCOPE, 0, 3, SECRETS[0], names)
        assert refusal.value.code is code
        assert "anna" not in str(refusal.value) and b"anna".hex() not in str(refusal.value)


def test_another_alignment_of_the_same_points_has_another_root() -> None:
    """PRV-088: the root holds the attempt and both sets, so that no alignment passes for another one."""
    found = attempt([b"anna", b"carl"], [b"carl"], 2).found[0]
    others = [
        Alignment(AlignmentScope(bytes(32), 1, 1), found.first_root, found.second_root, found.points),
        Alignment(found.scope, found.second_root, found.first_root, found.points),
        Alignment(found.scope, found.first_root, found.second_root, ()),
    ]
    assert len({hash_tree_root(one) for one in (found, *others)}) == 4


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 2**64 - 1), st.integers(1, 2**20), st.integers(1, 2**32 - 1))
def test_a_part_is_never_rounded_away(space: int, capacity: int, attempts: int) -> None:
    """PRV-089: the part is at least the true one, by less than a basis point, and at most everything."""
    share = alignment.enumerable_share(space, capacity, attempts, 10**4)
    asked = min(space, capacity * attempts)
    assert share * space >= asked * 10**4 > (share - 1) * space


def test_the_benchmark_measures_a_right_alignment() -> None:
    """PRV-080: the program that measures a whole alignment checks its result and counts 96 bytes a place and side."""
    path = Path(__file__).parents[2] / "benchmarks" / "alignment.py"
    described = importlib.util.spec_from_file_location("measured_alignment", path)
    assert described is not None and described.loader is not None
    program = importlib.util.module_from_spec(described)
    described.loader.exec_module(program)
    done: list[int] = []
    report = program.measured(6, 2, 8, done.append)
    assert report["common"] == 2 and done == list(range(1, program.STEPS + 1))
    framing = 45 + 64  # the scope, the side and an offset; two roots
    assert report["bytes sent by one side"] == 2 * 48 * 8 + framing
