"""What is known so far: a value for each slot, which one is asked for, and where the conversation stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from services.coach.domain.intake.topics import LISTS, SLOTS, Comfort, Slot, Topic, TopicStatus

# As many as a summary can show and one call can make goals of.
MAX_ITEMS: Final = 8
# A stop that a minor's words brought does not end with starting over, for as long as a crisis tier holds.
STOP_HOLDS: Final = timedelta(hours=24)


class SlotStatus(StrEnum):
    """What became of a question."""

    FILLED = "filled"
    DECLINED = "declined"
    UNCLEAR = "unclear"


class Stage(StrEnum):
    """Where the conversation stands."""

    ASKING = "asking"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a slot holds.

    Attributes:
        values: One, but for lists; none where declined or unclear.
        quote: What it was read from.
        turn: In which turn it was said.
        source_id: In which message.
        said_on: The member's civil day then: "in three months" counts from it.
        confidence: 1 for what was said plainly, less for what was read between the lines.
        earlier_ids: Of messages that some of the values may come from as well: a list grows.
    """

    status: SlotStatus
    values: tuple[str, ...] = ()
    quote: str = ""
    turn: int = 0
    source_id: UUID | None = None
    said_on: date | None = None
    confidence: float = 1.0
    earlier_ids: tuple[UUID, ...] = ()

    @property
    def source_ids(self) -> tuple[UUID, ...]:
        """All messages that it comes from, each once."""
        return tuple(dict.fromkeys((*self.earlier_ids, *([self.source_id] if self.source_id else []))))

    def __repr__(self) -> str:
        """Without the words."""
        return f"Answer(status={self.status}, turn={self.turn})"


@dataclass(frozen=True, slots=True)
class Adopted:
    """A dating goal that a goal was made of."""

    text: str
    goal_id: UUID

    def __repr__(self) -> str:
        """Without the words."""
        return f"Adopted(goal_id={self.goal_id})"


@dataclass(frozen=True, slots=True)
class Intake:
    """One member's conversation.

    Attributes:
        revision: Grows with every change.
        turn: How many turns there were.
        answers: By slot; slots that nothing was said about are missing.
        unclear: How many answers in a row could not be read.
        last: The slot answered last: what "actually" most likely corrects.
        confirmed_at: The revision that the member said yes to; 0 before.
        adopted: Goals made of what was confirmed.
        recent: Wordings used lately, not to be repeated.
        stopped_at: When somebody said to be under age; nothing is asked any more.
    """

    intake_id: UUID
    thread_id: UUID
    revision: int = 0
    turn: int = 0
    stage: Stage = Stage.ASKING
    answers: Mapping[Slot, Answer] = field(default_factory=dict)
    unclear: int = 0
    last: Slot | None = None
    confirmed_at: int = 0
    adopted: tuple[Adopted, ...] = ()
    recent: tuple[str, ...] = ()
    stopped_at: datetime | None = None

    def __repr__(self) -> str:
        """Without the words."""
        return f"Intake(intake_id={self.intake_id}, revision={self.revision}, stage={self.stage})"

    @property
    def requested(self) -> Slot | None:
        """The slot that is asked for; None when all are answered."""
        return next((slot for slot in SLOTS if not self.is_answered(slot)), None)

    @property
    def percent(self) -> int:
        """Slots answered or declined, of twelve, to the nearest percent."""
        return round(100 * sum(map(self.is_answered, SLOTS)) / len(SLOTS))

    @property
    def is_complete(self) -> bool:
        """All is answered, and the member said that it is right."""
        return self.stage is Stage.CONFIRMED

    @property
    def is_stopped(self) -> bool:
        """Nothing more is asked."""
        return self.stopped_at is not None

    @property
    def declined(self) -> tuple[Slot, ...]:
        """Slots that the member would rather not answer."""
        return tuple(slot for slot in SLOTS if self._status(slot) is SlotStatus.DECLINED)

    @property
    def source_ids(self) -> tuple[UUID, ...]:
        """The messages that the answers come from, each once."""
        found = (source_id for answer in self.answers.values() if answer.values for source_id in answer.source_ids)
        return tuple(dict.fromkeys(found))

    @property
    def comfort(self) -> Comfort | None:
        """At ease or not; None while unknown."""
        values = self.values(Slot.COMFORT)
        return Comfort(values[0]) if values else None

    def values(self, slot: Slot) -> tuple[str, ...]:
        """What a slot holds; empty while nothing was said."""
        answer = self.answers.get(slot)
        return answer.values if answer is not None else ()

    def value(self, slot: Slot) -> str:
        """The one thing that a slot holds, or empty."""
        return next(iter(self.values(slot)), "")

    def is_answered(self, slot: Slot) -> bool:
        """Filled or declined."""
        return self._status(slot) in {SlotStatus.FILLED, SlotStatus.DECLINED}

    def status_of(self, topic: Topic) -> TopicStatus:
        """Where a topic stands."""
        answered = [slot for slot in topic.slots if self.is_answered(slot)]
        if len(answered) < len(topic.slots):
            return TopicStatus.IN_PROGRESS if answered else TopicStatus.NOT_STARTED
        is_filled = any(self._status(slot) is SlotStatus.FILLED for slot in topic.slots)
        return TopicStatus.COMPLETE if is_filled else TopicStatus.SKIPPED

    def with_answer(self, slot: Slot, answer: Answer) -> "Intake":
        """With another answer; a list grows."""
        if slot in LISTS and answer.status is SlotStatus.FILLED:
            answer = replace(answer, values=merged(self.values(slot), answer.values))
        return self.with_replaced(slot, answer)

    def with_replaced(self, slot: Slot, answer: Answer) -> "Intake":
        """With another answer in place of the one that is there."""
        known = self.answers.get(slot)
        if known is not None and set(known.values) & set(answer.values):
            answer = replace(answer, earlier_ids=known.source_ids)
        return replace(self, answers={**self.answers, slot: answer}, last=slot)

    def without(self, slot: Slot) -> "Intake":
        """As if nothing had been said about a slot."""
        return replace(self, answers={kept: answer for kept, answer in self.answers.items() if kept is not slot})

    def unsaid(self, source_id: UUID) -> "Intake":
        """As if a message had never been: what was read from it, alone or among others, is open again.

        What the member confirmed is not what is there any more, so that they are asked for a yes again.
        """
        gone = {slot: answer for slot, answer in self.answers.items() if source_id in answer.source_ids}
        if not gone:
            return self
        said = {value for answer in gone.values() for value in answer.values}
        return replace(
            self,
            revision=self.revision + 1,
            stage=Stage.ASKING,
            answers={slot: answer for slot, answer in self.answers.items() if slot not in gone},
            last=None if self.last in gone else self.last,
            confirmed_at=0,
            adopted=tuple(one for one in self.adopted if one.text not in said),
        )

    def _status(self, slot: Slot) -> SlotStatus | None:
        answer = self.answers.get(slot)
        return answer.status if answer is not None else None


