"""The last days of a goal, summed up from its entries, whether they came folded or not."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.folds import NOTHING_FOLDED, fold
from services.goals.domain.logged_days import LoggedDay, logged_days

DAY = 739_000
LOGGED = [
    (DAY, Kind.DONE),
    (DAY + 1, Kind.DONE),
    (DAY + 1, Kind.NOT_DONE),
    (DAY + 2, Kind.NOT_DONE),
    (DAY + 4, Kind.PROGRESS),
    (DAY + 4, Kind.PROGRESS),
    (DAY + 5, Kind.SKIP),
]
CODES, VALUES = [encode(day, kind) for day, kind in LOGGED], [2.5, 0.25]


@pytest.mark.parametrize("folded_until", [0, DAY + 1, DAY + 4, DAY + 5])
def test_each_day_with_an_entry_is_told_by_what_it_comes_to(folded_until: int):
    folded = fold(CODES, VALUES, folded_until) if folded_until else NOTHING_FOLDED
    later = [code for code, (day, _) in zip(CODES, LOGGED, strict=True) if day > folded_until]
    entries = Entries(later, VALUES if folded_until < DAY + 4 else (), folded=folded)

    assert logged_days(entries, DAY + 1) == (
        LoggedDay(DAY + 1, kept=True, slipped=True, skipped=False, value=None),
        LoggedDay(DAY + 2, kept=False, slipped=True, skipped=False, value=None),
        LoggedDay(DAY + 4, kept=False, slipped=False, skipped=False, value=2.75),
        LoggedDay(DAY + 5, kept=False, slipped=False, skipped=True, value=None),
    )


def test_a_milestone_that_was_reached_is_kept_and_no_entries_are_no_days():
    reached = Entries(milestones={UUID(int=1): (DAY, datetime(2024, 4, 22, tzinfo=UTC))})

    assert logged_days(reached, DAY - 5) == (LoggedDay(DAY, kept=True, slipped=False, skipped=False, value=None),)
    assert logged_days(reached, DAY + 1) == ()
    assert logged_days(Entries(), DAY) == ()
