"""Rolling windows, against the definition read word by word."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.goals.domain.days import Period
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Amount, Goal, Phase, Status
from services.goals.domain.pace import safe_days
from services.goals.domain.schedule import Schedule
from services.goals.domain.units import Ledger
from tests.unit.goals.history import NOW, a_goal, a_rule, day, logged, outcomes

START = day("2026-03-02")


def rolling(times: int, window_days: int, *, amount: Amount | None = None) -> Goal:
    rule = a_rule(START, amount=amount)
    return replace(
        a_goal(), rules=(replace(rule, schedule=Schedule(Period.WEEK, times, frozenset(), "", window_days)),)
    )


def test_three_in_any_seven_days_make_seven_days_ok():
    entries = logged("2026-03-02", "2026-03-04", "2026-03-08")

    assert outcomes(rolling(3, 7), entries, "2026-03-10") == "ddddddd.."
    assert outcomes(rolling(3, 7), entries, "2026-03-16") == "dddddddmmmmmmm."


def test_a_day_is_missed_only_when_no_window_can_hold_enough_any_more():
    entries = logged("2026-03-02")

    assert outcomes(rolling(2, 3), entries, "2026-03-04") == "..."
    assert outcomes(rolling(2, 3), entries, "2026-03-05") == "mmm."


def test_excused_days_make_the_window_longer():
    goal = rolling(2, 3)

    assert (
        outcomes(goal, logged("2026-03-02", "2026-03-06", skips=["2026-03-03", "2026-03-04"]), "2026-03-06") == "deedd"
    )


def test_an_amount_is_summed_over_the_window():
    goal = rolling(1, 3, amount=Amount("km", 5))
    entries = logged(amounts=[("2026-03-02", 2), ("2026-03-04", 3)])

    assert outcomes(goal, entries, "2026-03-06") == "ddd.."
    assert outcomes(goal, entries, "2026-03-07") == "dddmm."


@dataclass
class Case:
    """A goal, its done and skipped days and a today; all small."""

    times: int
    window: int
    done: set[int]
    skips: set[int]
    vacations: list[tuple[int, int]]
    closed: tuple[int, int] | None
    today: int

    @property
    def goal(self) -> Goal:
        goal = rolling(self.times, self.window)
        if self.closed is None:
            return goal
        phases = [Phase(0, NOW, Status.ACTIVE, None), Phase(self.closed[0], NOW, Status.PAUSED, None)]
        return replace(goal, phases=(*phases, Phase(self.closed[1] + 1, NOW, Status.ACTIVE, None)))

    @property
    def entries(self) -> Entries:
        codes = [encode(d, Kind.DONE) for d in self.done] + [encode(d, Kind.SKIP) for d in self.skips]
        return Entries(sorted(codes), vacations=self.vacations)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    window = draw(st.integers(1, 6))
    days = st.sets(st.integers(START, START + 24), max_size=14)
    today = START + draw(st.integers(0, 26))
    begin = draw(st.none() | st.integers(START + 1, START + 20))
    away = draw(st.lists(st.tuples(st.integers(START, START + 25), st.integers(0, 4)), max_size=1))
    return Case(
        times=draw(st.integers(1, window)),
        window=window,
        done={d for d in draw(days) if d <= today},
        skips={d for d in draw(days) if d <= today},
        vacations=[(first, first + length) for first, length in away],
        closed=None if begin is None else (begin, begin + draw(st.integers(0, 4))),
        today=today,
    )


def slow(case: Case) -> str:
    """DOMAIN's sentence, day by day: every window tried, every future tried."""
    return "".join(_letter(case, d, _done(case)) for d in range(START, case.today + 1))


def _is_closed(case: Case, d: int) -> bool:
    return case.closed is not None and case.closed[0] <= d <= case.closed[1]


def _done(case: Case) -> set[int]:
    """Done days that count: not on closed days, but on the first of them."""
    return {d for d in case.done if not _is_closed(case, d) or (case.closed and d == case.closed[0])}


def _is_excused(case: Case, d: int, done: set[int]) -> bool:
    away = d in case.skips or any(first <= d <= last for first, last in case.vacations)
    return away and d not in case.done and not _is_closed(case, d)


def _letter(case: Case, d: int, done: set[int]) -> str:
    ok = _some_window(case, d, done, lambda window: len(done & set(window)) >= case.times)
    if _is_closed(case, d):
        return "d" if case.closed and d == case.closed[0] and ok else "-"
    if _is_excused(case, d, done):
        return "e"
    if ok:
        return "d"
    if d == case.today:
        return "."
    past = {x for x in done if x < case.today}
    could = _some_window(case, d, done, lambda window: _reach(case, window, past) >= case.times)
    return "." if could else "m"


def _reach(case: Case, window: list[int], past: set[int]) -> int:
    """Done days of the window if every day from today on, until the goal closes, were done."""
    end = case.closed[0] if case.closed and case.closed[1] >= case.today else 10**9
    ahead = [x for x in window if case.today <= x < max(end, case.today)]
    return len(past & set(window)) + len(ahead)


def _some_window(case: Case, d: int, done: set[int], holds: Callable[[list[int]], bool]) -> bool:
    """Some run of `window` days that are not excused, holding `d` and a done day on or before it, holds."""
    line = [x for x in range(START - 30, case.today + 60) if not _is_excused(case, x, done) or x == d]
    place = line.index(d)
    for begin in range(max(0, place - case.window + 1), place + 1):
        window = line[begin : begin + case.window]
        if any(x in done and x <= d for x in window) and holds(window):
            return True
    return False


@settings(max_examples=400, deadline=None)
@given(cases())
def test_outcomes_are_those_of_the_definition(case: Case):
    ledger = Ledger(case.goal, case.entries, case.today)
    derived = b"".join(stretch.outcomes for stretch in ledger.stretches).decode()

    # A future closed span is not known yet today; the case tells it in advance, which only a deadline could.
    if case.closed is None or case.closed[1] < case.today:
        assert derived == slow(case)


@settings(max_examples=200, deadline=None)
@given(cases())
def test_a_day_is_lost_when_safe_days_says_and_not_before(case: Case):
    if case.closed is not None:
        return
    ledger = Ledger(case.goal, case.entries, case.today)
    promised = safe_days(ledger)
    before = b"".join(stretch.outcomes for stretch in ledger.stretches).count(b"m")

    lost = next(
        (
            k
            for k in range(60)
            if b"".join(s.outcomes for s in Ledger(case.goal, case.entries, case.today + k + 1).stretches).count(b"m")
            > before
        ),
        None,
    )

    assert promised == lost, f"{date.fromordinal(case.today)} {case}"


@pytest.mark.parametrize("window_days", [7, 366])
def test_a_century_without_entries_is_all_missed(window_days: int):
    goal = replace(rolling(3, window_days), start_day=day("1926-03-02"))
    goal = replace(goal, rules=(replace(goal.rule, effective_from=goal.start_day),))

    assert outcomes(goal, logged(), "2026-03-02").count("m") == day("2026-03-02") - day("1926-03-02")
