"""Problem documents (RFC 9457): the closed list of what can go wrong, and the one way from a failure to an answer.

A problem never repeats what the client sent, and never carries a driver's text: what is not foreseen is `internal`
with a fixed sentence and the request id that finds it in the log.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import orjson

from chassis.errors import Code, FieldViolation, InvalidArgument, TandemError

MEDIA_TYPE: Final = b"application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One entry of the closed list: its HTTP status and its title."""

    status: int
    title: str


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "authentication-required": Kind(401, "Sign in first"),
        "invalid-token": Kind(401, "The token is not valid"),
        "token-reuse-detected": Kind(401, "The refresh token was used before"),
        "webhook-signature-invalid": Kind(401, "The signature is not valid"),
        "forbidden": Kind(403, "Not allowed"),
        "adults-only": Kind(403, "For adults only"),
        "not-found": Kind(404, "Not found"),
        "method-not-allowed": Kind(405, "Method not allowed"),
        "conflict": Kind(409, "Conflict"),
        "idempotency-in-progress": Kind(409, "The first request is still running"),
        "pattern-immutable": Kind(409, "A goal keeps its pattern"),
        "invalid-transition": Kind(409, "The status does not allow this"),
        "goal-quota-exceeded": Kind(409, "Too many active goals"),
        "precondition-failed": Kind(412, "Changed in the meantime"),
        "payload-too-large": Kind(413, "Too large"),
        "uri-too-long": Kind(414, "The address is too long"),
        "unsupported-media-type": Kind(415, "Unsupported media type"),
        "malformed-request": Kind(400, "The request cannot be read"),
        "idempotency-key-reused": Kind(422, "The idempotency key belongs to another request"),
        "validation-failed": Kind(422, "A field breaks a rule"),
        "quota-exceeded": Kind(429, "Too many requests"),
        "headers-too-large": Kind(431, "The headers are too large"),
        "internal": Kind(500, "A fault of ours"),
        "not-implemented": Kind(501, "Not built yet"),
        "upstream-invalid-response": Kind(502, "An answer could not be understood"),
        "dependency-unavailable": Kind(503, "A part of the system does not answer"),
        "temporary-reduced-capacity": Kind(503, "Too busy"),
        "deadline-exceeded": Kind(504, "It took too long"),
    }
)

# Reasons whose public word differs from their own in kebab case.
_SLUG_OF_REASON: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ETAG_MISMATCH": "precondition-failed",
        "MILESTONE_DONE": "conflict",
        "SUGGESTION_OUTDATED": "conflict",
        "EPOCH_CHANGED": "conflict",
    }
)

# What a reason that the list does not know is shown as.
_SLUG_OF_CODE: Final[Mapping[Code, str]] = MappingProxyType(
    {
        Code.INVALID_ARGUMENT: "validation-failed",
        Code.FAILED_PRECONDITION: "conflict",
        Code.ALREADY_EXISTS: "conflict",
        Code.ABORTED: "conflict",
        Code.NOT_FOUND: "not-found",
        Code.PERMISSION_DENIED: "forbidden",
        Code.UNAUTHENTICATED: "invalid-token",
        Code.RESOURCE_EXHAUSTED: "quota-exceeded",
        Code.UNIMPLEMENTED: "not-implemented",
        Code.UNAVAILABLE: "dependency-unavailable",
        Code.DEADLINE_EXCEEDED: "deadline-exceeded",
        Code.INTERNAL: "internal",
    }
)

# A client that is told to come back is told when; a second is the shortest honest answer.
_RETRY_AFTER_S: Final[Mapping[str, int]] = MappingProxyType(
    {"idempotency-in-progress": 1, "dependency-unavailable": 1, "temporary-reduced-capacity": 1, "quota-exceeded": 1}
)

# Where anybody can turn at any time. Static: what refuses a request must not have to read what it says.
HELP: Final = (
    {"name": "Find A Helpline", "contact": "findahelpline.com", "country": None},
    {"name": "Emergency services", "contact": "112, 911, 999 or your local emergency number", "country": None},
)

_PLACE: Final = re.compile(r"\[(\d+)\]")
_INTERNAL_DETAIL: Final = "Something went wrong on our side. Quote the request id when you report it."


