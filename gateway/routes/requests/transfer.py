"""Queries of exports, imports and templates."""

from typing import Literal

from gateway.routes.fields import Category, PageQuery, QueryModel
from gateway.routes.requests.goals import Pattern

Source = Literal["loop", "beeminder", "habitica", "tandem"]


class ExportQuery(QueryModel):
    """Which form."""

    format: Literal["json", "csv"] = "json"


class ImportQuery(QueryModel):
    """Whose file it is, and whether it is only to be looked at."""

    source: Source
    dry_run: Literal["true", "false"] = "false"


class TemplateFilter(PageQuery):
    """Which templates, and which page of them."""

    category: Category = ""
    pattern: Pattern | None = None
