"""What holds for every life of a goal of every pattern: edits, changes of rules, travel, vacations and pauses."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.goals.domain.agenda import days_between, outcome_at
from services.goals.domain.entries import Entries
from services.goals.domain.explanation import Effect, Metric, explain
from services.goals.domain.goal import Goal, Pattern, Status
from services.goals.domain.line import line_of
from services.goals.domain.outlook import summarise
from services.goals.domain.pace import pace_of
from services.goals.domain.progress import Reach, progress_of
from services.goals.domain.units import NOT_DUE, OUTCOME_NAMES, PENDING, Ledger
from tests.unit.goals.lives import (
    RULES,
    TAKES_LONG,
    Draw,
    Entry,
    Life,
    change,
    corrected,
    every,
    fold,
    lives,
    new_entry,
)
from tests.unit.goals.plain_reading import by_the_engine, standing
from tests.unit.goals.test_explanation import check

pytestmark = [pytest.mark.timeout(0)] if TAKES_LONG else []
WITH_UNITS = (Pattern.RECURRING, Pattern.STREAK, Pattern.LIMIT, Pattern.MILESTONE)
OPEN = (Status.ACTIVE, Status.PAUSED)


def everything(goal: Goal, entries: Entries, today: int) -> list[object]:
    """All figures that are derived from a goal, without the goal itself."""
    ledger = Ledger(goal, entries, today)
    report = replace(progress_of(goal, entries, today, reach=Reach.ALL), goal=None)  # type: ignore[arg-type]
    explained = [explain(ledger, metric) for metric in Metric]
    return [report, summarise(goal, entries, today), explained, days_between(ledger, today - 40, today + 10)]


@every(300)
@given(lives(patterns=WITH_UNITS))
def test_outcomes_and_streak_are_those_of_the_slow_reading(life: Life):
    assert by_the_engine(life.goal, life.entries, life.today) == standing(
        life.goal, life.log, life.vacations, life.today
    )


@every(150)
@given(lives(), st.data())
def test_editing_then_deriving_equals_deriving_from_scratch(life: Life, data: st.DataObject):
    """Entries are edited in what was folded, one by one; the log itself is read by somebody who knows no folds."""
    running = life.entries
    for _ in range(data.draw(st.integers(1, 6))):
        index, entries = _edit(data.draw, life)
        running = _edited(running, life.log, index, entries)
        life.log[index : index + 1] = entries
        if life.goal.pattern is Pattern.MILESTONE:
            running = life.entries  # Milestones are not folded one by one.

        assert by_the_engine(life.goal, running, life.today) == standing(
            life.goal, life.log, life.vacations, life.today
        )
        assert everything(life.goal, running, life.today) == everything(life.goal, life.entries, life.today)


@every(150)
@given(lives(), st.data())
def test_what_was_logged_and_taken_back_was_never_there(life: Life, data: st.DataObject):
    """Also where it completed the goal meanwhile; only a streak that was reached stays completed."""
    if life.goal.status is not Status.ACTIVE or life.goal.pattern is Pattern.STREAK:
        return
    before, kept, today = life.goal, list(life.log), life.today
    for _ in range(data.draw(st.integers(1, 4))):
        if life.goal.status in OPEN:
            life.log += new_entry(data.draw, life)
            life.settled()
    life.log = kept
    life.settled()

    assert (life.goal.status, life.goal.completed_day) == (before.status, before.completed_day)
    assert everything(life.goal, life.entries, today) == everything(before, fold(kept, life.vacations), today)


@every(150)
@given(lives(), st.randoms())
def test_the_order_of_writing_does_not_matter(life: Life, random: Random):
    """Entries of one day keep their order, which is that of their instants."""
    shuffled = list(life.log)
    random.shuffle(shuffled)

    assert everything(life.goal, fold(shuffled, life.vacations), life.today) == everything(
        life.goal, life.entries, life.today
    )


@every(150)
@given(lives(), st.data())
def test_a_change_of_any_rule_alters_nothing_before_its_day(life: Life, data: st.DataObject):
    entries, goal, today = life.entries, life.goal, life.today
    if not entries.count:
        return
    before = _known(Ledger(goal, entries, today))

    change(data.draw, life, kinds=(*RULES, "status"))
    after = _known(Ledger(life.goal, entries, today))

    assert {unit: after.get(unit) for unit in before} == before


@every(150)
@given(lives(patterns=[Pattern.TARGET]), st.data())
def test_a_change_of_any_rule_leaves_the_line_before_its_day(life: Life, data: st.DataObject):
    entries, goal, today = life.entries, life.goal, life.today
    if not any(phase.deadline for phase in goal.phases if phase.effective_from < today):
        return  # There was no line before today; the first deadline draws it from the start.
    before = line_of(Ledger(goal, entries, today))

    change(data.draw, life, kinds=RULES)
    after = line_of(Ledger(life.goal, entries, today))

    if entries.count and before and after and life.goal.status is goal.status:
        days = range(goal.start_day, today)
        assert [after.at(day) for day in days] == pytest.approx([before.at(day) for day in days])


@every(150)
@given(lives())
def test_explanations_replay_through_all_changes(life: Life):
    ledger = Ledger(life.goal, life.entries, life.today)

    check(ledger)
    moved = [step for step in explain(ledger, Metric.PACE).steps if step.effect is Effect.MOVES]
    if life.goal.pattern is Pattern.TARGET:
        last = moved[-1].value if moved else explain(ledger, Metric.PACE).start_value
        assert last == pytest.approx(pace_of(ledger).actual)


@every(150)
@given(lives())
def test_the_calendar_shows_the_outcomes_of_the_units(life: Life):
    ledger = Ledger(life.goal, life.entries, life.today)
    shown = days_between(ledger, life.goal.start_day - 3, life.today + 40)

    for each in shown:
        known = outcome_at(ledger.stretches, each.day)
        if known is not None and each.unit is not None and life.goal.pattern is not Pattern.MILESTONE:
            assert each.outcome == known
        if known is None and each.day < life.today and life.goal.pattern is not Pattern.MILESTONE:
            assert each.outcome == NOT_DUE
        assert each.outcome in OUTCOME_NAMES


def _edit(draw: Draw, life: Life) -> tuple[int, list[Entry]]:
    """A place in the log, and what is to stand there: one entry more, one corrected, or none any more."""
    what = draw(st.sampled_from(["log", "log", "correct", "remove"]))
    if what == "log" or not life.log:
        return len(life.log), new_entry(draw, life)
    index = draw(st.integers(0, len(life.log) - 1))
    return index, [corrected(draw, life.log[index])] if what == "correct" else []


def _edited(entries: Entries, log: Sequence[Entry], index: int, instead: Sequence[Entry]) -> Entries:
    """The fold with the entry at a place taken out and others put there; later ones of its day keep behind it."""
    old = log[index : index + 1]
    behind = sorted(
        (entry for entry in log if old and entry.day == old[0].day and entry.number > old[0].number),
        key=lambda entry: entry.number,
    )
    entries = entries.without([(each.day, each.kind, each.value) for each in (*old, *behind) if each.kind is not None])
    for each in (*instead, *behind):
        if each.kind is not None:
            entries = entries.with_entry(each.day, each.kind, each.value)
    return entries


def _known(ledger: Ledger) -> dict[tuple[int, int, int], int]:
    """Outcomes of the units that have closed and are known, by first and last day and place among those of the day."""
    found: dict[tuple[int, int, int], int] = {}
    for stretch in ledger.stretches:
        for first, last, outcome in zip(stretch.firsts, stretch.lasts, stretch.outcomes, strict=True):
            if last < ledger.today and outcome != PENDING:
                place = sum(key[:2] == (first, last) for key in found) if first == last else 0
                found[first, last, place] = outcome
    return found
