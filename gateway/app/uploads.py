"""Uploads: a body of `multipart/form-data` with one part, the file (RFC 7578).

The body is whole and bounded before it is looked at, so reading it is finding a few marks in bytes. What is not exactly
one part called `file` is refused: a part that nobody reads could hold anything.
"""

from collections.abc import Mapping
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Final

from gateway.app.guard import Receive, declared_length, read_body
from gateway.problems import Problem, invalid, malformed

NAME: Final = "file"
# What stands around a file: two delimiters and the headers of its part.
AROUND_BYTES: Final = 16 * 1024
# 20 MiB over three megabits a second.
TIMEOUT_S: Final = 55.0
_MAX_BOUNDARY: Final = 70
_MAX_HEADER_BYTES: Final = 8 * 1024
_PLAIN: Final = frozenset({"", "7bit", "8bit", "binary"})


async def read_upload(receive: Receive, headers: Mapping[bytes, bytes], *, limit_bytes: int) -> bytes:
    """The file.

    Raises:
        Problem: 415 for another media type, 413 beyond the limit, 400 for what is no form, 422 for another one.
    """
    boundary = boundary_of(headers)
    declared_bytes = declared_length(headers.get(b"content-length"))
    body = await read_body(
        receive, declared_bytes=declared_bytes, limit_bytes=limit_bytes + AROUND_BYTES, timeout_s=TIMEOUT_S
    )
    file = file_in(body, boundary)
    if len(file) > limit_bytes:
        raise Problem("payload-too-large", f"A file here may have at most {limit_bytes // 2**20} MiB.")
    return file


def boundary_of(headers: Mapping[bytes, bytes]) -> bytes:
    """What parts are separated by.

    Raises:
        Problem: 415 where the body is no form, 400 where the boundary is none.
    """
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise Problem("unsupported-media-type", "Compressed bodies are not accepted.")
    described = Message()
    described["content-type"] = headers.get(b"content-type", b"").decode("latin-1").replace("\n", " ")
    if described.get_content_type() != "multipart/form-data":
        raise Problem("unsupported-media-type", "Send multipart/form-data with one part, the file.")
    boundary = described.get_param("boundary")
    if not isinstance(boundary, str) or not 1 <= len(boundary) <= _MAX_BOUNDARY or not boundary.isascii():
        raise malformed("The boundary of the form is none.")
    return boundary.encode("ascii")


def file_in(body: bytes, boundary: bytes) -> bytes:
    """The content of the only part.

    Raises:
        Problem: 400 for what is no form, 422 where it has other parts than the file.
    """
    delimiter = b"\r\n--" + boundary
    # The first delimiter may stand at the very beginning.
    preamble, *parts = (b"\r\n" + body).split(delimiter, 3)
    if not parts or not parts[-1].startswith(b"--"):
        # Either it never ends, or there are more parts than are looked at.
        raise _unreadable() if len(parts) < 3 else invalid(NAME, "must be the only part of the form")
    if len(preamble) > AROUND_BYTES or len(parts) == 1:
        raise invalid(NAME, "is required")
    if len(parts) > 2:
        raise invalid(NAME, "must be the only part of the form")
    return _content(parts[0])


def _content(part: bytes) -> bytes:
    """What follows the headers of a part."""
    line, found, rest = part.partition(b"\r\n")
    if not found or line.strip(b" \t"):
        raise _unreadable()
    end = 0 if rest.startswith(b"\r\n") else rest.find(b"\r\n\r\n", 0, _MAX_HEADER_BYTES)
    if end < 0:
        raise _unreadable()
    headers = BytesHeaderParser().parsebytes(rest[:end])
    if headers.get_content_disposition() != "form-data" or _name(headers) != NAME:
        raise invalid(NAME, "is required")
    if (headers.get("content-transfer-encoding") or "").strip().lower() not in _PLAIN:
        raise Problem("unsupported-media-type", "Send the file as it is, without a transfer encoding.")
    return rest[end + (2 if end == 0 else 4) :]


def _name(headers: Message) -> object:
    return headers.get_param("name", header="content-disposition")


def _unreadable() -> Problem:
    return malformed("The body is no form of parts.")
