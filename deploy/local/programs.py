"""The system's processes: what each is started with, and only that; how to see that each is ready."""

import dataclasses
import http.client
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from deploy.local import secrets
from deploy.local.home import Home
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.settings import PROJECT, LauncherSettings, handed_on
from deploy.local.supervisor import Program
from deploy.local.valkey import EmbeddedValkey

SERVICES = ("goals", "coach", "mentor", "analytics", "notify")
DATABASE = "tandem"
_ASK_TIMEOUT_S = 2
# Long enough for the processes' own 28 s.
_STOP_PATIENCE_S = 30


@dataclass(frozen=True)
class System:
    """One system: its home, its sockets, what was configured.

    Attributes:
        variables: The environment of whoever starts it.
    """

    home: Home
    run_dir: Path
    settings: LauncherSettings
    variables: Mapping[str, str]

    @property
    def postgres(self) -> EmbeddedPostgres | None:
        """The embedded database; None where `DATABASE_URL` names another."""
        if self.settings.database_url:
            return None
        password = secrets.read(self.home.keys, "postgres.password")
        return EmbeddedPostgres(self.home.postgres, self.run_dir / "pg", password=password)

    @property
    def valkey(self) -> EmbeddedValkey | None:
        """The embedded Redis; None where `REDIS_URL` names another."""
        if self.settings.redis_url:
            return None
        password = secrets.read(self.home.keys, "valkey.password")
        return EmbeddedValkey(self.home.valkey, self.run_dir / "valkey.sock", password=password)

    @property
    def made_admin_password(self) -> str | None:
        """The first administrator's password, from its making until it was shown."""
        made = (self.home.keys / secrets.ADMIN_PASSWORD).exists()
        return secrets.read(self.home.keys, secrets.ADMIN_PASSWORD) if made else None

    def address(self, service: str) -> str:
        """Where a service's gRPC is reached."""
        return f"unix:{self.run_dir / service}.sock"

    def ops_socket(self, process: str) -> Path:
        """Where a process answers operators."""
        return self.run_dir / f"{process}-ops.sock"

    @property
    def url(self) -> str:
        """Where people reach the gateway."""
        return f"http://127.0.0.1:{self.settings.gateway_port}"

    @property
    def ops_url(self) -> str:
        """Where operators reach the gateway."""
        return f"http://127.0.0.1:{self.settings.ops_port}"


def stores(system: System) -> list[Program]:
    """PostgreSQL and Valkey, as far as they are embedded. Their files exist."""
    programs = []
    if postgres := system.postgres:
        programs.append(
            Program(
                name="postgres",
                command=postgres.command(),
                environment=postgres.environment(),
                is_ready=postgres.accepts,
                logs=[system.home.logs / "postgres.log"],
                prepare=postgres.prepare,
                folder=postgres.data,
                user=postgres.user,
                stop_signal=signal.SIGINT,
            )
        )
    if valkey := system.valkey:
        programs.append(
            Program(
                name="valkey",
                command=valkey.command(),
                environment=valkey.environment(),
                is_ready=valkey.accepts,
                logs=[system.home.logs / "valkey.log"],
                folder=valkey.data,
            )
        )
    return programs


def services(system: System) -> list[Program]:
    """The five services."""
    return [_service(system, name) for name in SERVICES]


def edges(system: System) -> list[Program]:
    """What drives the services: the gateway, the worker and the clock of the jobs."""
    return [_gateway(system), _jobs(system, "worker"), _jobs(system, "beat")]


def migration_environment(system: System) -> dict[str, str]:
    """What the process that prepares the database is told."""
    return {**_common(system, "migrate"), "DATABASE_URL": admin_url(system)}


def admin_url(system: System) -> str:
    """The database as the role that sets it up."""
    if system.settings.database_url:
        return system.settings.database_url.get_secret_value()
    assert system.postgres is not None  # noqa: S101 - the two are alternatives
    return system.postgres.dsn(DATABASE)


def redis_urls(system: System) -> dict[str, str]:
    """Our own database on Redis and Celery's two addresses."""
    settings = system.settings
    if valkey := system.valkey:
        return {
            "REDIS_URL": valkey.url(1),
            "CELERY_BROKER_URL": valkey.url(0, scheme="redis+socket"),
            "CELERY_REDBEAT_URL": valkey.url(0),
        }
    own = settings.redis_url.get_secret_value() if settings.redis_url else ""
    broker = settings.celery_broker_url.get_secret_value() if settings.celery_broker_url else own
    redbeat = settings.celery_redbeat_url.get_secret_value() if settings.celery_redbeat_url else broker
    return {"REDIS_URL": own, "CELERY_BROKER_URL": broker, "CELERY_REDBEAT_URL": redbeat}


