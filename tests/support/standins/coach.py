"""A stand-in for coach."""
# ruff: noqa: N802 - methods have the names of the protocol

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from google.type.date_pb2 import Date

from chassis.errors import NotImplementedYet, Unavailable
from chassis.rpc.server import Servicing
from tandem.coach.v1 import chat_pb2, coach_pb2, coach_pb2_grpc, review_pb2
from tests.support.standins.dating import StandInDating
from tests.support.standins.journal import StandInJournal
from tests.support.standins.memory import StandInMemory
from tests.support.standins.shared import Replays, fresh_id, now, servicing


class StandInCoach(StandInDating, StandInJournal, StandInMemory, coach_pb2_grpc.CoachServiceServicer):
    """A coach that repeats what it hears; some words make it do otherwise.

    Attributes:
        thoughts: Of streams that wait until they are cancelled, a mark for each that begins and for each that ends.
    """

    def __init__(self) -> None:
        super().__init__()
        self.thoughts: asyncio.Queue[str] = asyncio.Queue()
        self._replays = Replays()

    async def SendMessage(self, request: chat_pb2.SendMessageRequest, context: Any) -> chat_pb2.SendMessageResponse:
        if request.text == "be away":
            raise Unavailable("The coach is away.")
        if request.group_id:
            raise NotImplementedYet("group_id: there are no groups yet. Leave it out.")
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        return self._replays.remember(request, self._exchange(request))  # type: ignore[no-any-return]

    def _exchange(self, request: chat_pb2.SendMessageRequest) -> chat_pb2.SendMessageResponse:
        thread_id = request.thread_id or fresh_id()
        return chat_pb2.SendMessageResponse(
            user_message=_message(thread_id, chat_pb2.AUTHOR_MEMBER, request.text),
            reply=_message(thread_id, chat_pb2.AUTHOR_COACH, f"You said: {request.text}"),
            action_steps=["Breathe"],
            provider="offline",
            safety=chat_pb2.Safety(tier=chat_pb2.SAFETY_TIER_NONE),
            unsaved=request.text == "forget this",
        )

    async def StreamMessage(
        self, request: chat_pb2.SendMessageRequest, context: Any
    ) -> AsyncIterator[chat_pb2.StreamMessageResponse]:
        if request.text == "think":
            await self._think()
        done = await self.SendMessage(request, context)
        for word in request.text.split():
            yield chat_pb2.StreamMessageResponse(delta=f"{word} ")
        if request.text == "think on":
            await self._think()
        if request.text == "stop short":
            raise Unavailable("The coach went away.")
        yield chat_pb2.StreamMessageResponse(done=done)

    async def _think(self) -> None:
        self.thoughts.put_nowait("begun")
        try:
            await asyncio.Event().wait()
        finally:
            self.thoughts.put_nowait("ended")

    async def ListReviews(self, request: review_pb2.ListReviewsRequest, context: Any) -> review_pb2.ListReviewsResponse:
        day = Date(year=2026, month=11, day=16)
        kinds = [request.kind] if request.kind else [review_pb2.REVIEW_KIND_WEEKLY, review_pb2.REVIEW_KIND_MONTHLY]
        reviews = [
            review_pb2.Review(review_id=fresh_id(), kind=kind, start_date=day, end_date=day, create_time=now())
            for kind in kinds
        ]
        return review_pb2.ListReviewsResponse(reviews=reviews)


def coach_servicing(servicer: StandInCoach) -> Servicing:
    """The stand-in with policies that let every member in."""
    descriptor = coach_pb2.DESCRIPTOR.services_by_name["CoachService"]
    return servicing(descriptor, servicer, coach_pb2_grpc.add_CoachServiceServicer_to_server)


def _message(thread_id: str, author: chat_pb2.Author.ValueType, text: str) -> chat_pb2.Message:
    return chat_pb2.Message(message_id=fresh_id(), thread_id=thread_id, author=author, text=text, create_time=now())
