"""What the bench makes of figures: ratios round by round, what is missed, what counts for nothing."""

import pytest

from tests.bench.engine import EngineFigure
from tests.bench.feed import FeedFigures
from tests.bench.load import Leg, LoadFailed, read_leg
from tests.bench.paths import BatchFigures, ListFigures
from tests.bench.rounds import Series, order
from tests.bench.subjects import Kind
from tests.bench.verdicts import Alone, failed_legs, judge


def leg(rate: float, p99_ms: float = 50, **errors: int) -> Leg:
    return Leg(requests=int(rate * 10) + errors.get("refused", 0), seconds=10, p50_ms=10, p99_ms=p99_ms, errors=errors)


def test_every_subject_is_in_every_round_and_the_first_one_changes():
    orders = [order("abcd", number) for number in range(5)]

    assert all(sorted(each) == list("abcd") for each in orders)
    assert [each[0] for each in orders] == list("abcda")


def test_the_median_of_the_ratios_is_judged():
    series = Series(Kind.READ, {"a": [leg(90), leg(150), leg(110)], "b": [leg(100)] * 3})

    read = judge([series], None)[0]

    assert (read.name, read.value, read.spread, read.holds) == ("read a/b", 1.1, (0.9, 1.5), True)


def test_a_missed_ratio_does_not_hold():
    series = Series(Kind.CHECK_IN, {"a": [leg(70, 90)], "b": [leg(100, 50)]})

    assert [verdict.holds for verdict in judge([series], None)] == [False, False]


def test_without_the_proxy_its_ratio_is_not_measured():
    series = Series(Kind.READ, {"a": [leg(100)], "b": [leg(100)]})

    assert [(verdict.name, verdict.holds) for verdict in judge([series], None)][1] == ("read a/c", None)


def test_what_is_measured_alone_is_judged_by_its_own_bounds():
    alone = Alone(
        engine=[EngineFigure("a", 1, 2, 0.01), EngineFigure("b", 4, 6, 0.01)],
        lists=ListFigures([20.0] * 20, [10.0] * 80),
        batches=BatchFigures([2_000, 3_000, 2_200], [100, 100, 100]),
        feed=FeedFigures([1.0, 1.01, 1.2], [1.2, 1.3, 1.1], [80, 100, 90], [100, 100, 100]),
    )

    verdicts = judge([], None, alone)

    assert [(verdict.value, verdict.holds) for verdict in verdicts] == [
        *((6, False), (2, True), (22, True)),
        *((1.01, True), (1.2, False), (0.9, True)),
    ]
    assert judge([], None) == []


def test_refused_answers_make_a_round_count_for_nothing():
    series = Series(Kind.READ, {"a": [leg(100), Leg(10, 1, 1, 1, {"non-2xx": 3})], "b": [leg(100), leg(100)]})

    assert failed_legs([series]) == ["read, round 2, a: 3 × non-2xx"]


def test_refused_answers_do_not_count_as_speed():
    assert Leg(100, 10, 1, 1, {"non-2xx": 50}).rate == 5


def test_a_client_that_measured_nothing_says_why():
    with pytest.raises(LoadFailed, match="unable to connect"):
        read_leg("unable to connect to 127.0.0.1:1 Connection refused")
