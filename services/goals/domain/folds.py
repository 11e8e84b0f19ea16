"""Entries of long ago, folded: what a list of goals reads instead of one row per entry.

A fold is never the truth: whatever is derived from it and from later entries is what all entries would have told
(docs/adr/0111). It reaches up to a day far enough back that what is logged on it or before is a rare correction, and
such a correction drops it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.goals.domain.codes import KIND_MASK, Kind, counted, day_of, encode

# A fold ends so many days before the day on which it is made ...
BEHIND_DAYS: Final = 14
# ... and what is written at least so many days late drops it. In between lies more than clocks and zones differ by, and
# than a transaction lasts that began before the fold was made.
LATE_DAYS: Final = 7
# So many entries that could be folded and are not are worth a new fold.
WORTH_FOLDING: Final = 32
# Done check-ins of a day that a byte can tell; more than any schedule asks for (`schedule.MAX_TIMES`).
MOST_COUNTED: Final = 255


@dataclass(frozen=True, slots=True)
class Folded:
    """Entries of one goal up to a day, by what they come to: as they were, but for their order within a day.

    Attributes:
        until: The last day that it speaks for.
        counts_from: The day of the first of `counts`.
        counts: Done check-ins of each day, one byte a day.
        surplus: The days of done check-ins beyond the 255 that a byte counts.
        skips: The days of skips.
        slips: The days of check-ins that say: not done.
        days: The days of `values`.
        values: Progress, in the order of days; that of one day in the order in which it happened.
    """

    until: int
    counts_from: int = 0
    counts: bytes = b""
    surplus: Sequence[int] = ()
    skips: Sequence[int] = ()
    slips: Sequence[int] = ()
    days: Sequence[int] = ()
    values: Sequence[float] = ()

    @property
    def codes(self) -> list[int]:
        """A code per entry, in the order of days."""
        codes = [encode(day, Kind.DONE) for day, count in self.done().items() for _ in range(count)]
        codes += [encode(day, Kind.SKIP) for day in self.skips]
        codes += [encode(day, Kind.NOT_DONE) for day in self.slips]
        codes += [encode(day, Kind.PROGRESS) for day in self.days]
        return sorted(codes, key=day_of)

    @property
    def bounds(self) -> list[int]:
        """Days among which the first and the last one with an entry are; empty where there is no entry."""
        found = [end for days in (self.skips, self.slips, self.days) if days for end in (days[0], days[-1])]
        return [*found, self.counts_from, self.counts_from + len(self.counts) - 1] if self.counts else found

    @property
    def count(self) -> int:
        """How many entries there are."""
        return sum(self.counts) + len(self.surplus) + len(self.skips) + len(self.slips) + len(self.days)

    def done(self) -> dict[int, int]:
        """Done check-ins by day, in the order of days."""
        done = {day: count for day, count in enumerate(self.counts, self.counts_from) if count}
        for day in self.surplus:
            done[day] += 1
        return done


NOTHING_FOLDED: Final = Folded(0)


def last_folded_day(now: datetime) -> int:
    """Up to which day a fold reaches that is made now."""
    return now.date().toordinal() - BEHIND_DAYS


def is_late(day: int, *, written_at: datetime) -> bool:
    """An entry of that day may be in a fold, or should be."""
    return day <= written_at.date().toordinal() - LATE_DAYS


def fold(codes: Sequence[int], values: Sequence[float], until: int) -> Folded:
    """Entries up to a day, folded.

    Args:
        codes: As `Entries` takes them, in the order of days.
        values: The values of the progress entries among them, in the same order.
        until: The last day; entries of later days are left out.
    """
    days: dict[int, list[int]] = {kind: [] for kind in Kind}
    for code in codes:
        if day_of(code) <= until:
            days[code & KIND_MASK].append(day_of(code))
    done, progress = counted(days[Kind.DONE]), days[Kind.PROGRESS]
    first, last = min(done, default=0), max(done, default=-1)
    counts = bytes([min(done.get(day, 0), MOST_COUNTED) for day in range(first, last + 1)])
    surplus = [day for day, count in done.items() for _ in range(count - MOST_COUNTED)]
    skips, slips = days[Kind.SKIP], days[Kind.NOT_DONE]
    return Folded(until, first, counts, surplus, skips, slips, progress, values[: len(progress)])
