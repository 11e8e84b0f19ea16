"""What each process is started with: its own secrets and nobody else's, none on a command line."""

import re
from pathlib import Path

import pytest

from deploy.local import programs, secrets, settings
from deploy.local.home import Home
from deploy.local.problems import LocalProblem
from deploy.local.programs import System
from deploy.local.settings import LauncherSettings, handed_on
from deploy.local.supervisor import Program

VARIABLES = {
    "HOME": "/home/somebody",
    "ANTHROPIC_API_KEY": "canary-anthropic",
    "RESEND_API_KEY": "canary-resend",
    "SNOWFLAKE_PASSWORD": "canary-snowflake",
    "ENABLE_RATE_LIMITING": "false",
    "AWS_SECRET_ACCESS_KEY": "canary-aws",
    "TANDEM_LOG_LEVEL": "DEBUG",
    "TANDEM_LOG_FORMAT": "console",
}


@pytest.fixture
def system(tmp_path: Path) -> System:
    home = Home(tmp_path / "home")
    secrets.ensure_keys(home.keys)
    return System(home, Path("/tmp/tandem-test"), LauncherSettings.model_validate({}), VARIABLES)


def our_programs(system: System) -> dict[str, Program]:
    return {program.name: program for program in (*programs.services(system), *programs.edges(system))}


def test_there_are_five_services_the_gateway_and_two_processes_of_the_jobs(system: System) -> None:
    assert list(our_programs(system)) == [
        "goals", "coach", "mentor", "analytics", "notify", "gateway", "worker", "beat",
    ]  # fmt: skip


def test_every_process_gets_its_own_keys_only(system: System) -> None:
    for name, program in our_programs(system).items():
        owner = "jobs" if name in ("worker", "beat") else name
        keys = set(re.findall(r"/keys/([^\s;]+)", "\n".join(program.environment.values())))

        allowed = {f"{owner}.secret", f"{owner}.ed25519", "public"}
        allowed |= {"journal.keys"} if name == "coach" else set()
        allowed |= {"access-token.ed25519"} if name == "gateway" else set()
        assert keys == allowed


def test_every_service_gets_its_own_two_logins_only(system: System) -> None:
    for name, program in our_programs(system).items():
        logins = set(re.findall(r"postgresql://(\w+):", "\n".join(program.environment.values())))

        assert logins == (set() if name in ("worker", "beat") else {f"{name}_app", f"{name}_system"})


def test_vendors_keys_go_to_the_one_service_that_calls_them(system: System) -> None:
    holders = {
        canary: [name for name, program in our_programs(system).items() if canary in program.environment.values()]
        for canary in VARIABLES.values()
        if canary.startswith("canary")
    }

    assert holders == {
        "canary-anthropic": ["coach"],
        "canary-resend": ["notify"],
        "canary-snowflake": ["analytics"],
        "canary-aws": [],
    }


def test_nothing_secret_is_on_a_command_line(system: System) -> None:
    every_secret = [
        file.read_text().strip() for file in system.home.keys.iterdir() if file.is_file() and file.suffix != ".ed25519"
    ]
    commands = str([program.command for program in (*our_programs(system).values(), *programs.stores(system))])

    assert [secret for secret in every_secret if secret in commands] == []


def test_the_first_administrator_is_named_until_the_password_was_shown(system: System) -> None:
    before = our_programs(system)["gateway"].environment
    secrets.forget_admin_password(system.home.keys)
    after = our_programs(system)["gateway"].environment

    assert before["TANDEM_ADMIN_EMAIL"] == "admin@tandem.example"
    assert len(before["TANDEM_ADMIN_PASSWORD"]) >= 32
    assert {name for name in after if "ADMIN" in name} == set()


def test_servers_of_ones_own_take_the_place_of_the_embedded_ones(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    secrets.ensure_keys(home.keys)
    given = {"DATABASE_URL": "postgresql://root:pw@db.example:5433/tandem?sslmode=require", "REDIS_URL": "redis://r/1"}
    system = System(home, Path("/tmp/t"), LauncherSettings.model_validate(given), {})

    goals = our_programs(system)["goals"].environment

    assert programs.stores(system) == []
    assert goals["REDIS_URL"] == "redis://r/1"
    assert goals["GOALS_DATABASE_URL"].startswith("postgresql://goals_app:")
    assert goals["GOALS_DATABASE_URL"].endswith("@db.example:5433/tandem?sslmode=require")


def test_common_settings_reach_everybody() -> None:
    assert handed_on(VARIABLES, "goals") == {
        "HOME": "/home/somebody",
        "TANDEM_LOG_LEVEL": "DEBUG",
        "TANDEM_LOG_FORMAT": "console",
    }
    assert handed_on(VARIABLES, "gateway")["ENABLE_RATE_LIMITING"] == "false"


def test_what_else_a_vendors_library_would_heed_is_not_handed_on() -> None:
    given = {
        "ANTHROPIC_API_KEY": "k",
        "ANTHROPIC_API_KEY_FILE": "/run/key",
        "ANTHROPIC_CUSTOM_HEADERS": "x: y",
        "ANTHROPIC_AUTH_TOKEN": "t",
        "GEMINI_MODEL": "m",
        "GOOGLE_GENAI_API_VERSION": "beta",
    }

    assert set(handed_on(given, "coach")) == {"ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY_FILE", "GEMINI_MODEL"}
    assert handed_on(given, "gateway") == {}


def test_a_file_beside_the_makefile_is_read_below_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("# mine\n\nexport TANDEM_GATEWAY_PORT='9000'\nTANDEM_OPS_PORT=9001\n")
    monkeypatch.setattr(settings, "PROJECT", tmp_path)
    monkeypatch.setenv("TANDEM_OPS_PORT", "9002")

    read, _ = settings.read_settings()

    assert (read.gateway_port, read.ops_port) == (9000, 9002)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("what is this", r"\.env line 1 is not NAME=value"),
        ("TANDEM_GATEWAY_PORT=many", "the configuration cannot be used: TANDEM_GATEWAY_PORT"),
    ],
)
def test_a_mistake_in_that_file_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    (tmp_path / ".env").write_text(text)
    monkeypatch.setattr(settings, "PROJECT", tmp_path)

    with pytest.raises(LocalProblem, match=told) as caught:
        settings.read_settings()

    assert "\n" not in str(caught.value)
