"""A text that many patterns are tried on, each only where a match may begin; what is found is what `finditer` finds.

The literals of a pattern say where a match may begin; whether one does is asked of the pattern itself, which sees all
of the text before that place and as much behind it as may matter.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from services.coach.domain.literals import RUN, Clue, Either, Every, Group, Needs, Piece
from services.coach.domain.ranges import Ranges, before, joined

# A literal that stands more often than this in a text may as well stand everywhere.
_MANY: Final = 60
# To search a text this short, or so few places, costs less than to ask where it is worth it.
_SHORT: Final = 400
_FEW: Final = 100


class Searched:
    """A text with what is known of it already: a literal is looked for once only.

    Attributes:
        text: The text itself.
        few: So few places are searched rather than asked more about.
    """

    __slots__ = ("_known", "_places", "_runs", "_words", "few", "text")

    def __init__(self, text: str, *, few: int = _FEW) -> None:
        self.text = text
        self.few = few
        self._known: dict[str, bool] = {}
        self._places: dict[str, list[int] | None] = {}
        # Each word once: a literal without a space stands in one of them.
        self._words = words = f" {' '.join(set(text.split(' ')))} "
        # Most literals begin with three characters that a text holds nowhere, which costs less than searching for them.
        self._runs = {words[at : at + RUN] for at in range(len(words) - RUN + 1)}

    def may_match(self, groups: Iterable[Group]) -> bool:
        """False when a pattern that needs these groups cannot match in the text."""
        return all(any(map(self._is_known, self._candidates(group))) for group in groups)

    def _candidates(self, group: Group) -> Iterator[str]:
        yield from group.others
        for run in self._runs & group.by_run.keys():
            yield from group.by_run[run]

    def _is_known(self, literal: str) -> bool:
        known = self._known.get(literal)
        return self._holds(literal) if known is None else known

    def matches(self, pattern: re.Pattern[str], needs: Needs) -> Iterator[re.Match[str]]:
        """What `pattern.finditer` finds in the text, in its order."""
        if not self.may_match(needs.groups):
            return iter(())
        size = len(self.text)
        if not needs.groups or size < _SHORT:
            return pattern.finditer(self.text)
        beginnings = self.beginnings(needs)
        if sum(last - first + needs.reach for first, last in beginnings) >= size:
            return pattern.finditer(self.text)
        return self.matches_at(beginnings, pattern, needs.reach)

    def beginnings(self, needs: Needs) -> Ranges:
        """Where alone a match may begin."""
        return self._before(needs.clue, [(0, len(self.text))]) if self._may_stand(needs.clue) else ()

    def matches_at(self, beginnings: Ranges, pattern: re.Pattern[str], reach: int) -> Iterator[re.Match[str]]:
        """Those matches that begin there, none of which is decided by anything farther behind its beginning."""
        done, size = 0, len(self.text)
        for first, last in beginnings:
            done = max(done, first)
            seen = min(size, last + reach)
            # What begins later may not be seen as a whole; it is found from its own beginning, if it is one.
            while done <= last and (found := pattern.search(self.text, done, seen)) and found.start() <= last:
                yield found
                done = found.end()

    def _holds(self, literal: str) -> bool:
        # What reaches from word to word is not among the runs of words.
        found = literal[-RUN:] in self._runs or literal[-2:-1] == " " or len(literal) < RUN
        if found:
            found = literal in (self.text if " " in literal else self._words)
        self._known[literal] = found
        return found

    def _may_stand(self, clue: Clue) -> bool:
        """Whether all of it is somewhere, in whatever place."""
        if isinstance(clue, Piece):
            return self._is_known(clue.text)
        return (all if isinstance(clue, Every) else any)(map(self._may_stand, clue.parts))

    def _before(self, clue: Clue, within: Ranges) -> Ranges:
        """Those of the places from where all that the clue tells stands where it should."""
        if isinstance(clue, Piece):
            places = self._places[clue.text] if clue.text in self._places else self._find(clue.text)
            return within if places is None else before(places, clue.low, clue.high, within)
        if isinstance(clue, Either):
            return joined(run for part in clue.parts for run in self._before(part, within))
        for part in clue.parts:
            if sum(last - first for first, last in within) <= self.few:
                break
            within = self._before(part, within)
        return within

    def _find(self, literal: str) -> list[int] | None:
        """Where it stands; None for too often to be worth telling."""
        found: list[int] | None = []
        if self._is_known(literal):
            found = None if self.text.count(literal) > _MANY else list(_places(self.text, literal))
        self._places[literal] = found
        return found


def _places(text: str, literal: str) -> Iterator[int]:
    at = text.find(literal)
    while at >= 0:
        yield at
        at = text.find(literal, at + 1)
