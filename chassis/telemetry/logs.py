"""Structured logs: events with a literal name and attributes, JSON or console, with the request id on every line.

What people write never becomes an attribute. Values are cut at a length, so that no line can flood the log; a full
disk drops lines and counts them, it never blocks or fails a request.
"""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress
from copy import copy
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import orjson
import structlog
from prometheus_client import Counter

from chassis.config import Settings
from chassis.request import find_current

MAX_VALUE_LENGTH: Final = 1000
LOG_FILE_BYTES: Final = 10 * 1024 * 1024
LOG_FILES: Final = 5
STDERR: Final = 2
_HOLDS_OTHERS: Final = (BaseException, list, tuple, set, frozenset, dict)

_DROPPED = Counter("tandem_log_lines_dropped_total", "Log lines that could not be written")


class Sink:
    """Where lines go: a file rotated by size, or the standard error. Drops and counts what cannot be written.

    A descriptor and one `write` per line instead of a stream of the logging package: a tenth of the time on hot paths.
    """

    def __init__(self, file: Path | None, *, max_bytes: int = LOG_FILE_BYTES, files: int = LOG_FILES) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._files = files
        self._lock = threading.Lock()
        self._descriptor = STDERR
        self._size = 0
        self._rotate_above = max_bytes
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._use(_open(file))

    def write(self, line: bytes) -> None:
        """Writes one line; the line break is added here."""
        with self._lock:
            if self._file is not None and self._size > self._rotate_above:
                self._rotate(self._file)
            try:
                self._size += os.write(self._descriptor, line + b"\n")
            except OSError:
                _DROPPED.inc()

    # The names under which structlog calls a logger.
    msg = debug = info = warning = error = critical = write

    def _use(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size
        self._rotate_above = self._max_bytes

    def _rotate(self, file: Path) -> None:
        """Opens the next file before it lets go of this one; when that fails, this one goes on and grows."""
        before = self._descriptor
        try:
            next_file = file.with_name(f"{file.name}.next")
            descriptor = _open(next_file)
            try:
                self._shift(file)
                next_file.replace(file)
            except OSError:
                os.close(descriptor)
                raise
        except OSError:
            # Not at every line: each attempt costs several calls of the system.
            self._rotate_above = self._size + self._max_bytes // 10
            return
        self._use(descriptor)
        with suppress(OSError):
            os.close(before)

    def _shift(self, file: Path) -> None:
        """Frees the name `file`. Stops at a gap, so that an attempt that ended half-way costs no second old file."""
        names = [file, *(file.with_name(f"{file.name}.{number}") for number in range(1, self._files))]
        taken = list(takewhile(Path.exists, names))
        for newer, older in reversed(list(zip(taken, names[1:], strict=False))):
            newer.replace(older)


def _open(file: Path) -> int:
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


class _LibraryHandler(logging.Handler):
    """Sends what libraries log to the same place in the same form."""

    def __init__(self, sink: Sink, formatter: logging.Formatter) -> None:
        super().__init__()
        self._sink = sink
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record; one that cannot be formatted is dropped and counted."""
        try:
            line = self.format(_without_words(record)).encode("utf-8", "backslashreplace")
        except Exception:
            _DROPPED.inc()
        else:
            self._sink.write(line)


def configure(settings: Settings, process: str) -> None:
    """Sends every log line of this process, ours and the libraries', to one place in one form."""
    sink = Sink(settings.log_file)
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _name_process(process),
        _add_request,
        _describe_failures,
        _cut,
    ]
    renderer = _renderer(settings)
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=lambda *_: sink,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level)),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, _drop_words_of_asyncio, *shared],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            lambda logger, name, event: renderer(logger, name, event).decode(),
        ],
    )
    root = logging.getLogger()
    root.handlers = [_LibraryHandler(sink, formatter)]
    root.setLevel(settings.log_level)
    for noisy in ("asyncio", "alembic", "httpx", "httpcore", "granian.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def describe_loop_failures(loop: asyncio.AbstractEventLoop) -> None:
    """Logs what nobody awaited or caught in `loop` as `describe` does; asyncio itself would quote the exception."""
    loop.set_exception_handler(_log_loop_failure)


def _log_loop_failure(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # Neither the message nor the task itself: their texts quote exceptions and arguments.
    task = context.get("task") or context.get("future")
    work = task.get_coro() if isinstance(task, asyncio.Task) else None
    get_logger(__name__).error(
        "loop_failure", failure=describe(context.get("exception")), work=getattr(work, "__qualname__", None)
    )


def describe(failure: BaseException | None) -> str:
    """Class names and places of a failure and its causes, without any message: those may quote a person."""
    parts: list[str] = []
    while failure is not None and len(parts) < 5:
        frames, trace = [], failure.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}:{code.co_name}")
            trace = trace.tb_next
        parts.append(f"{type(failure).__name__} at {' > '.join(frames[-6:])}")
        failure = failure.__cause__ or failure.__context__
    return " <- ".join(parts)


def _renderer(settings: Settings) -> Any:
    is_on_terminal = settings.log_file is None and sys.stderr.isatty()
    fitting = "console" if is_on_terminal and settings.environment == "development" else "json"
    if (settings.log_format or fitting) == "json":
        return structlog.processors.JSONRenderer(serializer=orjson.dumps, default=str)
    console = structlog.dev.ConsoleRenderer(colors=is_on_terminal)
    return lambda logger, name, event: console(logger, name, event).encode()


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of a module."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(module=name)
    return logger


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
        if isinstance(value, str):
            if len(value) > MAX_VALUE_LENGTH:
                event[key] = value[:MAX_VALUE_LENGTH] + "…"
        elif isinstance(value, _HOLDS_OTHERS):
            event[key] = _described(value)
    return event


def _drop_words_of_asyncio(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Its messages quote tasks and handles, and with them exceptions and arguments; where it complained is enough."""
    if event.get("logger") == "asyncio":
        record = event["_record"]
        event["event"] = "asyncio_complaint"
        event["place"] = f"{record.module}:{record.lineno}:{record.funcName}"
    return event


def _describe_failures(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Takes out what a renderer would make a traceback of: the text of an exception, and in a console all variables."""
    if "exc_info" in event:
        failure = event.pop("exc_info")
        if isinstance(failure, tuple):
            failure = failure[1]
        elif failure is True:
            failure = sys.exception()
        if isinstance(failure, BaseException):
            event["failure"] = describe(failure)
    event.pop("stack_info", None)
    return event


def _without_words(record: logging.LogRecord) -> logging.LogRecord:
    """The record, with exceptions among its arguments described."""
    arguments = record.args
    if isinstance(arguments, dict):
        record = copy(record)
        record.args = _described(arguments)
    elif arguments and any(isinstance(each, _HOLDS_OTHERS) for each in arguments):
        record = copy(record)
        record.args = tuple(map(_described, arguments))
    return record


def _described(value: Any) -> Any:
    """The value with descriptions in place of exceptions; their texts are what `str` makes of them."""
    if isinstance(value, BaseException):
        return describe(value)
    if isinstance(value, dict):
        return {key: _described(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_described(each) for each in value]
    return value
