"""Pages of lists: what a token is good for, and where the page behind it begins."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from chassis.pages import PageTokens
from chassis.request import current

_Row = TypeVar("_Row")


class Pager:
    """Reads and makes the tokens of one list of one member under one set of filters."""

    def __init__(self, tokens: PageTokens, name: str, *filters: object) -> None:
        self._tokens = tokens
        self._scope = "|".join([f"coach.{name}", str(current().principal.member_id), *map(str, filters)])

    def position(self, token: str) -> tuple[str, ...] | None:
        """The key of the last row shown; None for the first page."""
        return self._tokens.open(self._scope, token) if token else None

    def cut(
        self, found: Sequence[_Row], limit: int, key: Callable[[_Row], Sequence[str]]
    ) -> tuple[Sequence[_Row], str]:
        """The rows of a page and the next one's token.

        Args:
            found: One row more than `limit` where there is another page.
            limit: How many rows a page has.
            key: What the list is sorted by.
        """
        if len(found) <= limit:
            return found, ""
        shown = found[:limit]
        return shown, self._tokens.seal(self._scope, *key(shown[-1]))
