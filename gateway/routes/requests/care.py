"""What surrounds a goal: vacations, habits, subgoals and reminders."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from gateway.routes.fields import LEFT_OUT, LocalDate, Minutes, RequestModel, Sentence, TimeOfDay, Title, Weekday
from gateway.routes.requests.goals import ScheduleDraft

MAX_REMINDERS: Final = 10


class VacationDraft(RequestModel):
    """Days on which nothing is asked for, both ends included."""

    from_: Annotated[LocalDate, Field(alias="from")]
    to: LocalDate
    reason: Sentence | None = None


class HabitDraft(RequestModel):
    """A new habit."""

    title: Title
    schedule: ScheduleDraft | None = None
    minutes: Minutes | None = None
    if_then: Sentence | None = None


class HabitChange(RequestModel):
    """Fields of a habit to change; what is left out stays."""

    title: Title = LEFT_OUT
    schedule: ScheduleDraft = LEFT_OUT
    minutes: Minutes | None = LEFT_OUT
    if_then: Sentence | None = LEFT_OUT


class SubgoalDraft(RequestModel):
    """A new subgoal."""

    title: Title
    due_date: LocalDate | None = None


class SubgoalChange(RequestModel):
    """Fields of a subgoal to change; what is left out stays."""

    title: Title = LEFT_OUT
    due_date: LocalDate | None = LEFT_OUT
    status: Literal["open", "done"] = LEFT_OUT


class ReminderDraft(RequestModel):
    """A time at which to be reminded, on some weekdays or on all."""

    time: TimeOfDay
    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)] | None = None


class RemindersDraft(RequestModel):
    """All reminders that there are to be: a bare list of them, or the object that reading them gives."""

    items: Annotated[list[ReminderDraft], Field(max_length=MAX_REMINDERS)]

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return {"items": value} if isinstance(value, list) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describes both forms."""
        described = handler.resolve_ref_schema(handler(core_schema))
        return {"anyOf": [described["properties"]["items"], described]}
