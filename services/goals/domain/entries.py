"""What was logged on a goal, folded by day: all that outcomes, streaks and strength are derived from.

Entries come as compact codes, one integer each, so that years of them are read and folded without an object per entry.
What only some patterns ask for is folded when it is first asked for.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from itertools import compress
from operator import itemgetter
from uuid import UUID

from services.goals.domain.fields import DECIMALS


class Kind(IntEnum):
    """What an entry says, as the lowest three bits of its code."""

    NOT_DONE = 0
    DONE = 1
    PROGRESS = 2
    SKIP = 3


KIND_BITS = 3
_KIND_MASK = (1 << KIND_BITS) - 1
# Kinds made truth: one of them true, all others not.
_ONLY = {kind: bytes(other == kind for other in range(256)) for kind in Kind}

Done = tuple[int, datetime]
"""The local day and the instant at which a milestone was reached."""


def encode(day: int, kind: Kind) -> int:
    """The code of an entry: its local day and what it says."""
    return day << KIND_BITS | kind


class Entries:
    """Entries of one goal by local day. Their order matters only between values of one day (`readings`).

    Attributes:
        count: How many there are, milestones included.
        first_day: The earliest day with an entry; 0 where there is none.
        done: Done check-ins by day.
        skips: Days with a skip.
        last_day: The latest day with an entry; 0 where there is none.
        vacations: Ranges of days, both ends included, on which the goal or its member is away.
        milestones: When each milestone was reached.
    """

    __slots__ = (
        "_amounts",
        "_codes",
        "_days",
        "_kinds",
        "_readings",
        "_slips",
        "_values",
        "count",
        "done",
        "first_day",
        "last_day",
        "milestones",
        "skips",
        "vacations",
    )

    def __init__(
        self,
        codes: Sequence[int] = (),
        values: Sequence[float] = (),
        *,
        vacations: Sequence[tuple[int, int]] = (),
        milestones: Mapping[UUID, Done] | None = None,
    ) -> None:
        """Folds entries.

        Args:
            codes: One code per entry, as `encode` makes them, by local day, instant and id.
            values: The values of the progress entries among them, in the same order.
            vacations: First and last days.
            milestones: Milestones reached.
        """
        self._codes, self._values = codes, values
        self._days = [code >> KIND_BITS for code in codes]
        self._kinds = bytes(map(_KIND_MASK.__and__, codes))
        self._slips: frozenset[int] | None = None
        self._readings: list[tuple[int, float]] | None = None
        self._amounts: dict[int, float] | None = None if values else {}
        self.vacations = vacations
        self.milestones = milestones or {}
        self.count = len(codes) + len(self.milestones)
        done = self._days_of(Kind.DONE)
        self.done: dict[int, int] = dict.fromkeys(done, 1)
        if len(self.done) < len(done):
            self.done = dict(Counter(done))
        self.skips: set[int] = set(self._days_of(Kind.SKIP))
        self.first_day = min(self._days, default=0)
        self.last_day = max(self._days, default=0)
        if self.milestones:
            self._reach_to([day for day, _ in self.milestones.values()])

    @property
    def amounts(self) -> dict[int, float]:
        """Sums of progress by day, exact to 9 decimals."""
        if self._amounts is None:
            self._amounts = _sums(self._days_of(Kind.PROGRESS), self._values)
        return self._amounts

    @property
    def slips(self) -> frozenset[int]:
        """Days with a check-in that says: not done."""
        if self._slips is None:
            self._slips = frozenset(self._days_of(Kind.NOT_DONE))
        return self._slips

    @property
    def readings(self) -> list[tuple[int, float]]:
        """Values with their days, in the order of days; those of one day in the order in which they happened."""
        if self._readings is None:
            self._readings = list(zip(self._days_of(Kind.PROGRESS), self._values, strict=True))
            self._readings.sort(key=itemgetter(0))
        return self._readings

    def with_entry(self, day: int, kind: Kind, value: float | None = None) -> "Entries":
        """The same with one entry more, the last of its day; the original stays as it is."""
        more = Entries(vacations=self.vacations, milestones=self.milestones)
        more._codes = [*self._codes, encode(day, kind)]
        more._days, more._kinds = [*self._days, day], self._kinds + bytes((kind,))
        more._values = self._values if value is None else [*self._values, value]
        more.count = self.count + 1
        more.done, more.skips, more._amounts = dict(self.done), set(self.skips), dict(self.amounts)
        more.first_day = min(self.first_day, day) if self.count else day
        more.last_day = max(self.last_day, day)
        if kind is Kind.DONE:
            more.done[day] = more.done.get(day, 0) + 1
        elif kind is Kind.SKIP:
            more.skips.add(day)
        elif kind is Kind.PROGRESS and value is not None:
            more._amounts[day] = round(math.fsum((more._amounts.get(day, 0.0), value)), DECIMALS)
        return more

    def without(self, logged: Iterable[tuple[int, Kind, float | None]]) -> "Entries":
        """The same without entries that are among them, each given as day, kind and value; milestones stay.

        Of several that are alike the last ones go, so that what was added last is taken back, order and all.
        """
        gone = Counter((encode(day, kind), value) for day, kind, value in logged)
        values = reversed(self._values)
        codes: list[int] = []
        kept: list[float] = []
        for code in reversed(self._codes):
            value = next(values) if code & _KIND_MASK == Kind.PROGRESS else None
            if gone[code, value] > 0:
                gone[code, value] -= 1
                continue
            codes.append(code)
            if value is not None:
                kept.append(value)
        return Entries(codes[::-1], kept[::-1], vacations=self.vacations, milestones=self.milestones)

    def until(self, day: int) -> "Entries":
        """Those of days up to `day`: what a figure of that day stands on."""
        if self.last_day <= day:
            return self
        kept = [code for code in self._codes if code >> KIND_BITS <= day]
        progress = zip(self._days_of(Kind.PROGRESS), self._values, strict=True)
        values = [value for on, value in progress if on <= day]
        milestones = {step: done for step, done in self.milestones.items() if done[0] <= day}
        return Entries(kept, values, vacations=self.vacations, milestones=milestones)

    def _reach_to(self, days: Sequence[int]) -> None:
        self.first_day = min([self.first_day, *days] if self.first_day else days)
        self.last_day = max(self.last_day, *days)

    def _days_of(self, kind: Kind) -> list[int]:
        count = self._kinds.count(kind)
        if count == len(self._days):
            return self._days
        return list(compress(self._days, self._kinds.translate(_ONLY[kind]))) if count else []


def _sums(days: Sequence[int], values: Sequence[float]) -> dict[int, float]:
    sums = dict(zip(days, values, strict=True))
    if len(sums) == len(values):
        return sums  # One value a day, which is exact as it is.
    by_day: dict[int, list[float]] = {}
    for day, value in zip(days, values, strict=True):
        by_day.setdefault(day, []).append(value)
    return {day: round(math.fsum(several), DECIMALS) for day, several in by_day.items()}
