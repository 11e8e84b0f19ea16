"""Members: how one comes to be, changes, and which roles one has. Every function decides; nothing here is stored."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis import etags
from chassis.errors import InvalidArgument
from chassis.identity.principal import Principal
from services.mentor import errors
from services.mentor.domain import profile as profiles
from services.mentor.domain.profile import Profile


class Role(StrEnum):
    """What a member may be besides a member."""

    MEMBER = "member"
    MENTOR = "mentor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Member:
    """A person.

    Attributes:
        member_id: Chosen by the gateway with the account.
        profile: What the person says about themselves.
        roles: Always with `Role.MEMBER`.
        created_at: When the member came to be.
        updated_at: When the profile last changed.
        version: Grows by one with every change of profile or roles; it is the etag and the events' order.
    """

    member_id: UUID
    profile: Profile
    roles: frozenset[Role]
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def etag(self) -> str:
        """What a client sends back to change exactly this state."""
        return str(self.version)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list of members, newest first: the last member that was shown."""

    created_at: datetime
    member_id: UUID


def may_know(principal: Principal, member_id: UUID) -> bool:
    """True for the member and for admins."""
    return principal.is_admin or principal.member_id == member_id


def register(principal: Principal, profile: Profile, *, now: datetime) -> Member:
    """The member that a first sign-in makes; roles beyond `member` are those that the passport carries.

    Raises:
        NotYourself: Nobody in person signs in.
        InvalidArgument: The profile breaks rules.
    """
    if principal.member_id is None:
        raise errors.NotYourself
    return Member(
        member_id=principal.member_id,
        profile=profiles.checked(profile, this_year=now.year),
        roles=with_member(Role(role) for role in principal.roles),
        created_at=now,
        updated_at=now,
        version=1,
    )


def revise(member: Member, profile: Profile, *, fields: Collection[str], etag: str, now: datetime) -> Member:
    """The member with `fields` taken from `profile`; the same member when nothing differs.

    Args:
        member: As stored.
        profile: The new values; fields outside `fields` are ignored.
        fields: What to change.
        etag: What the client last read, as `chassis.etags` reads it.
        now: When.

    Raises:
        InvalidArgument: A name in `fields` is no field of a profile, or a value breaks its rule.
        MemberChangedMeanwhile: The etag is stale.
    """
    unknown = sorted(set(fields) - profiles.FIELDS)
    if unknown:
        raise InvalidArgument.of("update_mask", f"may name {', '.join(sorted(profiles.FIELDS))} only")
    wanted = replace(member.profile, **{field: getattr(profile, field) for field in fields})
    wanted = profiles.checked(wanted, this_year=now.year, fields=fields)
    _check_etag(member, etag)
    if wanted == member.profile:
        return member
    return replace(member, profile=wanted, updated_at=now, version=member.version + 1)


def assign_roles(member: Member, roles: Collection[Role], *, admins: Collection[UUID], etag: str = "") -> Member:
    """The member with these roles; the same member when they are the present ones.

    Args:
        member: As stored.
        roles: All roles after the change; `Role.MEMBER` is kept whether named or not.
        admins: All who are admins now.
        etag: What the client last read, as `chassis.etags` reads it.

    Raises:
        MemberChangedMeanwhile: The etag is stale.
        LastAdmin: Nobody would be an admin any more.
    """
    _check_etag(member, etag)
    wanted = with_member(roles)
    if wanted == member.roles:
        return member
    if Role.ADMIN in member.roles - wanted and not set(admins) - {member.member_id}:
        raise errors.LastAdmin
    return replace(member, roles=wanted, version=member.version + 1)


def with_member(roles: Iterable[Role]) -> frozenset[Role]:
    """The roles, and `Role.MEMBER` whatever they are."""
    return frozenset(roles) | {Role.MEMBER}


def _check_etag(member: Member, etag: str) -> None:
    if not etags.allows(etag, member.etag):
        raise errors.MemberChangedMeanwhile
