"""The gRPC face of mentor: proto to domain, use case, domain to proto."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from chassis import idempotency
from chassis.errors import InvalidArgument
from chassis.identity.principal import ADMIN
from chassis.pages import PageTokens, page_size
from chassis.request import current
from chassis.rpc.policy import LIST, READ, WRITE, Allow
from chassis.rpc.server import Servicing
from services.mentor.domain.consents import Consents
from services.mentor.domain.member import Member, Position, Role
from services.mentor.domain.profile import DEFAULT_LOCALE, DEFAULT_TIMEZONE, MONDAY, Profile
from services.mentor.errors import GroupsNotBuilt
from services.mentor.usecases import MemberUseCases
from tandem.mentor.v1 import mentor_pb2 as pb
from tandem.mentor.v1 import mentor_pb2_grpc

POLICIES: Final = {
    "EnsureMember": Allow.members("gateway", deadline=WRITE),
    # goals asks for a member's calendar, coach for how to address one; both with the member's own passport.
    "GetMember": Allow.members("gateway", "goals", "coach", deadline=READ),
    "ListMembers": Allow.members("gateway", roles=(ADMIN,), deadline=LIST),
    "UpdateMember": Allow.members("gateway", deadline=WRITE),
    "SetMemberRoles": Allow.members("gateway", roles=(ADMIN,), deadline=WRITE),
    "GetConsents": Allow.members("gateway", "coach", deadline=READ),
    "UpdateConsents": Allow.members("gateway", deadline=WRITE),
    # For what the coach writes unasked, so for nobody; the request says about whom.
    "GetCoachingProfile": Allow.services("coach", deadline=READ),
    "GetGroupContext": Allow.members("coach", deadline=READ),
}
_ALL_MEMBERS = "mentor.members"
_ROLES = {
    Role.MEMBER: pb.ROLE_MEMBER,
    Role.MENTOR: pb.ROLE_MENTOR,
    Role.ADMIN: pb.ROLE_ADMIN,
}
_ROLES_IN = {number: role for role, number in _ROLES.items()}
_UUID_LENGTH = 36
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MentorServicer(mentor_pb2_grpc.MentorServiceServicer):
    """Serves `tandem.mentor.v1.MentorService`, whose names its methods have."""

    def __init__(self, members: MemberUseCases, page_tokens: PageTokens) -> None:
        self._members = members
        self._page_tokens = page_tokens

    async def EnsureMember(self, request: pb.EnsureMemberRequest, context: Any) -> pb.Member:  # noqa: N802
        """The caller as a member, made now if need be."""
        principal, profile = current().principal, _new_profile(request.member)
        member_id = _member_id(request.member.member_id, "member.member_id")
        if request.validate_only:
            return _member(self._members.judge_member(principal, member_id, profile=profile))
        key = idempotency.key_for(request)
        return _member(await self._members.ensure_member(principal, member_id, profile=profile, key=key))

    async def GetMember(self, request: pb.GetMemberRequest, context: Any) -> pb.Member:  # noqa: N802
        """One member."""
        return _member(await self._members.get_member(current().principal, _member_id(request.member_id)))

    async def ListMembers(self, request: pb.ListMembersRequest, context: Any) -> pb.ListMembersResponse:  # noqa: N802
        """A page of members, newest first."""
        limit = page_size(request.page_size)
        # One more than asked tells whether there is another page.
        found = await self._members.list_members(
            current().principal, after=self._position(request.page_token), limit=limit + 1
        )
        shown = found[:limit]
        more = len(found) > limit
        return pb.ListMembersResponse(
            members=[_member(member) for member in shown],
            next_page_token=self._token(shown[-1]) if more else "",
        )

    async def UpdateMember(self, request: pb.UpdateMemberRequest, context: Any) -> pb.Member:  # noqa: N802
        """Changes profile fields."""
        member = await self._members.update_member(
            current().principal,
            _member_id(request.member.member_id, "member.member_id"),
            profile=_profile(request.member),
            fields=frozenset(request.update_mask.paths),
            etag=request.member.etag,
            key=idempotency.key_for(request, _member),
        )
        return _member(member)

    async def SetMemberRoles(self, request: pb.SetMemberRolesRequest, context: Any) -> pb.Member:  # noqa: N802
        """Replaces a member's roles."""
        member = await self._members.set_roles(
            current().principal,
            _member_id(request.member_id),
            roles=_roles(request),
            etag=request.etag,
            key=idempotency.key_for(request, _member),
        )
        return _member(member)

    async def GetConsents(self, request: pb.GetConsentsRequest, context: Any) -> pb.Consents:  # noqa: N802
        """What the caller allows."""
        return _consents(await self._members.get_consents(current().principal))

    async def UpdateConsents(self, request: pb.UpdateConsentsRequest, context: Any) -> pb.Consents:  # noqa: N802
        """Changes what the caller allows."""
        consents = await self._members.update_consents(
            current().principal,
            wanted=_wanted_consents(request.consents),
            fields=frozenset(request.update_mask.paths),
            key=idempotency.key_for(request, _consents),
        )
        return _consents(consents)

    async def GetCoachingProfile(  # noqa: N802 - the contract's name
        self, request: pb.GetCoachingProfileRequest, context: Any
    ) -> pb.CoachingProfile:
        """A member as the coach knows them."""
        member, consents = await self._members.coaching_profile(current().principal, _member_id(request.member_id))
        return pb.CoachingProfile(member=_member(member), consents=_consents(consents))

    async def GetGroupContext(self, request: pb.GetGroupContextRequest, context: Any) -> pb.GroupContext:  # noqa: N802
        """Nothing yet: there are no groups."""
        raise GroupsNotBuilt

    def _position(self, token: str) -> Position | None:
        if not token:
            return None
        created_at, member_id = self._page_tokens.open(_ALL_MEMBERS, token)
        return Position(datetime.fromisoformat(created_at), UUID(member_id))

    def _token(self, last: Member) -> str:
        return self._page_tokens.seal(_ALL_MEMBERS, last.created_at.isoformat(), str(last.member_id))


