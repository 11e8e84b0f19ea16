"""The list of helplines: complete, fresh, and never empty-handed."""

from datetime import timedelta

import pytest

from chassis.clock import SystemClock
from services.coach.clients.members import country_of
from services.coach.clients.texts import load_texts
from services.coach.domain.helplines import INTERNATIONAL, Helplines, Need

HELPLINES = load_texts().helplines
# A number that changed and is still shown is worse than none.
MAX_AGE = timedelta(days=180)


@pytest.mark.parametrize("country", sorted(HELPLINES.countries))
def test_every_entry_was_looked_at_within_half_a_year(country: str):
    entry = HELPLINES.countries[country]

    assert SystemClock().now().date() - (entry.verified_on or entry.researched_on) <= MAX_AGE


@pytest.mark.parametrize("country", [*sorted(HELPLINES.countries), "XX", "us"])
@pytest.mark.parametrize("need", list(Need))
def test_everybody_gets_a_line_and_an_emergency_number(country: str, need: Need):
    resources = HELPLINES.resources(country, need=need)

    assert len(resources) >= 2
    assert resources[-1].name == "Emergency services"
    assert all(resource.name and resource.contact for resource in resources)
    assert HELPLINES.first(country, need=need).need is need


def test_lines_against_violence_come_first_when_that_is_the_need():
    assert HELPLINES.resources("US", need=Need.ABUSE)[0].contact == "1-800-799-7233"
    assert HELPLINES.resources("US", need=Need.CRISIS)[0].contact.startswith("988")


@pytest.mark.parametrize("country", sorted(HELPLINES.countries))
@pytest.mark.parametrize("need", list(Need))
def test_nothing_is_listed_twice_or_for_another_need(country: str, need: Need):
    *lines, emergency = HELPLINES.resources(country, need=need)

    contacts = [line.contact for line in lines]
    elsewhere = {
        line.contact for entry in HELPLINES.countries.values() for line in entry.lines if line.need is not need
    } - {line.contact for entry in HELPLINES.countries.values() for line in entry.lines if line.need is need}
    assert len(set(contacts)) == len(contacts)
    assert not elsewhere & set(contacts)
    assert emergency.country == HELPLINES.of(country).code


def test_a_need_that_a_country_has_no_line_for_gets_the_international_one():
    line, emergency = HELPLINES.resources("CH", need=Need.ABUSE)

    assert (line.contact, line.country) == ("findahelpline.com", "")
    assert (emergency.contact, emergency.country) == ("112", "CH")


def test_an_unknown_country_gets_the_international_entry():
    assert HELPLINES.of("XX") == HELPLINES.countries[INTERNATIONAL]


def test_a_list_without_an_international_entry_stops_the_start():
    with pytest.raises(ValueError, match="international"):
        Helplines.parse({"version": "1", "countries": []})


@pytest.mark.parametrize(
    ("country", "locale", "expected"),
    [
        ("de", "en-GB", "DE"),
        ("", "en-GB", "GB"),
        ("", "pt_BR", "BR"),
        ("", "zh-Hant-TW", "TW"),
        ("", "en", ""),
        ("", "", ""),
    ],
)
def test_the_country_comes_from_the_profile_and_else_from_the_locale(country: str, locale: str, expected: str):
    assert country_of(country, locale) == expected
