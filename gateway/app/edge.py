"""The edge: every request takes these steps, in this order, in one place.

Find the operation that the router meant → know the caller → take tokens → judge the headers → read and guard the body →
run the endpoint under its deadline → answer. A failure at any step becomes a problem document; nothing else leaves.
"""

import asyncio
import ipaddress
import random
import re
import secrets
from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from chassis.errors import PermissionDenied, TandemError
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.telemetry import metrics, tracing
from chassis.telemetry.logs import describe, get_logger
from gateway import problems
from gateway.app import guard, spans, uploads
from gateway.app.binding import NoFields, bind_body, bind_query, path_values
from gateway.app.call import Call, Header, Receive, Reply, read_key
from gateway.app.exchange import Exchange, Target
from gateway.app.operation import READ_S, Access, Operation
from gateway.app.parts import Parts
from gateway.app.presence import ClientLeft, while_listening
from gateway.app.sending import Send, send_stream, send_whole
from gateway.limits.buckets import CALLER, PUBLIC, Bucket
from gateway.limits.limiter import address_subject, count_refusal
from gateway.problems import Problem, malformed
from gateway.tokens.sessions import Session

Scope = MutableMapping[str, Any]

MAX_HEADER_BYTES: Final = 16 * 1024
MAX_HEADERS: Final = 100
MAX_TARGET_BYTES: Final = 8192
# Beyond the deadline, for telling that it has passed.
STREAM_GRACE_S: Final = 1.0
# As proxies count it; who would be told has gone.
CLIENT_LEFT: Final = 499
# Of these a second one would leave open which counts.
_SINGLE: Final = (
    b"authorization",
    b"content-encoding",
    b"content-length",
    b"content-type",
    b"host",
    b"idempotency-key",
    b"if-match",
    b"x-request-id",
)
_REQUEST_ID: Final = re.compile(rb"[0-9a-f-]{16,64}")
_NOBODY: Final = Principal(None, frozenset(), "gateway")
_ALWAYS: Final[tuple[Header, ...]] = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
# Request ids correlate and keep no secret; asking the kernel for each of them would cost a system call.
_random: Final = random.Random()  # noqa: S311
_REPLAYED: Final[Header] = (b"idempotency-replayed", b"true")

_log = get_logger(__name__)


