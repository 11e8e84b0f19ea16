"""Answers as they are written agree with answers as they are described."""
# mypy: disable-error-code="arg-type, list-item"

from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from pydantic import BaseModel

from gateway.app.call import to_json
from gateway.problems import Problem
from gateway.routes import answers, views
from tandem.analytics.v1 import analytics_pb2
from tandem.coach.v1 import chat_pb2, dating_pb2, review_pb2
from tandem.goals.v1 import (
    activity_pb2,
    care_pb2,
    challenge_pb2,
    explanation_pb2,
    goal_pb2,
    goals_service_pb2,
    progress_pb2,
    suggestion_pb2,
)
from tandem.mentor.v1 import mentor_pb2
from tandem.notify.v1 import notify_pb2

DAY = Date(year=2026, month=3, day=1)
STAMP = Timestamp(seconds=1_795_236_662, nanos=849_984_000)
SCHEDULE = goal_pb2.Schedule(period=2, times=3, weekdays=[1, 7], window=2, window_days=7)
HABIT = goal_pb2.Habit(habit_id="h", title="Stretch", schedule=SCHEDULE, minutes=10, if_then="If up, then.")
BARE_GOAL = goal_pb2.Goal(
    goal_id="g", member_id="m", title="Run", pattern=1, status=1, start_date=DAY, create_time=STAMP, update_time=STAMP
)
FULL_GOAL = goal_pb2.Goal(
    goal_id="g",
    member_id="m",
    title="Run",
    description="Far",
    pattern=1,
    status=3,
    category="health",
    start_date=DAY,
    deadline=DAY,
    schedule=SCHEDULE,
    policy=goal_pb2.Policy(excused=2, month_end=2, no_entry=2),
    amount=goal_pb2.Amount(unit="km", min_value=5),
    target=goal_pb2.Target(unit="kg", start_value=90, target_value=0, aggregation=2),
    milestones=[
        goal_pb2.Milestone(milestone_id="s", title="Draft", weight=2, due_date=DAY, done_time=STAMP),
        goal_pb2.Milestone(milestone_id="t", title="Print"),
    ],
    limit=goal_pb2.Limit(unit="cups", max_value=0),
    streak=goal_pb2.StreakTerms(target_length=30, freezes_per_month=2),
    subgoals=[goal_pb2.Subgoal(subgoal_id="u", title="5 km", due_date=DAY, status=2)],
    habits=[HABIT],
    plan=goal_pb2.Plan(
        source="offline",
        summary="Slowly.",
        subgoals=[goal_pb2.PlannedSubgoal(title="5 km")],
        habits=[goal_pb2.PlannedHabit(title="Stretch", schedule=SCHEDULE, minutes=10, if_then="If up, then.")],
        fits=True,
        warnings=["Less than asked."],
        generate_time=STAMP,
    ),
    completed_on=DAY,
    progress_summary=goal_pb2.ProgressSummary(percent=50, state=2, current_streak=2, due_today=True),
    create_time=STAMP,
    update_time=STAMP,
    etag="7",
)
BARE_ACTIVITY = activity_pb2.Activity(
    activity_id="a", goal_id="g", type=1, local_date=DAY, occur_time=STAMP, create_time=STAMP, update_time=STAMP
)
FULL_ACTIVITY = activity_pb2.Activity(
    activity_id="a",
    goal_id="g",
    type=1,
    local_date=DAY,
    occur_time=STAMP,
    timezone="UTC",
    completed=False,
    value=0.0,
    note="Wet",
    mood=5,
    context=activity_pb2.ActivityContext(location="Park", energy=3, with_wingman=True, tags=["rain"]),
    create_time=STAMP,
    update_time=STAMP,
)
BARE_PROGRESS = progress_pb2.Progress(goal_id="g", pattern=1, period=1, start_date=DAY, end_date=DAY)
FULL_PROGRESS = progress_pb2.Progress(
    goal_id="g",
    pattern=1,
    period=5,
    start_date=DAY,
    end_date=DAY,
    percent=100,
    state=5,
    due=3,
    done=2,
    missed=1,
    skipped=1,
    adherence=66.6,
    streak=progress_pb2.Streak(current=1, longest=2, freezes_left=3),
    pace=progress_pb2.Pace(expected=1, actual=2, delta=1, safe_days=0, needed_today=0, projected_end=DAY),
    strength=0.5,
    series=[progress_pb2.SeriesPoint(date=DAY, value=1)],
    insights=["Mondays"],
    recommendations=["Go"],
    facts=[
        progress_pb2.Fact(
            fact_id="f", goal_id="g", kind="mood", text="Mondays", numbers={"done": 4}, start_date=DAY, end_date=DAY
        )
    ],
)
UNIT = explanation_pb2.Unit(start_date=DAY, end_date=DAY, outcome=2, done=1, needed=3)
CALENDAR = explanation_pb2.GetCalendarResponse(
    days=[
        explanation_pb2.CalendarDay(date=DAY, due=True, outcome=2, value=0, unit=UNIT),
        explanation_pb2.CalendarDay(date=DAY, outcome=6, excused_by="vacation"),
    ]
)
EXPLANATION = explanation_pb2.Explanation(
    goal_id="g",
    metric=4,
    date=DAY,
    steps=[explanation_pb2.ExplainedStep(unit=UNIT, rule_version=2, activity_ids=["a"], effect="steps", worth=0.5)],
    rule="Every day is a step.",
    truncated=True,
)
VACATION = care_pb2.Vacation(vacation_id="v", from_date=DAY, to_date=DAY, create_time=STAMP)
REMINDERS = care_pb2.Reminders(
    reminders=[care_pb2.Reminder(minute_of_day=0), care_pb2.Reminder(minute_of_day=1_439, weekdays=[1, 7])]
)
MEMBER = mentor_pb2.Member(
    member_id="m", name="Ann", timezone="UTC", locale="en", roles=[1, 3], create_time=STAMP, update_time=STAMP
)
REVIEW = review_pb2.Review(kind=1, start_date=DAY, end_date=DAY, create_time=STAMP)
EXCHANGE = chat_pb2.SendMessageResponse(
    user_message=chat_pb2.Message(text="Hi"),
    reply=chat_pb2.Message(message_id="r", thread_id="t", text="Hello", create_time=STAMP),
    safety=chat_pb2.Safety(tier=3, resources=[chat_pb2.SafetyResource(name="Line", contact="1")]),
)
DATING_TURN = dating_pb2.IntakeTurn(
    text="What have you tried?",
    thread_id="t",
    completion_percentage=25,
    current_topic="past",
    topics=[
        dating_pb2.Topic(topic_id=name, title=name, status=status)
        for name, status in (("goals", 3), ("past", 1), ("comfort", 4), ("support", 2))
    ],
    provider="offline",
)
DATING_GOALS = dating_pb2.DatingGoals(
    data=dating_pb2.DatingGoalsData(
        goals=["date"], target="1 a week", comfort_level=3, preferred_venues=["park"], declined=["tried"]
    ),
    is_complete=True,
    completion_percentage=100,
)
SUGGESTION = suggestion_pb2.Suggestion(
    suggestion_id="s",
    goal_id="g",
    source="offline",
    summary="Less.",
    operations=[
        suggestion_pb2.Operation(add_subgoal=goal_pb2.PlannedSubgoal(title="5 km", due_date=DAY), reason="A step."),
        suggestion_pb2.Operation(
            split_subgoal=suggestion_pb2.SubgoalSplit(
                subgoal_id="u", parts=[goal_pb2.PlannedSubgoal(title="2 km"), goal_pb2.PlannedSubgoal(title="5 km")]
            )
        ),
        suggestion_pb2.Operation(add_habit=FULL_GOAL.plan.habits[0]),
        suggestion_pb2.Operation(change_habit=suggestion_pb2.HabitChange(habit_id="h", schedule=SCHEDULE)),
        suggestion_pb2.Operation(change_habit=suggestion_pb2.HabitChange(habit_id="h", title="Stretch", minutes=5)),
        suggestion_pb2.Operation(remove_habit_id="h"),
        suggestion_pb2.Operation(move_deadline=DAY),
        suggestion_pb2.Operation(adopt_plan=FULL_GOAL.plan),
    ],
    status=1,
    fits=True,
    create_time=STAMP,
)
RUN = challenge_pb2.ChallengeRun(run_id="r", challenge_id="c", start_time=STAMP, expire_time=STAMP, status=3)
OVERVIEW = goals_service_pb2.Overview(
    today=DAY,
    goals=[goals_service_pb2.OverviewGoal(goal=FULL_GOAL, progress=FULL_PROGRESS)],
    due_today_goal_ids=["g", "other"],
    completion_rate_7d=10,
    recent_activities=[BARE_ACTIVITY],
)
FIGURES = analytics_pb2.MemberAnalytics(member_id="m", adherence_7d=0.0, risk_level="low", as_of_time=STAMP)


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        (answers.Goal, views.goal(BARE_GOAL)),
        (answers.Goal, views.goal(FULL_GOAL)),
        (answers.Activity, views.activity(BARE_ACTIVITY)),
        (answers.Activity, views.activity(FULL_ACTIVITY)),
        (answers.Progress, views.progress(BARE_PROGRESS)),
        (answers.Progress, views.progress(FULL_PROGRESS)),
        (answers.Batch, views.batch(goals_service_pb2.BatchLogActivitiesResponse(activities=[FULL_ACTIVITY]))),
        (answers.Habit, views.habit(HABIT)),
        (answers.Subgoal, views.subgoal(FULL_GOAL.subgoals[0])),
        (answers.Calendar, views.calendar(CALENDAR)),
        (answers.Explanation, views.explanation(EXPLANATION)),
        (answers.Vacation, views.vacation(VACATION)),
        (answers.Challenge, views.challenge(challenge_pb2.Challenge(challenge_id="c", level=7, run=RUN))),
        (answers.Challenge, views.challenge(challenge_pb2.Challenge(challenge_id="c", level=1))),
        (answers.ChallengeRun, views.challenge_run(RUN)),
        (
            answers.ChallengeSubmission,
            views.challenge_submission(challenge_pb2.ChallengeSubmission(submission_id="s", create_time=STAMP)),
        ),
        (answers.Suggestion, views.suggestion(SUGGESTION)),
        (
            answers.AcceptedSuggestion,
            views.accepted_suggestion(suggestion_pb2.AcceptSuggestionResponse(suggestion=SUGGESTION, goal=FULL_GOAL)),
        ),
        (answers.Reminders, views.reminders(REMINDERS)),
        (answers.Member, views.member(MEMBER, "ann@example.com")),
        (answers.Consents, views.consents(mentor_pb2.Consents())),
        (answers.Exchange, views.exchange(EXCHANGE)),
        (answers.ChatMessage, views.chat_message(chat_pb2.Message(author=2, create_time=STAMP))),
        (answers.Review, views.review(REVIEW)),
        (answers.ChatThread, views.thread(chat_pb2.Thread(create_time=STAMP, update_time=STAMP))),
        (answers.DatingTurn, views.dating_turn(DATING_TURN)),
        (answers.DatingTurn, views.dating_turn(dating_pb2.IntakeTurn(unsaved=True))),
        (answers.DatingGoals, views.dating_goals(DATING_GOALS)),
        (answers.DatingGoals, views.dating_goals(dating_pb2.DatingGoals())),
        (
            answers.AdoptedGoals,
            views.adopted_goals(dating_pb2.AdoptDatingGoalsResponse(goals=[BARE_GOAL, FULL_GOAL])),
        ),
        (answers.Analytics, views.analytics(FIGURES)),
        (answers.Dashboard, views.dashboard(OVERVIEW, FIGURES)),
        (answers.Dashboard, views.dashboard(OVERVIEW, None)),
        (answers.Notification, views.notification(notify_pb2.Notification(create_time=STAMP))),
    ],
)
def test_what_is_written_is_what_is_described(model: type[BaseModel], shown: Any):
    described = model.model_validate_json(to_json(shown))

    assert described.model_fields_set == set(model.model_fields)


