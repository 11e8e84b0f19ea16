"""Structured logs: events with a literal name and attributes, JSON or console, with the request id on every line.

What people write never becomes an attribute. Values are cut at a length, so that no line can flood the log; a full
disk drops lines and counts them, it never blocks or fails a request.
"""

import logging
import logging.handlers
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import Counter

from chassis.config import Settings
from chassis.request import find_current

MAX_VALUE_LENGTH = 1000
LOG_FILE_BYTES = 10 * 1024 * 1024
LOG_FILES = 5

_DROPPED = Counter("tandem_log_lines_dropped_total", "Log lines that could not be written")


class _DroppingStream(logging.StreamHandler[Any]):
    """Drops and counts what cannot be written."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is the standard library's
        _DROPPED.inc()


class _DroppingFile(logging.handlers.RotatingFileHandler):
    """Drops and counts what cannot be written."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is the standard library's
        _DROPPED.inc()


def configure(settings: Settings, process: str) -> None:
    """Sends every log line of this process, ours and the libraries', to one place in one form."""
    handler = _handler(settings.log_file)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request,
        _cut,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=settings.log_file is None and sys.stderr.isatty())
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _name_process(process)],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    for noisy in ("asyncio", "alembic", "httpx", "httpcore", "granian.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            _name_process(process),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger


def _handler(file: Path | None) -> logging.Handler:
    if file is None:
        return _DroppingStream(sys.stderr)
    file.parent.mkdir(parents=True, exist_ok=True)
    return _DroppingFile(file, maxBytes=LOG_FILE_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8", delay=True)


def _name_process(process: str) -> structlog.typing.Processor:
    def add(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process
        return event

    return add


def _add_request(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    request = find_current()
    if request is not None:
        event.setdefault("request_id", request.request_id)
        if request.traceparent:
            event.setdefault("trace_id", request.traceparent[3:35])
    return event


def _cut(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str) and len(value) > MAX_VALUE_LENGTH:
            event[key] = value[:MAX_VALUE_LENGTH] + "…"
    return event
