"""How a goal is read with all that its figures are derived from: columns, joins, and rows made into objects."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from chassis.db import Record
from services.goals.domain.care import Care
from services.goals.domain.days import Calendar, local_today
from services.goals.domain.entries import Done, Entries
from services.goals.domain.folds import NOTHING_FOLDED, Folded
from services.goals.domain.goal import Goal, GoalId, MemberId, Pattern, Status
from services.goals.domain.insights import Moods
from services.goals.repository.documents import read_milestones, read_phases, read_rules
from services.goals.repository.folds import folded_in
from services.goals.repository.part_documents import read_care

# Of rows that are known again, how many, and how large one may be: long texts and logs are made anew.
_MOST_KNOWN: Final = 1024
_LARGEST_KNOWN: Final = 8192

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

# The same columns for many goals of which only summaries are told, behind their folds `f`: no moods, and values and
# milestones only of goals that can have any. Subqueries that make arrays cost half of what aggregates do.
# CASE and not COALESCE, which PostgreSQL takes for something that may leak and keeps out of the index's condition.
_UNFOLDED: Final = f"{_OF_GOAL} AND a.local_date > CASE WHEN f.until IS NULL THEN '-infinity' ELSE f.until END"
SUMMED: Final = f"""f.until AS fold_until, f.content AS fold,
    ARRAY(SELECT a.code {_UNFOLDED} AND a.code IS NOT NULL {_IN_ORDER}) AS codes,
    CASE WHEN g.pattern IN ('target', 'limit') OR strpos(g.rules, '"min_value"') > 0
        THEN ARRAY(SELECT a.value {_UNFOLDED} AND a.value IS NOT NULL {_IN_ORDER}) END AS values,
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
    """A goal with its parts and with what was logged on it.

    Attributes:
        kept: What was made of it last, by the day, and what else, it was made for.
    """

    goal: Goal
    care: Care
    entries: Entries
    moods: Moods
    kept: dict[Hashable, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    @classmethod
    def without_entries(cls, goal: Goal, care: Care, vacations: Vacations) -> "Loaded":
        """A goal on which nothing was logged yet."""
        return cls(goal, care, Entries(vacations=vacations), Moods())


@dataclass(frozen=True, slots=True)
class Completed:
    """A goal that was reached."""

    goal_id: UUID
    title: str
    completed_on: date


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
    return Loaded(goal_of(row), care_of(row), _entries(row, NOTHING_FOLDED), Moods(row["moods"] or ()))


class KnownRows:
    """Rows of lists that were read before, with what was made of them: a row that comes again is not made anew.

    It is compared with the row as it is in the database now, so nothing that is found here can be stale.
    """

    def __init__(self) -> None:
        self._kept: dict[UUID, tuple[tuple[Any, ...], Loaded]] = {}

    def loaded(self, row: Record) -> Loaded:
        """The same as `loaded`, in a row of `GOAL` and `SUMMED`: the same object for an equal row."""
        goal_id, values = row["goal_id"], tuple(row)
        kept = self._kept.get(goal_id)
        if kept is None or kept[0] != values:
            kept = values, Loaded(goal_of(row), care_of(row), _entries(row, folded_in(row)), Moods())
            self._kept.pop(goal_id, None)
            if _size(values) <= _LARGEST_KNOWN:
                if len(self._kept) >= _MOST_KNOWN:
                    del self._kept[next(iter(self._kept))]
                self._kept[goal_id] = kept
        return kept[1]


def _size(values: Iterable[Any]) -> int:
    """About how many bytes texts and arrays take."""
    return sum(len(value) * (8 if isinstance(value, list) else 1) for value in values if hasattr(value, "__len__"))


def _entries(row: Record, fold: Folded) -> Entries:
    reached = row["reached"]
    return Entries(
        row["codes"] or (),
        row["values"] or (),
        vacations=ranges_of(row),
        milestones=_reached(reached) if reached else None,
        folded=fold,
    )


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
