"""Every operation of the API in one table."""

from gateway.app.operation import Operation
from gateway.routes import (
    activities,
    auth,
    care,
    chat,
    dashboard,
    figures,
    goals,
    later,
    members,
    operations,
    suggestions,
)


def all_operations() -> list[Operation]:
    """Every operation of the API, built or not."""
    modules = (auth, members, goals, activities, figures, care, suggestions, chat, dashboard, operations, later)
    return [operation for module in modules for operation in module.routes]
