"""Figures over a span, the state, safe days, insights and advice."""

from dataclasses import replace
from datetime import date

import pytest

from services.goals.domain.days import Period
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Amount, Goal, Limit, Pattern, Phase, Status, Target
from services.goals.domain.insights import Moods
from services.goals.domain.outlook import Counts, State, Summary, adherence, summarise
from services.goals.domain.progress import Reach, progress_of
from services.goals.domain.units import Ledger
from tests.unit.goals.history import NOW, a_goal, a_rule, day, days_done, logged

# Six weeks from 2 March on, three days in each.
WEEKS = [
    ("03-02", "03-04", "03-06"),
    ("03-09", "03-11", "03-13"),
    ("03-16", "03-18", "03-20"),
    ("03-23", "03-25", "03-27"),
    ("03-30", "04-01", "04-03"),
    ("04-06", "04-08", "04-10"),
]


def test_percent_counts_closed_units_and_the_open_one_once_it_is_done() -> None:
    open_today = progress_of(a_goal(), days_done("2026-03-02", 2), day("2026-03-05"))
    done_today = progress_of(a_goal(), logged("2026-03-02", "2026-03-03", "2026-03-05"), day("2026-03-05"))

    assert open_today.counts == Counts(done=2, missed=1)
    assert done_today.percent == 75


def test_percent_is_unknown_before_the_first_unit_closes() -> None:
    assert progress_of(a_goal(), logged(), day("2026-03-02")).percent is None


@pytest.mark.parametrize(
    ("reach", "first", "last", "counting"),
    [
        (Reach.WEEK, "2026-04-06", "2026-04-12", 2),
        (Reach.MONTH, "2026-04-01", "2026-04-30", 7),
        (Reach.QUARTER, "2026-04-01", "2026-06-30", 7),
        (Reach.YEAR, "2026-01-01", "2026-12-31", 37),
        (Reach.ALL, "2026-03-02", "2026-04-08", 37),
    ],
)
def test_spans_hold_today(reach: Reach, first: str, last: str, counting: int) -> None:
    progress = progress_of(a_goal(), logged(), day("2026-04-08"), reach=reach)

    assert (progress.first, progress.last) == (day(first), day(last))
    assert progress.counts.counting == counting


def test_a_week_belongs_to_the_month_in_which_it_closes() -> None:
    weekly = a_goal("2026-03-23", period=Period.WEEK)

    assert progress_of(weekly, logged(), day("2026-04-06"), reach=Reach.MONTH).counts.missed == 1


def test_adherence_leaves_out_today_and_what_is_excused() -> None:
    entries = logged("2026-03-02", "2026-03-05", skips=("2026-03-03",))

    assert adherence(Ledger(a_goal(), entries, day("2026-03-05")), 7) == 50


