"""What members wrote on their days."""

from typing import Final

from gateway.routes.views.coach import safety
from gateway.routes.views.shared import Json, day, instant
from tandem.coach.v1 import journal_pb2

ORIGINS: Final = ("found", "found", "member")


def journal_entry(message: journal_pb2.JournalEntry) -> Json:
    """An entry."""
    return {
        "id": message.entry_id,
        "text": message.text,
        "local_date": day(message.local_date),
        "sentiment_score": message.sentiment_score,
        "sentiment_origin": ORIGINS[message.sentiment_origin],
        "mood_tags": list(message.mood_tags),
        "mood_tags_origin": ORIGINS[message.mood_tags_origin],
        "create_time": instant(message.create_time),
        "update_time": instant(message.update_time),
        "safety": safety(message.safety) if message.HasField("safety") else None,
    }
