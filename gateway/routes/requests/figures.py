"""What is asked about how a goal is going."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.routes.fields import Instant, LocalDate, QueryModel

Metric = Literal["streak", "strength", "adherence", "pace"]


class ProgressQuery(QueryModel):
    """Which span, as of which day, and with what was known when."""

    period: Literal["week", "month", "quarter", "year", "all"] = "week"
    date: LocalDate | None = None
    known_at: Instant | None = None


class CalendarQuery(QueryModel):
    """Which days, both ends included."""

    from_: Annotated[LocalDate, Field(alias="from")]
    to: LocalDate


class ExplanationQuery(QueryModel):
    """Which figure, as of which day."""

    metric: Metric
    date: LocalDate | None = None
