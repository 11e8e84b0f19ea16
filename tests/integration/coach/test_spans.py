"""Spans of a reply, ours and the SDKs' own, know no word of it: of nobody's message, journal or reply."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path

import grpc
import pytest
from google.type.date_pb2 import Date
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.db import Database
from chassis.pages import PageTokens
from chassis.telemetry import tracing
from services.coach.clients.guarded import Guarded
from services.coach.servicer import servicing
from tandem.coach.v1 import coach_pb2_grpc, journal_pb2
from tests.support.coach import TEXTS, Talker, chat_use_cases, use_cases
from tests.support.identities import Identities
from tests.support.rpc import serving
from tests.support.vendors import connect
from tests.vendors import StandIns
from tests.vendors.answers import REPLY

CANARY = "zebra-canary-7462"


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Collects every span: of our tracer, and of whoever takes the process's own provider, as the SDKs do."""
    made = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    tracing.use(provider, ratio=1)
    # Set for the process it could not be taken back.
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    # Would have the SDK tell its spans everything, were it heeded.
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")
    yield made
    tracing.shut_down()


@pytest.fixture
async def standins() -> AsyncIterator[StandIns]:
    async with StandIns.serving() as made:
        yield made


@pytest.mark.parametrize("name", ["anthropic", "gemini"])
async def test_no_span_holds_a_word(
    exporter: InMemorySpanExporter,
    standins: StandIns,
    database: Database,
    identities: Identities,
    tmp_path: Path,
    name: str,
):
    vendor = connect(standins, name, "stub-ok")
    chat = chat_use_cases(database, vendors=(Guarded(vendor, TEXTS.phrases, TEXTS.quotations),))
    served = servicing(use_cases(database, chat=chat), PageTokens(b"k" * 32))
    async with (
        serving(served, tmp_path, identities, audience="coach") as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        anna = Talker(coach_pb2_grpc.CoachServiceStub(channel), identities)
        entry = journal_pb2.JournalEntry(text=f"I wrote {CANARY}.", local_date=day_of(date(2026, 11, 28)))
        request = journal_pb2.CreateJournalEntryRequest(entry=entry)
        await anna.stub.CreateJournalEntry(request, metadata=anna.metadata)
        whole = await anna.say(f"How is {CANARY} doing?")
        pieces = await anna.stream(f"And {CANARY} now?", thread_id=whole.reply.thread_id)
    await vendor.close()

    spans = exporter.get_finished_spans()
    told = "\n".join(span.to_json() for span in spans)
    assert (whole.provider, pieces[-1].done.provider) == (name, name)
    assert CANARY in standins.requests[-1].text
    assert {"CreateJournalEntry", "SendMessage", "StreamMessage"} <= {span.name.rpartition("/")[2] for span in spans}
    assert ("anthropic.messages.create" in {span.name for span in spans}) is (name == "anthropic")
    assert CANARY not in told
    assert REPLY[:20] not in told


def day_of(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)
