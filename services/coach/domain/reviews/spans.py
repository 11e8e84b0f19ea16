"""Which days a review covers: one week of the member's own, or one month of the calendar."""

from datetime import date, timedelta

from services.coach.domain.reviews.writer import ReviewKind


def span_of(kind: ReviewKind, day: date, *, week_start: int) -> tuple[date, date]:
    """First and last day of the week or month that holds `day`; weeks begin on an ISO weekday of the member's."""
    if kind is ReviewKind.WEEKLY:
        first = week_of(day, week_start=week_start)
        return first, first + timedelta(days=6)
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def week_of(day: date, *, week_start: int) -> date:
    """The first day of the week that holds `day`."""
    return day - timedelta(days=(day.isoweekday() - week_start) % 7)