def test_zero_and_no_are_not_nothing():
    shown = views.activity(FULL_ACTIVITY)

    assert (shown["completed"], shown["value"]) == (False, 0.0)


def test_a_fact_is_named_and_says_which_goal_it_is_of():
    (fact,) = views.progress(FULL_PROGRESS)["facts"]

    assert (fact["id"], fact["goal_id"], fact["kind"]) == ("f", "g", "mood")
    assert (fact["numbers"], fact["text"]) == ({"done": 4.0}, "Mondays")


def test_parts_of_a_goal_are_shown_as_they_are():
    shown = views.goal(FULL_GOAL)

    assert shown["target"] == {"unit": "kg", "start_value": 90.0, "target_value": 0.0, "aggregation": "last"}
    assert shown["limit"] == {"max_value": 0.0, "unit": "cups"}
    assert shown["streak"] == {"target_length": 30, "freezes_per_month": 2}
    assert [(each["weight"], each["done_at"] is None) for each in shown["milestones"]] == [(2.0, False), (1.0, True)]
    assert shown["plan"]["habits"][0].keys() == {"title", "schedule", "minutes", "if_then"}


def test_every_change_that_can_be_suggested_is_shown_under_its_own_word():
    shown = views.suggestion(SUGGESTION)["operations"]
    changes = suggestion_pb2.Operation.DESCRIPTOR.oneofs_by_name["change"].fields

    assert list(dict.fromkeys(each["op"] for each in shown)) == [each.name.removesuffix("_id") for each in changes]
    assert [each["reason"] for each in shown] == ["A step.", *[None] * 7]


