"""The reader that stands for a browser reads as the standard has it, wherever its chunks end."""

import pytest

from tests.support.sse import Event, EventStream

# Most of it from the examples of the HTML standard, 9.2.6.
CASES = {
    "lines of data are joined": (b"data: YHOO\ndata: +2\ndata: 10\n\n", [Event("message", "YHOO\n+2\n10")]),
    "comments say nothing": (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [Event("message", "first event", "1"), Event("message", "second event"), Event("message", " third event")],
    ),
    "empty data": (b"data\n\ndata\ndata\n\ndata:", [Event("message", ""), Event("message", "\n")]),
    "one space is no data": (b"data:test\n\ndata: test\n\n", [Event("message", "test")] * 2),
    "names last for one event": (b"event: a\ndata: 1\n\ndata: 2\n\n", [Event("a", "1"), Event("message", "2")]),
    "a name without data is no event": (b"event: a\n\ndata: 1\n\n", [Event("message", "1")]),
    "ids last": (b"id: 7\ndata: 1\n\ndata: 2\n\n", [Event("message", "1", "7"), Event("message", "2", "7")]),
    "an id with a NUL is none": (b"id: 7\n\nid: 8\0\ndata: 1\n\n", [Event("message", "1", "7")]),
    "unknown fields say nothing": (b"colour: red\nDATA: 1\ndata: 2\n\n", [Event("message", "2")]),
    "any end of line": (
        b"event: a\rdata: 1\r\rdata: 2\r\n\r\ndata: 3\n\ndata: 4\r\n\n",
        [Event("a", "1"), Event("message", "2"), Event("message", "3"), Event("message", "4")],
    ),
    "a byte order mark": (b"\xef\xbb\xbfdata: 1\n\ndata: \xef\xbb\xbf2\n\n", [
        Event("message", "1"), Event("message", "\ufeff2"),
    ]),
    "letters of several bytes": ("data: schön, 好\n\n".encode(), [Event("message", "schön, 好")]),
    "what is no UTF-8": (b"data: \xff\n\n", [Event("message", "\ufffd")]),
    "what has no end": (b"data: 1\n\ndata: 2\n", [Event("message", "1")]),
}  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("case", CASES)
def test_streams_are_read_as_a_browser_does(case: str, size: int):
    sent, expected = CASES[case]
    stream = EventStream()

    chunks = [sent[at : at + size] for at in range(0, len(sent), size)]

    assert [event for chunk in chunks for event in stream.feed(chunk)] == expected


def test_a_browser_is_told_when_to_come_back():
    stream = EventStream()

    assert list(stream.feed(b"retry: 1500\n\nretry: soon\n\n")) == []
    assert stream.retry_ms == 1500
