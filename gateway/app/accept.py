"""The `Accept` header, as far as the API has a choice: JSON, or a stream of events."""

import re
from collections.abc import Iterator
from typing import Final

_WEIGHT: Final = re.compile(rb"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_JSON: Final = (b"application/json", b"application/*", b"*/*")


def prefers_event_stream(accept: bytes) -> bool:
    """True where `text/event-stream` is named, is acceptable, and JSON is not liked better (RFC 9110, 12.5.1)."""
    weights = dict(_weights(accept))
    stream = weights.get(b"text/event-stream", 0.0)
    json = next((weights[media_range] for media_range in _JSON if media_range in weights), 0.0)
    return stream > 0 and stream >= json


def _weights(accept: bytes) -> Iterator[tuple[bytes, float]]:
    for item in accept.lower().split(b","):
        media_range, *parameters = (part.strip() for part in item.split(b";"))
        given = next((part[2:] for part in parameters if part.startswith(b"q=")), b"1")
        # A weight that is none asks for nothing.
        yield media_range, float(given) if _WEIGHT.fullmatch(given) else 0.0
