"""Traces: W3C context is always passed on, spans are made only for sampled requests, and sent only where told to.

The OpenTelemetry SDK is imported only when an endpoint is configured; contributed instrumentation stays off the hot
path (docs/adr/0003).
"""

import random
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from chassis.config import Settings
from chassis.request import RequestContext, find_current

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_SAMPLED = 0x01
# For one batch with all its retries: the process waits for the last one when it ends.
_EXPORT_TIMEOUT_S = 2
# Trace ids keep no secret; asking the kernel for each of them would cost every request two system calls.
_random = random.Random()  # noqa: S311
_NO_SPAN: "AbstractContextManager[Span | None]" = nullcontext()


class _Tracing:
    """The process's tracer, if any, and how often it starts a trace of its own."""

    def __init__(self) -> None:
        self.tracer: Tracer | None = None
        self.provider: TracerProvider | None = None
        self.ratio = 0.0


_tracing = _Tracing()


def configure(settings: Settings, process: str) -> None:
    """Starts exporting spans when an endpoint is configured; does nothing otherwise."""
    if not settings.otlp_endpoint:
        return
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"tandem-{process}"}))
    exporter = OTLPSpanExporter(
        endpoint=settings.otlp_endpoint,
        insecure=settings.otlp_endpoint.startswith("http://"),
        timeout=_EXPORT_TIMEOUT_S,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    use(provider, ratio=settings.trace_ratio)


def use(provider: "TracerProvider", *, ratio: float) -> None:
    """Makes spans with `provider`; new traces are sampled with probability `ratio`."""
    _tracing.provider = provider
    _tracing.tracer = provider.get_tracer("tandem")
    _tracing.ratio = ratio


def shut_down() -> None:
    """Sends what is waiting and stops making spans."""
    if _tracing.provider is not None:
        _tracing.provider.shutdown()
    _tracing.provider = _tracing.tracer = None


def is_valid(traceparent: str) -> bool:
    """True for a well-formed W3C traceparent of version 00."""
    return _TRACEPARENT.fullmatch(traceparent) is not None


def new_traceparent() -> str:
    """Begins a trace: random ids, sampled by the configured ratio."""
    sampled = _tracing.ratio > 0 and _random.random() < _tracing.ratio
    return f"00-{_random.getrandbits(128) or 1:032x}-{_random.getrandbits(64) or 1:016x}-{'01' if sampled else '00'}"


def span(
    name: str, *, is_server: bool = False, **attributes: str | float | bool
) -> "AbstractContextManager[Span | None]":
    """Makes a span around the block when the request at hand is sampled; otherwise costs two look-ups and gives None.

    Inside the block the request's `traceparent` names the new span. Attributes carry ids and counts, never text that
    a person wrote. A failure marks the span with the class of the exception, not with its message.
    """
    request = find_current() if _tracing.tracer is not None else None
    if _tracing.tracer is None or request is None or not _is_sampled(request.traceparent):
        return _NO_SPAN
    return _recorded(_tracing.tracer, request, name, is_server, attributes)


@contextmanager
def _recorded(
    tracer: "Tracer", request: RequestContext, name: str, is_server: bool, attributes: dict[str, str | float | bool]
) -> "Iterator[Span]":
    from opentelemetry import trace

    outer = request.traceparent or ""
    with tracer.start_as_current_span(
        name,
        context=_parent(outer),
        kind=trace.SpanKind.SERVER if is_server else trace.SpanKind.INTERNAL,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        context = made.get_span_context()
        request.traceparent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
        try:
            yield made
        except Exception as failure:
            made.set_status(trace.Status(trace.StatusCode.ERROR, type(failure).__name__))
            raise
        finally:
            request.traceparent = outer


def _is_sampled(traceparent: str | None) -> bool:
    return traceparent is not None and bool(int(traceparent[-2:], 16) & _SAMPLED)


def _parent(traceparent: str) -> "Context":
    from opentelemetry import trace

    remote = trace.SpanContext(
        trace_id=int(traceparent[3:35], 16),
        span_id=int(traceparent[36:52], 16),
        is_remote=True,
        trace_flags=trace.TraceFlags(int(traceparent[53:55], 16)),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(remote))
