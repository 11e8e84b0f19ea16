"""Deciding what of a file comes in: goals planned by the rules of our own, entries recorded as members' entries are.

Pure: what is there already, the member's calendar, time and ids come in. A dry run and a real one arrange alike.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from chassis.errors import InvalidArgument, TandemError
from services.goals.domain.activity import Activity, ActivityId, Place
from services.goals.domain.care import MAX_VACATIONS, Care, Reminder, Vacation, VacationDraft, plan_vacation
from services.goals.domain.completion import settle
from services.goals.domain.days import Calendar, local_day
from services.goals.domain.goal import (
    MAX_ACTIVE_GOALS,
    Goal,
    GoalId,
    MemberId,
    Milestone,
    PastStep,
    Phase,
    Status,
)
from services.goals.domain.planning import change_calendar, is_dating, plan_goal
from services.goals.domain.transfer.model import (
    Parsed,
    ParsedEntry,
    ParsedGoal,
    ParsedVacation,
    Remarks,
    Skipped,
    Unfit,
)
from services.goals.domain.transfer.recording import folded, recorded, stored_key


@dataclass(frozen=True, slots=True)
class KnownGoal:
    """A goal of the file that is there already.

    Attributes:
        today: The member's civil day on it.
        reached: Its milestones that are done.
        keys: What its activities are known by: keys of files, and their own ids.
    """

    goal: Goal
    today: int
    reached: frozenset[UUID]
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a file arrives.

    Attributes:
        is_adult: Dating goals may come in.
        active_goals: How many the member has.
        known: Goals that are there already, by the keys of the file.
        vacations: The member's own: first day, last day and reason.
    """

    member_id: MemberId
    calendar: Calendar
    today: int
    now: datetime
    is_adult: bool = True
    active_goals: int = 0
    known: Mapping[str, KnownGoal] = field(default_factory=dict)
    vacations: Collection[tuple[int, int, str]] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A goal of the file as it will be, with the activities that come in on it and their keys."""

    key: str
    goal: Goal
    is_new: bool
    care: Care = field(default_factory=Care)
    reminders: tuple[Reminder, ...] = ()
    vacations: tuple[Vacation, ...] = ()
    activities: Sequence[Activity] = ()
    keys: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All that comes in, and what does not."""

    arrivals: Sequence[Arrival]
    vacations: Sequence[Vacation]
    skipped: Sequence[Skipped]

    @property
    def new_goals(self) -> list[Arrival]:
        """Goals that are not there yet."""
        return [each for each in self.arrivals if each.is_new]

    @property
    def activity_count(self) -> int:
        """How many activities come in."""
        return sum(len(each.activities) for each in self.arrivals)


def arrange(parsed: Parsed, ground: Ground, *, new_id: Callable[[], UUID]) -> Arrangement:
    """Plans every goal of the file and records every entry; what breaks a rule is told and stays out."""
    return _Arranging(parsed, ground, new_id).arranged()


