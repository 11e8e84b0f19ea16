"""Spans reach a collector that speaks OTLP, and one that is away holds nobody up."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from chassis.config import Settings, load
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.telemetry import tracing

TRACE = "0af7651916cd43dd8448eb211c80319c"
SAMPLED = f"00-{TRACE}-b7ad6b7169203331-01"


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.received: list[Any] = []

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        self.received += request.resource_spans
        return trace_service_pb2.ExportTraceServiceResponse()


@pytest.fixture
def collector() -> Collector:
    return Collector()


@pytest.fixture
def endpoint(collector: Collector) -> Iterator[str]:
    """Where it listens."""
    server = grpc.server(ThreadPoolExecutor(1))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop(None).wait()


def record_to(endpoint: str) -> None:
    """One span, sent as a process sends its last ones."""
    tracing.configure(load(Settings, {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}), "goals")
    try:
        request = RequestContext("m", "0123456789abcdef", Principal.system("x"), traceparent=SAMPLED)
        with answering(request), tracing.span("sql.transaction", schema="goals"):
            pass
    finally:
        tracing.shut_down()


def test_what_is_waiting_is_sent_before_the_end(collector: Collector, endpoint: str):
    record_to(endpoint)

    (sent,) = collector.received
    names = {each.key: each.value.string_value for each in sent.resource.attributes}
    (span,) = [span for scope in sent.scope_spans for span in scope.spans]
    assert names["service.name"] == "tandem-goals"
    assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == ("sql.transaction", TRACE, SAMPLED[36:52])
    assert {each.key: each.value.string_value for each in span.attributes} == {"schema": "goals"}


def test_a_collector_that_is_away_does_not_hold_up_the_end():
    """The whole of stopping has 28 s, of which open calls may take 20."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        began = time.monotonic()
        record_to(f"http://127.0.0.1:{taken.getsockname()[1]}")

    assert time.monotonic() - began < 5
