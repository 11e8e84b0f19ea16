"""What members write on their days. Every answer to a text, a refusal too, can name places to get help."""

from typing import Final

from google.protobuf.field_mask_pb2 import FieldMask

from gateway.app.call import Call, Reply
from gateway.app.operation import LIST_S, Routes
from gateway.routes import answers, messages, views
from gateway.routes.days import check_days
from gateway.routes.requests import JournalChange, JournalDraft, JournalFilter
from tandem.coach.v1 import journal_pb2 as pb

routes: Final = Routes("Coach")


@routes.post("/v1/journal", status=201, answer=answers.JournalEntry, shows_help=True)
async def create_journal_entry(call: Call, body: JournalDraft) -> Reply:
    """Writes an entry, by default for the caller's today."""
    coach = call.parts.services.coach
    request = pb.CreateJournalEntryRequest(entry=messages.journal_entry(body), idempotency_key=call.idempotency_key)
    entry = await coach(coach.stub.CreateJournalEntry, request)
    return Reply.created(views.journal_entry(entry), f"/v1/journal/{entry.entry_id}")


@routes.get("/v1/journal", answer=answers.Page[answers.JournalEntry], budget_s=LIST_S)
async def list_journal_entries(call: Call, query: JournalFilter) -> Reply:
    """Lists the caller's entries, the latest day first."""
    if query.from_ is not None and query.to is not None:
        check_days(query.from_, query.to)
    coach = call.parts.services.coach
    request = pb.ListJournalEntriesRequest(
        from_date=messages.day(query.from_) if query.from_ else None,
        to_date=messages.day(query.to) if query.to else None,
        page_size=query.page_size,
        page_token=query.page_token,
    )
    listed = await coach(coach.stub.ListJournalEntries, request)
    return Reply(views.page([views.journal_entry(each) for each in listed.entries], listed.next_page_token))


@routes.get("/v1/journal/{entry_id}", answer=answers.JournalEntry)
async def get_journal_entry(call: Call, entry_id: str) -> Reply:
    """Reads an entry."""
    coach = call.parts.services.coach
    entry = await coach(coach.stub.GetJournalEntry, pb.GetJournalEntryRequest(entry_id=entry_id))
    return Reply(views.journal_entry(entry))


@routes.patch("/v1/journal/{entry_id}", answer=answers.JournalEntry, shows_help=True)
async def patch_journal_entry(call: Call, entry_id: str, body: JournalChange) -> Reply:
    """Changes the given fields of an entry; moods and score given here stand above those found in the text."""
    coach = call.parts.services.coach
    entry, paths = messages.journal_change(entry_id, body)
    request = pb.UpdateJournalEntryRequest(
        entry=entry, update_mask=FieldMask(paths=paths), idempotency_key=call.idempotency_key
    )
    return Reply(views.journal_entry(await coach(coach.stub.UpdateJournalEntry, request)))


@routes.delete("/v1/journal/{entry_id}", status=204)
async def delete_journal_entry(call: Call, entry_id: str) -> Reply:
    """Takes an entry back."""
    coach = call.parts.services.coach
    request = pb.DeleteJournalEntryRequest(entry_id=entry_id, idempotency_key=call.idempotency_key)
    await coach(coach.stub.DeleteJournalEntry, request)
    return Reply()
