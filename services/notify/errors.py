"""The failures of notify, each with the public reason that clients see."""

from chassis.errors import NotImplementedYet


class InboxNotBuilt(NotImplementedYet):
    """There is no in-app inbox yet."""

    def __init__(self) -> None:
        super().__init__("Notifications are not available yet.")
