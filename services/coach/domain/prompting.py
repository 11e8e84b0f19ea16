"""What a model is told, whatever it is asked for: instructions, what it may know, the talk so far, and the request.

Member text comes framed (`framing.py`). Mail addresses and phone numbers are taken out when a prompt is made, so none
can leave: neither the member nor the people in their life are anybody's contacts. Source: ADR-0080.
"""

import re
from dataclasses import dataclass, replace
from uuid import UUID

from services.coach.domain.context import ContextBundle
from services.coach.domain.conversation import Author

_ADDRESS = re.compile(
    r"(?i)[\w.+%'-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:(?:\.|\s?\(dot\)\s?|\s?\[dot\]\s?)[\w-]{1,63})+"
)
# One of these stands in every address; looking at each word for the others of it takes a hundred times as long.
_AT = ("@", "(at)", "[at]")
_RUN = re.compile(r"(?<![\w.+-])(?:\+|\()?\d(?:[ \t().\-/‐-―]{0,3}\d){6,}(?![\w-])")
_DATE = re.compile(r"(?<!\d)(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})(?!\d)")
_DIALLED = re.compile(
    r"(?:\+|\(|0(?!\.))|(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}$|\d{3} \d{3} \d{3}$|\d{5}[ -]\d{5}$|\d{10,}$"
)
# Where several stand in a row, and where there are more digits than any number has.
_ONE_OF_SEVERAL = re.compile(
    r"(?<![\d-])(?:\+\d{7,15}|\d{10,15}|(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}|[+0]\d{1,4}[ /-]\d{5,11})(?![\d-])"
)
_SAID_BEFORE = re.compile(r"(?i)\b(?:call|phone|ring|dial|text|tel|cell|mobile|whats ?app|number|sms)\b[^\d\n]{0,20}$")
_PHONE = "[phone number]"
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15


@dataclass(frozen=True, slots=True)
class Turn:
    """Something said earlier: framed where the member said it, as it was where the coach did."""

    author: Author
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request to a model.

    Attributes:
        version: Of the instructions; stands in logs and audits.
        system: The instructions: the same for everybody with one version, so that vendors may cache them.
        user: What is asked now, member text framed.
        data: What the answer may draw on; changes less often than what is asked.
        turns: What was said before, oldest first.
        member_id: Whose words these are; None where they are nobody's in particular.
    """

    version: str
    system: str
    user: str
    data: str = ""
    turns: tuple[Turn, ...] = ()
    member_id: UUID | None = None

    def __post_init__(self) -> None:
        """Takes out how people are reached."""
        object.__setattr__(self, "user", without_contacts(self.user))
        object.__setattr__(self, "data", without_contacts(self.data))
        turns = tuple(Turn(turn.author, without_contacts(turn.text)) for turn in self.turns)
        object.__setattr__(self, "turns", turns)

    def __repr__(self) -> str:
        """Without a word of it."""
        return f"Prompt(version={self.version!r}, turns={len(self.turns)})"

    def answered(self, text: str, request: str) -> "Prompt":
        """The same talk after an answer of the model, with another request."""
        said = (Turn(Author.MEMBER, self.user), Turn(Author.COACH, text))
        return replace(self, turns=(*self.turns, *said), user=request)


def prompt_of(context: ContextBundle, *, member_id: UUID) -> Prompt:
    """The prompt of a chat."""
    texts = {section.name: section.text for section in context.sections}
    turns = next((section.items for section in context.sections if section.name == "turns"), ())
    data = [f"## {name}\n{text}" for name, text in texts.items() if name not in {"turns", "message"} and text]
    return Prompt(
        version=context.prompt_version,
        system=context.system,
        user=texts["message"],
        data="\n\n".join(["# Data", *data]) if data else "# Data\n\nNo figures are available now.",
        turns=tuple(Turn(item.author, item.text) for item in turns),
        member_id=member_id,
    )


def without_contacts(text: str) -> str:
    """`text` with mail addresses and phone numbers replaced; dates, amounts and ids stay."""
    lowered = text.lower()
    if any(sign in lowered for sign in _AT):
        text = _ADDRESS.sub("[e-mail address]", text)
    return _RUN.sub(_unless_a_phone, text)


def _unless_a_phone(match: re.Match[str]) -> str:
    found = match.group()
    digits = sum(character.isdigit() for character in _DATE.sub("", found))
    if digits > _MOST_DIGITS:
        return _ONE_OF_SEVERAL.sub(_PHONE, found)
    if digits < _FEWEST_DIGITS:
        return found
    is_one = _DIALLED.match(found) or _SAID_BEFORE.search(match.string[max(0, match.start() - 40) : match.start()])
    return _PHONE if is_one else found
