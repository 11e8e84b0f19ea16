"""How urgent a finding is, and the form of a rule that finds it."""

import re
from dataclasses import dataclass
from enum import StrEnum

from services.coach.domain.literals import Literals, Searched, required_literals


class Tier(StrEnum):
    """How urgent it is."""

    NONE = "none"
    WATCH = "watch"
    RISK = "risk"
    IMMINENT = "imminent"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True, slots=True)
class Rule:
    """One idea and how it is said.

    Attributes:
        rule_id: Stable name, for example `risk.kill_myself`.
        tier: What a match alone means.
        pattern: How it is said.
        unless: What right after or around a match makes it mean something else; searched in the same sentence.
        literals: Without which there is no match.
    """

    rule_id: str
    tier: Tier
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    literals: Literals = ()

    def may_match(self, searched: Searched) -> bool:
        """False when there is surely no match in the text; costs next to nothing."""
        return searched.may_match(self.literals)


def rule(tier: Tier, name: str, pattern: str, unless: str | None = None) -> Rule:
    """A rule named `tier.name`, its patterns compiled."""
    compiled = re.compile(pattern)
    return Rule(f"{tier}.{name}", tier, compiled, re.compile(unless) if unless else None, required_literals(compiled))
