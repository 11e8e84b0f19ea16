"""What a model reads in an answer: how it is asked, and what of its reading is taken.

A model says where in the message it read something. Only what stands there is taken, and only what the slot's own rules
can read: the member's words, or a word of ours. So no word of a model is kept or shown. Source: ADR-0128.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from services.coach.domain.framing import Frame
from services.coach.domain.intake.comfort import Contradiction
from services.coach.domain.intake.dialogue import MAX_READ
from services.coach.domain.intake.hearing import told
from services.coach.domain.intake.measures import NO_END
from services.coach.domain.intake.own_words import NOTHING
from services.coach.domain.intake.reading import BETWEEN_THE_LINES, Said, answer
from services.coach.domain.intake.state import merged
from services.coach.domain.intake.topics import LISTS, OWN_WORDS, Slot
from services.coach.domain.intake.words import one_line

# A target and a time are kept as they were said, too.
_AS_SAID: Final = OWN_WORDS | {Slot.TARGET, Slot.TIMEFRAME}
_OF_OURS: Final = frozenset({NO_END, *NOTHING.values()})


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a model says to have read."""

    slot: Slot
    value: str
    quote: str

    def __repr__(self) -> str:
        """Without the words."""
        return f"Proposal(slot={self.slot})"


def intake_request(asked: Slot, message: str, frame: Frame) -> str:
    """The message as one JSON object, with the slot that was asked for."""
    facts = {"asked": str(asked), "message": frame.of("dating_answer", "m1", message[:MAX_READ])}
    return json.dumps(facts, sort_keys=True, ensure_ascii=False)


def checked(proposals: Iterable[Proposal], message: str) -> Mapping[Slot, Said]:
    """What may be taken of a reading; the rest is passed over.

    Args:
        proposals: Of one message.
        message: As it was written; its questions and small talk answer nothing, whatever was read in them.
    """
    message = message[:MAX_READ]
    whole, answers = _comparable(message), _comparable(" ".join(told(message)))
    found: dict[Slot, Said] = {}
    for one in proposals:
        quote = _comparable(one.quote)
        values = _values(one) if quote and quote in whole and quote in answers else ()
        if values:
            found[one.slot] = _with(found.get(one.slot), one, values)
    return found


def _values(one: Proposal) -> tuple[str, ...]:
    """What the slot's rules make of a value; empty where that is nothing, or was not said so."""
    values = answer(one.slot, one.value)
    if isinstance(values, Contradiction):
        return ()
    is_said = one.slot not in _AS_SAID or _comparable(one.value) in _comparable(one.quote)
    return values if is_said or _OF_OURS.issuperset(values) else ()


def _with(known: Said | None, one: Proposal, values: tuple[str, ...]) -> Said:
    """A list takes all that was read for it, any other slot the first."""
    if known is None:
        return Said(values, one.quote, BETWEEN_THE_LINES)
    if one.slot not in LISTS:
        return known
    return Said(merged(known.values, values), f"{known.quote}; {one.quote}", BETWEEN_THE_LINES)


def _comparable(text: str) -> str:
    return one_line(text).casefold()
