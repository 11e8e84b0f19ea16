"""However many pieces are ready at once, somebody else waits for one of them only."""

import asyncio

from services.coach.clients.turns import Turns

STREAMS = 50


async def steps(turns: Turns | None, done: list[str], name: str) -> None:
    if turns is not None:
        await turns.take()
    done.append(name)


async def asked_amid(turns: Turns | None) -> list[str]:
    """What was done until a request of three waits was through, which came when many pieces had."""
    done: list[str] = []

    async def request() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        done.append("request")

    streams = [asyncio.create_task(steps(turns, done, f"{number}")) for number in range(STREAMS)]
    await asyncio.gather(*streams, asyncio.create_task(request()))
    return done


async def test_a_request_waits_for_a_step_at_each_of_its_waits_and_not_for_all():
    assert (await asked_amid(Turns())).index("request") <= 5
    # Without turns all of them stand before it.
    assert (await asked_amid(None)).index("request") == STREAMS


async def test_turns_are_taken_in_the_order_of_coming():
    done = await asked_amid(Turns())
    done.remove("request")

    assert done == [f"{number}" for number in range(STREAMS)]


async def test_who_is_alone_waits_for_nothing():
    turns = Turns()
    done: list[str] = []
    step = steps(turns, done, "only")

    # It is through at its first step: nothing was awaited.
    try:
        step.send(None)
    except StopIteration:
        done.append("at once")

    assert done == ["only", "at once"]


async def test_who_went_away_is_passed_over():
    turns = Turns()
    done: list[str] = []
    streams = [asyncio.create_task(steps(turns, done, f"{number}")) for number in range(4)]
    await asyncio.sleep(0)
    streams[1].cancel()
    streams[2].cancel()
    await asyncio.gather(*streams, return_exceptions=True)
    # A turn that was given to nobody is not lost.
    await asyncio.wait_for(turns.take(), 5)

    assert done == ["0", "3"]
