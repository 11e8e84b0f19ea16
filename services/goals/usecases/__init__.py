"""What can be done with goals: authorise, load, decide, save, announce."""

from services.goals.usecases.activities import ActivityUseCases, LoggedActivity
from services.goals.usecases.calendars import CalendarUseCases
from services.goals.usecases.goals import GoalUseCases, ShownGoal
from services.goals.usecases.reports import Overview, OverviewGoal, ReportUseCases

__all__ = [
    "ActivityUseCases",
    "CalendarUseCases",
    "GoalUseCases",
    "LoggedActivity",
    "Overview",
    "OverviewGoal",
    "ReportUseCases",
    "ShownGoal",
]
