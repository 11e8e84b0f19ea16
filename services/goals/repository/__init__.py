"""All SQL of goals: rows in, domain objects out. Row-level security decides again what each query may see."""

from services.goals.repository.activities import ActivityPosition, ActivityRepository
from services.goals.repository.calendars import CalendarCopy, CalendarRepository
from services.goals.repository.goals import GoalFilter, GoalOrder, GoalPosition, GoalRepository
from services.goals.repository.hindsight import HindsightRepository, KnownThen
from services.goals.repository.loads import Completed, Ground, KnownRows, Loaded
from services.goals.repository.overviews import BriefActivity, OverviewRepository
from services.goals.repository.transfer import ExportedGoal, TransferRepository
from services.goals.repository.vacations import VacationPosition, VacationRepository

__all__ = [
    "ActivityPosition",
    "ActivityRepository",
    "BriefActivity",
    "CalendarCopy",
    "CalendarRepository",
    "Completed",
    "ExportedGoal",
    "GoalFilter",
    "GoalOrder",
    "GoalPosition",
    "GoalRepository",
    "Ground",
    "HindsightRepository",
    "KnownRows",
    "KnownThen",
    "Loaded",
    "OverviewRepository",
    "TransferRepository",
    "VacationPosition",
    "VacationRepository",
]
