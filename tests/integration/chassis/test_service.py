"""A service as a real process: it starts, says how it is, refuses what it must, and stops gracefully."""

import asyncio
import re
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from chassis.redis import epoch_of, stream_of
from chassis.rpc import wire
from tandem.feed.v1 import change_feed_pb2, change_feed_pb2_grpc
from tandem.notify.v1 import notify_pb2, notify_pb2_grpc
from tandem.platform.v1 import platform_pb2, platform_pb2_grpc
from tests.support.identities import Identities
from tests.support.processes import Deployment, Running, health_of, loaded_by, running, start

SERVICES = ("goals", "coach", "mentor", "analytics", "notify")
NAME = "tandem.notify.v1.NotifyService"
SERVING = health_pb2.HealthCheckResponse.SERVING


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Short, because a socket's path has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="td-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def deployment(folder: Path, services_database, redis_url) -> Deployment:
    made = Deployment(folder, Identities(), services_database, redis_url)
    made.write_keys()
    return made


@pytest.fixture(scope="module")
async def notify(deployment: Deployment) -> AsyncIterator[Running]:
    async with running(deployment, "notify") as made:
        yield made


async def _eventually(check: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(30):
        while not await check():  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)


async def _is_serving(address: str) -> bool:
    return bool(await health_of(address, "") == SERVING)


async def _is_waiting(address: str) -> bool:
    return bool(await health_of(address, NAME) == health_pb2.HealthCheckResponse.NOT_SERVING)


async def _has_line(log: Path, event: str, count: int) -> bool:
    return log.exists() and log.read_text().count(event) >= count  # noqa: ASYNC240 - a short file


async def _ops(folder: Path, path: str) -> str:
    reader, writer = await asyncio.open_unix_connection(folder / "notify-ops.sock")
    writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    return answer


async def test_it_answers_health_and_operators(notify, folder):
    assert await health_of(notify.address, "") == SERVING
    assert await health_of(notify.address, NAME) == SERVING
    assert "200 OK" in await _ops(folder, "/livez")
    assert "200 OK" in await _ops(folder, "/readyz")
    assert re.search(r"^process_resident_memory_bytes ", await _ops(folder, "/metrics"), re.MULTILINE)


