"""Words of exports and imports."""

from typing import Final

from gateway.routes.messages.shared import Words

EXPORT_FORMAT: Final[Words] = {"json": 1, "csv": 2}
IMPORT_SOURCE: Final[Words] = {"loop": 1, "beeminder": 2, "habitica": 3, "tandem": 4}
