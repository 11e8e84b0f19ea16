"""The failures of goals, each with the public reason that clients see."""

from chassis.errors import AlreadyExists, EtagMismatch, FailedPrecondition, NotFound, PermissionDenied


def _naming(field: str) -> dict[str, str]:
    """Metadata that name the field of a batch that a failure comes from."""
    return {"field": field} if field else {}


class GoalNotFound(NotFound):
    """No such goal, or not one that the caller may know of."""

    def __init__(self, field: str = "") -> None:
        super().__init__("There is no such goal.", metadata=_naming(field))


class ActivityNotFound(NotFound):
    """No such activity on this goal, or it was taken back."""

    def __init__(self) -> None:
        super().__init__("There is no such activity on this goal.")


class PartNotFound(NotFound):
    """No such habit, subgoal or vacation on this goal."""

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what} here.")


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

    def __init__(self, status: str, field: str = "") -> None:
        super().__init__(f"The goal is {status} and takes no changes.", metadata={"status": status, **_naming(field)})


class MilestoneDone(AlreadyExists):
    """The milestone was reached before."""

    reason = "MILESTONE_DONE"

    def __init__(self, field: str = "") -> None:
        super().__init__("This milestone is done already; a milestone is done once.", metadata=_naming(field))


class TooMany(FailedPrecondition):
    """There are as many parts of a kind as there may be."""

    def __init__(self, limit: int, what: str) -> None:
        super().__init__(f"There can be at most {limit} {what}; remove one first.", metadata={"limit": str(limit)})


class TooManyChanges(FailedPrecondition):
    """The goal was changed as often as it may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"What a goal asks for, and its status and deadline, can each be changed {limit} times; copy it instead.",
            metadata={"limit": str(limit)},
        )


class RestoreTooLate(FailedPrecondition):
    """The goal has been in the archive for too long."""

    reason = "INVALID_TRANSITION"

    def __init__(self, days: int) -> None:
        super().__init__(
            f"A goal can be restored for {days} days after it was archived; copy it instead.",
            metadata={"present": "archived", "wanted": "active"},
        )


class SuggestionNotFound(NotFound):
    """No such suggestion for this goal."""

    def __init__(self) -> None:
        super().__init__("There is no such suggestion for this goal.")


class SuggestionOutdated(FailedPrecondition):
    """The goal is not what it was when the suggestion was made."""

    reason = "SUGGESTION_OUTDATED"

    def __init__(self, why: str) -> None:
        super().__init__(f"This suggestion no longer fits the goal: {why}")
        self.why = why


class SuggestionDecided(FailedPrecondition):
    """The member has decided on the suggestion before."""

    reason = "INVALID_TRANSITION"

    def __init__(self, status: str) -> None:
        super().__init__(f"This suggestion was {status} before.", metadata={"present": status})


class GoalQuotaExceeded(FailedPrecondition):
    """The member has as many active goals as a member may have."""

    reason = "GOAL_QUOTA_EXCEEDED"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"At most {limit} goals can be active at once; pause, complete or archive one first.",
            metadata={"limit": str(limit)},
        )


class AdultsOnly(PermissionDenied):
    """Dating goals and challenges are for adults whose birth year is known."""

    reason = "ADULTS_ONLY"

    def __init__(self, what: str = "Dating goals") -> None:
        super().__init__(f"{what} are for adults; the profile must hold a birth year that says so.")


class ChallengeNotFound(NotFound):
    """No such challenge."""

    def __init__(self) -> None:
        super().__init__("There is no such challenge.")


class ChallengeStarted(FailedPrecondition):
    """A run of the challenge is open."""

    def __init__(self) -> None:
        super().__init__("This challenge is started already; submit it before starting it anew.")


class ChallengeNotOpen(FailedPrecondition):
    """No run of the challenge can be submitted; `status` is that of the latest one, None where there is none."""

    def __init__(self, status: str | None) -> None:
        if status is None:
            super().__init__("This challenge was never started; start it first.")
        else:
            super().__init__(
                f"The latest run of this challenge is {status}; start it anew.", metadata={"status": status}
            )
