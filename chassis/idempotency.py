"""Idempotency: a row in the owning schema, written with the effect, so that one key has one effect and one answer.

The row keeps a keyed fingerprint of the request and the first answer, sealed (or the id of what was made, or the
business failure). Keys count per member and operation for 24 hours; an older row is as good as none and is replaced.
A service asks `key_for(request, form)`, embeds `lookup(schema)` in its one load, `recall`s, and `remember`s.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import Message

from chassis import errors
from chassis.errors import Code
from chassis.identity.keys import derive
from chassis.identity.principal import Principal
from chassis.request import current, find_current
from chassis.sql import Statement, in_schema, text_statement
from chassis.telemetry.metrics import IDEMPOTENT_REPLAYS

if TYPE_CHECKING:
    from chassis.db.transaction import Transaction

NOBODY = UUID(int=0)
# A client's key has at most 255; the edge puts the name of the operation before it.
MAX_CHARACTERS = 320
_FORM = re.compile(rf"[\x21-\x7e]{{1,{MAX_CHARACTERS}}}")
_NONCE_BYTES = 12
_KEPT = frozenset({Code.FAILED_PRECONDITION, Code.ABORTED, Code.ALREADY_EXISTS})


_LOOKUP = """(
    SELECT jsonb_build_array(
        encode(kept.fingerprint, 'hex'), kept.resource_id, kept.failure, encode(kept.answer, 'hex'))
    FROM {schema}.idempotency AS kept
    WHERE kept.member_id = :idem_member AND kept.operation = :idem_operation AND kept.key = :idem_key
      AND kept.created_at > now() - interval '24 hours'
) AS idempotency"""

_INSERT = """
INSERT INTO {schema}.idempotency AS kept (member_id, operation, key, fingerprint, resource_id, failure, answer)
VALUES (:idem_member, :idem_operation, :idem_key, :fingerprint, :resource_id, :failure, :answer)
ON CONFLICT ON CONSTRAINT idempotency_pkey DO UPDATE SET
    fingerprint = excluded.fingerprint, resource_id = excluded.resource_id, failure = excluded.failure,
    answer = excluded.answer, created_at = now()
WHERE kept.created_at <= now() - interval '24 hours'"""


_AMEND = """
UPDATE {schema}.idempotency SET answer = :answer
WHERE member_id = :idem_member AND operation = :idem_operation AND key = :idem_key AND fingerprint = :fingerprint"""


class Row(Protocol):
    """A row of a load, or anything like it."""

    def __getitem__(self, name: str, /) -> Any:
        """The value of a column."""
        ...


class ReplayedFailure(errors.TandemError):
    """The failure that the first request with this key ended in."""


class KeptAnswer(Exception):
    """The request was answered before; ends the work, and the pipeline sends `answer` as it stands."""

    def __init__(self, answer: bytes) -> None:
        super().__init__("answered before")
        self.answer = answer


class _Keys:
    """The process's keys; without them a database reader could guess short requests from hashes, or read answers."""

    fingerprints: bytes | None = None
    answers: AESGCM | None = None


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """One client's promise that two requests are the same.

    Attributes:
        operation: The full method name; for a service acting for nobody also its name.
        key: As the caller sent it; the edge puts its own operation before the client's, as two may end in one method.
        fingerprint: Of the request without the key.
        member_id: Whose key it is; `NOBODY` for a service acting for nobody.
        form: Makes the answer of what the work comes to, so that it can be kept.
    """

    operation: str
    key: str
    fingerprint: bytes
    member_id: UUID = NOBODY
    form: Callable[[Any], Message] | None = field(default=None, compare=False)

    @property
    def place(self) -> bytes:
        """Where the row stands; a sealed answer opens nowhere else."""
        return f"{self.member_id}|{self.operation}|{self.key}".encode()


def configure(key: bytes) -> None:
    """Sets the process's keys from `derive(secret, "idempotency")`; once at start."""
    _Keys.fingerprints = key
    _Keys.answers = AESGCM(derive(key, "answers"))


def key_for(request: Any, form: Callable[[Any], Message] | None = None) -> IdempotencyKey | None:
    """The key of the request being answered, or None when the client sent none.

    Args:
        request: A protobuf message with the field `idempotency_key`.
        form: Makes the answer of what the use case returns; needed to `remember` an outcome.

    Raises:
        MalformedRequest: The key is not 1 to 320 visible ASCII characters.
    """
    if not request.idempotency_key:
        return None
    bare: Message = type(request)()
    bare.CopyFrom(request)
    bare.ClearField("idempotency_key")
    context = current()
    content = bare.SerializeToString(deterministic=True)
    return make_key(context.method, request.idempotency_key, content=content, principal=context.principal, form=form)


def make_key(
    operation: str,
    key: str,
    *,
    content: bytes,
    principal: Principal,
    form: Callable[[Any], Message] | None = None,
) -> IdempotencyKey:
    """A key for something that is not a protobuf request.

    Args:
        operation: What is done, for example a method name.
        key: As the client sent it.
        content: What a repetition must send again.
        principal: Whose key it is.
        form: As for `key_for`.

    Raises:
        MalformedRequest: The key is not 1 to 320 visible ASCII characters.
    """
    if not _FORM.fullmatch(key):
        raise errors.MalformedRequest(f"idempotency_key must be 1 to {MAX_CHARACTERS} visible ASCII characters.")
    if _Keys.fingerprints is None:
        raise RuntimeError("chassis.idempotency.configure was not called at start")
    fingerprint = hmac.new(_Keys.fingerprints, operation.encode() + b"\0" + content, hashlib.sha256).digest()
    if principal.member_id is None:
        return IdempotencyKey(f"{operation}@{principal.caller}", key, fingerprint, form=form)
    return IdempotencyKey(operation, key, fingerprint, principal.member_id, form)


