"""Advice to mentors: say in the audit who asks about whom, gather what is shared, answer, hold it to its records.

mentor has checked the mentorship and its scopes, and says them; the coach reads nothing beyond. The audit's row is
there before any model is asked: without it there is no answer. Every number that leaves cites a record, by our code.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.errors import IdempotencyInProgress, TandemError
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from chassis.telemetry.logs import get_logger
from chassis.vault import MemberKeys
from services.coach.clients import copilot_schema
from services.coach.clients.attempts import PATIENCE
from services.coach.clients.profiles import Profile, Profiles
from services.coach.clients.providers import OFFLINE
from services.coach.clients.reports import Reports
from services.coach.clients.structured import Answered, StructuredChain, StructuredRequest
from services.coach.clients.texts import Texts
from services.coach.domain.conversation import Message
from services.coach.domain.copilot.advice import MOST_ACTIONS, Advice, Mode, Question, resource_line, write_advice
from services.coach.domain.copilot.grounding import check
from services.coach.domain.copilot.patching import proposals
from services.coach.domain.copilot.patterns import Pattern, find_patterns
from services.coach.domain.copilot.records import SPAN, Known, Note, Record, Records, Scope
from services.coach.domain.framing import MAX_MESSAGE, Frame
from services.coach.domain.intents import Boundary, read
from services.coach.domain.prompting import Prompt
from services.coach.domain.report import Report
from services.coach.domain.reviews.changes import Proposal, propose_changes
from services.coach.domain.safety import screen
from services.coach.domain.tiers import Tier
from services.coach.errors import invalid_message, invalid_review_request
from services.coach.repository import ConversationRepository
from services.coach.repository.copilot import CopilotRepository
from services.coach.repository.reviews import ReviewRepository
from services.coach.usecases.deadlines import deadline
from services.coach.usecases.mentors_own import MentorsOwn
from services.coach.usecases.reviews import BUDGET_S, WRITTEN, used
from services.coach.usecases.watching import Watch

_log = get_logger(__name__)

MOST_NOTES: Final = 50
_MESSAGES: Final = 8
_FLAG_SPAN: Final = timedelta(days=14)
# A mentor waits at a screen, as members do.
PATIENCE_S: Final = PATIENCE.before_offline
# After so long nobody is at it any more.
_LEASE: Final = timedelta(seconds=90)
_READ: Final = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a mentor asks, about whom, and what they may know."""

    member_id: UUID
    mentor_id: UUID
    text: str
    mode: Mode
    scopes: frozenset[Scope]
    notes: tuple[Note, ...] = ()

    def __repr__(self) -> str:
        """Without a word of anybody's."""
        return f"Asked(mode={self.mode})"


@dataclass(frozen=True, slots=True)
class GivenAdvice:
    """What is answered."""

    advice_id: UUID
    reply: str
    actions: tuple[str, ...]
    patch: tuple[Proposal, ...]
    patterns: tuple[Pattern, ...]
    sources: tuple[Record, ...]
    provider: str
    degraded: bool
    create_time: datetime

    def __repr__(self) -> str:
        """Without the text."""
        return f"GivenAdvice(advice_id={self.advice_id}, provider={self.provider})"


@dataclass(frozen=True, slots=True)
class _Accepted:
    """An answer that may leave, with the records that it cites."""

    advice: Advice
    patch: tuple[Proposal, ...]
    cited: tuple[str, ...]


