"""The caller: one channel to one service, with deadline, identity, trace and breaker on every call.

Retries are the channel's, by the service config beside the proto; nothing here repeats a call, but a call that may be
repeated gets a key if it has none, so that it has one effect. Identity comes from the request at hand: its passport is
passed on, and a process that does not issue passports adds its own assertion.
"""

import json
from collections.abc import AsyncGenerator, Callable
from importlib.resources import files
from typing import Any, Generic, TypeVar, cast

import grpc

from chassis.clock import Clock, new_id
from chassis.db import in_transaction
from chassis.errors import DeadlineExceeded, TandemError
from chassis.identity.passport import AssertionMinter
from chassis.request import MIN_REMAINING_S, RequestContext, find_current
from chassis.resilience import Breaker
from chassis.rpc import status, wire
from chassis.telemetry import tracing
from chassis.telemetry.metrics import RPC_CALLED

Stub = TypeVar("Stub")
Request = TypeVar("Request")
Response = TypeVar("Response")

HOP_ALLOWANCE_S = 0.050
_DEPENDENCY_FAILURES = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})


class CallInsideTransaction(RuntimeError):
    """A call to another service was begun while a database transaction was open: a mistake in our code."""


class Caller(Generic[Stub]):
    """Calls one service.

    `await caller(caller.stub.GetGoal, request)` makes a unary call; `caller.stream(caller.stub.StreamMessage, request)`
    iterates a streamed answer. Failures are raised as `TandemError`.
    """

    def __init__(
        self,
        make_stub: Callable[[grpc.aio.Channel], Stub],
        service: str,
        address: str,
        *,
        clock: Clock,
        breaker: Breaker,
        assertions: AssertionMinter | None,
        contract: str | None = None,
    ) -> None:
        """Opens a channel; nothing is sent yet.

        Args:
            make_stub: The generated stub class.
            service: Short name of the service called, for example `goals`.
            address: gRPC target, for example `unix:/run/tandem/goals.sock` or `goals:50051`.
            clock: For deadlines.
            breaker: Opens after failures of the transport and passed deadlines.
            assertions: Signs who we are; None in the process that issues the passports.
            contract: The package whose deadlines and retries hold, for what every service serves (`platform`); the
                service's own when None.
        """
        config = load_service_config(contract or service)
        self.service = service
        self.breaker = breaker
        self._clock = clock
        self._assertions = assertions
        self._timeouts_s = timeouts_s(config)
        self._repeated = repeated(config)
        self._channel = grpc.aio.insecure_channel(
            address, options=(*wire.CLIENT_OPTIONS, ("grpc.service_config", json.dumps(retries_alone(config))))
        )
        self.stub: Stub = make_stub(self._channel)
        self._names = {id(method): name for name, method in vars(self.stub).items()}

    async def __call__(
        self,
        method: "grpc.aio.UnaryUnaryMultiCallable[Request, Response]",
        message: Request,
        *,
        timeout_s: float | None = None,
    ) -> Response:
        """Makes a unary call.

        Args:
            method: A method of `stub`.
            message: The request.
            timeout_s: Shorter than the method's own deadline; None for the method's own.

        Raises:
            TandemError: As the service said, or Unavailable/DeadlineExceeded when it could not say anything.
        """
        name = self._names[id(method)]
        request = find_current()
        if name in self._repeated:
            message = self._keyed(message)
        ticket = self.breaker.admit()
        try:
            with tracing.span(f"call {self.service}.{name}"):
                call = method(
                    message,
                    timeout=self._budget_s(name, request, timeout_s),
                    metadata=self._metadata(request),
                )
                response: Response = await call
                if request is not None and await _is_replay(call):
                    request.replayed = True
        except grpc.aio.AioRpcError as failure:
            self.breaker.record(ticket, succeeded=not _is_dependency_failure(failure))
            raise self._translated(name, failure, request) from None
        except BaseException:
            # Cancelled, or never sent: says nothing about the service.
            self.breaker.release(ticket)
            raise
        self.breaker.record(ticket, succeeded=True)
        RPC_CALLED.labels(self.service, name, "OK").inc()
        return response

    async def stream(
        self, method: "grpc.aio.UnaryStreamMultiCallable[Request, Response]", message: Request
    ) -> AsyncGenerator[Response, None]:
        """Iterates a streamed answer; leaving the loop cancels the call.

        A replay is known with the first piece.

        Raises:
            TandemError: As the service said, or Unavailable/DeadlineExceeded when it could not say anything.
        """
        name = self._names[id(method)]
        request = find_current()
        ticket = self.breaker.admit()
        try:
            call = method(message, timeout=self._budget_s(name, request, None), metadata=self._metadata(request))
            try:
                is_begun = False
                async for response in call:
                    if not is_begun and request is not None:
                        request.replayed = request.replayed or _says_replayed(await call.initial_metadata())
                    is_begun = True
                    yield response
            finally:
                call.cancel()
        except grpc.aio.AioRpcError as failure:
            self.breaker.record(ticket, succeeded=not _is_dependency_failure(failure))
            raise self._translated(name, failure, request) from None
        except BaseException:
            self.breaker.release(ticket)
            raise
        self.breaker.record(ticket, succeeded=True)
        RPC_CALLED.labels(self.service, name, "OK").inc()

    async def close(self) -> None:
        """Closes the channel."""
        await self._channel.close()

    @property
    def channel(self) -> grpc.aio.Channel:
        """The channel, for health checks."""
        return self._channel

    def _budget_s(self, name: str, request: RequestContext | None, timeout_s: float | None) -> float:
        budget_s = self._timeouts_s[name] if timeout_s is None else min(timeout_s, self._timeouts_s[name])
        if request is not None and request.deadline is not None:
            budget_s = min(budget_s, request.deadline - self._clock.monotonic() - HOP_ALLOWANCE_S)
        if budget_s < MIN_REMAINING_S:
            raise DeadlineExceeded("No time is left to ask another service.")
        return budget_s

    def _keyed(self, message: Request) -> Request:
        """The message with a key of this very call, where nobody gave it one: the channel may send it three times."""
        if getattr(message, "idempotency_key", None) != "":
            return message
        keyed: Any = type(message)()
        keyed.CopyFrom(message)
        keyed.idempotency_key = new_id(self._clock).hex
        return cast(Request, keyed)

    def _metadata(self, request: RequestContext | None) -> tuple[tuple[str, str], ...]:
        if in_transaction():
            raise CallInsideTransaction(f"a call to {self.service} while a transaction is open")
        metadata: list[tuple[str, str]] = []
        if request is not None:
            metadata.append((wire.REQUEST_ID, request.request_id))
            if request.traceparent is not None:
                metadata.append((wire.TRACEPARENT, request.traceparent))
            if request.passport is not None:
                metadata.append((wire.PASSPORT, request.passport))
        if self._assertions is not None:
            metadata.append((wire.ASSERTION, self._assertions.mint(self.service)))
        return tuple(metadata)

    def _translated(self, name: str, failure: grpc.aio.AioRpcError, request: RequestContext | None) -> TandemError:
        RPC_CALLED.labels(self.service, name, failure.code().name).inc()
        if request is not None and _says_replayed(failure.trailing_metadata()):
            request.replayed = True
        error = status.from_rpc_error(failure)
        if status.is_from_transport(failure):
            error.metadata = {"dependency": self.service}
        return error


