"""Runs of kept units and the forgiving score."""

import pytest

from services.goals.domain.days import Period
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Amount, Excused, Phase, Status
from services.goals.domain.streak import Run, current_streak, streak_of
from services.goals.domain.units import Ledger
from tests.unit.goals.history import NOW, a_goal, day, days_done, logged, strength


def test_unfinished_today_does_not_break_a_streak() -> None:
    ledger = Ledger(a_goal(), days_done("2026-03-02", 2), day("2026-03-04"))

    assert streak_of(ledger).current == Run(day("2026-03-02"), day("2026-03-03"), 2)


def test_today_counts_as_soon_as_it_is_done() -> None:
    assert current_streak(Ledger(a_goal(), days_done("2026-03-02", 3), day("2026-03-04"))) == 3


def test_a_missed_day_ends_the_run_and_the_longest_is_kept() -> None:
    entries = logged("2026-03-02", "2026-03-03", "2026-03-05")

    streak = streak_of(Ledger(a_goal(), entries, day("2026-03-06")))

    assert streak.current == Run(day("2026-03-05"), day("2026-03-05"), 1)
    assert streak.longest == Run(day("2026-03-02"), day("2026-03-03"), 2)


def test_a_run_that_was_broken_is_not_current() -> None:
    streak = streak_of(Ledger(a_goal(), logged("2026-03-02"), day("2026-03-04")))

    assert streak.current is None
    assert streak.longest == Run(day("2026-03-02"), day("2026-03-02"), 1)


def test_nothing_done_is_no_streak() -> None:
    streak = streak_of(Ledger(a_goal(), logged(), day("2026-03-04")))

    assert (streak.current, streak.longest) == (None, None)


@pytest.mark.parametrize(("excused", "length"), [(Excused.NEUTRAL, 2), (Excused.COUNTS, 3), (Excused.BREAKS, 1)])
def test_excused_days_act_by_policy(excused: Excused, length: int) -> None:
    goal = a_goal(excused=excused)
    entries = logged("2026-03-02", "2026-03-04", skips=("2026-03-03",))

    assert current_streak(Ledger(goal, entries, day("2026-03-05"))) == length


def test_partial_breaks_a_streak() -> None:
    goal = a_goal(amount=Amount("km", 5))
    entries = logged(amounts=[("2026-03-02", 5), ("2026-03-03", 4)])

    assert current_streak(Ledger(goal, entries, day("2026-03-04"))) == 0


def test_a_pause_is_passed_over() -> None:
    phases = [
        Phase(0, NOW, Status.ACTIVE, None),
        Phase(day("2026-03-04"), NOW, Status.PAUSED, None),
        Phase(day("2026-03-10"), NOW, Status.ACTIVE, None),
    ]
    entries = logged("2026-03-02", "2026-03-03", "2026-03-10")

    assert current_streak(Ledger(a_goal(phases=phases), entries, day("2026-03-10"))) == 3


def test_completing_keeps_the_day_it_happened_on() -> None:
    phases = [Phase(0, NOW, Status.ACTIVE, None), Phase(day("2026-03-04"), NOW, Status.COMPLETED, None)]
    goal = a_goal(phases=phases, status=Status.COMPLETED)

    assert current_streak(Ledger(goal, days_done("2026-03-02", 3), day("2026-03-20"))) == 3


def test_strength_of_a_daily_habit_follows_the_published_decay() -> None:
    ledger = Ledger(a_goal(), days_done("2026-03-02", 13), day("2026-03-15"))

    assert strength(ledger) == pytest.approx(0.5)


def test_strength_of_a_weekly_count_looks_at_two_weeks() -> None:
    goal = a_goal(period=Period.WEEK, times=3)
    memory = 0.5 ** ((3 / 7) ** 0.5 / 13)

    one = strength(Ledger(goal, logged("2026-03-02"), day("2026-03-02")))

    assert one == pytest.approx((1 - memory) / 6)


def test_today_enters_strength_only_where_it_does_not_lower_it() -> None:
    entries = days_done("2026-03-02", 5)

    before = strength(Ledger(a_goal(), entries, day("2026-03-06")))

    assert strength(Ledger(a_goal(), entries, day("2026-03-07"))) == before
    assert strength(Ledger(a_goal(), entries, day("2026-03-08"))) < before


def test_excused_days_carry_strength() -> None:
    done = days_done("2026-03-02", 5)

    skipped = done.with_entry(day("2026-03-07"), Kind.SKIP)

    assert strength(Ledger(a_goal(), skipped, day("2026-03-08"))) == strength(Ledger(a_goal(), done, day("2026-03-06")))


def test_named_days_take_one_step_each() -> None:
    weekly = a_goal(weekdays=(1,))
    entries = Entries([encode(day("2026-03-02") + 7 * week, Kind.DONE) for week in range(13)])

    assert strength(Ledger(weekly, entries, day("2026-05-30"))) == pytest.approx(0.5)


def test_only_amounts_on_named_days_count_towards_the_strength_of_a_week() -> None:
    goal = a_goal(period=Period.WEEK, weekdays=(1, 2), amount=Amount("km", 10))

    assert strength(Ledger(goal, logged(amounts=[("2026-03-04", 5)]), day("2026-03-05"))) == 0
    assert strength(Ledger(goal, logged(amounts=[("2026-03-03", 5)]), day("2026-03-05"))) > 0


def test_strength_of_an_amount_is_the_share_of_the_sum() -> None:
    goal = a_goal(amount=Amount("km", 10))
    memory = 0.5 ** (1 / 13)

    assert strength(Ledger(goal, logged(amounts=[("2026-03-02", 5)]), day("2026-03-02"))) == pytest.approx(
        (1 - memory) / 2
    )
