"""Milestone goals: steps with weights, due days, and completion."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import InvalidArgument
from services.goals.domain.agenda import ExcusedBy, days_between
from services.goals.domain.completion import settle
from services.goals.domain.entries import Entries
from services.goals.domain.goal import MAX_PAST_STEPS, Goal, Milestone, PastStep, Pattern, Phase, Status
from services.goals.domain.hindsight import as_known
from services.goals.domain.outlook import State, adherence, summarise
from services.goals.domain.planning import GoalDraft, update_goal
from services.goals.domain.progress import Reach, progress_of
from services.goals.domain.terms import MilestoneDraft
from services.goals.domain.units import EXCUSED, Ledger
from tests.unit.goals.history import NOW, a_goal, day, outcomes

MARCH = (day("2026-03-04"), day("2026-03-08"))
A, B, C = (UUID(int=number) for number in (1, 2, 3))


def thesis(*, phases: tuple[Phase, ...] = ()) -> Goal:
    """Outline by the 4th (weight 1), draft by the 8th (2), hand in some day (1); from Monday, 2 March 2026."""
    steps = (
        Milestone(A, "Outline", 1, day("2026-03-04")),
        Milestone(B, "Draft", 2, day("2026-03-08")),
        Milestone(C, "Hand in", 1),
    )
    return replace(a_goal(phases=phases or None), pattern=Pattern.MILESTONE, milestones=steps)


def reached(*steps: tuple[UUID, str], **more: object) -> Entries:
    milestones = {step: (day(text), datetime.fromisoformat(text).replace(tzinfo=UTC)) for step, text in steps}
    return Entries(milestones=milestones, **more)  # type: ignore[arg-type]


def test_percent_is_the_weight_of_what_is_done():
    assert summarise(thesis(), reached(), day("2026-03-03")).percent == 0
    assert summarise(thesis(), reached((B, "2026-03-03")), day("2026-03-03")).percent == 50
    assert summarise(thesis(), reached((A, "2026-03-03"), (C, "2026-03-03")), day("2026-03-03")).percent == 50


def test_a_due_day_is_a_unit_and_what_is_late_is_missed_for_good():
    late = reached((A, "2026-03-05"), (B, "2026-03-08"))

    assert outcomes(thesis(), reached(), "2026-03-03") == ""
    assert outcomes(thesis(), reached(), "2026-03-04") == "."
    assert outcomes(thesis(), reached(), "2026-03-05") == "m"
    assert outcomes(thesis(), late, "2026-03-09") == "md"
    assert adherence(Ledger(thesis(), late, day("2026-03-10")), 7) == 50


def test_an_overdue_step_is_a_risk_until_it_is_done():
    assert summarise(thesis(), reached(), day("2026-03-04")).state is State.ON_TRACK
    assert summarise(thesis(), reached(), day("2026-03-05")).state is State.AT_RISK
    assert summarise(thesis(), reached((A, "2026-03-05")), day("2026-03-05")).state is State.BEHIND
    assert summarise(thesis(), reached((A, "2026-03-04")), day("2026-03-04")).state is State.AHEAD


def test_a_vacation_on_a_due_day_to_come_is_seen_beforehand():
    away = reached(vacations=[(day("2026-03-08"), day("2026-03-08"))])

    [shown] = days_between(Ledger(thesis(), away, day("2026-03-03")), day("2026-03-08"), day("2026-03-08"))

    assert (shown.outcome, shown.excused_by) == (EXCUSED, ExcusedBy.VACATION)


def test_a_vacation_on_the_due_day_excuses():
    away = reached(vacations=[(day("2026-03-04"), day("2026-03-05"))])

    assert outcomes(thesis(), away, "2026-03-06") == "e"


def test_what_is_due_while_paused_is_not_due():
    paused = Phase(day("2026-03-03"), NOW, Status.PAUSED, None)

    assert outcomes(thesis(phases=(Phase(0, NOW, Status.ACTIVE, None), paused)), reached(), "2026-03-09") == "--"


def test_today_is_due_while_a_step_is_due_or_overdue():
    assert not summarise(thesis(), reached(), day("2026-03-03")).due_today
    assert summarise(thesis(), reached(), day("2026-03-04")).due_today
    assert summarise(thesis(), reached(), day("2026-03-06")).due_today
    assert summarise(thesis(), reached((A, "2026-03-06")), day("2026-03-06")).done_today


def test_the_goal_completes_with_its_last_step_and_opens_again_without_it():
    today = day("2026-03-06")
    everything = reached((A, "2026-03-03"), (B, "2026-03-05"), (C, "2026-03-04"))

    completed = settle(thesis(), everything, today=today, now=NOW)
    reopened = settle(completed, reached((A, "2026-03-03")), today=today, now=NOW)

    assert (completed.status, completed.completed_day) == (Status.COMPLETED, day("2026-03-05"))
    assert (reopened.status, reopened.completed_day) == (Status.ACTIVE, None)
    assert outcomes(reopened, reached((A, "2026-03-03")), "2026-03-09") == "dm"


def test_the_report_has_the_way_of_the_percentage_and_no_strength():
    report = progress_of(thesis(), reached((A, "2026-03-03")), day("2026-03-04"), reach=Reach.ALL)

    assert list(report.series) == [0, 25, 25]
    assert (report.percent, report.strength, report.pace.safe_days) == (25, None, 4)
    assert (report.counts.done, report.counts.counting) == (1, 1)


def patched(goal: Goal, steps: Sequence[Milestone], today: str, entries: Entries | None = None) -> Goal:
    drafts = tuple(
        MilestoneDraft(
            step.id if any(step.id == each.id for each in goal.milestones) else None,
            step.title,
            step.weight,
            date.fromordinal(step.due_day) if step.due_day else None,
        )
        for step in steps
    )
    return update_goal(
        goal,
        GoalDraft(milestones=drafts),
        {"milestones"},
        entries=entries or Entries(),
        today=day(today),
        now=datetime.fromisoformat(today).replace(tzinfo=UTC),
        new_id=uuid4,
    )


def moved(step: Milestone, due: str) -> Milestone:
    return replace(step, due_day=day(due))


def test_a_step_that_is_moved_behind_its_due_day_stays_missed_and_is_due_again():
    outline, draft, hand_in = thesis().milestones

    later = patched(thesis(), [moved(outline, "2026-04-01"), draft, hand_in], "2026-03-06")
    dropped = patched(thesis(), [draft, hand_in], "2026-03-06")
    in_time = patched(thesis(), [moved(outline, "2026-04-01"), draft, hand_in], "2026-03-04")

    assert outcomes(later, reached(), "2026-03-06") == outcomes(dropped, reached(), "2026-03-06") == "m"
    assert outcomes(later, reached((A, "2026-03-20")), "2026-04-02") == "mmd"
    assert adherence(Ledger(later, reached(), day("2026-03-06")), 30) == 0
    assert outcomes(in_time, reached(), "2026-03-06") == ""
    assert summarise(later, reached(), day("2026-03-06")).state is not State.AT_RISK
    assert [each.unit is not None for each in days_between(Ledger(dropped, reached(), day("2026-03-06")), *MARCH)] == [
        True, False, False, False, True,
    ]  # fmt: skip


def test_a_step_that_is_moved_back_to_its_day_is_one_unit_again():
    outline, draft, hand_in = thesis().milestones
    later = patched(thesis(), [moved(outline, "2026-04-01"), draft, hand_in], "2026-03-06")

    again = patched(later, [outline, draft, hand_in], "2026-03-07")

    assert outcomes(again, reached(), "2026-03-07") == "m"


def test_dropping_what_is_open_completes_from_today_on_and_leaves_what_was_missed():
    outline, draft, _ = thesis().milestones
    entries = reached((A, "2026-03-03"))

    completed = patched(thesis(), [outline], "2026-03-12", entries)

    assert completed.status is Status.COMPLETED
    assert outcomes(completed, entries, "2026-03-12") == "dm"
    assert [past.step for past in completed.past_steps] == [draft]


def test_steps_are_those_that_were_known_then():
    outline, draft, _ = thesis().milestones
    goal = patched(thesis(), [moved(outline, "2026-04-01"), draft, Milestone(uuid4(), "Print")], "2026-03-25")
    before, after = NOW + timedelta(days=1), NOW + timedelta(days=10)

    then = as_known(goal, before)

    assert then.milestones == (outline, draft)
    assert as_known(goal, after).milestones == goal.milestones
    assert outcomes(then, reached(), "2026-03-21") == outcomes(goal, reached(), "2026-03-21") == "mm"


def test_moves_behind_due_days_have_an_end():
    goal = replace(thesis(), past_steps=tuple(PastStep(thesis().milestones[0], NOW) for _ in range(MAX_PAST_STEPS)))

    with pytest.raises(InvalidArgument) as problem:
        patched(goal, thesis().milestones[1:], "2026-03-25")
    assert [violation.field for violation in problem.value.violations] == ["milestones"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_change_of_steps_alters_a_unit_that_has_closed(data: st.DataObject):
    goal, today = thesis(), day("2026-03-03")
    entries = reached()
    for _ in range(data.draw(st.integers(1, 4))):
        today += data.draw(st.integers(1, 6))
        before = _closed(goal, entries, today)
        kept = [step for step in goal.milestones if data.draw(st.booleans())]
        steps = [replace(step, due_day=data.draw(st.none() | st.integers(today, today + 9))) for step in kept]
        unmoved = [step if data.draw(st.booleans()) else each for step, each in zip(kept, steps, strict=True)]
        goal = patched(
            goal, [*unmoved, Milestone(uuid4(), "More", 1, today + 2)], date.fromordinal(today).isoformat(), entries
        )
        assert not before - _closed(goal, entries, today)
        done = {**entries.milestones, goal.milestones[0].id: (today, NOW)} if data.draw(st.booleans()) else {}
        entries = Entries(milestones=done or entries.milestones)


def _closed(goal: Goal, entries: Entries, today: int) -> Counter[tuple[int, int]]:
    return Counter(
        (last, outcome)
        for stretch in Ledger(goal, entries, today).stretches
        for last, outcome in zip(stretch.lasts, stretch.outcomes, strict=True)
        if last < today
    )
