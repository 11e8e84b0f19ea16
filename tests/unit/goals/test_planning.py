"""Making, changing and moving goals."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from chassis.errors import InvalidArgument
from services.goals import errors
from services.goals.domain.days import Calendar, Period
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Amount, Chain, Excused, Goal, Limit, Pattern, Policy, Status, Target
from services.goals.domain.planning import (
    GoalDraft,
    archive_goal,
    change_calendar,
    check_adult,
    check_etag,
    check_quota,
    first_unit_on_or_after,
    move,
    plan_goal,
    update_goal,
)
from services.goals.domain.schedule import Schedule, ScheduleDraft, Window
from services.goals.domain.terms import MilestoneDraft
from tests.unit.goals.history import GOAL, MEMBER, NOW, a_goal, day, days_done, logged, outcomes

TODAY = day("2026-03-20")
LATER = NOW + timedelta(hours=1)
YESTERDAY = date.fromordinal(TODAY - 1)

TARGET = {"pattern": Pattern.TARGET, "target": Target("kg", 90, 80)}
LIMIT = {"pattern": Pattern.LIMIT, "limit": Limit("cups", 2)}
STREAK = {"pattern": Pattern.STREAK, "chain": Chain(30)}
MILESTONES = {"pattern": Pattern.MILESTONE, "milestones": (MilestoneDraft(title="Outline"),)}


def planned(**fields: object) -> Goal:
    draft = GoalDraft(**{"title": "Run", "pattern": Pattern.RECURRING} | fields)  # type: ignore[arg-type]
    return plan_goal(draft, goal_id=GOAL, member_id=MEMBER, calendar=Calendar(), today=TODAY, now=NOW, new_id=uuid4)


def updated(goal: Goal, entries: Entries | None = None, *, today: int = TODAY, **fields: object) -> Goal:
    draft = GoalDraft(**fields)  # type: ignore[arg-type]
    return update_goal(goal, draft, set(fields), entries=entries or Entries(), today=today, now=LATER, new_id=uuid4)


def fields_of(problem: pytest.ExceptionInfo[InvalidArgument]) -> list[str]:
    return [violation.field for violation in problem.value.violations]


def test_a_goal_gets_its_defaults() -> None:
    goal = planned()

    assert goal.rule.schedule == Schedule()
    assert goal.rule.policy == Policy()
    assert (goal.start_day, goal.status, goal.deadline) == (TODAY, Status.ACTIVE, None)


def test_a_schedule_left_out_is_read_from_the_title() -> None:
    assert planned(title="Run 3x per week").rule.schedule == Schedule(Period.WEEK, 3)


def test_a_partial_schedule_takes_defaults_and_not_the_title() -> None:
    goal = planned(title="Run 3x per week", schedule=ScheduleDraft(times=2))

    assert goal.rule.schedule == Schedule(Period.DAY, 2)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"title": ""}, "title"),
        ({"title": "  "}, "title"),
        ({"title": " \u200b\u2060\ufeff"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"title": "evil\u202etxt"}, "title"),
        ({"description": "x" * 10_001}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"category": "x" * 51}, "category"),
        ({"pattern": None}, "pattern"),
        ({"start_date": date(1899, 12, 31)}, "start_date"),
        ({"deadline": date(2201, 1, 1)}, "deadline"),
        ({"deadline": date(2026, 3, 19)}, "deadline"),
        ({"schedule": ScheduleDraft(times=0)}, "schedule.times"),
        ({"schedule": ScheduleDraft(times=101)}, "schedule.times"),
        ({"schedule": ScheduleDraft(Period.WEEK, 8)}, "schedule.times"),
        ({"schedule": ScheduleDraft(Period.WEEK, 3, (1, 2))}, "schedule.times"),
        ({"schedule": ScheduleDraft(Period.MONTH, 32)}, "schedule.times"),
        ({"schedule": ScheduleDraft(Period.QUARTER, 15, (7,))}, "schedule.times"),
        ({"schedule": ScheduleDraft(Period.YEAR, 54, (7,))}, "schedule.times"),
        ({"schedule": ScheduleDraft(weekdays=(0,))}, "schedule.weekdays"),
        ({"schedule": ScheduleDraft(weekdays=(1, 1))}, "schedule.weekdays"),
        ({"schedule": ScheduleDraft(window_days=7)}, "schedule.window_days"),
        ({"schedule": ScheduleDraft(window=Window.ROLLING, window_days=0)}, "schedule.window_days"),
        ({"schedule": ScheduleDraft(window=Window.ROLLING, window_days=367)}, "schedule.window_days"),
        ({"schedule": ScheduleDraft(window=Window.ROLLING)}, "schedule.window_days"),
        ({"schedule": ScheduleDraft(times=8, window=Window.ROLLING, window_days=7)}, "schedule.times"),
        ({"schedule": ScheduleDraft(Period.WEEK, 2, (1, 2), window=Window.ROLLING)}, "schedule.weekdays"),
        ({"schedule": ScheduleDraft(rrule="FREQ=DAILY", window=Window.ROLLING, window_days=7)}, "schedule.rrule"),
        ({"schedule": ScheduleDraft(rrule="DAILY")}, "schedule.rrule"),
        ({"schedule": ScheduleDraft(rrule="FREQ=SECONDLY")}, "schedule.rrule"),
        ({"schedule": ScheduleDraft(rrule="FREQ=DAILY;INTERVAL=0")}, "schedule.rrule"),
        ({"schedule": ScheduleDraft(rrule="FREQ=DAILY;FREQ=WEEKLY")}, "schedule.rrule"),
        ({"schedule": ScheduleDraft(rrule="FREQ=WEEKLY;BYHOUR=3")}, "schedule.rrule"),
        ({"schedule": ScheduleDraft(rrule="FREQ=WEEKLY;BYDAY=XX")}, "schedule.rrule"),
        ({"schedule": ScheduleDraft(rrule="FREQ=DAILY;COUNT=2;UNTIL=20270101")}, "schedule.rrule"),
        ({"schedule": ScheduleDraft(Period.WEEK, rrule="FREQ=DAILY")}, "schedule.period"),
        ({"schedule": ScheduleDraft(weekdays=(1,), rrule="FREQ=DAILY")}, "schedule.weekdays"),
        ({"schedule": ScheduleDraft(rrule="FREQ=DAILY\nEXDATE:20260230")}, "schedule.rrule"),
        ({"schedule": ScheduleDraft(rrule="FREQ=DAILY;UNTIL=20260319")}, "schedule.rrule"),
        ({"schedule": ScheduleDraft(rrule="FREQ=DAILY;UNTIL=20260319\nRDATE:20260318")}, "schedule.rrule"),
        (
            {"start_date": date(2026, 4, 2), "schedule": ScheduleDraft(rrule="FREQ=DAILY;UNTIL=20260401")},
            "schedule.rrule",
        ),
        ({**LIMIT, "schedule": ScheduleDraft(rrule="FREQ=DAILY;UNTIL=20260319")}, "schedule.rrule"),
        ({"amount": Amount("", 1)}, "amount.unit"),
        ({"amount": Amount("km", 0)}, "amount.min_value"),
        ({"amount": Amount("km", 1e-10)}, "amount.min_value"),
        ({"amount": Amount("km", float("nan"))}, "amount.min_value"),
        ({"amount": Amount("km", 1.1e12)}, "amount.min_value"),
    ],
)
def test_a_broken_rule_names_its_field(fields: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidArgument) as problem:
        planned(**fields)

    assert named in fields_of(problem)


def test_all_broken_rules_are_named_at_once() -> None:
    with pytest.raises(InvalidArgument) as problem:
        planned(title="", deadline=date(2000, 1, 1), schedule=ScheduleDraft(times=0))

    assert fields_of(problem) == ["title", "deadline", "schedule.times"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"pattern": Pattern.TARGET}, "target"),
        ({"pattern": Pattern.LIMIT}, "limit"),
        ({"pattern": Pattern.STREAK}, "streak.target_length"),
        ({"pattern": Pattern.MILESTONE}, "milestones"),
        ({"target": Target("kg", 90, 80)}, "target"),
        ({"limit": Limit("cups", 2)}, "limit"),
        ({"chain": Chain(30)}, "streak"),
        ({"milestones": (MilestoneDraft(title="Outline"),)}, "milestones"),
        ({**TARGET, "schedule": ScheduleDraft()}, "schedule"),
        ({**MILESTONES, "schedule": ScheduleDraft()}, "schedule"),
        ({**LIMIT, "amount": Amount("km", 5)}, "amount"),
        ({**TARGET, "amount": Amount("km", 5)}, "amount"),
        ({**MILESTONES, "amount": Amount("km", 5)}, "amount"),
        ({"pattern": Pattern.TARGET, "target": Target("kg", 90, 90)}, "target.target_value"),
        ({"pattern": Pattern.TARGET, "target": Target("", 90, 80)}, "target.unit"),
        ({"pattern": Pattern.TARGET, "target": Target("kg", float("nan"), 80)}, "target.start_value"),
        ({"pattern": Pattern.TARGET, "target": Target("kg", 90, 1e13)}, "target.target_value"),
        ({"pattern": Pattern.LIMIT, "limit": Limit("cups", -1)}, "limit.max_value"),
        ({"pattern": Pattern.LIMIT, "limit": Limit("cups", float("inf"))}, "limit.max_value"),
        ({"pattern": Pattern.LIMIT, "limit": Limit("\n", 1)}, "limit.unit"),
        ({**LIMIT, "schedule": ScheduleDraft(Period.WEEK, 2)}, "schedule.times"),
        ({**LIMIT, "schedule": ScheduleDraft(Period.WEEK, window=Window.ROLLING)}, "schedule.window"),
        ({"pattern": Pattern.STREAK, "chain": Chain(0)}, "streak.target_length"),
        ({"pattern": Pattern.STREAK, "chain": Chain(36_501)}, "streak.target_length"),
        ({"pattern": Pattern.STREAK, "chain": Chain(30, -1)}, "streak.freezes_per_month"),
        ({"pattern": Pattern.STREAK, "chain": Chain(30, 32)}, "streak.freezes_per_month"),
        ({**MILESTONES, "milestones": (MilestoneDraft(title=" "),)}, "milestones[0].title"),
        ({**MILESTONES, "milestones": (MilestoneDraft(title="A", weight=0),)}, "milestones[0].weight"),
        ({**MILESTONES, "milestones": (MilestoneDraft(title="A", weight=2e6),)}, "milestones[0].weight"),
        ({**MILESTONES, "milestones": (MilestoneDraft(uuid4(), "A"),)}, "milestones[0].id"),
        ({**MILESTONES, "milestones": (MilestoneDraft(title="A", due_date=YESTERDAY),)}, "milestones[0].due_date"),
        ({**MILESTONES, "milestones": (MilestoneDraft(title="A"),) * 101}, "milestones"),
    ],
)
def test_what_a_pattern_asks_for_is_checked_and_named(fields: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidArgument) as problem:
        planned(**fields)

    assert named in fields_of(problem)


@pytest.mark.parametrize(
    ("fields", "schedule"),
    [
        ({"schedule": ScheduleDraft(Period.WEEK, 3, window=Window.ROLLING)}, Schedule(Period.WEEK, 3, window_days=7)),
        (
            {"schedule": ScheduleDraft(Period.MONTH, 3, window=Window.ROLLING)},
            Schedule(Period.MONTH, 3, window_days=30),
        ),
        (
            {"schedule": ScheduleDraft(Period.QUARTER, 3, window=Window.ROLLING)},
            Schedule(Period.QUARTER, 3, window_days=91),
        ),
        (
            {"schedule": ScheduleDraft(Period.YEAR, 3, window=Window.ROLLING)},
            Schedule(Period.YEAR, 3, window_days=365),
        ),
        (
            {"schedule": ScheduleDraft(times=3, window=Window.ROLLING, window_days=10)},
            Schedule(Period.DAY, 3, window_days=10),
        ),
        ({"schedule": ScheduleDraft(rrule="FREQ=DAILY;INTERVAL=2")}, Schedule(rrule="FREQ=DAILY;INTERVAL=2")),
        ({**LIMIT, "title": "At most 3 coffees per week"}, Schedule(Period.WEEK, 1)),
        (TARGET, Schedule()),
        (MILESTONES, Schedule()),
        (STREAK, Schedule()),
    ],
)
def test_schedules_of_every_kind(fields: dict[str, object], schedule: Schedule) -> None:
    assert planned(**fields).rule.schedule == schedule


def test_milestones_keep_their_ids_and_new_ones_get_one() -> None:
    goal = planned(**MILESTONES)
    (first,) = goal.milestones
    steps = (MilestoneDraft(title="Draft"), MilestoneDraft(first.id, "Outline, longer", 2.5))

    after = updated(goal, milestones=steps)

    assert [(step.title, step.weight) for step in after.milestones] == [("Draft", 1), ("Outline, longer", 2.5)]
    assert after.milestones[1].id == first.id != after.milestones[0].id


def test_a_step_is_named_once_and_all_cannot_be_removed() -> None:
    goal = planned(**MILESTONES)
    twice = (MilestoneDraft(goal.milestones[0].id, "A"), MilestoneDraft(goal.milestones[0].id, "B"))

    for steps, field in ((twice, "milestones[1].id"), ((), "milestones")):
        with pytest.raises(InvalidArgument) as problem:
            updated(goal, milestones=steps)
        assert fields_of(problem) == [field]


def test_a_changed_target_acts_from_today_and_a_changed_rule_has_a_new_anchor() -> None:
    goal = planned(**TARGET)
    ruled = planned(schedule=ScheduleDraft(rrule="FREQ=WEEKLY;INTERVAL=2"))
    entries = Entries([encode(TODAY, Kind.PROGRESS)], [1.0])

    harder = updated(goal, entries=entries, today=TODAY + 9, target=Target("kg", 90, 70))
    other = updated(ruled, entries=entries, today=TODAY + 9, schedule=ScheduleDraft(rrule="FREQ=DAILY;INTERVAL=3"))
    same = updated(ruled, entries=entries, today=TODAY + 9, policy=Policy(Excused.COUNTS))

    assert (harder.rule.target, harder.rule.effective_from) == (Target("kg", 90, 70), TODAY + 9)
    assert (other.rule.anchor, same.rule.anchor) == (TODAY + 9, 0)


def test_a_recurrence_rule_keeps_a_day_whatever_is_changed() -> None:
    goal = planned(schedule=ScheduleDraft(rrule="FREQ=DAILY;UNTIL=20260331"))
    entries = Entries([encode(TODAY, Kind.DONE)])
    in_april = TODAY + 15
    over, last_day = ScheduleDraft(rrule="FREQ=DAILY;UNTIL=20260403"), ScheduleDraft(rrule="FREQ=DAILY;UNTIL=20260404")
    added = ScheduleDraft(rrule="FREQ=DAILY;UNTIL=20260403\nRDATE:20260601")

    with pytest.raises(InvalidArgument) as new_rule:
        updated(goal, entries=entries, today=in_april, schedule=over)
    with pytest.raises(InvalidArgument) as new_start:
        updated(goal, start_date=date(2026, 4, 1))

    assert (fields_of(new_rule), fields_of(new_start)) == (["schedule.rrule"], ["start_date"])
    for schedule in (last_day, added):
        assert updated(goal, entries=entries, today=in_april, schedule=schedule).rule.schedule.rrule == schedule.rrule
    # What has run out stays as it is, and can be renamed.
    assert updated(goal, entries=entries, today=in_april, title="Other").title == "Other"
    same = ScheduleDraft(rrule="FREQ=DAILY;UNTIL=20260331")
    assert updated(goal, entries=entries, today=in_april, schedule=same) == goal
    assert planned(schedule=ScheduleDraft(rrule="FREQ=DAILY;UNTIL=20260320")).rule.schedule.rrule


def test_a_change_that_leaves_nothing_to_do_completes_the_goal() -> None:
    goal = planned(**MILESTONES)
    more = updated(goal, milestones=(MilestoneDraft(goal.milestones[0].id, "A"), MilestoneDraft(title="B")))
    done = Entries(milestones={goal.milestones[0].id: (TODAY, NOW)})

    assert updated(more, entries=done, title="Other").status is Status.ACTIVE
    assert (
        updated(more, entries=done, milestones=(MilestoneDraft(goal.milestones[0].id, "A"),)).status is Status.COMPLETED
    )


def test_lengths_are_in_code_points() -> None:
    assert planned(title="🏃" * 200).title == "🏃" * 200


def test_an_amount_is_kept_to_nine_decimals() -> None:
    assert planned(amount=Amount("km", 0.1234567891)).rule.amount == Amount("km", 0.123456789)


def test_a_quota_of_fifty() -> None:
    check_quota(49)
    with pytest.raises(errors.GoalQuotaExceeded):
        check_quota(50)


@pytest.mark.parametrize(("category", "birth_year", "allowed"), [
    ("Dating ", 2008, False), ("DATING", 0, False), ("dat\u200bing", 0, False), ("updating", 0, True),
    ("dating", 2007, True), ("dating", 2008, False), ("dating", 0, False), ("fitness", 0, True),
])  # fmt: skip
def test_dating_goals_are_for_adults(category: str, birth_year: int, allowed: bool) -> None:
    if allowed:
        check_adult(category, birth_year=birth_year, today=TODAY)
        return
    with pytest.raises(errors.AdultsOnly):
        check_adult(category, birth_year=birth_year, today=TODAY)


def test_a_stale_etag_is_refused_and_none_asks_for_nothing() -> None:
    goal = planned()
    check_etag(goal, "")
    check_etag(goal, goal.etag)
    check_etag(goal, f"other,{goal.etag}")
    with pytest.raises(errors.GoalChangedMeanwhile):
        check_etag(goal, "other")


def test_an_update_takes_over_only_what_is_named() -> None:
    goal = planned(description="before")

    draft = GoalDraft(title="Walk", description="x")
    after = update_goal(goal, draft, {"title"}, entries=Entries(), today=TODAY, now=LATER, new_id=uuid4)

    assert (after.title, after.description) == ("Walk", "before")
    assert (after.revision, after.update_time) == (2, LATER)


def test_an_update_that_changes_nothing_is_no_update() -> None:
    goal = planned()

    assert updated(goal, title="Run", policy=Policy()) is goal


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(InvalidArgument) as problem:
        update_goal(planned(), GoalDraft(), {"member_id"}, entries=Entries(), today=TODAY, now=LATER, new_id=uuid4)

    assert fields_of(problem) == ["member_id"]


def test_a_goal_keeps_its_pattern() -> None:
    with pytest.raises(errors.PatternImmutable):
        updated(planned(), pattern=Pattern.TARGET)
    assert updated(planned(), pattern=Pattern.RECURRING) == planned()


def test_without_entries_a_new_rule_replaces_the_first() -> None:
    goal = updated(a_goal("2026-03-02"), schedule=ScheduleDraft(Period.WEEK, 2))

    assert goal.rules[-1].effective_from == day("2026-03-02")


def test_a_new_rule_of_days_acts_from_today() -> None:
    goal = updated(a_goal("2026-03-02"), logged("2026-03-02"), schedule=ScheduleDraft(times=2))

    assert goal.rules[-1].effective_from == TODAY


def test_an_open_week_keeps_its_version() -> None:
    weekly = a_goal("2026-03-02", period=Period.WEEK, times=3)

    assert updated(weekly, logged("2026-03-02"), schedule=ScheduleDraft()).rule.effective_from == day("2026-03-23")


def test_a_week_that_begins_today_takes_the_new_version() -> None:
    weekly = a_goal("2026-03-02", period=Period.WEEK, times=3)
    monday = day("2026-03-16")

    assert (
        updated(weekly, logged("2026-03-02"), today=monday, policy=Policy(Excused.COUNTS)).rule.effective_from == monday
    )


def test_behind_the_deadline_no_unit_is_open() -> None:
    weekly = a_goal("2026-03-02", deadline="2026-03-17", period=Period.WEEK, times=3)

    assert first_unit_on_or_after(weekly, TODAY) == TODAY


def test_a_calendar_change_makes_a_version_and_keeps_today() -> None:
    goal = a_goal("2026-03-02")

    moved = change_calendar(
        goal, Calendar("America/New_York"), is_empty=False, today=TODAY, last_logged_day=TODAY, now=NOW
    )

    assert moved.rule.calendar.timezone == "America/New_York"
    assert moved.today(NOW.replace(hour=2)) == TODAY
    assert (moved.revision, moved.update_time) == (goal.revision + 1, goal.update_time)


def test_a_calendar_change_replaces_the_first_version_while_nothing_is_logged() -> None:
    goal = a_goal("2026-03-02", period=Period.WEEK)

    moved = change_calendar(goal, Calendar(week_start=7), is_empty=True, today=TODAY, last_logged_day=0, now=NOW)

    assert moved.rule.effective_from == day("2026-03-02")


@pytest.mark.parametrize(
    ("present", "wanted", "allowed"),
    [
        (Status.ACTIVE, Status.PAUSED, True),
        (Status.ACTIVE, Status.COMPLETED, True),
        (Status.ACTIVE, Status.ARCHIVED, True),
        (Status.PAUSED, Status.ACTIVE, True),
        (Status.PAUSED, Status.ARCHIVED, True),
        (Status.PAUSED, Status.COMPLETED, False),
        (Status.COMPLETED, Status.ARCHIVED, True),
        (Status.COMPLETED, Status.ACTIVE, False),
        (Status.COMPLETED, Status.PAUSED, False),
        (Status.ARCHIVED, Status.ACTIVE, False),
        (Status.ARCHIVED, Status.PAUSED, False),
        (Status.ARCHIVED, Status.COMPLETED, False),
    ],
)
def test_moves_between_statuses(present: Status, wanted: Status, allowed: bool) -> None:
    goal = replace(a_goal(), status=present)
    if allowed:
        assert updated(goal, status=wanted).status is wanted
        return
    with pytest.raises(errors.InvalidTransition):
        updated(goal, status=wanted)


def test_completing_notes_the_day() -> None:
    assert move(a_goal(), Status.COMPLETED, today=TODAY, now=NOW).completed_day == TODAY


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.ARCHIVED])
def test_a_closed_goal_takes_no_edits(status: Status) -> None:
    with pytest.raises(errors.GoalClosed):
        updated(replace(a_goal(), status=status), title="Walk")


def test_archiving_twice_is_one_archiving() -> None:
    archived = archive_goal(a_goal(), today=TODAY, now=NOW)

    assert archive_goal(archived, today=TODAY + 1, now=LATER) is archived


def test_the_start_moves_no_further_than_the_first_activity() -> None:
    goal, entries = a_goal("2026-03-02"), days_done("2026-03-05", 2)

    assert updated(goal, entries, start_date=date(2026, 3, 5)).start_day == day("2026-03-05")
    assert updated(goal, entries, start_date=date(2026, 1, 1)).start_day == day("2026-01-01")
    with pytest.raises(InvalidArgument) as problem:
        updated(goal, entries, start_date=date(2026, 3, 6))
    assert fields_of(problem) == ["start_date"]


def test_the_start_stays_before_the_deadline() -> None:
    with pytest.raises(InvalidArgument) as problem:
        updated(a_goal("2026-03-02", deadline="2026-03-10"), start_date=date(2026, 3, 11))

    assert fields_of(problem) == ["start_date"]


def test_a_deadline_can_be_taken_away() -> None:
    assert updated(a_goal("2026-03-02", deadline="2026-03-10"), deadline=None).deadline is None


def test_a_shorter_streak_completes_the_goal_today_and_leaves_past_days_as_they_were() -> None:
    goal = replace(planned(**STREAK), start_day=TODAY - 6)
    entries = days_done(date.fromordinal(TODAY - 6).isoformat(), 3)

    completed = update_goal(
        goal, GoalDraft(chain=Chain(3)), {"streak"}, entries=entries, today=TODAY, now=LATER, new_id=uuid4
    )

    assert (completed.status, completed.completed_day) == (Status.COMPLETED, TODAY - 4)
    assert outcomes(goal, entries, date.fromordinal(TODAY).isoformat()) == "dddmmm."
    assert outcomes(completed, entries, date.fromordinal(TODAY).isoformat()) == "dddmmm-"


def test_a_moved_start_leaves_the_days_of_a_recurrence_where_they_are() -> None:
    goal = replace(planned(schedule=ScheduleDraft(rrule="FREQ=DAILY;INTERVAL=2")), start_day=TODAY - 6)
    entries = days_done(date.fromordinal(TODAY - 4).isoformat(), 1)
    before = outcomes(goal, entries, date.fromordinal(TODAY).isoformat())

    later = updated(goal, entries, start_date=date.fromordinal(TODAY - 5))
    earlier = updated(later, entries, start_date=date.fromordinal(TODAY - 9))

    assert before == "m-d-m-."
    assert outcomes(later, entries, date.fromordinal(TODAY).isoformat()) == before[1:]
    assert outcomes(earlier, entries, date.fromordinal(TODAY).isoformat()) == "---" + before
    assert updated(goal, Entries(), start_date=date.fromordinal(TODAY - 5)).rule.anchor == 0


def test_a_new_goal_never_has_less_than_the_members_today() -> None:
    goal = plan_goal(
        GoalDraft(title="Run", pattern=Pattern.RECURRING),
        goal_id=GOAL,
        member_id=MEMBER,
        calendar=Calendar("Pacific/Pago_Pago"),
        today=TODAY + 1,
        now=NOW,
        new_id=uuid4,
    )

    assert (goal.start_day, goal.today(NOW)) == (TODAY + 1, TODAY + 1)
    assert planned().rule.floor == 0
