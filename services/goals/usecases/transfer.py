"""Files that goals go out and come in by."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from services.goals import events
from services.goals.clients import Members
from services.goals.domain import planning
from services.goals.domain.activity import Activity
from services.goals.domain.days import local_day
from services.goals.domain.goal import DATING, MemberId, Pattern, Status
from services.goals.domain.transfer import (
    Arrangement,
    Ground,
    Parsed,
    Skipped,
    Source,
    Writer,
    arrange,
    parse,
    stored_key,
)
from services.goals.errors import AdultsOnly
from services.goals.repository import ExportedGoal, GoalRepository, TransferRepository
from services.goals.usecases.calendars import CalendarUnknown, CalendarUseCases
from services.goals.usecases.goals import member_of
from services.goals.usecases.settling import COMPLETING, settle_anew

GOALS_PER_PAGE: Final = 20
ACTIVITIES_PER_PAGE: Final = 500
# A hundred thousand entries take some four seconds to decide on; a busy machine takes several times that.
MAX_THINKING_S: Final = 45
_BEFORE_ALL: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class ImportedGoal:
    """A goal of a file as it is there now, or would be; `goal_id` is None for what a dry run would make."""

    title: str
    pattern: Pattern
    status: Status
    activity_count: int
    goal_id: UUID | None
    is_found: bool


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came in, or would; and what cannot."""

    is_dry_run: bool
    source: Source
    goals: Sequence[ImportedGoal]
    created_goal_count: int
    created_activity_count: int
    skipped: Sequence[Skipped]


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one transaction read of one goal; `is_whole` where nothing of the goal is left."""

    exported: ExportedGoal
    activities: Sequence[Activity]
    is_begun: bool
    is_whole: bool


class TransferUseCases:
    """The verbs of exports and imports."""

    def __init__(self, database: Database, clock: Clock, members: Members, calendars: CalendarUseCases) -> None:
        self._database = database
        self._clock = clock
        self._members = members
        self._calendars = calendars
        # A file of 20 MiB takes some hundred while it is read; one at a time is what a process has room for.
        self._reading = asyncio.Semaphore(1)

    async def import_goals(
        self, principal: Principal, source: Source, content: bytes, *, is_dry_run: bool, key: IdempotencyKey | None
    ) -> ImportReport:
        """Takes out of a file what can come in, in one transaction. What it brought before is not brought again.

        Raises:
            InvalidArgument: The file as a whole cannot be read, or takes more than it may.
        """
        member_id = member_of(principal)
        async with self._reading:
            parsed = await asyncio.to_thread(parse, source, content)
        is_adult = await self._is_adult(member_id, parsed)

        async def work(transaction: Transaction) -> ImportReport:
            ground = await self._ground(transaction, member_id, source, parsed, is_adult=is_adult, key=key)
            arrangement = await asyncio.to_thread(arrange, parsed, ground, new_id=self._new_id)
            if not is_dry_run:
                await self._write(transaction, arrangement, member_id, source)
            report = _report(arrangement, source, is_dry_run=is_dry_run)
            if not is_dry_run:
                idempotency.remember(transaction, key, member_id, outcome=report)
            return report

        try:
            return await self._database.run(principal, work, idempotency=key)
        except CalendarUnknown:
            await self._calendars.fetch(principal, member_id)
            return await self._database.run(principal, work, idempotency=key)

    async def export_goals(self, principal: Principal, writer: Writer) -> AsyncGenerator[bytes, None]:
        """All goals of the caller with everything on them, as pieces of a file.

        Each page is read in a transaction of its own, so that a slow reader holds none open; what is logged meanwhile
        may be in it or not.
        """
        member_id = member_of(principal)

        async def own_vacations(transaction: Transaction) -> bytes:
            return writer.begin(await TransferRepository(transaction).vacations_of([member_id]))

        yield await self._database.run(principal, own_vacations, read_only=True)
        async with aclosing(self._pieces(principal, member_id)) as pieces:
            async for piece in pieces:
                yield _written(piece, writer)
        yield writer.end()

    async def _pieces(self, principal: Principal, member_id: MemberId) -> AsyncGenerator[_Piece, None]:
        after = _BEFORE_ALL
        while True:

            async def page(transaction: Transaction, after: UUID = after) -> list[ExportedGoal]:
                return await TransferRepository(transaction).list_goals(member_id, after=after, limit=GOALS_PER_PAGE)

            goals = await self._database.run(principal, page, read_only=True)
            if not goals:
                return
            after = goals[-1].goal.id
            async with aclosing(self._of_goals(principal, goals)) as pieces:
                async for piece in pieces:
                    yield piece

    async def _of_goals(self, principal: Principal, goals: Sequence[ExportedGoal]) -> AsyncGenerator[_Piece, None]:
        """Goals with their activities, some five hundred to a transaction."""
        left, last = list(goals), None
        while left:

            async def read(
                transaction: Transaction, goals: Sequence[ExportedGoal] = tuple(left), after: Activity | None = last
            ) -> list[_Piece]:
                return await _read(TransferRepository(transaction), goals, after)

            pieces = await self._database.run(principal, read, read_only=True)
            for piece in pieces:
                yield piece
            left = left[sum(piece.is_whole for piece in pieces) :]
            last = None if pieces[-1].is_whole else pieces[-1].activities[-1]

    async def _ground(
        self,
        transaction: Transaction,
        member_id: MemberId,
        source: Source,
        parsed: Parsed,
        *,
        is_adult: bool,
        key: IdempotencyKey | None,
    ) -> Ground:
        """What is there where the file arrives; creations of this member wait from here on."""
        goals, transfer = GoalRepository(transaction), TransferRepository(transaction)
        prepared = await goals.prepare_creation(member_id, key)
        if prepared is None:
            raise CalendarUnknown
        await transfer.allow_thinking(MAX_THINKING_S)
        now = self._clock.now()
        named = [*(each.key for each in parsed.goals), *parsed.additions]
        own = {UUID(each): each for each in named} if source is Source.TANDEM else {}
        known = await transfer.lock_known(member_id, {_goal_key(source, each): each for each in named}, own, now)
        vacations = await transfer.vacations_of([member_id]) if parsed.vacations else []
        return Ground(
            member_id,
            prepared.calendar,
            local_day(now, prepared.calendar),
            now,
            is_adult,
            await goals.count_active(member_id),
            known,
            {(each.first, each.last, each.reason) for each in vacations},
        )

    async def _write(
        self, transaction: Transaction, arrangement: Arrangement, member_id: MemberId, source: Source
    ) -> None:
        transfer, new = TransferRepository(transaction), arrangement.new_goals
        await transfer.add_goals([(each, _goal_key(source, each.key)) for each in new], member_id)
        await transfer.add_vacations([*arrangement.vacations, *(v for each in new for v in each.vacations)], member_id)
        logged = [pair for each in arrangement.arrivals for pair in zip(each.activities, each.keys, strict=True)]
        await transfer.add_activities(logged, member_id)
        grown = [each.goal for each in arrangement.arrivals if not each.is_new and each.activities]
        completing = [goal.id for goal in grown if goal.pattern in COMPLETING]
        if completing:
            await settle_anew(transaction, completing, self._clock.now())
        events.tell_imported(transaction, [each.goal for each in new], grown)

    async def _is_adult(self, member_id: MemberId, parsed: Parsed) -> bool:
        """Whether dating goals may come in; asked only where there are some."""
        categories = [each.exact.category for each in parsed.goals if each.exact]
        if not any(planning.is_dating(category) for category in categories):
            return True
        profile = await self._members.get(member_id)
        today = local_day(self._clock.now(), profile.calendar)
        try:
            planning.check_adult(DATING, birth_year=profile.birth_year, today=today)
        except AdultsOnly:
            return False
        return True

    def _new_id(self) -> UUID:
        return new_id(self._clock)


async def _read(transfer: TransferRepository, goals: Sequence[ExportedGoal], after: Activity | None) -> list[_Piece]:
    """Goals from the first on, until a page of activities is full."""
    pieces: list[_Piece] = []
    room = ACTIVITIES_PER_PAGE
    for exported in goals:
        found = await transfer.list_activities(exported.goal.id, after=after, limit=room + 1)
        is_whole = len(found) <= room
        pieces.append(_Piece(exported, found[:room], is_begun=after is None, is_whole=is_whole))
        room -= len(pieces[-1].activities)
        after = None
        if not is_whole or room <= 0:
            break
    return pieces


def _written(piece: _Piece, writer: Writer) -> bytes:
    exported = piece.exported
    parts = []
    if piece.is_begun:
        parts.append(
            writer.goal(exported.goal, exported.care, reminders=exported.reminders, vacations=tuple(exported.vacations))
        )
    parts.append(writer.activities(piece.activities))
    if piece.is_whole:
        parts.append(writer.end_goal())
    return b"".join(parts)


def _goal_key(source: Source, key: str) -> str:
    return f"{source}:{stored_key(key)}"


def _report(arrangement: Arrangement, source: Source, *, is_dry_run: bool) -> ImportReport:
    return ImportReport(
        is_dry_run,
        source,
        [
            ImportedGoal(
                each.goal.title,
                each.goal.pattern,
                each.goal.status,
                len(each.activities),
                None if is_dry_run and each.is_new else each.goal.id,
                not each.is_new,
            )
            for each in arrangement.arrivals
        ],
        len(arrangement.new_goals),
        arrangement.activity_count,
        arrangement.skipped,
    )
