"""Loop Habit Tracker: what its habits and repetitions mean here. Its files are read by `loop_csv` and `loop_sqlite`.

Source: the app's exporter and importer, github.com/iSoron/uhabits (facts about the format only).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.goals.domain.activity import MAX_NOTE_LENGTH, ActivityDraft, ActivityType
from services.goals.domain.care import Reminder
from services.goals.domain.days import Period
from services.goals.domain.goal import (
    MAX_DESCRIPTION_LENGTH,
    MAX_TITLE_LENGTH,
    MAX_UNIT_LENGTH,
    Amount,
    Excused,
    Limit,
    Pattern,
    Policy,
    Status,
)
from services.goals.domain.planning import GoalDraft
from services.goals.domain.schedule import MAX_WINDOW_DAYS, ScheduleDraft, Window
from services.goals.domain.transfer import values
from services.goals.domain.transfer.model import ParsedEntry, ParsedGoal, Remarks, Unfit

# A repetition's value on a yes-or-no habit; on a numerical one it is a thousandth of the amount, but for a skip.
UNKNOWN: Final = -1
NO: Final = 0
YES_AUTO: Final = 1
YES: Final = 2
SKIP: Final = 3
THOUSANDTHS: Final = 1000

# What Loop asks amounts for; the days of its month are 30.
_PERIODS: Final = {1: Period.DAY, 7: Period.WEEK, 30: Period.MONTH, 31: Period.MONTH}


@dataclass(frozen=True, slots=True)
class Habit:
    """A habit as Loop keeps it: `times` in `days`, or on numerical ones `target` in `days`."""

    where: str
    key: str
    name: str
    question: str = ""
    description: str = ""
    times: int = 1
    days: int = 1
    is_numerical: bool = False
    is_limit: bool = False
    target: float = 0.0
    unit: str = ""
    is_archived: bool = False
    reminders: tuple[Reminder, ...] = ()


@dataclass(frozen=True, slots=True)
class Repetition:
    """What stands on a day. `value` None is a word that Loop does not know."""

    day: date
    value: int | None
    note: str = ""


def goal_of(habit: Habit, repetitions: Iterable[Repetition], remarks: Remarks) -> ParsedGoal:
    """The habit as a goal.

    Raises:
        Unfit: It asks for what no goal can ask for.
    """
    title = values.line(habit.name, longest=MAX_TITLE_LENGTH, otherwise="Habit")
    longest = MAX_DESCRIPTION_LENGTH // 2 - 1
    texts = [values.body(text, longest=longest).strip() for text in (habit.question, habit.description)]
    draft = _numerical(habit) if habit.is_numerical else _yes_or_no(habit)
    pattern = draft.pattern or Pattern.RECURRING
    draft = GoalDraft(
        title=title,
        description="\n\n".join(text for text in texts if text),
        pattern=pattern,
        schedule=draft.schedule,
        # A skipped day lengthens Loop's streaks.
        policy=Policy(excused=Excused.COUNTS),
        amount=draft.amount,
        limit=draft.limit,
    )
    return ParsedGoal(
        habit.where,
        habit.key,
        title,
        pattern,
        draft,
        Status.ARCHIVED if habit.is_archived else Status.ACTIVE,
        reminders=habit.reminders,
        entries=_entries(habit, repetitions, remarks),
    )


def _yes_or_no(habit: Habit) -> GoalDraft:
    times, days = habit.times, habit.days
    if times < 1 or not 1 <= days <= MAX_WINDOW_DAYS:
        raise Unfit(f"a frequency must be at least once in 1 to {MAX_WINDOW_DAYS} days")
    if times >= days:
        return GoalDraft(pattern=Pattern.RECURRING, schedule=ScheduleDraft(Period.DAY))
    period = _PERIODS.get(days, Period.DAY)
    return GoalDraft(
        pattern=Pattern.RECURRING,
        schedule=ScheduleDraft(period, times, window=Window.ROLLING, window_days=days),
    )


def _numerical(habit: Habit) -> GoalDraft:
    period = _PERIODS.get(habit.days)
    if period is None:
        raise Unfit("amounts are asked for by the day, the week or the month only")
    unit = values.line(habit.unit, longest=MAX_UNIT_LENGTH, otherwise="times")
    if habit.is_limit:
        return GoalDraft(
            pattern=Pattern.LIMIT, schedule=ScheduleDraft(period), limit=Limit(unit, values.finite(habit.target))
        )
    if habit.target <= 0:
        raise Unfit("a target of 0 asks for nothing")
    return GoalDraft(
        pattern=Pattern.RECURRING, schedule=ScheduleDraft(period), amount=Amount(unit, values.finite(habit.target))
    )


def _entries(habit: Habit, repetitions: Iterable[Repetition], remarks: Remarks) -> list[ParsedEntry]:
    entries: list[ParsedEntry] = []
    seen: set[date] = set()
    for repetition in repetitions:
        try:
            entry = _entry(habit, repetition)
        except Unfit as unfit:
            remarks.add(habit.where, unfit.reason)
            continue
        if entry is None:
            continue
        if repetition.day in seen:
            remarks.add(habit.where, "there is an entry on that day already")
            continue
        seen.add(repetition.day)
        entries.append(entry)
    return entries


def _entry(habit: Habit, repetition: Repetition) -> ParsedEntry | None:
    """The entry; None for a day of which Loop only says that nothing was done."""
    value, note = repetition.value, values.body(repetition.note, longest=MAX_NOTE_LENGTH)
    if value is None:
        raise Unfit("the value is none of Loop's")
    day = values.check_day(repetition.day)
    kind, completed, amount = ActivityType.NOTE, None, None
    if value == SKIP:
        kind = ActivityType.SKIP
    elif habit.is_numerical and value >= 0:
        kind, amount = ActivityType.PROGRESS, value / THOUSANDTHS
    elif not habit.is_numerical and value == YES:
        kind, completed = ActivityType.CHECK_IN, True
    elif not note:
        return None
    draft = ActivityDraft(kind, day, completed=completed, value=amount, note=note)
    return ParsedEntry(day.isoformat(), draft)
