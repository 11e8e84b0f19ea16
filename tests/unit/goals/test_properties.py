"""What must hold for every history."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.goals.domain.days import NOMINAL_DAYS, Calendar, Period, iso_weekday
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Excused, Goal, Phase, Policy, Rule, Status
from services.goals.domain.outlook import adherence, counts_between, summarise
from services.goals.domain.planning import GoalDraft, change_calendar, move, update_goal
from services.goals.domain.progress import Reach, progress_of
from services.goals.domain.schedule import Schedule, ScheduleDraft, most_times
from services.goals.domain.streak import current_streak, streak_of
from services.goals.domain.units import OUTCOME_NAMES, Ledger
from tests.unit.goals.history import NOW, a_goal, strength
from tests.unit.goals.oracle import Oracle

_FIRST = date(2026, 1, 28)
_SPAN = 90


@dataclass
class History:
    """A goal as it came to be, with its entries. Shown in full when a test fails."""

    goal: Goal
    codes: list[int]
    today: int

    @property
    def entries(self) -> Entries:
        return Entries(self.codes)

    def __repr__(self) -> str:
        goal, entries = self.goal, self.entries
        rules = [f"{_iso(r.effective_from)} {r.schedule} week {r.calendar.week_start}" for r in goal.rules]
        phases = [f"{_iso(p.effective_from)} {p.status} until {_iso(p.deadline)}" for p in goal.phases]
        done = [f"{_iso(day)} x{count}" for day, count in sorted(entries.done.items())]
        lines = [*rules, *phases, f"done {done}", f"skips {[_iso(day) for day in sorted(entries.skips)]}"]
        return "\n".join([f"start {_iso(goal.start_day)} today {_iso(self.today)}", *lines])


def _iso(day: int | None) -> str:
    return date.fromordinal(day).isoformat() if day else "-"


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    period = draw(st.sampled_from([Period.DAY, Period.DAY, Period.WEEK, Period.WEEK, Period.MONTH, Period.QUARTER]))
    weekdays = draw(st.frozensets(st.integers(1, 7), max_size=4))
    most = 3 if period is Period.DAY else most_times(period, weekdays)
    return Schedule(period, draw(st.integers(1, min(most, 20))), weekdays)


@st.composite
def rules(draw: st.DrawFn, start: int) -> Rule:
    calendar = Calendar("UTC", 0, draw(st.integers(1, 7)))
    return Rule(start, NOW, draw(schedules()), Policy(draw(st.sampled_from(Excused))), None, calendar)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A goal that was changed, paused and taken up again while entries came in."""
    start = (_FIRST + timedelta(draw(st.integers(0, 20)))).toordinal()
    goal = replace(a_goal(), start_day=start, rules=(draw(rules(start)),))
    codes: list[int] = []
    day = start
    for _ in range(draw(st.integers(1, 12))):
        day = min(day + draw(st.integers(0, 12)), start + _SPAN)
        goal = _change(draw, goal, Entries(codes), day)
        for _ in range(draw(st.integers(0, 5))):
            logged_day = draw(st.integers(max(start, day - 6), day))
            codes.append(encode(logged_day, draw(st.sampled_from([Kind.DONE, Kind.DONE, Kind.SKIP, Kind.NOT_DONE]))))
    return History(goal, codes, day + draw(st.integers(0, 10)))


def _change(draw: Callable[[st.SearchStrategy[Any]], Any], goal: Goal, entries: Entries, day: int) -> Goal:
    what = draw(st.sampled_from(["nothing", "schedule", "policy", "status", "deadline", "calendar"]))
    draft, fields = GoalDraft(), set[str]()
    if what == "schedule":
        asked = draw(schedules())
        drafted = ScheduleDraft(asked.period, asked.times, tuple(asked.weekdays))
        draft, fields = GoalDraft(schedule=drafted), {"schedule"}
    elif what == "policy":
        draft, fields = GoalDraft(policy=Policy(draw(st.sampled_from(Excused)))), {"policy"}
    elif what == "deadline":
        last = draw(st.none() | st.integers(max(goal.start_day, day - 5), day + 30))
        draft, fields = GoalDraft(deadline=date.fromordinal(last) if last else None), {"deadline"}
    elif what == "calendar":
        calendar = Calendar("UTC", 0, draw(st.integers(1, 7)))
        is_empty = entries.count == 0
        return change_calendar(goal, calendar, is_empty=is_empty, today=day, last_logged_day=entries.last_day, now=NOW)
    elif what == "status":
        return move(goal, Status.PAUSED if goal.status is Status.ACTIVE else Status.ACTIVE, today=day, now=NOW)
    return update_goal(goal, draft, fields, entries=entries, today=day, now=NOW, new_id=uuid4)


