"""Boundaries within the conversation: everything here is about dating, and some answers only sound like one."""

import re
from typing import Final

from services.coach.domain.intake.state import Intake
from services.coach.domain.intake.topics import Slot
from services.coach.domain.intents import Boundary, boundary_of
from services.coach.domain.plain_text import plain

# These end the turn: nothing is read from it, and the question waits.
STOPPING: Final = frozenset(
    {Boundary.CONSENT, Boundary.STALKING, Boundary.INTOXICATED, Boundary.HARASSMENT, Boundary.MINOR}
)
_TELLS_OF_A_NO: Final = frozenset({Slot.TRIED, Slot.HELPED, Slot.HINDERED, Slot.TRIGGERS})
_PUSHES_ON: Final = re.compile(
    r"\b(?:how|get (?:her|him|them)|make (?:her|him|them)|change|convinc\w+|persua\w+|pressur\w+|push\w*|manipulat\w+"
    r"|trick\w*|guilt"
    r"|still|keep|again|anyway|another number|new account|not take|hard to get)\b"
)
_OF_TEN: Final = re.compile(
    r"\b(?:im|i am) (?:an? |only |just |like |almost )?(?:[89]|10|eight|nine|ten)\b(?! years?| yrs?| yo\b| ?y/?o\b)"
)


def find_boundary(message: str, intake: Intake) -> Boundary | None:
    """The boundary that a message meets.

    A rejection that was lived through is no wish to push past it, and "I'm an 8" answers how much at ease somebody is.
    """
    boundary = boundary_of(message, dating=True)
    said = plain(message)
    if boundary is Boundary.CONSENT and intake.requested in _TELLS_OF_A_NO and not _PUSHES_ON.search(said):
        return None
    is_a_score = Slot.COMFORT in {intake.requested, intake.last} and _OF_TEN.search(said)
    return None if boundary is Boundary.MINOR and is_a_score else boundary
