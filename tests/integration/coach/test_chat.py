"""Chat through the real servicer on a real database: answers, keeps, repeats, and shows nobody else's."""

import asyncio
import json
from collections.abc import Callable

import asyncpg
import grpc
import pytest

from chassis.errors import Unavailable
from tandem.coach.v1 import chat_pb2 as pb
from tests.integration.coach.conftest import Connection
from tests.support.coach import TEXTS, OwnGoals, Talker


async def test_a_message_is_answered_with_the_members_numbers_and_kept(anna: Talker):
    answer = await anna.say("How am I doing this week?")

    assert TEXTS.phrases.disclosure in answer.reply.text
    assert "2 of 3" in answer.reply.text
    assert "“Run 3x per week”" in answer.reply.text
    assert answer.provider == "offline"
    assert not answer.degraded
    assert not answer.unsaved
    assert answer.action_steps
    assert answer.safety.tier == pb.SAFETY_TIER_NONE
    listed = await anna.messages()
    assert list(listed.messages) == [answer.reply, answer.user_message]
    assert [message.author for message in listed.messages] == [pb.AUTHOR_COACH, pb.AUTHOR_MEMBER]


async def test_a_streamed_reply_is_the_same_text_word_by_word_and_ends_once(anna: Talker):
    pieces = await anna.stream("I missed my run yesterday")

    deltas = [piece.delta for piece in pieces if piece.WhichOneof("event") == "delta"]
    assert len(deltas) > 10
    assert [piece.WhichOneof("event") for piece in pieces].count("done") == 1
    assert pieces[-1].done.reply.text == "".join(deltas)
    assert (await anna.messages()).messages[0] == pieces[-1].done.reply


async def test_the_same_key_replays_the_same_bytes(anna: Talker):
    first = await anna.say("I did it, ran this morning!", key="key-1")
    second = await anna.say("I did it, ran this morning!", key="key-1")
    streamed = await anna.stream("I want to die", key="key-2")
    again = await anna.stream("I want to die", key="key-2")

    assert first.SerializeToString(deterministic=True) == second.SerializeToString(deterministic=True)
    assert streamed == again
    assert len((await anna.messages()).messages) == 4


async def test_a_key_with_another_message_is_refused(anna: Talker):
    await anna.say("hi", key="key-1")

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await anna.say("hello", key="key-1")

    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_twins_with_one_key_make_one_exchange(anna: Talker):
    answers = await asyncio.gather(*(anna.say("hi", key="twin") for _ in range(6)), return_exceptions=True)

    done = [one.SerializeToString() for one in answers if isinstance(one, pb.SendMessageResponse)]
    refused = [one for one in answers if isinstance(one, grpc.aio.AioRpcError)]
    assert len(done) + len(refused) == 6
    assert len(set(done)) == 1
    assert all(one.code() is grpc.StatusCode.ABORTED for one in refused)
    assert len((await anna.messages()).messages) == 2


async def test_a_conversation_goes_on_in_its_thread(anna: Talker):
    first = await anna.say("hi")
    second = await anna.say("How am I doing?", thread_id=first.reply.thread_id)
    other = await anna.say("hello there")

    assert second.reply.thread_id == first.reply.thread_id
    assert TEXTS.phrases.disclosure not in second.reply.text
    assert other.reply.thread_id != first.reply.thread_id
    threads = (await anna.threads()).threads
    assert [thread.thread_id for thread in threads] == [other.reply.thread_id, first.reply.thread_id]
    in_thread = await anna.messages(thread_id=first.reply.thread_id)
    assert [message.text for message in in_thread.messages][1::2] == ["How am I doing?", "hi"]


async def test_no_sentence_is_repeated_within_five_replies(anna: Talker):
    thread_id, said = "", list[set[str]]()
    for _ in range(6):
        answer = await anna.say("I feel stressed", thread_id=thread_id)
        thread_id = answer.reply.thread_id
        said.append({sentence for sentence in answer.reply.text.split(". ") if "without the AI model" not in sentence})

    for index, sentences in enumerate(said):
        assert not sentences & set().union(*said[max(0, index - 5) : index])


async def test_somebody_elses_thread_looks_like_none(anna: Talker, talker: Callable[[], Talker]):
    stranger = talker()
    own = (await anna.say("hi")).reply.thread_id

    for attempt in (stranger.say("hi", thread_id=own), stranger.messages(thread_id=own)):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await attempt
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND

    assert not (await stranger.messages()).messages
    assert not (await stranger.threads()).threads


@pytest.mark.parametrize("text", ["", "   \n", "x" * 8001])
async def test_a_message_has_one_to_eight_thousand_characters(anna: Talker, text: str):
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await anna.say(text)

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "message" in (refused.value.details() or "")
    assert "xxxx" not in (refused.value.details() or "")


async def test_the_longest_message_in_any_script_is_answered(anna: Talker):
    assert (await anna.say("ß漢😀é" * 2000)).reply.text


async def test_a_thread_id_that_is_none_is_refused(anna: Talker):
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await anna.say("hi", thread_id="not-a-uuid")

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_without_a_passport_nobody_talks(anna: Talker):
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await anna.stub.SendMessage(pb.SendMessageRequest(text="hi"))

    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_pages_show_every_message_once(anna: Talker):
    thread_id = ""
    for number in range(5):
        thread_id = (await anna.say(f"message {number}", thread_id=thread_id)).reply.thread_id

    seen, token = list[str](), ""
    while True:
        page = await anna.messages(page_size=3, page_token=token)
        seen += [message.message_id for message in page.messages]
        token = page.next_page_token
        if not token:
            break

    everything = [message.message_id for message in (await anna.messages()).messages]
    assert seen == everything
    assert len(seen) == 10


async def test_another_lists_token_is_refused(anna: Talker, talker: Callable[[], Talker]):
    for _ in range(2):
        await anna.say("hi")
    token = (await anna.messages(page_size=1)).next_page_token

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await talker().messages(page_token=token)

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_with_goals_away_the_coach_answers_and_says_so(anna: Talker, goals: OwnGoals):
    goals.failure = Unavailable("goals is away")
    try:
        answer = await anna.say("How am I doing this week?")
    finally:
        goals.failure = None

    variants = TEXTS.phrases.parts["fact.unavailable"]
    assert any(variant in answer.reply.text for variant in variants)
    assert "2 of 3" not in answer.reply.text


async def test_what_a_reply_was_made_from_is_kept_without_text(anna: Talker, behind: Connection):
    answer = await anna.say("How is zebra-canary doing?")

    row = await behind.fetchrow(
        "SELECT context_used, part_ids, provider, state FROM coach.replies WHERE message_id = $1",
        answer.reply.message_id,
    )
    assert row is not None
    used = json.loads(row["context_used"])
    assert used["prompt_version"] == TEXTS.prompt_version
    assert {section["name"] for section in used["sections"]} == {
        "memory", "goals", "check_ins", "journal", "summary", "group", "turns", "message",
    }  # fmt: skip
    assert row["part_ids"]
    assert "zebra-canary" not in row["context_used"]
    # Nor can any reply be done without it.
    with pytest.raises(asyncpg.CheckViolationError):
        await behind.execute(
            "UPDATE coach.replies SET context_used = NULL WHERE message_id = $1", answer.reply.message_id
        )
