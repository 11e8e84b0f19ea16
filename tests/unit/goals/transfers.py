"""Arranging files for a member of tests."""

from datetime import UTC, date, datetime
from typing import Any

from chassis.clock import FixedClock, new_id
from services.goals.domain.days import Calendar
from services.goals.domain.goal import MemberId
from services.goals.domain.transfer import Arrangement, Arrival, Ground, Parsed, Source, arrange, parse

CLOCK = FixedClock(datetime(2026, 3, 20, 12, tzinfo=UTC))
TODAY = date(2026, 3, 20)
MEMBER = MemberId(new_id(CLOCK))


def ground(**fields: Any) -> Ground:
    return Ground(MEMBER, Calendar("UTC"), TODAY.toordinal(), CLOCK.now(), **fields)


def arranged(source: Source, content: bytes, **fields: Any) -> Arrangement:
    return arranged_of(parse(source, content), **fields)


def arranged_of(parsed: Parsed, **fields: Any) -> Arrangement:
    return arrange(parsed, ground(**fields), new_id=lambda: new_id(CLOCK))


def by_title(arrangement: Arrangement) -> dict[str, Arrival]:
    return {each.goal.title: each for each in arrangement.arrivals}


def reasons(arrangement: Arrangement) -> dict[str, str]:
    return {each.where: each.reason for each in arrangement.skipped}


def days(arrival: Arrival) -> list[str]:
    return [date.fromordinal(each.local_day).isoformat() for each in arrival.activities]
