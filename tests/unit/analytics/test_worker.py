"""What analytics listens to: whatever goals tells is about figures or is known not to be."""

from chassis.clock import SystemClock
from services.analytics.usecases import FigureUseCases
from services.analytics.worker import handlers
from tandem.event.v1 import event_pb2

# What changes the units that a member has due or done.
ABOUT_FIGURES = {
    "goals.goal_created",
    "goals.goal_updated",
    "goals.goal_completed",
    "goals.goal_archived",
    "goals.activity_logged",
    "goals.activity_corrected",
    "goals.activity_removed",
}
# What is offered or congratulated changes no figure; where it follows from a change or leads to one, that is told too.
ABOUT_NO_FIGURE = ("goals.suggestion_", "goals.streak_reached", "goals.challenge_")
OF_OTHERS = ("member_", "safety_", "review_")


def _told_by_goals() -> set[str]:
    payloads = event_pb2.Event.DESCRIPTOR.oneofs_by_name["payload"].fields
    return {f"goals.{field.name}" for field in payloads if not field.name.startswith(OF_OTHERS)}


def test_these_events_mark_a_member_dirty():
    assert set(handlers(FigureUseCases(SystemClock()))) == ABOUT_FIGURES


def test_every_event_of_goals_is_about_figures_or_known_not_to_be():
    told = _told_by_goals()

    assert told >= ABOUT_FIGURES
    assert {name for name in told - ABOUT_FIGURES if not name.startswith(ABOUT_NO_FIGURE)} == set()