class Problem(Exception):
    """A failure that is ready to be shown.

    Attributes:
        slug: One of `KINDS`.
        detail: A sentence for people; never what they sent.
        errors: The fields that break a rule, where there are any.
        reason: The service's own word, where it has one.
        metadata: Figures of the failure, for programs.
        retry_after_s: Seconds after which a retry makes sense; 0 for none.
        headers: More header fields of the answer.
    """

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        errors: Sequence[FieldViolation] = (),
        reason: str | None = None,
        metadata: Mapping[str, str] | None = None,
        retry_after_s: int = 0,
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        super().__init__(detail)
        self.slug = slug
        self.kind = KINDS[slug]
        self.detail = detail
        self.errors = tuple(errors)
        self.reason = reason
        self.metadata = dict(metadata or {})
        self.retry_after_s = retry_after_s or _RETRY_AFTER_S.get(slug, 0)
        self.headers = tuple(headers)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.kind.status

    def body(self, request_id: str, *, shows_help: bool = False) -> bytes:
        """The document, as bytes; with `HELP` where a person may have asked for it."""
        document: dict[str, object] = {
            "type": f"/problems/{self.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": f"urn:tandem:request:{request_id}",
            "request_id": request_id,
        }
        if self.status == 422:
            document["errors"] = [{"field": each.field, "message": each.message} for each in self.errors]
        if self.reason:
            document["reason"] = self.reason
        if self.metadata:
            document["metadata"] = self.metadata
        if shows_help:
            document["resources"] = HELP
        return orjson.dumps(document)

    def header_fields(self) -> list[tuple[bytes, bytes]]:
        """Header fields that belong to this problem, beside its media type."""
        fields = list(self.headers)
        if self.retry_after_s:
            fields.append((b"retry-after", str(self.retry_after_s).encode()))
        if self.status == 401:
            fields.append((b"www-authenticate", _challenge(self.slug)))
        return fields


def of(failure: BaseException) -> Problem:
    """The problem that a failure is shown as. Anything unforeseen is `internal`."""
    if isinstance(failure, Problem):
        return failure
    if isinstance(failure, TandemError):
        return _of_error(failure)
    if isinstance(failure, TimeoutError):
        return Problem("deadline-exceeded", "The request took too long and was given up.")
    return Problem("internal", _INTERNAL_DETAIL)


def slug_of(reason: str, code: Code) -> str:
    """The public word of a reason, falling back to that of its code."""
    slug = _SLUG_OF_REASON.get(reason, reason.lower().replace("_", "-"))
    return slug if slug in KINDS else _SLUG_OF_CODE[code]


def invalid(field: str, message: str) -> Problem:
    """One field that breaks one rule."""
    return Problem("validation-failed", f"{field}: {message}", errors=(FieldViolation(field, message),))


def malformed(detail: str) -> Problem:
    """A request that cannot be read."""
    return Problem("malformed-request", detail)


def not_found() -> Problem:
    """The one answer for what is not there and for what the caller may not know of."""
    return Problem("not-found", "There is nothing here that you may see.")


def _of_error(error: TandemError) -> Problem:
    slug = slug_of(error.reason, error.code)
    if slug == "not-found":
        return not_found()
    if slug == "internal":
        return Problem("internal", _INTERNAL_DETAIL)
    violations = error.violations if isinstance(error, InvalidArgument) else ()
    return Problem(
        slug,
        _dotted(error.message) if violations else error.message,
        errors=[FieldViolation(_dotted(each.field), each.message) for each in violations],
        reason=error.reason if error.reason.lower().replace("_", "-") != slug else None,
        metadata=error.metadata,
        retry_after_s=math.ceil(error.retry_after.total_seconds()) if error.retry_after else 0,
    )


def _dotted(path: str) -> str:
    """Names places in lists by dots, as binding does: services say `activities[1].value`."""
    return _PLACE.sub(r".\1", path)


def _challenge(slug: str) -> bytes:
    # RFC 6750, section 3: no error code where no credential was given.
    return b"Bearer" if slug == "authentication-required" else b'Bearer error="invalid_token"'
