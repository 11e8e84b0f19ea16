"""What was logged on a goal, folded by day: all that outcomes, streaks and strength are derived from.

Entries come as compact codes, one integer each, so that years of them are read and folded without an object per entry.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import IntEnum

from services.goals.domain.fields import DECIMALS


class Kind(IntEnum):
    """What an entry says, as the lowest three bits of its code."""

    NOT_DONE = 0
    DONE = 1
    PROGRESS = 2
    SKIP = 3


KIND_BITS = 3
_KIND_MASK = (1 << KIND_BITS) - 1


def encode(day: int, kind: Kind) -> int:
    """The code of an entry: its local day and what it says."""
    return day << KIND_BITS | kind


class Entries:
    """Entries of one goal by local day. Their order does not matter.

    Attributes:
        count: How many there are.
        first_day: The earliest day with an entry; 0 where there is none.
        done: Done check-ins by day.
        skips: Days with a skip.
        amounts: Sums of progress by day, exact to 9 decimals.
        last_day: The latest day with an entry; 0 where there is none.
    """

    __slots__ = ("amounts", "count", "done", "first_day", "last_day", "skips")

    def __init__(self, codes: Sequence[int] = (), values: Sequence[float] = ()) -> None:
        """Folds entries.

        Args:
            codes: One code per entry, as `encode` makes them.
            values: The values of the progress entries among them, in the same order.
        """
        self.count = len(codes)
        self.done: dict[int, int] = {}
        self.skips: set[int] = set()
        self.amounts: dict[int, float] = {}
        self.first_day = min(codes) >> KIND_BITS if codes else 0
        self.last_day = max(codes) >> KIND_BITS if codes else 0
        self._fold(codes)
        if values:
            progress = [code >> KIND_BITS for code in codes if code & _KIND_MASK == Kind.PROGRESS]
            self.amounts = _sums(zip(progress, values, strict=True))

    def _fold(self, codes: Sequence[int]) -> None:
        days = [code >> KIND_BITS for code in codes if code & _KIND_MASK == 1]
        self.done = dict(Counter(days))
        if len(days) < len(codes):
            self.skips = {code >> KIND_BITS for code in codes if code & _KIND_MASK == Kind.SKIP}

    def with_entry(self, day: int, kind: Kind, value: float | None = None) -> "Entries":
        """The same with one entry more; the original stays as it is."""
        more = Entries()
        more.count = self.count + 1
        more.done, more.skips, more.amounts = dict(self.done), set(self.skips), dict(self.amounts)
        more.first_day = min(self.first_day, day) if self.count else day
        more.last_day = max(self.last_day, day)
        if kind is Kind.DONE:
            more.done[day] = more.done.get(day, 0) + 1
        elif kind is Kind.SKIP:
            more.skips.add(day)
        elif kind is Kind.PROGRESS and value is not None:
            more.amounts[day] = round(math.fsum((more.amounts.get(day, 0.0), value)), DECIMALS)
        return more


def _sums(progress: Iterable[tuple[int, float]]) -> dict[int, float]:
    by_day: dict[int, list[float]] = {}
    for day, value in progress:
        by_day.setdefault(day, []).append(value)
    return {day: round(math.fsum(values), DECIMALS) for day, values in by_day.items()}
