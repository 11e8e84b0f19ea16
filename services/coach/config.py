"""What the coach is told: what every service is told, its two logins, its keys, its neighbours, and its vendors."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pydantic import Field, SecretStr, field_validator

from chassis.config import ServiceSettings
from chassis.vault import KeyRing

KNOWN: Final = frozenset({"anthropic", "gemini", "offline"})
# Calls of vendors at once: what two of them take in a minute, and some room (ADR-0134).
SEATS: Final = 256


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept. Source: COACHING 3.5.

    Attributes:
        chat: Messages, and what replies said.
        summaries: Since they last changed.
        audit: What replies and advice were made from, without text.
        archived_intakes: Conversations that were started over.
    """

    chat: timedelta = timedelta(days=180)
    summaries: timedelta = timedelta(days=365)
    audit: timedelta = timedelta(days=365)
    archived_intakes: timedelta = timedelta(days=30)


RETENTION: Final = Retention()


class CoachSettings(ServiceSettings):
    """The coach's settings.

    Attributes:
        encryption_keys: `kid:base64,kid:base64`, the current one first; wraps the members' keys.
        ai_coaching: Off means that no vendor is ever asked, whatever keys are set: the offline coach answers.
        providers: Who is asked, in this order, as far as there are keys; the offline coach is always the last.
        anthropic_fast_model: Asked for a few words: one slot of the dating goals.
        max_vendor_calls: At once, over all vendors, in one process.
        vendor_requests_per_minute: To each vendor, over all replicas.
    """

    database_url: SecretStr = Field(validation_alias="COACH_DATABASE_URL")
    system_database_url: SecretStr = Field(validation_alias="COACH_SYSTEM_DATABASE_URL")
    goals_address: str = Field(validation_alias="GOALS_ADDRESS")
    mentor_address: str = Field(validation_alias="MENTOR_ADDRESS")
    encryption_keys: SecretStr = Field(validation_alias="JOURNAL_ENCRYPTION_KEYS")
    ai_coaching: bool = Field(True, validation_alias="ENABLE_AI_COACHING")

    providers: str = Field("anthropic,gemini,offline", validation_alias="COACH_PROVIDERS")
    anthropic_key: SecretStr | None = Field(None, validation_alias="ANTHROPIC_API_KEY")
    anthropic_base_url: str = Field("", validation_alias="ANTHROPIC_BASE_URL")
    anthropic_model: str = Field("claude-sonnet-5-5", validation_alias="ANTHROPIC_MODEL")
    anthropic_fast_model: str = Field("claude-haiku-5-5", validation_alias="COACH_ANTHROPIC_FAST_MODEL")
    gemini_key: SecretStr | None = Field(None, validation_alias="GEMINI_API_KEY")
    gemini_base_url: str = Field("", validation_alias="GEMINI_BASE_URL")
    gemini_model: str = Field("gemini-3.5-flash", validation_alias="GEMINI_MODEL")
    max_vendor_calls: int = Field(SEATS, ge=1, le=1_000, validation_alias="COACH_MAX_VENDOR_CALLS")
    vendor_requests_per_minute: int = Field(100, ge=1, le=100_000, validation_alias="COACH_VENDOR_REQUESTS_PER_MINUTE")

    @property
    def vendors(self) -> tuple[str, ...]:
        """The vendors that may be asked, in order."""
        keys = {"anthropic": self.anthropic_key, "gemini": self.gemini_key}
        named = dict.fromkeys(name.strip() for name in self.providers.split(","))
        return tuple(name for name in named if self.ai_coaching and keys.get(name))

    @field_validator("providers")
    @classmethod
    def _are_known(cls, providers: str) -> str:
        if unknown := {name.strip() for name in providers.split(",")} - KNOWN:
            raise ValueError(f"knows {', '.join(sorted(KNOWN))}, not {', '.join(sorted(unknown))}")
        return providers

    @field_validator("anthropic_base_url", "gemini_base_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// or http://")
        return url

    @field_validator("encryption_keys")
    @classmethod
    def _is_a_key_ring(cls, keys: SecretStr) -> SecretStr:
        KeyRing.parse(keys.get_secret_value())
        return keys
