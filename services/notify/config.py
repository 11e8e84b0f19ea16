"""What notify is told: what every service is told, and its two logins."""

from pydantic import Field, SecretStr

from chassis.config import ServiceSettings


class NotifySettings(ServiceSettings):
    """Notify's settings."""

    database_url: SecretStr = Field(validation_alias="NOTIFY_DATABASE_URL")
    system_database_url: SecretStr = Field(validation_alias="NOTIFY_SYSTEM_DATABASE_URL")
