"""What a member may read of a group, for the coach to draw on: other people's words, never anybody's memory."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class GroupPost:
    """A post of somebody in the group.

    Attributes:
        author_name: As the group knows them.
    """

    post_id: UUID
    author_name: str
    text: str
    create_time: datetime

    def __repr__(self) -> str:
        """Without words and names."""
        return f"GroupPost(post_id={self.post_id})"


@dataclass(frozen=True, slots=True)
class GroupTalk:
    """A group's newest posts.

    Attributes:
        reader_id: For whom they were read: the owner of the groups says what that member may read.
    """

    group_id: UUID
    reader_id: UUID
    name: str
    posts: tuple[GroupPost, ...]

    def __repr__(self) -> str:
        """Without words and names."""
        return f"GroupTalk(group_id={self.group_id}, posts={len(self.posts)})"