class _Arranging:
    """One file on its way in."""

    def __init__(self, parsed: Parsed, ground: Ground, new_id: Callable[[], UUID]) -> None:
        self._parsed, self._ground, self._new_id = parsed, ground, new_id
        self._active_goals = ground.active_goals
        self._remarks = Remarks()
        self._remarks.extend(parsed.remarks)

    def arranged(self) -> Arrangement:
        """All of it."""
        parsed, known = self._parsed, self._ground.known
        ids = iter(self._fresh(len(parsed.goals)))
        arrivals = [
            self._addition(each, known[each.key]) if each.key in known else self._new_goal(each, GoalId(next(ids)))
            for each in parsed.goals
        ]
        for key, added in parsed.additions.items():
            if key in known:
                arrivals.append(self._addition(added, known[key]))
            else:
                self._remarks.add(added.where, "is not there; a table holds no terms, so import the JSON form first")
        vacations = self._member_vacations(parsed.vacations)
        return Arrangement([each for each in arrivals if each], vacations, self._remarks.told())

    def _addition(self, parsed: ParsedGoal, known: KnownGoal) -> Arrival:
        """What is new on a goal that is there already; the goal itself stays as it is."""
        fresh = [entry for entry in parsed.entries if stored_key(entry.key) not in known.keys]
        place = Place(known.goal, known.today, reached=known.reached)
        dated = self._dated(parsed, fresh, known.goal.rule.calendar, known.today)
        activities, keys = self._record(parsed, dated, place, is_new=False)
        return Arrival(parsed.key, known.goal, is_new=False, activities=activities, keys=keys)

    def _new_goal(self, parsed: ParsedGoal, goal_id: GoalId) -> Arrival | None:
        try:
            return self._exact(parsed, parsed.exact, goal_id) if parsed.exact else self._planned(parsed, goal_id)
        except Unfit as unfit:
            self._remarks.add(parsed.where, unfit.reason)
        except InvalidArgument as problem:
            for violation in problem.violations:
                self._remarks.add(parsed.where, f"{violation.field} {violation.message}")
        return None

    def _planned(self, parsed: ParsedGoal, goal_id: GoalId) -> Arrival:
        """A goal of another application."""
        ground, draft = self._ground, parsed.draft
        if draft is None:
            raise Unfit("it says nothing of what it asks for")
        dated = self._dated(parsed, parsed.entries, ground.calendar, ground.today)
        start = _start(parsed, [day for day, _ in dated], ground.today)
        goal = plan_goal(
            replace(draft, start_date=date.fromordinal(start)),
            goal_id=goal_id,
            member_id=ground.member_id,
            calendar=ground.calendar,
            today=ground.today,
            now=ground.now,
            new_id=self._new_id,
        )
        activities, keys = self._record(parsed, dated, Place(goal, ground.today), is_new=True)
        goal = settle(goal, folded(activities), today=ground.today, now=ground.now)
        last = max((each.local_day for each in activities), default=start)
        goal = self._within_quota(_moved(goal, parsed.status, min(last + 1, ground.today), ground.now), parsed.where)
        return Arrival(
            parsed.key,
            goal,
            is_new=True,
            reminders=parsed.reminders,
            vacations=self._vacations(parsed.vacations, goal_id, parsed.where),
            activities=activities,
            keys=keys,
        )

    def _exact(self, parsed: ParsedGoal, written: Goal, goal_id: GoalId) -> Arrival:
        """A goal of our own, with its history as it was."""
        ground = self._ground
        if is_dating(written.category) and not ground.is_adult:
            raise Unfit("dating goals are for adults; the profile must hold a birth year that says so")
        if any((past.step.due_day or 0) > ground.today for past in written.past_steps):
            raise Unfit("past_milestones must have been due")
        goal, care = self._renamed(written, goal_id), self._renamed_care(parsed.care)
        today = max(ground.today, goal.rule.floor)
        dated = self._dated(parsed, parsed.entries, goal.rule.calendar, today)
        activities, keys = self._record(parsed, dated, Place(_opened(goal), today), is_new=True)
        if goal.rule.calendar != ground.calendar:
            last = max((each.local_day for each in activities), default=0)
            goal = change_calendar(
                goal, ground.calendar, is_empty=not activities, today=today, last_logged_day=last, now=ground.now
            )
        goal = self._within_quota(replace(goal, revision=1), parsed.where)
        vacations = self._vacations(parsed.vacations, goal_id, parsed.where)
        return Arrival(
            parsed.key,
            goal,
            is_new=True,
            care=care,
            reminders=parsed.reminders,
            vacations=vacations,
            activities=activities,
            keys=keys,
        )

    # Entries.

    def _dated(
        self, parsed: ParsedGoal, entries: Iterable[ParsedEntry], calendar: Calendar, today: int
    ) -> list[tuple[int, ParsedEntry]]:
        """Entries with their days, in the order of the file; those of days to come stay out."""
        dated: list[tuple[int, ParsedEntry]] = []
        for entry in entries:
            draft = entry.draft
            if draft.local_date is not None:
                day = draft.local_date.toordinal()
            elif draft.occur_time is not None:
                day = local_day(draft.occur_time, calendar)
            else:
                day = today
            if day > today:
                self._remarks.add(parsed.where, "an entry lies in the future")
            else:
                dated.append((day, entry))
        return dated

    def _record(
        self, parsed: ParsedGoal, dated: Sequence[tuple[int, ParsedEntry]], place: Place, *, is_new: bool
    ) -> tuple[list[Activity], list[str]]:
        """Records the entries by the rules of members' own; ids stand in the order of the file."""
        activities: list[Activity] = []
        keys: list[str] = []
        reached = set(place.reached)
        now = self._ground.now
        for activity_id, (day, entry) in zip(self._fresh(len(dated)), dated, strict=True):
            try:
                there = replace(place, reached=reached)
                activity = recorded(entry, day, there, activity_id=ActivityId(activity_id), now=now, is_new=is_new)
            except InvalidArgument as problem:
                first = problem.violations[0]
                self._remarks.add(f"{parsed.where}, entries", f"{first.field} {first.message}")
            except (TandemError, Unfit) as problem:
                self._remarks.add(f"{parsed.where}, entries", str(problem))
            else:
                if activity.milestone_id:
                    reached.add(activity.milestone_id)
                activities.append(activity)
                keys.append(stored_key(entry.key))
        return activities, keys

    # Goals of our own.

    def _renamed(self, goal: Goal, goal_id: GoalId) -> Goal:
        """The goal as its member's and with an id of its own, and nothing known before it can have been."""
        now, latest = self._ground.now, self._ground.today + 1
        return replace(
            goal,
            id=goal_id,
            member_id=self._ground.member_id,
            create_time=min(goal.create_time, now),
            update_time=min(goal.update_time, now),
            rules=tuple(
                replace(rule, known_from=min(rule.known_from, now), floor=min(rule.floor, latest))
                for rule in goal.rules
            ),
            phases=tuple(replace(phase, known_from=min(phase.known_from, now)) for phase in goal.phases),
            milestones=tuple(_known_by(step, now) for step in goal.milestones),
            past_steps=tuple(PastStep(_known_by(each.step, now), min(each.until, now)) for each in goal.past_steps),
        )

    def _renamed_care(self, care: Care) -> Care:
        subgoals = zip(care.subgoals, self._fresh(len(care.subgoals)), strict=True)
        return replace(care, subgoals=tuple(replace(part, id=part_id) for part, part_id in subgoals))

    # Vacations.

    def _vacations(self, parsed: Sequence[ParsedVacation], goal_id: GoalId | None, where: str) -> tuple[Vacation, ...]:
        planned: list[Vacation] = []
        now = self._ground.now
        for each, vacation_id in zip(parsed, self._fresh(len(parsed)), strict=True):
            draft = VacationDraft(each.first, each.last, each.reason)
            at = min(each.create_time or now, now)
            try:
                planned.append(plan_vacation(draft, vacation_id=vacation_id, goal_id=goal_id, now=at))
            except InvalidArgument as problem:
                first = problem.violations[0]
                self._remarks.add(f"{where}, vacations", f"{first.field} {first.message}")
        return tuple(planned)

    def _member_vacations(self, parsed: Sequence[ParsedVacation]) -> tuple[Vacation, ...]:
        """The member's own, but those that are there already."""
        known = self._ground.vacations
        fresh = [each for each in parsed if (each.first.toordinal(), each.last.toordinal(), each.reason) not in known]
        room = MAX_VACATIONS - len(known)
        for _ in fresh[room:]:
            self._remarks.add("vacations", f"there can be at most {MAX_VACATIONS}")
        return self._vacations(fresh[:room], None, "the member")

    def _within_quota(self, goal: Goal, where: str) -> Goal:
        """The goal, paused from today where the member has as many active ones as may be."""
        if goal.status is not Status.ACTIVE:
            return goal
        if self._active_goals < MAX_ACTIVE_GOALS:
            self._active_goals += 1
            return goal
        self._remarks.add(where, f"comes in as paused, because at most {MAX_ACTIVE_GOALS} goals can be active at once")
        return _moved(goal, Status.PAUSED, self._ground.today, self._ground.now)

    def _fresh(self, count: int) -> list[UUID]:
        """New ids in ascending order, so that what is sorted by id keeps the order of the file."""
        return sorted(self._new_id() for _ in range(count))


