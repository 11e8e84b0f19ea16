"""What is known, as it is shown to the member and kept in the coach's memory."""

from services.coach.domain.intake.book import IntakeBook
from services.coach.domain.intake.state import Intake
from services.coach.domain.intake.topics import SLOTS, Slot


def summary(intake: Intake, book: IntakeBook) -> str:
    """A line for each slot that is filled, and one for those that were left open."""
    lines = [
        f"- {_capitalised(book.labels[slot])}: {_shown(intake, slot, book)}" for slot in SLOTS if intake.values(slot)
    ]
    if intake.declined:
        lines.append(f"- Left open: {book.listed(tuple(book.labels[slot] for slot in intake.declined))}")
    return "\n".join(lines)


def known_labels(intake: Intake, book: IntakeBook) -> str:
    """What is known by name only, for a sentence."""
    return book.listed(tuple(book.labels[slot] for slot in SLOTS if intake.values(slot)))


def _shown(intake: Intake, slot: Slot, book: IntakeBook) -> str:
    return "; ".join(book.said(value) for value in intake.values(slot))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
