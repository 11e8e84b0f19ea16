"""What takes back, corrects or adds to what was said before: "actually …", "not bars", "add climbing gyms"."""

import re
from dataclasses import dataclass, replace
from typing import Final

from services.coach.domain.intake.comfort import Contradiction, has_scale
from services.coach.domain.intake.negations import affirmed, rejected
from services.coach.domain.intake.people import find_people
from services.coach.domain.intake.reading import answer
from services.coach.domain.intake.state import Answer, Intake, SlotStatus, merged
from services.coach.domain.intake.topics import LISTS, OWN_WORDS, SLOTS, Slot
from services.coach.domain.intake.venues import find_venues, venues_in
from services.coach.domain.intake.words import one_line, same_words, trimmed
from services.coach.domain.plain_text import plain

_LABELS: Final = (
    (Slot.TIMEFRAME, r"time ?frame|deadline|time limit"),
    (Slot.TARGET, r"targets?"),
    (Slot.HELPED, r"what (?:has )?helped"),
    (Slot.HINDERED, r"what got in the way|obstacles?|in the way"),
    (Slot.TRIED, r"what i(?:'ve| have)? tried|past attempts|attempts"),
    (Slot.COMFORT, r"comfort(?: level| zone)?"),
    (Slot.TRIGGERS, r"triggers?"),
    (Slot.VENUES, r"(?:preferred |favou?rite )?(?:venues?|places?)"),
    (Slot.FREQUENCY, r"check[ -]?ins?(?: frequency)?"),
    (Slot.STYLE, r"accountability(?: style)?|style"),
    (Slot.SUPPORT, r"support(?: people| person)?|supporters?"),
    (Slot.GOALS, r"goals?"),
)
_LABEL: Final = tuple((slot, re.compile(rf"(?i)\b(?:my |the |your )?(?:{names})\b")) for slot, names in _LABELS)
_RESTATED: Final = tuple(
    (
        slot,
        re.compile(
            rf"(?i)^(?:(?:no|not quite|almost|yes|but)[ ,.!:]+)*(?:my |the )?(?:{names})\s*"
            r"(?:is|are|was|were|should be|would be|:)\s+(?:actually\s+|more like\s+)?(?=\S)"
        ),
    )
    for slot, names in _LABELS
)
_CORRECTS: Final = re.compile(
    r"(?i)^(?:(?:sorry|wait|oh|no|hm+|ah|ok(?:ay)?|well)[ ,.!:]+)*(?:(?:actually|i meant(?: to say)?|make (?:it|that)"
    r"|(?:please )?(?:can you |could you |let me |i want to )?"
    r"(?:change|correct|update)|scratch that|correction|on second thought|i'd rather say|let'?s (?:make it|say) rather"
    r"|rather)\b[ ,:.!-]*)+"
)
_REPLACES: Final = re.compile(
    r"(?i)\b(?:meant|instead|rather|make (?:it|that)|change|correct\w*|update|scratch that|only|just)\b"
)
_INTO: Final = re.compile(r"(?i)^.*?\b(?:to|into|is|are|as|should be|would be|:)\s+(?:actually\s+)?(?=\S)")
_REMOVES: Final = re.compile(
    r"(?i)^(?:please |and |but |no,? |sorry,? |actually,? )*(?P<how>remove|delete|drop|take (?:out|off|away)|scrap"
    r"|cross out|forget(?: about)?|not|no|without|leave out)"
    r"\s+(?:the |my |any )?(?P<what>.+?)(?: (?:from|off|out of) .*)?$"
)
_ADDS: Final = re.compile(
    r"(?i)^(?:please |and |oh,? |ah,? )*(?P<how>add|also|plus|include|and also)\b[ ,:]*(?P<what>.+?)(?P<where>\s+(?:to"
    r"|as|under) (?:my |the |a |one of ).+)?$"
)