def load_service_config(service: str) -> dict[str, Any]:
    """Deadlines and retries of a service, generated beside its stubs."""
    text = files(f"tandem.{service}.v1").joinpath(f"{service}_grpc_service_config.json").read_text(encoding="utf-8")
    config: dict[str, Any] = json.loads(text)
    return config


def timeouts_s(config: dict[str, Any]) -> dict[str, float]:
    """Seconds a method may take, by method name."""
    return {
        name["method"]: float(method["timeout"].removesuffix("s"))
        for method in config["methodConfig"]
        for name in method["name"]
    }


def repeated(config: dict[str, Any]) -> frozenset[str]:
    """Methods whose calls the channel makes again when no answer comes."""
    return frozenset(
        name["method"] for method in config["methodConfig"] if "retryPolicy" in method for name in method["name"]
    )


def retries_alone(config: dict[str, Any]) -> dict[str, Any]:
    """The config without deadlines, as the channel gets it.

    gRPC counts a config's deadline by a clock that is up to two seconds off, differently in each process, so every call
    is given its own (docs/adr/0070).
    """
    methods = [
        {name: value for name, value in method.items() if name != "timeout"} for method in config["methodConfig"]
    ]
    return {**config, "methodConfig": methods}


async def _is_replay(call: "grpc.aio.UnaryUnaryCall[Any, Any]") -> bool:
    return _says_replayed(await call.trailing_metadata())


def _says_replayed(metadata: Any) -> bool:
    return any(key == wire.REPLAYED for key, _ in metadata or ())


def _is_dependency_failure(failure: grpc.aio.AioRpcError) -> bool:
    return failure.code() in _DEPENDENCY_FAILURES and status.is_from_transport(failure)
