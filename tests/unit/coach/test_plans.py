"""Offline plans: what a member stated stands, figures hold, guards speak, and the same task reads the same."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest

from services.coach.clients.plan_schema import Plan as PlanForm
from services.coach.clients.plan_schema import content
from services.coach.clients.texts import load_texts
from services.coach.domain.planning.ladder import measure
from services.coach.domain.planning.planner import propose, settle, study
from services.coach.domain.planning.proposal import Habit, IfThen, Plan, PlanRejected, Proposal, Subgoal
from services.coach.domain.planning.schedules import Schedule, minutes_per_week, often
from services.coach.domain.planning.slots import Allowance, Quantity
from services.coach.domain.planning.task import OwnHabit, PlanTask, Step, TargetTerms

TODAY = date(2027, 1, 4)
TEXTS = load_texts().plans
WORKDAYS = frozenset(range(1, 6))


def a_plan(title: str, **known: Any) -> Plan:
    """As the offline coach makes it: through the form that every provider answers in."""
    brief = study(PlanTask(title, TODAY, **known), TEXTS)
    made = PlanForm.model_validate(content(propose(brief, TEXTS)))
    return settle(made.proposed(), brief, TEXTS, source="offline")


def load(habits: Iterable[Habit]) -> int:
    return sum(minutes_per_week(habit.schedule, habit.minutes) for habit in habits)


def test_what_the_title_states_is_in_the_plan():
    plan = a_plan("Run 3x per week for 40 minutes until I can do a 10k by March 15", pattern="milestone")

    main = plan.habits[0]
    assert (main.schedule, main.minutes) == (Schedule("week", 3), 40)
    assert main.said.startswith("If ")
    assert ", then I " in main.said
    assert [step.title for step in plan.subgoals] == ["5.5 km in one go", "7.5 km in one go", "10 km in one go"]
    assert plan.subgoals[-1].due_date == date(2027, 3, 15)
    assert plan.fits


def test_the_goals_own_fields_are_above_its_title():
    plan = a_plan("Run 3x per week by May", schedule=Schedule(weekdays=WORKDAYS), last_day=date(2027, 2, 1))

    assert plan.habits[0].schedule == Schedule(weekdays=WORKDAYS)
    assert plan.subgoals[-1].due_date == date(2027, 2, 1)


def test_assumed_minutes_shrink_before_assumed_times_and_it_is_told():
    little_less = a_plan("Learn to play the guitar", pattern="milestone", minutes_per_week=60)
    much_less = a_plan("Learn to play the guitar", pattern="milestone", minutes_per_week=25)

    assert little_less.habits[0].schedule == Schedule("week", 4)
    assert little_less.habits[0].minutes == 15
    assert much_less.habits[0].schedule == Schedule("week", 2)
    assert much_less.habits[0].minutes == 10
    assert little_less.fits
    assert much_less.fits
    assert any("15 minutes instead of 20" in warning for warning in little_less.warnings)
    assert any("twice a week" in warning for warning in much_less.warnings)


def test_stated_figures_that_exceed_the_time_stay_and_do_not_fit():
    plan = a_plan("Practise Italian 30 min a day", schedule=Schedule(), minutes_per_week=120)

    assert (plan.habits[0].schedule, plan.habits[0].minutes) == (Schedule(), 30)
    assert not plan.fits
    assert any("210 minutes a week, and you have 120" in warning for warning in plan.warnings)


def test_a_later_day_is_proposed_in_words_where_time_is_short():
    plan = a_plan("Learn to play the guitar by March 1", pattern="milestone", minutes_per_week=30)

    assert any("more weeks" in warning for warning in plan.warnings)
    assert all(step.due_date and step.due_date <= date(2027, 3, 1) for step in plan.subgoals)


def test_a_time_budget_in_the_text_counts_and_a_larger_one_is_used():
    plan = a_plan("Pass the exam by June, I have 10 hours per week", pattern="milestone")

    assert 240 <= load(plan.habits) <= 600
    assert plan.habits[0].minutes == 120


def test_the_members_own_habits_take_their_time_first():
    own = OwnHabit("Swim", Schedule("week", 2), 45)

    plan = a_plan("Run 3x per week", schedule=Schedule("week", 3), minutes_per_week=150, own_habits=(own,))
    full = a_plan("Run 3x per week", schedule=Schedule("week", 3), minutes_per_week=90, own_habits=(own,))

    assert load(plan.habits) <= 60
    assert plan.fits
    assert not full.fits
    assert any("what you do for it already" in warning for warning in full.warnings)


def test_only_free_days_are_used():
    plan = a_plan("I only have weekends free, maybe 90 minutes", pattern="milestone", category="learning")

    assert {day for habit in plan.habits for day in habit.schedule.weekdays} <= {6, 7}
    assert all(habit.schedule.weekdays for habit in plan.habits)
    assert plan.habits[0].minutes == 90


def test_a_description_fills_what_the_title_leaves_open_and_the_past_is_not_read():
    plan = a_plan(
        "Get better at chess",
        pattern="milestone",
        description="Last year I played 7 times a week. I have 2 hours per week. I want it by June 1.",
    )

    assert load(plan.habits) <= 120
    assert plan.subgoals[-1].due_date == date(2027, 6, 1)


@pytest.mark.parametrize(
    ("known", "titles"),
    [
        (
            {"pattern": "target", "target": TargetTerms("usd", 0, 3000)},
            ["Reach $1,000", "Reach $2,000", "Reach $3,000"],
        ),
        (
            {"pattern": "target", "target": TargetTerms("kg", 80, 77)},
            ["Down to 79 kg", "Down to 78 kg", "Down to 77 kg"],
        ),
        (
            {"pattern": "streak", "streak_length": 60, "schedule": Schedule()},
            ["20 in a row", "40 in a row", "60 in a row"],
        ),
    ],
)
def test_ladders_go_in_steps_that_people_would_name(known: dict[str, Any], titles: list[str]):
    plan = a_plan("My goal", last_day=TODAY + timedelta(weeks=9), **known)

    assert [step.title for step in plan.subgoals] == titles
    assert plan.subgoals[-1].due_date == TODAY + timedelta(weeks=9)


def test_milestones_are_the_steps_and_keep_their_days():
    steps = (Step("Outline"), Step("Draft", date(2027, 2, 1)), Step("Print", date(2029, 1, 1)))

    plan = a_plan("Write my thesis", pattern="milestone", milestones=steps, last_day=date(2027, 6, 1))

    assert [step.title for step in plan.subgoals] == ["Outline", "Draft", "Print"]
    assert plan.subgoals[1].due_date == date(2027, 2, 1)
    assert plan.subgoals[2].due_date is None
    assert any("“Print”" in warning for warning in plan.warnings)


def test_a_single_milestone_gets_steps_before_it():
    plan = a_plan("Find a new job in 4 months", pattern="milestone", milestones=(Step("Get hired"),))

    assert len(plan.subgoals) >= 3
    assert plan.subgoals[-1].title == "Get hired"
    assert plan.subgoals[-1].due_date == date(2027, 5, 4)


def test_hours_of_sleep_are_no_session():
    plan = a_plan("Sleep 8 hours a night", schedule=Schedule(), minutes_per_week=120)

    assert plan.fits
    assert plan.habits[0].minutes <= 20


def test_a_part_of_the_day_becomes_the_cue_where_it_suits_the_habit():
    morning = a_plan("Meditate every morning", schedule=Schedule())
    early = a_plan("Wake up early every morning", schedule=Schedule())

    assert "first drink of the morning" in morning.habits[0].said
    assert "hour before I want to sleep" in early.habits[0].said


def test_a_streak_that_cannot_be_done_in_time_is_told():
    plan = a_plan("Meditate", pattern="streak", streak_length=100, schedule=Schedule(), last_day=date(2027, 2, 1))

    assert any("100 in a row" in warning for warning in plan.warnings)


def test_less_of_something_is_counted_and_not_trained():
    limit = Allowance(Quantity(2, "cups"), "day")

    plan = a_plan("Max 2 cups of coffee a day", pattern="limit", limit=limit, schedule=Schedule())

    assert plan.habits[0].title == "Count it as it happens"
    assert "Count for three days" in plan.subgoals[0].title


def test_a_vague_goal_gets_a_plan_and_one_question():
    plan = a_plan("get fit", schedule=Schedule())

    assert plan.summary.count("?") == 1
    assert plan.habits


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("Lose 20 kg in 4 weeks", "faster than about 1 kg"),
        ("Lose 40 lbs by the end of the month", "faster than about 1 kg"),
        ("Intermittent fasting 5 days a week", "dietitian"),
        ("Stop taking my antidepressants by May", "prescribes"),
        ("Stop drinking alcohol", "A doctor"),
        ("Quit smoking", "quit line"),
        ("Invest 300 dollars monthly in crypto", "qualified"),
    ],
)
def test_what_needs_care_says_so(title: str, word: str):
    assert any(word in warning for warning in a_plan(title, pattern="milestone").warnings)


@pytest.mark.parametrize(
    "title",
    [
        "Learn fast typing",
        "Run a fast 5k by June",
        "Take my vitamins daily",
        "Stop drinking soda",
        "Lose 4 kg in 8 weeks",
    ],
)
def test_harmless_goals_meet_no_guard(title: str):
    assert a_plan(title, pattern="milestone").warnings == ()


def test_a_weight_loss_is_capped_at_what_bodies_take():
    plan = a_plan(
        "Get lean", pattern="target", category="health", target=TargetTerms("kg", 95, 75), last_day=date(2027, 2, 1)
    )

    assert plan.subgoals[-1].title == "4 kg down"


def test_fasting_and_medication_are_not_planned():
    plan = a_plan("Water fast for 5 days by March", pattern="milestone")

    assert "professional" in plan.subgoals[0].title
    assert len(plan.habits) == 1
    assert plan.habits[0].title == "Check in with how you feel"


def test_a_day_that_is_over_leaves_today_and_says_so():
    plan = a_plan("Run a marathon", pattern="milestone", last_day=date(2026, 5, 1))

    assert {step.due_date for step in plan.subgoals} == {TODAY}
    assert any("is over" in warning for warning in plan.warnings)


def test_the_same_task_reads_the_same():
    assert len({repr(a_plan("Run 3x per week", schedule=Schedule("week", 3))) for _ in range(5)}) == 1


def _proposed(**changes: Any) -> Proposal:
    habit = Habit("Run", Schedule("week", 3), 30, IfThen("I get home", "I run"), "Shoes on counts.")
    known: dict[str, Any] = {"summary": "Go.", "subgoals": (Subgoal("5 km", date(2027, 2, 1)),), "habits": (habit,)}
    return Proposal(**known | changes)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"subgoals": (Subgoal("5 km", date(2027, 6, 1)),)}, "dates lie"),
        ({"subgoals": (Subgoal("5 km", date(2027, 1, 3)),)}, "dates lie"),
        ({"subgoals": (Subgoal("5 km", date(2027, 2, 2)), Subgoal("4 km", date(2027, 2, 1)))}, "dates rise"),
        ({"habits": ()}, "one to three habits"),
        ({"habits": (Habit("Run", Schedule("week", 5), 30, IfThen("a", "b"), "c"),)}, "stated schedule"),
        ({"habits": (Habit("Run", Schedule("week", 3), 60, IfThen("a", "b"), "c"),)}, "stated minutes"),
    ],
)
def test_a_proposal_that_breaks_its_task_is_rejected_whoever_made_it(changes: dict[str, Any], rule: str):
    brief = study(PlanTask("Run 3x per week for 30 minutes by March 1", TODAY, pattern="milestone"), TEXTS)
    settle(_proposed(), brief, TEXTS, source="anthropic")

    with pytest.raises(PlanRejected, match=rule):
        settle(_proposed(**changes), brief, TEXTS, source="anthropic")


def test_whether_it_fits_is_computed_and_not_believed():
    brief = study(PlanTask("Run", TODAY, pattern="milestone", minutes_per_week=60), TEXTS)

    plan = settle(_proposed(), brief, TEXTS, source="gemini")

    assert not plan.fits
    assert plan.source == "gemini"


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Schedule(), "every day"),
        (Schedule("week", 3), "three times a week"),
        (Schedule(weekdays=frozenset({1, 3, 5})), "on Mondays, Wednesdays and Fridays"),
        (Schedule(weekdays=WORKDAYS), "from Monday to Friday"),
        (Schedule("day", 2), "twice a day"),
        (Schedule(rrule="FREQ=DAILY;INTERVAL=2"), "every other day"),
        (Schedule(rrule="FREQ=WEEKLY;INTERVAL=3"), "every 3 weeks"),
        (Schedule("week", 3, window_days=7), "three times in any 7 days"),
    ],
)
def test_schedules_are_said_as_people_say_them(schedule: Schedule, words: str):
    assert often(schedule) == words


@pytest.mark.parametrize(
    ("schedule", "minutes"),
    [
        (Schedule(), 70),
        (Schedule("day", 2, frozenset({1, 2})), 40),
        (Schedule("week", 3), 30),
        (Schedule("month", 2), 5),
        (Schedule(rrule="FREQ=DAILY;INTERVAL=2"), 35),
        (Schedule(rrule="FREQ=WEEKLY;INTERVAL=2"), 5),
        (Schedule(rrule="FREQ=WEEKLY;BYDAY=MO,WE"), 20),
        (Schedule(rrule="FREQ=MONTHLY;BYMONTHDAY=1,15"), 5),
        (Schedule("week", 3, window_days=10), 21),
    ],
)
def test_the_time_of_a_week_is_never_told_too_small(schedule: Schedule, minutes: int):
    assert minutes_per_week(schedule, 10) == minutes


def test_measures_read_as_people_write_them():
    assert [measure(3000, "usd"), measure(7.5, "km"), measure(12, "books"), measure(1, "reps")] == [
        "$3,000",
        "7.5 km",
        "12 books",
        "1 repetition",
    ]
