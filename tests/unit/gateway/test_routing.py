"""Finding operations, and binding what came with the request."""

import ipaddress
import re
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

import orjson
import pytest

from chassis import idempotency
from gateway.app.application import application
from gateway.app.binding import bind_body, bind_query
from gateway.app.call import MAX_KEY_CHARACTERS, read_key
from gateway.app.edge import find, forwarded_address
from gateway.app.operation import Operation
from gateway.problems import Problem
from gateway.routes import requests
from gateway.routes.table import all_operations

GOAL = "01a1fc72-0759-72fe-905f-9d4c0c81841c"


class Finding:
    """Finds what the edge would answer."""

    def __init__(self) -> None:
        self.found: tuple[Operation, tuple[str, ...]] | Problem | None = None

    async def answer(self, scope: Any, receive: Any, send: Any, *, operation: Any, allowed: Any = ()) -> None:
        try:
            self.found = find(operation, allowed, scope)
        except Problem as missed:
            self.found = missed

    def taken(self) -> tuple[Operation, tuple[str, ...]] | Problem:
        """What was found last."""
        found, self.found = self.found, None
        assert found is not None
        return found


FINDING = Finding()
OPERATIONS = all_operations()
APPLICATION = application(OPERATIONS, FINDING, version="0")


async def _find(method: str, raw_path: str) -> tuple[Operation, tuple[str, ...]] | Problem:
    scope = {
        "type": "http",
        "method": method,
        "path": unquote(raw_path),
        "raw_path": raw_path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
    }
    await APPLICATION(scope, _never, _never)
    return FINDING.taken()


async def _never(*_: Any) -> Any:
    raise AssertionError("nothing is read or sent while finding")


@pytest.mark.parametrize(
    ("method", "path", "operation", "values"),
    [
        ("GET", f"/v1/goals/{GOAL}", "get_goal", (GOAL,)),
        ("GET", f"/v1/goals/{GOAL.upper()}", "get_goal", (GOAL,)),
        ("POST", f"/v1/goals/{GOAL}/checkins", "check_in", (GOAL,)),
        ("GET", "/v1/goals/export", "export_goals", ()),
        ("GET", "/v1/members/me", "get_member", ("me",)),
        ("GET", "/v1/members/me/consents", "get_consents", ()),
        ("GET", "/v1/members/me/analytics", "get_member_analytics", ("me",)),
        ("POST", "/v1/admin/jobs/sync_warehouse/run", "post_admin_jobs_name_run", ("sync_warehouse",)),
        ("GET", "/.well-known/jwks.json", "get_jwks", ()),
    ],
)
async def test_a_path_means_one_operation(method: str, path: str, operation: str, values: tuple[str, ...]):
    found = await _find(method, path)

    assert not isinstance(found, Problem)
    assert (found[0].operation_id, found[1]) == (operation, values)


async def test_every_operation_is_found_by_its_own_path():
    """Routes are tried in order: no fixed name may hide behind a parameter that stands before it."""
    for operation in OPERATIONS:
        path = re.sub(r"\{name\}", "some-name", operation.path)
        found = await _find(operation.method, re.sub(r"\{[a-z_]+\}", GOAL, path))
        assert not isinstance(found, Problem), operation.path
        assert found[0] is operation


@pytest.mark.parametrize(
    "path",
    [
        "/", "", "/v1", "/v1/goals/", "//v1/goals", "/v1//goals", "/V1/goals", "/v1/Goals", "/v1/goals;x=1",
        "/v1/goals/.", "/v1/goals/..", "/v1/%67oals", f"/v1/goals/{GOAL}%2e", "/v1/goals/%2e%2e/members",
        "/v1/goals/1", "/v1/goals/me", f"/v1/goals/{{{GOAL}}}", f"/v1/goals/urn:uuid:{GOAL}",
        "/v1/goals/" + "a" * 5000, f"/v1/goals/{GOAL}\x00", "/admin", f"/v1/goals/{GOAL.replace('-', '')}",
        "/v1/members/ME", "/metrics",
    ],
)  # fmt: skip
async def test_other_spellings_are_not_found(path: str):
    missed = await _find("GET", path)

    assert isinstance(missed, Problem)
    assert missed.slug == "not-found"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND"])
