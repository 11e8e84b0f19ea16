"""Passes a model's reply on word by word, and holds back only what could become something that must not be said.

Nearly every piece goes on at once. Where a sentence leads up to a condition, a directive or a method ("it sounds like
you have", "stop taking your"), the word under way is held until it is whole, and the first word of a longer name until
the next one shows what it was. What would complete it is never passed on: the reply stops there. Links, markup and
marks of ours are taken out in passing. Source: COACHING 5.2.
"""

import re
from collections import deque
from enum import StrEnum
from typing import Final

from services.coach.domain.links import LINK
from services.coach.domain.nearness import Near, Nearness, Word, read_word
from services.coach.domain.plain_text import plain
from services.coach.domain.verdicts import (
    gives_a_directive,
    last_words,
    leads_on,
    may_diagnose,
    may_direct,
    may_name_a_method,
    names_a_diagnosis,
    names_a_method,
    sentences,
)

LINK_LEFT_OUT: Final = "(link left out)"
# So many words in a row that stand in the instructions are a quotation of them.
_QUOTED_WORDS: Final = 10
# A sentence without an end is judged by its last words, so that a reply costs no more than its length.
_SENTENCE_KEPT: Final = 400
# A word longer than this is judged as it is.
_LONGEST_WORD: Final = 200
_WORD = re.compile(r"\w+")
_PIECE = re.compile(r"\S+\s*|\s+")
_MAY_BE_LINK = re.compile(r"(?i)[:/@\[\].<>!`&]|^(?:h|ht|htt|https?|w|ww|www)$")
_MARKS = str.maketrans({"<": "‹", ">": "›", "[": None, "]": None, "`": None})
_ENDS_SENTENCE = re.compile(r"[.!?]+[”\"')*]*$")


class Stop(StrEnum):
    """Why a reply was not passed on to its end."""

    DIAGNOSIS = "diagnosis"
    DIRECTIVE = "medication"
    METHOD = "method"
    INSTRUCTIONS = "injection"


class HoldBack:
    """The state of one reply on its way. `stopped` says why it ended early, or None."""

    def __init__(self, instructions: "Quotations") -> None:
        self.stopped: Stop | None = None
        self._instructions = instructions
        # What of the sentence was passed on or is held, whole words only.
        self._sentence = ""
        # Whole words that are not passed on yet, and the word under way with what of it went on already.
        self._held = ""
        self._word = ""
        self._passed = 0
        self._leads = False
        self._last_words: deque[str] = deque(maxlen=_QUOTED_WORDS)
        self._nearness = Nearness()
        # The last part was judged before its space came, so that the next is the rest of the same word.
        self._is_cut = False

    def feed(self, piece: str) -> str:
        """What may be passed on now that `piece` has come."""
        passed = ""
        for part in _PIECE.findall(self._word + piece):
            if self.stopped is not None:
                return passed
            if part[-1:].isspace() or len(part) > _LONGEST_WORD:
                passed += self._whole(part)
            else:
                self._word = part
                return passed + self._under_way()
        self._word, self._passed = "", 0
        return passed

    def end(self) -> str:
        """What was held when the reply ended."""
        last = self._whole(self._word) if self._word and self.stopped is None else ""
        held, self._held = self._held, ""
        return last + held

    def _under_way(self) -> str:
        """What of the last word may go before it is whole: nothing where it could turn out to matter."""
        if self._leads or self._held or _MAY_BE_LINK.search(self._word):
            return ""
        fresh, self._passed = self._word[self._passed :], len(self._word)
        return fresh

    def _whole(self, part: str) -> str:
        """A word with the space behind it."""
        already, self._word, self._passed = self._passed, "", 0
        word = part.rstrip()
        candidate = (self._sentence + part)[-_SENTENCE_KEPT:]
        read = read_word(word)
        self.stopped = self._verdict(candidate, read)
        self._is_cut = len(word) == len(part)
        if self.stopped is not None:
            self._held = ""
            return ""
        if _ENDS_SENTENCE.search(word) and len(sentences(candidate)) == 1:
            candidate, self._leads = "", False
        self._sentence = candidate
        shown = _shown(word) + part[len(word) :]
        if self._leads and read.may_go_on:
            self._held += shown
            return ""
        held, self._held = self._held, ""
        # Where the word turned out to be a link after its beginning had gone, the note stands beside that beginning.
        return held + (shown[already:] if shown.startswith(word[:already]) else f" {shown}")

    def _verdict(self, sentence: str, word: Word) -> Stop | None:
        self._last_words.extend(word.words)
        near = self._nearness.after(word, is_cut=self._is_cut)
        if tuple(self._last_words) in self._instructions:
            return Stop.INSTRUCTIONS
        if self._leads and not near:
            return None
        tail = last_words(sentence)
        self._leads = self._leads or leads_on(tail)
        return _judged(sentence, tail, near) if self._leads else None


class Quotations:
    """Every run of ten words of the instructions; made once, asked for every word."""

    def __init__(self, text: str) -> None:
        words = _WORD.findall(plain(text))
        self._runs = {tuple(words[at : at + _QUOTED_WORDS]) for at in range(len(words) - _QUOTED_WORDS + 1)}

    def __contains__(self, run: tuple[str, ...]) -> bool:
        return run in self._runs


def _judged(sentence: str, tail: str, near: Near) -> Stop | None:
    """Whole sentences are judged only where their last words could complete something."""
    if near.danger and may_name_a_method(tail) and names_a_method(sentence):
        return Stop.METHOD
    if near.object and may_direct(tail) and gives_a_directive(sentence):
        return Stop.DIRECTIVE
    return Stop.DIAGNOSIS if near.term and may_diagnose(tail) and names_a_diagnosis(sentence) else None


def may_be_said(text: str, instructions: Quotations) -> bool:
    """Whether a text that is there as a whole would pass as it is."""
    holding = HoldBack(instructions)
    said = holding.feed(text) + holding.end()
    return holding.stopped is None and said == text


def _shown(word: str) -> str:
    """A word without links, markup and marks of ours."""
    if "member_text_" in word:
        return ""
    if LINK.search(word):
        return LINK_LEFT_OUT + (found[0] if (found := re.search(r"[.,;:!?]+$", word)) else "")
    return word.replace("![", "").translate(_MARKS)