class CopilotUseCases:
    """Answering mentors."""

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
        watch: Watch,
    ) -> None:
        """Takes its parts.

        Args:
            database: As the app role.
            clock: Tells the time.
            keys: The members' keys, in which their messages are sealed.
            reports: Where figures come from.
            profiles: Where consents and the country come from.
            chain: Who answers.
            texts: Our own words.
            frame_key: Derives the unguessable marks around what people wrote.
            patience_s: How long all vendors together may take.
            watch: Screens what mentors write of themselves.
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
        self._own = MentorsOwn(database, clock, profiles=profiles, texts=texts, watch=watch)

    async def advise(self, principal: Principal, asked: Asked, *, key: IdempotencyKey | None) -> GivenAdvice:
        """Answers a mentor; one whose own words are a sign of crisis is answered in spite of all but the first.

        Raises:
            InvalidArgument: The question is empty or too long, or there are too many notes.
            IdempotencyInProgress: The key's first request is being answered.
            NotFound: There is no such member.
            Unavailable: Figures, consents or storage cannot be had now.
        """
        _check(asked)
        if self._own.is_in_danger(asked.text):
            return await self._card(asked)
        own_key = None if key is None else replace(key, member_id=asked.member_id)
        acting = Principal.member(asked.member_id, caller=principal.caller)
        profile = await self._profiles.profile(asked.member_id)
        known = await self._known(acting, asked, profile)
        may_ask_vendors = await self._may_ask_vendors(asked, profile)
        question, request = self._question(asked, known, may_ask_vendors=may_ask_vendors)
        advice_id = await self._ask(acting, asked, question, request, own_key)
        async with self._audited(acting, advice_id, request):
            given, context_used = await self._answer(advice_id, question, request, profile)
        await self._finish(acting, given, context_used, own_key)
        WRITTEN.labels(f"copilot_{asked.mode}", given.provider).inc()
        return given

    async def _card(self, asked: Asked) -> GivenAdvice:
        """The crisis block for the mentor, alone; nothing of the member is read."""
        advice_id = new_id(self._clock)
        said = await self._own.card(
            asked.mentor_id, asked.text, member_id=asked.member_id, mode=asked.mode, advice_id=advice_id
        )
        WRITTEN.labels(f"copilot_{asked.mode}", OFFLINE).inc()
        now = self._clock.now()
        return GivenAdvice(advice_id, said, (), (), (), (), OFFLINE, degraded=False, create_time=now)

    async def _may_ask_vendors(self, asked: Asked, profile: Profile) -> bool:
        """Whose words they are: the member's records and the mentor's question, so both have to allow it."""
        if not self._chain.has_vendors or not profile.consents.ai_vendors:
            return False
        # What is out of bounds or tells of danger is answered by our own words, whatever a model would make of it.
        if read(asked.text[:_READ]).boundary is not None or screen(asked.text).tier is not Tier.NONE:
            return False
        return await self._own.allows_vendors(asked.mentor_id)

    async def _known(self, acting: Principal, asked: Asked, profile: Profile) -> Known:
        """What the member shares with this mentor, and nothing else."""
        now = self._clock.now()
        today = profile.person.today(now)
        last = today - timedelta(days=1)
        report = Report(last - SPAN, last, today)
        if Scope.GOALS in asked.scopes:
            # Goals' day may be one ahead of the profile's; what was logged on it is no silence.
            until_now = await self._reports.report(asked.member_id, today - SPAN, today + timedelta(days=1))
            report = until_now.closed()

        # What tells of a crisis goes to no vendor, whoever wrote it; that there was one is told by the flag.
        notes = tuple(note for note in asked.notes if screen(note.text).tier is Tier.NONE)

        async def work(transaction: Transaction) -> Known:
            moods, messages, flag = report.moods, tuple[Message, ...](), None
            if Scope.JOURNAL in asked.scopes and profile.consents.coach_reads_journal:
                reviews = ReviewRepository(transaction, self._keys)
                moods = await reviews.moods(asked.member_id, today - _FLAG_SPAN, today)
            if Scope.CHAT in asked.scopes:
                conversations = ConversationRepository(transaction, self._keys)
                found = await conversations.list_messages(asked.member_id, thread_id=None, before=None, limit=_MESSAGES)
                messages = tuple(message for message in found if screen(message.text).tier is Tier.NONE)
            if profile.alerts_mentor:
                flag = await CopilotRepository(transaction).flag(asked.member_id, now - _FLAG_SPAN)
            return Known(asked.member_id, replace(report, moods=moods), messages, notes, flag)

        known = await self._database.run(acting, work, read_only=True)
        known.check_owner()
        return known

    def _question(self, asked: Asked, known: Known, *, may_ask_vendors: bool) -> tuple[Question, StructuredRequest]:
        frame = Frame.between(self._frame_key, asked.member_id, asked.mentor_id)
        records = Records.lay_out(known, frame)
        boundary = read(asked.text[:_READ]).boundary
        question = Question(
            mode=asked.mode,
            known=known,
            records=records,
            patterns=find_patterns(known, records),
            scopes=asked.scopes,
            today=known.report.today,
            is_about_diagnosis=boundary is Boundary.DIAGNOSIS,
            is_out_of_bounds=boundary not in {None, Boundary.DIAGNOSIS},
            tells_of_danger=screen(asked.text).tier is not Tier.NONE,
        )
        system = self._texts.copilot_system
        request = StructuredRequest(
            f"copilot_{asked.mode}",
            Prompt(
                system.version,
                system.text,
                _asking(question, asked, frame),
                data=records.text,
                member_id=asked.member_id,
            ),
            lambda: copilot_schema.content(write_advice(question, self._texts.copilot)),
            may_ask_vendors=may_ask_vendors,
        )
        return question, request

    async def _ask(
        self,
        acting: Principal,
        asked: Asked,
        question: Question,
        request: StructuredRequest,
        key: IdempotencyKey | None,
    ) -> UUID:
        """Writes the audit's row; for a repeated key whose maker was stopped, the row that is there."""
        context_used = _context(question, request)

        async def work(transaction: Transaction) -> UUID:
            calls, now = CopilotRepository(transaction), self._clock.now()
            first = await idempotency.find(transaction, key)
            if first is not None:
                call = await calls.find(first)
                if call is not None and call.state == "asked" and call.create_time + _LEASE > now:
                    raise IdempotencyInProgress("The first request with this idempotency key is still running.")
                return first
            advice_id = new_id(self._clock)
            calls.ask(
                advice_id,
                member_id=asked.member_id,
                mentor_id=asked.mentor_id,
                mode=asked.mode,
                context_used=context_used,
                now=now,
            )
            idempotency.remember(transaction, key, advice_id)
            return advice_id

        return await self._database.run(acting, work, idempotency=key)

    @asynccontextmanager
    async def _audited(self, acting: Principal, advice_id: UUID, request: StructuredRequest) -> AsyncIterator[None]:
        """Says in the audit that there was no answer, when the block fails."""
        try:
            yield
        except Exception as problem:
            kind = type(problem).__name__

            async def work(transaction: Transaction) -> None:
                CopilotRepository(transaction).finish(
                    advice_id,
                    state="failed",
                    provider=None,
                    context_used={"prompt_version": request.prompt.version, "failure": kind},
                    now=self._clock.now(),
                )

            try:
                await self._database.run(acting, work)
            except TandemError as away:
                _log.warning("copilot_failure_not_kept", reason=away.reason)
            raise

    async def _answer(
        self, advice_id: UUID, question: Question, request: StructuredRequest, profile: Profile
    ) -> tuple[GivenAdvice, Mapping[str, Any]]:
        records, report = question.records, question.known.report

        def accept(made: copilot_schema.CopilotAnswer, provider: str) -> _Accepted:
            advice = made.advice()
            if len(advice.actions) > MOST_ACTIONS[question.mode]:
                raise ValueError(f"actions: at most {MOST_ACTIONS[question.mode]}")
            cited = check(advice.reply, advice.actions, records, self._texts.quotations)
            asked = proposals(made.asked(), records, today=report.today, summary=made.summary or "A change of plan.")
            return _Accepted(advice, asked, cited)

        answered = await self._chain.answer(
            request,
            copilot_schema.CopilotAnswer,
            accept=accept,
            deadline=deadline(self._clock, BUDGET_S),
            patience_s=self._patience_s,
        )
        accepted = answered.value
        reply, patch = accepted.advice.reply, accepted.patch
        if not patch and question.mode is not Mode.QUICK_CHECK:
            patch = propose_changes(report)
        if question.shows_lines:
            key = f"{question.known.member_id}|{question.today.isoformat()}"
            line = resource_line(self._texts.helplines, profile.person.country, self._texts.copilot, key=key)
            reply = f"{reply}\n{line}"
        given = GivenAdvice(
            advice_id,
            reply,
            accepted.advice.actions,
            patch,
            question.patterns,
            tuple(records.by_ref[ref] for ref in accepted.cited),
            answered.provider,
            bool(answered.failed),
            self._clock.now(),
        )
        return given, _context(question, request, answered)

    async def _finish(
        self, acting: Principal, given: GivenAdvice, context_used: Mapping[str, Any], key: IdempotencyKey | None
    ) -> None:
        async def work(transaction: Transaction) -> None:
            CopilotRepository(transaction).finish(
                given.advice_id,
                state="answered",
                provider=given.provider,
                context_used=context_used,
                now=given.create_time,
            )
            idempotency.amend(transaction, key, given)

        await self._database.run(acting, work)


