"""The coach's own sentences as data: read from `prompts/*.toml`, checked once at start, picked without repeating."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# How many replies back a variant stays unused; with six variants a part there is always one left.
UNUSED_REPLIES = 5
MIN_VARIANTS = UNUSED_REPLIES + 1
CARD_VARIANTS = 3


@dataclass(frozen=True, slots=True)
class Picked:
    """One variant of a part.

    Attributes:
        part_id: `question.win#3`; kept with the reply so that it is not said again soon.
        text: With its slots still open.
    """

    part_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Seed:
    """What decides between variants: the same exchange always reads the same.

    Attributes:
        key: Member, day, intent and turn, in one string.
        recent: Part ids of the last replies.
    """

    key: str
    recent: frozenset[str]


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """What the offline coach says.

    Attributes:
        version: Goes into every reply's record.
        disclosure: Said once a thread: that no AI model answers.
        interrupted: Closes a reply whose provider was lost half-way; the next small step follows.
        parts: Variants by `part.name`.
    """

    version: str
    disclosure: str
    interrupted: str
    parts: Mapping[str, tuple[str, ...]]

    @classmethod
    def parse(cls, document: Mapping[str, object]) -> "Phrasebook":
        """Reads the content of `offline.en.toml`.

        Raises:
            ValueError: A part has too few variants.
        """
        parts = tables(document)
        short = sorted(name for name, variants in parts.items() if len(set(variants)) < MIN_VARIANTS)
        if short:
            raise ValueError(f"parts with fewer than {MIN_VARIANTS} variants: {', '.join(short)}")
        return cls(
            version=str(document["version"]),
            disclosure=str(document["disclosure"]),
            interrupted=str(document["interrupted"]),
            parts=parts,
        )

    def pick(self, part: str, seed: Seed) -> Picked:
        """A variant of `part` by the seed's hash, the next one while it was used lately."""
        return pick(part, self.parts[part], seed)


@dataclass(frozen=True, slots=True)
class CrisisCards:
    """What is said in a crisis: static text with the slots {line}, {contact} and {emergency}."""

    version: str
    cards: Mapping[str, tuple[str, ...]]
    language: Mapping[str, str]

    @classmethod
    def parse(cls, document: Mapping[str, object]) -> "CrisisCards":
        """Reads the content of `crisis.en.toml`.

        Raises:
            ValueError: A card has too few variants, or the languages are missing.
        """
        language = document["language"]
        if not isinstance(language, Mapping):
            raise ValueError("the crisis cards need a table of languages")
        cards = tables({name: table for name, table in document.items() if name != "language"})
        if any(len(set(variants)) < CARD_VARIANTS for variants in cards.values()):
            raise ValueError(f"every crisis card needs {CARD_VARIANTS} variants")
        return cls(str(document["version"]), cards, {str(code): str(text) for code, text in language.items()})


def pick(part: str, variants: Sequence[str], seed: Seed) -> Picked:
    """The variant that the seed's hash points to, or the next that was not used lately."""
    digest = hashlib.sha256(f"{seed.key}|{part}".encode()).digest()
    start = int.from_bytes(digest[:4])
    candidates = [(start + step) % len(variants) for step in range(len(variants))]
    chosen = next((index for index in candidates if f"{part}#{index}" not in seed.recent), candidates[0])
    return Picked(f"{part}#{chosen}", variants[chosen])


def tables(document: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """The variants of a document of tables, by `table.name`."""
    return {
        f"{table}.{name}": tuple(map(str, variants))
        for table, entries in document.items()
        if isinstance(entries, Mapping)
        for name, variants in entries.items()
    }
