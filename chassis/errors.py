"""The error tree: every failure that may leave a process, raised where the fact is known and mapped once at the edge.

A failure has a `code` (how the transport and a retrying client see it), a `reason` (the public word for it, an
`ERROR_REASON_…` of `tandem.error.v1`) and a message that says what happened and what to do. Messages and metadata
never carry a driver's text or what a person wrote. Services subclass the kinds below in their `errors.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Self


class Code(Enum):
    """The canonical status codes of gRPC that are used here, by number."""

    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    UNAUTHENTICATED = 16


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One rule that one field breaks.

    Attributes:
        field: Path of the field as clients write it, for example `schedule.times`.
        message: What the rule asks for; never repeats the value given.
    """

    field: str
    message: str


class TandemError(Exception):
    """A failure with a code, a public reason and a message for people."""

    code: Code = Code.INTERNAL
    reason: str = "INTERNAL"

    def __init__(
        self,
        message: str,
        *,
        metadata: Mapping[str, str] | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.metadata: dict[str, str] = dict(metadata or {})
        self.retry_after = retry_after


class InvalidArgument(TandemError):
    """The request breaks a rule whatever the state; the violations name the fields."""

    code = Code.INVALID_ARGUMENT
    reason = "VALIDATION_FAILED"

    def __init__(self, message: str, *, violations: tuple[FieldViolation, ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations

    @classmethod
    def of(cls, field: str, message: str) -> Self:
        """One field, one rule."""
        return cls(f"{field}: {message}", violations=(FieldViolation(field, message),))


class MalformedRequest(InvalidArgument):
    """The request cannot be parsed, or a token in it is not well formed."""

    reason = "MALFORMED_REQUEST"


class FailedPrecondition(TandemError):
    """The state forbids it; change the state first."""

    code = Code.FAILED_PRECONDITION
    reason = "CONFLICT"


class IdempotencyKeyReused(FailedPrecondition):
    """The same idempotency key came with another request."""

    reason = "IDEMPOTENCY_KEY_REUSED"


class EpochChanged(FailedPrecondition):
    """A cursor is of data that were replaced since; read again from the start."""

    reason = "EPOCH_CHANGED"


class Unauthenticated(TandemError):
    """The credential is not valid, or is no longer."""

    code = Code.UNAUTHENTICATED
    reason = "INVALID_TOKEN"


class AuthenticationRequired(Unauthenticated):
    """No credential was given."""

    reason = "AUTHENTICATION_REQUIRED"


class PermissionDenied(TandemError):
    """The caller may not do this."""

    code = Code.PERMISSION_DENIED
    reason = "FORBIDDEN"


class NotFound(TandemError):
    """Nothing there that the caller may know of."""

    code = Code.NOT_FOUND
    reason = "NOT_FOUND"


class AlreadyExists(TandemError):
    """It is there already."""

    code = Code.ALREADY_EXISTS
    reason = "CONFLICT"


class Aborted(TandemError):
    """A race was lost; read again and redo."""

    code = Code.ABORTED
    reason = "CONFLICT"


class EtagMismatch(Aborted):
    """The resource changed since it was read."""

    reason = "ETAG_MISMATCH"


class IdempotencyInProgress(Aborted):
    """The first request with this idempotency key is still running."""

    reason = "IDEMPOTENCY_IN_PROGRESS"


class ResourceExhausted(TandemError):
    """The caller's limit is used up for now."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "QUOTA_EXCEEDED"


class PayloadTooLarge(ResourceExhausted):
    """A message or its metadata is larger than its limit."""

    reason = "PAYLOAD_TOO_LARGE"


class Unavailable(TandemError):
    """A dependency does not answer; a retry with backoff may."""

    code = Code.UNAVAILABLE
    reason = "DEPENDENCY_UNAVAILABLE"


class ReducedCapacity(Unavailable):
    """The process sheds load."""

    reason = "TEMPORARY_REDUCED_CAPACITY"


class NotImplementedYet(TandemError):
    """Part of the contract, not built yet."""

    code = Code.UNIMPLEMENTED
    reason = "NOT_IMPLEMENTED"


class DeadlineExceeded(TandemError):
    """The deadline passed; whether the effect happened is not known."""

    code = Code.DEADLINE_EXCEEDED
    reason = "DEADLINE_EXCEEDED"


class Internal(TandemError):
    """A fault of ours. Raised at the edge in place of anything unforeseen."""
