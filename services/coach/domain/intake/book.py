"""The words of the dating-goals conversation as data: read from `prompts/intake.en.toml` and checked once at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.coach.domain.intake.topics import SLOTS, Slot
from services.coach.domain.phrases import Picked, Seed, pick

MIN_VARIANTS: Final = 5
LETTERS: Final = "abcdefgh"
_BY_SLOT: Final = ("ask", "ack")
_OTHERS: Final = {
    "opening": "hello",
    "resume": "known",
    "topic": "past comfort support",
    "declined": "any topic",
    "ack_none": "support_people what_helped check_in_frequency tried",
    "heard": "loss hardship",
    "noted": "others",
    "changed": "value removed again",
    "unclear": "once choices",
    "conflict": "comfort",
    "restart": "how",
    "pause": "kept",
    "summary": "lead",
    "confirm": "lead ask again what",
    "confirmed": "done still",
    "stopped": "minor",
    "aside": "why privacy coach length meaning optional change advice belong other greeting thanks small_talk",
}


@dataclass(frozen=True, slots=True)
class IntakeBook:
    """What is said in the conversation.

    Attributes:
        parts: Variants by `part.name`.
        labels: What a slot is called in a sentence.
        examples: An answer to each question, for who asks what is meant.
        options: What is offered where two answers in a row could not be read; each can itself be read.
        spoken: How a word of ours is said: `coffee_shop`, `gentle`.
    """

    version: str
    parts: Mapping[str, tuple[str, ...]]
    labels: Mapping[Slot, str]
    examples: Mapping[Slot, str]
    options: Mapping[Slot, tuple[str, ...]]
    spoken: Mapping[str, str]

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> "IntakeBook":
        """Reads the content of `intake.en.toml`.

        Raises:
            ValueError, KeyError: Something is missing, or a part has too few variants.
        """
        wanted = {f"{part}.{name}" for part, names in _OTHERS.items() for name in names.split()}
        wanted |= {f"{part}.{slot}" for part in _BY_SLOT for slot in SLOTS}
        tables = {part.partition(".")[0] for part in wanted}
        parts = {f"{table}.{name}": tuple(variants) for table in tables for name, variants in document[table].items()}
        if missing := sorted(wanted - parts.keys()):
            raise ValueError(f"parts are missing: {', '.join(missing)}")
        if short := sorted(name for name, variants in parts.items() if len(set(variants)) < MIN_VARIANTS):
            raise ValueError(f"parts with fewer than {MIN_VARIANTS} variants: {', '.join(short)}")
        return cls(
            version=document["version"],
            parts=parts,
            labels={slot: document["labels"][slot] for slot in SLOTS},
            examples={slot: document["examples"][slot] for slot in SLOTS},
            options={slot: tuple(document["options"][slot]) for slot in SLOTS},
            spoken=dict(document["spoken"]),
        )

    def pick(self, part: str, seed: Seed) -> Picked:
        """A variant of `part`."""
        return pick(part, self.parts[part], seed)

    def said(self, value: str) -> str:
        """A value as it is shown to the member."""
        return self.spoken.get(value, value)

    def listed(self, values: tuple[str, ...]) -> str:
        """Values in a sentence."""
        shown = [self.said(value) for value in values]
        return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)

    def offered(self, slot: Slot) -> str:
        """The options of a slot, with letters."""
        return "\n".join(f"{letter}) {option}" for letter, option in zip(LETTERS, self.options[slot], strict=False))
