"""A service's process: reads its configuration, connects, serves, and stops gracefully.

`run` is what every `__main__` calls. Building is the service's own: given the runtime it returns what to serve and
what to listen to. Parameters of starting and stopping: docs/architecture.md.
"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar

import grpc
import uvloop
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from chassis import garbage, idempotency, sockets
from chassis.clock import Clock, SystemClock
from chassis.config import ConfigurationError, MigrationSettings, ServiceSettings, load
from chassis.consumer import Consumer, Handler
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.feed.cursors import Cursors
from chassis.feed.entities import Entity
from chassis.feed.extraction import Extractor
from chassis.feed.servicer import servicing as feed_servicing
from chassis.identity.keys import KeyProblem, derive, load_private_key, load_secret, load_trusted_keys
from chassis.identity.passport import AssertionMinter, TokenVerifier
from chassis.ops import OpsServer
from chassis.pages import PageTokens
from chassis.platform import Swept
from chassis.readiness import Readiness
from chassis.redis import Redis
from chassis.relay import Relay
from chassis.resilience import EARLY_PROBE, Breaker
from chassis.rpc import wire
from chassis.rpc.client import Caller
from chassis.rpc.platform import platform_servicings
from chassis.rpc.policy import by_full_name, largest_request_bytes
from chassis.rpc.server import Pipeline, Servicing
from chassis.telemetry import logs, tracing
from chassis.telemetry.logs import get_logger

_log = get_logger(__name__)

START_BUDGET: Final = timedelta(seconds=60)
GRACE_S: Final = 20
FLUSH_S: Final = 3
FORCED_EXIT_S: Final = 28
SYSTEM_POOL_SIZE: Final = 4
CONNECT_AGAIN_S: Final = 0.5

AnyServiceSettings = TypeVar("AnyServiceSettings", bound=ServiceSettings)
Stub = TypeVar("Stub")


@dataclass(frozen=True)
class Runtime:
    """What the chassis hands to a service when it is built.

    Attributes:
        name: The service's short name, which is also its schema.
        clock: The process's clock.
        secret: The process's secret, to derive subkeys from.
        page_tokens: Seals and opens page tokens.
        database: As the app role; every transaction needs a principal.
        system_database: As the system role, for work that belongs to no member.
        redis: Makes clients, which are closed with the process.
    """

    name: str
    clock: Clock
    secret: bytes
    page_tokens: PageTokens
    database: Database
    system_database: Database
    redis: Redis
    _assertions: AssertionMinter
    _stack: AsyncExitStack

    def caller(self, make_stub: Callable[[grpc.aio.Channel], Stub], service: str, address: str) -> Caller[Stub]:
        """A caller of another service, closed with the process."""
        caller = Caller(
            make_stub,
            service,
            address,
            clock=self.clock,
            breaker=Breaker(service, self.clock, early_probe=EARLY_PROBE),
            assertions=self._assertions,
        )
        self._stack.push_async_callback(caller.close)
        return caller

    def at_the_end(self, close: Callable[[], Awaitable[object]]) -> None:
        """Has something closed with the process."""
        self._stack.push_async_callback(close)

    def feed(self, entities: Sequence[Entity], system_dsn: str) -> Servicing | None:
        """Serves `entities` to analytics until the process ends; None where there are none."""
        if not entities:
            return None
        extractor = Extractor(system_dsn, schema=self.name)
        self._stack.push_async_callback(extractor.close)
        return feed_servicing(entities, self.system_database, extractor, Cursors(derive(self.secret, "feed-cursor")))


@dataclass(frozen=True)
class Assembly:
    """What a service is made of.

    Attributes:
        servicing: The service's gRPC servicer with its policies.
        handlers: What to do with events of others, by event type.
        background: Loops that run while the process serves; they are cancelled at the end.
        feed: What analytics may follow of the service's tables.
        sweep: Deletes what is past its time of the service's own, whenever the platform's rows are swept.
    """

    servicing: Servicing
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    background: Sequence[Callable[[], Awaitable[None]]] = ()
    feed: Sequence[Entity] = ()
    sweep: Callable[[], Awaitable[Swept]] | None = None


@dataclass(frozen=True)
class Service(Generic[AnyServiceSettings]):
    """A service's name, settings and builder."""

    name: str
    settings: type[AnyServiceSettings]
    build: Callable[[AnyServiceSettings, Runtime], Assembly]


