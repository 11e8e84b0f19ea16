"""Identity in SQL: signed claims that a transaction carries and that row-level security checks.

`sec.member_id()` recomputes the signature with a key that no login role can read, so that injected SQL cannot become
somebody else (docs/adr/0021). Every value below is a UUID, a number, a known word or hex, never text from a request.
"""

import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

from chassis.clock import Clock
from chassis.identity.principal import ROLES, Principal

CLAIMS_LIFE = timedelta(seconds=120)
# Signing again for every request costs more than it protects; a cached claim has at least 100 s left.
CLAIMS_REUSE = timedelta(seconds=20)
_CACHE_SIZE = 4096


def key_id(key: bytes) -> str:
    """Names a claims key without telling anything about it, so that rotation needs no numbering."""
    return hashlib.sha256(b"tandem-claims-kid" + key).hexdigest()[:8]


def hmac_pads(key: bytes) -> tuple[bytes, bytes]:
    """The inner and outer key blocks of HMAC-SHA256 (RFC 2104), so that SQL needs two plain sha256 calls."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


class ClaimSigner:
    """Writes the SET LOCAL part of a transaction's first message."""

    def __init__(self, key: bytes, *, wall: Clock) -> None:
        """Takes the login role's claims key.

        Args:
            key: As stored in `sec.claim_keys` for the login role.
            wall: The real time; PostgreSQL judges the expiry by its own clock.
        """
        self._key = key
        self._kid = key_id(key)
        self._wall = wall
        self._signed: dict[tuple[UUID | None, frozenset[str]], tuple[float, str]] = {}

    def settings(self, principal: Principal) -> str:
        """The statements that make the transaction the principal's, signed at most 20 s ago."""
        who = (principal.member_id, principal.roles)
        now = self._wall.monotonic()
        signed = self._signed.get(who)
        if signed is not None and now - signed[0] < CLAIMS_REUSE.total_seconds():
            return signed[1]
        if len(self._signed) >= _CACHE_SIZE:
            self._signed.clear()
        text = self._sign(principal)
        self._signed[who] = (now, text)
        return text

    def _sign(self, principal: Principal) -> str:
        if principal.member_id is not None and not isinstance(principal.member_id, UUID):
            raise TypeError("a principal's member_id must be a UUID")
        roles = ",".join(sorted(principal.roles & ROLES))
        expires = int((self._wall.now() + CLAIMS_LIFE).timestamp())
        claims = f"{principal.member_id or ''}|{roles}|{expires}|{self._kid}"
        signature = hmac.new(self._key, claims.encode(), hashlib.sha256).hexdigest()
        return f"SET LOCAL app.claims='{claims}';SET LOCAL app.sig='{signature}';"
