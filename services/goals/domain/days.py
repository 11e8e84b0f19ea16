"""Civil days: when a member's day begins, which day an instant belongs to, and the periods of the calendar.

Inside the domain a day is its proleptic Gregorian ordinal (`date.toordinal`, 1 January 0001 is 1 and a Monday), because
rules over years of days are arithmetic on integers and nothing else.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

MAX_DAY_START_HOUR = 12

# Names that tzdata lists beside real zones; what they mean depends on the machine, or they mean nothing.
_NOT_ZONES = frozenset({"localtime", "posixrules", "Factory", "leapseconds", "tzdata.zi"})


class Period(StrEnum):
    """A length of time that a schedule counts in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


# Days that strength takes for a period, and the most that a period can have.
NOMINAL_DAYS = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30, Period.QUARTER: 91, Period.YEAR: 365}
_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}
MOST_DAYS = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 31, Period.QUARTER: 92, Period.YEAR: 366}


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a member's days and weeks are cut.

    Attributes:
        timezone: IANA zone name.
        day_start_hour: Hour at which the day starts, 0 to 12.
        week_start: ISO weekday on which the week starts, 1 (Monday) to 7.
    """

    timezone: str = "UTC"
    day_start_hour: int = 0
    week_start: int = 1


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - _NOT_ZONES)


def is_zone(name: str) -> bool:
    """True for an IANA zone name that tzdata knows."""
    return name in _zones()


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of that name, kept for the life of the process."""
    return ZoneInfo(name)


def local_day(instant: datetime, calendar_: Calendar) -> int:
    """The member's civil day at `instant`: the date of the local wall time less the start of the day."""
    wall = instant.astimezone(zone(calendar_.timezone))
    if calendar_.day_start_hour > wall.hour:
        return wall.toordinal() - 1
    return wall.toordinal()


def local_today(now: datetime, calendar_: Calendar, floor: int = 0) -> int:
    """The member's today, never before `floor`, the latest day that was logged."""
    return max(local_day(now, calendar_), floor)


def instant_of(wall: datetime, timezone: str) -> datetime:
    """The UTC instant of a local wall time (naive): the first of two in an overlap, the end of a gap within one."""
    tz = zone(timezone)
    early, late = (wall.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (1, 0))
    if late.astimezone(tz).replace(tzinfo=None) == wall:
        return late
    return _end_of_gap(early, late, tz)


def _end_of_gap(before: datetime, after: datetime, tz: ZoneInfo) -> datetime:
    """Halves the span until the second at which the offset changes is found."""
    offset = before.astimezone(tz).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(tz).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def day_begins(day: int, calendar_: Calendar) -> datetime:
    """The UTC instant at which the member's civil day begins."""
    wall = datetime.fromordinal(day) + timedelta(hours=calendar_.day_start_hour)
    return instant_of(wall, calendar_.timezone)


def iso_weekday(day: int) -> int:
    """1 (Monday) to 7."""
    return (day - 1) % 7 + 1


def period_bounds(period: Period, day: int, week_start: int = 1) -> tuple[int, int]:
    """First and last day of the calendar period that holds `day`."""
    if period is Period.DAY:
        return day, day
    if period is Period.WEEK:
        first = day - (day - week_start) % 7
        return first, first + 6
    return _months_bounds(period, day)


def _months_bounds(period: Period, day: int) -> tuple[int, int]:
    at = date.fromordinal(day)
    if period is Period.YEAR:
        return date(at.year, 1, 1).toordinal(), date(at.year, 12, 31).toordinal()
    if period is Period.MONTH:
        first_month, last_month = at.month, at.month
    else:
        first_month = at.month - (at.month - 1) % 3
        last_month = first_month + 2
    last = calendar.monthrange(at.year, last_month)[1]
    return date(at.year, first_month, 1).toordinal(), date(at.year, last_month, last).toordinal()


def period_starts(period: Period, first: int, last: int, week_start: int = 1) -> Sequence[int]:
    """First days of the calendar periods, longer than a day, that begin after `first` and on or before `last`."""
    if period is Period.WEEK:
        return range(first - (first - week_start) % 7 + 7, last + 1, 7)
    if last <= first:
        return ()
    months = _MONTHS[period]
    begin, end = (date.fromordinal(day) for day in (first, last))
    after = (begin.year * 12 + begin.month - 1) // months * months + months
    until = end.year * 12 + end.month
    return [date(month // 12, month % 12 + 1, 1).toordinal() for month in range(after, until, months)]


def count_weekdays(first: int, last: int, weekdays: frozenset[int]) -> int:
    """How many days of [first, last] fall on one of `weekdays`; an empty set means all days."""
    days = last - first + 1
    if not weekdays:
        return days
    weeks, rest = divmod(days, 7)
    return weeks * len(weekdays) + sum(iso_weekday(first + i) in weekdays for i in range(rest))
