"""Events in. Mentor listens to nobody yet."""

from collections.abc import Mapping

from chassis.consumer import Handler


def handlers() -> Mapping[str, Handler]:
    """What to do with the events of others, by event type."""
    return {}
