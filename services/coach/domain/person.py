"""Whom the coach talks with, as far as it has to know: calendar, age, country, and what they allow."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

# Source: DOMAIN, dating is for those who are adults wherever in the year they were born.
ADULT_YEARS: Final = 19


@dataclass(frozen=True, slots=True)
class Consents:
    """What a member allows the coach.

    Attributes:
        coach_reads_journal: Journal entries may stand in a context.
        ai_vendors: Texts may go to AI vendors; without it only the offline engine answers.
    """

    coach_reads_journal: bool
    ai_vendors: bool


# What holds while nobody can say what is allowed.
NOTHING_ALLOWED: Final = Consents(coach_reads_journal=False, ai_vendors=False)


@dataclass(frozen=True, slots=True)
class Person:
    """A member's profile.

    Attributes:
        country: ISO 3166 alpha-2, or empty.
        birth_year: 0 where unknown.
        week_start: ISO weekday, 1 is Monday.
    """

    timezone: str = "UTC"
    country: str = ""
    birth_year: int = 0
    day_start_hour: int = 0
    week_start: int = 1

    def today(self, now: datetime) -> date:
        """The civil day at `now`; it begins at `day_start_hour`."""
        return (now.astimezone(ZoneInfo(self.timezone)) - timedelta(hours=self.day_start_hour)).date()

    def is_adult(self, now: datetime) -> bool:
        """Known to be an adult: an unknown birth year is none."""
        return bool(self.birth_year) and self.today(now).year - self.birth_year >= ADULT_YEARS
