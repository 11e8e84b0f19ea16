"""Nobody makes a goal's history, or what is kept of it in memory, grow without end."""

import json
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from itertools import cycle, islice
from typing import Any
from uuid import uuid4

import pytest

from services.goals import errors
from services.goals.domain.bounds import MAX_CHANGES, MAX_VERSIONS
from services.goals.domain.care import Care, restore_goal
from services.goals.domain.completion import settle
from services.goals.domain.days import Calendar
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Goal, Limit, Pattern, Phase, Status, Target
from services.goals.domain.planning import GoalDraft, archive_goal, change_calendar, plan_goal, update_goal
from services.goals.domain.schedule import ScheduleDraft
from services.goals.domain.terms import MilestoneDraft
from services.goals.domain.transfer import Source
from services.goals.domain.transfer.documents import FORMAT, VERSION, goal_document
from services.goals.repository.documents import (
    milestones_document,
    phases_document,
    read_milestones,
    read_phases,
    read_rules,
    rules_document,
)
from tests.unit.goals.history import GOAL, MEMBER, NOW, a_goal, day
from tests.unit.goals.transfers import arranged, reasons

TODAY = day("2026-03-20")


def planned(**fields: Any) -> Goal:
    draft = GoalDraft(**{"title": "Run", "pattern": Pattern.LIMIT} | fields)
    return plan_goal(draft, goal_id=GOAL, member_id=MEMBER, calendar=Calendar(), today=TODAY, now=NOW, new_id=uuid4)


def a_limit() -> Goal:
    return planned(limit=Limit("cups", 2))


def updated(goal: Goal, **fields: Any) -> Goal:
    draft = GoalDraft(**fields)
    return update_goal(goal, draft, set(fields), entries=Entries(), today=TODAY, now=NOW, new_id=uuid4)


def with_rules(count: int) -> Goal:
    goal = a_limit()
    rules = [replace(goal.rule, limit=Limit("cups", 1 + n % 9), known_from=NOW) for n in range(count)]
    return replace(goal, rules=tuple(rules))


def with_phases(count: int) -> Goal:
    goal = a_limit()
    statuses = islice(cycle([Status.ACTIVE, Status.PAUSED]), count - 1)
    later = [Phase(TODAY, NOW, status, None) for status in statuses]
    phases = (goal.phases[0], *later)
    return replace(goal, phases=phases, status=phases[-1].status)


def test_what_a_goal_asks_for_can_be_changed_many_times_and_no_more() -> None:
    goal = updated(with_rules(MAX_CHANGES - 1), limit=Limit("cups", 100))
    assert len(goal.rules) == MAX_CHANGES

    for fields in ({"limit": Limit("cups", 101)}, {"schedule": ScheduleDraft(times=1, weekdays=(1,))}):
        with pytest.raises(errors.TooManyChanges):
            updated(goal, **fields)

    assert updated(goal, title="Walk", limit=Limit("cups", 100)).title == "Walk"
    assert updated(goal, status=Status.PAUSED).status is Status.PAUSED


@pytest.mark.parametrize("fields", [{"status": Status.PAUSED}, {"deadline": NOW.date() + timedelta(days=9)}])
def test_status_and_deadline_can_be_changed_many_times_and_no_more(fields: dict[str, Any]) -> None:
    assert len(updated(with_phases(MAX_CHANGES - 2), **fields).phases) == MAX_CHANGES - 1

    with pytest.raises(errors.TooManyChanges):
        updated(with_phases(MAX_CHANGES), **fields)


@pytest.mark.parametrize("count", [MAX_CHANGES, MAX_VERSIONS - 10])
def test_a_goal_can_always_be_closed_and_is_not_restored_beyond_the_bound(count: int) -> None:
    goal = with_phases(count)

    done = updated(goal, status=Status.COMPLETED)
    away = archive_goal(done, today=TODAY, now=NOW)

    assert (done.status, away.status) == (Status.COMPLETED, Status.ARCHIVED)
    assert len(away.phases) <= MAX_VERSIONS
    with pytest.raises(errors.TooManyChanges):
        restore_goal(away, Entries(), today=TODAY, now=NOW)


def test_entries_complete_and_reopen_a_goal_up_to_a_bound() -> None:
    goal = replace(planned(pattern=Pattern.TARGET, target=Target("km", 0, 10)), start_day=TODAY)
    reached = Entries([encode(TODAY, Kind.PROGRESS)], [10.0])
    longest = 0

    for entries in islice(cycle([reached, Entries()]), MAX_VERSIONS + 10):
        goal = settle(goal, entries, today=TODAY, now=NOW)
        longest = max(longest, len(goal.phases))

    assert MAX_CHANGES < longest < MAX_VERSIONS


def test_calendars_make_versions_up_to_a_bound() -> None:
    goal = with_rules(MAX_VERSIONS - 1)

    for hour in (1, 2, 3):
        goal = change_calendar(goal, Calendar("UTC", hour), is_empty=False, today=TODAY, last_logged_day=0, now=NOW)

    assert len(goal.rules) == MAX_VERSIONS
    assert goal.rule.calendar.day_start_hour == 1


def test_an_export_with_as_many_versions_as_there_may_be_comes_back() -> None:
    goal = replace(with_rules(MAX_VERSIONS), phases=with_phases(MAX_VERSIONS).phases, status=Status.ACTIVE)
    document = {**goal_document(goal, Care(), ()), "vacations": [], "activities": []}
    content = json.dumps({"format": FORMAT, "version": VERSION, "vacations": [], "goals": [document]}).encode()

    arrangement = arranged(Source.TANDEM, content)

    assert reasons(arrangement) == {}
    [arrival] = arrangement.arrivals
    assert [rule.limit for rule in arrival.goal.rules[:MAX_VERSIONS]] == [rule.limit for rule in goal.rules]
    assert arrival.goal.phases[:MAX_VERSIONS] == goal.phases


def test_what_is_kept_of_read_texts_does_not_grow_with_a_goal_s_history() -> None:
    """Every change makes another text, each longer than the one before."""
    goal = a_goal()
    tracemalloc.start()
    try:
        for count in range(1, 120):
            rules = (goal.rules * count)[:count]
            read_rules(json.dumps(rules_document([replace(rule, known_from=NOW) for rule in rules])))
            read_phases(json.dumps(phases_document(goal.phases * count)))
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert grown < 1_000_000


def test_short_texts_are_kept_and_long_ones_read_anew_alike() -> None:
    rules = with_rules(300).rules
    short, long = (json.dumps(rules_document(some)) for some in (rules[:1], rules))
    steps = json.dumps(
        milestones_document(
            planned(
                pattern=Pattern.MILESTONE, milestones=tuple(MilestoneDraft(title="👩" * 200) for _ in range(9))
            ).milestones
        ),
        ensure_ascii=False,
    )

    assert read_rules(short) is read_rules(short)
    assert read_rules(long) == read_rules(long) == rules
    assert read_rules(long) is not read_rules(long)
    assert read_milestones(steps) == read_milestones(steps)
    assert read_milestones(steps) is not read_milestones(steps)
