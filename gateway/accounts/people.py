"""The person behind an account: made in the mentor service once, and shown with every sign-in."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from chassis.clock import Clock, new_id
from chassis.errors import DeadlineExceeded, InvalidArgument, NotFound, NotImplementedYet, TandemError, Unavailable
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering, find_current
from chassis.rpc.client import Caller
from chassis.telemetry.logs import get_logger
from gateway.accounts.model import Account, Profile, without_refused
from gateway.accounts.usecases import Accounts, NewAccount
from gateway.routes import views
from gateway.tokens.sessions import Sessions
from tandem.mentor.v1 import mentor_pb2 as pb

if TYPE_CHECKING:
    from tandem.mentor.v1.mentor_pb2_grpc import MentorServiceAsyncStub

SWEEP_INTERVAL: Final = timedelta(seconds=5)
_SWEEP_BUDGET_S: Final = 5.0
# Of the five seconds that registering may take; a service that needs longer is as good as away.
_JUDGING_S: Final = 1.0
_SWEEP_COUNT: Final = 20
# The registering request itself gets this long before the sweep finishes its work.
_SWEEP_AGE: Final = timedelta(seconds=10)
_FIRST_WAIT: Final = timedelta(seconds=15)
_LONGEST_WAIT: Final = timedelta(minutes=15)

_log = get_logger(__name__)


class Person(NamedTuple):
    """A member as the API shows one.

    Attributes:
        shown: The fields.
        etag: Of the member; empty while only the account is known.
    """

    shown: dict[str, Any]
    etag: str


class People:
    """Brings accounts and the mentor service together."""

    def __init__(
        self, mentor: "Caller[MentorServiceAsyncStub]", accounts: Accounts, sessions: Sessions, clock: Clock
    ) -> None:
        self._mentor = mentor
        self._accounts = accounts
        self._sessions = sessions
        self._clock = clock
        self._refused = Refused(clock)

    async def judge(self, new: NewAccount) -> None:
        """Has the mentor service say what is wrong with a profile while there is no account of it yet.

        When it cannot say, registering goes on: a field that it refuses later is given its default then.

        Raises:
            InvalidArgument: With every field that breaks a rule.
        """
        member_id = new_id(self._clock)
        request = pb.EnsureMemberRequest(member=_draft(member_id, new.roles, new.profile), validate_only=True)
        try:
            with self._on_behalf_of(member_id, new.roles):
                await self._mentor(self._mentor.stub.EnsureMember, request, timeout_s=_JUDGING_S)
        except (Unavailable, DeadlineExceeded, NotImplementedYet) as failure:
            _log.warning("profile_not_judged", reason=failure.reason)

    async def ensure(self, account: Account) -> Person:
        """The member as the API shows one, made in the mentor service when it is not there yet.

        Signing in must not fail because a profile cannot be read: then what the account knows is shown, and a profile
        that could not be handed over is handed over later.
        """
        try:
            member = await self._member(account)
        except (Unavailable, DeadlineExceeded, NotImplementedYet, NotFound) as failure:
            _log.warning("member_not_ensured", member_id=str(account.member_id), reason=failure.reason)
            return Person(_from_account(account), etag="")
        return Person(views.member(member, account.email), member.etag)

    async def run(self) -> None:
        """Hands over profiles that no request could, until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_INTERVAL.total_seconds())
            try:
                await self.hand_over_pending()
            except TandemError as failure:
                _log.warning("member_sweep_failed", reason=failure.reason)

    async def hand_over_pending(self) -> None:
        """Makes the members of accounts that have none; one that the mentor service refuses lets the others go first.

        Raises:
            TandemError: The accounts cannot be read.
        """
        pending = await self._accounts.list_pending(
            older_than=_SWEEP_AGE, count=_SWEEP_COUNT, except_for=self._refused.waiting()
        )
        for account in pending:
            try:
                await self._member(account)
            except TandemError as failure:
                self._refused.add(account.member_id)
                _log.warning("member_not_ensured", member_id=str(account.member_id), reason=failure.reason)
                if isinstance(failure, (Unavailable, DeadlineExceeded)):
                    return  # nobody would fare better now
            else:
                self._refused.forget(account.member_id)
                _log.info("member_ensured_late", member_id=str(account.member_id))

    async def _member(self, account: Account) -> pb.Member:
        with self._on_behalf_of(account.member_id, account.roles):
            if account.pending_profile is None:
                return await self._mentor(
                    self._mentor.stub.GetMember, pb.GetMemberRequest(member_id=str(account.member_id))
                )
            member = await self._made(account, account.pending_profile)
        await self._accounts.settle(account.member_id)
        return member

    async def _made(self, account: Account, profile: Profile) -> pb.Member:
        """Makes the member of an account; what was not judged while there was none must not shut anybody out now."""
        try:
            return await self._ensured(account, profile)
        except InvalidArgument as refusal:
            mended = without_refused(profile, refusal.violations)
            if mended == profile:
                raise
            fields = sorted(field for field in profile if mended[field] != profile[field])
            _log.warning("profile_mended", member_id=str(account.member_id), fields=fields)
            return await self._ensured(account, mended)

    async def _ensured(self, account: Account, profile: Profile) -> pb.Member:
        request = pb.EnsureMemberRequest(
            member=_draft(account.member_id, account.roles, profile), idempotency_key=f"register-{account.member_id}"
        )
        return await self._mentor(self._mentor.stub.EnsureMember, request)

    @contextmanager
    def _on_behalf_of(self, member_id: UUID, roles: frozenset[str]) -> Iterator[None]:
        """Makes a member the principal: one who has just proved to be that, or whose id nobody has had before."""
        principal = Principal.member(member_id, roles=roles)
        passport = self._sessions.passport_of(member_id, roles)
        request = find_current()
        if request is None:
            deadline = self._clock.monotonic() + _SWEEP_BUDGET_S
            request = RequestContext("member_sweep", new_id(self._clock).hex, principal, deadline)
        with answering(replace(request, principal=principal, passport=passport, replayed=False)):
            yield


