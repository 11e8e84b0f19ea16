"""What goals is told: what every service is told, its two logins, and where mentor and coach answer."""

from pydantic import Field, SecretStr

from chassis.config import ServiceSettings


class GoalsSettings(ServiceSettings):
    """Goals' settings."""

    database_url: SecretStr = Field(validation_alias="GOALS_DATABASE_URL")
    system_database_url: SecretStr = Field(validation_alias="GOALS_SYSTEM_DATABASE_URL")
    mentor_address: str = Field(validation_alias="MENTOR_ADDRESS")
    coach_address: str = Field(validation_alias="COACH_ADDRESS")
