"""People who call mentor over a real channel, and what mentor told about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from chassis.clock import SystemClock, new_id
from chassis.identity.passport import AssertionMinter
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.resilience import Breaker
from chassis.rpc.client import Caller
from tandem.event.v1 import event_pb2
from tandem.mentor.v1 import mentor_pb2 as pb
from tandem.mentor.v1.mentor_pb2_grpc import MentorServiceStub
from tests.support.identities import Identities

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    from tandem.mentor.v1.mentor_pb2_grpc import MentorServiceAsyncStub
else:
    Connection = asyncpg.Connection

CLOCK = SystemClock()


@dataclass
class Person:
    """Somebody signed in, calling mentor through one service."""

    caller: "Caller[MentorServiceAsyncStub]"
    identities: Identities
    member_id: UUID
    roles: tuple[str, ...] = ("member",)
    replayed: bool = False

    async def call(self, method: str, request: Any) -> Any:
        """Calls `method` as this person."""
        passport = self.identities.passport(self.member_id, *self.roles)
        context = RequestContext("test", "0" * 32, Principal.member(self.member_id), passport=passport)
        with answering(context):
            try:
                return await self.caller(getattr(self.caller.stub, method), request)
            finally:
                self.replayed = context.replayed

    async def register(self, name: str = "Anna", *, key: str = "", **fields: Any) -> pb.Member:
        """Makes this person a member."""
        member = pb.Member(member_id=str(self.member_id), name=name, **fields)
        made: pb.Member = await self.call("EnsureMember", pb.EnsureMemberRequest(member=member, idempotency_key=key))
        return made

    async def get(self, member_id: UUID | None = None) -> pb.Member:
        """Reads a member, this person's own by default."""
        found: pb.Member = await self.call("GetMember", pb.GetMemberRequest(member_id=str(member_id or self.member_id)))
        return found

    async def update(
        self, *paths: str, member_id: UUID | None = None, key: str = "", etag: str = "", **fields: Any
    ) -> pb.Member:
        """Changes a profile, this person's own by default."""
        member = pb.Member(member_id=str(member_id or self.member_id), etag=etag, **fields)
        request = pb.UpdateMemberRequest(member=member, idempotency_key=key)
        request.update_mask.paths.extend(paths or fields)
        changed: pb.Member = await self.call("UpdateMember", request)
        return changed

    async def set_roles(self, member_id: UUID, *roles: "pb.Role.ValueType", key: str = "", etag: str = "") -> pb.Member:
        """Replaces somebody's roles."""
        request = pb.SetMemberRolesRequest(member_id=str(member_id), roles=roles, idempotency_key=key, etag=etag)
        changed: pb.Member = await self.call("SetMemberRoles", request)
        return changed


class People:
    """Makes people who call through the gateway, or through another service."""

    def __init__(self, address: str, identities: Identities) -> None:
        self._address = address
        self._identities = identities
        self._callers: dict[str, Caller[MentorServiceAsyncStub]] = {}

    def person(self, *roles: str, caller: str = "gateway", member_id: UUID | None = None) -> Person:
        """Somebody new, or the same person through another service."""
        return Person(self._caller(caller), self._identities, member_id or new_id(CLOCK), roles or ("member",))

    async def member(self, *roles: str) -> Person:
        """Somebody new who is a member already."""
        person = self.person(*roles)
        await person.register()
        return person

    async def close(self) -> None:
        """Closes all channels."""
        for caller in self._callers.values():
            await caller.close()

    def _caller(self, service: str) -> "Caller[MentorServiceAsyncStub]":
        if service not in self._callers:
            key = self._identities.keys[service]
            self._callers[service] = Caller(
                MentorServiceStub,
                "mentor",
                self._address,
                clock=CLOCK,
                breaker=Breaker("mentor", CLOCK),
                assertions=None if service == "gateway" else AssertionMinter(key, service, CLOCK),
            )
        return self._callers[service]


async def events_of(behind: Connection, member_id: UUID) -> Sequence[event_pb2.Event]:
    """What mentor has told about a member, in order."""
    rows = await behind.fetch("SELECT payload FROM mentor.outbox ORDER BY xid, position")
    events = [event_pb2.Event.FromString(row["payload"]) for row in rows]
    return [event for event in events if event.member_id == str(member_id)]
