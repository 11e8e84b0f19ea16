"""Traces of requests: one server span each, under the client's, without a word of what was sent."""

from collections.abc import AsyncIterator, Iterator, Sequence

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from chassis.telemetry import tracing
from gateway.app.application import application
from gateway.app.edge import Edge
from gateway.routes.table import all_operations
from tests.support.api import Caller, register
from tests.support.gateway_fixtures import Backstage, built_gateway
from tests.support.servers import TestDatabase

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
REQUEST_ID = "0123456789abcdef0123456789abcdef"
CANARY = "canary-4711"


@pytest.fixture
async def client(
    backstage: Backstage, services_database: TestDatabase, redis_url: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway in this very process, so that its spans can be looked at."""
    async with built_gateway(backstage, services_database, redis_url, "traced") as parts:
        transport = httpx.ASGITransport(application(all_operations(), Edge(parts), version="0"))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield client


@pytest.fixture
async def traced(client: httpx.AsyncClient) -> Caller:
    """Somebody whose requests leave spans where they ask for it."""
    return await register(client)


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    made = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    tracing.use(provider, ratio=0)
    yield made
    tracing.shut_down()


def _server_spans(exporter: InMemorySpanExporter) -> Sequence[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.kind is SpanKind.SERVER]


async def test_a_request_is_one_server_span_under_its_caller_s(traced: Caller, exporter: InMemorySpanExporter):
    goal = await traced.goal()

    answer = await traced.patch(
        f"/v1/goals/{goal['id']}", json={"title": CANARY}, headers={**SAMPLED, "x-request-id": REQUEST_ID}
    )

    assert answer.status_code == 200
    (span,) = _server_spans(exporter)
    assert span.name == "PATCH /v1/goals/{goal_id}"
    assert dict(span.attributes or {}) == {
        "http.request.method": "PATCH",
        "http.route": "/v1/goals/{goal_id}",
        "http.response.status_code": 200,
        "tandem.request_id": REQUEST_ID,
    }
    assert span.context is not None
    assert span.parent is not None
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE, PARENT)
    (call,) = [each for each in exporter.get_finished_spans() if each.name.startswith("call goals.")]
    assert call.parent is not None
    assert call.parent.span_id == span.context.span_id
    assert all(CANARY not in each.to_json() for each in exporter.get_finished_spans())


@pytest.mark.parametrize(
    ("method", "path", "name", "status"),
    [
        ("GET", f"/v1/goals?category={CANARY}", "GET /v1/goals", 200),
        ("GET", f"/v1/goals?{CANARY}=1", "GET /v1/goals", 422),
        ("GET", f"/v1/goals/{CANARY}", "GET /v1/goals/{goal_id}", 404),
        ("GET", f"/{CANARY}", "GET", 404),
        (CANARY.upper(), f"/v1/{CANARY}", "HTTP", 404),
        ("TRACE", "/v1/goals", "TRACE", 405),
    ],
)
async def test_nothing_of_what_was_sent_is_in_a_span(
    traced: Caller, exporter: InMemorySpanExporter, method: str, path: str, name: str, status: int
):
    answer = await traced.request(method, path, headers=SAMPLED)

    assert answer.status_code == status
    (span,) = _server_spans(exporter)
    attributes = dict(span.attributes or {})
    assert (span.name, attributes["http.response.status_code"]) == (name, status)
    assert attributes["tandem.request_id"] == answer.headers["x-request-id"]
    assert span.status.status_code is StatusCode.UNSET
    assert all(CANARY not in each.to_json().lower() for each in exporter.get_finished_spans())


async def test_our_own_failures_mark_the_span(traced: Caller, exporter: InMemorySpanExporter):
    answer = await traced.post("/v1/chat", json={"message": "be away"}, headers=SAMPLED)

    assert answer.status_code == 503
    (span,) = _server_spans(exporter)
    assert span.status.status_code is StatusCode.ERROR
    assert "be away" not in span.to_json()


async def test_a_streamed_answer_is_in_its_span_to_the_end(traced: Caller, exporter: InMemorySpanExporter):
    answer = await traced.post("/v1/chat", json={"message": CANARY}, headers={**SAMPLED, "accept": "text/event-stream"})

    assert "event: done" in answer.text
    (span,) = _server_spans(exporter)
    assert (span.attributes or {})["http.response.status_code"] == 200
    assert CANARY not in span.to_json()


async def test_without_sampling_there_is_no_span(traced: Caller, exporter: InMemorySpanExporter):
    unsampled = {"traceparent": f"00-{TRACE}-{PARENT}-00"}

    assert (await traced.get("/v1/members/me", headers=unsampled)).status_code == 200
    assert (await traced.get("/v1/members/me")).status_code == 200
    assert exporter.get_finished_spans() == ()
