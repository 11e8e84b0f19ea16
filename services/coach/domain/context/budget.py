"""How much room each part of a context has, and what gives way when there is too little for all."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from services.coach.domain.context.bundle import Item, Section, estimate

# Estimated tokens of all of it, the instructions included. Source: COACHING 3.2, as all of these numbers.
TOTAL: Final = 6_000
BUDGETS: Final[Mapping[str, int]] = {
    "memory": 900,
    "goals": 1_300,
    "check_ins": 700,
    "journal": 400,
    "summary": 500,
    "group": 600,
    "turns": 1_300,
    "message": 1_500,
}
# What a part keeps while others give way, in the order in which they do; memory and message come last.
_FLOORS: Final[Mapping[str, int]] = {
    "group": 200,
    "journal": 150,
    "check_ins": 250,
    "turns": 450,
    "goals": 650,
    "summary": 500,
}
_TO_THE_LAST: Final = (*_FLOORS, "memory")


def fit(parts: Sequence[tuple[str, Sequence[Item]]], *, room: int) -> tuple[tuple[Section, ...], tuple[UUID, ...]]:
    """Sections within their budgets, and all within `room`; and the rows that were dropped.

    The lowest scores go first; the order of the rest stays. The message always stays.
    """
    kept = {name: _within(items, BUDGETS[name] if name != "message" else room) for name, items in parts}
    for floors in (_FLOORS, dict.fromkeys(_TO_THE_LAST, 0)):
        for name, floor in floors.items():
            over = sum(map(_tokens, kept.values())) - room
            if over > 0 and name in kept:
                kept[name] = _within(kept[name], max(floor, _tokens(kept[name]) - over))
    sections = tuple(Section(name, tuple(kept[name]), truncated=len(kept[name]) < len(items)) for name, items in parts)
    rows = {row.int: row for _, items in parts for item in items for row in item.source_ids}
    kept_rows = {row.int for section in sections for item in section.items for row in item.source_ids}
    return sections, tuple(rows[number] for number in sorted(rows.keys() - kept_rows))


def _within(items: Sequence[Item], budget: int) -> list[Item]:
    """What stays of `items`; a part's lines are joined, so each but the first costs a byte more."""
    sizes = {item.ref: len(item.text.encode()) + 1 for item in items}
    total = sum(sizes.values()) - 1
    gone: set[str] = set()
    if total <= 3 * budget:
        return list(items)
    for weakest in sorted(items, key=lambda item: (item.score, item.source_id.int)):
        if total <= 3 * budget:
            break
        gone.add(weakest.ref)
        total -= sizes[weakest.ref]
    return [item for item in items if item.ref not in gone]


def _tokens(items: Sequence[Item]) -> int:
    return estimate("\n".join(item.text for item in items))
