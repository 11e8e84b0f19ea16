"""What a plan does not do: push a body too fast, plan fasting, medication or withdrawal, or name finance products."""

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from services.coach.domain.planning.brief import Brief
from services.coach.domain.planning.slots import Kind
from services.coach.domain.vocabulary import DRUG

# The pace that guidelines call safe for most adults: up to about 1 kg (2 lb) a week.
SAFE_PER_WEEK: Final = {"kg": 1.0, "lb": 2.0}
_POUNDS = frozenset({"lb", "lbs", "pound", "pounds"})
_KILOS = frozenset({"kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"})


class Care(StrEnum):
    """Why a plan is careful."""

    FASTING = "fasting"
    MEDICATION = "medication"
    WITHDRAWAL = "withdrawal"
    NICOTINE = "nicotine"
    FINANCE = "finance"


# These are for professionals; their plan is to talk with one.
FOR_PROFESSIONALS: Final = frozenset({Care.FASTING, Care.MEDICATION})

_FASTING = re.compile(
    r"\b(?:fasting|water fast|juice (?:cleanse|fast)|\d{1,2}[ -](?:hours?|days?)[ -]fast|fast for \d"
    r"|fast (?:every|until)|omad"
    r"|one meal a day|stop eating(?! (?:so|too|sweets|sugar|meat|junk|fast|late|out|after|at|in|chips"
    r"|chocolate|bread|snacks|candy|dairy|processed))"
    r"|eat nothing|starve|starving|purge|purging|laxatives?|[1-9]\d\d calories|under 1[0-2]00 calories"
    r"|1000 calories|thinspo)\b"
)
_MEDICATION = re.compile(
    rf"\b(?:stop|quit|get off|come off|wean off|reduce|cut|lower|taper|off|without|no|increase|double"
    rf"|change)(?: \w+){{0,3}} (?:{DRUG}|medicine)\b"
)
_WITHDRAWAL = re.compile(
    r"\b(?:alcohol|booze|wine|beers?|liquor|vodka|whisk[e]?y|spirits|sober|sobriety|drunk|weed|cannabis"
    r"|marijuana|cocaine|opioids?"
    r"|heroin|drugs|xanax|valium|benzos?|meth|stop drinking(?! (?:soda|coffee|cola|pop|energy|sugary|juice"
    r"|milk|tea)))\b"
)
_NICOTINE = re.compile(r"\b(?:smok\w+|cigarettes?|vap(?:e|es|ing)|nicotine|tobacco|snus)\b")
_FINANCE = re.compile(
    r"\b(?:invest\w*|crypto\w*|bitcoin|stocks?|shares|etfs?|trading|trade|forex|options|bonds|loan|loans"
    r"|mortgage|pension|casino|bet|betting)\b"
)


@dataclass(frozen=True, slots=True)
class SafePace:
    """A weight loss brought down to what bodies take.

    Attributes:
        asked: To be lost until the end.
        capped: What the plan goes to.
        unit: `kg` or `lb`.
    """

    asked: float
    capped: float
    unit: str


def cares(brief: Brief) -> tuple[Care, ...]:
    """What the goal needs care about, from its title and description."""
    words = f"{brief.task.title} {brief.task.description[:2_000]}".lower().replace("’", "'")
    less = brief.kind is not Kind.DO
    found = {
        Care.FASTING: bool(_FASTING.search(words)),
        Care.MEDICATION: bool(_MEDICATION.search(words)),
        Care.WITHDRAWAL: less and bool(_WITHDRAWAL.search(words)),
        Care.NICOTINE: bool(_NICOTINE.search(words)),
        Care.FINANCE: bool(_FINANCE.search(words)) and brief.category.name in {"finance", "other", "career"},
    }
    return tuple(care for care, holds in found.items() if holds)


def safe_pace(brief: Brief) -> SafePace | None:
    """The pace of a weight loss that is too fast, else None."""
    asked = weight_to_lose(brief)
    if asked is None or not brief.has_deadline:
        return None
    amount, unit = asked
    weeks = Fraction(max(1, (brief.end - brief.begin).days), 7)
    most = float(weeks) * SAFE_PER_WEEK[unit]
    if amount <= most * (1 + 1e-9):
        return None
    # In halves, never more than is safe.
    return SafePace(amount, max(0.1, int(most * 2) / 2 or round(most, 1)), unit)


def weight_to_lose(brief: Brief) -> tuple[float, str] | None:
    """How much weight is to go, with its unit; None where the goal is about something else."""
    if brief.target is not None:
        unit = brief.target.unit.strip().lower()
        known = "kg" if unit in _KILOS else "lb" if unit in _POUNDS else None
        down = brief.target.start - brief.target.target
        return (down, known) if known and down > 0 and brief.category.name in {"health", "fitness", "other"} else None
    said = brief.slots.target
    if said is None or said.unit not in SAFE_PER_WEEK or not _LOSING.search(brief.task.title.lower()):
        return None
    if _DOWN_TO.search(brief.task.title.lower()):
        return None
    return said.value, said.unit


_LOSING = re.compile(r"\b(?:los(?:e|ing)|drop|shed|slim|burn|weight loss)\b")
_DOWN_TO = re.compile(r"\b(?:down )?to \d")
