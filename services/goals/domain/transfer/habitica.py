"""Habitica's user data as JSON: habits, dailies and to-dos under `tasks`.

Dailies are due by a frequency (`daily`, `weekly`, `monthly`, `yearly`), every so many (`everyX`), on days named in
`repeat`, `daysOfMonth` or `weeksOfMonth`. A history has an entry for each day with what was scored; older entries say
only the task's value, which rises when it was done.
Source: Habitica's public data model and exports (facts about the format only).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from services.goals.domain.activity import ActivityDraft, ActivityType
from services.goals.domain.days import Period
from services.goals.domain.goal import MAX_DESCRIPTION_LENGTH, MAX_MILESTONES, MAX_TITLE_LENGTH, Limit, Pattern
from services.goals.domain.planning import GoalDraft
from services.goals.domain.schedule import MAX_TIMES, ScheduleDraft
from services.goals.domain.terms import MilestoneDraft
from services.goals.domain.transfer import values
from services.goals.domain.transfer.containers import read_json
from services.goals.domain.transfer.model import (
    NamedStep,
    Parsed,
    ParsedEntry,
    ParsedGoal,
    Remarks,
    Unfit,
    refused,
)
from services.goals.domain.transfer.values import Fields

_WEEKDAYS: Final = {"m": 1, "t": 2, "w": 3, "th": 4, "f": 5, "s": 6, "su": 7}
_NAMES: Final = {1: "MO", 2: "TU", 3: "WE", 4: "TH", 5: "FR", 6: "SA", 7: "SU"}
_PERIODS: Final = {"daily": Period.DAY, "weekly": Period.WEEK, "monthly": Period.MONTH}
_MAX_EVERY: Final = 999
_ALL_DAYS: Final = frozenset(range(1, 8))


def parse(content: bytes) -> Parsed:
    """What is in the file.

    Raises:
        InvalidArgument: It is no export of Habitica, or takes more than it may.
    """
    parsed = Parsed()
    kinds = {"habits": _habit, "dailys": _daily, "todos": _todo}
    tasks = _tasks(read_json(content))
    seen: set[str] = set()
    for name, read in kinds.items():
        for index, document in enumerate(tasks.items(name)):
            where = f"{name}[{index}]"
            try:
                task = Fields(document, "task")
                key = task.text("_id") or task.text("id")
                if not key or key in seen:
                    raise Unfit("has no id, or one that stands before it")
                parsed.goals.append(read(task, key, where, parsed.remarks))
                seen.add(key)
            except Unfit as unfit:
                parsed.remarks.add(where, unfit.reason)
    for _ in tasks.items("rewards"):
        parsed.remarks.add("rewards", "there is nothing here that a reward could become")
    return parsed.check_size()


def _tasks(document: Any) -> Fields:
    """The tasks by kind, grouped as in the export of a user or in one list as the API answers them."""
    if isinstance(document, Mapping):
        document = document.get("tasks", document.get("data", document))
    if isinstance(document, list):
        grouped: dict[str, list[Any]] = {}
        for task in document:
            kind = task.get("type") if isinstance(task, Mapping) else None
            grouped.setdefault(f"{kind}s", []).append(task)
        document = grouped
    try:
        tasks = Fields(document)
        found = [tasks.items(name) for name in ("habits", "dailys", "todos")]
    except Unfit:
        raise refused("holds no tasks of Habitica") from None
    if not any(found):
        raise refused("holds no tasks of Habitica")
    return tasks


def _texts(task: Fields) -> dict[str, Any]:
    return {
        "title": values.line(task.text("text"), longest=MAX_TITLE_LENGTH, otherwise="Task"),
        "description": values.body(task.text("notes"), longest=MAX_DESCRIPTION_LENGTH),
    }


# Habits.


def _habit(task: Fields, key: str, where: str, remarks: Remarks) -> ParsedGoal:
    """A good habit is done again and again; one that can only be scored down is what not to do."""
    period = _PERIODS.get(task.text("frequency", "daily"), Period.DAY)
    up, down = task.flag("up", default=True), task.flag("down", default=True)
    if not up and not down:
        raise Unfit("it can be scored neither up nor down")
    texts = _texts(task)
    if not up:
        draft = GoalDraft(pattern=Pattern.LIMIT, schedule=ScheduleDraft(period), limit=Limit("times", 0.0), **texts)
    else:
        draft = GoalDraft(pattern=Pattern.RECURRING, schedule=ScheduleDraft(period), **texts)
    entries = list(_scored(task, where, remarks, is_good=up))
    return ParsedGoal(where, key, draft.title, draft.pattern or Pattern.RECURRING, draft, entries=entries)


def _scored(task: Fields, where: str, remarks: Remarks, *, is_good: bool) -> Iterator[ParsedEntry]:
    for at, point, rose in _history(task, where, remarks):
        key = at.isoformat()
        try:
            ups = point.integer("scoredUp", 1 if rose else 0)
            downs = point.integer("scoredDown", 0 if rose else 1)
        except Unfit as unfit:
            remarks.add(f"{where}.history", unfit.reason)
            continue
        if not is_good:
            if downs > 0:
                yield ParsedEntry(key, ActivityDraft(ActivityType.PROGRESS, occur_time=at, value=float(downs)))
            continue
        for count in range(min(ups, MAX_TIMES)):
            name = key if count == 0 else f"{key}#{count + 1}"
            yield ParsedEntry(name, ActivityDraft(ActivityType.CHECK_IN, occur_time=at, completed=True))
        if downs > 0 and ups <= 0:
            yield ParsedEntry(key, ActivityDraft(ActivityType.CHECK_IN, occur_time=at, completed=False))


# Dailies.


def _daily(task: Fields, key: str, where: str, remarks: Remarks) -> ParsedGoal:
    schedule = _schedule(task)
    start = task.instant("startDate") or task.instant("createdAt")
    draft = GoalDraft(
        pattern=Pattern.RECURRING, schedule=schedule, start_date=start.date() if start else None, **_texts(task)
    )
    if task.items("checklist"):
        remarks.add(f"{where}.checklist", "a daily's checklist begins anew each day, which nothing here does")
    return ParsedGoal(
        where,
        key,
        draft.title,
        Pattern.RECURRING,
        draft,
        is_anchored=bool(schedule.rrule),
        entries=list(_done(task, where, remarks)),
    )


def _done(task: Fields, where: str, remarks: Remarks) -> Iterator[ParsedEntry]:
    for at, point, rose in _history(task, where, remarks):
        try:
            is_done = point.flag("completed", default=rose)
        except Unfit as unfit:
            remarks.add(f"{where}.history", unfit.reason)
            continue
        if is_done:
            yield ParsedEntry(at.isoformat(), ActivityDraft(ActivityType.CHECK_IN, occur_time=at, completed=True))


def _schedule(task: Fields) -> ScheduleDraft:
    every = task.integer("everyX", 1)
    if not 1 <= every <= _MAX_EVERY:
        raise Unfit(f"everyX must be between 1 and {_MAX_EVERY}; 0 is never due")
    match task.text("frequency", "weekly"):
        case "daily":
            return ScheduleDraft(Period.DAY) if every == 1 else _rule("DAILY", every)
        case "weekly":
            return _weekly(task, every)
        case "monthly":
            return _monthly(task, every)
        case "yearly":
            return _rule("YEARLY", every)
        case _:
            raise Unfit("its frequency is not known here")


def _weekly(task: Fields, every: int) -> ScheduleDraft:
    days = _repeat(task)
    if every > 1:
        # Habitica's weeks begin on Sunday.
        return _rule("WEEKLY", every, f"BYDAY={','.join(_NAMES[day] for day in sorted(days))}", "WKST=SU")
    return ScheduleDraft(Period.DAY, weekdays=() if days == _ALL_DAYS else tuple(sorted(days)))


def _monthly(task: Fields, every: int) -> ScheduleDraft:
    if days := _numbers(task, "daysOfMonth", 1, 31):
        return _rule("MONTHLY", every, f"BYMONTHDAY={','.join(map(str, days))}")
    if weeks := _numbers(task, "weeksOfMonth", 0, 4):
        names = [f"{week + 1}{_NAMES[day]}" for week in weeks for day in sorted(_repeat(task))]
        return _rule("MONTHLY", every, f"BYDAY={','.join(names)}")
    return _rule("MONTHLY", every)


def _numbers(task: Fields, name: str, least: int, most: int) -> list[int]:
    given = task.items(name)
    if any(not isinstance(each, int) or isinstance(each, bool) or not least <= each <= most for each in given):
        raise Unfit(f"{name} must be numbers from {least} to {most}")
    return sorted(set(given))


def _repeat(task: Fields) -> frozenset[int]:
    repeat = task.part("repeat")
    if repeat is None:
        return _ALL_DAYS
    days = frozenset(day for name, day in _WEEKDAYS.items() if repeat.flag(name))
    if not days:
        raise Unfit("it is due on no day of the week")
    return days


def _rule(frequency: str, every: int, *more: str) -> ScheduleDraft:
    interval = [f"INTERVAL={every}"] if every > 1 else []
    return ScheduleDraft(Period.DAY, rrule=";".join([f"FREQ={frequency}", *interval, *more]))


# To-dos.


def _todo(task: Fields, key: str, where: str, remarks: Remarks) -> ParsedGoal:
    """A to-do with its checklist as steps, or with itself as the only one."""
    texts, made, due = _texts(task), task.instant("createdAt"), _due(task, where, remarks)
    ended = task.instant("dateCompleted") or task.instant("updatedAt")
    is_done = task.flag("completed")
    steps = _steps(task, where, remarks) or [_Item("the whole", texts["title"], is_done)]
    draft = GoalDraft(
        pattern=Pattern.MILESTONE,
        start_date=made.date() if made else None,
        deadline=due,
        milestones=tuple(MilestoneDraft(title=step.title) for step in steps),
        **texts,
    )
    called = Counter(step.title for step in steps)
    entries = [
        ParsedEntry(
            step.key,
            ActivityDraft(ActivityType.MILESTONE, occur_time=ended),
            step=NamedStep(place, step.title, is_only=called[step.title] == 1),
        )
        for place, step in enumerate(steps)
        if step.is_done or is_done
    ]
    return ParsedGoal(where, key, texts["title"], Pattern.MILESTONE, draft, entries=entries)


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of a checklist; `key` names it in every export, wherever in the list it stands."""

    key: str
    title: str
    is_done: bool


