"""Goal texts with what they say, and the words in which the rows say it."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from services.coach.domain.planning.grammar import read_goal
from services.coach.domain.planning.slots import Cadence, Quantity, Slots

SLOTS = ("cadence", "minutes", "budget", "deadline", "target", "amount", "kind", "limit", "available")
_DAYS = ("", "MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Row:
    """One text; what it does not say is missing from `said`."""

    text: str
    category: str
    today: date
    said: dict[str, Any]

    def wrong(self) -> dict[str, tuple[Any, Any]]:
        """The slots that are read otherwise: what was read, and what is said."""
        read = in_words(read_goal(self.text, today=self.today))
        said = {"kind": "do"} | self.said
        return {slot: (read.get(slot), said.get(slot)) for slot in SLOTS if read.get(slot) != said.get(slot)}


def rows(name: str) -> list[Row]:
    """The rows of `data/<name>.toml`."""
    document = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return [
        Row(
            row["text"],
            row["category"],
            document["today"],
            {slot: "daily" if row[slot] == "1/day" else row[slot] for slot in SLOTS if slot in row},
        )
        for row in document["row"]
    ]


def in_words(slots: Slots) -> dict[str, Any]:
    """Slots as the rows say them, without those that are empty."""
    said = {
        "cadence": _cadence(slots.cadence) if slots.cadence else None,
        "minutes": slots.session_minutes,
        "budget": slots.budget_minutes,
        "deadline": slots.deadline,
        "target": _quantity(slots.target),
        "amount": _quantity(slots.amount),
        "kind": slots.kind.value,
        "limit": f"{_quantity(slots.allowance.most)}/{slots.allowance.period}" if slots.allowance else None,
        "available": _days(slots.available),
    }
    return {slot: value for slot, value in said.items() if value}


def _cadence(cadence: Cadence) -> str:
    if cadence.every > 1:
        return f"every {cadence.every} {cadence.period}s"
    if cadence.period == "day" and cadence.weekdays:
        return _days(cadence.weekdays)
    often = "daily" if (cadence.period, cadence.times) == ("day", 1) else f"{cadence.times}/{cadence.period}"
    return f"{often} {_days(cadence.weekdays)}".strip()


def _days(weekdays: frozenset[int]) -> str:
    return ",".join(_DAYS[day] for day in sorted(weekdays))


def _quantity(quantity: Quantity | None) -> str:
    if quantity is None:
        return ""
    return f"{quantity.value:g} {quantity.unit}" if quantity.value else quantity.unit
