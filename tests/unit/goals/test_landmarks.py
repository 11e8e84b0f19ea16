"""A streak comes to a length worth telling once each time that it grows past it."""

import pytest

from services.goals.domain.landmarks import landmark_reached


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (0, 6, None), (6, 7, 7), (7, 8, None), (7, 7, None), (29, 30, 30), (99, 100, 100), (364, 365, 365),
        (365, 366, None), (400, 401, None),
        # A gap that was filled joins two runs: the longest length is told alone.
        (5, 40, 30), (3, 400, 365), (8, 29, None), (12, 31, 30),
        # Something taken away is nothing to tell.
        (30, 8, None), (40, 0, None),
    ],
)  # fmt: skip
def test_the_longest_landmark_between_is_told(before: int, after: int, told: int | None):
    assert landmark_reached(before, after) == told
