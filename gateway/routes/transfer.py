"""Files that goals go out and come in by, and the template library."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from gateway.app.call import Call, Reply
from gateway.app.operation import GENERATE_S, LIST_S, Routes
from gateway.limits.buckets import TRANSFER
from gateway.routes import answers, messages, views
from gateway.routes.requests import ExportQuery, ImportQuery, TemplateFilter
from tandem.goals.v1 import transfer_pb2 as pb

routes: Final = Routes("Goals")

IMPORT_LIMIT_BYTES: Final = 20 * 1024 * 1024
_MEDIA_TYPES: Final = {"json": b"application/json", "csv": b"text/csv; charset=utf-8"}


@routes.get("/v1/goal-templates", answer=answers.Page[answers.GoalTemplate], budget_s=LIST_S)
async def list_templates(call: Call, query: TemplateFilter) -> Reply:
    """Lists goals ready to be taken over; a goal is made from one by its `template_id`."""
    goals = call.parts.services.goals
    request = pb.ListTemplatesRequest(
        category=query.category,
        pattern=messages.PATTERN.get(query.pattern or "", 0),
        page_size=query.page_size,
        page_token=query.page_token,
    )
    listed = await goals(goals.stub.ListTemplates, request)
    return Reply(views.page([views.template(each) for each in listed.templates], listed.next_page_token))


@routes.get("/v1/goals/export", budget_s=GENERATE_S, limit=TRANSFER, files=("application/json", "text/csv"))
async def export_goals(call: Call, query: ExportQuery) -> Reply:
    """Hands out all goals with everything on them: JSON holds all of it, CSV the activities for spreadsheets."""
    name = f"tandem-goals-{call.parts.clock.now():%Y-%m-%d}.{query.format}"
    return Reply(
        stream=_pieces(call, pb.GetExportRequest(format=messages.EXPORT_FORMAT[query.format])),
        media_type=_MEDIA_TYPES[query.format],
        headers=[(b"content-disposition", f'attachment; filename="{name}"'.encode("ascii"))],
    )


@routes.post(
    "/v1/goals/import",
    answer=answers.ImportReport,
    budget_s=GENERATE_S,
    limit=TRANSFER,
    body_limit_bytes=IMPORT_LIMIT_BYTES,
)
async def import_goals(call: Call, query: ImportQuery, file: bytes) -> Reply:
    """Takes goals and activities out of a file of another application; with `dry_run` it tells what would come in."""
    goals = call.parts.services.goals
    request = pb.ImportGoalsRequest(
        source=messages.IMPORT_SOURCE[query.source],
        content=file,
        dry_run=query.dry_run == "true",
        idempotency_key=call.idempotency_key,
    )
    return Reply(views.import_report(await goals(goals.stub.ImportGoals, request)))


async def _pieces(call: Call, request: pb.GetExportRequest) -> AsyncGenerator[bytes, None]:
    """Nothing once the first piece is there, then all of them."""
    goals = call.parts.services.goals
    is_begun = False
    async with aclosing(goals.stream(goals.stub.GetExport, request)) as pieces:
        async for piece in pieces:
            if not is_begun:
                is_begun = True
                yield b""
            yield piece.data