def _by_day(history: History, today: int | None = None) -> list[tuple[date, str]]:
    ledger = Ledger(history.goal, history.entries, history.today if today is None else today)
    return [
        (date.fromordinal(first), chr(outcome))
        for stretch in ledger.stretches
        for first, outcome in zip(stretch.firsts, stretch.outcomes, strict=True)
        if outcome != ord("-")
    ]


def _oracle(history: History) -> Oracle:
    done = {date.fromordinal(day): count for day, count in history.entries.done.items()}
    skips = {date.fromordinal(day) for day in history.entries.skips}
    return Oracle(history.goal, done, skips, date.fromordinal(history.today))


@settings(max_examples=300, deadline=None)
@given(histories())
def test_outcomes_are_those_of_the_slow_reading_of_the_rules(history: History) -> None:
    assert _by_day(history) == list(_oracle(history).outcomes())


@settings(max_examples=80, deadline=None)
@given(histories(), st.randoms())
def test_the_order_of_entries_does_not_matter(history: History, random: Random) -> None:
    before = progress_of(history.goal, history.entries, history.today, reach=Reach.ALL)

    random.shuffle(history.codes)

    assert progress_of(history.goal, history.entries, history.today, reach=Reach.ALL) == before


@settings(max_examples=80, deadline=None)
@given(histories(), st.sampled_from([Kind.DONE, Kind.SKIP, Kind.NOT_DONE]), st.integers(0, 60))
def test_adding_an_entry_then_deriving_equals_deriving_from_all(history: History, kind: Kind, back: int) -> None:
    day = max(history.goal.start_day, history.today - back)

    added = history.entries.with_entry(day, kind)
    history.codes.append(encode(day, kind))

    assert progress_of(history.goal, added, history.today) == progress_of(history.goal, history.entries, history.today)


@settings(max_examples=80, deadline=None)
@given(histories(), st.data())
def test_a_change_of_rules_alters_no_outcome_before_its_day(history: History, data: st.DataObject) -> None:
    history.codes.append(encode(history.goal.start_day, Kind.DONE))
    before = [(first, letter) for first, letter in _by_day(history) if letter != "."]

    changed = _change(data.draw, history.goal, history.entries, history.today)
    after = _by_day(History(changed, history.codes, history.today))

    past = [unit for unit in before if unit[0].toordinal() < history.today and not _is_open(history, unit[0])]
    assert [unit for unit in after if unit in past] == past


def _is_open(history: History, first: date) -> bool:
    ledger = Ledger(history.goal, history.entries, history.today)
    stretch = ledger.stretches[-1]
    return stretch.lasts[-1] >= history.today and stretch.firsts[-1] == first.toordinal()


@settings(max_examples=80, deadline=None)
@given(histories())
def test_figures_stay_within_their_bounds(history: History) -> None:
    ledger = Ledger(history.goal, history.entries, history.today)
    progress = progress_of(history.goal, history.entries, history.today, reach=Reach.ALL)
    streak = streak_of(ledger)
    current = streak.current.length if streak.current else 0
    longest = streak.longest.length if streak.longest else 0

    assert current == current_streak(ledger) <= longest
    assert progress.percent is None or 0 <= progress.percent <= 100
    assert 0 <= strength(ledger) <= 1
    assert progress.pace.safe_days is None or progress.pace.safe_days >= 0
    assert set(OUTCOME_NAMES) >= {outcome for stretch in ledger.stretches for outcome in stretch.outcomes}
    for stretch in ledger.stretches:
        assert list(stretch.firsts) == sorted(set(stretch.firsts))


