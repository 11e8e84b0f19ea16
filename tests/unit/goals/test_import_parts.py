"""What a file says of a step or a habit comes in on that one, whatever became of the goal since, or it is told."""

import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import new_id
from services.goals.domain.activity import Activity, ActivityDraft, ActivityId, ActivityType, Place, record_activity
from services.goals.domain.care import Care, HabitDraft, add_habit, remove_habit
from services.goals.domain.days import Calendar
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Goal, GoalId, Limit, Pattern, Target
from services.goals.domain.planning import GoalDraft, plan_goal, update_goal
from services.goals.domain.schedule import ScheduleDraft
from services.goals.domain.terms import MilestoneDraft
from services.goals.domain.transfer import Arrangement, CsvWriter, JsonWriter, KnownGoal, Source, Writer
from services.goals.domain.transfer.recording import folded
from tests.support.foreign import habitica_file
from tests.unit.goals.lives import every
from tests.unit.goals.transfers import CLOCK, MEMBER, TODAY, arranged

NOW = CLOCK.now()
START = date(2026, 3, 1)
FORMS = ("json", "csv")
# Few, so that steps are often called alike and often take each other's names.
TITLES = ("Boxes", "Van", "Keys")
_TERMS: dict[Pattern, dict[str, Any]] = {
    Pattern.RECURRING: {},
    Pattern.MILESTONE: {},
    Pattern.LIMIT: {"limit": Limit("cups", 2)},
    Pattern.TARGET: {"target": Target("kg", 80, 75)},
}


@dataclass
class Lived:
    """A goal with what was logged on it."""

    goal: Goal
    care: Care
    activities: list[Activity]

    @property
    def entries(self) -> Entries:
        return folded(self.activities)


def made(pattern: Pattern, titles: Sequence[str] = (), habits: int = 0) -> Lived:
    goal = plan_goal(
        GoalDraft(
            title="Move",
            pattern=pattern,
            start_date=START,
            milestones=tuple(MilestoneDraft(title=title) for title in titles),
            **_TERMS[pattern],
        ),
        goal_id=GoalId(new_id(CLOCK)),
        member_id=MEMBER,
        calendar=Calendar("UTC"),
        today=TODAY.toordinal(),
        now=NOW,
        new_id=uuid4,
    )
    care = Care()
    for number in range(habits):
        care = add_habit(care, HabitDraft(f"H{number}", ScheduleDraft()), habit_id=uuid4())
    return Lived(goal, care, [])


def logged(lived: Lived, kind: ActivityType, day: int = 10, **fields: Any) -> Activity:
    at = datetime(2026, 3, day, 12, tzinfo=UTC)
    activity = record_activity(
        ActivityDraft(kind, at.date(), at, **fields),
        Place(lived.goal, TODAY.toordinal(), lived.care.habit_ids),
        activity_id=ActivityId(new_id(CLOCK)),
        now=NOW,
    )
    lived.activities.append(activity)
    return activity


def done(lived: Lived, place: int) -> Activity:
    return logged(lived, ActivityType.MILESTONE, milestone_id=lived.goal.milestones[place].id)


def with_steps(lived: Lived, steps: Sequence[tuple[UUID | None, str]], activities: Sequence[Activity] = ()) -> Goal:
    """The goal after its member gave it these steps; None for a new one."""
    return update_goal(
        lived.goal,
        GoalDraft(milestones=tuple(MilestoneDraft(step_id, title) for step_id, title in steps)),
        {"milestones"},
        entries=folded(activities),
        today=TODAY.toordinal(),
        now=NOW,
        new_id=uuid4,
    )


def exported(lived: Lived, form: str = "json") -> bytes:
    writer: Writer = JsonWriter(NOW) if form == "json" else CsvWriter()
    parts = [writer.begin([]), writer.goal(lived.goal, lived.care, reminders=(), vacations=())]
    return b"".join([*parts, writer.activities(lived.activities), writer.end_goal(), writer.end()])


def brought(content: bytes, key: str, goal: Goal, keys: Collection[str], reached: Collection[UUID]) -> Arrangement:
    """The file on a goal that is there."""
    known = {key: KnownGoal(goal, TODAY.toordinal(), frozenset(reached), frozenset(keys))}
    source = Source.HABITICA if key == "t" else Source.TANDEM
    return arranged(source, content, known=known)


