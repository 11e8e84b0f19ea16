"""`If-Match` (RFC 9110, 13.1.1): a list of entity tags, one of which must be the present one, or `*`."""

import re
from typing import Final

from chassis import etags
from gateway.problems import Problem, malformed

_TAG: Final = rb'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"'
_EACH: Final = re.compile(_TAG)
# Empty elements of a list are let pass (RFC 9110, 5.6.1).
_LIST: Final = re.compile(rb"[ \t,]*" + _TAG + rb"(?:[ \t]*,[ \t,]*" + _TAG + rb")*[ \t,]*")
# The form of the tags that services give out.
_OURS: Final = re.compile(rb"[0-9A-Za-z._-]{1,64}")


def wanted_etag(if_match: bytes | None) -> str:
    """What a request's `etag` says for this header; empty where anything will do.

    Raises:
        Problem: 400 for what is no list of entity tags, 412 where none can match: weak ones never do.
    """
    if if_match is None or if_match.strip(b" \t") == b"*":
        return ""
    if _LIST.fullmatch(if_match) is None:
        raise malformed("If-Match must be entity tags in double quotes with commas between, or *.")
    tags = [tag.decode("ascii") for weak, tag in _EACH.findall(if_match) if not weak and _OURS.fullmatch(tag)]
    if not tags:
        raise Problem("precondition-failed", "If-Match names no entity tag that could be the present one.")
    return etags.joined(dict.fromkeys(tags))
