"""The journal: writing, reading, correcting and taking back what a member writes on a day."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.errors import TandemError
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from chassis.telemetry.logs import get_logger
from chassis.vault import MemberKeys
from services.coach.clients import sentiment
from services.coach.clients.members import Members
from services.coach.clients.texts import Texts
from services.coach.domain import journal as rules
from services.coach.domain.conversation import SafetyNotice
from services.coach.domain.journal import JournalChange, JournalDraft, JournalEntry, Reading
from services.coach.errors import EntryNotFound
from services.coach.repository import JournalPosition, JournalRepository, MemoryRepository
from services.coach.usecases.history import owner
from services.coach.usecases.watching import Watch, Watched

_log = get_logger(__name__)

# No place on Earth is further ahead of UTC.
_FURTHEST_AHEAD = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """An entry, and what its writer is shown with it."""

    entry: JournalEntry
    safety: SafetyNotice


class JournalUseCases:
    """The verbs of the journal. All raise `MembersOnly` for a service acting for nobody."""

    def __init__(
        self, database: Database, clock: Clock, *, keys: MemberKeys, members: Members, texts: Texts, watch: Watch
    ) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys
        self._members = members
        self._texts = texts
        self._watch = watch

    async def write(self, principal: Principal, draft: JournalDraft, *, key: IdempotencyKey | None) -> WrittenEntry:
        """A new entry.

        Raises:
            InvalidArgument: A field breaks a rule.
            Unavailable: Storage is away, or nobody can say which day the member has and no day was given.
        """
        member_id = owner(principal)
        rules.check_text(draft.text)
        watched = self._watch.look(member_id, draft.text)
        dated, country = await self._dated(member_id, draft)
        reading = await self._read(draft.text)
        now = self._clock.now()
        entry = rules.write_entry(dated, reading, entry_id=new_id(self._clock), member_id=member_id, now=now)

        async def work(transaction: Transaction) -> WrittenEntry:
            entries = JournalRepository(transaction, self._keys)
            loaded = await entries.load(member_id, None, key)
            entries.add(entry, loaded.key)
            assessment = self._watch.settle(transaction, watched, loaded.safety, entry.entry_id)
            written = WrittenEntry(entry, self._watch.notice(assessment, country))
            idempotency.remember(transaction, key, entry.entry_id, outcome=written)
            return written

        return await self._database.run(principal, work, idempotency=key)

    async def get(self, principal: Principal, entry_id: UUID) -> JournalEntry:
        """One entry.

        Raises:
            EntryNotFound: It is not the caller's.
        """
        member_id = owner(principal)

        async def work(transaction: Transaction) -> JournalEntry:
            loaded = await JournalRepository(transaction, self._keys).load(member_id, entry_id, None)
            if loaded.entry is None:
                raise EntryNotFound
            return loaded.entry

        return await self._database.run(principal, work, read_only=True)

    async def list_entries(
        self,
        principal: Principal,
        *,
        first: date | None,
        last: date | None,
        before: JournalPosition | None,
        limit: int,
    ) -> tuple[JournalEntry, ...]:
        """Entries of some days or of all, newest first."""
        member_id = owner(principal)

        async def work(transaction: Transaction) -> tuple[JournalEntry, ...]:
            entries = JournalRepository(transaction, self._keys)
            return await entries.list_entries(member_id, first=first, last=last, before=before, limit=limit)

        return await self._database.run(principal, work, read_only=True)

    async def change(
        self, principal: Principal, entry_id: UUID, change: JournalChange, *, key: IdempotencyKey | None
    ) -> WrittenEntry:
        """Changes what is given; a new text is read and screened anew.

        Raises:
            EntryNotFound: It is not the caller's.
            InvalidArgument: A field breaks a rule.
        """
        member_id = owner(principal)
        watched: Watched | None = None
        reading: Reading | None = None
        country = ""
        if change.text is not None:
            rules.check_text(change.text)
            watched = self._watch.look(member_id, change.text)
            reading = await self._read(change.text)
            country = await self._members.country(member_id)

        async def work(transaction: Transaction) -> WrittenEntry:
            entries = JournalRepository(transaction, self._keys)
            loaded = await entries.load(member_id, entry_id, key)
            if loaded.entry is None or loaded.key is None:
                raise EntryNotFound
            changed = rules.change_entry(loaded.entry, change, reading, now=self._clock.now())
            if change != JournalChange():
                entries.save(changed, loaded.entry, loaded.key)
            notice = SafetyNotice()
            if watched is not None:
                MemoryRepository(transaction, self._keys).drop_derived(member_id, [entry_id])
                notice = self._watch.notice(self._watch.settle(transaction, watched, loaded.safety, entry_id), country)
            written = WrittenEntry(changed, notice)
            idempotency.remember(transaction, key, entry_id, outcome=written)
            return written

        return await self._database.run(principal, work, idempotency=key)

    async def remove(self, principal: Principal, entry_id: UUID, *, key: IdempotencyKey | None) -> UUID:
        """Takes an entry back.

        Raises:
            EntryNotFound: It is not the caller's, or was taken back before.
        """
        member_id = owner(principal)

        async def work(transaction: Transaction) -> UUID:
            entries = JournalRepository(transaction, self._keys)
            if (await entries.load(member_id, entry_id, key)).entry is None:
                raise EntryNotFound
            entries.remove(entry_id)
            MemoryRepository(transaction, self._keys).drop_derived(member_id, [entry_id])
            idempotency.remember(transaction, key, entry_id, outcome=entry_id)
            return entry_id

        return await self._database.run(principal, work, idempotency=key)

    async def _dated(self, member_id: UUID, draft: JournalDraft) -> tuple[JournalDraft, str]:
        """The draft with its day, and where the member lives; a day that was given waits for nobody who is away."""
        now = self._clock.now()
        try:
            person = await self._members.person(member_id)
        except TandemError as problem:
            if draft.local_date is None:
                raise
            _log.warning("calendar_unavailable", reason=problem.reason)
            rules.check_day(draft.local_date, today=(now + _FURTHEST_AHEAD).date())
            return draft, ""
        today = person.today(now)
        day = today if draft.local_date is None else rules.check_day(draft.local_date, today=today)
        return JournalDraft(draft.text, day, draft.moods), person.country

    async def _read(self, text: str) -> Reading:
        """In a thread: long entries take a while."""
        return await asyncio.to_thread(self._reading, text)

    def _reading(self, text: str) -> Reading:
        moods = self._texts.moods
        return Reading(sentiment.sentiment_of(text), moods.moods_in(text), f"{sentiment.VERSION}+{moods.version}")