async def test_other_methods_are_told_which_there_are(method: str):
    refused = await _find(method, f"/v1/goals/{GOAL}")

    assert isinstance(refused, Problem)
    assert refused.slug == "method-not-allowed"
    assert (b"allow", b"DELETE, GET, PATCH, PUT") in refused.header_fields()


def test_every_operation_has_a_name_of_its_own():
    names = [operation.operation_id for operation in all_operations()]

    assert len(set(names)) == len(names)


def test_an_operations_name_leaves_room_for_a_clients_key():
    longest = max(len(operation.operation_id) for operation in all_operations())

    assert longest + len(":") + MAX_KEY_CHARACTERS <= idempotency.MAX_CHARACTERS


def body(model: Any, **fields: Any) -> Any:
    return bind_body(model, orjson.dumps(fields))


def fields_refused(model: Any, **fields: Any) -> list[str]:
    with pytest.raises(Problem) as refused:
        body(model, **fields)
    assert refused.value.status == 422
    return [error.field for error in refused.value.errors]


@pytest.mark.parametrize(
    "name",
    [
        "is_admin",
        "role",
        "user_id",
        "member_id",
        "mentor_id",
        "points",
        "created_at",
        "verified",
        "plan",
        "tenant",
        "id",
    ],
)
def test_fields_that_nobody_may_set_are_unknown(name: str):
    assert fields_refused(requests.GoalDraft, title="Run", pattern="recurring", **{name: 1}) == [name]
    assert fields_refused(requests.GoalChange, **{name: 1}) == [name]


def test_what_clients_invent_is_not_repeated():
    assert fields_refused(requests.CheckIn, completed=True, **{"<script>": 1}) == ["unknown"]


@pytest.mark.parametrize("value", ["yes", "true", 1, 0, None, [True], {}])
def test_a_flag_is_a_flag(value: Any):
    assert fields_refused(requests.CheckIn, completed=value) == ["completed"]


@pytest.mark.parametrize("value", ["3", True, 3.0, 2**31, 2**63, -(2**63), 0, 101, None])
def test_a_number_is_a_number_within_its_range(value: Any):
    assert fields_refused(
        requests.GoalDraft, title="Run", pattern="recurring", schedule={"period": "week", "times": value}
    ) == ["schedule.times"]


@pytest.mark.parametrize(
    "value",
    ["0000-01-01", "0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31", "2026-02-29", "infinity", "2026-3-1", 0,
     "20260301", "2026-03-01T00:00:00Z", "٢٠٢٦-٠٣-٠١", "", 1795236662, "2026-03-01 "],
)  # fmt: skip
def test_a_day_is_a_day_of_these_centuries(value: Any):
    assert fields_refused(requests.CheckIn, completed=True, local_date=value) == ["local_date"]


