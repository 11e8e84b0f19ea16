"""Signs of crisis in what lies in goals: whose row shows one is told of once, and its tier holds. Source: ADR-0133."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from chassis import outbox
from chassis.clock import Clock
from chassis.db import Database, Transaction
from chassis.errors import TandemError
from chassis.identity.principal import Principal
from services.coach import events
from services.coach.domain.safety import Assessment, Screening, assess, worse, worst_of
from services.coach.repository import find_noticed, save_noticed
from services.coach.usecases.safety_memory import SafetyMemory


class Findings(Protocol):
    """Where a sign that was found is told of."""

    async def announce(
        self, principal: Principal, member_id: UUID, findings: Mapping[UUID, Screening]
    ) -> Assessment | None:
        """Keeps and announces what was found, by the row that it stands in; None where all of it was told before.

        Raises:
            TandemError: It cannot be kept now.
        """
        ...


class KeptFindings:
    """Keeps them with the member, and announces them with the same commit."""

    def __init__(self, database: Database, clock: Clock, *, memory: SafetyMemory) -> None:
        self._database = database
        self._clock = clock
        self._memory = memory

    async def announce(
        self, principal: Principal, member_id: UUID, findings: Mapping[UUID, Screening]
    ) -> Assessment | None:
        """What holds from now on; None where all of it was told before."""

        async def work(transaction: Transaction) -> Assessment | None:
            noticed = await find_noticed(transaction, member_id)
            new = {source_id: found for source_id, found in findings.items() if source_id not in noticed.source_ids}
            if not new:
                return None
            known = worse(noticed.safety, self._memory.of(member_id))
            assessment = assess(worst_of(new.values()), known, now=self._clock.now())
            if assessment.state is not None:
                save_noticed(transaction, member_id, assessment.state, noticed, list(new))
            outbox.append(transaction, events.safety_flagged(member_id, next(iter(new)), assessment))
            return assessment

        return await self._database.run(principal, work)


class FakeFindings:
    """Remembers what it was told; raises when that is a failure."""

    def __init__(self, failure: TandemError | None = None) -> None:
        self.failure = failure
        self.told: list[Mapping[UUID, Screening]] = []

    async def announce(
        self, principal: Principal, member_id: UUID, findings: Mapping[UUID, Screening]
    ) -> Assessment | None:
        """Nothing that would be new."""
        self.told.append(findings)
        if self.failure is not None:
            raise self.failure
        return None
