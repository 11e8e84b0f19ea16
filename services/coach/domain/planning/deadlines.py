"""Reads the last day out of a goal's text: "by March 15", "in 3 months", "before Christmas", "this year".

A day without a year is the next one that is not over. "By", "until" and "before" a month, a quarter or a year end on
the day before it begins; "before" a day ends on the day before.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from services.coach.domain.planning.wording import Reader

FARTHEST: Final = timedelta(days=366 * 20)
WEEKEND: Final = frozenset({6, 7})

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (20\d\d))?"
_LEAD = r"(?:(?P<lead>by|before|until|till|due|on|to|through) (?:or before )?)?(?:the )?"
_BOUND = r"(?P<lead>by|before|until|till) (?:the )?(?:next )?"
_WEEKDAY = r"(monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEASONS = {"spring": (3, 20), "summer": (6, 21), "autumn": (9, 22), "fall": (9, 22), "winter": (12, 21)}
_LONG_AFTER = {"spring": "summer", "summer": "autumn", "autumn": "winter", "fall": "winter", "winter": "spring"}
_FEASTS = {
    "valentine": (2, 14), "halloween": (10, 31), "christmas": (12, 25), "xmas": (12, 25), "new year": (12, 31),
    "st patrick": (3, 17),
}  # fmt: skip
_FEAST = r"(valentine|halloween|christmas|xmas|new year|st patrick|easter|thanksgiving)(?:'?s)?(?: day| eve)?"


@dataclass(frozen=True, slots=True)
class Found:
    """A last day, and the weekdays that its wording leaves free."""

    day: date
    available: frozenset[int] = frozenset()


def find_deadline(reader: Reader, today: date) -> Found | None:
    """Takes the deadline out of the text; what cannot be a date is left alone.

    Returns:
        The day, which may be over; None when none is named.
    """
    for pattern, day_of in _RULES:
        for found in pattern.finditer(reader.text):
            try:
                made = day_of(found, today)
            except (ValueError, OverflowError):
                continue
            if made is not None and made.day - today <= FARTHEST:
                reader.replace(found)
                return made
    return None


def last_day(year: int, month: int) -> date:
    """Of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def _iso(found: re.Match[str], today: date) -> Found:
    return Found(_led(found, date(int(found[2]), int(found[3]), int(found[4]))))


def _slashed(found: re.Match[str], today: date) -> Found | None:
    """Month first, unless that cannot be; with full stops the day comes first. Without a year it may be a fraction."""
    if not (found["lead"] or found[5]):
        return None
    first, separator, second = int(found[2]), found[3], int(found[4])
    month, day = (second, first) if separator == "." or first > 12 else (first, second)
    return Found(_led(found, _dated(month, day, found[5], today)))


def _day_month(found: re.Match[str], today: date) -> Found:
    return Found(_led(found, _dated(_month(found[3]), int(found[2]), found[4], today)))


def _month_day(found: re.Match[str], today: date) -> Found:
    return Found(_led(found, _dated(_month(found[2]), int(found[3]), found[4], today)))


def _day_only(found: re.Match[str], today: date) -> Found:
    day = int(found[2])
    this = today.replace(day=day)
    return Found(_led(found, this if this >= today else this + relativedelta(months=1)))


def _end_of_month(found: re.Match[str], today: date) -> Found:
    return Found(_end(_month(found[1]), found[2], today))


def _middle_of_month(found: re.Match[str], today: date) -> Found:
    return Found(_dated(_month(found[1]), 15, found[2], today))


def _month_begun(found: re.Match[str], today: date) -> Found:
    return Found(_dated(_month(found[2]), 1, found[3], today) - timedelta(days=1))


def _from_now(found: re.Match[str], today: date) -> Found:
    count, unit = (1 if found[1] in {"a", "an"} else int(found[1])), found[2]
    if unit == "weekend":
        sunday = today + timedelta(days=6 - today.weekday())
        return Found(sunday + timedelta(weeks=count - 1), WEEKEND)
    return Found(today + relativedelta(**{f"{unit}s": count}))  # type: ignore[arg-type]


def _half_year(found: re.Match[str], today: date) -> Found:
    return Found(today + relativedelta(months=6))


