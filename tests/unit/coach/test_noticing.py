"""What is taken out of what a model may see: texts with a sign of crisis, and texts that nobody had time to read."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from services.coach.domain.context import NOTHING_KNOWN, Known, build_context
from services.coach.domain.facts import CompletedFact, Overview
from services.coach.domain.framing import Frame
from services.coach.domain.memory import JournalFact, Memory, MemoryKind
from services.coach.domain.noticing import READ, Sifted, sift, sift_report
from services.coach.domain.report import GoalReport, HabitFact, Report, SubgoalFact
from services.coach.domain.safety import Screening, screen
from services.coach.domain.tiers import Tier
from tests.unit.coach.factories import ANNA, NOW, TODAY, a_goal, a_message, an_entry, uuid

SIGN = "I want to kill myself zebra-canary"


def a_memory(text: str) -> Memory:
    return Memory(uuid(700), ANNA, MemoryKind.FACT, text, False, b"k", None, (), NOW, NOW)


def laid_out(sifted: Sifted) -> str:
    bundle = build_context(
        ANNA,
        a_message(),
        overview=sifted.overview,
        turns=(),
        frame=Frame("abcd"),
        system="s",
        prompt_version="v",
        known=sifted.known,
    )
    return "\n".join(section.text for section in bundle.sections)


@pytest.mark.parametrize(
    "overview",
    [
        Overview(TODAY, (a_goal(title=SIGN),)),
        Overview(TODAY, (a_goal(next_step=SIGN),)),
        Overview(TODAY, (a_goal(habits=("Walk", SIGN)),)),
        Overview(TODAY, (a_goal(),), (an_entry(note=SIGN),)),
        Overview(TODAY, completed=(CompletedFact(uuid(1), ANNA, SIGN, TODAY),)),
    ],
    ids=["title", "step", "habit", "note", "reached"],
)
def test_a_sign_of_crisis_in_notes_and_titles_is_left_out_and_told(overview: Overview):
    sifted = sift(overview, NOTHING_KNOWN, screen)

    assert "zebra-canary" not in laid_out(sifted)
    assert [found.tier for found in sifted.findings.values()] == [Tier.RISK]
    assert "zebra-canary" in laid_out(Sifted(overview, NOTHING_KNOWN, {}))


def test_what_was_screened_when_it_was_written_is_left_out_and_not_told_again():
    known = Known((a_memory(SIGN),), (JournalFact(uuid(800), ANNA, TODAY, -0.9, excerpt=SIGN),))

    sifted = sift(Overview(TODAY), known, screen)

    assert "zebra-canary" not in laid_out(sifted)
    assert not sifted.findings


def test_everything_else_stays_as_it_is():
    overview = Overview(TODAY, (a_goal(habits=("Walk",), next_step="Buy shoes"),), (an_entry(note="rainy, but fine"),))
    known = Known((a_memory("I work nights"),), (JournalFact(uuid(800), ANNA, TODAY, 0.2, excerpt="a good day"),))

    assert sift(overview, known, screen) == Sifted(overview, known, {})


def test_what_nobody_had_time_to_read_is_left_out():
    notes = tuple(an_entry(number, note="x" * 9_000) for number in range(100, 104))
    read: list[str] = []

    def counted(text: str) -> Screening:
        read.append(text)
        return Screening()

    sifted = sift(Overview(TODAY, (a_goal(),), notes), NOTHING_KNOWN, counted)

    assert sifted.overview is not None
    assert sum(bool(entry.note) for entry in sifted.overview.entries) == 2
    assert sum(map(len, read)) <= READ


def test_notes_that_no_context_shows_are_not_read():
    old = an_entry(note=SIGN, local_date=TODAY - timedelta(days=14))

    assert not sift(Overview(TODAY, (a_goal(),), (old,)), NOTHING_KNOWN, screen).findings


def test_one_row_has_its_worst_finding():
    goal = a_goal(title="I feel completely hopeless", next_step=SIGN)

    findings = sift(Overview(TODAY, (goal,)), NOTHING_KNOWN, screen).findings

    assert findings[goal.goal_id].tier is Tier.RISK
    assert {"risk.kill_myself", "watch.hopeless"} <= set(findings[goal.goal_id].rule_ids)


PLACES = ("title", "step", "habit of the goal", "habit", "subgoal", "note")


@pytest.mark.parametrize("place", PLACES)
def test_a_report_goes_without_them_as_well(place: str):
    said = dict.fromkeys(PLACES, "harmless zebra") | {place: SIGN}
    goal = a_goal(title=said["title"], next_step=said["step"], habits=(said["habit of the goal"],))
    habit = HabitFact(uuid(1), said["habit"], "week", 3, 30)
    step = SubgoalFact(uuid(2), said["subgoal"], None)
    entries = (an_entry(100, note=said["note"]),)
    report = Report(TODAY, TODAY, TODAY, (GoalReport(goal, habits=(habit,), subgoals=(step,)),), entries)

    sifted = str(asdict(sift_report(report, screen)))

    assert str(asdict(report)).count("zebra-canary") == 1
    assert "zebra-canary" not in sifted
    assert sifted.count("harmless zebra") == 5
