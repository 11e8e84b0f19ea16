"""Register, log in, refresh, log out.

The gateway commits the account first; the person's profile goes to the mentor service afterwards (`people.py`), so
that neither can exist only in a half that nobody finishes.
"""

import hmac
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol
from uuid import UUID

from chassis.clock import Clock, new_id
from chassis.db import Database
from chassis.errors import IdempotencyKeyReused
from chassis.identity.principal import MEMBER, Principal
from chassis.telemetry.logs import get_logger
from gateway.accounts.addresses import normalise_email
from gateway.accounts.model import Account, Profile
from gateway.accounts.passwords import Passwords, check_length
from gateway.errors import EmailTaken, InvalidToken, TokenReused, WrongCredentials
from gateway.repository import AccountRepository
from gateway.tokens.access import LIFE, AccessTokens
from gateway.tokens.refresh import ABSOLUTE_LIFE, Decision, Family, RefreshTokens, judge
from gateway.tokens.revocations import HORIZON, Ended, Revocations

# How long a repeated request with the same key is the same request.
KEY_LIFE: Final = timedelta(hours=24)
_PURGE_COUNT: Final = 1000
_SYSTEM: Final = Principal.system("gateway")
_log = get_logger(__name__)


class Registrable(Protocol):
    """A registration as it was asked for."""

    @property
    def email(self) -> str: ...  # noqa: D102 - said by its name
    @property
    def password(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def timezone(self) -> str: ...  # noqa: D102
    @property
    def locale(self) -> str: ...  # noqa: D102
    @property
    def birth_year(self) -> int | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made."""

    email: str
    password: str
    profile: Profile
    roles: frozenset[str]

    @classmethod
    def of(cls, asked: Registrable, *, roles: Iterable[str] = ()) -> "NewAccount":
        """An account as it was asked for.

        Raises:
            Problem: 422 for an address that is none.
        """
        profile = {
            "name": asked.name,
            "timezone": asked.timezone,
            "locale": asked.locale,
            "birth_year": asked.birth_year or 0,
        }
        return cls(normalise_email(asked.email), asked.password, profile, frozenset(roles) | {MEMBER})


@dataclass(frozen=True, slots=True)
class Registered:
    """An account, made now or by the first request with the same key."""

    account: Account
    is_replay: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account with the tokens of a session."""

    account: Account
    access_token: str
    refresh_token: str
    expires_in_s: int
    is_replay: bool = False


class Accounts:
    """The use cases of accounts and sessions."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        access_tokens: AccessTokens,
        refresh_tokens: RefreshTokens,
        clock: Clock,
        *,
        fingerprint_key: bytes,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._access_tokens = access_tokens
        self._refresh_tokens = refresh_tokens
        self._clock = clock
        self._fingerprint_key = fingerprint_key
        self._revocations: Revocations | None = None

    def tell(self, revocations: Revocations) -> None:
        """Has the ends that are committed here take effect in this process at once."""
        self._revocations = revocations

    async def register(self, new: NewAccount, *, key: str | None) -> Registered:
        """Makes an account.

        Raises:
            Problem: 422 for a password too short or too long.
            EmailTaken: There is one with this address.
            IdempotencyKeyReused: The key has registered this address with other words.
        """
        account = Account(
            member_id=new_id(self._clock),
            email=new.email,
            # Hashed before the address is looked up, so that the time taken tells nothing about it.
            password_hash=await self._passwords.hash(new.password),
            roles=new.roles,
            pending_profile=new.profile,
            not_before=None,
            closed_at=None,
            registration_key=key,
            registration_fingerprint=self._fingerprint(new) if key is not None else None,
            created_at=self._clock.now(),
        )
        async with self._database.transaction(_SYSTEM) as tx:
            accounts = AccountRepository(tx)
            added = await accounts.add(account)
            existing = None if added is not None else await accounts.find_by_email(new.email)
        if added is not None:
            _log.info("account_registered", member_id=str(added.member_id))
            return Registered(added, is_replay=False)
        return Registered(await self._recall(existing, account, new.password), is_replay=True)

    async def open_registered(self, registered: Registered, *, key: str | None) -> SignedIn:
        """Signs a new account in; the same key opens one session only."""
        return await self._open(registered.account, key=key)

    async def login(self, email: str, password: str, *, key: str | None) -> SignedIn:
        """Signs in.

        Raises:
            WrongCredentials: Which of the two is wrong is not told, and takes the same time.
        """
        async with self._database.transaction(_SYSTEM, read_only=True) as tx:
            account = await AccountRepository(tx).find_by_email(normalise_email(email))
        is_right = await self._passwords.matches(password, account.password_hash if account is not None else None)
        if account is None or not is_right or account.closed_at is not None:
            _log.info("login_refused")
            raise WrongCredentials
        if self._passwords.is_outdated(account.password_hash):
            await self._rehash(account, password)
        return await self._open(account, key=key)

    async def refresh(self, token: str) -> SignedIn:
        """Exchanges a refresh token for new tokens.

        Raises:
            InvalidToken: Not one of ours, or its session has ended.
            TokenReused: It was exchanged before; the session has ended now.
        """
        given = self._refresh_tokens.read(token)
        now = self._clock.now()
        async with self._database.transaction(_SYSTEM) as tx:
            accounts = AccountRepository(tx)
            family = await accounts.lock_session(given.family_id)
            decision = judge(given, family, now) if family is not None else Decision.VOID
            account = await accounts.find(family.member_id) if family is not None else None
            if decision is Decision.REUSED:
                accounts.end_session(given.family_id, because="reuse", now=now)
            elif decision is Decision.ROTATE:
                accounts.rotate(given.family_id, now)
        if decision is Decision.REUSED:
            self._note_ended(given.family_id)
            _log.warning("refresh_token_reused", session_id=str(given.family_id))
            raise TokenReused
        if decision is Decision.VOID or family is None or account is None or account.closed_at is not None:
            raise InvalidToken
        return self._signed_in(account, family, family.number + (decision is Decision.ROTATE))

    async def logout(self, token: str) -> None:
        """Ends the session of a refresh token; twice is once.

        Raises:
            InvalidToken: Not one of ours.
        """
        given = self._refresh_tokens.read(token)
        async with self._database.transaction(_SYSTEM) as tx:
            AccountRepository(tx).end_session(given.family_id, because="logout", now=self._clock.now())
        self._note_ended(given.family_id)

    async def set_roles(self, member_id: UUID, roles: frozenset[str], *, version: int) -> None:
        """Takes over roles that the mentor service says a member has; tokens that carry others are void.

        Args:
            member_id: Whose; without an account nothing happens.
            roles: All of them.
            version: Of the member that has them; an older one than the last changes nothing.
        """
        async with self._database.transaction(_SYSTEM) as tx:
            AccountRepository(tx).set_roles(member_id, roles, version=version, now=self._clock.now())
        _log.info("account_roles_set", member_id=str(member_id), roles=sorted(roles))

    async def emails_of(self, member_ids: Sequence[UUID]) -> dict[UUID, str]:
        """Addresses by member."""
        if not member_ids:
            return {}
        async with self._database.transaction(_SYSTEM, read_only=True) as tx:
            return await AccountRepository(tx).emails_of(member_ids)

    async def read_ended(self, since: datetime) -> Ended:
        """What has ended since then."""
        async with self._database.transaction(_SYSTEM, read_only=True) as tx:
            return await AccountRepository(tx).read_ended(since)

    async def list_pending(
        self, *, older_than: timedelta, count: int, except_for: Collection[UUID] = ()
    ) -> list[Account]:
        """Accounts whose profile the mentor service has not got yet."""
        before = self._clock.now() - older_than
        async with self._database.transaction(_SYSTEM, read_only=True) as tx:
            return await AccountRepository(tx).list_pending(before=before, count=count, except_for=except_for)

    async def settle(self, member_id: UUID) -> None:
        """Forgets the profile of an account: the mentor service has it."""
        async with self._database.transaction(_SYSTEM) as tx:
            AccountRepository(tx).settle(member_id, self._clock.now())

    async def purge(self) -> int:
        """Deletes sessions that nothing can belong to any more, a batch at a time, and returns how many."""
        now = self._clock.now()
        before, ended_before = now - ABSOLUTE_LIFE - HORIZON, now - HORIZON
        purged = 0
        while True:
            async with self._database.transaction(_SYSTEM) as tx:
                count = await AccountRepository(tx).purge_sessions(
                    before=before, ended_before=ended_before, count=_PURGE_COUNT
                )
            purged += count
            if count < _PURGE_COUNT:
                return purged

    def subject(self, email: str) -> str:
        """Names an account's bucket without its address."""
        return f"account:{hmac.new(self._fingerprint_key, email.encode(), sha256).hexdigest()[:32]}"

    async def _recall(self, existing: Account | None, asked: Account, password: str) -> Account:
        """The account that the same request made before.

        Raises:
            EmailTaken: Another request made it.
            IdempotencyKeyReused: Another request with the same key made it.
        """
        if (
            existing is None
            or asked.registration_key is None
            or existing.registration_key != asked.registration_key
            or asked.created_at - existing.created_at > KEY_LIFE
        ):
            raise EmailTaken
        # The password is no part of the fingerprint: a fast hash of it must not exist anywhere.
        is_same = existing.registration_fingerprint == asked.registration_fingerprint
        if not is_same or not await self._passwords.matches(password, existing.password_hash):
            raise IdempotencyKeyReused("This idempotency key was used for another registration.")
        return existing

    async def _rehash(self, account: Account, password: str) -> None:
        renewed = await self._passwords.hash(password)
        async with self._database.transaction(_SYSTEM) as tx:
            AccountRepository(tx).set_hash(account, renewed, self._clock.now())

    async def _open(self, account: Account, *, key: str | None) -> SignedIn:
        now = self._clock.now()
        async with self._database.transaction(_SYSTEM) as tx:
            accounts = AccountRepository(tx)
            if key is not None:
                accounts.forget_key(account.member_id, key, before=now - KEY_LIFE)
            family = await accounts.add_session(new_id(self._clock), account.member_id, now=now, key=key)
            is_replay = family is None
            if family is None and key is not None:
                family = await accounts.find_session_by_key(account.member_id, key)
        if family is None:
            raise InvalidToken
        return self._signed_in(account, family, family.number, is_replay=is_replay)

    def _signed_in(self, account: Account, family: Family, number: int, *, is_replay: bool = False) -> SignedIn:
        return SignedIn(
            account,
            access_token=self._access_tokens.issue(
                account.member_id, family.family_id, roles=account.roles, not_before=account.not_before
            ),
            refresh_token=self._refresh_tokens.make(family.family_id, number),
            expires_in_s=int(LIFE.total_seconds()),
            is_replay=is_replay,
        )

    def _fingerprint(self, new: NewAccount) -> bytes:
        words = json.dumps([new.email, new.profile, sorted(new.roles)], sort_keys=True, ensure_ascii=True)
        return hmac.new(self._fingerprint_key, words.encode(), sha256).digest()

    def _note_ended(self, session_id: UUID) -> None:
        if self._revocations is not None:
            self._revocations.note_ended(session_id)


async def ensure_first_admin(accounts: Accounts, email: str, password: str) -> None:
    """Makes the first administrator; an account that is there already is left as it is, password included."""
    check_length(password)
    profile = {"name": "Administrator", "timezone": "UTC", "locale": "en", "birth_year": 0}
    new = NewAccount(normalise_email(email), password, profile, frozenset({MEMBER, "admin"}))
    try:
        await accounts.register(new, key=None)
    except EmailTaken:
        _log.info("first_admin_exists")
    else:
        _log.info("first_admin_made")