def _steps(task: Fields, where: str, remarks: Remarks) -> list[_Item]:
    """The items of the checklist that become steps."""
    steps: list[_Item] = []
    keys: set[str] = set()
    for document in task.items("checklist"):
        item = Fields(document, "checklist item")
        if len(steps) == MAX_MILESTONES:
            remarks.add(f"{where}.checklist", f"a goal has at most {MAX_MILESTONES} steps")
            continue
        title = values.line(item.text("text"), longest=MAX_TITLE_LENGTH, otherwise="Step")
        key = f"step {item.text('id') or title}"
        while key in keys:
            key += "#"
        keys.add(key)
        steps.append(_Item(key, title, item.flag("completed")))
    return steps


def _due(task: Fields, where: str, remarks: Remarks) -> date | None:
    """The due date, of which Habitica has kept anything that was ever typed."""
    text = task.text("date")
    try:
        return values.instant_in(text).date() if text else None
    except Unfit as unfit:
        remarks.add(f"{where}.date", unfit.reason)
        return None


# Histories.


def _history(task: Fields, where: str, remarks: Remarks) -> Iterator[tuple[datetime, Fields, bool]]:
    """Entries with their instants, and whether the task's value rose with them."""
    before = 0.0
    seen: set[datetime] = set()
    for document in task.items("history"):
        try:
            point = Fields(document, "entry")
            at = _instant(point)
            value = point.number("value", before)
        except Unfit as unfit:
            remarks.add(f"{where}.history", unfit.reason)
            continue
        if at in seen:
            remarks.add(f"{where}.history", "there is an entry of that instant already")
            continue
        seen.add(at)
        yield at, point, value > before
        before = value


def _instant(point: Fields) -> datetime:
    """Milliseconds since 1970, or text in older entries."""
    try:
        return values.instant_of(point.number("date") / 1000)
    except Unfit:
        at = point.instant("date")
    if at is None:
        raise Unfit("has no date")
    return at
