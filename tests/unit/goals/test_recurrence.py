"""Recurrence rules: RFC 5545's own examples, the ends of months, and expansion in parts against expansion in one go."""

from datetime import date, datetime, timedelta

import pytest
from dateutil import rrule as engine
from hypothesis import given, settings
from hypothesis import strategies as st

from services.goals.domain import recurrence

START = date(1997, 9, 2)  # A Tuesday; the DTSTART of the examples of RFC 5545, section 3.8.5.3.


def days(text: str, until: date, *, start: date = START, week_start: int = 1, clamp: bool = False) -> list[date]:
    first, last = start.toordinal(), until.toordinal()
    mask = recurrence.due_days(text, anchor=first, first=first, last=last, week_start=week_start, clamp=clamp)
    return [start + timedelta(index) for index, byte in enumerate(mask) if byte == recurrence.DUE]


def written(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


# (rule, DTSTART, the last day looked at, the dates that section 3.8.5.3 lists).
RFC_EXAMPLES: list[tuple[str, str, str, list[str]]] = [
    ("FREQ=DAILY;COUNT=10", "1997-09-02", "1998-12-31", [f"1997-09-{day:02}" for day in range(2, 12)]),
    (
        "FREQ=DAILY;INTERVAL=10;COUNT=5",
        "1997-09-02",
        "1998-12-31",
        ["1997-09-02", "1997-09-12", "1997-09-22", "1997-10-02", "1997-10-12"],
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        "1997-09-01",
        "1997-10-05",
        [
            "1997-09-01",
            "1997-09-03",
            "1997-09-05",
            "1997-09-15",
            "1997-09-17",
            "1997-09-19",
            "1997-09-29",
            "1997-10-01",
            "1997-10-03",
        ],
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        "1997-09-05",
        "1999-12-31",
        [
            "1997-09-05",
            "1997-10-03",
            "1997-11-07",
            "1997-12-05",
            "1998-01-02",
            "1998-02-06",
            "1998-03-06",
            "1998-04-03",
            "1998-05-01",
            "1998-06-05",
        ],
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "1997-09-07",
        "1999-12-31",
        [
            "1997-09-07",
            "1997-09-28",
            "1997-11-02",
            "1997-11-30",
            "1998-01-04",
            "1998-01-25",
            "1998-03-01",
            "1998-03-29",
            "1998-05-03",
            "1998-05-31",
        ],
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        "1997-09-28",
        "1998-02-28",
        ["1997-09-28", "1997-10-29", "1997-11-28", "1997-12-29", "1998-01-29", "1998-02-26"],
    ),
    (
        "FREQ=YEARLY;COUNT=4;BYMONTH=6,7",
        "1997-06-10",
        "2001-12-31",
        ["1997-06-10", "1997-07-10", "1998-06-10", "1998-07-10"],
    ),
    ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1999-12-31", ["1997-05-19", "1998-05-18", "1999-05-17"]),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02", "1998-12-31", ["1998-02-13", "1998-03-13", "1998-11-13"]),
    (
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "1996-11-05",
        "2004-12-31",
        ["1996-11-05", "2000-11-07", "2004-11-02"],
    ),
    (
        "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
        "1997-09-04",
        "1998-12-31",
        ["1997-09-04", "1997-10-07", "1997-11-06"],
    ),
    (
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "1997-09-29",
        "1998-03-31",
        ["1997-09-29", "1997-10-30", "1997-11-27", "1997-12-30", "1998-01-29", "1998-02-26", "1998-03-30"],
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "1997-08-05",
        "1998-12-31",
        ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"],
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "1997-08-05",
        "1998-12-31",
        ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"],
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
        "2007-01-15",
        "2008-12-31",
        ["2007-01-15", "2007-01-30", "2007-02-15", "2007-03-15", "2007-03-30"],
    ),
]


@pytest.mark.parametrize(("text", "start", "until", "expected"), RFC_EXAMPLES)
def test_examples_of_rfc_5545(text: str, start: str, until: str, expected: list[str]):
    assert days(text, date.fromisoformat(until), start=date.fromisoformat(start)) == written(*expected)


def test_a_missing_wkst_is_the_members_week_start():
    text, start, until = "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU", date(1997, 8, 5), date(1998, 12, 31)

    from_monday = days(text, until, start=start, week_start=1)
    from_sunday = days(text, until, start=start, week_start=7)

    assert from_monday == written("1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24")
    assert from_sunday == written("1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31")


