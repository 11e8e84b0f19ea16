"""All SQL of the coach, and the only place where text is sealed and opened: rows in, domain objects out."""

from services.coach.repository.conversations import (
    ConversationRepository,
    Opening,
    Position,
    Stored,
    fail_overdue,
)

__all__ = ["ConversationRepository", "Opening", "Position", "Stored", "fail_overdue"]
