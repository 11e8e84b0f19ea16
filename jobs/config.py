"""What the worker and the beat are told."""

from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr

from chassis.config import Settings

SERVICES: Final = ("goals", "coach", "mentor", "analytics", "notify")


class JobsSettings(Settings):
    """Settings of both processes."""

    broker_url: SecretStr = Field(validation_alias="CELERY_BROKER_URL")
    redbeat_url: SecretStr = Field(validation_alias="CELERY_REDBEAT_URL")
    redis_url: SecretStr = Field(validation_alias="REDIS_URL")
    ops_address: str = Field(validation_alias="TANDEM_OPS_ADDRESS")
    signing_key_file: Path = Field(validation_alias="TANDEM_SIGNING_KEY_FILE")
    goals_address: str = Field(validation_alias="GOALS_ADDRESS")
    coach_address: str = Field(validation_alias="COACH_ADDRESS")
    mentor_address: str = Field(validation_alias="MENTOR_ADDRESS")
    analytics_address: str = Field(validation_alias="ANALYTICS_ADDRESS")
    notify_address: str = Field(validation_alias="NOTIFY_ADDRESS")
    # Jobs wait for services most of their time.
    worker_threads: int = Field(4, ge=1, le=64, validation_alias="TANDEM_WORKER_THREADS")

    def address_of(self, service: str) -> str:
        """The gRPC target of a service."""
        address: str = getattr(self, f"{service}_address")
        return address
