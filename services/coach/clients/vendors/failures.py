"""What went wrong at a vendor, in our own few words, whichever SDK said it how."""

import math
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final


class FailureKind(StrEnum):
    """Why there is no answer.

    Attributes:
        CONFIG: A key, a model's name or a bill, which somebody has to look at; never shown to a member.
        BUG: The vendor does not take what we sent.
        REFUSED: The model or its filter will not answer this; the vendor itself is well.
        UNFIT: The answer has its form and does not keep to its task.
    """

    RATE_LIMIT = "rate_limit"
    OVERLOADED = "overloaded"
    CONFIG = "config"
    BUG = "bug"
    TRANSIENT = "transient"
    TIMEOUT = "timeout"
    BAD_PAYLOAD = "bad_payload"
    INTERRUPTED = "interrupted"
    REFUSED = "refused"
    UNFIT = "unfit"
    UNKNOWN = "unknown"


class VendorFailed(Exception):
    """What an SDK takes for an answer and is none. Says which kind, never a word of it.

    Attributes:
        request_id: The vendor's own, or empty.
    """

    def __init__(self, kind: FailureKind, *, request_id: str = "") -> None:
        super().__init__(str(kind))
        self.kind = kind
        self.request_id = request_id


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure that was looked at.

    Attributes:
        retry_after_s: As the vendor said; None where it did not.
        request_id: The vendor's own, for asking there; or empty.
    """

    kind: FailureKind
    retry_after_s: float | None = None
    request_id: str = ""


_BY_STATUS: Final[Mapping[int, FailureKind]] = {
    401: FailureKind.CONFIG,
    402: FailureKind.CONFIG,
    403: FailureKind.CONFIG,
    404: FailureKind.CONFIG,
    408: FailureKind.TIMEOUT,
    429: FailureKind.RATE_LIMIT,
    503: FailureKind.OVERLOADED,
    504: FailureKind.TIMEOUT,
    529: FailureKind.OVERLOADED,
}
# An error inside a stream comes with the status 200, so the type decides before the status.
_BY_TYPE: Final[Mapping[str, FailureKind]] = {
    "authentication_error": FailureKind.CONFIG,
    "billing_error": FailureKind.CONFIG,
    "not_found_error": FailureKind.CONFIG,
    "overloaded_error": FailureKind.OVERLOADED,
    "permission_error": FailureKind.CONFIG,
    "rate_limit_error": FailureKind.RATE_LIMIT,
    "timeout_error": FailureKind.TIMEOUT,
}
# What a break means depends on whether the answer had begun.
_BREAKS: Final = frozenset({FailureKind.TRANSIENT, FailureKind.TIMEOUT, FailureKind.BAD_PAYLOAD})
_DURATION = re.compile(r"(\d+(?:\.\d+)?)s$")


def classify(problem: BaseException, *, begun: bool = False) -> Failure:
    """What a failure is.

    Args:
        problem: Whatever was raised; a cancellation is nobody's failure and not to be asked about.
        begun: A part of the answer was there already.
    """
    failure = _classified(problem)
    if begun and failure.kind in _BREAKS:
        return Failure(FailureKind.INTERRUPTED, failure.retry_after_s, failure.request_id)
    return failure


def kind_of_error(error_type: object) -> FailureKind:
    """Of an error inside a stream, by what Anthropic calls it."""
    return _BY_TYPE.get(str(error_type), FailureKind.TRANSIENT)


def _classified(problem: BaseException) -> Failure:
    if isinstance(problem, VendorFailed):
        return Failure(problem.kind, request_id=problem.request_id)
    if isinstance(problem, TimeoutError):
        return Failure(FailureKind.TIMEOUT)
    for judge in (_of_anthropic, _of_gemini, _of_transport):
        found = judge(problem)
        if found is not None:
            return found
    # Broken JSON, broken UTF-8, and a form that does not hold are all ValueErrors.
    if isinstance(problem, ValueError):
        return Failure(FailureKind.BAD_PAYLOAD)
    return Failure(FailureKind.TRANSIENT if isinstance(problem, OSError) else FailureKind.UNKNOWN)


def _of_anthropic(problem: BaseException) -> Failure | None:
    if "anthropic" not in sys.modules:
        return None
    import anthropic

    if isinstance(problem, anthropic.APIStatusError):
        kind = _BY_TYPE.get(str(problem.type)) or _by_status(problem.status_code)
        return Failure(kind, _retry_after(problem.response.headers), problem.request_id or "")
    if isinstance(problem, anthropic.APIResponseValidationError):
        return Failure(FailureKind.BAD_PAYLOAD)
    if isinstance(problem, anthropic.APIConnectionError):
        is_late = isinstance(problem, anthropic.APITimeoutError)
        return Failure(FailureKind.TIMEOUT if is_late else FailureKind.TRANSIENT)
    return None


def _of_gemini(problem: BaseException) -> Failure | None:
    if "google.genai" not in sys.modules:
        return None
    from google.genai import errors

    if isinstance(problem, errors.UnknownApiResponseError):
        return Failure(FailureKind.BAD_PAYLOAD)
    if not isinstance(problem, errors.APIError):
        return None
    details = list(_details(problem.details))
    # A wrong key is said with the status of a wrong request.
    if any(str(detail.get("reason", "")).startswith("API_KEY") for detail in details):
        return Failure(FailureKind.CONFIG)
    delays = [_DURATION.match(str(detail.get("retryDelay", ""))) for detail in details]
    delay = next((float(found[1]) for found in delays if found), None)
    return Failure(_by_status(problem.code), delay)


def _details(body: Any) -> Iterator[Mapping[str, Any]]:
    error = body.get("error", body) if isinstance(body, Mapping) else {}
    details = error.get("details") if isinstance(error, Mapping) else None
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, Mapping):
            yield detail


def _of_transport(problem: BaseException) -> Failure | None:
    if "httpx2" not in sys.modules:
        return None
    import httpx2

    if isinstance(problem, httpx2.TimeoutException):
        return Failure(FailureKind.TIMEOUT)
    return Failure(FailureKind.TRANSIENT) if isinstance(problem, httpx2.HTTPError | httpx2.StreamError) else None


def _by_status(status: Any) -> FailureKind:
    """Of an HTTP status; what is none is nothing we know."""
    if not isinstance(status, int):
        return FailureKind.UNKNOWN
    if 400 <= status < 500:
        return _BY_STATUS.get(status, FailureKind.BUG)
    return _BY_STATUS.get(status, FailureKind.TRANSIENT)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, as `retry-after-ms` or `retry-after` say; a date counts from the answer's own."""
    for name, divisor in (("retry-after-ms", 1_000), ("retry-after", 1)):
        try:
            seconds = float(headers[name]) / divisor
        except (KeyError, ValueError):
            continue
        return seconds if math.isfinite(seconds) else None
    try:
        until, now = parsedate_to_datetime(headers["retry-after"]), parsedate_to_datetime(headers["date"])
        return max(0.0, (until - now).total_seconds())
    except (KeyError, ValueError, TypeError):
        return None
