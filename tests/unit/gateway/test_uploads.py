"""Forms with one file: what is read of them, and what is refused."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.app.uploads import AROUND_BYTES, boundary_of, file_in, read_upload
from gateway.problems import Problem

BOUNDARY = b"x1"


def form(content: bytes, *, disposition: str = 'form-data; name="file"; filename="a.db"', more: str = "") -> bytes:
    head = f"Content-Disposition: {disposition}\r\n{more}\r\n".encode()
    return b"--" + BOUNDARY + b"\r\n" + head + content + b"\r\n--" + BOUNDARY + b"--\r\n"


def refused(body: bytes) -> str:
    with pytest.raises(Problem) as problem:
        file_in(body, BOUNDARY)
    return problem.value.slug


@given(st.binary(max_size=300))
def test_any_bytes_come_through_as_they_are(content: bytes):
    if b"\r\n--" + BOUNDARY not in b"\r\n" + content:
        assert file_in(form(content), BOUNDARY) == content


def test_what_other_clients_write_is_read():
    bare = form(b"abc").removesuffix(b"\r\n")
    preamble = b"This is a form.\r\n" + form(b"abc")
    padded = form(b"abc").replace(b"--x1\r\n", b"--x1  \r\n", 1)
    quiet = form(b"abc", disposition="form-data; name=file", more="Content-Type: application/zip\r\n")

    assert {file_in(body, BOUNDARY) for body in (bare, preamble, padded, quiet)} == {b"abc"}


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (b"", "malformed-request"),
        (b"abc", "malformed-request"),
        (form(b"abc")[:-6], "malformed-request"),
        (b"--x1--\r\n", "validation-failed"),
        (form(b"abc", disposition='form-data; name="other"'), "validation-failed"),
        (form(b"abc", disposition='attachment; name="file"'), "validation-failed"),
        (form(b"abc")[:-8] + b"\r\n" + form(b"def"), "validation-failed"),
        (b"--x1\r\nno headers end", "malformed-request"),
        (b"--x1\r\n\r\nno headers\r\n--x1--", "validation-failed"),
        (b"--x1junk\r\n\r\nabc\r\n--x1--", "malformed-request"),
        (form(b"YWJj", more="Content-Transfer-Encoding: base64\r\n"), "unsupported-media-type"),
        (form(b"abc", more="X: " + "y" * 10_000 + "\r\n"), "malformed-request"),
        ((b"--x1\r\n" * 100_000), "validation-failed"),
    ],
)
def test_what_is_no_form_with_one_file_is_refused(body: bytes, slug: str):
    assert refused(body) == slug


@given(st.binary(max_size=200))
def test_no_bytes_are_a_fault_of_ours(body: bytes):
    for each in (body, b"--x1\r\n" + body + b"\r\n--x1--"):
        try:
            file_in(each, BOUNDARY)
        except Problem as problem:
            status = problem.status
        else:
            status = 200
        assert status in (200, 400, 415, 422)


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        (b"multipart/form-data; boundary=x1", b"x1"),
        (b'Multipart/Form-Data; charset=utf-8; boundary="x 1"', b"x 1"),
    ],
)
def test_boundaries_are_found(content_type: bytes, boundary: bytes):
    assert boundary_of({b"content-type": content_type}) == boundary


@pytest.mark.parametrize(
    ("headers", "slug"),
    [
        ({}, "unsupported-media-type"),
        ({b"content-type": b"application/json"}, "unsupported-media-type"),
        ({b"content-type": b"multipart/mixed; boundary=x1"}, "unsupported-media-type"),
        ({b"content-type": b"multipart/form-data"}, "malformed-request"),
        ({b"content-type": b"multipart/form-data; boundary=" + b"x" * 71}, "malformed-request"),
        ({b"content-type": b"multipart/form-data; boundary=\xff"}, "malformed-request"),
        (
            {b"content-type": b"multipart/form-data; boundary=x1", b"content-encoding": b"gzip"},
            "unsupported-media-type",
        ),
    ],
)
def test_other_bodies_are_refused(headers: dict[bytes, bytes], slug: str):
    with pytest.raises(Problem) as problem:
        boundary_of(headers)

    assert problem.value.slug == slug


def test_a_file_that_is_too_large_is_refused_whatever_is_declared():
    headers = {b"content-type": b"multipart/form-data; boundary=x1"}

    async def read(content: bytes, limit_bytes: int) -> bytes:
        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": form(content), "more_body": False}

        return await read_upload(receive, headers, limit_bytes=limit_bytes)

    assert asyncio.run(read(b"abc", 3)) == b"abc"
    for content in (b"abcd", b"a" * (2 * AROUND_BYTES)):
        with pytest.raises(Problem) as problem:
            asyncio.run(read(content, 3))
        assert problem.value.slug == "payload-too-large"
