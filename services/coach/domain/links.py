"""What leads elsewhere: one pattern for titles that are spoken, for replies on their way and for whole texts."""

import re
from typing import Final

# Endings that make a link of two words with a full stop between; with a path or a query behind it any ending does.
_ENDINGS: Final = (
    r"(?:com|net|org|io|app|dev|info|biz|co|me|ly|ru|cn|xyz|top|site|online|click|link|shop|page|tk|uk|example|test"
    r"|invalid|evil)"
)
LINK: Final = re.compile(
    rf"(?i)https?:|://|www\.|\]\(|!\[|[\w-]@[\w-]+\.\w|[^\W_]\.{_ENDINGS}\b"
    r"|[^\W_]\.[^\W\d_]{2,24}(?::\d{1,5})?(?:/|[?#](?=\w))|\b\d{1,3}(?:\.\d{1,3}){3}\b"
)