def _service(system: System, name: str) -> Program:
    environment = {
        **_process(system, name),
        **_database(system, name),
        "TANDEM_LISTEN_ADDRESS": system.address(name),
        "REDIS_URL": redis_urls(system)["REDIS_URL"],
    }
    if name == "coach" and "JOURNAL_ENCRYPTION_KEYS" not in environment:
        environment["JOURNAL_ENCRYPTION_KEYS_FILE"] = str(system.home.keys / "journal.keys")
    return _python(system, name, ["-m", f"services.{name}", "serve"], environment)


def _gateway(system: System) -> Program:
    settings = system.settings
    environment = {
        **_process(system, "gateway"),
        **_database(system, "gateway"),
        **redis_urls(system),
        "TANDEM_ACCESS_TOKEN_KEY_FILE": str(system.home.keys / "access-token.ed25519"),
        "TANDEM_GATEWAY_PORT": str(settings.gateway_port),
        "TANDEM_OPS_PORT": str(settings.ops_port),
    }
    # The gateway's operations are on a port; its jobs are sent, never scheduled.
    del environment["TANDEM_OPS_ADDRESS"], environment["CELERY_REDBEAT_URL"]
    password = settings.admin_password.get_secret_value() if settings.admin_password else system.made_admin_password
    if password:
        environment |= {"TANDEM_ADMIN_EMAIL": settings.admin_email, "TANDEM_ADMIN_PASSWORD": password}
    program = _python(system, "gateway", ["-m", "gateway", "serve"], environment)
    return dataclasses.replace(program, is_ready=partial(_is_ready_on_port, settings.gateway_port))


def _jobs(system: System, kind: str) -> Program:
    environment = {
        **_process(system, "jobs"),
        **redis_urls(system),
        "TANDEM_OPS_ADDRESS": f"unix:{system.ops_socket(kind)}",
        "TANDEM_LOG_FILE": str(system.home.logs / f"{kind}.log"),
    }
    return _python(system, kind, ["-m", "jobs", kind], environment)


def _python(system: System, name: str, arguments: list[str], environment: dict[str, str]) -> Program:
    return Program(
        name=name,
        command=[sys.executable, *arguments],
        environment=environment,
        is_ready=partial(_is_ready_on_socket, system.ops_socket(name)),
        logs=[system.home.logs / f"{name}.log", system.home.logs / f"{name}.out"],
        folder=PROJECT,
        stop_patience_s=_STOP_PATIENCE_S,
    )


def _common(system: System, name: str) -> dict[str, str]:
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
        # Fewer malloc arenas: a few threads per process would otherwise hold tens of megabytes each.
        "MALLOC_ARENA_MAX": "2",
        **handed_on(system.variables, name),
        "TANDEM_HOME": str(system.home.path),
        "TANDEM_RUN_DIR": str(system.run_dir),
        "TANDEM_LOG_FILE": str(system.home.logs / f"{name}.log"),
    }


def _process(system: System, name: str) -> dict[str, str]:
    """What every process of ours is told: its own keys, the public keys of all, where the services are."""
    return {
        **_common(system, name),
        "TANDEM_OPS_ADDRESS": f"unix:{system.ops_socket(name)}",
        "TANDEM_SERVICE_SECRET_FILE": str(system.home.keys / f"{name}.secret"),
        "TANDEM_SIGNING_KEY_FILE": str(system.home.keys / f"{name}.ed25519"),
        "TANDEM_TRUSTED_KEYS_DIR": str(system.home.keys / "public"),
        **{f"{service.upper()}_ADDRESS": system.address(service) for service in SERVICES},
    }


def _database(system: System, schema: str) -> dict[str, str]:
    return {
        f"{schema.upper()}_DATABASE_URL": _login_url(system, f"{schema}_app"),
        f"{schema.upper()}_SYSTEM_DATABASE_URL": _login_url(system, f"{schema}_system"),
    }


def _login_url(system: System, login: str) -> str:
    password = secrets.read(system.home.keys, f"{login}.password")
    if postgres := system.postgres:
        return postgres.dsn(DATABASE, login, password=password)
    parts = urlsplit(admin_url(system))
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{login}:{quote(password, safe='')}@{host}"))


def _is_ready_on_socket(path: Path) -> bool:
    def connect() -> socket.socket:
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(_ASK_TIMEOUT_S)
        client.connect(str(path))
        return client

    return _answers_ready(connect)


def _is_ready_on_port(port: int) -> bool:
    return _answers_ready(lambda: socket.create_connection(("127.0.0.1", port), _ASK_TIMEOUT_S))


def _answers_ready(connect: Callable[[], socket.socket]) -> bool:
    connection = http.client.HTTPConnection("localhost", timeout=_ASK_TIMEOUT_S)
    try:
        connection.sock = connect()
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
