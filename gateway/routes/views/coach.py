"""What was said."""

from typing import Final

from gateway.routes.views.shared import Json, day, instant, page
from tandem.coach.v1 import chat_pb2, memory_pb2, review_pb2

AUTHORS: Final = (None, "member", "coach")
REVIEW_KINDS: Final = (None, "weekly", "monthly")
TIERS: Final = ("none", "none", "watch", "risk", "imminent", "third_party")


def exchange(message: chat_pb2.SendMessageResponse) -> Json:
    """What was said and answered; without ids where nothing of it was kept."""
    reply, is_kept = message.reply, not message.unsaved
    return {
        "message_id": reply.message_id if is_kept else None,
        "thread_id": reply.thread_id if is_kept else None,
        "user_message": message.user_message.text,
        "user_message_id": message.user_message.message_id if is_kept else None,
        "ai_reply": reply.text,
        "action_steps": list(message.action_steps),
        "provider": message.provider,
        "degraded": message.degraded,
        "safety": safety(message.safety),
        "unsaved": message.unsaved,
        "timestamp": instant(reply.create_time),
    }


def chat_message(message: chat_pb2.Message) -> Json:
    """One message of a thread."""
    return {
        "id": message.message_id,
        "thread_id": message.thread_id,
        "author": AUTHORS[message.author],
        "text": message.text,
        "create_time": instant(message.create_time),
    }


def thread(message: chat_pb2.Thread) -> Json:
    """A conversation."""
    return {
        "id": message.thread_id,
        "create_time": instant(message.create_time),
        "update_time": instant(message.update_time),
    }


def review(message: review_pb2.Review) -> Json:
    """A weekly review or a monthly report."""
    return {
        "id": message.review_id,
        "member_id": message.member_id,
        "kind": REVIEW_KINDS[message.kind],
        "start_date": day(message.start_date),
        "end_date": day(message.end_date),
        "text": message.text,
        "action_steps": list(message.action_steps),
        "provider": message.provider,
        "degraded": message.degraded,
        "create_time": instant(message.create_time),
    }


def safety(message: chat_pb2.Safety) -> Json:
    """What the safety screen says."""
    return {
        "tier": TIERS[message.tier],
        "resources": [
            {"name": each.name, "contact": each.contact, "country": each.country or None} for each in message.resources
        ],
    }


def reply_rating(message: chat_pb2.ReplyRating) -> Json:
    """What a member says of a reply."""
    return {
        "message_id": message.message_id,
        "helpful": message.helpful,
        "note": message.note or None,
        "update_time": instant(message.update_time),
        "safety": safety(message.safety),
    }


def memory(message: memory_pb2.Memory) -> Json:
    """Something remembered."""
    return {
        "id": message.memory_id,
        "kind": message.kind,
        "text": message.text,
        "pinned": message.pinned,
        "create_time": instant(message.create_time),
        "update_time": instant(message.update_time),
        "safety": safety(message.safety) if message.HasField("safety") else None,
    }


def memory_page(message: memory_pb2.ListMemoriesResponse) -> Json:
    """A page of what is remembered."""
    return {**page([memory(each) for each in message.memories], message.next_page_token), "paused": message.paused}


def memory_pause(message: memory_pb2.MemoryPause) -> Json:
    """Whether anything new is remembered."""
    return {"paused": message.paused}
