"""Email addresses in one form, so that one mailbox is one account."""

import re
from typing import Final

from email_validator import EmailNotValidError, validate_email

from gateway.problems import invalid

MAX_CHARACTERS: Final = 254
# What no address of ours contains, checked before the parser sees it: linear, whatever the input.
_FORBIDDEN: Final = re.compile(r"[\s\x00-\x1f\x7f\"(),:;<>\[\]\\%]")


def normalise_email(address: str) -> str:
    """The form that is stored and compared: NFC, lower case throughout, the domain in Unicode.

    Lower case for the local part too: providers that tell `Ann@` from `ann@` are gone, people who type both are not.

    Raises:
        Problem: 422, naming the field.
    """
    if not 3 <= len(address) <= MAX_CHARACTERS or _FORBIDDEN.search(address) or address.count("@") != 1:
        raise invalid("email", "must be an email address")
    try:
        checked = validate_email(
            address, check_deliverability=False, allow_quoted_local=False, allow_smtputf8=True, test_environment=True
        )
    except EmailNotValidError:
        raise invalid("email", "must be an email address") from None
    return checked.normalized.lower()
