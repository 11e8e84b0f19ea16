"""Milestone goals: steps with weights, due days, and completion."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from services.goals.domain.completion import settle
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Goal, Milestone, Pattern, Phase, Status
from services.goals.domain.outlook import State, adherence, summarise
from services.goals.domain.progress import Reach, progress_of
from services.goals.domain.units import Ledger
from tests.unit.goals.history import NOW, a_goal, day, outcomes

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
