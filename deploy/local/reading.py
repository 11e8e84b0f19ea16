"""Log lines for people: what a process wrote as JSON becomes one line to read; every other line passes as it is."""

import json
from collections.abc import Mapping
from typing import Any, Final

# In this order, before whatever else a line says.
_FIRST: Final = ("operation", "method", "status", "code", "ms", "request_id")
# Said elsewhere in the line, or of use to machines only.
_LEFT_OUT: Final = frozenset({"timestamp", "process", "event", "level", "module", "logger", "trace_id"})
_BOLD, _DIM, _RED, _YELLOW, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[33m", "\x1b[0m"


def readable(line: str, *, is_coloured: bool) -> str:
    """One line of a log, for people.

    Args:
        line: As it stands in the file, without its line break.
        is_coloured: For a terminal; nothing but our own colours ever gets to control it.
    """
    event = _event(line)
    if event is None:
        return _printable(line)
    level = str(event.get("level", "info"))
    words = [_time(event), f"{event.get('process', '?'):<9}", f"{event['event']:<14}"]
    if level != "info":
        words.insert(2, level)
    facts = [name for name in _FIRST if name in event] + [
        name for name in event if name not in _FIRST and name not in _LEFT_OUT
    ]
    head = [_printable(word) for word in words]
    told = [f"{name}={_value(event[name])}" for name in facts]
    if is_coloured:
        colour = {"warning": _YELLOW, "error": _RED, "critical": _RED}.get(level, _BOLD)
        head = [f"{_DIM}{head[0]}{_PLAIN}", head[1], *(f"{colour}{word}{_PLAIN}" for word in head[2:])]
    return "  ".join([*head, *told]).rstrip()


def _event(line: str) -> Mapping[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def _time(event: Mapping[str, Any]) -> str:
    """Month, day and milliseconds of the time in UTC; the year is in the file."""
    return str(event.get("timestamp", ""))[5:23].replace("T", " ")


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if text.isprintable() and " " not in text else json.dumps(text)


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() or each == "\t" else f"\\x{ord(each):02x}" for each in text)
