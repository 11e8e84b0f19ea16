"""Field encryption: what a member writes is stored sealed under the member's own key; without the key it is gone.

AES-256-GCM per field. The key of a member is random, wrapped by the key ring of the process and stored in the owning
schema's `wrapped_keys`; `MemberKeys.erase` removes it and with it every text sealed under it, in backups of the texts
too. Table, row, member and key version are authenticated with each field, so that a text moved elsewhere does not open.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Protocol, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.db.transaction import Transaction
from chassis.identity.keys import is_weak
from chassis.sql import Statement, in_schema, text_statement

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
# The first byte of everything sealed: tells a later form apart.
_FORM: Final = b"\x01"
_WRAPPED = "wrapped_keys"

_LOOKUP = """(
    SELECT jsonb_build_array(wrapping.version, wrapping.kid, encode(wrapping.wrapped, 'hex'))
    FROM {schema}.wrapped_keys AS wrapping WHERE wrapping.member_id = :vault_member
    ORDER BY wrapping.version DESC LIMIT 1
) AS wrapped_key"""
_ADD = """
INSERT INTO {schema}.wrapped_keys (member_id, version, kid, wrapped) VALUES (:member_id, :version, :kid, :wrapped)
ON CONFLICT DO NOTHING"""
_ERASE = "DELETE FROM {schema}.wrapped_keys WHERE member_id = :member_id"


class VaultProblem(Exception):
    """A field or a key cannot be opened: another key, another place, or changed bytes. Says nothing of the content."""


class _Row(Protocol):
    def __getitem__(self, name: str, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A member's key as it is stored."""

    member_id: UUID
    version: int
    kid: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class DataKey:
    """A member's key, open. Lives as long as one request."""

    member_id: UUID
    version: int
    _cipher: AESGCM = field(repr=False)

    def seal(self, text: str, *, table: str, row_id: UUID) -> bytes:
        """Encrypts one field.

        Args:
            text: What the member wrote.
            table: Where it is stored, for example `coach.messages.body`.
            row_id: The row it is stored in.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORM + nonce + self._cipher.encrypt(nonce, text.encode(), self._context(table, row_id))

    def open(self, sealed: bytes, *, table: str, row_id: UUID) -> str:
        """Decrypts one field.

        Raises:
            VaultProblem: It was not sealed for this place by this key.
        """
        return _open(self._cipher, sealed, self._context(table, row_id)).decode()

    def _context(self, table: str, row_id: UUID) -> bytes:
        return f"{table}|{row_id}|{self.member_id}|{self.version}".encode()


class KeyRing:
    """The wrapping keys of the process; the first is current, the others still open what they wrapped."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys.values()):
            raise ValueError(f"a key ring needs keys of {_KEY_BYTES} bytes")
        self._ciphers = {kid: AESGCM(key) for kid, key in keys.items()}
        self.current = next(iter(keys))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `kid:base64,kid:base64`.

        Raises:
            ValueError: Not that form, or a key that is evidently not random; the message repeats nothing of it.
        """
        keys: dict[str, bytes] = {}
        try:
            for part in text.strip().split(","):
                kid, _, encoded = part.strip().partition(":")
                keys[kid] = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ValueError("a key ring is written kid:base64,kid:base64") from None
        if "" in keys or len(keys) != text.count(",") + 1:
            raise ValueError("every key of a key ring has its own name")
        if any(map(is_weak, keys.values())):
            raise ValueError(f"every key of a key ring is {_KEY_BYTES} random bytes")
        return cls(keys)

    def make(self, member_id: UUID, *, version: int = 1) -> tuple[DataKey, WrappedKey]:
        """A new key for a member, open and wrapped."""
        return self._wrap(secrets.token_bytes(_KEY_BYTES), member_id, version)

    def unwrap(self, wrapped: WrappedKey) -> DataKey:
        """Opens a member's key.

        Raises:
            VaultProblem: Its wrapping key is not on the ring, or it is another member's.
        """
        return DataKey(wrapped.member_id, wrapped.version, AESGCM(self._unwrap(wrapped)))

    def rewrap(self, wrapped: WrappedKey) -> WrappedKey:
        """The same key wrapped by the current one, so that an old wrapping key can be retired."""
        return self._wrap(self._unwrap(wrapped), wrapped.member_id, wrapped.version)[1]

    def _wrap(self, key: bytes, member_id: UUID, version: int) -> tuple[DataKey, WrappedKey]:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        context = _wrap_context(member_id, version, self.current)
        wrapped = _FORM + nonce + self._ciphers[self.current].encrypt(nonce, key, context)
        return DataKey(member_id, version, AESGCM(key)), WrappedKey(member_id, version, self.current, wrapped)

    def _unwrap(self, wrapped: WrappedKey) -> bytes:
        cipher = self._ciphers.get(wrapped.kid)
        if cipher is None:
            raise VaultProblem("the wrapping key is not on the ring")
        return _open(cipher, wrapped.wrapped, _wrap_context(wrapped.member_id, wrapped.version, wrapped.kid))


class MemberKeys:
    """The members' keys within transactions of one schema."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def of_row(self, record: _Row | None, member_id: UUID) -> DataKey | None:
        """The key that came along in a load with `lookup`; None when the member has none yet, or no more."""
        found = record["wrapped_key"] if record is not None else None
        if found is None:
            return None
        return self._ring.unwrap(WrappedKey(member_id, found[0], found[1], bytes.fromhex(found[2])))

    async def find(self, transaction: Transaction, member_id: UUID) -> DataKey | None:
        """The key, in a trip of its own."""
        statement = _statement(f"SELECT {_LOOKUP}", transaction.database.schema)
        return self.of_row(await transaction.fetch_one(statement, vault_member=member_id), member_id)

    def make(self, transaction: Transaction, member_id: UUID) -> DataKey:
        """Queues a first key; when somebody else was first, the whole transaction runs again and finds that one."""
        key, wrapped = self._ring.make(member_id)
        transaction.write(
            _statement(_ADD, transaction.database.schema),
            expect=1,
            member_id=member_id,
            version=wrapped.version,
            kid=wrapped.kid,
            wrapped=wrapped.wrapped,
        )
        return key

    async def find_or_make(self, transaction: Transaction, member_id: UUID) -> DataKey:
        """The key, made when there is none."""
        return await self.find(transaction, member_id) or self.make(transaction, member_id)

    def erase(self, transaction: Transaction, member_id: UUID) -> None:
        """Queues the end of everything sealed under the member's keys."""
        transaction.write(_statement(_ERASE, transaction.database.schema), member_id=member_id)


def lookup(schema: str) -> str:
    """A select-list item named `wrapped_key` for a load; fill `:vault_member`."""
    return in_schema(_LOOKUP, schema)


def _open(cipher: AESGCM, sealed: bytes, context: bytes) -> bytes:
    if sealed[:1] != _FORM:
        raise VaultProblem("sealed in an unknown form")
    try:
        return cipher.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], context)
    except (InvalidTag, ValueError):
        raise VaultProblem("not sealed for this place by this key") from None


def _wrap_context(member_id: UUID, version: int, kid: str) -> bytes:
    return f"{_WRAPPED}|{member_id}|{version}|{kid}".encode()


@lru_cache
def _statement(sql: str, schema: str) -> Statement:
    return text_statement(sql, schema=schema)
