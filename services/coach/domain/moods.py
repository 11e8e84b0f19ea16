"""Which moods a journal entry names as its writer's own: rules over a word list, silent wherever they are not sure.

A word counts only where the writer is its subject or where it opens a clause, and never where it is negated, wished
for, asked, remembered from before or said of somebody else. Source: ADR-0091.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.coach.domain.negation import NEGATED, NOT_ANY_MORE
from services.coach.domain.plain_text import plain

MAX_FOUND: Final = 3
# Words that are read together; longer clauses are none, and would take long.
_LONGEST: Final = 40
# One sign of Arabic script may unfold into eighteen letters.
_READ: Final = 12_000

# What ends a clause: a sign, or a word; "and" with the space behind it where somebody goes on.
_ENDS: Final = frozenset({
    *".!?;:\n,()", "and ",
    "but", "because", "although", "though", "yet", "while", "since", "until", "when", "after", "before",
})  # fmt: skip
_TOKEN: Final = re.compile(r"and (?=(?:i|im|ive|my|now|then|so|cant|close)\b)|\w+|[.!?;:\n,()]")
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?\n]*")
_ANYTHING_BUT: Final = re.compile(r"\banything but\b")
_DASHES: Final = re.compile(r"[-‐-―/]+")
_OTHERS: Final = (
    r"he|hes|she|shes|they|theyre|you|youre|him|her|them|his|their|people|everyone|everybody|somebody|someone|nobody"
    r"|(?:my|the|our|a|his|her) (?:wife|husband|partner|girlfriend|boyfriend|brother|sister|mum|mom|mother|dad|father"
    r"|son|daughter|kids?|children|boys?|girls?|friends?|boss|colleagues?|team|others|man|woman|guy|doctor|teacher"
    r"|neighbou?rs?|dog|cat|baby|ex|flatmate|roommate|coach|mentor|mentee|clown|character|song|movie|film|book|podcast)"
)
_WRITER: Final = re.compile(
    r"\b(?:i|im|ive|me|myself|my (?:mind|heart|mood|head|body|legs|shoulders|day|morning|evening|week))\b"
)
_SOMEBODY: Final = re.compile(rf"\b(?:{_OTHERS})\b")
_NOT_REAL: Final = re.compile(
    r"\b(?:if|whether|wish|would|could|should|might|id|used to|want to|wants to|hope to|hoping to|trying to|try to"
    r"|need to|supposed to|pretend(?:ed|ing)? to|about (?:a|an|the|being)|next time|last (?:year|month|time)"
    r"|years? ago)\b"
)
# What may stand before a state that opens its clause.
_SOFT: Final = frozenset({
    "a", "absolutely", "again", "all", "also", "an", "and", "back", "bit", "completely", "dead", "deeply",
    "extremely", "feel", "feeling", "feels", "felt", "finally", "great", "honestly", "incredibly", "just", "kind",
    "little", "more", "most", "mostly", "now", "of", "ok", "okay", "only", "or", "pretty", "quite", "rather",
    "really", "slightly", "so", "somewhat", "sort", "still", "such", "then", "today", "tonight", "too", "totally",
    "up", "utterly", "very", "well", "what", "woke", "wow", "yes",
})  # fmt: skip
_DAY: Final = (
    r"(?:day|morning|afternoon|evening|night|week|weekend|sunday|monday|tuesday|wednesday|thursday|friday|saturday|shift"
    r"|time|meeting|session|run|walk|trip|month|date|talk|dinner|party|journey)"
)
_BESIDE_A_DAY: Final = re.compile(rf"(?:\w+ )?{_DAY}s?\b")
_OF_IT: Final = re.compile(
    r"\b(?:it|its|everything|today|tonight|this|that|all|work|life|evening|morning|day|night|week|weekend|meeting|dancing"
    r"|things) (?:(?:is|was|are|were|felt|feels|has been|had been|got|gets|left me|makes me) )?"
    r"(?:(?:all|just|so|really|very|quite|pretty|too|such|a|an|completely|always) ){0,3}$"
)


class Mood(StrEnum):
    """The moods that an entry may have; the order decides between equals."""

    CALM = "calm"
    HAPPY = "happy"
    PROUD = "proud"
    GRATEFUL = "grateful"
    HOPEFUL = "hopeful"
    MOTIVATED = "motivated"
    ANXIOUS = "anxious"
    STRESSED = "stressed"
    SAD = "sad"
    LONELY = "lonely"
    ANGRY = "angry"
    FRUSTRATED = "frustrated"
    ASHAMED = "ashamed"
    TIRED = "tired"
    OVERWHELMED = "overwhelmed"
    NEUTRAL = "neutral"


_ORDER: Final[Mapping[Mood, int]] = {mood: order for order, mood in enumerate(Mood)}


class Kind(StrEnum):
    """How a phrase of the word list counts."""

    FEEL = "feel"
    AIR = "air"
    SAY = "say"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One entry of the word list."""

    mood: Mood
    kind: Kind
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoodLexicon:
    """The word list.

    Attributes:
        version: Stored with what is found by it.
        by_first_words: What may begin with a word, by the word behind it, the longest first; by "" what is one word.
    """

    version: str
    by_first_words: Mapping[str, Mapping[str, tuple[Phrase, ...]]]

    @classmethod
    def parse(cls, document: Mapping[str, object]) -> "MoodLexicon":
        """Reads the content of `moods.en.toml`.

        Raises:
            ValueError, KeyError, TypeError: It is not what it should be; the process must not start with it.
        """
        moods = document["moods"]
        if not isinstance(moods, Mapping) or set(moods) != {str(mood) for mood in Mood}:
            raise ValueError("the list holds every mood, and no other")
        phrases = [
            Phrase(Mood(mood), Kind(kind), tuple(text.split()))
            for mood, kinds in moods.items()
            for kind, texts in kinds.items()
            for text in texts
        ]
        index: dict[str, dict[str, tuple[Phrase, ...]]] = {}
        # Of the same words a NOT goes before all else, and what the list says first before what it says later.
        phrases.reverse()
        for phrase in sorted(phrases, key=lambda each: (len(each.words), each.kind is Kind.NOT)):
            first, second = (*phrase.words, "")[:2]
            seconds = index.setdefault(first, {"": ()})
            seconds[second] = (phrase, *seconds.get(second, seconds[""]))
        return cls(str(document["version"]), index)

    def moods_in(self, text: str) -> tuple[Mood, ...]:
        """The moods that are surely the writer's, at most three, the most often named first."""
        counts = Counter(mood for clause in _clauses(text) for mood in self._named(clause))
        found = sorted(counts, key=lambda mood: (-counts[mood], _ORDER[mood]))
        # An entry that names a mood is not one without.
        named = [mood for mood in found if mood is not Mood.NEUTRAL]
        return tuple(named[:MAX_FOUND] or found)

    def _named(self, clause: Sequence[str]) -> Iterator[Mood]:
        behind, known = 0, self.by_first_words
        if known.keys().isdisjoint(clause):
            return
        for at, word in enumerate(clause):
            # What a phrase has taken begins no other.
            phrase = self._phrase_at(clause, at) if word in known and at >= behind else None
            if phrase is None:
                continue
            behind = at + len(phrase.words)
            before = "".join(f"{word} " for word in clause[:at])
            after = " ".join(clause[behind:])
            if not _is_excused(before, after) and _COUNTS[phrase.kind](before, after):
                yield phrase.mood

    def _phrase_at(self, clause: Sequence[str], at: int) -> Phrase | None:
        seconds = self.by_first_words[clause[at]]
        following = clause[at + 1] if at + 1 < len(clause) else ""
        for phrase in seconds.get(following, seconds[""]):
            if tuple(clause[at : at + len(phrase.words)]) == phrase.words:
                return phrase
        return None


