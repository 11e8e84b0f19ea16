"""Goals' numbers: one call to the goals service with the member's own passport."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol
from uuid import UUID

from google.type import date_pb2

from chassis.errors import TandemError, Unavailable
from chassis.ids import read_id
from chassis.rpc.client import Caller
from services.coach.domain.facts import CompletedFact, EntryFact, GoalFact, LoggedDay, Overview
from services.coach.domain.open_unit import Need, OpenUnit, need_of, unit_at
from tandem.goals.v1 import activity_pb2, goal_pb2, goals_service_pb2, goals_service_pb2_grpc, progress_pb2, report_pb2

# As many entries as one call may bring, for notes and moods; two weeks of three daily habits.
RECENT_ENTRIES = 50
# A context shows two weeks of each goal, however many entries those hold.
LOGGED_DAYS = 14
# Goals reached over the last 30 days.
RECENTLY_COMPLETED = 10
# A reply does without numbers rather than wait for them.
TIMEOUT_S = 1.5


def _words(names: Iterable[tuple[str, int]], prefix: str) -> dict[int, str]:
    """The words of an enum by their numbers; unspecified is empty, as is what is not known here."""
    return {number: name.removeprefix(prefix).lower() if number else "" for name, number in names}


_TYPES = _words(activity_pb2.ActivityType.items(), "ACTIVITY_TYPE_")
_PATTERNS = _words(goal_pb2.Pattern.items(), "PATTERN_")
_STATES = _words(goal_pb2.ProgressState.items(), "PROGRESS_STATE_")
_PERIODS = _words(goal_pb2.Period.items(), "PERIOD_")
_OF_CHECK_INS = (goal_pb2.PATTERN_RECURRING, goal_pb2.PATTERN_STREAK)


class Goals(Protocol):
    """Where a member's numbers come from."""

    async def overview(self, member_id: UUID) -> Overview:
        """The numbers of the member at hand; never inside a transaction.

        Raises:
            TandemError: They cannot be read now.
        """
        ...


class GoalsClient:
    """Asks the goals service."""

    def __init__(self, caller: "Caller[goals_service_pb2_grpc.GoalsServiceAsyncStub]") -> None:
        self._caller = caller

    async def overview(self, member_id: UUID) -> Overview:
        """The numbers of the member at hand."""
        request = goals_service_pb2.GetOverviewRequest(
            recent_activity_count=RECENT_ENTRIES,
            completed_goal_count=RECENTLY_COMPLETED,
            logged_day_count=LOGGED_DAYS,
            brief_activities=True,
        )
        answer = await self._caller(self._caller.stub.GetOverview, request, timeout_s=TIMEOUT_S)
        return overview_from(answer, member_id)


class FakeGoals:
    """Answers with what it was given; raises when that is a failure."""

    def __init__(self, answer: Overview | TandemError | None = None) -> None:
        self.answer = answer
        self.calls: list[UUID] = []

    async def overview(self, member_id: UUID) -> Overview:
        """The given overview."""
        self.calls.append(member_id)
        if isinstance(self.answer, TandemError):
            raise self.answer
        if self.answer is None:
            raise Unavailable("No goals service stands behind this fake.")
        return self.answer


def overview_from(answer: goals_service_pb2.Overview, member_id: UUID) -> Overview:
    """The facts of an answer. Goals keep the owner that the answer names; entries belong to their goal's owner."""
    today = _date(answer.today)
    if today is None:
        raise Unavailable("The goals service answered without a day.")
    owners = {item.goal.goal_id: read_id(item.goal.member_id) for item in answer.goals}
    entries = entries_from(answer.recent_activities, owners, member_id)
    reaches_back_to, of_goals, due = _reaches_back_to(entries), by_goal(entries), frozenset(answer.due_today_goal_ids)
    return Overview(
        today=today,
        goals=tuple([_of_overview(item, of_goals, reaches_back_to, due, today=today) for item in answer.goals]),
        entries=entries,
        reaches_back_to=reaches_back_to,
        logged_from=_date(answer.logged_from_date),
        rate_7d=answer.completion_rate_7d if answer.HasField("completion_rate_7d") else None,
        rate_30d=answer.completion_rate_30d if answer.HasField("completion_rate_30d") else None,
        completed=tuple(_completed(goal) for goal in answer.completed_goals),
    )


def _reaches_back_to(entries: Sequence[EntryFact]) -> date:
    """The first day of which all entries were read. With fewer than asked for, there are no others."""
    if len(entries) < RECENT_ENTRIES:
        return date.min
    # Of the oldest day there may be more that did not fit in.
    return min(entry.local_date for entry in entries) + timedelta(days=1)


