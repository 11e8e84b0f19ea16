"""The dating-goals conversation: screen, look whether it may be held, then one transaction for the whole turn.

The rules take milliseconds, so the turn is decided within the transaction that stores it: the message and the answer,
the state by its revision, the finding of the screen, the memory that a yes makes, and the answer for the key. A model
costs money and seconds, so none is asked about a message that the rules read, nor beside a finding of the screen: only
about one that answers and in which they found nothing. Then the transaction ends without a write, the model is asked,
and the turn is decided anew with its reading beside the rules. A sign of crisis is answered with the card alone,
whoever asks and whatever is away; it changes nothing of what is known. Source: ADR-0086, ADR-0053, ADR-0128.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from prometheus_client import Counter

from chassis import idempotency, outbox
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.errors import IdempotencyInProgress, TandemError
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from chassis.telemetry.logs import get_logger
from chassis.vault import DataKey, MemberKeys
from services.coach import events
from services.coach.clients.members import Members
from services.coach.clients.providers import OFFLINE
from services.coach.clients.texts import Texts
from services.coach.domain.composer import needs_only_the_card
from services.coach.domain.conversation import (
    Author,
    Message,
    SafetyNotice,
    Thread,
    check_message,
    check_thread_id,
)
from services.coach.domain.intake.boundaries import STOPPING
from services.coach.domain.intake.dialogue import Occasion, Turn, advance
from services.coach.domain.intake.state import Intake, started_over
from services.coach.domain.intake.summary import summary
from services.coach.domain.intake.topics import Slot
from services.coach.domain.person import Person
from services.coach.domain.safety import Assessment
from services.coach.domain.tiers import Tier
from services.coach.errors import AdultsOnly, DatingGoalsNotFound, ThreadNotFound
from services.coach.repository import ConversationRepository, IntakeOpening, IntakeRepository
from services.coach.usecases.chat import CRISIS_STORAGE_S, Draft
from services.coach.usecases.history import owner
from services.coach.usecases.slot_reading import SlotReader, SlotReading
from services.coach.usecases.watching import Watch, Watched, card

_log = get_logger(__name__)

INTAKE_TURNS: Final = Counter("tandem_coach_intake_turns_total", "Turns of dating-goals conversations", ["outcome"])

# After so long a silence the coach says first what it knows.
RESUMED_AFTER: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class IntakeReply:
    """The coach's turn, as one call returns it.

    Attributes:
        provider: Who read the message; its words are ours in any case.
        kept: False where storage was away and only a card could be shown.
    """

    intake: Intake
    text: str
    thread_id: UUID
    safety: SafetyNotice
    provider: str = OFFLINE
    degraded: bool = False
    kept: bool = True

    def __repr__(self) -> str:
        """Without the words."""
        return f"IntakeReply(intake={self.intake!r}, tier={self.safety.tier})"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A message that may be answered, with what the screen found in it and who wrote it.

    Attributes:
        person: None where only a card is to be said.
        reading: What a model read; None where none was asked.
    """

    principal: Principal
    member_id: UUID
    text: str
    thread_id: UUID | None
    key: IdempotencyKey | None
    watched: Watched
    person: Person | None = None
    country: str = ""
    reading: SlotReading | None = None


