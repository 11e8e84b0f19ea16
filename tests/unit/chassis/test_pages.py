"""Page sizes have bounds and page tokens cannot be made up."""

from uuid import UUID

import pytest
from pydantic import TypeAdapter

from chassis.errors import InvalidArgument, MalformedRequest
from chassis.pages import PageTokens, page_size
from gateway.routes.fields import PageToken
from services.goals.domain.goal import MAX_TITLE_LENGTH

TOKENS = PageTokens(b"k" * 32)


def test_a_page_has_50_rows_unless_asked_otherwise():
    assert (page_size(0), page_size(1), page_size(200)) == (50, 1, 200)


@pytest.mark.parametrize("asked", [-1, 201, 10**9])
def test_other_sizes_are_refused(asked: int):
    with pytest.raises(InvalidArgument) as refusal:
        page_size(asked)

    assert [violation.field for violation in refusal.value.violations] == ["page_size"]


def test_a_token_gives_back_its_position():
    assert TOKENS.open("goals", TOKENS.seal("goals", "2026-03-01", "Jogging, ☕ + \x00")) == (
        "2026-03-01",
        "Jogging, ☕ + \x00",
    )


@pytest.mark.parametrize("letter", ["a", "я", "ế", "習", "👩", '"', "\\"])
def test_the_longest_title_in_any_script_makes_a_token_that_is_taken(letter: str):
    position = (letter * MAX_TITLE_LENGTH, str(UUID(int=1)))

    token = TOKENS.seal("goals", *position)

    assert TypeAdapter(PageToken).validate_python(token) == token
    assert TOKENS.open("goals", token) == position


@pytest.mark.parametrize("token", ["x", "=", "a" * 22, "a" * 23, "ü", "\x00", "a" * 2000, "a" * 4000, "..", "[]"])
def test_what_is_no_token_is_malformed(token: str):
    with pytest.raises(MalformedRequest):
        TOKENS.open("goals", token)


def test_a_token_opens_only_its_own_list_with_its_own_key():
    token = TOKENS.seal("goals of anna", "1")

    for tokens, scope, given in (
        (TOKENS, "goals of ben", token),
        (PageTokens(b"o" * 32), "goals of anna", token),
        (TOKENS, "goals of anna", token[:-2] + "AA"),
    ):
        with pytest.raises(MalformedRequest):
            tokens.open(scope, given)
