"""What goals is told: what every service is told, its two logins, where mentor and coach answer, and its own limits."""

from pydantic import Field, SecretStr

from chassis.config import ServiceSettings


class GoalsSettings(ServiceSettings):
    """Goals' settings."""

    database_url: SecretStr = Field(validation_alias="GOALS_DATABASE_URL")
    system_database_url: SecretStr = Field(validation_alias="GOALS_SYSTEM_DATABASE_URL")
    mentor_address: str = Field(validation_alias="MENTOR_ADDRESS")
    coach_address: str = Field(validation_alias="COACH_ADDRESS")
    # Whole local days after the one on which a challenge was started.
    challenge_duration_days: int = Field(default=7, ge=1, le=90, validation_alias="CHALLENGE_DURATION_DAYS")
