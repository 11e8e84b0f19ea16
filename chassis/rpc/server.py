"""The server's pipeline: what happens around every handler, outermost first.

error mapper → trace and log → size → deadline → caller and passport → method policy → in-flight → parsing → handler.
One interceptor runs all stages, so that a call pays for one wrapper. Health and reflection are exempt from identity.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import DecodeError
from grpc_status import rpc_status
from prometheus_client import Counter, Histogram

from chassis.clock import Clock
from chassis.errors import (
    DeadlineExceeded,
    MalformedRequest,
    PayloadTooLarge,
    PermissionDenied,
    ReducedCapacity,
    TandemError,
)
from chassis.idempotency import KeptAnswer
from chassis.identity.passport import TokenVerifier
from chassis.identity.principal import Principal
from chassis.request import MIN_REMAINING_S, RequestContext, answering
from chassis.rpc import status, wire
from chassis.rpc.policy import READ, Allow
from chassis.telemetry import tracing
from chassis.telemetry.logs import describe, get_logger
from chassis.telemetry.metrics import RPC_IN_FLIGHT_REFUSED, RPC_REPEATED, RPC_SERVED, RPC_SERVED_SECONDS

_log = get_logger(__name__)

EXEMPT_SERVICES: Final = ("/grpc.health.v1.Health/", "/grpc.reflection.")
_REPLAYED: Final = (wire.REPLAYED, "1")
# Whoever calls, until that is verified.
_NOBODY: Final = Principal(None, frozenset(), "unknown")
_REQUEST_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")

if TYPE_CHECKING:
    # gRPC's classes take type parameters only in their stubs.
    Context = grpc.aio.ServicerContext[Any, Any]
    RawHandler = grpc.RpcMethodHandler[Any, Any]
else:
    Context = grpc.aio.ServicerContext
    RawHandler = grpc.RpcMethodHandler
Handler = Callable[[Any, Context], Any]
Parser = Callable[[bytes], Any]


@dataclass(frozen=True, slots=True)
class Servicing:
    """A servicer with what is needed to serve it.

    Attributes:
        add: The generated `add_…Servicer_to_server`.
        servicer: The servicer.
        descriptor: The gRPC service's descriptor, from its `_pb2` module.
        policies: Who may call each of its methods, by method name.
    """

    add: Callable[[Any, grpc.aio.Server], None]
    servicer: object
    descriptor: ServiceDescriptor
    policies: Mapping[str, Allow]


class _Places:
    """How many may be answered at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0

    @contextmanager
    def taken(self, method: str) -> Iterator[None]:
        """One of them."""
        if self._taken >= self._most:
            RPC_IN_FLIGHT_REFUSED.labels(method).inc()
            raise ReducedCapacity("Too many requests at once; try again.", retry_after=timedelta(seconds=1))
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


