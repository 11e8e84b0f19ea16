"""The server span of a sampled request, in OpenTelemetry's words for HTTP.

It says what every request to an operation has in common, the status and the request id. The path, the query and the
body as they were sent stay out of it: they hold what people wrote.
"""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

from chassis.telemetry import tracing
from gateway.app.operation import Operation

if TYPE_CHECKING:
    from opentelemetry.trace import Span

# Anybody can make up a method; the others are called alike.
_METHODS: Final = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
_OTHER: Final = "_OTHER"


def server_span(operation: Operation | None, method: str) -> "AbstractContextManager[Span | None]":
    """A span around a request; gives None when it is not sampled."""
    if operation is not None:
        return tracing.span(f"{operation.method} {operation.path}", is_server=True)
    return tracing.span(method if method in _METHODS else "HTTP", is_server=True)


def describe(span: "Span", operation: Operation | None, method: str, *, status: int, request_id: str) -> None:
    """Tells a span how its request went."""
    span.set_attributes(
        {
            "http.request.method": method if method in _METHODS else _OTHER,
            "http.response.status_code": status,
            "tandem.request_id": request_id,
        }
    )
    if operation is not None:
        span.set_attribute("http.route", operation.path)
    if status >= 500:
        from opentelemetry.trace import Status, StatusCode

        span.set_status(Status(StatusCode.ERROR))
