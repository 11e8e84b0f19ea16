"""What is asked about suggestions."""

from typing import Final

from gateway.routes import views
from gateway.routes.messages.shared import Words

SUGGESTION_STATUS: Final[Words] = {word: number for number, word in enumerate(views.SUGGESTION_STATUSES) if word}