def test_the_series_has_a_point_for_each_day_up_to_today() -> None:
    progress = progress_of(a_goal(), logged("2026-03-09", "2026-03-09"), day("2026-03-11"))

    assert (progress.series_first, progress.series) == (day("2026-03-09"), [2.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("start", "second", "points"),
    [
        ("2025-02-14", "2025-02-15", 400),
        ("2025-02-13", "2025-02-17", 58),
        ("2010-01-01", "2010-02-01", 195),
        ("1950-01-10", "1950-04-01", 305),
        ("1900-01-01", "1901-01-01", 127),
    ],
)
def test_long_series_have_a_point_for_each_longer_period(start: str, second: str, points: int) -> None:
    entries = logged(start, "2026-03-20")

    progress = progress_of(a_goal(start), entries, day("2026-03-20"), reach=Reach.ALL)

    assert (progress.series_days[:2][0], progress.series_days[:2][1]) == (day(start), day(second))
    assert len(progress.series) == len(progress.series_days) == points
    assert (sum(progress.series), progress.series[0], progress.series[-1]) == (2, 1, 1)


def test_the_series_of_an_amount_holds_its_sums() -> None:
    goal = a_goal(amount=Amount("km", 5))

    assert progress_of(goal, logged(amounts=[("2026-03-02", 2), ("2026-03-02", 1.5)]), day("2026-03-02")).series == [
        3.5
    ]


@pytest.mark.parametrize(
    ("goal", "entries", "today", "safe"),
    [
        (a_goal(), logged(), "2026-03-04", 0),
        (a_goal(), logged("2026-03-04"), "2026-03-04", 1),
        (a_goal(weekdays=(1,)), logged("2026-03-02"), "2026-03-03", 6),
        (a_goal(period=Period.WEEK, times=3), logged(), "2026-03-02", 4),
        (a_goal(period=Period.WEEK, times=3), logged("2026-03-02"), "2026-03-02", 5),
        (a_goal(period=Period.WEEK, times=3), logged(), "2026-03-06", 0),
        (a_goal(period=Period.WEEK, times=3), logged(), "2026-03-08", 0),
        (a_goal(period=Period.WEEK, times=1), logged("2026-03-02"), "2026-03-02", 13),
        (a_goal(period=Period.WEEK, amount=Amount("km", 9)), logged(), "2026-03-02", 6),
        (a_goal("2026-03-10"), logged(), "2026-03-05", 5),
        (a_goal(deadline="2026-03-03"), logged("2026-03-03"), "2026-03-03", None),
        (a_goal(deadline="2026-03-03"), logged(), "2026-03-09", None),
    ],
)
def test_safe_days(goal: Goal, entries: Entries, today: str, safe: int | None) -> None:
    assert progress_of(goal, entries, day(today)).pace.safe_days == safe


def test_nothing_is_lost_on_a_paused_goal() -> None:
    phases = [Phase(0, NOW, Status.ACTIVE, None), Phase(day("2026-03-04"), NOW, Status.PAUSED, None)]

    assert progress_of(a_goal(phases=phases, status=Status.PAUSED), logged(), day("2026-03-05")).pace.safe_days is None


@pytest.mark.parametrize(
    ("entries", "today", "state"),
    [
        (logged(), "2026-03-02", State.ON_TRACK),
        (logged("2026-03-02"), "2026-03-02", State.AHEAD),
        (logged("2026-03-02"), "2026-03-04", State.BEHIND),
        (logged("2026-03-02"), "2026-03-05", State.AT_RISK),
        (logged("2026-03-02", "2026-03-05"), "2026-03-05", State.AHEAD),
        (logged("2026-03-02", skips=("2026-03-04",)), "2026-03-05", State.BEHIND),
        (days_done("2026-03-02", 7), "2026-03-09", State.AT_RISK),
        (days_done("2026-03-02", 8), "2026-03-09", State.AHEAD),
        (days_done("2026-03-02", 6), "2026-03-08", State.ON_TRACK),
    ],
)
def test_states(entries: Entries, today: str, state: State) -> None:
    assert summarise(a_goal(), entries, day(today)).state is state


def test_a_completed_goal_is_done() -> None:
    phases = [Phase(0, NOW, Status.ACTIVE, None), Phase(day("2026-03-04"), NOW, Status.COMPLETED, None)]
    goal = a_goal(phases=phases, status=Status.COMPLETED)

    assert summarise(goal, logged(), day("2026-03-20")).state is State.DONE


@pytest.mark.parametrize(
    ("goal", "entries", "due", "done"),
    [
        (a_goal(), logged(), True, False),
        (a_goal(), logged("2026-03-04"), False, True),
        (a_goal(times=2), logged("2026-03-04"), True, True),
        (a_goal(), logged(skips=("2026-03-04",)), False, False),
        (a_goal(weekdays=(1,)), logged(), False, False),
        (a_goal(period=Period.WEEK, times=3), logged("2026-03-02"), True, False),
        (a_goal(period=Period.WEEK, times=3), logged("2026-03-04"), False, True),
        (a_goal(period=Period.WEEK, times=1), logged("2026-03-02"), False, False),
        (a_goal(period=Period.WEEK, times=2, weekdays=(1, 2)), logged(), False, False),
        (a_goal(amount=Amount("km", 5)), logged(amounts=[("2026-03-04", 1)]), True, True),
        (a_goal(amount=Amount("km", 5)), logged("2026-03-04"), True, False),
        (a_goal(amount=Amount("km", 5)), logged("2026-03-04", amounts=[("2026-03-04", 1)]), True, True),
        (a_goal("2026-03-09"), logged(), False, False),
    ],
)
def test_due_and_done_today(goal: Goal, entries: Entries, due: bool, done: bool) -> None:
    summary = summarise(goal, entries, day("2026-03-04"))

    assert (summary.due_today, summary.done_today) == (due, done)


def test_a_new_goal_has_an_empty_summary() -> None:
    assert summarise(a_goal(), logged(), day("2026-03-02")) == Summary(None, State.ON_TRACK, 0, True, False)


def test_nothing_is_said_from_fewer_than_five_units() -> None:
    progress = progress_of(a_goal(), days_done("2026-03-02", 4), day("2026-03-06"))

    assert (progress.facts, progress.recommendations) == (
        [],
        ["Do it today: after today this one can no longer be met."],
    )


def test_a_streak_at_risk_is_told_with_its_figures() -> None:
    facts = progress_of(a_goal(), days_done("2026-03-02", 9), day("2026-03-11")).facts

    assert facts[0].kind == "streak_at_risk"
    assert facts[0].numbers["streak"] == 9


def test_nothing_is_urged_for_a_unit_that_is_lost() -> None:
    weekly = a_goal(period=Period.WEEK, times=3)
    kept = logged(*(f"2026-{d}" for week in WEEKS for d in week))

    last_day = progress_of(weekly, kept, day("2026-04-17"))
    too_late = progress_of(weekly, kept, day("2026-04-18"))

    assert [fact.kind for fact in last_day.facts] == ["streak_at_risk"]
    assert any("Do it today" in advice for advice in last_day.recommendations)
    assert too_late.facts == []
    assert not any("Do it today" in advice for advice in too_late.recommendations)
    assert (last_day.pace.safe_days, too_late.pace.safe_days) == (0, 0)


def test_a_target_behind_its_line_is_told_what_it_takes_a_day() -> None:
    """100 km in 40 days are 2.5 a day; 5 km after 20 days leave 95 for the other 20."""
    start = day("2026-03-02")
    rule = replace(a_rule(start), target=Target("km", 0, 100))
    goal = replace(a_goal(deadline="2026-04-11"), pattern=Pattern.TARGET, rules=(rule,))
    ran = [(date.fromordinal(start + n).isoformat(), 1.0) for n in range(5)]

    behind = progress_of(goal, logged(amounts=ran), start + 20).facts
    from_too_few = progress_of(goal, logged(amounts=ran[:4]), start + 20).facts
    ahead = progress_of(goal, logged(amounts=[*ran[:4], ("2026-03-06", 60.0)]), start + 20).facts
    on_the_last_day = progress_of(goal, logged(amounts=ran), start + 40).facts

    [told] = [fact for fact in behind if fact.kind == "pace_needed"]
    assert told.numbers == {"needed_a_day": 4.75, "planned_a_day": 2.5, "days_left": 20, "delta": -45}
    assert told.text == "4.75 km a day from now on reach the target in time; 2.5 were planned."
    for facts in (from_too_few, ahead, on_the_last_day):
        assert all(fact.kind != "pace_needed" for fact in facts)


def test_weekdays_are_compared() -> None:
    mondays = [day("2026-03-02") + 7 * week for week in range(6)]
    entries = Entries([encode(d, Kind.DONE) for d in range(mondays[0], mondays[-1] + 7) if d not in mondays])

    facts = {fact.kind: fact for fact in progress_of(a_goal(), entries, mondays[-1] + 7).facts}

    assert facts["worst_weekday"].numbers == {"weekday": 1, "done": 0, "due": 6}
    assert facts["best_weekday"].numbers["done"] == 6


def test_this_month_is_compared_with_the_last() -> None:
    facts = progress_of(a_goal("2026-03-01"), days_done("2026-04-01", 8), day("2026-04-09"), reach=Reach.MONTH).facts

    assert {fact.kind: fact.text for fact in facts}["change"] == "100 % done this month, up from 0 % the month before."


def test_mood_on_done_days_is_compared_with_missed_ones() -> None:
    moods, start = Moods(), day("2026-03-02")
    for offset in range(5):
        moods.note(start + offset, 5)
        moods.note(start + 5 + offset, 2)
        moods.note(start + 10, 1)  # Today, which is open.

    facts = progress_of(a_goal(), days_done("2026-03-02", 5), start + 10, moods=moods).facts
    fewer = progress_of(a_goal(), days_done("2026-03-02", 4), start + 9, moods=moods.until(start + 9)).facts

    mood = next(fact for fact in facts if fact.kind == "mood")
    assert mood.numbers == {"mood_done": 5, "mood_missed": 2, "units_done": 5, "units_missed": 5}
    assert (mood.goal_id, mood.id) == (a_goal().id, f"{a_goal().id}:mood:2026-03-02:2026-03-12")
    assert all(fact.kind != "mood" for fact in fewer)


def test_mood_on_days_of_a_limit_goes_by_whether_it_was_kept() -> None:
    moods, start = Moods(), day("2026-03-02")
    rule = replace(a_rule(start), limit=Limit("cups", 2))
    goal = replace(a_goal(), pattern=Pattern.LIMIT, rules=(rule,))
    amounts = [(date.fromordinal(start + n).isoformat(), 1.0 if n < 5 else 4.0) for n in range(10)]
    for offset in range(10):
        moods.note(start + offset, 4 if offset < 5 else 1)

    facts = progress_of(goal, logged(amounts=amounts), start + 10, moods=moods).facts

    mood = next(fact for fact in facts if fact.kind == "mood")
    assert (mood.numbers["mood_done"], mood.numbers["mood_missed"]) == (4, 1)


def test_a_weekday_is_judged_from_five_units() -> None:
    mondays = [day("2026-03-02") + 7 * week for week in range(4)]
    entries = logged(*(date.fromordinal(d).isoformat() for d in range(mondays[0], mondays[-1]) if d not in mondays))

    kinds = {fact.kind for fact in progress_of(a_goal(), entries, mondays[-1] + 7).facts}

    assert kinds.isdisjoint({"best_weekday", "worst_weekday"})


def test_advice_follows_adherence() -> None:
    low = progress_of(a_goal(), days_done("2026-03-02", 2), day("2026-03-12")).recommendations
    high = progress_of(a_goal(), days_done("2026-03-02", 10), day("2026-03-12")).recommendations

    assert any("smaller" in advice for advice in low)
    assert any("holds well" in advice for advice in high)