def run(service: Service[Any]) -> None:
    """Runs `serve` or `migrate`, as the command line says, and exits.

    Exit status: 0 after a graceful stop, 2 when the configuration cannot be used, 1 otherwise.
    """
    match sys.argv[1:]:
        case ["serve"]:
            _exit_on_problems(lambda: _serve(service))
        case ["migrate"]:
            _exit_on_problems(lambda: _migrate(service.name))
        case _:
            sys.exit(f"usage: python -m services.{service.name} serve|migrate")


def _exit_on_problems(work: Callable[[], None]) -> None:
    try:
        work()
    except (ConfigurationError, KeyProblem) as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)
    except (sockets.SocketTaken, Unavailable) as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(1)


def _migrate(name: str) -> None:
    from chassis.migrations import migrate  # Alembic is not for serving processes.

    url = load(MigrationSettings).database_url.get_secret_value()
    asyncio.run(migrate(url, [f"services.{name}"]))


def _serve(service: Service[Any]) -> None:
    settings = load(service.settings)
    logs.configure(settings, service.name)
    tracing.configure(settings, service.name)
    with sockets.claimed(settings.listen_address):
        uvloop.run(_Process(service, settings).serve())
    tracing.shut_down()


class _Process:
    """One running service."""

    def __init__(self, service: Service[Any], settings: ServiceSettings) -> None:
        self._service = service
        self._settings = settings
        self._clock = SystemClock()
        self._health = health.aio.HealthServicer()
        self._stopping = asyncio.Event()
        self._readiness: Readiness | None = None
        self._relay: Relay | None = None

    async def serve(self) -> None:
        """Serves until told to stop."""
        loop = asyncio.get_running_loop()
        logs.describe_loop_failures(loop)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        async with AsyncExitStack() as stack:
            ops = OpsServer(self._settings.ops_address, self._is_ready)
            await ops.start()
            stack.push_async_callback(ops.close)
            runtime = await self._connect(stack)
            assembly: Assembly = self._service.build(self._settings, runtime)
            server = self._server(assembly, runtime)
            await server.start()
            tasks = self._background(assembly, runtime)
            garbage.settle()
            _log.info("serving", address=self._settings.listen_address)
            await self._until_stopped(tasks)
            await self._drain(server, tasks)
        _log.info("stopped")

    def _stop(self) -> None:
        if self._stopping.is_set():
            os._exit(1)
        self._stopping.set()

    async def _is_ready(self) -> bool:
        return self._readiness is not None and self._readiness.ready and not self._stopping.is_set()

    async def _connect(self, stack: AsyncExitStack) -> Runtime:
        settings, clock = self._settings, self._clock
        secret = load_secret(settings.secret_file)
        private_key = load_private_key(settings.signing_key_file)
        give_up_at = clock.monotonic() + START_BUDGET.total_seconds()
        database = await self._patiently(
            lambda: Database.connect(
                settings.database_url.get_secret_value(),
                schema=self._service.name,
                clock=clock,
                claims_key=derive(secret, "db-claims"),
                pool_size=settings.database_pool_size,
            ),
            give_up_at,
        )
        stack.push_async_callback(database.close)
        system = await self._patiently(
            lambda: Database.connect(
                settings.system_database_url.get_secret_value(),
                schema=self._service.name,
                clock=clock,
                pool_size=SYSTEM_POOL_SIZE,
                relay_wakeup=database.relay_wakeup,
            ),
            give_up_at,
        )
        stack.push_async_callback(system.close)
        redis = Redis(settings.redis_url.get_secret_value())
        stack.push_async_callback(redis.close)
        idempotency.configure(derive(secret, "idempotency"))
        assertions = AssertionMinter(private_key, self._service.name, clock)
        page_tokens = PageTokens(derive(secret, "page-token"))
        name = self._service.name
        return Runtime(name, clock, secret, page_tokens, database, system, redis, assertions, stack)

    async def _patiently(self, connect: Callable[[], Awaitable[Database]], give_up_at: float) -> Database:
        """Connects, waiting for a database that is away: dying at once would use up the supervisor's patience."""
        while True:
            try:
                return await connect()
            except Unavailable:
                if self._clock.monotonic() > give_up_at or self._stopping.is_set():
                    raise
                _log.warning("database_awaited", schema=self._service.name)
                await asyncio.sleep(CONNECT_AGAIN_S)

    def _server(self, assembly: Assembly, runtime: Runtime) -> grpc.aio.Server:
        feed = runtime.feed(assembly.feed, self._settings.system_database_url.get_secret_value())
        platform = platform_servicings(runtime.system_database, runtime.page_tokens, feed=feed, sweep=assembly.sweep)
        servicings = [assembly.servicing, *platform]
        policies = {
            method: allow
            for servicing in servicings
            for method, allow in by_full_name(servicing.descriptor, servicing.policies).items()
        }
        trusted = load_trusted_keys(self._settings.trusted_keys_folder)
        pipeline = Pipeline(policies, TokenVerifier(trusted, self._service.name, self._clock), self._clock)
        server = grpc.aio.server(interceptors=[pipeline], options=wire.server_options(largest_request_bytes(policies)))
        for servicing in servicings:
            servicing.add(servicing.servicer, server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        if not self._settings.is_production:
            _reflect(server, servicings)
        server.add_insecure_port(self._settings.listen_address)
        return server

    def _background(self, assembly: Assembly, runtime: Runtime) -> list[asyncio.Task[None]]:
        name = assembly.servicing.descriptor.full_name
        self._readiness = Readiness(
            runtime.database, f"services.{runtime.name}", lambda ready: self._tell_health(name, ready)
        )
        self._relay = Relay(runtime.system_database, runtime.redis, runtime.clock, wake=runtime.database.relay_wakeup)
        loops: list[Callable[[], Awaitable[None]]] = [
            self._relay.run,
            self._readiness.run,
            *assembly.background,
        ]
        if assembly.handlers:
            loops.append(
                Consumer(
                    runtime.database, runtime.system_database, runtime.redis, runtime.clock, handlers=assembly.handlers
                ).run
            )
        return [asyncio.create_task(_forever(loop)) for loop in loops]

    async def _tell_health(self, name: str, ready: bool) -> None:
        serving = health_pb2.HealthCheckResponse.SERVING
        await self._health.set("", serving)
        await self._health.set(name, serving if ready else health_pb2.HealthCheckResponse.NOT_SERVING)

    async def _until_stopped(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()

    async def _drain(self, server: grpc.aio.Server, tasks: Sequence[asyncio.Task[None]]) -> None:
        asyncio.get_running_loop().call_later(FORCED_EXIT_S, os._exit, 1)
        await self._health.enter_graceful_shutdown()
        await server.stop(GRACE_S)
        # Nothing is lost without it: whoever starts next publishes it, but later.
        if self._relay is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._relay.flush(), FLUSH_S)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result


async def _forever(loop: Callable[[], Awaitable[None]]) -> None:
    await loop()


def _reflect(server: grpc.aio.Server, servicings: Sequence[Servicing]) -> None:
    from grpc_reflection.v1alpha import reflection

    names = [servicing.descriptor.full_name for servicing in servicings]
    reflection.enable_server_reflection((*names, health.SERVICE_NAME, reflection.SERVICE_NAME), server)


# What is loaded by now never goes either. While a service loads its own modules, all of it would be looked through once
# more, which takes a tenth of the coach's start.
gc.freeze()
