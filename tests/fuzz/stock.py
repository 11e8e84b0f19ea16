"""Goals of every pattern with entries and parts, kept in stock while a run changes, archives and empties them.

Runs in the environment of the tool, so it needs nothing but Python.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from time import monotonic
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

_TIMEOUT_S: Final = 30
_TOKEN_S: Final = 600
_DAYS: Final = 40
_KEPT: Final = 2
# So many goals of the run itself are put away when no more may be active.
_PUT_AWAY: Final = 20
PATTERNS: Final[Mapping[str, Mapping[str, Any]]] = {
    "recurring": {"schedule": {"period": "week", "times": 3, "window": "rolling"}},
    "streak": {"streak": {"target_length": 300, "freezes_per_month": 1}, "amount": {"unit": "km", "min_value": 2}},
    "limit": {"limit": {"unit": "cups", "max_value": 3}, "schedule": {"rrule": "FREQ=MONTHLY;BYMONTHDAY=31"}},
    "target": {"target": {"unit": "kg", "start_value": 90, "target_value": 60, "aggregation": "last"}},
    "milestone": {"milestones": [{"title": f"Step {number}", "weight": number} for number in range(1, 20)]},
}


class Stock:
    """What one member has; every part is asked for when it is needed, so that it is there."""

    def __init__(self, url: str, email: str, password: str, random: Random) -> None:
        self._url, self._random = url, random
        self._member = {"email": email, "password": password}
        self._token, self._until = "", 0.0

    def token(self) -> str:
        """One that still holds for some minutes; a run takes longer than one does."""
        if monotonic() > self._until:
            self._token = ""
            signed_in = self._call("POST", "/v1/auth/login", self._member)
            assert signed_in is not None
            self._token, self._until = str(signed_in["access_token"]), monotonic() + _TOKEN_S
        return self._token

    def fill(self) -> list[str]:
        """Two active goals of each pattern at least; returns the ids of all that are there."""
        found = self._items("/v1/goals?page_size=200")
        active = [goal for goal in found if goal["status"] == "active"]
        for pattern in PATTERNS:
            for _ in range(_KEPT - sum(goal["pattern"] == pattern for goal in active)):
                found.append(self._make(pattern, active))
        return [goal["id"] for goal in found]

    def goal(self) -> str:
        """A goal, mostly an active one."""
        status = "?status=active" if self._random.random() < 0.9 else ""
        found = self._items(f"/v1/goals{status}")
        return self._random.choice(found)["id"] if len(found) >= len(PATTERNS) else self._random.choice(self.fill())

    def archived_goal(self) -> str:
        """A goal that was put away."""
        found = self._items("/v1/goals?status=archived")
        if not found:
            found = [{"id": self.goal()}]
            self._call("DELETE", f"/v1/goals/{found[0]['id']}")
        return str(self._random.choice(found)["id"])

    def export(self) -> bytes:
        """All of it as a file."""
        return json.dumps(self._call("GET", "/v1/goals/export")).encode()

    def entry(self, goal_id: str) -> dict[str, Any]:
        """An entry that the goal's pattern takes."""
        goal = self._call("GET", f"/v1/goals/{goal_id}")
        assert goal is not None
        return self._entry(goal, self._random.randrange(_DAYS))

    def part(self, name: str, goal_id: str) -> str | None:
        """The id of a part of a goal, made where there is none; None where the goal cannot have it."""
        found = self._parts(name, goal_id)
        if not found and name in _MAKERS:
            path, body = _MAKERS[name]()
            self._call("POST", path.format(goal_id=goal_id), body)
            found = self._parts(name, goal_id)
        return self._random.choice(found) if found else None

    def challenge(self) -> str:
        """A challenge of the catalogue."""
        return str(self._random.choice(self._items("/v1/challenges"))["id"])

    def day(self) -> str:
        """A day of those with entries."""
        return _ago(self._random.randrange(_DAYS))

    def _parts(self, name: str, goal_id: str) -> list[str]:
        if name in {"habit_id", "subgoal_id", "milestone_id"}:
            goal = self._call("GET", f"/v1/goals/{goal_id}") or {}
            return [part["id"] for part in goal.get(name.replace("_id", "s")) or ()]
        if name not in _LISTS:
            return []
        return [part["id"] for part in self._items(_LISTS[name].format(goal_id=goal_id))]

    def _make(self, pattern: str, active: list[dict[str, Any]]) -> dict[str, Any]:
        body = {"title": f"A {pattern}", "pattern": pattern, "start_date": _ago(_DAYS), **PATTERNS[pattern]}
        made = self._call("POST", "/v1/goals", body)
        if made is None:
            for goal in active[:_PUT_AWAY]:
                self._call("DELETE", f"/v1/goals/{goal['id']}")
            made = self._call("POST", "/v1/goals", body)
        assert made is not None
        for days in range(0, _DAYS, 2):
            self._call("POST", f"/v1/goals/{made['id']}/activities", self._entry(made, days))
        for name in _MAKERS:
            self.part(name, made["id"])
        return made

    def _entry(self, goal: dict[str, Any], days: int) -> dict[str, Any]:
        base = {"local_date": _ago(days), "mood": days % 5 + 1, "note": "as it came"}
        if goal["pattern"] == "milestone":
            steps = goal["milestones"]
            return base | {"type": "milestone", "milestone_id": steps[days // 2 % len(steps)]["id"]}
        if goal["pattern"] == "recurring":
            return base | {"type": "check_in", "completed": days % 6 != 0}
        return base | {"type": "progress", "value": 90 - days / 10 if goal["pattern"] == "target" else days % 4}

    def _items(self, path: str) -> list[dict[str, Any]]:
        page = self._call("GET", path)
        assert page is not None, path
        return list(page["items"])

    def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any] | None:
        headers = {"Content-Type": "application/json"}
        if "/auth/" not in path:
            headers["Authorization"] = f"Bearer {self.token()}"
        data = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(f"{self._url}{path}", data, headers, method=method), timeout=_TIMEOUT_S) as answer:  # noqa: S310 - our own system
                text = answer.read()
        except HTTPError:
            return None  # As refused as the run's own call would be.
        return json.loads(text) if text else {}


def _ago(days: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days)).isoformat()


_LISTS: Final = {
    "activity_id": "/v1/goals/{goal_id}/activities",
    "suggestion_id": "/v1/goals/{goal_id}/suggestions",
    "vacation_id": "/v1/goals/{goal_id}/vacations",
}
_MAKERS: Final[Mapping[str, Callable[[], tuple[str, Any]]]] = {
    "activity_id": lambda: ("/v1/goals/{goal_id}/activities", {"type": "note", "note": "there"}),
    "habit_id": lambda: ("/v1/goals/{goal_id}/habits", {"title": "Stretch", "minutes": 5}),
    "subgoal_id": lambda: ("/v1/goals/{goal_id}/subgoals", {"title": "Half of it"}),
    "suggestion_id": lambda: ("/v1/goals/{goal_id}/plan", {}),
    "vacation_id": lambda: ("/v1/goals/{goal_id}/vacations", {"from": _ago(3), "to": _ago(2)}),
}
