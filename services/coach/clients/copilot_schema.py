"""The form of a copilot's answer that every provider answers in, rules and models alike."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.coach.domain.copilot.advice import Advice
from services.coach.domain.copilot.patching import MOST_OPERATIONS, Asked

Action = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Operation(_Strict):
    """One change; what an operation does not need is empty, 0 or null."""

    op: Literal["add_habit", "update_habit", "remove_habit", "move_deadline", "add_subgoal"]
    ref: Annotated[str, StringConstraints(pattern=r"^[a-z]\d{1,3}$")]
    field: Literal["", "times", "minutes"]
    value_text: Annotated[str, StringConstraints(max_length=200)]
    value_int: Annotated[int, Field(ge=0, le=1_440)]
    value_date: date | None
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class CopilotAnswer(_Strict):
    """What is said to a mentor.

    Attributes:
        summary: What `plan_patch` is about; empty where that is empty.
    """

    reply: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]
    actions: Annotated[list[Action], Field(max_length=4)]
    summary: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
    plan_patch: Annotated[list[Operation], Field(max_length=MOST_OPERATIONS)]

    def advice(self) -> Advice:
        """What is said, for the domain."""
        return Advice(self.reply, tuple(self.actions))

    def asked(self) -> tuple[Asked, ...]:
        """The operations, for the domain."""
        return tuple(Asked(**operation.model_dump()) for operation in self.plan_patch)


def content(advice: Advice) -> dict[str, object]:
    """What the rules say, in this form; their changes are computed and need no names."""
    return {"reply": advice.reply, "actions": list(advice.actions), "summary": "", "plan_patch": []}