class Refused:
    """Accounts whose profile could not be handed over; each waits twice as long every time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waits: dict[UUID, tuple[float, float]] = {}

    def add(self, member_id: UUID) -> None:
        """Has an account wait, longer than the last time."""
        _, waited_s = self._waits.get(member_id, (0.0, 0.0))
        wait_s = min(max(2 * waited_s, _FIRST_WAIT.total_seconds()), _LONGEST_WAIT.total_seconds())
        self._waits[member_id] = (self._clock.monotonic() + wait_s, wait_s)

    def forget(self, member_id: UUID) -> None:
        """Has an account wait no more: it was accepted."""
        self._waits.pop(member_id, None)

    def waiting(self) -> list[UUID]:
        """Whose turn has not come again."""
        now = self._clock.monotonic()
        return [member_id for member_id, (until, _) in self._waits.items() if until > now]


def _draft(member_id: UUID, roles: Iterable[str], profile: Profile) -> pb.Member:
    numbers = [pb.Role.ValueType(views.ROLES.index(role)) for role in sorted(roles)]
    return pb.Member(member_id=str(member_id), roles=numbers, **profile)


def _from_account(account: Account) -> dict[str, Any]:
    profile = account.pending_profile or {}
    return {
        "id": str(account.member_id),
        "name": profile.get("name"),
        "email": account.email,
        "timezone": profile.get("timezone"),
        "locale": profile.get("locale"),
        "country": None,
        "birth_year": profile.get("birth_year") or None,
        "day_start_hour": 0,
        "week_start": "mon",
        "roles": sorted(account.roles),
        "create_time": account.created_at.astimezone(UTC),
        "update_time": account.created_at.astimezone(UTC),
    }
