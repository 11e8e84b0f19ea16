"""What the text of a goal says, slot by slot; what it does not say is None."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """Whether a goal is about doing something, not doing it, or doing less of it."""

    DO = "do"
    AVOID = "avoid"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often.

    Attributes:
        period: `day`, `week`, `month`, `quarter` or `year`.
        times: In each period.
        weekdays: ISO weekdays (1 Monday to 7); with period `day` each is due, with a longer one only these count.
        every: 2 for every other period; then `times` is 1.
    """

    period: str
    times: int = 1
    weekdays: frozenset[int] = frozenset()
    every: int = 1


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit: `5 kg`, `12 books`. A level, such as B1, is a unit whose value is 0."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """The most that may be in a period."""

    most: Quantity
    period: str


@dataclass(frozen=True, slots=True)
class Slots:
    """A text that was read.

    Attributes:
        budget_minutes: A week that there are.
        session_minutes: Of one time.
        target: What is to be reached in the end.
        baseline: Where the member stands, in the target's unit.
        amount: What is to be done each time, or in each period.
        available: ISO weekdays that are free; empty where not said.
        past_deadline: A day was named that is over.
    """

    cadence: Cadence | None = None
    budget_minutes: int | None = None
    session_minutes: int | None = None
    deadline: date | None = None
    target: Quantity | None = None
    baseline: float | None = None
    amount: Quantity | None = None
    allowance: Allowance | None = None
    kind: Kind = Kind.DO
    available: frozenset[int] = frozenset()
    past_deadline: bool = False

    def filled_from(self, other: Mapping[str, object]) -> "Slots":
        """These slots, and where one is None or empty the other's."""
        own = {name: getattr(self, name) for name in self.__slots__}
        return Slots(**own | {name: value for name, value in other.items() if not own[name] and value})
