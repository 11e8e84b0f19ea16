"""What analytics listens to."""

from chassis.clock import SystemClock
from services.analytics.usecases import FigureUseCases
from services.analytics.worker import handlers
from tandem.event.v1 import event_pb2


def test_every_event_about_a_goal_or_an_activity_is_heard():
    told = {
        f"goals.{field.name}"
        for field in event_pb2.Event.DESCRIPTOR.oneofs_by_name["payload"].fields
        if field.name.startswith(("goal_", "activity_"))
    }

    assert set(handlers(FigureUseCases(SystemClock()))) == told
