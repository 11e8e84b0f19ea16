"""What a profile may hold. One check names every field that breaks a rule; values come out in one canonical form."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from chassis.errors import FieldViolation, InvalidArgument
from services.mentor.domain import joiners, places

MAX_NAME_LENGTH: Final = 100
MAX_LOCALE_LENGTH: Final = 35  # RFC 5646, section 4.4.1
FIRST_BIRTH_YEAR: Final = 1900
LAST_DAY_START_HOUR: Final = 12
MONDAY: Final = 1
SUNDAY: Final = 7
# The scripts that stack most marks on a letter (Hebrew with cantillation, Tibetan) stay below; a flood does not.
MAX_MARKS_IN_A_ROW: Final = 6

DEFAULT_TIMEZONE: Final = "UTC"
DEFAULT_LOCALE: Final = "en"

# Control, format (zero-width, direction), surrogate, private and unassigned characters, line and paragraph separators.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Characters of other categories that show nothing: fillers, the grapheme joiner, the blank Braille cell.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_LOCALE = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member says about themselves.

    Attributes:
        name: What the person wants to be called.
        timezone: IANA zone name.
        locale: BCP 47 tag.
        country: ISO 3166 alpha-2; empty where unknown.
        birth_year: 0 where unknown.
        day_start_hour: Hour at which the member's day starts, 0 to 12.
        week_start: ISO weekday on which the week starts, 1 (Monday) to 7.
    """

    name: str
    timezone: str = DEFAULT_TIMEZONE
    locale: str = DEFAULT_LOCALE
    country: str = ""
    birth_year: int = 0
    day_start_hour: int = 0
    week_start: int = MONDAY


FIELDS: Final = frozenset(Profile.__dataclass_fields__)


def checked(profile: Profile, *, this_year: int, fields: Collection[str] = FIELDS) -> Profile:
    """The profile in canonical form: name composed and without blanks at its ends, `en-GB` and not `EN-gb`.

    Args:
        profile: As given.
        this_year: Nobody is born later.
        fields: Those to check; the others stay as they are.

    Raises:
        InvalidArgument: With every field that breaks a rule.
    """
    tidied: dict[str, Any] = {field: value for field, value in _tidied(profile) if field in fields}
    tidy = replace(profile, **tidied)
    violations = tuple(
        FieldViolation(field, rule) for field, rule in _violations(tidy, this_year=this_year) if field in fields
    )
    if violations:
        raise InvalidArgument(f"{violations[0].field}: {violations[0].message}", violations=violations)
    return tidy


def _tidied(profile: Profile) -> Iterator[tuple[str, str]]:
    yield "name", unicodedata.normalize("NFC", profile.name).strip()
    yield "locale", _canonical_locale(profile.locale)
    yield "country", profile.country.upper() if profile.country.isascii() else profile.country


def _violations(profile: Profile, *, this_year: int) -> Iterator[tuple[str, str]]:
    name_rule = _broken_name_rule(profile.name)
    if name_rule:
        yield "name", name_rule
    if profile.timezone not in places.zones():
        yield "timezone", "must be an IANA time zone, for example Europe/Berlin"
    if len(profile.locale) > MAX_LOCALE_LENGTH or not _LOCALE.fullmatch(profile.locale):
        yield "locale", "must be a language tag, for example en-GB"
    if profile.country and profile.country not in places.countries():
        yield "country", "must be a two-letter ISO 3166 country code, or empty"
    if profile.birth_year and not FIRST_BIRTH_YEAR <= profile.birth_year <= this_year:
        yield "birth_year", f"must lie between {FIRST_BIRTH_YEAR} and this year, or be left out"
    if not 0 <= profile.day_start_hour <= LAST_DAY_START_HOUR:
        yield "day_start_hour", f"must be between 0 and {LAST_DAY_START_HOUR}"
    if not MONDAY <= profile.week_start <= SUNDAY:
        yield "week_start", "must be a weekday from 1 (Monday) to 7 (Sunday)"


def _broken_name_rule(name: str) -> str | None:
    if not 1 <= len(name) <= MAX_NAME_LENGTH:
        return f"must have 1 to {MAX_NAME_LENGTH} characters"
    categories = [unicodedata.category(character) for character in joiners.without(name)]
    if not _UNPRINTABLE.isdisjoint(categories) or not _BLANK.isdisjoint(name):
        return "must not contain control, direction or invisible characters"
    if not any(category[0] in "LNS" for category in categories):
        return "must contain a letter, a digit or a symbol"
    if _longest_run_of_marks(categories) > MAX_MARKS_IN_A_ROW:
        return f"must not stack more than {MAX_MARKS_IN_A_ROW} marks on a letter"
    return None


def _longest_run_of_marks(categories: list[str]) -> int:
    longest = run = 0
    for category in categories:
        run = run + 1 if category[0] == "M" else 0
        longest = max(longest, run)
    return longest


def _canonical_locale(tag: str) -> str:
    match = _LOCALE.fullmatch(tag)
    if match is None or not tag.isascii():
        return tag
    script, region = match["script"], match["region"]
    parts = [match["language"].lower(), script and script.title(), region and region.upper()]
    return "-".join(part for part in parts if part) + match["variants"].lower()
