"""Files that goals go out and come in by: our own, and those of Loop Habit Tracker, Beeminder and Habitica.

A parser turns bytes of strangers into what they ask for (`model`); `arrangement` decides what of it comes in; `writer`
makes our own export.
"""

from services.goals.domain.transfer import beeminder, habitica, loop_csv, loop_sqlite, own
from services.goals.domain.transfer.arrangement import (
    Arrangement,
    Arrival,
    Ground,
    KnownGoal,
    arrange,
)
from services.goals.domain.transfer.model import MAX_ENTRIES, MAX_FILE_BYTES, Parsed, Skipped, Source, refused
from services.goals.domain.transfer.recording import stored_key
from services.goals.domain.transfer.writer import CsvWriter, JsonWriter, Writer

__all__ = [
    "MAX_ENTRIES",
    "MAX_FILE_BYTES",
    "Arrangement",
    "Arrival",
    "CsvWriter",
    "Ground",
    "JsonWriter",
    "KnownGoal",
    "Parsed",
    "Skipped",
    "Source",
    "Writer",
    "arrange",
    "parse",
    "stored_key",
]


def parse(source: Source, content: bytes) -> Parsed:
    """What is in a file. It takes as long as the file is large: call it where nobody waits for the same thread.

    Raises:
        InvalidArgument: The file as a whole cannot be read, or takes more than it may.
    """
    if not content:
        raise refused("is empty")
    if len(content) > MAX_FILE_BYTES:
        raise refused(f"is larger than {MAX_FILE_BYTES // 2**20} MiB")
    match source:
        case Source.LOOP:
            return loop_sqlite.parse(content) if content.startswith(loop_sqlite.MAGIC) else loop_csv.parse(content)
        case Source.BEEMINDER:
            return beeminder.parse(content)
        case Source.HABITICA:
            return habitica.parse(content)
        case Source.TANDEM:
            return own.parse(content)
