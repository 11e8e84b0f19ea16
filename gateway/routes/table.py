"""Every operation of the API in one table."""

from gateway.app.operation import Operation
from gateway.routes import (
    activities,
    auth,
    care,
    challenges,
    chat,
    dashboard,
    dating,
    figures,
    goals,
    journal,
    later,
    members,
    memory,
    operations,
    reviews,
    suggestions,
    transfer,
)


def all_operations() -> list[Operation]:
    """Every operation of the API, built or not."""
    of_goals = (goals, activities, figures, care, suggestions, transfer)
    of_coach = (chat, dating, journal, memory, reviews)
    modules = (auth, members, *of_goals, *of_coach, challenges, dashboard, operations, later)
    return [operation for module in modules for operation in module.routes]