@settings(max_examples=80, deadline=None)
@given(histories())
def test_the_summary_says_what_the_report_says(history: History) -> None:
    summary = summarise(history.goal, history.entries, history.today)
    progress = progress_of(history.goal, history.entries, history.today, reach=Reach.ALL)

    assert (summary.percent, summary.state) == (progress.percent, progress.state)
    assert summary.current_streak == (progress.streak.current.length if progress.streak.current else 0)


@settings(max_examples=80, deadline=None)
@given(histories(), st.integers(1, 90))
def test_adherence_counts_closed_units_once(history: History, days: int) -> None:
    ledger = Ledger(history.goal, history.entries, history.today)
    window = range(history.today - days, history.today)
    counted = [
        chr(outcome)
        for stretch in ledger.stretches
        for last, outcome in zip(stretch.lasts, stretch.outcomes, strict=True)
        if last in window
    ]
    counting = [letter for letter in counted if letter in "dpm"]

    expected = 100 * counting.count("d") / len(counting) if counting else None

    assert adherence(ledger, days) == expected


@settings(max_examples=80, deadline=None)
@given(histories())
def test_a_unit_is_lost_on_the_day_that_safe_days_names_and_not_before(history: History) -> None:
    """Letting the days go by with nothing logged, the first new miss comes when safe_days said, or never."""
    ledger = Ledger(history.goal, history.entries, history.today)
    promised = progress_of(history.goal, history.entries, history.today).pace.safe_days
    if promised is None or history.goal.rule.schedule.period is not Period.DAY:
        return
    missed = counts_between(ledger, history.goal.start_day, history.today).missed

    def missed_at_the_end_of(day: int) -> int:
        later = Ledger(history.goal, history.entries, day + 1)
        return counts_between(later, history.goal.start_day, day + 1).missed

    lost_on = history.today + promised
    if all(span.rule.schedule.period is Period.DAY for span in ledger.spans):
        assert missed_at_the_end_of(lost_on) > missed
        assert promised == 0 or missed_at_the_end_of(lost_on - 1) == missed


def _slow_strength(history: History) -> float:
    """The rules of strength, day by day."""
    ledger = Ledger(history.goal, history.entries, history.today)
    entries, score = history.entries, 0.0
    for stretch in ledger.stretches:
        schedule = stretch.rule.schedule
        nominal = NOMINAL_DAYS[schedule.period]
        frequency = min(1.0, schedule.times / nominal)
        memory = 0.5 ** (frequency**0.5 / 13)
        widen = 2 if frequency < 1 else 1
        daily = schedule.period is Period.DAY
        for when in range(stretch.firsts[0], min(stretch.lasts[-1], history.today) + 1):
            enough = entries.done.get(when, 0) >= (schedule.times if daily else 1)
            is_named = not schedule.weekdays or iso_weekday(when) in schedule.weekdays
            is_excused = when in entries.skips and not enough
            if is_excused or ledger.is_closed(when, kept=enough) or (daily and not is_named):
                continue
            window = [d for d in entries.done if when - widen * nominal < d <= when]
            if not daily and schedule.weekdays:
                window = [d for d in window if iso_weekday(d) in schedule.weekdays]
            count = sum(entries.done[d] if daily else 1 for d in window)
            after = score * memory + min(1.0, count / (widen * schedule.times)) * (1 - memory)
            score = max(score, after) if when == history.today else after
    return score


@settings(max_examples=150, deadline=None)
@given(histories())
def test_strength_is_that_of_the_slow_reading_of_the_rules(history: History) -> None:
    quick = strength(Ledger(history.goal, history.entries, history.today))

    assert quick == pytest.approx(_slow_strength(history), abs=1e-12)


def test_phases_begin_at_the_beginning() -> None:
    assert a_goal().phases == (Phase(0, NOW, Status.ACTIVE, None),)
