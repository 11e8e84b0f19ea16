"""How a model is asked for a review, a report or a post: findings as one JSON object, what members wrote framed."""

import json
from typing import Final

from services.coach.domain.facts import GoalFact
from services.coach.domain.framing import Frame
from services.coach.domain.reviews.findings import Findings, WeekdayFinding
from services.coach.domain.reviews.group import GroupFindings
from services.coach.domain.reviews.writer import ReviewKind, weekday_name

_TITLE: Final = 200


def review_request(kind: ReviewKind, findings: Findings, frame: Frame) -> str:
    """The findings of a span; the same findings, the same text."""
    refs = {found.goal.goal_id: f"g{number}" for number, found in enumerate(findings.goals, start=1)}

    def named(goal: GoalFact) -> str:
        return frame.of("goal_title", refs.get(goal.goal_id, "g"), goal.title[:_TITLE])

    facts: dict[str, object] = {
        "kind": kind,
        "first_day": findings.first,
        "last_day": findings.last,
        "kept_of_due": [findings.tally.done, findings.tally.due],
        "kept_of_due_before": [findings.before.done, findings.before.due],
        "goals_best_first": [
            {"title": named(found.goal), "kept_of_due": [found.tally.done, found.tally.due]} for found in findings.goals
        ],
        "finished": [named(goal) for goal in findings.completed],
        "strongest_weekday": _weekday(findings.strongest),
        "weekday_of_most_slips": _weekday(findings.weakest),
        "longest_running_streak": (
            {"title": named(findings.streak), "units": findings.streak.streak} if findings.streak else None
        ),
        "journal_mood": findings.mood_word,
        "percent_by_week": list(findings.weeks) if kind is ReviewKind.MONTHLY else None,
        "on_their_line": [named(goal) for goal in findings.on_track] if kind is ReviewKind.MONTHLY else None,
        "off_their_line": [named(goal) for goal in findings.off_track] if kind is ReviewKind.MONTHLY else None,
    }
    return _canonical(facts)


def group_request(findings: GroupFindings) -> str:
    """A group's week with people as `P1`, `P2`: names are put in when the post is made and go to no model."""
    return _canonical(
        {
            "kind": "group",
            "first_day": findings.week,
            "kept_of_due": [findings.done, findings.due],
            "people": [
                {"person": alias, "kept_of_due": [figure.done, figure.due], "streak": figure.streak}
                for alias, figure in findings.by_alias.items()
            ],
        }
    )


def _weekday(found: WeekdayFinding | None) -> dict[str, object] | None:
    return None if found is None else {"weekday": weekday_name(found.weekday), "times": found.count}


def _canonical(facts: dict[str, object]) -> str:
    known = {name: value for name, value in facts.items() if value not in (None, "", [])}
    return json.dumps(known, sort_keys=True, ensure_ascii=False, default=str)
