"""What can become of a unit, and the forms in which units are told."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.goals.domain.goal import Rule

DONE = ord("d")
PARTIAL = ord("p")
MISSED = ord("m")
EXCUSED = ord("e")
PENDING = ord(".")
NOT_DUE = ord("-")

OUTCOME_NAMES = {
    DONE: "done",
    PARTIAL: "partial",
    MISSED: "missed",
    EXCUSED: "excused",
    PENDING: "pending",
    NOT_DUE: "not_due",
}


@dataclass(slots=True)
class Stretch:
    """The units under one version: `firsts[i]` to `lasts[i]` has `outcomes[i]`.

    Attributes:
        fractions: How far partial units came, 0 to 1, by index.
    """

    rule: Rule
    firsts: Sequence[int]
    lasts: Sequence[int]
    outcomes: bytearray
    fractions: dict[int, float]


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit looked at closely.

    Attributes:
        days: Its eligible days that are open (not excused, paused or behind the deadline), in order.
        eligible: How many days of it the schedule names, open or not.
        excused: How many of these are excused.
        needed: Done days (check-ins on a day, or the sum of an amount) that it takes; of a limit what it may hold.
            0 where no day is open.
        done: How much of that is there.
    """

    first: int
    last: int
    days: Sequence[int]
    eligible: int
    excused: int
    needed: float
    done: float
    rule: Rule

    @property
    def is_met(self) -> bool:
        """Enough was done."""
        return bool(self.days) and self.done >= self.needed

    @property
    def is_excused(self) -> bool:
        """Every day of it is excused."""
        return not self.days and 0 < self.eligible == self.excused


@dataclass(frozen=True, slots=True)
class Chance:
    """The unit that is lost first, and what would still save it.

    Attributes:
        done: What was done in it.
        needed: What it takes in all.
        takes: On how many days more something has to be done.
        days: The last of its days that are left, as many as it takes; fewer where it is lost already.
    """

    first: int
    last: int
    done: float
    needed: float
    takes: int
    days: Sequence[int]
    rule: Rule

    @property
    def last_day(self) -> int | None:
        """The last day on which it can still be saved; None where it is lost."""
        return self.days[0] if len(self.days) == self.takes else None
