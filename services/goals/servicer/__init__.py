"""The gRPC face of goals: proto to domain, use case, domain to proto."""

from datetime import timedelta
from typing import Final

from chassis.pages import PageTokens
from chassis.rpc.policy import GENERATE, LIST, READ, WRITE, Allow
from chassis.rpc.server import Servicing
from services.goals.domain.transfer.model import MAX_FILE_BYTES
from services.goals.servicer.activities import ActivityRpcs
from services.goals.servicer.care import CareRpcs
from services.goals.servicer.challenges import ChallengeRpcs
from services.goals.servicer.figures import FigureRpcs
from services.goals.servicer.goals import GoalRpcs
from services.goals.servicer.member_reports import MemberReportRpcs
from services.goals.servicer.reports import ReportRpcs
from services.goals.servicer.suggestions import SuggestionRpcs
from services.goals.servicer.templates import TemplateRpcs
from services.goals.servicer.transfer import TransferRpcs
from services.goals.servicer.vacations import VacationRpcs
from services.goals.usecases import UseCases
from tandem.goals.v1 import goals_service_pb2, goals_service_pb2_grpc

# Coach has twelve seconds for a plan; what the goal itself takes comes on top.
PLAN: Final = timedelta(seconds=17)
POLICIES: Final = {
    # Coach makes goals of dating goals that the member confirmed, and answers with the member's own figures, so it asks
    # with the member's own passport.
    "CreateGoal": Allow.members("gateway", "coach", deadline=PLAN),
    "GetGoal": Allow.members("gateway", "coach", deadline=READ),
    "ListGoals": Allow.members("gateway", "coach", deadline=LIST),
    "UpdateGoal": Allow.members("gateway", deadline=WRITE),
    "ArchiveGoal": Allow.members("gateway", deadline=WRITE),
    "LogActivity": Allow.members("gateway", deadline=WRITE),
    "ListActivities": Allow.members("gateway", "coach", deadline=LIST),
    "GetProgress": Allow.members("gateway", "coach", deadline=READ),
    "GetOverview": Allow.members("gateway", "coach", deadline=LIST),
    # For what the coach writes unasked, so for nobody; the request says about whom.
    "GetMemberReport": Allow.services("coach", deadline=LIST),
    "UpdateActivity": Allow.members("gateway", deadline=WRITE),
    "DeleteActivity": Allow.members("gateway", deadline=WRITE),
    "BatchLogActivities": Allow.members("gateway", deadline=WRITE),
    "GetCalendar": Allow.members("gateway", deadline=READ),
    "GetExplanation": Allow.members("gateway", deadline=READ),
    "CreateVacation": Allow.members("gateway", deadline=WRITE),
    "ListVacations": Allow.members("gateway", deadline=LIST),
    "DeleteVacation": Allow.members("gateway", deadline=WRITE),
    "CreateHabit": Allow.members("gateway", deadline=WRITE),
    "UpdateHabit": Allow.members("gateway", deadline=WRITE),
    "DeleteHabit": Allow.members("gateway", deadline=WRITE),
    "CreateSubgoal": Allow.members("gateway", deadline=WRITE),
    "UpdateSubgoal": Allow.members("gateway", deadline=WRITE),
    "DeleteSubgoal": Allow.members("gateway", deadline=WRITE),
    "GetReminders": Allow.members("gateway", deadline=READ),
    "SetReminders": Allow.members("gateway", deadline=WRITE),
    "CopyGoal": Allow.members("gateway", deadline=WRITE),
    "RestoreGoal": Allow.members("gateway", deadline=WRITE),
    "SuggestPlan": Allow.members("gateway", deadline=PLAN),
    "OfferSuggestion": Allow.services("coach", "mentor", deadline=WRITE),
    "ListSuggestions": Allow.members("gateway", deadline=LIST),
    "AcceptSuggestion": Allow.members("gateway", deadline=WRITE),
    "DismissSuggestion": Allow.members("gateway", deadline=WRITE),
    "ListChallenges": Allow.members("gateway", deadline=LIST),
    "StartChallenge": Allow.members("gateway", deadline=WRITE),
    "SubmitChallenge": Allow.members("gateway", deadline=WRITE),
    "ListTemplates": Allow.members("gateway", deadline=LIST),
    "GetExport": Allow.members("gateway", deadline=GENERATE),
    # The file and what is around it.
    "ImportGoals": Allow.members("gateway", deadline=GENERATE, max_request_bytes=MAX_FILE_BYTES + 64 * 1024),
}


class GoalsServicer(
    GoalRpcs,
    ActivityRpcs,
    ReportRpcs,
    MemberReportRpcs,
    FigureRpcs,
    CareRpcs,
    VacationRpcs,
    SuggestionRpcs,
    ChallengeRpcs,
    TemplateRpcs,
    TransferRpcs,
    goals_service_pb2_grpc.GoalsServiceServicer,
):
    """Serves `tandem.goals.v1.GoalsService`."""

    def __init__(self, use_cases: UseCases, page_tokens: PageTokens) -> None:
        self._use_cases = use_cases
        self._page_tokens = page_tokens


def servicing(use_cases: UseCases, page_tokens: PageTokens) -> Servicing:
    """What the process serves."""
    return Servicing(
        add=goals_service_pb2_grpc.add_GoalsServiceServicer_to_server,
        servicer=GoalsServicer(use_cases, page_tokens),
        descriptor=goals_service_pb2.DESCRIPTOR.services_by_name["GoalsService"],
        policies=POLICIES,
    )
