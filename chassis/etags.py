"""Entity tags on their way from `If-Match` to the service that knows the present one.

A request's `etag` holds every tag that would do, with commas between, so no tag of ours has a comma in it; empty, it
asks for nothing.
"""

from collections.abc import Iterable


def joined(tags: Iterable[str]) -> str:
    """The tags as a request carries them."""
    return ",".join(tags)


def allows(wanted: str, present: str) -> bool:
    """True when the request asks for nothing, or one of its tags is the present one."""
    return not wanted or present in wanted.split(",")
