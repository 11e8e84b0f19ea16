"""The failures of goals, each with the public reason that clients see."""

from chassis.errors import EtagMismatch, FailedPrecondition, NotFound, PermissionDenied


class GoalNotFound(NotFound):
    """No such goal, or not one that the caller may know of."""

    def __init__(self) -> None:
        super().__init__("There is no such goal.")


class GoalChangedMeanwhile(EtagMismatch):
    """The etag given is not the goal's present one."""

    def __init__(self) -> None:
        super().__init__("The goal changed since it was read; read it again and redo the change.")


class PatternImmutable(FailedPrecondition):
    """Somebody tried to change a goal's pattern."""

    reason = "PATTERN_IMMUTABLE"

    def __init__(self) -> None:
        super().__init__("A goal keeps the pattern that it was created with; create a new goal instead.")


class InvalidTransition(FailedPrecondition):
    """The status does not allow the move asked for."""

    reason = "INVALID_TRANSITION"

    def __init__(self, present: str, wanted: str) -> None:
        super().__init__(
            f"A goal that is {present} cannot become {wanted}.", metadata={"present": present, "wanted": wanted}
        )


class GoalClosed(FailedPrecondition):
    """A completed or archived goal takes no edits, an archived one no activities."""

    def __init__(self, status: str) -> None:
        super().__init__(f"The goal is {status} and takes no changes.", metadata={"status": status})


class GoalQuotaExceeded(FailedPrecondition):
    """The member has as many active goals as a member may have."""

    reason = "GOAL_QUOTA_EXCEEDED"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"At most {limit} goals can be active at once; pause, complete or archive one first.",
            metadata={"limit": str(limit)},
        )


class AdultsOnly(PermissionDenied):
    """Dating goals are for adults whose birth year is known."""

    reason = "ADULTS_ONLY"

    def __init__(self) -> None:
        super().__init__("Dating goals are for adults; the profile must hold a birth year that says so.")
