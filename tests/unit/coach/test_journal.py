"""What the member says of an entry stands above what is found in it."""

from datetime import timedelta

import pytest

from chassis.errors import InvalidArgument
from services.coach.domain.journal import (
    JournalChange,
    JournalDraft,
    JournalEntry,
    Origin,
    Reading,
    change_entry,
    check_day,
    check_moods,
    check_sentiment,
    check_text,
    write_entry,
)
from services.coach.domain.moods import Mood
from tests.unit.coach.factories import ANNA, NOW, TODAY, uuid

FOUND = Reading(0.5, (Mood.HAPPY,), "rules-1")
LATER = Reading(-0.5, (Mood.SAD,), "rules-2")


def an_entry(*, moods: tuple[Mood, ...] = ()) -> JournalEntry:
    return write_entry(JournalDraft("x", TODAY, moods), FOUND, entry_id=uuid(1), member_id=ANNA, now=NOW)


def test_moods_that_are_said_stand_above_those_found():
    assert (an_entry().moods, an_entry().moods_origin) == ((Mood.HAPPY,), Origin.FOUND)
    said = an_entry(moods=(Mood.TIRED,))
    assert (said.moods, said.moods_origin, said.sentiment_origin) == ((Mood.TIRED,), Origin.MEMBER, Origin.FOUND)


def test_a_new_text_is_read_anew_but_what_was_said_stays():
    said = change_entry(an_entry(), JournalChange(moods=(), sentiment=0.1), None, now=NOW + timedelta(1))

    changed = change_entry(said, JournalChange(text="y"), LATER, now=NOW + timedelta(2))

    assert (said.moods, said.moods_origin) == ((), Origin.MEMBER)
    assert (changed.text, changed.method) == ("y", "rules-2")
    assert (changed.moods, changed.sentiment) == ((), 0.1)
    assert change_entry(an_entry(), JournalChange(text="y"), LATER, now=NOW).moods == (Mood.SAD,)


def test_no_change_is_none():
    assert change_entry(an_entry(), JournalChange(), None, now=NOW + timedelta(1)) == an_entry()


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_001])
def test_an_entry_has_one_to_ten_thousand_characters(text: str):
    with pytest.raises(InvalidArgument) as refused:
        check_text(text)

    assert refused.value.violations[0].field == "text"
    assert "xxx" not in str(refused.value)


def test_moods_are_of_the_list_and_once_each():
    assert check_moods(["sad", "sad", "calm"]) == (Mood.SAD, Mood.CALM)
    for words in (["bored"], ["sad"] * 11):
        with pytest.raises(InvalidArgument):
            check_moods(words)


@pytest.mark.parametrize("score", [1.01, -1.01, float("nan"), float("inf")])
def test_a_score_lies_within_its_range(score: float):
    with pytest.raises(InvalidArgument):
        check_sentiment(score)


def test_days_ahead_are_refused():
    assert check_day(TODAY, today=TODAY) == TODAY
    with pytest.raises(InvalidArgument):
        check_day(TODAY + timedelta(days=1), today=TODAY)


def test_nothing_that_carries_text_shows_it():
    assert "canary" not in f"{JournalDraft('canary')!r}{JournalChange(text='canary')!r}"
    assert "x" not in repr(an_entry()).replace("entry_id", "")
