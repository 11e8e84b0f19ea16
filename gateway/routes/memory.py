"""What the coach remembers of the caller: seeing, correcting, pinning, forgetting, pausing."""

from typing import Final

from google.protobuf.field_mask_pb2 import FieldMask

from gateway.app.call import Call, Reply
from gateway.app.operation import LIST_S, Routes
from gateway.routes import answers, views
from gateway.routes.fields import PageQuery
from gateway.routes.requests import MemoryChange, MemoryPause
from tandem.coach.v1 import memory_pb2 as pb

routes: Final = Routes("Coach")

_PAUSED: Final = MemoryPause()


@routes.get("/v1/coach/memory", answer=answers.MemoryPage, budget_s=LIST_S)
async def list_memories(call: Call, query: PageQuery) -> Reply:
    """Lists what the coach remembers of the caller: pinned things first, then the newest."""
    coach = call.parts.services.coach
    request = pb.ListMemoriesRequest(page_size=query.page_size, page_token=query.page_token)
    return Reply(views.memory_page(await coach(coach.stub.ListMemories, request)))


@routes.patch("/v1/coach/memory/{memory_id}", answer=answers.Memory, refusals=("conflict",), shows_help=True)
async def patch_memory(call: Call, memory_id: str, body: MemoryChange) -> Reply:
    """Corrects or pins something remembered."""
    coach = call.parts.services.coach
    given = body.model_fields_set
    memory = pb.Memory(memory_id=memory_id)
    if "text" in given:
        memory.text = body.text
    if "pinned" in given:
        memory.pinned = body.pinned
    request = pb.UpdateMemoryRequest(
        memory=memory, update_mask=FieldMask(paths=sorted(given)), idempotency_key=call.idempotency_key
    )
    return Reply(views.memory(await coach(coach.stub.UpdateMemory, request)))


@routes.delete("/v1/coach/memory/{memory_id}", status=204)
async def delete_memory(call: Call, memory_id: str) -> Reply:
    """Forgets something; it is not remembered again from the same words."""
    coach = call.parts.services.coach
    request = pb.DeleteMemoryRequest(memory_id=memory_id, idempotency_key=call.idempotency_key)
    await coach(coach.stub.DeleteMemory, request)
    return Reply()


@routes.post("/v1/coach/memory/pause", answer=answers.MemoryPause)
async def pause_memory(call: Call, body: MemoryPause = _PAUSED) -> Reply:
    """Stops remembering anything new; with `paused` false goes on."""
    coach = call.parts.services.coach
    request = pb.PauseMemoryRequest(paused=body.paused, idempotency_key=call.idempotency_key)
    return Reply(views.memory_pause(await coach(coach.stub.PauseMemory, request)))
