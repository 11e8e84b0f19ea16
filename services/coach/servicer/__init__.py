"""The gRPC face of the coach: proto to domain, use case, domain to proto."""

from datetime import timedelta
from typing import Final

from chassis.pages import PageTokens
from chassis.rpc.policy import GENERATE, LIST, READ, WRITE, Allow
from chassis.rpc.server import Servicing
from services.coach.servicer.chat import ChatRpcs
from services.coach.servicer.copilot import CopilotRpcs
from services.coach.servicer.dating import DatingRpcs
from services.coach.servicer.journal import JournalRpcs
from services.coach.servicer.memory import MemoryRpcs
from services.coach.servicer.plans import PlanRpcs
from services.coach.servicer.reviews import ReviewRpcs
from services.coach.usecases import UseCases
from tandem.coach.v1 import coach_pb2, coach_pb2_grpc

PLAN: Final = timedelta(seconds=12)
# Several goals are made, each with its own plan by rules.
ADOPT: Final = timedelta(seconds=30)
# A job waits for a model longer than a person would.
UNASKED: Final = timedelta(seconds=120)
POLICIES: Final = {
    "SendMessage": Allow.members("gateway", deadline=GENERATE),
    "StreamMessage": Allow.members("gateway", deadline=GENERATE),
    "ListMessages": Allow.members("gateway", deadline=LIST),
    "ListThreads": Allow.members("gateway", deadline=LIST),
    "DeleteMessage": Allow.members("gateway", deadline=WRITE),
    "RateReply": Allow.members("gateway", deadline=WRITE),
    # Also asked for goals whose member is not there any more to wait, so for nobody; the request says whose plan it is.
    "MakePlan": Allow.services("goals", deadline=PLAN),
    "ContinueIntake": Allow.members("gateway", deadline=GENERATE),
    "GetDatingGoals": Allow.members("gateway", deadline=READ),
    "ResetIntake": Allow.members("gateway", deadline=WRITE),
    "AdoptDatingGoals": Allow.members("gateway", deadline=ADOPT),
    "CreateJournalEntry": Allow.members("gateway", deadline=WRITE),
    "GetJournalEntry": Allow.members("gateway", deadline=READ),
    "ListJournalEntries": Allow.members("gateway", deadline=LIST),
    "UpdateJournalEntry": Allow.members("gateway", deadline=WRITE),
    "DeleteJournalEntry": Allow.members("gateway", deadline=WRITE),
    "ListMemories": Allow.members("gateway", deadline=LIST),
    "UpdateMemory": Allow.members("gateway", deadline=WRITE),
    "DeleteMemory": Allow.members("gateway", deadline=WRITE),
    "PauseMemory": Allow.members("gateway", deadline=WRITE),
    "ListReviews": Allow.members("gateway", deadline=LIST),
    # At their hours jobs asks for every member in turn, acting for nobody; the request says whose.
    "WriteWeeklyReview": Allow.services("jobs", deadline=UNASKED),
    "WriteMonthlyReport": Allow.services("jobs", deadline=UNASKED),
    "SuggestChanges": Allow.services("jobs", deadline=UNASKED),
    # mentor owns groups and mentorships; it has checked who may see what.
    "WriteGroupPost": Allow.services("mentor", "jobs", deadline=UNASKED),
    "AdviseMentor": Allow.services("mentor", deadline=GENERATE),
    "EraseMember": Allow.services("mentor", "gateway", deadline=ADOPT),
}


class CoachServicer(
    ChatRpcs,
    PlanRpcs,
    DatingRpcs,
    ReviewRpcs,
    CopilotRpcs,
    JournalRpcs,
    MemoryRpcs,
    coach_pb2_grpc.CoachServiceServicer,
):
    """Serves `tandem.coach.v1.CoachService`."""

    def __init__(self, use_cases: UseCases, page_tokens: PageTokens) -> None:
        self._use_cases = use_cases
        self._page_tokens = page_tokens


def servicing(use_cases: UseCases, page_tokens: PageTokens) -> Servicing:
    """What the process serves."""
    return Servicing(
        add=coach_pb2_grpc.add_CoachServiceServicer_to_server,
        servicer=CoachServicer(use_cases, page_tokens),
        descriptor=coach_pb2.DESCRIPTOR.services_by_name["CoachService"],
        policies=POLICIES,
    )
