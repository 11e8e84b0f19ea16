"""The shared buckets: all tokens of one request taken by one atomic script on Redis's own clock."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any, Final

import redis.asyncio
from redis.exceptions import NoScriptError, RedisError

from chassis.redis import OPERATION_TIMEOUT
from gateway.limits.buckets import Bucket, Level, Verdict

# A server that stopped reading must not make the process hold more than this; so many take half of the patience.
_MAX_WAITING: Final = 1_000

# KEYS: the buckets. ARGV: refill_us and window_us of each. Returns "<admitted> <until_full_us> …".
# Numbers stay below 2^53, where Lua's doubles are exact, until the year 2255.
_SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = redis.call('MGET', unpack(KEYS))
local admitted = 1
local until_full = {}
for i = 1, #KEYS do
  local refill, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local left = math.min(math.max((tonumber(kept[i] or '0') or 0) - now, 0), window)
  until_full[i] = left
  if left + refill > window then admitted = 0 end
end
local answer = {admitted}
for i = 1, #KEYS do
  if admitted == 1 then
    until_full[i] = until_full[i] + tonumber(ARGV[2 * i - 1])
    redis.call('SET', KEYS[i], string.format('%.0f', now + until_full[i]),
      'PX', math.ceil(until_full[i] / 1000) + 1)
  end
  answer[i + 1] = string.format('%.0f', until_full[i])
end
return table.concat(answer, ' ')
"""
_SCRIPT_SHA: Final = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()


class SharedBuckets:
    """Buckets in Redis. Calls that come while another is under way leave together, as one pipeline.

    That halves their cost, and a request that is cancelled leaves a connection and the calls of others alone: only the
    carrying task touches it (docs/adr/0044).
    """

    def __init__(self, client: "redis.asyncio.Redis") -> None:
        self._client = client
        self._waiting: list[tuple[tuple[Any, ...], asyncio.Future[Any]]] = []
        # When the oldest of those that wait has waited for long enough.
        self._deadline = 0.0
        self._carrier: asyncio.Task[None] | None = None

    async def take(self, buckets: Sequence[Bucket]) -> Verdict:
        """Takes a token from every bucket, or from none.

        Raises:
            RedisError: No answer, then whether tokens were taken is not known; or Redis cannot run the script.
            OSError: No answer in time.
        """
        words: list[Any] = [len(buckets), *[bucket.key for bucket in buckets]]
        for bucket in buckets:
            words += (bucket.limit.refill_us, bucket.limit.window_us)
        try:
            reply = await self._call("EVALSHA", _SCRIPT_SHA, *words)
        except NoScriptError:
            # A flushed or restarted server forgets scripts; sending the text also loads it.
            reply = await self._call("EVAL", _SCRIPT, *words)
        admitted, *levels = reply.split()
        return Verdict(
            admitted == b"1",
            tuple([Level(bucket.limit, int(level)) for bucket, level in zip(buckets, levels, strict=True)]),
        )

    async def ping(self) -> None:
        """Returns when Redis answered.

        Raises:
            RedisError: It did not, or with an error.
            OSError: Not in time.
        """
        await self._call("PING")

    async def _call(self, *words: Any) -> Any:
        if len(self._waiting) >= _MAX_WAITING:
            raise RedisError("too many calls wait for Redis")
        loop = asyncio.get_running_loop()
        if not self._waiting:
            self._deadline = loop.time() + OPERATION_TIMEOUT.total_seconds()
        future: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((words, future))
        if self._carrier is None or self._carrier.done():
            self._carrier = loop.create_task(self._carry())
        return await future

    async def _carry(self) -> None:
        while self._waiting:
            calls, self._waiting = self._waiting, []
            try:
                async with asyncio.timeout_at(self._deadline):
                    replies = await self._send([words for words, _ in calls])
            except Exception as problem:
                # Whatever it is, those who wait must hear of it.
                replies = [problem] * len(calls)
            for (_, future), reply in zip(calls, replies, strict=True):
                if future.done():
                    continue
                if isinstance(reply, Exception):
                    future.set_exception(reply)
                else:
                    future.set_result(reply)

    async def _send(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for words in commands:
            pipeline.execute_command(*words)
        return await pipeline.execute(raise_on_error=False)
