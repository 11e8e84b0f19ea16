"""Notify's process: `python -m services.notify serve|migrate`."""

from typing import Final

from chassis.service import Assembly, Runtime, Service, run
from services.notify.config import NotifySettings
from services.notify.servicer import servicing
from services.notify.usecases import NotificationUseCases
from services.notify.worker import handlers


def build(settings: NotifySettings, runtime: Runtime) -> Assembly:
    """Notify's parts."""
    return Assembly(servicing(NotificationUseCases()), handlers=handlers())


SERVICE: Final = Service("notify", NotifySettings, build)

if __name__ == "__main__":
    run(SERVICE)
