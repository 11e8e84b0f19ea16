"""The processes of jobs: `python -m jobs worker|beat`."""

import sys

from chassis.config import ConfigurationError, load
from chassis.identity.keys import KeyProblem, load_private_key
from chassis.telemetry import logs, tracing
from jobs.config import JobsSettings


def main() -> int:
    """Runs one of the two; 2 when the configuration cannot be used."""
    match sys.argv[1:]:
        case ["worker" | "beat" as process]:
            pass
        case _:
            sys.stderr.write("usage: python -m jobs worker|beat\n")
            return 2
    try:
        settings = _load()
    except ConfigurationError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    logs.configure(settings, process)
    tracing.configure(settings, process)
    try:
        return _run(process, settings)
    finally:
        tracing.shut_down()


def _load() -> JobsSettings:
    settings = load(JobsSettings)
    try:
        load_private_key(settings.signing_key_file)
    except KeyProblem as problem:
        raise ConfigurationError([f"TANDEM_SIGNING_KEY_FILE: {problem}"]) from None
    return settings


def _run(process: str, settings: JobsSettings) -> int:
    # Each process imports its own half of Celery only.
    if process == "worker":
        from jobs.app.worker import WorkerProcess

        return WorkerProcess(settings).run()
    from jobs.app.beat import run_beat

    return run_beat(settings)


if __name__ == "__main__":
    sys.exit(main())
