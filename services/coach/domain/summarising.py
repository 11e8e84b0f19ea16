"""The rolling summary of a thread: sentences of the member's older turns, picked by rules.

When the turns that stand verbatim in a context are too many or too long, the oldest four exchanges go into the summary.
It is made of the member's own sentences alone, the newest first, so that nothing a model made up and nothing of the
journal ever becomes memory. It names the turns that it covers: deleting one of them drops it.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.coach.domain.conversation import Author, Message
from services.coach.domain.memory import MAX_TEXT, MemoryKeys
from services.coach.domain.plain_text import plain, without_invisibles
from services.coach.domain.remembering import READ, facts_in
from services.coach.domain.safety import screen
from services.coach.domain.tiers import Tier

# Messages that stand verbatim, and that go at once: of each exchange two.
VERBATIM: Final = 16
AT_ONCE: Final = 8
# Enough for two rounds: what is further back when a summary begins stays out.
LOADED: Final = VERBATIM + 2 * AT_ONCE
VERBATIM_BYTES: Final = 3_900
_MAX_COVERED: Final = 400
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?]*")
_FEWEST, _MOST = 4, 30
_OWN: Final = re.compile(r"\b(?:i|im|ive|id|my|me)\b")
_LASTING: Final = re.compile(
    r"\b(?:goal|plan|want|need|because|always|never|every|week|month|work|struggle|hard|help|start|stop|try|miss"
    r"|missed|keep|decided|prefer|hate|love|like|afraid|nervous|proud)\b"
)


@dataclass(frozen=True, slots=True)
class Rolled:
    """A summary as it is to be.

    Attributes:
        text: A sentence a line, the newest first.
        covered: The messages that it stands for.
    """

    text: str
    covered: tuple[UUID, ...]

    def __repr__(self) -> str:
        """Without the text."""
        return f"Rolled(covered={len(self.covered)})"


def roll(
    turns: Sequence[Message],
    *,
    text: str,
    covered: Sequence[UUID],
    forgotten: Collection[bytes],
    keys: MemoryKeys,
) -> Rolled | None:
    """The summary after what no longer fits verbatim has gone into it; None where all fits.

    Args:
        turns: The newest messages of the thread, in any order, the one being answered not among them.
        text: Of the summary so far; empty where there is none.
        covered: The messages that it stands for so far.
        forgotten: Keys of words that the member asked to forget: messages with such words stay out.
        keys: Makes such keys.
    """
    known = frozenset(covered)
    ordered = sorted(turns, key=lambda turn: (turn.create_time, turn.message_id.hex))
    waiting = [turn for turn in ordered if turn.message_id not in known]
    gone: list[Message] = []
    while len(waiting) > 2 and _is_too_much(waiting):
        going = min(AT_ONCE, len(waiting) - 2)
        gone += waiting[:going]
        waiting = waiting[going:]
    if not gone:
        return None
    sentences = [line for turn in reversed(gone) if (line := _sentence_of(turn, forgotten, keys))]
    lines = list(dict.fromkeys((*sentences, *text.splitlines())))
    ids = (*covered, *(turn.message_id for turn in gone))
    return Rolled(_within(lines), ids[-_MAX_COVERED:])


def _is_too_much(turns: Sequence[Message]) -> bool:
    return len(turns) > VERBATIM or sum(len(turn.text.encode()) for turn in turns) > VERBATIM_BYTES


def _sentence_of(turn: Message, forgotten: Collection[bytes], keys: MemoryKeys) -> str:
    """The sentence of a turn that says most of its writer; empty where none does or none may."""
    if turn.author is not Author.MEMBER or screen(turn.text).tier is not Tier.NONE:
        return ""
    if any(keys.of_words(turn.member_id, fact) in forgotten for fact in facts_in(turn.text)):
        return ""
    best, most = "", 0
    for sentence in _SENTENCE.findall(without_invisibles(turn.text[:READ])):
        score = _score(sentence)
        if score > most:
            best, most = " ".join(sentence.split()), score
    return best


def _score(sentence: str) -> int:
    read_as = plain(sentence)
    count = len(read_as.split())
    if not _FEWEST <= count <= _MOST or sentence.rstrip().endswith("?") or not _OWN.search(read_as):
        return 0
    return 1 + len(_LASTING.findall(read_as))


def _within(lines: Sequence[str]) -> str:
    """As many lines as a memory may hold, from the first on."""
    kept, length = [], 0
    for line in lines:
        length += len(line) + 1
        if length > MAX_TEXT:
            break
        kept.append(line)
    return "\n".join(kept)
