"""Signs of crisis in what lies elsewhere: notes of check-ins, titles, memories and beginnings of journal entries.

A text with such a sign is taken out before a context is laid out, so that it reaches no vendor; what was not read, for
want of time, is taken out as well. What the screen finds in notes and titles is told with the row that it stands in.
Source: ADR-0133.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.coach.domain.context import Known
from services.coach.domain.context.figures import CHECK_IN_DAYS
from services.coach.domain.facts import EntryFact, GoalFact, Overview, newest_first
from services.coach.domain.memory import Memory
from services.coach.domain.report import Report
from services.coach.domain.safety import Screening, worst_of
from services.coach.domain.tiers import Tier

# Characters read for one reply: some 20 ms of the first one, nothing of those after it, which are known by then.
READ: Final = 20_000

Screen = Callable[[str], Screening]


@dataclass(frozen=True, slots=True)
class Sifted:
    """What may be laid out.

    Attributes:
        findings: By the id of the entry or the goal, of the member's own figures alone: whatever else there is was
            screened when it was written.
    """

    overview: Overview | None
    known: Known
    findings: Mapping[UUID, Screening]


@dataclass(slots=True)
class _Sieve:
    screen: Screen
    room: int = READ
    findings: dict[UUID, Screening] = field(default_factory=dict)

    def keep(self, text: str, source_id: UUID | None = None) -> str:
        """The text, or nothing where it may not be laid out."""
        if not text or len(text) > self.room:
            return ""
        self.room -= len(text)
        found = self.screen(text)
        if found.tier is Tier.NONE:
            return text
        if source_id is not None:
            known = self.findings.get(source_id)
            self.findings[source_id] = worst_of([known, found]) if known else found
        return ""


def sift(overview: Overview | None, known: Known, screen: Screen) -> Sifted:
    """Takes out what has a sign of crisis. The shortest texts are read first, then what is newest."""
    sieve = _Sieve(screen)
    if overview is not None:
        overview = replace(
            overview,
            goals=tuple(_goal(goal, sieve) for goal in overview.goals),
            completed=tuple(replace(goal, title=sieve.keep(goal.title, goal.goal_id)) for goal in overview.completed),
        )
    memories = _memories(known.memories, sieve)
    if overview is not None:
        overview = replace(overview, entries=_entries(overview, sieve))
    journal = tuple(replace(entry, excerpt=sieve.keep(entry.excerpt)) for entry in known.journal)
    return Sifted(overview, replace(known, memories=memories, journal=journal), sieve.findings)


def sift_report(report: Report, screen: Screen) -> Report:
    """The same of what is written unasked, or for a mentor. Nothing is told: the member's next message tells it."""
    sieve = _Sieve(screen)
    goals = tuple(
        replace(
            reported,
            goal=_goal(reported.goal, sieve),
            habits=tuple(replace(habit, title=sieve.keep(habit.title)) for habit in reported.habits),
            subgoals=tuple(replace(step, title=sieve.keep(step.title)) for step in reported.subgoals),
        )
        for reported in report.goals
    )
    entries = tuple(replace(entry, note=sieve.keep(entry.note)) for entry in newest_first(report.entries))
    return replace(report, goals=goals, entries=entries)


def _goal(goal: GoalFact, sieve: _Sieve) -> GoalFact:
    habits = tuple([title for title in goal.habits if sieve.keep(title, goal.goal_id)])
    title, next_step = sieve.keep(goal.title, goal.goal_id), sieve.keep(goal.next_step, goal.goal_id)
    # Most goals are as they were, and to make one anew costs more than to read it.
    if (title, next_step, habits) == (goal.title, goal.next_step, goal.habits):
        return goal
    return replace(goal, title=title, next_step=next_step, habits=habits)


def _memories(memories: Iterable[Memory], sieve: _Sieve) -> tuple[Memory, ...]:
    return tuple(memory for memory in memories if not memory.text or sieve.keep(memory.text))


def _entries(overview: Overview, sieve: _Sieve) -> tuple[EntryFact, ...]:
    """Notes that no context shows for their age are not read, and taken out."""
    first = overview.today - timedelta(days=CHECK_IN_DAYS)
    kept = []
    for entry in newest_first(overview.entries):
        note = sieve.keep(entry.note, entry.entry_id) if entry.note and entry.local_date > first else ""
        # Most are as they were, and there are fifty of them.
        kept.append(entry if note == entry.note else replace(entry, note=note))
    return tuple(kept)
