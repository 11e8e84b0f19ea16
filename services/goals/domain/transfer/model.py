"""What a file of another application comes to: goals and entries as asked for, and what cannot come in, with why.

Nothing here is decided yet: whether a goal keeps the rules, and what is there already, shows when it is arranged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from chassis.errors import InvalidArgument
from services.goals.domain.activity import ActivityDraft
from services.goals.domain.care import Care, Reminder
from services.goals.domain.goal import Goal, Pattern, Status
from services.goals.domain.planning import GoalDraft

MAX_FILE_BYTES: Final = 20 * 1024 * 1024
MAX_GOALS: Final = 1_000
MAX_ENTRIES: Final = 100_000
MAX_SKIPPED: Final = 1_000


class Source(StrEnum):
    """Whose file it is."""

    LOOP = "loop"
    BEEMINDER = "beeminder"
    HABITICA = "habitica"
    TANDEM = "tandem"


@dataclass(frozen=True, slots=True)
class Skipped:
    """What cannot come in as it is: its place in the file, and why."""

    where: str
    reason: str


class Unfit(Exception):
    """A goal or an entry cannot come in; the text says why and never repeats what the file says."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def refused(reason: str) -> InvalidArgument:
    """The file as a whole cannot be read."""
    return InvalidArgument.of("file", reason)


class Remarks:
    """Gathers what cannot come in.

    The same reason at one place is told once with its count: a file of a hundred thousand faults has a readable answer.
    """

    def __init__(self) -> None:
        self._counts: dict[Skipped, int] = {}
        self._beyond = 0

    def add(self, where: str, reason: str) -> None:
        """Notes that what stands at `where` does not come in."""
        skipped = Skipped(where, reason)
        if skipped in self._counts or len(self._counts) < MAX_SKIPPED - 1:
            self._counts[skipped] = self._counts.get(skipped, 0) + 1
        else:
            self._beyond += 1

    def extend(self, other: "Remarks") -> None:
        """Takes over what another one gathered."""
        for skipped, count in other._counts.items():
            for _ in range(count):
                self.add(skipped.where, skipped.reason)
        self._beyond += other._beyond

    def told(self) -> list[Skipped]:
        """All of it, in the order of the file."""
        shown = [
            each if count == 1 else Skipped(each.where, f"{each.reason} ({count} times)")
            for each, count in self._counts.items()
        ]
        if self._beyond:
            shown.append(Skipped("file", f"{self._beyond} more could not come in"))
        return shown


@dataclass(frozen=True, slots=True)
class NamedStep:
    """A step that a file knows by its text alone.

    Attributes:
        place: Its place in the file's list, for the goal that is made of this very list.
        title: What it is found by on a goal that is there already.
        is_only: No other step of the file is called so.
    """

    place: int
    title: str
    is_only: bool


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """An entry of a file.

    Attributes:
        key: Names it within its goal, the same in every export of it.
        draft: What it says; without `local_date` its day follows from its instant. Ids of parts in it are those of the
            file, which parts of our own goals keep.
        step: The step that it reaches, where the file has no id of ours for it.
        timezone: The zone it was logged in; empty for the member's.
        create_time: When it was first known; None for now.
        update_time: When it was last corrected; None for now.
    """

    key: str
    draft: ActivityDraft
    step: NamedStep | None = None
    timezone: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class ParsedVacation:
    """Days of a vacation; `create_time` None for now."""

    first: date
    last: date
    reason: str
    create_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class ParsedGoal:
    """A goal of a file.

    Attributes:
        where: Its place in the file.
        key: Names it within the member's goals of this source, the same in every export of it.
        draft: What it asks for. Its start date may move back to the first entry, unless `is_anchored`.
        status: What it is to be; completion by what was logged comes by itself.
        is_anchored: Its recurrence is counted from the start date, which therefore stays.
        exact: A goal of our own with its whole history, in the place of `draft` and `status`; its parts keep their
            ids, its own one and its member's are made up.
    """

    where: str
    key: str
    title: str
    pattern: Pattern
    draft: GoalDraft | None = None
    status: Status = Status.ACTIVE
    is_anchored: bool = False
    exact: Goal | None = None
    care: Care = field(default_factory=Care)
    reminders: tuple[Reminder, ...] = ()
    vacations: tuple[ParsedVacation, ...] = ()
    entries: Sequence[ParsedEntry] = ()


@dataclass(slots=True)
class Parsed:
    """Everything in a file.

    Attributes:
        goals: In the order of the file.
        vacations: Those of the member, from all goals.
        additions: Entries by the keys of goals that must be there already, with titles for the report.
        remarks: What cannot come in.
    """

    goals: list[ParsedGoal] = field(default_factory=list)
    vacations: list[ParsedVacation] = field(default_factory=list)
    additions: dict[str, ParsedGoal] = field(default_factory=dict)
    remarks: Remarks = field(default_factory=Remarks)

    def check_size(self) -> "Parsed":
        """The same, if it is not more than may come in at once.

        Raises:
            InvalidArgument: It is.
        """
        everything = [*self.goals, *self.additions.values()]
        if len(everything) > MAX_GOALS:
            raise refused(f"holds more than {MAX_GOALS} goals; split it")
        if sum(len(goal.entries) for goal in everything) > MAX_ENTRIES:
            raise refused(f"holds more than {MAX_ENTRIES} entries; split it")
        return self
