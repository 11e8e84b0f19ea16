"""A real gateway process; see `tests.support.gateway_fixtures`."""

from tests.support.gateway_fixtures import (
    admin,
    ann,
    backstage,
    base_url,
    ben,
    client,
    gateway,
    limited_gateway,
    short_folder,
)

__all__ = [
    "admin",
    "ann",
    "backstage",
    "base_url",
    "ben",
    "client",
    "gateway",
    "limited_gateway",
    "short_folder",
]