def started_over(earlier: Intake, *, intake_id: UUID, now: datetime) -> Intake:
    """A conversation from the beginning; a fresh stop stays, and the revision goes on."""
    holds = earlier.stopped_at is not None and earlier.stopped_at + STOP_HOLDS > now
    return Intake(
        intake_id=intake_id,
        thread_id=earlier.thread_id,
        revision=earlier.revision + 1,
        stopped_at=earlier.stopped_at if holds else None,
    )


def merged(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """Both, each thing once whatever its letters' case, at most `MAX_ITEMS`."""
    kept: dict[str, str] = {}
    for text in (*first, *second):
        kept.setdefault(text.casefold(), text)
    return tuple(kept.values())[:MAX_ITEMS]


def to_document(intake: Intake) -> dict[str, Any]:
    """The state as plain data, for storage. Ids and the thread stand in the row itself."""
    return {
        "turn": intake.turn,
        "stage": str(intake.stage),
        "answers": {str(slot): _answer_document(answer) for slot, answer in intake.answers.items()},
        "unclear": intake.unclear,
        "last": intake.last,
        "confirmed_at": intake.confirmed_at,
        "adopted": [[one.text, str(one.goal_id)] for one in intake.adopted],
        "recent": list(intake.recent),
        "stopped_at": intake.stopped_at.isoformat() if intake.stopped_at else None,
    }


def from_document(document: Mapping[str, Any], *, intake_id: UUID, thread_id: UUID, revision: int) -> Intake:
    """The state that was stored."""
    return Intake(
        intake_id=intake_id,
        thread_id=thread_id,
        revision=revision,
        turn=document["turn"],
        stage=Stage(document["stage"]),
        answers={Slot(slot): _answer(kept) for slot, kept in document["answers"].items()},
        unclear=document["unclear"],
        last=Slot(document["last"]) if document["last"] else None,
        confirmed_at=document["confirmed_at"],
        adopted=tuple(Adopted(text, UUID(goal_id)) for text, goal_id in document["adopted"]),
        recent=tuple(document["recent"]),
        stopped_at=datetime.fromisoformat(document["stopped_at"]) if document["stopped_at"] else None,
    )


def _answer_document(answer: Answer) -> dict[str, Any]:
    return {
        "status": str(answer.status),
        "values": list(answer.values),
        "quote": answer.quote,
        "turn": answer.turn,
        "source_id": str(answer.source_id) if answer.source_id else None,
        "said_on": answer.said_on.isoformat() if answer.said_on else None,
        "confidence": answer.confidence,
        "earlier_ids": [str(source_id) for source_id in answer.earlier_ids],
    }


def _answer(document: Mapping[str, Any]) -> Answer:
    return Answer(
        SlotStatus(document["status"]),
        tuple(document["values"]),
        document["quote"],
        document["turn"],
        UUID(document["source_id"]) if document["source_id"] else None,
        date.fromisoformat(document["said_on"]) if document["said_on"] else None,
        document["confidence"],
        # States that were stored before lists told of their beginnings have none.
        tuple(map(UUID, document.get("earlier_ids", ()))),
    )
