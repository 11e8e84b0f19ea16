"""Errors on the wire: `TandemError` to `google.rpc.Status` and back.

The status carries an `ErrorInfo` (reason, domain, metadata), a `BadRequest` for field violations and a `RetryInfo`
where waiting helps. This pair of functions is the one funnel through which failures enter and leave a process.
"""

from collections.abc import Iterator

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from chassis import errors
from chassis.errors import Code, FieldViolation, TandemError

DOMAIN = "tandem"

_CODES = {code.value: code for code in Code}
_KINDS: dict[Code, type[TandemError]] = {
    Code.INVALID_ARGUMENT: errors.InvalidArgument,
    Code.DEADLINE_EXCEEDED: errors.DeadlineExceeded,
    Code.NOT_FOUND: errors.NotFound,
    Code.ALREADY_EXISTS: errors.AlreadyExists,
    Code.PERMISSION_DENIED: errors.PermissionDenied,
    Code.RESOURCE_EXHAUSTED: errors.ResourceExhausted,
    Code.FAILED_PRECONDITION: errors.FailedPrecondition,
    Code.ABORTED: errors.Aborted,
    Code.UNIMPLEMENTED: errors.NotImplementedYet,
    Code.INTERNAL: errors.Internal,
    Code.UNAVAILABLE: errors.Unavailable,
    Code.UNAUTHENTICATED: errors.Unauthenticated,
}
# What people read when a failure comes without words of ours: the transport's own text may name sockets and hosts.
_TRANSPORT_MESSAGES = {
    Code.UNAVAILABLE: "The service does not answer; try again.",
    Code.DEADLINE_EXCEEDED: "The service took too long.",
    Code.UNIMPLEMENTED: "This is not available yet.",
    Code.RESOURCE_EXHAUSTED: "The message is too large.",
}
_UNFORESEEN = "Something went wrong on our side. The request id finds it in our logs."


def from_exception(failure: BaseException) -> TandemError:
    """The error to send for anything that escaped a handler; unforeseen things become a fixed text."""
    if isinstance(failure, TandemError):
        return failure
    if isinstance(failure, NotImplementedError):
        return errors.NotImplementedYet("This is not available yet.")
    if isinstance(failure, TimeoutError):
        return errors.DeadlineExceeded("The deadline passed before the answer was ready.")
    return errors.Internal(_UNFORESEEN)


def to_status(error: TandemError) -> status_pb2.Status:
    """The wire form of an error."""
    status = status_pb2.Status(code=error.code.value, message=error.message)
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    status.details.append(_packed(info))
    if isinstance(error, errors.InvalidArgument) and error.violations:
        bad = error_details_pb2.BadRequest()
        for violation in error.violations:
            bad.field_violations.add(field=violation.field, description=violation.message)
        status.details.append(_packed(bad))
    if error.retry_after is not None:
        delay = Duration()
        delay.FromTimedelta(error.retry_after)
        status.details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    return status


def from_status(status: status_pb2.Status) -> TandemError:
    """The error that a wire form says."""
    code = _CODES.get(status.code, Code.INTERNAL)
    info, violations, delay = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), None
    for detail in status.details:
        if detail.Is(info.DESCRIPTOR):
            detail.Unpack(info)
        elif detail.Is(violations.DESCRIPTOR):
            detail.Unpack(violations)
        elif detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            retry = error_details_pb2.RetryInfo()
            detail.Unpack(retry)
            delay = retry.retry_delay.ToTimedelta()
    if info.domain != DOMAIN:
        return _KINDS[code](_TRANSPORT_MESSAGES.get(code, _UNFORESEEN), **({"retry_after": delay} if delay else {}))
    error = _KINDS[code](status.message)
    error.reason = info.reason
    error.metadata = dict(info.metadata)
    error.retry_after = delay
    if isinstance(error, errors.InvalidArgument):
        error.violations = tuple(_violations(violations))
    return error


def from_rpc_error(failure: grpc.aio.AioRpcError) -> TandemError:
    """The error that a failed call says; failures of the transport itself become errors with fixed texts."""
    status = _details(failure)
    if status is not None:
        return from_status(status)
    number: int = failure.code().value[0]
    code = _CODES.get(number, Code.INTERNAL)
    return _KINDS[code](_TRANSPORT_MESSAGES.get(code, _UNFORESEEN))


def is_from_transport(failure: grpc.aio.AioRpcError) -> bool:
    """True when the failure comes from the channel and not from a service's handler."""
    return _details(failure) is None


def _details(failure: grpc.aio.AioRpcError) -> status_pb2.Status | None:
    for key, value in failure.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            return status_pb2.Status.FromString(value)
    return None


def _violations(bad: error_details_pb2.BadRequest) -> Iterator[FieldViolation]:
    for violation in bad.field_violations:
        yield FieldViolation(violation.field, violation.description)


def _packed(detail: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest | error_details_pb2.RetryInfo) -> Any:
    packed = Any()
    packed.Pack(detail)
    return packed
