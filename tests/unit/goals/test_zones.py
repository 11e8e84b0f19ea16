"""Days over all zones of the world, through every change of their clocks: none is lost, none is doubled."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import InvalidArgument
from services.goals.domain.activity import ActivityDraft, ActivityId, ActivityType, Place, record_activity
from services.goals.domain.days import MAX_DAY_START_HOUR, Calendar, day_begins, is_zone, local_day, local_today
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Goal
from services.goals.domain.planning import change_calendar
from services.goals.domain.streak import current_streak
from services.goals.domain.units import Ledger
from tests.unit.goals.history import a_goal
from tests.unit.goals.lives import every

_FIRST, _END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
_SECOND, _HALF_HOUR = timedelta(seconds=1), timedelta(minutes=30)
_HOURS = range(MAX_DAY_START_HOUR + 1)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    return tuple(sorted(name for name in available_timezones() if is_zone(name)))


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def changes_of(zone: ZoneInfo) -> list[datetime]:
    """The instants from 2020 to 2035 from which on clocks of the zone show something else."""
    found, step, at = [], timedelta(days=7), _FIRST
    while at < _END:
        low, high = at, at + step
        if _offset(low, zone) != _offset(high, zone):
            before = _offset(low, zone)
            while high - low > _SECOND:
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
            found.append(high)
        at += step
    return found


@lru_cache(maxsize=1)
def distinct_zones() -> dict[str, list[datetime]]:
    """One zone of those whose clocks do the same from 2020 to 2035, with its changes; many names are one clock."""
    found: dict[tuple[object, ...], tuple[str, list[datetime]]] = {}
    for name in zones():
        zone = ZoneInfo(name)
        changes = changes_of(zone)
        clock = (_offset(_FIRST, zone), *((at, _offset(at, zone)) for at in changes))
        found.setdefault(clock, (name, changes))
    return dict(found.values())


def test_no_day_is_lost_or_doubled_through_any_change_of_any_clock():
    """Every zone, every change from 2020 to 2035, every start of the day: days follow each other without a gap."""
    count = 0
    for name, changes in distinct_zones().items():
        for at in changes:
            count += 1
            for hour in _HOURS:
                _check_days_around(at, Calendar(name, hour))
    assert count > 1_000


def _check_days_around(change: datetime, calendar: Calendar) -> None:
    day = local_day(change, calendar)
    begins = [day_begins(each, calendar) for each in range(day - 1, day + 3)]
    for number, (begin, end) in enumerate(pairwise(begins), day - 1):
        # A day is 24 hours long, less or more by what the clocks leap: at most three hours, on Antarctica.
        assert abs(end - begin - timedelta(days=1)) <= timedelta(hours=3), (calendar, change)
        assert local_day(begin, calendar) == number == local_day(begin - _SECOND, calendar) + 1, (calendar, change)
    moments = sorted([*begins, *(change + step * _HALF_HOUR for step in range(-7, 8)), change - _SECOND])
    floor = local_day(moments[0], calendar)
    for moment in moments:
        today = local_today(moment, calendar, floor)
        assert floor <= today <= floor + 1, (calendar, change, moment)
        floor = today


def test_a_day_begins_again_only_where_clocks_leap_back_over_its_start():
    """Clocks go back by two hours over the start of a day: what was logged is the floor."""
    troll, change = Calendar("Antarctica/Troll", 2), datetime(2026, 10, 25, 1, tzinfo=UTC)
    before, after = local_day(change - _SECOND, troll), local_day(change, troll)

    assert (before - after, local_today(change, troll, before)) == (1, before)


@st.composite
def journeys(draw: st.DrawFn) -> list[tuple[datetime, Calendar]]:
    """Instants in order, each with where the member is and when their day and week begin.

    Clocks change twice a year or never, so two journeys of three begin in the days before a change of the clocks at
    home, and half of all stops are at home.
    """
    at = draw(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1))).replace(tzinfo=UTC)
    home = draw(st.sampled_from(zones()))
    if draw(st.integers(0, 2)):
        home, changes = draw(st.sampled_from([each for each in distinct_zones().items() if each[1]]))
        at = draw(st.sampled_from(changes)) - timedelta(minutes=draw(st.integers(0, 2 * 24 * 60)))
    stops = []
    for number in range(draw(st.integers(1, 12))):
        at += timedelta(minutes=draw(st.integers(0, 60 * 60))) if number else timedelta()
        zone = home if not number or draw(st.booleans()) else draw(st.sampled_from(zones()))
        stops.append((at, Calendar(zone, draw(st.integers(0, MAX_DAY_START_HOUR)), draw(st.integers(1, 7)))))
    return stops


def meets_a_change(stops: list[tuple[datetime, Calendar]]) -> bool:
    """Clocks change where the member is, between two stops."""
    stays = [(at, until, ZoneInfo(calendar.timezone)) for (at, calendar), (until, _) in pairwise(stops)]
    return any(_offset(at, zone) != _offset(until, zone) for at, until, zone in stays)


def test_a_fifth_of_all_journeys_and_more_meet_a_change_of_the_clocks():
    """Else the property below would say little of changes and travel together."""
    met: list[bool] = []

    @every(200)
    @given(journeys())
    def look(stops: list[tuple[datetime, Calendar]]) -> None:
        met.append(meets_a_change(stops))

    look()
    assert sum(met) > len(met) / 5


def takes(goal: Goal, day: int, today: int, now: datetime) -> bool:
    """A check-in of that day is taken."""
    draft = ActivityDraft(type=ActivityType.CHECK_IN, completed=True, local_date=date.fromordinal(day))
    try:
        record_activity(draft, Place(goal, today), activity_id=ActivityId(UUID(int=day)), now=now)
    except InvalidArgument:
        return False
    return True


@every(300)
@given(journeys())
def test_however_one_travels_days_follow_each_other_and_each_can_be_logged_once(stops: list[tuple[datetime, Calendar]]):
    """At every stop the day that a check-in falls on is never one before; days flown over can be logged afterwards."""
    now, home = stops[0]
    first = local_day(now, home)
    rule = replace(a_goal().rule, effective_from=first, calendar=home)
    goal, last = replace(a_goal(), start_day=first, rules=(rule,)), first - 1
    codes: list[int] = []
    for now, calendar in stops:
        logged = max(last, first)
        goal = change_calendar(
            goal, calendar, is_empty=not codes, today=goal.today(now, logged), last_logged_day=logged, now=now
        )
        today = goal.today(now, last)
        just_now = record_activity(
            ActivityDraft(type=ActivityType.CHECK_IN, completed=True),
            Place(goal, today),
            activity_id=ActivityId(UUID(int=1)),
            now=now,
        )
        assert just_now.local_day >= last
        assert all(takes(goal, day, today, now) for day in range(first, just_now.local_day + 1))
        assert not takes(goal, just_now.local_day + 1, today, now)
        codes += [encode(day, Kind.DONE) for day in range(last + 1, just_now.local_day + 1)]
        last = just_now.local_day

    ledger = Ledger(goal, Entries(codes), last)
    days = [day for stretch in ledger.stretches for day in stretch.firsts]
    assert days == list(range(first, last + 1))
    assert current_streak(ledger) == last - first + 1
