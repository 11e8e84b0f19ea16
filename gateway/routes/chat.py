"""Talking with the coach."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Final

import orjson

from chassis.request import answering
from gateway import problems
from gateway.app.call import Call, Reply, to_json
from gateway.app.operation import GENERATE_S, LIST_S, Routes
from gateway.routes import answers, views
from gateway.routes.fields import PageQuery
from gateway.routes.requests import ChatMessage, MessageFilter
from tandem.coach.v1 import coach_pb2 as pb

routes: Final = Routes("Coach")

_EVENT_STREAM: Final = b"text/event-stream"


@routes.post("/v1/chat", answer=answers.Exchange, budget_s=GENERATE_S, shows_help=True)
async def send_message(call: Call, body: ChatMessage) -> Reply:
    """Sends a message and returns the reply; with `Accept: text/event-stream` the reply comes in pieces."""
    request = pb.SendMessageRequest(
        text=body.message,
        thread_id=(body.thread_id or "").lower(),
        group_id=(body.group_id or "").lower(),
        idempotency_key=call.idempotency_key,
    )
    if _EVENT_STREAM in call.headers.get(b"accept", b""):
        return Reply(
            stream=_events(call, request),
            media_type=_EVENT_STREAM + b"; charset=utf-8",
            headers=[(b"x-accel-buffering", b"no")],
        )
    coach = call.parts.services.coach
    with call.parts.in_flight.generation(str(call.member_id)):
        answer = await coach(coach.stub.SendMessage, request)
    return Reply(views.exchange(answer))


@routes.get("/v1/chat/history", answer=answers.Page[answers.ChatMessage], budget_s=LIST_S)
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


async def _events(call: Call, request: pb.SendMessageRequest) -> AsyncIterator[bytes]:
    """`token` events, then one `done` with the whole exchange, or one `error` with the problem."""
    coach = call.parts.services.coach
    with ExitStack() as held:
        # The answer is sent after the endpoint has returned, so the request is made the one at hand again.
        held.enter_context(answering(call.context))
        try:
            held.enter_context(call.parts.in_flight.generation(str(call.member_id)))
            async for piece in coach.stream(coach.stub.StreamMessage, request):
                if piece.HasField("done"):
                    yield _event("done", to_json(views.exchange(piece.done)))
                else:
                    yield _event("token", orjson.dumps({"text": piece.delta}))
        except Exception as failure:
            yield _event("error", problems.of(failure).body(call.context.request_id, shows_help=True))


def _event(name: str, data: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), data)
