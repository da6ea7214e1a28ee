"""A whole alignment of two sets on one core: CPU seconds a step, wall time, bytes a message.

    python benchmarks/alignment.py --identifiers 100000 --common 50000

Identifiers are made up. Times are of this machine; wall time means something when nothing else runs. The result is
checked.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from bcfl_ref.cli.progress import progress_bar
from bcfl_ref.encoding import encode, hash_tree_root
from bcfl_ref.privacy import alignment
from bcfl_ref.types import AlignmentScope

SCOPE = AlignmentScope(bytes(32), 1, 0)
SECRETS = (bytes(range(32)), bytes(range(100, 132)))
STEPS = 6
T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--identifiers", type=int, default=1000, help="of each side (default 1000)")
    parser.add_argument("--common", type=int, help="how many both have (default: half)")
    parser.add_argument("--capacity", type=int, help="what sets are padded to (default: as many as identifiers)")
    options = parser.parse_args(arguments)
    count = options.identifiers
    common = count // 2 if options.common is None else options.common
    with progress_bar("aligning") as advance:
        report = measured(count, common, options.capacity or count, lambda done: advance(done, STEPS))
    print(json.dumps(report, indent=1))
    return 0


def measured(count: int, common: int, capacity: int, advance: Callable[[int], None]) -> dict[str, object]:
    """CPU seconds of each step of one side (the first one, where both do the same) and bytes of each message."""
    names = [b"person-%09d@example.org" % number for number in range(2 * count - common)]
    sides = names[:count], names[count - common :][::-1]
    seconds: dict[str, float] = {}
    start = time.perf_counter()

    def timed(step: str, work: Callable[[], T]) -> T:
        begin = time.process_time()
        result = work()
        seconds[step] = round(time.process_time() - begin, 2)
        advance(len(seconds))
        return result

    first, places = timed("blind", lambda: alignment.blind_set(SCOPE, 0, capacity, SECRETS[0], sides[0]))
    second, _ = timed("blind (other side)", lambda: alignment.blind_set(SCOPE, 1, capacity, SECRETS[1], sides[1]))
    roots = hash_tree_root(first), hash_tree_root(second)
    timed("check the other's set", lambda: alignment.check_blinded_set(roots[1], capacity, second))
    again = (
        timed(
            "blind again (other side)",
            lambda: alignment.blind_again(SCOPE, 1, SECRETS[1], second.points, first.points),
        ),
        timed("blind again", lambda: alignment.blind_again(SCOPE, 0, SECRETS[0], first.points, second.points)),
    )
    found, order = timed("align", lambda: alignment.align(SCOPE, roots, 0, places, again))
    if {sides[0][index] for index in order} != set(sides[0]) & set(sides[1]) or len(found.points) != common:
        raise SystemExit("the alignment is wrong")
    own = sum(value for step, value in seconds.items() if "other side" not in step)
    return {
        "identifiers": count,
        "capacity": capacity,
        "common": common,
        "CPU seconds": seconds,
        "CPU seconds of one side": round(own, 2),
        "wall seconds of both sides in turn": round(time.perf_counter() - start, 2),
        "microseconds an identifier": round(own / capacity * 10**6, 1),
        "bytes of a set": len(encode(first)),
        "bytes sent by one side": len(encode(first)) + sum(map(len, again[1])) + 2 * 32,
    }


if __name__ == "__main__":
    raise SystemExit(main())
