"""Errors keep everything on their way over the wire, and nothing unforeseen slips out."""

from datetime import timedelta

import pytest
from google.rpc import status_pb2

from chassis import errors
from chassis.errors import Code, FieldViolation, Internal, InvalidArgument, TandemError, Unavailable
from chassis.rpc.status import from_exception, from_status, to_status


def _kinds() -> list[type[TandemError]]:
    found = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, TandemError)]
    return [kind for kind in found if kind is not TandemError]


@pytest.mark.parametrize("kind", _kinds(), ids=lambda kind: kind.__name__)
def test_every_kind_survives_the_wire(kind: type[TandemError]):
    sent = kind("What happened.")
    sent.metadata = {"dependency": "goals"}
    sent.retry_after = timedelta(seconds=3)

    received = from_status(to_status(sent))

    assert received.code is sent.code
    assert received.reason == sent.reason
    assert received.message == "What happened."
    assert received.metadata == {"dependency": "goals"}
    assert received.retry_after == timedelta(seconds=3)


def test_field_violations_survive_the_wire():
    violations = (FieldViolation("schedule.times", "must be 1 to 100"), FieldViolation("title", "must not be empty"))

    received = from_status(to_status(InvalidArgument("Two fields.", violations=violations)))

    assert isinstance(received, InvalidArgument)
    assert received.violations == violations


def test_the_text_of_somebody_elses_status_is_not_shown():
    received = from_status(status_pb2.Status(code=Code.UNAVAILABLE.value, message="unix:/run/canary-7f3 refused"))

    assert isinstance(received, Unavailable)
    assert "canary-7f3" not in received.message


def test_an_unknown_code_is_internal():
    assert isinstance(from_status(status_pb2.Status(code=2, message="x")), Internal)


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (RuntimeError("canary-7f3"), "INTERNAL"),
        (KeyError("canary-7f3"), "INTERNAL"),
        (NotImplementedError("canary-7f3"), "NOT_IMPLEMENTED"),
        (TimeoutError("canary-7f3"), "DEADLINE_EXCEEDED"),
    ],
    ids=str,
)
def test_what_is_unforeseen_becomes_a_fixed_text(failure: Exception, reason: str):
    error = from_exception(failure)

    assert error.reason == reason
    assert "canary-7f3" not in error.message
