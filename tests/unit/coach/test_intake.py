"""The dating-goals conversation: what is read, what is asked, and what never counts as an answer."""

import time
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.coach.domain.intake.adoption import goal_drafts
from services.coach.domain.intake.comfort import Contradiction, find_comfort
from services.coach.domain.intake.dialogue import CHOICES_AFTER
from services.coach.domain.intake.reading import answer
from services.coach.domain.intake.state import (
    Adopted,
    Stage,
    from_document,
    started_over,
    to_document,
)
from services.coach.domain.intake.topics import SLOTS, TOPICS, Slot, TopicStatus
from services.coach.domain.intake.venues import VENUES, find_venues
from services.coach.domain.intents import Boundary
from services.coach.domain.lints import _SHAME
from services.coach.domain.plain_text import plain
from tests.unit.coach.intake_dialogues import NOW, TEXTS, TODAY, Script, Talk, known, misread, played, scripts

BOOK = TEXTS.intake
SCRIPTS = [*scripts("intake"), *scripts("intake_held_back")]
LATER = scripts("intake_later")
ANSWERS = (
    *("go on dates", "2 a month", "in three months", "apps", "a friend", "no time"),
    *("4", "silence", "parks", "my sister", "weekly", "gently"),
)


def test_forty_conversations_are_read_right_nine_times_of_ten():
    wrong = {script.name: misread(script, played(script)[0]) for script in SCRIPTS}

    slots = len(SCRIPTS) * len(SLOTS)
    assert slots == 480
    missed = sum(map(len, wrong.values()))
    assert (slots - missed) / slots >= 0.9, wrong


def test_words_that_were_not_met_before_are_read_as_well():
    wrong = {script.name: misread(script, played(script)[0]) for script in LATER}

    assert sum(map(len, wrong.values())) <= len(LATER), wrong


@pytest.mark.parametrize("script", [*SCRIPTS, *LATER], ids=lambda script: script.name)
def test_small_talk_and_questions_fill_nothing(script: Script):
    assert played(script)[1] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_every_turn_asks_once_shames_nobody_and_tells_the_exact_percent(script: Script):
    talk = Talk()
    for line in script.lines:
        turn = talk.say(line.removeprefix("~ "))

        assert turn.text
        assert turn.text.replace("?\n", "?").count("?") <= 1, turn.text
        assert turn.intake.percent == round(100 * len(known(turn.intake)) / 12)
        assert not turn.intake.is_complete


def test_no_part_of_the_book_shames():
    said = [variant for variants in BOOK.parts.values() for variant in variants]

    assert [variant for variant in said if _SHAME.search(plain(variant))] == []


@pytest.mark.parametrize("slot", SLOTS)
def test_examples_and_options_can_be_read(slot: Slot):
    for text in (BOOK.examples[slot], *BOOK.options[slot]):
        values = answer(slot, text)
        assert values
        assert not isinstance(values, Contradiction)


def test_every_place_has_a_word_for_it():
    assert set(VENUES) <= BOOK.spoken.keys()


def test_the_asked_question_comes_again_after_an_aside():
    talk = Talk()
    talk.say("hi")

    for aside in ("why do you ask?", "lol", "it's raining here", "who can read this?", "thanks", "what do you mean?"):
        turn = talk.say(aside)
        assert any(turn.text.endswith(ask) for ask in BOOK.parts["ask.goals"]), aside
        assert turn.intake.requested is Slot.GOALS
        assert not known(turn.intake)


def test_two_unclear_answers_bring_choices_and_a_letter_is_enough():
    talk = Talk()
    talk.say_all("hi", "I don't know")
    turn = talk.say("no idea")
    assert turn.intake.unclear == CHOICES_AFTER
    assert "a) meet new people more often" in turn.text

    picked = talk.say("c")

    assert known(picked.intake) == {Slot.GOALS: ("go on dates again",)}
    assert picked.intake.unclear == 0


def test_a_letter_means_nothing_where_no_choices_were_offered():
    assert not known(Talk().say_all("hi", "c").intake)


def test_skipping_declines_one_question_or_a_topic():
    talk = Talk()
    one = talk.say_all("hi", "skip")
    assert one.intake.declined == (Slot.GOALS,)
    assert one.intake.percent == 8

    whole = talk.say("please skip this topic")

    assert whole.intake.declined == (Slot.GOALS, Slot.TARGET, Slot.TIMEFRAME)
    assert whole.intake.status_of(TOPICS[0]) is TopicStatus.SKIPPED
    assert whole.intake.requested is Slot.TRIED


