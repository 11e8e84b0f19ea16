"""What analytics is told: what every service is told, and its two logins."""

from pydantic import Field, SecretStr

from chassis.config import ServiceSettings


class AnalyticsSettings(ServiceSettings):
    """Analytics' settings."""

    database_url: SecretStr = Field(validation_alias="ANALYTICS_DATABASE_URL")
    system_database_url: SecretStr = Field(validation_alias="ANALYTICS_SYSTEM_DATABASE_URL")
