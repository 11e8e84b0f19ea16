"""What a context is made of: items, sections, and the whole with its hash and its record."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.coach.domain.conversation import Author

_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a context.

    Attributes:
        ref: Short name within this context (`g1`), which an answer may cite.
        source_id: The row it came from.
        score: What decides who stays when the budget is short.
        author: Of a turn; everything else is the member's.
        more_ids: Other rows that it came from.
    """

    ref: str
    source_id: UUID
    text: str
    score: float = 0.0
    author: Author = Author.MEMBER
    more_ids: tuple[UUID, ...] = ()

    @property
    def source_ids(self) -> tuple[UUID, ...]:
        """All rows that it came from."""
        return (self.source_id, *self.more_ids)


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
                    "refs": [str(source) for item in section.items for source in item.source_ids],
                    "n": len(section.items),
                    "est_tokens": section.est_tokens,
                    "truncated": section.truncated,
                }
                for section in self.sections
            ],
            "dropped": [str(row) for row in self.dropped],
        }


def estimate(text: str) -> int:
    """Estimated tokens of a text: a third of its bytes, which is conservative for English."""
    return math.ceil(len(text.encode()) / 3)


def canonical(line: Mapping[str, object]) -> str:
    """One line of JSON: sorted keys, dates in ISO form, no more than two decimals."""
    return _ENCODER.encode({name: _plain_value(value) for name, value in line.items()})


def _plain_value(value: object) -> object:
    return round(value, 2) if isinstance(value, float) else value
