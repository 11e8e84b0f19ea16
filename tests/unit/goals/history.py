"""Short ways to say what a goal asks for and what was done on it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from services.goals.domain.days import Calendar, Period
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Amount, Excused, Goal, GoalId, MemberId, Pattern, Phase, Policy, Rule, Status
from services.goals.domain.schedule import Schedule
from services.goals.domain.strength import strength_of
from services.goals.domain.units import Ledger

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
GOAL = GoalId(UUID("01920000-0000-7000-8000-000000000001"))
MEMBER = MemberId(UUID("01920000-0000-7000-8000-000000000002"))


def day(text: str) -> int:
    """The ordinal of an ISO date."""
    return date.fromisoformat(text).toordinal()


def a_rule(
    start: int = 0,
    *,
    period: Period = Period.DAY,
    times: int = 1,
    weekdays: Iterable[int] = (),
    amount: Amount | None = None,
    excused: Excused = Excused.NEUTRAL,
    week_start: int = 1,
) -> Rule:
    """A version of what is asked for."""
    calendar = Calendar("UTC", 0, week_start)
    return Rule(start, NOW, Schedule(period, times, frozenset(weekdays)), Policy(excused), amount, calendar)


def a_goal(
    start: str = "2026-03-02",
    *rules: Rule,
    phases: Sequence[Phase] | None = None,
    status: Status = Status.ACTIVE,
    deadline: str | None = None,
    **rule: object,
) -> Goal:
    """A recurring goal; 2026-03-02 is a Monday."""
    first = day(start)
    last = day(deadline) if deadline else None
    return Goal(
        id=GOAL,
        member_id=MEMBER,
        title="Run",
        description="",
        pattern=Pattern.RECURRING,
        status=status,
        category="",
        start_day=first,
        deadline=last,
        completed_day=None,
        rules=rules or (a_rule(first, **rule),),  # type: ignore[arg-type]
        phases=tuple(phases or (Phase(0, NOW, Status.ACTIVE, last),)),
        create_time=NOW,
        update_time=NOW,
        revision=1,
    )


def logged(*done: str, skips: Iterable[str] = (), amounts: Sequence[tuple[str, float]] = ()) -> Entries:
    """Done check-ins, skips and progress by ISO date."""
    codes = [encode(day(text), Kind.DONE) for text in done]
    codes += [encode(day(text), Kind.SKIP) for text in skips]
    codes += [encode(day(text), Kind.PROGRESS) for text, _ in amounts]
    return Entries(codes, [value for _, value in amounts])


def days_done(first: str, count: int) -> Entries:
    """A check-in on each of `count` days from `first` on."""
    return Entries([encode(day(first) + offset, Kind.DONE) for offset in range(count)])


def outcomes(goal: Goal, entries: Entries, today: str) -> str:
    """One letter per unit: d done, p partial, m missed, e excused, . pending, - not due."""
    return b"".join(stretch.outcomes for stretch in Ledger(goal, entries, day(today)).stretches).decode()


def strength(ledger: Ledger) -> float:
    """The score of a goal that has one."""
    score = strength_of(ledger)
    assert score is not None
    return score
