"""What surrounds a goal: vacations and reminders. Habits and subgoals are shown as in the goal."""

from gateway.routes.views.goals import WEEKDAYS
from gateway.routes.views.shared import Json, day, instant
from tandem.goals.v1 import care_pb2


def vacation(message: care_pb2.Vacation) -> Json:
    """Days on which nothing is asked for."""
    return {
        "id": message.vacation_id,
        "goal_id": message.goal_id or None,
        "from": day(message.from_date),
        "to": day(message.to_date),
        "reason": message.reason or None,
        "create_time": instant(message.create_time),
    }


def reminders(message: care_pb2.Reminders) -> Json:
    """All reminders of a goal, in the order of the day."""
    return {
        "items": [
            {
                "time": f"{each.minute_of_day // 60:02}:{each.minute_of_day % 60:02}",
                "weekdays": [WEEKDAYS[number] for number in each.weekdays] or None,
            }
            for each in message.reminders
        ]
    }