class Edge:
    """Answers every request of the application."""

    def __init__(
        self,
        parts: Parts,
        *,
        trusted_proxies: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network] = (),
    ) -> None:
        self._parts = parts
        self._clock = parts.clock
        self._trusted_proxies = tuple(trusted_proxies)

    async def answer(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        operation: Operation | None,
        allowed: Sequence[str] = (),
    ) -> None:
        """Answers one request.

        Args:
            scope: As ASGI hands it over, with the router's `path_params`.
            receive: ASGI's.
            send: ASGI's.
            operation: What the path and method mean; None when they mean nothing.
            allowed: The methods that the path takes, when it does not take this one.
        """
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1003})
            return
        self._parts.in_flight.exchanges += 1
        try:
            await self._exchange(Target(operation, allowed), scope, receive, send)
        finally:
            self._parts.in_flight.exchanges -= 1

    async def _exchange(self, target: "Target", scope: Scope, receive: Receive, send: Send) -> None:
        begun = self._clock.monotonic()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        exchange = Exchange(_request_id(headers.get(b"x-request-id")), headers, receive)
        context = RequestContext("unknown", exchange.request_id, _NOBODY, traceparent=_traceparent(headers))
        with answering(context), spans.server_span(target.operation, scope["method"]) as span:
            try:
                reply = await self._reply(target, scope, exchange.receive, exchange, context, begun)
            except ClientLeft:
                reply = Reply(status=CLIENT_LEFT)
            except Exception as failure:
                reply = self._problem(failure, exchange)
                if not exchange.is_read and guard.announces_body(headers):
                    # A client that is still sending when it is refused would not hear why.
                    await guard.discard(receive)
            status = reply.status or 200
            try:
                await self._send(send, status, reply, exchange, context)
            finally:
                self._record(exchange, context.principal, status, self._clock.monotonic() - begun)
                if span is not None:
                    request_id = exchange.request_id
                    spans.describe(span, target.operation, scope["method"], status=status, request_id=request_id)

    async def _reply(
        self,
        target: "Target",
        scope: Scope,
        receive: Receive,
        exchange: "Exchange",
        context: RequestContext,
        begun: float,
    ) -> Reply:
        headers = exchange.headers
        target_bytes = len(scope["raw_path"]) + len(scope["query_string"])
        _check_target(target_bytes, scope["headers"], headers)
        try:
            operation, values = find(target.operation, target.allowed, scope)
        except Problem as miss:
            await self._limit_stray(scope, exchange)
            raise miss from None
        exchange.operation_id = context.method = operation.operation_id
        exchange.shows_help = operation.shows_help
        session = await self._admit(scope, exchange, operation)
        if session is not None:
            context.principal = session.principal
            context.passport = self._parts.sessions.passport(session)
            if operation.is_write:
                self._parts.revocations.check_fresh()
            if operation.access is Access.ADMIN and not session.principal.is_admin:
                raise PermissionDenied("Only administrators may do this.")
        if not operation.is_built:
            raise Problem("not-implemented", "This is part of the API and not built yet.")
        self._parts.in_flight.enter(is_reserved=operation.is_reserved)
        is_streamed = False
        try:
            context.deadline = begun + operation.budget_s
            context.is_quick = operation.budget_s <= READ_S
            call = Call(self._parts, context, session, headers, exchange.subject)
            async with asyncio.timeout(operation.budget_s):
                arguments = await _bind(operation, values, scope, receive, call)
                reply = await operation.endpoint(call, **arguments)
                if reply.stream is not None:
                    async with while_listening(receive):
                        await anext(reply.stream)
            is_streamed = reply.stream is not None
        finally:
            # A stream is in flight until it has been sent.
            if not is_streamed:
                self._parts.in_flight.leave()
        if reply.status is None:
            reply.status = operation.status
        return reply

    async def _admit(self, scope: Scope, exchange: "Exchange", operation: Operation) -> Session | None:
        """Knows the caller and takes tokens; who is over the limit hears that first, whatever their token is worth."""
        session: Session | None = None
        refusal: TandemError | None = None
        if operation.access is not Access.ANYONE:
            try:
                session = self._parts.sessions.authenticate(exchange.headers.get(b"authorization"))
            except TandemError as failure:
                refusal = failure
        exchange.subject = self._address_subject(scope)
        if operation.limit is not None:
            subject = session.subject if session is not None else exchange.subject
            await self._take(exchange, (Bucket(CALLER, subject), Bucket(operation.limit, subject)))
        if refusal is not None:
            raise refusal
        return session

    async def _limit_stray(self, scope: Scope, exchange: "Exchange") -> None:
        """Counts what hits no operation against the same buckets, so that odd spellings of a path gain nothing."""
        try:
            subject = self._parts.sessions.authenticate(exchange.headers.get(b"authorization")).subject
        except TandemError:
            subject = self._address_subject(scope)
        await self._take(exchange, (Bucket(CALLER, subject), Bucket(PUBLIC, subject)))

    async def _take(self, exchange: "Exchange", buckets: Sequence[Bucket]) -> None:
        limiter = self._parts.limiter
        if not limiter.is_enabled:
            return
        verdict = await limiter.take(buckets)
        exchange.limit_fields = verdict.header_fields()
        if not verdict.admitted:
            count_refusal(verdict)
            raise Problem("quota-exceeded", "Too many requests. Wait a little.", retry_after_s=verdict.retry_after_s)

    def _address_subject(self, scope: Scope) -> str:
        client = scope.get("client")
        address: str | None = client[0] if client else None
        if self._trusted_proxies:
            address = forwarded_address(address, dict(scope["headers"]).get(b"x-forwarded-for"), self._trusted_proxies)
        return address_subject(address)

    def _problem(self, failure: Exception, exchange: "Exchange") -> Reply:
        problem = problems.of(failure)
        exchange.refusal = problem.reason or problem.slug
        if problem.status == 500:
            # Without the text of the failure: a driver's may hold what a person wrote.
            _log.error("request_failed", operation=exchange.operation_id, failure=describe(failure))
        return Reply(
            problem.body(exchange.request_id, shows_help=exchange.shows_help),
            status=problem.status,
            media_type=problems.MEDIA_TYPE,
            headers=problem.header_fields(),
        )

    def _header_fields(self, reply: Reply, exchange: "Exchange", context: RequestContext) -> list[Header]:
        fields = [(b"x-request-id", exchange.request_id.encode()), *_ALWAYS, *reply.headers]
        own = {name for name, _ in reply.headers}
        if b"ratelimit" not in own:
            fields += exchange.limit_fields
        if reply.etag:
            fields.append((b"etag", b'"' + reply.etag.encode() + b'"'))
        if context.replayed:
            fields.append(_REPLAYED)
        return fields

    async def _send(self, send: Send, status: int, reply: Reply, exchange: "Exchange", context: RequestContext) -> None:
        fields = self._header_fields(reply, exchange, context)
        if reply.stream is None:
            await send_whole(send, status, fields, reply)
            return
        fields.append((b"content-type", reply.media_type))
        # The answer's own failures are told within it; this ends the wait for a client that does not read.
        left_s = STREAM_GRACE_S + (context.deadline or 0.0) - self._clock.monotonic()
        try:
            async with asyncio.timeout(left_s), aclosing(reply.stream):
                await send_stream(send, exchange.receive, status, fields, reply.stream)
        except ClientLeft:
            _log.info("client_left")
        except (TimeoutError, TandemError):
            # Without its last part the server shows the answer as broken off, which it is.
            _log.warning("stream_broken_off")
        finally:
            self._parts.in_flight.leave()

    def _record(self, exchange: "Exchange", principal: Principal, status: int, seconds: float) -> None:
        served, timed = _metrics_of(exchange.operation_id, status)
        served.inc()
        timed.observe(seconds)
        facts: dict[str, Any] = {} if exchange.refusal is None else {"reason": exchange.refusal}
        if exchange.refusal is not None and principal.member_id is not None:
            facts["member_id"] = str(principal.member_id)
        _log.info("http_request", operation=exchange.operation_id, status=status, ms=round(seconds * 1000, 2), **facts)


