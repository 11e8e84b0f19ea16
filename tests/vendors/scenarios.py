"""What can happen, by the model's name: `stub-ok`, `stub-midcut`, …; every name works with both vendors.

A name may end in `-<number>ms`: so long until the first byte.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# name: what the client sees.
SCENARIOS: Final = {
    "ok": "a good answer; a plan that keeps to what was asked where a plan was asked for",
    "long": "a stream of a word every 50 ms for 10 s",
    "talk": "a stream of three words every 300 ms for 10 s, as long as a reply may be",
    "steady": "a stream of a word every 50 ms for 2 s",
    "ping": "a good answer among pings and events of kinds nobody knows",
    "thinking": "a good answer after thoughts, which are not part of it",
    "no-thinking": "400 naming `thinking` until the request leaves it out, then a good answer",
    "429": "429 with a delay of 2 s",
    "429-bare": "429 without a delay",
    "spend": "429 with a delay of a day, as a spent budget has it",
    "529": "529 (Anthropic) or 503 (Gemini): overloaded",
    "503": "503",
    "504": "504",
    "500": "500 with a page of HTML",
    "401": "a wrong key",
    "402": "402 (Anthropic) or 403 (Gemini): not paid",
    "403": "403",
    "404": "404: no such model",
    "400": "400: a mistake of ours",
    "413": "413: too long",
    "broken": "200 with JSON that breaks off, and as a stream an event that does",
    "hello": '200 with {"hello": "world"}, and as a stream nothing but that',
    "html": "200 with a page of HTML",
    "hang": "no byte, ever",
    "drip": "a byte of the body a second",
    "reset": "a reset before the first byte",
    "midcut": "a connection closed half-way",
    "eof": "a clean end before the end",
    "error": "an error in the middle of the stream; plain: 529",
    "error-first": "an error as the first event of the stream; plain: 529",
    "stall": "silence after two words",
    "refusal": "a refusal without content",
    "refusal-late": "a refusal after two words",
    "prohibited": "a refusal that says of which kind (Anthropic), or a candidate without content (Gemini)",
    "recitation": "a refusal after two words, for repeating what others wrote (Gemini)",
    "max-tokens": "an answer cut off by its limit",
    "paused": "two words, and the offer to go on with another request",
    "window": "two words, cut off by the model's window (Anthropic) or by the limit (Gemini)",
    "stop-sequence": "a good answer that ended at a sequence, which nobody asked for",
    "empty": "an answer without text",
    "tool": "a call of a tool that nobody offered",
    "huge": "ten megabytes of text",
    "bad-utf8": "bytes that are no UTF-8",
    "prose": "a form answered in prose",
    "cut-form": "a form whose JSON is cut off",
    "wrong-form": "a form with fields of other types",
    "mend": "a form that is right at the second time",
    "third": "a form that is broken in 30 of 100 answers",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pace:
    """How a stream is said.

    Attributes:
        times: How often the reply is said.
        words: In one piece.
        pause_s: After each piece.
    """

    times: int = 1
    words: int = 1
    pause_s: float = 0.0

    def pieces(self, words: Sequence[str]) -> list[str]:
        """The whole in pieces, sentence after sentence."""
        if not words:
            return []
        said = [*words[:-1], *(f"{words[-1]} ", *words[:-1]) * (self.times - 1), words[-1]]
        return ["".join(said[at : at + self.words]) for at in range(0, len(said), self.words)]


# Of these there are two words and no more.
CUT_SHORT: Final = frozenset({"recitation", "paused", "window"})
AT_ONCE: Final = Pace()
PACES: Final = {"long": Pace(9, 1, 0.05), "talk": Pace(4, 3, 0.3), "steady": Pace(2, 1, 0.05)}

_DELAY = re.compile(r"-(\d+)ms$")


def read_model(model: str) -> tuple[str, float]:
    """The scenario of a model's name, empty for unknown ones, and the seconds until its first byte."""
    delay = _DELAY.search(model)
    name = _DELAY.sub("", model).removeprefix("stub-")
    return name if name in SCENARIOS else "", int(delay[1]) / 1_000 if delay else 0.0
