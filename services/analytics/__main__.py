"""Analytics' process: `python -m services.analytics serve|migrate`."""

from typing import Final

from chassis.service import Assembly, Runtime, Service, run
from services.analytics.config import AnalyticsSettings
from services.analytics.servicer import servicing
from services.analytics.usecases import FigureUseCases
from services.analytics.worker import handlers


def build(settings: AnalyticsSettings, runtime: Runtime) -> Assembly:
    """Analytics' parts."""
    figures = FigureUseCases(runtime.clock)
    return Assembly(servicing(figures), handlers=handlers(figures))


SERVICE: Final = Service("analytics", AnalyticsSettings, build)

if __name__ == "__main__":
    run(SERVICE)