def lookup(schema: str) -> str:
    """A select-list item named `idempotency` for the load of keyed work; fill it with `parameters`."""
    return in_schema(_LOOKUP, schema)


def parameters(key: IdempotencyKey | None) -> dict[str, Any]:
    """The parameters of `lookup`; without a key they find nothing."""
    if key is None:
        return {"idem_member": None, "idem_operation": None, "idem_key": None}
    return {"idem_member": key.member_id, "idem_operation": key.operation, "idem_key": key.key}


def recall(record: Row | None, key: IdempotencyKey | None) -> UUID | None:
    """The id that the first request with this key made; None when this is the first.

    Args:
        record: The row of a load with `lookup`.
        key: As given to the load.

    Raises:
        KeptAnswer: The first request was answered, and its answer is kept.
        IdempotencyKeyReused: The key came with another request before.
        ReplayedFailure: The first request failed, and this is how.
    """
    kept = _kept(record, key)
    if kept is None or key is None:
        return None
    if kept[3] is not None:
        raise KeptAnswer(_open(bytes.fromhex(kept[3]), key))
    return UUID(kept[1]) if kept[1] else None


async def find(transaction: "Transaction", key: IdempotencyKey | None) -> UUID | None:
    """`lookup` and `recall` in a trip of their own, for work that has nothing else to load."""
    if key is None:
        return None
    statement = _look_up(transaction.database.schema)
    return recall(await transaction.fetch_one(statement, **parameters(key)), key)


def remember(transaction: "Transaction", key: IdempotencyKey | None, resource_id: UUID, *, outcome: Any = None) -> None:
    """Queues the row that makes this key's effect happen once.

    Args:
        transaction: The effect's.
        key: Nothing is done without one.
        resource_id: What was made or changed.
        outcome: What the use case is about to return: the key's `form` makes the answer of it, which is kept sealed and
            sent again. Without it `recall` returns the id, for work whose answer is kept elsewhere, as a chat's is.
    """
    if key is not None:
        answer = None if outcome is None else _seal(outcome, key)
        _write(transaction, key, resource_id=resource_id, answer=answer, failure=None)


def amend(transaction: "Transaction", key: IdempotencyKey | None, outcome: Any) -> None:
    """Queues another answer for a key that is remembered: what was done in a second step belongs to the first answer.

    Args:
        transaction: That of the second step, which is not keyed itself.
        key: Nothing is done without one.
        outcome: As for `remember`.
    """
    if key is not None:
        transaction.write(
            _amend(transaction.database.schema),
            fingerprint=key.fingerprint,
            answer=_seal(outcome, key),
            **parameters(key),
        )


def remember_failure(transaction: "Transaction", key: IdempotencyKey, error: errors.TandemError) -> None:
    """Queues the row that makes repetitions fail alike; for `chassis.db`, after the effect was rolled back."""
    failure = {
        "code": error.code.value,
        "reason": error.reason,
        "message": error.message,
        "metadata": error.metadata,
    }
    _write(transaction, key, resource_id=None, answer=None, failure=failure)


def is_kept(error: errors.TandemError) -> bool:
    """True for failures of the business, which a repetition must meet again; validation and outages are not kept."""
    own = errors.IdempotencyKeyReused | errors.IdempotencyInProgress | ReplayedFailure
    return error.code in _KEPT and not isinstance(error, own)


def _write(transaction: "Transaction", key: IdempotencyKey, **columns: Any) -> None:
    transaction.write_first(
        _insert(transaction.database.schema),
        is_twin=True,
        otherwise=errors.IdempotencyInProgress("The first request with this idempotency key is still running."),
        fingerprint=key.fingerprint,
        **parameters(key),
        **columns,
    )
    transaction.is_remembered = True


def _kept(record: Row | None, key: IdempotencyKey | None) -> list[Any] | None:
    kept: list[Any] | None = record["idempotency"] if record is not None and key is not None else None
    if kept is None or key is None:
        return None
    if not hmac.compare_digest(bytes.fromhex(kept[0]), key.fingerprint):
        raise errors.IdempotencyKeyReused("This idempotency key was used for another request; take a new one.")
    request = find_current()
    if request is not None:
        request.replayed = True
        IDEMPOTENT_REPLAYS.labels(request.method).inc()
    if kept[2] is not None:
        raise _replay(kept[2])
    return kept


def _seal(outcome: Any, key: IdempotencyKey) -> bytes:
    if _Keys.answers is None or key.form is None:
        raise RuntimeError("an answer is kept with chassis.idempotency configured and by a key with its form")
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _Keys.answers.encrypt(nonce, key.form(outcome).SerializeToString(), key.place)


def _open(sealed: bytes, key: IdempotencyKey) -> bytes:
    if _Keys.answers is None:
        raise RuntimeError("chassis.idempotency.configure was not called at start")
    try:
        return _Keys.answers.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], key.place)
    except InvalidTag:
        raise errors.Internal("The kept answer cannot be read.") from None


def _replay(failure: Mapping[str, Any]) -> ReplayedFailure:
    error = ReplayedFailure(failure["message"], metadata=failure["metadata"])
    error.code = Code(failure["code"])
    error.reason = failure["reason"]
    return error


@lru_cache
def _look_up(schema: str) -> Statement:
    return text_statement(f"SELECT {_LOOKUP}", schema=schema)


@lru_cache
def _amend(schema: str) -> Statement:
    return text_statement(_AMEND, schema=schema)


@lru_cache
def _insert(schema: str) -> Statement:
    return text_statement(_INSERT, schema=schema)
