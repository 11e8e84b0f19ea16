"""A member's numbers as the coach knows them: facts with an owner and an id, taken from goals and never made up."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from uuid import UUID

from services.coach.errors import ForeignFact


@dataclass(frozen=True, slots=True)
class LoggedDay:
    """What was logged on a goal on one day, summed up.

    Attributes:
        value: The sum of what was measured; None where nothing was.
    """

    day: date
    kept: bool = False
    slipped: bool = False
    skipped: bool = False
    value: float | None = None


@dataclass(frozen=True, slots=True)
class GoalFact:
    """One active goal.

    Attributes:
        state: `ahead`, `on_track`, `behind`, `at_risk`, `done`, or empty where nothing is known yet.
        times: How often in a `period`; None for goals without a schedule.
        period: `day`, `week`, `month`, `quarter`, `year` or empty.
        percent: 0 to 100; None when no unit counts yet.
        adherence: Percent over the 30 closed days before today; None when no unit counts.
        week_done: Units of this week that are done.
        week_due: Units of this week that count so far.
        week_logged: Distinct days of this week with a kept check-in; None where the entries read do not reach back.
        unit: What the streak counts: `day`, `week`, `month`, `quarter`, `year`, `step`, or empty for nothing.
        needed: Check-ins that the unit that holds today still needs; None where that is not known.
        is_out_of_reach: The days left of that unit are fewer.
        open_until: The last day of the unit that holds today; None where units are no stretches of the calendar.
        next_from: The first day of the unit after it; None for units of one day.
        safe_days: Whole days until something is lost with nothing more logged; 0 means today; None means never.
        weak_weekday: ISO weekday on which least is kept; None where none stands out.
        is_read_whole: All of its entries are among those read, so that what is not among them is not there.
        last_logged_on: Day of the newest entry known, whatever it says; None when none is.
        last_kept_on: Day of the newest one read that counts for the goal.
        left: Of a limit, the allowance left of the unit that holds today; below 0 where it is exceeded.
        slipped_on: Of a limit, the newest day on which an entry went beyond it.
        unit_of_value: Of the three figures below it; empty where nothing is measured.
        target_value: What is to be reached.
        limit_value: What is not to be exceeded in a `period`.
        current_value: Where it stands, of a target; what was used, of a limit.
        steps_done: Milestones reached; None for goals without.
        next_step: Title of the first milestone that is not.
        habits: Titles.
        logged: Days with an entry that counts, from the overview's `logged_from` on, read or not.
    """

    goal_id: UUID
    owner_id: UUID
    title: str
    pattern: str
    category: str = ""
    state: str = ""
    deadline: date | None = None
    times: int | None = None
    period: str = ""
    percent: float | None = None
    adherence: float | None = None
    streak: int = 0
    longest_streak: int = 0
    week_done: int = 0
    week_due: int = 0
    week_logged: int | None = None
    unit: str = ""
    needed: int | None = None
    is_out_of_reach: bool = False
    open_until: date | None = None
    next_from: date | None = None
    safe_days: int | None = None
    weak_weekday: int | None = None
    due_today: bool = False
    done_today: bool = False
    is_read_whole: bool = True
    last_logged_on: date | None = None
    last_kept_on: date | None = None
    left: float | None = None
    slipped_on: date | None = None
    create_time: datetime | None = None
    unit_of_value: str = ""
    target_value: float | None = None
    limit_value: float | None = None
    current_value: float | None = None
    steps_done: int | None = None
    steps_total: int | None = None
    next_step: str = ""
    habits: tuple[str, ...] = ()
    logged: tuple[LoggedDay, ...] = ()

    @property
    def is_limit(self) -> bool:
        """It is about doing less of something: what is missing is no gap, and an entry may be a slip."""
        return self.pattern == "limit"


@dataclass(frozen=True, slots=True)
class CompletedFact:
    """A goal that was reached lately."""

    goal_id: UUID
    owner_id: UUID
    title: str
    completed_on: date


@dataclass(frozen=True, slots=True)
class EntryFact:
    """One entry on a goal.

    Attributes:
        completed: On check-ins: kept or not.
        note: What the member wrote; framed before it goes anywhere.
        mood: 1 (bad) to 5 (good); None where not said.
    """

    entry_id: UUID
    owner_id: UUID
    goal_id: UUID
    type: str
    local_date: date
    completed: bool | None = None
    value: float | None = None
    note: str = ""
    mood: int | None = None
    create_time: datetime | None = None

    @property
    def is_kept(self) -> bool:
        """It counts for its goal: no skip, no note, no check-in that says otherwise."""
        return self.completed is not False and self.type not in {"skip", "note"}


@dataclass(frozen=True, slots=True)
class Overview:
    """What is known of a member's goals on one day.

    Attributes:
        rate_7d: Percent of due units done over the 7 closed days before today; None when none counts.
        rate_30d: The same over 30 days.
        completed: Goals reached over the last 30 days, the latest first.
        reaches_back_to: The first day all of whose entries are among `entries`; of those before it nothing is told by
            an entry that is not.
        logged_from: The first day of which the goals' `logged` tell; None where they tell of none.
    """

    today: date
    goals: tuple[GoalFact, ...] = ()
    entries: tuple[EntryFact, ...] = ()
    rate_7d: float | None = None
    rate_30d: float | None = None
    completed: tuple[CompletedFact, ...] = ()
    reaches_back_to: date = date.min
    logged_from: date | None = None

    def check_owner(self, member_id: UUID) -> None:
        """Stops before any text is made when a fact is somebody else's.

        Raises:
            ForeignFact: One is.
        """
        owners = {goal.owner_id for goal in self.goals} | {entry.owner_id for entry in self.entries}
        owners |= {goal.owner_id for goal in self.completed}
        if owners - {member_id}:
            raise ForeignFact

    def goal(self, goal_id: UUID) -> GoalFact | None:
        """The goal with this id, if it is among them."""
        return next((goal for goal in self.goals if goal.goal_id == goal_id), None)


@dataclass(frozen=True, slots=True)
class Quotable:
    """The numbers and titles that a reply may hold."""

    numbers: frozenset[str] = field(default_factory=frozenset)
    titles: tuple[str, ...] = ()


_NEAR = {0: "today", 1: "yesterday", -1: "tomorrow"}
# What may be quoted where no numbers are known.
NOTHING = Quotable()


def quotable(overview: Overview | None) -> Quotable:
    """Everything in an overview that may be said aloud, numbers as a reply would write them."""
    if overview is None:
        return NOTHING
    numbers = {spoken(number) for number in _numbers(overview)}
    titles = (*(goal.title for goal in overview.goals), *(goal.title for goal in overview.completed))
    for title in titles:
        numbers |= set(_digits(title))
    return Quotable(frozenset(numbers), titles)


def spoken(number: float) -> str:
    """A number as replies write it: whole, rounded half up, without a sign of its unit."""
    return str(int(number + 0.5)) if number >= 0 else str(-int(-number + 0.5))


def counted(number: int, noun: str) -> str:
    """`3 weeks`, `1 check-in`: a number with what it counts."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def spoken_day(day: date, *, today: date) -> str:
    """A day as replies write it: `today`, `yesterday`, `tomorrow`, a weekday within a week, else `3 March`."""
    days_ago = (today - day).days
    if days_ago in _NEAR:
        return _NEAR[days_ago]
    return f"{day:%A}" if -7 < days_ago < 7 else f"{day.day} {day:%B}"


def _numbers(overview: Overview) -> Iterator[float]:
    sources: list[Overview | GoalFact | EntryFact | CompletedFact]
    sources = [overview, *overview.goals, *overview.entries, *overview.completed]
    for source in sources:
        for name in fields(source):
            # How far was read is nothing to tell.
            if name.name in {"reaches_back_to", "logged_from"}:
                continue
            yield from _number(getattr(source, name.name))


def _number(value: object) -> Iterator[float]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        yield from (float(value.day), float(value.month), float(value.year))


def _digits(text: str) -> Sequence[str]:
    return "".join(c if c.isdigit() else " " for c in text).split()


def newest_first(entries: Iterable[EntryFact]) -> tuple[EntryFact, ...]:
    """By day, then id, descending: the same order whatever order they came in."""
    return tuple(sorted(entries, key=lambda entry: (entry.local_date, entry.entry_id.int), reverse=True))
