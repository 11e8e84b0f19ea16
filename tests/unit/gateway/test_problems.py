"""Problem documents: from a failure to an answer."""

from contextlib import ExitStack
from datetime import timedelta

import orjson
import pytest

from chassis import errors
from chassis.errors import FieldViolation, TandemError
from gateway import problems
from gateway.breakers import InFlight
from gateway.errors import TokenReused, TooBusy
from gateway.routes import answers
from tandem.error.v1.error_reason_pb2 import ErrorReason


@pytest.mark.parametrize(
    ("failure", "slug", "status"),
    [
        (errors.InvalidArgument.of("title", "is required"), "validation-failed", 422),
        (errors.MalformedRequest("The page token is not one of ours."), "malformed-request", 400),
        (errors.Unauthenticated("no"), "invalid-token", 401),
        (errors.AuthenticationRequired("no"), "authentication-required", 401),
        (TokenReused(), "token-reuse-detected", 401),
        (errors.PermissionDenied("no"), "forbidden", 403),
        (errors.NotFound("no"), "not-found", 404),
        (errors.AlreadyExists("there"), "conflict", 409),
        (errors.FailedPrecondition("state"), "conflict", 409),
        (errors.EtagMismatch("changed"), "precondition-failed", 412),
        (errors.IdempotencyKeyReused("reused"), "idempotency-key-reused", 422),
        (errors.IdempotencyInProgress("running"), "idempotency-in-progress", 409),
        (errors.ResourceExhausted("much"), "quota-exceeded", 429),
        (errors.PayloadTooLarge("large"), "payload-too-large", 413),
        (errors.Unavailable("down"), "dependency-unavailable", 503),
        (errors.ReducedCapacity("busy"), "temporary-reduced-capacity", 503),
        (errors.DeadlineExceeded("late"), "deadline-exceeded", 504),
        (errors.NotImplementedYet("later"), "not-implemented", 501),
        (errors.Internal("secret"), "internal", 500),
        (TimeoutError(), "deadline-exceeded", 504),
        (ValueError("postgresql://app:hunter2@host/db"), "internal", 500),
    ],
)
def test_every_failure_has_its_problem(failure: Exception, slug: str, status: int):
    problem = problems.of(failure)

    assert (problem.slug, problem.status) == (slug, status)


@pytest.mark.parametrize("name", [name for name in ErrorReason.keys() if name != "ERROR_REASON_UNSPECIFIED"])  # noqa: SIM118
def test_every_public_reason_has_a_slug_of_its_own(name: str):
    reason = name.removeprefix("ERROR_REASON_")

    slug = problems.slug_of(reason, errors.Code.INTERNAL)

    assert slug != "internal" or reason == "INTERNAL"


def test_a_place_in_a_list_is_named_alike_whoever_judges_it():
    problem = problems.of(errors.InvalidArgument.of("activities[1].context.tags[0]", "is too long"))

    assert [each.field for each in problem.errors] == ["activities.1.context.tags.0"]
    assert problem.detail == "activities.1.context.tags.0: is too long"


def test_an_unknown_reason_is_shown_by_its_code_and_named():
    class MentorshipExists(errors.AlreadyExists):
        reason = "MENTORSHIP_EXISTS"

    problem = problems.of(MentorshipExists("There is one."))

    assert problem.slug == "conflict"
    assert orjson.loads(problem.body("r" * 16))["reason"] == "MENTORSHIP_EXISTS"


@pytest.mark.parametrize("failure", [ValueError("hunter2"), errors.Internal("hunter2")])
def test_the_text_of_the_unforeseen_never_leaves(failure: Exception):
    assert b"hunter2" not in problems.of(failure).body("r" * 16)


def test_what_is_missing_and_what_is_hidden_are_told_apart_by_nobody():
    missing = problems.of(errors.NotFound("There is no such goal."))
    hidden = problems.of(errors.NotFound("The member is not yours."))

    assert missing.body("r" * 16) == hidden.body("r" * 16)


def test_a_document_has_the_members_of_the_contract():
    problem = problems.of(
        errors.InvalidArgument("two", violations=(FieldViolation("a", "is required"), FieldViolation("b", "is late")))
    )

    document = orjson.loads(problem.body("0123456789abcdef"))

    assert document == {
        "type": "/problems/validation-failed",
        "title": "A field breaks a rule",
        "status": 422,
        "detail": "two",
        "instance": "urn:tandem:request:0123456789abcdef",
        "request_id": "0123456789abcdef",
        "errors": [{"field": "a", "message": "is required"}, {"field": "b", "message": "is late"}],
    }


def test_waiting_is_rounded_up_to_seconds():
    problem = problems.of(errors.Unavailable("down", retry_after=timedelta(seconds=12.1)))

    assert (b"retry-after", b"13") in problem.header_fields()


@pytest.mark.parametrize("failure", [errors.IdempotencyInProgress("running"), errors.ReducedCapacity("busy")])
def test_who_may_come_back_is_told_when(failure: TandemError):
    assert (b"retry-after", b"1") in problems.of(failure).header_fields()


def test_a_401_challenges():
    assert (b"www-authenticate", b"Bearer") in problems.of(errors.AuthenticationRequired("x")).header_fields()
    assert (b"www-authenticate", b'Bearer error="invalid_token"') in problems.of(
        errors.Unauthenticated("x")
    ).header_fields()


def test_a_refused_cry_for_help_is_told_where_to_turn():
    problem = problems.of(TooBusy())

    shown = orjson.loads(problem.body("r" * 16, shows_help=True))

    assert shown["resources"][0]["contact"] == "findahelpline.com"
    assert len(answers.Problem.model_validate(shown).resources) == 2
    assert "resources" not in orjson.loads(problem.body("r" * 16))


def test_more_messages_reach_the_coach_than_it_writes_replies():
    in_flight = InFlight()

    with ExitStack() as held:
        for _ in range(4):
            held.enter_context(in_flight.generation("ann"))
        with pytest.raises(TooBusy), in_flight.generation("ann"):
            pass
        with in_flight.generation("ben"):
            pass

    with in_flight.generation("ann"):
        pass


def test_plans_wait_behind_what_is_being_written_and_never_before_a_message():
    in_flight = InFlight()

    with in_flight.plan("ann"), in_flight.generation("ann"):
        with pytest.raises(TooBusy), in_flight.plan("ann"):
            pass
        with in_flight.generation("ann"), in_flight.generation("ann"), in_flight.generation("ann"):
            pass
        with in_flight.plan("ben"):
            pass

    with in_flight.plan("ann"), in_flight.plan("ann"):
        pass
