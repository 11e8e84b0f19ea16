"""Transactions are measured by how they ended, and are spans of their requests, without a value in them."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY

from chassis.clock import SystemClock, new_id
from chassis.db import Database, Transaction
from chassis.errors import TandemError, Unavailable
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.telemetry import tracing
from tests.support.notes import ADD_NOTE

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OUTCOMES = ("committed", "rolled_back", "unopened")
CANARY = "canary-4711"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    made = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    tracing.use(provider, ratio=0)
    yield made
    tracing.shut_down()


def _request(member: Principal, traceparent: str = SAMPLED) -> RequestContext:
    return RequestContext("/m", "r", member, traceparent=traceparent)


def _measured() -> dict[str, float]:
    """How many transactions ended how so far."""
    labels = ({"schema": "goals", "outcome": outcome} for outcome in OUTCOMES)
    counts = [REGISTRY.get_sample_value("tandem_sql_transaction_seconds_count", each) or 0 for each in labels]
    return dict(zip(OUTCOMES, counts, strict=True))


def _since(before: dict[str, float]) -> dict[str, float]:
    return {outcome: count - before[outcome] for outcome, count in _measured().items() if count != before[outcome]}


async def _add_note(tx: Transaction) -> None:
    tx.write(ADD_NOTE, note_id=new_id(SystemClock()), member_id=tx.principal.member_id, body=CANARY)
    await tx.flush()


async def test_a_committed_transaction(database: Database, member: Principal, exporter: InMemorySpanExporter) -> None:
    before = _measured()

    with answering(_request(member)), tracing.span("request"):
        await database.run(member, _add_note)

    assert _since(before) == {"committed": 1}
    transaction, request = exporter.get_finished_spans()
    assert transaction.name == "sql.transaction"
    assert transaction.parent is not None
    assert request.context is not None
    assert transaction.parent.span_id == request.context.span_id
    assert dict(transaction.attributes or {}) == {"schema": "goals", "outcome": "committed"}
    assert CANARY not in transaction.to_json()


async def test_a_transaction_rolled_back_by_its_work(
    database: Database, member: Principal, exporter: InMemorySpanExporter
) -> None:
    async def fails(tx: Transaction) -> None:
        await _add_note(tx)
        raise ValueError(CANARY)

    before = _measured()

    with answering(_request(member)), pytest.raises(ValueError, match=CANARY):
        await database.run(member, fails)

    assert _since(before) == {"rolled_back": 1}
    (transaction,) = exporter.get_finished_spans()
    assert dict(transaction.attributes or {}) == {"schema": "goals", "outcome": "rolled_back"}
    assert CANARY not in transaction.to_json()


async def test_a_transaction_rolled_back_by_the_database(
    database: Database, member: Principal, exporter: InMemorySpanExporter
) -> None:
    """The last statement is refused at the commit, after the block."""
    stranger = new_id(SystemClock())
    before = _measured()

    with answering(_request(member)), pytest.raises(TandemError):
        async with database.transaction(member) as tx:
            tx.write(ADD_NOTE, note_id=new_id(SystemClock()), member_id=stranger, body=CANARY)

    assert _since(before) == {"rolled_back": 1}
    (transaction,) = exporter.get_finished_spans()
    assert dict(transaction.attributes or {})["outcome"] == "rolled_back"


async def test_a_transaction_that_never_opened(
    database: Database, member: Principal, admin: Any, exporter: InMemorySpanExporter
) -> None:
    name = await admin.fetchval("SELECT current_database()")
    await admin.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = 'goals_app'"
    )
    before = _measured()

    with answering(_request(member)), pytest.raises(Unavailable):
        await database.run(member, _add_note)

    assert _since(before) == {"unopened": 1}
    assert exporter.get_finished_spans() == ()


async def test_an_unsampled_request_is_measured_and_makes_no_span(
    database: Database, member: Principal, exporter: InMemorySpanExporter
) -> None:
    before = _measured()

    with answering(_request(member, SAMPLED[:-2] + "00")):
        await database.run(member, _add_note)

    assert _since(before) == {"committed": 1}
    assert exporter.get_finished_spans() == ()
