"""A journal in memory."""
# ruff: noqa: N802 - methods have the names of the protocol

from collections import defaultdict
from typing import Any

from chassis.errors import NotFound, Unavailable
from tandem.coach.v1 import chat_pb2
from tandem.coach.v1 import journal_pb2 as pb
from tests.support.standins.shared import Replays, fresh_id, member_id, now, today


class StandInJournal:
    """The part of the stand-in for coach that keeps a journal."""

    def __init__(self) -> None:
        self.entries: dict[str, list[pb.JournalEntry]] = defaultdict(list)
        self._replays = Replays()
        super().__init__()

    async def CreateJournalEntry(self, request: pb.CreateJournalEntryRequest, context: Any) -> pb.JournalEntry:
        if request.entry.text == "be away":
            raise Unavailable("The coach is away.")
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        entry = pb.JournalEntry()
        entry.CopyFrom(request.entry)
        entry.entry_id, entry.member_id, entry.sentiment_score = fresh_id(), member_id(), 0.5
        entry.sentiment_origin = pb.ORIGIN_FOUND
        entry.mood_tags_origin = pb.ORIGIN_MEMBER if entry.mood_tags else pb.ORIGIN_FOUND
        if not entry.HasField("local_date"):
            entry.local_date.CopyFrom(today())
        entry.create_time.CopyFrom(now())
        entry.update_time.CopyFrom(entry.create_time)
        self.entries[member_id()].insert(0, entry)
        shown = pb.JournalEntry()
        shown.CopyFrom(entry)
        shown.safety.CopyFrom(chat_pb2.Safety(tier=chat_pb2.SAFETY_TIER_NONE))
        return self._replays.remember(request, shown)  # type: ignore[no-any-return]

    async def GetJournalEntry(self, request: pb.GetJournalEntryRequest, context: Any) -> pb.JournalEntry:
        return self._entry(request.entry_id)

    async def ListJournalEntries(
        self, request: pb.ListJournalEntriesRequest, context: Any
    ) -> pb.ListJournalEntriesResponse:
        entries, first = self.entries[member_id()], 0 if not request.page_token else 1
        shown = entries[first : first + request.page_size]
        has_more = first + len(shown) < len(entries)
        return pb.ListJournalEntriesResponse(entries=shown, next_page_token="2" if has_more else "")

    async def UpdateJournalEntry(self, request: pb.UpdateJournalEntryRequest, context: Any) -> pb.JournalEntry:
        entry = self._entry(request.entry.entry_id)
        request.update_mask.MergeMessage(request.entry, entry, True, True)
        return entry

    async def DeleteJournalEntry(
        self, request: pb.DeleteJournalEntryRequest, context: Any
    ) -> pb.DeleteJournalEntryResponse:
        self.entries[member_id()].remove(self._entry(request.entry_id))
        return pb.DeleteJournalEntryResponse()

    def _entry(self, entry_id: str) -> pb.JournalEntry:
        for entry in self.entries[member_id()]:
            if entry.entry_id == entry_id:
                return entry
        raise NotFound("There is no such journal entry.")
