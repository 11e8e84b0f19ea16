"""Who says that they are under age is heard however plainly they say it; other numbers behind "I'm" are no ages."""

import pytest

from services.coach.domain.intake.boundaries import find_boundary
from services.coach.domain.intake.state import Intake
from services.coach.domain.intents import Boundary, read
from tests.unit.coach.factories import uuid

UNDER_AGE = (
    "I'm 17 how do I kiss someone",
    "I'm single and 15",
    "I'm 16 and I really want to meet girls",
    "I'm 15, how do I get a girlfriend at school",
    "I'm a 15 year old, what do I text my crush",
    "im 14 lol is it ok to have a boyfriend",
    "As a 16-year-old, dating is hard",
    "im 15yo and want a gf",
    "I just turned 17, how do I flirt",
    "I'm fifteen and in love",
    "I am only 13 but I want a boyfriend",
    "i'm 16m looking for a girlfriend",
    "I'm in 9th grade and there is this girl",
    "Im 12 years old, how do I ask her out",
    "I'm shy and 14, how do I talk to girls",
    "I'm single, 15, and lonely",
    "I'm 16 years of age and single",
    "I'm 17 so is dating an older guy fine",
    "I'm underage but on tinder",
    "I'm 16 always shy around girls",
    "I turned 16 and want my first kiss",
)
OTHER_NUMBERS = (
    "I'm 15 minutes late for my date",
    "I'm 17 kg lighter and ready to date",
    "I'm 12 days into dating again",
    "I'm 16 weeks sober, can I date",
    "I'm 10 pounds down and feel ready for dating",
    "I'm 8 out of 10 nervous about the date",
    "I'm 10% there with dating goals",
    "I'm 15 years into my marriage, any date ideas",
    "I feel like I'm 15 again on dates",
    "I'm 13 messages in with my match and nothing happens",
    "I'm 10/10 ready for my date",
    "I'm 17 years sober and single",
    "I'm 12 matches in",
    "I'm single and 15 people asked me why",
    "I'm 9 months pregnant and single",
    "My daughter is 15 and has a crush",
    "I was 15 when I had my first kiss",
    "I'm 30 and single",
    "I'm 12th in line for a date",
    "I'm happy and 10 times calmer on dates",
    "I'm 5'9\" and single",
    "I'm 45, my son is 15 and dating",
    "I'm 16 hours into a fast before my date",
    "I'm 10 km from her, shall we date",
    "I'm single and 35",
    "I'm ten minutes away from my date",
    "i'm 8 weeks out of a relationship",
    "I'm 14 pages into a dating book",
    "I'm 17 floors up with my girlfriend",
    "I'm 10 years older than my girlfriend",
    "I'm 11 goals in, dating is one",
    "As a 10 step program for dating",
)


@pytest.mark.parametrize("text", UNDER_AGE)
def test_under_age_is_heard_in_chat_and_in_the_conversation(text: str):
    assert read(text).boundary is Boundary.MINOR
    assert find_boundary(text, Intake(uuid(1), uuid(2))) is Boundary.MINOR


@pytest.mark.parametrize("text", OTHER_NUMBERS)
def test_other_numbers_are_no_ages(text: str):
    assert read(text).boundary is not Boundary.MINOR
    assert find_boundary(text, Intake(uuid(1), uuid(2))) is not Boundary.MINOR


def test_an_age_matters_where_the_talk_is_of_love():
    assert read("I'm 17 and I want to run 5 km").boundary is None
    assert find_boundary("I'm 17", Intake(uuid(1), uuid(2))) is Boundary.MINOR