def _check(asked: Asked) -> None:
    if not asked.text.strip():
        raise invalid_message("must not be empty")
    if len(asked.text) > MAX_MESSAGE:
        raise invalid_message(f"must have at most {MAX_MESSAGE:,} characters")
    if len(asked.notes) > MOST_NOTES:
        raise invalid_review_request("notes", f"must be at most {MOST_NOTES}")


def _asking(question: Question, asked: Asked, frame: Frame) -> str:
    patterns = [f"- {pattern.pattern_id}: {pattern.text}" for pattern in question.patterns] or ["- none"]
    lines = [f"mode: {question.mode}", f"today: {question.today.isoformat()}", "patterns:", *patterns]
    return "\n".join([*lines, "question:", frame.of("mentor_question", "q1", asked.text)])


def _context(question: Question, request: StructuredRequest, answered: Answered[Any] | None = None) -> dict[str, Any]:
    """What is kept of a question: ids, counts and hashes, no text."""
    refs = [str(record.record_id) for record in question.records.by_ref.values()]
    if answered is not None:
        kept = used(request, answered, refs)
    else:
        kept = {"prompt_version": request.prompt.version, "refs": refs}
    digest = hashlib.sha256(f"{request.prompt.data}\n{request.prompt.user}".encode()).hexdigest()
    patterns = [pattern.pattern_id for pattern in question.patterns]
    return kept | {"context_hash": digest, "patterns": patterns, "scopes": sorted(question.scopes)}
