"""What notify listens to."""

from services.notify.worker import handlers


def test_notify_throws_no_event_away_before_it_has_something_to_send():
    assert handlers() == {}
