"""VADER's own rules and word list at a fraction of their time: the same scores, without what is done for nothing.

The library lower-cases a whole text for every word of its list that it meets, and asks of every character whether it is
an emoji. Here its rules see the words around the one they judge, words that are on no list are not judged, and texts
of ASCII are not searched for emoji. Imported when somebody first writes a journal entry. Source: ADR-0090.
"""

from typing import Any, Final

from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SentimentIntensityAnalyzer, SentiText

# As far as the library's rules look back and ahead of a word.
_BACK: Final = 3
_AHEAD: Final = 3
_MATTERS: Final = frozenset({*NEGATE, "so", "this"})


class QuickAnalyzer(SentimentIntensityAnalyzer):  # type: ignore[misc]
    """The library's analyzer; its rules are its own."""

    def compound(self, text: str) -> float:
        """The library's `compound`, from -1 to 1."""
        if not text.isascii():
            return float(self.polarity_scores(text)["compound"])
        stripped = text.strip()
        known = SentiText(stripped)
        sentiments: list[float] = []
        lower = [word.lower() for word in known.words_and_emoticons]
        for at, word in enumerate(lower):
            if word not in self.lexicon or word in BOOSTER_DICT or lower[at : at + 2] == ["kind", "of"]:
                sentiments.append(0)
            else:
                sentiments = self.sentiment_valence(0, known, known.words_and_emoticons[at], at, sentiments)
        return float(self.score_valence(self._but_check(known.words_and_emoticons, sentiments), stripped)["compound"])

    @staticmethod
    def _negation_check(valence: float, words: list[str], start_i: int, at: int) -> float:
        """The library's check on the words before one; nothing of it holds where none of them can."""
        first = max(0, at - _BACK)
        before = " ".join(words[first:at]).lower()
        if _MATTERS.isdisjoint(before.split()) and "n't" not in before:
            return valence
        return float(_negated(valence, words[first : at + 1], start_i, at - first))

    @staticmethod
    def _special_idioms_check(valence: float, words: list[str], at: int) -> float:
        """The library's check, which is asked for words with three before them."""
        return float(_with_idioms(valence, words[at - _BACK : at + _AHEAD], _BACK))


_negated: Any = SentimentIntensityAnalyzer._negation_check
_with_idioms: Any = SentimentIntensityAnalyzer._special_idioms_check
