"""Where a person in danger can turn, by country: chooses from the list, which is data (`helplines/helplines.json`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# Used where the country is not known or has no lines of its own.
INTERNATIONAL = ""


class Need(StrEnum):
    """What a line is for."""

    CRISIS = "crisis"
    ABUSE = "abuse"


@dataclass(frozen=True, slots=True)
class Line:
    """One place to turn to.

    Attributes:
        name: As it calls itself.
        contact: A phone number or an address, as people write it.
        need: What it is for.
    """

    name: str
    contact: str
    need: Need


@dataclass(frozen=True, slots=True)
class Country:
    """What one country offers.

    Attributes:
        code: ISO 3166 alpha-2, or empty for international.
        emergency: The emergency number.
        lines: The first of a need is the one that texts name.
        researched_on: When the entry was written or last compared with public sources.
        verified_on: When a person confirmed it at the services' own sites; None until then.
    """

    code: str
    emergency: str
    lines: tuple[Line, ...]
    researched_on: date
    verified_on: date | None

    def has(self, need: Need) -> bool:
        """Whether it has a line for `need`."""
        return any(line.need is need for line in self.lines)


@dataclass(frozen=True, slots=True)
class Resource:
    """What a member is shown."""

    name: str
    contact: str
    country: str


@dataclass(frozen=True, slots=True)
class Helplines:
    """The whole list."""

    version: str
    countries: Mapping[str, Country]

    @classmethod
    def parse(cls, document: Mapping[str, object]) -> "Helplines":
        """Reads the data file's content.

        Raises:
            KeyError, ValueError, TypeError: The file is not what it should be; the process must not start with it.
        """
        entries = document["countries"]
        if not isinstance(entries, Sequence):
            raise TypeError("countries must be a list")
        countries = {country.code: country for country in map(_country, entries)}
        if INTERNATIONAL not in countries or not all(map(countries[INTERNATIONAL].has, Need)):
            raise ValueError("the list needs an international entry with a line for every need")
        return cls(str(document["version"]), countries)

    def of(self, country: str) -> Country:
        """The country's entry, or the international one."""
        return self.countries.get(country.upper(), self.countries[INTERNATIONAL])

    def resources(self, country: str, *, need: Need) -> tuple[Resource, ...]:
        """The lines for `need`, of the country, else international ones; then the emergency number. Never empty.

        A list is short, because who needs it reads little: nothing for another need, and no contact twice.
        """
        entry = next(each for each in self._offering(country) if each.has(need))
        lines = {
            line.contact: Resource(line.name, line.contact, entry.code) for line in entry.lines if line.need is need
        }
        own = self.of(country)
        return (*lines.values(), Resource("Emergency services", own.emergency, own.code))

    def first(self, country: str, *, need: Need) -> Line:
        """The line that texts name: of the country, else international."""
        entry = next(each for each in self._offering(country) if each.has(need))
        return next(line for line in entry.lines if line.need is need)

    def _offering(self, country: str) -> tuple[Country, Country]:
        return self.of(country), self.countries[INTERNATIONAL]


def _country(entry: Mapping[str, object]) -> Country:
    lines = entry["lines"]
    if not isinstance(lines, Sequence) or not lines:
        raise ValueError("a country needs lines")
    verified_on = entry["verified_on"]
    return Country(
        code=str(entry["country"]),
        emergency=str(entry["emergency"]),
        lines=tuple(Line(str(line["name"]), str(line["contact"]), Need(line["need"])) for line in lines),
        researched_on=date.fromisoformat(str(entry["researched_on"])),
        verified_on=None if verified_on is None else date.fromisoformat(str(verified_on)),
    )
