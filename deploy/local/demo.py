"""`make demo`: a member's first week with Tandem, through the REST API of the running system and nothing else.

Registers a member, makes the goal "Run 3x per week" in plain words, logs what was done on several past days, and
shows progress, the coach's answer and the dashboard. Ends with status 1 and one line when anything is off.
"""

import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import httpx
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from chassis.clock import SystemClock
from deploy.local import home as homes
from deploy.local.problems import LocalProblem
from deploy.local.settings import read_settings

_TIMEOUT_S = 20
_PATIENCE_S = 60
_TITLE = "Run 3x per week"
_WEEKS = 3
_RUNS_PER_WEEK = 3
_BAR = "█"

Json = dict[str, Any]


class Member:
    """A member's session with the API."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=_TIMEOUT_S, trust_env=False)
        self._clock = SystemClock()

    def call(self, method: str, path: str, *, expect: int, body: Json | None = None, **query: str) -> Json:
        """One request.

        Raises:
            LocalProblem: No answer, or another status than expected; names the problem that the API told.
        """
        headers = {"Idempotency-Key": secrets.token_hex(16)} if method == "POST" else {}
        give_up_at = self._clock.monotonic() + _PATIENCE_S
        while True:
            try:
                answer = self._http.request(method, path, json=body, params=query, headers=headers)
            except httpx.HTTPError as failure:
                cause = type(failure).__name__
                raise LocalProblem(f"{method} {path}: {cause}; is the system up? See make status") from None
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS or self._clock.monotonic() > give_up_at:
                break
            # A polite client waits as long as it is told to.
            time.sleep(float(answer.headers.get("Retry-After", "1")))
        if answer.status_code != expect:
            raise LocalProblem(f"{method} {path}: {answer.status_code} instead of {expect}: {_told(answer)}")
        content: Json = answer.json()
        return content

    def sign_in(self, token: str) -> None:
        """Uses the token from now on."""
        self._http.headers["Authorization"] = f"Bearer {token}"


def main() -> int:
    """Runs the demo and returns the exit status."""
    console = Console(highlight=False)
    try:
        run(console, Member(_address()))
    except LocalProblem as problem:
        sys.stderr.write(f"demo: {problem}\n")
        return 1
    except (KeyError, TypeError, ValueError) as failure:
        sys.stderr.write(f"demo: an answer has an unexpected form: {type(failure).__name__}: {failure}\n")
        return 1
    console.print("[green]Everything answered as it should.[/]")
    return 0


def run(console: Console, member: Member) -> None:
    """The walk, one step after the other.

    Raises:
        LocalProblem: Something is off.
    """
    today = SystemClock().now().date()
    console.print(_profile(_register(member)))
    goal = member.call("POST", "/v1/goals", expect=201, body=_new_goal(today))
    _require(goal["schedule"]["times"] == _RUNS_PER_WEEK, "the goal should ask for three runs")
    _require(goal["schedule"]["period"] == "week", "the goal should go by weeks")
    console.print(_goal(goal))
    days = run_days(today)
    for day in days:
        body: Json = {"type": "check_in", "completed": True, "local_date": day.isoformat()}
        member.call("POST", f"/v1/goals/{goal['id']}/activities", expect=201, body=body)
    console.print(f"Logged {len(days)} runs, from {days[0]:%a %d %b} to {days[-1]:%a %d %b}.\n")
    progress = member.call("GET", f"/v1/goals/{goal['id']}/progress", expect=200, period="all")
    _require(progress["done"] > 0, "the runs should count")
    _require(progress["streak"]["current"] >= _WEEKS, f"{_WEEKS} kept weeks should be a streak of {_WEEKS}")
    _require(progress["adherence"] is not None, "there should be an adherence")
    console.print(_progress(progress))
    weeks = _logged_by_week(member, goal["id"], expected=days)
    console.print(_chart(weeks, today=today))
    console.print(_conversation(member, streak=progress["streak"]["current"]))
    console.print(_dashboard(member.call("GET", "/v1/dashboard", expect=200), still_needed=needed(weeks, today)))


def run_days(today: date) -> list[date]:
    """Monday, Wednesday and Friday of the last whole weeks, and today."""
    weeks = [_monday(today) - timedelta(weeks=back) for back in range(_WEEKS, 0, -1)]
    return [week + timedelta(days=offset) for week in weeks for offset in (0, 2, 4)] + [today]


def weeks_of(days: Sequence[date]) -> dict[date, int]:
    """How many of the days lie in each week, by its Monday."""
    weeks: dict[date, int] = {}
    for day in days:
        weeks[_monday(day)] = weeks.get(_monday(day), 0) + 1
    return weeks


def weeks_in_words(count: int) -> str:
    """`1 week`, `3 weeks`."""
    return f"{count} week" if count == 1 else f"{count} weeks"


def names_goal_and_figure(reply: str, *, streak: int) -> bool:
    """Whether a reply of the coach says which goal it is about and how long its streak is."""
    return _TITLE in reply and weeks_in_words(streak) in reply


def needed(weeks: Mapping[date, int], today: date) -> str:
    """What this week still asks for, in words; today's run is among those logged, and a day counts once."""
    missing = max(0, _RUNS_PER_WEEK - weeks.get(_monday(today), 0))
    if not missing:
        return "nothing more, it is kept"
    if missing > (_sunday(today) - today).days:
        next_monday = _sunday(today) + timedelta(days=1)
        return f"too few days left for {_RUNS_PER_WEEK}; the next week begins {next_monday:%a %d %b}"
    return f"{missing} more run{'s' if missing > 1 else ''} until {_sunday(today):%a %d %b}"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _sunday(day: date) -> date:
    return _monday(day) + timedelta(days=6)