@pytest.mark.parametrize(
    ("text", "start", "clamped", "skipped"),
    [
        (
            "FREQ=MONTHLY",
            "2026-01-31",
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
            ["2026-01-31", "2026-03-31"],
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=29,30,31",
            "2026-01-29",
            [
                "2026-01-29",
                "2026-01-30",
                "2026-01-31",
                "2026-02-28",
                "2026-03-29",
                "2026-03-30",
                "2026-03-31",
                "2026-04-29",
                "2026-04-30",
            ],
            [
                "2026-01-29",
                "2026-01-30",
                "2026-01-31",
                "2026-03-29",
                "2026-03-30",
                "2026-03-31",
                "2026-04-29",
                "2026-04-30",
            ],
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3",
            "2026-01-31",
            ["2026-01-31", "2026-02-28", "2026-03-31"],
            ["2026-01-31", "2026-03-31"],
        ),
        ("FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2,3", "2026-01-31", ["2026-02-28", "2026-03-31"], ["2026-03-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31", *[["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]] * 2),
    ],
)
def test_the_end_of_the_month(text: str, start: str, clamped: list[str], skipped: list[str]):
    first, last = date.fromisoformat(start), date(2026, 4, 30)

    assert days(text, last, start=first, clamp=True) == written(*clamped)
    assert days(text, last, start=first, clamp=False) == written(*skipped)


def test_29_february_every_year_is_the_last_day_of_february():
    first, last = date(2024, 2, 29), date(2028, 12, 31)

    clamped = days("FREQ=YEARLY", last, start=first, clamp=True)

    assert clamped == written("2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29")
    assert days("FREQ=YEARLY", last, start=first) == written("2024-02-29", "2028-02-29")


def test_dates_are_taken_away_after_counting_and_others_are_added():
    text = "RRULE:FREQ=DAILY;COUNT=4\nEXDATE:19970903,19970904\nRDATE;VALUE=DATE:19971001,19970801"

    assert days(text, date(1998, 1, 1)) == written("1997-09-02", "1997-09-05", "1997-10-01")


def test_a_rule_that_names_no_day_ends():
    assert days("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", date(2190, 1, 1)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=HOURLY",
        "INTERVAL=2",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=10001",
        "FREQ=DAILY;COUNT=2;UNTIL=20260101",
        "FREQ=DAILY;UNTIL=20260231",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=WEEKLY;BYMONTHDAY=3",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=DAILY\nEXDATE:20260231",
        "FREQ=DAILY\nDTSTART:20260101",
        "FREQ=DAILY;;INTERVAL=2",
        "FREQ=DAILY\x00",
        "FREQ=DAILY;" + "BYMONTH=1," * 200,
    ],
)
def test_what_is_not_of_the_subset_is_refused(text: str):
    with pytest.raises(ValueError, match=r"must|may|has|names"):
        recurrence.parse(text)


@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
def test_an_interval_beyond_all_days_names_the_first_day_only(frequency: str):
    assert days(f"FREQ={frequency};INTERVAL=9999", date(2002, 12, 31)) == [START]


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5) | st.integers(6, 9999))}"]
    if draw(st.booleans()):
        names = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, unique=True)
        nth = draw(st.sampled_from(["", "1", "-1", "3"])) if frequency in ("MONTHLY", "YEARLY") else ""
        parts.append("BYDAY=" + ",".join(nth + name for name in draw(names)))
    elif frequency != "WEEKLY" and draw(st.booleans()):
        numbers = st.lists(st.sampled_from([1, 13, 28, 29, 30, 31, -1, -31]), min_size=1, unique=True)
        parts.append("BYMONTHDAY=" + ",".join(map(str, draw(numbers))))
    if draw(st.booleans()):
        months = draw(st.lists(st.integers(1, 12), min_size=1, unique=True))
        parts.append("BYMONTH=" + ",".join(map(str, months)))
    if frequency in ("MONTHLY", "YEARLY") and len(parts) > 2 and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1]))}")
    return ";".join(parts)


@settings(max_examples=100, deadline=None)
@given(rules(), st.dates(date(1999, 1, 1), date(2004, 12, 31)), st.integers(1, 7))
def test_expansion_in_parts_is_that_of_dateutil_in_one_go(text: str, start: date, week_start: int):
    until = start + timedelta(days=1500)
    wkst = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[week_start - 1]
    begin = datetime(start.year, start.month, start.day)
    whole = engine.rrulestr(f"{text};WKST={wkst}", dtstart=begin)

    expected = [found.date() for found in whole.between(begin, datetime(until.year, until.month, until.day), inc=True)]

    assert days(text, until, start=start, week_start=week_start) == expected