def test_all_can_be_skipped_and_confirmed():
    talk = Talk()
    talk.say("hi")
    for _ in SLOTS:
        turn = talk.say("skip")
    assert turn.intake.percent == 100
    assert turn.intake.stage is Stage.CONFIRMING

    assert talk.say("yes").intake.is_complete


@pytest.mark.parametrize(
    ("said", "slot", "value"),
    [
        ("Actually, make it one a week", Slot.TARGET, ("one a week",)),
        ("Sorry, I meant three a month", Slot.TARGET, ("three a month",)),
        ("change my target to one a month", Slot.TARGET, ("one a month",)),
        ("actually my goal is to find a partner", Slot.GOALS, ("find a partner",)),
        ("Also be better at small talk", Slot.GOALS, None),
    ],
)
def test_a_correction_is_confirmed_and_the_question_comes_again(said: str, slot: Slot, value: tuple[str, ...] | None):
    talk = Talk()
    talk.say_all("I want to go on dates", "two a month")
    if value is None:
        talk = Talk()
        talk.say("I want to go on dates")
        value = ("go on dates", "be better at small talk")

    turn = talk.say(said)

    assert turn.intake.values(slot) == value
    assert value[-1] in turn.text
    asked = turn.intake.requested
    assert any(turn.text.endswith(ask) for ask in BOOK.parts[f"ask.{asked}"])


def test_lists_grow_and_shrink():
    talk = Talk()
    talk.say_all("I want to go on dates", *ANSWERS[1:8], "bars and coffee shops")

    without = talk.say("not bars")
    assert without.intake.values(Slot.VENUES) == ("coffee_shop",)
    assert "bars" in without.text
    more = talk.say("add climbing gyms")
    assert more.intake.values(Slot.VENUES) == ("coffee_shop", "climbing_gym")
    again = talk.say_all("remove the coffee shops", "remove climbing gyms")
    assert not again.intake.is_answered(Slot.VENUES)
    assert again.intake.requested is Slot.VENUES


def test_signs_of_both_ends_are_asked_about():
    talk = Talk()
    talk.say_all("I want to go on dates", *ANSWERS[1:6])

    turn = talk.say("I'm terrified, but it's easy for me")

    assert not turn.intake.is_answered(Slot.COMFORT)
    assert turn.text in BOOK.parts["conflict.comfort"]
    assert talk.say("a 3 then").intake.values(Slot.COMFORT) == ("low",)


def test_only_a_yes_confirms():
    talk = Talk()
    talk.say_all("I want to go on dates", *ANSWERS[1:])
    assert "- Your target: 2 a month" in talk.turns[-1].text

    for other in ("hm", "maybe", "what happens then?", "thanks", "no", "yes but my target is one a month"):
        turn = talk.say(other)
        assert not turn.intake.is_complete, other
    assert turn.intake.value(Slot.TARGET) == "one a month"

    last = talk.say("Yes, that's right!")

    assert last.is_newly_confirmed
    assert last.intake.confirmed_at == last.intake.revision
    assert not talk.say("yes").is_newly_confirmed


@pytest.mark.parametrize("praise", ["Great, my goals look good!", "I like the places", "my goals"])
def test_naming_a_slot_changes_nothing(praise: str):
    talk = Talk()
    talk.say_all("I want to go on dates", *ANSWERS[1:], "yes")
    before = known(talk.intake)

    assert known(talk.say(praise).intake) == before


def test_coming_back_says_what_is_known():
    talk = Talk()
    talk.say_all("I want to go on dates", "two a month")

    for turn in (talk.say("I'm back"), talk.say("in June", is_resumed=True)):
        assert "your goals and your target" in turn.text
    assert talk.intake.values(Slot.TIMEFRAME) == ("in June",)


def test_a_message_alone_starts_nothing_over():
    talk = Talk()
    talk.say("I want to go on dates")

    turn = talk.say("start over")

    assert known(turn.intake)
    assert any(how in turn.text for how in BOOK.parts["restart.how"])


def test_starting_over_begins_anew_and_counts_on():
    talk = Talk()
    talk.say_all("I want to go on dates", "two a month")

    fresh = started_over(talk.intake, intake_id=UUID(int=9), now=NOW)

    assert (fresh.percent, fresh.turn, fresh.revision) == (0, 0, talk.intake.revision + 1)
    assert not known(fresh)


