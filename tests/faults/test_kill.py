"""Kill -9 of any one process during writes: nothing acknowledged is lost, nothing is doubled, no answer is a 500."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Mapping

import httpx
import pytest

from services.analytics.worker import DIRTYING
from tandem.event.v1 import event_pb2
from tests.support.system import Connection, System
from tests.support.writers import CheckIns, Messages, Profiles, Registrations, Writer, new_writer

pytestmark = pytest.mark.xdist_group("faults")
BEFORE_S = 1.0
AFTER_S = 3.0
RECOVERY_S = 30.0
PROCESSES = ("postgres", "valkey", "goals", "gateway", "coach", "mentor", "analytics", "notify", "worker", "beat")
# Whose requests end in which process; all of them pass the gateway and the stores.
WRITES_OF: Mapping[str, tuple[type[Writer], ...]] = {
    "goals": (CheckIns,),
    "coach": (Messages,),
    "mentor": (Profiles, Registrations),
}
# Who tells whom of what.
HEARD = (
    ("goals", "analytics", DIRTYING),
    ("mentor", "goals", ("mentor.member_registered", "mentor.member_updated")),
    ("mentor", "gateway", ("mentor.member_roles_changed",)),
)
_STRAYS = """
SELECT count(*) FROM gateway.accounts AS account FULL JOIN mentor.members AS member USING (member_id)
WHERE account.member_id IS NULL OR member.member_id IS NULL"""

_PENDING = "SELECT count(*) FROM gateway.accounts WHERE pending_profile IS NOT NULL"


async def _healed(system: System, process: str, killed: int) -> None:
    """Waits until the supervisor has replaced the process and the whole system says that it is healthy."""
    async with asyncio.timeout(RECOVERY_S), httpx.AsyncClient(base_url=system.base_url, trust_env=False) as client:
        while True:
            try:
                healthy = (await client.get("/health")).json()["status"] == "healthy"
            except (httpx.HTTPError, ValueError, KeyError):
                healthy = False
            if healthy and system.pid(process) not in (killed, 0):
                return
            await asyncio.sleep(0.2)


async def _writers(system: System, database: Connection) -> list[Writer]:
    # One after the other: hashing passwords sheds what comes too thick.
    check_ins = [await new_writer(CheckIns, system.base_url) for _ in range(4)]
    messages = [await new_writer(Messages, system.base_url) for _ in range(2)]
    profile = await new_writer(Profiles, system.base_url)
    for writer in check_ins:
        await writer.prepare()
    await profile.prepare(database)
    return [*check_ins, *messages, profile, await new_writer(Registrations, system.base_url)]


async def _unheard(database: Connection) -> dict[str, int]:
    """Events that wait for one of their listeners, what waits to be tried again, profiles not handed over yet."""
    waiting = {"profiles": await database.fetchval(_PENDING)}
    for teller, listener, event_types in HEARD:
        waiting[f"{teller} to {listener}"] = await database.fetchval(
            f"SELECT count(*) FROM {teller}.outbox AS told WHERE event_type = ANY($1) AND NOT EXISTS"  # noqa: S608
            f" (SELECT FROM {listener}.inbox AS heard WHERE heard.event_id = told.event_id AND consumer = $2)",
            list(event_types),
            listener,
        )
        waiting[f"{listener}'s retries"] = await database.fetchval(f"SELECT count(*) FROM {listener}.inbox_retry")  # noqa: S608
    return waiting


async def _drained(database: Connection) -> None:
    """Waits until every event was heard by all who listen to it, and nothing else is left to be done later."""
    end = time.monotonic() + RECOVERY_S
    while any((waiting := await _unheard(database)).values()):
        assert time.monotonic() < end, waiting
        await asyncio.sleep(0.2)


async def _told(database: Connection, schema: str) -> Counter[tuple[str, str]]:
    """How often each member was told of, by event type."""
    rows = await database.fetch(f"SELECT payload FROM {schema}.outbox")  # noqa: S608
    events = [event_pb2.Event.FromString(row["payload"]) for row in rows]
    return Counter((event.event_type, event.member_id) for event in events)


async def _check_events(database: Connection, writers: list[Writer]) -> None:
    """Each write is told of once, and has had its effect with each listener once."""
    by_goals, by_mentor = await _told(database, "goals"), await _told(database, "mentor")
    marks = {
        str(row[0]): row[1] for row in await database.fetch("SELECT member_id, marks FROM analytics.dirty_members")
    }
    versions = {str(row[0]): row[1] for row in await database.fetch("SELECT member_id, version FROM mentor.members")}
    copies = {
        str(row[0]): row[1] for row in await database.fetch("SELECT member_id, version FROM goals.member_calendars")
    }
    for writer in writers:
        member_id = writer.caller.id
        assert by_mentor["mentor.member_registered", member_id] == 1
        assert copies[member_id] == versions[member_id]
        if isinstance(writer, CheckIns):
            assert by_goals["goals.activity_logged", member_id] == len(writer.acknowledged)
            assert marks[member_id] == sum(by_goals[event_type, member_id] for event_type in DIRTYING)
        if isinstance(writer, Profiles):
            assert by_mentor["mentor.member_updated", member_id] == len(writer.acknowledged)
        if isinstance(writer, Registrations):
            for made in writer.acknowledged.values():
                assert by_mentor["mentor.member_registered", made] == 1
                assert copies[made] == versions[made]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("process", PROCESSES)
async def test_no_acknowledged_write_is_lost_or_doubled(system: System, process: str):
    async with system.behind_the_scenes() as database:
        writers = await _writers(system, database)
    victim = system.pid(process)
    killed_at = time.monotonic() + BEFORE_S
    under_way: list[Writer] = []

    async def kill() -> None:
        await asyncio.sleep(BEFORE_S)
        # In the middle of what the process itself is doing, not of others' work.
        own = [writer for writer in writers if isinstance(writer, WRITES_OF.get(process, (Writer,)))]
        while True:
            if any(writer.is_sending for writer in own):
                break
            await asyncio.sleep(0.001)
        under_way.extend(writer for writer in writers if writer.is_sending)
        os.kill(victim, signal.SIGKILL)

    writing = (writer.write_until(killed_at + AFTER_S, hurried_until=killed_at + 0.5) for writer in writers)
    await asyncio.gather(kill(), *writing)
    # Each has a request under way all the time but for the moment between two.
    assert len(under_way) > len(writers) / 2
    await _healed(system, process, victim)

    async with system.behind_the_scenes() as database:
        for writer in writers:
            await writer.settle(database)
        await _drained(database)
        for writer in writers:
            await writer.check(database)
            assert writer.statuses.keys() <= {writer.success, 409, 503, 504}, writer.statuses
            assert len(writer.acknowledged) > 1
        await _check_events(database, writers)
        assert await database.fetchval(_STRAYS) == 0
    for writer in writers:
        await writer.caller.client.aclose()
