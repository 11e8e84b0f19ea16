"""What the offline coach says of figures: limits are not goals to do more of, and nothing kept is nothing to praise."""

import random
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.coach.clients.goals import overview_from
from services.coach.clients.texts import load_texts
from services.coach.domain.composer import compose
from services.coach.domain.facts import GoalFact, Overview, quotable
from services.coach.domain.figures import ZERO
from services.coach.domain.lints import Judged, lint
from services.coach.domain.purposes import Intent
from tandem.goals.v1 import activity_pb2, goal_pb2, goals_service_pb2
from tests.unit.coach.factories import ANNA, TODAY, a_goal, a_random_overview, an_occasion, uuid
from tests.unit.coach.test_offline_replies import MESSAGES

BOOK = load_texts().phrases
# Words for doing more of something, or of missing it; about a limit they are wrong.
DOING = re.compile(
    r"(?i)pick it up|smallest version|short version|smallest part|made me smile|waiting|blank page|two-minute"
    r"|left a mark|been quiet|you were there for|alive and well|quiet week|one minute|lay out|next slot|set out"
    r"|your cue|most often|showed up|more check-in|with your things|first (?:little )?piece|next one for"
    r"|starting again|a pause on"
)
PRAISE = re.compile(r"(?i)yours|was a yes|held on to|handwriting|saw \d+% |already behind you|real evenings|0%")
LIMIT: dict[str, Any] = {"title": "No alcohol", "pattern": "limit", "unit": "day", "period": "day"}


def replies(message: str, overview: Overview, *, turns: int = 12) -> list[str]:
    said = []
    for turn in range(1, turns + 1):
        composed = compose(an_occasion(message, overview, turn=turn), BOOK)
        assert lint(Judged(composed.text, composed.action_steps, quotable(overview))) == ()
        said.append(f"{composed.text} {composed.action_steps[0]}")
    return said


def test_a_limit_is_never_something_to_do_more_of():
    source = random.Random(20261129)
    for _ in range(60):
        drawn = a_random_overview(source, ANNA, goals=2)
        goals = tuple(replace(goal, pattern="limit", title="No alcohol") for goal in drawn.goals)
        for message in [*MESSAGES.values(), "I slipped", "I relapsed"]:
            for said in replies(message, replace(drawn, goals=goals), turns=2):
                assert not DOING.search(said), said


@pytest.mark.parametrize("quiet_days", [0, 6, 30])
def test_a_quiet_limit_is_held_and_not_neglected(quiet_days: int):
    goal = a_goal(**LIMIT, streak=6, longest_streak=12, last_logged_on=TODAY - timedelta(days=quiet_days))

    for said in replies("hi", Overview(TODAY, (goal,))):
        assert "6 days in a row" in said


def test_a_slip_is_met_with_what_was_held_before_it():
    goal = a_goal(**LIMIT, longest_streak=12, last_logged_on=TODAY, slipped_on=TODAY, left=-2.0)

    for said in replies("I slipped", Overview(TODAY, (goal,))):
        assert "12 days" in said
        assert "-2" not in said


def test_a_first_slip_is_one_entry():
    goal = a_goal(**LIMIT, last_logged_on=TODAY, slipped_on=TODAY)

    for said in replies("I slipped", Overview(TODAY, (goal,))):
        assert "entry on “No alcohol” from today" in said


@pytest.mark.parametrize("message", ["How am I doing?", "What should I watch out for next week?"])
def test_what_a_limit_still_allows_is_told(message: str):
    goal = a_goal(title="Screen time", pattern="limit", unit="day", left=40.0, unit_of_value="minutes")

    for said in replies(message, Overview(TODAY, (goal,))):
        assert "40 minutes" in said
        assert "oday" in said


ZEROES: list[GoalFact] = [
    a_goal(adherence=0.0, week_due=7, last_logged_on=TODAY - timedelta(days=2)),
    a_goal(adherence=0.4, week_due=7, week_logged=0),
    a_goal(title="Save 1000 euros", pattern="target", percent=0.0, last_logged_on=TODAY),
    a_goal(**LIMIT, adherence=0.0),
]


@pytest.mark.parametrize("goal", ZEROES)
@pytest.mark.parametrize("message", [MESSAGES[Intent.PROGRESS], MESSAGES[Intent.REVIEW]])
def test_nothing_kept_is_told_in_its_own_words_and_alone(goal: GoalFact, message: str):
    overview = Overview(TODAY, (goal,), rate_7d=0.0, rate_30d=0.0)
    for turn in range(1, 13):
        composed = compose(an_occasion(message, overview, turn=turn), BOOK)

        facts = [part.split("#")[0].removeprefix("fact.") for part in composed.part_ids if part.startswith("fact.")]
        assert len(facts) == 1
        assert facts[0] in ZERO
        assert not PRAISE.search(composed.text), composed.text