async def test_what_is_not_built_is_unimplemented_through_the_funnel(notify, deployment):
    async with grpc.aio.insecure_channel(notify.address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await notify_pb2_grpc.NotifyServiceStub(channel).ListNotifications(
                notify_pb2.ListNotificationsRequest(), metadata=[(wire.PASSPORT, deployment.identities.passport())]
            )

    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "grpc-status-details-bin" in dict(failure.value.trailing_metadata() or ())


async def test_the_change_feed_has_its_door(notify, deployment):
    metadata = [(wire.ASSERTION, deployment.identities.assertion("analytics", "notify"))]
    async with grpc.aio.insecure_channel(notify.address) as channel:
        call = change_feed_pb2_grpc.ChangeFeedServiceStub(channel).StreamChanges(
            change_feed_pb2.StreamChangesRequest(), metadata=metadata
        )
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await call.read()

    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_jobs_sweep_and_others_do_not(notify, deployment):
    async with grpc.aio.insecure_channel(notify.address) as channel:
        sweep = platform_pb2_grpc.PlatformServiceStub(channel).SweepExpired
        swept = await sweep(
            platform_pb2.SweepExpiredRequest(),
            metadata=[(wire.ASSERTION, deployment.identities.assertion("jobs", "notify"))],
        )
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await sweep(
                platform_pb2.SweepExpiredRequest(),
                metadata=[(wire.ASSERTION, deployment.identities.assertion("coach", "notify"))],
            )

    assert not swept.more
    assert failure.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_dead_events_are_the_operators(notify, deployment):
    async with grpc.aio.insecure_channel(notify.address) as channel:
        listing = platform_pb2_grpc.PlatformServiceStub(channel).ListDeadEvents
        request = platform_pb2.ListDeadEventsRequest(page_size=10)
        shown = await listing(
            request, metadata=[(wire.PASSPORT, deployment.identities.passport(None, "member", "admin"))]
        )
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await listing(request, metadata=[(wire.PASSPORT, deployment.identities.passport())])

    assert list(shown.events) == []
    assert failure.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_second_process_on_the_same_socket_gives_up(notify, deployment):
    second = await start(deployment, "notify")

    status = await asyncio.wait_for(second.wait(), 20)

    assert status == 1
    assert second.stderr is not None
    assert b"another process serves notify.sock" in await second.stderr.read()
    assert await health_of(notify.address, NAME) == SERVING


async def test_a_bad_configuration_is_told_at_once(deployment):
    process = await start(
        deployment, "notify", variables={"NOTIFY_DATABASE_URL": "", "TANDEM_LOG_FORMAT": "canary-7f3"}
    )

    _, words = await asyncio.wait_for(process.communicate(), 20)

    assert process.returncode == 2
    assert b"NOTIFY_DATABASE_URL" in words
    assert b"TANDEM_LOG_FORMAT" in words
    assert b"canary-7f3" not in words


@pytest.fixture
async def another(services_database, redis_url) -> AsyncIterator[Deployment]:
    """A deployment of the test's own, on the same database."""
    with tempfile.TemporaryDirectory(prefix="td-") as made:
        deployment = Deployment(Path(made), Identities(), services_database, redis_url)
        deployment.write_keys()
        yield deployment


async def test_it_stops_gracefully(another):
    async with running(another, "notify") as process:
        assert await process.stop() == 0
        assert not (another.folder / "notify.sock").exists()


async def test_the_last_events_leave_with_it(another, services_database, empty_redis):
    """Appended where no commit of the process tells its relay, which looks by itself once a second only."""
    admin = await asyncpg.connect(services_database.admin_dsn)
    try:
        async with running(another, "mentor") as process:
            await _eventually(lambda: empty_redis.exists(epoch_of("mentor")))
            await admin.execute(
                "INSERT INTO mentor.outbox (event_id, event_type, payload)"
                " SELECT gen_random_uuid(), 'mentor.x', '' FROM generate_series(1, 3)"
            )
            assert await process.stop() == 0
        left = await admin.fetchval(
            "SELECT count(*) FROM mentor.outbox, mentor.relay_position AS relay"
            " WHERE (outbox.xid, outbox.position) > (relay.xid, relay.position)"
        )
        assert await empty_redis.xlen(stream_of("mentor")) >= 3
    finally:
        await admin.execute("DELETE FROM mentor.outbox WHERE event_type = 'mentor.x'")
        await admin.close()

    assert left == 0


async def test_a_second_signal_ends_it_at_once(another):
    """With a call open, for which the first one alone would wait."""
    async with running(another, "notify") as process, grpc.aio.insecure_channel(process.address) as channel:
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo()
        await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
        await call.read()

        process.process.send_signal(signal.SIGTERM)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(process.process.wait(), 3)
        process.process.send_signal(signal.SIGTERM)

        assert await asyncio.wait_for(process.process.wait(), 5) in (0, 1)


async def test_production_hides_its_reflection(another, notify):
    async with running(another, "notify", variables={"TANDEM_ENVIRONMENT": "production"}) as process:
        assert await _reflected(process.address) is None

    assert NAME in (await _reflected(notify.address) or [])


async def _reflected(address: str) -> list[str] | None:
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    async with grpc.aio.insecure_channel(address) as channel:
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([request]))
        try:
            answer = await call.read()
        except grpc.aio.AioRpcError:
            return None
        call.cancel()
    return [service.name for service in answer.list_services_response.service]


async def test_a_schema_that_is_behind_is_not_ready(another, services_database):
    admin = await asyncpg.connect(services_database.admin_dsn)
    revision = await admin.fetchval("SELECT version_num FROM notify.alembic_version")
    await admin.execute("UPDATE notify.alembic_version SET version_num = '20200101_older'")
    try:
        process = await start(another, "notify")
        address = another.address("notify")
        await _eventually(lambda: _is_serving(address))
        await _eventually(lambda: _is_waiting(address))
        assert "503" in await _ops(another.folder, "/readyz")
    finally:
        await admin.execute("UPDATE notify.alembic_version SET version_num = $1", revision)
        await admin.close()
        process.terminate()
        await process.wait()


async def test_a_later_schema_leaves_the_running_version_ready(another, services_database):
    admin = await asyncpg.connect(services_database.admin_dsn)
    revision = await admin.fetchval("SELECT version_num FROM analytics.alembic_version")
    await admin.execute("UPDATE analytics.alembic_version SET version_num = '99991231_later'")
    try:
        async with running(another, "analytics") as process:
            assert await health_of(process.address, "tandem.analytics.v1.AnalyticsService") == SERVING
    finally:
        await admin.execute("UPDATE analytics.alembic_version SET version_num = $1", revision)
        await admin.close()


async def test_a_database_that_is_away_is_awaited(another):
    gone = {"NOTIFY_DATABASE_URL": f"postgresql://notify_app:x@/tandem?host={another.folder}"}
    process = await start(another, "notify", variables=gone)

    log = another.folder / "notify.log"
    await _eventually(lambda: _has_line(log, "database_awaited", 3))

    process.terminate()
    _, words = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1
    assert len(words.splitlines()) == 1


def test_no_process_loads_what_only_migrations_need() -> None:
    services = [f"services.{name}.__main__" for name in SERVICES]
    roots = [*services, "gateway.__main__", "jobs.app.worker", "jobs.app.beat"]

    assert loaded_by(*roots) & {"sqlalchemy", "alembic"} == set()
