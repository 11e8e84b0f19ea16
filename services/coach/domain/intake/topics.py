"""The four topics and their twelve slots, in the order in which they are asked."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Slot(StrEnum):
    """One thing that the conversation finds out."""

    GOALS = "goals"
    TARGET = "target"
    TIMEFRAME = "timeframe"
    TRIED = "tried"
    HELPED = "what_helped"
    HINDERED = "what_got_in_the_way"
    COMFORT = "comfort_level"
    TRIGGERS = "triggers"
    VENUES = "preferred_venues"
    SUPPORT = "support_people"
    FREQUENCY = "check_in_frequency"
    STYLE = "accountability_style"


class Comfort(StrEnum):
    """How at ease somebody is with approaching people: 1 to 3, 4 to 7, 8 to 10 of ten."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class TopicStatus(StrEnum):
    """Where a topic stands."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with its slots in order."""

    topic_id: str
    title: str
    slots: tuple[Slot, ...]


TOPICS: Final = (
    Topic("goals", "Dating Confidence Goals & Targets", (Slot.GOALS, Slot.TARGET, Slot.TIMEFRAME)),
    Topic("past", "Past Attempts & Learning", (Slot.TRIED, Slot.HELPED, Slot.HINDERED)),
    Topic("comfort", "Triggers & Comfort Zones", (Slot.COMFORT, Slot.TRIGGERS, Slot.VENUES)),
    Topic("support", "Support & Accountability Goals", (Slot.SUPPORT, Slot.FREQUENCY, Slot.STYLE)),
)
SLOTS: Final = tuple(slot for topic in TOPICS for slot in topic.slots)
# Hold several things: more of them are appended, and one is taken out by name.
LISTS: Final = frozenset({Slot.GOALS, Slot.TRIED, Slot.TRIGGERS, Slot.VENUES, Slot.SUPPORT})
# Hold the member's own words; the others hold a word of ours or a time.
OWN_WORDS: Final = frozenset({Slot.GOALS, Slot.TRIED, Slot.HELPED, Slot.HINDERED, Slot.TRIGGERS})


def topic_of(slot: Slot) -> Topic:
    """The topic that a slot belongs to."""
    return next(topic for topic in TOPICS if slot in topic.slots)
