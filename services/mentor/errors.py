"""The failures of mentor, each with the public reason that clients see."""

from chassis.errors import EtagMismatch, FailedPrecondition, NotFound, NotImplementedYet, PermissionDenied


class MemberNotFound(NotFound):
    """No such member, or not one that the caller may know of: the two look the same."""

    def __init__(self) -> None:
        super().__init__("There is no such member.")


class MemberChangedMeanwhile(EtagMismatch):
    """The etag given is not the member's present one."""

    def __init__(self) -> None:
        super().__init__("The member changed since it was read; read it again and redo the change.")


class LastAdmin(FailedPrecondition):
    """Without an admin nobody could make one again."""

    def __init__(self) -> None:
        super().__init__("This is the last admin; make somebody else an admin first.")


class AdminsOnly(PermissionDenied):
    """Only an operator of the deployment may do this."""

    def __init__(self) -> None:
        super().__init__("Only an admin may do this.")


class NotYourself(PermissionDenied):
    """Somebody tried to register somebody else."""

    def __init__(self) -> None:
        super().__init__("A member can only be registered by that member's own sign-in.")


class GroupsNotBuilt(NotImplementedYet):
    """There are no groups yet."""

    def __init__(self) -> None:
        super().__init__("Groups are not available yet.")
