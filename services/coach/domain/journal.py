"""Journal entries: what may stand in one, what rules find in it, and what the member says instead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.coach.domain.moods import Mood
from services.coach.errors import invalid_entry

MAX_TEXT: Final = 10_000
MAX_MOODS: Final = 10
EARLIEST: Final = date(1900, 1, 1)


class Origin(StrEnum):
    """Who says so."""

    FOUND = "found"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Reading:
    """What rules find in a text.

    Attributes:
        sentiment: -1 (bad) to 1 (good).
        method: Which rules and word lists, with their versions.
    """

    sentiment: float
    moods: tuple[Mood, ...]
    method: str


@dataclass(frozen=True, slots=True)
class JournalDraft:
    """What a member writes.

    Attributes:
        local_date: None for the member's today.
        moods: Empty where the member does not say.
    """

    text: str
    local_date: date | None = None
    moods: tuple[Mood, ...] = ()

    def __repr__(self) -> str:
        """Without the text."""
        return f"JournalDraft(local_date={self.local_date})"


@dataclass(frozen=True, slots=True)
class JournalChange:
    """What a member changes; None stays as it is. No moods at all is something that can be said."""

    text: str | None = None
    moods: tuple[Mood, ...] | None = None
    sentiment: float | None = None

    def __repr__(self) -> str:
        """Without the text."""
        return "JournalChange()"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One entry. What the member says of it stands above what is found in it."""

    entry_id: UUID
    member_id: UUID
    text: str
    local_date: date
    sentiment: float
    sentiment_origin: Origin
    moods: tuple[Mood, ...]
    moods_origin: Origin
    method: str
    create_time: datetime
    update_time: datetime

    def __repr__(self) -> str:
        """Without the text."""
        return f"JournalEntry(entry_id={self.entry_id})"


def write_entry(
    draft: JournalDraft, reading: Reading, *, entry_id: UUID, member_id: UUID, now: datetime
) -> JournalEntry:
    """A new entry; its day has been checked and filled in."""
    if draft.local_date is None:
        raise ValueError("an entry has a day")
    return JournalEntry(
        entry_id=entry_id,
        member_id=member_id,
        text=draft.text,
        local_date=draft.local_date,
        sentiment=reading.sentiment,
        sentiment_origin=Origin.FOUND,
        moods=draft.moods or reading.moods,
        moods_origin=Origin.MEMBER if draft.moods else Origin.FOUND,
        method=reading.method,
        create_time=now,
        update_time=now,
    )


def change_entry(entry: JournalEntry, change: JournalChange, reading: Reading | None, *, now: datetime) -> JournalEntry:
    """The entry as it is to be.

    Args:
        reading: Of the new text; None where the text stays.
    """
    if change == JournalChange():
        return entry
    changed = replace(entry, update_time=max(now, entry.update_time))
    if change.text is not None and reading is not None:
        changed = replace(
            changed,
            text=change.text,
            method=reading.method,
            sentiment=reading.sentiment if entry.sentiment_origin is Origin.FOUND else entry.sentiment,
            moods=reading.moods if entry.moods_origin is Origin.FOUND else entry.moods,
        )
    if change.moods is not None:
        changed = replace(changed, moods=change.moods, moods_origin=Origin.MEMBER)
    if change.sentiment is not None:
        changed = replace(changed, sentiment=change.sentiment, sentiment_origin=Origin.MEMBER)
    return changed


def check_text(text: str) -> str:
    """A text that may stand in a journal, as it was written.

    Raises:
        InvalidArgument: It is blank or longer than 10,000 characters.
    """
    if not text.strip():
        raise invalid_entry("text", "must not be empty")
    if len(text) > MAX_TEXT:
        raise invalid_entry("text", f"must have at most {MAX_TEXT:,} characters")
    return text


def check_moods(words: Sequence[str]) -> tuple[Mood, ...]:
    """Moods of the closed list, each once, in the order given.

    Raises:
        InvalidArgument: One is not of the list, or there are more than ten.
    """
    if len(words) > MAX_MOODS:
        raise invalid_entry("mood_tags", f"must be at most {MAX_MOODS}")
    try:
        return tuple(dict.fromkeys(Mood(word) for word in words))
    except ValueError:
        raise invalid_entry("mood_tags", f"must be of: {', '.join(Mood)}") from None


def check_sentiment(score: float) -> float:
    """A score within its range.

    Raises:
        InvalidArgument: It is not, or is no number.
    """
    if not -1 <= score <= 1:
        raise invalid_entry("sentiment_score", "must lie between -1 and 1")
    return score


def check_day(day: date, *, today: date) -> date:
    """A day that one can have lived.

    Raises:
        InvalidArgument: It lies ahead, or before 1900.
    """
    if day > today:
        raise invalid_entry("local_date", "must not lie in the future")
    if day < EARLIEST:
        raise invalid_entry("local_date", f"must not lie before {EARLIEST}")
    return day
