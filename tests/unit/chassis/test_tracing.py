"""Traces: context is passed on as it came, spans appear only where sampled, and never quote anybody."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.telemetry import tracing

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = SAMPLED[:-2] + "00"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    made = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    tracing.use(provider, ratio=0)
    yield made
    tracing.shut_down()


def _request(traceparent: str) -> RequestContext:
    return RequestContext("m", "0123456789abcdef", Principal.system("x"), traceparent=traceparent)


def test_a_sampled_request_makes_spans_under_its_caller(exporter):
    with answering(_request(SAMPLED)), tracing.span("outer"), tracing.span("inner", rows=3):
        pass

    inner, outer = exporter.get_finished_spans()
    assert f"{outer.parent.span_id:016x}" == SAMPLED[36:52]
    assert inner.parent.span_id == outer.context.span_id
    assert f"{inner.context.trace_id:032x}" == SAMPLED[3:35]
    assert inner.attributes == {"rows": 3}


def test_a_span_says_whether_it_serves(exporter):
    with answering(_request(SAMPLED)), tracing.span("outer", is_server=True) as served, tracing.span("inner"):
        assert served is not None
        served.set_attribute("status", 200)

    inner, outer = exporter.get_finished_spans()
    assert (outer.kind, inner.kind) == (SpanKind.SERVER, SpanKind.INTERNAL)
    assert outer.attributes == {"status": 200}


def test_inside_a_span_its_own_context_is_passed_on(exporter):
    request = _request(SAMPLED)

    with answering(request), tracing.span("outer"):
        inside = request.traceparent

    (outer,) = exporter.get_finished_spans()
    assert inside == f"{SAMPLED[:36]}{outer.context.span_id:016x}-01"
    assert request.traceparent == SAMPLED


def test_an_unsampled_request_makes_none_and_keeps_its_context(exporter):
    request = _request(UNSAMPLED)

    with answering(request), tracing.span("outer") as made:
        assert made is None
        assert request.traceparent == UNSAMPLED

    assert exporter.get_finished_spans() == ()


def test_a_failure_marks_the_span_without_its_words(exporter):
    with pytest.raises(ValueError, match="canary"), answering(_request(SAMPLED)), tracing.span("outer"):
        raise ValueError("canary-7f3")

    (span,) = exporter.get_finished_spans()
    assert span.status.description == "ValueError"
    assert "canary-7f3" not in span.to_json()


@pytest.mark.parametrize(
    "given", ["", "00-x", SAMPLED.upper(), SAMPLED + "-00", "ff" + SAMPLED[2:], f"00-{'0' * 32}-b7ad6b7169203331-01"]
)
def test_an_odd_context_is_not_taken(given: str):
    assert not tracing.is_valid(given)


def test_a_new_trace_is_well_formed_and_unsampled_by_default():
    assert tracing.is_valid(tracing.new_traceparent())
    assert tracing.new_traceparent().endswith("-00")
