"""What people wrote, made safe to stand beside instructions and inside a reply.

Framing is a courtesy to the model, not the control: the coach has no tools, its output is linted, and references must
belong to the member. Source: ADR-0052.
"""

import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from services.coach.domain.links import LINK
from services.coach.domain.plain_text import without_invisibles
from services.coach.domain.safety import screen
from services.coach.domain.tiers import Tier

MAX_MESSAGE = 8_000
MAX_FRAMED = 4_000
_MAX_TITLE = 60
_MAX_TITLE_WORDS = 10

_ANGLES = str.maketrans({"<": "‹", ">": "›"})
_ROLE = re.compile(r"(?im)(?:^|(?<=[\s\"'(›]))(system|assistant|user|human|developer|tool)\s*:")
# A run of signs is read once, from its first one: tried from every one of them, thousands would take most of a second.
_MARKERS = re.compile(
    r"(?i)<\|[^|\n]{0,40}\|>|\[/?(?:INST|SYS)\]|<<\/?SYS>>|(?<!#)#{2,}+\s*+(?:instructions?|system|prompt)"
)
_UNSPEAKABLE = re.compile(
    r"(?i)[‹›<>{}\[\]|\\`]|\b(?:system|assistant)\s*:|\bignore (?:all|previous|your)\b|\binstructions?\b"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """Writes member text as marked data. The mark is unguessable for the writer and stable within a conversation.

    Attributes:
        mark: Four hex digits.
    """

    mark: str

    @classmethod
    def between(cls, secret: bytes, *ids: UUID) -> "Frame":
        """The frame of a conversation, or of those who have it; `secret` makes its mark unguessable."""
        return cls(hmac.digest(secret, b"".join(one.bytes for one in ids), "sha256").hex()[:4])

    def of(self, kind: str, ref: str, text: str, *, max_bytes: int | None = None) -> str:
        """`text` as data of `kind`, known as `ref`; of long ones no more than `max_bytes`."""
        inner = neutral(text) if max_bytes is None else clipped(neutral(text), max_bytes)
        return f'<member_text_{self.mark} kind="{kind}" id="{ref}">{inner}</member_text_{self.mark}>'


def neutral(text: str, *, limit: int = MAX_FRAMED) -> str:
    """Member text that cannot close a frame, play a role or hide characters."""
    clean = without_invisibles(text)[:limit]
    # Most texts have none of these characters, and asking for them costs next to nothing.
    if "<" in clean or "[" in clean or "##" in clean:
        clean = _MARKERS.sub(" ", clean).translate(_ANGLES)
    elif ">" in clean:
        clean = clean.translate(_ANGLES)
    return (_ROLE.sub("\\1∶", clean) if ":" in clean else clean).strip()


def clipped(text: str, max_bytes: int) -> str:
    """The beginning of a text in at most so many bytes, ending with a whole character."""
    raw = text.encode()
    return text if len(raw) <= max_bytes else raw[:max_bytes].decode(errors="ignore")


@lru_cache(maxsize=1_024)
def speakable_title(title: str) -> str | None:
    """A goal's title as a reply may quote it, or None where the reply had better say `your goal`.

    Links, markup, anything that reads like an instruction, a sign of crisis and long titles are not repeated.
    """
    shown = " ".join(without_invisibles(title).replace("\n", " ").split()).strip("\"'“”«» .!?")
    if not shown or len(shown) > _MAX_TITLE or len(shown.split()) > _MAX_TITLE_WORDS:
        return None
    if LINK.search(shown) or _UNSPEAKABLE.search(shown) or screen(shown).tier is not Tier.NONE:
        return None
    return re.sub(r"[.!?;]+(?=\s)", ",", shown)
