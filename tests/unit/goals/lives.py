"""Whole lives of goals of every pattern: made, logged on, corrected, changed, paused, and carried around the world.

Every step goes through the functions that the service itself calls, so that a life holds only what can come to be.
`HISTORIES=10000 make test T=tests/unit/goals` draws so many lives for each property instead of some hundreds.
A life that fails is shown as it was drawn, because making it shorter takes minutes; `SHRINK=1` does. Both of them take
the time limit away.
With `CI` set hypothesis draws the same lives every time, so that what lands is no lottery; elsewhere others each time.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import Phase, settings
from hypothesis import strategies as st

from services.goals.domain.completion import settle
from services.goals.domain.days import Calendar, Period, local_day
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import (
    Aggregation,
    Amount,
    Chain,
    Excused,
    Goal,
    Limit,
    MonthEnd,
    NoEntry,
    Pattern,
    Policy,
    Status,
    Target,
)
from services.goals.domain.planning import GoalDraft, change_calendar, move, plan_goal, update_goal
from services.goals.domain.schedule import ScheduleDraft, Window
from services.goals.domain.terms import MilestoneDraft
from tests.unit.goals.history import GOAL, MEMBER

RRULES = (
    "FREQ=DAILY;INTERVAL=2",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYMONTHDAY=15,31",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=DAILY;COUNT=9",
)
ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata")
_SCHEDULED = (Pattern.RECURRING, Pattern.STREAK, Pattern.LIMIT)
_KINDS = {
    Pattern.RECURRING: (Kind.DONE, Kind.DONE, Kind.DONE, Kind.SKIP, Kind.NOT_DONE, Kind.PROGRESS),
    Pattern.STREAK: (Kind.DONE, Kind.DONE, Kind.DONE, Kind.SKIP, Kind.NOT_DONE, Kind.PROGRESS),
    Pattern.LIMIT: (Kind.PROGRESS, Kind.PROGRESS, Kind.DONE, Kind.NOT_DONE),
    Pattern.TARGET: (Kind.PROGRESS, Kind.PROGRESS, Kind.SKIP),
}
_VALUES = (0, 0.5, 1, 2, 3.25, 7)
_FIRST = datetime(2026, 1, 27, 9, tzinfo=UTC)


Draw = Callable[[st.SearchStrategy[Any]], Any]


TAKES_LONG = not os.environ.keys().isdisjoint({"HISTORIES", "SHRINK"})
"""Somebody asked for it, so the tests have no time limit."""

_WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)


def every(share: int) -> settings:
    """So many examples by default, and as many as HISTORIES says where it is set; shrunk only where SHRINK is."""
    phases = tuple(Phase) if os.environ.get("SHRINK") else _WITHOUT_SHRINKING
    return settings(max_examples=int(os.environ.get("HISTORIES", share)), deadline=None, phases=phases)


@dataclass(frozen=True)
class Entry:
    """One thing logged; `number` is its place among all, `step` the milestone that it reaches."""

    number: int
    day: int
    kind: Kind | None
    value: float | None = None
    step: UUID | None = None


def fold(log: Sequence[Entry], vacations: Sequence[tuple[int, int]]) -> Entries:
    """The entries from scratch, as they are read from the database: by day, then by instant."""
    ordered = sorted(log, key=lambda entry: (entry.day, entry.number))
    return Entries(
        [encode(entry.day, entry.kind) for entry in ordered if entry.kind is not None],
        [entry.value for entry in ordered if entry.value is not None],
        vacations=tuple(vacations),
        milestones={entry.step: (entry.day, _FIRST) for entry in ordered if entry.step is not None},
    )


@dataclass
class Life:
    """A goal as it came to be. Shown in full when a test fails.

    Attributes:
        log: What is logged and was not taken back, in the order of writing.
        written: How many were ever logged.
    """

    goal: Goal
    now: datetime
    log: list[Entry] = field(default_factory=list)
    vacations: list[tuple[int, int]] = field(default_factory=list)
    written: int = 0

    @property
    def entries(self) -> Entries:
        """All that counts, from scratch."""
        return fold(self.log, self.vacations)

    @property
    def today(self) -> int:
        """The member's civil day."""
        return self.goal.today(self.now, self.entries.last_day)

    def settled(self) -> None:
        """What follows from the entries follows."""
        self.goal = settle(self.goal, self.entries, today=self.today, now=self.now)

    def __repr__(self) -> str:
        goal = self.goal
        lines = [f"{goal.pattern} {goal.status} from {_iso(goal.start_day)}, today {_iso(self.today)}"]
        for rule in goal.rules:
            asked = (rule.amount, rule.limit, rule.target, rule.chain)
            lines.append(f"  {_iso(rule.effective_from)} anchor {_iso(rule.anchor)} {rule.schedule} {rule.policy}")
            lines.append(f"      {[part for part in asked if part]} {rule.calendar}")
        lines += [f"  {_iso(p.effective_from)} {p.status} until {_iso(p.deadline)}" for p in goal.phases]
        lines += [f"  step {step.id.int} due {_iso(step.due_day)}" for step in goal.milestones]
        lines += [f"  away {_iso(first)} to {_iso(last)}" for first, last in self.vacations]
        lines += [f"  {_iso(e.day)} {e.kind and e.kind.name} {e.value} {e.step and e.step.int}" for e in self.log]
        return "\n".join(lines)


