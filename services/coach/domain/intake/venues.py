"""Kinds of places by what people call them; misspelled words of five letters and more are met halfway."""

import re
from functools import cache
from typing import Final

from rapidfuzz import fuzz, process

from services.coach.domain.intake.negations import affirmed
from services.coach.domain.plain_text import plain

ANYWHERE: Final = "anywhere"
# Below this, "beach" would be a bench and "parts" a party.
CLOSE_ENOUGH: Final = 88
MIN_LETTERS: Final = 5
_MAX_WORDS: Final = 3
_WORDS_READ: Final = 150

_CALLED: Final = {
    "coffee_shop": "coffee shop, cafe, coffee house, coffee bar, coffee place, starbucks, tea house, tea room, coffee,"
                   " cafeteria",
    "restaurant": "restaurant, diner, food truck, taco truck, brunch, brunch place, bistro, canteen, eatery, dinner"
                  " place, pizzeria, cafeteria",
    "ice_cream_shop": "ice cream shop, ice cream parlour, ice cream parlor, gelateria, ice cream",
    "bar": "bar, pub, cocktail bar, wine bar, beer garden, taproom, brewery, happy hour, tavern",
    "nightclub": "nightclub, clubs, disco, night club, clubbing, rave",
    "wine_tasting": "wine tasting, tasting",
    "bookstore": "bookstore, book store, bookshop, book shop",
    "library": "library, campus library",
    "book_club": "book club, reading group, reading circle",
    "museum": "museum, exhibition",
    "gallery": "gallery, galleries, art gallery, vernissage, art show",
    "theatre": "theatre, theater, opera, ballet, play, comedy club, comedy night, improv show",
    "cinema": "cinema, movie, movies, movie theater, film club, movie night",
    "live_music": "live music, concert, gig, jazz club, open mic",
    "choir": "choir, singing group, choir practice",
    "karaoke": "karaoke, karaoke bar",
    "festival": "festival, street festival, fair, pride, pride event, carnival",
    "market": "farmers market, market, flea market, street market, street food market, christmas market, food market",
    "supermarket": "supermarket, grocery store, grocery, groceries",
    "shopping_mall": "shopping mall, mall, shopping centre, shopping center, shop",
    "gym": "gym, fitness studio, fitness centre, fitness class, crossfit, yoga studio, yoga class, yoga, pilates",
    "climbing_gym": "climbing gym, bouldering gym, bouldering, climbing, climbing hall, boulder hall",
    "swimming_pool": "swimming pool, pool, sauna, spa",
    "sports_club": "sports club, running club, run club, running group, sports team, tennis club, football club, team"
                   " sports, volleyball"
    ", tennis, cycling club, martial arts, soccer team, sports",
    "hiking_group": "hiking group, hiking, trail, hike, hiking club, walking group, group hike",
    "dance_class": "dance class, dancing class, dance course, salsa night, salsa class, salsa, tango, swing dance,"
                   " dancing, dance night"
    ", bachata",
    "class_course": "class, course, cooking class, pottery class, art class, language class, evening class, workshop,"
                    " seminar, lecture"
    ", painting class, improv class, school, university, campus",
    "language_exchange": "language exchange, language cafe, tandem evening, language meetup",
    "board_games": "board game, board games, chess club, chess, board game night, board game cafe, game night, games"
                   " night, pub quiz,"
                   " quiz night, trivia night",
    "bowling": "bowling, bowling alley, mini golf, minigolf, billiards, darts, arcade",
    "meetup_group": "meetup, meet up, club, meetup group, meetup event, hackathon, conference, networking event,"
                    " singles"
                    " event, speed dating",
    "volunteering": "volunteering, volunteer work, charity, shelter, food bank, soup kitchen, volunteer",
    "church_community": "church, church community, parish, temple, mosque, synagogue, bible study, congregation",
    "park": "park, playground, picnic, city park, street, streets",
    "dog_park": "dog park, dog run",
    "garden": "garden, botanical garden, community garden, allotment",
    "beach": "beach, lake, seaside, lakeside, river, sea",
    "zoo": "zoo, aquarium, animal park",
    "work_event": "work event, office party, after work, company event, work",
    "friends_party": "house party, dinner party, party, parties, friends party, barbecue, bbq, birthday, birthdays,"
                     " wedding, friends house"
    ", with friends, through friends",
    "dating_app": "dating app, app, apps, tinder, bumble, hinge, okcupid, online dating",
    "online_community": "online community, online, online group, discord, forum, reddit, video game, video games,"
                        " social media, chat group",
    "public_transport": "train, bus, tram, subway, metro, public transport",
    ANYWHERE: "anywhere, everywhere, no preference, wherever, any place, all places",
}  # fmt: skip


@cache
def _synonyms() -> dict[str, str]:
    """By what it is called; the longest first, so that a dog park is no park."""
    named = [(plain(name.strip()), venue) for venue, names in _CALLED.items() for name in names.split(",")]
    return dict(sorted(named, key=lambda pair: (-len(pair[0].split()), -len(pair[0]), pair[0])))


VENUES: Final = tuple(_CALLED)


def find_venues(text: str) -> tuple[str, ...]:
    """The kinds of places that a text names, in its order, without those it rejects."""
    found = _find(affirmed(text))
    if len(found) > 1 and ANYWHERE in found:
        return tuple(venue for venue in found if venue != ANYWHERE)
    return found


def venues_in(text: str) -> tuple[str, ...]:
    """All that a text names, rejected or not."""
    return _find(text)


def _find(text: str) -> tuple[str, ...]:
    words = re.findall(r"[a-z]+", plain(text))[:_WORDS_READ]
    found: list[str] = []
    at = 0
    while at < len(words):
        length, venue = _at(words, at)
        if venue is not None and venue not in found:
            found.append(venue)
        at += length
    return tuple(found)


def _at(words: list[str], at: int) -> tuple[int, str | None]:
    """How many words name a place here, and which; the most words win, and exact ones before close ones."""
    for length in range(min(_MAX_WORDS, len(words) - at), 0, -1):
        called = " ".join(words[at : at + length])
        if (venue := _exact(called)) is not None:
            return length, venue
    for length in range(min(_MAX_WORDS, len(words) - at), 0, -1):
        called = " ".join(words[at : at + length])
        if (venue := _close(called)) is not None:
            return length, venue
    return 1, None


def _exact(called: str) -> str | None:
    known = _synonyms()
    singular = called.removesuffix("s")
    for form in (
        called,
        singular,
        called.removesuffix("es"),
        f"{singular[:-2]}y" if singular.endswith("ie") else called,
    ):
        if form in known:
            return known[form]
    return None


@cache
def _close(called: str) -> str | None:
    if len(called) < MIN_LETTERS:
        return None
    names = _names(len(called.split()))
    best = process.extractOne(called.removesuffix("s"), names, scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH)
    return _synonyms()[best[0]] if best is not None else None


@cache
def _names(words: int) -> tuple[str, ...]:
    """What can be misspelled, of so many words."""
    return tuple(name for name in _synonyms() if len(name) >= MIN_LETTERS and len(name.split()) == words)
