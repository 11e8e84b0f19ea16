"""What is looked up for an answer: the member's numbers, their journal where they allow it, a group they may read."""

import asyncio
from dataclasses import replace
from uuid import UUID

from chassis.errors import TandemError
from chassis.telemetry.logs import get_logger
from services.coach.clients.goals import Goals
from services.coach.clients.groups import Groups
from services.coach.clients.members import Members
from services.coach.domain.context import Known
from services.coach.domain.conversation import check_group_id
from services.coach.domain.facts import Overview
from services.coach.usecases.opening import Asked, Owed

_log = get_logger(__name__)


class Knowing:
    """Asks the other services; never inside a transaction."""

    def __init__(self, goals: Goals, members: Members, groups: Groups) -> None:
        self._goals = goals
        self._members = members
        self._groups = groups

    async def with_group(self, asked: Asked, group_id: str) -> Asked:
        """With what the member may read of the group that is asked about; a sign of crisis is answered without.

        Raises:
            InvalidArgument: The id is not a UUID.
            TandemError: It is not theirs to read, or cannot be read now: an answer without it would be another one.
        """
        wanted = check_group_id(group_id)
        if wanted is None or asked.foreseen.flagged:
            return asked
        return replace(asked, group=await self._groups.talk(asked.member_id, wanted))

    async def look_up(self, asked: Asked, owed: Owed) -> tuple[Overview | None, Known]:
        """The numbers, None when they cannot be read now; and what else is known."""
        overview, may_read = await asyncio.gather(
            self._overview(asked.member_id), self._may_read_journal(asked.member_id, owed)
        )
        journal = owed.journal.open() if may_read else ()
        return overview, Known(owed.recollection.memories, journal, owed.recollection.summary, asked.group)

    async def _overview(self, member_id: UUID) -> Overview | None:
        try:
            return await self._goals.overview(member_id)
        except TandemError as problem:
            _log.warning("numbers_unavailable", reason=problem.reason)
            return None

    async def _may_read_journal(self, member_id: UUID, owed: Owed) -> bool:
        return bool(owed.journal.rows) and (await self._members.consents(member_id)).coach_reads_journal
