"""Scripted dating-goals conversations, and what the rules made of them."""

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from services.coach.clients.texts import load_texts
from services.coach.domain.intake.dialogue import Occasion, Turn, advance
from services.coach.domain.intake.state import Intake
from services.coach.domain.intake.topics import LISTS, SLOTS, Slot
from services.coach.domain.plain_text import plain

TEXTS: Final = load_texts()
NOW: Final = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)
TODAY: Final = date(2027, 1, 4)
ASIDE: Final = "~ "
_FOLDER = Path(__file__).parent / "data"


@dataclass
class Talk:
    """One member's conversation, a minute a turn."""

    intake: Intake = field(default_factory=lambda: Intake(UUID(int=7), UUID(int=8)))
    turns: list[Turn] = field(default_factory=list)

    def say(self, message: str, *, is_resumed: bool = False, now: datetime | None = None) -> Turn:
        """The coach's turn."""
        at = now or NOW + timedelta(minutes=len(self.turns))
        turn = advance(self.intake, message, Occasion(at, TODAY, is_resumed=is_resumed), TEXTS.intake, TEXTS.phrases)
        self.intake = turn.intake
        self.turns.append(turn)
        return turn

    def say_all(self, *messages: str) -> Turn:
        """The coach's last turn."""
        return [self.say(message) for message in messages][-1]


@dataclass(frozen=True)
class Script:
    """A conversation; a slot that is not to be answered is `declined`."""

    name: str
    lines: tuple[str, ...]
    slots: dict[str, Any]


def scripts(name: str) -> list[Script]:
    """The conversations of `data/<name>.toml`."""
    document = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return [Script(row["name"], tuple(row["turns"].strip().splitlines()), row["slots"]) for row in document["dialogue"]]


def played(script: Script) -> tuple[Intake, list[str]]:
    """What is known at the end, and the lines beside the matter that changed what is known."""
    talk, wrong = Talk(), list[str]()
    for line in script.lines:
        before = known(talk.intake)
        talk.say(line.removeprefix(ASIDE))
        if line.startswith(ASIDE) and known(talk.intake) != before:
            wrong.append(line)
    return talk.intake, wrong


def known(intake: Intake) -> dict[Slot, tuple[str, ...] | str]:
    """The answered slots."""
    return {slot: intake.values(slot) or "declined" for slot in SLOTS if intake.is_answered(slot)}


def misread(script: Script, intake: Intake) -> dict[str, tuple[Any, Any]]:
    """The slots that hold something else: what was read, and what was said."""
    found = {
        slot: (_comparable(slot, known(intake).get(slot, ())), _comparable(slot, script.slots[slot])) for slot in SLOTS
    }
    return {str(slot): pair for slot, pair in found.items() if pair[0] != pair[1]}


def _comparable(slot: Slot, value: Any) -> Any:
    """Without capitals and punctuation; the order of a list says nothing."""
    if value == "declined":
        return value
    texts = [value] if isinstance(value, str) else list(value)
    bare = [" ".join(plain(text).replace(",", " ").replace(";", " ").split()) for text in texts]
    return sorted(bare) if slot in LISTS else bare