def _address() -> str:
    settings, _ = read_settings()
    home = homes.locate(settings.home)
    if not homes.find(home) or not home.is_running():
        raise LocalProblem("Tandem is not running; start it with make up")
    return str(home.read_state().get("url", f"http://127.0.0.1:{settings.gateway_port}"))


def _register(member: Member) -> Json:
    mark = secrets.token_hex(4)
    body = {
        "email": f"demo-{mark}@tandem.example",
        "password": secrets.token_urlsafe(18),
        "name": "Robin Demo",
        "timezone": "UTC",
        "locale": "en",
        "birth_year": 1990,
    }
    session = member.call("POST", "/v1/auth/register", expect=201, body=body)
    member.sign_in(session["access_token"])
    registered: Json = session["member"]
    return registered


def _new_goal(today: date) -> Json:
    first_day = run_days(today)[0]
    return {"title": _TITLE, "pattern": "recurring", "category": "fitness", "start_date": first_day.isoformat()}


def _logged_by_week(member: Member, goal_id: str, *, expected: Sequence[date]) -> dict[date, int]:
    page = member.call("GET", f"/v1/goals/{goal_id}/activities", expect=200)
    logged = sorted(date.fromisoformat(item["local_date"]) for item in page["items"])
    _require(logged == sorted(expected), "the activities read back should be those that were logged")
    return weeks_of(logged)


def _conversation(member: Member, *, streak: int) -> Panel:
    question = "I kept three weeks of running. What should I watch out for next week?"
    answer = member.call("POST", "/v1/chat", expect=200, body={"message": question})
    _require(
        names_goal_and_figure(answer["ai_reply"], streak=streak),
        f"the coach should name the goal and its streak of {weeks_in_words(streak)}: {answer['ai_reply']}",
    )
    text = Text(f"You:   {question}\nCoach: {answer['ai_reply']}")
    for step in answer["action_steps"]:
        text.append(f"\n  • {step}")
    return Panel(text, title=f"Coach ({answer['provider']})", title_align="left")


def _profile(member: Json) -> Panel:
    text = Text(f"{member['name']} <{member['email']}>, {member['timezone']}, week starts on {member['week_start']}")
    return Panel(text, title="A new member", title_align="left")


def _goal(goal: Json) -> Panel:
    schedule = goal["schedule"]
    text = Text(f"{goal['title']}  →  {schedule['times']} times a {schedule['period']}, since {goal['start_date']}")
    return Panel(text, title="A goal in plain words", title_align="left")


def _progress(progress: Json) -> Table:
    table = Table(title="Progress", title_justify="left", box=None)
    for column in ("state", "weeks kept", "weeks missed", "of all weeks", "of the last 30 days", "streak", "longest"):
        table.add_column(column, justify="right")
    streak = progress["streak"]
    table.add_row(
        _words(progress["state"]),
        str(progress["done"]),
        str(progress["missed"]),
        _percent(progress["percent"]),
        _percent(progress["adherence"]),
        weeks_in_words(streak["current"]),
        weeks_in_words(streak["longest"]),
    )
    return table


def _chart(weeks: Mapping[date, int], *, today: date) -> Table:
    table = Table(title="Runs by week", title_justify="left", box=None, show_header=False)
    for monday, runs in weeks.items():
        color = "green" if runs >= _RUNS_PER_WEEK else "yellow"
        still_open = f" so far, until {_sunday(today):%a %d %b}" if monday == _monday(today) else ""
        count = f"{runs} of {_RUNS_PER_WEEK}{still_open}"
        table.add_row(f"from {monday:%d %b}", Text(_BAR * 4 * runs, style=color), count)
    return table


def _dashboard(dashboard: Json, *, still_needed: str) -> Panel:
    entries = dashboard["goals"]
    _require(any(entry["goal"]["title"] == _TITLE for entry in entries), "the dashboard should show the goal")
    lines = [
        f"{entry['goal']['title']}: {_words(entry['progress']['state'])}, "
        f"a streak of {weeks_in_words(entry['progress']['streak']['current'])}, "
        f"{_percent(entry['progress']['adherence'])} kept over the last 30 days"
        for entry in entries
    ]
    due = ", ".join(str(goal["title"]) for goal in dashboard["due_today"]) or "nothing more, the run of today is logged"
    lines.append(f"Due today: {due}")
    lines.append(f"Due this week: {still_needed}")
    lines.append(
        f"Kept over all goals: {_percent(dashboard['completion_rate_7d'])} in 7 days, "
        f"{_percent(dashboard['completion_rate_30d'])} in 30 days"
    )
    return Panel(Text("\n".join(lines)), title="Dashboard", title_align="left")


def _words(name: str | None) -> str:
    return (name or "–").replace("_", " ")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} %"


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise LocalProblem(otherwise)


def _told(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return " – ".join(str(problem[key]) for key in ("title", "detail") if problem.get(key))
    except (ValueError, AttributeError, TypeError):
        return "no problem document"


if __name__ == "__main__":
    sys.exit(main())