class IntakeUseCases:
    """Talking about dating goals, reading them, starting over."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        keys: MemberKeys,
        members: Members,
        texts: Texts,
        watch: Watch,
        reader: SlotReader,
    ) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys
        self._members = members
        self._texts = texts
        self._watch = watch
        self._reader = reader

    async def continue_intake(self, principal: Principal, draft: Draft, *, key: IdempotencyKey | None) -> IntakeReply:
        """The coach's next turn.

        Raises:
            InvalidArgument: The message or the thread id breaks a rule.
            AdultsOnly: The member is not known to be an adult.
            ThreadNotFound: The thread is not the caller's.
            Unavailable: Storage or the profile is away.

        A message that is a sign of crisis is answered in spite of all but the first.
        """
        asked = self._ask(principal, draft, key)
        if asked.watched.foreseen.flagged:
            return await self._in_crisis(asked)
        return await self._talk(await self._with_adult(asked))

    async def get_dating_goals(self, principal: Principal, member_id: UUID) -> IntakeOpening:
        """What is known of the caller.

        Raises:
            DatingGoalsNotFound: They are somebody else's.
        """
        _check_own(principal, member_id)

        async def work(transaction: Transaction) -> IntakeOpening:
            return await IntakeRepository(transaction, self._keys).open(member_id)

        return await self._database.run(principal, work, read_only=True)

    async def reset_intake(self, principal: Principal, member_id: UUID, *, key: IdempotencyKey | None) -> None:
        """Sets the conversation aside, with what the coach remembers of it, and begins anew.

        Raises:
            DatingGoalsNotFound: They are somebody else's.
        """
        _check_own(principal, member_id)

        async def work(transaction: Transaction) -> None:
            intakes = IntakeRepository(transaction, self._keys)
            opening = await intakes.open(member_id, key=key)
            intake, now = opening.intake, self._clock.now()
            if intake is not None and opening.key is not None and intake.turn:
                intakes.archive(member_id, intake, opening.key, now=now)
                fresh = started_over(intake, intake_id=new_id(self._clock), now=now)
                intakes.save(member_id, fresh, intake, opening.key, now=now)
                intakes.forget(member_id)
            idempotency.remember(transaction, key, member_id, outcome=member_id)

        await self._database.run(principal, work, idempotency=key)

    def _ask(self, principal: Principal, draft: Draft, key: IdempotencyKey | None) -> _Asked:
        """Checks and screens. Waits for nothing."""
        member_id = owner(principal)
        text, thread_id = check_message(draft.text), check_thread_id(draft.thread_id)
        return _Asked(principal, member_id, text, thread_id, key, self._watch.look(member_id, text))

    async def _with_adult(self, asked: _Asked) -> _Asked:
        person = await self._members.person(asked.member_id)
        if not person.is_adult(self._clock.now()):
            raise AdultsOnly
        return replace(asked, person=person, country=person.country)

    async def _in_crisis(self, asked: _Asked) -> IntakeReply:
        """The card, kept where that can be done soon; a danger told as past goes on with the conversation."""
        told, foreseen = asked, asked.watched.foreseen
        if not needs_only_the_card(foreseen):
            try:
                told = await self._with_adult(asked)
            except TandemError as problem:
                _log.info("intake_not_continued", reason=problem.reason)
        if told.person is None:
            told = replace(told, country=await self._members.country(asked.member_id))
        try:
            async with asyncio.timeout(CRISIS_STORAGE_S):
                return await self._talk(told)
        except TimeoutError:
            reason = "DEADLINE_EXCEEDED"
        except IdempotencyInProgress:
            raise
        except TandemError as problem:
            reason = problem.reason
        _log.error("crisis_answered_unsaved", tier=str(foreseen.tier), reason=reason)
        INTAKE_TURNS.labels("unsaved").inc()
        thread_id = asked.thread_id or new_id(self._clock)
        card, notice = self._card(foreseen, told), self._watch.notice(foreseen, told.country)
        return IntakeReply(Intake(new_id(self._clock), thread_id), card, thread_id, notice, kept=False)

    async def _talk(self, asked: _Asked) -> IntakeReply:
        """The turn; a model is asked at most once, between two transactions."""
        while True:
            made = await self._exchange(asked)
            if isinstance(made, IntakeReply):
                return made
            asked = replace(asked, reading=await self._reader.read(asked.text, made, member_id=asked.member_id))

    async def _exchange(self, asked: _Asked) -> IntakeReply | Slot:
        """The turn stored, or the slot that a model may be asked about and nothing stored."""

        async def work(transaction: Transaction) -> IntakeReply | Slot:
            opening = await IntakeRepository(transaction, self._keys).open(
                asked.member_id, thread_id=asked.thread_id, key=asked.key
            )
            if asked.thread_id is not None and not opening.has_thread:
                raise ThreadNotFound
            return self._decide(transaction, opening, asked)

        return await self._database.run(asked.principal, work, idempotency=asked.key)

    def _decide(self, transaction: Transaction, opening: IntakeOpening, asked: _Asked) -> IntakeReply | Slot:
        """The turn, all that it makes queued; or the slot that a model may be asked about, and nothing queued."""
        message_id = new_id(self._clock)
        assessment = self._watch.weigh(asked.watched, opening.safety)
        turn = self._turn(opening, asked, assessment, message_id)
        slot = turn.intake.requested
        may_ask = self._reader.has_vendors and asked.reading is None and assessment.tier is Tier.NONE
        if slot is not None and turn.is_unread and may_ask:
            return slot
        self._watch.settle(transaction, asked.watched, opening.safety, message_id)
        return self._reply(transaction, opening, asked, assessment, turn, message_id)

    def _turn(self, opening: IntakeOpening, asked: _Asked, assessment: Assessment, message_id: UUID) -> Turn:
        """What is said beside the card and what is known then; beside a card alone nothing, and nothing changes."""
        now = self._clock.now()
        before = opening.intake or Intake(new_id(self._clock), asked.thread_id or new_id(self._clock))
        if asked.person is None or needs_only_the_card(assessment):
            return Turn(replace(before, revision=before.revision + 1), "")
        is_resumed = opening.updated_at is not None and opening.updated_at + RESUMED_AFTER < now
        read = asked.reading.said if asked.reading else {}
        occasion = Occasion(now, asked.person.today(now), message_id, is_resumed=is_resumed, proposed=read)
        return advance(before, asked.text, occasion, self._texts.intake, self._texts.phrases)

    def _reply(
        self,
        transaction: Transaction,
        opening: IntakeOpening,
        asked: _Asked,
        assessment: Assessment,
        turn: Turn,
        message_id: UUID,
    ) -> IntakeReply:
        """Queues all that a turn makes."""
        said = "\n\n".join(part for part in (self._card(assessment, asked), turn.text) if part)
        thread_id = asked.thread_id or turn.intake.thread_id
        read = asked.reading or SlotReading()
        reply = IntakeReply(
            turn.intake,
            said,
            thread_id,
            self._watch.notice(assessment, asked.country),
            read.provider if turn.is_proposed else OFFLINE,
            degraded=read.degraded,
        )
        key = opening.key or IntakeRepository(transaction, self._keys).make_key(asked.member_id)
        message = Message(message_id, thread_id, asked.member_id, Author.MEMBER, asked.text, self._clock.now())
        self._store_exchange(transaction, message, said, key, is_new_thread=not opening.has_thread)
        self._store_state(transaction, opening, turn, key, member_id=asked.member_id)
        if turn.boundary is not None and turn.boundary in STOPPING:
            outbox.append(transaction, events.boundary_met(asked.member_id, message_id, turn.boundary))
        idempotency.remember(transaction, asked.key, message_id, outcome=reply)
        INTAKE_TURNS.labels(_outcome(turn)).inc()
        return reply

    def _store_exchange(
        self, transaction: Transaction, message: Message, said: str, key: DataKey, *, is_new_thread: bool
    ) -> None:
        """Both messages, the answer after its question."""
        conversations = ConversationRepository(transaction, self._keys)
        at = message.create_time + timedelta(microseconds=1)
        if is_new_thread:
            conversations.add_thread(Thread(message.thread_id, message.member_id, message.create_time, at))
        else:
            conversations.touch_thread(message.thread_id, at)
        conversations.add_message(message, key)
        conversations.add_message(
            Message(new_id(self._clock), message.thread_id, message.member_id, Author.COACH, said, at), key
        )

    def _store_state(
        self, transaction: Transaction, opening: IntakeOpening, turn: Turn, key: DataKey, *, member_id: UUID
    ) -> None:
        intakes, now = IntakeRepository(transaction, self._keys), self._clock.now()
        intakes.save(member_id, turn.intake, opening.intake, key, now=now)
        if turn.is_newly_confirmed and not opening.is_paused:
            intakes.remember(
                member_id,
                summary(turn.intake, self._texts.intake),
                key,
                memory_id=opening.memory_id or new_id(self._clock),
                is_new=opening.memory_id is None,
                intake=turn.intake,
                now=now,
            )

    def _card(self, assessment: Assessment, asked: _Asked) -> str:
        return card(assessment, self._texts, country=asked.country, member_id=asked.member_id, answers=asked.text)


def _check_own(principal: Principal, member_id: UUID) -> None:
    if owner(principal) != member_id:
        raise DatingGoalsNotFound


def _outcome(turn: Turn) -> str:
    if not turn.text:
        return "card"
    if turn.intake.is_stopped:
        return "stopped"
    return "confirmed" if turn.is_newly_confirmed else "boundary" if turn.boundary in STOPPING else "asked"
