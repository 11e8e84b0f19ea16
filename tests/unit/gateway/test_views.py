"""Answers as they are written agree with answers as they are described."""
# mypy: disable-error-code="arg-type, list-item"

import re
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from pydantic import BaseModel

from gateway.app import docs
from gateway.app.call import to_json
from gateway.app.operation import Access
from gateway.problems import Problem
from gateway.routes import answers, messages, requests, views
from gateway.routes.table import all_operations
from tandem.analytics.v1 import analytics_pb2
from tandem.coach.v1 import coach_pb2
from tandem.goals.v1 import activity_pb2, goal_pb2, goals_service_pb2, progress_pb2
from tandem.mentor.v1 import mentor_pb2
from tandem.notify.v1 import notify_pb2

DAY = Date(year=2026, month=3, day=1)
STAMP = Timestamp(seconds=1_795_236_662, nanos=849_984_000)
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
    schedule=goal_pb2.Schedule(period=2, times=3, weekdays=[1, 7], window=2, window_days=7),
    policy=goal_pb2.Policy(excused=2, month_end=2, no_entry=2),
    amount=goal_pb2.Amount(unit="km", min_value=5),
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
)
MEMBER = mentor_pb2.Member(
    member_id="m", name="Ann", timezone="UTC", locale="en", roles=[1, 3], create_time=STAMP, update_time=STAMP
)
EXCHANGE = coach_pb2.SendMessageResponse(
    user_message=coach_pb2.Message(text="Hi"),
    reply=coach_pb2.Message(message_id="r", thread_id="t", text="Hello", create_time=STAMP),
    safety=coach_pb2.Safety(tier=3, resources=[coach_pb2.SafetyResource(name="Line", contact="1")]),
)
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
        (answers.Member, views.member(MEMBER, "ann@example.com")),
        (answers.Consents, views.consents(mentor_pb2.Consents())),
        (answers.Exchange, views.exchange(EXCHANGE)),
        (answers.ChatMessage, views.chat_message(coach_pb2.Message(author=2, create_time=STAMP))),
        (answers.ChatThread, views.thread(coach_pb2.Thread(create_time=STAMP, update_time=STAMP))),
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


def test_instants_end_in_z_and_keep_microseconds():
    assert b'"2026-11-21T04:51:02.849984Z"' in to_json({"at": views.instant(STAMP)})


@pytest.mark.parametrize(
    ("words", "descriptor"),
    [
        (views.PATTERNS, goal_pb2.Pattern.DESCRIPTOR),
        (views.STATUSES, goal_pb2.Status.DESCRIPTOR),
        (views.PERIODS, goal_pb2.Period.DESCRIPTOR),
        (views.STATES, goal_pb2.ProgressState.DESCRIPTOR),
        (views.ACTIVITY_TYPES, activity_pb2.ActivityType.DESCRIPTOR),
        (views.PROGRESS_PERIODS, progress_pb2.ProgressPeriod.DESCRIPTOR),
        (views.ROLES, mentor_pb2.Role.DESCRIPTOR),
        (views.AUTHORS, coach_pb2.Author.DESCRIPTOR),
        (views.TIERS[1:], coach_pb2.SafetyTier.DESCRIPTOR),
    ],
)
def test_words_follow_the_enums(words: tuple[str | None, ...], descriptor: Any):
    named = [value.name.lower() for value in descriptor.values]

    assert all(
        word is None or name.endswith(f"_{word}") for word, name in zip(words, named[-len(words) :], strict=True)
    )


def test_a_change_carries_exactly_the_fields_given():
    change = requests.GoalChange(title="Walk", deadline=None)

    goal, paths = messages.goal_change("g", change, "7")

    assert paths == ["deadline", "title"]
    assert (goal.title, goal.etag, goal.HasField("deadline")) == ("Walk", "7", False)


def test_a_profile_change_may_clear_what_may_be_missing():
    change = requests.ProfileChange(country=None, week_start="sun")

    member, paths = messages.profile_change("m", change, "")

    assert paths == ["country", "week_start"]
    assert (member.country, member.week_start) == ("", 7)


DOCUMENT = docs.document(all_operations(), "0.0.0")


def test_every_operation_is_described():
    described = {(path, method.upper()) for path, methods in DOCUMENT["paths"].items() for method in methods}

    assert described == {(operation.path, operation.method) for operation in all_operations()}


def test_groups_stand_in_order_and_what_is_not_built_comes_last():
    names = [tag["name"] for tag in DOCUMENT["tags"]]

    assert names == ["Accounts", "Members", "Goals", "Coach", "Dashboard", "Operations", "Not built yet"]
    assert {operation.tag for operation in all_operations()} == set(names)


def test_everything_but_signing_in_asks_for_a_token():
    open_paths = {operation.path for operation in all_operations() if operation.access is Access.ANYONE}

    assert {path for path in open_paths if not path.startswith("/v1/auth/")} == {
        "/.well-known/jwks.json", "/livez", "/readyz", "/health", "/openapi.json", "/docs", "/docs/{name}",
        "/v1/unsubscribe", "/v1/webhooks/resend",
    }  # fmt: skip


def test_keys_and_entity_tags_are_described():
    names = {parameter["name"] for parameter in DOCUMENT["paths"]["/v1/goals/{goal_id}"]["patch"]["parameters"]}

    assert names == {"goal_id", "Idempotency-Key", "If-Match"}


def test_the_page_needs_nothing_from_elsewhere():
    loaded = re.findall(r'(?:src|href)="([^"]+)"', docs.PAGE.decode())

    assert loaded
    assert all(docs.asset(path.removeprefix("/docs/")) is not None for path in loaded)
    assert docs.asset("redoc.standalone.js") is None


def test_a_problem_as_it_is_written_is_as_it_is_described():
    answers.Problem.model_validate_json(Problem("conflict", "There is one.").body("0" * 16))
