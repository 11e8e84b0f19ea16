"""Talking with the coach."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import orjson

from gateway import problems
from gateway.app.accept import prefers_event_stream
from gateway.app.call import Call, Reply, to_json
from gateway.app.operation import GENERATE_S, LIST_S, Routes
from gateway.routes import answers, views
from gateway.routes.fields import PageQuery
from gateway.routes.requests import ChatMessage, MessageFilter, ReplyFeedback
from tandem.coach.v1 import chat_pb2 as pb

routes: Final = Routes("Coach")

_EVENT_STREAM: Final = b"text/event-stream"


@routes.post(
    "/v1/chat",
    answer=answers.Exchange,
    budget_s=GENERATE_S,
    shows_help=True,
    # The thread may be nobody's or another's; groups are not built yet.
    refusals=("not-found", "not-implemented"),
)
async def send_message(call: Call, body: ChatMessage) -> Reply:
    """Sends a message and returns the reply; with `Accept: text/event-stream` the reply comes in pieces."""
    request = pb.SendMessageRequest(
        text=body.message,
        thread_id=(body.thread_id or "").lower(),
        group_id=(body.group_id or "").lower(),
        idempotency_key=call.idempotency_key,
    )
    if prefers_event_stream(call.headers.get(b"accept", b"")):
        return _streamed(call, request)
    coach = call.parts.services.coach
    with call.parts.in_flight.generation(str(call.member_id)):
        answer = await coach(coach.stub.SendMessage, request)
    return Reply(views.exchange(answer))


@routes.get("/v1/chat/history", answer=answers.Page[answers.ChatMessage], budget_s=LIST_S, refusals=("not-found",))
async def list_messages(call: Call, query: MessageFilter) -> Reply:
    """Lists the caller's messages, newest first."""
    coach = call.parts.services.coach
    request = pb.ListMessagesRequest(
        thread_id=(query.thread_id or "").lower(), page_size=query.page_size, page_token=query.page_token
    )
    listed = await coach(coach.stub.ListMessages, request)
    return Reply(views.page([views.chat_message(each) for each in listed.messages], listed.next_page_token))


@routes.get("/v1/chat/threads", answer=answers.Page[answers.ChatThread], budget_s=LIST_S)
async def list_threads(call: Call, query: PageQuery) -> Reply:
    """Lists the caller's threads, the latest used first."""
    coach = call.parts.services.coach
    request = pb.ListThreadsRequest(page_size=query.page_size, page_token=query.page_token)
    listed = await coach(coach.stub.ListThreads, request)
    return Reply(views.page([views.thread(each) for each in listed.threads], listed.next_page_token))


@routes.delete("/v1/chat/messages/{message_id}", status=204)
async def delete_message(call: Call, message_id: str) -> Reply:
    """Deletes a message, with the reply to it and what is remembered of nothing else."""
    coach = call.parts.services.coach
    request = pb.DeleteMessageRequest(message_id=message_id, idempotency_key=call.idempotency_key)
    await coach(coach.stub.DeleteMessage, request)
    return Reply()


@routes.post("/v1/chat/messages/{message_id}/feedback", answer=answers.ReplyRating, shows_help=True)
async def rate_reply(call: Call, message_id: str, body: ReplyFeedback) -> Reply:
    """Says whether a reply was of use; the last word counts."""
    coach = call.parts.services.coach
    request = pb.RateReplyRequest(
        message_id=message_id, helpful=body.helpful, note=body.note or "", idempotency_key=call.idempotency_key
    )
    return Reply(views.reply_rating(await coach(coach.stub.RateReply, request)))


def _streamed(call: Call, request: pb.SendMessageRequest) -> Reply:
    return Reply(
        stream=_events(call, request),
        media_type=_EVENT_STREAM + b"; charset=utf-8",
        headers=[(b"x-accel-buffering", b"no")],
    )


async def _events(call: Call, request: pb.SendMessageRequest) -> AsyncGenerator[bytes, None]:
    """Nothing once the first piece is there; `token` events, then one `done` with the whole exchange or one `error`."""
    coach = call.parts.services.coach
    is_begun = False
    try:
        with call.parts.in_flight.generation(str(call.member_id)):
            async with aclosing(coach.stream(coach.stub.StreamMessage, request)) as pieces:
                async for piece in pieces:
                    if not is_begun:
                        is_begun = True
                        yield b""
                    yield _shown(piece)
    except Exception as failure:
        if not is_begun:
            raise
        yield _event("error", problems.of(failure).body(call.context.request_id, shows_help=True))


def _shown(piece: pb.StreamMessageResponse) -> bytes:
    if piece.HasField("done"):
        return _event("done", to_json(views.exchange(piece.done)))
    return _event("token", orjson.dumps({"text": piece.delta}))


def _event(name: str, data: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), data)
