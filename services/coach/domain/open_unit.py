"""The unit of a goal that holds today: what it is called, when it ends, what it still needs. Pure calendar sums."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_A_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class OpenUnit:
    """A stretch of the calendar; `word` is `day`, `week`, `month`, `quarter` or `year`."""

    word: str
    first: date
    last: date

    @property
    def is_day(self) -> bool:
        """It begins and ends today."""
        return self.first == self.last

    @property
    def next_first(self) -> date | None:
        """Where the next one begins; None for days, of which not every one needs to be due."""
        return None if self.is_day else self.last + _A_DAY


def unit_at(word: str, today: date, *, week_first: date | None) -> OpenUnit | None:
    """The unit of that sort which holds `today`; None for other sorts, and for weeks of which no first day is known."""
    if word == "day":
        return OpenUnit(word, today, today)
    if word == "week":
        return OpenUnit(word, week_first, week_first + _WEEK - _A_DAY) if week_first else None
    if word not in _MONTHS:
        return None
    first_month = today.month - (today.month - 1) % _MONTHS[word]
    last_month = first_month + _MONTHS[word] - 1
    last_day = monthrange(today.year, last_month)[1]
    return OpenUnit(word, date(today.year, first_month, 1), date(today.year, last_month, last_day))


@dataclass(frozen=True, slots=True)
class Need:
    """What a unit still needs; `is_out_of_reach` where its days no longer suffice for it."""

    check_ins: int
    is_out_of_reach: bool = False


def need_of(unit: OpenUnit, kept: Sequence[date], *, times: int, today: date, is_due: bool) -> Need:
    """Judges the unit that holds today.

    Args:
        unit: Holds today.
        kept: The days of its kept check-ins, as often as there are check-ins.
        times: How many it asks for: of a day any, of longer units on distinct days.
        today: The member's civil day.
        is_due: A check-in today would bring it further.
    """
    if unit.is_day:
        return Need(max(1, times - len(kept)) if is_due else 0)
    missing = max(0, times - len(set(kept)))
    days_left = (unit.last - today).days + (today not in kept)
    return Need(missing, is_out_of_reach=missing > days_left)
