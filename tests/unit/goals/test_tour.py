"""The figures in the README's tour: each row's goal, lived as the row says, comes to what the row shows."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.goals.domain.days import Calendar
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Aggregation, Chain, Goal, Limit, Pattern, Target
from services.goals.domain.planning import GoalDraft, plan_goal
from services.goals.domain.progress import Reach, progress_of
from services.goals.domain.terms import MilestoneDraft
from tests.unit.goals.history import GOAL, MEMBER, day

_README = Path(__file__).resolve().parents[3] / "README.md"
_ROW = re.compile(r"^\| (\w+): [^|]*\| `(\{.*?\})` \| `\{.*?\}` \| ([^|]*) \|$", re.MULTILINE)
_FIGURE = re.compile(r"`(\w+)` ([\w.-]+)")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = day("2026-11-21")  # A Saturday.


def rows() -> dict[str, tuple[dict[str, Any], dict[str, str]]]:
    """The body and the figures of each row, by pattern."""
    found = _ROW.findall(_README.read_text())
    return {pattern: (json.loads(body), dict(_FIGURE.findall(told))) for pattern, body, told in found}


def made(body: dict[str, Any], start: str, *, deadline: str | None = None) -> Goal:
    """The goal of a body, with the days that its row leaves to the reader."""
    streak, target, limit = body.get("streak"), body.get("target"), body.get("limit")
    draft = GoalDraft(
        title=body["title"],
        pattern=Pattern(body["pattern"]),
        start_date=date.fromisoformat(start),
        deadline=date.fromisoformat(deadline) if deadline else None,
        target=Target(**target, aggregation=Aggregation.SUM) if target else None,
        limit=Limit(limit["unit"], limit["max_value"]) if limit else None,
        chain=Chain(**streak) if streak else None,
        milestones=tuple(MilestoneDraft(**{"weight": 1, **step}) for step in body.get("milestones", ())),
    )
    ids = (UUID(int=number) for number in range(1, 9))
    return plan_goal(
        draft,
        goal_id=GOAL,
        member_id=MEMBER,
        calendar=Calendar(),
        today=TODAY,
        now=NOON,
        new_id=lambda: next(ids),
    )


def figures(goal: Goal, entries: Entries) -> dict[str, str]:
    """What progress says of the whole life of a goal, as a reader would write it down."""
    shown = progress_of(goal, entries, TODAY, reach=Reach.ALL)
    pace, streak = shown.pace, shown.streak
    told: dict[str, object] = {
        "percent": round(shown.percent, 1) if shown.percent is not None else None,
        "state": str(shown.state),
        "streak": streak.current.length if streak.current else 0,
        "freezes_left": streak.freezes_left,
        "safe_days": pace.safe_days,
        "delta": pace.delta,
        "needed_today": pace.needed_today,
        "projected_end": date.fromordinal(pace.projected_end).isoformat() if pace.projected_end else None,
    }
    return {name: f"{value:g}" if isinstance(value, int | float) else str(value) for name, value in told.items()}


def done_on(days: Sequence[int]) -> Entries:
    return Entries([encode(each, Kind.DONE) for each in days])


def recurring(body: dict[str, Any]) -> tuple[Goal, Entries]:
    """Five weeks; the first one kept, and the present one, which ends tomorrow."""
    first = TODAY - 5 - 4 * 7
    return made(body, "2026-10-19"), done_on([first, first + 2, first + 4, TODAY - 4, TODAY - 2, TODAY])


def milestone(body: dict[str, Any]) -> tuple[Goal, Entries]:
    """The outline done."""
    goal = made(body, "2026-11-01")
    return goal, Entries(milestones={goal.milestones[0].id: (TODAY - 3, NOON)})


def target(body: dict[str, Any]) -> tuple[Goal, Entries]:
    """Twenty days into a hundred."""
    return made(body, "2026-11-01", deadline="2027-02-09"), Entries([encode(TODAY - 5, Kind.PROGRESS)], [180])


def streak(body: dict[str, Any]) -> tuple[Goal, Entries]:
    """Seven days up to yesterday."""
    return made(body, "2026-11-14"), done_on(range(TODAY - 7, TODAY))


def limit(body: dict[str, Any]) -> tuple[Goal, Entries]:
    """Ten closed days with two cups each but one, and two cups today."""
    days = range(TODAY - 10, TODAY + 1)
    return made(body, "2026-11-11"), Entries(
        [encode(each, Kind.PROGRESS) for each in days], [3 if each == TODAY - 4 else 2 for each in days]
    )


LIVES = {"recurring": recurring, "milestone": milestone, "target": target, "streak": streak, "limit": limit}


@pytest.mark.parametrize("pattern", LIVES)
def test_the_tours_figures_are_what_comes_out(pattern: str):
    body, told = rows()[pattern]

    came = figures(*LIVES[pattern](body))

    assert len(told) >= 2
    assert {name: came[name] for name in told} == told
