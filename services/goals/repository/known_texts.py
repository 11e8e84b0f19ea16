"""Documents that are read again and again, kept as they were read."""

from collections.abc import Callable
from functools import lru_cache, wraps
from sys import getsizeof
from typing import Final, TypeVar

_Read = TypeVar("_Read")

# Of a text, in bytes: what is read from it takes two to three times as much, so that a cache has an end in bytes too.
LARGEST_KNOWN: Final = 4_096


def known_texts(most: int) -> Callable[[Callable[..., _Read]], Callable[..., _Read]]:
    """Keeps what a pure function of texts made of the last `most`; long texts are read anew each time.

    Each change of a goal makes another text, longer than the one before: kept, they would grow with its square.
    """

    def keeping(read: Callable[..., _Read]) -> Callable[..., _Read]:
        known = lru_cache(maxsize=most)(read)

        @wraps(read)
        def reading(*texts: str | None) -> _Read:
            return known(*texts) if sum(map(getsizeof, texts)) <= LARGEST_KNOWN else read(*texts)

        return reading

    return keeping
