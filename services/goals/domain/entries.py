"""What was logged on a goal, folded by day: all that outcomes, streaks and strength are derived from.

Entries come as compact codes, one integer each; those of long ago may come folded already (`folds`). What only some
figures ask for is folded when it is first asked for.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import compress, repeat
from operator import itemgetter
from uuid import UUID

from services.goals.domain.codes import KIND_BITS, KIND_MASK, Kind, counted, encode, split
from services.goals.domain.fields import DECIMALS
from services.goals.domain.folds import MOST_COUNTED, NOTHING_FOLDED, Folded

__all__ = ["Done", "Entries", "Kind", "encode"]

# Kinds made truth: one of them true, all others not.
_ONLY = {kind: bytes(other == kind for other in range(256)) for kind in Kind}

Done = tuple[int, datetime]
"""The local day and the instant at which a milestone was reached."""


class Entries:
    """Entries of one goal by local day. Their order matters only between values of one day (`readings`).

    Attributes:
        first_day: The earliest day with an entry; 0 where there is none.
        skips: Days with a skip.
        last_day: The latest day with an entry; 0 where there is none.
        vacations: Ranges of days, both ends included, on which the goal or its member is away.
        milestones: When each milestone was reached.
    """

    __slots__ = (
        "_amounts",
        "_codes",
        "_days",
        "_done",
        "_folded",
        "_kinds",
        "_late_done",
        "_readings",
        "_slips",
        "_values",
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
        folded: Folded = NOTHING_FOLDED,
    ) -> None:
        """Folds entries.

        Args:
            codes: One code per entry, as `encode` makes them, by local day, instant and id.
            values: The values of the progress entries among them, in the same order.
            vacations: First and last days.
            milestones: Milestones reached.
            folded: Entries of days before all of `codes`.
        """
        self._codes, self._values, self._folded = codes, values, folded
        self._days, self._kinds = split(codes)
        self._slips: frozenset[int] | None = None
        self._readings: list[tuple[int, float]] | None = None
        self._amounts: dict[int, float] | None = None if values or folded.values else {}
        self._late_done = counted(self._days_of(Kind.DONE))
        self._done: dict[int, int] | None = None if folded.counts else self._late_done
        self.vacations = vacations
        self.milestones = milestones or {}
        self.skips: set[int] = set(self._days_of(Kind.SKIP))
        self.first_day = min(self._days, default=0)
        self.last_day = max(self._days, default=0)
        if folded.until:
            self.skips.update(folded.skips)
            self._reach_to(folded.bounds)
        if self.milestones:
            self._reach_to([day for day, _ in self.milestones.values()])

    @property
    def count(self) -> int:
        """How many there are, milestones included."""
        return len(self._codes) + len(self.milestones) + self._folded.count

    @property
    def done(self) -> dict[int, int]:
        """Done check-ins by day."""
        if self._done is None:
            self._done = {**self._folded.done(), **self._late_done}
        return self._done

    def done_on(self, day: int) -> int:
        """Done check-ins of a day."""
        if self._done is not None or self._folded.surplus:
            return self.done.get(day, 0)
        index, counts = day - self._folded.counts_from, self._folded.counts
        return counts[index] if 0 <= index < len(counts) else self._late_done.get(day, 0)

    def done_between(self, first: int, last: int) -> bytes:
        """Done check-ins of each day of [first, last], one byte a day; more than 255 are told as 255."""
        folded, start = self._folded.counts, self._folded.counts_from
        middle, end = max(first, start), start + len(folded)
        if not folded or middle >= end or last < start:
            return self._late_between(first, last)
        known = bytes(middle - first) + folded[middle - start : last + 1 - start]
        return known + self._late_between(end, last)

    def _late_between(self, first: int, last: int) -> bytes:
        """The same of those that did not come folded."""
        low, high = max(first, self.first_day), min(last, self.last_day)
        if not self._late_done or high < low:
            return bytes(max(0, last + 1 - first))
        counts = map(self._late_done.get, range(low, high + 1), repeat(0))
        try:
            known = bytes(counts)
        except ValueError:  # More than a byte tells.
            known = bytes([min(self._late_done.get(day, 0), MOST_COUNTED) for day in range(low, high + 1)])
        return bytes(low - first) + known + bytes(last - high)

    @property
    def amounts(self) -> dict[int, float]:
        """Sums of progress by day, exact to 9 decimals."""
        if self._amounts is None:
            self._amounts = _sums(*self._progress())
        return self._amounts

    @property
    def slips(self) -> frozenset[int]:
        """Days with a check-in that says: not done."""
        if self._slips is None:
            self._slips = frozenset(self._days_of(Kind.NOT_DONE)).union(self._folded.slips)
        return self._slips

    @property
    def readings(self) -> list[tuple[int, float]]:
        """Values with their days, in the order of days; those of one day in the order in which they happened."""
        if self._readings is None:
            self._readings = list(zip(*self._progress(), strict=True))
            self._readings.sort(key=itemgetter(0))
        return self._readings

    def with_entry(self, day: int, kind: Kind, value: float | None = None) -> "Entries":
        """The same with one entry more, the last of its day; the original stays as it is."""
        if self._folded.until:
            plain = Entries(*self.unfolded(), vacations=self.vacations, milestones=self.milestones)
            return plain.with_entry(day, kind, value)
        more = Entries(vacations=self.vacations, milestones=self.milestones)
        more._codes = [*self._codes, encode(day, kind)]
        more._days, more._kinds = [*self._days, day], self._kinds + bytes((kind,))
        more._values = self._values if value is None else [*self._values, value]
        more.skips, more._amounts = set(self.skips), dict(self.amounts)
        more._late_done = dict(self._late_done)
        more._done = more._late_done
        more.first_day = min(self.first_day, day) if self.first_day else day
        more.last_day = max(self.last_day, day)
        if kind is Kind.DONE:
            more._late_done[day] = more._late_done.get(day, 0) + 1
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
        all_codes, all_values = self.unfolded()
        values = reversed(all_values)
        codes: list[int] = []
        kept: list[float] = []
        for code in reversed(all_codes):
            value = next(values) if code & KIND_MASK == Kind.PROGRESS else None
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
        codes, _ = self.unfolded()
        kept = [code for code in codes if code >> KIND_BITS <= day]
        values = [value for on, value in zip(*self._progress(), strict=True) if on <= day]
        milestones = {step: done for step, done in self.milestones.items() if done[0] <= day}
        return Entries(kept, values, vacations=self.vacations, milestones=milestones)

    def unfolded(self) -> tuple[Sequence[int], Sequence[float]]:
        """A code per entry and the values of progress, whether they came folded or not."""
        codes = [*self._folded.codes, *self._codes] if self._folded.until else self._codes
        return codes, self._progress()[1]

    def count_behind(self, day: int) -> int:
        """How many entries up to `day` did not come folded."""
        return sum(on <= day for on in self._days)

    def _progress(self) -> tuple[Sequence[int], Sequence[float]]:
        """Days and values of progress."""
        days = self._days_of(Kind.PROGRESS)
        if not self._folded.values:
            return days, self._values
        return [*self._folded.days, *days], [*self._folded.values, *self._values]

    def _reach_to(self, days: Sequence[int]) -> None:
        if not days:
            return
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
