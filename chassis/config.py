"""Typed configuration from environment variables: the only module that reads the environment.

A settings class is a frozen pydantic model whose fields name their variable by `validation_alias`. `load` reports all
problems at once, by variable and never with a value. Any variable `X` may be given as `X_FILE`, a path to its content.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

Environment = Literal["development", "test", "production"]


class ConfigurationError(ValueError):
    """The configuration cannot be used. `problems` holds one line per variable."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The configuration cannot be used:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


class Settings(BaseModel):
    """What every process is told.

    Attributes:
        log_format: None for the one that fits: lines for people on a developer's terminal, JSON everywhere else.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    environment: Environment = Field("development", validation_alias="TANDEM_ENVIRONMENT")
    log_format: Literal["json", "console"] | None = Field(None, validation_alias="TANDEM_LOG_FORMAT")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", validation_alias="TANDEM_LOG_LEVEL")
    log_file: Path | None = Field(None, validation_alias="TANDEM_LOG_FILE")
    otlp_endpoint: str | None = Field(None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    trace_ratio: float = Field(0.0, ge=0, le=1, validation_alias="TANDEM_TRACE_RATIO")

    @property
    def is_production(self) -> bool:
        """True where strangers can reach the system."""
        return self.environment == "production"


class ServiceSettings(Settings):
    """What every gRPC service is told. Each names the variables of its own two logins itself."""

    if TYPE_CHECKING:
        database_url: SecretStr
        system_database_url: SecretStr

    listen_address: str = Field(validation_alias="TANDEM_LISTEN_ADDRESS")
    ops_address: str = Field(validation_alias="TANDEM_OPS_ADDRESS")
    redis_url: SecretStr = Field(validation_alias="REDIS_URL")
    secret_file: Path = Field(validation_alias="TANDEM_SERVICE_SECRET_FILE")
    signing_key_file: Path = Field(validation_alias="TANDEM_SIGNING_KEY_FILE")
    trusted_keys_folder: Path = Field(validation_alias="TANDEM_TRUSTED_KEYS_DIR")
    database_pool_size: int = Field(10, ge=1, le=100, validation_alias="TANDEM_DATABASE_POOL_SIZE")


class MigrationSettings(BaseModel):
    """What migrating is told; no serving process is."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    database_url: SecretStr = Field(validation_alias="DATABASE_URL")


AnySettings = TypeVar("AnySettings", bound=BaseModel)


def environment() -> dict[str, str]:
    """A copy of the process's environment."""
    return dict(os.environ)


def load(settings: type[AnySettings], variables: Mapping[str, str] | None = None) -> AnySettings:
    """Reads `settings` from environment variables; empty ones count as unset.

    Args:
        settings: The class to fill.
        variables: The variables; the process's environment when None.

    Raises:
        ConfigurationError: With every problem there is.
    """
    given = os.environ if variables is None else variables
    values: dict[str, str] = {}
    problems: list[str] = []
    for name in _variable_names(settings):
        if given.get(name):
            values[name] = given[name]
        elif given.get(f"{name}_FILE"):
            try:
                values[name] = Path(given[f"{name}_FILE"]).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                problems.append(f"{name}_FILE: the file cannot be read")
    try:
        loaded = settings.model_validate(values)
    except ValidationError as failure:
        problems += [_describe(error["loc"], error["msg"]) for error in failure.errors(include_input=False)]
    if problems:
        raise ConfigurationError(problems)
    return loaded


def _variable_names(settings: type[BaseModel]) -> list[str]:
    names = []
    for name, info in settings.model_fields.items():
        if not isinstance(info.validation_alias, str):
            raise TypeError(f"{settings.__name__}.{name} names no variable")
        names.append(info.validation_alias)
    return names


def _describe(location: tuple[int | str, ...], message: str) -> str:
    if message == "Field required":
        message = "is not set"
    return f"{location[0] if location else 'configuration'}: {message}"
