"""Who holds which samples: a test set, the scorers' sets and an uneven share for each trainer (APP-006, APP-007).

Integers only, so that the split, like everything else that the golden run depends on, is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import Code, SpecError
from ..incentive.rewards import largest_remainder
from .streams import Stream

PPM = 1_000_000
ATTEMPTS_MAX = 1000
ALPHA_PPM_MAX = 10**12
"""A Dirichlet concentration of one million: an even split for all purposes."""


@dataclass(frozen=True)
class Splits:
    """APP-006: Indices into a dataset; all the sets are disjoint, each ascending."""

    test: tuple[int, ...]
    scorers: tuple[tuple[int, ...], ...]
    trainers: tuple[tuple[int, ...], ...]


def split(
    labels: Sequence[int],
    seed: int,
    *,
    trainers: int,
    scorers: int,
    alpha_ppm: int = PPM,
    test_ppm: int = 200_000,
    scorer_ppm: int = 50_000,
    trainer_minimum: int | None = None,
) -> Splits:
    """APP-006: Test and scoring sets with the classes in proportion, the rest to the trainers by APP-007.

    `test_ppm` and `scorer_ppm` (for each scorer) are shares of all samples in parts per million. Without
    `trainer_minimum` each trainer gets at least a third of an even share.
    Errors, in order: DATASET_LABELS, SHARE_RANGE, then those of `partition`.
    """
    if not labels or min(labels) < 0:
        raise SpecError(Code.DATASET_LABELS, "labels are whole numbers from 0")
    total = len(labels)
    test, each = total * test_ppm // PPM, total * scorer_ppm // PPM
    if min(test_ppm, scorer_ppm, scorers) < 0 or test + scorers * each >= total:
        raise SpecError(Code.SHARE_RANGE, f"{test} for the test and {scorers} × {each} for scorers, of {total}")
    piles = _shuffled_by_class(labels, seed)
    drawn = [_draw(piles, size) for size in (test, *[each] * scorers)]
    rest = sorted(index for pile in piles for index in pile)
    minimum = len(rest) // (3 * max(trainers, 1)) if trainer_minimum is None else trainer_minimum
    shares = partition([labels[index] for index in rest], seed, trainers, alpha_ppm, minimum)
    return Splits(
        test=tuple(sorted(drawn[0])),
        scorers=tuple(tuple(sorted(indices)) for indices in drawn[1:]),
        trainers=tuple(tuple(rest[position] for position in share) for share in shares),
    )


def _shuffled_by_class(labels: Sequence[int], seed: int) -> list[list[int]]:
    """The indices of each class, in the order of the stream `split` of that class."""
    piles: list[list[int]] = []
    for label in sorted(set(labels)):
        indices = [index for index, found in enumerate(labels) if found == label]
        piles.append([indices[position] for position in Stream(b"split", seed, label).shuffled(len(indices))])
    return piles


def _draw(piles: list[list[int]], size: int) -> list[int]:
    """Take `size` indices off the piles in proportion to what remains on them; the piles shrink."""
    quotas = largest_remainder(size, [len(pile) for pile in piles])
    drawn: list[int] = []
    for pile, quota in zip(piles, quotas, strict=True):
        drawn += pile[:quota]
        del pile[:quota]
    return drawn


def partition(
    labels: Sequence[int], seed: int, trainers: int, alpha_ppm: int, minimum: int
) -> tuple[tuple[int, ...], ...]:
    """APP-007: Positions of `labels` for each trainer by the Dirichlet urn; at least `minimum` for each.

    Errors, in order: DATASET_LABELS, PARTITION_RANGE, PARTITION_IMPOSSIBLE after 1000 attempts or when there
    are too few samples.
    """
    if not labels or min(labels) < 0:
        raise SpecError(Code.DATASET_LABELS, "labels are whole numbers from 0")
    if trainers < 1 or not 1 <= alpha_ppm <= ALPHA_PPM_MAX:
        raise SpecError(Code.PARTITION_RANGE, f"{trainers} trainers, concentration {alpha_ppm} ppm")
    if minimum * trainers <= len(labels):
        for attempt in range(ATTEMPTS_MAX):
            shares = _urn(labels, Stream(b"partition", seed, attempt), trainers, alpha_ppm)
            if min(map(len, shares)) >= minimum:
                return tuple(tuple(share) for share in shares)
    raise SpecError(
        Code.PARTITION_IMPOSSIBLE,
        f"{len(labels)} samples do not give {trainers} trainers {minimum} each at concentration {alpha_ppm} ppm",
    )


def _urn(labels: Sequence[int], stream: Stream, trainers: int, alpha_ppm: int) -> list[list[int]]:
    """APP-007: For each class an urn: a trainer is drawn with weight alpha + what it has of this class."""
    held: dict[int, list[int]] = {}
    shares: list[list[int]] = [[] for _ in range(trainers)]
    for position, label in enumerate(labels):
        weights = held.setdefault(label, [alpha_ppm] * trainers)
        ticket = stream.below(sum(weights))
        trainer = 0
        while ticket >= weights[trainer]:
            ticket -= weights[trainer]
            trainer += 1
        weights[trainer] += PPM
        shares[trainer].append(position)
    return shares
