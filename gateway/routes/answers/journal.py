"""What members wrote on their days."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from gateway.routes.answers.coach import Safety
from gateway.routes.answers.shared import Answer
from gateway.routes.requests import JournalMood

Origin = Literal["found", "member"]


class JournalEntry(Answer):
    """An entry; `safety` says what the screen finds when it is written or changed, and is null where it is read."""

    id: str
    text: str
    local_date: date
    sentiment_score: Annotated[float, Field(ge=-1, le=1)]
    sentiment_origin: Origin
    mood_tags: list[JournalMood]
    mood_tags_origin: Origin
    create_time: datetime
    update_time: datetime
    safety: Safety | None