def forwarded_address(
    peer: str | None,
    forwarded_for: bytes | None,
    trusted: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network],
) -> str | None:
    """The address nearest to us that no trusted proxy stands behind; only a trusted peer's header counts."""
    hops = [hop.strip() for hop in (forwarded_for or b"").decode("latin-1").split(",")]
    address = peer
    while address is not None and _is_trusted(address, trusted) and hops and hops[-1]:
        address = hops.pop()
    return address


def _is_trusted(address: str, trusted: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted if network.version == parsed.version)


def _check_target(target_bytes: int, fields: Sequence[Header], headers: Mapping[bytes, bytes]) -> None:
    if target_bytes > MAX_TARGET_BYTES:
        raise Problem("uri-too-long", f"An address may have at most {MAX_TARGET_BYTES} bytes.")
    if len(fields) > MAX_HEADERS or sum([len(name) + len(value) for name, value in fields]) > MAX_HEADER_BYTES:
        raise Problem("headers-too-large", f"Headers may have at most {MAX_HEADER_BYTES // 1024} KiB.")
    if len(headers) != len(fields):
        names = [name for name, _ in fields]
        for name in _SINGLE:
            if names.count(name) > 1:
                raise malformed(f"{name.decode()} may be sent once only.")


async def _bind(
    operation: Operation, values: Sequence[str], scope: Scope, receive: Receive, call: Call
) -> dict[str, Any]:
    arguments: dict[str, Any] = dict(zip(operation.path_names, values, strict=True))
    headers = call.headers
    if operation.is_keyed:
        given = headers.get(b"idempotency-key")
        call.key_is_given = given is not None
        # Without a key of the client's, one of our own makes our own retries safe.
        key = read_key(given) if given is not None else secrets.token_urlsafe(16)
        # Several operations end in one method of a service; a key counts for one of them.
        call.idempotency_key = f"{operation.operation_id}:{key}"
    if operation.query_model is not None:
        arguments["query"] = bind_query(operation.query_model, scope["query_string"])
    elif scope["query_string"]:
        raise problems.invalid("query", "this address takes no query parameters")
    if operation.body_is_optional and not guard.announces_body(headers):
        return arguments
    if operation.takes_file:
        arguments[uploads.NAME] = await uploads.read_upload(receive, headers, limit_bytes=operation.body_limit_bytes)
    elif operation.body_model is not None:
        body = await guard.read_json(receive, headers, limit_bytes=operation.body_limit_bytes)
        arguments["body"] = bind_body(operation.body_model, body)
    elif operation.is_write and guard.announces_body(headers):
        # A field that nobody reads is refused as any other that is not known.
        bind_body(NoFields, await guard.read_json(receive, headers, limit_bytes=operation.body_limit_bytes))
    return arguments


def find(operation: Operation | None, allowed: Sequence[str], scope: Scope) -> tuple[Operation, tuple[str, ...]]:
    """The operation and its path's values, as one spelling only can name them.

    Raises:
        Problem: 404 for another spelling or an id that is none, 405 for a method that the path does not take.
    """
    if scope["raw_path"] != scope["path"].encode() or (operation is None and not allowed):
        raise problems.not_found()
    if operation is None:
        listed = ", ".join(allowed)
        raise Problem("method-not-allowed", f"This address takes {listed}.", headers=((b"allow", listed.encode()),))
    return operation, path_values(operation.path_names, scope["path_params"])


def _request_id(given: bytes | None) -> str:
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode("ascii")
    return f"{_random.getrandbits(128):032x}"


def _traceparent(headers: Mapping[bytes, bytes]) -> str:
    given = headers.get(b"traceparent")
    if given is not None:
        text = given.decode("latin-1")
        if tracing.is_valid(text):
            return text
    return tracing.new_traceparent()


_metrics: dict[tuple[str, int], tuple[Any, Any]] = {}


def _metrics_of(operation_id: str, status: int) -> tuple[Any, Any]:
    found = _metrics.get((operation_id, status))
    if found is None:
        found = (
            metrics.HTTP_SERVED.labels(operation_id, str(status)),
            metrics.HTTP_SERVED_SECONDS.labels(operation_id),
        )
        _metrics[operation_id, status] = found
    return found
