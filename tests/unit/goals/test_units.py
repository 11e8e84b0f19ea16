"""Due units and what becomes of them."""

from typing import Any

import pytest

from services.goals.domain.agenda import ExcusedBy, days_between
from services.goals.domain.days import Period
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Amount, Phase, Status
from services.goals.domain.units import EXCUSED, PENDING, Ledger
from tests.unit.goals.history import NOW, a_goal, a_rule, day, days_done, logged, outcomes


def test_a_closed_day_without_a_check_in_is_missed_and_today_is_pending() -> None:
    assert outcomes(a_goal(), logged("2026-03-02"), "2026-03-04") == "dm."


def test_nothing_is_due_before_the_start() -> None:
    assert outcomes(a_goal("2026-03-10"), logged(), "2026-03-09") == ""


def test_today_is_done_as_soon_as_it_is() -> None:
    assert outcomes(a_goal(), logged("2026-03-02", "2026-03-03"), "2026-03-03") == "dd"


def test_named_days_are_units_and_the_others_are_not_due() -> None:
    goal = a_goal(weekdays=(1, 3, 5))

    assert outcomes(goal, logged("2026-03-02", "2026-03-03", "2026-03-06"), "2026-03-09") == "d-m-d--."


def test_several_times_a_day_take_as_many_check_ins() -> None:
    entries = logged("2026-03-02", "2026-03-02", "2026-03-03")

    assert outcomes(a_goal(times=2), entries, "2026-03-04") == "dm."


def test_a_week_counts_distinct_days() -> None:
    goal = a_goal(period=Period.WEEK, times=3)
    twice_on_monday = logged("2026-03-02", "2026-03-02", "2026-03-04")

    assert outcomes(goal, twice_on_monday, "2026-03-09") == "m."
    assert outcomes(goal, logged("2026-03-02", "2026-03-04", "2026-03-08"), "2026-03-09") == "d."


def test_only_named_days_count_towards_a_week() -> None:
    goal = a_goal(period=Period.WEEK, times=2, weekdays=(1, 2, 3))

    assert outcomes(goal, logged("2026-03-02", "2026-03-05"), "2026-03-09") == "m."
    assert outcomes(goal, logged("2026-03-02", "2026-03-04"), "2026-03-09") == "d."


@pytest.mark.parametrize(
    ("start", "needed"), [("2026-03-02", 3), ("2026-03-04", 3), ("2026-03-05", 2), ("2026-03-08", 1)]
)
def test_a_week_cut_by_the_start_needs_its_share(start: str, needed: int) -> None:
    unit = Ledger(a_goal(start, period=Period.WEEK, times=3), logged(), day(start)).unit_at(day(start))

    assert unit is not None
    assert unit.needed == needed


def test_a_cut_month_never_needs_more_days_than_it_has() -> None:
    unit = Ledger(a_goal("2026-02-01", period=Period.MONTH, times=31), logged(), day("2026-02-10")).unit_at(
        day("2026-02-10")
    )

    assert unit is not None
    assert unit.needed == 28


def test_a_skip_excuses_an_open_day_but_done_beats_it() -> None:
    entries = logged("2026-03-03", skips=("2026-03-02", "2026-03-03"))

    assert outcomes(a_goal(), entries, "2026-03-04") == "ed."


def test_a_skip_takes_a_day_from_its_week() -> None:
    goal = a_goal(period=Period.WEEK, times=7)
    six = logged(*(f"2026-03-0{i}" for i in range(2, 8)), skips=("2026-03-08",))

    assert outcomes(goal, six, "2026-03-09") == "d."


def test_a_week_of_skips_is_excused() -> None:
    goal = a_goal(period=Period.WEEK, times=3)

    assert outcomes(goal, logged(skips=[f"2026-03-0{i}" for i in range(2, 9)]), "2026-03-09") == "e."


def test_amounts_are_done_partial_or_missed_by_their_sum() -> None:
    goal = a_goal(amount=Amount("km", 0.3))
    entries = logged(amounts=[("2026-03-02", 0.1), ("2026-03-02", 0.2), ("2026-03-03", 0.15), ("2026-03-05", 0.1)])

    ledger = Ledger(goal, entries, day("2026-03-05"))

    assert ledger.stretches[0].outcomes == b"dpm."
    assert ledger.stretches[0].fractions == {1: pytest.approx(0.5)}


def test_amounts_of_a_cut_week_need_their_share() -> None:
    goal = a_goal("2026-03-06", period=Period.WEEK, amount=Amount("km", 21))

    assert outcomes(goal, logged(amounts=[("2026-03-07", 9)]), "2026-03-09") == "d."
    assert outcomes(goal, logged(amounts=[("2026-03-07", 8.9)]), "2026-03-09") == "p."


def paused_from(text: str, *, until: str | None = None) -> list[Phase]:
    phases = [Phase(0, NOW, Status.ACTIVE, None), Phase(day(text), NOW, Status.PAUSED, None)]
    return [*phases, Phase(day(until), NOW, Status.ACTIVE, None)] if until else phases


def test_paused_days_are_not_due() -> None:
    goal = a_goal(phases=paused_from("2026-03-04", until="2026-03-06"))

    assert outcomes(goal, logged("2026-03-02", "2026-03-05"), "2026-03-07") == "dm--m."


def test_what_was_done_on_the_day_of_a_pause_stays_done() -> None:
    goal = a_goal(phases=paused_from("2026-03-04"))

    assert outcomes(goal, logged("2026-03-04"), "2026-03-06") == "mmd--"


