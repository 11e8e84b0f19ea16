"""Groups as mentor knows them: what the member at hand may read of one."""

from datetime import UTC
from typing import Final, Protocol
from uuid import UUID

from chassis.errors import NotImplementedYet, TandemError
from chassis.rpc.client import Caller
from services.coach.domain.group_talk import GroupPost, GroupTalk
from services.coach.errors import NoGroupsYet
from tandem.mentor.v1 import mentor_pb2, mentor_pb2_grpc

TIMEOUT_S: Final = 1.5


class Groups(Protocol):
    """Where a group's posts come from."""

    async def talk(self, member_id: UUID, group_id: UUID) -> GroupTalk:
        """What the member at hand may read; never inside a transaction.

        Raises:
            TandemError: There is no such group for the member, or it cannot be read now.
        """
        ...


class GroupsClient:
    """Asks the mentor service, who owns groups and knows who belongs to them."""

    def __init__(self, caller: "Caller[mentor_pb2_grpc.MentorServiceAsyncStub]") -> None:
        self._caller = caller

    async def talk(self, member_id: UUID, group_id: UUID) -> GroupTalk:
        """The newest posts of a group that the member at hand belongs to."""
        request = mentor_pb2.GetGroupContextRequest(group_id=str(group_id))
        try:
            found = await self._caller(self._caller.stub.GetGroupContext, request, timeout_s=TIMEOUT_S)
        except NotImplementedYet:
            raise NoGroupsYet from None
        return talk_from(found, member_id)


class FakeGroups:
    """Answers with what it was given; raises when that is a failure or when there is no such group."""

    def __init__(self, *answers: GroupTalk, failure: TandemError | None = None) -> None:
        self.answers = {(each.reader_id, each.group_id): each for each in answers}
        self.failure = failure

    async def talk(self, member_id: UUID, group_id: UUID) -> GroupTalk:
        """The given group."""
        if self.failure is not None or (member_id, group_id) not in self.answers:
            raise self.failure or NoGroupsYet()
        return self.answers[member_id, group_id]


def talk_from(found: mentor_pb2.GroupContext, member_id: UUID) -> GroupTalk:
    """The posts of an answer that was given to `member_id`."""
    return GroupTalk(
        UUID(found.group_id),
        member_id,
        found.name,
        tuple(
            GroupPost(UUID(post.post_id), post.author_name, post.text, post.create_time.ToDatetime(tzinfo=UTC))
            for post in found.posts
        ),
    )
