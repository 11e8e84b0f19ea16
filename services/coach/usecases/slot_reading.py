"""Asks a model what an answer of the dating-goals conversation says, where the rules found nothing in it."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from chassis.clock import Clock
from services.coach.clients import intake_schema
from services.coach.clients.members import Members
from services.coach.clients.providers import OFFLINE
from services.coach.clients.structured import KEPT_BACK_S, Size, StructuredChain, StructuredRequest
from services.coach.clients.texts import Texts
from services.coach.domain.framing import Frame
from services.coach.domain.intake.proposing import checked, intake_request
from services.coach.domain.intake.reading import Said
from services.coach.domain.intake.topics import Slot
from services.coach.domain.prompting import Prompt
from services.coach.usecases.deadlines import deadline

# Somebody waits for the next question, which the rules could ask at once.
PATIENCE_S: Final = 4.0
# Left of the caller's time for the transaction that stores the turn.
STORING_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class SlotReading:
    """What was read.

    Attributes:
        said: By slot; empty where nothing was found, or nobody was asked.
        degraded: A vendor failed on the way.
    """

    said: Mapping[Slot, Said] = field(default_factory=dict)
    provider: str = OFFLINE
    degraded: bool = False


class SlotReader:
    """Reads answers with a model, for members who allow it. Never inside a transaction."""

    def __init__(
        self,
        clock: Clock,
        *,
        chain: StructuredChain,
        texts: Texts,
        members: Members,
        frame_key: bytes,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Takes its parts.

        Args:
            clock: Tells the time.
            chain: Who reads.
            texts: Our own words.
            members: Where it stands whether a vendor may be asked.
            frame_key: Derives the unguessable marks around member text.
            patience_s: How long all vendors together may take.
        """
        self._clock = clock
        self._chain = chain
        self._texts = texts
        self._members = members
        self._frame_key = frame_key
        self._patience_s = patience_s

    @property
    def has_vendors(self) -> bool:
        """Whether there is anybody to ask."""
        return self._chain.has_vendors

    async def read(self, message: str, asked: Slot, *, member_id: UUID) -> SlotReading:
        """What a message says; nothing where no model may or can say it."""
        allowed = await self._members.consents(member_id)
        request = StructuredRequest(
            "intake",
            self._prompt(message, asked, member_id),
            lambda: intake_schema.NOTHING,
            may_ask_vendors=allowed.ai_vendors,
            size=Size.FAST,
        )

        def accept(made: intake_schema.IntakeReading, provider: str) -> Mapping[Slot, Said]:
            return checked(made.proposals(), message)

        answered = await self._chain.answer(
            request,
            intake_schema.IntakeReading,
            accept=accept,
            deadline=deadline(self._clock, self._patience_s + KEPT_BACK_S, kept_s=STORING_S),
            patience_s=self._patience_s,
        )
        return SlotReading(answered.value, answered.provider, bool(answered.failed))

    def _prompt(self, message: str, asked: Slot, member_id: UUID) -> Prompt:
        system = self._texts.intake_system
        frame = Frame(hmac.digest(self._frame_key, member_id.bytes, "sha256").hex()[:4])
        return Prompt(system.version, system.text, intake_request(asked, message, frame), member_id=member_id)
