"""Failures of the gateway itself. What other services say passes through as they said it."""

from chassis.errors import AlreadyExists, AuthenticationRequired, ReducedCapacity, Unauthenticated


class InvalidToken(Unauthenticated):
    """The bearer token is not valid, or is no longer."""

    def __init__(self) -> None:
        super().__init__("The token is not valid or has expired. Sign in again.")


class SignInFirst(AuthenticationRequired):
    """No bearer token was given."""

    def __init__(self) -> None:
        super().__init__("Send an access token: Authorization: Bearer <token>.")


class WrongCredentials(AuthenticationRequired):
    """Login failed; which of the two was wrong is nobody's business."""

    def __init__(self) -> None:
        super().__init__("The email address or the password is wrong.")


class TokenReused(Unauthenticated):
    """A refresh token came back after its rotation: somebody has a copy, so the whole family ends."""

    reason = "TOKEN_REUSE_DETECTED"

    def __init__(self) -> None:
        super().__init__("This refresh token was used before. For safety the session has ended; sign in again.")


class EmailTaken(AlreadyExists):
    """There is an account with this address; the answer is the same for everyone who asks."""

    def __init__(self) -> None:
        super().__init__("This address cannot be registered. If it is yours, sign in.")


class SessionStateUnknown(ReducedCapacity):
    """Revocations have not been read for too long to let anything be written."""

    def __init__(self) -> None:
        super().__init__("Sessions cannot be checked at the moment; nothing can be changed. Try again shortly.")


class TooBusy(ReducedCapacity):
    """More requests are being answered than this process can carry."""

    def __init__(self) -> None:
        super().__init__("Too many requests are being answered. Try again in a second.")
