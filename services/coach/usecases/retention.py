"""Endings: erasing a member in every table, and deleting what is past its time."""

from uuid import UUID

from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from chassis.platform import Swept
from services.coach.config import RETENTION, Retention
from services.coach.repository.erasure import (
    Limits,
    erase_rows,
    erase_traces,
    expire_of,
    expire_of_all,
    members_due,
)
from services.coach.usecases.safety_memory import SafetyMemory

# Members whose rows one sweep goes through.
_AT_ONCE = 50


class RetentionUseCases:
    """What ends. Rows of members are deleted with their own identity: the system login may not see them."""

    def __init__(
        self,
        database: Database,
        system_database: Database,
        clock: Clock,
        *,
        memory: SafetyMemory,
        retention: Retention = RETENTION,
    ) -> None:
        self._database = database
        self._system_database = system_database
        self._clock = clock
        self._memory = memory
        self._retention = retention

    async def erase(self, member_id: UUID) -> dict[str, int]:
        """Erases a member and returns how many rows by table; a second time there are none.

        The key goes with the rows in one transaction: what is sealed under it in backups opens no more.
        """

        async def rows(transaction: Transaction) -> dict[str, int]:
            return await erase_rows(transaction, member_id)

        async def traces(transaction: Transaction) -> dict[str, int]:
            return await erase_traces(transaction, member_id, new_id(self._clock))

        erased = await self._database.run(Principal.member(member_id, caller="coach"), rows)
        erased |= await self._system_database.run(Principal.system("coach"), traces)
        self._memory.keep(member_id, None)
        return erased

    async def sweep(self) -> Swept:
        """Deletes what is past its time, of some members at a time."""
        limits = self._limits()

        async def of_all(transaction: Transaction) -> tuple[int, tuple[UUID, ...]]:
            removed = await expire_of_all(transaction, limits)
            return removed, await members_due(transaction, limits, limit=_AT_ONCE)

        removed, due = await self._system_database.run(Principal.system("coach"), of_all)
        for member_id in due:
            removed += await self._expire(member_id, limits)
        return Swept(removed, more=bool(due))

    async def _expire(self, member_id: UUID, limits: Limits) -> int:
        async def work(transaction: Transaction) -> int:
            return await expire_of(transaction, member_id, limits)

        return await self._database.run(Principal.member(member_id, caller="coach"), work)

    def _limits(self) -> Limits:
        now, keep = self._clock.now(), self._retention
        return Limits(now - keep.chat, now - keep.summaries, now - keep.audit, now - keep.archived_intakes)
