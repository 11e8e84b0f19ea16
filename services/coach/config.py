"""What the coach is told: what every service is told, its two logins, its keys, and where goals and mentor are."""

from pydantic import Field, SecretStr, field_validator

from chassis.config import ServiceSettings
from chassis.vault import KeyRing


class CoachSettings(ServiceSettings):
    """The coach's settings.

    Attributes:
        encryption_keys: `kid:base64,kid:base64`, the current one first; wraps the members' keys.
        ai_coaching: Off means that no vendor is ever asked, whatever keys are set: the offline coach answers.
    """

    database_url: SecretStr = Field(validation_alias="COACH_DATABASE_URL")
    system_database_url: SecretStr = Field(validation_alias="COACH_SYSTEM_DATABASE_URL")
    goals_address: str = Field(validation_alias="GOALS_ADDRESS")
    mentor_address: str = Field(validation_alias="MENTOR_ADDRESS")
    encryption_keys: SecretStr = Field(validation_alias="JOURNAL_ENCRYPTION_KEYS")
    ai_coaching: bool = Field(True, validation_alias="ENABLE_AI_COACHING")

    @field_validator("encryption_keys")
    @classmethod
    def _is_a_key_ring(cls, keys: SecretStr) -> SecretStr:
        KeyRing.parse(keys.get_secret_value())
        return keys
