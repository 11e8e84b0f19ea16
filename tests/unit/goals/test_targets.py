"""Targets: the value, its line, and what both say."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.goals.domain.completion import completion_day, settle
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Aggregation, Goal, Pattern, Phase, Status, Target
from services.goals.domain.line import line_of
from services.goals.domain.outlook import State, summarise
from services.goals.domain.pace import Pace, pace_of
from services.goals.domain.progress import progress_of
from services.goals.domain.units import Ledger
from tests.unit.goals.history import NOW, a_goal, a_rule, day

START = day("2026-03-02")


def target(
    start: float = 0,
    end: float = 100,
    *,
    aggregation: Aggregation = Aggregation.SUM,
    deadline: str | None = "2026-03-12",
    phases: tuple[Phase, ...] = (),
) -> Goal:
    """0 to 100 in ten days, by default: ten a day."""
    rule = replace(a_rule(START), target=Target("km", start, end, aggregation))
    goal = a_goal("2026-03-02", rule, deadline=deadline, phases=phases or None)
    return replace(goal, pattern=Pattern.TARGET)


def read(*readings: tuple[str, float], skips: tuple[str, ...] = (), **more: object) -> Entries:
    codes = [encode(day(text), Kind.PROGRESS) for text, _ in readings] + [encode(day(s), Kind.SKIP) for s in skips]
    return Entries(codes, [value for _, value in readings], **more)  # type: ignore[arg-type]


def pace(goal: Goal, entries: Entries, today: str) -> Pace:
    return pace_of(Ledger(goal, entries, day(today)))


@pytest.mark.parametrize(
    ("start", "end", "aggregation", "values", "actual"),
    [
        (0, 100, Aggregation.SUM, [10, 20], 30),
        (90, 80, Aggregation.SUM, [3, 1], 86),
        (90, 80, Aggregation.LAST, [88, 89], 89),
        (10, 50, Aggregation.MAX, [20, 40, 30], 40),
        (90, 80, Aggregation.MAX, [85, 87], 85),
        (10, 50, Aggregation.MAX, [5], 5),
        (10, 50, Aggregation.LAST, [], 10),
    ],
)
def test_the_actual_value(start: float, end: float, aggregation: Aggregation, values: list[float], actual: float):
    entries = read(*[("2026-03-03", value) for value in values])

    assert pace(target(start, end, aggregation=aggregation), entries, "2026-03-04").actual == actual


def test_the_line_goes_from_the_start_to_the_deadline_by_days():
    goal = target()

    assert [pace(goal, read(), f"2026-03-{at:02}").expected for at in (2, 3, 7, 12, 20)] == [0, 10, 50, 100, 100]


def test_delta_is_ahead_of_the_line_whichever_way_the_target_lies():
    up = pace(target(), read(("2026-03-03", 25)), "2026-03-03")
    down = pace(target(100, 0, aggregation=Aggregation.LAST), read(("2026-03-03", 95)), "2026-03-03")

    assert (up.expected, up.delta, up.needed_today) == (10, 15, 0)
    assert (down.expected, down.delta, down.needed_today) == (90, -5, 5)


@pytest.mark.parametrize(
    ("value", "today", "safe"),
    [(25, "2026-03-03", 2), (20, "2026-03-03", 2), (10, "2026-03-03", 1), (9, "2026-03-03", 0)],
)
def test_safe_days_until_the_value_is_on_the_wrong_side(value: float, today: str, safe: int):
    assert pace(target(), read(("2026-03-03", value)), today).safe_days == safe


def test_what_is_at_its_target_is_never_on_the_wrong_side():
    assert pace(target(), read(("2026-03-03", 100)), "2026-03-03").safe_days is None


def test_without_a_deadline_only_the_value_is_told():
    found = pace(target(deadline=None), read(("2026-03-03", 25)), "2026-03-04")

    assert found == Pace(actual=25)


def test_days_away_do_not_count_on_the_line():
    away = [(day("2026-03-05"), day("2026-03-09"))]

    found = [pace(target(), read(vacations=away), f"2026-03-{at:02}").expected for at in (4, 5, 9, 10, 12)]

    # Five of ten days are left, so each is worth twenty; while away the line is flat.
    assert found == [40, 40, 40, 60, 100]


def test_days_away_years_ahead_count_as_little_and_move_no_past_value():
    goal = target(deadline="2031-03-02")
    entries = read(vacations=[(day("2030-02-01"), day("2030-11-27"))])

    early = Ledger(goal, entries, day("2026-03-20"))
    late = Ledger(goal, entries, day("2030-12-31"))

    days = day("2031-03-02") - START - 300
    assert pace_of(early).expected == pytest.approx(100 * 18 / days)
    assert line_of(early) == line_of(late)


def test_paused_days_do_not_count_on_the_line():
    pause = (
        Phase(0, NOW, Status.ACTIVE, day("2026-03-12")),
        Phase(day("2026-03-05"), NOW, Status.PAUSED, day("2026-03-12")),
        Phase(day("2026-03-10"), NOW, Status.ACTIVE, day("2026-03-12")),
    )

    assert [pace(target(phases=pause), read(), f"2026-03-{at:02}").expected for at in (4, 9, 10)] == [40, 40, 60]


def test_a_new_version_begins_where_the_old_line_stood():
    goal = target()
    harder = replace(goal.rule, target=Target("km", 0, 250), effective_from=day("2026-03-07"))
    goal = replace(goal, rules=(goal.rule, harder))

    assert [pace(goal, read(), f"2026-03-{at:02}").expected for at in (6, 7, 8, 12)] == [40, 50, 90, 250]


def test_a_later_deadline_begins_a_new_line_as_well():
    phases = (
        Phase(0, NOW, Status.ACTIVE, day("2026-03-12")),
        Phase(day("2026-03-07"), NOW, Status.ACTIVE, day("2026-03-17")),
    )
    goal = target(phases=phases, deadline="2026-03-17")

    assert [pace(goal, read(), f"2026-03-{at:02}").expected for at in (6, 7, 12, 17)] == [40, 50, 75, 100]


def test_a_deadline_drawn_nearer_leaves_the_old_line_as_it_was():
    """Its days away count for it still, though they lie behind the new deadline."""
    away = [(day("2026-03-08"), day("2026-03-11"))]
    drawn = (
        Phase(0, NOW, Status.ACTIVE, day("2026-03-12")),
        Phase(day("2026-03-06"), NOW, Status.ACTIVE, day("2026-03-07")),
    )

    before = [pace(target(), read(vacations=away), f"2026-03-{at:02}").expected for at in (3, 5)]
    after = target(phases=drawn, deadline="2026-03-07")

    assert [pace(after, read(vacations=away), f"2026-03-{at:02}").expected for at in (3, 5)] == before


def test_the_projected_end_goes_by_the_last_28_days():
    goal = target(deadline="2026-12-31")

    assert pace(goal, read(("2026-03-03", 10)), "2026-03-12").projected_end == day("2026-03-12") + 90
    assert pace(goal, read(("2026-03-03", 10)), "2026-04-12").projected_end is None
    assert pace(goal, read(), "2026-03-12").projected_end is None


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (9.5, State.BEHIND),
        (0, State.BEHIND),
        (-0.5, State.AT_RISK),
        (10, State.ON_TRACK),
        (19.9, State.ON_TRACK),
        (20, State.AHEAD),
    ],
)
def test_the_state_goes_by_days_of_pace(value: float, state: State):
    assert summarise(target(), read(("2026-03-03", value)), day("2026-03-03")).state is state


def test_percent_is_how_much_of_the_way_is_gone():
    goal = target(90, 80, aggregation=Aggregation.LAST)

    assert summarise(goal, read(("2026-03-03", 87.5)), day("2026-03-03")).percent == 25
    assert summarise(goal, read(("2026-03-03", 95)), day("2026-03-03")).percent == 0
    assert summarise(goal, read(("2026-03-03", 70)), day("2026-03-03")).percent == 100


def test_a_target_has_no_units_no_streak_and_no_strength():
    progress = progress_of(target(), read(("2026-03-03", 10)), day("2026-03-05"))

    assert (progress.counts.counting, progress.adherence, progress.strength) == (0, None, None)
    assert (progress.streak.current, progress.streak.longest) == (None, None)
    assert list(progress.series) == [0, 10, 10, 10]


def test_a_target_completes_when_it_is_reached_and_opens_again_when_that_is_taken_back():
    goal, today = target(), day("2026-03-06")
    enough = read(("2026-03-03", 60), ("2026-03-05", 40))

    done = settle(goal, enough, today=today, now=NOW)
    again = settle(done, read(("2026-03-03", 60)), today=today, now=NOW)

    assert (done.status, done.completed_day) == (Status.COMPLETED, day("2026-03-05"))
    assert settle(done, enough, today=today, now=NOW) is done
    assert (again.status, again.completed_day) == (Status.ACTIVE, None)
    assert pace_of(Ledger(again, read(("2026-03-03", 60)), today)).expected == 40


def test_who_completed_a_goal_by_hand_keeps_it_completed():
    phases = (Phase(0, NOW, Status.ACTIVE, None), Phase(day("2026-03-05"), NOW, Status.COMPLETED, None))
    goal = replace(target(phases=phases), status=Status.COMPLETED, completed_day=day("2026-03-05"))

    assert settle(goal, read(), today=day("2026-03-06"), now=NOW) is goal


@settings(max_examples=200, deadline=None)
@given(
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
    st.integers(0, 400),
    st.integers(0, 500),
    st.sets(st.integers(START + 1, START + 400), max_size=20),
    st.lists(st.tuples(st.integers(START, START + 300), st.floats(-1e5, 1e5)), max_size=10),
)
def test_safe_days_is_the_first_day_behind_the_line(
    start: float, end: float, length: int, at: int, skips: set[int], readings: list[tuple[int, float]]
):
    """By trying every day in turn, with the line computed from the formula alone."""
    if abs(start - end) < 1e-3:
        return
    deadline = date.fromordinal(START + length).isoformat()
    goal = target(start, end, aggregation=Aggregation.LAST, deadline=deadline)
    today = START + at
    readings = sorted((d, v) for d, v in readings if d <= today)
    codes = [encode(d, Kind.PROGRESS) for d, _ in readings] + [encode(d, Kind.SKIP) for d in skips]
    entries = Entries(codes, [value for _, value in readings])
    actual = readings[-1][1] if readings else start
    counting = [d for d in range(START + 1, START + length + 1) if d not in skips]

    def behind(d: int) -> bool:
        gone = sum(x <= d for x in counting) / len(counting) if counting else 1.0
        expected = end if d >= START + length else start + (end - start) * gone
        lead = (actual - expected) * (1 if end > start else -1)
        return lead < -1e-9 * max(abs(actual), abs(expected), 1e-3)

    found = pace_of(Ledger(goal, entries, today)).safe_days
    slow = next((k for k in range(max(0, START + length - today) + 1) if behind(today + k)), None)

    assert found == slow


def test_the_day_of_completion_is_that_of_the_entry():
    ledger = Ledger(target(), read(("2026-03-03", 60), ("2026-03-04", 60), ("2026-03-09", 5)), day("2026-03-10"))

    assert completion_day(ledger) == day("2026-03-04")