def _of_overview(
    item: goals_service_pb2.OverviewGoal,
    of_goals: Mapping[UUID, Sequence[EntryFact]],
    reaches_back_to: date,
    due: Collection[str],
    *,
    today: date,
) -> GoalFact:
    """The facts of a goal, with the day of its latest entry even where that is older than all that were read."""
    logged = tuple([_logged(each) for each in item.logged_days])
    is_due, last_on = item.goal.goal_id in due, _date(item.last_entry_date)
    return _goal(item, of_goals, reaches_back_to, today=today, due=is_due, last_on=last_on, logged=logged)


def _logged(found: goals_service_pb2.LoggedDay) -> LoggedDay:
    day = _date(found.date)
    if day is None:
        raise Unavailable("The goals service answered with what was logged without a day.")
    value = found.value if found.HasField("value") else None
    return LoggedDay(day, kept=found.kept, slipped=found.slipped, skipped=found.skipped, value=value)


def _completed(goal: goals_service_pb2.CompletedGoal) -> CompletedFact:
    completed_on = _date(goal.completed_on)
    if completed_on is None:
        raise Unavailable("The goals service answered with a completed goal without a day.")
    return CompletedFact(read_id(goal.goal_id), read_id(goal.member_id), goal.title, completed_on)


def fact_from(item: report_pb2.ReportedGoal, of_goals: Mapping[UUID, Sequence[EntryFact]], *, today: date) -> GoalFact:
    """The facts of a goal in a report; of the week that holds today nothing is told by it."""
    return _goal(item, of_goals, date.max, today=today, due=item.goal.progress_summary.due_today)


def _goal(
    item: goals_service_pb2.OverviewGoal | report_pb2.ReportedGoal,
    of_goals: Mapping[UUID, Sequence[EntryFact]],
    reaches_back_to: date,
    *,
    today: date,
    due: bool,
    last_on: date | None = None,
    logged: tuple[LoggedDay, ...] = (),
) -> GoalFact:
    goal, progress = item.goal, item.progress
    goal_id = read_id(goal.goal_id)
    is_limit = goal.pattern == goal_pb2.PATTERN_LIMIT
    own = of_goals.get(goal_id, ())
    week = unit_at("week", today, week_first=_date(progress.start_date))
    word = _unit_word(goal)
    unit = unit_at(word, today, week_first=week.first if week else None)
    need = _need(goal, unit, _days_kept(unit, own, reaches_back_to), today=today, is_due=due)
    days_this_week = _days_kept(week, own, reaches_back_to)
    return GoalFact(
        goal_id=goal_id,
        owner_id=read_id(goal.member_id),
        title=goal.title,
        pattern=_PATTERNS.get(goal.pattern, ""),
        category=goal.category,
        state=_STATES.get(progress.state, ""),
        deadline=_date(goal.deadline),
        times=goal.schedule.times or None,
        period=_PERIODS.get(goal.schedule.period, ""),
        percent=progress.percent if progress.HasField("percent") else None,
        adherence=progress.adherence if progress.HasField("adherence") else None,
        streak=progress.streak.current,
        longest_streak=progress.streak.longest,
        week_done=progress.done,
        week_due=progress.due,
        week_logged=None if days_this_week is None else len(set(days_this_week)),
        # No entry is of a day before its goal's first.
        is_read_whole=(_date(goal.start_date) or date.min) >= reaches_back_to,
        unit=word,
        needed=need.check_ins if need else None,
        is_out_of_reach=need is not None and need.is_out_of_reach,
        open_until=unit.last if unit else None,
        next_from=unit.next_first if unit else None,
        safe_days=progress.pace.safe_days if progress.pace.HasField("safe_days") else None,
        weak_weekday=_weak_weekday(progress),
        due_today=due,
        done_today=goal.progress_summary.done_today,
        last_logged_on=max([*([last_on] if last_on else []), *(entry.local_date for entry in own)], default=None),
        last_kept_on=max((entry.local_date for entry in own if entry.is_kept), default=None),
        left=progress.pace.delta if is_limit and progress.pace.HasField("delta") else None,
        slipped_on=_slipped_on(goal, own) if is_limit else None,
        create_time=goal.create_time.ToDatetime().astimezone() if goal.HasField("create_time") else None,
        habits=tuple(habit.title for habit in goal.habits),
        logged=logged,
        **_measured(goal, progress),
    )


