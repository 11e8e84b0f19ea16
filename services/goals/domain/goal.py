"""A goal: what a member set out to do, with the rules in force from which day, and where it stands in its life.

Rules are effective-dated: every change of a schedule, policy, amount or of the member's calendar makes a new version
that acts from the first unit beginning on or after the member's today. Status and deadline are dated as phases. Nothing
is ever rewritten, so past outcomes stay what they were; `timeline` says which version acts when.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from services.goals.domain.days import Calendar, local_today
from services.goals.domain.schedule import Schedule

GoalId = NewType("GoalId", UUID)
MemberId = NewType("MemberId", UUID)

MAX_ACTIVE_GOALS = 50
MAX_TITLE_LENGTH = 200
MAX_DESCRIPTION_LENGTH = 10_000
MAX_CATEGORY_LENGTH = 50
MAX_UNIT_LENGTH = 50
MAX_MILESTONES = 100
MAX_PAST_STEPS = 1_000
MAX_WEIGHT = 1_000_000
MAX_STREAK_LENGTH = 36_500
MAX_FREEZES = 31
DATING = "dating"

# Local year less birth year, so that everybody counted is at least 18.
ADULT_YEARS = 19

FOREVER = 10_000_000
"""A day after all days that can be asked for."""


class Pattern(StrEnum):
    """The five patterns of a goal."""

    RECURRING = "recurring"
    MILESTONE = "milestone"
    TARGET = "target"
    STREAK = "streak"
    LIMIT = "limit"


class Status(StrEnum):
    """Where a goal stands in its life."""

    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    ARCHIVED = "archived"


class Excused(StrEnum):
    """How excused days act on a streak."""

    NEUTRAL = "neutral"
    COUNTS = "counts"
    BREAKS = "breaks"


class MonthEnd(StrEnum):
    """What the 31st means in a shorter month."""

    CLAMP = "clamp"
    SKIP = "skip"


class NoEntry(StrEnum):
    """What a closed unit of a limit without an entry means."""

    OK = "ok"
    PESSIMISTIC = "pessimistic"


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules that differ between people, as data."""

    excused: Excused = Excused.NEUTRAL
    month_end: MonthEnd = MonthEnd.CLAMP
    no_entry: NoEntry = NoEntry.OK


@dataclass(frozen=True, slots=True)
class Amount:
    """What has to come together in a unit, in the goal's own measure; `min_value` is above 0."""

    unit: str
    min_value: float


@dataclass(frozen=True, slots=True)
class Limit:
    """What a unit of a limit must not exceed; `max_value` is 0 or more, and equal to it is kept."""

    unit: str
    max_value: float


class Aggregation(StrEnum):
    """How entries of a target make its actual value."""

    SUM = "sum"
    LAST = "last"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Target:
    """A value to reach from another one; the direction follows from the two, which differ."""

    unit: str
    start_value: float
    target_value: float
    aggregation: Aggregation = Aggregation.SUM

    @property
    def direction(self) -> int:
        """1 upwards, -1 downwards."""
        return 1 if self.target_value > self.start_value else -1


@dataclass(frozen=True, slots=True)
class Chain:
    """How long a streak is to become, in units, and how many misses of a local month are frozen."""

    target_length: int
    freezes_per_month: int = 0


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of a milestone goal; `due_day` is an ordinal. Whether it is done follows from what was logged.

    `known_from` is when it was added; None for a step that the goal was made with.
    """

    id: UUID
    title: str
    weight: float = 1.0
    due_day: int | None = None
    known_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastStep:
    """A step as it was until it was moved or dropped, when its due day had closed: what it came to stays a unit."""

    step: Milestone
    until: datetime


def every_step(steps: Sequence[Milestone], past: Iterable[PastStep]) -> tuple[Milestone, ...]:
    """The steps that there are, and behind them those that were dropped, each once."""
    dropped = {each.step.id: each.step for each in past}
    for step in steps:
        dropped.pop(step.id, None)
    return (*steps, *dropped.values())


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of what a goal asks for; what a pattern does not have is None.

    Attributes:
        effective_from: The first day that it may act on.
        known_from: The instant at which it was made.
        floor: The latest day logged when the member's calendar changed; today is never before it.
        anchor: The day at which its recurrence rule begins; 0 for the goal's start.
    """

    effective_from: int
    known_from: datetime
    schedule: Schedule
    policy: Policy
    amount: Amount | None
    calendar: Calendar
    floor: int = 0
    anchor: int = 0
    limit: Limit | None = None
    target: Target | None = None
    chain: Chain | None = None

    def asks_the_same_as(self, other: "Rule") -> bool:
        """True where only dates differ."""
        return self._asked == other._asked

    @property
    def _asked(self) -> tuple[object, ...]:
        return (self.schedule, self.policy, self.amount, self.calendar, self.limit, self.target, self.chain)


