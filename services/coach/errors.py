"""What can go wrong in the coach. Messages never repeat what a member wrote."""

from chassis.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    NotImplementedYet,
    PermissionDenied,
    ReducedCapacity,
)


class ThreadNotFound(NotFound):
    """No such thread, or somebody else's: the two look the same."""

    def __init__(self) -> None:
        super().__init__("There is no such thread. Leave thread_id empty to start a new one.")


class EntryNotFound(NotFound):
    """No such journal entry, or somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such journal entry.")


class MemoryNotFound(NotFound):
    """No such memory, or somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is nothing remembered under this id.")


class MessageNotFound(NotFound):
    """No such message, or somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such message.")


class PinnedTooMuch(FailedPrecondition):
    """More is pinned than every context has room for."""

    def __init__(self) -> None:
        super().__init__("Too much is pinned already. Unpin or shorten something first.")


class NoGroupsYet(NotImplementedYet):
    """A message is about a group, and there are none yet."""

    def __init__(self) -> None:
        super().__init__("group_id: there are no groups yet. Leave it out.")


class MembersOnly(PermissionDenied):
    """Only a person has conversations."""

    def __init__(self) -> None:
        super().__init__("Only a signed-in member can talk with the coach.")


class AdultsOnly(PermissionDenied):
    """Dating goals are for adults whose birth year is known."""

    reason = "ADULTS_ONLY"

    def __init__(self) -> None:
        super().__init__("Dating goals are for adults; the profile must hold a birth year that says so.")


class DatingGoalsNotFound(NotFound):
    """Somebody else's dating goals, or nobody's: the two look the same."""

    def __init__(self) -> None:
        super().__init__("There are no such dating goals.")


class NothingConfirmed(FailedPrecondition):
    """The member has not said yes to any dating goals."""

    def __init__(self) -> None:
        super().__init__("No dating goals are confirmed yet. Finish the conversation and say yes to its summary first.")


class ForeignFact(PermissionDenied):
    """A fact of somebody else was about to enter a context: a mistake in our code, stopped before any text is made."""

    def __init__(self) -> None:
        super().__init__("The coach could not prepare this answer safely. Please try again.")


class ReplyGivenUp(FailedPrecondition):
    """The reply to this message was tried as often as it may be."""

    def __init__(self) -> None:
        super().__init__("The coach could not answer this message. Please send it again as a new message.")


class TooManyReplies(ReducedCapacity):
    """As many replies as one member may have at a time are being written."""

    def __init__(self) -> None:
        super().__init__("The coach is still answering you. Try again when it is done.")


def invalid_message(rule: str) -> InvalidArgument:
    """A message that breaks `rule`; the field has the name that clients know."""
    return InvalidArgument.of("message", rule)


def invalid_plan_request(field: str, rule: str) -> InvalidArgument:
    """A field of a request for a plan that breaks `rule`."""
    return InvalidArgument.of(field, rule)


def invalid_entry(field: str, rule: str) -> InvalidArgument:
    """A field of a journal entry that breaks `rule`."""
    return InvalidArgument.of(field, rule)


def invalid_note(rule: str) -> InvalidArgument:
    """A note on a reply that breaks `rule`."""
    return InvalidArgument.of("note", rule)


def invalid_memory(field: str, rule: str) -> InvalidArgument:
    """A field of something remembered that breaks `rule`."""
    return InvalidArgument.of(field, rule)


def invalid_group_id() -> InvalidArgument:
    """A group id that is not a UUID."""
    return InvalidArgument.of("group_id", "must be a UUID, or empty for none")


def invalid_thread_id() -> InvalidArgument:
    """A thread id that is not a UUID."""
    return InvalidArgument.of("thread_id", "must be a UUID, or empty to start a new thread")


class NothingToReview(FailedPrecondition):
    """Nothing was due and nothing was finished, so there is nothing to write about."""

    def __init__(self) -> None:
        super().__init__("Nothing was due in this time, so there is nothing to review.")


def invalid_review_request(field: str, rule: str) -> InvalidArgument:
    """A field of a request for a review, a round of suggestions or a post that breaks `rule`."""
    return InvalidArgument.of(field, rule)