@dataclass(frozen=True, slots=True)
class Change:
    """A slot that changes.

    Attributes:
        values: What it holds from now on; empty where it is to be asked again.
        removed: What was taken out, for a list that others stay in.
    """

    slot: Slot
    values: tuple[str, ...]
    removed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Without the words."""
        return f"Change(slot={self.slot})"

    def applied(self, intake: Intake, answer: Answer) -> Intake:
        """The state with this change; `answer` says where it comes from."""
        if not self.values:
            return intake.without(self.slot)
        return intake.with_replaced(self.slot, replace(answer, status=SlotStatus.FILLED, values=self.values))


def find_change(message: str, intake: Intake, *, is_reviewing: bool = False) -> Change | None:
    """The change that a message asks for, else None.

    Args:
        message: As it was written.
        intake: What is known.
        is_reviewing: Everything was asked; what names a slot is about changing it.
    """
    text = one_line(message).strip(" .!")
    return _removal(text, intake) or _addition(text, intake) or _correction(text, intake, is_reviewing=is_reviewing)


def _removal(text: str, intake: Intake) -> Change | None:
    found = _REMOVES.match(text)
    if found is None or text.endswith("?"):
        return None
    is_plain = found["how"].casefold() not in {"not", "no", "without"}
    for slot in SLOTS:
        if slot in LISTS and (gone := _named(slot, found["what"], intake.values(slot), is_plain=is_plain)):
            return Change(slot, tuple(value for value in intake.values(slot) if value not in gone), gone)
    # What is not there cannot be taken out, and must not be taken for an answer either.
    is_place = is_plain and bool(find_venues(found["what"])) and not intake.values(Slot.VENUES)
    return Change(Slot.VENUES, ()) if is_place else None


def _named(slot: Slot, what: str, values: tuple[str, ...], *, is_plain: bool) -> tuple[str, ...]:
    """Which of a slot's values a text names."""
    if slot is Slot.VENUES:
        return tuple(value for value in values if value in venues_in(what))
    if slot is Slot.SUPPORT:
        return tuple(value for value in values if value in find_people(what))
    if is_plain:
        return tuple(value for value in values if same_words(what, value))
    return tuple(value for value in values if plain(what) == plain(value))


def _correction(text: str, intake: Intake, *, is_reviewing: bool) -> Change | None:
    lead = _CORRECTS.match(text)
    if lead is None:
        return _restated(text, intake) if is_reviewing else None
    content = text[lead.end() :]
    labelled = next(((slot, label) for slot, pattern in _LABEL if (label := pattern.search(content))), None)
    if labelled is not None:
        slot, label = labelled
        after = content[label.end() :]
        said = _INTO.sub("", after) if _INTO.match(after) else after
        return _changed(slot, said, intake, is_other=True) or (Change(slot, ()) if not said.strip(" .,!") else None)
    meant = _meant(content, intake)
    is_other = bool(_REPLACES.search(text))
    return _changed(meant, content, intake, is_other=is_other) if meant is not None else None


def _restated(text: str, intake: Intake) -> Change | None:
    """What names a slot and says what it is: "no, my target is one a week"."""
    for slot, pattern in _RESTATED:
        if found := pattern.match(text):
            return _changed(slot, text[found.end() :], intake, is_other=True)
    return None


def _meant(content: str, intake: Intake) -> Slot | None:
    """The slot that a correction without its name is about: the last one if it fits, else one that it fits alone."""
    last, asked = intake.last, intake.requested
    if last is not None and last not in OWN_WORDS and answer(last, content):
        return last
    if asked is not None and asked not in OWN_WORDS and answer(asked, content):
        return None
    for slot, fits in ((Slot.COMFORT, has_scale(content)), (Slot.VENUES, bool(find_venues(content)))):
        if fits and intake.is_answered(slot):
            return slot
    return last if asked is None or asked not in OWN_WORDS else None


def _changed(slot: Slot, content: str, intake: Intake, *, is_other: bool) -> Change | None:
    known = intake.values(slot)
    gone = _named(slot, rejected(f" {content}"), known, is_plain=True) if slot in LISTS else ()
    values = answer(slot, affirmed(content) if gone else trimmed(content))
    if isinstance(values, Contradiction) or not (values or gone):
        return None
    if slot not in LISTS:
        return Change(slot, values)
    kept = () if is_other and not gone else tuple(value for value in known if value not in gone)
    return Change(slot, merged(kept, values), gone if not values else ())


def _addition(text: str, intake: Intake) -> Change | None:
    found = _ADDS.match(text)
    if found is None or text.endswith("?"):
        return None
    slot = _where(found["what"], found["where"] or "", intake)
    if slot is None:
        return None
    values = answer(slot, found["what"])
    if isinstance(values, Contradiction) or not values:
        return None
    return Change(slot, merged(intake.values(slot), values))


def _where(what: str, where: str, intake: Intake) -> Slot | None:
    """The list that something is added to: the named one, the one that it fits, else the last one."""
    named = next((slot for slot, pattern in _LABEL if slot in LISTS and pattern.search(where)), None)
    if named is not None:
        return named
    asked = intake.requested
    if asked is not None and asked not in OWN_WORDS and answer(asked, what):
        return None
    if find_venues(what) and intake.is_answered(Slot.VENUES):
        return Slot.VENUES
    if find_people(what) and intake.is_answered(Slot.SUPPORT):
        return Slot.SUPPORT
    if intake.last in LISTS and intake.is_answered(intake.last):
        return intake.last
    return Slot.GOALS if asked is None else None
