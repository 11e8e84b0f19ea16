"""What a member can do with the coach, a method per verb, and what it does for itself."""

from dataclasses import dataclass

from services.coach.usecases.adoption import AdoptionUseCases
from services.coach.usecases.chat import ChatUseCases, Draft
from services.coach.usecases.copilot import CopilotUseCases
from services.coach.usecases.findings import KeptFindings
from services.coach.usecases.goal_words import GoalWords
from services.coach.usecases.history import HistoryUseCases
from services.coach.usecases.intake import IntakeReply, IntakeUseCases
from services.coach.usecases.journal import JournalUseCases, WrittenEntry
from services.coach.usecases.late_plans import LatePlans
from services.coach.usecases.memory import MemoryPage, MemoryUseCases, Remembering, WrittenMemory
from services.coach.usecases.messages import MessageUseCases, Opinion, WrittenRating
from services.coach.usecases.noticing import SiftedReports
from services.coach.usecases.plans import PlanUseCases
from services.coach.usecases.replies import ReplyUseCases
from services.coach.usecases.retention import RetentionUseCases
from services.coach.usecases.reviews import ReviewUseCases
from services.coach.usecases.safety_memory import SafetyMemory
from services.coach.usecases.slot_reading import SlotReader
from services.coach.usecases.suggesting import GroupPostUseCases, SuggestingUseCases
from services.coach.usecases.watching import Watch


@dataclass(frozen=True, slots=True)
class UseCases:
    """All that the servicer calls."""

    chat: ChatUseCases
    history: HistoryUseCases
    plans: PlanUseCases
    reviews: ReviewUseCases
    suggesting: SuggestingUseCases
    group_posts: GroupPostUseCases
    journal: JournalUseCases
    copilot: CopilotUseCases
    intake: IntakeUseCases
    adoption: AdoptionUseCases
    memory: MemoryUseCases
    messages: MessageUseCases
    retention: RetentionUseCases


__all__ = [
    "AdoptionUseCases",
    "ChatUseCases",
    "CopilotUseCases",
    "Draft",
    "GoalWords",
    "GroupPostUseCases",
    "HistoryUseCases",
    "IntakeReply",
    "IntakeUseCases",
    "JournalUseCases",
    "KeptFindings",
    "LatePlans",
    "MemoryPage",
    "MemoryUseCases",
    "MessageUseCases",
    "Opinion",
    "PlanUseCases",
    "Remembering",
    "ReplyUseCases",
    "RetentionUseCases",
    "ReviewUseCases",
    "SafetyMemory",
    "SiftedReports",
    "SlotReader",
    "SuggestingUseCases",
    "UseCases",
    "Watch",
    "WrittenEntry",
    "WrittenMemory",
    "WrittenRating",
]
