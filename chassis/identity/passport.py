"""Signed internal tokens: the member's passport and a calling service's assertion (Ed25519 JWTs).

The gateway mints one passport per login session and reuses it for half its life; a service that is not the passport's
issuer adds its own assertion. Nothing in either changes per request, so that verification is a look-up on hot paths.
"""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis.clock import Clock
from chassis.errors import Unauthenticated
from chassis.identity.principal import ROLES, Principal

PASSPORT_TYPE = "tandem-passport+jwt"
ASSERTION_TYPE = "tandem-assertion+jwt"
PASSPORT_LIFE = timedelta(seconds=60)
PASSPORT_REUSE = timedelta(seconds=30)
ASSERTION_LIFE = timedelta(seconds=30)
ASSERTION_REUSE = timedelta(seconds=20)
LEEWAY = timedelta(seconds=30)
SERVICES_AUDIENCE = "tandem-services"
MAX_TOKEN_LENGTH = 1024
_CACHE_SIZE = 4096
_ALGORITHM = "EdDSA"


class PassportMinter:
    """Signs passports for verified members; held by the gateway alone."""

    def __init__(self, key: Ed25519PrivateKey, issuer: str, clock: Clock) -> None:
        self._key = key
        self._issuer = issuer
        self._clock = clock
        self._made: OrderedDict[tuple[UUID, UUID | None, frozenset[str]], tuple[float, str]] = OrderedDict()

    def mint(self, member_id: UUID, roles: frozenset[str], session_id: UUID | None) -> str:
        """A passport for this member and session, made at most 30 s ago."""
        identity = (member_id, session_id, roles)
        now = self._clock.monotonic()
        made = self._made.get(identity)
        if made is not None and now - made[0] < PASSPORT_REUSE.total_seconds():
            return made[1]
        token = self._sign(member_id, roles, session_id)
        self._made[identity] = (now, token)
        self._made.move_to_end(identity)
        if len(self._made) > _CACHE_SIZE:
            self._made.popitem(last=False)
        return token

    def _sign(self, member_id: UUID, roles: frozenset[str], session_id: UUID | None) -> str:
        claims = {"sub": str(member_id), "roles": sorted(roles), "sid": str(session_id) if session_id else None}
        return _sign(
            self._key, PASSPORT_TYPE, self._issuer, SERVICES_AUDIENCE, PASSPORT_LIFE, clock=self._clock, claims=claims
        )


class AssertionMinter:
    """Signs the statement "I am this service" for one target at a time."""

    def __init__(self, key: Ed25519PrivateKey, issuer: str, clock: Clock) -> None:
        self._key = key
        self._issuer = issuer
        self._clock = clock
        self._made: dict[str, tuple[float, str]] = {}

    def mint(self, audience: str) -> str:
        """An assertion for the service `audience`, made at most 20 s ago."""
        now = self._clock.monotonic()
        made = self._made.get(audience)
        if made is not None and now - made[0] < ASSERTION_REUSE.total_seconds():
            return made[1]
        token = _sign(self._key, ASSERTION_TYPE, self._issuer, audience, ASSERTION_LIFE, clock=self._clock, claims={})
        self._made[audience] = (now, token)
        return token


@dataclass(frozen=True, slots=True)
class _Verified:
    kind: str
    issuer: str
    expires_at: float
    member: Principal | None


class TokenVerifier:
    """Verifies passports and assertions addressed to one service, remembering what it has verified."""

    def __init__(
        self, trusted: Mapping[str, Ed25519PublicKey], audience: str, clock: Clock, *, passport_issuer: str = "gateway"
    ) -> None:
        self._trusted = trusted
        self._audience = audience
        self._clock = clock
        self._passport_issuer = passport_issuer
        self._seen: OrderedDict[str, _Verified] = OrderedDict()

    def principal(self, passport: str | None, assertion: str | None) -> Principal:
        """Who acts, and through whom.

        Args:
            passport: The member's; None for a service acting for nobody.
            assertion: The calling service's; None when the caller is the passport's issuer.

        Raises:
            Unauthenticated: Neither, or one that is not valid now.
        """
        caller = self._verify(assertion, ASSERTION_TYPE, self._audience).issuer if assertion else None
        if passport is None:
            if caller is None:
                raise Unauthenticated("A passport or an assertion is required.")
            return Principal.system(caller)
        verified = self._verify(passport, PASSPORT_TYPE, SERVICES_AUDIENCE)
        if verified.member is None or verified.issuer != self._passport_issuer:
            raise Unauthenticated("The passport comes from an issuer that may not mint passports.")
        if caller is None or caller == verified.issuer:
            return verified.member
        return replace(verified.member, caller=caller)

    def _verify(self, token: str, kind: str, audience: str) -> _Verified:
        verified = self._seen.get(token)
        if verified is None:
            verified = self._check(token, kind, audience)
            self._seen[token] = verified
            if len(self._seen) > _CACHE_SIZE:
                self._seen.popitem(last=False)
        if verified.kind != kind or verified.expires_at < self._clock.now().timestamp():
            raise Unauthenticated("The internal credential has expired or is of another kind.")
        return verified

    def _check(self, token: str, kind: str, audience: str) -> _Verified:
        if len(token) > MAX_TOKEN_LENGTH:
            raise Unauthenticated("The internal credential is too long.")
        try:
            header = jwt.get_unverified_header(token)
            key = self._trusted[header["kid"]]
            claims = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=audience,
                issuer=header["kid"],
                options={
                    "require": ["exp", "iat", "iss", "aud", "jti"],
                    "strict_aud": True,
                    # Times are compared below with the injected clock.
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            raise Unauthenticated("The internal credential is not valid.") from None
        if header.get("typ") != kind or "crit" in header:
            raise Unauthenticated("The internal credential is of another kind.")
        member = _member(claims) if kind == PASSPORT_TYPE else None
        return _Verified(kind, claims["iss"], self._checked_expiry(claims), member)

    def _checked_expiry(self, claims: Mapping[str, Any]) -> float:
        issued, expires = claims["iat"], claims["exp"]
        if type(issued) is not int or type(expires) is not int:
            raise Unauthenticated("The internal credential has no proper times.")
        now, leeway = self._clock.now().timestamp(), LEEWAY.total_seconds()
        if issued > now + leeway or expires - issued > PASSPORT_LIFE.total_seconds() or expires + leeway < now:
            raise Unauthenticated("The internal credential is not valid at this time.")
        return expires + leeway


def _member(claims: Mapping[str, Any]) -> Principal:
    try:
        session = claims.get("sid")
        return Principal(
            member_id=UUID(claims["sub"]),
            roles=ROLES & frozenset(claims["roles"]),
            caller=claims["iss"],
            session_id=UUID(session) if session else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unauthenticated("The passport names no member.") from None


def _sign(
    key: Ed25519PrivateKey,
    kind: str,
    issuer: str,
    audience: str,
    life: timedelta,
    *,
    clock: Clock,
    claims: Mapping[str, Any],
) -> str:
    now = int(clock.now().timestamp())
    return jwt.encode(
        {
            **claims,
            "iss": issuer,
            "aud": audience,
            "iat": now,
            "exp": now + int(life.total_seconds()),
            "jti": secrets.token_hex(8),
        },
        key,
        algorithm=_ALGORITHM,
        headers={"typ": kind, "kid": issuer},
    )
