"""Which form of a chat's answer a client asks for."""

import pytest

from gateway.app.accept import prefers_event_stream


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (b"text/event-stream", True),
        (b"Text/Event-Stream", True),
        (b"text/event-stream; charset=utf-8", True),
        (b"text/event-stream, */*;q=0.1", True),
        (b"text/event-stream, application/json", True),
        (b"text/event-stream;q=0.5", True),
        (b"", False),
        (b"*/*", False),
        (b"text/*", False),
        (b"application/json", False),
        (b"application/json, text/event-stream;q=0", False),
        (b"application/json, text/event-stream ; Q=0.000", False),
        (b"application/json, text/event-stream;q=0.9", False),
        (b"application/json;q=0.2, text/event-stream;q=0.9, */*", True),
        (b"text/event-stream;q=2", False),
        (b"text/event-stream;q=", False),
        (b"text/event-streams", False),
    ],
)
def test_a_stream_is_sent_where_it_is_named_and_not_liked_less(accept: bytes, expected: bool):
    assert prefers_event_stream(accept) is expected
