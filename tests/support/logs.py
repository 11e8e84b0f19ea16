"""Logging as a process does it, for as long as a test needs it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from chassis.config import Settings, load
from chassis.telemetry import logs


@contextmanager
def logging_to(file: Path, form: str = "json") -> Iterator[Path]:
    """Sends the log to `file` in the form that TANDEM_LOG_FORMAT would name."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    logs.configure(load(Settings, {"TANDEM_LOG_FILE": str(file), "TANDEM_LOG_FORMAT": form}), "test")
    # A logger that a module keeps would go on writing to the first test's file.
    structlog.configure(cache_logger_on_first_use=False)
    try:
        yield file
    finally:
        structlog.reset_defaults()
        root.handlers = handlers
        root.setLevel(level)