def _iso(day: int | None) -> str:
    return date.fromordinal(day).isoformat() if day else "-"


@st.composite
def schedules(draw: st.DrawFn, pattern: Pattern) -> ScheduleDraft:
    """Any schedule that the pattern takes."""
    kind = draw(st.sampled_from(["day", "weekdays", "period", "rrule", "rolling"]))
    if pattern is Pattern.LIMIT and kind == "rolling":
        kind = "period"
    times = 1 if pattern is Pattern.LIMIT else draw(st.integers(1, 3))
    match kind:
        case "day":
            return ScheduleDraft(times=times)
        case "weekdays":
            return ScheduleDraft(times=times, weekdays=draw(_some_weekdays()))
        case "rrule":
            return ScheduleDraft(rrule=draw(st.sampled_from(RRULES)))
        case "rolling":
            window_days = draw(st.sampled_from([3, 7, 10]))
            return ScheduleDraft(period=Period.WEEK, times=times, window=Window.ROLLING, window_days=window_days)
    period = draw(st.sampled_from([Period.WEEK, Period.WEEK, Period.MONTH, Period.QUARTER]))
    return ScheduleDraft(period=period, times=times, weekdays=draw(st.sampled_from([(), (), (1, 2, 6, 7)])))


def _some_weekdays() -> st.SearchStrategy[tuple[int, ...]]:
    return st.sampled_from([(1, 3, 5), (2,), (6, 7), (1, 2, 3, 4, 5)])


@st.composite
def _terms(draw: st.DrawFn, pattern: Pattern, today: int) -> dict[str, Any]:
    """What the pattern asks for."""
    match pattern:
        case Pattern.LIMIT:
            return {"limit": Limit("cups", draw(st.sampled_from([0, 1, 2.5, 10])))}
        case Pattern.TARGET:
            start, end = draw(st.sampled_from([(0, 20), (90, 80), (5, 12.5)]))
            return {"target": Target("km", start, end, draw(st.sampled_from(Aggregation)))}
        case Pattern.MILESTONE:
            due = st.none() | st.integers(today, today + 60).map(date.fromordinal)
            steps = draw(
                st.lists(st.builds(MilestoneDraft, title=st.just("Step"), due_date=due), min_size=1, max_size=4)
            )
            return {"milestones": tuple(steps)}
        case Pattern.STREAK:
            return {"chain": Chain(draw(st.sampled_from([3, 8, 1000])), draw(st.integers(0, 2)))}
    return {}


@st.composite
def _amounts(draw: st.DrawFn, pattern: Pattern) -> dict[str, Any]:
    if pattern not in (Pattern.RECURRING, Pattern.STREAK):
        return {}
    return {"amount": draw(st.sampled_from([None, None, Amount("km", 1), Amount("km", 4.5)]))}


def _policies() -> st.SearchStrategy[Policy]:
    return st.builds(Policy, st.sampled_from(Excused), st.sampled_from(MonthEnd), st.sampled_from(NoEntry))


def _calendars() -> st.SearchStrategy[Calendar]:
    return st.builds(Calendar, st.sampled_from(ZONES), st.sampled_from([0, 4, 12]), st.integers(1, 7))


@st.composite
def lives(draw: st.DrawFn, *, patterns: Sequence[Pattern] = tuple(Pattern)) -> Life:
    """A goal of some pattern that was logged on, corrected and changed over some months."""
    pattern = draw(st.sampled_from(patterns))
    life = _born(draw, pattern, _FIRST + timedelta(hours=draw(st.integers(0, 500))))
    for _ in range(draw(st.integers(1, 8))):
        life.now += timedelta(hours=draw(st.integers(0, 240)))
        change(draw, life)
        _live(draw, life)
    life.now += timedelta(hours=draw(st.integers(0, 240)))
    return life


def _born(draw: Draw, pattern: Pattern, now: datetime) -> Life:
    calendar = draw(_calendars())
    today = local_day(now, calendar)
    draft = GoalDraft(
        title="Run",
        pattern=pattern,
        policy=draw(_policies()),
        schedule=draw(schedules(pattern)) if pattern in _SCHEDULED else None,
        deadline=draw(st.none() | st.integers(today, today + 90).map(date.fromordinal)),
        start_date=date.fromordinal(today - draw(st.sampled_from([0, 0, 3, 20]))),
        **draw(_terms(pattern, today)),
        **draw(_amounts(pattern)),
    )
    ids = (UUID(int=number) for number in range(1, 1000))
    goal = plan_goal(
        draft, goal_id=GOAL, member_id=MEMBER, calendar=calendar, today=today, now=now, new_id=lambda: next(ids)
    )
    return Life(goal, now)


