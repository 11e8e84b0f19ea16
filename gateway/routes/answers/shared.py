"""What answers have in common, and problems."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Percent = Annotated[float, Field(ge=0, le=100)]


class Answer(BaseModel):
    """An answer; more fields may come."""

    model_config = ConfigDict(extra="forbid")


class Page(Answer, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next_page_token: str | None


class FieldError(Answer):
    """A field that breaks a rule."""

    field: str
    message: str


class SafetyResource(Answer):
    """A place to get help."""

    name: str
    contact: str
    country: str | None


class Problem(Answer):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[FieldError] = []
    reason: str | None = None
    metadata: dict[str, str] = {}
    resources: list[SafetyResource] = []
