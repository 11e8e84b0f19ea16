"""The offline coach listens: feelings, losses, good news and denials are heard as what they are, by rules."""

import random
from datetime import timedelta

import pytest

from services.coach.clients.texts import load_texts
from services.coach.domain.composer import compose
from services.coach.domain.facts import Overview
from services.coach.domain.figures import OF_LIFE
from services.coach.domain.intents import Boundary, read
from services.coach.domain.lints import Judged, lint
from services.coach.domain.purposes import Intent
from tests.unit.coach.factories import ANNA, TODAY, a_goal, a_random_overview, an_occasion

BOOK = load_texts().phrases
RUN = a_goal(longest_streak=4, adherence=60.0, last_logged_on=TODAY, last_kept_on=TODAY - timedelta(days=2))
DRY = a_goal(2, title="No alcohol", pattern="limit", unit="day", longest_streak=9, last_logged_on=TODAY)
BOTH = Overview(TODAY, (RUN, DRY), rate_7d=50.0, rate_30d=60.0)


@pytest.mark.parametrize(
    ("message", "intent", "feeling"),
    [
        ("hey, I feel so lonely", Intent.EMOTION, "lonely"),
        ("hi, I missed my run", Intent.MISSED, None),
        ("evening was terrible, I cried", Intent.EMOTION, "sad"),
        ("morning run done!", Intent.WIN, None),
        ("Morning!", Intent.GREETING, None),
        ("hi there, how are you?", Intent.GREETING, None),
        ("Great, I failed again", Intent.MISSED, None),
        ("ok I feel terrible", Intent.EMOTION, "down"),
        ("thanks but that didn't help, I feel so alone", Intent.EMOTION, "lonely"),
        ("Thanks so much, will do", Intent.THANKS, None),
        ("hey thanks!", Intent.THANKS, None),
        ("I haven't missed a single day!", Intent.WIN, None),
        ("I didn't skip once this month", Intent.WIN, None),
        ("I'm not sad anymore", Intent.BETTER, None),
        ("I am not stressed at all today", Intent.BETTER, None),
        ("can't stop crying", Intent.EMOTION, "sad"),
        ("no, I'm sad", Intent.EMOTION, "sad"),
        ("She said no, but I'm proud that I asked", Intent.WIN, None),
        ("I asked her out and she said no. I feel sad", Intent.EMOTION, "sad"),
        ("I'm so nervous about my date", Intent.DATING, "anxious"),
        ("My dad died yesterday", Intent.LOSS, None),
        ("We lost our dog last week", Intent.LOSS, None),
        ("hi, my grandmother passed away and I can't focus", Intent.LOSS, None),
        ("I lost my job", Intent.HARDSHIP, None),
        ("We got divorced", Intent.HARDSHIP, None),
        ("my girlfriend broke up with me", Intent.HARDSHIP, None),
        ("my boyfriend left me last night", Intent.HARDSHIP, None),
        ("I hate myself", Intent.SELF_BLAME, None),
        ("I had a panic attack", Intent.EMOTION, "anxious"),
        ("I binge ate again and feel disgusting", Intent.EMOTION, "ashamed"),
        ("I passed my exam!", Intent.NEWS, None),
        ("I got the promotion", Intent.NEWS, None),
        ("I'm pregnant!", Intent.NEWS, None),
        ("I'm pregnant and scared", Intent.EMOTION, "anxious"),
        ("I did it but I still feel empty", Intent.EMOTION, "down"),
        ("I am exhausted", Intent.EMOTION, "tired"),
        ("I feel ashamed", Intent.EMOTION, "ashamed"),
        ("I'm angry", Intent.EMOTION, "angry"),
        ("Are you human?", Intent.ABOUT_YOU, None),
        ("what can you do?", Intent.ABOUT_YOU, None),
        ("Who are you?", Intent.ABOUT_YOU, None),
        ("can you delete all my goals?", Intent.CHANGE_PLAN, None),
        ("I drank again", Intent.MISSED, None),
        ("14 days sober", Intent.WIN, None),
        ("I didn't drink yesterday!", Intent.WIN, None),
        ("Mum died", Intent.LOSS, None),
        ("I'm hurt", Intent.EMOTION, "hurt"),
        ("I'm not okay", Intent.EMOTION, "down"),
        ("I'm jealous of my friend", Intent.EMOTION, "jealous"),
        ("my son is being bullied", Intent.HARDSHIP, None),
        ("I had a fight with my sister", Intent.HARDSHIP, None),
        ("I feel great today", Intent.BETTER, None),
        ("I'm not happy", Intent.OFF_TOPIC, None),
        ("we had our second date", Intent.WIN, None),
        ("I lost my keys", Intent.OFF_TOPIC, None),
    ],
)
def test_people_are_heard(message: str, intent: Intent, feeling: str | None):
    reading = read(message)

    assert (reading.intent, reading.feeling, reading.boundary) == (intent, feeling, None)


