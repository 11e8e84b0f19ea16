"""Spans of days in requests."""

from datetime import date

from gateway.problems import invalid


def check_days(first: date, last: date, *, most: int | None = None) -> None:
    """Refuses a span that ends before it begins, or that is longer than `most` days.

    Raises:
        Problem: 422 naming `to`.
    """
    if last < first:
        raise invalid("to", "must not be before `from`")
    if most is not None and (last - first).days >= most:
        raise invalid("to", f"must be at most {most} days on from `from`, both counted")
