"""Puts a turn together from parts of the book, without saying the same again soon."""

from dataclasses import dataclass, field
from typing import Final

from services.coach.domain.intake.book import IntakeBook
from services.coach.domain.intake.topics import Slot
from services.coach.domain.phrases import Phrasebook, Picked, Seed

# Wordings of this many parts are remembered: about five turns.
REMEMBERED: Final = 16


@dataclass(slots=True)
class Speech:
    """What the coach is about to say; at most one question.

    Attributes:
        key: Decides between wordings: the same state and words read the same.
        recent: Wordings used lately.
    """

    book: IntakeBook
    phrases: Phrasebook
    key: str
    recent: tuple[str, ...]
    said: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)

    def say(self, part: str, **slots: str) -> None:
        """Adds a wording of `part`."""
        self._add(self.book.pick(part, self._seed), slots)

    def refuse(self, boundary: str) -> None:
        """Adds what the coach says at a boundary, here as in chat."""
        self._add(self.phrases.pick(f"boundary.{boundary}", self._seed), {})

    def turn_elsewhere(self) -> None:
        """Adds the question that follows a boundary."""
        self._add(self.phrases.pick("question_boundary.any", self._seed), {})

    def ask(self, slot: Slot) -> None:
        """Adds the question of a slot."""
        self.say(f"ask.{slot}")

    def show(self, text: str) -> None:
        """Adds a block on lines of its own."""
        self.said.append(f"\n{text}\n")

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(self.said).replace(" \n", "\n").replace("\n ", "\n").strip()

    @property
    def remembered(self) -> tuple[str, ...]:
        """The wordings to avoid from now on."""
        return (*self.recent, *self.used)[-REMEMBERED:]

    @property
    def _seed(self) -> Seed:
        return Seed(self.key, frozenset((*self.recent, *self.used)))

    def _add(self, picked: Picked, slots: dict[str, str]) -> None:
        self.used.append(picked.part_id)
        text = picked.text.format_map(slots)
        self.said.append(text[:1].upper() + text[1:])
