"""The habits of a plan: one that the goal is about, and what supports it, within the minutes that there are.

What the member stated is never changed. Of what was assumed, minutes shrink first and then times; what stated figures
alone exceed stays as it is. Support comes only where there is room for it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from services.coach.domain.planning.brief import Brief
from services.coach.domain.planning.ladder import measure
from services.coach.domain.planning.proposal import MAX_HABITS, MAX_TITLE, Habit, IfThen
from services.coach.domain.planning.schedules import Schedule, fewer, minutes_per_week, often, per_week, within
from services.coach.domain.planning.slots import Kind
from services.coach.domain.planning.texts import Course, HabitText, PlanTexts

# Below this a session is hardly one; only what is short by nature is shorter.
FLOOR_MINUTES: Final = 10
# Where the member has more time than was assumed, this much of it is used.
_USED: Final = Fraction(9, 10)
# A glass of water has no length that anybody would change.
_WORTH_TELLING: Final = 5

_WEEKDAY = re.compile(r"\b(Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MINUTES_IN_TITLE = re.compile(r" for \{minutes\} minutes$")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Habits, and what is to be said about them.

    Attributes:
        changes: What was made smaller than usual, in sentences.
        assumptions: What the member did not say.
    """

    habits: tuple[Habit, ...]
    changes: tuple[str, ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Load:
    """A habit's figures.

    Attributes:
        before: What was shrunk, or the same.
    """

    schedule: Schedule
    minutes: int
    before: "_Load | None" = None

    @property
    def per_week(self) -> int:
        return minutes_per_week(self.schedule, self.minutes)


def choose(brief: Brief, course: Course, texts: PlanTexts, *, with_care: bool) -> Chosen:
    """The habits of a plan.

    Args:
        brief: What to keep to.
        course: Where they come from.
        texts: Our own words.
        with_care: The course is that for professionals, and no special habit takes its place.
    """
    special = None if with_care or brief.kind is not Kind.DO else texts.activity_of(brief.task.title, brief.category)
    text = special or course.habit
    load = _main_load(brief, text)
    main = _habit(brief, text, load, texts, is_main=True)
    room = brief.available - load.per_week
    support: list[Habit] = []
    taken = {habit.title.casefold() for habit in brief.task.own_habits} | {main.title.casefold()}
    for extra in course.support:
        schedule = _support_schedule(brief, extra)
        cost = minutes_per_week(schedule, extra.minutes)
        made = _habit(brief, extra, _Load(schedule, extra.minutes), texts, is_main=False)
        if len(support) < MAX_HABITS - 1 and cost <= room and made.title.casefold() not in taken:
            support.append(made)
            room -= cost
    return Chosen(
        (main, *support),
        _changes(brief, main, load, texts),
        () if with_care or brief.kind is not Kind.DO else _assumptions(brief, load, texts),
    )


def _main_load(brief: Brief, text: HabitText) -> _Load:
    usual = _Load(_usual_schedule(brief, text), brief.minutes or text.minutes)
    if brief.budget is None:
        return usual
    if usual.per_week <= brief.available:
        return _grown(brief, usual, text)
    return _shrunk(brief, usual)


def _usual_schedule(brief: Brief, text: HabitText) -> Schedule:
    if brief.kind is Kind.LIMIT:
        # A limit's period says what is counted together, not how often to count.
        return Schedule(weekdays=brief.schedule.weekdays if brief.schedule else frozenset())
    return brief.schedule or within(text.times, brief.slots.available)


def _is_stated(brief: Brief) -> bool:
    return brief.schedule is not None and brief.kind is not Kind.LIMIT


def _grown(brief: Brief, usual: _Load, text: HabitText) -> _Load:
    """Somebody who has more time than was assumed gets longer sessions, up to what suits the habit."""
    if brief.minutes is not None or text.minutes < FLOOR_MINUTES:
        return usual
    room = int(brief.available * _USED / per_week(usual.schedule))
    return _Load(usual.schedule, max(usual.minutes, min(text.longest, room // 5 * 5)))


def _shrunk(brief: Brief, usual: _Load) -> _Load:
    """Assumed minutes first, down to the floor, then assumed times, down to once a week."""
    minutes = usual.minutes
    if brief.minutes is None and minutes > FLOOR_MINUTES:
        room = int(brief.available / per_week(usual.schedule))
        minutes = max(FLOOR_MINUTES, room // 5 * 5 if room >= FLOOR_MINUTES else room)
    smaller = _Load(usual.schedule, minutes, usual)
    if smaller.per_week <= brief.available or _is_stated(brief):
        return smaller if minutes != usual.minutes else usual
    times = max(1, brief.available // minutes)
    return _Load(fewer(usual.schedule, times), minutes, usual)


def _support_schedule(brief: Brief, text: HabitText) -> Schedule:
    """On the weekday that its cue names, else so often a week; a weekday that is not free is any free one."""
    named = _WEEKDAY.search(text.cue)
    day = _WEEKDAYS.index(named[1]) + 1 if named else 0
    free = brief.slots.available
    if day and (not free or day in free):
        return Schedule(weekdays=frozenset({day}))
    return within(min(text.times, len(free)) if free else text.times, free)


def _habit(brief: Brief, text: HabitText, load: _Load, texts: PlanTexts, *, is_main: bool) -> Habit:
    cue = texts.moments.get(brief.moment, "") if is_main and brief.kind is Kind.DO and not text.fixed else ""
    return Habit(
        title=_title(brief, text, load) if is_main else text.title,
        schedule=load.schedule,
        minutes=load.minutes,
        if_then=IfThen(cue or text.cue, text.response.format(minutes=load.minutes)),
        minimum=text.small,
    )


def _title(brief: Brief, text: HabitText, load: _Load) -> str:
    """With the amount where the goal has one: `Read: 20 pages`."""
    amount = brief.amount
    if (
        amount is None
        or amount.value <= 0
        or brief.kind is not Kind.DO
        or amount.unit.lower() in {"min", "minutes", "hours", "h"}
    ):
        return text.title.format(minutes=load.minutes)
    doing = _MINUTES_IN_TITLE.sub("", text.title).format(minutes=load.minutes)
    said = f"{doing}{':' if ' ' in doing else ''} {measure(amount.value, amount.unit)}"
    return said if len(said) <= MAX_TITLE else text.title.format(minutes=load.minutes)


def _changes(brief: Brief, main: Habit, load: _Load, texts: PlanTexts) -> tuple[str, ...]:
    if load.before is None:
        return ()
    said: list[str] = []
    available = max(0, brief.available)
    if load.minutes != load.before.minutes:
        said.append(
            texts.say["shrunk_minutes"].format(
                available=available, title=main.title, minutes=load.minutes, before=load.before.minutes
            )
        )
    if load.schedule != load.before.schedule:
        said.append(texts.say["shrunk_times"].format(available=available, title=main.title, often=often(load.schedule)))
    return (*said, *_later(brief, load, texts))


def _later(brief: Brief, load: _Load, texts: PlanTexts) -> tuple[str, ...]:
    """A later day in words, where the plan became much slower than usual."""
    if load.before is None or not brief.has_deadline or brief.kind is not Kind.DO or load.per_week <= 0:
        return ()
    share = Fraction(load.before.per_week, load.per_week)
    if share < Fraction(3, 2):
        return ()
    weeks = min(104, max(1, round(brief.weeks * (share - 1))))
    return (texts.say["later"].format(available=max(0, brief.available), weeks=weeks),)


def _assumptions(brief: Brief, load: _Load, texts: PlanTexts) -> tuple[str, ...]:
    said: list[str] = []
    if brief.minutes is None and load.minutes >= _WORTH_TELLING:
        said.append(texts.say["assumed_minutes"].format(minutes=load.minutes))
    if brief.schedule is None and not brief.slots.available:
        said.append(texts.say["assumed_times"].format(often=often(load.schedule)))
    return tuple(said)


def total(habits: Sequence[Habit]) -> int:
    """Minutes of a week that habits take together, rounded up once."""
    exact = sum((per_week(habit.schedule) * habit.minutes for habit in habits), Fraction(0))
    return -int(-exact // 1)
