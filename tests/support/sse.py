"""Server-sent events as a browser reads them: the HTML standard, 9.2.5 and 9.2.6, over chunks that end anywhere."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """One event.

    Attributes:
        name: Its type.
        id: The last event id when it was dispatched.
    """

    name: str
    data: str
    id: str = ""


class EventStream:
    """Reads one stream.

    Attributes:
        last_id: What a browser would send as `Last-Event-ID`.
        retry_ms: After how long it would come back; None where the stream does not say.
    """

    def __init__(self) -> None:
        self.last_id = ""
        self.retry_ms: int | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._is_begun = False
        self._line = ""
        self._follows_cr = False
        self._id = ""
        self._name = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that end with this chunk; what has no end yet waits for the next one, or is never dispatched."""
        for character in self._decoded(chunk):
            if character == "\n" and self._follows_cr:
                self._follows_cr = False
                continue
            self._follows_cr = character == "\r"
            if character not in "\r\n":
                self._line += character
                continue
            line, self._line = self._line, ""
            if line:
                self._take(line)
            elif (event := self._dispatched()) is not None:
                yield event

    def _decoded(self, chunk: bytes) -> str:
        text = self._decoder.decode(chunk)
        if text and not self._is_begun:
            self._is_begun = True
            return text.removeprefix("\ufeff")
        return text

    def _take(self, line: str) -> None:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "event":
                self._name = value
            case "data":
                self._data.append(value)
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isascii() and value.isdigit():
                self.retry_ms = int(value)

    def _dispatched(self) -> Event | None:
        name, data = self._name, self._data
        self._name, self._data, self.last_id = "", [], self._id
        # A single empty `data` line is data, and an event with an empty text; no such line at all is none.
        return Event(name or "message", "\n".join(data), self.last_id) if data else None
