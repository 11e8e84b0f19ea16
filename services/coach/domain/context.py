"""Lays out what an answer may draw on: the same rows give the same bytes, within a budget, each item with its owner.

Sections go from what never changes to what was just said (S0 instructions, S2 goals, S3 check-ins, S6 turns, S7 the
message); memory, journal and summaries take their places between them when they come. What is kept of a context is its
hash and the ids of what stood in it, never its text. Source: ADR-0052.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from services.coach.domain.conversation import Author, Message
from services.coach.domain.facts import EntryFact, GoalFact, Overview, newest_first
from services.coach.domain.framing import MAX_FRAMED, Frame, neutral
from services.coach.domain.plain_text import words
from services.coach.errors import ForeignFact

# Estimated tokens by section, of 6,000 in all. An estimate is a third of the UTF-8 bytes: conservative for English.
BUDGETS: Mapping[str, int] = {"goals": 1_300, "check_ins": 700, "turns": 1_300, "message": 1_500}
TURNS_VERBATIM = 8
_NOTES = 5
_NOTE_CHARACTERS = 200
_CHECK_IN_DAYS = 14


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a context.

    Attributes:
        ref: Short name within this context (`g1`), which an answer may cite.
        source_id: The row it came from.
        score: What decides who stays when the budget is short.
        author: Of a turn; everything else is the member's.
    """

    ref: str
    source_id: UUID
    text: str
    score: float = 0.0
    author: Author = Author.MEMBER


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a context; `truncated` when items were dropped to fit its budget."""

    name: str
    items: tuple[Item, ...]
    truncated: bool = False

    @property
    def text(self) -> str:
        """The lines as they go to a provider."""
        return "\n".join(item.text for item in self.items)

    @property
    def est_tokens(self) -> int:
        """Estimated tokens of the text."""
        return estimate(self.text)


@dataclass(frozen=True, slots=True)
class ContextBundle:
    """Everything that one answer may draw on.

    Attributes:
        system: S0, the instructions; the same for everybody with one prompt version.
        dropped: Rows that did not fit.
    """

    prompt_version: str
    system: str
    sections: tuple[Section, ...]
    dropped: tuple[UUID, ...]

    @property
    def context_hash(self) -> str:
        """SHA-256 over version and texts, in hex."""
        texts = [self.prompt_version, self.system, *(section.text for section in self.sections)]
        return hashlib.sha256(json.dumps(texts, ensure_ascii=False).encode()).hexdigest()

    @property
    def est_tokens(self) -> int:
        """Estimated tokens of all of it."""
        return estimate(self.system) + sum(section.est_tokens for section in self.sections)

    def used(self) -> dict[str, object]:
        """What is kept with the reply: ids, counts and a hash, no text."""
        return {
            "prompt_version": self.prompt_version,
            "context_hash": self.context_hash,
            "est_tokens": self.est_tokens,
            "sections": [
                {
                    "name": section.name,
                    "refs": [str(item.source_id) for item in section.items],
                    "n": len(section.items),
                    "est_tokens": section.est_tokens,
                    "truncated": section.truncated,
                }
                for section in self.sections
            ],
            "dropped": [str(row) for row in self.dropped],
        }


def estimate(text: str) -> int:
    """Estimated tokens of a text."""
    return math.ceil(len(text.encode()) / 3)


def build_context(
    member_id: UUID,
    message: Message,
    *,
    overview: Overview | None,
    turns: Sequence[Message],
    frame: Frame,
    system: str,
    prompt_version: str,
) -> ContextBundle:
    """Lays out the context for one message. Pure: the order in which rows come makes no difference.

    Args:
        overview: The member's numbers; None when they could not be read, which the context then says.
        turns: Earlier messages of the thread.

    Raises:
        ForeignFact: An item belongs to somebody else; nothing has been laid out.
    """
    if overview is not None:
        overview.check_owner(member_id)
    if any(turn.member_id != member_id for turn in (*turns, message)):
        raise ForeignFact
    asked = words(message.text)
    sections, dropped = [], list[UUID]()
    for name, items in (
        ("goals", _goals(overview, frame, asked)),
        ("check_ins", _check_ins(overview, frame)),
        ("turns", _turns(turns, frame)),
        ("message", [_message(message, frame)]),
    ):
        section, lost = _fit(name, items)
        sections.append(section)
        dropped.extend(lost)
    return ContextBundle(prompt_version, system, tuple(sections), tuple(sorted(dropped, key=lambda row: row.hex)))


def _fit(name: str, items: Sequence[Item]) -> tuple[Section, list[UUID]]:
    """Drops the lowest scores first until the section fits; the order of the rest stays."""
    kept = list(items)
    lost: list[UUID] = []
    while len(kept) > 1 and estimate("\n".join(item.text for item in kept)) > BUDGETS[name]:
        weakest = min(kept, key=lambda item: (item.score, item.source_id.hex))
        kept.remove(weakest)
        lost.append(weakest.source_id)
    return Section(name, tuple(kept), truncated=bool(lost)), lost


def _goals(overview: Overview | None, frame: Frame, asked: frozenset[str]) -> list[Item]:
    if overview is None:
        return []
    ordered = sorted(overview.goals, key=_newest_goal_first)
    return [
        Item(
            ref=f"g{index}",
            source_id=goal.goal_id,
            text=_canonical(
                {"ref": f"g{index}", "title": frame.of("goal_title", f"g{index}", goal.title), **_figures(goal)}
            ),
            score=2.0 * bool(asked & words(goal.title)) + _recency(goal.last_logged_on, overview.today),
        )
        for index, goal in enumerate(ordered, start=1)
    ]


def _newest_goal_first(goal: GoalFact) -> tuple[float, str]:
    created = goal.create_time or datetime.fromtimestamp(0, UTC)
    return -created.timestamp(), goal.goal_id.hex


def _figures(goal: GoalFact) -> dict[str, object]:
    figures: dict[str, object] = {
        "pattern": goal.pattern,
        "category": goal.category,
        "state": goal.state,
        "deadline": goal.deadline,
        "times": goal.times,
        "period": goal.period,
        "percent": goal.percent,
        "adherence_30d": goal.adherence,
        "streak": goal.streak,
        "longest_streak": goal.longest_streak,
        "week": [goal.week_done, goal.week_due],
        "week_logged": goal.week_logged,
        "due_today": goal.due_today,
        "done_today": goal.done_today,
        "last_logged_on": goal.last_logged_on,
    }
    return {name: value for name, value in figures.items() if value not in (None, "")}


def _check_ins(overview: Overview | None, frame: Frame) -> list[Item]:
    """The last two weeks, newest first, with the newest notes verbatim; noted lines go first when space is short."""
    if overview is None:
        return []
    recent = [
        entry for entry in newest_first(overview.entries) if (overview.today - entry.local_date).days < _CHECK_IN_DAYS
    ]
    noted = [entry.entry_id for entry in recent if entry.note][:_NOTES]
    return [_entry(index, entry, frame, overview, noted) for index, entry in enumerate(recent, start=1)]


def _entry(index: int, entry: EntryFact, frame: Frame, overview: Overview, noted: Iterable[UUID]) -> Item:
    ref = f"c{index}"
    line: dict[str, object] = {
        "ref": ref,
        "goal": str(entry.goal_id),
        "type": entry.type,
        "date": entry.local_date,
        "completed": entry.completed,
        "value": entry.value,
        "mood": entry.mood,
    }
    if entry.entry_id in noted:
        line["note"] = frame.of("check_in_note", ref, entry.note[:_NOTE_CHARACTERS])
    text = _canonical({name: value for name, value in line.items() if value is not None})
    return Item(
        ref, entry.entry_id, text, _recency(entry.local_date, overview.today) - (0.5 if "note" in line else 0.0)
    )


def _turns(turns: Sequence[Message], frame: Frame) -> list[Item]:
    ordered = sorted(turns, key=lambda turn: (turn.create_time, turn.message_id.hex))[-2 * TURNS_VERBATIM :]
    return [_turn(index, turn, frame) for index, turn in enumerate(ordered, start=1)]


def _turn(index: int, turn: Message, frame: Frame) -> Item:
    """The coach's own words stand without a frame, which a model would otherwise learn to write."""
    ref = f"t{index}"
    text = neutral(turn.text) if turn.author is Author.COACH else frame.of("turn", ref, turn.text)
    return Item(ref, turn.message_id, text, float(index), turn.author)


def _message(message: Message, frame: Frame) -> Item:
    return Item("m", message.message_id, frame.of("message", "m", message.text[:MAX_FRAMED]))


def _recency(day: date | None, today: date) -> float:
    return math.exp(-max(0, (today - day).days) / 14) if day else 0.0


def _canonical(line: Mapping[str, object]) -> str:
    """One line of JSON: sorted keys, dates in ISO form, no more than two decimals."""
    return json.dumps(
        {name: _plain_value(value) for name, value in line.items()}, sort_keys=True, ensure_ascii=False, default=str
    )


def _plain_value(value: object) -> object:
    return round(value, 2) if isinstance(value, float) else value
