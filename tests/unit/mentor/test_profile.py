"""What a profile may hold."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import InvalidArgument
from services.mentor.domain.places import countries, zones
from services.mentor.domain.profile import MAX_MARKS_IN_A_ROW, Profile, checked

ANNA = Profile("Anna")


def violated(profile: Profile, **options: object) -> set[str]:
    try:
        checked(profile, this_year=2026, **options)  # type: ignore[arg-type]
    except InvalidArgument as refusal:
        return {violation.field for violation in refusal.violations}
    return set()


@pytest.mark.parametrize(
    "name", ["A", "x" * 100, "Anna-Lena O'Brien", "Żółć", "李小龍", "محمد", "שָׁלוֹם", "Nguyễn Ân", "🦊", "3PO"]
)
def test_names_of_people_are_taken(name: str):
    assert checked(replace(ANNA, name=name), this_year=2026).name == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "name",
    [
        "علی‌رضا",
        "می‌خواهم",
        "عَلیِ‌رضا",
        "ශ්‍රී ලංකා",
        "র‍্যাব",
        "क्‍ष",
        "രാജന്‍",
        "ನ್‌ನ",
        "👩‍👩‍👧",
        "👩🏽‍🚀",
        "🏳️‍🌈",
        "❤️‍🔥",
    ],
    ids=ascii,
)
def test_joiners_are_taken_where_the_script_needs_them(name: str):
    assert checked(replace(ANNA, name=name), this_year=2026).name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "x" * 101,
        "a\x00b",
        "a\nb",
        "a\x7fb",
        "evil\u202egnp.exe",
        "a\u2066b",
        "zero\u200bwidth",
        "join\u200der",
        "non\u200cjoiner",
        "\u200dAnna",
        "Anna\u200c",
        "علی\u200c\u200cرضا",
        "علی\u200c",
        "علی\u200dرضا",
        "\u200cعلی",
        "क्\u200d\u200dष",
        "्\u200d",
        "👩\u200d",
        "👩\u200dA",
        "A\u200d👩",
        "李\u200d小龍",
        "\u200d" * 50,
        "\ufeffbom",
        "line\u2028break",
        "\u3164",
        "\u2800\u2800",
        "\ud800",
        "\ue000",
        "a\u0378b",
        "a\ufdd0b",
        "q" + "\u0301" * (MAX_MARKS_IN_A_ROW + 1),
        "...",
    ],
    ids=ascii,
)
def test_names_that_hide_or_mislead_are_refused(name: str):
    assert violated(replace(ANNA, name=name)) == {"name"}


def test_a_name_is_counted_in_code_points_and_kept_without_blanks_at_its_ends():
    assert checked(Profile(" \u00a0" + "🦊" * 100 + " "), this_year=2026).name == "🦊" * 100


def test_a_name_is_kept_composed():
    assert checked(Profile("Zoe\u0308"), this_year=2026).name == "Zoë"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "US/Pacific"])
def test_zones_of_the_zone_database_are_taken(zone: str):
    assert violated(replace(ANNA, timezone=zone)) == set()


@pytest.mark.parametrize(
    "zone",
    [
        "",
        "localtime",
        "posixrules",
        "Factory",
        "GMT+25",
        "UTC+2",
        "CET-1CEST",
        "europe/berlin",
        "Europe/Berlin ",
        "../../etc/passwd",
        "/etc/localtime",
        "right/UTC",
        "Mars/Olympus",
        "x" * 10_000,
    ],
    ids=lambda zone: ascii(zone)[:20],
)
def test_other_zones_are_refused(zone: str):
    assert violated(replace(ANNA, timezone=zone)) == {"timezone"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("en", "en"),
        ("EN-gb", "en-GB"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-CH-1901", "de-CH-1901"),
        ("SL-rozaj-BISKE", "sl-rozaj-biske"),
    ],
)
def test_a_locale_is_kept_in_its_canonical_case(given: str, kept: str):
    assert checked(replace(ANNA, locale=given), this_year=2026).locale == kept


@pytest.mark.parametrize(
    "locale", ["", "e", "english", "en_GB", "en-", "-en", "en-GB\n", "en-x", "../x", "de-" + "1901-" * 9]
)
def test_other_locales_are_refused(locale: str):
    assert violated(replace(ANNA, locale=locale)) == {"locale"}


def test_a_country_is_a_known_code_in_capitals_or_empty():
    assert checked(replace(ANNA, country="de"), this_year=2026).country == "DE"
    assert violated(replace(ANNA, country="")) == set()
    for country in ("XX", "DEU", "D", "49", "ﬀ"):
        assert violated(replace(ANNA, country=country)) == {"country"}


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("birth_year", (0, 1900, 2026), (1899, 2027, -1)),
        ("day_start_hour", (0, 12), (-1, 13)),
        ("week_start", (1, 7), (0, 8)),
    ],
)
def test_numbers_have_their_ranges(field: str, good: tuple[int, ...], bad: tuple[int, ...]):
    for value in good:
        assert violated(replace(ANNA, **{field: value})) == set()  # type: ignore[arg-type]
    for value in bad:
        assert violated(replace(ANNA, **{field: value})) == {field}  # type: ignore[arg-type]


def test_all_broken_fields_are_named_at_once_but_only_those_asked_for():
    profile = Profile("", timezone="x", locale="", country="XX", birth_year=1, day_start_hour=99, week_start=0)

    assert violated(profile) == {
        "name",
        "timezone",
        "locale",
        "country",
        "birth_year",
        "day_start_hour",
        "week_start",
    }
    assert violated(profile, fields={"name", "country"}) == {"name", "country"}


def test_a_message_never_repeats_what_was_given():
    with pytest.raises(InvalidArgument) as refusal:
        checked(replace(ANNA, name="secret\x00"), this_year=2026)

    assert "secret" not in refusal.value.message


@given(st.text(max_size=120))
def test_whatever_name_passes_once_passes_again_unchanged(name: str):
    if violated(replace(ANNA, name=name)):
        return
    kept = checked(replace(ANNA, name=name), this_year=2026)

    assert checked(kept, this_year=2026) == kept


def test_the_lists_are_the_zone_database():
    assert len(zones()) > 400
    assert {"DE", "US", "NG", "JP"} <= countries()
    assert len(countries()) > 240
