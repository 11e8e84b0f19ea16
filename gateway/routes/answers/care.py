"""What surrounds a goal: vacations and reminders."""

from datetime import date, datetime

from pydantic import Field

from gateway.routes.answers.shared import Answer, Weekday


class Vacation(Answer):
    """Days on which nothing is asked for, both ends included; of all goals where it names none."""

    id: str
    goal_id: str | None
    from_: date = Field(alias="from")
    to: date
    reason: str | None
    create_time: datetime


class Reminder(Answer):
    """A time at which to be reminded, on some weekdays or on all."""

    time: str
    weekdays: list[Weekday] | None


class Reminders(Answer):
    """All reminders of a goal, in the order of the day."""

    items: list[Reminder]
