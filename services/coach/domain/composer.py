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

from services.coach.domain.facts import GoalFact, Overview
from services.coach.domain.figures import AHEAD, LOW, facts_for
from services.coach.domain.framing import speakable_title
from services.coach.domain.helplines import Helplines, Need
from services.coach.domain.intents import Intent, Reading, mentioned_goal, read
from services.coach.domain.phrases import CrisisCards, Phrasebook, Picked, Seed, pick
from services.coach.domain.safety import Assessment
from services.coach.domain.tiers import Tier

_BROKEN = frozenset({"behind", "at_risk"})
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
_OF_NO_GOAL = frozenset({Intent.EMOTION, Intent.DATING})
_LANGUAGE_RULE = re.compile(r"^risk\.(es|fr|de|pt|it|nl)$")


@dataclass(frozen=True, slots=True)
class Occasion:
    """What one reply answers.

    Attributes:
        overview: The member's numbers; None when they could not be read.
        today: The member's civil day.
        turn: How many replies this thread has had.
        recent_parts: Part ids of the member's last replies.
    """

    member_id: UUID
    message: str
    overview: Overview | None
    today: date
    turn: int = 0
    recent_parts: frozenset[str] = frozenset()
    assessment: Assessment | None = None


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
    sentences: list[str] = field(default_factory=list)
    part_ids: list[str] = field(default_factory=list)

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
    goal = _subject(occasion, reading)
    title = _title(goal)
    draft = _Draft(book, _seed(occasion, reading.intent))
    if occasion.turn == 0:
        draft.sentences.append(book.disclosure)
    if reading.boundary is not None:
        draft.say(f"boundary.{reading.boundary}")
        draft.say("question_boundary.any")
        action = draft.fill(book.pick(f"action_boundary.{reading.boundary}", draft.seed), {"goal": title})
        return Composed(" ".join(draft.sentences), (action,), tuple(draft.part_ids))
    draft.say(_part(book, "reflection", reading.intent, goal), feeling=reading.feeling or "low")
    for index, (part, slots) in enumerate(facts_for(reading.intent, goal, occasion.overview)):
        draft.say(f"fact.{part}", goal="it" if index and part in AHEAD else title, **slots)
    _close(draft, occasion, reading.intent, goal)
    action = _action(draft, occasion, reading.intent, goal)
    return Composed(" ".join(draft.sentences), (action,), tuple(draft.part_ids))


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


def _part(book: Phrasebook, table: str, intent: Intent, goal: GoalFact | None) -> str:
    """The part for an intent; about a limit its own, as doing more of it is what nobody wants."""
    if goal is not None and goal.is_limit and intent not in _OF_NO_GOAL:
        own = next((name for name in (f"limit_{table}.{intent}", f"limit_{table}.any") if name in book.parts), None)
        if own is not None:
            return own
    return f"{table}.{intent}"


def _close(draft: _Draft, occasion: Occasion, intent: Intent, goal: GoalFact | None) -> None:
    """One open question or one if-then step, by the seed."""
    if occasion.overview is not None and not occasion.overview.goals and intent not in _OF_NO_GOAL:
        draft.say("question.no_goals")
        return
    step = intent in _STEPS and hashlib.sha256(draft.seed.key.encode()).digest()[0] % 2 == 0
    draft.say(_part(draft.book, "step" if step else "question", intent, goal))


def _action(draft: _Draft, occasion: Occasion, intent: Intent, goal: GoalFact | None) -> str:
    no_goals = occasion.overview is not None and not occasion.overview.goals
    is_first = no_goals and intent not in _OF_NO_GOAL
    part = "action.no_goals" if is_first else _part(draft.book, "action", intent, goal)
    return draft.fill(draft.book.pick(part, draft.seed), {"goal": _title(goal)})


def _seed(occasion: Occasion, intent: Intent) -> Seed:
    key = f"{occasion.member_id}|{occasion.today.isoformat()}|{intent}|{occasion.turn}"
    return Seed(key, occasion.recent_parts)


def _subject(occasion: Occasion, reading: Reading) -> GoalFact | None:
    """The goal that the message names, else the one that fits its intent best; ties by id."""
    overview = occasion.overview
    if overview is None or not overview.goals:
        return None
    named = mentioned_goal(occasion.message, overview)
    if named is not None:
        return named
    return min(overview.goals, key=lambda goal: (_distance(goal, reading.intent, occasion.today), goal.goal_id.hex))


def _distance(goal: GoalFact, intent: Intent, today: date) -> int:
    """Days by which a goal is away from what the intent is about; smaller is nearer."""
    since_entry = (today - goal.last_logged_on).days if goal.last_logged_on else 1_000
    if intent in LOW or intent is Intent.CHANGE_PLAN:
        return since_entry - (2_000 if goal.state in _BROKEN else 0)
    if intent is Intent.OUTLOOK:
        return 1_000 if goal.safe_days is None else goal.safe_days
    if intent in {Intent.GREETING, Intent.OFF_TOPIC}:
        return since_entry - (2_000 if goal.due_today and not goal.done_today else 0)
    return since_entry


def _title(goal: GoalFact | None) -> str:
    title = speakable_title(goal.title) if goal else None
    return f"“{title}”" if title else "your goal"


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
