"""How many replies are being written for each member; no locks are needed on one event loop."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from chassis.idempotency import IdempotencyKey
from services.coach.errors import TooManyReplies

MAX_PER_MEMBER: Final = 2


class RunningReplies:
    """Counts here and not at the edge, because only here it is known which message is a sign of crisis."""

    def __init__(self) -> None:
        self._running: dict[UUID, Counter[object]] = {}

    @contextmanager
    def one_more(self, member_id: UUID, key: IdempotencyKey | None, *, is_owed: bool) -> Iterator[None]:
        """Counts a reply while it is written.

        Args:
            member_id: Whose.
            key: Requests with the same one are about the same reply, which counts once.
            is_owed: Written in any case: a crisis card costs next to nothing and waits for nobody.

        Raises:
            TooManyReplies: As many as may be are being written already.
        """
        replies = self._running.setdefault(member_id, Counter())
        reply: object = key.key if key else object()
        if len(replies) >= MAX_PER_MEMBER and reply not in replies and not is_owed:
            raise TooManyReplies
        replies[reply] += 1
        try:
            yield
        finally:
            replies[reply] -= 1
            if not replies[reply]:
                del replies[reply]
            if not replies:
                self._running.pop(member_id, None)
