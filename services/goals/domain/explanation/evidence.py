"""Which entries a step stands on, of those that are there."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from uuid import UUID

from services.goals.domain.explanation.model import Explanation, Step

# So many ids are less than 2 MiB of an answer; a message may have four.
MOST_NAMED = 50_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """An entry that can mean something to a figure."""

    day: int
    id: UUID
    is_progress: bool


def days_behind(explanation: Explanation) -> tuple[int, int] | None:
    """First and last day of the entries that the steps stand on; None where they stand on none."""
    spans = [span for step in explanation.steps if (span := step.days_behind)[0] <= span[1]]
    if not spans:
        return None
    return min(first for first, _ in spans), min(max(last for _, last in spans), explanation.day)


def name(explanation: Explanation, evidence: Sequence[Evidence], *, most: int = MOST_NAMED) -> list[list[UUID]]:
    """The ids behind every step; `most` in all, those of the last steps (docs/adr/0114).

    Args:
        explanation: Whose steps.
        evidence: Entries of the days that the steps stand on, in order.
        most: How many ids there may be.
    """
    progress: dict[int, list[UUID]] = {}
    for each in evidence:
        if each.is_progress:
            progress.setdefault(each.day, []).append(each.id)
    named: list[list[UUID]] = []
    for step in reversed(explanation.steps):
        ids = _behind(step, evidence, most) if step.entry is None else _single(step, progress)[:most]
        most -= len(ids)
        named.append(ids)
    named.reverse()
    return named


def _behind(step: Step, evidence: Sequence[Evidence], most: int) -> list[UUID]:
    first, last = step.days_behind
    low = bisect_left(evidence, first, key=_day)
    high = bisect_right(evidence, last, key=_day)
    return [each.id for each in evidence[low : min(high, low + most)]]


def _single(step: Step, progress: Mapping[int, Sequence[UUID]]) -> list[UUID]:
    place = step.entry or 0
    return list(progress.get(step.first, ())[place : place + 1])


_day = attrgetter("day")
