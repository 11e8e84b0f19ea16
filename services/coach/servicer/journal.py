"""RPCs of the journal. Nothing here logs what passes."""

from datetime import date
from typing import Any
from uuid import UUID

from google.type.date_pb2 import Date

from chassis import idempotency
from chassis.pages import PageTokens, page_size
from chassis.request import current
from services.coach.domain.journal import (
    JournalChange,
    JournalDraft,
    JournalEntry,
    Origin,
    check_moods,
    check_sentiment,
)
from services.coach.repository import JournalPosition
from services.coach.servicer.chat import safety_message
from services.coach.servicer.fields import day_of, mask_of, uuid_of
from services.coach.servicer.paging import Pager
from services.coach.usecases import UseCases, WrittenEntry
from tandem.coach.v1 import journal_pb2 as pb

_ORIGINS = {Origin.FOUND: pb.ORIGIN_FOUND, Origin.MEMBER: pb.ORIGIN_MEMBER}


class JournalRpcs:
    """What members write on their days."""

    _use_cases: UseCases
    _page_tokens: PageTokens

    async def CreateJournalEntry(self, request: pb.CreateJournalEntryRequest, context: Any) -> pb.JournalEntry:  # noqa: N802
        """A new entry."""
        entry = request.entry
        draft = JournalDraft(
            text=entry.text,
            local_date=day_of(entry.local_date, "local_date") if entry.HasField("local_date") else None,
            moods=check_moods(entry.mood_tags),
        )
        key = idempotency.key_for(request, _written)
        return _written(await self._use_cases.journal.write(current().principal, draft, key=key))

    async def GetJournalEntry(self, request: pb.GetJournalEntryRequest, context: Any) -> pb.JournalEntry:  # noqa: N802
        """One entry."""
        entry_id = uuid_of(request.entry_id, "entry_id")
        return _entry(await self._use_cases.journal.get(current().principal, entry_id))

    async def ListJournalEntries(  # noqa: N802
        self, request: pb.ListJournalEntriesRequest, context: Any
    ) -> pb.ListJournalEntriesResponse:
        """A page of entries, newest first."""
        first = day_of(request.from_date, "from") if request.HasField("from_date") else None
        last = day_of(request.to_date, "to") if request.HasField("to_date") else None
        pager, limit = Pager(self._page_tokens, "journal", first, last), page_size(request.page_size)
        position = pager.position(request.page_token)
        found = await self._use_cases.journal.list_entries(
            current().principal,
            first=first,
            last=last,
            before=JournalPosition(date.fromisoformat(position[0]), UUID(position[1])) if position else None,
            limit=limit + 1,
        )
        shown, token = pager.cut(found, limit, lambda entry: (entry.local_date.isoformat(), str(entry.entry_id)))
        return pb.ListJournalEntriesResponse(entries=map(_entry, shown), next_page_token=token)

    async def UpdateJournalEntry(self, request: pb.UpdateJournalEntryRequest, context: Any) -> pb.JournalEntry:  # noqa: N802
        """Changes the fields in the mask."""
        entry = request.entry
        given = mask_of(request.update_mask.paths, "text", "mood_tags", "sentiment_score")
        change = JournalChange(
            text=entry.text if "text" in given else None,
            moods=check_moods(entry.mood_tags) if "mood_tags" in given else None,
            sentiment=check_sentiment(entry.sentiment_score) if "sentiment_score" in given else None,
        )
        changed = await self._use_cases.journal.change(
            current().principal,
            uuid_of(entry.entry_id, "entry_id"),
            change,
            key=idempotency.key_for(request, _written),
        )
        return _written(changed)

    async def DeleteJournalEntry(  # noqa: N802
        self, request: pb.DeleteJournalEntryRequest, context: Any
    ) -> pb.DeleteJournalEntryResponse:
        """Takes an entry back."""
        entry_id = uuid_of(request.entry_id, "entry_id")
        key = idempotency.key_for(request, _removed)
        return _removed(await self._use_cases.journal.remove(current().principal, entry_id, key=key))


def _written(written: WrittenEntry) -> pb.JournalEntry:
    shown = _entry(written.entry)
    shown.safety.CopyFrom(safety_message(written.safety))
    return shown


def _removed(_: UUID) -> pb.DeleteJournalEntryResponse:
    return pb.DeleteJournalEntryResponse()


def _entry(entry: JournalEntry) -> pb.JournalEntry:
    day = entry.local_date
    shown = pb.JournalEntry(
        entry_id=str(entry.entry_id),
        member_id=str(entry.member_id),
        text=entry.text,
        local_date=Date(year=day.year, month=day.month, day=day.day),
        sentiment_score=entry.sentiment,
        sentiment_origin=_ORIGINS[entry.sentiment_origin],
        mood_tags=map(str, entry.moods),
        mood_tags_origin=_ORIGINS[entry.moods_origin],
    )
    shown.create_time.FromDatetime(entry.create_time)
    shown.update_time.FromDatetime(entry.update_time)
    return shown
