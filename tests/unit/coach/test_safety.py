"""The crisis screen: what it must catch, what it must leave alone, and how a tier stays."""

import time
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.coach.domain.acts import ACTS, HARM
from services.coach.domain.danger_phrases import IMMINENT, RISK, WATCH
from services.coach.domain.more_danger import MORE_IMMINENT, MORE_RISK, MORE_WATCH
from services.coach.domain.other_phrases import ABUSE, LANGUAGES, THIRD_PARTY
from services.coach.domain.safety import STICKY, SafetyState, Screening, assess, screen, worse
from services.coach.domain.safety_rules import RULES
from services.coach.domain.tiers import Tier
from services.coach.domain.wishes import WISHES

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HELD_BACK: dict[str, list[str]] = {
    kind: lines
    for name in ("crisis_held_back", "crisis_acts")
    for kind, lines in tomllib.loads(
        (Path(__file__).parent / "data" / f"{name}.toml").read_text(encoding="utf-8")
    ).items()
}

FOUND = [
    (Tier.RISK, "I want to kill myself"),
    (Tier.IMMINENT, "I took a bunch of pills an hour ago"),
    (Tier.IMMINENT, "I have a plan and I'm doing it tonight"),
    (Tier.RISK, "I don't want to be here anymore"),
    (Tier.RISK, "I've been cutting again"),
    (Tier.RISK, "everyone would be better off without me"),
    (Tier.RISK, "wish i could just fall asleep and not wake up"),
    (Tier.WATCH, "nobody would notice if I was gone"),
    (Tier.WATCH, "what's the point of anything anymore"),
    (Tier.RISK, "k!ll mys3lf / kms fr"),
    (Tier.RISK, "k!ll mys3lf"),
    (Tier.RISK, "kms fr"),
    (Tier.RISK, "quiero morir"),
    (Tier.THIRD_PARTY, "my brother said he wants to die, what do I do"),
    (Tier.RISK, "asking for a friend, how many pills is too many"),
    (Tier.WATCH, "my boyfriend hits me when I'm late"),
    (Tier.WATCH, "I used to be suicidal years ago but I'm good now"),
    (Tier.IMMINENT, "I'm going to kill myself tonight"),
    (Tier.IMMINENT, "goodbye everyone, this is my last message"),
    (Tier.IMMINENT, "just swallowed a whole bottle of tylenol"),
    (Tier.IMMINENT, "I cut my wrists"),
    (Tier.IMMINENT, "I wrote a suicide note for my parents"),
    (Tier.IMMINENT, "standing on the bridge right now"),
    (Tier.RISK, "I wanna unalive myself"),
    (Tier.RISK, "k i l l m y s e l f"),
    (Tier.RISK, "i want 2 die"),
    (Tier.RISK, "I wаnt to diе"),
    (Tier.RISK, "I\u200b want to ki\u200bll myself"),
    (Tier.RISK, "i want to dieeee"),
    (Tier.RISK, "im so suicidal lately"),
    (Tier.RISK, "there is no reason to live"),
    (Tier.RISK, "I’m tired of living"),
    (Tier.RISK, "I can't stop hurting myself"),
    (Tier.WATCH, "I feel completely hopeless"),
    (Tier.WATCH, "I just want to disappear"),
    (Tier.WATCH, "I can't go on like this anymore"),
    (Tier.WATCH, "I don't want to kill myself"),
    (Tier.THIRD_PARTY, 'my friend texted me "i want to kill myself" last night'),
    (Tier.THIRD_PARTY, "My mentee said she wants to kill herself"),
    (Tier.THIRD_PARTY, "my brother wanted to die"),
    (Tier.RISK, "since my ex left i want to die"),
    (Tier.WATCH, "he threatened to hurt me"),
    (Tier.RISK, "je veux mourir"),
    (Tier.RISK, "Ich will nicht mehr leben"),
    (Tier.RISK, "não quero viver mais, quero morrer"),
    (Tier.RISK, "voglio morire"),
    (Tier.RISK, "ik wil niet meer leven"),
]

LEFT_ALONE = [
    "you misunderstood, forget it",
    "this workout is killing me",
    "I died of embarrassment on that date",
    "I'm dying to see her again",
    "suicide sprints at practice today",
    "I want to kill this habit",
    "I can't do this goal anymore",
    "I can't take this diet anymore",
    "Should I stop my antidepressant to focus better?",
    "you're useless, shut up you stupid bot",
    "I took all my pills on time this week",
    "I took my vitamins this morning",
    "I ran 5 kms today",
    "how many kms did I run",
    "I'd rather die than go to that party",
    "I'm killing myself at the gym",
    "I nearly killed myself laughing",
    "I won't be here next week, please pause my goal",
    "I've been cutting carbs again",
    "My mentee sleeps all day, is she depressed?",
    "I don't want to live in this city anymore",
    "I'm tired of living in this town",
    "I hurt myself running",
    "I cut myself shaving",
    "She hit me up on Instagram",
    "he beats me at chess every time",
    "my phone died",
    "I could kill for a coffee",
    "I'm hopeless at cooking",
    "I volunteer at a suicide prevention hotline",
    "I finally have a plan and I'm sticking to it",
    "I want to end it with her, she cheated",
    "me muero de ganas de correr",
    "quiero morir de risa",
    "ich will mehr leben im Büro",
    "no point in running in this rain",
    "I overdosed on chocolate",
    "I gave up sugar, goodbye sweets",
    "I want to disappear for the weekend",
    "That movie about suicide was heavy",
]


