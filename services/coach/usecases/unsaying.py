"""What a deleted message on dating goals leaves behind: answers that were read from it, and turns that repeat it."""

from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Transaction
from chassis.vault import DataKey, MemberKeys
from services.coach.domain.conversation import Message
from services.coach.domain.intake.state import Intake
from services.coach.repository import CorrectionRepository, IntakeRepository

_ANSWERED_AFTER = timedelta(microseconds=1)


async def unsay(
    transaction: Transaction,
    keys: MemberKeys,
    member_id: UUID,
    message_id: UUID,
    *,
    position: tuple[UUID, datetime],
    key: DataKey,
    now: datetime,
) -> list[UUID]:
    """Queues that nothing was read from a message; returns the coach's turns that go with it.

    These are the answer to it and later ones of the thread that repeat what was read. What the coach remembers of the
    conversation goes as well, as it holds the same words.
    """
    intakes = IntakeRepository(transaction, keys)
    known = (await intakes.open(member_id)).intake
    turns = await CorrectionRepository(transaction, keys).answers_after(position, key)
    await intakes.drop_archived(member_id, message_id, key)
    said: set[str] = set()
    if known is not None and (left := known.unsaid(message_id)) is not known:
        intakes.save(member_id, left, known, key, now=now)
        intakes.forget(member_id)
        said = _words_of(known, message_id)
    return [turn.message_id for turn in turns if _echoes(turn, said, answered_at=position[1] + _ANSWERED_AFTER)]


def _words_of(intake: Intake, message_id: UUID) -> set[str]:
    return {
        value.replace("_", " ").casefold()
        for answer in intake.answers.values()
        if message_id in answer.source_ids
        for value in answer.values
    }


def _echoes(turn: Message, said: set[str], *, answered_at: datetime) -> bool:
    text = turn.text.casefold()
    return turn.create_time == answered_at or any(words in text for words in said)
