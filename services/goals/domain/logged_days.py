"""What was logged on a goal day by day, summed up: for whoever needs the last days and not each entry."""

from dataclasses import dataclass

from services.goals.domain.entries import Entries


@dataclass(frozen=True, slots=True)
class LoggedDay:
    """One day with an entry that says something of a unit.

    Attributes:
        kept: A check-in that was kept, or a milestone that was reached.
        slipped: A check-in that says otherwise.
        value: The sum of its progress; None where there is none.
    """

    day: int
    kept: bool
    slipped: bool
    skipped: bool
    value: float | None


def logged_days(entries: Entries, first: int) -> tuple[LoggedDay, ...]:
    """The days from `first` on that have an entry, in order."""
    reached = {day for day, _ in entries.milestones.values()}
    days = [
        LoggedDay(
            day,
            kept=entries.done_on(day) > 0 or day in reached,
            slipped=day in entries.slips,
            skipped=day in entries.skips,
            value=entries.amounts.get(day),
        )
        for day in range(max(first, entries.first_day), entries.last_day + 1)
    ]
    return tuple(each for each in days if each.kept or each.slipped or each.skipped or each.value is not None)
