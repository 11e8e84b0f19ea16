"""Chat: screen, store the message, lay out the context, answer, store the answer, announce.

No transaction waits for another service, so an exchange is two transactions with the answer between them: the first
stores the message and a reply that is owed under a lease, the second the reply. The numbers are asked for beside the
first; no model hears a word before it is committed. Whoever is
stopped in between leaves the lease; a retry with the same key takes the reply over when it has run out, and the sweep
marks it as failed meanwhile. A crisis card waits for nothing and nothing refuses it: with the database away or the
thread gone it is shown unsaved, and however many replies the member has running.
Source: ADR-0050, ADR-0053.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from prometheus_client import Counter

from chassis.clock import Clock, new_id
from chassis.db import Database
from chassis.errors import IdempotencyInProgress, Internal, TandemError
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from chassis.telemetry.logs import get_logger
from chassis.vault import MemberKeys
from services.coach.clients.goals import Goals
from services.coach.clients.groups import Groups
from services.coach.clients.members import Members
from services.coach.clients.providers import OFFLINE, Chain, End, EndKind, PromptBundle, Write
from services.coach.clients.texts import Texts
from services.coach.domain.composer import Occasion, in_words, needs_only_the_card
from services.coach.domain.context import NOTHING_KNOWN, ContextBundle, build_context
from services.coach.domain.conversation import (
    Author,
    Exchange,
    Message,
    SafetyNotice,
    check_message,
    check_thread_id,
)
from services.coach.domain.framing import Frame
from services.coach.domain.helplines import Need
from services.coach.domain.intents import OURS, read
from services.coach.domain.recalling import recall
from services.coach.domain.remembering import facts_of_harmless
from services.coach.domain.safety import Assessment, assess, screen
from services.coach.domain.tiers import Tier
from services.coach.usecases.deadlines import deadline
from services.coach.usecases.ending import Endings
from services.coach.usecases.history import owner
from services.coach.usecases.knowing import NOTHING_FOUND, Found, Inquiry, Knowing
from services.coach.usecases.memory import Remembering
from services.coach.usecases.noticing import Noticing
from services.coach.usecases.opening import Asked, Openings, Owed
from services.coach.usecases.running import RunningReplies
from services.coach.usecases.safety_memory import SafetyMemory
from services.coach.usecases.watching import BOUNDARIES_MET, SAFETY_SHOWN, card

_log = get_logger(__name__)

REPLIES = Counter("tandem_coach_replies_total", "Replies given", ["provider", "outcome"])

# A card that the database keeps waiting for longer is shown before anything is stored.
CARD_WAITS_S = 0.015
# How long a crisis exchange tries to be stored before it is answered unsaved.
CRISIS_STORAGE_S = 2.0
# COACHING: from the request to the end of a reply, by any provider.
REPLY_S = 45.0
# Left of the caller's deadline for storing the reply.
_STORING_S = 0.5


@dataclass(frozen=True, slots=True)
class Draft:
    """What a member sends; `thread_id` is empty for a new thread, `group_id` for no group."""

    text: str
    thread_id: str = ""
    group_id: str = ""

    def __repr__(self) -> str:
        """Without the text."""
        return f"Draft(thread_id={self.thread_id!r})"


class ChatUseCases:
    """Sending a message to the coach."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        keys: MemberKeys,
        goals: Goals,
        members: Members,
        chain: Chain,
        texts: Texts,
        frame_key: bytes,
        memory: SafetyMemory,
        remembering: Remembering,
        groups: Groups,
    ) -> None:
        """Takes its parts.

        Args:
            database: As the app role.
            clock: Tells the time.
            keys: The members' keys, in which everything is sealed.
            goals: Where numbers come from.
            members: Where a member's country comes from.
            chain: Who writes replies.
            texts: Our own words.
            frame_key: Derives the unguessable marks around member text.
            memory: What the screen found lately.
            remembering: Keeps what messages tell of their writers.
            groups: Where a group's posts come from.
        """
        self._openings = Openings(database, clock, keys=keys, memory=memory, remembering=remembering)
        self._endings = Endings(database, clock, keys=keys)
        self._clock = clock
        self._members = members
        noticing = Noticing(database, clock, memory=memory)
        self._knowing = Knowing(goals, members, groups, noticing=noticing, has_vendors=chain.has_vendors)
        self._chain = chain
        self._texts = texts
        self._frame_key = frame_key
        self._memory = memory
        self._running = RunningReplies()

    async def send(self, principal: Principal, draft: Draft, *, key: IdempotencyKey | None) -> Exchange:
        """Answers a message at once.

        Raises:
            InvalidArgument: The message or the thread id breaks a rule.
            IdempotencyInProgress: The key's first request is being answered.
            ThreadNotFound: The thread is not the caller's.
            TandemError: The group cannot be read, or is not the caller's.
            ReplyGivenUp: As the key's first request stands.
            TooManyReplies: Two replies are being written for the member.
            Unavailable: Storage is away.

        A message that the screen flags is answered in spite of all but the first two.
        """
        async with aclosing(self._exchange_of(principal, draft, key, self._chain.whole)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Exchange):
                    return piece
        raise Internal("The reply has no end.")

    async def stream(
        self, principal: Principal, draft: Draft, *, key: IdempotencyKey | None
    ) -> AsyncGenerator[str | Exchange, None]:
        """Answers a message piece by piece: texts, then the whole exchange. Raises like `send`."""
        async with aclosing(self._exchange_of(principal, draft, key, self._chain.stream)) as pieces:
            async for piece in pieces:
                yield piece

    async def _exchange_of(
        self, principal: Principal, draft: Draft, key: IdempotencyKey | None, write: Write
    ) -> AsyncGenerator[str | Exchange, None]:
        asked = self._ask(principal, draft, key)
        with self._running.one_more(asked.member_id, asked.key, is_owed=asked.foreseen.flagged):
            async with aclosing(self._reply(await self._knowing.with_group(asked, draft.group_id), write)) as pieces:
                async for piece in pieces:
                    yield piece

    async def _reply(self, asked: Asked, write: Write) -> AsyncGenerator[str | Exchange, None]:
        """The card at once where one is due, then the rest."""
        with self._knowing.asking(asked) as inquiry:
            opening = asyncio.create_task(self._openings.open(asked))
            try:
                shown = ""
                if asked.foreseen.flagged and (country := await self._country_unless_soon(asked, opening)) is not None:
                    shown = self._card(asked.foreseen, asked, country)
                    for word in in_words(shown):
                        yield word
                opened = await self._settled(opening, asked)
            finally:
                opening.cancel()
            if isinstance(opened, Exchange):
                answering = _said_again(opened, shown)
            elif opened:
                answering = self._answer(asked, opened, inquiry, shown, write)
            else:
                answering = self._answer_unsaved(asked, shown)
            async with aclosing(answering) as pieces:
                async for piece in pieces:
                    yield piece

    def _ask(self, principal: Principal, draft: Draft, key: IdempotencyKey | None) -> Asked:
        """Checks and screens. Waits for nothing."""
        member_id = owner(principal)
        text, thread_id = check_message(draft.text), check_thread_id(draft.thread_id)
        screening = screen(text)
        foreseen = assess(screening, self._memory.of(member_id), now=self._clock.now())
        self._memory.keep(member_id, foreseen.state)
        boundary = None if needs_only_the_card(foreseen) else read(text).boundary
        is_harmless = not foreseen.flagged and screening.tier is Tier.NONE and boundary is None
        facts = facts_of_harmless(text) if is_harmless else ()
        return Asked(principal, member_id, text, thread_id, key, screening, foreseen, facts, boundary=boundary)

    async def _settled(self, opening: "asyncio.Task[Owed | Exchange]", asked: Asked) -> Owed | Exchange | None:
        """What was opened; None where the message is a sign of crisis and cannot be kept.

        No storage, no such thread, a key that belongs to another message: none of it may stand before the card. Only
        a twin that is being answered does, as it shows the card itself.
        """
        if not asked.foreseen.flagged:
            return await opening
        try:
            async with asyncio.timeout(CRISIS_STORAGE_S):
                return await opening
        except TimeoutError:
            reason = "DEADLINE_EXCEEDED"
        except IdempotencyInProgress:
            raise
        except TandemError as problem:
            reason = problem.reason
        _log.error("crisis_answered_unsaved", tier=str(asked.foreseen.tier), reason=reason)
        return None

    async def _answer(
        self, asked: Asked, owed: Owed, inquiry: Inquiry, shown: str, write: Write
    ) -> AsyncGenerator[str | Exchange, None]:
        """Makes the reply that is owed and stores it; gives it back when it is stopped on the way."""
        with self._endings.giving_back(asked.principal, owed.pending):
            country = await self._country(owed.assessment, asked)
            said = [shown]
            if not shown:
                said = [self._card(owed.assessment, asked, country)]
                for word in in_words(said[0]):
                    yield word
            end = End(EndKind.COMPLETE, OFFLINE)
            # A boundary is answered by our own words, whatever a model would make of it.
            is_ours, found = asked.boundary in OURS, NOTHING_FOUND
            # Numbers come after the card, which waits for no other service, and are not asked for beside it alone.
            if not needs_only_the_card(owed.assessment):
                owed, found = await self._knowing.look_up(asked, owed, inquiry)
                if not said[0]:
                    country = await self._country(owed.assessment, asked)
                    said = [self._card(owed.assessment, asked, country)]
                    for word in in_words(said[0]):
                        yield word
            context = self._context(asked.member_id, owed, found)
            if not needs_only_the_card(owed.assessment):
                if said[0]:
                    said.append("\n\n")
                    yield said[-1]
                occasion = self._occasion(owed, found)
                bundle = PromptBundle(context, occasion, may_ask_vendors=found.may_ask_vendors and not is_ours)
                until = deadline(self._clock, REPLY_S, kept_s=_STORING_S)
                async with aclosing(write(bundle, deadline=until)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, End):
                            end = piece
                        else:
                            said.append(piece.text)
                            yield piece.text
            reply_id = owed.pending.message_id
            exchange = self._exchange(owed.message, reply_id, "".join(said), end, owed.assessment, country)
            exchange = await self._endings.store(asked.principal, exchange, owed, end, context)
        _count(asked, end, exchange)
        yield exchange

    async def _answer_unsaved(self, asked: Asked, shown: str) -> AsyncGenerator[str | Exchange, None]:
        """The card alone, without any storage."""
        country = await self._country(asked.foreseen, asked)
        card = shown or self._card(asked.foreseen, asked, country)
        for word in in_words("" if shown else card):
            yield word
        thread_id = asked.thread_id or new_id(self._clock)
        message = Message(new_id(self._clock), thread_id, asked.member_id, Author.MEMBER, asked.text, self._clock.now())
        end = End(EndKind.COMPLETE, OFFLINE)
        exchange = self._exchange(message, new_id(self._clock), card, end, asked.foreseen, country)
        REPLIES.labels(OFFLINE, "unsaved").inc()
        yield replace(exchange, kept=False)

    async def _country_unless_soon(self, asked: Asked, opening: "asyncio.Task[Owed | Exchange]") -> str | None:
        """Where the member is, asked while storage is waited for; None where that comes soon enough for the card."""
        country = asyncio.create_task(self._country(asked.foreseen, asked))
        try:
            done, _ = await asyncio.wait({opening}, timeout=CARD_WAITS_S)
            return None if done else await country
        finally:
            country.cancel()

    async def _country(self, assessment: Assessment, asked: Asked) -> str:
        """Where the member is; asked only when lines are shown."""
        return "" if assessment.tier is Tier.NONE else await self._members.country(asked.member_id)

    def _card(self, assessment: Assessment, asked: Asked, country: str) -> str:
        """The crisis block; empty where nothing needs saying."""
        if assessment.flagged:
            SAFETY_SHOWN.labels(str(assessment.tier)).inc()
        return card(assessment, self._texts, country=country, member_id=asked.member_id, answers=asked.text)

    def _context(self, member_id: UUID, owed: Owed, found: Found) -> ContextBundle:
        return build_context(
            member_id,
            owed.message,
            overview=found.overview,
            turns=owed.turns,
            frame=Frame.between(self._frame_key, owed.message.thread_id),
            system=self._texts.system,
            prompt_version=self._texts.prompt_version,
            known=found.known,
        )

    def _occasion(self, owed: Owed, found: Found) -> Occasion:
        today = found.overview.today if found.overview else self._clock.now().date()
        # Beside a card, or while one still holds, nothing is brought up.
        known = found.known if owed.assessment.tier is Tier.NONE else NOTHING_KNOWN
        return Occasion(
            member_id=owed.message.member_id,
            message=owed.message.text,
            overview=found.overview,
            today=today,
            turn=owed.pending.turn,
            recent_parts=owed.recent_parts,
            recalled=recall(known, owed.message.text, today),
        )

    def _exchange(
        self, message: Message, reply_id: UUID, text: str, end: End, assessment: Assessment, country: str
    ) -> Exchange:
        need = Need.ABUSE if assessment.is_abuse else Need.CRISIS
        shown = assessment.tier is not Tier.NONE
        resources = self._texts.helplines.resources(country, need=need) if shown else ()
        # After its question, and in an order that the same instant would not give.
        create_time = max(self._clock.now(), message.create_time + timedelta(microseconds=1))
        return Exchange(
            user_message=message,
            reply=Message(reply_id, message.thread_id, message.member_id, Author.COACH, text, create_time),
            action_steps=end.action_steps,
            provider=end.provider,
            degraded=bool(end.fallback_chain),
            safety=SafetyNotice(assessment.tier, resources),
        )


async def _said_again(exchange: Exchange, shown: str) -> AsyncGenerator[str | Exchange, None]:
    """The reply of a repeated key, without the card that stands already."""
    for word in in_words("" if shown else exchange.reply.text):
        yield word
    yield exchange


def _count(asked: Asked, end: End, exchange: Exchange) -> None:
    if asked.boundary is not None:
        BOUNDARIES_MET.labels(str(asked.boundary)).inc()
    REPLIES.labels(end.provider, "stored" if exchange.kept else "unsaved").inc()
