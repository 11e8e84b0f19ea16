"""What mentor tells the others: a member came to be, changed, or got other roles. No name and no address travels."""

from datetime import datetime

from chassis import outbox
from chassis.db import Transaction
from services.mentor.domain.member import Member
from tandem.event.v1 import event_pb2


def tell_registered(transaction: Transaction, member: Member) -> None:
    """`mentor.member_registered`."""
    event = _event("mentor.member_registered", member)
    event.member_registered.calendar.CopyFrom(_calendar(member))
    outbox.append(transaction, event)


def tell_updated(transaction: Transaction, member: Member) -> None:
    """`mentor.member_updated`."""
    event = _event("mentor.member_updated", member)
    event.member_updated.calendar.CopyFrom(_calendar(member))
    outbox.append(transaction, event)


def tell_roles_changed(transaction: Transaction, member: Member, *, not_before: datetime) -> None:
    """`mentor.member_roles_changed`: tokens from before `not_before` carry roles that may be wrong."""
    event = _event("mentor.member_roles_changed", member)
    event.member_roles_changed.roles.extend(sorted(member.roles))
    event.member_roles_changed.not_before.FromDatetime(not_before)
    outbox.append(transaction, event)


def _event(event_type: str, member: Member) -> event_pb2.Event:
    member_id = str(member.member_id)
    return event_pb2.Event(
        event_type=event_type, member_id=member_id, aggregate_id=member_id, aggregate_version=member.version
    )


def _calendar(member: Member) -> event_pb2.MemberCalendar:
    profile = member.profile
    return event_pb2.MemberCalendar(
        timezone=profile.timezone, day_start_hour=profile.day_start_hour, week_start=profile.week_start
    )
