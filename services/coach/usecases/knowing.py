"""What is looked up for an answer: the member's numbers, their journal where they allow it, a group they may read."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from chassis.errors import TandemError
from chassis.telemetry.logs import get_logger
from services.coach.clients.goals import Goals
from services.coach.clients.groups import Groups
from services.coach.clients.members import Members
from services.coach.domain.context import NOTHING_KNOWN, Known
from services.coach.domain.conversation import check_group_id
from services.coach.domain.facts import Overview
from services.coach.domain.person import NOTHING_ALLOWED, Consents
from services.coach.usecases.noticing import Noticing
from services.coach.usecases.opening import Asked, Owed

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked up.

    Attributes:
        overview: The numbers; None when they cannot be read now.
        may_ask_vendors: The member lets vendors see it.
    """

    overview: Overview | None
    known: Known
    may_ask_vendors: bool


NOTHING_FOUND: Final = Found(None, NOTHING_KNOWN, may_ask_vendors=False)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What was asked already; None where it was not."""

    overview: "asyncio.Task[Overview | None] | None"
    consents: "asyncio.Task[Consents] | None"


class Knowing:
    """Asks the other services. No transaction waits for them: one may be open beside, and ends by itself."""

    def __init__(
        self, goals: Goals, members: Members, groups: Groups, *, noticing: Noticing, has_vendors: bool
    ) -> None:
        self._goals = goals
        self._noticing = noticing
        self._has_vendors = has_vendors
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

    @contextmanager
    def asking(self, asked: Asked) -> Iterator[Inquiry]:
        """Asks what the answer surely needs while the message is being stored, and stops asking at the end.

        A sign of crisis is answered by the card first, so nothing is asked beside it. Consents are asked for along
        with the numbers where a model stands ready, since it may be asked nothing without them.
        """
        is_quiet = not asked.foreseen.flagged
        overview = asyncio.create_task(self._overview(asked.member_id)) if is_quiet else None
        consents = None
        if is_quiet and self._has_vendors:
            consents = asyncio.create_task(self._members.consents(asked.member_id))
        try:
            yield Inquiry(overview, consents)
        finally:
            for task in (overview, consents):
                if task is not None:
                    task.cancel()

    async def look_up(self, asked: Asked, owed: Owed, inquiry: Inquiry) -> tuple[Owed, Found]:
        """All of it, and the reply under the tier that it raises. What has a sign of crisis is left out."""
        overview, allowed = await asyncio.gather(
            inquiry.overview or self._overview(asked.member_id),
            inquiry.consents or self._allowed(asked.member_id, owed),
        )
        journal = owed.journal.open() if allowed.coach_reads_journal else ()
        known = Known(owed.recollection.memories, journal, owed.recollection.summary, asked.group)
        sifted = self._noticing.sift(overview, known)
        if sifted.findings:
            owed = await self._noticing.raised(asked, owed, sifted.findings)
        return owed, Found(sifted.overview, sifted.known, may_ask_vendors=allowed.ai_vendors)

    async def _overview(self, member_id: UUID) -> Overview | None:
        try:
            return await self._goals.overview(member_id)
        except TandemError as problem:
            _log.warning("numbers_unavailable", reason=problem.reason)
            return None

    async def _allowed(self, member_id: UUID, owed: Owed) -> Consents:
        is_of_use = self._has_vendors or bool(owed.journal.rows)
        return await self._members.consents(member_id) if is_of_use else NOTHING_ALLOWED
