"""`If-Match` as a request's `etag`."""

import pytest

from chassis import etags
from gateway.app.preconditions import wanted_etag
from gateway.problems import Problem


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ""),
        (b"*", ""),
        (b" * ", ""),
        (b'"7"', "7"),
        (b'\t"7" ', "7"),
        (b'"1", "2"', "1,2"),
        (b'"1","2","1"', "1,2"),
        (b',"1" , ,"2",', "1,2"),
        (b'W/"1", "2"', "2"),
        (b'"1,2", "3"', "3"),
        (b'"", "\xe4", "a b"'.replace(b"a b", b"a!b") + b', "3"', "3"),
        (b'"' + b"9" * 200 + b'", "3"', "3"),
    ],
)
def test_tags_that_could_match_are_asked_for(given: bytes | None, expected: str):
    assert wanted_etag(given) == expected


@pytest.mark.parametrize("given", [b'W/"1"', b'W/"1", W/"2"', b'""', b'"1,2"', b'"\xe4"'])
def test_what_cannot_match_fails_the_precondition(given: bytes):
    with pytest.raises(Problem) as refused:
        wanted_etag(given)

    assert refused.value.slug == "precondition-failed"


@pytest.mark.parametrize(
    "given",
    [b"", b" ", b",", b"1", b'"1', b'1"', b'"1" "2"', b'"1", 2', b'"1", *', b"**", b'w/"1"', b'W / "1"', b'"a b"',
     b'"1"; x', b'"\x00"', b"'1'", b'"' * 16_001, b'"1",' * 4_000 + b"x", b" ," * 8_000 + b"x"],
)  # fmt: skip
def test_what_is_no_list_of_tags_cannot_be_read(given: bytes):
    with pytest.raises(Problem) as refused:
        wanted_etag(given)

    assert refused.value.slug == "malformed-request"


def test_a_list_allows_any_of_its_tags():
    assert etags.allows("", "7")
    assert etags.allows(etags.joined(["6", "7"]), "7")
    assert not etags.allows(etags.joined(["6", "77"]), "7")
