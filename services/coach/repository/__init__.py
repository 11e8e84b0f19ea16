"""All SQL of the coach, and the only place where text is sealed and opened: rows in, domain objects out."""

from services.coach.repository.conversations import (
    ConversationRepository,
    Position,
    Stored,
    fail_overdue,
)
from services.coach.repository.corrections import CorrectionRepository, MessageLoad
from services.coach.repository.intakes import IntakeOpening, IntakeRepository
from services.coach.repository.journal import JournalPosition, JournalRepository
from services.coach.repository.memory import MemoryPosition, MemoryRepository
from services.coach.repository.openings import JournalGlance, Opening, load_opening
from services.coach.repository.safety import Noticed, find_noticed, save_noticed, save_safety

__all__ = [
    "ConversationRepository",
    "CorrectionRepository",
    "IntakeOpening",
    "IntakeRepository",
    "JournalGlance",
    "JournalPosition",
    "JournalRepository",
    "MemoryPosition",
    "MemoryRepository",
    "MessageLoad",
    "Noticed",
    "Opening",
    "Position",
    "Stored",
    "fail_overdue",
    "find_noticed",
    "load_opening",
    "save_noticed",
    "save_safety",
]
