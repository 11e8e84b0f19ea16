"""The form in which a model says what it read in an answer of the dating-goals conversation."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.coach.domain.intake.proposing import Proposal
from services.coach.domain.intake.topics import Slot

# What the rules say in this form: they have read the message already, and found nothing.
NOTHING: dict[str, object] = {"slots": []}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReadSlot(_Strict):
    """One thing that the message says; `quote` are the words that say it."""

    slot: Literal[
        "goals",
        "target",
        "timeframe",
        "tried",
        "what_helped",
        "what_got_in_the_way",
        "comfort_level",
        "triggers",
        "preferred_venues",
        "support_people",
        "check_in_frequency",
        "accountability_style",
    ]
    value: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    quote: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class IntakeReading(_Strict):
    """All that the message says."""

    slots: Annotated[list[ReadSlot], Field(max_length=12)]

    def proposals(self) -> tuple[Proposal, ...]:
        """The same for the domain."""
        return tuple(Proposal(Slot(one.slot), one.value, one.quote) for one in self.slots)