def test_a_paused_part_of_a_week_lowers_what_it_needs() -> None:
    goal = a_goal(period=Period.WEEK, times=3, phases=paused_from("2026-03-04", until="2026-03-09"))

    assert outcomes(goal, logged("2026-03-02"), "2026-03-09") == "d."


def test_days_behind_the_deadline_are_not_due() -> None:
    assert outcomes(a_goal(deadline="2026-03-03"), logged("2026-03-02"), "2026-03-05") == "dm--"


def test_the_week_of_the_deadline_ends_with_it() -> None:
    goal = a_goal(deadline="2026-03-10", period=Period.WEEK, times=3)

    ledger = Ledger(goal, logged("2026-03-09"), day("2026-03-11"))

    assert ledger.stretches[0].lasts == [day("2026-03-08"), day("2026-03-10")]
    assert ledger.stretches[0].outcomes == b"md"


def test_a_unit_has_the_version_of_its_first_day() -> None:
    start = day("2026-03-02")
    goal = a_goal(
        "2026-03-02",
        a_rule(start, period=Period.WEEK, times=1),
        a_rule(day("2026-03-09"), period=Period.DAY),
    )

    assert outcomes(goal, logged("2026-03-04", "2026-03-10"), "2026-03-11") == "dmd."


def test_days_between_two_week_starts_form_one_short_period() -> None:
    start = day("2026-03-02")
    weekly = a_rule(start, period=Period.WEEK, times=7)
    goal = a_goal("2026-03-02", weekly, a_rule(day("2026-03-09"), period=Period.WEEK, times=7, week_start=7))

    stretch = Ledger(goal, logged(), day("2026-03-16")).stretches[1]

    assert list(zip(stretch.firsts, stretch.lasts, strict=True)) == [
        (day("2026-03-09"), day("2026-03-14")),
        (day("2026-03-15"), day("2026-03-21")),
    ]


def test_a_later_version_takes_the_place_of_one_from_the_same_day() -> None:
    start = day("2026-03-02")
    goal = a_goal("2026-03-02", a_rule(start), a_rule(day("2026-03-04"), times=2), a_rule(day("2026-03-04"), times=1))

    assert outcomes(goal, days_done("2026-03-02", 4), "2026-03-05") == "dddd"


def test_a_short_month_needs_all_its_days_and_no_more() -> None:
    goal = a_goal("2026-02-01", period=Period.MONTH, times=31)

    assert outcomes(goal, days_done("2026-02-01", 28), "2026-03-01") == "d."


def test_a_week_that_a_deadline_ended_stays_so_whatever_happens_to_the_goal_later() -> None:
    """Monday to Wednesday was a unit of its own, in which two of three days were needed."""
    expired = [Phase(0, NOW, Status.ACTIVE, day("2026-03-04"))]
    paused = [*expired, Phase(day("2026-03-06"), NOW, Status.PAUSED, day("2026-03-04"))]
    extended = [*expired, Phase(day("2026-03-06"), NOW, Status.ACTIVE, day("2026-03-31"))]
    entries = logged("2026-03-02", "2026-03-07", "2026-03-08")

    for phases, today, expected in (
        (expired, "2026-03-05", "m"),
        (paused, "2026-03-06", "m"),
        (extended, "2026-03-06", "m."),
        (extended, "2026-03-07", "m."),
        (extended, "2026-03-08", "md"),
        (extended, "2026-03-10", "md."),
    ):
        goal = a_goal(period=Period.WEEK, times=4, phases=phases)
        assert outcomes(goal, entries.until(day(today)), today) == expected
        first = Ledger(goal, entries, day(today)).stretches[0]
        assert (first.firsts[0], first.lasts[0]) == (day("2026-03-02"), day("2026-03-04"))


def test_what_is_left_of_a_week_after_a_deadline_is_moved_forward_is_a_unit() -> None:
    phases = [
        Phase(0, NOW, Status.ACTIVE, day("2026-03-03")),
        Phase(day("2026-03-06"), NOW, Status.ACTIVE, day("2026-03-31")),
    ]
    ledger = Ledger(a_goal(period=Period.WEEK, times=3, phases=phases), logged(), day("2026-03-06"))

    unit = ledger.unit_at(day("2026-03-07"))

    assert unit is not None
    assert (unit.first, unit.last, unit.needed) == (day("2026-03-06"), day("2026-03-08"), 2)


@pytest.mark.parametrize(
    "rule",
    [{}, {"period": Period.WEEK, "times": 3}, {"period": Period.YEAR, "times": 100}, {"amount": Amount("pages", 10)}],
)
def test_a_vacation_excuses_however_far_ahead_it_is_looked_at(rule: dict[str, Any]) -> None:
    """Calendars of years ahead: as on the first day of that year, looked at from close by."""
    first, last = day("2034-03-06"), day("2034-03-19")
    entries = Entries(vacations=[(first, last), (day("2034-12-01"), day("2034-12-31"))])
    until = day("2034-04-10")

    far = days_between(Ledger(a_goal(**rule), entries, day("2026-03-20"), until=until), first, until)
    near = days_between(Ledger(a_goal(**rule), entries, day("2034-01-01"), until=until), first, until)

    assert far == near
    assert [each.day for each in far if each.excused_by is ExcusedBy.VACATION] == list(range(first, last + 1))
    is_year = rule.get("period") is Period.YEAR
    assert {each.outcome for each in far if each.day <= last} == {PENDING if is_year else EXCUSED}
    assert {each.outcome for each in far if each.day > last} == {PENDING}
