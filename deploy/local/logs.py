"""The children's log files: where their own output goes, their last words, and keeping them from growing.

Our processes rotate their logs themselves; what PostgreSQL, Valkey and a crashing interpreter write to their output is
cut here. The writers append, so a file may be copied and emptied under them.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROTATE_BYTES = 10 * 1024 * 1024
KEPT_FILES = 5
_LAST_LINES = 5
_LAST_WORDS_LENGTH = 800
_TAIL_BYTES = 64 * 1024


@contextmanager
def appending(file: Path) -> Iterator[IO[bytes]]:
    """Opens a log for a child to append to, readable by its owner alone."""
    with open(file, "ab", opener=_open_private) as output:
        yield output


def tail(file: Path, lines: int) -> list[str]:
    """The last lines of a log; none when it is not there."""
    try:
        with open(file, "rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - _TAIL_BYTES))
            return log.read().decode("utf-8", "replace").splitlines()[-lines:]
    except OSError:
        return []


def last_words(logs: Sequence[Path], *, since: float = 0) -> str:
    """The last lines, on one line and each once, of the last log that was written to after `since` (epoch seconds)."""
    for file in reversed(logs):
        lines = tail(file, _LAST_LINES) if file.exists() and file.stat().st_mtime >= since else []
        if words := list(dict.fromkeys(line.strip() for line in lines if line.strip())):
            return " | ".join(words)[-_LAST_WORDS_LENGTH:]
    return "(none)"


def rotate(file: Path) -> None:
    """Empties a log that has grown too long, keeping `KEPT_FILES` of its past."""
    try:
        if file.stat().st_size < ROTATE_BYTES:
            return
        for number in range(KEPT_FILES - 1, 0, -1):
            older = file.with_name(f"{file.name}.{number}")
            if older.exists():
                older.replace(file.with_name(f"{file.name}.{number + 1}"))
        shutil.copy2(file, file.with_name(f"{file.name}.1"))
        os.truncate(file, 0)
    except OSError:
        return  # a full disk must not take the supervisor down; the next round tries again


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
