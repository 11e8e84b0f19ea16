"""What is asked about how a goal is going."""

from typing import Final

from gateway.routes import views
from gateway.routes.messages.shared import Words

PROGRESS_PERIOD: Final[Words] = {word: number for number, word in enumerate(views.PROGRESS_PERIODS) if word}
METRIC: Final[Words] = {word: number for number, word in enumerate(views.METRICS) if word}
