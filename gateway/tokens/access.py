"""Access tokens: EdDSA, fifteen minutes, one exact shape.

PyJWT checks the signature. What it lets pass on its own (no expiry, times that are no integers, foreign header
members, a token of another type) is checked around it, before and after.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.clock import Clock
from chassis.identity.principal import ROLES
from gateway.errors import InvalidToken
from gateway.tokens import jose

TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - RFC 9068
AUDIENCE: Final = "tandem-api"
LIFE: Final = timedelta(minutes=15)
LEEWAY: Final = timedelta(seconds=60)
_ALGORITHM: Final = "EdDSA"
_HEADER_MEMBERS: Final = frozenset({"alg", "typ", "kid"})
_CLAIMS: Final = frozenset({"iss", "aud", "sub", "sid", "jti", "iat", "exp", "roles"})


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid access token says.

    Attributes:
        issued_at: Seconds since 1970.
        expires_at: Seconds since 1970, without leeway.
    """

    member_id: UUID
    session_id: UUID
    roles: frozenset[str]
    issued_at: int
    expires_at: int


class AccessTokens:
    """Signs access tokens and judges those that come back."""

    def __init__(self, key: Ed25519PrivateKey, issuer: str, clock: Clock) -> None:
        self._key = key
        self._public = key.public_key()
        self._issuer = issuer
        self._clock = clock
        self._key_id = key_id(self._public)

    def issue(
        self, member_id: UUID, session_id: UUID, *, roles: frozenset[str], not_before: datetime | None = None
    ) -> str:
        """Signs a token.

        Args:
            member_id: Whose.
            session_id: The login session it belongs to.
            roles: Roles of the member.
            not_before: Tokens issued up to then are void; the new one is dated after it, at most a second ahead.
        """
        issued_at = int(self._clock.now().timestamp())
        if not_before is not None:
            issued_at = max(issued_at, int(not_before.timestamp()) + 1)
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(member_id),
            "sid": str(session_id),
            "jti": secrets.token_urlsafe(12),
            "iat": issued_at,
            "exp": issued_at + int(LIFE.total_seconds()),
            "roles": sorted(roles),
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM, headers={"typ": TOKEN_TYPE, "kid": self._key_id})

    def verify(self, token: str) -> Claims:
        """Judges a token.

        Raises:
            InvalidToken: For every reason there is; which one is not told.
        """
        try:
            self._check_header(jose.parse(token).header)
            return self._checked(self._verified(token))
        except (jose.NotAToken, jwt.PyJWTError, ValueError, TypeError, KeyError):
            raise InvalidToken from None

    def jwks(self) -> dict[str, Any]:
        """The public keys, as `/.well-known/jwks.json` shows them (RFC 7517, RFC 8037)."""
        raw = self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        key = {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": jose.encode_segment(raw),
            "kid": self._key_id,
            "use": "sig",
            "alg": _ALGORITHM,
        }
        return {"keys": [key]}

    def _check_header(self, header: Mapping[str, Any]) -> None:
        # Exactly the members that we write: that rules out crit, jku, jwk, x5*, zip and cty in one line.
        if header.keys() != _HEADER_MEMBERS:
            raise ValueError("header members")
        if header["alg"] != _ALGORITHM or header["typ"] != TOKEN_TYPE or header["kid"] != self._key_id:
            raise ValueError("header values")

    def _verified(self, token: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            self._public,
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=self._issuer,
            options={
                "require": sorted(_CLAIMS),
                "strict_aud": True,
                # Times are compared below, with our clock and as integers only.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        return claims

    def _checked(self, claims: Mapping[str, Any]) -> Claims:
        if claims.keys() != _CLAIMS:
            raise ValueError("claims")
        issued_at, expires_at, roles = claims["iat"], claims["exp"], claims["roles"]
        # bool is an int to isinstance; type() is meant.
        if type(issued_at) is not int or type(expires_at) is not int:
            raise ValueError("times")
        now, leeway_s = self._clock.now().timestamp(), LEEWAY.total_seconds()
        if issued_at > now + leeway_s or expires_at + leeway_s <= now:
            raise ValueError("not valid now")
        if not 0 < expires_at - issued_at <= LIFE.total_seconds():
            raise ValueError("lifetime")
        if not isinstance(roles, list) or not ROLES.issuperset(roles):
            raise ValueError("roles")
        return Claims(UUID(claims["sub"]), UUID(claims["sid"]), frozenset(roles), issued_at, expires_at)


def key_id(public: Ed25519PublicKey) -> str:
    """A name for a key that follows from the key alone: its JWK thumbprint (RFC 7638)."""
    x = jose.encode_segment(public.public_bytes(Encoding.Raw, PublicFormat.Raw))
    document = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    return jose.encode_segment(hashlib.sha256(document.encode()).digest())
