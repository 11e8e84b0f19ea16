"""RPCs of the dating-goals conversation: words in, turns and what is known out. Nothing here logs what passes."""

from typing import Any
from uuid import UUID

from chassis import idempotency
from chassis.request import current
from services.coach.clients.dating import MadeGoal
from services.coach.domain.intake.state import Intake
from services.coach.domain.intake.topics import TOPICS, Comfort, Slot, TopicStatus, topic_of
from services.coach.errors import DatingGoalsNotFound
from services.coach.servicer.chat import safety_message
from services.coach.usecases import Draft, IntakeReply, UseCases
from tandem.coach.v1 import dating_pb2 as pb
from tandem.goals.v1 import goal_pb2

_STATUSES = {
    TopicStatus.NOT_STARTED: pb.TOPIC_STATUS_NOT_STARTED,
    TopicStatus.IN_PROGRESS: pb.TOPIC_STATUS_IN_PROGRESS,
    TopicStatus.COMPLETE: pb.TOPIC_STATUS_COMPLETE,
    TopicStatus.SKIPPED: pb.TOPIC_STATUS_SKIPPED,
}
_LEVELS = {
    None: pb.COMFORT_LEVEL_UNSPECIFIED,
    Comfort.LOW: pb.COMFORT_LEVEL_LOW,
    Comfort.MODERATE: pb.COMFORT_LEVEL_MODERATE,
    Comfort.HIGH: pb.COMFORT_LEVEL_HIGH,
}


class DatingRpcs:
    """Talking about dating goals, reading them, starting over, and making goals of them."""

    _use_cases: UseCases

    async def ContinueIntake(self, request: pb.ContinueIntakeRequest, context: Any) -> pb.IntakeTurn:  # noqa: N802
        """The coach's next turn."""
        draft = Draft(text=request.text, thread_id=request.thread_id)
        key = idempotency.key_for(request, _turn)
        return _turn(await self._use_cases.intake.continue_intake(current().principal, draft, key=key))

    async def GetDatingGoals(self, request: pb.GetDatingGoalsRequest, context: Any) -> pb.DatingGoals:  # noqa: N802
        """What is known of the caller."""
        opening = await self._use_cases.intake.get_dating_goals(current().principal, _member_id(request.member_id))
        shown = pb.DatingGoals(member_id=request.member_id)
        if opening.intake is not None:
            shown.data.CopyFrom(_data(opening.intake))
            shown.is_complete = opening.intake.is_complete
            shown.completion_percentage = opening.intake.percent
        if opening.updated_at is not None:
            shown.update_time.FromDatetime(opening.updated_at)
        return shown

    async def ResetIntake(self, request: pb.ResetIntakeRequest, context: Any) -> pb.ResetIntakeResponse:  # noqa: N802
        """Starts over."""
        key = idempotency.key_for(request, lambda _: pb.ResetIntakeResponse())
        await self._use_cases.intake.reset_intake(current().principal, _member_id(request.member_id), key=key)
        return pb.ResetIntakeResponse()

    async def AdoptDatingGoals(  # noqa: N802
        self, request: pb.AdoptDatingGoalsRequest, context: Any
    ) -> pb.AdoptDatingGoalsResponse:
        """Makes goals of what was confirmed."""
        key = idempotency.key_for(request, _adopted)
        made = await self._use_cases.adoption.adopt(current().principal, _member_id(request.member_id), key=key)
        return _adopted(made)


def _member_id(text: str) -> UUID:
    """Whose; what is no id names nobody."""
    try:
        return UUID(text)
    except ValueError:
        raise DatingGoalsNotFound from None


def _turn(reply: IntakeReply) -> pb.IntakeTurn:
    intake = reply.intake
    asked = None if intake.is_stopped or not reply.kept else intake.requested
    return pb.IntakeTurn(
        text=reply.text,
        thread_id=str(reply.thread_id),
        is_complete=intake.is_complete,
        completion_percentage=intake.percent,
        current_topic=topic_of(asked).topic_id if asked is not None else "",
        topics=[
            pb.Topic(topic_id=topic.topic_id, title=topic.title, status=_STATUSES[intake.status_of(topic)])
            for topic in TOPICS
        ],
        safety=safety_message(reply.safety),
        provider=reply.provider,
        degraded=reply.degraded,
        revision=intake.revision,
        unsaved=not reply.kept,
    )


def _data(intake: Intake) -> pb.DatingGoalsData:
    return pb.DatingGoalsData(
        goals=intake.values(Slot.GOALS),
        target=intake.value(Slot.TARGET),
        timeframe=intake.value(Slot.TIMEFRAME),
        tried=intake.values(Slot.TRIED),
        what_helped=intake.value(Slot.HELPED),
        what_got_in_the_way=intake.value(Slot.HINDERED),
        triggers=intake.values(Slot.TRIGGERS),
        preferred_venues=intake.values(Slot.VENUES),
        support_people=intake.values(Slot.SUPPORT),
        check_in_frequency=intake.value(Slot.FREQUENCY),
        accountability_style=intake.value(Slot.STYLE),
        comfort_level=_LEVELS[intake.comfort],
        declined=[str(slot) for slot in intake.declined],
    )


def _adopted(made: tuple[MadeGoal, ...]) -> pb.AdoptDatingGoalsResponse:
    return pb.AdoptDatingGoalsResponse(goals=[goal_pb2.Goal.FromString(one.shown) for one in made])
