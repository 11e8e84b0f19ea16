"""What the coach tells the others: that the safety screen found something. Tier and rule ids travel, never a word."""

from uuid import UUID

from services.coach.domain.safety import Assessment
from tandem.event.v1 import event_pb2

SAFETY_FLAGGED = "coach.safety_flagged"


def safety_flagged(member_id: UUID, message_id: UUID, assessment: Assessment) -> event_pb2.Event:
    """A message of `member_id` raised a tier."""
    return event_pb2.Event(
        event_type=SAFETY_FLAGGED,
        member_id=str(member_id),
        aggregate_id=str(message_id),
        safety_flagged=event_pb2.SafetyFlagged(tier=str(assessment.tier), rule_ids=assessment.rule_ids),
    )
