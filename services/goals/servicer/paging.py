"""Pages of lists: what a token is good for, and where the page behind it begins."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from google.protobuf.message import Message

from chassis.pages import PageTokens
from chassis.request import current

# Of messages; what is around them is little.
MOST_BYTES: Final = 3 * 1024 * 1024

_Row = TypeVar("_Row")
_Shown = TypeVar("_Shown", bound=Message)


class Pager:
    """Reads and makes the tokens of one list of one member under one set of filters."""

    def __init__(self, tokens: PageTokens, name: str, *filters: object) -> None:
        self._tokens = tokens
        self._scope = "|".join([f"goals.{name}", str(current().principal.member_id), *map(str, filters)])

    def position(self, token: str) -> tuple[str, ...] | None:
        """The key of the last row shown; None for the first page."""
        return self._tokens.open(self._scope, token) if token else None

    def cut(
        self, found: Sequence[_Row], limit: int, key: Callable[[_Row], Sequence[str]], show: Callable[[_Row], _Shown]
    ) -> tuple[list[_Shown], str]:
        """A page as it is shown, and the next one's token.

        A page ends before it has `limit` rows where they would make a message that no client takes.

        Args:
            found: One row more than `limit` where there is another page.
            limit: How many rows a page has at most.
            key: What the list is sorted by.
            show: Makes a row's message.
        """
        page: list[_Shown] = []
        size = 0
        for row in found[:limit]:
            message = show(row)
            size += message.ByteSize()
            if page and size > MOST_BYTES:
                break
            page.append(message)
        if len(page) == len(found):
            return page, ""
        return page, self._tokens.seal(self._scope, *key(found[len(page) - 1]))
