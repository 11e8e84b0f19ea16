"""Lays out what an answer may draw on: the same rows give the same bytes, within a budget, each item with its owner.

Sections go from what never changes to what was just said: S0 instructions, S1 memory, S2 goals, S3 check-ins, S4
journal, S5 summary, the group's posts, S6 turns, S7 the message. What is kept of a context is its hash and the ids of
what stood in it, never its text. Source: ADR-0052.
"""

from collections.abc import Sequence
from uuid import UUID

from services.coach.domain.context.budget import BUDGETS, TOTAL, fit
from services.coach.domain.context.bundle import ContextBundle, Item, Section, estimate
from services.coach.domain.context.figures import check_ins_of, goals_of
from services.coach.domain.context.known import NOTHING_KNOWN, Known, group_of, journal_of, memories_of, summary_of
from services.coach.domain.context.talk import TURNS_VERBATIM, message_of, turns_of
from services.coach.domain.conversation import Message
from services.coach.domain.facts import Overview
from services.coach.domain.framing import Frame
from services.coach.domain.plain_text import words
from services.coach.errors import ForeignFact

__all__ = [
    "BUDGETS",
    "NOTHING_KNOWN",
    "TOTAL",
    "TURNS_VERBATIM",
    "ContextBundle",
    "Item",
    "Known",
    "Section",
    "build_context",
    "estimate",
]


def build_context(
    member_id: UUID,
    message: Message,
    *,
    overview: Overview | None,
    turns: Sequence[Message],
    frame: Frame,
    system: str,
    prompt_version: str,
    known: Known = NOTHING_KNOWN,
) -> ContextBundle:
    """Lays out the context for one message. Pure: the order in which rows come makes no difference.

    Args:
        overview: The member's numbers; None when they could not be read, which the context then says.
        turns: Earlier messages of the thread.
        known: What is remembered, written and said elsewhere.

    Raises:
        ForeignFact: An item belongs to somebody else; nothing has been laid out.
    """
    if overview is not None:
        overview.check_owner(member_id)
    known.check_owner(member_id)
    if any(turn.member_id != member_id for turn in (*turns, message)):
        raise ForeignFact
    asked = words(message.text)
    today = overview.today if overview is not None else message.create_time.date()
    sections, dropped = fit(
        (
            ("memory", memories_of(known.memories, frame, asked, today=today)),
            ("goals", goals_of(overview, frame, asked)),
            ("check_ins", check_ins_of(overview, frame)),
            ("journal", journal_of(known.journal, frame, today=today)),
            ("summary", summary_of(known.summary, frame)),
            ("group", group_of(known.group, frame)),
            ("turns", turns_of(turns, frame)),
            ("message", [message_of(message, frame)]),
        ),
        room=TOTAL - estimate(system),
    )
    return ContextBundle(prompt_version, system, sections, dropped)
