"""Reviews of weeks and months, written unasked: once for each member and period, whoever asks how often.

Figures come from goals and moods from the journal, where the member allows it; a model may write where the member
allows that, and the rules write in every other case. What is written is stored with what it was made from, and told.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from prometheus_client import Counter

from chassis import outbox
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from chassis.vault import MemberKeys
from services.coach import events
from services.coach.clients import review_schema
from services.coach.clients.profiles import Profile, Profiles
from services.coach.clients.reports import Reports
from services.coach.clients.structured import Answered, StructuredChain, StructuredRequest
from services.coach.clients.texts import Texts
from services.coach.domain.framing import Frame
from services.coach.domain.prompting import Prompt
from services.coach.domain.report import Report
from services.coach.domain.reviews.asking import review_request
from services.coach.domain.reviews.findings import Findings, find
from services.coach.domain.reviews.judging import judged
from services.coach.domain.reviews.spans import span_of
from services.coach.domain.reviews.writer import Review, ReviewKind, quotable, write_review
from services.coach.errors import NothingToReview, invalid_review_request
from services.coach.repository import Position
from services.coach.repository.reviews import ReviewRepository, StoredReview
from services.coach.usecases.deadlines import deadline
from services.coach.usecases.history import owner

WRITTEN: Final = Counter("tandem_coach_unasked_total", "Texts written unasked", ["what", "provider"])
# Nobody waits at a screen: models may take as long as a reply may in all. Source: ADR-0151.
PATIENCE_S: Final = 45.0
BUDGET_S: Final = 110.0


@dataclass(frozen=True, slots=True)
class _Subject:
    """A review to be written: about whom, over which days, with what is known."""

    member_id: UUID
    kind: ReviewKind
    profile: Profile
    findings: Findings


class ReviewUseCases:
    """Writing reviews and reading them again."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        keys: MemberKeys,
        reports: Reports,
        profiles: Profiles,
        chain: StructuredChain,
        texts: Texts,
        frame_key: bytes,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Takes its parts.

        Args:
            database: As the app role.
            clock: Tells the time.
            keys: The members' keys, in which reviews are sealed.
            reports: Where figures come from.
            profiles: Where calendars and consents come from.
            chain: Who writes.
            texts: Our own words.
            frame_key: Derives the unguessable marks around member text.
            patience_s: How long all vendors together may take.
        """
        self._database = database
        self._clock = clock
        self._keys = keys
        self._reports = reports
        self._profiles = profiles
        self._chain = chain
        self._texts = texts
        self._frame_key = frame_key
        self._patience_s = patience_s

    async def write(self, principal: Principal, member_id: UUID, kind: ReviewKind, day: date) -> StoredReview:
        """The review of the week or month that holds `day`; the one that is there, or a new one.

        Raises:
            InvalidArgument: The time is not over yet by the member's calendar.
            NothingToReview: Nothing was due in it.
            NotFound: There is no such member.
            Unavailable: Figures or consents cannot be had now.
        """
        profile = await self._profiles.profile(member_id)
        first, last = span_of(kind, day, week_start=profile.person.week_start)
        if last >= profile.person.today(self._clock.now()):
            raise invalid_review_request("date", "must lie in a week or month that is over")
        acting = Principal.member(member_id, caller=principal.caller)
        stored = await self._find(acting, member_id, kind, first)
        if stored is not None:
            return stored
        findings = find(await self._report(acting, member_id, profile, first, last), first, last)
        if findings.is_empty:
            raise NothingToReview
        return await self._write(acting, _Subject(member_id, kind, profile, findings))

    async def list_reviews(
        self, principal: Principal, *, kind: ReviewKind | None, before: Position | None, limit: int
    ) -> tuple[StoredReview, ...]:
        """The caller's reviews, newest first."""
        member_id = owner(principal)

        async def work(transaction: Transaction) -> tuple[StoredReview, ...]:
            reviews = ReviewRepository(transaction, self._keys)
            return await reviews.list_of(member_id, kind=kind, before=before, limit=limit)

        return await self._database.run(principal, work, read_only=True)

    async def _find(self, acting: Principal, member_id: UUID, kind: ReviewKind, first: date) -> StoredReview | None:
        async def work(transaction: Transaction) -> StoredReview | None:
            return await ReviewRepository(transaction, self._keys).find(member_id, kind, first)

        return await self._database.run(acting, work, read_only=True)

    async def _report(self, acting: Principal, member_id: UUID, profile: Profile, first: date, last: date) -> Report:
        """Figures reaching back as far again, with moods where they may be known."""
        earlier = first - (last - first) - timedelta(days=1)
        report = await self._reports.report(member_id, earlier, last)
        if profile.consents.coach_reads_journal:

            async def work(transaction: Transaction) -> Report:
                moods = await ReviewRepository(transaction, self._keys).moods(member_id, first, last)
                return replace(report, moods=moods)

            report = await self._database.run(acting, work, read_only=True)
        report.check_owner(member_id)
        return report

    async def _write(self, acting: Principal, subject: _Subject) -> StoredReview:
        request = self._request(subject)
        may_quote = quotable(subject.findings)

        def accept(made: review_schema.ReviewText, provider: str) -> Review:
            return judged(made.review(), may_quote)

        answered = await self._chain.answer(
            request,
            review_schema.ReviewText,
            accept=accept,
            deadline=deadline(self._clock, BUDGET_S),
            patience_s=self._patience_s,
        )
        stored = StoredReview(
            new_id(self._clock),
            subject.member_id,
            subject.kind,
            subject.findings.first,
            subject.findings.last,
            answered.value,
            answered.provider,
            bool(answered.failed),
            self._clock.now(),
        )
        refs = [str(found.goal.goal_id) for found in subject.findings.goals]
        return await self._keep(acting, stored, used(request, answered, refs))

    async def _keep(self, acting: Principal, stored: StoredReview, context_used: Mapping[str, Any]) -> StoredReview:
        """Stores a review and tells of it; where a twin was first, its review is the review."""

        async def work(transaction: Transaction) -> StoredReview | None:
            reviews = ReviewRepository(transaction, self._keys)
            if not await reviews.add(stored, context_used):
                return await reviews.find(stored.member_id, stored.kind, stored.first)
            ready = events.review_ready(stored.member_id, stored.review_id, kind=stored.kind, first=stored.first)
            outbox.append(transaction, ready)
            return stored

        kept = await self._database.run(acting, work)
        WRITTEN.labels(stored.kind, stored.provider).inc()
        return kept or stored

    def _request(self, subject: _Subject) -> StructuredRequest:
        system, texts, findings = self._texts.review_system, self._texts.reviews, subject.findings
        return StructuredRequest(
            subject.kind,
            Prompt(
                system.version,
                system.text,
                review_request(subject.kind, findings, Frame.between(self._frame_key, subject.member_id)),
                member_id=subject.member_id,
            ),
            lambda: review_schema.content(write_review(subject.kind, findings, texts, member_id=subject.member_id)),
            may_ask_vendors=subject.profile.consents.ai_vendors,
        )


def used(request: StructuredRequest, answered: Answered[Any], refs: list[str]) -> dict[str, Any]:
    """What is kept of how a text was made: ids, counts and hashes, no text."""
    return {
        "prompt_version": request.prompt.version,
        "context_hash": hashlib.sha256(request.prompt.user.encode()).hexdigest(),
        "refs": refs,
        "provider": answered.provider,
        "model": answered.model,
        "fallback_chain": list(answered.failed),
        "usage": dict(answered.usage),
    }
