"""Queries of exports, imports and templates."""

from typing import Literal

from gateway.routes.fields import Category, QueryModel
from gateway.routes.requests.goals import Pattern

Source = Literal["loop", "beeminder", "habitica", "tandem"]


class ExportQuery(QueryModel):
    """Which form."""

    format: Literal["json", "csv"] = "json"


class ImportQuery(QueryModel):
    """Whose file it is, and whether it is only to be looked at."""

    source: Source
    dry_run: Literal["true", "false"] = "false"


class TemplateFilter(QueryModel):
    """Which templates."""

    category: Category = ""
    pattern: Pattern | None = None
