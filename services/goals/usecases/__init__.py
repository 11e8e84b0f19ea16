"""What can be done with goals: authorise, load, decide, save, announce."""

from dataclasses import dataclass
from typing import Self

from chassis.clock import Clock
from chassis.db import Database
from services.goals.clients import Members, NullWingmen, Planner, Wingmen
from services.goals.usecases.activities import ActivityUseCases, LoggedActivity
from services.goals.usecases.batches import AskedActivity, BatchUseCases
from services.goals.usecases.calendars import CalendarUseCases
from services.goals.usecases.care import CareUseCases
from services.goals.usecases.challenges import ChallengeUseCases, ShownChallenge, ShownRun
from services.goals.usecases.due_units import DueUnitUseCases
from services.goals.usecases.figures import FigureUseCases, ShownCalendar, ShownExplanation
from services.goals.usecases.goals import GoalUseCases, ShownGoal
from services.goals.usecases.member_reports import MemberReport, MemberReportUseCases, ReportedGoal, ReportUnit
from services.goals.usecases.plans import PlanUseCases
from services.goals.usecases.reports import Overview, OverviewGoal, ReportUseCases
from services.goals.usecases.suggestions import AcceptedSuggestion, ShownSuggestion, SuggestionUseCases
from services.goals.usecases.transfer import ImportedGoal, ImportReport, TransferUseCases
from services.goals.usecases.vacations import VacationUseCases

__all__ = [
    "AcceptedSuggestion",
    "ActivityUseCases",
    "AskedActivity",
    "BatchUseCases",
    "CalendarUseCases",
    "CareUseCases",
    "ChallengeUseCases",
    "DueUnitUseCases",
    "FigureUseCases",
    "GoalUseCases",
    "ImportReport",
    "ImportedGoal",
    "LoggedActivity",
    "MemberReport",
    "MemberReportUseCases",
    "Overview",
    "OverviewGoal",
    "PlanUseCases",
    "ReportUnit",
    "ReportUseCases",
    "ReportedGoal",
    "ShownCalendar",
    "ShownChallenge",
    "ShownExplanation",
    "ShownGoal",
    "ShownRun",
    "ShownSuggestion",
    "SuggestionUseCases",
    "TransferUseCases",
    "UseCases",
    "VacationUseCases",
]


@dataclass(frozen=True, slots=True)
class UseCases:
    """All of them, by what they are about."""

    goals: GoalUseCases
    activities: ActivityUseCases
    batches: BatchUseCases
    care: CareUseCases
    vacations: VacationUseCases
    suggestions: SuggestionUseCases
    plans: PlanUseCases
    figures: FigureUseCases
    reports: ReportUseCases
    member_reports: MemberReportUseCases
    challenges: ChallengeUseCases
    calendars: CalendarUseCases
    transfer: TransferUseCases
    clock: Clock

    @classmethod
    def of(
        cls,
        database: Database,
        clock: Clock,
        members: Members,
        planner: Planner,
        *,
        wingmen: Wingmen | None = None,
        challenge_duration_days: int = 7,
    ) -> Self:
        """All on one database; without `wingmen` nobody has one."""
        calendars = CalendarUseCases(database, clock, members)
        activities = ActivityUseCases(database, clock)
        return cls(
            GoalUseCases(database, clock, members, calendars),
            activities,
            BatchUseCases(database, clock),
            CareUseCases(database, clock),
            VacationUseCases(database, clock, calendars),
            SuggestionUseCases(database, clock, planner),
            PlanUseCases(database, clock, planner),
            FigureUseCases(database, clock),
            ReportUseCases(database, clock, calendars),
            MemberReportUseCases(database, clock, calendars),
            ChallengeUseCases(
                database,
                clock,
                members,
                wingmen or NullWingmen(),
                calendars=calendars,
                activities=activities,
                duration_days=challenge_duration_days,
            ),
            calendars,
            TransferUseCases(database, clock, members, calendars),
            clock,
        )
