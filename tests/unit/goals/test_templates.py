"""The template library: every template makes a goal by the same planning as a member's own."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from chassis.clock import FixedClock, new_id
from chassis.errors import InvalidArgument
from services.goals.domain.care import Care
from services.goals.domain.days import Calendar
from services.goals.domain.goal import Goal, GoalId, Limit, MemberId, Pattern
from services.goals.domain.planning import GoalDraft, plan_goal
from services.goals.domain.templates import (
    Template,
    all_templates,
    fill,
    get_template,
    list_templates,
    suggested_care,
)
from services.goals.domain.terms import MilestoneDraft

CATEGORIES = {
    "health", "fitness", "learning", "career", "relationships", "dating", "finance", "mindfulness", "creativity",
}  # fmt: skip
CLOCK = FixedClock(datetime(2026, 3, 20, 12, tzinfo=UTC))
TODAY = date(2026, 3, 20)
TEMPLATES = all_templates()


def planned(draft: GoalDraft) -> Goal:
    return plan_goal(
        draft,
        goal_id=GoalId(new_id(CLOCK)),
        member_id=MemberId(new_id(CLOCK)),
        calendar=Calendar(),
        today=TODAY.toordinal(),
        now=CLOCK.now(),
        new_id=lambda: new_id(CLOCK),
    )


def filled(template: Template, draft: GoalDraft = GoalDraft()) -> GoalDraft:  # noqa: B008 - it is frozen
    return fill(draft, template, today=TODAY.toordinal())


def suggested(template: Template) -> Care:
    return suggested_care(template, new_id=lambda: new_id(CLOCK))


def test_there_are_many_over_all_patterns_and_categories():
    assert len(TEMPLATES) >= 30
    assert {each.category for each in TEMPLATES} == CATEGORIES
    by_pattern = Counter(each.pattern for each in TEMPLATES)
    assert all(by_pattern[pattern] >= 3 for pattern in Pattern)


def test_ids_and_titles_are_their_own():
    for field in ("id", "title", "why"):
        values = [getattr(each, field) for each in TEMPLATES]
        assert len(set(values)) == len(values), field


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.id)
def test_every_template_makes_a_goal(template: Template):
    goal = planned(filled(template))

    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", template.id)
    assert (goal.title, goal.category, goal.pattern) == (template.title, template.category, template.pattern)
    assert goal.description
    assert re.fullmatch(r"[^.]+\.", template.why), "one sentence"
    assert goal.start_day == TODAY.toordinal()
    if template.terms.schedule is not None and template.terms.schedule.period:
        assert goal.rule.schedule.period is template.terms.schedule.period


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.id)
def test_every_template_suggests_habits_with_a_cue(template: Template):
    care = suggested(template)

    assert care.habits
    for habit in care.habits:
        assert habit.minutes > 0
        assert re.fullmatch(r"If .+, then .+\.", habit.if_then)


@pytest.mark.parametrize("template", list_templates(pattern=Pattern.MILESTONE), ids=lambda each: each.id)
def test_steps_are_due_in_order_within_the_deadline(template: Template):
    days = [step.after_days for step in template.milestones]
    assert template.deadline_days is not None

    assert days == sorted(days)
    assert days[-1] <= template.deadline_days


def test_days_count_from_the_start():
    template = get_template("first-10k")

    later = planned(filled(template, GoalDraft(start_date=TODAY + timedelta(10))))

    assert later.deadline == TODAY.toordinal() + 10 + 84
    assert later.milestones[0].due_day == TODAY.toordinal() + 10 + 14


def test_what_a_member_gives_wins():
    own = GoalDraft(title="Less coffee", limit=Limit("cups", 3), deadline=TODAY + timedelta(30))

    goal = planned(filled(get_template("less-sugar"), own))

    assert goal.title == "Less coffee"
    assert goal.rule.limit == Limit("cups", 3)
    assert goal.deadline == TODAY.toordinal() + 30
    assert goal.category == "health"


def test_steps_are_not_due_after_the_members_own_deadline():
    goal = planned(filled(get_template("first-10k"), GoalDraft(deadline=TODAY + timedelta(30))))

    assert max(step.due_day or 0 for step in goal.milestones) == TODAY.toordinal() + 30


def test_own_steps_take_the_place_of_the_templates():
    goal = planned(filled(get_template("first-10k"), GoalDraft(milestones=(MilestoneDraft(title="Start"),))))

    assert [step.title for step in goal.milestones] == ["Start"]


def test_another_pattern_takes_over_what_does_not_depend_on_it():
    goal = planned(filled(get_template("smoke-free"), GoalDraft(pattern=Pattern.RECURRING)))

    assert goal.pattern is Pattern.RECURRING
    assert goal.rule.chain is None
    assert goal.title == "Smoke-free for 100 days"


def test_lists_are_filtered():
    assert {each.category for each in list_templates(category="dating")} == {"dating"}
    assert {each.pattern for each in list_templates(pattern=Pattern.LIMIT)} == {Pattern.LIMIT}
    assert list_templates(category="dating", pattern=Pattern.STREAK) == []


def test_an_id_that_names_nothing_is_refused():
    with pytest.raises(InvalidArgument) as refused:
        get_template("no-such-template")

    assert refused.value.violations[0].field == "template_id"


def test_a_start_near_the_end_of_the_calendar_is_refused_by_name():
    with pytest.raises(InvalidArgument) as refused:
        planned(filled(get_template("read-books"), GoalDraft(start_date=date(2200, 12, 1))))

    assert refused.value.violations[0].field in {"deadline", "start_date"}
