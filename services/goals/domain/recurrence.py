"""Recurrence rules: the subset of RFC 5545 that a schedule takes, and the days that they name.

`python-dateutil` expands the rules, a year at a time, from the first interval that the rule acts in. A calendar year is
one of fourteen kinds, by its length and the weekday of 1 January, so each is expanded as its twin among the last years
that dates have, and kept: a century costs no more than its kinds, and the library's search for a day that never comes
(30 February), which goes on to the year 9999, ends soon (docs/adr/0035).
"""

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from dateutil import rrule as engine

MAX_LENGTH: Final = 1000
MAX_COUNT: Final = 10_000

DUE: Final = ord("m")
NOT_DUE: Final = ord("-")

_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES: Final = {
    "DAILY": engine.DAILY,
    "WEEKLY": engine.WEEKLY,
    "MONTHLY": engine.MONTHLY,
    "YEARLY": engine.YEARLY,
}
# The parts that are understood, and their forms.
_PARTS: Final = {
    "FREQ": re.compile("DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile("0*[1-9][0-9]{0,3}"),
    "COUNT": re.compile("0*[1-9][0-9]{0,4}"),
    "UNTIL": re.compile("[0-9]{8}(T[0-9]{6}Z?)?"),
    "BYDAY": re.compile("([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU))*"),
    "BYMONTHDAY": re.compile("[+-]?[0-9]{1,2}(,[+-]?[0-9]{1,2})*"),
    "BYMONTH": re.compile("[0-9]{1,2}(,[0-9]{1,2})*"),
    "BYSETPOS": re.compile("[+-]?[0-9]{1,3}(,[+-]?[0-9]{1,3})*"),
    "WKST": re.compile("MO|TU|WE|TH|FR|SA|SU"),
}
_DATES: Final = re.compile("(EXDATE|RDATE)(;VALUE=DATE)?:([0-9]{8}(T[0-9]{6}Z?)?(,[0-9]{8}(T[0-9]{6}Z?)?)*)")
# Single dates in a text that parses, without their times.
_DATE_IN: Final = re.compile("(?<=UNTIL=)[0-9]{8}|(?<=[:,])[0-9]{8}", re.IGNORECASE)
_NAMED_DAY: Final = re.compile("([+-]?[0-9]+)?([A-Z]{2})")
# Days of the month that a shorter month does not have.
_LATE: Final = frozenset({29, 30, 31})
_YEARS_KEPT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as parsed; empty where a part is left out. It says nothing yet of where it is anchored."""

    frequency: str
    interval: int = 1
    count: int = 0
    until: date | None = None
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int | None = None
    excluded: frozenset[date] = frozenset()
    added: frozenset[date] = frozenset()


@lru_cache(maxsize=4096)
def parse(text: str) -> Rule:
    """Reads a rule, optionally followed by lines of EXDATE and RDATE.

    Raises:
        ValueError: Not of the subset; the message says what is wrong, in words for the person who wrote it.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"must have at most {MAX_LENGTH} characters")
    head, *lines = [line.strip() for line in text.upper().split("\n") if line.strip()] or [""]
    parts = _parts(head)
    excluded, added = set[date](), set[date]()
    for line in lines:
        match = _DATES.fullmatch(line)
        if match is None:
            raise ValueError("may be followed by lines of EXDATE: and RDATE: with dates only")
        (excluded if match[1] == "EXDATE" else added).update(_day(text) for text in match[3].split(","))
    return Rule(
        frequency=parts["FREQ"],
        interval=int(parts.get("INTERVAL", "1")),
        count=_count(parts),
        until=_day(parts["UNTIL"]) if "UNTIL" in parts else None,
        weekdays=_weekdays(parts),
        month_days=_numbers(parts, "BYMONTHDAY", 31),
        months=_months(parts),
        positions=_positions(parts),
        week_start=_WEEKDAYS.index(parts["WKST"]) + 1 if "WKST" in parts else None,
        excluded=frozenset(excluded),
        added=frozenset(added),
    )


def ends_before(text: str, day: int) -> bool:
    """True where a rule names no day from `day` (an ordinal) on because of its UNTIL: a rule that never was."""
    rule = parse(text)
    return rule.until is not None and max([rule.until, *rule.added]).toordinal() < day


def moved(text: str, days: int) -> str:
    """The rule with UNTIL, EXDATE and RDATE that many days later; what would leave the calendar stays at its end."""
    return _DATE_IN.sub(lambda found: _later(found[0], days), text)


def due_days(text: str, *, anchor: int, first: int, last: int, week_start: int, clamp: bool) -> bytearray:
    """One byte for every day of [first, last]: `DUE` or `NOT_DUE`.

    Args:
        text: The rule, as `parse` takes it.
        anchor: The day (an ordinal) at which the rule begins, its DTSTART.
        first: The first day asked for, an ordinal.
        last: The last.
        week_start: ISO weekday on which weeks start where the rule does not say.
        clamp: The 29th to 31st of a shorter month are its last day; otherwise they are no day, as RFC 5545 has it.
    """
    begin, end = date.fromordinal(first).year, date.fromordinal(last).year
    years = b"".join(_year(text, anchor, year, week_start, clamp) for year in range(begin, end + 1))
    offset = first - date(begin, 1, 1).toordinal()
    return bytearray(years[offset : offset + last - first + 1])


