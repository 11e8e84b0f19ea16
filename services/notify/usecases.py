"""What can be done about reaching a person."""

from typing import NoReturn

from services.notify import errors


class NotificationUseCases:
    """The verbs of notifications."""

    async def list_notifications(self) -> NoReturn:
        """The caller's in-app notifications.

        Raises:
            InboxNotBuilt: Always, until there is an inbox.
        """
        raise errors.InboxNotBuilt