class Pipeline(grpc.aio.ServerInterceptor):
    """Runs the stages around every handler of one process."""

    def __init__(
        self,
        policies: Mapping[str, Allow],
        verifier: TokenVerifier,
        clock: Clock,
        *,
        max_in_flight: int = 200,
        max_streams: int = 400,
    ) -> None:
        self._policies = policies
        self._verifier = verifier
        self._clock = clock
        self._answers = _Places(max_in_flight)
        # A stream mostly waits for its next piece; however many there are, they keep nobody else out.
        self._streams = _Places(max_streams)
        self._wrapped: dict[str, RawHandler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[RawHandler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> RawHandler | None:
        """Returns the handler with the stages around it; the same object for every call of a method."""
        method = _text(handler_call_details.method)
        wrapped = self._wrapped.get(method)
        if wrapped is None:
            handler = await continuation(handler_call_details)
            if handler is None or method.startswith(EXEMPT_SERVICES):
                return handler
            wrapped = self._wrapped[method] = self._wrap(method, handler)
        return wrapped

    def _wrap(self, method: str, handler: RawHandler) -> RawHandler:
        if handler.request_streaming:
            raise TypeError(f"{method}: requests are not streamed here")
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                self._streaming(method, cast(Handler, handler.unary_stream), _parser(handler)),
                None,
                handler.response_serializer,
            )
        return grpc.unary_unary_rpc_method_handler(
            self._unary(method, cast(Handler, handler.unary_unary), _parser(handler)),
            None,
            _serializer(handler.response_serializer),
        )

    def _unary(self, method: str, handler: Handler, parse: Parser) -> Handler:
        async def answer(message: bytes, context: Context) -> Any:
            async with self._stages(method, context, self._answers) as request:
                self._check_size(method, message)
                try:
                    response = await handler(parse(message), context)
                except KeptAnswer as kept:
                    response = kept.answer
                self._say_if_replayed(request, context)
                return response

        return answer

    def _streaming(self, method: str, handler: Handler, parse: Parser) -> Handler:
        # A coroutine that writes, not a generator: gRPC drops generators of abandoned calls, and they would end
        # later, in another task.
        async def answer(message: bytes, context: Context) -> None:
            async with self._stages(method, context, self._streams) as request:
                self._check_size(method, message)
                async with aclosing(handler(parse(message), context)) as responses:
                    is_begun = False
                    async for response in responses:
                        if request.replayed and not is_begun:
                            await context.send_initial_metadata((_REPLAYED,))
                        is_begun = True
                        await context.write(response)
                self._say_if_replayed(request, context)

        return answer

    @asynccontextmanager
    async def _stages(self, method: str, context: Context, places: "_Places") -> AsyncIterator[RequestContext]:
        """Runs the stages around the block.

        A failure of the block is sent as its status and never escapes as it is: gRPC would send its text.
        """
        started = self._clock.monotonic()
        metadata, metadata_bytes = _metadata(context)
        # Known before anything can refuse, so that every line of the log has them.
        request = RequestContext(
            method=method,
            request_id=request_id(metadata.get(wire.REQUEST_ID)),
            principal=_NOBODY,
            traceparent=traceparent(metadata.get(wire.TRACEPARENT)),
        )
        if wire.PREVIOUS_ATTEMPTS in metadata:
            RPC_REPEATED.labels(method).inc()
        try:
            if metadata_bytes > wire.MAX_METADATA_BYTES:
                raise PayloadTooLarge("The call's metadata is too large.")
            timeout_s = self._admit(request, metadata, context.time_remaining())
            with places.taken(method), answering(request), tracing.span(method):
                if timeout_s is None:
                    yield request
                else:
                    async with asyncio.timeout(timeout_s):
                        yield request
        except Exception as failure:
            error = status.from_exception(failure)
            self._record(method, error.code.name, started, request, failure=failure, reason=error.reason)
            await context.abort_with_status(_final(error, is_replay=request.replayed))
        except BaseException:
            self._record(method, "CANCELLED", started, request)
            raise
        else:
            self._record(method, "OK", started, request)

    def _admit(self, request: RequestContext, metadata: Mapping[str, str], remaining_s: float | None) -> float | None:
        """Deadline, caller and passport, method policy: what must hold before the handler runs.

        Returns:
            The seconds after which we must end the request ourselves; None where gRPC does, because the caller's own
            deadline is the earlier one.
        """
        allow = self._policies.get(request.method)
        if allow is None:
            raise PermissionDenied("You may not do this.")
        budget_s, is_callers = _budget_s(remaining_s, allow)
        passport = metadata.get(wire.PASSPORT)
        request.principal = self._verifier.principal(passport, metadata.get(wire.ASSERTION))
        allow.check(request.principal)
        request.deadline = self._clock.monotonic() + budget_s
        request.passport = passport
        request.is_quick = allow.deadline <= READ
        return None if is_callers else budget_s

    def _check_size(self, method: str, message: bytes) -> None:
        """The method's own limit: the transport's is one for the whole server."""
        most = self._policies[method].max_request_bytes
        if len(message) > most:
            raise PayloadTooLarge(f"A request of this method may have at most {most // 1024} KiB.")

    def _say_if_replayed(self, request: RequestContext, context: Context) -> None:
        if request.replayed:
            context.set_trailing_metadata((_REPLAYED,))

    def _record(
        self,
        method: str,
        code: str,
        started: float,
        request: RequestContext,
        *,
        failure: Exception | None = None,
        reason: str | None = None,
    ) -> None:
        """Counts the call and writes its one line."""
        elapsed_s = self._clock.monotonic() - started
        _served(method, code).inc()
        _served_seconds(method).observe(elapsed_s)
        facts: dict[str, Any] = {"method": method, "code": code, "ms": round(elapsed_s * 1000, 2)}
        facts |= request.facts
        facts["request_id"] = request.request_id
        facts["trace_id"] = (request.traceparent or "")[3:35]
        if request.principal is not _NOBODY:
            facts["caller"] = request.principal.caller
        if request.principal.member_id is not None:
            facts["member_id"] = str(request.principal.member_id)
        if reason is not None:
            facts["reason"] = reason
        if code == "INTERNAL":
            _log.error("rpc_failed", failure=describe(failure), **facts)
        else:
            _log.info("rpc_served", **facts)


def _parser(handler: RawHandler) -> Parser:
    """Reads a request within the stages: a stranger's bytes are not looked at, no failure tells how we are built."""
    deserialize = cast(Parser, handler.request_deserializer)

    def parse(message: bytes) -> Any:
        try:
            return deserialize(message)
        except DecodeError:
            raise MalformedRequest("The message is not what this method takes.") from None

    return parse


def _serializer(serialize: Callable[[Any], bytes] | None) -> Callable[[Any], bytes] | None:
    """Lets a kept answer pass as the bytes that it is."""
    if serialize is None:
        return None
    return lambda answer: answer if isinstance(answer, bytes) else serialize(answer)


def request_id(given: str | None) -> str:
    """The id given, if it is well formed, else a new one."""
    return given if given is not None and _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def traceparent(given: str | None) -> str:
    """The trace context given, if it is well formed, else a new one."""
    return given if given is not None and tracing.is_valid(given) else tracing.new_traceparent()


def _final(error: TandemError, *, is_replay: bool) -> grpc.Status:
    """How a call ends with an error, for `abort_with_status`."""
    final: Any = rpc_status.to_status(status.to_status(error))
    ended: grpc.Status = final._replace(trailing_metadata=(*final.trailing_metadata, _REPLAYED)) if is_replay else final
    return ended


def _budget_s(remaining_s: float | None, allow: Allow) -> tuple[float, bool]:
    """Seconds to answer in, and whether it is the caller's own deadline that says so."""
    budget_s = allow.deadline.total_seconds()
    is_callers = remaining_s is not None and remaining_s <= budget_s
    if remaining_s is not None and is_callers:
        budget_s = remaining_s
    if budget_s < MIN_REMAINING_S:
        raise DeadlineExceeded("No time is left to answer.")
    return budget_s, is_callers


@cache
def _served(method: str, code: str) -> Counter:
    return RPC_SERVED.labels(method, code)


@cache
def _served_seconds(method: str) -> Histogram:
    return RPC_SERVED_SECONDS.labels(method)


def _metadata(context: Context) -> tuple[dict[str, str], int]:
    """The call's metadata as far as it is text, and the size of all of it in bytes."""
    found: dict[str, str] = {}
    size = 0
    for key, value in context.invocation_metadata() or ():
        size += len(key) + len(value)
        if isinstance(value, str):
            found[key] = value
    return found, size


def _text(method: str | bytes) -> str:
    return method.decode() if isinstance(method, bytes) else method