def _start(parsed: ParsedGoal, days: Sequence[int], today: int) -> int:
    """The first day: as asked for, back to the first entry, and not behind the deadline."""
    draft = parsed.draft
    asked = draft.start_date.toordinal() if draft and draft.start_date else None
    if parsed.is_anchored and asked is not None:
        return asked
    known = [day for day in (asked, min(days, default=None)) if day is not None]
    if draft and draft.deadline:
        known.append(draft.deadline.toordinal())
    return min([*known, today])


def _known_by(step: Milestone, now: datetime) -> Milestone:
    return replace(step, known_from=min(step.known_from, now) if step.known_from else None)


def _opened(goal: Goal) -> Goal:
    """The goal as it was while it took entries: active, and with an amount if it ever had one."""
    amounts = [rule.amount for rule in goal.rules if rule.amount is not None]
    rule = replace(goal.rule, amount=goal.rule.amount or (amounts[-1] if amounts else None))
    return replace(goal, status=Status.ACTIVE, rules=(*goal.rules, rule))


def _moved(goal: Goal, status: Status, day: int, now: datetime) -> Goal:
    """The goal with this status from `day` on; one that is completed can only be archived."""
    if status is Status.ACTIVE or (goal.status is Status.COMPLETED and status is not Status.ARCHIVED):
        return goal
    from_day = max(day, goal.phases[-1].effective_from)
    return replace(goal, status=status, phases=(*goal.phases, Phase(from_day, now, status, goal.deadline)))