@lru_cache(maxsize=_YEARS_KEPT)
def _year(text: str, anchor: int, year: int, week_start: int, clamp: bool) -> bytes:
    """The days of one year: those of the rule within COUNT and UNTIL, less EXDATE, and RDATE."""
    rule, new_year = parse(text), date(year, 1, 1).toordinal()
    mask = bytearray(_unbounded(text, anchor, year, week_start, clamp))
    if rule.until is not None:
        _blank(mask, max(0, rule.until.toordinal() + 1 - new_year))
    if rule.count:
        _blank(mask, _end_of_count(mask, rule.count - _spent(text, anchor, year - 1, week_start, clamp)))
    for day in rule.added:
        if day.year == year and day.toordinal() >= anchor:
            mask[day.toordinal() - new_year] = DUE
    for day in rule.excluded:
        if day.year == year:
            mask[day.toordinal() - new_year] = NOT_DUE
    return bytes(mask)


def _blank(mask: bytearray, since: int) -> None:
    mask[since:] = b"-" * len(mask[since:])


def _end_of_count(mask: bytearray, left: int) -> int:
    """The index behind the last day that COUNT lets through."""
    index = 0
    while left > 0:
        index = mask.find(DUE, index) + 1
        if not index:
            return len(mask)
        left -= 1
    return index


@lru_cache(maxsize=_YEARS_KEPT)
def _spent(text: str, anchor: int, year: int, week_start: int, clamp: bool) -> int:
    """How many days of COUNT are used up by the end of a year; it stops counting where all are."""
    if year < date.fromordinal(anchor).year:
        return 0
    spent = _spent(text, anchor, year - 1, week_start, clamp)
    if spent >= parse(text).count:
        return spent
    return spent + _unbounded(text, anchor, year, week_start, clamp).count(DUE)


def _unbounded(text: str, anchor: int, year: int, week_start: int, clamp: bool) -> bytes:
    """The days of one year from the anchor on, without a thought for COUNT, UNTIL and single dates."""
    rule, start, new_year = parse(text), date.fromordinal(anchor), date(year, 1, 1)
    length = 366 if calendar.isleap(year) else 365
    begin = _first_interval(rule, start, max(start, new_year), rule.week_start or week_start)
    if year < start.year or begin > date(year, 12, 31):
        return b"-" * length
    twin = _TWINS[length, new_year.weekday()]
    mask = _expanded(text, _implied(rule, start), twin, (begin - new_year).days, week_start, clamp)
    if year > start.year:
        return mask
    return b"-" * (start - new_year).days + mask[(start - new_year).days :]


