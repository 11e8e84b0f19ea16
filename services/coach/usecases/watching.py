"""The safety screen over what is written elsewhere than in chat: what it finds is kept, announced and shown."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from prometheus_client import Counter

from chassis import outbox
from chassis.clock import Clock
from chassis.db import Transaction
from services.coach import events
from services.coach.clients.texts import Texts
from services.coach.domain.composer import crisis_card
from services.coach.domain.conversation import SafetyNotice
from services.coach.domain.helplines import Need
from services.coach.domain.safety import Assessment, SafetyState, Screening, assess, screen, worse
from services.coach.domain.tiers import Tier
from services.coach.repository import save_safety
from services.coach.usecases.safety_memory import SafetyMemory

SAFETY_SHOWN = Counter("tandem_coach_safety_shown_total", "Crisis cards shown, by what the message raised", ["tier"])

BOUNDARIES_MET = Counter("tandem_coach_boundaries_met_total", "Messages in chat that met a boundary", ["boundary"])


@dataclass(frozen=True, slots=True)
class Watched:
    """A text that was screened, before anything of it was stored."""

    member_id: UUID
    screening: Screening
    foreseen: Assessment


class Watch:
    """Screens in process and before any wait; what it finds holds for the member's chat as well."""

    def __init__(self, clock: Clock, *, texts: Texts, memory: SafetyMemory) -> None:
        self._clock = clock
        self._texts = texts
        self._memory = memory

    def look(self, member_id: UUID, text: str) -> Watched:
        """Screens a text. Waits for nothing, and is remembered even when nothing can be stored."""
        screening = screen(text)
        foreseen = assess(screening, self._memory.of(member_id), now=self._clock.now())
        self._memory.keep(member_id, foreseen.state)
        if foreseen.flagged:
            SAFETY_SHOWN.labels(str(foreseen.tier)).inc()
        return Watched(member_id, screening, foreseen)

    def settle(
        self, transaction: Transaction, watched: Watched, stored: SafetyState | None, subject_id: UUID
    ) -> Assessment:
        """Queues what a finding leaves behind and announces it, together with what was stored of the member before."""
        assessment = self.weigh(watched, stored)
        if assessment.state is not None:
            save_safety(transaction, watched.member_id, assessment.state)
        if assessment.flagged:
            outbox.append(transaction, events.safety_flagged(watched.member_id, subject_id, assessment))
        return assessment

    def weigh(self, watched: Watched, stored: SafetyState | None) -> Assessment:
        """What holds, together with what was stored of the member before. Queues nothing."""
        known = worse(stored, self._memory.of(watched.member_id))
        return assess(watched.screening, known, now=self._clock.now())

    def notice(self, assessment: Assessment, country: str) -> SafetyNotice:
        """What the member is shown."""
        if assessment.tier is Tier.NONE:
            return SafetyNotice()
        need = Need.ABUSE if assessment.is_abuse else Need.CRISIS
        return SafetyNotice(assessment.tier, self._texts.helplines.resources(country, need=need))


def card(assessment: Assessment, texts: Texts, *, country: str, member_id: UUID, answers: str) -> str:
    """The crisis block for what `answers` raised; empty where nothing needs saying."""
    if assessment.tier is Tier.NONE:
        return ""
    salt = hashlib.sha256(answers.encode()).hexdigest()
    return crisis_card(
        assessment, cards=texts.cards, helplines=texts.helplines, country=country, member_id=member_id, salt=salt
    )
