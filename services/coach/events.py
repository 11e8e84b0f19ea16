"""What the coach tells the others: that the screen found something, that a review is ready. Never a word of it."""

from datetime import date
from uuid import UUID

from google.type.date_pb2 import Date

from services.coach.domain.intents import Boundary
from services.coach.domain.safety import Assessment
from services.coach.domain.tiers import Tier
from tandem.event.v1 import event_pb2

SAFETY_FLAGGED = "coach.safety_flagged"
REVIEW_READY = "coach.review_ready"
MINOR_SIGNAL = "minor_signal"


def boundary_met(member_id: UUID, message_id: UUID, boundary: Boundary) -> event_pb2.Event:
    """A message asked for what harms somebody, or was about dating and came from somebody under age."""
    rule_id = MINOR_SIGNAL if boundary is Boundary.MINOR else f"boundary.{boundary}"
    return event_pb2.Event(
        event_type=SAFETY_FLAGGED,
        member_id=str(member_id),
        aggregate_id=str(message_id),
        safety_flagged=event_pb2.SafetyFlagged(tier=str(Tier.NONE), rule_ids=[rule_id]),
    )


def safety_flagged(member_id: UUID, message_id: UUID, assessment: Assessment) -> event_pb2.Event:
    """A message of `member_id` raised a tier."""
    return event_pb2.Event(
        event_type=SAFETY_FLAGGED,
        member_id=str(member_id),
        aggregate_id=str(message_id),
        safety_flagged=event_pb2.SafetyFlagged(tier=str(assessment.tier), rule_ids=assessment.rule_ids),
    )


def review_ready(member_id: UUID, review_id: UUID, *, kind: str, first: date) -> event_pb2.Event:
    """A review or a report was written for `member_id`."""
    ready = event_pb2.ReviewReady(review_id=str(review_id), kind=kind)
    ready.start_date.CopyFrom(Date(year=first.year, month=first.month, day=first.day))
    return event_pb2.Event(
        event_type=REVIEW_READY, member_id=str(member_id), aggregate_id=str(review_id), review_ready=ready
    )
