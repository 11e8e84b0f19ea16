"""People: their profile, consents and roles. Names and settings are the mentor service's, addresses the account's."""

from typing import Any, Final
from uuid import UUID

from google.protobuf.field_mask_pb2 import FieldMask

from gateway.accounts.usecases import NewAccount
from gateway.app.call import Call, Reply
from gateway.app.operation import LIST_S, Access, Routes
from gateway.routes import answers, messages, views
from gateway.routes.fields import PageQuery
from gateway.routes.requests import ConsentsChange, MemberDraft, ProfileChange, RolesChange
from tandem.mentor.v1 import mentor_pb2 as pb

routes: Final = Routes("Members")


@routes.get("/v1/members/me/consents", answer=answers.Consents)
async def get_consents(call: Call) -> Reply:
    """Reads what the caller allows."""
    mentor = call.parts.services.mentor
    return Reply(views.consents(await mentor(mentor.stub.GetConsents, pb.GetConsentsRequest())))


@routes.put("/v1/members/me/consents", answer=answers.Consents)
async def put_consents(call: Call, body: ConsentsChange) -> Reply:
    """Changes the given consents of the caller."""
    mentor = call.parts.services.mentor
    consents, paths = messages.consents_change(body)
    request = pb.UpdateConsentsRequest(
        consents=consents, update_mask=FieldMask(paths=paths), idempotency_key=call.idempotency_key
    )
    return Reply(views.consents(await mentor(mentor.stub.UpdateConsents, request)))


@routes.get("/v1/members/{member_id}", answer=answers.Member)
async def get_member(call: Call, member_id: str) -> Reply:
    """Reads a member."""
    mentor = call.parts.services.mentor
    request = pb.GetMemberRequest(member_id=call.resolve_member(member_id))
    return await _shown(call, await mentor(mentor.stub.GetMember, request))


@routes.put("/v1/members/{member_id}", answer=answers.Member, takes_etag=True)
async def put_member(call: Call, member_id: str, body: ProfileChange) -> Reply:
    """Changes the given fields of a profile."""
    return await _update(call, member_id, body)


@routes.patch("/v1/members/{member_id}", answer=answers.Member, takes_etag=True)
async def patch_member(call: Call, member_id: str, body: ProfileChange) -> Reply:
    """Changes the given fields of a profile."""
    return await _update(call, member_id, body)


@routes.post("/v1/members", status=201, answer=answers.Member, access=Access.ADMIN, refusals=("conflict",))
async def create_member(call: Call, body: MemberDraft) -> Reply:
    """Creates an account for somebody; they sign in with the password given here."""
    accounts = call.parts.accounts
    key, new = call.client_key, NewAccount.of(body, roles=body.roles)
    await call.parts.people.judge(new)
    registered = await accounts.register(new, key=key)
    call.context.replayed = registered.is_replay
    person = await call.parts.people.ensure(registered.account)
    return Reply.created(person.shown, f"/v1/members/{registered.account.member_id}", etag=person.etag)


@routes.get("/v1/members", answer=answers.Page[answers.Member], access=Access.ADMIN, budget_s=LIST_S)
async def list_members(call: Call, query: PageQuery) -> Reply:
    """Lists members, newest first."""
    mentor = call.parts.services.mentor
    request = pb.ListMembersRequest(page_size=query.page_size, page_token=query.page_token)
    listed = await mentor(mentor.stub.ListMembers, request)
    emails = await call.parts.accounts.emails_of([UUID(member.member_id) for member in listed.members])
    items = [views.member(member, emails.get(UUID(member.member_id))) for member in listed.members]
    return Reply(views.page(items, listed.next_page_token))


@routes.put(
    "/v1/members/{member_id}/roles",
    answer=answers.Member,
    access=Access.ADMIN,
    takes_etag=True,
    refusals=("conflict",),
)
async def put_roles(call: Call, member_id: str, body: RolesChange) -> Reply:
    """Replaces a member's roles; their tokens from before are void within seconds."""
    mentor = call.parts.services.mentor
    request = pb.SetMemberRolesRequest(
        member_id=call.resolve_member(member_id),
        roles=messages.roles(list(body.roles)),
        etag=call.etag,
        idempotency_key=call.idempotency_key,
    )
    member = await mentor(mentor.stub.SetMemberRoles, request)
    # By itself and not by the event alone, which Redis carries; and only now, as the mentor service may refuse
    # (docs/adr/0045). Repeated, it gets the roles that it made, or with a new key the present ones: either way they are
    # taken over here, so it makes up for one that broke off.
    await call.parts.accounts.set_roles(UUID(member.member_id), views.roles(member), version=member.version)
    return await _shown(call, member)


async def _update(call: Call, member_id: str, body: ProfileChange) -> Reply:
    mentor = call.parts.services.mentor
    member, paths = messages.profile_change(call.resolve_member(member_id), body, call.etag)
    request = pb.UpdateMemberRequest(
        member=member, update_mask=FieldMask(paths=paths), idempotency_key=call.idempotency_key
    )
    return await _shown(call, await mentor(mentor.stub.UpdateMember, request))


async def _shown(call: Call, member: pb.Member) -> Reply:
    emails = await call.parts.accounts.emails_of([UUID(member.member_id)])
    content: dict[str, Any] = views.member(member, emails.get(UUID(member.member_id)))
    return Reply(content, etag=member.etag)