@pytest.mark.parametrize(
    ("utterance", "boundary"),
    [
        ("How do I get her to say yes after she said no?", Boundary.CONSENT),
        ("Help me find where she lives, I only have her Instagram", Boundary.STALKING),
        ("She's drunk, how do I make my move", Boundary.INTOXICATED),
        ("write a message to humiliate my ex", Boundary.HARASSMENT),
        ("I'm 15, how do I get a girlfriend at school", Boundary.MINOR),
    ],
)
@pytest.mark.parametrize("answered", range(12))
def test_boundaries_hold_at_every_question(utterance: str, boundary: Boundary, answered: int):
    talk = Talk()
    talk.say_all("hi", *("I want to go on dates", *ANSWERS[1:])[:answered])
    before = known(talk.intake)

    turn = talk.say(utterance)

    assert turn.boundary is boundary
    assert any(variant in turn.text for variant in TEXTS.phrases.parts[f"boundary.{boundary}"])
    assert known(turn.intake) == before
    assert turn.intake.is_stopped == (boundary is Boundary.MINOR)


def test_after_a_minors_words_nothing_is_asked_until_a_day_has_passed_and_it_is_started_over():
    talk = Talk()
    talk.say_all("I want to go on dates", "I'm 16")
    assert not known(talk.say("two a month").intake).keys() & {Slot.TARGET}
    stopped = talk.intake.stopped_at
    assert stopped is not None

    soon = started_over(talk.intake, intake_id=UUID(int=9), now=stopped + timedelta(hours=23))
    later = started_over(talk.intake, intake_id=UUID(int=9), now=stopped + timedelta(hours=25))

    assert (soon.is_stopped, later.is_stopped) == (True, False)


def test_an_eight_of_ten_is_no_age_and_a_no_that_was_lived_through_no_pushing():
    talk = Talk()
    talk.say_all("I want to go on dates", "2 a month", "June", "I asked somebody out and she said no")
    assert talk.intake.values(Slot.TRIED) == ("I asked somebody out and she said no",)
    talk.say_all("a friend", "no time")

    assert talk.say("I'm an 8").intake.values(Slot.COMFORT) == ("high",)
    other = Talk()
    other.say_all("I want to go on dates", *ANSWERS[1:6])
    assert other.say("I'm 8").intake.values(Slot.COMFORT) == ("high",)


@pytest.mark.parametrize(
    ("text", "level"),
    [(f"{number}", "low" if number < 4 else "moderate" if number < 8 else "high") for number in range(1, 11)]
    + [
        ("terrified", "low"),
        ("I freeze", "low"),
        ("I avoid it", "low"),
        ("nervous but I go", "moderate"),
        ("easy, I start chats", "high"),
        ("not comfortable at all", "low"),
        ("seven out of ten", "moderate"),
        ("3 friends", None),
        ("11", None),
    ],
)
def test_comfort_is_read_from_numbers_and_phrases(text: str, level: str | None):
    assert find_comfort(text) == level


@pytest.mark.parametrize(
    ("text", "venues"),
    [
        ("the dog park", ("dog_park",)),
        ("cofee shops", ("coffee_shop",)),
        ("bench", ()),
        ("anywhere but bars", ()),
        ("parks, but not bars", ("park",)),
    ],
)
def test_places_are_met_halfway(text: str, venues: tuple[str, ...]):
    assert find_venues(text) == venues


def test_names_are_not_kept():
    talk = Talk()
    talk.say_all("I want to go on dates", *ANSWERS[1:9], "my sister Clara and my friend Bob")

    assert talk.intake.values(Slot.SUPPORT) == ("sister", "friend")


def test_the_state_survives_storage():
    talk = Talk()
    talk.say_all("I want to go on dates", *ANSWERS[1:7], "skip")
    intake = talk.intake

    stored = from_document(
        to_document(intake), intake_id=intake.intake_id, thread_id=intake.thread_id, revision=intake.revision
    )

    assert stored == intake


def test_the_same_words_in_the_same_state_read_the_same():
    one, other = Talk(), Talk()

    assert [one.say(text).text for text in ("hi", *ANSWERS)] == [other.say(text).text for text in ("hi", *ANSWERS)]


@pytest.mark.parametrize(
    ("target", "period", "times", "rrule"),
    [
        ("two dates a month", "month", 2, ""),
        ("3 conversations a week", "week", 3, ""),
        ("one outing every two weeks", "day", 1, "FREQ=WEEKLY;INTERVAL=2"),
        ("skip", "week", 1, ""),
        ("just one", "week", 1, ""),
    ],
)
def test_goals_are_due_as_the_target_says(target: str, period: str, times: int, rrule: str):
    talk = Talk()
    talk.say_all("I want to go on dates and feel calm around people", target, "by March 15", *ANSWERS[3:], "yes")

    drafts = goal_drafts(talk.intake, today=TODAY)

    assert [draft.title for draft in drafts] == ["Go on dates", "Feel calm around people"]
    assert {(draft.schedule.period, draft.schedule.times, draft.schedule.rrule) for draft in drafts} == {
        (period, times, rrule)
    }
    assert {draft.deadline for draft in drafts} == {date(2027, 3, 15)}