@pytest.mark.parametrize(("tier", "text"), FOUND)
def test_signs_of_crisis_are_found(tier: Tier, text: str):
    assert screen(text).tier is tier


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_everyday_hyperbole_is_left_alone(text: str):
    assert screen(text) == Screening(denies=screen(text).denies, plan_signal=screen(text).plan_signal)


def test_own_danger_outranks_worry_about_somebody_else():
    found = screen("My brother said he wants to die. And I want to kill myself too.")

    assert found.tier is Tier.RISK
    assert "third_party.wants_to_die" in found.rule_ids


def test_what_is_reported_of_others_but_said_of_oneself_is_ones_own():
    assert screen("my therapist told me to be open, so i say it: i want to die").tier is Tier.RISK


def test_a_finding_carries_ids_and_never_text():
    canary = "zebra-canary"

    found = screen(f"I want to kill myself, {canary}")

    assert found.rule_ids
    assert canary not in repr(found)


def test_every_rule_has_its_own_id():
    ids = [rule.rule_id for rule in RULES]

    assert len(ids) == len(set(ids))
    ours = (
        IMMINENT,
        RISK,
        LANGUAGES,
        WATCH,
        THIRD_PARTY,
        ABUSE,
        MORE_IMMINENT,
        MORE_RISK,
        MORE_WATCH,
        ACTS,
        HARM,
        WISHES,
    )
    assert len(RULES) == sum(map(len, ours))


# What is promised for 4,000 characters.
SCREEN_S = 0.005


@pytest.mark.parametrize(
    "text",
    [
        "i want to be happy and run more. " * 121,
        "a" * 4000,
        "my friend " * 400,
        "took all " * 444,
        "!1" * 2000,
        "have a plan " * 333,
        "i " * 2000,
        "k i l l " * 500,
        "i want to " * 400,
        "my pills are on my desk and i want to be with my mum tonight. " * 65,
    ],
    ids=lambda text: text[:12],
)
def test_screening_is_quick_and_linear(text: str):
    """1 to 3 ms of processor time are usual for 4,000 characters; twice the text takes about twice the time."""

    def seconds(sample: str) -> float:
        started = time.process_time()
        screen(sample)
        return time.process_time() - started

    once = min(seconds(text[:4000]) for _ in range(9))

    assert once <= 10 * SCREEN_S
    assert min(seconds(text[:4000] * 2) for _ in range(9)) <= 4 * once + SCREEN_S


def held(tier: Tier, *, hours: float = 24, plan_signal: bool = False) -> SafetyState:
    return SafetyState(tier, NOW + timedelta(hours=hours), plan_signal)


def test_a_tier_stays_for_a_day_and_is_not_announced_again():
    assessed = assess(screen("how is my running going?"), held(Tier.RISK, hours=3), now=NOW)

    assert assessed.tier is Tier.RISK
    assert not assessed.flagged
    assert assessed.state == held(Tier.RISK, hours=3)


def test_a_tier_ends_after_its_time():
    assessed = assess(screen("how is my running going?"), held(Tier.RISK, hours=-1), now=NOW)

    assert assessed.tier is Tier.NONE
    assert assessed.state is None


@pytest.mark.parametrize(
    ("before", "after"), [(Tier.IMMINENT, Tier.RISK), (Tier.RISK, Tier.WATCH), (Tier.WATCH, Tier.WATCH)]
)
def test_a_denial_lowers_by_one_step_and_never_to_nothing(before: Tier, after: Tier):
    assessed = assess(screen("you misunderstood, forget it"), held(before), now=NOW)

    assert assessed.tier is after
    assert assessed.state is not None
    assert assessed.state.tier is after


def test_a_new_sign_renews_the_time_and_keeps_the_higher_tier():
    assessed = assess(screen("I feel completely hopeless"), held(Tier.IMMINENT, hours=1), now=NOW)

    assert assessed.tier is Tier.IMMINENT
    assert assessed.flagged
    assert assessed.state == SafetyState(Tier.IMMINENT, NOW + STICKY)