def test_dating_goals_that_nothing_is_known_of_are_empty():
    assert views.dating_goals(dating_pb2.DatingGoals()) == {
        "goals": [],
        "preferred_venues": [],
        "comfort_level": None,
        "goals_data": {},
        "is_complete": False,
        "completion_percentage": 0,
    }


def test_slots_that_nothing_was_said_about_are_missing():
    assert views.dating_goals(DATING_GOALS)["goals_data"] == {
        "goals": ["date"],
        "target": "1 a week",
        "comfort_level": "high",
        "preferred_venues": ["park"],
        "declined": ["tried"],
    }


def test_a_goal_without_a_schedule_shows_none():
    assert views.goal(BARE_GOAL)["schedule"] is None


def test_times_of_reminders_have_four_digits():
    shown = views.reminders(REMINDERS)["items"]

    assert shown == [{"time": "00:00", "weekdays": None}, {"time": "23:59", "weekdays": ["mon", "sun"]}]


def test_instants_end_in_z_and_keep_microseconds():
    assert b'"2026-11-21T04:51:02.849984Z"' in to_json({"at": views.instant(STAMP)})


@pytest.mark.parametrize(
    ("words", "descriptor"),
    [
        (views.PATTERNS, goal_pb2.Pattern.DESCRIPTOR),
        (views.STATUSES, goal_pb2.Status.DESCRIPTOR),
        (views.PERIODS, goal_pb2.Period.DESCRIPTOR),
        (views.STATES, goal_pb2.ProgressState.DESCRIPTOR),
        (views.WINDOWS[1:], goal_pb2.Window.DESCRIPTOR),
        (views.EXCUSED[1:], goal_pb2.ExcusedPolicy.DESCRIPTOR),
        (views.MONTH_END[1:], goal_pb2.MonthEndPolicy.DESCRIPTOR),
        (views.NO_ENTRY[1:], goal_pb2.NoEntryPolicy.DESCRIPTOR),
        (views.AGGREGATIONS[1:], goal_pb2.Aggregation.DESCRIPTOR),
        (views.SUBGOAL_STATUSES, goal_pb2.SubgoalStatus.DESCRIPTOR),
        (views.SUGGESTION_STATUSES, suggestion_pb2.SuggestionStatus.DESCRIPTOR),
        (views.RUN_STATUSES, challenge_pb2.ChallengeRunStatus.DESCRIPTOR),
        (views.METRICS, explanation_pb2.Metric.DESCRIPTOR),
        (views.OUTCOMES, explanation_pb2.Outcome.DESCRIPTOR),
        (views.ACTIVITY_TYPES, activity_pb2.ActivityType.DESCRIPTOR),
        (views.PROGRESS_PERIODS, progress_pb2.ProgressPeriod.DESCRIPTOR),
        (views.ROLES, mentor_pb2.Role.DESCRIPTOR),
        (views.AUTHORS, chat_pb2.Author.DESCRIPTOR),
        (views.REVIEW_KINDS, review_pb2.ReviewKind.DESCRIPTOR),
        (views.TIERS[1:], chat_pb2.SafetyTier.DESCRIPTOR),
        (views.TOPIC_STATUSES[1:], dating_pb2.TopicStatus.DESCRIPTOR),
        (views.COMFORT_LEVELS, dating_pb2.ComfortLevel.DESCRIPTOR),
    ],
)
def test_words_follow_the_enums(words: tuple[str | None, ...], descriptor: Any):
    named = [value.name.lower() for value in descriptor.values]

    assert all(
        word is None or name.endswith(f"_{word}") for word, name in zip(words, named[-len(words) :], strict=True)
    )


def test_a_problem_as_it_is_written_is_as_it_is_described():
    answers.Problem.model_validate_json(Problem("conflict", "There is one.").body("0" * 16))
