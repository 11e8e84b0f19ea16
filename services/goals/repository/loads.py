"""How a goal is read with all that its figures are derived from: columns, joins, and rows made into objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from chassis.db import Record
from services.goals.domain.care import Care
from services.goals.domain.days import Calendar, local_today
from services.goals.domain.entries import Done, Entries
from services.goals.domain.goal import Goal, GoalId, MemberId, Pattern, Status
from services.goals.domain.insights import Moods
from services.goals.repository.documents import read_milestones, read_phases, read_rules
from services.goals.repository.part_documents import read_care

Vacations = tuple[tuple[int, int], ...]
"""First and last days, both included."""

# Text of documents, because the cache of read ones is keyed by it.
GOAL: Final = """g.goal_id, g.member_id, g.title, g.description, g.pattern, g.status, g.category, g.start_date,
    g.deadline, g.completed_on, g.rules::text AS rules, g.phases::text AS phases, g.milestones::text AS milestones,
    g.habits::text AS habits, g.subgoals::text AS subgoals, g.plan::text AS plan, g.created_at, g.updated_at,
    g.revision"""

# What the index holds in this order, so that nothing is sorted.
LOGGED: Final = """SELECT local_date, occurred_at, code, value, mood, milestone_id
            FROM goals.activities WHERE goal_id = g.goal_id
            ORDER BY local_date, occurred_at, activity_id"""
AWAY: Final = "v.removed_at IS NULL"


def folding(logged: str) -> str:
    """The join that folds `logged`, the entries of the goal `g` in order, into one row `e`.

    Codes and values are two arrays that keep step (one value per code of progress); moods have the form of codes.
    """
    return f"""LEFT JOIN LATERAL (
        SELECT array_agg(a.code) FILTER (WHERE a.code IS NOT NULL) AS codes,
            array_agg(a.value) FILTER (WHERE a.value IS NOT NULL) AS values,
            array_agg((a.local_date - '0001-01-01'::date + 1) * 8 + a.mood) FILTER (WHERE a.mood IS NOT NULL) AS moods,
            jsonb_object_agg(a.milestone_id, jsonb_build_array(a.local_date, a.occurred_at))
                FILTER (WHERE a.milestone_id IS NOT NULL) AS reached
        FROM ({logged}) AS a
    ) AS e ON true"""  # noqa: S608 - composed of constants


def folded(away: str, *holders: str) -> str:
    """The columns that `loaded` reads beside the goal's: entries, and the vacations of `holders` where `away` holds."""
    return f"""e.codes, e.values, e.moods, e.reached, {vacations_of(away, *holders)}"""


_OF_GOAL: Final = "FROM goals.activities AS a WHERE a.goal_id = g.goal_id"
_IN_ORDER: Final = "ORDER BY a.local_date, a.occurred_at, a.activity_id"

# The same columns for many goals of which only summaries are told: no moods, and values and milestones only of goals
# that can have any. Subqueries that make arrays cost half of what aggregates do.
SUMMED: Final = f"""ARRAY(SELECT a.code {_OF_GOAL} AND a.code IS NOT NULL {_IN_ORDER}) AS codes,
    CASE WHEN g.pattern IN ('target', 'limit') OR strpos(g.rules, '"min_value"') > 0
        THEN ARRAY(SELECT a.value {_OF_GOAL} AND a.value IS NOT NULL {_IN_ORDER}) END AS values,
    NULL AS moods,
    CASE WHEN g.pattern = 'milestone' THEN (
        SELECT jsonb_object_agg(a.milestone_id, jsonb_build_array(a.local_date, a.occurred_at))
        {_OF_GOAL} AND a.milestone_id IS NOT NULL
    ) END AS reached"""


def vacations_of(away: str, *holders: str) -> str:
    """The column with the vacations of `holders` for which `away` holds."""
    return f"""(
        SELECT array_agg(ARRAY[v.from_date - '0001-01-01'::date + 1, v.to_date - '0001-01-01'::date + 1])
        FROM goals.vacations AS v WHERE v.holder_id IN ({", ".join(holders)}) AND {away}
    ) AS vacations"""  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True)
class Loaded:
    """A goal with its parts and with what was logged on it."""

    goal: Goal
    care: Care
    entries: Entries
    moods: Moods

    @classmethod
    def without_entries(cls, goal: Goal, care: Care, vacations: Vacations) -> "Loaded":
        """A goal on which nothing was logged yet."""
        return cls(goal, care, Entries(vacations=vacations), Moods())


@dataclass(frozen=True, slots=True)
class Ground:
    """What a new goal of a member stands on.

    Attributes:
        latest_day: The latest day that the member logged anything on; 0 where nothing was.
    """

    calendar: Calendar
    vacations: Vacations
    latest_day: int = 0

    def today(self, now: datetime) -> int:
        """The member's civil day, which never goes back behind what was logged."""
        return local_today(now, self.calendar, self.latest_day)


def loaded(row: Record) -> Loaded:
    """The goal, its parts and entries in a row of `GOAL` and `folded`."""
    reached = row["reached"]
    entries = Entries(
        row["codes"] or (),
        row["values"] or (),
        vacations=ranges_of(row),
        milestones=_reached(reached) if reached else None,
    )
    return Loaded(goal_of(row), care_of(row), entries, Moods(row["moods"] or ()))


def care_of(row: Record) -> Care:
    """The goal's parts in a row of `GOAL`."""
    return read_care(row["habits"], row["subgoals"], row["plan"])


def ranges_of(row: Record) -> Vacations:
    """The vacations in a row of `vacations_of`."""
    return tuple([(first, last) for first, last in row["vacations"] or ()])


def _reached(documents: Mapping[str, tuple[str, str]]) -> dict[UUID, Done]:
    return {
        UUID(step): (date.fromisoformat(day).toordinal(), datetime.fromisoformat(at).astimezone(UTC))
        for step, (day, at) in documents.items()
    }


def goal_of(row: Record) -> Goal:
    """The goal in a row of `GOAL`."""
    deadline, completed_on = row["deadline"], row["completed_on"]
    return Goal(
        GoalId(row["goal_id"]),
        MemberId(row["member_id"]),
        row["title"],
        row["description"],
        Pattern(row["pattern"]),
        Status(row["status"]),
        row["category"],
        row["start_date"].toordinal(),
        deadline.toordinal() if deadline else None,
        completed_on.toordinal() if completed_on else None,
        read_rules(row["rules"]),
        read_phases(row["phases"]),
        row["created_at"],
        row["updated_at"],
        row["revision"],
        *read_milestones(row["milestones"]),
    )
