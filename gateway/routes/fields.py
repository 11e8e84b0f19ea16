"""Kinds of fields that requests are made of: what may stand in them, said once.

Strict everywhere: no number is read from text, no flag from a word. Limits count characters (code points).
"""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from chassis.pages import MAX_TOKEN_LENGTH

MIN_YEAR: Final = 1900
MAX_YEAR: Final = 2200
MAX_MAGNITUDE: Final = 1e12
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Seconds to 59: a leap second has no place in a day of 86 400 seconds. The offset is required.
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-4]):[0-5]\d)", re.ASCII)
_INTEGER: Final = re.compile(r"-?\d{1,9}", re.ASCII)
_TIME = r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"


class RequestModel(BaseModel):
    """A request body: strict, and closed against fields that it does not name."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class QueryModel(BaseModel):
    """A query string; its values arrive as text."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _day(value: Any) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if MIN_YEAR <= day.year <= MAX_YEAR:
                return day
    raise ValueError(f"must be a date, YYYY-MM-DD, of the years {MIN_YEAR} to {MAX_YEAR}")


def _instant(value: Any) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            instant = datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        else:
            if MIN_YEAR <= instant.year <= MAX_YEAR:
                return instant
    raise ValueError(f"must be an instant, for example 2026-03-01T07:30:00Z, of the years {MIN_YEAR} to {MAX_YEAR}")


def _line(text: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in text):
        raise ValueError("must be one line without control characters")
    return _not_blank(text)


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _finite(number: float) -> float:
    if not -MAX_MAGNITUDE <= number <= MAX_MAGNITUDE:
        raise ValueError("must lie between -1e12 and 1e12")
    return number


def _query_integer(value: Any) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    raise ValueError("must be a whole number")


def _unchangeable(_value: Any) -> None:
    raise ValueError("cannot be changed: take the entry back and log it anew")


LocalDate = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Instant = Annotated[datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
# What makes a name, a zone, a tag or a year of birth a good one is the mentor service's to say (docs/adr/0059).
DisplayName = Annotated[str, Field(min_length=1, max_length=100)]
Title = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_line)]
Category = Annotated[str, Field(max_length=50)]
LongText = Annotated[str, Field(max_length=10_000)]
MemoryText = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_not_blank)]
JournalText = Annotated[str, Field(min_length=1, max_length=10_000), AfterValidator(_not_blank)]
ChatText = Annotated[str, Field(min_length=1, max_length=8_000), AfterValidator(_not_blank)]
ShortText = Annotated[str, Field(max_length=200)]
Sentence = Annotated[str, Field(max_length=500)]
TimeOfDay = Annotated[str, Field(pattern=_TIME, examples=["07:30"])]
Minutes = Annotated[int, Field(ge=1, le=1_440)]
# Of fields that are known and fixed, so that a change hears why; they are no part of what is described.
Fixed = SkipJsonSchema[Annotated[None, BeforeValidator(_unchangeable)]]
Tag = Annotated[str, Field(min_length=1, max_length=50)]
Unit = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_line)]
Timezone = Annotated[str, Field(min_length=1, max_length=64)]
Locale = Annotated[str, Field(min_length=1, max_length=35)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
BirthYear = Annotated[int, Field(ge=MIN_YEAR, le=MAX_YEAR)]
Amount = Annotated[float, Field(allow_inf_nan=False), AfterValidator(_finite)]
Email = Annotated[str, Field(max_length=320, json_schema_extra={"format": "email"})]
Password = Annotated[str, Field(max_length=1024, json_schema_extra={"format": "password"})]
ResourceId = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
        json_schema_extra={"format": "uuid"},
    ),
]
# Of fields that a change may leave out; whether one was given is asked of `model_fields_set`, so nobody reads this.
LEFT_OUT: Any = Field(default_factory=lambda: None)
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
PageSize = Annotated[int, BeforeValidator(_query_integer), Field(ge=1, le=200)]
PageToken = Annotated[str, Field(max_length=MAX_TOKEN_LENGTH)]


class PageQuery(QueryModel):
    """Which page of a list."""

    page_size: PageSize = 50
    page_token: PageToken = ""
