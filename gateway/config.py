"""What the gateway is told."""

import ipaddress
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field, SecretStr, model_validator

from chassis.config import Settings
from chassis.redis import check_url
from gateway.accounts.passwords import is_guessable
from gateway.breakers import SERVICES

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MIN_ADMIN_PASSWORD_CHARACTERS: Final = 8


def _redis(url: SecretStr) -> SecretStr:
    check_url(url.get_secret_value())
    return url


def _networks(text: str) -> str:
    for part in text.split(","):
        if part.strip():
            ipaddress.ip_network(part.strip())
    return text


class GatewaySettings(Settings):
    """Settings of the gateway process."""

    listen_host: str = Field("127.0.0.1", validation_alias="TANDEM_GATEWAY_HOST")
    listen_port: int = Field(8000, ge=1, le=65535, validation_alias="TANDEM_GATEWAY_PORT")
    ops_host: str = Field("127.0.0.1", validation_alias="TANDEM_OPS_HOST")
    ops_port: int = Field(8001, ge=1, le=65535, validation_alias="TANDEM_OPS_PORT")
    # Takes the place of host and port of operations, for example `unix:/run/tandem/gateway-ops.sock`.
    ops_address_given: str | None = Field(None, validation_alias="TANDEM_OPS_ADDRESS")
    database_url: SecretStr = Field(validation_alias="GATEWAY_DATABASE_URL")
    system_database_url: SecretStr = Field(validation_alias="GATEWAY_SYSTEM_DATABASE_URL")
    database_pool_size: int = Field(5, ge=1, le=100, validation_alias="TANDEM_DATABASE_POOL_SIZE")
    redis_url: Annotated[SecretStr, AfterValidator(_redis)] = Field(validation_alias="REDIS_URL")
    secret_file: Path = Field(validation_alias="TANDEM_SERVICE_SECRET_FILE")
    signing_key_file: Path = Field(validation_alias="TANDEM_SIGNING_KEY_FILE")
    access_token_key_file: Path = Field(validation_alias="TANDEM_ACCESS_TOKEN_KEY_FILE")
    token_issuer: str = Field("tandem", min_length=1, max_length=200, validation_alias="TANDEM_TOKEN_ISSUER")
    goals_address: str = Field(validation_alias="GOALS_ADDRESS")
    coach_address: str = Field(validation_alias="COACH_ADDRESS")
    mentor_address: str = Field(validation_alias="MENTOR_ADDRESS")
    analytics_address: str = Field(validation_alias="ANALYTICS_ADDRESS")
    notify_address: str = Field(validation_alias="NOTIFY_ADDRESS")
    admin_email: str | None = Field(None, validation_alias="TANDEM_ADMIN_EMAIL")
    admin_password: SecretStr | None = Field(None, validation_alias="TANDEM_ADMIN_PASSWORD")
    enable_rate_limiting: bool = Field(True, validation_alias="ENABLE_RATE_LIMITING")
    # Networks whose X-Forwarded-For is believed; nobody's by default.
    trusted_proxy_networks: Annotated[str, AfterValidator(_networks)] = Field(
        "", validation_alias="TANDEM_TRUSTED_PROXIES"
    )

    @model_validator(mode="after")
    def _check_admin(self) -> "GatewaySettings":
        if (self.admin_email is None) != (self.admin_password is None):
            raise ValueError("TANDEM_ADMIN_EMAIL and TANDEM_ADMIN_PASSWORD belong together")
        if self.admin_password is None:
            return self
        password = self.admin_password.get_secret_value()
        if len(password) < _MIN_ADMIN_PASSWORD_CHARACTERS or is_guessable(password):
            raise ValueError("TANDEM_ADMIN_PASSWORD is too short, or among those that everybody tries first")
        return self

    @property
    def ops_address(self) -> str:
        """Where operations are served."""
        return self.ops_address_given or f"{self.ops_host}:{self.ops_port}"

    @property
    def service_addresses(self) -> dict[str, str]:
        """GRPC targets by service."""
        return {name: getattr(self, f"{name}_address") for name in SERVICES}

    @property
    def trusted_proxies(self) -> tuple[Network, ...]:
        """Networks whose X-Forwarded-For is believed."""
        parts = [part.strip() for part in self.trusted_proxy_networks.split(",")]
        return tuple(ipaddress.ip_network(part) for part in parts if part)
