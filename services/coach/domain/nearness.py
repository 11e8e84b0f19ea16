"""How far back the last word stands without which nothing forbidden can end here: it spares most words the long rules.

The rules of `verdicts` look for some two hundred names over the end of what was said, for every word of every reply.
Each name holds a run of letters that can be read out of its pattern, so a word is asked once which of them it holds,
and the rules only while such a word is within their reach.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.coach.domain.plain_text import plain
from services.coach.domain.tiers import Phrase
from services.coach.domain.verdicts import ENDANGERS, NAME, OBJECTS, TAIL, TERMS, may_go_on

_WORD = re.compile(r"\w+")
# Letters of a name that is spelled out, which only together are one.
_SPELLED = re.compile(r"[A-Za-z]\.[A-Za-z]|[A-Z][\-_*][A-Z]|^[^A-Za-z]*[A-Z][^A-Za-z]*$")
# Words that come again and again; those longer are read each time.
_KEPT: Final = 4_096
_LONGEST_KEPT: Final = 24


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the rules read it.

    Attributes:
        words: What it is made of: one word mostly.
        size: Its characters and the space behind it.
        is_danger: A method of harm could be named by it.
        is_object: It could be a part of what is taken, bought or sued.
        is_term: It could be a part of a condition's name.
        may_go_on: It is the beginning of one, or of one that is spelled out.
    """

    words: tuple[str, ...]
    size: int
    is_danger: bool
    is_object: bool
    is_term: bool
    may_go_on: bool


@dataclass(frozen=True, slots=True)
class Near:
    """Which kinds of words are within reach of the end."""

    danger: bool
    object: bool
    term: bool

    def __bool__(self) -> bool:
        """Any of them."""
        return self.danger or self.object or self.term


class Nearness:
    """Counts the characters since the last word of each kind."""

    def __init__(self) -> None:
        self._since_danger = self._since_object = self._since_term = TAIL

    def after(self, word: Word, *, is_cut: bool = False) -> Near:
        """What is within reach now that a word has come.

        Args:
            word: As it was read.
            is_cut: It is the rest of one: its letters alone do not tell what both are together.
        """
        self._since_danger = 0 if is_cut or word.is_danger else self._since_danger + word.size
        self._since_object = 0 if is_cut or word.is_object else self._since_object + word.size
        self._since_term = 0 if is_cut or word.is_term else self._since_term + word.size
        return Near(self._since_danger < TAIL, self._since_object < NAME, self._since_term < NAME)


def read_word(word: str) -> Word:
    """A word without the space behind it."""
    return _kept(word) if len(word) <= _LONGEST_KEPT else _read(word)


def _read(word: str) -> Word:
    said = plain(word)
    is_spelled = bool(_SPELLED.search(word))
    return Word(
        tuple(_WORD.findall(said)),
        len(said) + 1 if said else 0,
        is_spelled or bool(ENDANGERS.search(said)),
        is_spelled or bool(_OBJECT_PARTS.search(said)),
        is_spelled or bool(_TERM_PARTS.search(said)),
        may_go_on(said),
    )


_kept = lru_cache(_KEPT)(_read)


def _parts(names: Phrase) -> re.Pattern[str]:
    """A pattern that matches within one word of each of the names."""
    (group,) = names.needs.groups
    # Of several words the longest: a match holds them all.
    return re.compile("|".join(sorted({max(re.findall("[a-z]+", literal), key=len) for literal in group.literals})))


_OBJECT_PARTS: Final = _parts(OBJECTS)
_TERM_PARTS: Final = _parts(TERMS)
