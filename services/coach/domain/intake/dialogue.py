"""Decides a turn: what a message changes, and what is said next. The asked slot is asked again until it is answered.

Order: a stop, boundaries, wishes about the conversation, changes of what is known, then answers. Source: ADR-0086.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.coach.domain.feelings import HARDSHIP, LOSS
from services.coach.domain.intake.book import LETTERS, IntakeBook
from services.coach.domain.intake.boundaries import STOPPING, find_boundary
from services.coach.domain.intake.changes import Change, find_change
from services.coach.domain.intake.comfort import Contradiction
from services.coach.domain.intake.hearing import Aside, Heard, Wish, hear, is_opener
from services.coach.domain.intake.measures import NO_CHECK_INS
from services.coach.domain.intake.own_words import NOTHING, has_content, is_wish
from services.coach.domain.intake.people import NOBODY
from services.coach.domain.intake.reading import Read, Said, answer, read
from services.coach.domain.intake.speech import Speech
from services.coach.domain.intake.state import Answer, Intake, SlotStatus, Stage
from services.coach.domain.intake.summary import known_labels, summary
from services.coach.domain.intake.topics import SLOTS, Slot, topic_of
from services.coach.domain.intents import Boundary
from services.coach.domain.negation import affirmed
from services.coach.domain.phrases import Phrasebook
from services.coach.domain.plain_text import plain

# So many answers in a row that could not be read, and choices are offered.
CHOICES_AFTER: Final = 2
# An answer has fewer characters; boundaries and the crisis screen read all of them.
MAX_READ: Final = 2_000

_YES: Final = re.compile(
    r"^(?:(?:oh|ah|ok(?:ay)?|great|wow)[ ,.!]+)?(?:yes|yeah|yep|yup|yes please|sure|correct|right|exactly"
    r"|confirm(?:ed)?|perfect|absolutely|definitely"
    r"|(?:that|it|this|all|everything)(?: ?s| is| looks| sounds)? (?:all )?(?:right|correct|good|fine|perfect|great"
    r"|true)|looks (?:good|right|fine|great)"
    r"|sounds (?:good|right|fine|great)|(?:please )?(?:keep|save) (?:it|that|this|them)|go ahead|thats it|all good"
    r"|ok(?:ay)?|agreed|yes i do|i confirm)"
    r"(?:[ ,.!]+(?:yes|yeah|thats|thats it|it|all|right|correct|good|fine|perfect|please|thanks|thank you|do that"
    r"|keep it|save it|looks good|sounds good|great|go ahead"
    r"|i confirm|confirmed|coach)){0,5}[ .!]*$"
)
_NO: Final = re.compile(
    r"^(?:no|nope|not (?:quite|really|yet|exactly)|wrong|thats (?:wrong|not right)|almost)\b[ ,.!]*(?:thanks"
    r"|thank you)?[ .!]*$"
)
# Answers that say that there is nothing; what thanks for a good thing to know would not have listened.
_NOTHING: Final[Mapping[Slot, tuple[str, ...]]] = {
    Slot.SUPPORT: (NOBODY,),
    Slot.FREQUENCY: (NO_CHECK_INS,),
    Slot.HELPED: (NOTHING[Slot.HELPED],),
    Slot.TRIED: (NOTHING[Slot.TRIED],),
}
_QUESTIONS: Final = frozenset(Aside) - {Aside.GREETING, Aside.THANKS, Aside.SMALL_TALK}


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something is said.

    Attributes:
        today: The member's civil day.
        message_id: What answers are kept with, to be found by it.
        is_resumed: A while has passed since the last turn.
        proposed: What a model read in the message; checked against the message before it comes here.
    """

    now: datetime
    today: date
    message_id: UUID | None = None
    is_resumed: bool = False
    proposed: Mapping[Slot, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """The coach's turn.

    Attributes:
        is_newly_confirmed: The member has just said yes to the summary.
        boundary: What the message met, for the flag.
        is_unread: It told something about the matter, in which nothing was found: neither by rules nor proposed.
        is_proposed: An answer was taken that a model read.
    """

    intake: Intake
    text: str
    is_newly_confirmed: bool = False
    boundary: Boundary | None = None
    is_unread: bool = False
    is_proposed: bool = False

    def __repr__(self) -> str:
        """Without the words."""
        return f"Turn(intake={self.intake!r}, boundary={self.boundary})"


@dataclass(slots=True)
class _Talk:
    """A turn in the making."""

    intake: Intake
    heard: Heard
    message: str
    occasion: Occasion
    speech: Speech
    is_unread: bool = False
    is_proposed: bool = False

    def answer(self, status: SlotStatus, said: Said | None = None) -> Answer:
        """An answer given now."""
        return Answer(
            status,
            said.values if said else (),
            said.quote if said else "",
            self.intake.turn,
            self.occasion.message_id,
            self.occasion.today,
            said.confidence if said else 1.0,
        )


def advance(intake: Intake, message: str, occasion: Occasion, book: IntakeBook, phrases: Phrasebook) -> Turn:
    """The turn that follows on a message."""
    is_first = intake.turn == 0
    intake = replace(intake, revision=intake.revision + 1, turn=intake.turn + 1)
    speech = Speech(book, phrases, f"{intake.intake_id}|{intake.turn}", intake.recent)
    boundary = find_boundary(message, intake)
    message = message[:MAX_READ]
    talk = _Talk(intake, hear(message), message, occasion, speech)
    before = intake.stage
    if intake.is_stopped:
        talk.speech.say("stopped.minor")
    elif boundary in STOPPING:
        _refuse(talk, boundary)
    else:
        if boundary is not None:
            talk.speech.refuse(boundary)
            talk.heard = replace(talk.heard, statements=(), aside=Aside.SMALL_TALK, wish=None)
        _go_on(talk, is_first=is_first, says_aside=boundary is None)
    confirmed = talk.intake.stage is Stage.CONFIRMED and before is not Stage.CONFIRMED
    if confirmed:
        talk.intake = replace(talk.intake, confirmed_at=talk.intake.revision)
    told = replace(talk.intake, recent=speech.remembered)
    return Turn(told, speech.text, confirmed, boundary, talk.is_unread, talk.is_proposed)


def _refuse(talk: _Talk, boundary: Boundary) -> None:
    """Says no in a sentence and leaves the question for the next turn; a minor is not asked any more."""
    talk.speech.refuse(boundary)
    if boundary is Boundary.MINOR:
        talk.intake = replace(talk.intake, stopped_at=talk.occasion.now)
    talk.speech.turn_elsewhere()


def _go_on(talk: _Talk, *, is_first: bool, says_aside: bool) -> None:
    if is_first:
        talk.speech.say("opening.hello")
    _hear_out(talk)
    if not is_first and talk.intake.stage is Stage.ASKING and (talk.occasion.is_resumed or _only_greets(talk.heard)):
        _welcome_back(talk)
    if talk.intake.stage is Stage.ASKING:
        _ask_on(talk, is_first=is_first, says_aside=says_aside)
    else:
        _review(talk, says_aside=says_aside)


def _hear_out(talk: _Talk) -> None:
    """A word to what somebody went through, before the conversation goes on."""
    said = plain(talk.message)
    if any(affirmed(LOSS, said)):
        talk.speech.say("heard.loss")
    elif any(affirmed(HARDSHIP, said)):
        talk.speech.say("heard.hardship")


def _welcome_back(talk: _Talk) -> None:
    """Says what is known, where something is."""
    if known := known_labels(talk.intake, talk.speech.book):
        talk.speech.say("resume.known", known=known)
        talk.heard = replace(talk.heard, aside=None) if _only_greets(talk.heard) else talk.heard


def _only_greets(heard: Heard) -> bool:
    return heard.aside is Aside.GREETING and not heard.statements and heard.wish is None


def _ask_on(talk: _Talk, *, is_first: bool, says_aside: bool) -> None:
    """While slots are open."""
    slot = talk.intake.requested
    if slot is None:
        _show_summary(talk)
    elif is_first:
        _begin(talk, slot)
    elif talk.heard.wish is not None:
        _grant(talk, slot, talk.heard.wish)
    elif change := find_change(talk.message, talk.intake):
        _change(talk, change)
        _ask_next(talk)
    else:
        if talk.heard.aside is not None and says_aside:
            _answer_aside(talk, slot)
        _take(talk, slot)


def _begin(talk: _Talk, slot: Slot) -> None:
    """The first message may hold a wish already; anything else only opened the door."""
    wishes = tuple(said for said in talk.heard.statements if is_wish(said) and not is_opener(said))
    if wishes:
        talk.heard = replace(talk.heard, statements=wishes)
        _take(talk, slot)
        return
    if talk.heard.aside in _QUESTIONS:
        _answer_aside(talk, slot)
    talk.speech.ask(slot)


def _take(talk: _Talk, slot: Slot) -> None:
    """Reads the statements; what cannot be read is asked in another way, and then with choices."""
    found = _chosen(talk, slot) or _read(talk, slot)
    if found.said:
        _fill(talk, slot, found.said)
    elif talk.heard.statements or talk.heard.is_unsure:
        talk.is_unread = not found.is_contradictory and any(map(has_content, talk.heard.statements))
        _not_understood(talk, slot, is_contradictory=found.is_contradictory)
    elif talk.intake.unclear >= CHOICES_AFTER:
        talk.speech.say("unclear.choices")
        talk.speech.show(talk.speech.book.offered(slot))
    else:
        talk.speech.ask(slot)


def _read(talk: _Talk, slot: Slot) -> Read:
    """By rules; a model's reading fills in where they found nothing."""
    if not talk.heard.statements:
        return Read({})
    found = read(talk.heard.statements, slot)
    if found.is_contradictory:
        return found
    more = {one: said for one, said in talk.occasion.proposed.items() if one not in found.said}
    return Read({**more, **found.said})


def _chosen(talk: _Talk, slot: Slot) -> Read | None:
    """What a letter stands for, where choices were offered."""
    letter = plain(talk.heard.text).strip(" .)(!")
    options = talk.speech.book.options[slot]
    if talk.intake.unclear < CHOICES_AFTER or len(letter) != 1 or letter not in LETTERS[: len(options)]:
        return None
    values = answer(slot, options[LETTERS.index(letter)])
    return None if isinstance(values, Contradiction) else Read({slot: Said(values, talk.heard.text)})


def _fill(talk: _Talk, slot: Slot, said: Mapping[Slot, Said]) -> None:
    taken = [one for one in SLOTS if one in said and (one is slot or not talk.intake.is_answered(one))]
    others = [one for one in taken if one is not slot]
    for one in (*others, *(one for one in taken if one is slot)):
        talk.intake = talk.intake.with_answer(one, talk.answer(SlotStatus.FILLED, said[one]))
    talk.is_proposed = any(said[one] is talk.occasion.proposed.get(one) for one in taken)
    if slot in taken:
        talk.intake = replace(talk.intake, unclear=0)
        talk.speech.say(f"ack_none.{slot}" if said[slot].values == _NOTHING.get(slot) else f"ack.{slot}")
    if others:
        talk.speech.say(
            "noted.others", labels=talk.speech.book.listed(tuple(talk.speech.book.labels[one] for one in others))
        )
    _ask_next(talk, before=slot if slot in taken else None)


def _not_understood(talk: _Talk, slot: Slot, *, is_contradictory: bool) -> None:
    """Asks in another way; from the second time on with choices."""
    unclear = talk.intake.unclear + 1
    talk.intake = replace(
        talk.intake.with_replaced(slot, talk.answer(SlotStatus.UNCLEAR)), unclear=unclear, last=talk.intake.last
    )
    if unclear >= CHOICES_AFTER:
        talk.speech.say("unclear.choices")
        talk.speech.show(talk.speech.book.offered(slot))
    elif is_contradictory:
        talk.speech.say("conflict.comfort")
    else:
        talk.speech.say("unclear.once", example=talk.speech.book.examples[slot])
        talk.speech.ask(slot)


def _ask_next(talk: _Talk, *, before: Slot | None = None) -> None:
    """The next question, with a word where a topic begins; at the end the summary."""
    slot = talk.intake.requested
    if slot is None:
        _show_summary(talk)
        return
    if before is not None and topic_of(before) is not topic_of(slot):
        talk.speech.say(f"topic.{topic_of(slot).topic_id}")
    talk.speech.ask(slot)


def _show_summary(talk: _Talk) -> None:
    talk.intake = replace(talk.intake, stage=Stage.CONFIRMING)
    talk.speech.say("confirm.lead")
    talk.speech.show(summary(talk.intake, talk.speech.book))
    talk.speech.say("confirm.ask")


def _grant(talk: _Talk, slot: Slot, wish: Wish) -> None:
    """What the message asks of the conversation; then the question again, unless it asks for a pause."""
    if wish in {Wish.SKIP, Wish.SKIP_TOPIC}:
        of_topic = topic_of(slot).slots if wish is Wish.SKIP_TOPIC else (slot,)
        for one in of_topic:
            if not talk.intake.is_answered(one):
                talk.intake = talk.intake.with_replaced(one, talk.answer(SlotStatus.DECLINED))
        talk.intake = replace(talk.intake, unclear=0)
        talk.speech.say("declined.topic" if wish is Wish.SKIP_TOPIC else "declined.any")
        _ask_next(talk, before=slot)
        return
    _say_wish(talk, wish)
    if wish is not Wish.PAUSE:
        talk.speech.ask(slot)


def _say_wish(talk: _Talk, wish: Wish) -> None:
    if wish is Wish.SUMMARY and talk.intake.answers:
        talk.speech.say("summary.lead")
        talk.speech.show(summary(talk.intake, talk.speech.book))
    elif wish is Wish.RESTART:
        talk.speech.say("restart.how")
    elif wish is Wish.PAUSE:
        talk.speech.say("pause.kept")


def _answer_aside(talk: _Talk, slot: Slot | None) -> None:
    """One sentence to a question or small talk. Small talk beside an answer is left alone."""
    aside = talk.heard.aside
    if aside is None or (talk.heard.statements and aside not in _QUESTIONS):
        return
    example = talk.speech.book.examples[slot or Slot.GOALS]
    talk.speech.say(f"aside.{aside}", example=example)


def _change(talk: _Talk, change: Change) -> None:
    """Applies a change and says what holds from now on."""
    label, book = talk.speech.book.labels[change.slot], talk.speech.book
    said = Said(change.values, talk.heard.text)
    talk.intake = change.applied(talk.intake, talk.answer(SlotStatus.FILLED, said))
    talk.intake = replace(talk.intake, unclear=0)
    if change.removed:
        talk.speech.say("changed.removed", label=label, value=book.listed(change.removed))
    elif change.values:
        talk.speech.say("changed.value", label=label, value=book.listed(change.values))
    else:
        talk.speech.say("changed.again", label=label)


def _review(talk: _Talk, *, says_aside: bool) -> None:
    """When all is asked: a yes confirms, a change is shown, everything else gets the question again."""
    is_confirming = talk.intake.stage is Stage.CONFIRMING
    said = plain(talk.heard.text).strip()
    if is_confirming and _YES.match(said):
        talk.intake = replace(talk.intake, stage=Stage.CONFIRMED)
        talk.speech.say("confirmed.done")
    elif change := find_change(talk.message, talk.intake, is_reviewing=True):
        _change(talk, change)
        talk.intake = replace(talk.intake, stage=Stage.ASKING)
        _ask_next(talk)
    elif is_confirming and _NO.match(said):
        talk.speech.say("confirm.what")
    elif is_confirming and (talk.occasion.is_resumed or _only_greets(talk.heard)):
        _show_summary(talk)
    else:
        if talk.heard.wish is not None:
            _say_wish(talk, talk.heard.wish)
        elif says_aside:
            _answer_aside(talk, None)
        if talk.heard.wish is not Wish.PAUSE:
            talk.speech.say("confirm.again" if is_confirming else "confirmed.still")
