"""What the person who starts the system may configure, from the environment or a file `.env` beside the Makefile.

The launcher reads it all and hands each process only what concerns it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from chassis.config import ConfigurationError, environment, load
from deploy.local.problems import LocalProblem

PROJECT = Path(__file__).resolve().parents[2]
# Handed to the named process as they are, by the beginning of their name.
_HANDED_ON = {
    "": (
        "TANDEM_ENVIRONMENT",
        "TANDEM_LOG_FORMAT",
        "TANDEM_LOG_LEVEL",
        "TANDEM_DATABASE_POOL_SIZE",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "TANDEM_TRACE_RATIO",
        "HOME",
    ),
    "gateway": (
        "ENABLE_",
        "SESSION_TIMEOUT_HOURS",
        "TANDEM_TRUSTED_PROXIES",
        "TANDEM_TOKEN_ISSUER",
        "TANDEM_RATE_",
        "SUPABASE_",
        "OIDC_",
    ),
    "jobs": ("TANDEM_WORKER_THREADS",),
    "goals": ("ENABLE_CHALLENGE_SHARING", "CHALLENGE_DURATION_DAYS"),
    # By their whole names: the SDKs would heed others, which change where words go and who is sent along.
    "coach": (
        "ENABLE_AI_COACHING",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_BASE_URL",
        "ANTHROPIC_MODEL",
        "GEMINI_API_KEY",
        "GEMINI_BASE_URL",
        "GEMINI_MODEL",
        "COACH_PROVIDERS",
        "COACH_ANTHROPIC_FAST_MODEL",
        "COACH_MAX_VENDOR_CALLS",
        "COACH_VENDOR_REQUESTS_PER_MINUTE",
        "JOURNAL_ENCRYPTION_KEYS",
    ),
    "mentor": ("ENABLE_MATCH_SHARING", "MAX_DAILY_MATCHES", "CHALLENGE_DURATION_DAYS"),
    "analytics": ("WAREHOUSE", "SNOWFLAKE_"),
    "notify": ("RESEND_",),
}


class LauncherSettings(BaseModel):
    """What the launcher itself is told."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    environment: Literal["development", "test", "production"] = Field(
        "development", validation_alias="TANDEM_ENVIRONMENT"
    )
    home: Path | None = Field(None, validation_alias="TANDEM_HOME")
    run_dir: Path | None = Field(None, validation_alias="TANDEM_RUN_DIR")
    gateway_port: int = Field(8000, ge=1, le=65535, validation_alias="TANDEM_GATEWAY_PORT")
    ops_port: int = Field(8001, ge=1, le=65535, validation_alias="TANDEM_OPS_PORT")
    admin_email: str = Field("admin@tandem.example", validation_alias="TANDEM_ADMIN_EMAIL")
    admin_password: SecretStr | None = Field(None, validation_alias="TANDEM_ADMIN_PASSWORD")
    database_url: SecretStr | None = Field(None, validation_alias="DATABASE_URL")
    redis_url: SecretStr | None = Field(None, validation_alias="REDIS_URL")
    celery_broker_url: SecretStr | None = Field(None, validation_alias="CELERY_BROKER_URL")
    celery_redbeat_url: SecretStr | None = Field(None, validation_alias="CELERY_REDBEAT_URL")


def read_settings() -> tuple[LauncherSettings, dict[str, str]]:
    """The launcher's settings and all variables they were read from.

    Raises:
        LocalProblem: With every problem there is, on one line.
    """
    variables = {**_read_env_file(PROJECT / ".env"), **environment()}
    try:
        return load(LauncherSettings, variables), variables
    except ConfigurationError as failure:
        raise LocalProblem(f"the configuration cannot be used: {'; '.join(failure.problems)}") from None


def handed_on(variables: Mapping[str, str], process: str) -> dict[str, str]:
    """The variables that `process` gets as they are."""
    beginnings = _HANDED_ON[""] + _HANDED_ON.get(process, ())
    return {name: value for name, value in variables.items() if value and name.startswith(beginnings)}


def _read_env_file(file: Path) -> dict[str, str]:
    """`NAME=value` lines; comments and blank lines are skipped, one pair of quotes is taken off."""
    variables: dict[str, str] = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    except (OSError, UnicodeDecodeError):
        raise LocalProblem(f"{file} cannot be read") from None
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, separator, value = text.partition("=")
        if not separator or not name.strip().isidentifier():
            raise LocalProblem(f"{file} line {number} is not NAME=value")
        value = value.strip()
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        variables[name.strip()] = value[1:-1] if quoted else value
    return variables
