"""What members write on their days."""

from gateway.routes.messages.shared import day
from gateway.routes.requests import JournalChange, JournalDraft
from tandem.coach.v1 import journal_pb2


def journal_entry(draft: JournalDraft) -> journal_pb2.JournalEntry:
    """A new entry."""
    return journal_pb2.JournalEntry(
        text=draft.text,
        mood_tags=draft.mood_tags or (),
        local_date=day(draft.local_date) if draft.local_date is not None else None,
    )


def journal_change(entry_id: str, change: JournalChange) -> tuple[journal_pb2.JournalEntry, list[str]]:
    """The new values, and the paths of the fields that change."""
    given = change.model_fields_set
    message = journal_pb2.JournalEntry(entry_id=entry_id)
    if "text" in given:
        message.text = change.text
    if "mood_tags" in given:
        message.mood_tags.extend(change.mood_tags)
    if "sentiment_score" in given:
        message.sentiment_score = change.sentiment_score
    return message, sorted(given)
