"""Prepares the database in a process of its own, so that nothing of it stays in the launcher's memory.

`python -m deploy.local.prepare_database` makes roles and schemas, sets the logins' passwords and claims keys, and
brings all six schemas to head. Repeating it changes nothing.
"""

import asyncio
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from chassis.config import load
from chassis.identity.keys import derive, load_secret
from chassis.migrations import SCHEMAS, BootstrapSecrets, bootstrap, migrate
from deploy.local import secrets
from deploy.local.home import Home


class DatabaseSettings(BaseModel):
    """What this process is told."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path = Field(validation_alias="TANDEM_HOME")
    database_url: SecretStr = Field(validation_alias="DATABASE_URL")


def main() -> None:
    """Prepares the database that the environment names."""
    settings = load(DatabaseSettings)
    asyncio.run(_prepare(Home(settings.home).keys, settings.database_url.get_secret_value()))


async def _prepare(keys: Path, url: str) -> None:
    logins = [f"{schema}_{kind}" for schema in SCHEMAS for kind in ("app", "system")]
    await bootstrap(
        url,
        BootstrapSecrets(
            passwords={login: secrets.read(keys, f"{login}.password") for login in logins},
            claims_keys={
                f"{schema}_app": [derive(load_secret(keys / f"{schema}.secret"), "db-claims")] for schema in SCHEMAS
            },
        ),
    )
    packages = ["gateway" if schema == "gateway" else f"services.{schema}" for schema in SCHEMAS]
    for schema in await migrate(url, packages):
        sys.stdout.write(f"{schema} is at head\n")


if __name__ == "__main__":
    main()
