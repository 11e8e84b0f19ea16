"""VADER's own rules and word list at a fraction of their time: the same scores, without what is done for nothing.

The library asks its rules of every word, lower-cases a whole text for every word of its list that it meets, and asks of
every character whether it is an emoji. Here its rules are asked of words of the list alone, and only where some word
around one could matter to them; they see just those words. Imported when somebody first writes a journal entry.
Source: ADR-0090.
"""

from string import punctuation
from typing import Any, Final

from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer

# As far as the library's rules look back and ahead of a word.
_BACK: Final = 3
_AHEAD: Final = 3
_BEFORE_BUT: Final = 0.5
_BEHIND_BUT: Final = 1.5
# A token that is no longer without its punctuation is an emoticon.
_EMOTICON: Final = 2
_NEGATE: Final = frozenset(NEGATE)
_SO: Final = frozenset({"so", "this"})
# Where none of these stands around a word, and no "n't", its value is that of the list; of idioms the longest word.
_COUNTS: Final = (
    _NEGATE | _SO | {"no", "least"} | {max(said.split(), key=len) for said in (*BOOSTER_DICT, *SPECIAL_CASES)}
)


class _Words:
    """What the library's rules ask of a text, as its `SentiText` has it."""

    __slots__ = ("is_cap_diff", "words_and_emoticons")

    def __init__(self, text: str) -> None:
        self.words_and_emoticons = words = [
            bare if len(bare := token.strip(punctuation)) > _EMOTICON else token for token in text.split()
        ]
        self.is_cap_diff = 0 < sum(map(str.isupper, words)) < len(words)


class QuickAnalyzer(SentimentIntensityAnalyzer):  # type: ignore[misc]
    """The library's analyzer; its rules are its own."""

    def compound(self, text: str) -> float:
        """The library's `compound`, from -1 to 1."""
        if not (text.isascii() or self.emojis.keys().isdisjoint(text)):
            return float(self.polarity_scores(text)["compound"])
        stripped = text.strip()
        words = _Words(stripped)
        lower, known = list(map(str.lower, words.words_and_emoticons)), self.lexicon
        listed = [at for at, word in enumerate(lower) if word in known]
        places = [at for at in listed if lower[at] not in BOOSTER_DICT and lower[at : at + 2] != ["kind", "of"]]
        values = self._values(words, lower, places)
        if "but" in lower:
            _weigh(values, places, lower.index("but"))
        return float(self.score_valence(values, stripped)["compound"])

    def _values(self, words: _Words, lower: list[str], places: list[int]) -> list[float]:
        """Of the words at these places, by the library's rules wherever one of them could have a say."""
        values: list[float] = []
        for at in places:
            word = words.words_and_emoticons[at]
            around = lower[max(0, at - _BACK) : at + _AHEAD]
            if not _COUNTS.isdisjoint(around) or "n't" in " ".join(around) or (words.is_cap_diff and word.isupper()):
                self.sentiment_valence(0, words, word, at, values)
            else:
                values.append(self.lexicon[lower[at]])
        return values

    @staticmethod
    def _negation_check(valence: float, words: list[str], start_i: int, at: int) -> float:
        """The library's check on one of the words before; nothing holds where neither it nor the last can."""
        word = words[at - start_i - 1].lower()
        if word not in _NEGATE and "n't" not in word and words[at - 1].lower() not in _SO:
            return valence
        first = max(0, at - _BACK)
        return float(_negated(valence, words[first : at + 1], start_i, at - first))

    @staticmethod
    def _special_idioms_check(valence: float, words: list[str], at: int) -> float:
        """The library's check, which is asked for words with three before them."""
        return float(_with_idioms(valence, words[at - _BACK : at + _AHEAD], _BACK))


def _weigh(values: list[float], places: list[int], but: int) -> None:
    """The library's `_but_check`, which weighs the first of equal values; zeros stay what they are."""
    for value in list(values):
        at = values.index(value)
        values[at] = value * (_BEFORE_BUT if places[at] < but else _BEHIND_BUT)


_negated: Any = SentimentIntensityAnalyzer._negation_check
_with_idioms: Any = SentimentIntensityAnalyzer._special_idioms_check
