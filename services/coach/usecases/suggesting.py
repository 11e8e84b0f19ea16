"""Rounds of suggestions and posts to groups: written unasked, once for each week."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.errors import Code, TandemError
from chassis.identity.principal import Principal
from chassis.telemetry.logs import get_logger
from chassis.vault import MemberKeys
from services.coach.clients import review_schema
from services.coach.clients.offers import Offers
from services.coach.clients.profiles import Profiles
from services.coach.clients.providers import OFFLINE
from services.coach.clients.reports import Reports
from services.coach.clients.structured import StructuredChain, StructuredRequest
from services.coach.clients.texts import Texts
from services.coach.domain.prompting import Prompt
from services.coach.domain.reviews.asking import group_request
from services.coach.domain.reviews.changes import SPAN, Proposal, propose_changes
from services.coach.domain.reviews.group import MOST_FIGURES, GroupFindings, quotable, with_names, write_post
from services.coach.domain.reviews.judging import judged
from services.coach.domain.reviews.spans import week_of
from services.coach.errors import invalid_review_request
from services.coach.repository.reviews import ReviewRepository, StoredPost
from services.coach.usecases.deadlines import deadline
from services.coach.usecases.reviews import BUDGET_S, PATIENCE_S, WRITTEN

_log = get_logger(__name__)

# Goals may take it later.
_AWAY: Final = frozenset({Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.ABORTED, Code.INTERNAL})


class SuggestingUseCases:
    """Looking through a member's goals for what could change."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        keys: MemberKeys,
        reports: Reports,
        profiles: Profiles,
        offers: Offers,
    ) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys
        self._reports = reports
        self._profiles = profiles
        self._offers = offers

    async def suggest(self, principal: Principal, member_id: UUID, today: date) -> Mapping[str, str]:
        """Offers changes for goals that sag and returns the suggestions by goal; those of the week if there are any.

        Raises:
            NotFound: There is no such member.
            Unavailable: Figures cannot be had now.
        """
        profile = await self._profiles.profile(member_id)
        week = week_of(today, week_start=profile.person.week_start)
        acting = Principal.member(member_id, caller=principal.caller)

        async def known(transaction: Transaction) -> dict[str, str] | None:
            return await ReviewRepository(transaction, self._keys).find_round(member_id, week)

        found = await self._database.run(acting, known, read_only=True)
        if found is not None:
            return found
        report = await self._reports.report(member_id, today - SPAN, today - timedelta(days=1))
        report.check_owner(member_id)
        offered: dict[str, str] = {}
        for proposal in propose_changes(report):
            suggestion_id = await self._offer(member_id, proposal, week)
            if suggestion_id:
                offered[str(proposal.goal_id)] = suggestion_id

        async def keep(transaction: Transaction) -> None:
            ReviewRepository(transaction, self._keys).add_round(member_id, week, offered, self._clock.now())

        await self._database.run(acting, keep)
        WRITTEN.labels("suggestions", OFFLINE).inc()
        return offered

    async def _offer(self, member_id: UUID, proposal: Proposal, week: date) -> str:
        """The suggestion's id; empty where the goal does not take it, which is no reason to leave out the others.

        Raises:
            TandemError: Goals cannot be asked now; the whole round is for later.
        """
        key = f"round:{week.isoformat()}:{proposal.goal_id}"
        try:
            return await self._offers.offer(member_id, proposal, source=OFFLINE, key=key)
        except TandemError as problem:
            if problem.code in _AWAY:
                raise
            _log.info("suggestion_not_taken", reason=problem.reason)
            return ""


class GroupPostUseCases:
    """Writing a group's weekly post. mentor owns groups and says who agreed to be seen."""

    def __init__(
        self,
        system_database: Database,
        clock: Clock,
        *,
        keys: MemberKeys,
        chain: StructuredChain,
        texts: Texts,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._database = system_database
        self._clock = clock
        self._keys = keys
        self._chain = chain
        self._texts = texts
        self._patience_s = patience_s

    async def write(self, findings: GroupFindings) -> StoredPost:
        """The post of a week: the one that is there, or a new one.

        Raises:
            InvalidArgument: More figures than a group has members.
        """
        if len(findings.figures) > MOST_FIGURES:
            raise invalid_review_request("figures", f"must be at most {MOST_FIGURES}")
        stored = await self._find(findings.group_id, findings.week)
        if stored is not None:
            return stored
        may_quote = quotable(findings)

        def accept(made: review_schema.ReviewText, provider: str) -> str:
            return with_names(judged(made.review(), may_quote).text, findings)

        answered = await self._chain.answer(
            self._request(findings),
            review_schema.ReviewText,
            accept=accept,
            deadline=deadline(self._clock, BUDGET_S),
            patience_s=self._patience_s,
        )
        post = StoredPost(
            new_id(self._clock),
            findings.group_id,
            answered.value,
            answered.provider,
            bool(answered.failed),
            self._clock.now(),
        )
        WRITTEN.labels("group", answered.provider).inc()
        return await self._keep(post, findings.week)

    def _request(self, findings: GroupFindings) -> StructuredRequest:
        system, texts = self._texts.review_system, self._texts.reviews
        return StructuredRequest(
            "group",
            Prompt(system.version, system.text, group_request(findings)),
            lambda: review_schema.content(write_post(findings, texts)),
            may_ask_vendors=findings.may_ask_vendors,
        )

    async def _find(self, group_id: UUID, week: date) -> StoredPost | None:
        async def work(transaction: Transaction) -> StoredPost | None:
            return await ReviewRepository(transaction, self._keys).find_post(group_id, week)

        return await self._database.run(Principal.system("coach"), work, read_only=True)

    async def _keep(self, post: StoredPost, week: date) -> StoredPost:
        async def work(transaction: Transaction) -> StoredPost | None:
            posts = ReviewRepository(transaction, self._keys)
            return post if await posts.add_post(post, week) else await posts.find_post(post.group_id, week)

        return await self._database.run(Principal.system("coach"), work) or post
