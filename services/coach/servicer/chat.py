"""RPCs of chat: messages in, exchanges, messages and threads out. Nothing here logs what passes."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import idempotency
from chassis.pages import PageTokens, page_size
from chassis.request import current
from services.coach.domain.conversation import Author, Exchange, Message, SafetyNotice, Thread, check_thread_id
from services.coach.domain.tiers import Tier
from services.coach.repository import Position
from services.coach.servicer.paging import Pager
from services.coach.usecases import Draft, UseCases
from tandem.coach.v1 import chat_pb2 as pb

_AUTHORS = {Author.MEMBER: pb.AUTHOR_MEMBER, Author.COACH: pb.AUTHOR_COACH}
_TIERS = {
    Tier.NONE: pb.SAFETY_TIER_NONE,
    Tier.WATCH: pb.SAFETY_TIER_WATCH,
    Tier.RISK: pb.SAFETY_TIER_RISK,
    Tier.IMMINENT: pb.SAFETY_TIER_IMMINENT,
    Tier.THIRD_PARTY: pb.SAFETY_TIER_THIRD_PARTY,
}


class ChatRpcs:
    """Talking with the coach, and looking back at it."""

    _use_cases: UseCases
    _page_tokens: PageTokens

    async def SendMessage(self, request: pb.SendMessageRequest, context: Any) -> pb.SendMessageResponse:  # noqa: N802
        """The coach's whole reply."""
        exchange = await self._use_cases.chat.send(
            current().principal, _draft(request), key=idempotency.key_for(request)
        )
        return _exchange(exchange)

    async def StreamMessage(  # noqa: N802
        self, request: pb.SendMessageRequest, context: Any
    ) -> AsyncIterator[pb.StreamMessageResponse]:
        """The reply in pieces, then the exchange."""
        pieces = self._use_cases.chat.stream(current().principal, _draft(request), key=idempotency.key_for(request))
        async with aclosing(pieces):
            async for piece in pieces:
                if isinstance(piece, Exchange):
                    yield pb.StreamMessageResponse(done=_exchange(piece))
                else:
                    yield pb.StreamMessageResponse(delta=piece)

    async def ListMessages(self, request: pb.ListMessagesRequest, context: Any) -> pb.ListMessagesResponse:  # noqa: N802
        """A page of messages, newest first."""
        principal, limit = current().principal, page_size(request.page_size)
        pager = Pager(self._page_tokens, "messages", request.thread_id)
        # One more than asked tells whether there is another page.
        found = await self._use_cases.history.list_messages(
            principal,
            thread_id=check_thread_id(request.thread_id),
            before=_position(pager, request.page_token),
            limit=limit + 1,
        )
        shown, token = pager.cut(found, limit, lambda one: (one.create_time.isoformat(), str(one.message_id)))
        return pb.ListMessagesResponse(messages=map(_message, shown), next_page_token=token)

    async def ListThreads(self, request: pb.ListThreadsRequest, context: Any) -> pb.ListThreadsResponse:  # noqa: N802
        """A page of threads, the latest used first."""
        principal, limit = current().principal, page_size(request.page_size)
        pager = Pager(self._page_tokens, "threads")
        found = await self._use_cases.history.list_threads(
            principal, before=_position(pager, request.page_token), limit=limit + 1
        )
        shown, token = pager.cut(found, limit, lambda one: (one.update_time.isoformat(), str(one.thread_id)))
        return pb.ListThreadsResponse(threads=map(_thread, shown), next_page_token=token)


def _position(pager: Pager, token: str) -> Position | None:
    found = pager.position(token)
    return Position(datetime.fromisoformat(found[0]), UUID(found[1])) if found else None


def _draft(request: pb.SendMessageRequest) -> Draft:
    return Draft(text=request.text, thread_id=request.thread_id, group_id=request.group_id)


def _exchange(exchange: Exchange) -> pb.SendMessageResponse:
    return pb.SendMessageResponse(
        user_message=_message(exchange.user_message),
        reply=_message(exchange.reply),
        action_steps=exchange.action_steps,
        provider=exchange.provider,
        degraded=exchange.degraded,
        safety=safety_message(exchange.safety),
        unsaved=not exchange.kept,
    )


def safety_message(notice: SafetyNotice) -> pb.Safety:
    """What the screen says, with the lines that are shown."""
    return pb.Safety(
        tier=_TIERS[notice.tier],
        resources=[
            pb.SafetyResource(name=one.name, contact=one.contact, country=one.country) for one in notice.resources
        ],
    )


def _message(message: Message) -> pb.Message:
    shown = pb.Message(
        message_id=str(message.message_id),
        thread_id=str(message.thread_id),
        author=_AUTHORS[message.author],
        text=message.text,
    )
    shown.create_time.FromDatetime(message.create_time)
    return shown


def _thread(thread: Thread) -> pb.Thread:
    shown = pb.Thread(thread_id=str(thread.thread_id))
    shown.create_time.FromDatetime(thread.create_time)
    shown.update_time.FromDatetime(thread.update_time)
    return shown