def test_a_timeframe_counts_from_the_day_it_was_said():
    talk = Talk()
    talk.say_all("I want to go on dates", "two a month", "in three months", *ANSWERS[3:], "yes")

    assert goal_drafts(talk.intake, today=TODAY + timedelta(days=30))[0].deadline == date(2027, 4, 4)
    assert goal_drafts(talk.intake, today=TODAY + timedelta(days=300))[0].deadline is None


def test_a_goal_that_was_made_is_not_made_again():
    intake = Talk().say("I want to go on dates and feel calm around people").intake
    made = replace(intake, adopted=(Adopted("GO ON DATES", UUID(int=1)),))

    assert [draft.index for draft in goal_drafts(made, today=TODAY)] == [1]


def test_no_words_show_when_printed():
    talk = Talk()
    turn = talk.say("I want to ask out zebra-canary")

    assert "zebra" not in f"{turn!r} {turn.intake!r} {turn.intake.answers[Slot.GOALS]!r}"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(max_size=200) | st.sampled_from(["skip", "yes", "no", "actually 7", "not bars", "a", "start over"]),
        max_size=16,
    )
)
def test_any_words_get_a_turn_and_an_exact_percent(messages: list[str]):
    talk = Talk()
    for message in messages:
        turn = talk.say(message)

        assert turn.text
        assert turn.intake.percent == round(100 * len(known(turn.intake)) / 12)
        assert all(len(turn.intake.values(slot)) <= 8 for slot in SLOTS)
        assert all(len(value) <= 200 for slot in SLOTS for value in turn.intake.values(slot))


@pytest.mark.parametrize(
    "text",
    ["ok back " * 1000, "thats it " * 800, "no no " * 1300, "a, " * 2600, "I want to " * 800, "once a week " * 600,
     "x" * 8000, "coffe shp " * 800, "not bars, " * 800, "1. " * 2600, "?" * 8000, "hm " * 2600],
)  # fmt: skip
@pytest.mark.parametrize("answered", [0, 2, 4, 8, 11, 12])
def test_long_messages_are_read_soon(text: str, answered: int):
    talk = Talk()
    talk.say_all("hi", *("I want to go on dates", *ANSWERS[1:])[:answered])

    begun = time.perf_counter()
    talk.say(text[:8000])

    assert time.perf_counter() - begun < 0.5


def up_to(slot: Slot) -> Talk:
    """A conversation in which everything before a slot is answered."""
    talk = Talk()
    talk.say("hi")
    for said in ANSWERS[: SLOTS.index(slot)]:
        talk.say(said)
    assert talk.intake.requested is slot
    return talk


def test_what_was_taken_out_already_is_not_put_back_by_taking_it_out_again():
    talk = up_to(Slot.VENUES)
    for said in ("bars", "remove bars", "remove bars", "please delete bars", "actually not bars"):
        talk.say(said)

    assert talk.intake.values(Slot.VENUES) == ()
    assert talk.intake.requested is Slot.VENUES


@pytest.mark.parametrize(
    ("slot", "said", "value"),
    [
        (Slot.SUPPORT, "I have no one", "myself"),
        (Slot.HELPED, "nothing helped", "nothing so far"),
        (Slot.TRIED, "nothing", "nothing yet"),
        (Slot.FREQUENCY, "never", "no check-ins"),
    ],
)
def test_nothing_nobody_and_never_are_heard_as_what_they_are(slot: Slot, said: str, value: str):
    talk = up_to(slot)
    text = talk.say(said).text

    assert talk.intake.values(slot) == (value,)
    assert any(text.startswith(variant) for variant in BOOK.parts[f"ack_none.{slot}"]), text


@pytest.mark.parametrize("said", ["she said no last time I asked", "she laughed at me", "it got worse"])
def test_what_hurt_is_not_kept_as_what_helped(said: str):
    talk = up_to(Slot.HELPED)

    talk.say(said)

    assert talk.intake.values(Slot.HELPED) == ()


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("I got divorced last year and I'm scared to date again", "heard.hardship"),
        ("my husband died two years ago and I want to love again", "heard.loss"),
        ("I'm gay, is that ok?", "aside.belong"),
        ("Am I too old for this?", "aside.belong"),
    ],
)
def test_what_somebody_brings_along_is_heard(said: str, part: str):
    first, later = Talk().say(said), up_to(Slot.GOALS).say(said)

    for turn in (first, later):
        assert any(variant in turn.text for variant in BOOK.parts[part]), turn.text


def test_to_fear_a_no_is_not_to_push_past_one():
    turn = up_to(Slot.TRIGGERS).say("what if she says no?")

    assert turn.boundary is None
