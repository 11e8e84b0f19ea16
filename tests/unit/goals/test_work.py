"""A goal as old as a goal can be is derived in milliseconds: the work follows what was logged, not the days."""

from collections.abc import Iterable

import pytest

from services.goals.domain.days import Period
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Amount, Goal, Phase, Status
from services.goals.domain.outlook import summary_of
from services.goals.domain.progress import Reach, report_of
from services.goals.domain.units import Ledger
from tests.unit.goals.history import NOW, a_goal, day
from tests.unit.goals.work import instructions

TODAY = day("2026-03-20")

# Two milliseconds or less; a walk over the 46 000 days since 1900 takes ten times as many and more.
_FEW = 80_000


def derive(goal: Goal, entries: Entries) -> None:
    ledger = Ledger(goal, entries, TODAY)
    summary_of(ledger)
    report_of(ledger, reach=Reach.WEEK)


def paused_every(step: int, count: int) -> Iterable[Phase]:
    yield Phase(0, NOW, Status.ACTIVE, None)
    for number in range(count):
        first = TODAY - step * (count - number)
        yield Phase(first, NOW, Status.PAUSED, None)
        yield Phase(first + step // 2, NOW, Status.ACTIVE, None)


@pytest.mark.parametrize("period", list(Period))
@pytest.mark.parametrize("weekdays", [(), (1, 3)])
@pytest.mark.parametrize("amount", [None, Amount("km", 5)])
def test_a_century_without_entries_costs_next_to_nothing(
    period: Period, weekdays: tuple[int, ...], amount: Amount | None
) -> None:
    goal = a_goal("1900-01-01", period=period, times=2, weekdays=weekdays, amount=amount)
    last_and_first = Entries([encode(TODAY, Kind.DONE), encode(day("1900-01-02"), Kind.DONE)])

    assert instructions(lambda: derive(goal, Entries())) < _FEW
    assert instructions(lambda: derive(goal, last_and_first)) < _FEW


def test_a_century_paused_costs_next_to_nothing() -> None:
    phases = [Phase(0, NOW, Status.ACTIVE, None), Phase(day("1900-01-10"), NOW, Status.PAUSED, None)]
    goal = a_goal("1900-01-01", period=Period.WEEK, weekdays=(1, 3), phases=phases, status=Status.PAUSED)

    assert instructions(lambda: derive(goal, Entries())) < _FEW


@pytest.mark.parametrize("period", [Period.DAY, Period.WEEK, Period.MONTH])
def test_work_grows_with_pauses_and_skips_and_not_with_their_product(period: Period) -> None:
    def of(count: int) -> int:
        phases = tuple(paused_every(60, count))
        skips = Entries([encode(TODAY - 60 * number - 45, Kind.SKIP) for number in range(count)])
        goal = a_goal("1900-01-01", period=period, times=2, weekdays=(1, 3, 5), phases=phases)
        return instructions(lambda: derive(goal, skips))

    assert of(600) < 12 * of(60)


def test_one_more_entry_costs_the_same_after_ten_years_as_after_one() -> None:
    def of(days: int) -> int:
        entries = Entries([encode(TODAY - number, Kind.DONE) for number in range(1, days)])
        ledger = Ledger(goal, entries, TODAY)
        summary_of(ledger)
        return instructions(lambda: derive(goal, entries.with_entry(TODAY, Kind.DONE)))

    goal = a_goal("2010-01-01")
    assert of(3_650) < 1.2 * of(365)
