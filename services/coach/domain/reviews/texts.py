"""Sentences of reviews and of advice to mentors, as data: read from `prompts/*.toml`, checked once at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.coach.domain.phrases import Picked, Seed, pick, tables

# A week is written about once, so that fewer variants last as long as in a talk.
MIN_VARIANTS: Final = 4


@dataclass(frozen=True, slots=True)
class ReviewTexts:
    """Variants by `part.name`; `version` goes into every record."""

    version: str
    parts: Mapping[str, tuple[str, ...]]

    @classmethod
    def parse(cls, document: Mapping[str, object], *, least: int = MIN_VARIANTS) -> "ReviewTexts":
        """Reads the content of a file of parts.

        Args:
            document: The file's content.
            least: How many variants a part has at least.

        Raises:
            ValueError: A part has too few variants.
        """
        parts = tables(document)
        short = sorted(name for name, variants in parts.items() if len(set(variants)) < least)
        if short:
            raise ValueError(f"parts with fewer than {least} variants: {', '.join(short)}")
        return cls(str(document["version"]), parts)

    def pick(self, part: str, seed: Seed) -> Picked:
        """A variant of `part` by the seed's hash."""
        return pick(part, self.parts[part], seed)