def again(content: bytes, lived: Lived, goal: Goal) -> Arrangement:
    """The file on its own goal, after everything in it was taken back."""
    return brought(content, str(lived.goal.id), goal, (), ())


def copied(lived: Lived) -> Lived:
    """The goal as it comes in for somebody else."""
    arrangement = arranged(Source.TANDEM, exported(lived))
    [arrival] = arrangement.arrivals
    assert arrangement.skipped == []
    return Lived(arrival.goal, arrival.care, list(arrival.activities))


def told(arrangement: Arrangement) -> int:
    """How many things are told not to come in."""
    counts = [re.search(r"\((\d+) times\)$", each.reason) for each in arrangement.skipped]
    return sum(int(found[1]) if found else 1 for found in counts)


# Our own files.


def own_lives(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Lived:
    """A goal of any pattern with entries of its steps and habits; some of these are gone by now."""
    pattern = draw(st.sampled_from(list(_TERMS)))
    titles = draw(st.lists(st.sampled_from(TITLES), min_size=1, max_size=4)) if pattern is Pattern.MILESTONE else []
    lived = made(pattern, titles, habits=draw(st.integers(0, 3)))
    for place in range(len(titles)):
        if draw(st.booleans()):
            done(lived, place)
    for habit in lived.care.habits:
        for day in draw(st.lists(st.integers(1, 20), max_size=2)):
            logged(lived, ActivityType.CHECK_IN, day, habit_id=habit.id, completed=draw(st.booleans()))
        if draw(st.booleans()):
            lived.care = remove_habit(lived.care, habit.id)
    logged(lived, ActivityType.NOTE, note="here")
    return lived


def edited(lived: Lived, kept: Sequence[Activity], draw: Callable[[st.SearchStrategy[Any]], Any]) -> Goal:
    """The goal after its steps were put in another order, renamed and dropped, and others were put between."""
    if lived.goal.pattern is not Pattern.MILESTONE:
        return lived.goal
    steps: list[tuple[UUID | None, str]] = [
        (step.id, draw(st.sampled_from((step.title, *TITLES)))) for step in lived.goal.milestones if draw(st.booleans())
    ]
    steps += [(None, title) for title in draw(st.lists(st.sampled_from(TITLES), max_size=2))]
    return with_steps(lived, draw(st.permutations(steps or [(None, "Other")])), kept)


@every(150)
@given(data=st.data())
def test_entries_of_our_own_files_come_in_on_the_parts_that_the_file_names(data: st.DataObject):
    lived = own_lives(data.draw)
    content = exported(lived, data.draw(st.sampled_from(FORMS)))
    there = copied(lived) if data.draw(st.booleans()) else lived
    kept = [each for each in there.activities if data.draw(st.booleans())]
    originals = {str(each.id): each for each in lived.activities}
    names = dict(zip([each.id for each in there.activities], originals, strict=True))
    goal = edited(there, kept, data.draw)

    arrangement = brought(
        content,
        str(lived.goal.id),
        goal,
        [names[each.id] for each in kept],
        [each.milestone_id for each in kept if each.milestone_id],
    )

    [arrival] = arrangement.arrivals
    for key, activity in zip(arrival.keys, arrival.activities, strict=True):
        original = originals[key]
        assert (activity.milestone_id, activity.habit_id) == (original.milestone_id, original.habit_id)
        assert (activity.kind, activity.completed) == (original.kind, original.completed)
        assert activity.milestone_id is None or activity.milestone_id in {step.id for step in goal.milestones}
    assert len(arrival.keys) + told(arrangement) == len(lived.activities) - len(kept)


@every(100)
@given(data=st.data())
def test_a_goal_that_is_copied_says_of_its_parts_what_it_said(data: st.DataObject):
    lived = own_lives(data.draw)
    lived.goal = edited(lived, lived.activities, data.draw)

    copy = copied(lived)

    assert [replace(each, goal_id=lived.goal.id) for each in lived.activities] == [
        replace(each, id=original.id, goal_id=lived.goal.id)
        for each, original in zip(copy.activities, lived.activities, strict=True)
    ]


@pytest.mark.parametrize("form", FORMS)
def test_steps_in_another_order_are_the_same_steps(form: str):
    lived = made(Pattern.MILESTONE, ["A", "B"])
    done(lived, 0)
    first, second = lived.goal.milestones

    arrangement = again(
        exported(lived, form), lived, with_steps(lived, [(second.id, "B"), (None, "New"), (first.id, "Renamed")])
    )

    assert [each.milestone_id for each in arrangement.arrivals[0].activities] == [first.id]
    assert arrangement.skipped == []


def test_a_step_that_is_there_no_more_is_told():
    lived = made(Pattern.MILESTONE, ["A", "B"])
    done(lived, 0)

    arrangement = again(exported(lived), lived, with_steps(lived, [(lived.goal.milestones[1].id, "A")]))

    assert arrangement.arrivals[0].activities == []
    assert [each.reason for each in arrangement.skipped] == ["milestone_id names no milestone of this goal"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("is_removed", [False, True])
def test_a_habit_that_was_not_done_breaches_no_limit_wherever_it_comes_in(form: str, *, is_removed: bool):
    lived = made(Pattern.LIMIT, habits=1)
    [habit] = lived.care.habits
    logged(lived, ActivityType.CHECK_IN, habit_id=habit.id, completed=False)
    if is_removed:
        lived.care = remove_habit(lived.care, habit.id)

    [activity] = again(exported(lived, form), lived, lived.goal).arrivals[0].activities

    assert (activity.habit_id, activity.counts, activity.kind) == (habit.id, False, None)
    assert copied(lived).entries.count == 0


def test_a_step_that_was_done_and_dropped_comes_along():
    lived = made(Pattern.MILESTONE, ["A", "B"])
    activity = done(lived, 0)
    lived.goal = with_steps(lived, [(lived.goal.milestones[1].id, "B")], lived.activities)
    assert lived.goal.past_steps == ()

    copy = copied(lived)

    assert [each.milestone_id for each in copy.activities] == [activity.milestone_id]
    assert copy.goal.milestones == lived.goal.milestones


def test_a_note_from_before_a_start_that_was_moved_comes_along():
    lived = made(Pattern.TARGET)
    logged(lived, ActivityType.NOTE, 3, note="long ago")
    moved = date(2026, 3, 9).toordinal()
    lived.goal = replace(lived.goal, start_day=moved)

    copy = copied(lived)

    assert (copy.goal.start_day, [each.note for each in copy.activities]) == (moved, ["long ago"])


def test_what_counts_and_lies_before_the_start_stays_out():
    lived = made(Pattern.TARGET)
    logged(lived, ActivityType.PROGRESS, 3, value=79)
    lived.goal = replace(lived.goal, start_day=date(2026, 3, 9).toordinal())

    arrangement = arranged(Source.TANDEM, exported(lived))

    assert arrangement.activity_count == 0
    assert [each.reason for each in arrangement.skipped] == ["local_date must not lie before the goal's start date"]


@pytest.mark.parametrize("parts", ["milestones", "habits"])
def test_an_id_names_one_part(parts: str):
    document = json.loads(exported(made(Pattern.MILESTONE, ["A"], habits=1)))
    document["goals"][0][parts] *= 2

    arrangement = arranged(Source.TANDEM, json.dumps(document).encode())

    assert arrangement.arrivals == []
    assert [each.reason for each in arrangement.skipped] == [f"{parts} must not have an id twice"]


def test_a_file_reaches_no_more_steps_than_a_goal_can_have_had():
    lived = made(Pattern.MILESTONE, ["A"])
    activity = done(lived, 0)
    lived.activities = [
        replace(activity, id=ActivityId(uuid4()), milestone_id=UUID(int=number)) for number in range(1, 1_203)
    ]

    arrangement = arranged(Source.TANDEM, exported(lived))

    assert arrangement.activity_count == 1_100
    assert told(arrangement) == 102


# Habitica's.


def checklist(*items: tuple[str, str, bool]) -> list[dict[str, Any]]:
    return [{"id": key, "text": title, "completed": is_done} for key, title, is_done in items]


def todo(items: Sequence[dict[str, Any]], **fields: Any) -> bytes:
    task = {"_id": "t", "text": "Move", "createdAt": "2026-03-01T08:00:00Z", "checklist": items, **fields}
    return habitica_file(habits=[], dailys=[], todos=[task], rewards=[])


def test_a_checklist_that_grew_marks_the_item_that_was_done():
    [first] = arranged(Source.HABITICA, todo(checklist(("1", "Boxes", False), ("2", "Van", False)))).arrivals
    later = todo(checklist(("3", "Call mother", False), ("1", "Boxes", True), ("2", "Van", False)))

    [arrival] = brought(later, "t", first.goal, first.keys, ()).arrivals

    assert [each.milestone_id for each in arrival.activities] == [first.goal.milestones[0].id]


def test_the_same_items_in_another_order_are_no_news():
    [first] = arranged(Source.HABITICA, todo(checklist(("1", "Boxes", True), ("2", "Van", True)))).arrivals
    later = todo(checklist(("2", "Van", True), ("1", "Boxes", True)))

    arrangement = brought(later, "t", first.goal, first.keys, ())

    assert (arrangement.activity_count, arrangement.skipped) == (0, [])


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (("1", "Boxes", False), ("2", "Lamp", True), "a step that the goal does not have, or not by this name"),
        (("1", "Van", False), ("1", "Van", True), "one of several steps of the same name"),
    ],
)
def test_an_item_that_may_be_another_one_is_told(
    before: tuple[str, str, bool], after: tuple[str, str, bool], reason: str
):
    van = ("0", "Van", False)
    [first] = arranged(Source.HABITICA, todo(checklist(van, before))).arrivals

    arrangement = brought(todo(checklist(van, after)), "t", first.goal, first.keys, ())

    assert arrangement.activity_count == 0
    assert [each.reason for each in arrangement.skipped] == [f"it is for {reason}"]


