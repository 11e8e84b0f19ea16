"""The wire form of a signed token, read so strictly that one token has exactly one spelling."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any, Final, NoReturn

MAX_TOKEN_CHARACTERS: Final = 8192
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_-]+")


class NotAToken(ValueError):
    """Not a token in compact form with two JSON objects and a signature."""


@dataclass(frozen=True, slots=True)
class CompactToken:
    """A token taken apart; nothing about it has been verified."""

    header: dict[str, Any]
    claims: dict[str, Any]


def parse(token: str) -> CompactToken:
    """Takes a token apart.

    Raises:
        NotAToken: Too long, not three segments of canonical base64url, or a JSON object that can be read in two ways.
    """
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise NotAToken
    segments = token.split(".")
    if len(segments) != 3:
        raise NotAToken
    header, claims, _signature = (decode_segment(segment) for segment in segments)
    return CompactToken(_parse_object(header), _parse_object(claims))


def decode_segment(segment: str) -> bytes:
    """Decodes one segment; any spelling but the canonical one is refused.

    Raises:
        NotAToken: Empty, padded, other characters, or bits set beyond the last byte.
    """
    if not _SEGMENT.fullmatch(segment):
        raise NotAToken
    try:
        decoded = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error:
        raise NotAToken from None
    if encode_segment(decoded) != segment:
        raise NotAToken
    return decoded


def encode_segment(data: bytes) -> str:
    """The canonical base64url of `data`, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _parse_object(data: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotAToken from None
    if not isinstance(parsed, dict):
        raise NotAToken
    return parsed


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("not a JSON number")
