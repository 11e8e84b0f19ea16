"""What a member wrote elsewhere, seen when an answer is made: a sign of crisis in it holds for the reply, told once."""

import hashlib
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from chassis.clock import Clock
from chassis.db import Database
from chassis.errors import TandemError
from chassis.telemetry.logs import get_logger
from services.coach.clients.reports import Reports
from services.coach.domain.context import Known
from services.coach.domain.facts import Overview
from services.coach.domain.noticing import Sifted, sift, sift_report
from services.coach.domain.report import Report
from services.coach.domain.safety import Assessment, Screening, assess, screen, worse, worst_of
from services.coach.usecases.findings import KeptFindings
from services.coach.usecases.opening import Asked, Owed
from services.coach.usecases.safety_memory import SafetyMemory
from services.coach.usecases.watching import SAFETY_SHOWN

_log = get_logger(__name__)
_AT_MOST = 20_000


class Noticing:
    """Reads what is to be laid out for a reply."""

    def __init__(self, database: Database, clock: Clock, *, memory: SafetyMemory) -> None:
        self._findings = KeptFindings(database, clock, memory=memory)
        self._clock = clock
        self._memory = memory
        self._screen = Screener()

    def sift(self, overview: Overview | None, known: Known) -> Sifted:
        """What may be laid out, and what was found in the rest."""
        return sift(overview, known, self._screen)

    async def raised(self, asked: Asked, owed: Owed, findings: Mapping[UUID, Screening]) -> Owed:
        """The reply under the tier that the findings raise.

        It has its footer and its lines, as of a tier that holds; the member's message is answered beside it. What was
        found before says nothing new: its tier held for its time.
        """
        try:
            assessment = await self._findings.announce(asked.principal, asked.member_id, findings)
        except TandemError as problem:
            _log.warning("finding_not_kept", reason=problem.reason)
            assessment = self._assessed(asked.member_id, findings.values(), owed)
        if assessment is None:
            return owed
        self._memory.keep(asked.member_id, assessment.state)
        SAFETY_SHOWN.labels(str(assessment.tier)).inc()
        return replace(owed, assessment=replace(assessment, flagged=False, denies=owed.assessment.denies))

    def _assessed(self, member_id: UUID, findings: Collection[Screening], owed: Owed) -> Assessment:
        """Without storage; announced with a later reply."""
        known = worse(owed.assessment.state, self._memory.of(member_id))
        return assess(worst_of(findings), known, now=self._clock.now())


class SiftedReports:
    """Figures over a span without the texts that tell of a crisis, so that none reaches a vendor or a review."""

    def __init__(self, reports: Reports) -> None:
        """Takes where the figures come from."""
        self._reports = reports
        self._screen = Screener()

    async def report(self, member_id: UUID, first: date, last: date) -> Report:
        """Goals and entries over [first, last]; raises as its source does."""
        return sift_report(await self._reports.report(member_id, first, last), self._screen)


class Screener:
    """Screens each text once; what was found is remembered by the text's fingerprint."""

    def __init__(self) -> None:
        self._read: OrderedDict[bytes, Screening] = OrderedDict()

    def __call__(self, text: str) -> Screening:
        """What the screen finds in the text."""
        mark = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
        found = self._read.get(mark)
        if found is None:
            found = self._read[mark] = screen(text)
            if len(self._read) > _AT_MOST:
                self._read.popitem(last=False)
        return found
