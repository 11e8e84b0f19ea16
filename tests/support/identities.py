"""Keys and signed credentials of every process, as the launcher would make them."""

from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis.clock import Clock, SystemClock, new_id
from chassis.identity.passport import AssertionMinter, PassportMinter, TokenVerifier

PROCESSES = ("gateway", "goals", "coach", "mentor", "analytics", "notify", "jobs")


@dataclass
class Identities:
    """The keys of one deployment and what can be signed with them."""

    clock: Clock = field(default_factory=SystemClock)
    keys: dict[str, Ed25519PrivateKey] = field(
        default_factory=lambda: {name: Ed25519PrivateKey.generate() for name in PROCESSES}
    )

    @property
    def public(self) -> dict[str, Ed25519PublicKey]:
        """The public keys by process."""
        return {name: key.public_key() for name, key in self.keys.items()}

    def verifier(self, audience: str) -> TokenVerifier:
        """What the service `audience` verifies with."""
        return TokenVerifier(self.public, audience, self.clock)

    def passport(self, member_id: UUID | None = None, *roles: str) -> str:
        """A passport of the gateway."""
        minter = PassportMinter(self.keys["gateway"], "gateway", self.clock)
        return minter.mint(member_id or new_id(self.clock), frozenset(roles or ("member",)), new_id(self.clock))

    def assertion(self, caller: str, audience: str) -> str:
        """An assertion of `caller` for the service `audience`."""
        return AssertionMinter(self.keys[caller], caller, self.clock).mint(audience)
