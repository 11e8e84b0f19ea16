"""Streak goals: percent, freezes and completion; and vacations, which excuse days everywhere."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.goals.domain.care import restore_goal
from services.goals.domain.completion import settle
from services.goals.domain.days import Period
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Amount, Chain, Excused, Goal, Pattern, Phase, Status
from services.goals.domain.hindsight import as_known, as_of
from services.goals.domain.outlook import State, adherence, summarise
from services.goals.domain.planning import archive_goal
from services.goals.domain.planning.changes import move
from services.goals.domain.streak import current_streak, marks_of, streak_of
from services.goals.domain.units import Ledger
from tests.unit.goals.history import NOW, a_goal, a_rule, day, days_done, logged, outcomes

START = day("2026-03-02")


def chain(
    length: int = 10,
    freezes: int = 0,
    *,
    period: Period = Period.DAY,
    times: int = 1,
    amount: Amount | None = None,
    excused: Excused = Excused.NEUTRAL,
) -> Goal:
    rule = a_rule(START, period=period, times=times, amount=amount, excused=excused)
    rule = replace(rule, chain=Chain(length, freezes))
    return replace(a_goal(), pattern=Pattern.STREAK, rules=(rule,))


def test_percent_is_how_long_the_streak_is():
    assert summarise(chain(), days_done("2026-03-02", 4), day("2026-03-05")).percent == 40
    assert summarise(chain(), days_done("2026-03-02", 4), day("2026-03-07")).percent == 0


def test_a_freeze_spares_the_streak_and_stays_a_miss():
    entries = logged("2026-03-02", "2026-03-03", "2026-03-05")
    ledger = Ledger(chain(freezes=1), entries, day("2026-03-05"))

    assert outcomes(chain(freezes=1), entries, "2026-03-05") == "ddmd"
    assert marks_of(ledger) == b"++*+"
    assert current_streak(ledger) == 3
    assert adherence(ledger, 7) == pytest.approx(200 / 3)
    assert streak_of(ledger).freezes_left == 0


def test_freezes_come_anew_with_the_month_and_only_a_run_uses_them():
    goal = replace(chain(freezes=1), start_day=day("2026-03-29"))
    entries = logged("2026-03-30", "2026-04-01", "2026-04-03")

    # Missed before any run; a run; frozen for March; a run; frozen for April; a run.
    assert marks_of(Ledger(goal, entries, day("2026-04-03"))) == b"x+*+*+"
    assert streak_of(Ledger(goal, entries, day("2026-04-03"))).freezes_left == 0
    assert streak_of(Ledger(goal, logged("2026-03-30"), day("2026-04-01"))).freezes_left == 1


def test_an_excused_day_that_breaks_by_policy_is_not_frozen():
    entries = logged("2026-03-02", skips=["2026-03-03"])

    assert current_streak(Ledger(chain(freezes=3, excused=Excused.BREAKS), entries, day("2026-03-04"))) == 0


def test_a_later_entry_gives_the_freeze_back():
    missing, filled = logged("2026-03-02", "2026-03-04"), logged("2026-03-02", "2026-03-03", "2026-03-04")

    assert streak_of(Ledger(chain(freezes=1), missing, day("2026-03-04"))).freezes_left == 0
    assert streak_of(Ledger(chain(freezes=1), filled, day("2026-03-04"))).freezes_left == 1


def test_a_unit_kept_in_part_is_frozen_as_a_missed_one_is():
    entries = logged(amounts=[("2026-03-02", 10), ("2026-03-03", 4), ("2026-03-04", 12)])
    goal = chain(freezes=1, amount=Amount("min", 10))
    ledger = Ledger(goal, entries, day("2026-03-04"))

    assert outcomes(goal, entries, "2026-03-04") == "dpd"
    assert marks_of(ledger) == b"+*+"
    assert (current_streak(ledger), streak_of(ledger).freezes_left) == (2, 0)
    assert adherence(ledger, 7) == 50
    # Without a freeze it breaks.
    assert current_streak(Ledger(chain(amount=Amount("min", 10)), entries, day("2026-03-04"))) == 1


def test_what_fills_a_unit_kept_in_part_gives_the_freeze_back():
    entries = logged(amounts=[("2026-03-02", 10), ("2026-03-03", 4), ("2026-03-03", 6), ("2026-03-04", 12)])
    ledger = Ledger(chain(freezes=1, amount=Amount("min", 10)), entries, day("2026-03-04"))

    assert marks_of(ledger) == b"+++"
    assert (current_streak(ledger), streak_of(ledger).freezes_left) == (3, 1)


def test_a_streak_goal_completes_on_the_day_and_stays_completed():
    today = day("2026-03-20")

    completed = settle(chain(5), days_done("2026-03-03", 5), today=today, now=NOW)

    assert (completed.status, completed.completed_day) == (Status.COMPLETED, day("2026-03-07"))
    assert settle(completed, days_done("2026-03-03", 2), today=today, now=NOW) is completed
    assert summarise(completed, days_done("2026-03-03", 5), today).percent == 100
    assert settle(chain(6), days_done("2026-03-03", 5), today=today, now=NOW).status is Status.ACTIVE


def test_a_streak_of_weeks_completes_on_the_day_that_was_enough():
    goal = chain(2, period=Period.WEEK, times=2)
    entries = logged("2026-03-02", "2026-03-04", "2026-03-10", "2026-03-12", "2026-03-13")

    assert settle(goal, entries, today=day("2026-03-20"), now=NOW).completed_day == day("2026-03-12")


@pytest.mark.parametrize(("period", "expected"), [(Period.DAY, "ddeeeemm."), (Period.WEEK, "d.")])
def test_a_vacation_excuses_its_days(period: Period, expected: str):
    entries = Entries([encode(START, Kind.DONE), encode(START + 1, Kind.DONE)], vacations=[(START + 2, START + 5)])
    times = 1 if period is Period.DAY else 4

    # Of the week four of seven days are away; four times a week are two in the three that are left.
    assert outcomes(a_goal(period=period, times=times), entries, "2026-03-10") == expected


def test_what_is_done_on_vacation_counts():
    entries = Entries([encode(START + 1, Kind.DONE)], vacations=[(START, START + 3)])

    assert outcomes(a_goal(), entries, "2026-03-06") == "edee."


@settings(max_examples=200, deadline=None)
@given(
    st.sets(st.integers(START, START + 70)),
    st.sets(st.integers(START, START + 70)),
    st.integers(0, 4),
    st.sampled_from(Excused),
    st.integers(0, 75),
)
def test_the_streak_is_that_of_the_slow_reading(
    done: set[int], skips: set[int], freezes: int, excused: Excused, later: int
):
    goal, today = chain(1000, freezes, excused=excused), START + later
    codes = [encode(d, Kind.DONE) for d in done if d <= today] + [encode(d, Kind.SKIP) for d in skips if d <= today]
    ledger = Ledger(goal, Entries(codes), today)
    run = longest = 0
    used: dict[str, int] = {}
    for d in range(START, today + 1):
        month = date.fromordinal(d).isoformat()[:7]
        if d in done:
            run += 1
        elif d in skips:
            run = {Excused.NEUTRAL: run, Excused.COUNTS: run + 1, Excused.BREAKS: 0}[excused]
        elif d < today:
            if run and used.get(month, 0) < freezes:
                used[month] = used.get(month, 0) + 1
            else:
                run = 0
        longest = max(longest, run)

    streak = streak_of(ledger)

    assert current_streak(ledger) == run == (streak.current.length if streak.current else 0)
    assert longest == (streak.longest.length if streak.longest else 0)
    assert streak.freezes_left == freezes - used.get(date.fromordinal(today).isoformat()[:7], 0)


def test_a_completed_streak_stays_done_in_the_archive():
    entries, today = days_done("2026-03-03", 5), day("2026-03-20")
    completed = settle(chain(5), entries, today=day("2026-03-07"), now=NOW)

    archived = archive_goal(completed, today=today, now=NOW)

    summary = summarise(archived, entries, today)
    assert (summary.state, summary.percent) == (State.DONE, 100)
    assert summarise(archive_goal(chain(5), today=today, now=NOW), entries, today).state is not State.DONE


def test_a_completed_streak_comes_out_of_the_archive_completed():
    entries, today = days_done("2026-03-03", 5), day("2026-03-20")
    archived = archive_goal(settle(chain(5), entries, today=today, now=NOW), today=today, now=NOW)

    restored = restore_goal(archived, entries, today=today + 1, now=NOW)

    assert (restored.status, restored.completed_day) == (Status.COMPLETED, day("2026-03-07"))
    # Taken back or broken since: a streak stays completed.
    broken = restore_goal(archived, Entries(), today=today + 1, now=NOW)
    assert (broken.status, broken.completed_day) == (Status.COMPLETED, day("2026-03-07"))


def test_a_streak_that_was_reached_in_the_archive_is_completed_when_it_comes_out():
    archived = archive_goal(chain(5), today=day("2026-03-20"), now=NOW)

    restored = restore_goal(archived, days_done("2026-03-03", 5), today=day("2026-03-21"), now=NOW)

    assert (restored.status, restored.completed_day) == (Status.COMPLETED, day("2026-03-07"))


def test_what_was_completed_by_hand_comes_out_completed_and_is_known_to_be():
    def now(after: int) -> datetime:
        return NOW + timedelta(days=after)

    completed = move(chain(5), Status.COMPLETED, today=day("2026-03-20"), now=now(0))
    archived = archive_goal(completed, today=day("2026-03-22"), now=now(2))
    restored = restore_goal(archived, Entries(), today=day("2026-03-25"), now=now(5))
    again = archive_goal(restored, today=day("2026-03-28"), now=now(8))

    assert (restored.status, restored.completed_day) == (Status.COMPLETED, day("2026-03-20"))
    assert not restored.phases[-1].is_derived
    for known in (as_known(again, now(6)), as_of(again, day("2026-03-26"))):
        assert (known.status, known.completed_day) == (Status.COMPLETED, day("2026-03-20"))


def test_what_was_paused_comes_out_paused():
    entries, today = days_done("2026-03-02", 8), day("2026-03-20")
    paused = move(chain(20), Status.PAUSED, today=day("2026-03-10"), now=NOW)
    archived = archive_goal(paused, today=day("2026-03-15"), now=NOW)

    restored = restore_goal(archived, entries, today=today, now=NOW)

    assert (restored.status, restored.completed_day) == (Status.PAUSED, None)
    assert outcomes(restored, entries, "2026-03-22") == "d" * 8 + "-" * 13


def test_what_an_import_brought_archived_and_nothing_else_comes_out_active():
    goal = replace(chain(5), status=Status.ARCHIVED, phases=(Phase(0, NOW, Status.ARCHIVED, None),))

    assert restore_goal(goal, Entries(), today=day("2026-03-20"), now=NOW).status is Status.ACTIVE
