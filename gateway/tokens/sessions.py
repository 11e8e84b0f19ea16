"""Verified tokens, remembered: a signature is checked once per token and passports are signed once per half-life."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.clock import Clock
from chassis.identity.passport import PassportMinter
from chassis.identity.principal import Principal
from gateway.errors import InvalidToken, SignInFirst
from gateway.tokens.access import LEEWAY, AccessTokens, Claims
from gateway.tokens.revocations import Revocations

CACHED_TOKENS: Final = 20_000
_PREFIX: Final = b"bearer "


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in caller."""

    principal: Principal
    claims: Claims
    subject: str

    @property
    def member_id(self) -> UUID:
        """Who is signed in."""
        return self.claims.member_id


class Sessions:
    """From an `Authorization` header to a signed-in caller, without input or output."""

    def __init__(self, tokens: AccessTokens, revocations: Revocations, passports: PassportMinter, clock: Clock) -> None:
        self._tokens = tokens
        self._revocations = revocations
        self._passports = passports
        self._clock = clock
        self._verified: dict[bytes, Session] = {}

    def authenticate(self, authorization: bytes | None) -> Session:
        """Who is calling.

        Raises:
            SignInFirst: There is no bearer token.
            InvalidToken: It is not valid now.
        """
        if authorization is None:
            raise SignInFirst
        session = self._verified.get(authorization)
        if session is None:
            session = self._verify(authorization)
        elif session.claims.expires_at + LEEWAY.total_seconds() <= self._clock.now().timestamp():
            del self._verified[authorization]
            raise InvalidToken
        self._revocations.check(session.claims)
        return session

    def passport(self, session: Session) -> str:
        """The passport that services accept for this caller."""
        claims = session.claims
        return self._passports.mint(claims.member_id, claims.roles, claims.session_id)

    def passport_of(self, member_id: UUID, roles: frozenset[str], session_id: UUID | None = None) -> str:
        """A passport for a member who is just signing in, or on whose behalf the gateway finishes a registration."""
        return self._passports.mint(member_id, roles, session_id)

    def _verify(self, authorization: bytes) -> Session:
        if authorization[: len(_PREFIX)].lower() != _PREFIX:
            raise SignInFirst
        try:
            token = authorization[len(_PREFIX) :].decode("ascii")
        except UnicodeDecodeError:
            raise InvalidToken from None
        claims = self._tokens.verify(token)
        principal = Principal(claims.member_id, claims.roles, "gateway", claims.session_id)
        session = Session(principal, claims, f"member:{claims.member_id}")
        self._verified[authorization] = session
        if len(self._verified) > CACHED_TOKENS:
            # The token seen first is the likeliest to have expired.
            del self._verified[next(iter(self._verified))]
        return session
