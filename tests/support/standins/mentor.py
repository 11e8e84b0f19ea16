"""A stand-in for mentor."""
# ruff: noqa: N802 - methods have the names of the protocol

from typing import Any

from chassis import etags
from chassis.errors import EtagMismatch, InvalidArgument, NotFound, PermissionDenied
from chassis.request import current
from chassis.rpc.server import Servicing
from services.mentor.domain.profile import FIELDS, Profile, checked
from tandem.mentor.v1 import mentor_pb2, mentor_pb2_grpc
from tests.support.standins.shared import member_id as asking
from tests.support.standins.shared import now, servicing


class StandInMentor(mentor_pb2_grpc.MentorServiceServicer):
    """Members in memory; `refused` are ids of those whom it does not take."""

    def __init__(self) -> None:
        self.members: dict[str, mentor_pb2.Member] = {}
        self.consents: dict[str, mentor_pb2.Consents] = {}
        self.refused: set[str] = set()

    async def EnsureMember(self, request: mentor_pb2.EnsureMemberRequest, context: Any) -> mentor_pb2.Member:
        if request.member.member_id != asking():
            raise PermissionDenied("Only oneself can be made.")
        if request.member.member_id in self.refused:
            raise InvalidArgument.of("member.timezone", "is no zone")
        draft = request.member
        checked(
            Profile(draft.name, draft.timezone or "UTC", draft.locale or "en", birth_year=draft.birth_year),
            this_year=now().ToDatetime().year,
        )
        if request.validate_only:
            return draft
        member = self.members.get(draft.member_id)
        if member is None:
            member = mentor_pb2.Member()
            member.CopyFrom(request.member)
            member.week_start, member.etag, member.version = 1, "1", 1
            member.create_time.CopyFrom(now())
            member.update_time.CopyFrom(now())
            self.members[member.member_id] = member
        return member

    async def GetMember(self, request: mentor_pb2.GetMemberRequest, context: Any) -> mentor_pb2.Member:
        return self._seen(request.member_id)

    async def ListMembers(self, request: mentor_pb2.ListMembersRequest, context: Any) -> mentor_pb2.ListMembersResponse:
        return mentor_pb2.ListMembersResponse(members=list(self.members.values())[: request.page_size])

    async def UpdateMember(self, request: mentor_pb2.UpdateMemberRequest, context: Any) -> mentor_pb2.Member:
        member = self._seen(request.member.member_id)
        if not etags.allows(request.member.etag, member.etag):
            raise EtagMismatch("The member changed since it was read.")
        draft, fields = request.member, FIELDS & set(request.update_mask.paths)
        checked(
            Profile(draft.name, draft.timezone, draft.locale, birth_year=draft.birth_year),
            this_year=now().ToDatetime().year,
            fields=fields & {"name", "timezone", "locale", "birth_year"},
        )
        request.update_mask.MergeMessage(draft, member)
        return _next(member)

    async def SetMemberRoles(self, request: mentor_pb2.SetMemberRolesRequest, context: Any) -> mentor_pb2.Member:
        member = self._seen(request.member_id)
        if not etags.allows(request.etag, member.etag):
            raise EtagMismatch("The member changed since it was read.")
        del member.roles[:]
        member.roles.extend(sorted({mentor_pb2.ROLE_MEMBER, *request.roles}))
        return _next(member)

    async def GetConsents(self, request: mentor_pb2.GetConsentsRequest, context: Any) -> mentor_pb2.Consents:
        return self.consents.setdefault(asking(), mentor_pb2.Consents(coach_reads_journal=True, ai_vendors=True))

    async def UpdateConsents(self, request: mentor_pb2.UpdateConsentsRequest, context: Any) -> mentor_pb2.Consents:
        consents = await self.GetConsents(mentor_pb2.GetConsentsRequest(), context)
        request.update_mask.MergeMessage(request.consents, consents)
        return consents

    def _seen(self, member_id: str) -> mentor_pb2.Member:
        member = self.members.get(member_id)
        if member is None or (member_id != asking() and not current().principal.is_admin):
            raise NotFound("There is no such member.")
        return member


def mentor_servicing(servicer: StandInMentor) -> Servicing:
    """The stand-in with policies that let every member in."""
    descriptor = mentor_pb2.DESCRIPTOR.services_by_name["MentorService"]
    return servicing(descriptor, servicer, mentor_pb2_grpc.add_MentorServiceServicer_to_server)


def _next(member: mentor_pb2.Member) -> mentor_pb2.Member:
    member.version += 1
    member.etag = str(member.version)
    return member