@dataclass(frozen=True, slots=True)
class Phase:
    """From `effective_from` on the goal had this status and this deadline (a day, or None); the first begins at 0.

    Attributes:
        is_derived: The status follows from what was logged, and goes when that goes.
    """

    effective_from: int
    known_from: datetime
    status: Status
    deadline: int | None
    is_derived: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal of a member; days are ordinals.

    Attributes:
        rules: All versions in the order in which they were made; never empty.
        phases: All phases in the order in which they were made; never empty.
        milestones: The steps of a milestone goal, in the member's order.
        past_steps: Those that were moved or dropped behind their due day.
        revision: Grows by one with every change; clients see it as the etag.
    """

    id: GoalId
    member_id: MemberId
    title: str
    description: str
    pattern: Pattern
    status: Status
    category: str
    start_day: int
    deadline: int | None
    completed_day: int | None
    rules: tuple[Rule, ...]
    phases: tuple[Phase, ...]
    create_time: datetime
    update_time: datetime
    revision: int
    milestones: tuple[Milestone, ...] = ()
    past_steps: tuple[PastStep, ...] = ()

    @property
    def rule(self) -> Rule:
        """The newest version: what the member sees as the goal's schedule, policy and amount."""
        return self.rules[-1]

    @property
    def is_completed(self) -> bool:
        """It was completed and not taken up again, put away since or not."""
        was_completed = self.status is Status.ARCHIVED and self.completed_day is not None
        return was_completed or self.status is Status.COMPLETED

    @property
    def etag(self) -> str:
        """Changes with every update."""
        return f"{self.revision:x}"

    def today(self, now: datetime, last_logged_day: int = 0) -> int:
        """The member's civil day at `now`; it never goes back behind what was logged."""
        rule = self.rules[-1]
        return local_today(now, rule.calendar, max(rule.floor, last_logged_day))


@dataclass(frozen=True, slots=True)
class Span:
    """A version and the days on which units may begin under it, both included."""

    first: int
    last: int
    rule: Rule


def timeline(rules: tuple[Rule, ...], start_day: int) -> tuple[Span, ...]:
    """Which version acts when, from `start_day` to for ever.

    A later version takes the place of earlier ones from its own first day on. The first one acts from `start_day`
    however the start was moved since.
    """
    if len(rules) == 1:
        return (Span(start_day, FOREVER, rules[0]),)
    chain: list[Rule] = []
    for rule in rules:
        while chain and chain[-1].effective_from >= rule.effective_from:
            chain.pop()
        chain.append(rule)
    while len(chain) > 1 and chain[1].effective_from <= start_day:
        chain.pop(0)
    firsts = [start_day, *(rule.effective_from for rule in chain[1:])]
    lasts = [*(first - 1 for first in firsts[1:]), FOREVER]
    return tuple(Span(first, last, rule) for first, last, rule in zip(firsts, lasts, chain, strict=True))


@dataclass(frozen=True, slots=True)
class Closed:
    """Days [first, last] on which nothing is due.

    Attributes:
        by_deadline: The days lie behind a deadline, which ended the unit that it cut; else the goal was not active.
        keeps_first: What was done on the first day, before the status changed, stays done.
    """

    first: int
    last: int
    by_deadline: bool
    keeps_first: bool = False


def closed_days(phases: Sequence[Phase]) -> list[Closed]:
    """The spans on which nothing is due, in order, from the dated statuses and deadlines."""
    if len(phases) == 1 and phases[0].status is Status.ACTIVE and phases[0].deadline is None:
        return []  # Nearly every goal.
    spans: list[Closed] = []
    was_open_until, is_expired = 0, False
    for phase, last in lasting(phases):
        first = phase.effective_from
        if phase.status is not Status.ACTIVE:
            is_expired = is_expired or 0 < was_open_until < first
            _add(spans, Closed(first, last, by_deadline=is_expired, keeps_first=first <= was_open_until))
            was_open_until = 0
            continue
        was_open_until, is_expired = FOREVER if phase.deadline is None else phase.deadline, False
        if was_open_until < last:
            _add(spans, Closed(max(first, was_open_until + 1), last, by_deadline=True))
    return spans


def within_deadlines(closed: Sequence[Closed], first: int, last: int, day: int) -> tuple[int, int]:
    """The part of the period [first, last] that holds `day`: a deadline ends it, and moved forward begins another."""
    for span in closed:
        if not span.by_deadline or not first < span.first <= last:
            continue
        if day <= span.last:
            return first, span.first - 1
        first = span.last + 1
    return first, last


def lasting(phases: Sequence[Phase]) -> list[tuple[Phase, int]]:
    """Each phase with its last day; of several that begin on one day the last made counts."""
    chain: list[Phase] = []
    for phase in phases:
        while chain and chain[-1].effective_from >= phase.effective_from:
            chain.pop()
        chain.append(phase)
    ends = [*(phase.effective_from - 1 for phase in chain[1:]), FOREVER]
    return list(zip(chain, ends, strict=True))


def _add(spans: list[Closed], span: Closed) -> None:
    """Appends, joined to a span of the same kind that it continues."""
    if spans and spans[-1].last + 1 == span.first and spans[-1].by_deadline == span.by_deadline:
        span = replace(spans.pop(), last=span.last)
    spans.append(span)