@pytest.mark.parametrize(
    "value",
    ["2026-03-01T07:30:00", "2026-03-01T23:59:60Z", "2026-03-01T24:00:00Z", "2026-03-01T07:30:00+99:99", 1795236662,
     "2026-03-01", "1899-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "now"],
)  # fmt: skip
def test_an_instant_has_a_zone_and_lies_in_these_centuries(value: Any):
    assert fields_refused(requests.ActivityDraft, type="note", occurred_at=value) == ["occurred_at"]


def test_days_and_instants_are_read():
    activity = body(
        requests.ActivityDraft, type="check_in", local_date="2028-02-29", occurred_at="2026-03-01T07:30:00+02:00"
    )

    assert activity.local_date == date(2028, 2, 29)
    assert activity.occurred_at == datetime(2026, 3, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize("value", [1e13, -1e13, "1", True, None])
def test_a_value_is_finite_and_moderate(value: Any):
    if value is None:
        assert body(requests.ActivityDraft, type="progress", value=None).value is None
    else:
        assert fields_refused(requests.ActivityDraft, type="progress", value=value) == ["value"]


@pytest.mark.parametrize("name", ["", "a" * 101, 5, None, ["Ann"]])
def test_a_name_is_a_text_and_no_long_one(name: Any):
    """What it may hold is the mentor service's to say."""
    assert fields_refused(requests.Registration, email="a@b.co", password="x" * 8, name=name) == ["name"]


@pytest.mark.parametrize("zone", ["a" * 65, "a" * 10_000, "", 0])
def test_a_zone_is_a_text_and_no_long_one(zone: Any):
    assert fields_refused(requests.ProfileChange, timezone=zone) == ["timezone"]


def test_a_title_may_have_200_characters_however_many_bytes():
    assert body(requests.GoalDraft, title="😀" * 200, pattern="recurring").title == "😀" * 200
    assert fields_refused(requests.GoalDraft, title="😀" * 201, pattern="recurring") == ["title"]


@pytest.mark.parametrize("name", ["title", "status", "pattern"])
def test_what_a_goal_must_have_cannot_be_cleared(name: str):
    assert fields_refused(requests.GoalChange, **{name: None}) == [name]


def test_a_422_never_repeats_what_was_sent():
    with pytest.raises(Problem) as refused:
        body(requests.Registration, email=["hunter2"], password=["hunter2"], name="hunter2\n", hunter2="hunter2")

    assert b"hunter2" not in refused.value.body("r" * 16).replace(b'"field":"hunter2"', b"")


@pytest.mark.parametrize(
    "query",
    [b"page_size=0", b"page_size=-1", b"page_size=201", b"page_size=1000000000", b"page_size=1_000", b"page_size=+5",
     b"page_size=%205", b"page_size=5.0", b"page_size=", b"page_size=5&page_size=5", b"offset=5", b"user_id=1",
     b"filter%5Buser%5D=1", b"include=owner", b"status=open", b"sort=user.email", b"page_size=%D9%A5"],
)  # fmt: skip
def test_queries_that_are_not_ours_are_refused(query: bytes):
    with pytest.raises(Problem) as refused:
        bind_query(requests.GoalFilter, query)

    assert refused.value.slug == "validation-failed"


@pytest.mark.parametrize("query", [b"page_token=%ff", b"page_token=%00", b"a&b", b"\xff", b"&".join([b"a=1"] * 40)])
def test_queries_that_cannot_be_read_are_refused(query: bytes):
    with pytest.raises(Problem) as refused:
        bind_query(requests.GoalFilter, query)

    assert refused.value.slug == "malformed-request"


def test_a_query_is_read():
    asked = bind_query(requests.ActivityFilter, b"from=2026-03-01&to=2026-03-02&page_size=200&type=skip")

    assert (asked.from_, asked.to, asked.page_size, asked.type) == (date(2026, 3, 1), date(2026, 3, 2), 200, "skip")


@pytest.mark.parametrize("key", [b"", b"a" * 256, b"a b", b"a\x00", "ä".encode(), b"\x7f"])
def test_a_key_is_1_to_255_visible_characters(key: bytes):
    with pytest.raises(Problem) as refused:
        read_key(key)

    assert refused.value.slug == "malformed-request"


@pytest.mark.parametrize(
    ("peer", "header", "expected"),
    [
        ("192.0.2.1", b"203.0.113.5", "192.0.2.1"),
        ("10.0.0.1", b"203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", b"1.1.1.1, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", b"203.0.113.5, 10.0.0.2", "203.0.113.5"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", b"junk", "junk"),
        (None, b"203.0.113.5", None),
    ],
)
def test_only_trusted_proxies_name_the_client(peer: str | None, header: bytes | None, expected: str | None):
    assert forwarded_address(peer, header, [ipaddress.ip_network("10.0.0.0/8")]) == expected
