"""What a reply by rules may bring up again: a thing once told, or how the journal sounded lately. Little, and safely.

Brought up is what the member pinned, what shares a word with the message, or what shapes days (work, children, time);
never a crisis, love, a body, a condition or a medicine, and nothing that was said just now. Facts come from memory as
the member sees it, moods from the journal where they allow that.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from services.coach.domain.context import Known
from services.coach.domain.framing import speakable_title
from services.coach.domain.intents import mentioned_words
from services.coach.domain.memory import JournalFact, Memory, MemoryKind
from services.coach.domain.plain_text import plain
from services.coach.domain.vocabulary import CONDITIONS, DRUG

_MOOD_DAYS, _MIN_DAYS = 7, 3
_LOW, _GOOD = -0.2, 0.2
_OF_DAYS: Final = re.compile(
    r"\b(?:work|shifts?|nights?|job|office|commute|kids?|child(?:ren)?|baby|toddler|mornings?|evenings?|weekends?"
    r"|lunch breaks?|morning person|night owl|early bird|only have|no time)\b"
)
_PRIVATE: Final = re.compile(
    rf"\b(?:{CONDITIONS}|{DRUG}|sex\w*|porn\w*|naked|nudes?|lovers?|affair|abus\w+|rap(?:e|ed)|assault\w*|pregnan\w*"
    r"|abortion|miscarr\w+|periods?|weigh\w*|fat|binge\w*|purg\w+|therap\w+|psych\w+|diagnos\w+|died|death|dead"
    r"|divorc\w+"
    r"|ex|alone|lonely|hate (?:myself|my)|debts?|arrest\w*|prison|jail|drugs?|cocaine|weed|drunk|hiv|cancer"
    r"|girlfriend|boyfriend|dating"
    r"|crush|tinder|secret|password|pin|gay|lesbian|trans|bisexual|relig\w+|god|church|mosque|vot(?:e|ed))\b"
)


class Mood(StrEnum):
    """How the journal of the last days sounds."""

    LOW = "low"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Recalled:
    """What may be brought up.

    Attributes:
        fact: A thing once told, in the member's words; empty where none fits.
        mood: None where too little is known, or nothing stands out.
    """

    fact: str = ""
    mood: Mood | None = None

    def __repr__(self) -> str:
        """Without the words."""
        return f"Recalled(has_fact={bool(self.fact)}, mood={self.mood})"


NOTHING_RECALLED: Final = Recalled()


def recall(known: Known, message: str, today: date) -> Recalled:
    """What fits the message; the same memories, the same choice."""
    return Recalled(next(_facts(known.memories, message), ""), _mood(known.journal, today))


def _facts(memories: tuple[Memory, ...], message: str) -> Iterator[str]:
    """Those that share a word first, then what is pinned, then what shapes days."""
    said, asked = plain(message), mentioned_words(message)
    ranked = []
    for memory in memories:
        text = speakable_title(memory.text) if memory.kind is MemoryKind.FACT else None
        if text is None or _PRIVATE.search(plain(text)) or plain(text) in said:
            continue
        rank = (not asked & mentioned_words(text), not memory.pinned, not _OF_DAYS.search(plain(text)))
        if not all(rank):
            ranked.append((rank, memory.memory_id.hex, text))
    yield from (text for *_, text in sorted(ranked))


def _mood(journal: tuple[JournalFact, ...], today: date) -> Mood | None:
    recent = [each for each in journal if 0 <= (today - each.local_date).days < _MOOD_DAYS]
    if len({each.local_date for each in recent}) < _MIN_DAYS:
        return None
    mean = sum(each.sentiment for each in recent) / len(recent)
    return Mood.LOW if mean <= _LOW else Mood.GOOD if mean >= _GOOD else None
