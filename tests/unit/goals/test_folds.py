"""Entries of long ago that come folded tell what they would tell one by one."""

from datetime import UTC, date, datetime
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.folds import BEHIND_DAYS, LATE_DAYS, Folded, fold, is_late, last_folded_day
from services.goals.repository.folds import pack, unpack
from tests.unit.goals.history import day
from tests.unit.goals.lives import Life, every, lives
from tests.unit.goals.test_lives import everything

_START = day("2026-01-01")


@st.composite
def logged(draw: st.DrawFn) -> tuple[list[int], list[float]]:
    """Codes in the order of days, some days with hundreds of check-ins, and the values of progress among them."""
    steps = st.tuples(st.integers(0, 9), st.sampled_from(Kind), st.sampled_from([1, 1, 1, 2, 255, 256, 300]))
    drawn = draw(st.lists(steps, max_size=25))
    days = accumulate((step for step, _, _ in drawn), initial=_START)
    codes = [encode(on, kind) for on, (_, kind, times) in zip(days, drawn, strict=False) for _ in range(times)]
    progress = sum(code & 7 == Kind.PROGRESS for code in codes)
    return codes, [float(index % 7) for index in range(progress)]


def parted(codes: list[int], values: list[float], until: int) -> Entries:
    """The same entries, those up to a day folded, stored and read."""
    late = [code for code in codes if code >> 3 > until]
    early = fold(codes, values, until)
    stored = unpack(date.fromordinal(until), pack(early))
    return Entries(late, values[len(early.values) :], folded=stored)


def said(entries: Entries) -> list[object]:
    """All that entries tell."""
    days = range(_START - 3, _START + 240)
    return [
        entries.done, entries.skips, entries.slips, entries.amounts, entries.readings, entries.count,
        entries.first_day, entries.last_day, [entries.done_on(on) for on in days],
        [bytes(entries.done_between(first, last)) for first in days[::20] for last in days if last >= first],
    ]  # fmt: skip


@every(150)
@given(logged(), st.integers(_START - 2, _START + 240))
def test_folded_entries_tell_what_they_would_tell_one_by_one(drawn: tuple[list[int], list[float]], until: int):
    codes, values = drawn
    whole, folded = Entries(codes, values), parted(codes, values, until)

    assert said(folded) == said(whole)


@every(100)
@given(logged(), st.integers(_START, _START + 240), st.integers(_START, _START + 240), st.sampled_from(Kind))
def test_folded_entries_are_edited_like_others(drawn: tuple[list[int], list[float]], until: int, on: int, kind: Kind):
    codes, values = drawn
    whole, folded = Entries(codes, values), parted(codes, values, until)
    value = 2.5 if kind is Kind.PROGRESS else None

    assert said(folded.until(on)) == said(whole.until(on))
    assert said(folded.with_entry(on, kind, value)) == said(whole.with_entry(on, kind, value))
    assert said(folded.without([(on, kind, value)])) == said(whole.without([(on, kind, value)]))


@every(150)
@given(lives(), st.integers(0, 60))
def test_no_figure_of_any_goal_shows_that_its_old_entries_were_folded(life: Life, back: int):
    entries, until = life.entries, life.today - back
    codes, values = entries.unfolded()
    early = fold(codes, values, until)
    folded = Entries(
        [code for code in codes if code >> 3 > until],
        values[len(early.values) :],
        vacations=entries.vacations,
        milestones=entries.milestones,
        folded=unpack(date.fromordinal(until), pack(early)),
    )

    assert everything(life.goal, folded, life.today) == everything(life.goal, entries, life.today)


def test_days_and_counts_fit_into_what_is_stored():
    far = fold([encode(day("1900-01-01"), Kind.DONE), encode(day("2200-12-31"), Kind.SKIP)], [], day("2200-12-31"))

    assert unpack(date(2200, 12, 31), pack(far)) == Folded(
        day("2200-12-31"), day("1900-01-01"), b"\1", (), (day("2200-12-31"),), (), (), ()
    )


def test_a_day_takes_a_byte_and_not_more_than_that():
    year = [encode(_START + offset, Kind.DONE) for offset in range(365)]

    assert len(pack(fold(year, [], _START + 365))) == 365 + 24


@pytest.mark.parametrize("hour", [0, 23])
def test_whatever_may_be_in_a_fold_is_late_for_days_before_it_is_made(hour: int):
    made_at = datetime(2026, 3, 20, hour, tzinfo=UTC)
    last = last_folded_day(made_at)

    assert last == made_at.date().toordinal() - BEHIND_DAYS
    assert is_late(last, written_at=made_at)
    assert is_late(last, written_at=datetime(2026, 3, 13, hour, tzinfo=UTC))
    assert not is_late(made_at.date().toordinal() - LATE_DAYS + 1, written_at=made_at)
