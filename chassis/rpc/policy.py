"""The method policy: which services may call a method, and for members of which roles. What is not listed is denied."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from google.protobuf.descriptor import ServiceDescriptor

from chassis.errors import PermissionDenied
from chassis.identity.principal import MEMBER, Principal
from chassis.rpc.wire import MAX_MESSAGE_BYTES

READ = timedelta(seconds=2)
WRITE = timedelta(seconds=5)
LIST = timedelta(seconds=5)
GENERATE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Allow:
    """Who may call one method.

    Attributes:
        callers: Names of the services that may call it.
        roles: The member must have one of these; empty for methods called for nobody.
        deadline: Applied where the caller gave none, and the most that a caller may ask for.
        max_request_bytes: The largest message that it takes.
    """

    callers: frozenset[str]
    roles: frozenset[str]
    deadline: timedelta
    max_request_bytes: int = MAX_MESSAGE_BYTES

    @classmethod
    def members(
        cls,
        *callers: str,
        deadline: timedelta,
        roles: tuple[str, ...] = (MEMBER,),
        max_request_bytes: int = MAX_MESSAGE_BYTES,
    ) -> "Allow":
        """For members with one of `roles`, through `callers`."""
        return cls(frozenset(callers), frozenset(roles), deadline, max_request_bytes)

    @classmethod
    def services(cls, *callers: str, deadline: timedelta = LIST) -> "Allow":
        """For the services themselves, acting for nobody."""
        return cls(frozenset(callers), frozenset(), deadline)

    def check(self, principal: Principal) -> None:
        """Raises PermissionDenied unless the principal may call the method."""
        permitted = bool(self.roles & principal.roles) if self.roles else principal.is_system
        if principal.caller not in self.callers or not permitted:
            raise PermissionDenied("You may not do this.")


class PolicyGap(RuntimeError):
    """A served method has no policy, or a policy names no method; the process must not start."""


def by_full_name(service: ServiceDescriptor, policies: Mapping[str, Allow]) -> dict[str, Allow]:
    """The policies of one gRPC service by full method name, `/package.Service/Method`.

    Raises:
        PolicyGap: The table and the service differ.
    """
    served = {method.name for method in service.methods}
    if served != policies.keys():
        missing, unknown = sorted(served - policies.keys()), sorted(policies.keys() - served)
        raise PolicyGap(f"{service.full_name}: without a policy {missing}, unknown {unknown}")
    return {f"/{service.full_name}/{name}": allow for name, allow in policies.items()}


def largest_request_bytes(policies: Mapping[str, Allow]) -> int:
    """The largest message that any of the methods takes."""
    return max((allow.max_request_bytes for allow in policies.values()), default=MAX_MESSAGE_BYTES)
