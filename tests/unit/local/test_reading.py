"""Log lines as people read them."""

import json

import pytest

from deploy.local.reading import readable

SERVED = {
    "timestamp": "2026-11-21T09:03:15.989204Z",
    "level": "info",
    "process": "gateway",
    "module": "gateway.app.edge",
    "event": "http_request",
    "ms": 7.17,
    "status": 201,
    "operation": "check_in",
    "request_id": "0123456789abcdef",
    "trace_id": "0af7651916cd43dd8448eb211c80319c",
}


def line(**facts: object) -> str:
    return json.dumps({**SERVED, **facts})


def test_a_request_says_when_who_what_and_how() -> None:
    words = readable(line(), is_coloured=False).split()

    assert words == [
        "11-21", "09:03:15.989", "gateway", "http_request",
        "operation=check_in", "status=201", "ms=7.17", "request_id=0123456789abcdef",
    ]  # fmt: skip


def test_a_failure_says_how_bad_and_why() -> None:
    words = readable(line(level="error", failure="KeyError at here.py:1:run"), is_coloured=False)

    assert "  error  http_request" in words
    assert words.endswith('failure="KeyError at here.py:1:run"')


@pytest.mark.parametrize("text", ["LOG:  database system is ready", "{", '{"a": 1}', "[1]", "", '"x"', "{}"])
def test_what_is_no_record_of_ours_passes(text: str) -> None:
    assert readable(text, is_coloured=True) == text


@pytest.mark.parametrize("text", ["\x1b[2J", "two\nlines", "\r", "\u202e"])
@pytest.mark.parametrize("is_coloured", [True, False])
def test_nothing_in_a_line_controls_the_terminal(text: str, is_coloured: bool) -> None:
    for shown in (
        readable(line(reason=text, event=text, process=text), is_coloured=is_coloured),
        readable(f"plain {text}", is_coloured=is_coloured),
    ):
        assert text not in shown


def test_colours_are_for_terminals_only() -> None:
    assert "\x1b[" in readable(line(), is_coloured=True)
    assert "\x1b" not in readable(line(), is_coloured=False)
