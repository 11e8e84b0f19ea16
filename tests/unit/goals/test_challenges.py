"""Challenges: the ladder is well made, a run lasts whole local days, and a submission is checked field by field."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import FixedClock, new_id
from chassis.errors import InvalidArgument
from services.goals.domain.activity import MAX_TAG_LENGTH, ActivityType
from services.goals.domain.challenges import (
    LEVELS,
    VENUE_KINDS,
    Run,
    RunId,
    RunStatus,
    SubmissionDraft,
    activity_of,
    all_challenges,
    check_open,
    check_submission,
    get_challenge,
    goal_of,
    start_run,
)
from services.goals.domain.days import Calendar, local_day
from services.goals.domain.goal import MemberId, Pattern
from services.goals.errors import ChallengeNotFound, ChallengeNotOpen

CLOCK = FixedClock(datetime(2026, 3, 20, 12, tzinfo=UTC))
LADDER = all_challenges()
NOON = CLOCK.now()
# What a challenge never asks for; each of these is somewhere in bad advice.
UNKIND = re.compile(
    r"\b(number close|persist|insist|follow (her|him|them)|touch|kiss|hug|alcohol|drunk|drink|seduc|prank|stare"
    r"|body count|hot|sexy|girls?|women|men|guys?)\b",
    re.IGNORECASE,
)


def started(calendar: Calendar = Calendar(), *, days: int = 7, now: datetime = NOON) -> Run:  # noqa: B008 - frozen
    return start_run(
        LADDER[0],
        run_id=RunId(new_id(CLOCK)),
        member_id=MemberId(new_id(CLOCK)),
        goal_id=None,
        calendar=calendar,
        duration_days=days,
        now=now,
    )


def test_the_ladder_has_many_rungs_and_all_levels():
    assert len(LADDER) >= 30
    assert set(Counter(each.level for each in LADDER)) == set(LEVELS)
    assert min(Counter(each.level for each in LADDER).values()) >= 3
    assert [each.level for each in LADDER] == sorted(each.level for each in LADDER)


def test_ids_and_titles_are_their_own():
    assert len({each.id for each in LADDER}) == len({each.title for each in LADDER}) == len(LADDER)
    for each in LADDER:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.id)
        assert len(each.id) <= MAX_TAG_LENGTH


@pytest.mark.parametrize("challenge", LADDER, ids=lambda each: each.id)
def test_every_challenge_says_what_to_do_and_where_and_is_kind(challenge: Any):
    assert 5 <= len(challenge.title) <= 60
    assert 80 <= len(challenge.description) <= 300
    assert challenge.description.endswith(".")
    assert 1 <= len(challenge.venue_kinds) == len(set(challenge.venue_kinds)) <= 5
    assert set(challenge.venue_kinds) <= VENUE_KINDS
    assert not UNKIND.search(f"{challenge.title} {challenge.description}")


def test_a_challenge_that_is_not_there_is_not_found():
    assert get_challenge(LADDER[3].id) is LADDER[3]
    with pytest.raises(ChallengeNotFound):
        get_challenge("jump-off-a-bridge")


@pytest.mark.parametrize(
    ("zone", "day_start_hour", "days", "ends"),
    [
        ("UTC", 0, 7, "2026-03-28T00:00:00+00:00"),
        ("UTC", 4, 7, "2026-03-28T04:00:00+00:00"),
        ("Pacific/Auckland", 0, 1, "2026-03-22T11:00:00+00:00"),
        # Clocks go forward on the night of 29 March.
        ("Europe/Berlin", 0, 7, "2026-03-27T23:00:00+00:00"),
        ("Europe/Berlin", 0, 10, "2026-03-30T22:00:00+00:00"),
        # The hour at which the day would begin is skipped.
        ("Europe/Berlin", 2, 8, "2026-03-29T01:00:00+00:00"),
        ("America/Los_Angeles", 0, 90, "2026-06-19T07:00:00+00:00"),
    ],
)
def test_a_run_lasts_to_the_end_of_a_local_day(zone: str, day_start_hour: int, days: int, ends: str):
    calendar = Calendar(zone, day_start_hour)
    run = started(calendar, days=days)

    instant = datetime.fromisoformat(ends)
    assert run.expire_time == instant
    assert local_day(instant, calendar) - local_day(NOON, calendar) == days + 1
    assert local_day(instant - timedelta(microseconds=1), calendar) - local_day(NOON, calendar) == days


def test_a_run_expires_with_its_last_instant_and_not_before():
    run = started()

    assert run.status(run.expire_time - timedelta(microseconds=1)) is RunStatus.OPEN
    assert run.status(run.expire_time) is RunStatus.EXPIRED
    with pytest.raises(ChallengeNotOpen, match="expired"):
        check_open(run, run.expire_time)
    with pytest.raises(ChallengeNotOpen, match="never started"):
        check_open(None, NOON)


def test_a_run_of_a_day_that_clocks_skip_ends_with_the_first_instant_after_the_gap():
    # Troll goes from UTC to two hours ahead of it at 01:00 UTC on 29 March 2026, so that 02:00 is no local time.
    run = started(Calendar("Antarctica/Troll", 2), days=0, now=datetime(2026, 3, 28, 12, tzinfo=UTC))

    assert run.expire_time == datetime(2026, 3, 29, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"comfort_before": None}, "comfort_before"),
        ({"comfort_before": -1}, "comfort_before"),
        ({"comfort_after": 101}, "comfort_after"),
        ({"comfort_after": None}, "comfort_after"),
        ({"note": "x" * 10_001}, "note"),
        ({"note": "\x00"}, "note"),
    ],
)
def test_each_bad_field_is_named(change: dict[str, Any], field: str):
    draft = SubmissionDraft(**{"comfort_before": 0, "comfort_after": 100, "note": "x" * 10_000, **change})

    with pytest.raises(InvalidArgument) as refused:
        check_submission(draft)

    assert [each.field for each in refused.value.violations] == [field]


@pytest.mark.parametrize(
    ("pattern", "kind", "completed"),
    [
        (Pattern.RECURRING, ActivityType.CHECK_IN, True),
        (Pattern.STREAK, ActivityType.CHECK_IN, True),
        (Pattern.TARGET, ActivityType.NOTE, None),
        (Pattern.MILESTONE, ActivityType.NOTE, None),
        (Pattern.LIMIT, ActivityType.NOTE, None),
    ],
)
def test_a_goal_that_counts_gets_a_check_in_and_others_a_note(pattern: Pattern, kind: ActivityType, completed: object):
    told = activity_of(LADDER[0], SubmissionDraft(note="Went well", witnessed_by=UUID(int=1)), pattern)
    silent = activity_of(LADDER[0], SubmissionDraft(), pattern)

    assert (told.type, told.completed, told.note) == (kind, completed, "Went well")
    assert silent.note == LADDER[0].title
    assert told.context is not None
    assert silent.context is not None
    assert (told.context.with_wingman, silent.context.with_wingman) == (True, False)
    assert told.context.tags == ("challenge", LADDER[0].id)


def test_a_submission_names_another_goal_or_none():
    run = started()
    tied = Run(run.id, run.challenge_id, run.member_id, UUID(int=1), run.start_time, run.expire_time)

    assert goal_of(run, SubmissionDraft()) is None
    assert goal_of(tied, SubmissionDraft()) == UUID(int=1)
    assert goal_of(tied, SubmissionDraft(goal_id=UUID(int=2))) == UUID(int=2)
    assert goal_of(tied, SubmissionDraft(is_untied=True)) is None