def servicing(members: MemberUseCases, page_tokens: PageTokens) -> Servicing:
    """What the process serves."""
    return Servicing(
        add=mentor_pb2_grpc.add_MentorServiceServicer_to_server,
        servicer=MentorServicer(members, page_tokens),
        descriptor=pb.DESCRIPTOR.services_by_name["MentorService"],
        policies=POLICIES,
    )


def _member_id(text: str, field: str = "member_id") -> UUID:
    try:
        if len(text) != _UUID_LENGTH:
            raise ValueError
        return UUID(text)
    except ValueError:
        raise InvalidArgument.of(field, "must be a UUID") from None


def _profile(member: pb.Member) -> Profile:
    return Profile(
        name=member.name,
        timezone=member.timezone,
        locale=member.locale,
        country=member.country,
        birth_year=member.birth_year,
        day_start_hour=member.day_start_hour,
        week_start=member.week_start,
    )


def _new_profile(member: pb.Member) -> Profile:
    """Proto3 cannot tell an empty field from none; a new member's empty ones take their defaults."""
    return Profile(
        name=member.name,
        timezone=member.timezone or DEFAULT_TIMEZONE,
        locale=member.locale or DEFAULT_LOCALE,
        country=member.country,
        birth_year=member.birth_year,
        day_start_hour=member.day_start_hour,
        week_start=member.week_start or MONDAY,
    )


def _roles(request: pb.SetMemberRolesRequest) -> frozenset[Role]:
    unknown = [number for number in request.roles if number not in _ROLES_IN]
    if unknown:
        raise InvalidArgument.of("roles", "must be member, mentor or admin")
    return frozenset(_ROLES_IN[number] for number in request.roles)


def _member(member: Member) -> pb.Member:
    profile = member.profile
    message = pb.Member(
        member_id=str(member.member_id),
        name=profile.name,
        timezone=profile.timezone,
        locale=profile.locale,
        country=profile.country,
        birth_year=profile.birth_year,
        day_start_hour=profile.day_start_hour,
        week_start=profile.week_start,
        roles=sorted(_ROLES[role] for role in member.roles),
        etag=member.etag,
        version=member.version,
    )
    message.create_time.FromDatetime(member.created_at)
    message.update_time.FromDatetime(member.updated_at)
    return message


def _wanted_consents(message: pb.Consents) -> Consents:
    return Consents(
        updated_at=_EPOCH,
        coach_reads_journal=message.coach_reads_journal,
        ai_vendors=message.ai_vendors,
        alert_mentor_on_risk=message.alert_mentor_on_risk,
        leaderboard=message.leaderboard,
    )


def _consents(consents: Consents) -> pb.Consents:
    message = pb.Consents(
        coach_reads_journal=consents.coach_reads_journal,
        ai_vendors=consents.ai_vendors,
        alert_mentor_on_risk=consents.alert_mentor_on_risk,
        leaderboard=consents.leaderboard,
    )
    message.update_time.FromDatetime(consents.updated_at)
    return message
