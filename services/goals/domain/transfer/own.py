"""Our own export, read back: goals with their whole history as JSON, or activities as CSV.

The file may have been edited, so everything in it keeps the rules that a member's own entries keep, and dates of
knowing never lie ahead. Steps and habits keep their ids, so that entries name the same ones wherever they come in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from chassis.errors import InvalidArgument
from services.goals.domain.activity import MAX_TAGS, ActivityDraft, ActivityType, Context
from services.goals.domain.care import (
    Care,
    Habit,
    HabitDraft,
    Plan,
    PlannedHabit,
    PlannedSubgoal,
    Reminder,
    Subgoal,
    SubgoalStatus,
    add_habit,
    plan_reminders,
)
from services.goals.domain.fields import Checks
from services.goals.domain.goal import (
    MAX_CATEGORY_LENGTH,
    MAX_DESCRIPTION_LENGTH,
    MAX_MILESTONES,
    MAX_PAST_STEPS,
    MAX_TITLE_LENGTH,
    Goal,
    GoalId,
    MemberId,
    Milestone,
    PastStep,
    Pattern,
    Status,
)
from services.goals.domain.terms import MilestoneDraft, plan_milestone, plan_milestones
from services.goals.domain.transfer import own_csv, own_rules, values
from services.goals.domain.transfer.containers import read_json
from services.goals.domain.transfer.documents import FORMAT, VERSION
from services.goals.domain.transfer.model import (
    Parsed,
    ParsedEntry,
    ParsedGoal,
    ParsedVacation,
    Remarks,
    Unfit,
    refused,
)
from services.goals.domain.transfer.values import Fields

_NOBODY: Final = MemberId(UUID(int=0))
_MAX_PARTS: Final = 50
_MAX_VACATIONS: Final = 100
_LONGEST: Final = 2_000
_SOURCES: Final = frozenset({"anthropic", "gemini", "offline"})


def parse(content: bytes) -> Parsed:
    """What is in the file, whichever form it has.

    Raises:
        InvalidArgument: It is no export of ours, or of a version that is not known yet.
    """
    head = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return (_parse_json(content) if head in (b"{", b"[") else own_csv.parse(content)).check_size()


def _parse_json(content: bytes) -> Parsed:
    document = read_json(content)
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise refused(f"is no export of ours: its format is not {FORMAT}")
    if document.get("version") != VERSION:
        raise refused("has a version that is not known here")
    parsed, seen = Parsed(), set[str]()
    try:
        goals = Fields(document).items("goals")
        parsed.vacations.extend(_vacations(Fields(document), "vacations", parsed.remarks))
    except Unfit as unfit:
        raise refused(unfit.reason) from None
    for index, each in enumerate(goals):
        where = f"goals[{index}]"
        try:
            goal = _goal(Fields(each, "goal"), where, parsed.remarks)
            if goal.key in seen:
                raise Unfit("is there twice")
        except Unfit as unfit:
            parsed.remarks.add(where, unfit.reason)
        except InvalidArgument as problem:
            for violation in problem.violations:
                parsed.remarks.add(f"{where}.{violation.field}", violation.message)
        else:
            seen.add(goal.key)
            parsed.goals.append(goal)
    return parsed


def _goal(fields: Fields, where: str, remarks: Remarks) -> ParsedGoal:
    pattern, status = fields.word("pattern", Pattern), fields.word("status", Status)
    start = own_rules.required_day(fields, "start_date").toordinal()
    checks = Checks()
    title = checks.line("title", fields.text("title"), longest=MAX_TITLE_LENGTH, required=True)
    description = checks.body("description", fields.text("description"), longest=MAX_DESCRIPTION_LENGTH)
    category = checks.line("category", fields.text("category"), longest=MAX_CATEGORY_LENGTH)
    steps, past = _milestones(fields, pattern, checks), _past_steps(fields, pattern, checks)
    rules = own_rules.rules(fields, pattern, checks)
    checks.finish()
    phases = own_rules.phases(fields, status)
    deadline, ended = _ordinal(fields.day("deadline")), _ordinal(fields.day("completed_on"))
    if phases[-1].deadline != deadline or (deadline is not None and deadline < start):
        raise Unfit("deadline must be that of the last phase, and not before start_date")
    if (status is Status.COMPLETED and ended is None) or (ended and status in (Status.ACTIVE, Status.PAUSED)):
        raise Unfit("completed_on goes with a goal that was completed")
    goal = Goal(
        id=GoalId(_id(fields)),
        member_id=_NOBODY,
        title=title,
        description=description,
        pattern=pattern,
        status=status,
        category=category,
        start_day=start,
        deadline=deadline,
        completed_day=ended,
        rules=rules,
        phases=phases,
        create_time=own_rules.required_instant(fields, "create_time"),
        update_time=own_rules.required_instant(fields, "update_time"),
        revision=1,
        milestones=steps,
        past_steps=past,
    )
    care = _care(fields)
    _check_distinct("milestones", steps)
    _check_distinct("habits", care.habits)
    return ParsedGoal(
        where,
        str(goal.id),
        title,
        pattern,
        exact=goal,
        care=care,
        reminders=_reminders(fields),
        vacations=tuple(_vacations(fields, f"{where}.vacations", remarks)),
        entries=_entries(fields, where, remarks),
    )


def _check_distinct(name: str, parts: Sequence[Milestone | Habit]) -> None:
    if len({part.id for part in parts}) < len(parts):
        raise Unfit(f"{name} must not have an id twice")


def _milestones(fields: Fields, pattern: Pattern, checks: Checks) -> tuple[Milestone, ...]:
    documents = [Fields(each, "milestone") for each in fields.items("milestones")[: MAX_MILESTONES + 1]]
    if pattern is not Pattern.MILESTONE:
        if documents:
            raise Unfit(f"milestones do not belong to a {pattern} goal")
        return ()
    ids = iter([_id(each) for each in documents])
    drafts = [
        MilestoneDraft(None, each.text("title"), each.number("weight", 1.0), each.day("due_date")) for each in documents
    ]
    # A start that was moved later leaves steps behind it, so their days are not held against it.
    steps = plan_milestones(drafts, present=(), start=0, new_id=lambda: next(ids), checks=checks)
    known = zip(steps, documents, strict=False)
    return tuple(replace(step, known_from=document.instant("known_from")) for step, document in known)


def _past_steps(fields: Fields, pattern: Pattern, checks: Checks) -> tuple[PastStep, ...]:
    """Steps as they were before they were moved or dropped behind their due days."""
    found = fields.items("past_milestones")
    if found and (pattern is not Pattern.MILESTONE or len(found) > MAX_PAST_STEPS):
        raise Unfit(f"past_milestones are of a milestone goal, and at most {MAX_PAST_STEPS}")
    return tuple(
        _past_step(Fields(each, "past milestone"), f"past_milestones[{index}]", checks)
        for index, each in enumerate(found)
    )


def _past_step(fields: Fields, field: str, checks: Checks) -> PastStep:
    draft = MilestoneDraft(
        None, fields.text("title"), fields.number("weight", 1.0), own_rules.required_day(fields, "due_date")
    )
    step = plan_milestone(draft, _id(fields), start=0, field=field, checks=checks)
    return PastStep(replace(step, known_from=fields.instant("known_from")), own_rules.required_instant(fields, "until"))


def _care(fields: Fields) -> Care:
    care = Care()
    for each in fields.items("habits")[:_MAX_PARTS]:
        habit = Fields(each, "habit")
        draft = HabitDraft(
            habit.text("title"),
            own_rules.schedule_draft(habit.part("schedule")),
            habit.integer("minutes", 0),
            habit.text("if_then"),
        )
        care = add_habit(care, draft, habit_id=_id(habit))
    subgoals = tuple(_subgoal(Fields(each, "subgoal")) for each in fields.items("subgoals")[:_MAX_PARTS])
    plan = fields.part("plan")
    return Care(care.habits, subgoals, _plan(plan) if plan else None)


def _subgoal(fields: Fields) -> Subgoal:
    checks = Checks()
    title = checks.line("subgoals.title", fields.text("title"), longest=MAX_TITLE_LENGTH, required=True)
    checks.finish()
    return Subgoal(_id(fields), title, _ordinal(fields.day("due_date")), fields.word("status", SubgoalStatus))


def _plan(fields: Fields) -> Plan:
    source = fields.text("source")
    if source not in _SOURCES:
        raise Unfit("plan.source is none of ours")
    return Plan(
        source,
        values.body(fields.text("summary"), longest=_LONGEST),
        tuple(_planned_subgoal(Fields(each, "subgoal")) for each in fields.items("subgoals")[:_MAX_PARTS]),
        tuple(_planned_habit(Fields(each, "habit")) for each in fields.items("habits")[:_MAX_PARTS]),
        fields.flag("fits"),
        tuple(values.body(each, longest=_LONGEST) for each in _texts(fields, "warnings")[:_MAX_PARTS]),
        own_rules.required_instant(fields, "generated_at"),
    )


def _planned_subgoal(fields: Fields) -> PlannedSubgoal:
    title = values.line(fields.text("title"), longest=MAX_TITLE_LENGTH, otherwise="Part")
    return PlannedSubgoal(title, _ordinal(fields.day("due_date")))


def _planned_habit(fields: Fields) -> PlannedHabit:
    checks = Checks()
    title = values.line(fields.text("title"), longest=MAX_TITLE_LENGTH, otherwise="Habit")
    schedule = own_rules.schedule(fields.part("schedule"), checks)
    checks.finish()
    if_then = values.line(fields.text("if_then"), longest=500)
    return PlannedHabit(title, schedule, fields.integer("minutes", 0), if_then)


def _reminders(fields: Fields) -> tuple[Reminder, ...]:
    asked = []
    for each in fields.items("reminders")[:_MAX_PARTS]:
        reminder = Fields(each, "reminder")
        hour, _, minute = reminder.text("time").partition(":")
        if not (hour.isdigit() and minute.isdigit() and len(hour) == len(minute) == 2):
            raise Unfit("reminder.time must be a time of the day")
        asked.append(Reminder(int(hour) * 60 + int(minute), own_rules.weekdays(reminder)))
    return plan_reminders(asked)


def _vacations(fields: Fields, where: str, remarks: Remarks) -> list[ParsedVacation]:
    found: list[ParsedVacation] = []
    for each in fields.items("vacations"):
        if len(found) == _MAX_VACATIONS:
            remarks.add(where, f"there can be at most {_MAX_VACATIONS}")
            continue
        try:
            vacation = Fields(each, "vacation")
            first, last = own_rules.required_day(vacation, "from"), own_rules.required_day(vacation, "to")
            found.append(ParsedVacation(first, last, vacation.text("reason"), vacation.instant("create_time")))
        except Unfit as unfit:
            remarks.add(where, unfit.reason)
    return found


# Activities.


def _entries(fields: Fields, where: str, remarks: Remarks) -> list[ParsedEntry]:
    entries: list[ParsedEntry] = []
    seen: set[str] = set()
    for index, each in enumerate(fields.items("activities")):
        try:
            entry = _entry(Fields(each, "activity"))
            if entry.key in seen:
                raise Unfit("is there twice")
        except Unfit as unfit:
            remarks.add(f"{where}.activities[{index}]", unfit.reason)
        else:
            seen.add(entry.key)
            entries.append(entry)
    return entries


def _entry(fields: Fields) -> ParsedEntry:
    context = fields.part("context")
    return own_rules.parsed_entry(
        str(_id(fields)),
        ActivityDraft(
            fields.word("type", ActivityType),
            own_rules.required_day(fields, "local_date"),
            own_rules.required_instant(fields, "occurred_at"),
            fields.flag("completed") if fields.has("completed") else None,
            fields.number("value") if fields.has("value") else None,
            fields.text("note"),
            fields.integer("mood", 0),
            _context(context) if context else None,
            own_rules.optional_uuid(fields.text("milestone_id")),
            own_rules.optional_uuid(fields.text("habit_id")),
        ),
        timezone=fields.text("timezone"),
        known=(fields.instant("create_time"), fields.instant("update_time")),
    )


def _context(fields: Fields) -> Context:
    tags = _texts(fields, "tags")
    if len(tags) > MAX_TAGS:
        raise Unfit(f"context.tags must have at most {MAX_TAGS} tags")
    return Context(fields.text("location"), fields.integer("energy", 0), fields.flag("with_wingman"), tuple(tags))


# Single values.


def _texts(fields: Fields, name: str) -> list[str]:
    found = fields.items(name)
    if any(not isinstance(each, str) for each in found):
        raise Unfit(f"{name} must be texts")
    return list(found)


def _id(fields: Fields) -> UUID:
    return own_rules.uuid(fields.text("id"))


def _ordinal(day: date | None) -> int | None:
    return day.toordinal() if day else None
