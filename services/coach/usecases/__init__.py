"""What a member can do with the coach, one method per verb: chat, look back; and what the service does for itself."""

from services.coach.usecases.chat import ChatUseCases, Draft
from services.coach.usecases.history import HistoryUseCases
from services.coach.usecases.replies import ReplyUseCases
from services.coach.usecases.safety_memory import SafetyMemory

__all__ = ["ChatUseCases", "Draft", "HistoryUseCases", "ReplyUseCases", "SafetyMemory"]
