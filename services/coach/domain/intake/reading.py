"""Reads slots out of statements: the one that is asked for, and others where a clause can be about nothing else."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from services.coach.domain.intake import measures
from services.coach.domain.intake.comfort import Contradiction, find_comfort, has_scale
from services.coach.domain.intake.own_words import find_own_words
from services.coach.domain.intake.people import find_people
from services.coach.domain.intake.topics import OWN_WORDS, Slot
from services.coach.domain.intake.venues import find_venues
from services.coach.domain.plain_text import plain

PLAIN: Final = 1.0
BETWEEN_THE_LINES: Final = 0.8

_LIKES_PLACES: Final = re.compile(
    r"\b(?:i (?:really |also |do )?(?:like|love|prefer|enjoy|hang out|go to|spend time)|i feel (?:most "
    r"|really )?(?:best|good|comfortable|at home"
    r"|at ease|safe|relaxed)|(?:im|i am) (?:most |really )?(?:comfortable|at ease|relaxed|happiest)"
    r"|(?:my )?(?:favou?rite|preferred) (?:places?|spots?|venues?)"
    r"|(?:places?|venues?) (?:i like|like|are|would be))\b"
)
_IS_HELPED_BY: Final = re.compile(
    r"\b(?:supports? me|help(?:s|ing)? me|can (?:support|help)|hold(?:s)? me (?:accountable|to it)|knows? about (?:it"
    r"|this)|(?:talk|turn|lean|rely) (?:to|on)"
    r"|has my back|(?:my )?support (?:is|are|comes from|people))\b"
)
_CHECKS_IN: Final = re.compile(r"\bcheck(?:ing)?[ -]?ins?\b|\bask me (?:how|about)\b")
_TREAT_ME: Final = re.compile(
    r"\b(?:be|stay|please be|i (?:like|need|want) (?:it when )?(?:you|somebody|someone)(?: (?:is|are"
    r"|to be))?)\b.{0,40}\bwith me\b|\bhold me accountable\b"
)
_FREEZES_WHEN: Final = re.compile(
    r"\bi (?:freeze|panic|shut down|go blank|get (?:very |so |really )?(?:nervous|anxious|scared)) (?:when|if|around"
    r"|in)\b"
)
_DID_TRY: Final = re.compile(r"\b(?:i|ive|i have) (?:already |also )?tried\b")
_CLAUSES: Final = re.compile(r"\s*[,;]\s+(?:and\s+|but\s+)?|\s+and\s+(?=I\b)")


@dataclass(frozen=True, slots=True)
class Said:
    """What was read for a slot."""

    values: tuple[str, ...]
    quote: str
    confidence: float = PLAIN

    def __repr__(self) -> str:
        """Without the words."""
        return f"Said({len(self.values)} values)"


@dataclass(frozen=True, slots=True)
class Read:
    """What was read in a message.

    Attributes:
        is_contradictory: The asked slot got signs of both ends.
    """

    said: Mapping[Slot, Said]
    is_contradictory: bool = False


def read(statements: Iterable[str], requested: Slot) -> Read:
    """Everything that the statements say.

    Args:
        statements: Without questions and small talk.
        requested: The slot that is asked for; it takes what no other slot clearly owns.
    """
    said: dict[Slot, Said] = {}
    rests: list[str] = []
    for statement in statements:
        rest, others = _shared_out(statement, requested)
        for slot, one in others.items():
            said.setdefault(slot, one)
        if rest:
            rests.append(rest)
    found = _asked(requested, rests)
    if isinstance(found, Contradiction):
        return Read(said, is_contradictory=True)
    if found:
        said[requested] = Said(found, "; ".join(rests))
    return Read(said)


def answer(slot: Slot, text: str) -> tuple[str, ...] | Contradiction:
    """What a text says for one slot; empty where it says nothing for it."""
    if slot in OWN_WORDS:
        return find_own_words(slot, text)
    if slot is Slot.VENUES:
        return find_venues(text)
    if slot is Slot.SUPPORT:
        return find_people(text)
    if slot is Slot.COMFORT:
        level = find_comfort(text)
        return level if isinstance(level, Contradiction) else (str(level),) if level else ()
    value = _MEASURES[slot](text)
    return (value,) if value else ()


_MEASURES: Final = {
    Slot.TARGET: measures.find_target,
    Slot.TIMEFRAME: measures.find_timeframe,
    Slot.FREQUENCY: measures.find_frequency,
    Slot.STYLE: measures.find_style,
}


def _asked(slot: Slot, texts: list[str]) -> tuple[str, ...] | Contradiction:
    """The asked slot from all statements: lists from each, one thing from all together."""
    if not texts:
        return ()
    if slot in {Slot.GOALS, Slot.TRIED, Slot.TRIGGERS}:
        return tuple(value for text in texts for value in find_own_words(slot, text))
    if slot in {Slot.TARGET, Slot.TIMEFRAME}:
        return next((found for text in texts if (found := answer(slot, text))), ())
    return answer(slot, "; ".join(texts))


def _shared_out(statement: str, requested: Slot) -> tuple[str, dict[Slot, Said]]:
    """What is left for the asked slot, and what other slots clearly own."""
    others: dict[Slot, Said] = {}
    kept: list[str] = []
    clauses = _CLAUSES.split(statement)
    joints = [*_CLAUSES.findall(statement), ""]
    for clause, joint in zip(clauses, joints, strict=True):
        owner = _owner(clause, requested)
        if owner is None:
            kept.append(clause + joint)
        else:
            others.setdefault(owner[0], owner[1])
    rest = "".join(kept).strip(" ,;")
    rest = re.sub(r"[ ,;]+and$", "", rest)
    return _without_measures(rest, requested, others), others


def _owner(clause: str, requested: Slot) -> tuple[Slot, Said] | None:
    """The slot, other than the asked one, that a clause is about for sure."""
    said = plain(clause)
    for slot, is_marked in (
        (Slot.FREQUENCY, bool(_CHECKS_IN.search(said))),
        (
            Slot.COMFORT,
            has_scale(clause) or bool(re.search(r"\bcomfort(?: level)?\b.{0,15}\b(?:is|about|around|at)\b", said)),
        ),
        (Slot.VENUES, bool(_LIKES_PLACES.search(said))),
        (Slot.SUPPORT, bool(_IS_HELPED_BY.search(said))),
        (Slot.TRIED, bool(_DID_TRY.search(said))),
        (Slot.TRIGGERS, bool(_FREEZES_WHEN.search(said)) and requested is not Slot.COMFORT),
        (Slot.STYLE, bool(_TREAT_ME.search(said))),
        (Slot.TIMEFRAME, requested in {Slot.GOALS, Slot.TARGET} and measures.is_time(clause)),
        (Slot.TARGET, requested is Slot.GOALS and measures.is_rate(clause)),
    ):
        if slot is requested or not is_marked:
            continue
        values = answer(slot, clause)
        if values and not isinstance(values, Contradiction):
            return slot, Said(values, clause, BETWEEN_THE_LINES)
    return None


def _without_measures(rest: str, requested: Slot, others: dict[Slot, Said]) -> str:
    """Takes a time from the end of a goal or a target; notes a rate within a goal and leaves it there."""
    if requested not in {Slot.GOALS, Slot.TARGET}:
        return rest
    shorter, time = measures.without_time(rest)
    if time is not None and Slot.TIMEFRAME not in others:
        others[Slot.TIMEFRAME] = Said((time,), time, BETWEEN_THE_LINES)
        rest = shorter
    if requested is Slot.GOALS and Slot.TARGET not in others and (rate := measures.find_rate(rest)):
        others[Slot.TARGET] = Said((rate,), rate, BETWEEN_THE_LINES)
    return rest
