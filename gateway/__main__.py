"""The composition root of the gateway: `serve` runs it, `migrate` brings its schema to head.

One process on granian's embedded server and uvloop. Parameters of starting and stopping: docs/architecture.md.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from importlib.metadata import version
from typing import Final

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from chassis.clock import SystemClock
from chassis.config import ConfigurationError, environment, load
from chassis.consumer import Consumer
from chassis.db import Database
from chassis.errors import TandemError
from chassis.identity.keys import KeyProblem, derive, load_private_key, load_secret
from chassis.identity.passport import PassportMinter
from chassis.ops import OpsServer
from chassis.readiness import Readiness
from chassis.redis import REDIS_ERRORS, Redis
from chassis.telemetry import logs, tracing
from chassis.telemetry.logs import get_logger
from gateway import worker
from gateway.accounts.passwords import Passwords
from gateway.accounts.people import People
from gateway.accounts.usecases import Accounts, ensure_first_admin
from gateway.app.application import application
from gateway.app.edge import Edge
from gateway.app.parts import Parts
from gateway.breakers import Breakers, InFlight
from gateway.clients import Services
from gateway.config import GatewaySettings
from gateway.health import Health
from gateway.limits.limiter import Limiter, NoLimiter, SharedLimiter
from gateway.limits.store import SharedBuckets
from gateway.problems import Problem
from gateway.routes.table import all_operations
from gateway.tokens.access import AccessTokens
from gateway.tokens.refresh import RefreshTokens
from gateway.tokens.revocations import Revocations
from gateway.tokens.sessions import Sessions
from gateway.upkeep import Upkeep

START_BUDGET: Final = timedelta(seconds=60)
GRACE_S: Final = 20.0
FORCED_EXIT_S: Final = 28.0
# Also how long a connection may idle between two requests: the server has one number for both (docs/adr/0100).
_HEADER_TIMEOUT_MS: Final = 30_000
# Header lines and request line together; the edge judges both more finely.
_MAX_HEAD_BYTES: Final = 64 * 1024
_BACKLOG: Final = 1024
_DRAIN_POLL_S: Final = 0.05
_LINGER_S: Final = 0.5

_log = get_logger(__name__)


async def build(settings: GatewaySettings, stack: AsyncExitStack) -> Parts:
    """Connects and puts the parts together; what they hold is given back by `stack`.

    Raises:
        TandemError: The database does not answer.
        KeyProblem: A key file cannot be used.
    """
    clock = SystemClock()
    secret = load_secret(settings.secret_file)
    access_tokens = AccessTokens(load_private_key(settings.access_token_key_file), settings.token_issuer, clock)
    database = await Database.connect(
        settings.database_url.get_secret_value(),
        schema="gateway",
        clock=clock,
        claims_key=derive(secret, "db-claims"),
        pool_size=settings.database_pool_size,
    )
    stack.push_async_callback(database.close)
    passwords = Passwords()
    stack.callback(passwords.close)
    accounts = Accounts(
        database,
        passwords,
        access_tokens,
        RefreshTokens(derive(secret, "refresh")),
        clock,
        fingerprint_key=derive(secret, "idempotency"),
    )
    revocations = Revocations(accounts, clock)
    accounts.tell(revocations)
    passports = PassportMinter(load_private_key(settings.signing_key_file), "gateway", clock)
    sessions = Sessions(access_tokens, revocations, passports, clock)
    breakers = Breakers(clock)
    services = Services(settings.service_addresses, breakers, clock)
    stack.push_async_callback(services.close)
    redis = Redis(settings.redis_url.get_secret_value())
    stack.push_async_callback(redis.close)
    buckets = SharedBuckets(redis.client())
    limiter: Limiter = SharedLimiter(buckets, breakers.redis, clock) if settings.enable_rate_limiting else NoLimiter()
    return Parts(
        environment=settings.environment,
        version=version("tandem"),
        clock=clock,
        database=database,
        access_tokens=access_tokens,
        sessions=sessions,
        revocations=revocations,
        accounts=accounts,
        people=People(services.mentor, accounts, sessions, clock),
        services=services,
        limiter=limiter,
        shared_buckets=buckets,
        breakers=breakers,
        in_flight=InFlight(),
        readiness=Readiness(database, "gateway"),
        health=Health(
            database,
            buckets,
            services,
            limiter,
            breakers,
            clock,
            environment=settings.environment,
            version=version("tandem"),
        ),
    )


class _Process:
    """One running gateway."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._stopping = asyncio.Event()
        self._parts: Parts | None = None

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
            async with asyncio.timeout(START_BUDGET.total_seconds()):
                parts = await build(self._settings, stack)
                await self._prepare(parts)
            background = await self._background(parts, stack)
            server = self._server(parts)
            serving = asyncio.create_task(server.serve())
            self._parts = parts
            _log.info("serving", host=self._settings.listen_host, port=self._settings.listen_port)
            await self._until_stopped([serving, *background])
            await self._drain(parts, server, serving, background)
        _log.info("stopped")

    def _stop(self) -> None:
        if self._stopping.is_set():
            os._exit(1)
        self._stopping.set()

    async def _is_ready(self) -> bool:
        return self._parts is not None and self._parts.is_ready

    async def _prepare(self, parts: Parts) -> None:
        settings = self._settings
        if settings.admin_email is not None and settings.admin_password is not None:
            try:
                await ensure_first_admin(
                    parts.accounts, settings.admin_email, settings.admin_password.get_secret_value()
                )
            except Problem as problem:
                raise ConfigurationError([f"TANDEM_ADMIN_EMAIL, TANDEM_ADMIN_PASSWORD: {problem.detail}"]) from None
        await parts.revocations.refresh()
        # Over TLS the first connection reads all certificates that it trusts, for longer than a request waits.
        with suppress(*REDIS_ERRORS):
            await parts.shared_buckets.ping()

    async def _background(self, parts: Parts, stack: AsyncExitStack) -> list[asyncio.Task[None]]:
        settings = self._settings
        system = await Database.connect(
            settings.system_database_url.get_secret_value(), schema="gateway", clock=parts.clock, pool_size=2
        )
        stack.push_async_callback(system.close)
        redis = Redis(settings.redis_url.get_secret_value())
        stack.push_async_callback(redis.close)
        consumer = Consumer(parts.database, system, redis, parts.clock, handlers=worker.handlers(parts.clock))
        upkeep = Upkeep(system, parts.accounts)
        loops: list[Callable[[], Awaitable[None]]] = [
            parts.readiness.run,
            parts.revocations.run,
            parts.people.run,
            consumer.run,
            upkeep.run,
        ]
        return [asyncio.create_task(_run(loop)) for loop in loops]

    def _server(self, parts: Parts) -> Server:
        edge = Edge(parts, trusted_proxies=self._settings.trusted_proxies)
        return Server(
            application(all_operations(), edge, version=parts.version),
            address=self._settings.listen_host,
            port=self._settings.listen_port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            websockets=False,
            backlog=_BACKLOG,
            log_enabled=False,
            http1_settings=HTTP1Settings(
                header_read_timeout=_HEADER_TIMEOUT_MS, max_buffer_size=_MAX_HEAD_BYTES, keep_alive=True
            ),
        )

    async def _until_stopped(self, tasks: list[asyncio.Task[None]]) -> None:
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()

    async def _drain(
        self, parts: Parts, server: Server, serving: asyncio.Task[None], background: list[asyncio.Task[None]]
    ) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(FORCED_EXIT_S, os._exit, 1)
        parts.is_draining = True
        for task in background:
            task.cancel()
        give_up_at = loop.time() + GRACE_S
        # Requests that were on their way when the signal came are still taken.
        await asyncio.sleep(_LINGER_S)
        while parts.in_flight.exchanges and loop.time() < give_up_at:  # noqa: ASYNC110 - counted without events
            await asyncio.sleep(_DRAIN_POLL_S)
        server.stop()  # type: ignore[no-untyped-call]
        results = await asyncio.gather(serving, *background, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result


async def _run(loop: Callable[[], Awaitable[None]]) -> None:
    await loop()


class PortTaken(RuntimeError):
    """Another process listens where the gateway should."""


def _check_port(host: str, port: int) -> None:
    """Binds once without SO_REUSEPORT: the server itself would share the port with whoever has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise PortTaken(f"cannot listen on {host}:{port}: {problem.strerror}") from None


def _serve() -> None:
    settings = load(GatewaySettings)
    _check_port(settings.listen_host, settings.listen_port)
    logs.configure(settings, "gateway")
    tracing.configure(settings, "gateway")
    uvloop.run(_Process(settings).serve())
    tracing.shut_down()


def _migrate() -> None:
    from chassis.migrations import migrate  # Alembic is not for serving processes.

    url = environment().get("DATABASE_URL")
    if not url:
        raise ConfigurationError(["DATABASE_URL: is not set"])
    asyncio.run(migrate(url, ["gateway"]))


def main() -> None:
    """Runs what the command line says.

    Exit status: 0 after a graceful stop, 2 when the configuration cannot be used, 1 otherwise.
    """
    commands = {"serve": _serve, "migrate": _migrate}
    command = commands.get(" ".join(sys.argv[1:]))
    if command is None:
        sys.exit("usage: python -m gateway serve|migrate")
    try:
        command()
    except (ConfigurationError, KeyProblem) as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)
    except PortTaken as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(1)
    except TandemError as problem:
        sys.stderr.write(f"{problem.message}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