def test_a_to_do_without_a_checklist_is_one_step():
    [first] = arranged(Source.HABITICA, todo([])).arrivals

    [arrival] = brought(todo([], completed=True), "t", first.goal, first.keys, ()).arrivals

    assert [each.milestone_id for each in arrival.activities] == [first.goal.milestones[0].id]


@pytest.mark.parametrize("ids", [("", ""), ("1", "1")])
def test_items_without_ids_of_their_own_have_keys_of_their_own(ids: tuple[str, str]):
    [arrival] = arranged(
        Source.HABITICA, todo(checklist((ids[0], "Boxes", True), (ids[1], "Boxes", True), ("", "Van", True)))
    ).arrivals

    assert len(set(arrival.keys)) == 3
    assert [each.milestone_id for each in arrival.activities] == [step.id for step in arrival.goal.milestones]


@every(150)
@given(data=st.data())
def test_items_of_a_checklist_come_in_on_steps_of_their_name(data: st.DataObject):
    title, flag = st.sampled_from(TITLES), st.booleans()
    items = [(f"{key}", data.draw(title), data.draw(flag)) for key in range(data.draw(st.integers(1, 4)))]
    # With one that is never done the goal stays open to its member's changes.
    [first] = arranged(Source.HABITICA, todo(checklist(*items, ("open", "Last", False)))).arrivals
    lived = Lived(first.goal, first.care, list(first.activities))
    kept = [(key, each) for key, each in zip(first.keys, first.activities, strict=True) if data.draw(flag)]
    goal = edited(lived, [each for _, each in kept], data.draw)
    later = [(key, data.draw(st.sampled_from((was, *TITLES))), data.draw(flag)) for key, was, _ in items]
    later = data.draw(st.permutations([*later, ("new", data.draw(title), data.draw(flag))]))

    arrangement = brought(
        todo(checklist(*later)),
        "t",
        goal,
        [key for key, _ in kept],
        [each.milestone_id for _, each in kept if each.milestone_id],
    )

    [arrival] = arrangement.arrivals
    names, steps = {f"step {key}": name for key, name, _ in later}, {step.id: step.title for step in goal.milestones}
    for key, activity in zip(arrival.keys, arrival.activities, strict=True):
        assert activity.milestone_id is not None
        assert steps[activity.milestone_id] == names[key]
        assert list(steps.values()).count(names[key]) == 1
    fresh = {f"step {key}" for key, _, is_done in later if is_done} - {key for key, _ in kept}
    assert len(arrival.keys) + told(arrangement) == len(fresh)
