"""Pages of lists: how many, and the token that says where the next one begins.

A token holds the position of the last row shown, signed for one list of one member, so that nobody feeds a list with
positions that it never gave. It is no secret and gives no right: what a page shows is decided by identity alone.
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Final

from chassis.errors import InvalidArgument, MalformedRequest

DEFAULT_PAGE_SIZE: Final = 50
MAX_PAGE_SIZE: Final = 200
# Of what is sealed as UTF-8, a title of 200 characters of four bytes each is the longest; it makes some 1 200.
MAX_TOKEN_LENGTH: Final = 2048
_SIGNATURE_BYTES: Final = 16


def page_size(asked: int) -> int:
    """How many rows a page has; 0 means the default.

    Raises:
        InvalidArgument: Outside 1 to 200.
    """
    if not 0 <= asked <= MAX_PAGE_SIZE:
        raise InvalidArgument.of("page_size", f"must be between 1 and {MAX_PAGE_SIZE}")
    return asked or DEFAULT_PAGE_SIZE


class PageTokens:
    """Makes and reads the tokens of one process kind."""

    def __init__(self, key: bytes) -> None:
        """Takes `derive(secret, "page-token")`."""
        self._key = key

    def seal(self, scope: str, *position: str) -> str:
        """The token for what comes behind `position`.

        Args:
            scope: Which list, for whom, with which filters; the same text opens the token.
            position: The sort key of the last row shown.
        """
        content = json.dumps(position, separators=(",", ":"), ensure_ascii=False).encode()
        return base64.urlsafe_b64encode(self._sign(scope, content) + content).rstrip(b"=").decode()

    def open(self, scope: str, token: str) -> tuple[str, ...]:
        """The position in a token.

        Raises:
            MalformedRequest: The token was not made for this list, or was changed.
        """
        try:
            if len(token) > MAX_TOKEN_LENGTH:
                raise ValueError
            sealed = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
            signature, content = sealed[:_SIGNATURE_BYTES], sealed[_SIGNATURE_BYTES:]
            if not hmac.compare_digest(signature, self._sign(scope, content)):
                raise ValueError
        except (ValueError, binascii.Error):
            raise MalformedRequest.of("page_token", "must come from the previous page of the same list") from None
        return tuple(json.loads(content))

    def _sign(self, scope: str, content: bytes) -> bytes:
        return hmac.digest(self._key, scope.encode() + b"\0" + content, hashlib.sha256)[:_SIGNATURE_BYTES]
