"""How urgent a finding is, and the form of a rule that finds it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.coach.domain.literals import Needs, compiled
from services.coach.domain.searched import Searched


class Tier(StrEnum):
    """How urgent it is."""

    NONE = "none"
    WATCH = "watch"
    RISK = "risk"
    IMMINENT = "imminent"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True, slots=True)
class Phrase:
    """How something is said, and what has to stand in a text that says it.

    Attributes:
        said: As written in the rules.
        pattern: As it is looked for.
        needs: Without which there is no match.
    """

    said: str
    pattern: re.Pattern[str]
    needs: Needs

    @classmethod
    def of(cls, said: str) -> "Phrase":
        """Compiled, and its needs read from it."""
        return cls(said, *compiled(said))

    def matches(self, searched: Searched) -> Iterator[re.Match[str]]:
        """As `finditer` on the whole text."""
        return searched.matches(self.pattern, self.needs)

    def is_in(self, searched: Searched) -> bool:
        """Whether it matches at all."""
        return next(self.matches(searched), None) is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """One idea and how it is said.

    Attributes:
        rule_id: Stable name, for example `risk.kill_myself`.
        tier: What a match alone means.
        phrase: How it is said.
        unless: What right after or around a match makes it mean something else; searched in the same sentence.
    """

    rule_id: str
    tier: Tier
    phrase: Phrase
    unless: re.Pattern[str] | None = None


def rule(tier: Tier, name: str, pattern: str, unless: str | None = None) -> Rule:
    """A rule named `tier.name`, its patterns compiled."""
    return Rule(f"{tier}.{name}", tier, Phrase.of(pattern), re.compile(unless) if unless else None)
