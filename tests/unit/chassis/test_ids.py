"""Ids read by the driver's class are UUIDs to whoever meets them."""

from uuid import UUID

import pytest

from chassis.ids import read_id

TEXT = "01930000-0000-7000-8000-00000000000a"


def test_an_id_that_was_read_is_the_same_as_a_uuid() -> None:
    read, made = read_id(TEXT), UUID(TEXT)

    assert isinstance(read, UUID)
    assert read == made
    assert made == read
    assert {read} == {made}
    assert (str(read), repr(read), read.hex, read.int) == (str(made), repr(made), made.hex, made.int)
    assert read < UUID(int=made.int + 1)


def test_an_id_is_read_in_any_case_and_without_hyphens() -> None:
    assert read_id(TEXT.upper()) == read_id(TEXT.replace("-", "")) == UUID(TEXT)


@pytest.mark.parametrize("text", ["", "x", TEXT[:-1], TEXT + "0", TEXT.replace("a", "g")])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="UUID"):
        read_id(text)
