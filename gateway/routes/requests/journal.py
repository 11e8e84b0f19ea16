"""What members write on their days."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.routes.fields import LEFT_OUT, JournalText, LocalDate, PageQuery, RequestModel

JournalMood = Literal[
    "calm", "happy", "proud", "grateful", "hopeful", "motivated", "anxious", "stressed", "sad", "lonely", "angry",
    "frustrated", "ashamed", "tired", "overwhelmed", "neutral",
]  # fmt: skip
MoodTags = Annotated[list[JournalMood], Field(max_length=10)]
Score = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


class JournalDraft(RequestModel):
    """A new entry; without moods those are given that its words name."""

    text: JournalText
    mood_tags: MoodTags | None = None
    local_date: LocalDate | None = None


class JournalChange(RequestModel):
    """Fields of an entry to change; what is said here stands above what is found in the text."""

    text: JournalText = LEFT_OUT
    mood_tags: MoodTags = LEFT_OUT
    sentiment_score: Score = LEFT_OUT


class JournalFilter(PageQuery):
    """Entries of which days."""

    from_: Annotated[LocalDate | None, Field(alias="from")] = None
    to: LocalDate | None = None
