"""What mentor is told: what every service is told, and its two logins."""

from pydantic import Field, SecretStr

from chassis.config import ServiceSettings


class MentorSettings(ServiceSettings):
    """Mentor's settings."""

    database_url: SecretStr = Field(validation_alias="MENTOR_DATABASE_URL")
    system_database_url: SecretStr = Field(validation_alias="MENTOR_SYSTEM_DATABASE_URL")
