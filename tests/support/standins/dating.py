"""The dating-goals conversation, in memory: it repeats what it hears, and a yes confirms it."""
# ruff: noqa: N802 - methods have the names of the protocol

from typing import Any

from chassis.errors import FailedPrecondition, NotFound, PermissionDenied
from tandem.coach.v1 import dating_pb2
from tandem.goals.v1 import goal_pb2
from tests.support.standins.shared import Replays, fresh_id, member_id, now

_TOPICS = ("goals", "past", "comfort", "support")


class AdultsOnly(PermissionDenied):
    """As the service has it."""

    reason = "ADULTS_ONLY"


class StandInDating:
    """The part of the stand-in for coach that talks about dating goals."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, list[str]] = {}
        self.is_for_adults = False
        self._turns = Replays()

    async def ContinueIntake(self, request: dating_pb2.ContinueIntakeRequest, context: Any) -> dating_pb2.IntakeTurn:
        if self.is_for_adults:
            raise AdultsOnly("Adults only.")
        if (kept := self._turns.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        said = self.said.setdefault(member_id(), [])
        said.append(request.text)
        turn = dating_pb2.IntakeTurn(
            text=f"You said: {request.text}",
            thread_id=request.thread_id or fresh_id(),
            is_complete=request.text == "yes",
            completion_percentage=min(100, 8 * len(said)),
            current_topic="" if request.text == "yes" else "goals",
            topics=[
                dating_pb2.Topic(topic_id=each, title=each.title(), status=dating_pb2.TOPIC_STATUS_NOT_STARTED)
                for each in _TOPICS
            ],
            provider="offline",
            unsaved=request.text == "forget this",
        )
        return self._turns.remember(request, turn)  # type: ignore[no-any-return]

    async def GetDatingGoals(self, request: dating_pb2.GetDatingGoalsRequest, context: Any) -> dating_pb2.DatingGoals:
        return dating_pb2.DatingGoals(
            member_id=request.member_id, data=dating_pb2.DatingGoalsData(goals=self._said_by(request.member_id))
        )

    async def ResetIntake(self, request: dating_pb2.ResetIntakeRequest, context: Any) -> dating_pb2.ResetIntakeResponse:
        self._said_by(request.member_id)
        self.said.pop(member_id(), None)
        return dating_pb2.ResetIntakeResponse()

    async def AdoptDatingGoals(
        self, request: dating_pb2.AdoptDatingGoalsRequest, context: Any
    ) -> dating_pb2.AdoptDatingGoalsResponse:
        said = self._said_by(request.member_id)
        if "yes" not in said:
            raise FailedPrecondition("Nothing is confirmed.")
        goals = [
            goal_pb2.Goal(
                goal_id=fresh_id(),
                member_id=member_id(),
                title=text,
                pattern=goal_pb2.PATTERN_RECURRING,
                status=goal_pb2.STATUS_ACTIVE,
                category="dating",
                create_time=now(),
                update_time=now(),
            )
            for text in said[:-1]
        ]
        return dating_pb2.AdoptDatingGoalsResponse(goals=goals)

    def _said_by(self, whose: str) -> list[str]:
        if whose != member_id():
            raise NotFound("There is nothing.")
        return self.said.get(whose, [])
