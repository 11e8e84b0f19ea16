"""Sentiment of a text: VADER's frozen word list and rules, loaded when somebody first writes a journal entry.

The library's time grows with the square of a text's length, and 10,000 emoji take it more than a minute. So a text of
at most `WHOLE` characters is scored whole, exactly as the library does, and a longer one in parts of whole sentences:
its score is their mean, weighted by length. Source: ADR-0090.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

VERSION: Final = "vader-3.3.2"
WHOLE: Final = 300
# The library reads an emoji as the words that describe it.
_EMOJI_WEIGHT: Final = 12
_ASTRAL: Final = 0x2000
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?\n]*|[.!?\n]+")


def sentiment_of(text: str) -> float:
    """From -1 (bad) to 1 (good); 0 where no word of the list stands. Some milliseconds for the longest entries."""
    parts = list(_parts(text))
    weight = sum(map(_weight, parts))
    if not weight:
        return 0.0
    score = sum(_compound(part) * _weight(part) for part in parts) / weight
    return max(-1.0, min(1.0, round(score, 4)))


def _compound(text: str) -> float:
    compound: float = _analyzer().compound(text)
    return compound


def _parts(text: str) -> Iterator[str]:
    """The text itself while it is short, else its sentences, several together; a longer one in pieces."""
    if _weight(text) <= WHOLE:
        yield text
        return
    part, weight = "", 0
    for sentence in _SENTENCE.findall(text):
        for piece in _pieces(sentence):
            if weight + _weight(piece) > WHOLE and part:
                yield part
                part, weight = "", 0
            part += piece
            weight += _weight(piece)
    if part:
        yield part


def _pieces(sentence: str) -> Iterator[str]:
    """A sentence in pieces that end with a word, where there are words."""
    if _weight(sentence) <= WHOLE:
        yield sentence
        return
    begin, weight, space = 0, 0, 0
    for at, character in enumerate(sentence):
        if weight >= WHOLE - _EMOJI_WEIGHT:
            end = space if space > begin else at
            yield sentence[begin:end]
            weight = _weight(sentence[end:at])
            begin = end
        if character == " ":
            space = at
        weight += _weight(character)
    yield sentence[begin:]


def _weight(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(_EMOJI_WEIGHT if ord(character) >= _ASTRAL else 1 for character in text)


@cache
def _analyzer() -> Any:
    from services.coach.clients.vader import QuickAnalyzer

    return QuickAnalyzer()
