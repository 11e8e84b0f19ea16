"""When something is due: the schedule of a goal, its defaults and its rules."""

from dataclasses import dataclass, replace
from enum import StrEnum

from services.goals.domain import recurrence
from services.goals.domain.days import MOST_DAYS, NOMINAL_DAYS, Period
from services.goals.domain.fields import Checks

MAX_TIMES = 100
MAX_WINDOW_DAYS = 366

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
        rrule: Recurrence rule whose days are due, with `period` day; empty for none.
        window_days: Length of the rolling window; 0 where periods lie on the calendar.
    """

    period: Period = Period.DAY
    times: int = 1
    weekdays: frozenset[int] = frozenset()
    rrule: str = ""
    window_days: int = 0

    @property
    def window(self) -> Window:
        """How periods lie on the calendar."""
        return Window.ROLLING if self.window_days else Window.CALENDAR

    @property
    def is_daily(self) -> bool:
        """Its units are days; else they are periods of the calendar."""
        return self.period is Period.DAY or self.window_days > 0

    @property
    def counts_days(self) -> bool:
        """It counts distinct done days; else check-ins on one day."""
        return self.period is not Period.DAY or self.window_days > 0


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """A schedule as asked for; None (and empty) is left out and takes its default."""

    period: Period | None = None
    times: int | None = None
    weekdays: tuple[int, ...] = ()
    rrule: str = ""
    window: Window | None = None
    window_days: int | None = None


def draft_of(schedule: Schedule) -> ScheduleDraft:
    """What has to be asked for to get this schedule."""
    return ScheduleDraft(
        period=schedule.period,
        times=schedule.times,
        weekdays=tuple(sorted(schedule.weekdays)),
        rrule=schedule.rrule,
        window=schedule.window,
        window_days=schedule.window_days or None,
    )


def plan_schedule(draft: ScheduleDraft, *, checks: Checks, field: str = "schedule") -> Schedule:
    """Completes and checks a draft; what breaks a rule is noted in `checks`."""
    period = draft.period or Period.DAY
    times = 1 if draft.times is None else draft.times
    weekdays = frozenset(draft.weekdays)
    window_days = _window_days(draft, period, checks=checks, field=field)
    _check_weekdays(draft, checks=checks, field=field)
    _check_times(period, times, weekdays, window_days, checks=checks, field=field)
    _check_rrule(draft, period, checks=checks, field=field)
    return Schedule(period, times, weekdays, draft.rrule, window_days)


def check_end(schedule: Schedule, begins: int, *, checks: Checks, field: str = "schedule.rrule") -> None:
    """Notes a recurrence rule that is over before the day (an ordinal) at which it would begin."""
    try:
        is_over = bool(schedule.rrule) and recurrence.ends_before(schedule.rrule, begins)
    except ValueError:
        return  # What is no rule was noted when the schedule was planned.
    if is_over:
        checks.fail(field, "would leave no day due: the rule's UNTIL lies before the day on which it begins")


def moved(schedule: Schedule, days: int) -> Schedule:
    """The schedule with the single dates of its recurrence rule that many days later."""
    return replace(schedule, rrule=recurrence.moved(schedule.rrule, days)) if schedule.rrule else schedule


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


def _check_times(
    period: Period, times: int, weekdays: frozenset[int], window_days: int, *, checks: Checks, field: str
) -> None:
    most = min(MAX_TIMES, window_days) if window_days else most_times(period, weekdays)
    if not 1 <= times <= MAX_TIMES:
        checks.fail(f"{field}.times", f"must be between 1 and {MAX_TIMES}")
    elif times > most:
        checks.fail(f"{field}.times", f"must be at most {most}, the days that the period has")


def _window_days(draft: ScheduleDraft, period: Period, *, checks: Checks, field: str) -> int:
    """The length of a rolling window, 0 for none."""
    if draft.window is not Window.ROLLING:
        if draft.window_days is not None:
            checks.fail(f"{field}.window_days", "goes only with a rolling window")
        return 0
    if draft.rrule:
        checks.fail(f"{field}.rrule", "must be left out where the window is rolling")
    if draft.weekdays:
        checks.fail(f"{field}.weekdays", "must be left out where the window is rolling")
    if draft.window_days is None:
        if period is Period.DAY:
            checks.fail(f"{field}.window_days", "must be given where a rolling window has the period day")
        return NOMINAL_DAYS[period]
    if not 1 <= draft.window_days <= MAX_WINDOW_DAYS:
        checks.fail(f"{field}.window_days", f"must be between 1 and {MAX_WINDOW_DAYS}")
        return MAX_WINDOW_DAYS
    return draft.window_days


def _check_rrule(draft: ScheduleDraft, period: Period, *, checks: Checks, field: str) -> None:
    if not draft.rrule:
        return
    try:
        recurrence.parse(draft.rrule)
    except ValueError as problem:
        checks.fail(f"{field}.rrule", str(problem))
    if period is not Period.DAY:
        checks.fail(f"{field}.period", "must be day where there is a recurrence rule")
    if draft.weekdays:
        checks.fail(f"{field}.weekdays", "must be left out where there is a recurrence rule")
