"""All SQL of the coach, and the only place where text is sealed and opened: rows in, domain objects out."""

from services.coach.repository.conversations import (
    ConversationRepository,
    Opening,
    Position,
    Stored,
    fail_overdue,
)
from services.coach.repository.intakes import IntakeOpening, IntakeRepository
from services.coach.repository.journal import JournalPosition, JournalRepository
from services.coach.repository.safety import save_safety

__all__ = [
    "ConversationRepository",
    "IntakeOpening",
    "IntakeRepository",
    "JournalPosition",
    "JournalRepository",
    "Opening",
    "Position",
    "Stored",
    "fail_overdue",
    "save_safety",
]