def _end_of_period(found: re.Match[str], today: date) -> Found:
    return Found(_period_end(found[2], today, ahead=1 if found[1] == "next" else 0))


def _year_end(found: re.Match[str], today: date) -> Found:
    return Found(date(today.year, 12, 31))


def _period_begun(found: re.Match[str], today: date) -> Found:
    """By next month is before it begins."""
    return Found(_period_end(found[1], today, ahead=0))


def _quarter(found: re.Match[str], today: date) -> Found:
    number, year = int(found[2]), int(found[3]) if found[3] else today.year
    ends = last_day(year, number * 3)
    if found[1] in {"by", "before", "until", "till"}:
        ends = date(year, number * 3 - 2, 1) - timedelta(days=1)
    return Found(ends if ends >= today or found[3] else ends + relativedelta(years=1))


def _year(found: re.Match[str], today: date) -> Found:
    year = int(found[2])
    return Found(date(year - 1 if found[1] in {"by", "before", "until", "till"} else year, 12, 31))


def _weekday(found: re.Match[str], today: date) -> Found:
    ahead = (_WEEKDAYS.index(found[3]) - today.weekday()) % 7 or 7
    # "Next Friday" lies in next week.
    if found[2] == "next" and ahead + today.weekday() < 7:
        ahead += 7
    return Found(_led(found, today + timedelta(days=ahead)))


def _tomorrow(found: re.Match[str], today: date) -> Found:
    return Found(today + timedelta(days=int(found[1] == "tomorrow")))


def _feast(found: re.Match[str], today: date) -> Found:
    def of(year: int) -> date:
        if found[2] == "easter":
            return easter(year)
        if found[2] == "thanksgiving":
            return date(year, 11, 22 + (3 - date(year, 11, 22).weekday()) % 7)
        return date(year, *_FEASTS[found[2]])

    day = of(today.year)
    return Found(_led(found, day if day >= today else of(today.year + 1)))


def _season(found: re.Match[str], today: date) -> Found:
    return Found(_led(found, _dated(*_SEASONS[found[2]], None, today)))


def _season_over(found: re.Match[str], today: date) -> Found:
    return Found(_dated(*_SEASONS[_LONG_AFTER[found[1]]], None, today) - timedelta(days=1))


def _led(found: re.Match[str], day: date) -> date:
    return day - timedelta(days=1) if found["lead"] == "before" else day


def _month(name: str) -> int:
    return _MONTHS.index(name[:3]) + 1


def _dated(month: int, day: int, year: str | None, today: date) -> date:
    """That day of the year given, else the next one that is not over."""
    if year:
        return date(int(year) if len(year) > 2 else 2000 + int(year), month, day)
    this = date(today.year, month, day)
    return this if this >= today else date(today.year + 1, month, day)


def _end(month: int, year: str | None, today: date) -> date:
    if year:
        return last_day(int(year), month)
    this = last_day(today.year, month)
    return this if this >= today else last_day(today.year + 1, month)


