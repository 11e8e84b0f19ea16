"""Sets of places in a text: first and last of each run of them, in order, no two touching."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

Ranges = Sequence[tuple[int, int]]


def joined(runs: Iterable[tuple[int, int]]) -> Ranges:
    """All places of runs that may touch."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(runs):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def before(places: Sequence[int], low: int, high: int, within: Ranges) -> Ranges:
    """Of `within` what lies by `low` to `high` before one of the places, which are in order."""
    return joined(_each_before(places, low, high, within)) if places else ()


def _each_before(places: Sequence[int], low: int, high: int, within: Ranges) -> Iterator[tuple[int, int]]:
    for first, last in within:
        at = bisect_left(places, first + low)
        while at < len(places) and places[at] <= last + high:
            yield max(first, places[at] - high), min(last, places[at] - low)
            at += 1
