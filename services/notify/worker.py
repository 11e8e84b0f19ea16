"""Events in. Notify listens to nobody yet: a handler without a mail to send would only throw events away."""

from collections.abc import Mapping

from chassis.consumer import Handler


def handlers() -> Mapping[str, Handler]:
    """What to do with the events of others, by event type."""
    return {}
