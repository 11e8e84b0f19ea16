"""Makes drafts of goals from confirmed dating goals: recurring, by the stated target, else once a week."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.coach.domain.intake.state import Intake
from services.coach.domain.intake.topics import Slot
from services.coach.domain.planning.grammar import read_goal
from services.coach.domain.planning.schedules import Schedule, from_cadence

CATEGORY: Final = "dating"
MAX_TITLE: Final = 200
_WEEKLY: Final = Schedule("week", 1)


@dataclass(frozen=True, slots=True)
class DatingGoalDraft:
    """A goal to be made.

    Attributes:
        index: Its place among the dating goals: with the confirmed revision it names the goal for good.
    """

    index: int
    title: str
    schedule: Schedule
    deadline: date | None

    def __repr__(self) -> str:
        """Without the words."""
        return f"DatingGoalDraft(index={self.index})"


def goal_drafts(intake: Intake, *, today: date) -> tuple[DatingGoalDraft, ...]:
    """A draft for each dating goal that no goal was made of yet."""
    made = {one.text.casefold() for one in intake.adopted}
    deadline = _deadline(intake, today=today)
    return tuple(
        DatingGoalDraft(index, _title(text), _schedule(text, intake.value(Slot.TARGET), today=today), deadline)
        for index, text in enumerate(intake.values(Slot.GOALS))
        if text.casefold() not in made
    )


def _title(text: str) -> str:
    title = " ".join(text.split())[:MAX_TITLE].strip()
    return title[:1].upper() + title[1:]


def _schedule(goal: str, target: str, *, today: date) -> Schedule:
    """The goal's own cadence, else the target's, else once a week."""
    for text in (goal, target):
        cadence = read_goal(text, today=today).cadence
        if cadence is not None:
            return from_cadence(cadence)
    return _WEEKLY


def _deadline(intake: Intake, *, today: date) -> date | None:
    """The last day of the timeframe, counted from the day it was said; None where it is over or was not said."""
    answer = intake.answers.get(Slot.TIMEFRAME)
    if answer is None or not answer.values:
        return None
    day = read_goal(answer.values[0], today=answer.said_on or today).deadline
    return day if day is not None and day > today else None