def _first_interval(rule: Rule, start: date, first: date, week_start: int) -> date:
    """The first day of the first interval of the rule that does not end before `first`; the last day where none is."""
    step = rule.interval
    if rule.frequency == "DAILY":
        return start + timedelta(days=-(-(first - start).days // step) * step)
    if rule.frequency == "WEEKLY":
        week = start - timedelta(days=(start.isoweekday() - week_start) % 7)
        return week + timedelta(weeks=-(-((first - week).days // 7) // step) * step)
    if rule.frequency == "MONTHLY":
        months = (first.year - start.year) * 12 + first.month - start.month
        month = start.year * 12 + start.month - 1 + -(-months // step) * step
        return date(month // 12, month % 12 + 1, 1)
    year = start.year - (start.year - first.year) // step * step
    return date(year, 1, 1) if year <= MAXYEAR else date.max


def _implied(rule: Rule, start: date) -> tuple[int, int, int] | None:
    """What the rule takes from its DTSTART: weekday, day and month; None where it says all itself."""
    if rule.frequency == "DAILY" or rule.weekdays or rule.month_days:
        return None
    return start.isoweekday(), start.day, start.month


@lru_cache(maxsize=_YEARS_KEPT)
def _expanded(
    text: str, implied: tuple[int, int, int] | None, year: int, offset: int, week_start: int, clamp: bool
) -> bytes:
    """The days of one year of the rule, beginning `offset` days from 1 January with an interval that it acts in."""
    rule = parse(text)
    weekdays, month_days, months = rule.weekdays, rule.month_days, rule.months
    if implied is not None and rule.frequency == "WEEKLY":
        weekdays = ((implied[0], 0),)
    elif implied is not None:
        month_days = (implied[1],)
        months = months or ((implied[2],) if rule.frequency == "YEARLY" else ())
    first, last = date(year, 1, 1), date(year, 12, 31)
    options: dict[str, object] = {
        "freq": _FREQUENCIES[rule.frequency],
        "interval": rule.interval,
        "wkst": (rule.week_start or week_start) - 1,
        "bymonth": months or None,
        "until": datetime(year, 12, 31),
    }
    begin = first + timedelta(days=offset)
    if clamp and not weekdays and not rule.positions and _LATE & set(month_days):
        found = _clamped(rule.frequency, begin, month_days, options)
    else:
        options["bysetpos"] = rule.positions or None
        options["bymonthday"] = month_days or None
        options["byweekday"] = [engine.weekday(day - 1, nth or None) for day, nth in weekdays] or None
        found = _dates(begin, options)
    mask = bytearray(b"-") * ((last - first).days + 1)
    for day in found:
        if first <= day <= last:
            mask[(day - first).days] = DUE
    return bytes(mask)


def _clamped(frequency: str, begin: date, month_days: tuple[int, ...], options: Mapping[str, object]) -> Iterator[date]:
    """Days of months in which the 29th to 31st fall on the last day where there is none, once."""
    if frequency == "DAILY":
        yield from (day for day in _dates(begin, options) if day.day in _days_of(day, month_days))
        return
    for month in _dates(begin, {**options, "bymonthday": 1}):
        yield from (month.replace(day=day) for day in _days_of(month, month_days))


def _days_of(month: date, month_days: Iterable[int]) -> set[int]:
    length = calendar.monthrange(month.year, month.month)[1]
    days = (min(day, length) if day > 0 else length + 1 + day for day in month_days)
    return {day for day in days if day > 0}


def _dates(begin: date, options: Mapping[str, object]) -> Iterator[date]:
    start = datetime(begin.year, begin.month, begin.day)
    return (found.date() for found in engine.rrule(dtstart=start, **options))  # type: ignore[arg-type]


def _last_years_of_each_kind() -> dict[tuple[int, int], int]:
    """By length and weekday of 1 January. The last year of all is left out: dateutil ends with it."""
    kinds: dict[tuple[int, int], int] = {}
    for year in range(9998, 9998 - 28, -1):
        kinds.setdefault((366 if calendar.isleap(year) else 365, date(year, 1, 1).weekday()), year)
    return kinds


_TWINS: Final = _last_years_of_each_kind()


def _parts(head: str) -> dict[str, str]:
    text = head.removeprefix("RRULE:").removesuffix(";")
    pairs = [part.partition("=") for part in text.split(";")]
    parts = {name: value for name, _, value in pairs}
    if "FREQ" not in parts or len(parts) != len(pairs):
        raise ValueError("must be an RFC 5545 rule with FREQ, each part once")
    for name, value in parts.items():
        if name not in _PARTS:
            raise ValueError(
                "may hold FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST only"
            )
        if not _PARTS[name].fullmatch(value):
            raise ValueError(f"has a value for {name} that it cannot take")
    return parts


def _count(parts: Mapping[str, str]) -> int:
    count = int(parts.get("COUNT", "0"))
    if count and "UNTIL" in parts:
        raise ValueError("must not hold both COUNT and UNTIL")
    if count > MAX_COUNT:
        raise ValueError(f"must have a COUNT of at most {MAX_COUNT}")
    return count


def _weekdays(parts: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    """(ISO weekday, nth), nth 0 for every one."""
    if "BYDAY" not in parts:
        return ()
    matches = [_NAMED_DAY.fullmatch(part) for part in parts["BYDAY"].split(",")]
    days = [(_WEEKDAYS.index(match[2]) + 1, int(match[1] or "0")) for match in matches if match]
    nth = [int(match[1]) for match in matches if match and match[1]]
    if nth and parts["FREQ"] not in ("MONTHLY", "YEARLY"):
        raise ValueError("may number weekdays only with FREQ=MONTHLY or FREQ=YEARLY")
    most = 5 if parts["FREQ"] == "MONTHLY" or "BYMONTH" in parts else 53
    if any(not 1 <= abs(number) <= most for number in nth):
        raise ValueError(f"must number weekdays from 1 to {most}, or from -1 to -{most}")
    return tuple(dict.fromkeys(days))


def _numbers(parts: Mapping[str, str], name: str, most: int) -> tuple[int, ...]:
    numbers = [int(number) for number in parts[name].split(",")] if name in parts else []
    if any(not 1 <= abs(number) <= most for number in numbers):
        raise ValueError(f"has a value for {name} that it cannot take")
    if name == "BYMONTHDAY" and numbers and parts["FREQ"] == "WEEKLY":
        raise ValueError("must not hold BYMONTHDAY with FREQ=WEEKLY")
    return tuple(dict.fromkeys(numbers))


def _months(parts: Mapping[str, str]) -> tuple[int, ...]:
    return _numbers(parts, "BYMONTH", 12)


def _positions(parts: Mapping[str, str]) -> tuple[int, ...]:
    positions = _numbers(parts, "BYSETPOS", 366)
    if positions and not {"BYDAY", "BYMONTHDAY", "BYMONTH"} & parts.keys():
        raise ValueError("must not hold BYSETPOS without another BY part")
    return positions


def _later(text: str, days: int) -> str:
    day = max(date.min.toordinal(), min(_day(text).toordinal() + days, date.max.toordinal()))
    return date.fromordinal(day).isoformat().replace("-", "")


def _day(text: str) -> date:
    try:
        return datetime.strptime(text[:8], "%Y%m%d").date()
    except ValueError:
        raise ValueError("names a date that does not exist") from None
