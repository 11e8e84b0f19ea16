"""What is asked about how a goal is going."""

from typing import Literal

from gateway.routes.fields import QueryModel


class ProgressQuery(QueryModel):
    """Which span."""

    period: Literal["week", "month", "quarter", "year", "all"] = "week"
