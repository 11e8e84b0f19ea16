"""What the text of a goal says: gold rows along which the grammar was written, and rows that it never saw."""

from datetime import date

import pytest

from services.coach.clients.texts import load_texts
from services.coach.domain.planning.deadlines import FARTHEST
from services.coach.domain.planning.grammar import read_goal
from services.coach.domain.planning.slots import Kind
from tests.unit.coach.goal_texts import SLOTS, Row, rows

TODAY = date(2027, 1, 4)
# A row counts when all of its nine slots are read as they are said. Floors, a little under what holds.
KNOWN, KNOWN_FLOOR = rows("plans"), 0.98
HELD_BACK, HELD_BACK_FLOOR = rows("plans_held_back"), 0.90
SLOT_FLOOR = 0.94
PLANS = load_texts().plans


@pytest.mark.parametrize("row", KNOWN, ids=lambda row: row.text[:40])
def test_texts_are_read_as_they_are_meant(row: Row):
    assert row.wrong() == {}


def test_there_are_enough_rows_and_none_twice():
    texts = [row.text.casefold() for row in (*KNOWN, *HELD_BACK)]

    assert len(KNOWN) >= 140
    assert len(HELD_BACK) == 60
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("known", "floor"), [(KNOWN, KNOWN_FLOOR), (HELD_BACK, HELD_BACK_FLOOR)], ids=["known", "held back"]
)
def test_whole_rows_are_right_as_often_as_promised(known: list[Row], floor: float):
    assert sum(not row.wrong() for row in known) / len(known) >= floor


def test_categories_are_found_as_often_as_promised_on_rows_never_seen():
    def share(some: list[Row]) -> float:
        return sum(PLANS.category_of(row.text).name == row.category for row in some) / len(some)

    assert share(KNOWN) >= KNOWN_FLOOR
    assert share(HELD_BACK) >= SLOT_FLOOR


@pytest.mark.parametrize("slot", SLOTS)
def test_each_slot_is_right_as_often_as_promised_on_rows_never_seen(slot: str):
    assert sum(slot not in row.wrong() for row in HELD_BACK) / len(HELD_BACK) >= SLOT_FLOOR


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("by Friday", date(2027, 1, 8)),
        ("by next Friday", date(2027, 1, 15)),
        ("by Monday", date(2027, 1, 11)),
        ("by January", date(2027, 12, 31)),
        ("by the 2nd", date(2027, 2, 2)),
        ("on 29 February 2028", date(2028, 2, 29)),
        ("on 32 February 2028", None),
        ("by 31.03.2027", date(2027, 3, 31)),
        ("by 3/15", date(2027, 3, 15)),
        ("by 15/3", date(2027, 3, 15)),
        ("in 900 years", None),
        ("by the end of next month", date(2027, 2, 28)),
        ("within half a year", date(2027, 7, 4)),
        ("3/4 of a book", None),
    ],
)
def test_days_are_found(text: str, deadline: date | None):
    assert read_goal(text, today=TODAY).deadline == deadline


def test_a_day_that_is_over_is_no_deadline_and_is_told():
    read = read_goal("Run a marathon by March 15, 2020", today=TODAY)

    assert read.deadline is None
    assert read.past_deadline


def test_no_deadline_is_farther_than_anybody_plans():
    assert read_goal("in 20 years", today=TODAY).deadline is not None
    assert read_goal(f"in {FARTHEST.days + 30} days", today=TODAY).deadline is None


@pytest.mark.parametrize("text", ["run without stopping", "don't give up on guitar", "quit my job and travel"])
def test_words_of_stopping_are_not_always_about_stopping(text: str):
    assert read_goal(text, today=TODAY).kind is Kind.DO
