"""The shared buckets: all tokens of one request taken by one atomic script on Redis's own clock."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Final

from gateway.limits.buckets import Bucket, Level, Verdict
from gateway.limits.wire import RedisAddress, RedisAway, RedisLine, RedisRefused

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
    """Buckets in Redis, over one connection that is made when it is first needed and again after a loss."""

    def __init__(self, address: RedisAddress) -> None:
        self._address = address
        self._line: RedisLine | None = None
        self._connecting = asyncio.Lock()

    async def take(self, buckets: Sequence[Bucket]) -> Verdict:
        """Takes a token from every bucket, or from none.

        Raises:
            RedisAway: No answer; whether tokens were taken is not known.
            RedisRefused: Redis cannot run the script.
        """
        line = self._line
        if line is None or not line.is_open:
            line = await self._connect()
        words = ["EVALSHA", _SCRIPT_SHA, str(len(buckets))]
        words += [bucket.key for bucket in buckets]
        for bucket in buckets:
            words += (str(bucket.limit.refill_us), str(bucket.limit.window_us))
        try:
            reply = await line.call(*words)
        except RedisRefused as refusal:
            if refusal.args[0] != "NOSCRIPT":
                raise
            # A flushed or restarted server forgets scripts; sending the text also loads it.
            reply = await line.call("EVAL", _SCRIPT, *words[2:])
        if not isinstance(reply, bytes):
            raise RedisAway("Redis answered something else")
        admitted, *levels = reply.split()
        return Verdict(
            admitted == b"1",
            tuple([Level(bucket.limit, int(level)) for bucket, level in zip(buckets, levels, strict=True)]),
        )

    async def ping(self) -> None:
        """Returns when Redis answered.

        Raises:
            RedisAway: It did not.
            RedisRefused: It answered with an error.
        """
        line = self._line
        if line is None or not line.is_open:
            line = await self._connect()
        await line.call("PING")

    def close(self) -> None:
        """Closes the connection."""
        if self._line is not None:
            self._line.close()

    async def _connect(self) -> RedisLine:
        async with self._connecting:
            if self._line is None or not self._line.is_open:
                self._line = await RedisLine.connect(self._address)
            return self._line
