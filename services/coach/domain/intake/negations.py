"""What a text says no to, taken out of it: "parks, but not bars" is about parks."""

import re
from typing import Final

_NO: Final = re.compile(
    r"(?i)(?:,\s*|\b(?:but|and)\s+|^\s*|\s)(?:definitely |certainly |just |please )?(?:not(?! only)|no(?! one| matter)"
    r"|never|except(?: for)?|without"
    r"|anything but|anywhere but|everywhere but|avoid(?:ing)?|hate|can'?t stand|don'?t (?:like|want|enjoy)|dislike"
    r"|instead of|rather than)"
    r"\s+[^,.;:]*?(?=$|[,.;:]|\s+but\s|\s+only\s|\s+just\s)"
)


def affirmed(text: str) -> str:
    """The text without what it rejects."""
    return _NO.sub(" ", text)


def rejected(text: str) -> str:
    """What the text rejects, in one; empty where it rejects nothing."""
    return " ".join(found.group(0) for found in _NO.finditer(text))