def _clauses(text: str) -> Iterator[Sequence[str]]:
    """The words of each clause that is no part of a question, in pieces of a bounded length."""
    read = _DASHES.sub(" ", plain(text)[:_READ])
    if "anything but" in read:
        read = _ANYTHING_BUT.sub("not", read)
    for sentence in _SENTENCE.findall(read):
        if "?" in sentence:
            continue
        for words in _between_ends(_TOKEN.findall(sentence)):
            yield from (words[at : at + _LONGEST] for at in range(0, len(words), _LONGEST))


def _between_ends(tokens: Sequence[str]) -> Iterator[Sequence[str]]:
    begun = 0
    for at, token in enumerate(tokens):
        if token in _ENDS:
            yield tokens[begun:at]
            begun = at + 1
    yield tokens[begun:]


def _is_felt(before: str, after: str) -> bool:
    """The writer is its subject, or it opens the clause."""
    own = [found.end() for found in _WRITER.finditer(before)]
    if own:
        return _SOMEBODY.search(before, own[-1]) is None
    return all(word in _SOFT or (len(word) > 5 and word.endswith(("ed", "ful", "ly"))) for word in before.split())


def _is_in_the_air(before: str, after: str) -> bool:
    """A day or an "it" has it."""
    opens = all(word in _SOFT for word in before.split())
    return bool(_OF_IT.search(before)) or (opens and (not after or bool(_BESIDE_A_DAY.match(after))))


def _is_said(before: str, after: str) -> bool:
    """Nobody else says it."""
    somebody = [found.end() for found in _SOMEBODY.finditer(before)]
    return not somebody or _WRITER.search(before, somebody[-1]) is not None


def _is_excused(before: str, after: str) -> bool:
    return bool(NEGATED.search(before) or _NOT_REAL.search(before) or NOT_ANY_MORE.match(after))


_COUNTS: Final[Mapping[Kind, Callable[[str, str], bool]]] = {
    Kind.FEEL: _is_felt,
    Kind.AIR: _is_in_the_air,
    Kind.SAY: _is_said,
    Kind.NOT: lambda before, after: False,
}