@pytest.mark.parametrize("intent", [Intent.GREETING, Intent.WIN, Intent.MISSED, Intent.EMOTION, Intent.THANKS])
def test_nobody_is_told_of_nothing_unasked(intent: Intent):
    for goal in ZEROES:
        composed = compose(an_occasion(MESSAGES[intent], Overview(TODAY, (goal,), rate_7d=0.0), turn=1), BOOK)

        assert not any(part.split("#")[0].removeprefix("fact.") in ZERO for part in composed.part_ids)


@pytest.mark.parametrize("percent", [1.0, 12.5, 19.0])
def test_very_little_is_no_yes_and_no_level(percent: float):
    overview = Overview(TODAY, (a_goal(adherence=percent, week_due=2),), rate_7d=percent, rate_30d=percent)
    for message in (MESSAGES[Intent.PROGRESS], MESSAGES[Intent.REVIEW]):
        for said in replies(message, overview):
            assert "%" in said
            assert not PRAISE.search(said), said


def test_an_entry_that_was_not_kept_is_nothing_to_cheer():
    missed = a_goal(last_logged_on=TODAY, week_due=1)

    for said in replies("hi", Overview(TODAY, (missed,))):
        assert "made me smile" not in said
        assert "today" in said


NOTHING_LOGGED = re.compile(
    r"(?i)\b(don't see an entry|no entries|nothing logged|still empty|no check-in on|nothing written)\b"
)
BUSY: dict[str, Any] = {"title": "Save money", "pattern": "target", "is_read_whole": False}


@pytest.mark.parametrize("intent", [Intent.PROGRESS, Intent.REVIEW, Intent.GREETING, Intent.MISSED])
def test_an_entry_that_was_not_read_is_not_told_as_missing(intent: Intent):
    unread = Overview(TODAY, (a_goal(**BUSY),))
    known = Overview(TODAY, (a_goal(**BUSY, last_logged_on=TODAY - timedelta(days=9)),))
    none = Overview(TODAY, (a_goal(**BUSY | {"is_read_whole": True}),))

    assert not any(NOTHING_LOGGED.search(said) for said in replies(MESSAGES[intent], unread))
    assert not any(NOTHING_LOGGED.search(said) for said in replies(MESSAGES[intent], known))
    assert any("12 November" in said for said in replies(MESSAGES[intent], known))
    assert any(NOTHING_LOGGED.search(said) for said in replies(MESSAGES[intent], none))


def test_how_far_was_read_is_no_number_to_quote():
    read = TODAY - timedelta(days=3)

    assert quotable(Overview(TODAY, reaches_back_to=read)) == quotable(Overview(TODAY))
    assert str(read.day) not in quotable(Overview(TODAY, reaches_back_to=read)).numbers


def test_the_last_entry_kept_and_the_last_slip_are_read_from_entries():
    answer = goals_service_pb2.Overview()
    answer.today.year, answer.today.month, answer.today.day = 2026, 11, 21
    item = answer.goals.add()
    item.goal.goal_id, item.goal.member_id, item.goal.pattern = str(uuid(1)), str(ANNA), goal_pb2.PATTERN_LIMIT
    item.goal.limit.unit, item.goal.limit.max_value = "drinks", 2
    item.progress.pace.delta = 1.5
    for number, (day, value) in enumerate([(19, 3.0), (20, 1.0), (20, 1.0)], start=50):
        entry = answer.recent_activities.add(activity_id=str(uuid(number)), goal_id=str(uuid(1)), value=value)
        entry.type = activity_pb2.ACTIVITY_TYPE_PROGRESS
        entry.local_date.year, entry.local_date.month, entry.local_date.day = 2026, 11, day
    note = answer.recent_activities.add(activity_id=str(uuid(60)), goal_id=str(uuid(1)), note="hm")
    note.type = activity_pb2.ACTIVITY_TYPE_NOTE
    note.local_date.CopyFrom(answer.today)

    (goal,) = overview_from(answer, ANNA).goals

    assert goal.last_logged_on == TODAY
    assert goal.last_kept_on == TODAY - timedelta(days=1)
    assert goal.slipped_on == TODAY - timedelta(days=2)
    assert (goal.left, goal.unit_of_value) == (1.5, "drinks")
