"""The copy of members' calendars."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Record, Transaction
from chassis.sql import text_statement
from services.goals.domain.days import Calendar

_FIND = text_statement(
    """SELECT timezone, day_start_hour, week_start, version, as_of
    FROM goals.member_calendars WHERE member_id = :member_id"""
)
_LOCK = text_statement(
    """SELECT timezone, day_start_hour, week_start, version, as_of
    FROM goals.member_calendars WHERE member_id = :member_id FOR UPDATE"""
)
_SAVE = text_statement(
    """INSERT INTO goals.member_calendars AS kept
        (member_id, timezone, day_start_hour, week_start, version, as_of)
    VALUES (:member_id, :timezone, :day_start_hour, :week_start, :version, :as_of)
    ON CONFLICT (member_id) DO UPDATE SET
        timezone = excluded.timezone, day_start_hour = excluded.day_start_hour, week_start = excluded.week_start,
        version = excluded.version, as_of = excluded.as_of
    WHERE (kept.version, kept.as_of) < (excluded.version, excluded.as_of)"""
)


@dataclass(frozen=True, slots=True)
class CalendarCopy:
    """A calendar and how new it is.

    Attributes:
        version: The member's version; 0 when mentor was asked instead of having told.
        as_of: When mentor knew it to be so.
    """

    calendar: Calendar
    version: int
    as_of: datetime

    def is_newer_than(self, other: "CalendarCopy | None") -> bool:
        """True when it says what the other cannot know yet."""
        return other is None or (self.version > other.version and self.as_of >= other.as_of)


class CalendarRepository:
    """Calendars, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find(self, member_id: UUID) -> CalendarCopy | None:
        """The copy, if there is one yet."""
        return _copy(await self._transaction.fetch_one(_FIND, member_id=member_id))

    async def lock(self, member_id: UUID) -> CalendarCopy | None:
        """The copy; whoever else locks it waits for the end of this transaction."""
        return _copy(await self._transaction.fetch_one(_LOCK, member_id=member_id))

    def save(self, member_id: UUID, copy: CalendarCopy) -> None:
        """Queues a copy; an older one than the one kept changes nothing."""
        self._transaction.write(
            _SAVE,
            member_id=member_id,
            timezone=copy.calendar.timezone,
            day_start_hour=copy.calendar.day_start_hour,
            week_start=copy.calendar.week_start,
            version=copy.version,
            as_of=copy.as_of,
        )


def _copy(row: Record | None) -> CalendarCopy | None:
    if row is None:
        return None
    calendar = Calendar(row["timezone"], row["day_start_hour"], row["week_start"])
    return CalendarCopy(calendar, row["version"], row["as_of"])