def _measured(goal: goal_pb2.Goal, progress: progress_pb2.Progress) -> dict[str, Any]:
    """The figures that only some patterns have."""
    current = progress.pace.actual if progress.pace.HasField("actual") else None
    if goal.pattern == goal_pb2.PATTERN_TARGET:
        target = goal.target
        return {"unit_of_value": target.unit, "target_value": target.target_value, "current_value": current}
    if goal.pattern == goal_pb2.PATTERN_LIMIT:
        return {"unit_of_value": goal.limit.unit, "limit_value": goal.limit.max_value, "current_value": current}
    if goal.pattern == goal_pb2.PATTERN_MILESTONE:
        left = [step.title for step in goal.milestones if not step.HasField("done_time")]
        total = len(goal.milestones)
        return {"steps_done": total - len(left), "steps_total": total, "next_step": left[0] if left else ""}
    return {}


def _unit_word(goal: goal_pb2.Goal) -> str:
    """What the goals service counts a streak of this goal in."""
    if goal.pattern == goal_pb2.PATTERN_TARGET:
        return ""
    if goal.pattern == goal_pb2.PATTERN_MILESTONE:
        return "step"
    if goal.schedule.window == goal_pb2.WINDOW_ROLLING:
        return "day"
    return _PERIODS.get(goal.schedule.period, "") or "day"


def _need(
    goal: goal_pb2.Goal, unit: OpenUnit | None, kept: Sequence[date] | None, *, today: date, is_due: bool
) -> Need | None:
    """None also where more than check-ins is counted."""
    is_counted = goal.pattern in _OF_CHECK_INS and not goal.HasField("amount")
    if unit is None or kept is None or not is_counted or goal.schedule.window == goal_pb2.WINDOW_ROLLING:
        return None
    return need_of(unit, kept, times=goal.schedule.times or 1, today=today, is_due=is_due)


def _days_kept(unit: OpenUnit | None, own: Sequence[EntryFact], reaches_back_to: date) -> list[date] | None:
    """The days of its kept check-ins; None where the entries do not reach back to its start."""
    if unit is None or reaches_back_to > unit.first:
        return None
    return [entry.local_date for entry in own if entry.completed and unit.first <= entry.local_date <= unit.last]


def _slipped_on(goal: goal_pb2.Goal, own: Sequence[EntryFact]) -> date | None:
    """The newest day that went beyond the limit by itself: said so, or with more than a whole unit may hold."""
    totals: defaultdict[date, float] = defaultdict(float)
    for entry in own:
        totals[entry.local_date] += entry.value or 0.0
    beyond = {day for day, total in totals.items() if total > goal.limit.max_value}
    beyond |= {entry.local_date for entry in own if entry.completed is False}
    return max(beyond, default=None)


def _weak_weekday(progress: progress_pb2.Progress) -> int | None:
    weekdays = [int(fact.numbers["weekday"]) for fact in progress.facts if fact.kind == "worst_weekday"]
    return weekdays[0] if weekdays else None


def entries_from(
    found: Sequence[activity_pb2.Activity], owners: Mapping[str, UUID], member_id: UUID
) -> tuple[EntryFact, ...]:
    """The facts of entries; their goals are theirs whom `owners` names, else the member's.

    They come by fifty with every message: the id of a goal is read once, and words of an enum come from a table.
    """
    goal_ids = {text: read_id(text) for text in {each.goal_id for each in found}}
    return tuple([_entry(each, goal_ids[each.goal_id], owners.get(each.goal_id, member_id)) for each in found])


def by_goal(entries: Iterable[EntryFact]) -> Mapping[UUID, Sequence[EntryFact]]:
    """The entries of each goal that has any, in their order."""
    found: defaultdict[UUID, list[EntryFact]] = defaultdict(list)
    for entry in entries:
        found[entry.goal_id].append(entry)
    return found


def _entry(found: activity_pb2.Activity, goal_id: UUID, owner_id: UUID) -> EntryFact:
    local_date = _date(found.local_date)
    if local_date is None:
        raise Unavailable("The goals service answered with an entry without a day.")
    return EntryFact(
        read_id(found.activity_id),
        owner_id,
        goal_id,
        _TYPES.get(found.type, ""),
        local_date,
        found.completed if found.HasField("completed") else None,
        found.value if found.HasField("value") else None,
        found.note,
        found.mood or None,
    )


def _date(value: date_pb2.Date) -> date | None:
    year, month, day = value.year, value.month, value.day
    return date(year, month, day) if year and month and day else None
