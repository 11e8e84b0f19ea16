"""The principal: on whose behalf work is done. Comes from a verified credential, never from a request field."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from uuid import UUID

MEMBER = "member"
MENTOR = "mentor"
ADMIN = "admin"
ROLES = frozenset({MEMBER, MENTOR, ADMIN})


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts.

    Attributes:
        member_id: The person, or None for a service acting for nobody.
        roles: Roles of the person; empty for a service.
        caller: The service that made the call, for example `gateway` or `jobs`.
        session_id: The login session, where there is one.
    """

    member_id: UUID | None
    roles: frozenset[str]
    caller: str
    session_id: UUID | None = None

    @classmethod
    def member(
        cls,
        member_id: UUID,
        *,
        roles: Iterable[str] = (MEMBER,),
        caller: str = "gateway",
        session_id: UUID | None = None,
    ) -> Self:
        """A person, through `caller`."""
        return cls(member_id, frozenset(roles), caller, session_id)

    @classmethod
    def system(cls, caller: str) -> Self:
        """The service `caller`, acting for nobody."""
        return cls(None, frozenset(), caller)

    @property
    def is_system(self) -> bool:
        """True for a service acting for nobody."""
        return self.member_id is None

    @property
    def is_admin(self) -> bool:
        """True for an operator of the deployment."""
        return ADMIN in self.roles