RULES = ("calendar", "deadline", "policy", "terms", "schedule")
CHANGES = (*RULES, "status", "vacation", "nothing")


def change(draw: Draw, life: Life, *, kinds: Sequence[str] = CHANGES) -> None:
    """Changes a rule, the calendar, the status or a vacation, or nothing."""
    what = draw(st.sampled_from(kinds))
    goal, pattern = life.goal, life.goal.pattern
    if what == "calendar":
        life.goal = _moved(life, draw(_calendars()))
        return
    if what == "vacation":
        first = life.today + draw(st.integers(-10, 10))
        life.vacations.append((first, first + draw(st.integers(0, 9))))
        return
    if what == "nothing" or goal.status in (Status.COMPLETED, Status.ARCHIVED):
        return
    if what == "status":
        wanted = Status.PAUSED if goal.status is Status.ACTIVE else Status.ACTIVE
        life.goal = move(goal, wanted, today=life.today, now=life.now)
        life.settled()
        return
    draft, fields = GoalDraft(), set[str]()
    if what == "policy":
        draft, fields = GoalDraft(policy=draw(_policies())), {"policy"}
    elif what == "deadline":
        last = draw(st.none() | st.integers(max(goal.start_day, life.today - 5), life.today + 60))
        draft, fields = GoalDraft(deadline=date.fromordinal(last) if last else None), {"deadline"}
    elif what == "schedule" and pattern in _SCHEDULED:
        draft, fields = GoalDraft(schedule=draw(schedules(pattern))), {"schedule"}
    elif what == "terms" and pattern is not Pattern.MILESTONE:
        parts = draw(_terms(pattern, life.today)) | draw(_amounts(pattern))
        names = {"chain": "streak"}
        draft, fields = GoalDraft(**parts), {names.get(name, name) for name in parts}
    if fields:
        life.goal = update_goal(
            goal, draft, fields, entries=life.entries, today=life.today, now=life.now, new_id=lambda: UUID(int=0)
        )


def _moved(life: Life, calendar: Calendar) -> Goal:
    """As the service does when a member changes zone, start of the day or of the week."""
    entries = life.entries
    return change_calendar(
        life.goal,
        calendar,
        is_empty=entries.count == 0,
        today=life.today,
        last_logged_day=entries.last_day,
        now=life.now,
    )


def _live(draw: Draw, life: Life) -> None:
    for _ in range(draw(st.integers(0, 5))):
        log_or_edit(draw, life)


def log_or_edit(draw: Draw, life: Life) -> None:
    """Logs something, corrects it or takes it back; what follows for the goal follows."""
    what = draw(st.sampled_from(["log", "log", "log", "log", "correct", "remove"]))
    if what == "log":
        if life.goal.status in (Status.ACTIVE, Status.PAUSED):
            life.log += new_entry(draw, life)
    elif life.log:
        index = draw(st.integers(0, len(life.log) - 1))
        life.log[index : index + 1] = [corrected(draw, life.log[index])] if what == "correct" else []
    life.settled()


def new_entry(draw: Draw, life: Life) -> list[Entry]:
    """One entry more, if there is anything to log."""
    today, goal = life.today, life.goal
    if today < goal.start_day:
        return []
    life.written += 1
    day = draw(st.integers(max(goal.start_day, today - 12), today))
    if goal.pattern is Pattern.MILESTONE:
        left = [step.id for step in goal.milestones if step.id not in {entry.step for entry in life.log}]
        return [Entry(life.written, day, None, None, draw(st.sampled_from(left)))] if left else []
    kind = draw(st.sampled_from(_KINDS[goal.pattern]))
    if kind is Kind.PROGRESS and goal.pattern in (Pattern.RECURRING, Pattern.STREAK) and goal.rule.amount is None:
        kind = Kind.DONE
    return [Entry(life.written, day, kind, draw(st.sampled_from(_VALUES)) if kind is Kind.PROGRESS else None)]


def corrected(draw: Draw, entry: Entry) -> Entry:
    """The same entry with another value, or a check-in that says the other thing."""
    if entry.kind is Kind.PROGRESS:
        return replace(entry, value=draw(st.sampled_from(_VALUES)))
    turned = {Kind.DONE: Kind.NOT_DONE, Kind.NOT_DONE: Kind.DONE}
    return replace(entry, kind=turned.get(entry.kind, entry.kind)) if entry.kind is not None else entry
