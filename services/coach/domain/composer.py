"""Writes the offline coach's reply from rules over the member's own numbers.

A reply is a reflection, a fact from the data and one open question or one if-then step; a boundary takes the
reflection's place where the message asks for something that the coach does not do. Pure: the same exchange, the same
words. Every number comes from the facts given.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.coach.domain.facts import Overview
from services.coach.domain.figures import AHEAD, OF_LIFE, facts_for
from services.coach.domain.helplines import Helplines, Need
from services.coach.domain.intents import read
from services.coach.domain.phrases import CrisisCards, Phrasebook, Picked, Seed, pick
from services.coach.domain.purposes import Intent
from services.coach.domain.recalling import NOTHING_RECALLED, Mood, Recalled
from services.coach.domain.safety import Assessment
from services.coach.domain.subject import Subject, subject_of
from services.coach.domain.tiers import Tier

_STEPS = frozenset(
    {
        Intent.WIN,
        Intent.MISSED,
        Intent.STUCK,
        Intent.CHANGE_PLAN,
        Intent.EMOTION,
        Intent.DATING,
        Intent.OUTLOOK,
    }
)
# What is said and suggested to these is about the member, not about a goal.
_OF_NO_GOAL = OF_LIFE | {Intent.EMOTION, Intent.DATING}
# A feeling named beside these is heard first.
_HEARD_FIRST = frozenset({Intent.MISSED, Intent.PROGRESS, Intent.REVIEW})
_TENDER = frozenset({Intent.LOSS, Intent.HARDSHIP, Intent.SELF_BLAME, Intent.EMOTION})
_RECALLS = frozenset({Intent.EMOTION, Intent.STUCK, Intent.PROGRESS, Intent.REVIEW, Intent.CHANGE_PLAN})
_LANGUAGE_RULE = re.compile(r"^risk\.(es|fr|de|pt|it|nl)$")


@dataclass(frozen=True, slots=True)
class Occasion:
    """What one reply answers.

    Attributes:
        overview: The member's numbers; None when they could not be read.
        today: The member's civil day.
        turn: How many replies this thread has had.
        recent_parts: Part ids of the member's last replies.
        recalled: What may be brought up of what the member told before.
    """

    member_id: UUID
    message: str
    overview: Overview | None
    today: date
    turn: int = 0
    recent_parts: frozenset[str] = frozenset()
    recalled: Recalled = NOTHING_RECALLED


@dataclass(frozen=True, slots=True)
class Composed:
    """A reply.

    Attributes:
        action_steps: Small things to do next; at least one, except in a crisis.
        part_ids: The variants used.
    """

    text: str
    action_steps: tuple[str, ...]
    part_ids: tuple[str, ...]


@dataclass(slots=True)
class _Draft:
    book: Phrasebook
    seed: Seed
    about: Subject
    sentences: list[str] = field(default_factory=list)
    part_ids: list[str] = field(default_factory=list)

    def part(self, table: str, intent: Intent) -> str:
        """The part for an intent; about a limit its own, as doing more of it is what nobody wants."""
        if self.about.is_limit and intent not in _OF_NO_GOAL:
            own = (name for name in (f"limit_{table}.{intent}", f"limit_{table}.any") if name in self.book.parts)
            return next(own, f"{table}.{intent}")
        return f"{table}.{intent}"

    def say(self, part: str, **slots: str) -> None:
        """Adds a variant of `part` with its slots filled."""
        self.sentences.append(self.fill(self.book.pick(part, self.seed), slots))

    def fill(self, picked: Picked, slots: Mapping[str, str]) -> str:
        """Fills a variant and remembers that it was used."""
        self.part_ids.append(picked.part_id)
        return _capitalised(picked.text.format_map(dict(slots)))


def compose(occasion: Occasion, book: Phrasebook) -> Composed:
    """The coach's reply to an ordinary message, or to one within a boundary."""
    reading = read(occasion.message)
    about = subject_of(occasion.message, occasion.overview, reading.intent, occasion.today)
    draft = _Draft(book, _seed(occasion, reading.intent), about)
    # How it answers is said first, but not before a word to somebody who mourns or is hurt.
    is_tender = reading.boundary is None and reading.intent in _TENDER
    if occasion.turn == 0 and not is_tender:
        draft.sentences.append(book.disclosure)
    if reading.boundary is not None:
        draft.say(f"boundary.{reading.boundary}")
        draft.say("question_boundary.any")
        return _composed(draft, f"action_boundary.{reading.boundary}")
    is_heard_first = reading.feeling is not None and reading.intent in _HEARD_FIRST
    reflection = "reflection.emotion" if is_heard_first else draft.part("reflection", reading.intent)
    draft.say(reflection, feeling=reading.feeling or "down")
    if occasion.turn == 0 and is_tender:
        draft.sentences.append(book.disclosure)
    for index, (part, slots) in enumerate(facts_for(reading.intent, about.goal, occasion.overview)):
        draft.say(f"fact.{part}", goal="it" if index and part in AHEAD else about.title, **slots)
    _bring_up(draft, occasion, reading.intent)
    return _closed(draft, occasion, reading.intent)