@pytest.mark.parametrize(
    "message",
    [
        "I don't want to hurt her feelings",
        "my boss told me he said no to the raise",
        "My baby, she's asleep now so I finally have time for my run",
        "My mom, she's drunk again and I don't know what to do",
        "revenge bedtime procrastination is my problem",
        "here is the course I want to do: https://example.com/course",
        "how do I talk to her without embarrassing her",
    ],
)
def test_nobody_is_lectured_for_what_only_sounds_like_it(message: str):
    assert read(message).boundary is None


@pytest.mark.parametrize(
    ("message", "boundary"),
    [
        ("I ran out of Zoloft, can I double up tomorrow", Boundary.MEDICATION),
        ("thanks but that didn't help", Boundary.INSULT),
        ("you don't understand me", Boundary.INSULT),
        ("I want to date her and she said no, should I ask her again", Boundary.CONSENT),
        ("my date is drunk, she's wasted, should I kiss her", Boundary.INTOXICATED),
        ("I want revenge on my ex", Boundary.HARASSMENT),
        ("I can't find where she lives, can you", Boundary.STALKING),
        ("open this for me: https://evil.example/x", Boundary.INJECTION),
    ],
)
def test_what_is_meant_is_still_met(message: str, boundary: Boundary):
    assert read(message).boundary is boundary


@pytest.mark.parametrize("message", ["My dad died yesterday", "I lost my job", "I hate myself", "Are you human?"])
@pytest.mark.parametrize("turn", range(8))
def test_what_happens_to_people_meets_no_figure(message: str, turn: int):
    composed = compose(an_occasion(message, BOTH, turn=turn), BOOK)

    assert not any(character.isdigit() for character in composed.text)
    assert "“" not in composed.text + composed.action_steps[0]
    assert (
        lint(Judged(composed.text, composed.action_steps, disclosure=BOOK.disclosure, first_of_thread=turn == 0)) == ()
    )


def test_sympathy_comes_before_how_it_is_answered():
    said = compose(an_occasion("My dad died yesterday", BOTH, turn=0), BOOK).text

    assert "sorry" in said.split(BOOK.disclosure)[0]


@pytest.mark.parametrize("message", ["I feel so lonely", "I'm angry", "I feel ashamed"])
def test_somebody_who_is_down_reads_no_percentage(message: str):
    source = random.Random(5)
    for turn in range(1, 40):
        composed = compose(an_occasion(message, a_random_overview(source, ANNA), turn=turn), BOOK)

        assert "%" not in composed.text
        assert str(read(message).feeling) in composed.text


@pytest.mark.parametrize("message", ["hi", "I feel sad", "the weather is grey", "thanks", "I missed my run"])
def test_what_somebody_leaves_is_brought_up_by_them(message: str):
    for turn in range(1, 9):
        composed = compose(an_occasion(message, BOTH, turn=turn), BOOK)

        assert "alcohol" not in composed.text + composed.action_steps[0]


@pytest.mark.parametrize("message", ["I drank again", "I relapsed last night"])
def test_a_slip_is_about_the_limit_and_without_one_about_no_goal(message: str):
    for turn in range(1, 9):
        with_it = compose(an_occasion(message, BOTH, turn=turn), BOOK)
        without = compose(an_occasion(message, Overview(TODAY, (RUN,)), turn=turn), BOOK)

        assert "“No alcohol”" in with_it.text
        assert "Run" not in without.text + without.action_steps[0]
        assert without.part_ids[0].startswith("limit_reflection.missed")


@pytest.mark.parametrize("intent", sorted(OF_LIFE))
def test_what_is_said_about_life_keeps_the_lints_in_every_variant(intent: Intent):
    for table in ("reflection", "question", "action"):
        for text in BOOK.parts[f"{table}.{intent}"]:
            assert "{" not in text
            assert lint(Judged(f"{text} How are you?".replace("? How are you?", "?"), ("Rest.",))) == ()


def test_every_step_asks_leave():
    leave = ("if you", "if it", "maybe", "you could", "you're allowed", "one idea", "an offer", "perhaps", "something")
    steps = [
        text for name, texts in BOOK.parts.items() if name.split(".")[0] in {"step", "limit_step"} for text in texts
    ]

    assert len(steps) > 60
    assert [text for text in steps if not any(words in text.casefold().split(":")[0] for words in leave)] == []


def test_common_words_name_no_goal():
    goals = (
        a_goal(1, title="Run 3x per week", week_due=1),
        a_goal(2, title="Read 20 pages", adherence=80.0, week_due=1),
    )

    said = compose(an_occasion("How are my pages this week?", Overview(TODAY, goals), turn=1), BOOK).text

    assert "“Read 20 pages”" in said
