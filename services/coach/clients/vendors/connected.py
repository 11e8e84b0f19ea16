"""The vendors that somebody has keys for, ready to be asked, each behind its gate."""

import asyncio
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import SecretStr

from chassis.clock import Clock
from chassis.redis import Redis
from chassis.resilience import Breaker
from services.coach.clients.structured import Size
from services.coach.clients.vendors import anthropic, gemini
from services.coach.clients.vendors.budget import SharedBudget
from services.coach.clients.vendors.gate import Gate, VendorGate
from services.coach.config import CoachSettings

# Beside the seats: answers that came late and go on for a suggestion.
_LATE_CONNECTIONS: Final = 50

Vendor = anthropic.AnthropicProvider | gemini.GeminiProvider


@dataclass(frozen=True)
class Vendors:
    """Those that may be asked.

    Attributes:
        providers: In order of preference; empty where there are no keys.
        gates: What stands before each, by name.
    """

    providers: tuple[Vendor, ...]
    gates: Mapping[str, Gate]

    async def close(self) -> None:
        """Closes their connections."""
        for provider in self.providers:
            await provider.close()


def connect_vendors(settings: CoachSettings, clock: Clock, redis: Redis, *, subject_key: bytes) -> Vendors:
    """Imports what there are keys for, and nothing else.

    Args:
        settings: Keys, addresses and models.
        clock: For breakers and budgets.
        redis: Where the budgets are shared.
        subject_key: Makes the names by which a vendor may know members.
    """
    seats = asyncio.Semaphore(settings.max_vendor_calls)
    names = settings.vendors
    client = redis.client()
    gates: dict[str, Gate] = {}
    for name in names:
        budget = SharedBudget(client, name, clock, per_minute=settings.vendor_requests_per_minute)
        gates[name] = VendorGate(name, Breaker(name, clock), budget, seats)
    return Vendors(tuple(_connect(name, settings, subject_key) for name in names), gates)


def _connect(name: str, settings: CoachSettings, subject_key: bytes) -> Vendor:
    connections = settings.max_vendor_calls + _LATE_CONNECTIONS
    if name == gemini.NAME:
        models = dict.fromkeys(Size, settings.gemini_model)
        return gemini.connect(
            _opened(settings.gemini_key), settings.gemini_base_url, models=models, connections=connections
        )
    return anthropic.connect(
        _opened(settings.anthropic_key),
        settings.anthropic_base_url,
        models={Size.FULL: settings.anthropic_model, Size.FAST: settings.anthropic_fast_model},
        subject=subject_of(subject_key),
        connections=connections,
    )


def subject_of(key: bytes) -> Callable[[UUID], str]:
    """What a vendor may know a member as: the same each time, and nobody's id."""
    return lambda member_id: hmac.digest(key, member_id.bytes, "sha256").hex()[:32]


def _opened(key: SecretStr | None) -> str:
    return "" if key is None else key.get_secret_value()