@pytest.mark.parametrize(
    ("first", "second", "tier"),
    [
        ("I have a plan", "what's the point of anything anymore", Tier.RISK),
        ("what's the point of anything anymore", "doing it tonight", Tier.RISK),
        ("I've been giving away my stuff", "I want to die", Tier.IMMINENT),
        ("I want to die", "I know how I'd do it", Tier.IMMINENT),
    ],
)
def test_a_plan_and_despair_meet_across_messages(first: str, second: str, tier: Tier):
    before = assess(screen(first), None, now=NOW)

    after = assess(screen(second), before.state, now=NOW)

    assert after.tier is tier
    assert "pattern.plan_across_messages" in after.rule_ids


def test_a_plan_alone_is_only_remembered():
    assessed = assess(screen("I have a plan for my marathon"), None, now=NOW)

    assert assessed.tier is Tier.NONE
    assert assessed.state == SafetyState(Tier.NONE, NOW + STICKY, plan_signal=True)


def test_of_two_memories_the_more_careful_counts():
    assert worse(held(Tier.WATCH), held(Tier.RISK)) == held(Tier.RISK)
    assert worse(None, held(Tier.WATCH)) == held(Tier.WATCH)
    assert worse(None, None) is None


_OWN = frozenset({Tier.RISK, Tier.IMMINENT})


@pytest.mark.parametrize(
    ("kind", "tiers", "share"),
    [
        ("risk", _OWN, 0.95),
        ("own_danger", _OWN, 0.95),
        ("later", _OWN, 0.95),
        ("watch", _OWN | {Tier.WATCH}, 0.95),
        ("third_party", _OWN | {Tier.WATCH, Tier.THIRD_PARTY}, 0.95),
        ("idioms", frozenset({Tier.NONE}), 0.99),
        ("near", frozenset({Tier.NONE}), 0.99),
    ],
)
def test_lines_held_back_are_told_apart(kind: str, tiers: frozenset[Tier], share: float):
    lines = HELD_BACK[kind]

    wrong = [line for line in lines if screen(line).tier not in tiers]

    assert 1 - len(wrong) / len(lines) >= share, wrong


def test_there_are_enough_lines_to_measure_by():
    own = [*HELD_BACK["own_danger"], *HELD_BACK["later"]]

    assert len(own) >= 150
    assert len(set(own)) == len(own)
    assert not set(own) & {*HELD_BACK["risk"], *(text for _, text in FOUND)}
    assert len(HELD_BACK["idioms"]) >= 150


@pytest.mark.parametrize(
    ("tier", "text"),
    [
        (Tier.IMMINENT, "I just took all my sertraline"),
        (Tier.IMMINENT, "I drank bleach"),
        (Tier.IMMINENT, "I've got the pills in front of me"),
        (Tier.IMMINENT, "I bought a gun yesterday and I know what I'll do with it"),
        (Tier.IMMINENT, "I have a rope in my garage and I keep looking at it"),
        (Tier.IMMINENT, "I cut too deep and it won't stop bleeding"),
        (Tier.IMMINENT, "I want to end things tonight"),
        (Tier.RISK, "I relapsed with self-harm"),
        (Tier.RISK, "I don't see any reason to stay alive"),
        (Tier.RISK, "I can't think of a single reason to go on"),
        (Tier.NONE, "I don't see any reason to stay at this gym"),
        (Tier.RISK, "I hope I get hit by a car"),
        (Tier.RISK, "sometimes I think about driving into a tree"),
        (Tier.RISK, "vorrei morire"),
        (Tier.WATCH, "I feel empty and hopeless"),
        (Tier.WATCH, "I don't see a future for myself"),
        (Tier.WATCH, "he forced me to have sex"),
        (Tier.WATCH, "my husband pushed me against the wall"),
        (Tier.WATCH, "I'm scared to go home because of my dad"),
        (Tier.THIRD_PARTY, "my brother drank bleach"),
        (Tier.NONE, "he said no and I wanted to die of shame"),
        (Tier.NONE, "I want to jump off a bridge on vacation, bungee"),
    ],
)
def test_acts_means_and_wishes_are_told_from_their_kin(tier: Tier, text: str):
    assert screen(text).tier is tier


@pytest.mark.parametrize(
    ("tier", "text"),
    [
        (Tier.IMMINENT, "The voices won't stop, they're telling me to hurt myself tonight"),
        (Tier.RISK, "The voices keep telling me I have to do something to myself"),
        (Tier.IMMINENT, "I have a box cutter and some pills here"),
        (Tier.RISK, "They'd be better off with my life insurance than with me"),
        (Tier.RISK, "It would be easier if I just wasn't here anymore"),
        (Tier.WATCH, "I don't know what the point is anymore"),
        (Tier.WATCH, "sometimes I wonder if anyone would even notice if I was gone"),
        (Tier.NONE, "I don't see the point of this app feature"),
        (Tier.NONE, "my team would be better off without meetings"),
        (Tier.NONE, "I have a plan and I'm doing it tomorrow morning"),
    ],
)
def test_danger_told_by_voices_means_and_others_being_better_off(tier: Tier, text: str):
    assert screen(text).tier is tier
