"""What the tool is told before each call: ids of what is there, days on which something is; and a tally after it.

Ids made up name nothing, so left to itself the tool sees little but 404. Three calls of four get ids of the stock; the
rest keep theirs. Read by the tool, in its own environment.
"""

import json
import os
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, Final

import schemathesis

from tests.fuzz.stock import Stock

_random: Final = Random(int(os.environ["FUZZ_SEED"]))
_stock: Final = Stock(os.environ["FUZZ_URL"], os.environ["FUZZ_EMAIL"], os.environ["FUZZ_PASSWORD"], _random)
_tally: Final[dict[str, Counter[int]]] = {}
_SHARE: Final = 0.75
_DAYS: Final = frozenset({"local_date", "from", "to", "date"})


@schemathesis.auth(refresh_interval=60)
class SignedIn:
    """The member whose stock it is."""

    def get(self, case: Any, context: Any) -> str:
        """A token that holds."""
        return _stock.token()

    def set(self, case: Any, data: str, context: Any) -> None:
        """Takes it along."""
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Puts ids and days that mean something into a case."""
    goal_id = _stock.archived_goal() if case.operation.path.endswith("/restore") else _stock.goal()
    for name in case.path_parameters or {}:
        if _random.random() < _SHARE:
            case.path_parameters[name] = _id(name, goal_id) or case.path_parameters[name]
    if isinstance(case.query, dict):
        _put(case.query, goal_id)
    if case.operation.path.endswith("/import") and _random.random() < _SHARE and isinstance(case.body, dict):
        case.query = {"source": "tandem", "dry_run": _random.choice(["true", "false"])}
        case.body = {"file": _stock.export()}
    if case.operation.method.upper() == "POST" and case.body and _random.random() < _SHARE / 2:
        # What a pattern takes is no part of what is described.
        if case.operation.path.endswith("/activities"):
            case.body = _stock.entry(goal_id)
        elif case.operation.path.endswith("/activities/batch"):
            case.body = {"activities": [{**_stock.entry(goal_id), "goal_id": goal_id} for _ in range(3)]}
    for body in _bodies(case.body):
        _put(body, goal_id)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Counts what came of it."""
    name = f"{case.operation.method.upper()} {case.operation.path}"
    _tally.setdefault(name, Counter())[response.status_code] += 1
    Path(os.environ["FUZZ_TALLY"]).write_text(json.dumps(_tally))


def _id(name: str, goal_id: str) -> str | None:
    if name == "goal_id":
        return goal_id
    return _stock.challenge() if name == "challenge_id" else _stock.part(name, goal_id)


def _bodies(body: Any) -> list[dict[str, Any]]:
    """The objects in a body that may name something."""
    if not isinstance(body, dict):
        return []
    inner = [item for items in body.values() if isinstance(items, list) for item in items if isinstance(item, dict)]
    return [body, *inner]


def _put(into: dict[str, Any], goal_id: str) -> None:
    for name, value in list(into.items()):
        if not isinstance(value, str) or _random.random() >= _SHARE:
            continue
        if name in _DAYS:
            into[name] = _stock.day()
        elif name == "occurred_at":
            into[name] = f"{_stock.day()}T08:00:00Z"
        elif name.endswith("_id") and name != "template_id":
            into[name] = _id(name, goal_id) or value
