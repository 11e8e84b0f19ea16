"""When a habit is due, in the form of a goal's schedule; how much of a week it takes; how it is said."""

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Final

from services.coach.domain.facts import spoken
from services.coach.domain.planning.slots import Cadence

WEEK_MINUTES: Final = 7 * 24 * 60

# Of a period, as short as it can be, so that the time in a week is never told too small.
_DAYS = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}
_FREQUENCIES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WORKDAYS = frozenset({1, 2, 3, 4, 5})
_WEEKEND = frozenset({6, 7})
_FEW = {1: "once", 2: "twice", 3: "three times", 4: "four times", 5: "five times", 6: "six times"}
_PART = re.compile(r"\b(FREQ|INTERVAL|BYDAY|BYMONTHDAY|BYMONTH)=([A-Z0-9,+-]{1,80})")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is due; the fields of a goal's schedule.

    Attributes:
        weekdays: ISO weekdays; with period `day` each is due, with a longer one only these count.
        rrule: RFC 5545, then the period is `day`; empty for none.
        window_days: Of a rolling window; 0 where periods lie on the calendar.
    """

    period: str = "day"
    times: int = 1
    weekdays: frozenset[int] = frozenset()
    rrule: str = ""
    window_days: int = 0


def from_cadence(cadence: Cadence) -> Schedule:
    """The schedule that says exactly what was read."""
    if cadence.every == 1:
        return Schedule(cadence.period, cadence.times, cadence.weekdays)
    if cadence.period == "quarter":
        return Schedule(rrule=f"FREQ=MONTHLY;INTERVAL={3 * cadence.every}")
    rule = f"FREQ={_FREQUENCIES[cadence.period]};INTERVAL={cadence.every}"
    # Every other weekend is one day of it.
    named = min(cadence.weekdays, default=0)
    return Schedule(rrule=f"{rule};BYDAY={_CODES[named - 1]}" if named else rule)


def within(times: int, available: frozenset[int]) -> Schedule:
    """So many times a week on days that are free."""
    if available:
        return Schedule(weekdays=available) if times >= len(available) else Schedule("week", times, available)
    return Schedule() if times >= 7 else Schedule("week", times)


def fewer(schedule: Schedule, times: int) -> Schedule:
    """So many times a week, on no other days than before."""
    return replace(Schedule("week", times), weekdays=schedule.weekdays)


def per_week(schedule: Schedule) -> Fraction:
    """How often in a week, at the most; periods longer than a week count as short as they can be."""
    if schedule.rrule:
        return _of_rule(schedule.rrule)
    if schedule.window_days:
        return Fraction(schedule.times * 7, schedule.window_days)
    if schedule.period == "day":
        return Fraction(schedule.times * (len(schedule.weekdays) or 7))
    return Fraction(schedule.times * 7, _DAYS[schedule.period])


def minutes_per_week(schedule: Schedule, minutes: int) -> int:
    """Minutes of a week, rounded up."""
    return ceil(per_week(schedule) * minutes)


def often(schedule: Schedule) -> str:
    """In words: `three times a week`."""
    if schedule.rrule:
        return _rule_in_words(schedule.rrule)
    if schedule.window_days:
        return f"{_count(schedule.times)} in any {spoken(schedule.window_days)} days"
    if schedule.period == "day":
        days = _days_in_words(schedule.weekdays)
        return (
            days
            if schedule.times == 1
            else f"{_count(schedule.times)} a day" + (f" {days}" if schedule.weekdays else "")
        )
    said = f"{_count(schedule.times)} a {schedule.period}"
    return f"{said} ({_days_in_words(schedule.weekdays)})" if schedule.weekdays else said


def _count(times: int) -> str:
    return _FEW.get(times) or f"{spoken(times)} times"


def _days_in_words(weekdays: frozenset[int]) -> str:
    if len(weekdays) in {0, 7}:
        return "every day"
    if weekdays in (_WORKDAYS, _WEEKEND):
        return "from Monday to Friday" if weekdays == _WORKDAYS else "at the weekend"
    names = [f"{_NAMES[day - 1]}s" for day in sorted(weekdays)]
    return "on " + (" and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0])


def _parts(rule: str) -> dict[str, str]:
    return dict(_PART.findall(rule))


def _of_rule(rule: str) -> Fraction:
    """An upper bound for the rules that goals take."""
    parts = _parts(rule)
    interval = max(1, int(parts["INTERVAL"])) if parts.get("INTERVAL", "").isdigit() else 1
    days = [day for day in parts.get("BYDAY", "").split(",") if day]
    match parts.get("FREQ", "DAILY"):
        case "DAILY":
            return min(Fraction(7, interval), Fraction(len(days) or 7))
        case "WEEKLY":
            return Fraction(len(days) or 1, interval)
        case "MONTHLY":
            named = sum(1 if day[0] in "+-0123456789" else 5 for day in days)
            return Fraction(max(1, named, len(parts.get("BYMONTHDAY", "").split(","))) * 7, 28 * interval)
        case _:
            months = len(parts.get("BYMONTH", "").split(",")) * max(
                1, 5 * len(days), len(parts.get("BYMONTHDAY", "").split(","))
            )
            return Fraction(months * 7, 365 * interval)


def _rule_in_words(rule: str) -> str:
    parts = _parts(rule)
    unit = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}.get(parts.get("FREQ", ""), "")
    interval = parts.get("INTERVAL", "1")
    if not unit or not set(parts) <= {"FREQ", "INTERVAL"}:
        return "on the days of its schedule"
    if interval == "1":
        return f"every {unit}"
    return f"every other {unit}" if interval == "2" else f"every {spoken(int(interval))} {unit}s"
