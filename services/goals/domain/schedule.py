"""When something is due: the schedule of a goal, its defaults and its rules."""

import re
from dataclasses import dataclass
from enum import StrEnum

from chassis.errors import NotImplementedYet
from services.goals.domain.days import MOST_DAYS, Period
from services.goals.domain.fields import Checks

MAX_TIMES = 100
MAX_WINDOW_DAYS = 366
MAX_RRULE_LENGTH = 1000

# The parts of a recurrence rule that are understood, and their forms.
_RULE_PARTS = {
    "FREQ": re.compile("DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile("0*[1-9][0-9]{0,3}"),
    "COUNT": re.compile("0*[1-9][0-9]{0,5}"),
    "UNTIL": re.compile("[0-9]{8}(T[0-9]{6}Z?)?"),
    "BYDAY": re.compile("[+-]?[0-9]{0,2}(MO|TU|WE|TH|FR|SA|SU)(,[+-]?[0-9]{0,2}(MO|TU|WE|TH|FR|SA|SU))*"),
    "BYMONTHDAY": re.compile("[+-]?[0-9]{1,2}(,[+-]?[0-9]{1,2})*"),
    "BYMONTH": re.compile("[0-9]{1,2}(,[0-9]{1,2})*"),
    "BYSETPOS": re.compile("[+-]?[0-9]{1,3}(,[+-]?[0-9]{1,3})*"),
    "WKST": re.compile("MO|TU|WE|TH|FR|SA|SU"),
}
_RULE_DATES = re.compile("(EXDATE|RDATE)(;VALUE=DATE)?:[0-9]{8}(,[0-9]{8})*")

# The most days of a longer period that one named weekday can fall on.
_MOST_OF_A_WEEKDAY = {Period.WEEK: 1, Period.MONTH: 5, Period.QUARTER: 14, Period.YEAR: 53}


class Window(StrEnum):
    """How periods lie on the calendar."""

    CALENDAR = "calendar"
    ROLLING = "rolling"


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is due, checked and complete.

    Attributes:
        period: The period counted in.
        times: How often in a period; distinct days where the period is longer than a day.
        weekdays: ISO weekdays that count; empty for all. With `period` day each of them is a unit of its own.
    """

    period: Period = Period.DAY
    times: int = 1
    weekdays: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """A schedule as asked for; None (and empty) is left out and takes its default."""

    period: Period | None = None
    times: int | None = None
    weekdays: tuple[int, ...] = ()
    rrule: str = ""
    window: Window | None = None
    window_days: int | None = None


def plan_schedule(draft: ScheduleDraft, *, checks: Checks, field: str = "schedule") -> Schedule:
    """Completes and checks a draft; what breaks a rule is noted in `checks`.

    Raises:
        NotImplementedYet: Well formed, but a kind of schedule that is not built yet.
    """
    period = draft.period or Period.DAY
    times = 1 if draft.times is None else draft.times
    weekdays = frozenset(draft.weekdays)
    _check_weekdays(draft, checks=checks, field=field)
    _check_times(period, times, weekdays, checks=checks, field=field)
    _check_window(draft, checks=checks, field=field)
    _check_rrule(draft, period, checks=checks, field=field)
    checks.finish()
    _refuse_what_is_not_built(draft, field=field)
    return Schedule(period, times, weekdays)


def most_times(period: Period, weekdays: frozenset[int]) -> int:
    """The highest count that a period can ever meet."""
    if period is Period.DAY:
        return MAX_TIMES
    days = len(weekdays) * _MOST_OF_A_WEEKDAY[period] if weekdays else MOST_DAYS[period]
    return min(MAX_TIMES, days, MOST_DAYS[period])


def _check_weekdays(draft: ScheduleDraft, *, checks: Checks, field: str) -> None:
    if any(not 1 <= weekday <= 7 for weekday in draft.weekdays):
        checks.fail(f"{field}.weekdays", "must be days of the week")
    elif len(set(draft.weekdays)) != len(draft.weekdays):
        checks.fail(f"{field}.weekdays", "must not name a day twice")


def _check_times(period: Period, times: int, weekdays: frozenset[int], *, checks: Checks, field: str) -> None:
    most = most_times(period, weekdays)
    if not 1 <= times <= MAX_TIMES:
        checks.fail(f"{field}.times", f"must be between 1 and {MAX_TIMES}")
    elif times > most:
        checks.fail(f"{field}.times", f"must be at most {most}, the days that the period has")


def _check_window(draft: ScheduleDraft, *, checks: Checks, field: str) -> None:
    if draft.window_days is None:
        return
    if draft.window is not Window.ROLLING:
        checks.fail(f"{field}.window_days", "goes only with a rolling window")
    elif not 1 <= draft.window_days <= MAX_WINDOW_DAYS:
        checks.fail(f"{field}.window_days", f"must be between 1 and {MAX_WINDOW_DAYS}")


def _check_rrule(draft: ScheduleDraft, period: Period, *, checks: Checks, field: str) -> None:
    if not draft.rrule:
        return
    if len(draft.rrule) > MAX_RRULE_LENGTH or not _is_rule(draft.rrule.upper()):
        checks.fail(f"{field}.rrule", "must be an RFC 5545 rule with a FREQ of DAILY, WEEKLY, MONTHLY or YEARLY")
    elif period is not Period.DAY:
        checks.fail(f"{field}.period", "must be day where there is a recurrence rule")
    elif draft.weekdays:
        checks.fail(f"{field}.weekdays", "must be left out where there is a recurrence rule")


def _is_rule(text: str) -> bool:
    """Only parts that are known, each once and of its form; then lines of dates."""
    rule, *dates = text.split("\n")
    parts = [part.partition("=") for part in rule.removeprefix("RRULE:").strip().removesuffix(";").split(";")]
    names = [name for name, _, _ in parts]
    return (
        "FREQ" in names
        and len(set(names)) == len(names)
        and not {"COUNT", "UNTIL"} <= set(names)
        and all(name in _RULE_PARTS and _RULE_PARTS[name].fullmatch(value) for name, _, value in parts)
        and all(_RULE_DATES.fullmatch(line.strip()) for line in dates if line.strip())
    )


def _refuse_what_is_not_built(draft: ScheduleDraft, *, field: str) -> None:
    if draft.rrule:
        raise NotImplementedYet("Recurrence rules are not available yet.", metadata={"field": f"{field}.rrule"})
    if draft.window is Window.ROLLING:
        raise NotImplementedYet("Rolling windows are not available yet.", metadata={"field": f"{field}.window"})
