"""The coach's tables. What people wrote stands only in `bytea` columns, sealed by the vault."""

from services.coach.tables import conversations, copilot, intakes, journal, memory, reviews
from services.coach.tables.schema import metadata

__all__ = ["conversations", "copilot", "intakes", "journal", "memory", "metadata", "reviews"]
