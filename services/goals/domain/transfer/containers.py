"""Files within bounds: JSON, CSV and ZIP of strangers, read without letting them take more than they may."""

import csv
import io
import json
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from services.goals.domain.transfer.model import MAX_ENTRIES, refused

MAX_DEPTH: Final = 32
# Our own fullest export of 100,000 entries stays below both.
MAX_CONTAINERS: Final = 600_000
MAX_COMMAS: Final = 3_000_000
MAX_ARCHIVE_FILES: Final = 5_000
MAX_INFLATED_BYTES: Final = 64 * 1024 * 1024
# Deflate reaches 1032 at most; text of habits stays below 100 where it is long enough to matter.
MAX_RATIO: Final = 200
_SMALL_BYTES: Final = 1024 * 1024
MAX_CELL_CHARACTERS: Final = 64 * 1024
MAX_ROWS: Final = 2 * MAX_ENTRIES
_INTEGER_CHARACTERS: Final = 20

# A string that is never closed reaches to the end, and nothing is tried twice.
_NESTING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_DELIMITERS: Final = (",", ";", "\t")

Row = list[str]


def read_json(content: bytes) -> Any:
    """The document.

    Raises:
        InvalidArgument: It is none, or takes more than it may.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.count(b"[") + content.count(b"{") > MAX_CONTAINERS or content.count(b",") > MAX_COMMAS:
        raise refused("holds more lists and objects than can be read at once")
    depth = 0
    for token in _NESTING.finditer(content):
        opening = token.group()[0]
        depth += (opening in b"[{") - (opening in b"]}")
        if depth > MAX_DEPTH:
            raise refused(f"is nested deeper than {MAX_DEPTH} levels")
    try:
        return _DECODER.decode(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise refused("is not valid JSON in UTF-8") from None


def read_rows(content: bytes, *, where: str) -> Iterator[Row]:
    """The rows of a CSV file, whatever its separator; empty ones are left out.

    Raises:
        InvalidArgument: It is none, or has more rows or longer cells than it may.
    """
    text = _decoded(content)
    delimiter = _delimiter(text)
    # The limit is the module's; it is the same for all threads, so it does not matter who sets it.
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
            if number >= MAX_ROWS:
                raise refused(f"has more than {MAX_ROWS} rows in {where}")
            if row:
                yield row
    except csv.Error:
        raise refused(f"cannot be read as CSV in {where}") from None


def _decoded(content: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def _delimiter(text: str) -> str:
    head = text[:4096].split("\n", 1)[0]
    return max(_DELIMITERS, key=head.count)


class Archive:
    """A ZIP file in memory; its files are read one by one, and nothing is ever written anywhere."""

    def __init__(self, content: bytes) -> None:
        """Reads the directory.

        Raises:
            InvalidArgument: It is none, or promises more than it may hold.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, OverflowError):
            raise refused("is not a readable ZIP file") from None
        # A name that begins with NUL is read as an empty one, of which `is_dir` knows nothing.
        files = [info for info in self._zip.infolist() if info.filename and not info.is_dir()]
        if len(files) > MAX_ARCHIVE_FILES:
            raise refused(f"holds more than {MAX_ARCHIVE_FILES} files")
        self._files = {info.filename: info for info in files}
        if len(self._files) != len(files):
            raise refused("holds a file of the same name twice")
        self._inflated_bytes = 0

    @property
    def names(self) -> list[str]:
        """Names of files, as they stand; they only name, nothing is opened by them but what is within."""
        return list(self._files)

    def read(self, name: str) -> bytes:
        """A file.

        Raises:
            InvalidArgument: It cannot be read, or all files together are larger than they may be.
        """
        info = self._files[name]
        if info.flag_bits & 0x1:
            raise refused("is encrypted; export it without a password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refused("is packed in a way that is not read here")
        left = MAX_INFLATED_BYTES - self._inflated_bytes
        try:
            with self._zip.open(info) as file:
                # What the directory says of the size is a promise; one byte more than may be shows who breaks it.
                content = file.read(left + 1)
        except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError, RuntimeError):
            raise refused("holds a file that is damaged") from None
        is_bomb = len(content) > _SMALL_BYTES and len(content) > MAX_RATIO * max(info.compress_size, 1)
        if len(content) > left or is_bomb:
            raise refused(f"holds more than {MAX_INFLATED_BYTES // 2**20} MiB when it is unpacked")
        self._inflated_bytes += len(content)
        return content


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("not a JSON number")


def _integer(text: str) -> int:
    if len(text) > _INTEGER_CHARACTERS:
        raise ValueError("integer out of range")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("number out of range")
    return number


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer, parse_float=_number)
