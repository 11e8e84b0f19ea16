"""The closed lists that a profile chooses from: time zones and countries, both of the pinned `tzdata` package.

The system's own zone files are not asked: they differ between machines, and one of them is called `localtime`.
"""

from functools import cache
from importlib.resources import files

# A placeholder of the zone compiler, not a place.
_NOT_A_ZONE = frozenset({"Factory"})


@cache
def zones() -> frozenset[str]:
    """All IANA zone names, links included."""
    names = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(names) - _NOT_A_ZONE


@cache
def countries() -> frozenset[str]:
    """All ISO 3166 alpha-2 codes."""
    table = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line.split("\t")[0] for line in table.splitlines() if line and not line.startswith("#"))