def _period_end(period: str, today: date, *, ahead: int) -> date:
    if period == "year":
        return date(today.year + ahead, 12, 31)
    if period == "quarter":
        begun = date(today.year, (today.month - 1) // 3 * 3 + 1, 1) + relativedelta(months=3 * (ahead + 1))
        return begun - timedelta(days=1)
    if period == "month":
        return today.replace(day=1) + relativedelta(months=ahead + 1) - timedelta(days=1)
    return today + timedelta(days=6 - today.weekday() + 7 * ahead)


_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], Found | None]]
_PERIOD_END = (
    r"\b(?:(?:by|before|at|until|till|to|for) )?(?:the )?(?:end|close) of (?:the "
    r"|this )?(?:(next) )?(year|month|week|quarter)\b"
)
_RULES: tuple[_Rule, ...] = (
    (re.compile(rf"\b{_LEAD}(20\d\d)[-/](\d\d?)[-/](\d\d?)\b"), _iso),
    (re.compile(rf"\b{_LEAD}(\d\d?)([/.])(\d\d?)(?:\3(20\d\d|\d\d))?(?![\d/])(?! ?(?:km|kg|l|min|h)\b)"), _slashed),
    (re.compile(rf"\b(?:(?:by|before|at|until|till) )?(?:the )?(?:end|close) of {_MONTH}{_YEAR}"), _end_of_month),
    (re.compile(rf"\b(?:by|before|until|till|in)? ?(?:the )?mid(?:dle of)?[ -]{_MONTH}{_YEAR}"), _middle_of_month),
    (re.compile(rf"\b{_LEAD}{_DAY} (?:of )?{_MONTH}{_YEAR}"), _day_month),
    (re.compile(rf"\b{_LEAD}{_MONTH} {_DAY}\b{_YEAR}(?! ?(?:x|times|min|km|kg)\b)"), _month_day),
    (re.compile(rf"\b{_BOUND}(?:start of |beginning of |early )?{_MONTH}{_YEAR}"), _month_begun),
    (re.compile(rf"\b(?:in|during|this|throughout|for|over|next) {_MONTH}{_YEAR}"), _end_of_month),
    (re.compile(r"\b(?P<lead>by|before|until|till) the (\d{1,2})(?:st|nd|rd|th)\b"), _day_only),
    (re.compile(r"\b(?:in|within) half a year\b|\b(?:for|over) the next half year\b"), _half_year),
    (
        re.compile(
            r"\b(?:in|within|for|over|during|after|inside) (?:about |around |the |just |under )?(?:next |coming "
            r"|following |first )?(an?|\d{1,4}) (day|week|month|year|weekend)s?\b(?! ?(?:/|per|a|each"
            r"|every) ?(?:week|month|day)\b)"
        ),
        _from_now,
    ),
    (re.compile(r"\b(?:the )?(?:next|coming|following) (\d{1,4}) (day|week|month|year|weekend)s?\b"), _from_now),
    (re.compile(r"\b(\d{1,4}) (day|week|month|year)s? from (?:now|today)\b"), _from_now),
    (
        re.compile(
            r"\b(\d{1,4})[ -](day|week|month)s?[ -](?:\w{1,20} )?(?:challenge|program(?:me)?|plan|streak"
            r"|cleanse|detox)\b"
        ),
        _from_now,
    ),
    (re.compile(_PERIOD_END), _end_of_period),
    (re.compile(r"\b(?:(?:by|before|until|at) )?(?:the )?year(?:'s)?[ -]end\b|\b(?:by|before) eoy\b"), _year_end),
    (re.compile(r"\b(?:by|before|until|till) next (year|month|week|quarter)\b"), _period_begun),
    (re.compile(r"\b(?:later )?(this|next) (year|month|week|quarter)\b"), _end_of_period),
    (
        re.compile(r"\b(?:(by|before|until|till|in|during|this|end of) )(?:the )?(?:end of )?q([1-4])\b(?: (20\d\d))?"),
        _quarter,
    ),
    (re.compile(r"\b(?:by |before |until )?(?:the )?(end) of (20\d\d)\b"), _year),
    (re.compile(r"\b(by|before|until|till|in|during) (?:the year )?(20\d\d)\b"), _year),
    (re.compile(r"\b(\d{1,3}) (day)s of (?=[a-z])"), _from_now),
    (re.compile(rf"\b(?P<lead>by|before|until|till) (?:(next|this) )?{_WEEKDAY}\b"), _weekday),
    (re.compile(r"\b(?:by |before )?(tomorrow|tonight)\b"), _tomorrow),
    (re.compile(rf"\b(?P<lead>by|before|until|till|for) (?:next |this )?{_FEAST}"), _feast),
    (
        re.compile(
            r"\b(?:(?:by|before|at|until) )?(?:the )?end of (?:the |this |next )?(spring|summer|autumn|fall|winter)\b"
        ),
        _season_over,
    ),
    (re.compile(r"\b(?:this|over the|during the|in the) (spring|summer|autumn|fall|winter)\b"), _season_over),
    (
        re.compile(r"\b(?P<lead>by|before|until|till|for) (?:the |next |this )?(spring|summer|autumn|fall|winter)\b"),
        _season,
    ),
    (re.compile(r"\b(january|february|april|june|july|august|september|october|november|december)()$"), _end_of_month),
)