def _bring_up(draft: _Draft, occasion: Occasion, intent: Intent) -> None:
    """One thing that the member told before, or how their journal sounds; not again within the last replies."""
    if any(part.startswith("recall.") for part in occasion.recent_parts):
        return
    recalled = occasion.recalled
    if recalled.mood is Mood.LOW and intent in {Intent.EMOTION, Intent.REVIEW, Intent.MISSED}:
        draft.say("recall.mood_low")
    elif recalled.fact and intent in _RECALLS:
        draft.say("recall.fact", fact=recalled.fact)
    elif recalled.mood is Mood.GOOD and intent in {Intent.PROGRESS, Intent.REVIEW, Intent.WIN}:
        draft.say("recall.mood_good")


def crisis_card(
    assessment: Assessment, *, cards: CrisisCards, helplines: Helplines, country: str, member_id: UUID, salt: str
) -> str:
    """The static block for a tier; empty where nothing needs saying.

    Args:
        salt: Varies the wording between exchanges, for example the message's fingerprint. Nothing here waits or fails.
    """
    name = _card_name(assessment)
    if name is None:
        return ""
    need = Need.ABUSE if assessment.is_abuse else Need.CRISIS
    line = helplines.first(country, need=need)
    seed = Seed(hashlib.sha256(f"{member_id}|{salt}".encode()).hexdigest(), frozenset())
    text = pick(name, cards.cards[name], seed).text.format(
        line=line.name, contact=line.contact, emergency=helplines.of(country).emergency
    )
    spoken_language = next((found[1] for rule in assessment.rule_ids if (found := _LANGUAGE_RULE.match(rule))), None)
    return f"{cards.language[spoken_language]} {text}" if spoken_language else text


def needs_only_the_card(assessment: Assessment) -> bool:
    """True where coaching would be out of place: the card is the whole reply."""
    if assessment.flagged:
        return not _is_history(assessment)
    return assessment.tier is Tier.IMMINENT or (assessment.tier is not Tier.NONE and assessment.denies)


def in_words(text: str) -> Iterator[str]:
    """Pieces of a text as a stream sends them: every word with the space after it. Joined they are the text."""
    yield from re.findall(r"\S+\s*|\s+", text)


def _card_name(assessment: Assessment) -> str | None:
    if assessment.is_abuse and assessment.flagged:
        return "card.abuse"
    if assessment.flagged:
        return "card.history" if _is_history(assessment) else f"card.{assessment.tier}"
    if assessment.tier in {Tier.NONE, Tier.THIRD_PARTY}:
        return None
    return "held.denied" if assessment.denies else f"held.{assessment.tier}"


def _is_history(assessment: Assessment) -> bool:
    """An earlier danger told as past: acknowledged, and the talk goes on."""
    return assessment.tier is Tier.WATCH and assessment.past_only


def _closed(draft: _Draft, occasion: Occasion, intent: Intent) -> Composed:
    """One open question or one if-then step, by the seed, and a small thing to do."""
    if occasion.overview is not None and not occasion.overview.goals and intent not in _OF_NO_GOAL:
        draft.say("question.no_goals")
        return _composed(draft, "action.no_goals")
    step = intent in _STEPS and hashlib.sha256(draft.seed.key.encode()).digest()[0] % 2 == 0
    draft.say(draft.part("step" if step else "question", intent))
    return _composed(draft, draft.part("action", intent))


def _composed(draft: _Draft, action: str) -> Composed:
    said = draft.fill(draft.book.pick(action, draft.seed), {"goal": draft.about.title})
    return Composed(" ".join(draft.sentences), (said,), tuple(draft.part_ids))


def _seed(occasion: Occasion, intent: Intent) -> Seed:
    key = f"{occasion.member_id}|{occasion.today.isoformat()}|{intent}|{occasion.turn}"
    return Seed(key, occasion.recent_parts)


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
